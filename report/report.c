/* The registries of report kinds and outputs. */
#include "kinds.h"

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
