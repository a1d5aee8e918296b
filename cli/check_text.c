/* Lays out a checked message: what it is, its hops from the sender on, a verdict per method, findings.
 *
 * What comes from the message may hold anything; controls are shown as "?". */
#include "check_text.h"

#include <math.h>

enum {
    LINE_WIDTH = 100,
    LABEL_WIDTH = 13,  /* "message-id   " */
    DETAIL_START = 24, /* behind label and result */
    FINDING_START = 31,
    FROM_WIDTH = 27,
    BY_WIDTH = 23,
    HOW_WIDTH = 14,
    CELL_LINES = 12, /* of one hop; what is longer is for --json */
};

/* How many bytes of s one character at its start takes, and how it is shown. */
static size_t
character(str s)
{
    size_t n = 1;
    while (n < s.n && n < 4 && ((unsigned char)s.p[n] & 0xC0) == 0x80 && (unsigned char)s.p[0] >= 0xC0)
        n++;
    return n;
}

/* Adds s without controls; the number of characters. */
static size_t
put(struct buf *out, str s)
{
    size_t n = 0;
    for (size_t i = 0, step; i < s.n; i += step, n++) {
        unsigned char c = (unsigned char)s.p[i];
        step = character(str_skip(s, i));
        bool c1 = c == 0xC2 && step == 2 && (unsigned char)s.p[i + 1] < 0xA0;
        if (c < 0x20 || c == 0x7f || c1)
            buf_char(out, '?');
        else
            buf_put(out, s.p + i, step);
    }
    return n;
}

static void
pad(struct buf *out, size_t n)
{
    while (n--)
        buf_char(out, ' ');
}

/* Cuts the piece off s that fits into width characters: up to a blank, else behind one of ".-@/_", else anywhere. */
static str
cut_line(str *s, size_t width)
{
    size_t at = 0, blank = 0, soft = 0, n = 0;
    for (; at < s->n && n < width; n++) {
        size_t step = character(str_skip(*s, at));
        if (s->p[at] == ' ' && at)
            blank = at;
        at += step;
        if (memchr(".-@/_", s->p[at - 1], 5) && at > 1)
            soft = at;
    }
    size_t end = at == s->n || s->p[at] == ' ' ? at : blank ? blank : soft ? soft : at;
    str line = str_trim_right(str_head(*s, end));
    *s = str_trim_left(str_skip(*s, end));
    return line;
}

/* Adds text from column start on, in as many lines as it takes, and a line end. */
static void
put_wrapped(struct buf *out, size_t start, str text)
{
    text = str_trim(text);
    for (bool first = true; first || text.n; first = false) {
        if (!first)
            pad(out, start);
        put(out, cut_line(&text, LINE_WIDTH - start));
        while (out->n && out->p[out->n - 1] == ' ')
            out->n--;
        buf_char(out, '\n');
    }
}

static void
field(struct buf *out, const char *name, str value)
{
    if (value.n == 0)
        return;
    buf_printf(out, "%-*s", LABEL_WIDTH, name);
    put_wrapped(out, LABEL_WIDTH, value);
}

/* "+2s", "-97s", "+0.4s", "+12m05s", "+3h20m", "+4d03h" */
static str
delay_text(struct arena *a, when from, when to)
{
    if (from == WHEN_NONE || to == WHEN_NONE)
        return S("");
    char sign = to < from ? '-' : '+';
    when d = to < from ? from - to : to - from;
    long long s = (long long)(d / WHEN_SECOND);
    if (s < 100 && d % WHEN_SECOND)
        return arena_printf(a, "%c%.1fs", sign, (double)d / (double)WHEN_SECOND);
    if (s < 100)
        return arena_printf(a, "%c%llds", sign, s);
    if (s < 100 * 60)
        return arena_printf(a, "%c%lldm%02llds", sign, s / 60, s % 60);
    if (s < 100 * 3600)
        return arena_printf(a, "%c%lldh%02lldm", sign, s / 3600, s / 60 % 60);
    return arena_printf(a, "%c%lldd%02lldh", sign, s / 86400, s / 3600 % 24);
}

