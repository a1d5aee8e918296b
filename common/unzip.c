/* The members of a zip or tar archive in memory; the owner of libarchive. */
#include "unzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"

struct unzip {
    struct archive *archive;
    size_t packed;
    uint64_t unpacked;
    size_t members;
    char damage[200];
};

enum { TAR_MAGIC_AT = 257 };

/* A tar of before POSIX says nothing of itself, but for the sum of its first block (octal, counted with blanks). */
static bool
is_old_tar(str head)
{
    enum { BLOCK = 512, SUM_AT = 148, SUM_BYTES = 8 };
    uint64_t sum = 0, said = 0;
    if (head.n < BLOCK || head.p[0] == '\0')
        return false;
    str field = str_trim_left(str_of(head.p + SUM_AT, SUM_BYTES));
    for (; field.n && field.p[0] >= '0' && field.p[0] <= '7'; field = str_skip(field, 1))
        said = said * 8 + (uint64_t)(field.p[0] - '0');
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : (unsigned char)head.p[i];
    return said > 0 && sum == said;
}

bool
unzip_recognise(str head)
{
    static const str marks[] = { S("PK\3\4"), S("PK\5\6"), S("PK\7\10PK\3\4"), S("PK00PK\3\4") };
    return str_starts_any(head, marks, sizeof marks / sizeof *marks) ||
           str_starts(str_skip(head, TAR_MAGIC_AT), S("ustar")) || is_old_tar(head);
}

static bool
damaged(struct unzip *u, const char *why)
{
    if (u->damage[0] == '\0')
        snprintf(u->damage, sizeof u->damage, "%s", why ? why : "archive cannot be read");
    return false;
}

struct unzip *
unzip_open(str bytes, struct diag *d)
{
    struct unzip *u = xcalloc(1, sizeof *u);
    u->packed = bytes.n;
    u->archive = archive_read_new();
    if (u->archive == NULL)
        die(EXIT_INTERNAL, "out of memory");
    archive_read_support_format_zip(u->archive);
    archive_read_support_format_tar(u->archive);
    if (archive_read_open_memory(u->archive, bytes.p, bytes.n) == ARCHIVE_OK)
        return u;
    diag_set(d, EXIT_REJECTED_INPUT, "%s", archive_error_string(u->archive));
    unzip_close(u);
    return NULL;
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

bool
unzip_next(struct unzip *u, str *name)
{
    struct archive_entry *entry;
    while (u->damage[0] == '\0') {
        int rc = archive_read_next_header(u->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return false;
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return damaged(u, archive_error_string(u->archive));
        if (++u->members > UNZIP_MAX_MEMBERS)
            return damaged(u, "archive has too many members");
        const char *path = archive_entry_pathname(entry);
        *name = str_from(path ? path : "");
        if (archive_entry_filetype(entry) == AE_IFREG && !is_litter(*name))
            return true;
    }
    return false;
}

ssize_t
unzip_read(void *ctx, char *p, size_t n)
{
    struct unzip *u = ctx;
    if (u->damage[0])
        return 0;
    ssize_t got = archive_read_data(u->archive, p, n);
    if (got < 0) {
        damaged(u, archive_error_string(u->archive));
        return 0;
    }
    u->unpacked += (uint64_t)got;
    if (u->unpacked > UNZIP_MAX_BYTES ||
        (u->unpacked > UNZIP_RATIO_FROM && u->unpacked / (u->packed + 1) > UNZIP_RATIO)) {
        damaged(u, "archive unpacks to more than the limit");
        return 0;
    }
    return got;
}

const char *
unzip_damage(const struct unzip *u)
{
    return u->damage[0] ? u->damage : NULL;
}
