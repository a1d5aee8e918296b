/* The SAX handler of DMARC aggregate reports.
 *
 * A table says which element may stand where and what its text fills.  It is
 * forgiving: an element that its context does not know is looked up in the
 * contexts around it (a missing end tag then costs nothing), and what no
 * context knows is skipped, or kept where RFC 9990 foresees extensions.
 * Reading values is dmarc_value.c's business, handing out dmarc_emit.c's. */
#include "dmarc_xml.h"

#include <stdio.h>
#include <stdlib.h>

#include "dmarc_rules.h"

void
dmarc_problem(struct dmarc_xml *p, const char *what)
{
    enum { PROBLEMS_MAX = 1000 };
    str so_far = buf_str(&p->problems);
    if (so_far.n > PROBLEMS_MAX || str_has(so_far, str_from(what)))
        return;
    if (so_far.n)
        buf_put(&p->problems, "; ", 2);
    buf_add(&p->problems, str_from(what));
}

static struct element *
top(struct dmarc_xml *p)
{
    return &p->stack[p->depth - 1];
}

/* Rejects the element that ends here; its bytes no longer count as the record's or head's. */
static void
reject_value(struct dmarc_xml *p, const struct element *e, str excerpt, const char *why, str what)
{
    dmarc_reject(p, e->line, e->offset, xml_place(p->xml).end, excerpt, "%s %.*s", why, PRSTR(what));
}

static str *
slot_of(struct dmarc_xml *p, const struct rule *r)
{
    void *base = &p->report;
    if (r->in == C_ROW || r->in == C_EVALUATED || r->in == C_IDENTIFIERS || r->in == C_RECORD)
        base = &p->record;
    else if (r->in == C_REASON)
        base = &p->reason;
    else if (r->in == C_DKIM || r->in == C_SPF)
        base = &p->auth;
    return (str *)(void *)((char *)base + r->slot);
}

static struct arena *
arena_of(struct dmarc_xml *p, const struct rule *r)
{
    return r->in == C_FEEDBACK || r->in == C_METADATA || r->in == C_RANGE || r->in == C_POLICY ? &p->head
                                                                                               : &p->rows;
}

/* The policy's words have no raw text beside them, so unknown ones stay as written. */
static str
word_or_raw(struct dmarc_xml *p, const struct rule *r, str text, struct arena *a)
{
    char what[64];
    str word = dmarc_word(r->vocabulary, text);
    if (word.n)
        return word;
    snprintf(what, sizeof what, "unknown %.*s", PRSTR(r->name));
    dmarc_problem(p, what);
    return arena_copy(a, text);
}

static void
set_time(struct dmarc_xml *p, const struct rule *r, const struct element *e, str text)
{
    when *to = r->slot == 0 ? &p->report.begin_at : &p->report.end_at;
    when at;
    if (!dmarc_time(text, &at))
        reject_value(p, e, text, "no date in", r->name);
    else if (*to == WHEN_NONE)
        *to = at;
    else if (*to != at)
        reject_value(p, e, text, "a second", r->name);
}

static void
set_number(struct dmarc_xml *p, const struct rule *r, const struct element *e, str text)
{
    int64_t n;
    bool good = dmarc_count(text, &n);
    if (r->value == V_PERCENT) {
        if (good && n <= 100)
            p->report.pct = (int)n;
        else
            reject_value(p, e, text, "no percentage in", r->name);
    } else if (p->count_said) {
        if (!good || n != p->record.count)
            reject_value(p, e, text, "a second", r->name);
    } else if (good) {
        p->record.count = n;
        p->count_said = true;
    } else if (p->bad_count.n == 0) {
        p->bad_count = arena_copy(&p->rows, text);
    }
}

/* The value is there already: again the same is fine, errors may be several, else it is one too many. */
static void
set_again(struct dmarc_xml *p, const struct rule *r, const struct element *e, str text, str *slot)
{
    bool same =
        str_ieq(*slot, text) || (r->value == V_WORD && str_eq(*slot, dmarc_word(r->vocabulary, text)));
    if (r->value == V_LIST && slot->n + text.n < DMARC_MAX_VALUE)
        *slot = arena_join(&p->head, *slot, S("; "), text);
    else if (!same)
        reject_value(p, e, text, "a second", r->name);
}

