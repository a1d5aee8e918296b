/* Bodies of forms (application/x-www-form-urlencoded), as some webhooks post them: one line each. */
#include "esp.h"

enum { FORM_FIELDS = 256, FORM_HEAD = 64 };

static bool
is_key_char(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || c == '_' || c == '-' || c == '.' || c == '%' || c == '+' ||
           c == '[' || c == ']';
}

bool
esp_is_form(str head)
{
    size_t n = 0;
    head = str_trim_left(head);
    while (n < head.n && n < FORM_HEAD && is_key_char(head.p[n]))
        n++;
    if (n == 0 || n == head.n || head.p[n] != '=' || !str_is_alpha(head.p[0]))
        return false;
    str value = str_cut(str_cut(str_skip(head, n + 1), '\n').head, '&').head;
    return str_find_char(value, ' ') == STR_NONE;
}

static int
hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static str
decode(struct arena *a, str s)
{
    char *to = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        bool escaped = s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0;
        char c = s.p[i] == '+' ? ' ' : s.p[i];
        if (escaped) {
            c = (char)(hex(s.p[i + 1]) * 16 + hex(s.p[i + 2]));
            i += 2;
        }
        if (c != '\0')
            to[n++] = c;
    }
    return str_of(to, n);
}

struct json_value *
esp_form(struct arena *a, str line)
{
    line = str_trim(line);
    if (!esp_is_form(line))
        return NULL;
    struct json_value *v = arena_alloc(a, sizeof *v);
    *v = (struct json_value){ .kind = JSON_OBJECT };
    v->keys = arena_alloc(a, FORM_FIELDS * sizeof *v->keys);
    v->items = arena_alloc(a, FORM_FIELDS * sizeof *v->items);
    for (struct str_cut c = { .tail = line }; c.tail.n && v->n < FORM_FIELDS;) {
        c = str_cut(c.tail, '&');
        struct str_cut pair = str_cut(c.head, '=');
        v->keys[v->n] = decode(a, pair.head);
        v->items[v->n++] = (struct json_value){ .kind = JSON_STRING, .text = decode(a, pair.tail) };
    }
    return v;
}
