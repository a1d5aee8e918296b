/* Google Postmaster Tools: trafficStats of the API (v1) as JSON, and CSV with a line of names.
 *
 * Of an object's address classes each sample address becomes a record of its own. */
#include <math.h>

#include "feed.h"

static void
add_detail(struct arena *a, struct reputation *r, str text)
{
    r->detail = r->detail.n ? arena_join(a, r->detail, S("; "), text) : text;
}

/* "domains/example.com/trafficStats/20260921" */
static bool
read_name(struct arena *a, struct reputation *r, str name)
{
    if (!str_starts(name, S("domains/")))
        return false;
    struct str_cut c = str_cut_str(str_skip(name, 8), S("/trafficStats/"));
    feed_figure(r, a, S("domain"), c.head);
    r->begin_at = feed_day(c.tail);
    return c.found && r->begin_at != WHEN_NONE;
}

static void
read_lists(struct arena *a, struct reputation *r, const struct json_value *v)
{
    const struct json_value *errors = json_get(v, S("deliveryErrors"));
    for (size_t i = 0; i < (errors ? errors->n : 0); i++) {
        const struct json_value *e = json_item(errors, i);
        str class = json_text(json_get(e, S("errorClass"))), type = json_text(json_get(e, S("errorType")));
        double share = NAN;
        json_to_double(json_get(e, S("errorRatio")), &share);
        if (class.n)
            add_detail(
                a, r,
                arena_printf(a, "%.*s %.*s: %.4f", PRSTR(class), PRSTR(type), isnan(share) ? 0 : share));
    }
    const struct json_value *loops = json_get(v, S("spammyFeedbackLoops"));
    for (size_t i = 0; i < (loops ? loops->n : 0); i++) {
        const struct json_value *f = json_item(loops, i);
        double share = NAN;
        json_to_double(json_get(f, S("spamRatio")), &share);
        str id = json_text(json_get(f, S("id")));
        add_detail(a, r, arena_printf(a, "feedback loop %.*s: %.4f", PRSTR(id), isnan(share) ? 0 : share));
    }
}

static bool
feed_google_object(struct sink *sink, struct arena *a, const struct json_value *v, struct origin o)
{
    struct reputation r = feed_record("google");
    r.origin = o;
    if (!json_is(v, JSON_OBJECT) || !read_name(a, &r, json_text(json_get(v, S("name")))))
        return false;
    r.end_at = r.begin_at + WHEN_DAY;
    for (size_t i = 0; i < v->n; i++)
        feed_figure(&r, a, v->items[i].name, v->items[i].text);
    read_lists(a, &r, v);
    if (!feed_put(sink, &r))
        return true; /* the sink's diag says why */
    const struct json_value *classes = json_get(v, S("ipReputations"));
    for (size_t i = 0; i < (classes ? classes->n : 0); i++) {
        const struct json_value *c = json_item(classes, i), *ips = json_get(c, S("sampleIps"));
        for (size_t k = 0; k < (ips ? ips->n : 0); k++) {
            struct reputation one = feed_record("google");
            one.origin = o;
            one.domain = r.subject;
            one.begin_at = r.begin_at;
            one.end_at = r.end_at;
            feed_figure(&one, a, S("reputation"), json_text(json_get(c, S("reputation"))));
            feed_figure(&one, a, S("ip"), json_text(json_item(ips, k)));
            if (one.subject.n && !feed_put(sink, &one))
                return true;
        }
    }
    return true;
}

static bool
take_json(struct sink *sink, struct arena *a, str piece, uint64_t all, struct origin o)
{
    struct json_fault fault = { 0 };
    const struct json_value *v = json_read(a, piece, &fault);
    const struct json_value *list = json_get(v, S("trafficStats"));
    struct reputation first = feed_record("google");
    bool known = false;
    if (list == NULL)
        known = feed_google_object(sink, a, v, o);
    for (size_t i = 0; i < (list ? list->n : 0); i++)
        known |= feed_google_object(sink, a, json_item(list, i), o);
    if (sink->diag.code)
        return false;
    if (!known) {
        struct origin whole = { o.offset + o.length - all, all };
        return sink_reject(sink, 0, whole, piece, "%s", v ? "no traffic statistics" : fault.why);
    }
    read_name(a, &first, json_text(json_get(list ? json_item(list, 0) : v, S("name"))));
    account_record(sink->account, all, first.begin_at);
    return true;
}

