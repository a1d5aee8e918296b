/* The registries of report kinds and outputs. */
#include "cell.h"
#include "kinds.h"

#include <math.h>

const struct report_kind *const report_kinds[] = {
#define X(symbol) &symbol,
#include "report_kinds.def"
#undef X
    NULL,
};

const struct output_format *const output_formats[] = {
#define X(symbol) &symbol,
#include "outputs.def"
#undef X
    NULL,
};

const struct report_kind *
report_kind_find(str name)
{
    for (size_t i = 0; report_kinds[i]; i++)
        if (str_eq(name, str_from(report_kinds[i]->name)))
            return report_kinds[i];
    return NULL;
}

const struct section *
report_section_find(const struct report_kind *kind, str name)
{
    for (size_t i = 0; i < KIND_MAX_SECTIONS && kind->sections[i]; i++)
        if (str_eq(name, str_from(kind->sections[i]->name)))
            return kind->sections[i];
    return NULL;
}

const struct output_format *
output_format_find(str name)
{
    for (size_t i = 0; output_formats[i]; i++)
        if (str_eq(name, str_from(output_formats[i]->name)))
            return output_formats[i];
    return NULL;
}

size_t
table_column(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->section->ncolumns; i++)
        if (strcmp(t->section->columns[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* The sum of the first column that counts, over the rows that are not shown: "340 deliveries". */
static str
sum_left_out(struct arena *a, const struct table *t)
{
    enum { MOST_NAMES = 5 }; /* behind more columns that name it, a count is no sum of the row */
    double sum = 0;
    size_t c = 0;
    while (c < t->section->ncolumns && t->section->columns[c].type != CELL_COUNT)
        c++;
    if (c == t->section->ncolumns || c > MOST_NAMES)
        return S("");
    for (size_t row = t->rows; row < t->total; row++)
        sum += isfinite(cell_value(table_cell(t, row, c))) ? cell_value(table_cell(t, row, c)) : 0;
    return arena_printf(a, " (%s: %.*s)", t->section->columns[c].title, PRSTR(count_human(a, sum)));
}

str
table_left_out(struct arena *a, const struct report_kind *k, const struct table *t)
{
    size_t more = t->total - t->rows;
    if (more == 0)
        return S("");
    str how = arena_printf(a, "waybill report %s --section %s -f csv", k->name, t->section->name);
    if (t->section->top)
        return arena_printf(a, "There are more rows. All of them: %.*s", PRSTR(how));
    return arena_printf(a, "%.*s more row%s%.*s. All of them: %.*s", PRSTR(count_human(a, (double)more)),
                        more == 1 ? "" : "s", PRSTR(sum_left_out(a, t)), PRSTR(how));
}
