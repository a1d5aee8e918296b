/* SPF terms and macros.  Input: a term or macro string; the identity's local part behind the first line. */
#include "spf_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct str_cut cut = str_cut(str_of((const char *)data, size), '\n');
    struct spf_term term;
    struct dns *dns = dns_snapshot("fuzz",
                                   S(";@ default nxdomain\n1.2.0.192.in-addr.arpa. PTR m.d.example.\n"
                                     "m.d.example. A 192.0.2.1\n"),
                                   true, NULL);
    dns->at = 0;
    spf_term_parse(cut.head, &term);
    for (int six = 0; six < 2; six++) {
        struct spf_request request = { .ip = six ? S("2001:db8::1") : S("192.0.2.1"),
                                       .helo = cut.tail,
                                       .now = 0 };
        struct spf_result result = { 0 };
        struct spf spf = { .arena = &a,
                           .dns = dns,
                           .request = &request,
                           .out = &result,
                           .ip = ip_parse(request.ip),
                           .local = str_head(cut.tail, SPF_MAX_IDENTITY),
                           .sender_domain = S("d.example"),
                           .error = AUTH_PASS };
        for (int explanation = 0; explanation < 2; explanation++)
            if (spf_macro_valid(cut.head, explanation)) {
                str s = spf_expand(&spf, cut.head, S("d.example"), explanation);
                if (s.n > (4u << 20))
                    __builtin_trap();
            }
    }
    dns_close(dns);
    arena_free(&a);
    return 0;
}
