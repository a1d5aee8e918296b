/* Text in UTF-16, as Windows writes it (PowerShell's ">", Exchange Online's message traces), to UTF-8.
 *
 * With a byte order mark, which is no text, or where the first letters are of ASCII.  Only of text: XML says itself in
 * what it is written, and is left as it is (xml_charset.h). */
#include "arena.h"
#include "unpack.h"
#include "utf8.h"

#include <stdlib.h>

struct utf16 {
    bool big, marked;
    bool half; /* the first byte of a unit was in the bytes before */
    unsigned char first;
    uint32_t high; /* a surrogate that waits for its other one; 0: none */
};

/* Five letters, each beside a NUL. */
static bool
is_unmarked(str head, bool big)
{
    enum { LETTERS = UNPACK_MAGIC_MAX / 2 };
    for (size_t i = 0; i < LETTERS; i++) {
        char high = head.p[2 * i + !big], low = head.p[2 * i + big];
        if (high != '\0' || low == '<' || !((low >= ' ' && low <= '~') || str_is_space(low)))
            return false;
    }
    return true;
}

static bool
utf16_recognise(str head)
{
    if (head.n >= UNPACK_MAGIC_MAX && (is_unmarked(head, true) || is_unmarked(head, false)))
        return true;
    bool big = str_starts(head, S("\xfe\xff"));
    if (head.n < 4 || (!big && !str_starts(head, S("\xff\xfe"))))
        return false;
    char high = head.p[big ? 2 : 3], low = head.p[big ? 3 : 2];
    return high == '\0' && low != '<' && ((low >= ' ' && low <= '~') || str_is_space(low));
}

static bool
utf16_restart(void *state)
{
    *(struct utf16 *)state = (struct utf16){ 0 };
    return true;
}

static void *
utf16_open(void)
{
    return xcalloc(1, sizeof(struct utf16));
}

static void
put(struct unpack_io *io, uint32_t code)
{
    size_t n = utf8_encode(io->out, code);
    io->out += n;
    io->out_n -= n;
}

static void
take_unit(struct utf16 *u, struct unpack_io *io, uint32_t unit)
{
    enum { NO_CHARACTER = 0xfffd };
    bool low = unit >= 0xdc00 && unit < 0xe000;
    if (u->high && low) {
        put(io, 0x10000 + ((u->high - 0xd800) << 10) + (unit - 0xdc00));
        u->high = 0;
        return;
    }
    if (u->high)
        put(io, NO_CHARACTER);
    u->high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (u->high == 0)
        put(io, low ? NO_CHARACTER : unit);
}

static enum unpack_result
utf16_step(void *state, struct unpack_io *io, const char **why)
{
    enum { ROOM = 8 }; /* of two characters */
    struct utf16 *u = state;
    (void)why;
    while (io->in_n && io->out_n >= ROOM) {
        unsigned char byte = (unsigned char)*io->in++;
        io->in_n--;
        u->half = !u->half;
        if (u->half) {
            u->first = byte;
            continue;
        }
        uint32_t unit = u->big ? (uint32_t)u->first << 8 | byte : (uint32_t)byte << 8 | u->first;
        if (u->marked) {
            take_unit(u, io, unit);
            continue;
        }
        u->marked = true;
        u->big = u->first == 0xfe || u->first == '\0';
        if (u->first < 0xfe)
            take_unit(u, io, u->big ? byte : u->first);
    }
    return UNPACK_ON;
}

static bool
utf16_may_end(const void *state)
{
    const struct utf16 *u = state;
    return !u->half && u->high == 0;
}

const struct unpacker unpack_utf16 = {
    .name = "UTF-16",
    .is_text = true,
    .magic = 2,
    .recognise = utf16_recognise,
    .open = utf16_open,
    .restart = utf16_restart,
    .step = utf16_step,
    .may_end = utf16_may_end,
    .close = free,
    .cut = "UTF-16 text ends amid a character",
};