/* A cell of several lines: what it has to say, piece by piece. */
struct cell {
    size_t width;
    str pieces[3];
};

/* The next line of a cell. */
static str
cell_line(struct cell *c)
{
    for (size_t i = 0; i < sizeof c->pieces / sizeof *c->pieces; i++)
        if (c->pieces[i].n)
            return cut_line(&c->pieces[i], c->width);
    return S("");
}

static bool
cell_done(const struct cell *c)
{
    return c->pieces[0].n + c->pieces[1].n + c->pieces[2].n == 0;
}

static void
put_hop(struct buf *out, struct arena *a, const struct message *m, size_t i)
{
    const struct received *r = &m->received[i];
    str name = r->from_rdns.n && !str_ieq(r->from_rdns, S("unknown")) ? r->from_rdns : r->from_name;
    str ip = r->from_ip.n && !str_eq(name, r->from_ip) ? arena_printf(a, "[%.*s]", PRSTR(r->from_ip)) : S("");
    str id = r->id.n ? arena_printf(a, "id %.*s", PRSTR(r->id)) : S("");
    str user = r->auth_user.n ? arena_printf(a, "user %.*s", PRSTR(r->auth_user)) : S("");
    struct cell cells[] = { { FROM_WIDTH, { name.n || ip.n ? name : S("-"), ip, user } },
                            { BY_WIDTH, { r->by.n ? r->by : S("-"), id } },
                            { HOW_WIDTH,
                              { r->protocol, r->tls_version, str_cut(r->tls_cipher, ' ').head } } };
    str at = r->at == WHEN_NONE ? S("-") : str_head(when_format(a, r->at), 19);
    str delay = delay_text(a, i + 1 < m->nreceived ? r[1].at : WHEN_NONE, r->at);
    if (r->protocol.n + 1 + r->tls_version.n <= HOW_WIDTH && r->tls_version.n)
        cells[2] =
            (struct cell){ HOW_WIDTH,
                           { arena_join(a, r->protocol, S(" "), r->tls_version), cells[2].pieces[2] } };
    for (int line = 0; line < CELL_LINES; line++) {
        if (cell_done(&cells[0]) && cell_done(&cells[1]) && cell_done(&cells[2]))
            return;
        if (line == 0)
            buf_printf(out, "%2zu %-19.*s %7.*s", m->nreceived - i, PRSTR(at), PRSTR(delay));
        else
            pad(out, 2 + 1 + 19 + 1 + 7);
        for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
            buf_add(out, S("  "));
            size_t width = put(out, cell_line(&cells[c]));
            pad(out, width < cells[c].width ? cells[c].width - width : 0);
        }
        while (out->p[out->n - 1] == ' ')
            out->n--;
        buf_char(out, '\n');
    }
}

static void
put_hops(struct buf *out, struct arena *a, const struct message *m)
{
    if (m->nreceived == 0)
        return;
    buf_add(out, S("\nhops, the sender's first\n"));
    buf_printf(out, " # %-19s %7s  %-*s  %-*s  how\n", "time (UTC)", "delay", FROM_WIDTH, "from", BY_WIDTH,
               "by");
    for (size_t i = m->nreceived; i-- > 0;)
        put_hop(out, a, m, i);
}

static void
verdict(struct buf *out, const char *method, enum auth_word result, str detail)
{
    buf_printf(out, "%-*s%-10.*s ", LABEL_WIDTH, method, PRSTR(auth_word(result)));
    put_wrapped(out, DETAIL_START, detail);
}

static str
spf_detail(struct arena *a, const struct spf_result *r)
{
    str who = arena_printf(a, "%.*s from %.*s", PRSTR(r->domain), PRSTR(r->ip.n ? r->ip : S("?")));
    str why = r->problem.n ? r->problem : r->mechanism;
    return why.n ? arena_join(a, r->domain.n ? who : S(""), r->domain.n ? S(": ") : S(""), why) : who;
}

