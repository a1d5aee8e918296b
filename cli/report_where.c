/* Conditions on rows of reports.  A condition compares a cell as CSV writes it; an empty value means that there is
 * none.  Ranges are no business of reports: for them there is SQL. */
#include "report_where.h"

#include "cli.h"

enum { MOST_NAMES = 128 };

static bool
has_column(const struct section *s, str name)
{
    for (size_t i = 0; i < s->ncolumns; i++)
        if (str_eq(name, str_from(s->columns[i].name)))
            return true;
    return false;
}

bool
where_fits(const struct report_where *w, const struct section *s)
{
    for (size_t i = 0; i < w->n; i++)
        if (!has_column(s, w->column[i]))
            return false;
    return true;
}

/* The names of all columns, each once. */
static size_t
all_columns(const struct report_kind *kind, const struct section *only, const char **names)
{
    size_t n = 0;
    for (size_t i = 0; i < KIND_MAX_SECTIONS && kind->sections[i]; i++)
        for (size_t c = 0; (!only || only == kind->sections[i]) && c < kind->sections[i]->ncolumns; c++) {
            size_t k = 0;
            while (k < n && strcmp(names[k], kind->sections[i]->columns[c].name) != 0)
                k++;
            if (k == n && n < MOST_NAMES)
                names[n++] = kind->sections[i]->columns[c].name;
        }
    return n;
}

static void
complain(const struct report_kind *kind, const struct section *only, str column)
{
    const char *names[MOST_NAMES];
    struct buf list = { 0 };
    size_t n = all_columns(kind, only, names);
    const char *near = opt_nearest(column, names, n);
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    if (near)
        warn("report %s has no column \"%.*s\" (did you mean %s?)", kind->name, PRSTR(column), near);
    else
        warn("report %s has no column \"%.*s\" (%s)", kind->name, PRSTR(column), buf_z(&list));
    buf_free(&list);
}

bool
where_parse(const char *text, const struct report_kind *kind, const struct section *only,
            struct report_where *w)
{
    *w = (struct report_where){ 0 };
    for (str rest = str_from(text ? text : ""); rest.n;) {
        struct str_cut part = str_cut(rest, ',');
        struct str_cut c = str_cut(part.head, '=');
        rest = part.tail;
        if (!c.found) {
            warn("--where \"%s\": column=value is wanted, several with commas between", text);
            return false;
        }
        if (w->n == REPORT_MAX_WHERE) {
            warn("--where takes no more than %d conditions", REPORT_MAX_WHERE);
            return false;
        }
        w->column[w->n] = str_trim(c.head);
        w->value[w->n++] = c.tail;
        bool any = false;
        for (size_t i = 0; i < KIND_MAX_SECTIONS && kind->sections[i]; i++)
            any = any || ((!only || only == kind->sections[i]) && where_fits(w, kind->sections[i]));
        if (!any) {
            complain(kind, only, w->column[w->n - 1]);
            return false;
        }
    }
    return true;
}
