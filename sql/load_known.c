/* Look-ups of known sources and reports: one by one at first, then in memory (load_known.h). */
#include "load_known.h"

#include <stdlib.h>

#include "crypto.h"
#include "hash.h"
#include "load_impl.h"

enum {
    SET_START = 1 << 12,
    NO_ITEM = -1,
    SOURCES_PATH = 8,
    SOURCES_FILE = 9 /* the columns of load_sources.sql */
};

/* A set of 64-bit keys, open addressing; 0 stands for "free", the key 0 for 1. */
struct key_set {
    uint64_t *slots;
    int32_t *values; /* beside them, where they mean something */
    size_t n, size;  /* a power of two */
};

struct known_source {
    int64_t source_id;
    uint64_t bytes, resume_offset, rejected;
    unsigned char sha256[32], head_sha256[32];
    int32_t next; /* with the same head */
    uint16_t head_length;
    bool whole, damaged, following;
};

struct known {
    struct db *look;
    size_t asked_sources, asked_reports;
    bool sources_here, sources_many; /* all are in memory; they are too many for it */
    bool reports_here, reports_many;
    struct known_source *sources;
    size_t nsources, room;
    struct key_set heads, ids, paths, files, reports;
    bool lengths[LOAD_HEAD + 1]; /* of heads in memory */
    size_t asked_lengths[LOAD_HEAD + 1], nasked_lengths;
};

/* Sets ------------------------------------------------------------------------------------------------ */

static size_t
slot_of(const struct key_set *s, uint64_t key)
{
    size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (s->size - 1);
    while (s->slots[i] && s->slots[i] != key)
        i = (i + 1) & (s->size - 1);
    return i;
}

static void
grow(struct key_set *s)
{
    struct key_set old = *s;
    s->size = old.size ? old.size * 2 : SET_START;
    s->slots = xcalloc(s->size, sizeof *s->slots);
    s->values = xcalloc(s->size, sizeof *s->values);
    for (size_t i = 0; i < old.size; i++)
        if (old.slots[i]) {
            size_t at = slot_of(s, old.slots[i]);
            s->slots[at] = old.slots[i];
            s->values[at] = old.values[i];
        }
    free(old.slots);
    free(old.values);
}

/* The value beside a key, NO_ITEM for one that is not there. */
static int32_t
get(const struct key_set *s, uint64_t key)
{
    key |= key == 0;
    if (s->n == 0)
        return NO_ITEM;
    size_t i = slot_of(s, key);
    return s->slots[i] ? s->values[i] : NO_ITEM;
}

static void
put(struct key_set *s, uint64_t key, int32_t value)
{
    key |= key == 0;
    if (2 * (s->n + 1) > s->size)
        grow(s);
    size_t i = slot_of(s, key);
    s->n += s->slots[i] == 0;
    s->slots[i] = key;
    s->values[i] = value;
}

static void
release(struct key_set *s)
{
    free(s->slots);
    free(s->values);
}

struct known *
known_new(struct db *look)
{
    struct known *k = xcalloc(1, sizeof *k);
    k->look = look;
    return k;
}

void
known_free(struct known *k)
{
    if (k == NULL)
        return;
    release(&k->heads);
    release(&k->ids);
    release(&k->paths);
    release(&k->files);
    release(&k->reports);
    free(k->sources);
    free(k);
}

/* Sources --------------------------------------------------------------------------------------------- */

static uint64_t
head_key(const unsigned char digest[32])
{
    return hash_bytes(str_of((const char *)digest, 32));
}

/* The columns of load_find.sql and load_sources.sql. */
static struct load_source
source_of(const str *cells)
{
    struct load_source s = { .source_id = db_int(cells[0]),
                             .bytes = (uint64_t)db_int(cells[1]),
                             .resume_offset = (uint64_t)db_int(cells[2]),
                             .whole = str_eq(cells[4], S("whole")),
                             .damaged = str_eq(cells[4], S("damaged")),
                             .following = str_eq(cells[4], S("following")),
                             .head_length = (uint64_t)db_int(cells[5]),
                             .rejected = (uint64_t)db_int(cells[7]) };
    str_unhex(cells[3], (char *)s.sha256, sizeof s.sha256);
    str_unhex(cells[6], (char *)s.head_sha256, sizeof s.head_sha256);
    return s;
}

