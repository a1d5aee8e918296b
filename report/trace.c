/* Rows by name, and a trace as JSON. */
#include "trace.h"

#include <math.h>

#include "cell.h"
#include "json.h"

str
rows_get(const struct rows *r, size_t row, const char *column)
{
    if (row >= r->n)
        return S("");
    for (size_t i = 0; i < r->columns; i++)
        if (str_eq(r->names[i], str_from(column)))
            return r->cells[row * r->columns + i];
    return S("");
}

bool
reply_has_code(str reply, str code)
{
    for (size_t from = 0; code.n;) {
        size_t i = str_find(str_skip(reply, from), code);
        if (i == STR_NONE)
            return false;
        size_t at = from + i, end = at + code.n;
        if ((at == 0 || reply.p[at - 1] == ' ') &&
            (end == reply.n || reply.p[end] == ' ' || reply.p[end] == '-'))
            return true;
        from = end;
    }
    return true; /* no code: nothing that is missing */
}

/* The columns of trace queries that are no texts. */
static enum cell_type
type_of(str name, bool *flag)
{
    static const struct {
        const char *name;
        enum cell_type type;
    } types[] = {
        { "hop_count", CELL_COUNT },
        { "recipient_count", CELL_COUNT },
        { "size", CELL_BYTES },
        { "attempts", CELL_COUNT },
        { "code", CELL_COUNT },
        { "seq", CELL_COUNT },
        { "hop_seq", CELL_COUNT },
        { "relay_port", CELL_COUNT },
        { "raw_bytes", CELL_BYTES },
        { "byte_offset", CELL_BYTES },
        { "at", CELL_TIME },
        { "date", CELL_TIME },
        { "score", CELL_SECONDS }, /* any number */
        { "required", CELL_SECONDS },
        { "delay_s", CELL_SECONDS },
        { "delay_queue_s", CELL_SECONDS },
        { "delay_active_s", CELL_SECONDS },
        { "delay_connect_s", CELL_SECONDS },
        { "delay_transmit_s", CELL_SECONDS },
    };
    *flag = str_eq(name, S("aligned")) || str_eq(name, S("clock_skew")) || str_eq(name, S("local")) ||
            str_eq(name, S("decides"));
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(name, str_from(types[i].name)))
            return types[i].type;
    return str_ends(name, S("_at")) ? CELL_TIME : CELL_TEXT;
}

static void
put_field(struct json *j, str name, str raw)
{
    bool flag;
    enum cell_type type = type_of(name, &flag);
    char key[64];
    int64_t whole;
    if (!raw.p || name.n >= sizeof key) /* what is not known is not there */
        return;
    memcpy(key, name.p, name.n);
    key[name.n] = 0;
    json_key(j, key);
    if (flag)
        json_bool(j, str_eq(raw, S("t")));
    else if ((type == CELL_COUNT || type == CELL_BYTES) && str_to_i64(raw, &whole))
        json_int(j, whole);
    else if (type == CELL_SECONDS && isfinite(cell_value(raw)))
        json_double(j, cell_value(raw));
    else if (type == CELL_TIME && cell_when(raw) != WHEN_NONE)
        json_when(j, cell_when(raw));
    else
        json_str(j, raw);
}

static void
put_fields(struct json *j, const struct rows *r, size_t row)
{
    for (size_t i = 0; i < r->columns; i++)
        put_field(j, r->names[i], r->cells[row * r->columns + i]);
}

static void
put_rows(struct json *j, const char *key, const struct rows *r)
{
    json_key(j, key);
    json_array(j);
    for (size_t row = 0; row < r->n; row++) {
        json_object(j);
        put_fields(j, r, row);
        json_end_object(j);
    }
    json_end_array(j);
}

bool
trace_leaves_out(const struct rows *r, size_t row)
{
    static const char *const fine[] = { "inbox", "category", "stored", "accepted", "sent" };
    if (r->n <= TRACE_LONG)
        return false;
    str how = rows_get(r, row, "outcome").n ? rows_get(r, row, "outcome") : rows_get(r, row, "result");
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        if (str_eq(how, str_from(fine[i])))
            return true;
    return false;
}

str
trace_left_out(struct arena *a, size_t n)
{
    return n ? arena_printf(a, "%.*s more went well: waybill trace --json lists them",
                            PRSTR(count_human(a, (double)n)))
             : S("");
}

/* Hops, each with the attempts it made. */
static void
put_hops(struct json *j, const struct trace *t)
{
    json_key(j, "hops");
    json_array(j);
    for (size_t row = 0; row < t->hops.n; row++) {
        str seq = rows_get(&t->hops, row, "seq");
        json_object(j);
        put_fields(j, &t->hops, row);
        json_key(j, "attempts");
        json_array(j);
        for (size_t i = 0; i < t->attempts.n; i++) {
            if (!str_eq(rows_get(&t->attempts, i, "hop_seq"), seq))
                continue;
            json_object(j);
            put_fields(j, &t->attempts, i);
            json_end_object(j);
        }
        json_end_array(j);
        json_end_object(j);
    }
    json_end_array(j);
}

static void
put_evidence(struct json *j, const struct trace *t)
{
    json_key(j, "evidence");
    json_array(j);
    for (size_t i = 0; i < t->nevidence; i++) {
        const struct evidence *e = &t->evidence[i];
        json_object(j);
        json_field(j, "fact", e->fact);
        json_field(j, "source_id", e->source_id);
        json_field_int(j, "byte_offset", (int64_t)e->offset);
        json_field_int(j, "byte_length", (int64_t)e->length);
        json_some(j, "path", e->path);
        if (e->problem.n)
            json_field(j, "problem", e->problem);
        if (e->problem.n == 0 || e->kept)
            json_field(j, "text", e->text);
        if (e->kept)
            json_field_bool(j, "kept", true);
        if (e->cut)
            json_field_bool(j, "cut", true);
        json_end_object(j);
    }
    json_end_array(j);
}

void
trace_json(struct buf *out, const struct trace_result *r)
{
    struct json j = { .out = out, .pretty = true };
    json_object(&j);
    json_field(&j, "key", r->key);
    json_key(&j, "journeys");
    json_array(&j);
    for (size_t i = 0; i < r->ntraces; i++) {
        const struct trace *t = &r->traces[i];
        json_object(&j);
        put_fields(&j, &t->journey, 0);
        put_rows(&j, "deliveries", &t->deliveries);
        put_hops(&j, t);
        put_rows(&j, "authentication", &t->authentication);
        put_rows(&j, "verdicts", &t->verdicts);
        put_rows(&j, "findings", &t->findings);
        put_rows(&j, "refusals", &t->refusals);
        put_rows(&j, "messages", &t->messages);
        put_rows(&j, "related", &t->related);
        if (t->with_evidence)
            put_evidence(&j, t);
        json_end_object(&j);
    }
    json_end_array(&j);
    put_rows(&j, "refusals", &r->refusals);
    json_end_object(&j);
    buf_char(out, '\n');
}
