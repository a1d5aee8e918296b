/* What is worth a remark about a message: its authentication, then its hops (CHAIN, stages 5, 6, 9).
 *
 * It judges nothing anew; it reads verdicts and trace fields.  What logs say
 * beyond the message is for the analysis of whole journeys. */
#include "auth_findings.h"

enum {
    SLOW_HOP_S = 300,
    GOOD_RSA_BITS = 2048, /* RFC 8301 section 3.2: signers should use at least so many */
};

static void
add(struct auth_notes *f, enum stage stage, const char *severity, const char *code, int hop, str text)
{
    ARENA_PUSH(f->arena, f->items, f->n, f->room) = (struct auth_finding){ stage, severity, code, text, hop };
}

void
auth_note(struct auth_notes *f, const char *severity, const char *code, str text)
{
    add(f, STAGE_AUTHENTICATION, severity, code, 0, text);
}

str
auth_age(struct arena *a, when d)
{
    static const struct {
        when unit;
        const char *one, *many;
    } units[] = { { WHEN_DAY, "day", "days" },
                  { WHEN_HOUR, "hour", "hours" },
                  { WHEN_MINUTE, "minute", "minutes" },
                  { WHEN_SECOND, "second", "seconds" } };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (d >= units[i].unit)
            return arena_printf(a, "%lld %s", (long long)(d / units[i].unit),
                                d / units[i].unit == 1 ? units[i].one : units[i].many);
    return S("less than a second");
}

/* Records that are not of the message's time. */
static void
about_age(struct auth_notes *f, const struct auth_verdict *v)
{
    const struct {
        const char *what;
        when age;
    } ages[] = {
        { "SPF", v->spf_age }, { "DKIM", v->dkim_age }, { "DMARC", v->dmarc_age }, { "ARC", v->arc_age }
    };
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++)
        if (ages[i].age)
            auth_note(f, "note", "records_of_another_time",
                      arena_printf(f->arena, "%s is judged by records that are %.*s away from the reception",
                                   ages[i].what, PRSTR(auth_age(f->arena, ages[i].age))));
}

/* One row per result that deserves a word. */
static const struct {
    enum auth_word result;
    const char *code;
} spf_codes[] = {
    { AUTH_FAIL, "spf_fail" },           { AUTH_SOFTFAIL, "spf_softfail" }, { AUTH_PERMERROR, "spf_permerror" },
    { AUTH_TEMPERROR, "spf_temperror" }, { AUTH_NONE, "spf_none" },         { AUTH_NEUTRAL, "spf_neutral" },
}, dkim_codes[] = {
    { AUTH_FAIL, "dkim_fail" },           { AUTH_PERMERROR, "dkim_permerror" }, { AUTH_POLICY, "dkim_policy" },
    { AUTH_TEMPERROR, "dkim_temperror" }, { AUTH_NEUTRAL, "dkim_neutral" },
};

static void
about_spf(struct auth_notes *f, const struct spf_result *r, bool excused)
{
    struct arena *a = f->arena;
    for (size_t i = 0; i < sizeof spf_codes / sizeof *spf_codes; i++) {
        if (spf_codes[i].result != r->result)
            continue;
        bool weak = r->result == AUTH_NONE || r->result == AUTH_NEUTRAL;
        auth_note(f, excused || weak ? "note" : "degradation", spf_codes[i].code,
                  r->problem.n ? arena_printf(a, "SPF of %.*s: %.*s", PRSTR(r->domain), PRSTR(r->problem))
                               : arena_printf(a, "SPF of %.*s does not allow %.*s (%.*s)", PRSTR(r->domain),
                                              PRSTR(r->ip), PRSTR(r->mechanism)));
    }
}

/* What was found out about a signature that does not hold. */
static void
about_change(struct auth_notes *f, const struct dkim_result *r)
{
    struct arena *a = f->arena;
    if (r->change.n)
        auth_note(
            f, "note",
            r->footer   ? "list_footer"
            : r->tagged ? "list_tag"
                        : "header_changed",
            arena_printf(a, "the signature of %.*s holds but for %.*s", PRSTR(r->domain), PRSTR(r->change)));
    else if (!r->verified && r->body == DKIM_BODY_CHANGED)
        auth_note(f, "note", "body_changed",
                  arena_printf(a, "the body is not the one that %.*s signed", PRSTR(r->domain)));
    for (size_t i = 0; i < r->nchanged && !r->verified; i++)
        auth_note(f, "note", "header_changed",
                  arena_printf(a, "%.*s was \"%.*s\" when %.*s signed it (z=)", PRSTR(r->changed[i].name),
                               PRSTR(r->changed[i].was), PRSTR(r->domain)));
}

