/* Reads the bytes that facts rest on back from the files they came from.
 *
 * A source may have been renamed, rotated and compressed since: every path it was seen at is tried, and
 * the same with ".gz" and ".1" behind it; the file whose first bytes have the hash that was stored is
 * the one.  Pieces are read in the order of their offsets, so that a compressed file is inflated once.
 * Message bytes are shown up to the end of their header. */
#include "trace.h"

#include "source.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    MOST_LINES = 4096,   /* of one transit */
    HEAD_MOST = 1 << 20, /* a longer head is not believed */
};

/* An unsigned LEB128 number out of hex digits; false at the end or where it is damaged. */
static bool
cut_varint(str *hex, uint64_t *out)
{
    *out = 0;
    for (unsigned shift = 0; shift < 63 && hex->n >= 2; shift += 7) {
        int high = str_hex_digit(hex->p[0]), low = str_hex_digit(hex->p[1]);
        if (high < 0 || low < 0)
            return false;
        unsigned byte = (unsigned)(high << 4 | low);
        *hex = str_skip(*hex, 2);
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

size_t
evidence_lines(struct arena *a, uint64_t offset, str varints_hex, struct evidence **out)
{
    struct evidence *lines = NULL;
    size_t n = 0, room = 0;
    uint64_t gap, length;
    str hex = str_starts(varints_hex, S("\\x")) ? str_skip(varints_hex, 2) : varints_hex;
    while (offset <= INT64_MAX && n < MOST_LINES && cut_varint(&hex, &gap) && cut_varint(&hex, &length)) {
        if (gap > INT64_MAX - offset || length > INT64_MAX - offset - gap)
            break;
        offset += gap;
        ARENA_PUSH(a, lines, n, room) = (struct evidence){ .offset = offset, .length = length };
        offset += length;
    }
    *out = lines;
    return n;
}

static int
by_place(const void *pa, const void *pb)
{
    const struct evidence *a = pa, *b = pb;
    size_t n = a->source_id.n < b->source_id.n ? a->source_id.n : b->source_id.n;
    int d = n ? memcmp(a->source_id.p, b->source_id.p, n) : 0;
    if (d == 0 && a->source_id.n != b->source_id.n)
        d = a->source_id.n < b->source_id.n ? -1 : 1;
    if (d == 0 && a->offset != b->offset)
        d = a->offset < b->offset ? -1 : 1;
    if (d == 0 && a->length != b->length)
        d = a->length > b->length ? -1 : 1;
    return d;
}

enum opened { OPENED, NO_FILE, OTHER_FILE };

static enum opened
open_checked(struct source *s, const char *path, const struct evidence_source *known)
{
    struct diag d = { 0 };
    unsigned char digest[32];
    struct arena a = { 0 };
    if (!source_open(s, path, &d))
        return NO_FILE;
    bool same = false;
    if (known->head_length <= HEAD_MOST && source_want(s, known->head_length, &d) &&
        s->window.n >= known->head_length) {
        sha256_of(str_head(s->window, known->head_length), digest);
        same = str_eq(sha256_hex(&a, digest), known->head_sha256);
    }
    arena_free(&a);
    if (same)
        return OPENED;
    source_close(s);
    return OTHER_FILE;
}

/* Opens the file that still begins as the source did; else says what stands in its place. */
static bool
find_source(struct arena *a, struct source *s, const struct evidence_source *known, str *path, str *problem)
{
    static const char *const endings[] = { "", ".gz", ".1", ".1.gz" };
    const char *other = NULL;
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++)
        for (size_t i = 0; i <= known->npaths; i++) {
            str base = i ? known->paths[i - 1] : known->path;
            if (base.n == 0 || str_eq(base, S("-")))
                continue;
            const char *z = arena_printf(a, "%.*s%s", PRSTR(base), endings[e]).p;
            enum opened got = open_checked(s, z, known);
            if (got == OPENED) {
                *path = str_from(z);
                return true;
            }
            if (got == OTHER_FILE && !other)
                other = z;
        }
    *path = known->path;
    if (other)
        *problem =
            arena_printf(a, "%s has changed: it no longer begins with the bytes that were read", other);
    else if (str_eq(known->path, S("-")))
        *problem = S("it was read from standard input, which is not kept");
    else if (str_has(known->path, S("://")))
        *problem = arena_printf(a, "%.*s is the message's place in its mailbox", PRSTR(known->path));
    else
        *problem =
            arena_printf(a, "%.*s is not there (any more)%s", PRSTR(known->path),
                         str_starts(known->path, S("/")) ? "" : "; its path counts from where it was read");
    return false;
}

/* Moves the window to an offset at or after its own. */
static bool
seek(struct source *s, uint64_t offset, struct diag *d)
{
    while (s->offset < offset) {
        if (s->window.n == 0 && (s->eof || !source_more(s, d)))
            return false;
        uint64_t left = offset - s->offset;
        source_take(s, left < s->window.n ? (size_t)left : s->window.n);
        if (s->window.n == 0 && s->eof && s->offset < offset)
            return false;
    }
    return true;
}

str
evidence_header(str raw)
{
    size_t lf = str_find(raw, S("\n\n")), crlf = str_find(raw, S("\r\n\r\n"));
    size_t end = lf < crlf ? lf : crlf;
    return end == STR_NONE ? raw : str_head(raw, end + 1);
}

static void
read_piece(struct arena *a, struct source *s, struct evidence *e)
{
    struct diag d = { 0 };
    size_t want = e->length < EVIDENCE_MOST ? (size_t)e->length : EVIDENCE_MOST;
    if (e->offset < s->offset || !seek(s, e->offset, &d) || !source_want(s, want, &d) || s->window.n < want) {
        e->problem = s->damage ? str_from(s->damage) : S("the file ends before this piece");
        return;
    }
    str text = str_head(s->window, want);
    if (str_starts(e->fact, S("message/")))
        text = evidence_header(text);
    else
        e->cut = e->length > want;
    e->text = arena_copy(a, text);
}

static const struct evidence_source *
source_of(const struct evidence_source *sources, size_t n, str id)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(sources[i].source_id, id))
            return &sources[i];
    return NULL;
}

static void
read_from_one(struct arena *a, struct evidence *e, size_t n, const struct evidence_source *known)
{
    struct source s = { 0 };
    str path = S(""), problem = S("nothing is known of its source");
    bool open = known && find_source(a, &s, known, &path, &problem);
    for (size_t i = 0; i < n; i++) {
        e[i].path = path;
        if (open)
            read_piece(a, &s, &e[i]);
        else
            e[i].problem = problem;
    }
    if (open)
        source_close(&s);
}

size_t
evidence_read(struct arena *a, struct evidence *e, size_t n, const struct evidence_source *sources,
              size_t nsources)
{
    if (n == 0)
        return 0;
    qsort(e, n, sizeof *e, by_place);
    size_t kept = 1;
    for (size_t i = 1; i < n; i++)
        if (!str_eq(e[i].source_id, e[kept - 1].source_id) || e[i].offset != e[kept - 1].offset)
            e[kept++] = e[i];
    for (size_t from = 0, to; from < kept; from = to) {
        for (to = from + 1; to < kept && str_eq(e[to].source_id, e[from].source_id); to++)
            ;
        read_from_one(a, e + from, to - from, source_of(sources, nsources, e[from].source_id));
    }
    return kept;
}
