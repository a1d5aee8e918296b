/* Log formats as data: compiles a table of rows and finds the row of a line. */
#include "logrow.h"

#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "regex.h"

/* Few rows of a program are looked at for a line: those that its first byte lets begin so, by their needles and by what
 * their patterns can begin with.  Of these, needles that stand at the text's start, or at its first colon, are compared by
 * eight bytes at once. */
enum { BYTES = REGEX_BYTES, EMPTY = BYTES, BITS = 64 }; /* EMPTY: a text without a first byte */

enum { LATELY = 16 }; /* programs found without a search */

enum place { AT_START, AT_COLON, ANYWHERE };

struct compiled_row {
    const struct log_row *row;
    str needle;
    enum place place; /* of the needle */
    struct regex *regex;
    unsigned char begins[BYTES / 8];              /* a bit for each byte that its texts may begin with */
    enum event_field field[REGEX_MAX_GROUPS + 1]; /* of each group */
};

struct program_row {
    struct compiled_row *row;
    enum place place;
    uint64_t head, head_mask; /* the first eight bytes of the needle; ANYWHERE: 0 */
};

struct log_program {
    str name;
    struct program_row *rows; /* "*" rows included, in table order */
    size_t n, words;          /* words: of the bits of n rows */
    uint64_t *begin;          /* for each byte the rows whose texts may begin with it */
};

struct log_table {
    struct compiled_row *rows;
    size_t n;
    struct log_program *programs;
    size_t nprograms;
    struct log_program any; /* for programs that no row names */
    const struct log_program *lately[LATELY];
    struct arena arena;
};

/* What is known of a text. */
struct seen {
    str text, from_colon;
    uint64_t head[ANYWHERE + 1]; /* the first eight bytes of both; 0 */
};

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

/* A needle at the start says it; only of others the pattern is asked. */
static void
find_begins(struct compiled_row *c)
{
    unsigned char first = c->needle.n ? (unsigned char)c->needle.p[0] : 0;
    if (c->place == AT_START && c->needle.n)
        c->begins[first / 8] |= (unsigned char)(1 << first % 8);
    else if (c->row->pattern)
        regex_begins(c->row->pattern, c->begins);
    else
        memset(c->begins, 0xff, sizeof c->begins);
}

static void
compile_row(struct compiled_row *c, const struct log_row *row)
{
    struct diag d = { 0 };
    c->row = row;
    c->needle = str_from(row->needle + (row->needle[0] == '^' || row->needle[0] == '@'));
    c->place = row->needle[0] == '@'                       ? AT_COLON
               : row->needle[0] == '^' || c->needle.n == 0 ? AT_START
                                                           : ANYWHERE;
    find_begins(c);
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

static struct program_row
program_row(struct compiled_row *c)
{
    static const char ones[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    struct program_row r = { .row = c, .place = c->place };
    if (r.place == ANYWHERE)
        return r;
    r.head = head_of(c->needle);
    r.head_mask = head_of(str_head(str_of(ones, sizeof ones - 1), c->needle.n));
    return r;
}

static void
fill_program(struct log_table *t, struct log_program *p, str name)
{
    p->name = name;
    p->rows = ARENA_ARRAY(&t->arena, struct program_row, t->n);
    for (size_t i = 0; i < t->n; i++)
        if (row_is_for(t->rows[i].row, name))
            p->rows[p->n++] = program_row(&t->rows[i]);
    p->words = (p->n + BITS - 1) / BITS;
    p->begin = ARENA_ARRAY(&t->arena, uint64_t, (BYTES + 1) * p->words);
    for (size_t i = 0; i < p->n; i++)
        for (unsigned first = 0; first <= EMPTY; first++)
            if (first == EMPTY || p->rows[i].row->begins[first / 8] >> first % 8 & 1)
                p->begin[first * p->words + i / BITS] |= 1ull << i % BITS;
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
find_program(struct log_table *t, str program)
{
    size_t slot = program.n ? (program.n * 7 + (unsigned char)program.p[program.n - 1]) % LATELY : 0;
    const struct log_program *p = t->lately[slot];
    if (p && str_eq(p->name, program))
        return p;
    for (size_t k = 0; k < t->nprograms; k++)
        if (str_eq(t->programs[k].name, program))
            return t->lately[slot] = &t->programs[k];
    return &t->any;
}

static str
first_colon(str text)
{
    size_t at = str_find_char(text, ':');
    return at == STR_NONE ? (str){ 0 } : str_skip(text, at);
}

static struct seen
see(str text)
{
    struct seen s = { .text = text, .from_colon = first_colon(text) };
    s.head[AT_START] = head_of(text);
    s.head[AT_COLON] = head_of(s.from_colon);
    return s;
}

static inline bool
row_matches(const struct program_row *r, const struct seen *s, str groups[REGEX_MAX_GROUPS + 1])
{
    str needle = r->row->needle;
    if ((s->head[r->place] & r->head_mask) != r->head)
        return false;
    if (r->place == ANYWHERE ? !str_has(s->text, needle)
                             : needle.n > sizeof r->head &&
                                   !str_starts(r->place == AT_START ? s->text : s->from_colon, needle))
        return false;
    return r->row->regex == NULL || regex_match(r->row->regex, s->text, groups);
}

/* The first row from at on that matches, as its index; p->n: none. */
static size_t
next_match(const struct log_program *p, size_t at, const struct seen *s, str groups[REGEX_MAX_GROUPS + 1])
{
    unsigned first = s->text.n ? (unsigned char)s->text.p[0] : EMPTY;
    uint64_t from_at = UINT64_MAX << at % BITS;
    for (size_t word = at / BITS; word < p->words; word++, from_at = UINT64_MAX)
        for (uint64_t rows = p->begin[first * p->words + word] & from_at; rows; rows &= rows - 1) {
            size_t i = word * BITS + (size_t)__builtin_ctzll(rows);
            if (row_matches(&p->rows[i], s, groups))
                return i;
        }
    return p->n;
}

bool
log_table_match(struct log_table *t, str program, str text, struct event *e)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct seen seen = see(text);
    const struct log_program *p = find_program(t, program);
    size_t found = next_match(p, 0, &seen, groups);
    if (found == p->n)
        return false;
    const struct compiled_row *c = p->rows[found].row;
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

size_t
log_table_count(struct log_table *t, str program, str text)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct seen seen = see(text);
    const struct log_program *p = find_program(t, program);
    size_t n = 0;
    for (size_t at = 0; (at = next_match(p, at, &seen, groups)) < p->n; at++)
        n++;
    return n;
}
