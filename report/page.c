/* The frame of an HTML page.
 *
 * The style sheet and the script are carried in the program (report/assets).  The page's content
 * security policy allows only them, by the script's hash: should hostile text ever get past the
 * escaping, it would still not run and could load nothing. */
#include "page.h"

#include "crypto.h"
#include "diag.h"
#include "embedded.h"
#include "html.h"

static str
asset(const char *path)
{
    const struct embedded *e = embedded_find(path);
    if (!e)
        BUG("no embedded file %s", path);
    return str_of(e->bytes, e->length);
}

static void
put_base64(struct buf *b, const unsigned char *p, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        uint32_t v =
            (uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
        for (size_t k = 0; k < 4; k++)
            buf_char(b, k <= left ? digits[v >> (18 - 6 * k) & 63] : '=');
    }
}

void
page_begin(struct buf *b, str title)
{
    unsigned char digest[32];
    sha256_of(asset("report/assets/report.js"), digest);
    buf_add(b, S("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                 "'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'sha256-"));
    put_base64(b, digest, sizeof digest);
    buf_add(b, S("'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"generator\" "
                 "content=\"waybill\">\n<title>"));
    html_text(b, title);
    buf_add(b, S("</title>\n<style>\n"));
    buf_add(b, asset("report/assets/report.css"));
    buf_add(b, S("</style>\n</head>\n<body>\n"));
}

void
page_end(struct buf *b)
{
    buf_add(b, S("<script>"));
    buf_add(b, asset("report/assets/report.js"));
    buf_add(b, S("</script>\n</body>\n</html>\n"));
}
