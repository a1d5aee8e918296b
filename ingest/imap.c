/* The commands of an IMAP session and the reading of their responses.
 *
 * Connection and login are imap_net.c's, the grammar of responses imap_reply.c's. */
#include "imap.h"

#include <stdlib.h>

#include "buf.h"

struct imap {
    struct imap_net *net;
    struct buf in; /* received, not yet taken */
    size_t in_at;
    struct buf response;
    uint64_t dropped;     /* size of the largest literal of the response that was passed over */
    struct arena scratch; /* one response's */
    unsigned tag;
    bool has_move, has_uidplus, has_id, gone;
    struct imap_entry *entries;
    size_t nentries, room;
    uint32_t bound; /* entries from here on were left out; 0: none */
    struct imap_selected selected;
    struct imap_status status; /* of the last command; views into response */
};

/* Bytes ------------------------------------------------------------------------------------------- */

static enum imap_trouble
fill(struct imap *im, struct diag *d)
{
    enum { AT_ONCE = 64 << 10 };
    size_t got;
    im->in.n = im->in_at = 0;
    buf_reserve(&im->in, AT_ONCE);
    enum imap_trouble t = imap_net_receive(im->net, im->in.p, AT_ONCE, &got, d);
    im->in.n = got;
    im->gone |= t != IMAP_FINE;
    return t;
}

/* Appends one line to the response, without its end. */
static enum imap_trouble
take_line(struct imap *im, struct diag *d)
{
    size_t begin = im->response.n;
    for (;;) {
        str have = str_skip(buf_str(&im->in), im->in_at);
        size_t lf = str_find_char(have, '\n');
        buf_add(&im->response, str_head(have, lf));
        im->in_at += lf == STR_NONE ? have.n : lf + 1;
        if (im->response.n - begin > IMAP_MAX_LINE) {
            diag_set(d, EXIT_NO_INPUT, "the server sends a line of more than %d bytes", IMAP_MAX_LINE);
            im->gone = true;
            return IMAP_REFUSED;
        }
        if (lf != STR_NONE)
            break;
        enum imap_trouble t = fill(im, d);
        if (t != IMAP_FINE)
            return t;
    }
    if (im->response.n > begin && im->response.p[im->response.n - 1] == '\r')
        im->response.n--;
    return IMAP_FINE;
}

/* Takes n bytes, into the response or nowhere. */
static enum imap_trouble
take_bytes(struct imap *im, uint64_t n, bool keep, struct diag *d)
{
    while (n) {
        str have = str_skip(buf_str(&im->in), im->in_at);
        if (have.n == 0) {
            enum imap_trouble t = fill(im, d);
            if (t != IMAP_FINE)
                return t;
            continue;
        }
        have = str_head(have, n < have.n ? (size_t)n : have.n);
        if (keep)
            buf_add(&im->response, have);
        im->in_at += have.n;
        n -= have.n;
    }
    return IMAP_FINE;
}

/* The next response, its literals in place; those beyond the limit are empty. */
static enum imap_trouble
next_response(struct imap *im, str *response, struct diag *d)
{
    enum { KEEP_ROOM = 4 << 20 };
    uint64_t size;
    size_t mark;
    if (im->response.room > KEEP_ROOM) /* a large message came before */
        buf_free(&im->response);
    im->response.n = 0;
    im->dropped = 0;
    arena_reset(&im->scratch);
    for (size_t line = 0;; line = im->response.n) {
        enum imap_trouble t = take_line(im, d);
        str added = str_skip(buf_str(&im->response), line);
        if (t != IMAP_FINE)
            return t;
        if (im->response.n > 2 * (uint64_t)IMAP_MAX_MESSAGE + IMAP_MAX_LINE) {
            diag_set(d, EXIT_NO_INPUT, "the server sends a response without an end");
            im->gone = true;
            return IMAP_REFUSED;
        }
        if (!imap_literal_follows(added, &size, &mark) || !imap_may_hold_literals(buf_str(&im->response)))
            break;
        bool keep = size <= IMAP_MAX_MESSAGE && im->response.n + size < 2 * (uint64_t)IMAP_MAX_MESSAGE;
        if (keep) {
            buf_put(&im->response, "\r\n", 2);
            buf_reserve(&im->response, (size_t)size + 2);
        } else {
            im->response.n = line + mark;
            buf_add(&im->response, S("\"\""));
            im->dropped = size > im->dropped ? size : im->dropped;
        }
        if ((t = take_bytes(im, size, keep, d)) != IMAP_FINE)
            return t;
    }
    *response = buf_str(&im->response);
    return IMAP_FINE;
}

