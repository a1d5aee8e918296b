/* Long lines in containers' logs: Docker and the CRI runtimes hand on at most 16 KiB at once.
 *
 * CRI flags each line: "STAMP stdout P text" goes on, "STAMP stdout F text" ends.  Docker's json-file ends the text
 * of what is whole with a line end.  A record is all pieces of one line; what the other stream wrote in between
 * ends it. */
#include "frame_impl.h"

enum { MAX_PIECES = 48, MAX_BYTES = 900 << 10 };

struct piece {
    str stream, text; /* text of Docker: as JSON has it */
    bool docker, goes_on;
};

/* {"log":"text\n","stream":"stdout","time":"..."}; the order is Docker's own. */
static bool
read_docker(str line, struct piece *p)
{
    static const str begin = { "{\"log\":\"", 8 }, stream = { "\"stream\":\"", 10 };
    if (!str_starts(line, begin))
        return false;
    str s = str_skip(line, begin.n - 1);
    size_t n = str_quoted_length(s);
    if (n == 0)
        return false;
    *p = (struct piece){ .docker = true, .text = str_of(s.p + 1, n - 2) };
    p->goes_on = !str_ends(p->text, S("\\n"));
    size_t at = str_find(str_skip(s, n), stream);
    if (at == STR_NONE)
        return false;
    p->stream = str_cut(str_skip(s, n + at + stream.n), '"').head;
    return true;
}

/* "STAMP stdout P text"; tags after the first, behind colons, are for what is to come. */
static bool
read_cri(str line, struct piece *p)
{
    if (line.n < 30 || !str_is_digit(line.p[0]) || line.p[10] != 'T')
        return false;
    struct str_cut stamp = str_cut(str_head(line, 48), ' ');
    str s = str_skip(line, stamp.head.n + 1);
    if (!stamp.found || (!str_starts(s, S("stdout ")) && !str_starts(s, S("stderr "))))
        return false;
    struct str_cut tags = str_cut(str_skip(s, 7), ' ');
    bool whole = tags.head.n && tags.head.p[0] == 'F', part = tags.head.n && tags.head.p[0] == 'P';
    if ((!whole && !part) || (tags.head.n > 1 && tags.head.p[1] != ':'))
        return false;
    *p = (struct piece){ .stream = str_head(s, 6), .text = tags.tail, .goes_on = part };
    return true;
}

static bool
read_piece(str line, struct piece *p)
{
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line.n && (line.p[0] == '{' ? read_docker(line, p) : read_cri(line, p));
}

bool
frame_is_pieces(str head)
{
    struct piece p;
    return read_piece(str_cut(head, '\n').head, &p);
}

size_t
frame_pieces_length(str window, bool eof)
{
    struct piece first = { 0 }, p;
    size_t at = 0;
    for (int pieces = 0;; pieces++) {
        str rest = str_skip(window, at);
        size_t n = str_find_char(rest, '\n');
        if (n == STR_NONE)
            return eof ? window.n : window.n > MAX_BYTES ? at : 0;
        bool good = read_piece(str_head(rest, n), &p);
        if (pieces == 0)
            first = p;
        if (pieces > 0 && (!good || p.docker != first.docker || !str_eq(p.stream, first.stream)))
            return at;
        at += n + 1;
        if (!good || !p.goes_on || pieces + 1 == MAX_PIECES || at > MAX_BYTES)
            return at;
    }
}

/* The next piece of a record. */
static bool
next_piece(str *rest, struct piece *p)
{
    struct str_cut line = str_cut(*rest, '\n');
    *rest = line.tail;
    return line.head.n && read_piece(line.head, p);
}

str
frame_join_cri(str whole)
{
    struct piece p;
    str rest = whole;
    if (!next_piece(&rest, &p))
        return str_skip(whole, str_cut(whole, ' ').head.n + 1);
    if (rest.n == 0)
        return p.text;
    char *out = frame_scratch(whole.n);
    size_t n = 0;
    do {
        if (p.text.n)
            memcpy(out + n, p.text.p, p.text.n);
        n += p.text.n;
    } while (next_piece(&rest, &p));
    return str_of(out, n);
}

/* Host, time and the like of the first piece; the texts of all. */
bool
frame_docker(str whole, struct wrapping *w)
{
    struct piece p;
    str rest = whole, first = str_cut(whole, '\n').head;
    if (!frame_json(first, w))
        return false;
    if (first.n == whole.n || !next_piece(&rest, &p))
        return true;
    char *out = frame_scratch(whole.n);
    size_t n = 0;
    do {
        str text = frame_unescape_json(p.text);
        if (text.n)
            memcpy(out + n, text.p, text.n);
        n += text.n;
    } while (next_piece(&rest, &p));
    w->text = str_of(out, n);
    return true;
}
