/* Where an archive goes on behind damage, by the headers of its members: the directory of a zip, or the chain of a tar,
 * cannot be followed there. */
#include "unzip_resume.h"

enum {
    LOCAL_BYTES = 30,
    BLOCK = 512,
    SUM_AT = 148,
    SUM_BYTES = 8,
    SIZE_AT = 124,
    SIZE_BYTES = 12,
    TYPE_AT = 156
};

static uint64_t
little(str s, size_t at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i-- > 0;)
        value = value << 8 | (unsigned char)s.p[at + i];
    return value;
}

static uint64_t
octal(str s)
{
    uint64_t value = 0;
    for (s = str_trim_left(s); s.n && s.p[0] >= '0' && s.p[0] <= '7'; s = str_skip(s, 1))
        value = value * 8 + (uint64_t)(s.p[0] - '0');
    return value;
}

/* A member's own header: of a version and a method that there are, with a name. */
static bool
is_local(str s)
{
    enum { VERSION_AT = 4, METHOD_AT = 8, NAME_AT = 26, VERSION_MAX = 63, METHOD_MAX = 99, NAME_MAX = 4096 };
    if (s.n < LOCAL_BYTES || !str_starts(s, S("PK\3\4")))
        return false;
    uint64_t name = little(s, NAME_AT, 2);
    return little(s, VERSION_AT, 1) <= VERSION_MAX && little(s, METHOD_AT, 2) <= METHOD_MAX && name > 0 &&
           name <= NAME_MAX && LOCAL_BYTES + name < s.n;
}

static size_t
find_local(str bytes, size_t from)
{
    for (size_t at; (at = str_find(str_skip(bytes, from), S("PK\3\4"))) != STR_NONE; from += at + 4)
        if (is_local(str_skip(bytes, from + at)))
            return from + at;
    return STR_NONE;
}

/* Behind a header, and behind the data if their length is said and right. */
static size_t
behind_local(str bytes, size_t at)
{
    enum { FLAGS_AT = 6, LATER = 8, SIZE_AT_18 = 18, NAME_AT = 26, MORE_AT = 28 };
    str s = str_skip(bytes, at);
    uint64_t head = LOCAL_BYTES + little(s, NAME_AT, 2) + little(s, MORE_AT, 2),
             size = little(s, SIZE_AT_18, 4);
    bool said = (little(s, FLAGS_AT, 2) & LATER) == 0 && head < s.n && size < s.n - head;
    if (said && str_starts(str_skip(s, head + size), S("PK")))
        return at + head + size;
    return at + 4;
}

bool
unzip_is_tar_header(str head)
{
    uint64_t sum = 0, said = 0;
    if (head.n < BLOCK || head.p[0] == '\0')
        return false;
    said = octal(str_of(head.p + SUM_AT, SUM_BYTES));
    for (size_t i = 0; i < BLOCK && said > 0; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : (unsigned char)head.p[i];
    return said > 0 && sum == said;
}

static size_t
find_block(str bytes, size_t from)
{
    for (size_t at = from; at < bytes.n; at += BLOCK)
        if (unzip_is_tar_header(str_skip(bytes, at)))
            return at;
    return STR_NONE;
}

size_t
unzip_resume(str bytes, size_t from, size_t known, bool zip)
{
    size_t at = from;
    while (zip && known > 0 && (at = find_local(bytes, at)) != STR_NONE) {
        at = behind_local(bytes, at);
        known--;
    }
    if (zip)
        return at == STR_NONE ? at : find_local(bytes, at);
    while (known > 0 && unzip_is_tar_header(str_skip(bytes, at))) {
        str head = str_skip(bytes, at);
        uint64_t size = octal(str_of(head.p + SIZE_AT, SIZE_BYTES));
        known -= memchr("xgLK", head.p[TYPE_AT], 4) == NULL; /* those belong to the next one */
        if (size >= head.n)
            break;
        at += BLOCK + ((size_t)size + BLOCK - 1) / BLOCK * BLOCK;
    }
    return find_block(bytes, at + (unzip_is_tar_header(str_skip(bytes, at)) && at == from ? BLOCK : 0));
}
