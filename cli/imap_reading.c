/* Reads a folder in batches that are committed with how far they go; then does with the messages what was asked
 * for.
 *
 * The order keeps everything: rows and the last UID are one commit, with them what is still to be done with
 * the messages; only then it is done, and struck off.  After a cut connection or a kill the next try begins
 * at the last commit.  Messages are known by content, too: what comes twice is counted once. */
#include "imap_reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum imap_trouble
database_gone(struct imap_run *r, const struct diag *d)
{
    if (d->code)
        ingest_fail(r->to, d);
    r->failed = true;
    return IMAP_STOPPED;
}

/* Messages ----------------------------------------------------------------------------------------- */

static int
entry_by_uid(const void *key, const void *entry)
{
    uint32_t uid = *(const uint32_t *)key, other = ((const struct imap_entry *)entry)->uid;
    return uid < other ? -1 : uid > other;
}

/* A message of some size of which the server gives nothing: it stays as it is, and is told of. */
static bool
skip_message(struct imap_run *r, const struct imap_entry *e, const char *why)
{
    struct arena a = { 0 };
    str url = imap_url_print(&a, &r->url, r->at.folder, r->at.uidvalidity, e->uid);
    ingest_problem(r->to, arena_printf(&a, "%.*s: %s", PRSTR(url), why).p);
    arena_free(&a);
    r->seen[e - r->batch] = true;
    return !interrupted;
}

static bool
take_message(void *ctx, const struct imap_message *m)
{
    struct imap_run *r = ctx;
    const struct imap_entry *e = bsearch(&m->uid, r->batch, r->nbatch, sizeof *r->batch, entry_by_uid);
    struct diag d = { 0 };
    if (e == NULL || r->seen[e - r->batch])
        return !interrupted; /* not asked for */
    if (m->body.n == 0 && !m->too_large && e->size > 0)
        return skip_message(r, e, "the server gives nothing of this message");
    arena_reset(&r->scratch);
    struct walk_file f = {
        .path = arena_z(&r->scratch,
                        imap_url_print(&r->scratch, &r->url, r->at.folder, r->at.uidvalidity, m->uid)),
        .folder = r->at.folder,
        .mailbox = r->url.user,
        .stored_at = m->at,
        .in_maildir = true,
    };
    const char *refused = NULL;
    if (r->head_only)
        refused =
            arena_printf(&r->scratch, "message of %u bytes, larger than %d", e->size, IMAP_MAX_MESSAGE).p;
    else if (m->too_large)
        refused = arena_printf(&r->scratch, "message larger than %d bytes", IMAP_MAX_MESSAGE).p;
    uint64_t rejects = 0;
    if (!ingest_mail(r->to, &f, m->body, refused, &rejects)) {
        r->failed = true;
        return false;
    }
    r->seen[e - r->batch] = true;
    r->progressed = true;
    r->nread++;
    r->nkept += rejects > 0;
    if (r->options->action != IMAP_LEAVE && rejects == 0 && r->to->load &&
        !load_mailbox_want(r->to->load, &r->at, m->uid, &d)) {
        database_gone(r, &d);
        return false;
    }
    return !interrupted;
}

/* What the server did not give with the others, one by one: one that it cannot give costs no other. */
static enum imap_trouble
fetch_singly(struct imap_run *r, struct diag *d)
{
    enum imap_trouble t = IMAP_FINE;
    for (size_t i = 0; i < r->nbatch && t == IMAP_FINE; i++) {
        char set[16];
        if (r->seen[i])
            continue;
        snprintf(set, sizeof set, "%u", r->batch[i].uid);
        t = imap_fetch(r->session, str_from(set), r->head_only, take_message, r, d);
        if (t != IMAP_REFUSED)
            continue;
        if (!imap_tells_removal(str_from(d->text))) /* else somebody else was faster */
            skip_message(r, &r->batch[i], d->text);
        t = IMAP_FINE;
    }
    return t;
}

/* Fetches the batch; afterwards at.last_uid says how far all is there. */
static enum imap_trouble
fetch_batch(struct imap_run *r, struct diag *d)
{
    struct arena a = { 0 };
    uint32_t uids[BATCH_MESSAGES];
    enum imap_trouble t = IMAP_FINE;
    memset(r->seen, 0, sizeof r->seen);
    for (size_t i = 0; i < r->nbatch; i++)
        uids[i] = r->batch[i].uid;
    for (size_t from = 0, n = 0; from < r->nbatch && t == IMAP_FINE; from += n) {
        str set = imap_set(&a, uids + from, r->nbatch - from, SET_ROOM, &n);
        t = imap_fetch(r->session, set, r->head_only, take_message, r, d);
    }
    if (t == IMAP_REFUSED)
        t = fetch_singly(r, d);
    arena_free(&a);
    if (t == IMAP_FINE) {
        r->at.last_uid = r->batch[r->nbatch - 1].uid;
        return t;
    }
    for (size_t i = 0; i < r->nbatch && r->seen[i]; i++)
        r->at.last_uid = r->batch[i].uid;
    return t;
}

