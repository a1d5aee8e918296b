/* Compound files: header, allocation tables, directory, streams (MS-CFB 2).  What a stream means is msg.c's
 * business. */
#include "cfb.h"

#include <stdlib.h>

enum {
    HEADER = 512,
    HEADER_DIFAT = 109, /* sectors of the allocation table that the header names */
    ENTRY = 128,
    MAX_REGULAR = 0xfffffffa - 1, /* sector numbers beyond are marks */
    NAME_MAX_CHARS = 31,
    STORAGE = 1,
    STREAM = 2,
    ROOT = 5,
};
#define NO_ENTRY 0xffffffffu

struct entry {
    char name[NAME_MAX_CHARS + 1];
    uint32_t left, right, child, start;
    uint64_t size;
    int first, next; /* child, sibling; -1: none */
    int parent;      /* -1: in no storage */
    unsigned char type;
};

struct cfb {
    struct arena *arena;
    str bytes;
    unsigned shift, mini_shift; /* log2 of the sector sizes */
    uint32_t mini_cutoff;       /* streams below it lie in the mini stream */
    uint32_t *fat, *mini_fat;
    size_t nfat, nmini_fat;
    struct entry *entries;
    size_t nentries;
    str mini; /* the mini stream */
    uint64_t *budget;
};

static uint32_t
le16(const char *p)
{
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] | (uint32_t)u[1] << 8;
}

static uint32_t
le32(const char *p)
{
    return le16(p) | le16(p + 2) << 16;
}

bool
cfb_recognise(str head)
{
    return str_starts(head, S("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"));
}

/* A sector's bytes, fewer at the end of a file that is cut short. */
static str
sector(const struct cfb *c, uint32_t n)
{
    uint64_t at = ((uint64_t)n + 1) << c->shift;
    return at >= c->bytes.n ? (str){ 0 } : str_head(str_skip(c->bytes, (size_t)at), (size_t)1 << c->shift);
}

/* n if there is so much left, else 0. */
static uint64_t
take_budget(struct cfb *c, uint64_t n)
{
    n = n <= *c->budget ? n : 0;
    *c->budget -= n;
    return n;
}

/* Appends a chain's sectors, at most limit bytes; a loop ends where it has given more than there can be. */
static str
read_chain(struct cfb *c, uint32_t start, uint64_t limit, bool *cut)
{
    size_t most = c->bytes.n >> c->shift, steps = 0, n = 0;
    uint64_t room = limit < c->bytes.n ? limit : c->bytes.n;
    room = take_budget(c, room);
    char *p = arena_alloc(c->arena, (size_t)room + 1);
    for (uint32_t s = start; n < room && s <= MAX_REGULAR && s < c->nfat && steps++ <= most; s = c->fat[s]) {
        str part = str_head(sector(c, s), (size_t)room - n);
        if (part.n)
            memcpy(p + n, part.p, part.n);
        n += part.n;
    }
    *cut = n < limit;
    return str_of(p, n);
}

static str
read_mini_chain(struct cfb *c, uint32_t start, uint64_t limit, bool *cut)
{
    size_t size = (size_t)1 << c->mini_shift, most = c->mini.n >> c->mini_shift, steps = 0, n = 0;
    uint64_t wanted = limit;
    limit = take_budget(c, limit); /* below mini_cutoff */
    char *p = arena_alloc(c->arena, (size_t)limit + 1);
    for (uint32_t s = start; n < limit && s < c->nmini_fat && steps++ <= most; s = c->mini_fat[s]) {
        uint64_t at = (uint64_t)s << c->mini_shift;
        str part = at < c->mini.n ? str_head(str_skip(c->mini, (size_t)at), size) : (str){ 0 };
        part = str_head(part, (size_t)limit - n);
        if (part.n)
            memcpy(p + n, part.p, part.n);
        n += part.n;
    }
    *cut = n < wanted;
    return str_of(p, n);
}

/* The allocation table: sectors named by the header, then by chained sectors of names. */
static void
read_fat(struct cfb *c)
{
    size_t per = (size_t)1 << (c->shift - 2), most = c->bytes.n >> c->shift;
    uint32_t wanted = le32(c->bytes.p + 44), next = le32(c->bytes.p + 68);
    size_t nsectors = wanted < most ? wanted : most, got = 0;
    nsectors = (size_t)(take_budget(c, (uint64_t)nsectors << c->shift) >> c->shift);
    c->fat = ARENA_ARRAY(c->arena, uint32_t, nsectors * per + 1);
    str names = str_head(str_skip(c->bytes, 76), HEADER_DIFAT * 4);
    size_t in_names = HEADER_DIFAT;
    for (size_t chained = 0; got < nsectors; chained++) {
        for (size_t i = 0; i < in_names && i * 4 + 4 <= names.n && got < nsectors; i++) {
            uint32_t s = le32(names.p + i * 4);
            str part = s <= MAX_REGULAR ? sector(c, s) : (str){ 0 };
            if (s > MAX_REGULAR)
                continue;
            for (size_t k = 0; k < per; k++)
                c->fat[c->nfat + k] = k * 4 + 4 <= part.n ? le32(part.p + k * 4) : NO_ENTRY;
            c->nfat += per;
            got++;
        }
        names = next <= MAX_REGULAR && chained <= most ? sector(c, next) : (str){ 0 };
        if (names.n < (size_t)1 << c->shift)
            return;
        in_names = per - 1;
        next = le32(names.p + in_names * 4);
    }
}

