/* Log formats as data: compiles a table of rows and finds the row of a line. */
#include "logrow.h"

#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "regex.h"

/* What is found once of a text, so that most rows are passed over without a search: how it begins, and which pairs of
 * neighbouring bytes it has, by a hash of theirs; a text that lacks a pair of a needle lacks the needle.  The first
 * needles are sought without: mostly it is one of these. */
enum { PAIRS = 2048, PAIRS_ASKED = 4, SOUGHT_WITHOUT = 2 };

struct seen {
    str text, from_colon;
    uint64_t text_head, colon_head; /* their first eight bytes */
    unsigned sought;
    bool pair[PAIRS];
};

struct compiled_row {
    const struct log_row *row;
    str needle;
    bool anchored;            /* "^": at the start of the text */
    bool at_colon;            /* "@": at its first colon */
    uint64_t head, head_mask; /* its first eight bytes */
    uint16_t pair[PAIRS_ASKED];
    unsigned npairs;
    struct regex *regex;
    enum event_field field[REGEX_MAX_GROUPS + 1]; /* of each group */
};

struct log_program {
    str name;
    size_t *rows; /* indexes of its rows, "*" rows included, in table order */
    size_t n;
};

struct log_table {
    struct compiled_row *rows;
    size_t n;
    struct log_program *programs;
    size_t nprograms;
    struct log_program any; /* for programs that no row names */
    struct arena arena;
};

static inline unsigned
pair_at(const char *p)
{
    return ((unsigned)(unsigned char)p[0] << 4 ^ (unsigned char)p[1]) % PAIRS;
}

static inline uint64_t
head_of(str s)
{
    uint64_t head = 0;
    if (s.n >= sizeof head)
        memcpy(&head, s.p, sizeof head);
    else if (s.n)
        memcpy(&head, s.p, s.n);
    return head;
}

/* Pairs from all over the needle. */
static void
prepare_needle(struct compiled_row *c)
{
    static const char ones[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    c->head = head_of(c->needle);
    c->head_mask = head_of(str_head(str_of(ones, sizeof ones - 1), c->needle.n));
    size_t n = c->needle.n < 2 ? 0 : c->needle.n - 1;
    c->npairs = n < PAIRS_ASKED ? (unsigned)n : PAIRS_ASKED;
    for (unsigned i = 0; i < c->npairs; i++)
        c->pair[i] = (uint16_t)pair_at(c->needle.p + (c->npairs == n ? i : i * (n - 1) / (PAIRS_ASKED - 1)));
}

static bool
has_pairs(const struct compiled_row *c, struct seen *s)
{
    if (s->sought++ < SOUGHT_WITHOUT)
        return true;
    if (s->sought == SOUGHT_WITHOUT + 1) {
        memset(s->pair, 0, sizeof s->pair);
        for (size_t i = 1; i < s->text.n; i++)
            s->pair[pair_at(s->text.p + i - 1)] = true;
    }
    bool all = true;
    for (unsigned i = 0; i < c->npairs; i++)
        all &= s->pair[c->pair[i]];
    return all;
}

static void
compile_row(struct compiled_row *c, const struct log_row *row)
{
    struct diag d = { 0 };
    c->row = row;
    c->anchored = row->needle[0] == '^';
    c->at_colon = row->needle[0] == '@';
    c->needle = str_from(row->needle + (c->anchored || c->at_colon));
    prepare_needle(c);
    if (row->pattern == NULL)
        return;
    c->regex = regex_new(row->pattern, &d);
    if (c->regex == NULL)
        BUG("row %s: %s", row->id, d.text);
    for (int i = 1; i <= regex_groups(c->regex); i++) {
        c->field[i] = event_field_from(regex_group_name(c->regex, i));
        if (c->field[i] == FIELD_COUNT && regex_group_name(c->regex, i).n)
            BUG("row %s: no field is called %.*s", row->id, PRSTR(regex_group_name(c->regex, i)));
    }
}

/* A row's programs are words separated by blanks, or "*". */
static bool
row_is_for(const struct log_row *row, str program)
{
    for (str rest = str_from(row->program); rest.n;) {
        struct str_cut c = str_cut(rest, ' ');
        if (str_eq(c.head, program) || str_eq(c.head, S("*")))
            return true;
        rest = c.tail;
    }
    return false;
}

static void
fill_program(struct log_table *t, struct log_program *p, str name)
{
    p->name = name;
    p->rows = ARENA_ARRAY(&t->arena, size_t, t->n);
    for (size_t i = 0; i < t->n; i++)
        if (row_is_for(t->rows[i].row, name))
            p->rows[p->n++] = i;
}

struct log_table *
log_table_new(const struct log_row *rows, size_t n)
{
    struct log_table *t = xcalloc(1, sizeof *t);
    t->n = n;
    t->rows = ARENA_ARRAY(&t->arena, struct compiled_row, n);
    size_t room = 0;
    for (size_t i = 0; i < n; i++) {
        compile_row(&t->rows[i], &rows[i]);
        for (str rest = str_from(rows[i].program); rest.n;) {
            struct str_cut c = str_cut(rest, ' ');
            bool known = str_eq(c.head, S("*"));
            for (size_t k = 0; k < t->nprograms; k++)
                known |= str_eq(t->programs[k].name, c.head);
            if (!known)
                ARENA_PUSH(&t->arena, t->programs, t->nprograms, room) =
                    (struct log_program){ .name = c.head };
            rest = c.tail;
        }
    }
    for (size_t k = 0; k < t->nprograms; k++)
        fill_program(t, &t->programs[k], t->programs[k].name);
    fill_program(t, &t->any, S("*"));
    return t;
}

void
log_table_free(struct log_table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < t->n; i++)
        regex_free(t->rows[i].regex);
    arena_free(&t->arena);
    free(t);
}

