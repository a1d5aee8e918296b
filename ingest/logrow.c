/* Log formats as data: compiles a table of rows and finds the row of a line. */
#include "logrow.h"

#include <limits.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "regex.h"

/* Rows are passed over without a search where they can: by how the text, or what follows its first colon, begins; and
 * where the needle may stand anywhere, by a pair of its bytes that the text lacks.  Which rows' pairs a text has is found
 * in one pass over it, once some rows were sought in vain: mostly it is one of the first. */
enum { PAIRS = 1024, SOUGHT_WITHOUT = 2 };

enum { LATELY = 16 }; /* programs found without a search */

struct compiled_row {
    const struct log_row *row;
    str needle;
    struct regex *regex;
    enum event_field field[REGEX_MAX_GROUPS + 1]; /* of each group */
};

enum place { AT_START, AT_COLON, ANYWHERE };

struct program_row {
    struct compiled_row *row;
    enum place place;
    uint64_t head, head_mask; /* the first eight bytes of the needle */
    uint64_t bit;             /* ANYWHERE: of its pair, shared where there are many rows */
};

struct log_program {
    str name;
    struct program_row *rows; /* "*" rows included, in table order */
    size_t n;
    uint64_t *pairs; /* the bits of the rows with each pair, by a hash of it */
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
    uint64_t head[ANYWHERE]; /* the first eight bytes of both */
    unsigned sought;
    uint64_t pairs;
};

static inline size_t
pair_at(const char *p)
{
    uint16_t pair;
    memcpy(&pair, p, sizeof pair);
    return (uint32_t)pair * 0x9e3779b1u >> 22; /* PAIRS */
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

/* How common a byte is in logs, roughly. */
static unsigned
commonness(char c)
{
    static const char letters[] = " etaoinsrldcmu=:<>0123456789";
    const char *at = memchr(letters, c, sizeof letters - 1);
    return at ? (unsigned)(letters + sizeof letters - at) : 0;
}

/* The pair of a needle that says most. */
static size_t
telling_pair(str needle)
{
    size_t best = 0;
    unsigned least = UINT_MAX;
    for (size_t i = 0; i + 1 < needle.n; i++) {
        unsigned common = commonness(needle.p[i]) + commonness(needle.p[i + 1]);
        if (common < least) {
            least = common;
            best = i;
        }
    }
    return pair_at(needle.p + best);
}

static void
compile_row(struct compiled_row *c, const struct log_row *row)
{
    struct diag d = { 0 };
    c->row = row;
    c->needle = str_from(row->needle + (row->needle[0] == '^' || row->needle[0] == '@'));
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
program_row(struct compiled_row *c, unsigned nth)
{
    static const char ones[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
    struct program_row r = { .row = c, .place = AT_START };
    if (c->row->needle[0] == '@')
        r.place = AT_COLON;
    else if (c->row->needle[0] != '^' && c->needle.n > 0)
        r.place = ANYWHERE;
    r.head = head_of(c->needle);
    r.head_mask = head_of(str_head(str_of(ones, sizeof ones - 1), c->needle.n));
    r.bit = 1ull << nth % 64;
    return r;
}

static void
fill_program(struct log_table *t, struct log_program *p, str name)
{
    unsigned nanywhere = 0;
    p->name = name;
    p->rows = ARENA_ARRAY(&t->arena, struct program_row, t->n);
    p->pairs = ARENA_ARRAY(&t->arena, uint64_t, PAIRS);
    for (size_t i = 0; i < t->n; i++) {
        if (!row_is_for(t->rows[i].row, name))
            continue;
        struct program_row r = p->rows[p->n++] = program_row(&t->rows[i], nanywhere);
        if (r.place != ANYWHERE)
            continue;
        nanywhere++;
        if (r.row->needle.n > 1)
            p->pairs[telling_pair(r.row->needle)] |= r.bit;
        else /* one byte has no pair */
            for (size_t k = 0; k < PAIRS; k++)
                p->pairs[k] |= r.bit;
    }
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

static uint64_t
pairs_of(const struct log_program *p, str text)
{
    uint64_t bits = 0;
    for (size_t i = 1; i < text.n; i++)
        bits |= p->pairs[pair_at(text.p + i - 1)];
    return bits;
}

static inline bool
has_needle(const struct log_program *p, const struct program_row *r, struct seen *s)
{
    str needle = r->row->needle;
    if (r->place != ANYWHERE)
        return (s->head[r->place] & r->head_mask) == r->head &&
               (needle.n <= sizeof r->head ||
                str_starts(r->place == AT_START ? s->text : s->from_colon, needle));
    if (s->sought++ == SOUGHT_WITHOUT)
        s->pairs = pairs_of(p, s->text);
    return (s->sought <= SOUGHT_WITHOUT || (s->pairs & r->bit)) && str_has(s->text, needle);
}

static inline bool
row_matches(const struct log_program *p, const struct program_row *r, struct seen *s,
            str groups[REGEX_MAX_GROUPS + 1])
{
    return has_needle(p, r, s) && (r->row->regex == NULL || regex_match(r->row->regex, s->text, groups));
}

bool
log_table_match(struct log_table *t, str program, str text, struct event *e)
{
    str groups[REGEX_MAX_GROUPS + 1];
    struct seen seen = see(text);
    const struct log_program *p = find_program(t, program);
    for (size_t i = 0; i < p->n; i++) {
        const struct compiled_row *c = p->rows[i].row;
        if (!row_matches(p, &p->rows[i], &seen, groups))
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
    struct seen seen = see(text);
    size_t n = 0;
    const struct log_program *p = find_program(t, program);
    for (size_t i = 0; i < p->n; i++)
        n += row_matches(p, &p->rows[i], &seen, groups);
    return n;
}