static str
dkim_detail(struct arena *a, const struct dkim_result *r)
{
    str bits = r->key_bits ? arena_printf(a, " %d bits,", r->key_bits) : S("");
    str what = arena_printf(a, "%.*s (selector %.*s), %.*s,%.*s %.*s", PRSTR(r->domain), PRSTR(r->selector),
                            PRSTR(r->algorithm), PRSTR(bits), PRSTR(r->canonicalization));
    if (r->domain.n == 0)
        return r->reason;
    if (r->verified && r->result != AUTH_PASS)
        what = arena_join(a, what, S(", "), S("verified"));
    if (r->verified && r->variant.n)
        what =
            arena_printf(a, "%.*s (after repairing what storing did: %.*s)", PRSTR(what), PRSTR(r->variant));
    if (r->change.n)
        what = arena_printf(a, "%.*s (it verifies without %.*s)", PRSTR(what), PRSTR(r->change));
    return r->reason.n ? arena_join(a, what, S(": "), r->reason) : what;
}

static str
arc_detail(struct arena *a, const struct arc_result *r)
{
    str newest = r->nsets ? r->sets[r->nsets - 1].domain : S("");
    if (r->instances == 0)
        return r->reason.n ? r->reason : S("not sealed");
    str what = arena_printf(a, "%d %s, sealed last by %.*s", r->instances, r->instances > 1 ? "sets" : "set",
                            PRSTR(newest.n ? newest : S("?")));
    if (r->result == AUTH_PASS && r->oldest_pass)
        what = arena_printf(a, "%.*s; the message was changed before set %d", PRSTR(what), r->oldest_pass);
    return r->reason.n ? arena_join(a, what, S(": "), r->reason) : what;
}

/* "spf=pass dkim=fail (reason)" */
static str
results_text(struct arena *a, const struct auth_results *r)
{
    str all = S("");
    for (size_t k = 0; k < r->nresults; k++) {
        const struct auth_recorded *one = &r->results[k];
        str word = arena_join(a, one->method, S("="), one->result);
        if (one->reason.n)
            word = arena_printf(a, "%.*s (%.*s)", PRSTR(word), PRSTR(str_head(one->reason, 60)));
        all = all.n ? arena_join(a, all, S(" "), word) : word;
    }
    return all.n ? all : S("nothing");
}

/* Who sealed each set, and what it had found. */
static void
put_sets(struct buf *out, struct arena *a, const struct arc_result *r)
{
    for (size_t i = 0; i < r->nsets; i++) {
        const struct arc_set *s = &r->sets[i];
        str text = arena_printf(a, "set %d by %.*s", s->instance, PRSTR(s->domain.n ? s->domain : S("?")));
        if (s->checked)
            text = arena_printf(a, "%.*s: seal %.*s, message signature %.*s", PRSTR(text),
                                PRSTR(auth_word(s->seal_result)), PRSTR(auth_word(s->message.result)));
        if (s->recorded)
            text = arena_join(a, text, S("; it found "), results_text(a, s->recorded));
        pad(out, DETAIL_START);
        put_wrapped(out, DETAIL_START, text);
    }
}

static str
dmarc_detail(struct arena *a, const struct dmarc_result *r)
{
    if (r->record_domain.n == 0)
        return r->domain.n ? arena_join(a, r->domain, S(": "), r->reason) : r->reason;
    str aligned = r->spf_aligned    ? r->dkim_aligned ? S("SPF and DKIM aligned") : S("SPF aligned")
                     : r->dkim_aligned ? S("DKIM aligned")
                                    : r->reason;
    str record = arena_printf(a, "%.*s: policy %.*s by the record of %.*s", PRSTR(r->domain),
                              PRSTR(r->policy.n ? r->policy : S("not known")), PRSTR(r->record_domain));
    if (r->result == AUTH_FAIL)
        record = arena_join(a, record, S(", it asks for "), r->disposition);
    return arena_join(a, record, S("; "), aligned);
}

