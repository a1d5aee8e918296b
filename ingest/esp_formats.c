/* The providers in the registry of formats.  Whichever recognises a file reads all of it: one that was
 * gathered from several providers keeps the name of each event's own. */
#include "esp.h"

#include "esp_table.h"

/* key= as a field of a form. */
static bool
has_field(str head, str key)
{
    for (struct str_cut c = { .tail = str_cut(head, '\n').head }; c.tail.n;) {
        c = str_cut(c.tail, '&');
        if (str_starts(c.head, key) && c.head.n > key.n && c.head.p[key.n] == '=')
            return true;
    }
    return false;
}

/* "key" as a key, its quotes perhaps escaped (JSON inside JSON). */
static bool
has_key(str head, str key)
{
    for (size_t at; (at = str_find(head, key)) != STR_NONE; head = str_skip(head, at + key.n)) {
        str behind = str_skip(head, at + key.n);
        bool opened = at > 0 && head.p[at - 1] == '"';
        if (opened && behind.n && (behind.p[0] == '"' || behind.p[0] == '\\'))
            return true;
    }
    return false;
}

static int
recognise(const struct esp_provider *p, str head)
{
    while (head.n && (str_is_space(head.p[0]) || (unsigned char)head.p[0] >= 0x80 || head.p[0] == '['))
        head = str_skip(head, 1);
    bool form = head.n && head.p[0] != '{' && esp_is_form(head);
    if (head.n == 0 || (head.p[0] != '{' && !form))
        return head.n && esp_table_has(p) && esp_table_owner(head) == p ? 92 : 0;
    for (const char *const *k = p->keys; *k; k++) {
        bool all = true;
        for (; *k; k++)
            all = all && (form ? has_field : has_key)(head, str_from(*k));
        if (all)
            return 92;
    }
    return 0;
}

#define ESP_FORMAT(id, text)                                                                              \
    static int recognise_##id(str head, bool eof)                                                         \
    {                                                                                                     \
        (void)eof;                                                                                        \
        return recognise(&esp_##id, head);                                                                \
    }                                                                                                     \
    extern const struct format format_##id;                                                               \
    const struct format format_##id = {                                                                   \
        .name = #id, .kind = "events", .description = text, .recognise = recognise_##id, .read = esp_read \
    };

ESP_PROVIDERS(ESP_FORMAT)
