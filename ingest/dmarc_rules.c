/* Which element may stand where in an aggregate report, and what it fills. */
#include "dmarc_rules.h"

#define REPORT(f) offsetof(struct dmarc_report, f)
#define RECORD(f) offsetof(struct dmarc_record, f)
#define REASON(f) offsetof(struct dmarc_reason, f)
#define AUTH(f)   offsetof(struct dmarc_auth, f)
#define BESIDE(type, raw, word) \
    (ptrdiff_t) offsetof(struct type, word) - (ptrdiff_t)offsetof(struct type, raw)

static const struct rule rules[] = {
    { C_DOCUMENT, S("feedback"), .opens = C_FEEDBACK },

    { C_FEEDBACK, S("record"), .opens = C_RECORD },
    { C_FEEDBACK, S("feedback"), .opens = C_FEEDBACK }, /* the next one, or once more */
    { C_FEEDBACK, S("report_metadata"), .opens = C_METADATA },
    { C_FEEDBACK, S("policy_published"), .opens = C_POLICY },
    { C_FEEDBACK, S("extension"), .opens = C_FOREIGN },
    { C_FEEDBACK, S("version"), .value = V_TEXT, .slot = REPORT(version) },
    { C_FEEDBACK, S("row"),
      .opens = C_ROW }, /* of a record that has no element of its own, as its other parts */
    { C_FEEDBACK, S("identifiers"), .opens = C_IDENTIFIERS },
    { C_FEEDBACK, S("auth_results"), .opens = C_AUTH },

    { C_METADATA, S("org_name"), .value = V_TEXT, .slot = REPORT(org_name) },
    { C_METADATA, S("email"), .value = V_TEXT, .slot = REPORT(email) },
    { C_METADATA, S("extra_contact_info"), .value = V_TEXT, .slot = REPORT(extra_contact_info) },
    { C_METADATA, S("report_id"), .value = V_TEXT, .slot = REPORT(report_id) },
    { C_METADATA, S("error"), .value = V_LIST, .slot = REPORT(error) },
    { C_METADATA, S("generator"), .value = V_TEXT, .slot = REPORT(generator) },
    { C_METADATA, S("date_range"), .opens = C_RANGE },
    { C_METADATA, S("begin"), .value = V_TIME, .slot = 0 },
    { C_METADATA, S("end"), .value = V_TIME, .slot = 1 },
    { C_RANGE, S("begin"), .value = V_TIME, .slot = 0 },
    { C_RANGE, S("end"), .value = V_TIME, .slot = 1 },

    { C_POLICY, S("domain"), .value = V_DOMAIN, .slot = REPORT(domain) },
    { C_POLICY, S("p"), .value = V_WORD, .slot = REPORT(p), .vocabulary = DMARC_POLICY },
    { C_POLICY, S("sp"), .value = V_WORD, .slot = REPORT(sp), .vocabulary = DMARC_POLICY },
    { C_POLICY, S("np"), .value = V_WORD, .slot = REPORT(np), .vocabulary = DMARC_POLICY },
    { C_POLICY, S("adkim"), .value = V_WORD, .slot = REPORT(adkim), .vocabulary = DMARC_ALIGNMENT },
    { C_POLICY, S("aspf"), .value = V_WORD, .slot = REPORT(aspf), .vocabulary = DMARC_ALIGNMENT },
    { C_POLICY, S("fo"), .value = V_TEXT, .slot = REPORT(fo) },
    { C_POLICY, S("pct"), .value = V_PERCENT },
    { C_POLICY, S("testing"), .value = V_WORD, .slot = REPORT(testing), .vocabulary = DMARC_YES_NO },
    { C_POLICY, S("t"), .value = V_WORD, .slot = REPORT(testing), .vocabulary = DMARC_YES_NO },
    { C_POLICY, S("discovery_method"), .value = V_WORD, .slot = REPORT(discovery_method),
      .vocabulary = DMARC_DISCOVERY },

    { C_RECORD, S("row"), .opens = C_ROW },
    { C_RECORD, S("identifiers"), .opens = C_IDENTIFIERS },
    { C_RECORD, S("identities"), .opens = C_IDENTIFIERS }, /* as some write */
    { C_RECORD, S("auth_results"), .opens = C_AUTH },
    { C_RECORD, S("policy_evaluated"), .opens = C_EVALUATED },
    { C_RECORD, S("source_ip"), .value = V_ADDRESS, .slot = RECORD(raw_source_ip) }, /* where no row is */
    { C_RECORD, S("count"), .value = V_NUMBER },
    { C_RECORD, S("rows"), .opens = C_ROW },

    { C_ROW, S("source_ip"), .value = V_ADDRESS, .slot = RECORD(raw_source_ip) },
    { C_ROW, S("count"), .value = V_NUMBER },
    { C_ROW, S("policy_evaluated"), .opens = C_EVALUATED },

    { C_EVALUATED, S("disposition"), .value = V_SAID, .slot = RECORD(raw_disposition),
      .vocabulary = DMARC_DISPOSITION, .word = BESIDE(dmarc_record, raw_disposition, disposition) },
    { C_EVALUATED, S("dkim"), .value = V_SAID, .slot = RECORD(raw_dkim), .vocabulary = DMARC_EVALUATED,
      .word = BESIDE(dmarc_record, raw_dkim, dkim) },
    { C_EVALUATED, S("spf"), .value = V_SAID, .slot = RECORD(raw_spf), .vocabulary = DMARC_EVALUATED,
      .word = BESIDE(dmarc_record, raw_spf, spf) },
    { C_EVALUATED, S("reason"), .opens = C_REASON },
    { C_REASON, S("type"), .value = V_WORD, .slot = REASON(type), .vocabulary = DMARC_REASON },
    { C_REASON, S("comment"), .value = V_TEXT, .slot = REASON(comment) },

    { C_IDENTIFIERS, S("header_from"), .value = V_DOMAIN, .slot = RECORD(header_from) },
    { C_IDENTIFIERS, S("envelope_from"), .value = V_DOMAIN, .slot = RECORD(envelope_from) },
    { C_IDENTIFIERS, S("envelope_to"), .value = V_DOMAIN, .slot = RECORD(envelope_to) },

    { C_AUTH, S("dkim"), .opens = C_DKIM },
    { C_AUTH, S("spf"), .opens = C_SPF },
    { C_DKIM, S("domain"), .value = V_DOMAIN, .slot = AUTH(domain) },
    { C_DKIM, S("selector"), .value = V_TEXT, .slot = AUTH(selector) },
    { C_DKIM, S("result"), .value = V_SAID, .slot = AUTH(raw_result), .vocabulary = DMARC_DKIM_RESULT,
      .word = BESIDE(dmarc_auth, raw_result, result) },
    { C_DKIM, S("human_result"), .value = V_TEXT, .slot = AUTH(human_result) },
    { C_SPF, S("domain"), .value = V_DOMAIN, .slot = AUTH(domain) },
    { C_SPF, S("scope"), .value = V_WORD, .slot = AUTH(scope), .vocabulary = DMARC_SCOPE },
    { C_SPF, S("result"), .value = V_SAID, .slot = AUTH(raw_result), .vocabulary = DMARC_SPF_RESULT,
      .word = BESIDE(dmarc_auth, raw_result, result) },
    { C_SPF, S("human_result"), .value = V_TEXT, .slot = AUTH(human_result) },
};