static void
set_text(struct dmarc_xml *p, const struct rule *r, const struct element *e, str text)
{
    struct arena *a = arena_of(p, r);
    str *slot = slot_of(p, r);
    if (slot->n > 0) {
        set_again(p, r, e, text, slot);
        return;
    }
    if (r->value == V_DOMAIN && !str_has(text, S("@")))
        *slot = arena_lower(a, text);
    else if (r->value == V_WORD)
        *slot = word_or_raw(p, r, text, a);
    else
        *slot = arena_copy(a, text);
    if (r->value == V_SAID) /* the normalised word lies beside the raw one */
        *(str *)(void *)((char *)slot + r->word) = dmarc_word(r->vocabulary, text);
    if (r->value == V_ADDRESS && !dmarc_address(a, text, &p->record.source_ip))
        reject_value(p, e, text, "no IP address in", r->name);
}

/* Where the remains of a broken end tag begin: with the name's first letter left ("abc</report&id>"), or without its "<"
 * ("abc/report_id>").  Markup that a value quotes is none. */
static size_t
broken_end(str text, str name)
{
    size_t tag = name.n + 2, longest = tag + 2, from = text.n > longest ? text.n - longest : 0;
    size_t at = str_find(str_skip(text, from), S("</"));
    if (at != STR_NONE && str_istarts(str_skip(text, from + at + 2), str_head(name, 1)))
        return from + at;
    bool headless = text.n >= tag && text.p[text.n - 1] == '>' && text.p[text.n - tag] == '/' &&
                    str_ieq(str_of(text.p + text.n - tag + 1, name.n), name);
    return headless ? text.n - tag : text.n;
}

/* Words and numbers hold no markup: what looks like it is what is left of a tag, or slipped in. */
static str
without_markup(str text)
{
    while (text.n > 0 && (text.p[0] == '<' || text.p[0] == '&'))
        text = str_skip(text, 1);
    text = str_cut(text, '<').head;
    while (text.n > 0 && text.p[text.n - 1] == '&')
        text.n--;
    return dmarc_trim(text);
}

/* Text of the element without blanks around it, and without the remains of a broken end tag. */
static str
value_of(struct dmarc_xml *p, const struct rule *r)
{
    str text = dmarc_trim(buf_str(&p->text));
    size_t n = broken_end(text, r->name);
    if (n < text.n)
        text = dmarc_trim(str_head(text, n));
    if ((xml_repairs(p->xml) & XML_STRAY) == 0)
        return text;
    bool bare = r->value == V_SAID || r->value == V_NUMBER || r->value == V_TIME || r->value == V_WORD;
    return bare ? without_markup(text) : text;
}

static void
end_value(struct dmarc_xml *p, const struct element *e)
{
    const struct rule *r = e->value;
    str text = value_of(p, r);
    if (r->in == C_IDENTIFIERS && r->slot == offsetof(struct dmarc_record, envelope_from))
        p->record.has_envelope_from = true;
    if (text.n == 0)
        return;
    if (r->value == V_TIME)
        set_time(p, r, e, text);
    else if (r->value == V_NUMBER || r->value == V_PERCENT)
        set_number(p, r, e, text);
    else
        set_text(p, r, e, text);
}

/* Puts the reason or result that was read to its record. */
static void
end_reason(struct dmarc_xml *p)
{
    if (p->reason_open && p->reason.type.n + p->reason.comment.n > 0)
        ARENA_PUSH(&p->rows, p->reasons, p->nreasons, p->reasons_room) = p->reason;
    p->reason_open = false;
    p->reason = (struct dmarc_reason){ 0 };
}

static void
end_auth(struct dmarc_xml *p)
{
    const struct dmarc_auth *a = &p->auth;
    if (p->auth_open && a->domain.n + a->selector.n + a->scope.n + a->raw_result.n + a->human_result.n > 0)
        ARENA_PUSH(&p->rows, p->auths, p->nauth, p->auths_room) = p->auth;
    p->auth_open = false;
    p->auth = (struct dmarc_auth){ 0 };
}