/* Commands ----------------------------------------------------------------------------------------- */

typedef bool on_response(struct imap *, void *ctx, str response);

/* One command to its end; each sees every untagged response, and false from it ends the session. */
static enum imap_trouble
command(struct imap *im, str text, on_response *each, void *ctx, struct diag *d)
{
    struct arena a = { 0 };
    str tag = arena_printf(&a, "W%u", ++im->tag), line, response;
    line = arena_printf(&a, "%.*s %.*s\r\n", PRSTR(tag), PRSTR(text));
    debug("imap: %.*s", PRSTR(str_head(line, line.n - 2)));
    enum imap_trouble t = imap_net_send(im->net, line, d);
    im->gone |= t != IMAP_FINE;
    while (t == IMAP_FINE && (t = next_response(im, &response, d)) == IMAP_FINE) {
        struct str_cut c = str_cut(response, ' ');
        struct imap_status status = imap_parse_status(c.tail);
        if (str_eq(c.head, tag)) {
            im->status = status;
            if (status.word == IMAP_OK)
                break;
            struct str_cut verb = str_cut(text, ' ');
            diag_set(d, EXIT_NO_INPUT, "the server refuses %.*s: %.*s", PRSTR(verb.head),
                     PRSTR(str_head(c.tail, 300)));
            /* What is refused of one message may be refused for ever. */
            bool passes = imap_passes(c.tail, str_ieq(verb.head, S("UID")), &imap_wait_s);
            t = passes ? IMAP_CUT : IMAP_REFUSED;
            break;
        }
        if (str_eq(c.head, S("*")) && status.word == IMAP_BYE) {
            diag_set(d, EXIT_NO_INPUT, "the server ends the session: %.*s",
                     PRSTR(str_head(status.text, 300)));
            t = IMAP_CUT;
            im->gone = true;
        } else if (str_eq(c.head, S("*")) && each && !each(im, ctx, response)) {
            diag_set(d, EXIT_NO_INPUT, "interrupted");
            t = IMAP_STOPPED;
            im->gone = true;
        }
    }
    arena_free(&a);
    return t;
}

static bool
see_capability(struct imap *im, void *ctx, str response)
{
    (void)ctx;
    struct str_cut c = str_cut(str_skip(response, 2), ' ');
    if (!str_ieq(c.head, S("CAPABILITY")))
        return true;
    im->has_move |= imap_has_word(c.tail, S("MOVE"));
    im->has_uidplus |= imap_has_word(c.tail, S("UIDPLUS")) || imap_has_word(c.tail, S("IMAP4rev2"));
    im->has_id |= imap_has_word(c.tail, S("ID"));
    return true;
}

enum imap_trouble
imap_open(struct imap **out, const struct imap_login *login, struct diag *d)
{
    struct imap *im = xcalloc(1, sizeof *im);
    *out = NULL;
    enum imap_trouble t = imap_net_open(&im->net, login, d);
    im->gone = t != IMAP_FINE;
    if (t == IMAP_FINE)
        t = command(im, S("CAPABILITY"), see_capability, NULL, d);
    if (t == IMAP_FINE && im->has_id && /* RFC 2971; some providers serve only who introduces himself */
        command(im, S("ID (\"name\" \"waybill\")"), NULL, NULL, d) == IMAP_CUT)
        t = IMAP_CUT;
    if (t == IMAP_FINE)
        *out = im;
    else
        imap_close(im);
    return t;
}

void
imap_close(struct imap *im)
{
    struct diag ignored = { 0 };
    if (im == NULL)
        return;
    if (!im->gone)
        imap_net_send(im->net, S("W LOGOUT\r\n"), &ignored);
    imap_net_close(im->net);
    buf_free(&im->in);
    buf_free(&im->response);
    arena_free(&im->scratch);
    free(im->entries);
    free(im);
}