/* A source in memory with this head and id, else a new one at the head of its chain. */
static struct known_source *
place_for(struct known *k, uint64_t key, int64_t source_id, int32_t *next)
{
    *next = get(&k->heads, key);
    for (int32_t i = *next; i != NO_ITEM; i = k->sources[i].next)
        if (k->sources[i].source_id == source_id) { /* it grew */
            *next = k->sources[i].next;
            return &k->sources[i];
        }
    if (k->nsources == k->room) {
        k->room = k->room ? k->room * 2 : 1024;
        k->sources = xrealloc(k->sources, k->room * sizeof *k->sources);
    }
    put(&k->heads, key, (int32_t)k->nsources);
    return &k->sources[k->nsources++];
}

void
known_add_source(struct known *k, const struct load_source *s)
{
    int32_t next;
    struct known_source *to = place_for(k, head_key(s->head_sha256), s->source_id, &next);
    *to = (struct known_source){ .source_id = s->source_id,
                                 .bytes = s->bytes,
                                 .resume_offset = s->resume_offset,
                                 .rejected = s->rejected,
                                 .next = next,
                                 .head_length = (uint16_t)s->head_length,
                                 .whole = s->whole,
                                 .damaged = s->damaged,
                                 .following = s->following };
    memcpy(to->sha256, s->sha256, 32);
    memcpy(to->head_sha256, s->head_sha256, 32);
    if (s->head_length <= LOAD_HEAD)
        k->lengths[s->head_length] = true;
    put(&k->ids, (uint64_t)s->source_id, 0);
}

static uint64_t
path_key(int64_t source_id, str path)
{
    return hash_more_int(hash_bytes(path), source_id);
}

static bool
add_row(void *ctx, size_t columns, const str *names, const str *cells)
{
    struct known *k = ctx;
    (void)columns, (void)names;
    struct load_source s = source_of(cells);
    if (get(&k->ids, (uint64_t)s.source_id) == NO_ITEM) /* this run's own is the newer */
        known_add_source(k, &s);
    if (cells[SOURCES_PATH].p)
        put(&k->paths, path_key(s.source_id, cells[SOURCES_PATH]), 0);
    if (cells[SOURCES_FILE].p && s.whole)
        put(&k->files, (uint64_t)db_int(cells[SOURCES_FILE]), 0);
    return true;
}

/* Reads all sources if they are not too many. */
static bool
read_sources(struct known *k, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    str limit = arena_printf(&a, "%d", KNOWN_SOURCES + 1);
    bool good = db_query(k->look, &a, sql_text("queries/load_source_count.sql"), &limit, 1, &rows, d);
    k->sources_many = good && db_int(db_cell(&rows, 0, 0)) > KNOWN_SOURCES;
    if (good && !k->sources_many)
        good = db_each(k->look, sql_text("queries/load_sources.sql"), NULL, 0, add_row, k, d);
    k->sources_here = good && !k->sources_many;
    arena_free(&a);
    return good;
}

static void
add_found(const struct known *k, str head, struct load_source *found, size_t max, size_t *n)
{
    unsigned char digest[32];
    sha256_of(head, digest);
    for (int32_t i = get(&k->heads, head_key(digest)); i != NO_ITEM && *n < max; i = k->sources[i].next) {
        const struct known_source *s = &k->sources[i];
        if (s->head_length != head.n || memcmp(s->head_sha256, digest, 32) != 0)
            continue;
        struct load_source *to = &found[(*n)++];
        *to = (struct load_source){ .source_id = s->source_id,
                                    .bytes = s->bytes,
                                    .resume_offset = s->resume_offset,
                                    .rejected = s->rejected,
                                    .whole = s->whole,
                                    .damaged = s->damaged,
                                    .following = s->following,
                                    .head_length = s->head_length };
        memcpy(to->sha256, s->sha256, 32);
        memcpy(to->head_sha256, s->head_sha256, 32);
    }
}

static bool
read_lengths(struct known *k, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(k->look, &a, sql_text("queries/load_head_lengths.sql"), NULL, 0, &rows, d);
    for (size_t i = 0; good && i < rows.rows && k->nasked_lengths < LOAD_HEAD; i++)
        k->asked_lengths[k->nasked_lengths++] = (size_t)db_int(db_cell(&rows, i, 0));
    k->asked_lengths[k->nasked_lengths++] = LOAD_HEAD;
    arena_free(&a);
    return good;
}