/* "<reason>sampled_out</reason>" (Rspamd), "<dkim>pass</dkim>": a text where parts should stand. */
static void
take_bare_text(struct dmarc_xml *p, const struct element *e)
{
    str text = str_trim(buf_str(&p->text));
    if (p->collecting != p->depth || text.n == 0)
        return;
    if (e->context == C_REASON) {
        p->reason.type = dmarc_word(DMARC_REASON, text);
        p->reason.comment = p->reason.type.n ? (str){ 0 } : arena_copy(&p->rows, text);
    } else if (e->context == C_DKIM || e->context == C_SPF) {
        p->auth.raw_result = arena_copy(&p->rows, text);
        p->auth.result = dmarc_word(e->context == C_DKIM ? DMARC_DKIM_RESULT : DMARC_SPF_RESULT, text);
    }
}

static void
end_part(struct dmarc_xml *p, const struct element *e)
{
    take_bare_text(p, e);
    switch (e->context) {
    case C_REASON: end_reason(p); break;
    case C_DKIM:
    case C_SPF: end_auth(p); break;
    case C_METADATA: p->metadata_closed = true; break;
    case C_POLICY: p->policy_closed = true; break;
    case C_FEEDBACK:
        if (p->depth == p->feedback_depth)
            p->feedback_closed = !xml_place(p->xml).implied;
        break;
    case C_RECORD: dmarc_record_end(p, xml_place(p->xml).end); break;
    default: break;
    }
}

/* Whether there may be one more of it; reports have one head and one policy. */
static const char *
refusal(const struct dmarc_xml *p, enum context context)
{
    bool second = (context == C_METADATA && p->metadata_seen) || (context == C_POLICY && p->policy_seen);
    bool many = (context == C_REASON && p->nreasons >= DMARC_MAX_REASONS) ||
                ((context == C_DKIM || context == C_SPF) && p->nauth >= DMARC_MAX_AUTH);
    return second ? "a second" : many ? "too many of" : NULL;
}

/* The next report of a document; the first may also be inside of two of them. */
static void
begin_feedback(struct dmarc_xml *p, const struct element *e)
{
    if (p->metadata_seen || p->policy_seen || p->seq > 0) {
        struct xml_place here = xml_place(p->xml);
        here.end = here.offset;
        here.implied = true;
        dmarc_report_end(p, here, e->offset, NULL);
    }
    p->feedback_seen = true;
    p->feedback_depth = p->depth;
}

/* Row, identifiers or results.  Where records have no elements of their own, the next one begins with a part that the
 * present one has already. */
static void
begin_record_part(struct dmarc_xml *p, const struct element *e)
{
    bool *seen = e->context == C_ROW           ? &p->row_seen
                 : e->context == C_IDENTIFIERS ? &p->identifiers_seen
                                               : &p->results_seen;
    if (!p->in_record || (p->bare && *seen && e->context != C_ROW)) {
        dmarc_record_begin(p, e);
        p->bare = true;
        dmarc_problem(p, "records without an element of their own");
    } else if (*seen && e->context == C_ROW) {
        dmarc_row_begin(p, e);
    }
    *seen = true;
}

static void
begin_part(struct dmarc_xml *p, struct element *e)
{
    e->refused = refusal(p, e->context);
    if (e->refused) {
        e->context = C_SKIP;
        return;
    }
    if (e->context == C_FEEDBACK)
        begin_feedback(p, e);
    if (e->context == C_ROW || e->context == C_IDENTIFIERS || e->context == C_AUTH)
        begin_record_part(p, e);
    p->metadata_seen |= e->context == C_METADATA;
    p->policy_seen |= e->context == C_POLICY;
    if (e->context == C_RECORD)
        dmarc_record_begin(p, e);
    if (e->context == C_REASON) {
        end_reason(p); /* the one before was not closed */
        p->reason_open = true;
    }
    if (e->context == C_DKIM || e->context == C_SPF) {
        end_auth(p);
        p->auth_open = true;
        p->auth.method = e->context == C_DKIM ? S("dkim") : S("spf");
    }
}

/* Some put all records into one element, or the report into a schema that they do not close. */
static bool
is_wrapper(str name)
{
    return str_ieq(name, S("records")) || str_ieq(name, S("schema"));
}

