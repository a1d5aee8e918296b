/* Lays out a checked message: what it is, its hops from the sender on, a verdict per method, findings.
 *
 * What comes from the message may hold anything; controls are shown as "?". */
#include "check_text.h"

enum { NAME_WIDTH = 34 };

/* Adds s without controls, padded to width. */
static void
put(struct buf *out, str s, size_t width)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        buf_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
        n += (c & 0xC0) != 0x80; /* characters, not bytes */
    }
    for (; n < width; n++)
        buf_char(out, ' ');
}

static void
field(struct buf *out, const char *name, str value)
{
    if (value.n == 0)
        return;
    buf_printf(out, "%-12s ", name);
    put(out, value, 0);
    buf_char(out, '\n');
}

static void
put_delay(struct buf *out, when from, when to)
{
    if (from == WHEN_NONE || to == WHEN_NONE)
        buf_printf(out, "%10s", "");
    else
        buf_printf(out, "%+9.0fs", (double)(to - from) / (double)WHEN_SECOND);
}

static void
put_hop(struct buf *out, struct arena *a, const struct message *m, size_t i)
{
    const struct received *r = &m->received[i];
    str name = r->from_rdns.n ? r->from_rdns : r->from_name;
    str from = r->from_ip.n && name.n ? arena_printf(a, "%.*s [%.*s]", PRSTR(name), PRSTR(r->from_ip))
               : r->from_ip.n         ? r->from_ip
                                      : name;
    str how = r->tls_version.n ? arena_join(a, r->protocol, S(" "), r->tls_version) : r->protocol;
    buf_printf(out, "%3zu  ", m->nreceived - i);
    put(out, r->at == WHEN_NONE ? S("-") : when_format(a, r->at), 20);
    put_delay(out, i + 1 < m->nreceived ? r[1].at : WHEN_NONE, r->at);
    buf_add(out, S("  "));
    put(out, from.n ? from : S("-"), NAME_WIDTH);
    buf_add(out, S(" -> "));
    put(out, r->by.n ? r->by : S("-"), 0);
    buf_add(out, S("  "));
    put(out, how, 0);
    if (r->id.n) {
        buf_add(out, S("  id "));
        put(out, r->id, 0);
    }
    buf_char(out, '\n');
}

static void
verdict(struct buf *out, const char *method, enum auth_word result, str detail)
{
    buf_printf(out, "%-12s %-10.*s ", method, PRSTR(auth_word(result)));
    put(out, detail, 0);
    while (out->n && out->p[out->n - 1] == ' ')
        out->n--;
    buf_char(out, '\n');
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
    str what = arena_printf(a, "%.*s/%.*s, %.*s, %d bits, %.*s", PRSTR(r->domain), PRSTR(r->selector),
                            PRSTR(r->algorithm), r->key_bits, PRSTR(r->canonicalization));
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

/* One line a set: who sealed it, and what it had found. */
static void
put_sets(struct buf *out, const struct arc_result *r)
{
    for (size_t i = 0; i < r->nsets; i++) {
        const struct arc_set *s = &r->sets[i];
        buf_printf(out, "%-12s %d ", "", s->instance);
        put(out, s->domain.n ? s->domain : S("?"), 0);
        if (s->checked)
            buf_printf(out, ": seal %.*s, message signature %.*s", PRSTR(auth_word(s->seal_result)),
                       PRSTR(auth_word(s->message.result)));
        for (size_t k = 0; s->recorded && k < s->recorded->nresults; k++) {
            buf_add(out, k ? S(" ") : S("; it found "));
            put(out, s->recorded->results[k].method, 0);
            buf_char(out, '=');
            put(out, s->recorded->results[k].result, 0);
        }
        buf_char(out, '\n');
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
    return arena_printf(a, "%.*s, policy %.*s of %.*s, disposition %.*s: %.*s", PRSTR(r->domain),
                        PRSTR(r->policy), PRSTR(r->record_domain),
                        PRSTR(r->disposition.n ? r->disposition : S("none")), PRSTR(aligned));
}

static void
put_recorded(struct buf *out, const struct message *m)
{
    for (size_t i = 0; i < m->nrecorded; i++) {
        const struct auth_results *r = &m->recorded[i];
        buf_printf(out, "%-12s ", i ? "" : "recorded");
        put(out, r->authserv_id.n ? r->authserv_id : S("(no name)"), 0);
        buf_add(out, r->forged ? S(" (forged):") : r->trusted ? S(" (trusted):") : S(":"));
        for (size_t k = 0; k < r->nresults; k++) {
            buf_char(out, ' ');
            put(out, r->results[k].method, 0);
            buf_char(out, '=');
            put(out, r->results[k].result, 0);
        }
        buf_char(out, '\n');
    }
}

static void
put_findings(struct buf *out, const struct auth_finding *f, size_t n)
{
    if (n)
        buf_add(out, S("\nfindings\n"));
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "  %-11s  %-14.*s ", f[i].severity, PRSTR(stage_word(f[i].stage)));
        if (f[i].hop)
            buf_printf(out, "hop %d: ", f[i].hop);
        put(out, f[i].text, 0);
        buf_char(out, '\n');
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
    if (m->nreceived)
        buf_add(out, S("\nhops, the sender's first\n"));
    for (size_t i = m->nreceived; i-- > 0;)
        put_hop(out, &a, m, i);
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
    put_sets(out, &v->arc);
    put_recorded(out, m);
    for (size_t i = 0; i < m->nspam; i++)
        field(out, i ? "" : "spam",
              arena_printf(&a, "%.*s %.*s", PRSTR(m->spam[i].engine), PRSTR(m->spam[i].verdict)));
    field(out, "placement", m->placement_folder.n ? m->placement_folder : m->placement_verdict);
    put_findings(out, findings, n);
    arena_free(&a);
}
