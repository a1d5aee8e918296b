/* Reads tag lists without judging what the tags mean. */
#include "taglist.h"

/* tag-name = ALPHA *( ALPHA / DIGIT / "_" ) */
static bool
is_name(str s)
{
    if (s.n == 0 || !str_is_alpha(s.p[0]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && s.p[i] != '_')
            return false;
    return true;
}

/* tag-value: printable ASCII but ";", and folding white space; UTF-8 as RFC 8616 allows. */
static bool
is_value(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if ((c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return true;
}

static bool
known(const struct taglist *t, str name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->tags[i].name, name))
            return true;
    return false;
}

void
taglist_parse(struct taglist *t, str text)
{
    *t = (struct taglist){ 0 };
    while (text.n) {
        struct str_cut piece = str_cut(text, ';');
        text = piece.tail;
        if (str_trim(piece.head).n == 0) {
            if (str_trim(text).n)
                t->problem = "an empty tag";
            continue;
        }
        struct str_cut equals = str_cut(piece.head, '=');
        str name = str_trim(equals.head);
        if (!equals.found || !is_name(name) || !is_value(equals.tail)) {
            t->problem = "not a list of tags";
            continue;
        }
        if (known(t, name)) {
            t->duplicate = true;
            continue;
        }
        if (t->n == TAGLIST_MAX) {
            t->problem = "too many tags";
            return;
        }
        t->tags[t->n++] = (struct tag){ name, str_trim(equals.tail), equals.tail };
    }
}

str
taglist_get(const struct taglist *t, const char *name, bool *there)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->tags[i].name, str_from(name))) {
            if (there)
                *there = true;
            return t->tags[i].value;
        }
    if (there)
        *there = false;
    return S("");
}

bool
taglist_item(str *rest, char separator, str *item)
{
    if (rest->p == NULL)
        return false;
    struct str_cut cut = str_cut(*rest, separator);
    *item = str_trim(cut.head);
    *rest = cut.found ? cut.tail : (str){ NULL, 0 };
    return true;
}

bool
taglist_has(str list, char separator, const char *item)
{
    str got;
    while (taglist_item(&list, separator, &got))
        if (str_ieq(got, str_from(item)))
            return true;
    return false;
}
