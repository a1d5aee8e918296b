/* Bytes inside of text and of signatures (base64, uuencode, yEnc, CMS): what is found lies where it may, and it ends. */
#include "cms.h"
#include "report.h"
#include "transfer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t
look_at(str bytes)
{
    size_t sum = 0;
    for (size_t i = 0; i < bytes.n; i++)
        sum += (unsigned char)bytes.p[i];
    return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = { 0 };
    str text = str_of((const char *)data, n), rest = text, bytes;
    size_t found = 0, seen = report_is_armoured(text);
    while ((bytes = report_unarmour(&a, &rest, true)).n > 0) {
        if (bytes.n > n || ++found > n)
            __builtin_trap();
        seen += look_at(bytes);
    }
    str content = cms_signed_content(&a, text), decoded = transfer_yenc(&a, text);
    if (content.n > n || decoded.n > n || (content.n && cms_is_encrypted(text)))
        __builtin_trap();
    seen += look_at(content) + look_at(decoded);
    volatile size_t all = seen;
    (void)all;
    arena_free(&a);
    return 0;
}