/* A record, or parts of one, inside of an element that is no place for it: unknown, a second one of its kind, or never
 * closed.  Those of extensions are not meant. */
static const struct rule *
slipped_rule(struct dmarc_xml *p, const struct element *parent, enum context in, str name)
{
    bool lost = in == C_SKIP || (in == C_FOREIGN && parent->lost), inside = p->in_record && !p->bare;
    if (inside && in == C_SKIP && (parent->within == C_ROW || parent->within == C_EVALUATED)) {
        const struct rule *known = dmarc_rule(parent->within, name); /* what was to end before it did not */
        bool own = known && (known->in == C_EVALUATED || known->in == C_ROW) && !known->opens;
        bool said = own && (known->value == V_NUMBER ? p->count_said : slot_of(p, known)->n > 0);
        return (own && !said) || (known && known->opens == C_EVALUATED) ? known : NULL;
    }
    if (!lost || (inside && in == C_SKIP))
        return NULL;
    const struct rule *r = dmarc_rule(inside ? C_RECORD : C_FEEDBACK, name);
    if (r == NULL || r->opens == C_RECORD || (inside && p->row_seen))
        return r && r->opens == C_RECORD ? r : NULL;
    return r->in == C_RECORD || r->opens == C_ROW || r->opens == C_IDENTIFIERS || r->opens == C_AUTH ? r
                                                                                                     : NULL;
}

/* Values that stand in attributes: "<spf domain='example.com' result='pass'/>". */
static void
take_attributes(struct dmarc_xml *p, const struct element *e, const struct xml_attribute *attributes,
                size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct element value = *e;
        value.value = dmarc_value_rule(e->context, xml_local(attributes[i].name));
        if (value.value == NULL)
            continue;
        p->text.n = 0;
        buf_add(&p->text, str_head(attributes[i].value, DMARC_MAX_VALUE));
        end_value(p, &value);
    }
    p->text.n = 0;
}

/* A name that is nearly one that may stand here; of another vocabulary it would have a prefix or attributes. */
static const struct rule *
misspelt_rule(struct dmarc_xml *p, enum context in, str name, size_t attributes)
{
    const struct rule *r = NULL;
    char what[200];
    if (in == C_DOCUMENT || in == C_FOREIGN || in == C_SKIP || attributes > 0 ||
        str_find_char(name, ':') != STR_NONE || (r = dmarc_misspelt_rule(in, name)) == NULL)
        return NULL;
    snprintf(what, sizeof what, "%.*s taken for %.*s", PRSTR(str_head(name, 60)), PRSTR(r->name));
    dmarc_problem(p, what);
    return r;
}

/* A value of the record itself, where its row has said it already: an extension's. */
static bool
is_said(const struct dmarc_xml *p, const struct rule *r)
{
    return r->in == C_RECORD && !r->opens && p->row_seen &&
           (r->value == V_NUMBER ? p->count_said : p->record.raw_source_ip.n > 0);
}

