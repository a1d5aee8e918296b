/* Escaping, tones and badges. */
#include "html.h"

#include "utf8.h"

/* Overrides and isolates of direction: a stranger's word must not turn ours around it. */
static bool
turns_text(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void
html_text(struct buf *b, str s)
{
    size_t start = 0, at = 0;
    while (at < s.n) {
        unsigned char c = (unsigned char)s.p[at];
        const char *as = NULL;
        size_t length = 1;
        switch (c) {
        case '&': as = "&amp;"; break;
        case '<': as = "&lt;"; break;
        case '>': as = "&gt;"; break;
        case '"': as = "&quot;"; break;
        case '\'': as = "&#39;"; break;
        default:
            if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) {
                as = "\xef\xbf\xbd";
            } else if (c >= 0x80) {
                struct utf8_result u = utf8_cut(str_skip(s, at));
                length = u.length;
                if (!u.ok || u.code < 0xa0 || (u.code & 0xfffe) == 0xfffe || turns_text(u.code))
                    as = "\xef\xbf\xbd";
            }
        }
        if (as) {
            buf_put(b, s.p + start, at - start);
            buf_add(b, str_from(as));
            start = at + length;
        }
        at += length;
    }
    buf_put(b, s.n ? s.p + start : "", at - start);
}

const char *
tone_name(enum tone tone)
{
    static const char *const names[] = {
        [TONE_NONE] = "none", [TONE_GOOD] = "good", [TONE_FAIR] = "fair", [TONE_MUTED] = "muted",
        [TONE_WARN] = "warn", [TONE_ODD] = "odd",   [TONE_BAD] = "bad",
    };
    return names[tone];
}

enum tone
tone_of_word(str word)
{
    static const struct {
        const char *word;
        enum tone tone;
    } words[] = {
        { "inbox", TONE_GOOD },      { "category", TONE_GOOD },    { "stored", TONE_GOOD },
        { "delivered", TONE_GOOD },  { "accepted", TONE_FAIR },    { "junk", TONE_ODD },
        { "quarantined", TONE_ODD }, { "misplaced", TONE_ODD },    { "deferred", TONE_WARN },
        { "in_transit", TONE_WARN }, { "pending", TONE_WARN },     { "rejected", TONE_BAD },
        { "bounced", TONE_BAD },     { "expired", TONE_BAD },      { "failed", TONE_BAD },
        { "discarded", TONE_BAD },   { "lost", TONE_BAD },         { "vanished", TONE_BAD },
        { "failure", TONE_BAD },     { "degradation", TONE_WARN }, { "note", TONE_MUTED },
        { "pass", TONE_GOOD },       { "fail", TONE_BAD },         { "softfail", TONE_WARN },
        { "neutral", TONE_MUTED },   { "none", TONE_MUTED },       { "permerror", TONE_BAD },
        { "temperror", TONE_WARN },  { "policy", TONE_WARN },      { "sent", TONE_GOOD },
        { "reject", TONE_BAD },      { "quarantine", TONE_ODD },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, str_from(words[i].word)))
            return words[i].tone;
    return TONE_NONE;
}

/* "user_unknown" -> "user unknown" */
static void
put_words(struct buf *b, str word)
{
    for (struct str_cut c = str_cut(word, '_');; c = str_cut(c.tail, '_')) {
        html_text(b, c.head);
        if (!c.found)
            break;
        buf_char(b, ' ');
    }
    buf_add(b, S("</span>"));
}

void
html_word(struct buf *b, str word)
{
    buf_add(b, S("<span class=\"word\">"));
    put_words(b, word);
}

void
html_badge(struct buf *b, str word)
{
    enum tone tone = tone_of_word(word);
    if (tone == TONE_NONE) {
        html_word(b, word);
        return;
    }
    buf_printf(b, "<span class=\"badge tone-%s\">", tone_name(tone));
    put_words(b, word);
}