static void
put_recorded(struct buf *out, struct arena *a, const struct message *m)
{
    const char *label = "recorded";
    for (size_t i = 0; i < m->nrecorded; i++) {
        const struct auth_results *r = &m->recorded[i];
        str who = r->authserv_id.n ? r->authserv_id : S("a server without a name");
        if (r->instance)
            continue; /* shown with its ARC set */
        buf_printf(out, "%-*s", LABEL_WIDTH, label);
        label = "";
        put_wrapped(out, LABEL_WIDTH,
                    arena_printf(a, "%.*s%s: %.*s", PRSTR(who),
                                 r->forged    ? " (forged)"
                                 : r->trusted ? " (trusted)"
                                              : "",
                                 PRSTR(results_text(a, r))));
    }
}

static void
put_spam(struct buf *out, struct arena *a, const struct message *m)
{
    for (size_t i = 0; i < m->nspam; i++) {
        const struct spam_verdict *v = &m->spam[i];
        str text = v->verdict.n ? arena_join(a, v->engine, S(": "), v->verdict) : v->engine;
        if (!isnan(v->score))
            text = arena_printf(a, "%.*s, score %g", PRSTR(text), v->score);
        if (!isnan(v->required))
            text = arena_printf(a, "%.*s of %g", PRSTR(text), v->required);
        field(out, i ? "" : "spam", text);
    }
    if (m->placement_by.n)
        field(out, "placement",
              arena_printf(a, "%.*s, says %.*s%s%.*s", PRSTR(m->placement_verdict), PRSTR(m->placement_by),
                           m->placement_folder.n ? ": " : "", PRSTR(m->placement_folder)));
}

static void
put_findings(struct buf *out, struct arena *a, const struct auth_finding *f, size_t n)
{
    buf_add(out, n ? S("\nfindings\n") : S("\nno findings\n"));
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "  %-11s  %-14.*s  ", f[i].severity, PRSTR(stage_word(f[i].stage)));
        put_wrapped(out, FINDING_START,
                    f[i].hop ? arena_printf(a, "hop %d: %.*s", f[i].hop, PRSTR(f[i].text)) : f[i].text);
    }
}

void
check_text(struct buf *out, const char *path, const struct message *m, const struct auth_context *ctx,
           const struct auth_verdict *v, const struct auth_finding *findings, size_t n)
{
    struct arena a = { 0 };
    field(out, "file", str_from(path));
    field(out, "message-id", m->message_id);
    for (size_t i = 0; i < m->nfrom; i++)
        field(out, i ? "" : "from",
              m->from[i].name.n
                  ? arena_printf(&a, "%.*s <%.*s>", PRSTR(m->from[i].name), PRSTR(m->from[i].address))
                  : m->from[i].address);
    if (m->has_return_path)
        field(out, "return-path", m->return_path.n ? m->return_path : S("<>"));
    field(out, "subject", m->subject);
    if (m->date != WHEN_NONE)
        field(out, "date", when_format(&a, m->date));
    put_hops(out, &a, m);
    buf_add(out, S("\nauthentication"));
    if (ctx->received_at != WHEN_NONE)
        buf_printf(out, " as of %.*s", PRSTR(when_format(&a, ctx->received_at)));
    buf_char(out, '\n');
    verdict(out, "spf", v->spf.result, spf_detail(&a, &v->spf));
    if (v->helo.domain.n)
        verdict(out, "spf helo", v->helo.result, spf_detail(&a, &v->helo));
    for (size_t i = 0; i < v->ndkim; i++)
        verdict(out, "dkim", v->dkim[i].result, dkim_detail(&a, &v->dkim[i]));
    if (v->ndkim == 0)
        verdict(out, "dkim", AUTH_NONE, S("not signed"));
    for (size_t i = 0; i < v->ngoogle; i++)
        verdict(out, "x-google", v->google[i].result, dkim_detail(&a, &v->google[i]));
    verdict(out, "dmarc", v->dmarc.result, dmarc_detail(&a, &v->dmarc));
    verdict(out, "arc", v->arc.result, arc_detail(&a, &v->arc));
    put_sets(out, &a, &v->arc);
    put_recorded(out, &a, m);
    put_spam(out, &a, m);
    put_findings(out, &a, findings, n);
    arena_free(&a);
}