/* Folders ------------------------------------------------------------------------------------------ */

struct folders {
    struct arena *arena;
    struct imap_folder *list;
    size_t n, room;
};

static bool
see_folder(struct imap *im, void *ctx, str response)
{
    struct folders *f = ctx;
    struct imap_list l;
    if (f->n < IMAP_MAX_FOLDERS && imap_parse_list(&im->scratch, response, &l))
        ARENA_PUSH(f->arena, f->list, f->n, f->room) =
            (struct imap_folder){ .name = arena_copy(f->arena, imap_utf7_decode(&im->scratch, l.name)),
                                  .closed = l.closed,
                                  .copies = l.copies };
    return true;
}

/* A command whose argument is the name of a folder. */
static enum imap_trouble
folder_command(struct imap *im, const char *before, str folder, on_response *each, void *ctx, struct diag *d)
{
    struct arena a = { 0 };
    str name = imap_quote(&a, imap_utf7_encode(&a, folder));
    enum imap_trouble t = command(im, arena_printf(&a, "%s %.*s", before, PRSTR(name)), each, ctx, d);
    arena_free(&a);
    return t;
}

enum imap_trouble
imap_folders(struct imap *im, struct arena *a, str pattern, struct imap_folder **list, size_t *n,
             struct diag *d)
{
    struct folders f = { .arena = a };
    enum imap_trouble t = folder_command(im, "LIST \"\"", pattern, see_folder, &f, d);
    *list = f.list;
    *n = f.n;
    return t;
}

static bool
see_selected(struct imap *im, void *ctx, str response)
{
    (void)ctx;
    str s = str_skip(response, 2);
    struct imap_status status = imap_parse_status(s);
    uint64_t n = imap_number(s, S("EXISTS"));
    if (n)
        im->selected.messages = n;
    if ((n = imap_number(status.code, S("UIDVALIDITY"))) != 0)
        im->selected.uidvalidity = (uint32_t)n;
    if (str_istarts(status.code, S("PERMANENTFLAGS")))
        im->selected.any_flag = str_has(status.code, S("\\*"));
    return true;
}

enum imap_trouble
imap_select(struct imap *im, str folder, bool writable, struct imap_selected *out, struct diag *d)
{
    im->selected = (struct imap_selected){ .uidvalidity = 0 };
    enum imap_trouble t = folder_command(im, writable ? "SELECT" : "EXAMINE", folder, see_selected, NULL, d);
    *out = im->selected;
    if (t == IMAP_FINE && writable && str_ieq(im->status.code, S("READ-ONLY"))) {
        diag_set(d, EXIT_NO_INPUT, "the server opens it for reading only");
        t = IMAP_REFUSED;
    }
    return t;
}

enum imap_trouble
imap_want_folder(struct imap *im, str folder, bool *made, struct diag *d)
{
    struct folders f = { .arena = &(struct arena){ 0 } };
    enum imap_trouble t = folder_command(im, "LIST \"\"", folder, see_folder, &f, d);
    arena_free(f.arena);
    *made = t == IMAP_FINE && f.n == 0;
    return *made ? folder_command(im, "CREATE", folder, NULL, NULL, d) : t;
}

/* Messages ----------------------------------------------------------------------------------------- */

static int
by_uid(const void *pa, const void *pb)
{
    const struct imap_entry *a = pa, *b = pb;
    if (a->uid != b->uid)
        return a->uid < b->uid ? -1 : 1;
    return a->size > b->size ? -1 : a->size < b->size; /* who tells the size comes first */
}

static bool
see_entry(struct imap *im, void *ctx, str response)
{
    const uint32_t *after = ctx;
    struct imap_fetch f;
    if (!imap_parse_fetch(&im->scratch, response, &f) || f.uid <= *after)
        return true; /* "5:*" names the last message, too, where there is no fifth */
    if (im->nentries == IMAP_MAX_LISTED) {
        im->bound = im->bound == 0 || f.uid < im->bound ? f.uid : im->bound;
        return true;
    }
    if (im->nentries == im->room) {
        im->room = im->room ? im->room * 2 : 1024;
        im->entries = xrealloc(im->entries, im->room * sizeof *im->entries);
    }
    im->entries[im->nentries++] =
        (struct imap_entry){ f.uid, f.size < UINT32_MAX ? (uint32_t)f.size : UINT32_MAX };
    return true;
}