/* A copy of the key of another time than the message's. */
static void
about_key(struct auth_notes *f, const struct dkim_result *r)
{
    struct arena *a = f->arena;
    if (r->several_keys)
        auth_note(f, "degradation", "dkim_several_keys",
                  arena_printf(a, "several TXT records at %.*s._domainkey.%.*s (RFC 6376 section 3.6.2.2)",
                               PRSTR(r->selector), PRSTR(r->domain)));
    if (r->testing)
        auth_note(f, "note", "dkim_testing",
                  arena_printf(a, "the DKIM key of %.*s is in testing mode", PRSTR(r->domain)));
    if (r->result == AUTH_PASS && r->key_bits < GOOD_RSA_BITS && str_istarts(r->algorithm, S("rsa")))
        auth_note(f, "note", "dkim_short_key",
                  arena_printf(a, "the DKIM key of %.*s has %d bits (RFC 8301 section 3.2 wants %d)",
                               PRSTR(r->domain), r->key_bits, GOOD_RSA_BITS));
}

static void
about_signature(struct auth_notes *f, const struct dkim_result *r, bool excused)
{
    struct arena *a = f->arena;
    for (size_t i = 0; i < sizeof dkim_codes / sizeof *dkim_codes; i++)
        if (dkim_codes[i].result == r->result)
            auth_note(f, excused ? "note" : "degradation", dkim_codes[i].code,
                      arena_printf(a, "DKIM signature of %.*s (%.*s): %.*s", PRSTR(r->domain),
                                   PRSTR(r->selector), PRSTR(r->reason)));
    about_change(f, r);
    about_key(f, r);
    if (r->limited && r->key_bits)
        auth_note(f, r->body_length < r->body_total ? "degradation" : "note", "dkim_partial_body",
                  arena_printf(a,
                               "DKIM signature of %.*s covers %llu of %llu bytes of the body (l=): "
                               "anything may be put behind them (RFC 6376 section 8.2)",
                               PRSTR(r->domain), (unsigned long long)r->body_length,
                               (unsigned long long)r->body_total));
    if (r->verified && r->variant.n && !str_eq(r->variant, S("CRLF"))) /* most mailboxes keep LF */
        auth_note(f, "note", "dkim_repaired",
                  arena_printf(a, "the signature of %.*s holds once what storing did is undone: %.*s",
                               PRSTR(r->domain), PRSTR(r->variant)));
}

/* A notice that an MTA writes for its own users ("From: MAILER-DAEMON") never met a receiver that checks. */
static bool
came_by_smtp(const struct message *m)
{
    for (size_t i = 0; i < m->nreceived; i++)
        if (m->received[i].from_ip.n)
            return true;
    return m->nreceived == 0;
}

static void
about_dmarc(struct auth_notes *f, const struct message *m, const struct dmarc_result *r)
{
    struct arena *a = f->arena;
    bool bites = str_eq(r->disposition, S("reject")) || str_eq(r->disposition, S("quarantine"));
    if (r->result == AUTH_FAIL)
        auth_note(f, bites ? "failure" : "degradation", "dmarc_fail",
                  arena_printf(a, "DMARC of %.*s fails, %.*s asks for %.*s: %.*s", PRSTR(r->domain),
                               PRSTR(r->record_domain), PRSTR(r->disposition), PRSTR(r->reason)));
    else if (r->result == AUTH_PERMERROR)
        auth_note(f, came_by_smtp(m) ? "failure" : "note", "dmarc_permerror", r->reason);
    else if (r->result == AUTH_TEMPERROR)
        auth_note(f, "degradation", "dmarc_temperror", r->reason);
    else if (r->result == AUTH_NONE)
        auth_note(f, "note", "dmarc_none", arena_printf(a, "%.*s: %.*s", PRSTR(r->domain), PRSTR(r->reason)));
    if (r->several_records)
        auth_note(f, "degradation", "dmarc_several_records",
                  S("several DMARC records at one name (RFC 9989 section 4.10)"));
}

