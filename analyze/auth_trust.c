/* Whose recorded results count (RFC 8601 section 5).
 *
 * Fields above the Received field by which a host of ours took the message from
 * outside were written by us; so were those right below it, for some servers
 * write results behind their own trace field, unless the same server wrote
 * above it, too.  Anything further down came with the message: if it names a
 * server of ours, it is forged, or was left in by a border that does not clean.
 * Where nobody says which hosts are ours, the domain of the topmost Received
 * is taken. */
#include "auth.h"

#include "idn.h"

struct trust {
    struct arena *arena;
    str ids, hosts; /* lists, blanks or commas between */
    str guess;      /* the domain that stands for hosts where none were said */
    size_t border;  /* header index of the Received by which we took it; SIZE_MAX: none */
    size_t near;    /* fields from the border up to this index may be ours */
};

static bool
next_word(str *list, str *word)
{
    while (list->n && (list->p[0] == ',' || str_is_space(list->p[0])))
        *list = str_skip(*list, 1);
    size_t n = 0;
    while (n < list->n && list->p[n] != ',' && !str_is_space(list->p[n]))
        n++;
    *word = str_head(*list, n);
    *list = str_skip(*list, n);
    return n > 0;
}

static bool
is_among(const struct trust *t, str list, str name, bool below)
{
    str word, clean, want;
    if (!dns_name(t->arena, idn_ascii(t->arena, name), &clean))
        clean = name;
    while (next_word(&list, &word))
        if (str_ieq(word, name) || (dns_name(t->arena, idn_ascii(t->arena, word), &want) &&
                                    (str_eq(clean, want) || (below && dns_is_below(clean, want)))))
            return true;
    return false;
}

/* The part of a host's name that all of its owner's hosts share: two labels, three below such as co.uk. */
static str
owner_of(struct arena *a, str host)
{
    str name;
    if (!dns_name(a, host, &name) || dns_labels(name) < 2)
        return S("");
    str tld = dns_last_labels(name, 1), two = dns_last_labels(name, 2);
    bool short_second = two.n - tld.n - 1 <= 3 && tld.n == 2;
    return dns_last_labels(name, short_second ? 3 : 2);
}

static bool
is_our_host(const struct trust *t, str host)
{
    if (t->hosts.n)
        return is_among(t, t->hosts, host, true);
    return t->guess.n && is_among(t, t->guess, host, true);
}

static bool
is_our_id(const struct trust *t, str id)
{
    if (t->ids.n)
        return id.n && is_among(t, t->ids, id, false);
    return id.n ? is_our_host(t, id) : t->guess.n || t->hosts.n; /* Outlook writes none */
}

/* A hop within one host, or by a host without a name. */
static bool
is_inner(const struct received *r)
{
    return r->by.n == 0 || ip_parse(r->by).family != 0 || str_ieq(r->by, S("localhost")) ||
           str_istarts(r->by, S("localhost.")) || ip_is_loopback(ip_parse(r->from_ip));
}

static void
find_border(struct trust *t, const struct message *m)
{
    for (size_t i = 0; i < m->nreceived && t->guess.n == 0; i++)
        if (!is_inner(&m->received[i]) && ip_parse(m->received[i].by).family == 0)
            t->guess = owner_of(t->arena, m->received[i].by);
    for (size_t i = 0; i < m->nreceived; i++) {
        bool ours = is_our_host(t, m->received[i].by);
        if (!ours && !is_inner(&m->received[i]))
            break;
        if (ours)
            t->border = m->received[i].raw_index;
    }
}

/* Whether hosts write such fields on the way, so that one of ours may have. */
static bool
is_trace_field(str name)
{
    return str_istarts(name, S("X-")) || str_istarts(name, S("ARC-")) || str_istarts(name, S("Received-")) ||
           str_istarts(name, S("Authentication-Results")) || str_ieq(name, S("DKIM-Filter")) ||
           str_ieq(name, S("DMARC-Filter")) || str_ieq(name, S("Return-Path")) ||
           str_ieq(name, S("Delivered-To")) || str_ieq(name, S("Envelope-To"));
}

static void
find_near(struct trust *t, const struct message *m)
{
    if (t->border == SIZE_MAX)
        return;
    t->near = t->border + 1;
    while (t->near < m->nheaders && is_trace_field(m->headers[t->near].name))
        t->near++;
}

/* A field of the same name, by us, above the border. */
static bool
written_above(const struct trust *t, const struct message *m, str header)
{
    for (size_t i = 0; i < m->nrecorded; i++)
        if (m->recorded[i].raw_index < t->border && str_eq(m->recorded[i].header, header) &&
            is_our_id(t, m->recorded[i].authserv_id))
            return true;
    return false;
}

/* Whether the server named is known to write its results where they count. */
static bool
writes_here(const struct message *m, str id)
{
    for (size_t i = 0; i < m->nrecorded; i++)
        if (m->recorded[i].trusted && str_ieq(m->recorded[i].authserv_id, id))
            return true;
    return false;
}

static size_t
first_from(const struct message *m)
{
    size_t at = 0;
    return message_header(m, "From", &at) ? at - 1 : m->nheaders;
}

void
auth_trust(struct arena *a, struct message *m, const struct auth_policy *policy)
{
    struct trust t = { .arena = a,
                       .ids = str_from(policy->authserv_ids),
                       .hosts = str_from(policy->trusted_hosts),
                       .border = SIZE_MAX };
    find_border(&t, m);
    find_near(&t, m);
    size_t from = first_from(m);
    bool above_all =
        t.border == SIZE_MAX && m->nreceived > 0; /* no host of ours took it: only what is on top */
    for (size_t i = 0; i < m->nrecorded; i++) {
        struct auth_results *r = &m->recorded[i];
        /* another version has another meaning (RFC 8601 section 2.2) */
        bool ours = r->version == 1 && is_our_id(&t, r->authserv_id) && !str_has(r->header, S("Original"));
        bool inside = above_all ? r->raw_index < m->received[0].raw_index
                                : t.border != SIZE_MAX && r->raw_index < t.border;
        bool near = t.border != SIZE_MAX && r->raw_index > t.border && r->raw_index < t.near &&
                    !written_above(&t, m, r->header);
        bool sure = t.ids.n || t.hosts.n || writes_here(m, r->authserv_id); /* fields come from the top */
        r->trusted = ours && (inside || near);
        r->forged = ours && sure && !r->trusted && r->authserv_id.n && r->instance == 0 &&
                    !(str_eq(r->header, S("Received-SPF")) && r->raw_index > from); /* Exim adds at the end */
    }
}
