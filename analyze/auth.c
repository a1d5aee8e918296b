/* Puts SPF, DKIM, DMARC and ARC together for one message. */
#include "auth.h"

#include "idn.h"

bool
auth_policy_open(struct auth_policy *policy, struct diag *diag)
{
    if (policy->dmarc != 7489 && policy->psl_file == NULL)
        return true;
    policy->psl = psl_open(policy->psl_file, diag);
    return policy->psl != NULL;
}

void
auth_policy_close(struct auth_policy *policy)
{
    psl_close(policy->psl);
    policy->psl = NULL;
}

static void
check_spf(struct arena *a, const struct auth_context *ctx, struct dns *dns, const struct auth_policy *policy,
          struct auth_verdict *out)
{
    struct spf_request request = {
        .ip = ctx->client_ip,
        .helo = idn_ascii(a, ctx->helo),
        .mail_from = idn_ascii_address(a, ctx->mail_from),
        .void_limit = policy->void_limit,
        .now = ctx->received_at == WHEN_NONE ? policy->now : ctx->received_at,
    };
    if (ctx->has_mail_from && (ctx->mail_from.n || ctx->helo.n))
        spf_check(a, dns, &request, &out->spf);
    else
        out->spf =
            (struct spf_result){ .identity = S("mailfrom"),
                                 .ip = ctx->client_ip,
                                 .helo = ctx->helo,
                                 .problem = ctx->has_mail_from ? S("the sender is null and HELO is not known")
                                                               : S("the envelope sender is not known") };
    if (ctx->helo.n == 0)
        return;
    request.helo_identity = true;
    spf_check(a, dns, &request, &out->helo);
}

static void
check_dmarc(struct arena *a, const struct message *m, struct dns *dns, const struct auth_policy *policy,
            struct auth_verdict *v)
{
    from_view(a, m, &v->from);
    if (v->from.problem) {
        v->dmarc = (struct dmarc_result){ .result = AUTH_PERMERROR, .reason = str_from(v->from.problem) };
        return;
    }
    struct dmarc_identifier *ids = ARENA_ARRAY(a, struct dmarc_identifier, v->ndkim + 1);
    size_t n = 0;
    for (size_t i = 0; i < v->ndkim; i++)
        ids[n++] = (struct dmarc_identifier){ v->dkim[i].domain, v->dkim[i].result, true };
    ids[n++] = (struct dmarc_identifier){ v->spf.domain, v->spf.result, false };
    dmarc_check(a, dns,
                &(struct dmarc_request){ .domain = v->from.domain,
                                         .identifiers = ids,
                                         .nidentifiers = n,
                                         .method = policy->dmarc,
                                         .psl = policy->psl },
                &v->dmarc);
}

/* How far the records lie away that were used since the last call. */
static when
take_age(struct dns *dns)
{
    when age = dns->age;
    dns->age = 0;
    return age;
}

/* Whether a server of ours recorded that this signature holds. */
static bool
was_seen_to_hold(const struct message *m, const struct dkim_result *d)
{
    for (size_t i = 0; i < m->nrecorded; i++)
        for (size_t k = 0; m->recorded[i].trusted && k < m->recorded[i].nresults; k++) {
            const struct auth_recorded *r = &m->recorded[i].results[k];
            bool same = false, other = false;
            if (!str_ieq(r->method, S("dkim")) || !str_ieq(r->result, S("pass")))
                continue;
            for (size_t p = 0; p < r->nproperties; p++) {
                const struct auth_property *x = &r->properties[p];
                same |= str_ieq(x->name, S("header.d")) && str_ieq(x->value, d->domain);
                other |= str_ieq(x->name, S("header.s")) && !str_ieq(x->value, d->selector);
            }
            if (same && !other)
                return true;
        }
    return false;
}

/* A filter behind the check marked the subject: the signature proves what was put there, and the host that
 * checked before recorded that it held.  So it held when it arrived. */
static void
undo_marks(struct arena *a, const struct message *m, struct auth_verdict *v)
{
    for (size_t i = 0; i < v->ndkim; i++) {
        struct dkim_result *d = &v->dkim[i];
        if (d->result != AUTH_FAIL || !d->tagged || d->footer || !was_seen_to_hold(m, d))
            continue;
        d->result = AUTH_PASS;
        d->reason = arena_printf(a, "it held on arrival: what was changed since is %.*s", PRSTR(d->change));
    }
}

