/* The sources of a batch: what the database knows of a file's bytes, where reading begins, and its account at the end.
 *
 * The path says nothing; a source is known by the hash of its head and of all its bytes (load_known.c looks). */
#include <stdlib.h>

#include "crypto.h"
#include "hash.h"
#include "load_impl.h"

static int64_t
id_of_head(const unsigned char digest[32])
{
    return (int64_t)(hash_bytes(str_of((const char *)digest, 32)) >> 1);
}

/* All empty sources are one. */
static bool
find_empty(struct load *l, struct load_source *found, size_t *n, struct diag *d)
{
    struct load_source empty = { .whole = true };
    bool known = false;
    sha256_of((str){ 0 }, empty.sha256);
    memcpy(empty.head_sha256, empty.sha256, 32);
    empty.source_id = id_of_head(empty.sha256);
    bool good = known_id_taken(l->known, empty.source_id, &known, d);
    *n = 0;
    if (known)
        found[(*n)++] = empty;
    return good;
}

bool
load_find(struct load *l, str head, bool grows, struct load_source *found, size_t max, size_t *n,
          struct diag *d)
{
    head = str_head(head, LOAD_HEAD);
    return head.n == 0 ? find_empty(l, found, n, d) : known_find(l->known, head, grows, found, max, n, d);
}

bool
load_find_whole(struct load *l, str bytes, int64_t *source_id, struct diag *d)
{
    struct load_source found[LOAD_MAX_CANDIDATES];
    size_t n = 0;
    if (bytes.n == 0 || bytes.n > LOAD_HEAD)
        return false;
    if (!known_find(l->known, bytes, false, found, LOAD_MAX_CANDIDATES, &n, d))
        return false;
    for (size_t i = 0; i < n; i++)
        if (found[i].bytes == bytes.n && found[i].whole) {
            *source_id = found[i].source_id;
            return true;
        }
    return false;
}

static void
add_path(struct load *l, int64_t source_id, str path, int64_t file_status)
{
    struct buf *b = writer_row(l->writer, LOAD_PATH, WHEN_NONE);
    pgcopy_int8(b, source_id);
    pgcopy_text(b, pgcopy_cut(path));
    if (file_status)
        pgcopy_int8(b, file_status);
    else
        pgcopy_null(b);
}

bool
load_add_path(struct load *l, int64_t source_id, str path, int64_t file_status, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    l->totals.duplicates++;
    if (file_status || !known_path(l->known, source_id, pgcopy_cut(path)))
        add_path(l, source_id, path, file_status);
    return true;
}

bool
load_skip_file(struct load *l, int64_t file_status)
{
    bool known = file_status && known_file(l->known, file_status);
    l->totals.duplicates += known;
    return known;
}

static bool
choose_id(struct load *l, struct load_source *s, struct diag *d)
{
    s->source_id = id_of_head(s->head_sha256);
    for (;; s->source_id++) {
        bool taken = false;
        if (!known_id_taken(l->known, s->source_id, &taken, d) || !taken)
            return d->code == 0;
    }
}

bool
load_begin(struct load *l, struct load_source *s, bool resuming, str head, struct diag *d)
{
    if (!load_want_batch(l, d))
        return false;
    head = str_head(head, LOAD_HEAD);
    bool nothing_behind = s->bytes && s->bytes == s->resume_offset; /* the usual: it ended with a line end */
    if (resuming && nothing_behind) {
        l->source_id = s->source_id;
        return true;
    }
    if (resuming) {
        struct arena a = { 0 };
        struct db_rows rows;
        str params[] = { arena_printf(&a, "%lld", (long long)s->source_id),
                         arena_printf(&a, "%llu", (unsigned long long)s->resume_offset),
                         arena_printf(&a, "%lld", (long long)l->load_id) };
        bool good = writer_sync(l->writer, d) &&
                    db_query(l->db, &a, sql_text("queries/load_forget_tail.sql"), params, 3, &rows, d);
        arena_free(&a);
        if (!good)
            return false;
    } else {
        s->head_length = head.n;
        sha256_of(head, s->head_sha256);
        if (!choose_id(l, s, d))
            return false;
    }
    l->source_id = s->source_id;
    return true;
}

bool
load_end(struct load *l, const struct load_source *s, const struct account *account,
         const struct load_result *r, struct diag *d)
{
    struct buf *b = writer_row(l->writer, LOAD_SOURCE, WHEN_NONE);
    pgcopy_int8(b, s->source_id);
    pgcopy_text(b, s->path);
    pgcopy_some(b, s->host);
    pgcopy_text(b, s->format);
    pgcopy_bytes(b, str_of((const char *)r->sha256, 32));
    pgcopy_int8(b, (int64_t)r->bytes);
    pgcopy_int8(b, (int64_t)account->records);
    pgcopy_int8(b, (int64_t)account->rejects);
    pgcopy_int8(b, (int64_t)account->ignores);
    pgcopy_int8(b, (int64_t)account->recorded);
    pgcopy_int8(b, (int64_t)account->rejected);
    pgcopy_int8(b, (int64_t)account->ignored);
    pgcopy_when(b, account->first_at);
    pgcopy_when(b, account->last_at);
    pgcopy_when(b, when_now());
    pgcopy_text(b, r->state);
    pgcopy_int8(b, (int64_t)r->lines);
    pgcopy_int8(b, (int64_t)r->resume_offset);
    pgcopy_int4(b, (int32_t)s->head_length);
    pgcopy_bytes(b, str_of((const char *)s->head_sha256, 32));
    pgcopy_text(b, s->options);
    pgcopy_int8(b, l->load_id);
    add_path(l, s->source_id, s->path, str_eq(r->state, S("whole")) ? s->file_status : 0);

    struct load_source done = *s;
    done.bytes = r->bytes;
    done.resume_offset = r->resume_offset;
    done.whole = str_eq(r->state, S("whole"));
    done.damaged = str_eq(r->state, S("damaged"));
    done.following = str_eq(r->state, S("following"));
    done.rejected = account->rejects;
    memcpy(done.sha256, r->sha256, 32);
    done.path = done.host = done.format = done.options = (str){ 0 };
    known_add_source(l->known, &done);
    if (l->npending == l->pending_room) {
        l->pending_room = l->pending_room ? l->pending_room * 2 : 64;
        l->pending = xrealloc(l->pending, l->pending_room * sizeof *l->pending);
    }
    l->pending[l->npending++] = (struct load_pending){
        .source_id = done.source_id, .following = done.following, .since = r->since, .until = r->until
    };
    l->batch_bytes += r->bytes;
    if (!writer_failed(l->writer))
        return true;
    return writer_sync(l->writer, d);
}

bool
load_go_on(struct load *l, const struct load_source *s, uint64_t bytes, bool *same, struct diag *d)
{
    struct db_rows rows;
    str params[] = { arena_printf(&l->arena, "%lld", (long long)s->source_id),
                     arena_printf(&l->arena, "%llu", (unsigned long long)bytes) };
    if (!db_query(l->look, &l->arena, sql_text("queries/load_still.sql"), params, 2, &rows, d))
        return false;
    l->source_id = s->source_id;
    *same = rows.rows == 1;
    return true;
}

bool
load_last_read(struct load *l, str path, when *at, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows rows;
    bool good = db_query(l->look, &a, sql_text("queries/load_followed.sql"), &path, 1, &rows, d);
    *at = good && db_cell(&rows, 0, 0).p ? db_int(db_cell(&rows, 0, 0)) : WHEN_NONE;
    arena_free(&a);
    return good;
}