static void
on_start(void *ctx, str name, const struct xml_attribute *attributes, size_t n)
{
    struct dmarc_xml *p = ctx;
    if (p->depth >= sizeof p->stack / sizeof *p->stack)
        BUG("elements deeper than XML_MAX_DEPTH");
    struct xml_place place = xml_place(p->xml);
    struct element *e = &p->stack[p->depth], *parent = p->depth ? top(p) : NULL;
    enum context in = parent ? parent->context : C_DOCUMENT;
    *e = (struct element){ .context = in, .offset = place.offset, .line = place.line };
    p->depth++;
    if (parent && parent->value && p->collecting == p->depth - 1) {
        p->collecting = 0; /* a value ends where something else begins */
        end_value(p, parent);
    }
    const struct rule *slipped = in == C_FOREIGN || in == C_SKIP ? slipped_rule(p, parent, in, name) : NULL;
    if (in == C_FOREIGN && !slipped) {
        e->lost = parent->lost;
        dmarc_keep_start(p, name, attributes, n);
        return;
    }
    if (in == C_DOCUMENT && parent && str_ieq(xml_local(name), S("report_metadata"))) {
        in = e->context = parent->context = C_FEEDBACK; /* by another name */
        parent->opens = true;
        p->feedback_seen = true;
        p->feedback_depth = p->depth - 1;
    }
    const struct rule *r = slipped ? slipped : in == C_SKIP ? NULL : dmarc_rule(in, xml_local(name));
    if (r && is_said(p, r))
        r = NULL;
    else if (r == NULL && !is_wrapper(xml_local(name)))
        r = misspelt_rule(p, in, name, n);
    if (r && r->opens) {
        e->context = r->opens;
        e->opens = true;
        begin_part(p, e);
        if (n > 0)
            take_attributes(p, e, attributes, n);
        if (e->context == C_REASON || e->context == C_DKIM || e->context == C_SPF) {
            p->collecting = p->depth;
            p->text.n = 0;
        }
        if (e->context == C_FOREIGN)
            p->foreign_depth = p->depth;
    } else if (r) {
        e->value = r;
        e->context = slipped ? r->in : e->context;
        p->collecting = p->depth;
        p->text.n = 0;
    } else if (in == C_FEEDBACK && is_wrapper(xml_local(name))) {
        e->context = C_FEEDBACK;
    } else if ((in == C_RECORD || in == C_FEEDBACK) && !(parent && parent->value)) {
        e->context = C_FOREIGN;
        e->opens = true;
        e->lost = n == 0 && str_find_char(name, ':') == STR_NONE;
        p->foreign_depth = p->depth;
        dmarc_keep_start(p, name, attributes, n);
    } else if (in != C_DOCUMENT) {
        e->within = in == C_SKIP ? parent->within : in;
        e->context = C_SKIP;
        if (n > 0 || str_find_char(name, ':') != STR_NONE)
            e->within = C_SKIP;
    }
}

static void
on_end(void *ctx, str name)
{
    struct dmarc_xml *p = ctx;
    if (p->depth == 0)
        return;
    struct element e = *top(p);
    if (e.context == C_FOREIGN && (p->depth > p->foreign_depth || !str_ieq(xml_local(name), S("extension"))))
        dmarc_keep_end(p, name);
    if (e.value && p->collecting == p->depth)
        end_value(p, &e);
    else if (e.refused)
        reject_value(p, &e, (str){ 0 }, e.refused, xml_local(name));
    else if (e.opens)
        end_part(p, &e);
    if (p->collecting == p->depth)
        p->collecting = 0;
    p->depth--;
}

static void
on_text(void *ctx, str s)
{
    struct dmarc_xml *p = ctx;
    if (p->depth == 0)
        return;
    if (top(p)->context == C_FOREIGN) {
        dmarc_keep_text(p, s);
        return;
    }
    if (p->collecting != p->depth)
        return;
    if (p->text.n + s.n > DMARC_MAX_VALUE) {
        dmarc_problem(p, "a text is cut");
        s = str_head(s, DMARC_MAX_VALUE - p->text.n);
    }
    buf_add(&p->text, s);
}

struct dmarc_xml *
dmarc_xml_new(struct sink *sink, struct origin at, bool nested)
{
    static const struct xml_events events = { .start = on_start, .end = on_end, .text = on_text };
    struct dmarc_xml *p = xcalloc(1, sizeof *p);
    p->sink = sink;
    p->at = at;
    p->nested = nested;
    p->report.begin_at = p->report.end_at = WHEN_NONE;
    p->report.pct = -1;
    p->rejects = sink->account->rejects;
    p->report.origin = at;
    p->xml = xml_new(&events, p);
    return p;
}

void
dmarc_xml_free(struct dmarc_xml *p)
{
    if (p == NULL)
        return;
    xml_free(p->xml);
    arena_free(&p->head);
    arena_free(&p->rows);
    buf_free(&p->text);
    buf_free(&p->foreign[0]);
    buf_free(&p->foreign[1]);
    buf_free(&p->problems);
    free(p);
}

size_t
dmarc_xml_push(struct dmarc_xml *p, str bytes, bool last)
{
    size_t n = p->failed ? 0 : xml_push(p->xml, bytes, last);
    p->pushed += n;
    return n;
}

bool
dmarc_xml_done(const struct dmarc_xml *p)
{
    return xml_done(p->xml);
}

bool
dmarc_xml_failed(const struct dmarc_xml *p)
{
    return p->failed;
}
