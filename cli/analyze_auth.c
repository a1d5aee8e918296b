/* The authentication of stored messages: checked, and put beside what hosts recorded. */
#include "analyze_auth.h"

/* What a receiver wrote into the message, field by field. */
static void
put_recorded(struct analyze_auth *a, const struct journey *j, const struct group_message *m)
{
    const struct message *msg = m->message;
    for (size_t i = 0; i < msg->nrecorded; i++)
        for (size_t k = 0; k < msg->recorded[i].nresults; k++) {
            const struct auth_recorded *r = &msg->recorded[i].results[k];
            struct auth_row row = { .method = r->method,
                                    .result = r->result,
                                    .reason = r->reason,
                                    .said_by = msg->recorded[i].authserv_id,
                                    .aligned = -1,
                                    .at = m->stored_at,
                                    .sha256 = m->sha256 };
            for (size_t p = 0; p < r->nproperties; p++) {
                str name = r->properties[p].name, value = r->properties[p].value;
                if (str_eq(name, S("header.d")) || str_eq(name, S("smtp.mailfrom")) ||
                    str_eq(name, S("header.from")) || (str_eq(name, S("smtp.helo")) && row.domain.n == 0))
                    row.domain = str_rcut(value, '@').found ? str_rcut(value, '@').tail : value;
                if (str_eq(name, S("header.s")))
                    row.selector = value;
            }
            groups_put_auth(a->groups, j, &row);
        }
}

/* aligned: one bit for each signature, or NULL where alignment is not asked. */
static void
put_signatures(struct analyze_auth *a, const struct journey *j, struct auth_row row,
               const struct dkim_result *r, size_t n, const uint32_t *aligned)
{
    for (size_t i = 0; i < n; i++) {
        row.domain = r[i].domain;
        row.selector = r[i].selector;
        row.result = auth_word(r[i].result);
        row.reason = r[i].reason;
        row.aligned = aligned ? i < DMARC_MAX_IDENTIFIERS && (*aligned >> i & 1) : -1;
        groups_put_auth(a->groups, j, &row);
    }
}

static void
put_verdict(struct analyze_auth *a, const struct journey *j, const struct group_message *m,
            const struct auth_verdict *v, when at)
{
    const struct auth_row plain = { .said_by = S("waybill"), .aligned = -1, .at = at, .sha256 = m->sha256 };
    struct auth_row row = plain;
    row.method = S("spf");
    row.domain = v->spf.domain;
    row.result = auth_word(v->spf.result);
    row.reason = v->spf.problem.n ? v->spf.problem : v->spf.mechanism;
    row.aligned = v->dmarc.spf_aligned;
    row.records_age = v->spf_age;
    groups_put_auth(a->groups, j, &row);
    row = plain;
    row.method = S("dkim");
    row.records_age = v->dkim_age;
    put_signatures(a, j, row, v->dkim, v->ndkim, &v->dmarc.aligned);
    row.method = S("x-google-dkim");
    row.records_age = 0;
    put_signatures(a, j, row, v->google, v->ngoogle, NULL);
    row = plain;
    row.method = S("dmarc");
    row.records_age = v->dmarc_age;
    row.domain = v->dmarc.domain;
    row.result = auth_word(v->dmarc.result);
    row.reason = v->dmarc.reason;
    row.aligned = v->dmarc.spf_aligned || v->dmarc.dkim_aligned;
    groups_put_auth(a->groups, j, &row);
    if (v->arc.result == AUTH_NONE)
        return;
    row = plain;
    row.method = S("arc");
    row.records_age = v->arc_age;
    row.domain = v->arc.nsets ? v->arc.sets[v->arc.nsets - 1].domain : S("");
    row.selector = v->arc.nsets ? v->arc.sets[v->arc.nsets - 1].selector : S("");
    row.result = auth_word(v->arc.result);
    row.reason = v->arc.reason;
    groups_put_auth(a->groups, j, &row);
}

/* Of a message's findings, what speaks of its authentication and is more than a remark; differences to what
 * was recorded are more.  Hops have findings of their own (analyze/findings.c). */
static void
put_findings(struct arena *arena, struct assembled *as, const struct message *m, const struct auth_verdict *v)
{
    struct auth_finding *found;
    size_t n = auth_findings(arena, m, v, &found);
    for (size_t i = 0; i < n; i++) {
        str code = str_from(found[i].code);
        bool remark = strcmp(found[i].severity, "note") == 0 && !str_ends(code, S("_differs")) &&
                      !str_starts(code, S("arc_")) && !str_eq(code, S("list_footer"));
        if (found[i].stage != STAGE_AUTHENTICATION || remark)
            continue;
        struct finding f = { .stage = STAGE_AUTHENTICATION,
                             .severity = found[i].severity,
                             .code = found[i].code,
                             .detail = found[i].text };
        ARENA_PUSH(arena, as->findings, as->nfindings, as->findings_room) = f;
    }
}

static void
put_computed(struct analyze_auth *a, struct arena *arena, struct assembled *as, const struct group_message *m)
{
    const struct journey *j = &as->journey;
    struct auth_context context = { .received_at = WHEN_NONE, .hop = SIZE_MAX };
    struct auth_verdict v = { 0 };
    auth_context_from_message(arena, m->message, &context);
    context.in_mailbox = true;
    if (m->border_hop >= 0) { /* logs know better than headers who brought it in */
        const struct hop *h = &as->hops[m->border_hop];
        context.client_ip = h->client_ip;
        if (h->client_helo.n)
            context.helo = h->client_helo;
        if (h->arrived_at != WHEN_NONE)
            context.received_at = h->arrived_at;
    }
    auth_check(arena, m->message, &context, a->dns, &a->policy, &v);
    put_verdict(a, j, m, &v, context.received_at);
    put_findings(arena, as, m->message, &v);
}

void
analyze_auth(struct analyze_auth *a, struct arena *arena, struct assembled *as, const struct group_message *m)
{
    auth_trust(arena, m->message, &a->policy);
    put_recorded(a, &as->journey, m);
    put_computed(a, arena, as, m);
}