static void
about_from(struct auth_notes *f, const struct from_view *v)
{
    for (size_t i = 0; i < v->nremarks; i++) {
        const struct from_remark *r = &v->remarks[i];
        auth_note(f, r->misleading ? "degradation" : "note", "from_ambiguous",
                  r->shown.n ? arena_printf(f->arena, "%s: %.*s", r->text, PRSTR(r->shown))
                             : str_from(r->text));
    }
}

/* The word of the first method of that name that a sealer recorded, or "". */
static str
sealed_word(const struct arc_set *s, str method)
{
    for (size_t i = 0; s->recorded && i < s->recorded->nresults; i++)
        if (str_eq(s->recorded->results[i].method, method))
            return s->recorded->results[i].result;
    return S("");
}

static void
about_arc(struct auth_notes *f, const struct arc_result *r, const struct dmarc_result *dmarc)
{
    struct arena *a = f->arena;
    const struct arc_set *first = r->nsets ? &r->sets[0] : NULL;
    if (r->result == AUTH_FAIL)
        auth_note(f, "degradation", "arc_fail",
                  arena_printf(a, "the ARC chain is broken: %.*s", PRSTR(r->reason)));
    else if (r->result == AUTH_TEMPERROR)
        auth_note(f, "degradation", "arc_temperror", r->reason);
    if (r->result != AUTH_PASS)
        return;
    if (r->oldest_pass)
        auth_note(f, "note", "arc_changed",
                  arena_printf(a, "the message was changed between %.*s and %.*s (ARC sets %d and %d)",
                               PRSTR(r->sets[r->oldest_pass - 2].domain),
                               PRSTR(r->sets[r->oldest_pass - 1].domain), r->oldest_pass - 1,
                               r->oldest_pass));
    if (dmarc->result == AUTH_FAIL && str_eq(sealed_word(first, S("dmarc")), S("pass")))
        auth_note(f, "note", "arc_forwarded",
                  arena_printf(a,
                               "DMARC passed when %.*s took the message; it was forwarded since, and the "
                               "ARC chain that says so holds",
                               PRSTR(first->domain)));
}

/* What filters wrote, and where the message was put. */
static void
about_filters(struct auth_notes *f, const struct message *m)
{
    struct arena *a = f->arena;
    str where = m->placement_verdict;
    bool lost = str_eq(where, S("junk")) || str_eq(where, S("quarantined"));
    for (size_t i = 0; i < m->nspam; i++)
        if (str_eq(m->spam[i].verdict, S("spam")) || str_eq(m->spam[i].verdict, S("reject")))
            add(f, STAGE_CONTENT, "degradation", "spam_verdict", 0,
                arena_printf(a, "%.*s calls it %.*s", PRSTR(m->spam[i].engine), PRSTR(m->spam[i].verdict)));
    if (lost || str_eq(where, S("category")))
        add(f, STAGE_ROUTING, lost ? "failure" : "degradation",
            lost ? "placed_in_junk" : "placed_in_category", 0,
            arena_printf(a, "%.*s put it into %.*s", PRSTR(m->placement_by),
                         PRSTR(m->placement_folder.n ? m->placement_folder : where)));
}

static bool
is_signed_by(const struct dkim_result *r, const char *name)
{
    for (size_t i = 0; i < r->nsigned; i++)
        if (str_ieq(r->signed_headers[i], str_from(name)))
            return true;
    return false;
}