static bool
read_json(struct source *s, struct sink *sink, struct arena *a)
{
    struct json_cut cut = { 0 };
    for (;;) {
        struct json_piece p = json_cut(&cut, s->window, s->eof);
        if (p.step == JSON_MORE) {
            if (!source_more(s, &sink->diag))
                return false;
            continue;
        }
        struct origin o = { s->offset + p.skip, p.length };
        str piece = str_head(str_skip(s->window, p.skip), p.length);
        if (p.step == JSON_END) {
            if (p.skip)
                account_ignore(sink->account, p.skip);
            source_take(s, p.skip);
            return true;
        }
        arena_reset(a);
        if (!take_json(sink, a, piece, p.skip + p.length, o))
            return false;
        source_take(s, p.skip + p.length);
    }
}

static bool
take_row(struct sink *sink, struct arena *a, const str *names, size_t nnames, const str *cells, size_t n,
         struct origin o, str whole)
{
    struct reputation r = feed_record("google");
    r.origin = o;
    for (size_t i = 0; i < n && i < nnames; i++)
        if (!feed_figure(&r, a, names[i], cells[i]) && cells[i].n && names[i].n)
            add_detail(a, &r, arena_join(a, names[i], S(": "), cells[i]));
    if (r.begin_at == WHEN_NONE || r.subject.n == 0)
        return sink_reject(sink, 0, o, whole, "%s", r.subject.n ? "no date" : "no domain");
    r.end_at = r.begin_at + WHEN_DAY;
    account_record(sink->account, o.length, r.begin_at);
    return feed_put(sink, &r);
}

static bool
read_csv(struct source *s, struct sink *sink, struct arena *a)
{
    struct arena kept = { 0 };
    str names[FEED_MAX_CELLS], cells[FEED_MAX_CELLS];
    char between = csv_separator(str_head(s->window, FEED_HEAD));
    size_t nnames = 0, length;
    bool good = true;
    while (good && (good = csv_next(s, between, &length, &sink->diag)) && length) {
        arena_reset(a);
        size_t n = csv_fields(str_head(s->window, length), between, cells, FEED_MAX_CELLS, a);
        struct origin o = { s->offset, length };
        str whole = str_head(s->window, length);
        if (str_trim(whole).n == 0) {
            account_ignore(sink->account, length);
        } else if (nnames == 0) {
            for (nnames = 0; nnames < n; nnames++)
                names[nnames] = arena_copy(&kept, cells[nnames]);
            account_ignore(sink->account, length);
        } else {
            good = take_row(sink, a, names, nnames, cells, n, o, whole);
        }
        source_take(s, length);
    }
    arena_free(&kept);
    return good;
}

static bool
google_read(struct source *s, const struct ingest_options *options, struct sink *sink)
{
    (void)options;
    struct arena a = { 0 };
    str head = str_trim_left(s->window);
    bool good =
        head.n && (head.p[0] == '{' || head.p[0] == '[') ? read_json(s, sink, &a) : read_csv(s, sink, &a);
    arena_free(&a);
    return good;
}

static int
google_recognise(str head, bool eof)
{
    (void)eof;
    if (str_has(head, S("/trafficStats/")) && str_starts(str_trim_left(head), S("{")))
        return 95;
    if (str_has(head, S("/trafficStats/")) && str_starts(str_trim_left(head), S("[")))
        return 95;
    struct arena a = { 0 };
    str cells[FEED_MAX_CELLS];
    size_t known = 0;
    bool dated = false;
    head = str_head(str_cut(head, '\n').head, FEED_HEAD);
    size_t n = csv_fields(head, csv_separator(head), cells, FEED_MAX_CELLS, &a);
    for (size_t i = 0; i < n; i++) {
        struct reputation r = feed_record("google");
        known += feed_figure(&r, &a, cells[i], (str){ 0 });
        dated |= str_ieq(cells[i], S("date")) || str_ieq(cells[i], S("day"));
    }
    arena_free(&a);
    return dated && known >= 3 ? 80 : 0;
}

const struct format format_postmaster = {
    .name = "postmaster",
    .kind = "report",
    .description = "Google Postmaster Tools: trafficStats (JSON), CSV exports",
    .recognise = google_recognise,
    .read = google_read,
};
