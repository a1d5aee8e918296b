/* ARC chains: the input is a message; a source that has one key for every name. */
#include "arc.h"
#include "message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
answer(struct dns *dns, struct arena *a, str name, enum dns_type type, when at, struct dns_answer *out)
{
    static const enum dns_status statuses[] = {
        DNS_OK, DNS_OK, DNS_OK, DNS_UNKNOWN, DNS_TIMEOUT, DNS_NXDOMAIN
    };
    (void)dns, (void)type, (void)at;
    out->status = statuses[name.n % (sizeof statuses / sizeof *statuses)];
    if (out->status != DNS_OK)
        return;
    out->records = ARENA_NEW(a, struct dns_record);
    out->n = 1;
    out->records[0].data = S("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct message m = { 0 };
    struct arc_result r;
    struct dns dns = { .query = answer, .at = 0 };
    struct dkim_policy policy = { .min_rsa_bits = 1024, .received_at = 0 };
    message_parse(&m, &a, str_of((const char *)data, size));
    struct dkim *d = dkim_open(&a, &dns, &m, &policy);
    arc_check(d, &r);
    dkim_close(d);
    if (r.nsets > ARC_MAX_SETS || (r.result != AUTH_PASS && r.result != AUTH_NONE && r.reason.n == 0) ||
        (r.result == AUTH_NONE) != (r.nsets == 0 && r.reason.n == 0))
        __builtin_trap();
    arena_free(&a);
    return 0;
}