static const struct log_program *
find_program(const struct log_table *t, str program)
{
    for (size_t k = 0; k < t->nprograms; k++)
        if (str_eq(t->programs[k].name, program))
            return &t->programs[k];
    return &t->any;
}

static str
first_colon(str text)
{
    size_t at = str_find_char(text, ':');
    return at == STR_NONE ? (str){ 0 } : str_skip(text, at);
}

static void
see(struct seen *s, str text)
{
    s->text = text;
    s->from_colon = first_colon(text);
    s->text_head = head_of(text);
    s->colon_head = head_of(s->from_colon);
    s->sought = 0; /* the pairs are found when asked for */
}

static inline bool
has_needle(const struct compiled_row *c, struct seen *s)
{
    if (c->at_colon)
        return (s->colon_head & c->head_mask) == c->head && str_starts(s->from_colon, c->needle);
    if (c->anchored)
        return (s->text_head & c->head_mask) == c->head && str_starts(s->text, c->needle);
    return has_pairs(c, s) && str_has(s->text, c->needle);
}

static inline bool
row_matches(struct compiled_row *c, struct seen *s, str groups[REGEX_MAX_GROUPS + 1])
{
    return has_needle(c, s) && (c->regex == NULL || regex_match(c->regex, s->text, groups));
}

bool
log_table_match(struct log_table *t, str program, str text, struct event *e)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct seen seen; /* large, and not all of it is used */
    see(&seen, text);
    const struct log_program *p = find_program(t, program);
    for (size_t i = 0; i < p->n; i++) {
        struct compiled_row *c = &t->rows[p->rows[i]];
        if (!row_matches(c, &seen, groups))
            continue;
        e->kind = c->row->kind;
        e->flags |= c->row->flags;
        e->stage = c->row->stage;
        e->row = c->row->id;
        if (c->regex)
            for (int g = 1, n = regex_groups(c->regex); g <= n; g++)
                if (groups[g].p && c->field[g] != FIELD_COUNT)
                    e->field[c->field[g]] = groups[g];
        if (c->row->kind == EVENT_IGNORED)
            e->why = c->row->value;
        else if (c->row->value && EV(e, ACTION).n == 0)
            EV(e, ACTION) = str_from(c->row->value);
        return true;
    }
    return false;
}

size_t
log_table_count(struct log_table *t, str program, str text)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct seen seen;
    see(&seen, text);
    size_t n = 0;
    const struct log_program *p = find_program(t, program);
    for (size_t i = 0; i < p->n; i++)
        n += row_matches(&t->rows[p->rows[i]], &seen, groups);
    return n;
}
