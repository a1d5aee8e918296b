/* SPF over a zone of the fuzzer's making.  Input: address, HELO and sender in three lines, then the zone. */
#include "spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct spf_result r;
    struct str_cut ip = str_cut(str_of((const char *)data, size), '\n');
    struct str_cut helo = str_cut(ip.tail, '\n');
    struct str_cut from = str_cut(helo.tail, '\n');
    struct dns *dns = dns_snapshot("fuzz", from.tail, true, NULL);
    dns->at = 0;
    spf_check(
        &a, dns,
        &(struct spf_request){ .ip = ip.head, .helo = helo.head, .mail_from = from.head, .void_limit = 2 },
        &r);
    if (r.lookups > SPF_MAX_LOOKUPS + 1 || dns->queries > 5000)
        __builtin_trap();
    dns_close(dns);
    arena_free(&a);
    return 0;
}
