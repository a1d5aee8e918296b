/* What the formats of filters and delivery agents share: owners of tags, tables, words. */
#include "log_family.h"

#include "hash.h"

bool
log_family_match(struct log_family *f, str program, str text, struct event *e)
{
    if (f->table == NULL) {
        size_t n;
        const struct log_row *rows = f->rows(&n);
        f->table = log_table_new(rows, n);
    }
    if (text.n <= LOG_TEXT_MAX && log_table_match(f->table, program, text, e))
        return true;
    e->kind = EVENT_REJECT;
    e->why = text.n <= LOG_TEXT_MAX ? f->unknown : "longer than any line of this program";
    return false;
}

bool
log_is_named(str program, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (str_ieq(program, str_from(names[i])))
            return true;
    return false;
}

str
log_tag_tail(str program)
{
    size_t slash = str_rfind_char(program, '/');
    return slash == STR_NONE ? program : str_skip(program, slash + 1);
}

static bool
is_queue_id(str id)
{
    bool digit = false, good = id.n >= 5 && id.n <= 32;
    for (size_t i = 0; good && i < id.n; i++) {
        digit |= str_is_digit(id.p[i]);
        good = str_is_digit(id.p[i]) || str_is_alpha(id.p[i]) || id.p[i] == '-';
    }
    return good && digit;
}

void
log_keep_queue_id(struct event *e)
{
    if (!is_queue_id(EV(e, QUEUE_ID)))
        EV(e, QUEUE_ID) = (str){ 0 };
}

str
log_recipient_list(str list)
{
    static _Thread_local char buffer[4096];
    size_t n = 0;
    bool quoted = false;
    if (list.n > sizeof buffer)
        return list;
    for (size_t i = 0; i < list.n; i++) {
        char c = list.p[i];
        if (c == '"')
            quoted = !quoted;
        if (quoted || (c != '<' && c != '>'))
            buffer[n++] = c;
    }
    return str_of(buffer, n);
}

bool
log_ignore_rest(const struct line *line, struct event *e)
{
    if (line->at != WHEN_NONE || line->program.n)
        return false;
    e->kind = EVENT_IGNORED;
    e->why = "the rest of a text";
    return true;
}

bool
log_has_leading_id(str text)
{
    str word = str_cut(text, ' ').head;
    if (word.n && word.p[word.n - 1] == ':')
        word.n--;
    return is_queue_id(word);
}

void
log_ignore_own_life(struct event *e, bool about_a_message)
{
    if (e->kind != EVENT_REJECT || about_a_message || e->text.n > LOG_TEXT_MAX)
        return;
    e->kind = EVENT_IGNORED;
    e->why = "the program's own life";
}

static str
log_lower(str word, const char *const *lower)
{
    for (size_t i = 0; word.n && lower[i]; i++)
        if (lower[i][0] == str_lower_char(word.p[0]) && str_ieq(word, str_from(lower[i])))
            return str_from(lower[i]);
    return word;
}

str
log_auth_word(str said)
{
    static const char *const words[] = { "pass",      "fail",      "softfail", "neutral", "none",
                                         "temperror", "permerror", "policy",   NULL };
    static const struct {
        const char *said, *word;
    } old[] = {
        { "hardfail", "fail" },        { "error", "temperror" },      { "temp-error", "temperror" },
        { "perm-error", "permerror" }, { "unknown", "permerror" },    { "temperr", "temperror" },
        { "permerr", "permerror" },    { "soft-fail", "softfail" },   { "soft_fail", "softfail" },
        { "temp_error", "temperror" }, { "perm_error", "permerror" }, { "tempfail", "temperror" },
        { "permfail", "permerror" },
    };
    for (size_t i = 0; said.n && i < sizeof old / sizeof *old; i++)
        if (old[i].said[0] == str_lower_char(said.p[0]) && str_ieq(said, str_from(old[i].said)))
            return str_from(old[i].word);
    return log_lower(said, words);
}

str
log_domain_of(str address)
{
    size_t at = str_rfind_char(address, '@');
    return at == STR_NONE ? address : str_skip(address, at + 1);
}

size_t
log_ctime(str s, struct civil *out)
{
    enum { DAY = 4, STAMP = 15, LENGTH = 24 };
    if (s.n < LENGTH || s.p[3] != ' ' || s.p[DAY + STAMP] != ' ')
        return 0;
    struct when_result stamp = when_rfc3164(str_of(s.p + DAY, STAMP));
    str year = str_of(s.p + DAY + STAMP + 1, 4);
    if (!stamp.ok || stamp.rest.n || !str_digits(year))
        return 0;
    *out = stamp.civil;
    out->year = (int)str_cut_number(year, 4).value;
    return LENGTH;
}

str
log_made_id(const char *program, const struct event *e, uint64_t more)
{
    static const char digits[] = "0123456789abcdef";
    enum { NAME_MOST = 19, DIGITS = 12 };
    static _Thread_local char id[NAME_MOST + 1 + DIGITS];
    uint64_t h = hash_more(hash_bytes(e->host), str_of((const char *)&e->at, sizeof e->at));
    h = hash_more(h, e->text) ^ more;
    str name = str_head(str_from(program), NAME_MOST);
    memcpy(id, name.p, name.n);
    id[name.n] = '-';
    for (size_t i = DIGITS; i > 0; i--, h >>= 4)
        id[name.n + i] = digits[h & 15];
    return str_of(id, name.n + 1 + DIGITS);
}

static _Thread_local struct {
    bool follows;
    size_t n;
    char id[64];
} removal;

void
log_removal_follows(str queue_id)
{
    removal.n = queue_id.n <= sizeof removal.id ? queue_id.n : 0;
    removal.follows = removal.n == queue_id.n;
    if (removal.n)
        memcpy(removal.id, queue_id.p, removal.n);
}

void
log_removal_forget(void)
{
    removal.follows = false;
}

bool
log_removal_more(struct event *e)
{
    if (!removal.follows)
        return false;
    removal.follows = false;
    e->kind = EVENT_REMOVAL;
    e->flags |= EVENT_FINAL_REMOVAL;
    e->row = "end";
    EV(e, QUEUE_ID) = str_of(removal.id, removal.n);
    return true;
}