static void
add_hash(struct arena *a, struct buf *sizes, struct buf *hashes, str head)
{
    unsigned char digest[32];
    sha256_of(head, digest);
    buf_printf(sizes, "%c%zu", sizes->n ? ',' : '{', head.n);
    buf_printf(hashes, "%c%.*s", hashes->n ? ',' : '{', PRSTR(sha256_hex(a, digest)));
}

static bool
ask_database(struct known *k, str head, bool grows, struct load_source *found, size_t max, size_t *n,
             struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    struct buf sizes = { 0 }, hashes = { 0 };
    if (grows && k->nasked_lengths == 0 && !read_lengths(k, d))
        return false;
    add_hash(&a, &sizes, &hashes, head);
    for (size_t i = 0; grows && i < k->nasked_lengths; i++)
        if (k->asked_lengths[i] > 0 && k->asked_lengths[i] < head.n)
            add_hash(&a, &sizes, &hashes, str_head(head, k->asked_lengths[i]));
    buf_printf(&sizes, "}");
    buf_printf(&hashes, "}");
    str params[] = { buf_str(&sizes), buf_str(&hashes) };
    bool good = db_query(k->look, &a, sql_text("queries/load_find.sql"), params, 2, &rows, d);
    for (size_t i = 0; good && i < rows.rows && *n < max; i++) {
        struct load_source s = source_of(&rows.cells[i * rows.columns]);
        if (get(&k->ids, (uint64_t)s.source_id) == NO_ITEM)
            found[(*n)++] = s;
    }
    buf_free(&sizes);
    buf_free(&hashes);
    arena_free(&a);
    return good;
}

/* The longest first; there are few. */
static void
sort_found(struct load_source *found, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && found[k].bytes > found[k - 1].bytes; k--) {
            struct load_source s = found[k];
            found[k] = found[k - 1];
            found[k - 1] = s;
        }
}

bool
known_find(struct known *k, str head, bool grows, struct load_source *found, size_t max, size_t *n,
           struct diag *d)
{
    bool ask = !k->sources_here;
    if (ask && !k->sources_many && ++k->asked_sources > KNOWN_ASKED) {
        if (!read_sources(k, d))
            return false;
        ask = !k->sources_here;
    }
    *n = 0;
    add_found(k, head, found, max, n);
    for (size_t length = head.n; grows && length-- > 1;)
        if (k->lengths[length])
            add_found(k, str_head(head, length), found, max, n);
    if (ask && !ask_database(k, head, grows, found, max, n, d))
        return false;
    sort_found(found, *n);
    return true;
}

bool
known_id_taken(struct known *k, int64_t source_id, bool *taken, struct diag *d)
{
    *taken = get(&k->ids, (uint64_t)source_id) != NO_ITEM;
    if (*taken || k->sources_here)
        return true;
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    str id = arena_printf(&a, "%lld", (long long)source_id);
    bool good = db_query(k->look, &a, sql_text("queries/load_source_taken.sql"), &id, 1, &rows, d);
    *taken = good && rows.rows > 0;
    arena_free(&a);
    return good;
}

bool
known_path(const struct known *k, int64_t source_id, str path)
{
    return get(&k->paths, path_key(source_id, path)) != NO_ITEM;
}

bool
known_file(const struct known *k, int64_t file_status)
{
    return get(&k->files, (uint64_t)file_status) != NO_ITEM;
}

/* Reports --------------------------------------------------------------------------------------------- */

static bool
add_report(void *ctx, size_t columns, const str *names, const str *cells)
{
    struct known *k = ctx;
    (void)columns, (void)names;
    if (k->reports.n >= KNOWN_REPORTS) {
        k->reports_many = true;
        return false;
    }
    put(&k->reports, (uint64_t)db_int(cells[0]), 0);
    return true;
}

bool
known_take_report(struct known *k, uint64_t report_key, bool *fresh, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows = { 0 };
    if (!k->reports_here && !k->reports_many && ++k->asked_reports > KNOWN_ASKED) {
        if (!db_each(k->look, sql_text("queries/load_reports.sql"), NULL, 0, add_report, k, d))
            return false;
        k->reports_here = !k->reports_many;
    }
    *fresh = get(&k->reports, report_key) == NO_ITEM;
    if (!*fresh)
        return true;
    put(&k->reports, report_key, 0);
    if (k->reports_here)
        return true;
    str key = arena_printf(&a, "%lld", (long long)report_key);
    bool good = db_query(k->look, &a, sql_text("queries/load_report_known.sql"), &key, 1, &rows, d);
    *fresh = good && rows.rows == 0;
    arena_free(&a);
    return good;
}
