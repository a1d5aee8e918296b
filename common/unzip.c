/* The members of a zip or tar archive; the owner of libarchive. */
#include "unzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "unzip_resume.h"

struct unzip {
    struct archive *archive;
    struct source *source; /* NULL: it lies in memory */
    size_t lent;           /* bytes of the source's window that libarchive looks at */
    str block;             /* of the present member, not handed out yet */
    uint64_t at,
        block_at; /* bytes handed out of the member; where the block stands in it: between them are zeros */
    uint64_t packed;
    uint64_t unpacked;
    size_t members;
    bool member_over, over; /* no more can be had of the member, or at all */
    str bytes;              /* all of it, where it lies in memory */
    size_t from, seen;      /* where libarchive began to read, and the members that it told of since */
    bool broken, resumed;   /* libarchive cannot read on; it began behind damage */
    char damage[200];       /* the first */
};

enum { TAR_MAGIC_AT = 257, LEND = 64 << 10 };

bool
unzip_recognise(str head)
{
    static const str marks[] = { S("PK\3\4"), S("PK\5\6"), S("PK\7\10PK\3\4"), S("PK00PK\3\4") };
    return str_starts_any(head, marks, sizeof marks / sizeof *marks) ||
           str_starts(str_skip(head, TAR_MAGIC_AT), S("ustar")) || unzip_is_tar_header(head);
}

static bool
damaged(struct unzip *u, const char *why)
{
    str text =
        str_trim(str_from(why ? why : "archive cannot be read")); /* libarchive ends some with a line feed */
    if (u->damage[0] == '\0')
        snprintf(u->damage, sizeof u->damage, "%.*s", PRSTR(text));
    u->member_over = true;
    return false;
}

/* Nor what follows the member, but by another beginning. */
static bool
broken(struct unzip *u, const char *why)
{
    u->broken = true;
    return damaged(u, why);
}

/* Nor anything else. */
static bool
damaged_for_good(struct unzip *u, const char *why)
{
    u->over = true;
    return damaged(u, why);
}

static struct archive *
new_archive(void)
{
    struct archive *archive = archive_read_new();
    if (archive == NULL)
        die(EXIT_INTERNAL, "out of memory");
    archive_read_support_format_tar(archive);
    return archive;
}

static struct unzip *
unzip_new(void)
{
    struct unzip *u = xcalloc(1, sizeof *u);
    u->archive = new_archive();
    archive_read_support_format_zip(u->archive);
    return u;
}

/* Begins once more at the next member behind damage; false if there is none. */
static bool
resume(struct unzip *u)
{
    bool zip = str_starts(u->bytes, S("PK"));
    while (u->broken && u->bytes.p && u->members <= UNZIP_MAX_MEMBERS) {
        size_t from = u->from + (zip && u->resumed && u->seen == 0); /* not there again */
        size_t at = unzip_resume(u->bytes, from, u->seen, zip);
        if (at == STR_NONE)
            return false;
        archive_read_free(u->archive);
        u->archive = new_archive();
        archive_read_support_format_zip_streamable(u->archive); /* the directory led here */
        u->from = at;
        u->seen = 0;
        u->resumed = true;
        u->members++; /* the one that is lost, so that there is an end */
        u->broken = archive_read_open_memory(u->archive, u->bytes.p + at, u->bytes.n - at) != ARCHIVE_OK;
    }
    return !u->broken;
}

static struct unzip *
opened(struct unzip *u, int rc, struct diag *d)
{
    if (rc == ARCHIVE_OK)
        return u;
    diag_set(d, EXIT_REJECTED_INPUT, "%s", archive_error_string(u->archive));
    unzip_close(u);
    return NULL;
}

static struct unzip *
open_bytes(struct unzip *u, str bytes, struct diag *d)
{
    int rc = archive_read_open_memory(u->archive, bytes.p, bytes.n);
    u->bytes = bytes;
    if (rc == ARCHIVE_OK)
        return u;
    broken(u, archive_error_string(u->archive));
    if (resume(u))
        return u;
    diag_set(d, EXIT_REJECTED_INPUT, "%s", u->damage);
    unzip_close(u);
    return NULL;
}

struct unzip *
unzip_open(str bytes, struct diag *d)
{
    struct unzip *u = unzip_new();
    u->packed = bytes.n;
    return open_bytes(u, bytes, d);
}

/* Always as much: of what is damaged, libarchive gives more or less depending on how much it sees at once. */
static la_ssize_t
lend(struct archive *archive, void *ctx, const void **bytes)
{
    struct unzip *u = ctx;
    struct diag d = { 0 };
    source_take(u->source, u->lent);
    u->lent = 0;
    if (!source_want(u->source, LEND, &d)) {
        archive_set_error(archive, EIO, "%s", d.text);
        return ARCHIVE_FATAL;
    }
    *bytes = u->source->window.p;
    u->lent = str_head(u->source->window, LEND).n;
    return (la_ssize_t)u->lent;
}

