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

/* How long what stands for itself is. */
static inline size_t
plain_run(str s)
{
    static const bool special[256] = { ['%'] = true, ['+'] = true, ['\0'] = true };
    size_t n = 0;
    while (n < s.n && !special[(unsigned char)s.p[n]])
        n++;
    return n;
}

static str
decode(struct arena *a, str s)
{
    size_t n = plain_run(s);
    if (n == s.n)
        return s;
    char *to = arena_bytes(a, s.n), *out = to;
    for (;;) {
        memcpy(out, s.p, n);
        out += n;
        if (n == s.n)
            return str_of(to, (size_t)(out - to));
        char c = s.p[n] == '+' ? ' ' : s.p[n];
        s = str_skip(s, n + 1);
        int high = c == '%' && s.n > 1 ? str_hex_digit(s.p[0]) : -1,
            low = high >= 0 ? str_hex_digit(s.p[1]) : -1;
        if (low >= 0) {
            c = (char)(high * 16 + low);
            s = str_skip(s, 2);
        }
        if (c != '\0')
            *out++ = c;
        n = plain_run(s);
    }
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
