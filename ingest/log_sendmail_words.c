/* What Sendmail says of itself: how such lines begin.
 *
 * The daemon writes several hundred kinds of faults, warnings and news of its own life (format strings of its
 * log statements, and of the libraries that log through it).  None of them tells what became of a message; that
 * stands in the message's own lines. */
#include "log_sendmail_words.h"

#define W(text) { text, sizeof text - 1 },
static const str openings[] = {
#include "log_sendmail_openings.def"
};
static const str functions[] = {
#include "log_sendmail_functions.def"
};
#undef W

static bool
is_word_char(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || c == '_';
}

bool
sendmail_words(str text)
{
    if (text.n && text.p[0] == '!') /* what it dies of */
        text = str_skip(text, 1);
    if (str_starts_any(text, openings, sizeof openings / sizeof *openings))
        return true;
    size_t n = 0;
    while (n < text.n && is_word_char(text.p[n]))
        n++;
    if (n == 0 || n == text.n || (text.p[n] != ':' && text.p[n] != '(' && text.p[n] != '='))
        return false;
    str word = str_head(text, n);
    if (str_has(word, S("_map_")) || str_starts(word, S("ldapmap_")) || str_starts(word, S("sm_")) ||
        str_starts(word, S("mci_")))
        return true;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (str_eq(word, functions[i]))
            return true;
    return false;
}
