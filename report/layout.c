/* Text for terminals.  The width table is a summary of Unicode's East Asian Width and combining
 * classes: enough to keep columns straight, not a full implementation of UAX #11. */
#include "layout.h"

#include "utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

struct range {
    uint32_t from, to;
};

/* Takes no cell. */
static const struct range combining[] = {
    { 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },   { 0x064b, 0x065f },
    { 0x06d6, 0x06dc }, { 0x0900, 0x0902 }, { 0x093c, 0x093c }, { 0x0941, 0x0948 },   { 0x0e31, 0x0e31 },
    { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },   { 0x200b, 0x200d },
    { 0x20d0, 0x20f0 }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef },
};

/* Takes two cells. */
static const struct range wide[] = {
    { 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x23e9, 0x23ec },   { 0x2614, 0x2615 },
    { 0x2648, 0x2653 },   { 0x26a1, 0x26a1 },   { 0x2705, 0x2705 },   { 0x274c, 0x274c },
    { 0x2757, 0x2757 },   { 0x2e80, 0x303e },   { 0x3041, 0x33ff },   { 0x3400, 0x4dbf },
    { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },   { 0xa960, 0xa97f },   { 0xac00, 0xd7a3 },
    { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
    { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/* Steers direction or hides: never printed. */
static const struct range steering[] = {
    { 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x061c, 0x061c }, { 0x200e, 0x200f },
    { 0x2028, 0x202e }, { 0x2066, 0x2069 }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
};

static bool
in_ranges(uint32_t c, const struct range *r, size_t n)
{
    for (size_t i = 0; i < n && r[i].from <= c; i++)
        if (c <= r[i].to)
            return true;
    return false;
}
#define IN(c, table) in_ranges((c), (table), sizeof(table) / sizeof *(table))

static size_t
code_width(uint32_t c)
{
    if (c < 0x300)
        return 1;
    return IN(c, combining) ? 0 : IN(c, wide) ? 2 : 1;
}

str
layout_safe(struct arena *a, str s)
{
    struct buf b = { 0 };
    while (s.n) {
        struct utf8_result u = utf8_cut(s);
        if (s.p[0] == '\n' || s.p[0] == '\r' || s.p[0] == '\t') {
            if (b.n == 0 || b.p[b.n - 1] != ' ')
                buf_char(&b, ' ');
        } else if (!u.ok || IN(u.code, steering)) {
            buf_add(&b, S(REPLACEMENT));
        } else {
            buf_put(&b, s.p, u.length);
        }
        s = str_skip(s, u.length);
    }
    str out = arena_copy(a, buf_str(&b));
    buf_free(&b);
    return out;
}

size_t
layout_width(str s)
{
    size_t width = 0;
    while (s.n) {
        struct utf8_result u = utf8_cut(s);
        width += u.ok ? code_width(u.code) : 1;
        s = str_skip(s, u.length);
    }
    return width;
}

/* The longest head of s of at most width cells, with the combining marks that belong to its end. */
static str
head_of_width(str s, size_t width)
{
    size_t n = 0, used = 0;
    while (n < s.n) {
        struct utf8_result u = utf8_cut(str_skip(s, n));
        size_t w = u.ok ? code_width(u.code) : 1;
        if (used + w > width)
            break;
        used += w;
        n += u.length;
    }
    return str_head(s, n);
}

str
layout_cut(struct arena *a, str s, size_t width)
{
    if (layout_width(s) <= width)
        return s;
    if (width == 0)
        return str_head(s, 0);
    return arena_join(a, head_of_width(s, width - 1), S(""), S("\xe2\x80\xa6"));
}

void
layout_put(struct buf *b, str s, size_t width, bool right)
{
    size_t w = layout_width(s), pad = w < width ? width - w : 0;
    if (!right)
        buf_add(b, s);
    for (size_t i = 0; i < pad; i++)
        buf_char(b, ' ');
    if (right)
        buf_add(b, s);
}

void
layout_wrap(struct buf *b, str s, size_t indent, size_t width)
{
    enum { LEAST = 16 }; /* narrower than this nothing can be read: rather run over */
    size_t room = width > indent + LEAST ? width - indent : LEAST;
    s = str_trim(s);
    for (bool first = true; s.n; first = false) {
        str line = head_of_width(s, room);
        if (line.n == 0) /* a wide character where one cell is left */
            line = str_head(s, utf8_cut(s).length);
        if (line.n < s.n && s.p[line.n] != ' ') {
            struct str_cut c = str_rcut(line, ' ');
            if (c.found && c.head.n > line.n / 3)
                line = c.head;
        }
        for (size_t i = 0; !first && i < indent; i++)
            buf_char(b, ' ');
        buf_add(b, str_trim_right(line));
        buf_char(b, '\n');
        s = str_trim_left(str_skip(s, line.n));
    }
}

size_t
layout_columns(const size_t *natural, const size_t *least, size_t n, size_t gap, size_t line, size_t *width)
{
    size_t fit = 0, used = 0;
    for (; fit < n; fit++) {
        size_t need = least[fit] + (fit ? gap : 0);
        if (fit && used + need > line)
            break;
        used += need;
        width[fit] = least[fit];
    }
    /* what is left goes, cell by cell, to the narrowest that want more: short columns whole, long ones alike */
    while (used < line) {
        size_t pick = SIZE_MAX;
        for (size_t i = 0; i < fit; i++)
            if (width[i] < natural[i] && (pick == SIZE_MAX || width[i] < width[pick]))
                pick = i;
        if (pick == SIZE_MAX)
            break;
        width[pick]++;
        used++;
    }
    return fit;
}
