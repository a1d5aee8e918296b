/* A snapshot as rows of the table dns_record, and back: it says the same. */
#include "dns_history.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct export
{
    struct buf out;
    struct dns_text_state state;
    size_t rows;
};

static bool
take(void *closure, const struct dns_row *row)
{
    struct export *e = closure;
    for (size_t i = 0; i < row->rdata.n; i++)
        if (row->rdata.p[i] == '\n')
            __builtin_trap();
    dns_row_text(&e->out, &e->state, row);
    e->rows++;
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX, DNS_TXT, DNS_PTR };
    struct arena a = { 0 };
    struct export e = { 0 };
    struct dns *one = dns_snapshot("fuzz", str_of((const char *)data, size), true, NULL);
    dns_snapshot_rows(&a, one, 0, S("fuzz"), take, &e);
    struct dns *two = dns_snapshot("fuzz", buf_str(&e.out), true, NULL);
    one->at = two->at = 0;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct dns_answer first, second;
        dns_query(one, &a, S("a.b.example"), types[i], &first);
        dns_query(two, &a, S("a.b.example"), types[i], &second);
        if (first.status == DNS_OK && !first.aliased && first.age == 0 && second.n < first.n)
            __builtin_trap();
    }
    dns_close(one);
    dns_close(two);
    buf_free(&e.out);
    arena_free(&a);
    return 0;
}
