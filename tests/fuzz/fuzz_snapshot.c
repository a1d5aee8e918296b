/* Snapshot files: the whole input is one; some names are asked. */
#include "dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_CNAME, DNS_SOA };
    struct arena a = { 0 };
    struct dns_answer answer;
    struct dns *dns = dns_snapshot("fuzz", str_of((const char *)data, size), true, NULL);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        dns->at = (when)i * 400 * WHEN_DAY;
        dns_query(dns, &a, S("a.b.example"), types[i], &answer);
        dns_query(dns, &a, S("example"), types[i], &answer);
        if ((answer.status == DNS_OK) != (answer.n > 0))
            __builtin_trap();
    }
    dns_close(dns);
    arena_free(&a);
    return 0;
}
