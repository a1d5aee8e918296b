/* Validation of ARC chains (RFC 8617 section 5.2).
 *
 * The result is the RFC's, which stops at the first thing that is wrong; what
 * the other sets come to is found out all the same, for it tells who changed a
 * message.  Message signatures are verified as DKIM's are, repairs of stored
 * messages included (dkim.c); seals here. */
#include "arc.h"

#include "dkim_internal.h"
#include "idn.h"

/* i= of a set: 1 to 50; 0 for anything else. */
static int
read_instance(str text)
{
    struct str_number n = str_cut_number(text, 2);
    return n.ok && n.rest.n == 0 && n.value >= 1 && n.value <= ARC_MAX_SETS ? (int)n.value : 0;
}

/* "i=1;" before the results (section 4.1.1). */
static int
instance_of_results(str value)
{
    struct str_cut c = str_cut(value, ';'), equals = str_cut(c.head, '=');
    if (!c.found || !equals.found || !str_ieq(str_trim(equals.head), S("i")))
        return 0;
    return read_instance(str_trim(str_cut(equals.tail, '(').head)); /* a comment may follow */
}

static int
instance_of_tags(str value)
{
    struct taglist *tags = &(struct taglist){ 0 };
    taglist_parse(tags, value);
    return read_instance(taglist_get(tags, "i", NULL));
}

static const struct {
    const char *name;
    int (*instance)(str value);
} fields[] = {
    { "ARC-Authentication-Results", instance_of_results },
    { "ARC-Message-Signature", instance_of_tags },
    { "ARC-Seal", instance_of_tags },
};

static size_t *
place_of(struct arc_set *set, size_t field)
{
    return field == 0 ? &set->results : field == 1 ? &set->signature : &set->seal;
}

/* Notes the first breach. */
static void
object(struct arc_result *r, int instance, str reason)
{
    if (r->reason.n)
        return;
    r->result = AUTH_FAIL;
    r->failed_instance = instance;
    r->reason = reason;
}

static void
take_field(struct dkim *d, struct arc_set *sets, size_t header, size_t f, struct arc_result *r)
{
    int instance = fields[f].instance(d->message->headers[header].value);
    size_t *place = place_of(&sets[instance], f);
    if (instance == 0)
        object(r, 0,
               arena_printf(d->arena, "an %s has no instance from 1 to %d (RFC 8617 section 4.2.1)",
                            fields[f].name, ARC_MAX_SETS));
    else if (*place != SIZE_MAX)
        object(
            r, instance,
            arena_printf(d->arena, "%s %d is there twice (RFC 8617 section 5.2)", fields[f].name, instance));
    else
        *place = header;
    if (instance > r->instances)
        r->instances = instance;
}

/* Sorts the fields into sets[1..50]; the number of ARC fields. */
static size_t
collect(struct dkim *d, struct arc_set *sets, struct arc_result *r)
{
    const struct message *m = d->message;
    size_t seen = 0;
    for (int i = 0; i <= ARC_MAX_SETS; i++)
        sets[i] = (struct arc_set){ .instance = i,
                                    .results = SIZE_MAX,
                                    .signature = SIZE_MAX,
                                    .seal = SIZE_MAX,
                                    .sealed_at = WHEN_NONE };
    for (size_t h = 0; h < m->nheaders; h++)
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            if (!str_ieq(m->headers[h].name, str_from(fields[f].name)))
                continue;
            if (++seen > ARC_MAX_FIELDS) {
                object(r, 0, S("too many ARC fields"));
                return seen;
            }
            take_field(d, sets, h, f, r);
        }
    return seen;
}

/* Sets without gaps, each of three fields. */
static void
check_structure(struct dkim *d, struct arc_set *sets, struct arc_result *r)
{
    for (int i = 1; i <= r->instances; i++)
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++)
            if (*place_of(&sets[i], f) == SIZE_MAX)
                object(r, i,
                       arena_printf(d->arena, "%s %d is missing (RFC 8617 section 5.2)", fields[f].name, i));
}

/* A seal, read. */
struct seal {
    struct taglist tags;
    enum signature_method method;
    str bytes;
};