/* One click unsubscribes only if the offer is complete and signed (RFC 8058 sections 3.1 and 4). */
static void
about_unsubscribe(struct auth_notes *f, const struct message *m, const struct auth_verdict *v)
{
    bool covered = false, open = false;
    str list = message_header_value(m, "List-Unsubscribe"),
        post = message_header_value(m, "List-Unsubscribe-Post");
    if (post.n == 0 || !str_has(post, S("One-Click")))
        return;
    for (size_t i = 0; i < v->ndkim; i++) {
        covered |= v->dkim[i].result == AUTH_PASS && is_signed_by(&v->dkim[i], "List-Unsubscribe") &&
                   is_signed_by(&v->dkim[i], "List-Unsubscribe-Post");
        open |= v->dkim[i].result == AUTH_UNKNOWN || v->dkim[i].result == AUTH_TEMPERROR;
    }
    if (str_ifind(list, S("<https:")) == STR_NONE)
        add(f, STAGE_CONTENT, "degradation", "one_click_without_uri", 0,
            S("List-Unsubscribe-Post has no https address in List-Unsubscribe (RFC 8058 section 3.1)"));
    else if (!covered && !open)
        add(f, STAGE_CONTENT, "degradation", "one_click_unsigned", 0,
            S("no DKIM signature that holds covers List-Unsubscribe and List-Unsubscribe-Post (RFC 8058 "
              "section 4)"));
}

/* What is beyond the limits is not looked at, and that is said. */
static void
about_limits(struct auth_notes *f, const struct message *m, const struct auth_verdict *v)
{
    size_t signatures = 0;
    for (size_t i = 0; i < m->nheaders; i++)
        signatures += str_ieq(m->headers[i].name, S("DKIM-Signature"));
    if (signatures > v->ndkim)
        auth_note(f, "degradation", "dkim_too_many",
                  arena_printf(f->arena, "%zu DKIM signatures; only the topmost %zu were checked", signatures,
                               v->ndkim));
}

/* Hops are numbered from the sender; fields come the other way round. */
static void
about_hop(struct auth_notes *f, const struct message *m, size_t i)
{
    struct arena *a = f->arena;
    const struct received *r = &m->received[i], *before = i + 1 < m->nreceived ? r + 1 : NULL;
    int hop = (int)(m->nreceived - i);
    struct ip ip = ip_parse(r->from_ip);
    bool remote = ip.family != 0 && !ip_is_loopback(ip);
    bool smtp = str_ieq(r->protocol, S("SMTP")) || str_ieq(r->protocol, S("ESMTP")) ||
                str_ieq(r->protocol, S("ESMTPA"));
    if (remote && smtp && r->tls_version.n == 0)
        add(f, STAGE_TLS, "degradation", "plaintext_hop", hop,
            arena_printf(a, "%.*s took it from %.*s without TLS", PRSTR(r->by), PRSTR(r->from_ip)));
    if (remote && str_ieq(r->from_rdns, S("unknown")))
        add(f, STAGE_HELO, "degradation", "ptr_unknown", hop,
            arena_printf(a, "%.*s has no name that leads back to it", PRSTR(r->from_ip)));
    if (before == NULL || before->at == WHEN_NONE || r->at == WHEN_NONE)
        return;
    when delay = r->at - before->at;
    if (delay < 0)
        add(f, STAGE_QUEUE, "note", "clock_skew", hop,
            arena_printf(a, "%.*s took it %lld s before the host before it did: a clock is wrong",
                         PRSTR(r->by), (long long)(-delay / WHEN_SECOND)));
    else if (delay > SLOW_HOP_S * WHEN_SECOND)
        add(f, STAGE_QUEUE, "degradation", "slow_hop", hop,
            arena_printf(a, "%lld s between %.*s and %.*s", (long long)(delay / WHEN_SECOND),
                         PRSTR(before->by), PRSTR(r->by)));
}

size_t
auth_findings(struct arena *a, const struct message *m, const struct auth_verdict *v,
              struct auth_finding **out)
{
    struct auth_notes f = { .arena = a };
    about_dmarc(&f, m, &v->dmarc);
    about_spf(&f, &v->spf, v->dmarc.dkim_aligned);
    for (size_t i = 0; i < v->ndkim; i++)
        about_signature(&f, &v->dkim[i], v->dmarc.dkim_aligned);
    about_limits(&f, m, v);
    about_from(&f, &v->from);
    about_arc(&f, &v->arc, &v->dmarc);
    about_age(&f, v);
    auth_compare(&f, m, v);
    for (size_t i = m->nreceived; i-- > 0;)
        about_hop(&f, m, i);
    about_filters(&f, m);
    about_unsubscribe(&f, m, v);
    for (size_t i = 0; i < m->nproblems; i++)
        add(&f, STAGE_DATA, "note", "form", 0, str_from(m->problems[i]));
    *out = f.items;
    return f.n;
}
