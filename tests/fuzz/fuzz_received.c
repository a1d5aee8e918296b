/* Received fields; the input is the value.  A field says the same folded and not, and what is read out of it is in the one
 * form that it has everywhere. */
#include <stdlib.h>

#include "buf.h"
#include "hash.h"
#include "received.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t
received_sum(const struct received *r)
{
    const str texts[] = { r->from_name,   r->from_helo,  r->from_ip,  r->from_rdns, r->from_ident,
                          r->by,          r->via,        r->protocol, r->id,        r->for_address,
                          r->tls_version, r->tls_cipher, r->auth_user };
    uint64_t sum = hash_more_texts(0, texts, sizeof texts / sizeof *texts);
    return hash_more_int(hash_more_int(hash_more_int(sum, r->at), r->offset_s), r->zone_assumed);
}

static void
check_forms(struct arena *a, const struct received *r)
{
    if (r->from_ip.n && !str_eq(ip_text(a, r->from_ip), r->from_ip))
        abort();
    if (r->tls_version.n && str_starts(r->tls_version, S("TLSv")) &&
        !str_eq(tls_version_of(a, r->tls_version), r->tls_version))
        abort();
    if (r->at == WHEN_NONE)
        return;
    struct when_result again = date_of_any(a, when_format(a, r->at));
    if (!again.ok || again.at != r->at || r->offset_s < -86400 || r->offset_s > 86400)
        abort();
}

/* With a fold before every blank; what holds folds or is near the limit is left. */
static void
check_folded(struct arena *a, str text, const struct received *r)
{
    struct buf folded = { 0 };
    struct received again;
    if (text.n > RECEIVED_MAX_BYTES / 3 || str_find_char(text, '\n') != STR_NONE ||
        str_find_char(text, '\r') != STR_NONE)
        return;
    for (size_t i = 0; i < text.n; i++)
        buf_add(&folded, text.p[i] == ' ' ? S("\r\n ") : str_of(text.p + i, 1));
    received_parse(a, buf_str(&folded), &again);
    if (received_sum(&again) != received_sum(r))
        abort();
    buf_free(&folded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = { 0 };
    struct received r, again;
    str text = str_of((const char *)data, size);
    bool good = received_parse(&a, text, &r);
    if (received_parse(&a, text, &again) != good || received_sum(&again) != received_sum(&r))
        abort();
    check_forms(&a, &r);
    check_folded(&a, text, &r);
    tls_version_of(&a, text);
    date_of_ctime(&a, text);
    arena_free(&a);
    return 0;
}