static const char *
read_seal(struct dkim *d, struct arc_set *set, struct seal *s)
{
    static const char *const needed[] = { "a", "b", "d", "s" };
    bool there;
    str value = d->message->headers[set->seal].value, field = dkim_field(d->message, set->seal), name;
    if (value.n > ARC_MAX_FIELD)
        return "the seal is too long";
    taglist_parse(&s->tags, str_cut(field, ':').tail);
    set->domain = taglist_get(&s->tags, "d", NULL);
    set->selector = taglist_get(&s->tags, "s", NULL);
    set->algorithm = taglist_get(&s->tags, "a", NULL);
    set->cv = taglist_get(&s->tags, "cv", NULL);
    str t = taglist_get(&s->tags, "t", &there);
    uint64_t seconds = 0;
    bool time_good = !there || (str_digits(t) && t.n <= 12 && str_to_u64(t, &seconds));
    if (there && time_good)
        set->sealed_at = (when)seconds * WHEN_SECOND;
    if (s->tags.problem || s->tags.duplicate)
        return "the seal is no list of tags (RFC 6376 section 3.2)";
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (taglist_get(&s->tags, needed[i], NULL).n == 0)
            return "the seal lacks a tag that must be there (RFC 8617 section 4.1.3)";
    taglist_get(&s->tags, "h", &there);
    if (there)
        return "the seal has h=, which it must not (RFC 8617 section 4.1.3)";
    if (!time_good)
        return "the seal's t= is no number";
    if (!dns_name(d->arena, idn_ascii(d->arena, set->domain), &name))
        return "the seal's d= is no domain";
    if (str_ieq(set->algorithm, S("ed25519-sha256")))
        s->method = SIGNATURE_ED25519_SHA256;
    else if (str_ieq(set->algorithm, S("rsa-sha256")))
        s->method = SIGNATURE_RSA_SHA256;
    else
        return "the seal's a= is not rsa-sha256 or ed25519-sha256";
    if (!dkim_base64(d->arena, taglist_get(&s->tags, "b", NULL), &s->bytes))
        return "the seal's b= is not base64";
    return NULL;
}

/* All sets up to this one, in order, this one's seal last and without its b= (section 5.1.1). */
static void
sealed_bytes(struct dkim *d, const struct arc_set *sets, const struct arc_set *set, const struct seal *s,
             bool crlf, struct buf *out)
{
    for (int i = 1; i <= set->instance; i++) {
        const size_t order[] = { sets[i].results, sets[i].signature, sets[i].seal };
        for (size_t f = 0; f < 3; f++) {
            str field = dkim_field(d->message, order[f]);
            if (order[f] == set->seal)
                field = dkim_without_b(d->arena, &s->tags, field);
            dkim_canon_header(out, field, true, crlf);
        }
    }
    out->n -= 2;
    d->work += out->n;
}

static void
judge_seal(struct dkim *d, const struct arc_set *sets, struct arc_set *set, const struct seal *s)
{
    struct dkim_key key;
    bool rsa = s->method != SIGNATURE_ED25519_SHA256, good = false;
    dkim_key_fetch(d->arena, d->dns, set->selector, set->domain, rsa, &key);
    set->seal_result = key.error;
    set->seal_reason = key.reason;
    if (key.error != AUTH_PASS)
        return;
    const struct public_key *public = rsa ? public_key_rsa(key.bytes) : public_key_ed25519(key.bytes);
    set->seal_bits = public->bits;
    set->seal_result = AUTH_FAIL;
    if (public->problem) {
        set->seal_reason = str_from(public->problem);
        return;
    }
    for (int crlf = 0; crlf < 2 && !good && !dkim_worked_too_hard(d); crlf++) {
        struct buf bytes = { 0 };
        if (!d->relevant[crlf ? REPAIR_CRLF : 0])
            continue;
        sealed_bytes(d, sets, set, s, crlf, &bytes);
        good = signature_verify(public, s->method, buf_str(&bytes), s->bytes);
        buf_free(&bytes);
    }
    if (!good)
        set->seal_reason = S("the seal does not match the sets that it seals");
    else if (!key.sha256)
        set->seal_reason = S("the key does not allow the hash of a= (RFC 6376 section 6.1.2)");
    else if (rsa && public->bits < d->policy->min_rsa_bits)
        set->seal_reason =
            arena_printf(d->arena, "it verifies, but a key of %d bits must not count (RFC 8301 section 3.2)",
                         public->bits);
    else
        set->seal_result = AUTH_PASS;
}

static void
check_set(struct dkim *d, const struct arc_set *sets, struct arc_set *set)
{
    struct seal *s = ARENA_NEW(d->arena, struct seal);
    const char *problem = read_seal(d, set, s);
    set->checked = true;
    if (problem) {
        set->seal_result = AUTH_PERMERROR;
        set->seal_reason = str_from(problem);
    } else {
        judge_seal(d, sets, set, s);
    }
    dkim_check_field(d, set->signature, DKIM_OF_ARC, &set->message);
}

