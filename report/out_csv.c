/* Reports as CSV (RFC 4180): CRLF, quotes where needed, values as the database has them.
 *
 * One section (--section) is one plain table.  With several, each section brings its own header line and
 * every line, header or not, begins with the section's name.  A text that a spreadsheet would take for a
 * formula (=, +, -, @ at its start) is led by an apostrophe: replies and subjects are strangers' words. */
#include "cell.h"
#include "kinds.h"

static void
put_field(struct buf *out, str s)
{
    bool quote = false;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\r' || s.p[i] == '\n';
    if (!quote) {
        buf_add(out, s);
        return;
    }
    buf_char(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_char(out, '"');
        buf_char(out, s.p[i]);
    }
    buf_char(out, '"');
}

static void
put_cell(struct buf *out, struct arena *a, enum cell_type type, str raw)
{
    if (type == CELL_TIME && cell_when(raw) != WHEN_NONE)
        raw = when_format(a, cell_when(raw));
    if ((type == CELL_TEXT || type == CELL_WORD) && raw.n && memchr("=+-@\t\r", raw.p[0], 6))
        raw = arena_join(a, S("'"), S(""), raw);
    put_field(out, raw);
}

static void
put_table(struct buf *out, const struct table *t, bool named)
{
    const struct section *s = t->section;
    struct arena scratch = { 0 };
    if (named)
        buf_printf(out, "section,");
    for (size_t i = 0; i < s->ncolumns; i++)
        buf_printf(out, "%s%s", i ? "," : "", s->columns[i].name);
    buf_add(out, S("\r\n"));
    for (size_t row = 0; row < t->rows; row++) {
        if (named)
            buf_printf(out, "%s,", s->name);
        for (size_t i = 0; i < s->ncolumns; i++) {
            if (i)
                buf_char(out, ',');
            put_cell(out, &scratch, s->columns[i].type, table_cell(t, row, i));
        }
        buf_add(out, S("\r\n"));
        arena_reset(&scratch);
    }
    arena_free(&scratch);
}

static void
print_csv(struct buf *out, const struct report *r)
{
    for (size_t i = 0; i < r->nchapters; i++)
        for (size_t n = 0; n < r->chapters[i].ntables; n++)
            put_table(out, &r->chapters[i].tables[n], !r->one_section);
}

const struct output_format output_csv = { "csv", true, false, print_csv };