void
auth_check(struct arena *a, const struct message *m, const struct auth_context *ctx, struct dns *dns,
           const struct auth_policy *policy, struct auth_verdict *out)
{
    *out = (struct auth_verdict){ 0 };
    dns->at = ctx->received_at == WHEN_NONE ? policy->now : ctx->received_at;
    check_spf(a, ctx, dns, policy, out);
    out->spf.age = out->spf_age = take_age(dns);
    struct dkim_policy rules = {
        .min_rsa_bits = policy->min_rsa_bits,
        .allow_rsa_sha1 = policy->allow_rsa_sha1,
        .legacy = policy->dkim_legacy,
        .received_at = dns->at,
    };
    struct dkim *dkim = dkim_open(a, dns, m, &rules);
    out->ndkim = dkim_check(dkim, &out->dkim);
    if (ctx->in_mailbox)
        undo_marks(a, m, out);
    out->dkim_age = take_age(dns);
    out->ngoogle = dkim_check_google(dkim, &out->google);
    take_age(dns);
    arc_check(dkim, &out->arc);
    out->arc_age = take_age(dns);
    dkim_close(dkim);
    check_dmarc(a, m, dns, policy, out);
    out->dmarc.age = out->dmarc_age = take_age(dns);
}

bool
auth_is_bad(const struct auth_verdict *v)
{
    bool broken = false, good = v->spf.result == AUTH_PASS;
    if (v->dmarc.result == AUTH_FAIL || v->dmarc.result == AUTH_PERMERROR)
        return true;
    if (v->dmarc.result == AUTH_PASS)
        return false;
    for (size_t i = 0; i < v->ndkim; i++) {
        good |= v->dkim[i].result == AUTH_PASS;
        broken |= v->dkim[i].result == AUTH_FAIL || v->dkim[i].result == AUTH_PERMERROR ||
                  v->dkim[i].result == AUTH_POLICY;
    }
    return !good && (broken || v->spf.result == AUTH_FAIL || v->spf.result == AUTH_PERMERROR);
}

/* SPF asks who spoke SMTP: not what a store, a web service or a fetching program took over. */
static bool
is_by_smtp(const struct received *r)
{
    static const char *const others[] = { "HTTP",   "HTTPS", "mapi",  "LMTP", "LMTPS", "LMTPA",
                                          "LMTPSA", "IMAP",  "IMAPS", "POP3", "POP3S", "local" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_ieq(r->protocol, str_from(others[i])))
            return false;
    return true;
}

/* Addresses that are public, yet hand messages on inside of one service only: Exchange Online. */
static bool
is_inside_service(struct ip ip)
{
    return ip_match(ip, ip6_parse(S("2603:1000::")), 24);
}

/* The hop whose client counts; SIZE_MAX if there is none. */
static size_t
border_hop(const struct message *m)
{
    size_t other = SIZE_MAX;
    for (size_t i = 0; i < m->nreceived; i++) {
        struct ip ip = ip_parse(m->received[i].from_ip);
        bool smtp = is_by_smtp(&m->received[i]);
        if (ip.family != 0 && !ip_is_private(ip) && smtp && !is_inside_service(ip))
            return i;
        if (ip.family != 0 && !ip_is_loopback(ip) && other == SIZE_MAX)
            other = i;
        if (m->received[i].auth_user.n || str_istarts(m->received[i].protocol, S("ESMTPA")) ||
            str_istarts(m->received[i].protocol, S("ESMTPSA")))
            break;
    }
    return other;
}

bool
auth_context_from_message(struct arena *a, const struct message *m, struct auth_context *ctx)
{
    *ctx = (struct auth_context){ .mail_from = m->return_path,
                                  .has_mail_from = m->has_return_path,
                                  .received_at = WHEN_NONE,
                                  .hop = border_hop(m) };
    if (ctx->hop != SIZE_MAX) {
        const struct received *r = &m->received[ctx->hop];
        ctx->client_ip = ip_format(a, ip_parse(r->from_ip));
        ctx->helo = r->from_helo.n ? r->from_helo : r->from_name;
        ctx->received_at = r->at;
    }
    for (size_t i = 0; i < m->nreceived && ctx->received_at == WHEN_NONE; i++)
        ctx->received_at = m->received[i].at;
    if (ctx->received_at == WHEN_NONE)
        ctx->received_at = m->original_arrival;
    return ctx->hop != SIZE_MAX;
}
