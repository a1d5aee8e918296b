/* Which element may stand where in an aggregate report, and what it fills. */
#include "dmarc_rules.h"

#define REPORT(f) offsetof(struct dmarc_report, f)
#define RECORD(f) offsetof(struct dmarc_record, f)
#define REASON(f) offsetof(struct dmarc_reason, f)
#define AUTH(f)   offsetof(struct dmarc_auth, f)
#define BESIDE(type, raw, word) \
    (ptrdiff_t) offsetof(struct type, word) - (ptrdiff_t)offsetof(struct type, raw)

static const struct rule rules[] = {
    { C_DOCUMENT, "feedback", .opens = C_FEEDBACK },

    { C_FEEDBACK, "record", .opens = C_RECORD },
    { C_FEEDBACK, "report_metadata", .opens = C_METADATA },
    { C_FEEDBACK, "policy_published", .opens = C_POLICY },
    { C_FEEDBACK, "extension", .opens = C_FOREIGN },
    { C_FEEDBACK, "version", .value = V_TEXT, .slot = REPORT(version) },

    { C_METADATA, "org_name", .value = V_TEXT, .slot = REPORT(org_name) },
    { C_METADATA, "email", .value = V_TEXT, .slot = REPORT(email) },
    { C_METADATA, "extra_contact_info", .value = V_TEXT, .slot = REPORT(extra_contact_info) },
    { C_METADATA, "report_id", .value = V_TEXT, .slot = REPORT(report_id) },
    { C_METADATA, "error", .value = V_LIST, .slot = REPORT(error) },
    { C_METADATA, "generator", .value = V_TEXT, .slot = REPORT(generator) },
    { C_METADATA, "date_range", .opens = C_RANGE },
    { C_METADATA, "begin", .value = V_TIME, .slot = 0 },
    { C_METADATA, "end", .value = V_TIME, .slot = 1 },
    { C_RANGE, "begin", .value = V_TIME, .slot = 0 },
    { C_RANGE, "end", .value = V_TIME, .slot = 1 },

    { C_POLICY, "domain", .value = V_DOMAIN, .slot = REPORT(domain) },
    { C_POLICY, "p", .value = V_WORD, .slot = REPORT(p), .vocabulary = DMARC_POLICY },
    { C_POLICY, "sp", .value = V_WORD, .slot = REPORT(sp), .vocabulary = DMARC_POLICY },
    { C_POLICY, "np", .value = V_WORD, .slot = REPORT(np), .vocabulary = DMARC_POLICY },
    { C_POLICY, "adkim", .value = V_WORD, .slot = REPORT(adkim), .vocabulary = DMARC_ALIGNMENT },
    { C_POLICY, "aspf", .value = V_WORD, .slot = REPORT(aspf), .vocabulary = DMARC_ALIGNMENT },
    { C_POLICY, "fo", .value = V_TEXT, .slot = REPORT(fo) },
    { C_POLICY, "pct", .value = V_PERCENT },
    { C_POLICY, "testing", .value = V_WORD, .slot = REPORT(testing), .vocabulary = DMARC_YES_NO },
    { C_POLICY, "t", .value = V_WORD, .slot = REPORT(testing), .vocabulary = DMARC_YES_NO },
    { C_POLICY, "discovery_method", .value = V_WORD, .slot = REPORT(discovery_method),
      .vocabulary = DMARC_DISCOVERY },

    { C_RECORD, "row", .opens = C_ROW },
    { C_RECORD, "identifiers", .opens = C_IDENTIFIERS },
    { C_RECORD, "identities", .opens = C_IDENTIFIERS }, /* as some write */
    { C_RECORD, "auth_results", .opens = C_AUTH },
    { C_RECORD, "policy_evaluated", .opens = C_EVALUATED },

    { C_ROW, "source_ip", .value = V_ADDRESS, .slot = RECORD(raw_source_ip) },
    { C_ROW, "count", .value = V_NUMBER },
    { C_ROW, "policy_evaluated", .opens = C_EVALUATED },

    { C_EVALUATED, "disposition", .value = V_SAID, .slot = RECORD(raw_disposition),
      .vocabulary = DMARC_DISPOSITION, .word = BESIDE(dmarc_record, raw_disposition, disposition) },
    { C_EVALUATED, "dkim", .value = V_SAID, .slot = RECORD(raw_dkim), .vocabulary = DMARC_EVALUATED,
      .word = BESIDE(dmarc_record, raw_dkim, dkim) },
    { C_EVALUATED, "spf", .value = V_SAID, .slot = RECORD(raw_spf), .vocabulary = DMARC_EVALUATED,
      .word = BESIDE(dmarc_record, raw_spf, spf) },
    { C_EVALUATED, "reason", .opens = C_REASON },
    { C_REASON, "type", .value = V_WORD, .slot = REASON(type), .vocabulary = DMARC_REASON },
    { C_REASON, "comment", .value = V_TEXT, .slot = REASON(comment) },

    { C_IDENTIFIERS, "header_from", .value = V_DOMAIN, .slot = RECORD(header_from) },
    { C_IDENTIFIERS, "envelope_from", .value = V_DOMAIN, .slot = RECORD(envelope_from) },
    { C_IDENTIFIERS, "envelope_to", .value = V_DOMAIN, .slot = RECORD(envelope_to) },

    { C_AUTH, "dkim", .opens = C_DKIM },
    { C_AUTH, "spf", .opens = C_SPF },
    { C_DKIM, "domain", .value = V_DOMAIN, .slot = AUTH(domain) },
    { C_DKIM, "selector", .value = V_TEXT, .slot = AUTH(selector) },
    { C_DKIM, "result", .value = V_SAID, .slot = AUTH(raw_result), .vocabulary = DMARC_DKIM_RESULT,
      .word = BESIDE(dmarc_auth, raw_result, result) },
    { C_DKIM, "human_result", .value = V_TEXT, .slot = AUTH(human_result) },
    { C_SPF, "domain", .value = V_DOMAIN, .slot = AUTH(domain) },
    { C_SPF, "scope", .value = V_WORD, .slot = AUTH(scope), .vocabulary = DMARC_SCOPE },
    { C_SPF, "result", .value = V_SAID, .slot = AUTH(raw_result), .vocabulary = DMARC_SPF_RESULT,
      .word = BESIDE(dmarc_auth, raw_result, result) },
    { C_SPF, "human_result", .value = V_TEXT, .slot = AUTH(human_result) },
};

/* The context around each; C_SKIP ends the way up. */
static const enum context around[] = {
    [C_DOCUMENT] = C_SKIP,    [C_FEEDBACK] = C_SKIP,      [C_METADATA] = C_FEEDBACK, [C_RANGE] = C_METADATA,
    [C_POLICY] = C_FEEDBACK,  [C_RECORD] = C_FEEDBACK,    [C_ROW] = C_RECORD,        [C_EVALUATED] = C_ROW,
    [C_REASON] = C_EVALUATED, [C_IDENTIFIERS] = C_RECORD, [C_AUTH] = C_RECORD,       [C_DKIM] = C_AUTH,
    [C_SPF] = C_AUTH,         [C_FOREIGN] = C_SKIP,       [C_SKIP] = C_SKIP,
};

const struct rule *
dmarc_rule(enum context in, str local)
{
    for (enum context c = in; c != C_SKIP; c = around[c]) {
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
            const struct rule *r = &rules[i];
            bool inner = c != in && c == C_FEEDBACK && !r->opens; /* values of the root are its children */
            if (r->in == c && !inner && str_ieq(local, str_from(r->name)))
                return r;
        }
    }
    return NULL;
}