static void
read_entries(struct cfb *c, str directory)
{
    c->nentries = directory.n / ENTRY < CFB_MAX_ENTRIES ? directory.n / ENTRY : CFB_MAX_ENTRIES;
    c->entries = ARENA_ARRAY(c->arena, struct entry, c->nentries + 1);
    bool large = le16(c->bytes.p + 26) > 3; /* version 3: the upper half of a size is not to be trusted */
    for (size_t i = 0; i < c->nentries; i++) {
        const char *p = directory.p + i * ENTRY;
        struct entry *e = &c->entries[i];
        size_t n = le16(p + 64) / 2;
        n = n > 0 ? n - 1 : 0;
        for (size_t k = 0; k < n && k < NAME_MAX_CHARS; k++) {
            uint32_t unit = le16(p + 2 * k);
            e->name[k] = unit > ' ' && unit < 127 ? (char)unit : '?';
        }
        e->type = (unsigned char)p[66];
        e->left = le32(p + 68);
        e->right = le32(p + 72);
        e->child = le32(p + 76);
        e->start = le32(p + 116);
        e->size = le32(p + 120) | (large ? (uint64_t)le32(p + 124) << 32 : 0);
        e->parent = e->first = e->next = -1;
    }
}

/* Gives each entry the storage in whose tree it hangs; each hangs once. */
static void
find_parents(struct cfb *c)
{
    uint32_t *stack = ARENA_ARRAY(c->arena, uint32_t, c->nentries + 1);
    bool *seen = ARENA_ARRAY(c->arena, bool, c->nentries + 1);
    for (size_t storage = 0; storage < c->nentries; storage++) {
        const struct entry *of = &c->entries[storage];
        size_t n = 0;
        if (of->type != STORAGE && of->type != ROOT)
            continue;
        const uint32_t *first = &of->child;
        if (*first < c->nentries && !seen[*first]) {
            seen[*first] = true;
            stack[n++] = *first;
        }
        while (n > 0) {
            struct entry *e = &c->entries[stack[--n]];
            uint32_t sides[2] = { e->left, e->right };
            e->parent = (int)storage;
            for (int k = 0; k < 2; k++)
                if (sides[k] < c->nentries && !seen[sides[k]]) {
                    seen[sides[k]] = true;
                    stack[n++] = sides[k];
                }
        }
    }
    for (size_t i = c->nentries; i-- > 0;) {
        struct entry *e = &c->entries[i];
        if (e->parent < 0)
            continue;
        e->next = c->entries[e->parent].first;
        c->entries[e->parent].first = (int)i;
    }
}

struct cfb *
cfb_open(struct arena *a, str bytes, uint64_t *budget, const char **why)
{
    bool cut;
    *why = "its header is damaged";
    if (!cfb_recognise(bytes) || bytes.n < HEADER)
        return NULL;
    struct cfb *c = ARENA_NEW(a, struct cfb);
    c->arena = a;
    c->bytes = bytes;
    c->budget = budget;
    c->shift = le16(bytes.p + 30);
    c->mini_shift = le16(bytes.p + 32);
    c->mini_cutoff = le32(bytes.p + 56);
    if ((c->shift != 9 && c->shift != 12) || c->mini_shift != 6 || c->mini_cutoff > 1 << 16)
        return NULL;
    read_fat(c);
    str directory = read_chain(c, le32(bytes.p + 48), (uint64_t)CFB_MAX_ENTRIES * ENTRY, &cut);
    read_entries(c, directory);
    *why = "its directory is damaged";
    if (c->nentries == 0 || c->entries[0].type != ROOT)
        return NULL;
    find_parents(c);
    c->mini = read_chain(c, c->entries[0].start, c->entries[0].size, &cut);
    uint64_t nmini = (uint64_t)le32(bytes.p + 64) << c->shift;
    str table = read_chain(c, le32(bytes.p + 60), nmini, &cut);
    c->nmini_fat = table.n / 4;
    c->mini_fat = ARENA_ARRAY(a, uint32_t, c->nmini_fat + 1);
    for (size_t i = 0; i < c->nmini_fat; i++)
        c->mini_fat[i] = le32(table.p + i * 4);
    return c;
}

int
cfb_next(const struct cfb *c, int storage, const char *prefix, int after)
{
    size_t n = strlen(prefix);
    int i = after < 0 ? c->entries[storage].first : c->entries[after].next;
    while (i >= 0 && strncmp(c->entries[i].name, prefix, n) != 0)
        i = c->entries[i].next;
    return i;
}

int
cfb_child(const struct cfb *c, int storage, const char *name)
{
    for (int i = -1; (i = cfb_next(c, storage, name, i)) >= 0;)
        if (strcmp(c->entries[i].name, name) == 0)
            return i;
    return -1;
}

str
cfb_stream(struct cfb *c, int entry, bool *cut)
{
    const struct entry *e = &c->entries[entry];
    *cut = false;
    if (e->type != STREAM || e->size == 0)
        return (str){ 0 };
    return e->size < c->mini_cutoff ? read_mini_chain(c, e->start, e->size, cut)
                                    : read_chain(c, e->start, e->size, cut);
}
