/* Log formats as data: compiles a table of rows and finds the row of a line. */
#include "logrow.h"

#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "regex.h"

/* Which pairs of neighbouring bytes a text has, as bits by a hash of theirs.  A text that lacks a pair of a needle lacks
 * the needle; most rows are passed over without a search. */
enum { PAIR_BITS = 4096, PAIRS_ASKED = 4 };

struct pairs {
    uint64_t set[PAIR_BITS / 64];
    bool known;
};

struct compiled_row {
    const struct log_row *row;
    str needle;
    bool anchored; /* "^": at the start of the text */
    bool at_colon; /* "@": at its first colon */
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
    return ((unsigned)(unsigned char)p[0] << 5 ^ (unsigned char)p[1]) % PAIR_BITS;
}

/* Pairs from all over the needle. */
static void
choose_pairs(struct compiled_row *c)
{
    size_t n = c->needle.n < 2 ? 0 : c->needle.n - 1;
    c->npairs = n < PAIRS_ASKED ? (unsigned)n : PAIRS_ASKED;
    for (unsigned i = 0; i < c->npairs; i++)
        c->pair[i] = (uint16_t)pair_at(c->needle.p + (c->npairs == n ? i : i * (n - 1) / (PAIRS_ASKED - 1)));
}

static void
find_pairs(struct pairs *pairs, str text)
{
    memset(pairs->set, 0, sizeof pairs->set);
    for (size_t i = 1; i < text.n; i++) {
        unsigned pair = pair_at(text.p + i - 1);
        pairs->set[pair / 64] |= (uint64_t)1 << pair % 64;
    }
    pairs->known = true;
}

static bool
has_pairs(const struct compiled_row *c, struct pairs *pairs, str text)
{
    if (!pairs->known)
        find_pairs(pairs, text);
    bool all = true;
    for (unsigned i = 0; i < c->npairs; i++)
        all &= pairs->set[c->pair[i] / 64] >> c->pair[i] % 64 & 1;
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
    choose_pairs(c);
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

static bool
has_needle(const struct compiled_row *c, str text, str from_colon, struct pairs *pairs)
{
    if (c->at_colon)
        return str_starts(from_colon, c->needle);
    if (c->anchored)
        return str_starts(text, c->needle);
    return has_pairs(c, pairs, text) && str_has(text, c->needle);
}

static str
first_colon(str text)
{
    size_t at = str_find_char(text, ':');
    return at == STR_NONE ? (str){ 0 } : str_skip(text, at);
}

static bool
row_matches(struct compiled_row *c, str text, str from_colon, struct pairs *pairs,
            str groups[REGEX_MAX_GROUPS + 1])
{
    if (!has_needle(c, text, from_colon, pairs))
        return false;
    return c->regex == NULL || regex_match(c->regex, text, groups);
}

bool
log_table_match(struct log_table *t, str program, str text, struct event *e)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct pairs pairs;
    pairs.known = false; /* found when first asked for */
    const struct log_program *p = find_program(t, program);
    str colon = first_colon(text);
    for (size_t i = 0; i < p->n; i++) {
        struct compiled_row *c = &t->rows[p->rows[i]];
        if (!row_matches(c, text, colon, &pairs, groups))
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
    struct pairs pairs;
    pairs.known = false;
    size_t n = 0;
    const struct log_program *p = find_program(t, program);
    for (size_t i = 0; i < p->n; i++)
        n += row_matches(&t->rows[p->rows[i]], text, first_colon(text), &pairs, groups);
    return n;
}