struct unzip *
unzip_open_source(struct source *s, struct diag *d)
{
    struct unzip *u = unzip_new();
    u->source = s;
    if (!s->eof)
        return opened(u, archive_read_open(u->archive, u, NULL, lend, NULL), d);
    u->packed = s->window.n; /* a zip is read best by its directory, which stands at its end */
    return open_bytes(u, s->window, d);
}

void
unzip_close(struct unzip *u)
{
    archive_read_free(u->archive);
    free(u);
}

static bool
is_litter(str name)
{
    size_t slash = str_rfind_char(name, '/');
    str last = slash == STR_NONE ? name : str_skip(name, slash + 1);
    return str_starts(name, S("__MACOSX/")) || str_starts(last, S("._")) || str_eq(last, S(".DS_Store"));
}

/* A zip whose directory names none, and that has some. */
static bool
hides_members(const struct unzip *u)
{
    return u->seen == 0 && !u->resumed && str_starts(u->bytes, S("PK")) &&
           unzip_resume(u->bytes, 0, 0, true) != STR_NONE;
}

bool
unzip_next(struct unzip *u, str *name)
{
    struct archive_entry *entry;
    u->block = (str){ 0 };
    u->at = u->block_at = 0;
    u->member_over = false;
    while (!u->over && (!u->broken || resume(u))) {
        int rc = archive_read_next_header(u->archive, &entry);
        u->member_over = false;
        if (rc == ARCHIVE_EOF && !hides_members(u))
            return false;
        if (rc == ARCHIVE_EOF) {
            broken(u, "the directory of the archive is damaged");
            continue;
        }
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN) {
            broken(u, archive_error_string(u->archive));
            continue;
        }
        u->seen++;
        if (++u->members > (u->source ? UNZIP_MAX_FILES : UNZIP_MAX_MEMBERS))
            return damaged_for_good(u, "archive has too many members");
        const char *path = archive_entry_pathname(entry);
        if (path == NULL)
            path = archive_entry_pathname_utf8(entry);
        *name = str_from(path ? path : "");
        if (archive_entry_filetype(entry) == AE_IFREG && !is_litter(*name))
            return true;
    }
    return false;
}

str
unzip_path(str name)
{
    static const str before[] = { S("./"), S("../"), S("/") };
    for (size_t i = 0; i < sizeof before / sizeof *before;)
        if (str_starts(name, before[i])) {
            name = str_skip(name, before[i].n);
            i = 0;
        } else {
            i++;
        }
    return name;
}

/* The next block of the member; false at its end.  Not by archive_read_data(): where that meets damage, it forgets what
 * it has read before. */
static bool
next_block(struct unzip *u)
{
    const void *p = NULL;
    size_t n = 0;
    la_int64_t at = (la_int64_t)u->at;
    if (u->member_over)
        return false;
    int rc = archive_read_data_block(u->archive, &p, &n, &at);
    if (rc < ARCHIVE_FAILED)
        return broken(u, archive_error_string(u->archive));
    if (at < (la_int64_t)u->at)
        return damaged(u, "archive is out of order");
    if (rc < ARCHIVE_OK)
        damaged(u,
                archive_error_string(u->archive)); /* a wrong sum shows at the end: this is the last block */
    u->block = str_of(p ? p : "", p ? n : 0);
    u->block_at = (uint64_t)at;
    return rc != ARCHIVE_EOF || u->block_at > u->at;
}

ssize_t
unzip_read(void *ctx, char *p, size_t n)
{
    struct unzip *u = ctx;
    while (u->block.n == 0 && u->block_at == u->at)
        if (!next_block(u))
            return 0;
    uint64_t zeros = u->block_at - u->at;
    size_t got = zeros > n ? n : zeros ? (size_t)zeros : str_head(u->block, n).n;
    if (zeros) {
        memset(p, 0, got);
    } else {
        memcpy(p, u->block.p, got);
        u->block = str_skip(u->block, got);
        u->block_at += got;
    }
    u->at += got;
    u->unpacked += got;
    uint64_t packed = u->packed ? u->packed : u->source ? u->source->offset + u->lent : 0;
    if ((u->source == NULL && u->unpacked > UNZIP_MAX_BYTES) ||
        (u->unpacked > UNZIP_RATIO_FROM && u->unpacked / (packed + 1) > UNZIP_RATIO)) {
        damaged_for_good(u, "archive unpacks to more than the limit");
        u->block = (str){ 0 };
        u->block_at = u->at;
        return 0;
    }
    return (ssize_t)got;
}

const char *
unzip_damage(const struct unzip *u)
{
    if (u->damage[0])
        return u->damage;
    return u->source ? u->source->damage : NULL;
}
