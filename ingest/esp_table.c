/* Reads lists of events as CSV: the columns get the names that the provider's JSON has, and the words of events its
 * spelling; what a row means is said by the provider's own file.
 *
 * Times are taken for UTC where the list does not say.  Names of events in other languages than English are not
 * known. */
#include "esp_table.h"

#include "csv.h"

enum { COLUMNS_MAX = 64 };

/* By the columns that show it; the first row that fits decides.  renamed: "column=key", blanks between. */
static const struct {
    const struct esp_provider *provider;
    const char *columns, *renamed;
} tables[] = {
    { &esp_sendgrid, "processed event message_id email recv_message_id",
      "processed=timestamp message_id=sg_message_id user_agent=useragent" },
    { &esp_sendgrid, "status reason email created", "" },
    { &esp_mailgun, "address code error created_at", "" },
    { &esp_mandrill, "date email_address sender subject status bounce_detail",
      "date=ts email_address=email status=state bounce_detail=diag" },
    { &esp_brevo, "st_text ts frm email mid", "st_text=event sub=subject mid=message-id" },
    { &esp_sparkpost, "type event_id timestamp rcpt_to", "" },
};
enum { TABLES = sizeof tables / sizeof *tables };

struct columns {
    str key[COLUMNS_MAX];
    size_t n;
    char between; /* columns */
};

/* "Email Address" -> "email_address" */
static str
as_word(str s, struct arena *a)
{
    char *to = arena_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        to[i] = s.p[i] == ' ' ? '_' : str_lower_char(s.p[i]);
    return str_of(to, s.n);
}

static struct columns
read_names(str line, struct arena *a)
{
    struct columns c = { .between = csv_separator(line) };
    c.n = csv_fields(line, c.between, c.key, COLUMNS_MAX, a);
    for (size_t i = 0; i < c.n; i++)
        c.key[i] = as_word(c.key[i], a);
    return c;
}

static bool
has_column(const struct columns *c, str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_eq(c->key[i], name))
            return true;
    return false;
}

static size_t
table_of(const struct columns *c)
{
    for (size_t t = 0; t < TABLES; t++) {
        bool all = true;
        for (struct str_cut want = { .tail = str_from(tables[t].columns) }; want.tail.n && all;) {
            want = str_cut(want.tail, ' ');
            all = has_column(c, want.head);
        }
        if (all)
            return t;
    }
    return TABLES;
}

bool
esp_table_has(const struct esp_provider *p)
{
    for (size_t t = 0; t < TABLES; t++)
        if (tables[t].provider == p)
            return true;
    return false;
}

const struct esp_provider *
esp_table_owner(str head)
{
    head = str_head(head, ESP_TABLE_HEAD);
    size_t end = str_find_char(head, '\n');
    if (end == STR_NONE || head.p[0] == '{' || head.p[0] == '[')
        return NULL;
    struct arena a = { 0 };
    struct columns c = read_names(str_head(head, end), &a);
    size_t t = table_of(&c);
    arena_free(&a);
    return t < TABLES ? tables[t].provider : NULL;
}

static void
rename_columns(struct columns *c, size_t t)
{
    for (struct str_cut next = { .tail = str_from(tables[t].renamed) }; next.tail.n;) {
        next = str_cut(next.tail, ' ');
        struct str_cut pair = str_cut(next.head, '=');
        for (size_t i = 0; i < c->n; i++)
            if (str_eq(c->key[i], pair.head))
                c->key[i] = pair.tail;
    }
}

/* What says nothing ("NA" in Brevo's lists) is left out. */
static const struct json_value *
as_object(const struct columns *c, str row, struct arena *a)
{
    struct json_value *v = arena_alloc(a, sizeof *v);
    *v = (struct json_value){ .kind = JSON_OBJECT };
    v->items = ARENA_ARRAY(a, struct json_value, c->n + 1);
    bool more = true;
    for (size_t i = 0; i < c->n && more; i++) {
        str value;
        more = csv_cut(&row, c->between, &value, a);
        if (value.n == 0 || str_eq(value, S("NA")))
            continue;
        if (str_eq(c->key[i], S("event")) || str_eq(c->key[i], S("state")))
            value = as_word(value, a);
        v->items[v->n++] = (struct json_value){ .kind = JSON_STRING, .name = c->key[i], .text = value };
    }
    json_set_places(a, v);
    return v;
}

bool
esp_table_read(struct source *s, struct sink *sink, struct esp *esp, esp_take_row *take)
{
    struct arena names = { 0 };
    size_t n;
    bool good = csv_next(s, csv_separator(str_head(s->window, ESP_TABLE_HEAD)), &n, &sink->diag);
    struct columns c = { 0 };
    if (good) {
        c = read_names(arena_copy(&names, str_head(s->window, n)), &names);
        size_t t = table_of(&c);
        if (t < TABLES)
            rename_columns(&c, t);
        account_ignore(sink->account, n);
        source_take(s, n);
    }
    while (good && (good = csv_next(s, c.between, &n, &sink->diag)) && n) {
        str row = str_head(s->window, n);
        arena_reset(esp_arena(esp));
        good = take(esp, row, as_object(&c, row, esp_arena(esp)), s->offset);
        source_take(s, n);
    }
    arena_free(&names);
    return good;
}