/* What the sealers found, as message_parse read it. */
static void
take_recorded(const struct message *m, struct arc_set *sets, int n)
{
    for (size_t i = 0; i < m->nrecorded; i++)
        for (int k = 1; k <= n; k++)
            if (m->recorded[i].raw_index == sets[k].results)
                sets[k].recorded = &m->recorded[i];
}

static bool
is_open(enum auth_word result)
{
    return result == AUTH_TEMPERROR || result == AUTH_UNKNOWN;
}

/* What each set's cv= must be (section 5.2, step 3). */
static void
check_statuses(struct dkim *d, const struct arc_set *sets, struct arc_result *r)
{
    for (int i = 1; i <= r->instances; i++)
        if (!str_ieq(sets[i].cv, i == 1 ? S("none") : S("pass")))
            object(r, i,
                   arena_printf(d->arena, "the seal %d says cv=%.*s, not %s (RFC 8617 section 5.2)", i,
                                PRSTR(str_head(sets[i].cv, 40)), i == 1 ? "none" : "pass"));
}

/* Steps 4 and 6: the newest message signature, then all seals from the newest. */
static void
check_signatures(struct dkim *d, const struct arc_set *sets, struct arc_result *r)
{
    const struct arc_set *newest = &sets[r->instances];
    if (newest->message.result != AUTH_PASS &&
        (!is_open(newest->message.result) || newest->message.body == DKIM_BODY_CHANGED))
        object(r, r->instances,
               arena_printf(d->arena, "message signature %d of %.*s: %.*s", r->instances,
                            PRSTR(newest->message.domain),
                            PRSTR(is_open(newest->message.result) ? S("the body hash does not match")
                                                                  : newest->message.reason)));
    for (int i = r->instances; i > 0; i--)
        if (sets[i].seal_result != AUTH_PASS && !is_open(sets[i].seal_result))
            object(r, i,
                   arena_printf(d->arena, "seal %d of %.*s: %.*s", i, PRSTR(sets[i].domain),
                                PRSTR(sets[i].seal_reason)));
}

/* Where only the DNS stands in the way of a verdict. */
static void
check_open(const struct arc_set *sets, struct arc_result *r)
{
    enum auth_word open = AUTH_PASS;
    for (int i = r->instances; i > 0; i--) {
        enum auth_word message = i == r->instances ? sets[i].message.result : AUTH_PASS;
        enum auth_word word = is_open(message) ? message : sets[i].seal_result;
        if (!is_open(word) || open == AUTH_UNKNOWN)
            continue;
        open = word;
        r->failed_instance = i;
        r->reason = is_open(message) ? sets[i].message.reason : sets[i].seal_reason;
    }
    r->result = open;
}

/* Step 5: 0 where all message signatures hold, else the set above the newest that does not. */
static int
oldest_pass(const struct arc_set *sets, int instances)
{
    for (int i = instances; i > 0; i--)
        if (sets[i].message.result != AUTH_PASS)
            return i == instances ? 0 : i + 1;
    return 0;
}

static void
check_chain(struct dkim *d, struct arc_result *r)
{
    *r = (struct arc_result){ .result = AUTH_NONE };
    struct arc_set *sets = ARENA_ARRAY(d->arena, struct arc_set, ARC_MAX_SETS + 1);
    if (collect(d, sets, r) == 0)
        return;
    r->sets = sets + 1;
    r->nsets = (size_t)r->instances;
    take_recorded(d->message, sets, r->instances);
    check_structure(d, sets, r);
    if (r->reason.n) { /* no whole chain: nothing to verify, but its seals are shown */
        for (int i = 1; i <= r->instances; i++)
            if (sets[i].seal != SIZE_MAX)
                read_seal(d, &sets[i], ARENA_NEW(d->arena, struct seal));
        return;
    }
    for (int i = 1; i <= r->instances; i++)
        check_set(d, sets, &sets[i]);
    if (str_ieq(sets[r->instances].cv, S("fail")))
        object(r, r->instances,
               arena_printf(d->arena, "%.*s found the chain broken when it sealed it (cv=fail, set %d)",
                            PRSTR(sets[r->instances].domain), r->instances));
    check_statuses(d, sets, r);
    check_signatures(d, sets, r);
    if (r->reason.n == 0)
        check_open(sets, r);
    if (r->result == AUTH_PASS)
        r->oldest_pass = oldest_pass(sets, r->instances);
}

void
arc_check(struct dkim *d, struct arc_result *r)
{
    struct arc_result again;
    check_chain(d, r);
    struct dkim *mended = r->result == AUTH_FAIL ? dkim_mended(d) : NULL;
    if (mended == NULL)
        return;
    check_chain(mended, &again);
    if (again.result == AUTH_PASS)
        *r = again;
}