enum { NRULES = sizeof rules / sizeof *rules };

/* The context around each; C_SKIP ends the way up. */
static const enum context around[] = {
    [C_DOCUMENT] = C_SKIP,    [C_FEEDBACK] = C_SKIP,      [C_METADATA] = C_FEEDBACK, [C_RANGE] = C_METADATA,
    [C_POLICY] = C_FEEDBACK,  [C_RECORD] = C_FEEDBACK,    [C_ROW] = C_RECORD,        [C_EVALUATED] = C_ROW,
    [C_REASON] = C_EVALUATED, [C_IDENTIFIERS] = C_RECORD, [C_AUTH] = C_RECORD,       [C_DKIM] = C_AUTH,
    [C_SPF] = C_AUTH,         [C_FOREIGN] = C_SKIP,       [C_SKIP] = C_SKIP,
};

/* A context's own rules stand together: the first of them, or the end of all. */
static const struct rule *
first_of(enum context in)
{
    static size_t first[C_SKIP + 1]; /* 1 + index of the first rule; found at the first look */
    if (first[C_DOCUMENT] == 0)
        for (size_t i = NRULES; i-- > 0;)
            first[rules[i].in] = i + 1;
    return rules + (first[in] ? first[in] - 1 : NRULES);
}

static const struct rule *
find(enum context in, str local, bool only_parts)
{
    for (const struct rule *r = first_of(in); r < rules + NRULES && r->in == in; r++)
        if ((str_eq(local, r->name) || str_ieq(local, r->name)) && (r->opens || !only_parts))
            return r;
    return NULL;
}

const struct rule *
dmarc_rule(enum context in, str local)
{
    for (enum context c = in; c != C_SKIP; c = around[c]) {
        /* values of the root are its children only */
        const struct rule *r = find(c, local, c != in && c == C_FEEDBACK);
        if (r)
            return r;
    }
    return NULL;
}

const struct rule *
dmarc_value_rule(enum context in, str local)
{
    const struct rule *r = find(in, local, false);
    return r && !r->opens ? r : NULL;
}

/* But for two letters the same, or for a blank or dash: "sourceIp", "identifers". */
static bool
is_slip(str said, str name)
{
    size_t n = said.n < name.n ? said.n : name.n, more = said.n > name.n ? said.n : name.n, head = 0,
           tail = 0;
    while (head < n && str_lower_char(said.p[head]) == name.p[head])
        head++;
    while (tail < n - head && str_lower_char(said.p[said.n - 1 - tail]) == name.p[name.n - 1 - tail])
        tail++;
    return more - head - tail <= 2;
}

const struct rule *
dmarc_misspelt_rule(enum context in, str local)
{
    enum { LEAST = 5 };
    for (const struct rule *r = first_of(in); r < rules + NRULES && r->in == in && local.n >= LEAST; r++)
        if (r->name.n >= LEAST && is_slip(local, r->name))
            return r;
    return NULL;
}