enum imap_trouble
imap_entries(struct imap *im, uint32_t after, const struct imap_entry **list, size_t *n, struct diag *d)
{
    struct arena a = { 0 };
    im->nentries = 0;
    im->bound = 0;
    *n = 0;
    *list = NULL;
    if (after == UINT32_MAX || im->selected.messages == 0)
        return IMAP_FINE;
    str text = arena_printf(&a, "UID FETCH %u:* (UID RFC822.SIZE)", after + 1);
    enum imap_trouble t = command(im, text, see_entry, &after, d);
    arena_free(&a);
    if (t != IMAP_FINE)
        return t;
    if (im->nentries)
        qsort(im->entries, im->nentries, sizeof *im->entries, by_uid);
    size_t kept = 0;
    for (size_t i = 0; i < im->nentries; i++)
        if ((im->bound == 0 || im->entries[i].uid < im->bound) &&
            (kept == 0 || im->entries[i].uid != im->entries[kept - 1].uid))
            im->entries[kept++] = im->entries[i];
    im->nentries = kept;
    *list = im->entries;
    *n = kept;
    return IMAP_FINE;
}

struct fetching {
    imap_each *each;
    void *ctx;
};

static bool
see_message(struct imap *im, void *ctx, str response)
{
    struct fetching *f = ctx;
    struct imap_fetch got;
    if (!imap_parse_fetch(&im->scratch, response, &got) || got.uid == 0 || !(got.has_body || got.has_nil))
        return true;
    struct imap_message m = { .uid = got.uid, .at = got.at, .body = got.body, .too_large = im->dropped > 0 };
    return f->each(f->ctx, &m);
}

enum imap_trouble
imap_fetch(struct imap *im, str set, bool head_only, imap_each *each, void *ctx, struct diag *d)
{
    struct arena a = { 0 };
    struct fetching f = { each, ctx };
    str part = head_only ? arena_printf(&a, "<0.%d>", IMAP_HEAD_BYTES) : S("");
    str text = arena_printf(&a, "UID FETCH %.*s (UID INTERNALDATE BODY.PEEK[]%.*s)", PRSTR(set), PRSTR(part));
    enum imap_trouble t = command(im, text, see_message, &f, d);
    arena_free(&a);
    return t;
}

/* Afterwards --------------------------------------------------------------------------------------- */

static enum imap_trouble
store(struct imap *im, str set, str flag, struct diag *d)
{
    struct arena a = { 0 };
    enum imap_trouble t = command(
        im, arena_printf(&a, "UID STORE %.*s +FLAGS.SILENT (%.*s)", PRSTR(set), PRSTR(flag)), NULL, NULL, d);
    arena_free(&a);
    return t;
}

/* Plain EXPUNGE would take away what others marked. */
static enum imap_trouble
remove_messages(struct imap *im, str set, struct diag *d)
{
    struct arena a = { 0 };
    enum imap_trouble t = store(im, set, S("\\Deleted"), d);
    if (t == IMAP_FINE && im->has_uidplus)
        t = command(im, arena_printf(&a, "UID EXPUNGE %.*s", PRSTR(set)), NULL, NULL, d);
    arena_free(&a);
    return t;
}

static enum imap_trouble
move(struct imap *im, str folder, str set, struct diag *d)
{
    struct arena a = { 0 };
    str before = arena_printf(&a, "UID %s %.*s", im->has_move ? "MOVE" : "COPY", PRSTR(set));
    enum imap_trouble t = folder_command(im, before.p, folder, NULL, NULL, d);
    if (t == IMAP_FINE && !im->has_move)
        t = remove_messages(im, set, d);
    arena_free(&a);
    return t;
}

enum imap_trouble
imap_act(struct imap *im, enum imap_action action, str argument, str set, struct diag *d)
{
    switch (action) {
    case IMAP_MOVE: return move(im, argument, set, d);
    case IMAP_FLAG: return store(im, set, argument, d);
    case IMAP_DELETE: return remove_messages(im, set, d);
    case IMAP_LEAVE: break;
    }
    return IMAP_FINE;
}
