/* Reputation feeds: the figures and how they are written. */
#include "feed.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "hash.h"

struct reputation
feed_record(const char *provider)
{
    return (struct reputation){ .provider = str_from(provider),
                                .begin_at = WHEN_NONE,
                                .end_at = WHEN_NONE,
                                .spam_rate = NAN,
                                .spf_rate = NAN,
                                .dkim_rate = NAN,
                                .dmarc_rate = NAN,
                                .tls_in_rate = NAN,
                                .tls_out_rate = NAN,
                                .rcpt_commands = -1,
                                .data_commands = -1,
                                .recipients = -1,
                                .trap_hits = -1 };
}

bool
feed_put(struct sink *sink, struct reputation *r)
{
    uint64_t id = hash_more(hash_more(hash_bytes(r->provider), r->subject), r->domain);
    r->reputation_id = hash_more_int(hash_more_int(id, r->begin_at), r->end_at);
    return sink->ops->reputation == NULL || sink->ops->reputation(sink, r);
}

double
feed_share(str s)
{
    double v;
    s = str_trim(s);
    while (s.n && (s.p[0] == '<' || s.p[0] == '>' || s.p[0] == '=' || s.p[0] == ' '))
        s = str_skip(s, 1);
    bool percent = str_ends(s, S("%"));
    str digits = str_trim(percent ? str_head(s, s.n - 1) : s);
    if (digits.n == 0 || !str_to_double(digits, &v) || v < 0 || v > 100)
        return NAN;
    return percent ? v / 100 : v;
}

/* The number before the next of the separators. */
static bool
cut_part(str *s, int *out)
{
    struct str_number n = str_cut_number(*s, 4);
    if (!n.ok)
        return false;
    *out = (int)n.value;
    *s = n.rest;
    return true;
}

static bool
cut_separator(str *s, const char *any)
{
    if (s->n == 0 || strchr(any, s->p[0]) == NULL)
        return false;
    *s = str_skip(*s, 1);
    return true;
}

static when
american(str s)
{
    struct civil c = { 0 };
    if (!cut_part(&s, &c.month) || !cut_separator(&s, "/") || !cut_part(&s, &c.day) ||
        !cut_separator(&s, "/") || !cut_part(&s, &c.year))
        return WHEN_NONE;
    s = str_trim(s);
    if (s.n && cut_part(&s, &c.hour) && cut_separator(&s, ":") && cut_part(&s, &c.minute)) {
        if (cut_separator(&s, ":"))
            cut_part(&s, &c.second);
        s = str_trim(s);
        if (str_istarts(s, S("PM")) && c.hour < 12)
            c.hour += 12;
        else if (str_istarts(s, S("AM")) && c.hour == 12)
            c.hour = 0;
    }
    return when_from_civil(c);
}

/* "Sep 21, 2026" */
static when
month_first(str s)
{
    struct str_cut c = str_cut(s, ',');
    str year = str_trim(c.tail), day = str_trim(c.head);
    struct str_cut d = str_cut(day, ' ');
    char text[40];
    if (!c.found || d.head.n < 3 || !str_digits(year) || !str_digits(d.tail) || year.n > 4 || d.tail.n > 2)
        return WHEN_NONE;
    int n =
        snprintf(text, sizeof text, "%.*s %.3s %.*s 00:00:00 +0000", PRSTR(d.tail), d.head.p, PRSTR(year));
    struct when_result r = when_rfc5322(str_of(text, (size_t)n));
    return r.ok ? r.at : WHEN_NONE;
}

when
feed_day(str s)
{
    struct civil c = { 0 };
    s = str_trim(s);
    struct when_result r = when_rfc3339(s);
    if (r.ok)
        return r.at;
    if (s.n == 8 && str_digits(s)) {
        c.year = (int)str_cut_number(str_head(s, 4), 4).value;
        c.month = (int)str_cut_number(str_head(str_skip(s, 4), 2), 2).value;
        c.day = (int)str_cut_number(str_skip(s, 6), 2).value;
        return when_from_civil(c);
    }
    str rest = s;
    if (s.n == 10 && cut_part(&rest, &c.year) && cut_separator(&rest, "-/") && cut_part(&rest, &c.month) &&
        cut_separator(&rest, "-/") && cut_part(&rest, &c.day) && rest.n == 0 && c.year > 31)
        return when_from_civil(c);
    when at = american(s);
    return at != WHEN_NONE ? at : month_first(s);
}

/* Names as letters and digits alone, in lower case: "User reported spam rate" is "userreportedspamrate". */
static str
plain_name(struct arena *a, str name)
{
    char *out = arena_alloc(a, name.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++)
        if (str_is_alpha(name.p[i]) || str_is_digit(name.p[i]))
            out[n++] = str_lower_char(name.p[i]);
    return str_of(out, n);
}

bool
feed_figure(struct reputation *r, struct arena *a, str name, str value)
{
    static const struct {
        const char *name;
        size_t at;
    } shares[] = {
        { "userreportedspamratio", offsetof(struct reputation, spam_rate) },
        { "userreportedspamrate", offsetof(struct reputation, spam_rate) },
        { "spamrate", offsetof(struct reputation, spam_rate) },
        { "spfsuccessratio", offsetof(struct reputation, spf_rate) },
        { "spfsuccessrate", offsetof(struct reputation, spf_rate) },
        { "spf", offsetof(struct reputation, spf_rate) },
        { "dkimsuccessratio", offsetof(struct reputation, dkim_rate) },
        { "dkimsuccessrate", offsetof(struct reputation, dkim_rate) },
        { "dkim", offsetof(struct reputation, dkim_rate) },
        { "dmarcsuccessratio", offsetof(struct reputation, dmarc_rate) },
        { "dmarcsuccessrate", offsetof(struct reputation, dmarc_rate) },
        { "dmarc", offsetof(struct reputation, dmarc_rate) },
        { "inboundencryptionratio", offsetof(struct reputation, tls_in_rate) },
        { "inboundencryptionrate", offsetof(struct reputation, tls_in_rate) },
        { "tlsinbound", offsetof(struct reputation, tls_in_rate) },
        { "outboundencryptionratio", offsetof(struct reputation, tls_out_rate) },
        { "outboundencryptionrate", offsetof(struct reputation, tls_out_rate) },
        { "tlsoutbound", offsetof(struct reputation, tls_out_rate) },
    };
    name = plain_name(a, name);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        if (str_eq(name, str_from(shares[i].name))) {
            double v = feed_share(value);
            if (!isnan(v))
                memcpy((char *)r + shares[i].at, &v, sizeof v);
            return true;
        }
    if (str_eq(name, S("domainreputation")) || str_eq(name, S("reputation")) ||
        str_eq(name, S("ipreputation"))) {
        str word = arena_lower(a, str_trim(value));
        r->word = str_eq(word, S("reputation_category_unspecified")) ? (str){ 0 } : word;
        return true;
    }
    if (str_eq(name, S("domain"))) {
        r->subject = arena_lower(a, str_trim(value));
        return true;
    }
    if (str_eq(name, S("ip")) || str_eq(name, S("ipaddress"))) {
        r->subject = str_trim(value);
        r->is_ip = true;
        return true;
    }
    if (str_eq(name, S("date")) || str_eq(name, S("day"))) {
        r->begin_at = feed_day(value);
        return true;
    }
    return false;
}
