/* What IMAP servers say, line by line, and names and URLs: nothing may read beyond its bytes, and names survive
 * being encoded. */
#include "imap_reply.h"
#include "imap_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = { 0 };
    str text = str_of((const char *)data, n);
    struct imap_fetch f;
    struct imap_list l;
    struct imap_url u;
    struct diag d = { 0 };
    uint64_t size;
    size_t mark;
    if (imap_literal_follows(text, &size, &mark) && mark >= n)
        __builtin_trap();
    if (imap_parse_fetch(&a, text, &f) && f.body.n > n)
        __builtin_trap();
    imap_parse_list(&a, text, &l);
    imap_parse_status(text);
    imap_number(text, S("EXISTS"));
    str name = imap_utf7_decode(&a, text);
    if (!str_eq(imap_utf7_decode(&a, imap_utf7_encode(&a, name)), name))
        __builtin_trap();
    if (imap_is_url(text) && imap_url_parse(&a, text, &u, &d)) {
        struct imap_url again;
        str printed = imap_url_print(&a, &u, u.folder, 0, 0);
        if (!imap_url_parse(&a, printed, &again, &d) || !str_eq(again.user, u.user) ||
            !str_eq(again.host, u.host) || again.port != u.port || !str_eq(again.folder, u.folder))
            __builtin_trap();
    }
    arena_free(&a);
    return 0;
}
