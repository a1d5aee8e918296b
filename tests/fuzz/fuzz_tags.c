/* Tag lists, and what is made of them: key records, DMARC records, quoted-printable, base64. */
#include "dkim_internal.h"
#include "dmarc_record.h"
#include "dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A source with one answer. */
struct one {
    struct dns dns;
    str text;
};

static void
answer(struct dns *dns, struct arena *a, str name, enum dns_type type, when at, struct dns_answer *out)
{
    (void)name, (void)type, (void)at;
    out->status = DNS_OK;
    out->records = ARENA_NEW(a, struct dns_record);
    out->records[0].data = ((struct one *)dns)->text;
    out->n = 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct taglist tags;
    struct arena a = { 0 };
    str text = str_of((const char *)data, size), bytes;
    taglist_parse(&tags, text);
    for (size_t i = 0; i < tags.n; i++) {
        const struct tag *t = &tags.tags[i];
        if (t->raw.p < text.p || t->raw.p + t->raw.n > text.p + text.n || t->value.n > t->raw.n)
            __builtin_trap();
    }
    struct dmarc_published d = dmarc_record_parse(text);
    if (d.usable && !d.is_dmarc)
        __builtin_trap();
    if (dkim_decode_qp(&a, text).n > size || (dkim_base64(&a, text, &bytes) && bytes.n > size))
        __builtin_trap();
    struct one source = { { .query = answer }, text };
    for (int rsa = 0; rsa < 2; rsa++) {
        struct dkim_key k;
        dkim_key_fetch(&a, &source.dns, S("s"), S("d.example"), rsa, &k);
        if (k.error == AUTH_PASS && k.rsa != rsa)
            __builtin_trap();
        if (k.error == AUTH_PASS)
            (void)(rsa ? public_key_rsa(k.bytes) : public_key_ed25519(k.bytes));
    }
    arena_free(&a);
    return 0;
}
