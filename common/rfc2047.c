/* Encoded words in header fields (RFC 2047, RFC 2231 section 5), to UTF-8.
 *
 * Senders split characters between words, put blanks inside them, and put them
 * into quoted strings: all of that is read.  It does not encode. */
#include "message.h"

#include "buf.h"
#include "charset.h"
#include "transfer.h"
#include "utf8.h"

/* RFC 2047 section 2 says 75; senders go far beyond. */
enum {
    WORD_MAX = 2000,
    RUNS_MAX = 200, /* conversions in one field: setting one up is dear */
};

struct word {
    str charset, text;
    char encoding; /* 'b' or 'q' */
    size_t length; /* of the whole word; 0: none here */
};

/* The encoded word at the start of s. */
static struct word
cut_word(str s)
{
    struct word none = { 0 };
    s = str_head(s, WORD_MAX);
    if (!str_starts(s, S("=?")))
        return none;
    str rest = str_skip(s, 2);
    struct str_cut charset = str_cut(str_head(rest, 2 * CHARSET_MAX_NAME), '?');
    if (!charset.found || charset.head.n == 0)
        return none;
    str after = str_skip(rest, charset.head.n + 1);
    if (after.n < 2 || after.p[1] != '?')
        return none;
    char encoding = str_lower_char(after.p[0]);
    if (encoding != 'b' && encoding != 'q')
        return none;
    str text = str_skip(after, 2);
    size_t end = str_find(text, S("?="));
    if (end == STR_NONE)
        return none;
    return (struct word){
        .charset = str_cut(charset.head, '*').head, /* RFC 2231: charset*language */
        .text = str_head(text, end),
        .encoding = encoding,
        .length = (size_t)(text.p - s.p) + end + 2,
    };
}

static str
word_bytes(struct arena *a, const struct word *w)
{
    return w->encoding == 'b' ? transfer_base64(a, w->text) : transfer_q(a, w->text);
}

static size_t
blanks(str s)
{
    size_t n = 0;
    while (n < s.n && str_is_space(s.p[n]))
        n++;
    return n;
}

/* Puts the run of encoded words at the start of s, converted; returns its length.  Words of one
 * charset are joined before conversion: many senders cut characters in two. */
static size_t
put_words(struct arena *a, struct buf *out, str s, int *runs)
{
    struct buf bytes = { 0 };
    struct word w = cut_word(s);
    str charset = w.charset;
    size_t length = 0;
    for (size_t gap = 0; w.length > 0;) {
        if (!str_ieq(w.charset, charset)) {
            buf_add(out, charset_to_utf8(a, buf_str(&bytes), charset));
            bytes.n = 0;
            charset = w.charset;
            if (++*runs >= RUNS_MAX)
                break;
        }
        buf_add(&bytes, word_bytes(a, &w));
        length += gap + w.length; /* blanks between two words are no text (RFC 2047 6.2) */
        gap = blanks(str_skip(s, length));
        w = cut_word(str_skip(s, length + gap));
    }
    buf_add(out, charset_to_utf8(a, buf_str(&bytes), charset));
    ++*runs;
    buf_free(&bytes);
    return length;
}

str
header_decode(struct arena *a, str value)
{
    str s = header_unfold(a, value);
    if (!str_has(s, S("=?")))
        return utf8_repair(a, s, NULL);
    struct buf out = { 0 };
    int runs = 0;
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '=' && runs < RUNS_MAX && cut_word(str_skip(s, i)).length > 0)
            i += put_words(a, &out, str_skip(s, i), &runs);
        else
            buf_char(&out, s.p[i++]);
    }
    for (size_t i = 0; i < out.n; i++) /* a decoded line end would break lines of whoever prints this */
        if (out.p[i] == '\n' || out.p[i] == '\r' || out.p[i] == '\0')
            out.p[i] = ' ';
    str text = utf8_repair(a, arena_copy(a, buf_str(&out)), NULL);
    buf_free(&out);
    return text;
}
