/* URLs of mailboxes and names of folders: text in, text out.  It speaks to no server. */
#include "imap_url.h"

#include "buf.h"
#include "utf8.h"

bool
imap_is_url(str s)
{
    return str_istarts(s, S("imap://")) || str_istarts(s, S("imaps://"));
}

/* "%20" -> " "; false where "%" is not followed by two hex digits, and for control characters. */
static bool
percent_decode(struct arena *a, str in, str *out)
{
    char *p = arena_alloc(a, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%') {
            int high = i + 2 < in.n ? str_hex_digit(in.p[i + 1]) : -1,
                low = high >= 0 ? str_hex_digit(in.p[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 127)
            return false;
        p[n++] = c;
    }
    *out = str_of(p, n);
    return utf8_valid(*out);
}

static str
percent_encode(struct arena *a, str in, const char *also)
{
    struct buf b = { 0 };
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (str_is_alpha(c) || str_is_digit(c) || (c != '\0' && strchr("-._~!$'()+,&=", c)) ||
            (c != '\0' && strchr(also, c)))
            buf_char(&b, c);
        else
            buf_printf(&b, "%%%02X", (unsigned char)c);
    }
    str s = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

static bool
parse_user(struct arena *a, str info, struct imap_url *u, struct diag *d)
{
    size_t auth = str_ifind(info, S(";AUTH="));
    if (str_find_char(info, ':') != STR_NONE)
        return diag_set(
            d, EXIT_USAGE,
            "a password does not belong into a URL, where others read it in the list of processes; "
            "use --password-file, --password-command or ~/.netrc");
    if (auth != STR_NONE)
        info = str_head(info, auth);
    return percent_decode(a, info, &u->user) ||
           diag_set(d, EXIT_USAGE, "the user in the URL is badly encoded (%%40 is @)");
}

static bool
parse_host(struct arena *a, str host, struct imap_url *u, struct diag *d)
{
    str port = { 0 };
    u->port = u->tls ? IMAPS_PORT : IMAP_PORT;
    if (str_starts(host, S("["))) {
        struct str_cut c = str_cut(host, ']');
        u->host = str_skip(c.head, 1);
        if (!c.found || (c.tail.n && c.tail.p[0] != ':'))
            return diag_set(d, EXIT_USAGE, "the URL's host is no address in brackets");
        port = str_skip(c.tail, 1);
    } else {
        struct str_cut c = str_cut(host, ':');
        u->host = c.head;
        port = c.tail;
    }
    uint64_t n = 0;
    if (port.n && (!str_to_u64(port, &n) || n == 0 || n > 65535))
        return diag_set(d, EXIT_USAGE,
                        "the URL's port is no number from 1 to 65535 (a \"/\" or \"@\" before "
                        "the host is written %%2F or %%40)");
    if (n)
        u->port = (int)n;
    char *lower = arena_alloc(a, u->host.n + 1);
    for (size_t i = 0; i < u->host.n; i++) {
        lower[i] = str_lower_char(u->host.p[i]);
        if (!str_is_alpha(lower[i]) && !str_is_digit(lower[i]) &&
            (lower[i] == '\0' || !strchr("-._:", lower[i])) && (unsigned char)lower[i] < 128)
            return diag_set(d, EXIT_USAGE, "the URL's host is no host name or address");
    }
    u->host = str_of(lower, u->host.n);
    return u->host.n > 0 || diag_set(d, EXIT_USAGE, "the URL names no host (imaps://USER@HOST/FOLDER)");
}

bool
imap_url_parse(struct arena *a, str text, struct imap_url *u, struct diag *d)
{
    *u = (struct imap_url){ .tls = str_istarts(text, S("imaps://")) };
    text = str_skip(text, u->tls ? 8 : 7);
    struct str_cut path = str_cut(text, '/');
    struct str_cut user = str_rcut(path.head, '@');
    if (user.found && !parse_user(a, user.head, u, d))
        return false;
    if (!parse_host(a, user.found ? user.tail : path.head, u, d))
        return false;
    str folder = path.tail;
    while (str_ends(folder, S("/")))
        folder = str_head(folder, folder.n - 1);
    if (str_ifind(folder, S(";UID")) != STR_NONE || str_find_char(folder, '?') != STR_NONE)
        return diag_set(d, EXIT_USAGE, "a URL names a folder (imaps://USER@HOST/FOLDER), no message in it");
    if (!percent_decode(a, folder, &u->folder) || u->folder.n > IMAP_MAX_FOLDER)
        return diag_set(d, EXIT_USAGE, "the URL's folder is badly encoded (%%25 is %%)");
    if (u->folder.n == 0 || str_ieq(u->folder, S("INBOX")))
        u->folder = S("INBOX");
    u->pattern = str_find_char(u->folder, '*') != STR_NONE || str_find_char(u->folder, '%') != STR_NONE;
    return true;
}

str
imap_url_host(struct arena *a, const struct imap_url *u)
{
    bool brackets = str_find_char(u->host, ':') != STR_NONE;
    if (u->port == IMAP_PORT || u->port == IMAPS_PORT)
        return u->host;
    return arena_printf(a, "%s%.*s%s:%d", brackets ? "[" : "", PRSTR(u->host), brackets ? "]" : "", u->port);
}

str
imap_url_print(struct arena *a, const struct imap_url *u, str folder, uint32_t uidvalidity, uint32_t uid)
{
    bool brackets = str_find_char(u->host, ':') != STR_NONE;
    struct buf b = { 0 };
    buf_printf(&b, "%s://", u->tls ? "imaps" : "imap");
    if (u->user.n)
        buf_printf(&b, "%.*s@", PRSTR(percent_encode(a, u->user, "")));
    buf_printf(&b, brackets ? "[%.*s]" : "%.*s", PRSTR(u->host));
    if (u->port != (u->tls ? IMAPS_PORT : IMAP_PORT))
        buf_printf(&b, ":%d", u->port);
    buf_printf(&b, "/%.*s", PRSTR(percent_encode(a, folder, "/*[]")));
    if (uid)
        buf_printf(&b, ";UIDVALIDITY=%u/;UID=%u", uidvalidity, uid);
    str s = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return s;
}

/* Modified UTF-7 ------------------------------------------------------------------------------------ */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/* Bits that wait to become digits. */
struct bits {
    uint32_t value;
    int n;
};

static void
put_unit(struct buf *b, struct bits *bits, uint32_t unit)
{
    bits->value = bits->value << 16 | unit;
    for (bits->n += 16; bits->n >= 6; bits->n -= 6)
        buf_char(b, base64[bits->value >> (bits->n - 6) & 63]);
    bits->value &= (1u << bits->n) - 1;
}

str
imap_utf7_encode(struct arena *a, str s)
{
    struct buf b = { 0 };
    struct bits bits = { 0 };
    bool shifted = false;
    for (;;) {
        struct utf8_result c = { .ok = false };
        bool plain = s.n == 0 || (s.p[0] >= ' ' && s.p[0] <= '~');
        if (shifted && plain) {
            if (bits.n)
                buf_char(&b, base64[bits.value << (6 - bits.n) & 63]);
            buf_char(&b, '-');
            bits = (struct bits){ 0 };
            shifted = false;
        }
        if (s.n == 0)
            break;
        if (plain) {
            buf_char(&b, s.p[0]);
            if (s.p[0] == '&')
                buf_char(&b, '-');
            s = str_skip(s, 1);
            continue;
        }
        if (!shifted)
            buf_char(&b, '&');
        shifted = true;
        c = utf8_cut(s);
        uint32_t code = c.ok ? c.code : 0xfffd;
        if (code > 0xffff) {
            put_unit(&b, &bits, 0xd800 + ((code - 0x10000) >> 10));
            put_unit(&b, &bits, 0xdc00 + ((code - 0x10000) & 0x3ff));
        } else {
            put_unit(&b, &bits, code);
        }
        s = str_skip(s, c.length ? c.length : 1);
    }
    str out = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}

/* What stands between "&" and "-"; false where it is none of ours. */
static bool
decode_shifted(struct buf *b, str digits)
{
    struct bits bits = { 0 };
    uint32_t high = 0;
    for (size_t i = 0; i < digits.n; i++) {
        const char *at = digits.p[i] ? strchr(base64, digits.p[i]) : NULL;
        if (at == NULL)
            return false;
        bits.value = bits.value << 6 | (uint32_t)(at - base64);
        bits.n += 6;
        if (bits.n < 16)
            continue;
        bits.n -= 16;
        uint32_t unit = bits.value >> bits.n & 0xffff;
        bits.value &= (1u << bits.n) - 1;
        if (high && unit >= 0xdc00 && unit < 0xe000) {
            utf8_put(b, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
            high = 0;
        } else if (high || (unit >= 0xdc00 && unit < 0xe000) || unit == 0) {
            return false;
        } else if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
        } else {
            utf8_put(b, unit);
        }
    }
    return high == 0 && bits.value == 0 && bits.n < 6;
}

str
imap_utf7_decode(struct arena *a, str wire)
{
    struct buf b = { 0 };
    bool good = true;
    for (str s = wire; good && s.n > 0;) {
        if (s.p[0] != '&') {
            buf_char(&b, s.p[0]);
            s = str_skip(s, 1);
            continue;
        }
        struct str_cut c = str_cut(str_skip(s, 1), '-');
        good = c.found && (c.head.n == 0 || decode_shifted(&b, c.head));
        if (c.head.n == 0)
            buf_char(&b, '&');
        s = c.tail;
    }
    bool repaired;
    str out = arena_copy(a, utf8_repair(a, good ? buf_str(&b) : wire, &repaired));
    buf_free(&b);
    return out;
}
