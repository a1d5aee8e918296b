/* Charsets: the frequent ones by hand, the others by the C library's iconv.
 *
 * It does not guess: charset detection from the bytes alone is limited to "valid UTF-8 or not". */
#include "charset.h"

#include <errno.h>
#include <iconv.h>

#include "buf.h"
#include "utf8.h"

/* Charsets met in mail.  A name that ends in '*' stands for all that begin so; means NULL: the library
 * knows it by its own name; "": nothing to convert.  Others are not handed to the library, which would
 * load a module for whatever a stranger names. */
static const struct {
    const char *name, *means;
} charsets[] = {
    { "utf-8", "" },
    { "utf8", "" },
    { "us-ascii", "" },
    { "ascii", "" },
    { "ansi_x3.4-1968", "" },
    { "7bit", "" },
    { "8bit", "" },
    { "unknown-8bit", "" },
    { "iso-8859-1", "windows-1252" }, /* mail that says Latin-1 means this superset of it */
    { "iso8859-1", "windows-1252" },
    { "latin1", "windows-1252" },
    { "latin-1", "windows-1252" },
    { "iso-8859-8-i", "iso-8859-8" }, /* the direction is the reader's business */
    { "iso-8859-*", NULL },
    { "iso8859-*", NULL },
    { "windows-*", NULL },
    { "cp125*", NULL },
    { "cp43*", NULL },
    { "cp85*", NULL },
    { "cp866", NULL },
    { "cp932", NULL },
    { "cp949", NULL },
    { "koi8-*", NULL },
    { "ks_c_5601*", "cp949" },
    { "euc-kr", "cp949" },
    { "euc-jp", NULL },
    { "euc-tw", NULL },
    { "gb2312*", "gb18030" }, /* senders that say GB2312 use its supersets */
    { "gbk", "gb18030" },
    { "x-gbk", "gb18030" },
    { "hz-gb-2312", "gb18030" },
    { "gb18030", NULL },
    { "big5*", NULL },
    { "shift_jis", "cp932" },
    { "shift-jis", "cp932" },
    { "x-sjis", "cp932" },
    { "iso-2022-jp", NULL },
    { "iso-2022-kr", NULL },
    { "tis-620", NULL },
    { "utf-7", NULL },
    { "unicode-1-1-utf-7", "utf-7" },
    { "utf-16*", NULL },
    { "utf-32*", NULL },
    { "macintosh", NULL },
    { "x-mac-roman", "macintosh" },
};

static bool
names_match(str charset, str row)
{
    if (row.p[row.n - 1] == '*')
        return str_istarts(charset, str_head(row, row.n - 1));
    return str_ieq(charset, row);
}

/* The library's name for a charset; empty: nothing to convert, or not known. */
static str
library_name(str charset)
{
    if (charset.n > CHARSET_MAX_NAME)
        return (str){ 0 };
    for (size_t i = 0; i < charset.n; i++) {
        char c = charset.p[i];
        if (!str_is_alpha(c) && !str_is_digit(c) && c != '-' && c != '_' && c != '.')
            return (str){ 0 };
    }
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++)
        if (names_match(charset, str_from(charsets[i].name)))
            return charsets[i].means ? str_from(charsets[i].means) : charset;
    return (str){ 0 };
}

static str
convert(struct arena *a, iconv_t with, str bytes)
{
    struct buf out = { 0 };
    char *in = (char *)bytes.p; /* iconv takes it unqualified and does not write to it */
    size_t left = bytes.n;
    while (left > 0) {
        buf_reserve(&out, left * 2 + 16);
        char *at = out.p + out.n;
        size_t room = out.room - out.n;
        size_t rc = iconv(with, &in, &left, &at, &room);
        out.n = (size_t)(at - out.p);
        if (rc != (size_t)-1)
            break;
        if (errno != E2BIG) { /* a byte that makes no sense, or a character cut short */
            utf8_put(&out, 0xFFFD);
            in++;
            left--;
        }
    }
    str text = utf8_repair(a, arena_copy(a, buf_str(&out)), NULL);
    buf_free(&out);
    return text;
}

str
charset_to_utf8(struct arena *a, str bytes, str charset)
{
    str name = library_name(charset);
    if (name.n == 0)
        return utf8_repair(a, bytes, NULL);
    iconv_t with = iconv_open("UTF-8", arena_z(a, name));
    if (with == (iconv_t)-1)
        return utf8_repair(a, bytes, NULL);
    str text = convert(a, with, bytes);
    iconv_close(with);
    return text;
}
