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

static str
decode(struct arena *a, str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != '%' && s.p[n] != '+' && s.p[n] != '\0')
        n++;
    if (n == s.n)
        return s;
    char *to = arena_alloc(a, s.n + 1);
    memcpy(to, s.p, n);
    for (size_t i = n; i < s.n; i++) {
        char c = s.p[i] == '+' ? ' ' : s.p[i];
        if (c == '%' && i + 2 < s.n) {
            int high = str_hex_digit(s.p[i + 1]), low = str_hex_digit(s.p[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(high * 16 + low);
                i += 2;
            }
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
    size_t fields = str_count_char(line, '&') + 1;
    fields = fields < FORM_FIELDS ? fields : FORM_FIELDS;
    v->items = ARENA_ARRAY(a, struct json_value, fields);
    for (struct str_cut c = { .tail = line }; c.tail.n && v->n < fields;) {
        c = str_cut(c.tail, '&');
        struct str_cut pair = str_cut(c.head, '=');
        v->items[v->n++] = (struct json_value){ .kind = JSON_STRING,
                                                .name = decode(a, pair.head),
                                                .text = decode(a, pair.tail) };
    }
    json_set_places(a, v);
    return v;
}
