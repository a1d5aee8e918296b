/* Snapshot files: the whole input is one; some names are asked.  The same is answered again, whatever was asked between,
 * in any case of letters, and from a file with other line ends. */
#include <stdlib.h>

#include "buf.h"
#include "dns.h"
#include "hash.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t
answer_sum(const struct dns_answer *answer)
{
    uint64_t sum = hash_more_int(hash_more_int(0, answer->status), (int64_t)answer->n);
    for (size_t i = 0; i < answer->n; i++)
        sum = hash_more_int(hash_more(sum, answer->records[i].data), answer->records[i].preference);
    sum = hash_more_int(hash_more_int(sum, answer->valid_from), answer->valid_until);
    return hash_more_int(hash_more_int(hash_more_int(sum, answer->aliased), answer->nearest), answer->age);
}

static void
check_answer(const struct dns_answer *answer, enum dns_type type)
{
    if ((answer->status == DNS_OK) != (answer->n > 0) || answer->secure)
        abort();
    if (answer->valid_from != WHEN_NONE && answer->valid_until != WHEN_NONE &&
        answer->valid_from > answer->valid_until)
        abort();
    for (size_t i = 0; i < answer->n; i++) {
        const struct dns_record *r = &answer->records[i];
        if ((type == DNS_A && r->data.n != 4) || (i && type == DNS_MX && r->preference < r[-1].preference))
            abort();
    }
}

static uint64_t
ask(struct dns *dns, struct arena *a)
{
    static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT, DNS_CNAME, DNS_SOA };
    static const str names[][2] = { { S("a.b.example"), S("A.b.Example.") }, { S("example"), S("EXAMPLE") } };
    uint64_t sum = 0;
    for (size_t i = 0; i < 2 * sizeof types / sizeof *types; i++) {
        struct dns_answer answer, again;
        const str *name = names[i % 2];
        dns->at = (when)(i / 2) * 400 * WHEN_DAY;
        dns_query(dns, a, name[0], types[i / 2], &answer);
        check_answer(&answer, types[i / 2]);
        dns_query(dns, a, name[1], types[i / 2], &again);
        if (answer_sum(&again) != answer_sum(&answer))
            abort();
        sum = hash_more_int(sum, (int64_t)answer_sum(&answer));
    }
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct buf other = { 0 };
    size_t bad, bad_again;
    str text = str_of((const char *)data, size);
    struct dns *dns = dns_snapshot("fuzz", text, true, &bad);
    uint64_t sum = ask(dns, &a);
    if (ask(dns, &a) != sum)
        abort();
    dns_close(dns);
    if (str_find_char(text, '\r') == STR_NONE) {
        for (size_t i = 0; i < text.n; i++)
            buf_add(&other, text.p[i] == '\n' ? S("\r\n") : str_of(text.p + i, 1));
        dns = dns_snapshot("fuzz", buf_str(&other), true, &bad_again);
        if (ask(dns, &a) != sum || bad != bad_again)
            abort();
        dns_close(dns);
    }
    buf_free(&other);
    arena_free(&a);
    return 0;
}
