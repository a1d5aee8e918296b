/* DKIM and the rest of a message's authentication.  Input: a zone, a line "--", a message. */
#include "auth.h"
#include "message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct message m = { 0 };
    struct auth_verdict v;
    struct auth_finding *findings;
    struct str_cut cut = str_cut_str(str_of((const char *)data, size), S("\n--\n"));
    struct dns *dns = dns_snapshot("fuzz", cut.head, true, NULL);
    message_parse(&m, &a, cut.tail);
    str from = message_header_value(&m, "From");
    struct auth_context ctx = { .client_ip = S("192.0.2.1"),
                                .helo = S("mx.example"),
                                .mail_from = from,
                                .has_mail_from = true,
                                .received_at = 0 };
    struct auth_policy policy = { .min_rsa_bits = 1024, .dmarc = 9989, .void_limit = 2, .now = 0 };
    auth_trust(&a, &m, &policy);
    auth_check(&a, &m, &ctx, dns, &policy, &v);
    auth_findings(&a, &m, &v, &findings);
    auth_is_bad(&v);
    if (v.ndkim > DKIM_MAX_SIGNATURES || v.arc.nsets > ARC_MAX_SETS)
        __builtin_trap();
    dns_close(dns);
    arena_free(&a);
    return 0;
}
