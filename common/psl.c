/* Organizational domains by list; the owner of libpsl. */
#include "psl.h"

#include <libpsl.h>
#include <stdlib.h>

struct psl {
    psl_ctx_t *list;
};

struct psl *
psl_open(const char *file, struct diag *diag)
{
    psl_ctx_t *list = file ? psl_load_file(file) : psl_latest(NULL);
    if (list == NULL || psl_suffix_count(list) == 0) {
        psl_free(list);
        diag_set(diag, EXIT_NO_INPUT, "%s: not a Public Suffix List", file ? file : "the system's list");
        return NULL;
    }
    struct psl *psl = xcalloc(1, sizeof *psl);
    psl->list = list;
    return psl;
}

void
psl_close(struct psl *psl)
{
    if (psl == NULL)
        return;
    psl_free(psl->list);
    free(psl);
}

str
psl_organizational(struct psl *psl, struct arena *a, str domain)
{
    if (domain.n == 0 || domain.p[0] == '.' || memchr(domain.p, '\0', domain.n))
        return S("");
    const char *found = psl_registrable_domain(psl->list, arena_z(a, domain));
    return found ? arena_copy(a, str_from(found)) : S("");
}