/* The messages that go together: those of usual size, or one that is too large. */
static size_t
cut_batch(const struct imap_entry *e, size_t n, bool *head_only)
{
    uint64_t bytes = 0;
    size_t i = 0;
    *head_only = e[0].size > IMAP_MAX_MESSAGE;
    if (*head_only)
        return 1;
    while (i < n && i < BATCH_MESSAGES && e[i].size <= IMAP_MAX_MESSAGE &&
           (i == 0 || bytes + e[i].size <= BATCH_BYTES))
        bytes += e[i++].size;
    return i;
}

/* Commits what was read with how far that is. */
static enum imap_trouble
commit(struct imap_run *r)
{
    struct diag d = { 0 };
    if (r->to->load == NULL)
        return IMAP_FINE;
    if (!load_mailbox_put(r->to->load, &r->at, &d))
        return database_gone(r, &d);
    if (ingest_commit(r->to))
        return IMAP_FINE;
    r->failed = true;
    return IMAP_STOPPED;
}

/* Does with committed messages what was asked for, and strikes them off. */
static enum imap_trouble
act(struct imap_run *r, struct diag *d)
{
    uint32_t uids[BATCH_MESSAGES];
    struct diag gone = { 0 };
    size_t n = 0;
    if (r->options->action == IMAP_LEAVE || r->to->load == NULL)
        return IMAP_FINE;
    while (!interrupted) {
        if (!load_mailbox_pending(r->to->load, &r->at, uids, BATCH_MESSAGES, &n, &gone))
            return database_gone(r, &gone);
        if (n == 0)
            return IMAP_FINE;
        if (r->options->action == IMAP_MOVE && !r->folder_wanted) {
            bool made = false;
            enum imap_trouble t = imap_want_folder(r->session, r->options->argument, &made, d);
            if (t != IMAP_FINE)
                return t;
            if (made)
                note("made the folder %.*s", PRSTR(r->options->argument));
            r->folder_wanted = true;
        }
        arena_reset(&r->scratch);
        str set = imap_set(&r->scratch, uids, n, SET_ROOM, &n);
        enum imap_trouble t = imap_act(r->session, r->options->action, r->options->argument, set, d);
        if (t != IMAP_FINE)
            return t;
        if (!load_mailbox_done(r->to->load, &r->at, uids, n, &gone))
            return database_gone(r, &gone);
        r->progressed = true;
        r->ndone += n;
    }
    return IMAP_STOPPED;
}

/* Where the last commit left off. */
static enum imap_trouble
resume(struct imap_run *r)
{
    struct diag d = { 0 };
    if (r->to->load == NULL) { /* --dry-run reads all; after a cut it goes on */
        if (r->at.uidvalidity != r->selected.uidvalidity)
            r->at.last_uid = 0;
        r->at.uidvalidity = r->selected.uidvalidity;
        return IMAP_FINE;
    }
    if (!ingest_commit(r->to)) { /* what files before it gave: batches here begin and end with a mailbox's */
        r->failed = true;
        return IMAP_STOPPED;
    }
    if (!load_mailbox_get(r->to->load, &r->at, &d))
        return database_gone(r, &d);
    if (r->at.uidvalidity == r->selected.uidvalidity)
        return IMAP_FINE;
    if (r->at.last_uid)
        note("the server numbers the messages of %.*s anew: reading all of them, those that are known count "
             "once",
             PRSTR(r->at.folder));
    r->at.uidvalidity = r->selected.uidvalidity;
    r->at.last_uid = 0;
    return load_mailbox_forget(r->to->load, &r->at, &d) ? IMAP_FINE : database_gone(r, &d);
}

/* One session's work on the folder. */
enum imap_trouble
imap_read_folder(struct imap_run *r, struct diag *d)
{
    const struct imap_options *o = r->options;
    const struct imap_entry *entries;
    size_t n;
    enum imap_trouble t = imap_select(r->session, r->at.folder, o->action != IMAP_LEAVE, &r->selected, d);
    if (t == IMAP_FINE && o->action == IMAP_FLAG && o->argument.p[0] != '\\' && !r->selected.any_flag) {
        diag_set(d, EXIT_NO_INPUT, "the server lets no keywords be made in this folder (--then flag=%.*s)",
                 PRSTR(o->argument));
        return IMAP_REFUSED;
    }
    if (t != IMAP_FINE || (t = resume(r)) != IMAP_FINE || (t = act(r, d)) != IMAP_FINE)
        return t;
    while ((t = imap_entries(r->session, r->at.last_uid, &entries, &n, d)) == IMAP_FINE && n > 0) {
        for (size_t i = 0; i < n && t == IMAP_FINE; i += r->nbatch) {
            r->batch = entries + i;
            r->nbatch = cut_batch(r->batch, n - i, &r->head_only);
            t = fetch_batch(r, d);
            if (r->failed)
                return IMAP_STOPPED;
            enum imap_trouble kept = commit(r);
            if (kept != IMAP_FINE)
                return kept;
            if (t == IMAP_FINE)
                t = act(r, d);
        }
        if (t != IMAP_FINE)
            return t;
    }
    return t;
}
