/* Reports as JSON: {report, title, since, until, generated_from, sections}.
 *
 * A section is {name, title, columns: [{name, title, type, unit}], rows: [{column: value}]}.  Numbers are
 * numbers, times RFC 3339 in UTC, journeys strings (their ids exceed what JavaScript can count). */
#include "cell.h"
#include "json.h"
#include "kinds.h"

#include <math.h>

static const char *const type_names[] = {
    [CELL_TEXT] = "text",   [CELL_WORD] = "word",        [CELL_COUNT] = "count",
    [CELL_SHARE] = "share", [CELL_SECONDS] = "duration", [CELL_BYTES] = "bytes",
    [CELL_TIME] = "time",   [CELL_DAY] = "day",          [CELL_JOURNEY] = "journey",
};

static void
put_cell(struct json *j, enum cell_type type, str raw)
{
    int64_t whole;
    if (!raw.p)
        json_null(j);
    else if ((type == CELL_COUNT || type == CELL_BYTES) && str_to_i64(raw, &whole))
        json_int(j, whole);
    else if (cell_is_number(type) && isfinite(cell_value(raw)))
        json_double(j, cell_value(raw));
    else if (type == CELL_TIME && cell_when(raw) != WHEN_NONE)
        json_when(j, cell_when(raw));
    else
        json_str(j, raw);
}

static void
put_table(struct json *j, const struct table *t)
{
    const struct section *s = t->section;
    json_object(j);
    json_field(j, "name", str_from(s->name));
    json_field(j, "title", str_from(s->title));
    json_field(j, "explanation", str_from(s->explanation));
    json_key(j, "columns");
    json_array(j);
    for (size_t i = 0; i < s->ncolumns; i++) {
        json_object(j);
        json_field(j, "name", str_from(s->columns[i].name));
        json_field(j, "title", str_from(s->columns[i].title));
        json_field(j, "type", str_from(type_names[s->columns[i].type]));
        json_some(j, "unit", str_from(cell_unit(s->columns[i].type)));
        json_end_object(j);
    }
    json_end_array(j);
    json_key(j, "rows");
    json_array(j);
    for (size_t row = 0; row < t->rows; row++) {
        json_object(j);
        for (size_t i = 0; i < s->ncolumns; i++) {
            json_key(j, s->columns[i].name);
            put_cell(j, s->columns[i].type, table_cell(t, row, i));
        }
        json_end_object(j);
    }
    json_end_array(j);
    if (t->total > t->rows) {
        json_key(j, "more");
        json_bool(j, true);
    }
    json_end_object(j);
}

static void
print_json(struct buf *out, const struct report *r)
{
    struct json j = { .out = out, .pretty = true };
    json_object(&j);
    json_field(&j, "report", str_from(r->nchapters ? r->chapters[0].kind->name : ""));
    json_key(&j, "since");
    json_when(&j, r->since);
    json_key(&j, "until");
    json_when(&j, r->until);
    json_some_when(&j, "now", r->now);
    json_key(&j, "generated_from");
    json_object(&j);
    json_key(&j, "sources");
    put_cell(&j, CELL_COUNT, r->sources);
    json_key(&j, "bytes");
    put_cell(&j, CELL_BYTES, r->bytes);
    json_key(&j, "records");
    put_cell(&j, CELL_COUNT, r->records);
    json_key(&j, "rejected");
    put_cell(&j, CELL_COUNT, r->rejected);
    json_key(&j, "first_at");
    put_cell(&j, CELL_TIME, r->first_at);
    json_key(&j, "last_at");
    put_cell(&j, CELL_TIME, r->last_at);
    json_end_object(&j);
    json_key(&j, "sections");
    json_array(&j);
    for (size_t i = 0; i < r->nchapters; i++)
        for (size_t n = 0; n < r->chapters[i].ntables; n++)
            put_table(&j, &r->chapters[i].tables[n]);
    json_end_array(&j);
    json_end_object(&j);
    buf_char(out, '\n');
}

const struct output_format output_json = { "json", true, false, print_json };
