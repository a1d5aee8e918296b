/* Makes a well-formed UTF-8 document of whatever looks like XML.
 *
 * It cuts the input into tags and texts, and keeps a stack of open elements so
 * that every end tag it lets through matches a start.  What is no markup is
 * text: a report with "<bad@example.net>" in it loses nothing.  It does not
 * know what the elements mean; dmarc_xml.c does. */
#include "xml_tidy.h"

#include "diag.h"
#include "xml_escape.h"

enum { TEXT_PIECE = 64 << 10, BATCH = 32 << 10, HOLD_BACK = 40 };

void
tidy_init(struct tidy *t, void (*emit)(void *ctx, str clean), void *ctx)
{
    t->emit = emit;
    t->ctx = ctx;
    t->line = t->place.line = 1;
}

void
tidy_free(struct tidy *t)
{
    buf_free(&t->wide);
    buf_free(&t->out);
}

/* Bytes of the source that these took. */
static uint64_t
width(const struct tidy *t, str raw)
{
    return xml_charset_is_wide(t->charset) ? xml_charset_width(t->charset, raw) : raw.n;
}

/* Moves on over bytes that are dealt with. */
static size_t
pass(struct tidy *t, str raw)
{
    t->offset += width(t, raw);
    for (const char *p = raw.p, *end = raw.p + raw.n; p < end && (p = memchr(p, '\n', (size_t)(end - p)));
         p++)
        t->line++;
    return raw.n;
}

static void
flush(struct tidy *t)
{
    if (t->out.n)
        t->emit(t->ctx, buf_str(&t->out));
    t->out.n = 0;
}

/* Remembers the place of a start or end that goes out now. */
static void
queue_place(struct tidy *t)
{
    if (t->nplaces == TIDY_PLACES || t->out.n > BATCH)
        flush(t);
    t->place.repairs = t->repairs;
    if (t->nplaces < TIDY_PLACES) /* else the parser has stopped */
        t->places[t->nplaces++] = t->place;
}

static void
put_end(struct tidy *t)
{
    queue_place(t);
    t->depth--;
    buf_put(&t->out, "</", 2);
    buf_put(&t->out, t->names[t->depth], t->lengths[t->depth]);
    buf_char(&t->out, '>');
}

/* Closes elements that have no end tag, down to a depth. */
static void
close_down_to(struct tidy *t, size_t depth)
{
    if (t->depth <= depth)
        return;
    t->repairs |= XML_MISMATCH;
    struct xml_place place = t->place;
    t->place.end = t->place.offset;
    t->place.implied = true;
    while (t->depth > depth)
        put_end(t);
    t->place = place;
}

static str
name_of(str s)
{
    static const bool in_name[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['_'] = true,
        [':'] = true,         ['.'] = true,         ['-'] = true
    };
    size_t n = 0;
    if (s.n && (str_is_alpha(s.p[0]) || s.p[0] == '_'))
        while (n < s.n && in_name[(unsigned char)s.p[n]])
            n++;
    return str_of(s.p, n);
}

/* The attributes of a start tag; what follows one that cannot be read is skipped. */
static void
put_attributes(struct tidy *t, str s)
{
    for (int i = 0; i < XML_MAX_ATTRIBUTES; i++) {
        s = str_trim_left(s);
        if (s.n == 0)
            return;
        str name = name_of(s);
        str rest = str_trim_left(str_skip(s, name.n));
        if (name.n == 0 || name.n > XML_MAX_NAME || rest.n == 0 || rest.p[0] != '=')
            break;
        rest = str_trim_left(str_skip(rest, 1));
        if (rest.n == 0 || (rest.p[0] != '"' && rest.p[0] != '\''))
            break;
        struct str_cut value = str_cut(str_skip(rest, 1), rest.p[0]);
        if (!value.found)
            break;
        buf_char(&t->out, ' ');
        buf_add(&t->out, name);
        buf_put(&t->out, "=\"", 2);
        t->repairs |= xml_escape(&t->out, t->charset, value.head);
        buf_char(&t->out, '"');
        s = value.tail;
    }
    t->repairs |= XML_ATTRIBUTE;
}

/* A function of its own, else compilers that know how long a name can be copy it by "rep movs", which takes long to start. */
__attribute__((noinline)) static void
push_name(struct tidy *t, str name)
{
    memcpy(t->names[t->depth], name.p, name.n);
    t->lengths[t->depth++] = name.n;
}

/* whole: the tag as it stands; mostly it goes out so. */
static void
start_tag(struct tidy *t, str whole, str name, str attributes)
{
    bool empty = str_ends(attributes, S("/"));
    if (empty)
        attributes.n--;
    if (t->depth == XML_MAX_DEPTH || t->beyond > 0) {
        t->beyond += !empty;
        t->repairs |= XML_DEPTH;
        return;
    }
    queue_place(t);
    if (empty)
        queue_place(t); /* it starts and ends */
    if (attributes.n) {
        buf_char(&t->out, '<');
        buf_add(&t->out, name);
        put_attributes(t, attributes);
        buf_add(&t->out, empty ? S("/>") : S(">"));
    } else {
        buf_add(&t->out, whole);
    }
    if (!empty)
        push_name(t, name);
    t->where = t->depth == 0 ? TIDY_DONE : TIDY_CONTENT;
}

/* Two spellings of one name: but for a letter or two the same, or one of them cut short. */
static bool
is_misspelt(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n, more = a.n > b.n ? a.n : b.n, head = 0, tail = 0;
    while (head < n && str_lower_char(a.p[head]) == str_lower_char(b.p[head]))
        head++;
    while (tail < n - head && str_lower_char(a.p[a.n - 1 - tail]) == str_lower_char(b.p[b.n - 1 - tail]))
        tail++;
    return (head == n && n > 1) || (more - head - tail <= 2 && head + tail >= (more + 1) / 2);
}

static void
end_tag(struct tidy *t, str name)
{
    if (t->beyond > 0) {
        t->beyond--;
        return;
    }
    size_t at = t->depth;
    while (at > 0 && !str_ieq(name, str_of(t->names[at - 1], t->lengths[at - 1])))
        at--;
    if (at == 0) {
        t->repairs |= XML_MISMATCH;
        if (t->depth < 2 || !is_misspelt(name, str_of(t->names[t->depth - 1], t->lengths[t->depth - 1])))
            return;
        at = t->depth; /* its start tag, or this one, is a slip */
    }
    close_down_to(t, at);
    put_end(t);
    if (t->depth == 0)
        t->where = TIDY_DONE;
}

/* Where a value with a "<" in it, at the start of s, is closed: by a quote of its line behind which the tag goes on or
 * ends.  0 if more bytes are needed, STR_NONE if nowhere. */
static size_t
value_length(str s, char quote, bool last)
{
    size_t i = 0;
    while (i < s.n && i < XML_MAX_TAG && s.p[i] != quote && s.p[i] != '\n')
        i++;
    if (i + 1 >= s.n)
        return s.n >= XML_MAX_TAG || last ? STR_NONE : 0;
    char next = s.p[i + 1];
    return s.p[i] == quote && (str_is_space(next) || next == '>' || next == '/') ? i : STR_NONE;
}

/* Length of the tag at the start of s, 0 if more bytes are needed, STR_NONE if it is none. */
static size_t
tag_length(str s, bool last)
{
    char quote = 0;
    bool open = false;     /* a quoted value, without a ">" so far */
    size_t end = STR_NONE; /* of the tag, if that value is never closed */
    for (size_t i = 1; i < s.n && i < XML_MAX_TAG; i++) {
        char c = s.p[i];
        if (c == '<') {
            size_t n = quote ? value_length(str_skip(s, i), quote, last) : STR_NONE;
            if (n == STR_NONE || n == 0)
                return n == 0 ? 0 : end;
            i += n;
            quote = 0;
        } else if (quote) {
            if (c == '>' && open) {
                end = i + 1;
                open = false;
            }
            if (c == quote) {
                quote = 0;
                end = STR_NONE;
            }
        } else if (c == '>') {
            return i + 1;
        } else if (c == '"' || c == '\'') {
            quote = c;
            open = s.p[i - 1] == '=';
        }
    }
    return s.n >= XML_MAX_TAG || last ? STR_NONE : 0;
}

/* A "<" that opens nothing. */
static size_t
stray(struct tidy *t, str s)
{
    if (t->where == TIDY_CONTENT) {
        buf_put(&t->out, "&lt;", 4);
        t->repairs |= XML_STRAY;
        if (t->out.n > TEXT_PIECE)
            flush(t);
    }
    t->in_text = true;
    return pass(t, str_head(s, 1));
}

/* Mostly an end tag is that of the innermost element, letter for letter: its length, else 0. */
static size_t
expected_end(struct tidy *t, str s)
{
    if (t->depth < 2 || t->beyond > 0)
        return 0;
    size_t name = t->lengths[t->depth - 1], n = name + 3;
    if (s.n < n || s.p[n - 1] != '>' || memcmp(s.p + 2, t->names[t->depth - 1], name) != 0)
        return 0;
    t->place = (struct xml_place){ t->offset, t->offset + width(t, str_head(s, n)), t->line, false, 0 };
    t->in_text = false;
    queue_place(t);
    t->depth--;
    buf_put(&t->out, s.p, n);
    t->offset = t->place.end;
    return n;
}

/* An end tag into which a "<" slipped ("</cou<nt>"): its length, else 0. */
static size_t
slipped_end(const struct tidy *t, str s)
{
    if (t->depth < 2 || t->beyond > 0)
        return 0;
    str name = str_of(t->names[t->depth - 1], t->lengths[t->depth - 1]);
    size_t n = name.n + 4, same = 0;
    if (s.n < n || s.p[n - 1] != '>')
        return 0;
    while (same < name.n && str_lower_char(s.p[2 + same]) == str_lower_char(name.p[same]))
        same++;
    return s.p[2 + same] == '<' && str_ieq(str_of(s.p + 3 + same, name.n - same), str_skip(name, same)) ? n
                                                                                                        : 0;
}

static size_t
tag(struct tidy *t, str s, bool last)
{
    bool closing = s.p[1] == '/';
    size_t expected = closing ? expected_end(t, s) : 0;
    if (expected)
        return expected;
    size_t from = closing ? 2 : 1;
    while (closing && from < s.n && str_is_space(s.p[from])) /* "</ a>" */
        from++;
    str name = name_of(str_skip(s, from));
    size_t after = from + name.n;
    char next = after < s.n ? s.p[after] : ' ';
    size_t slipped = closing && next == '<' ? slipped_end(t, s) : 0;
    if (slipped) {
        t->place =
            (struct xml_place){ t->offset, t->offset + width(t, str_head(s, slipped)), t->line, false, 0 };
        t->in_text = false;
        t->repairs |= XML_STRAY;
        put_end(t);
        return pass(t, str_head(s, slipped));
    }
    if (closing && (s.n <= from || (next == '<' && t->depth > 0 && s.n < t->lengths[t->depth - 1] + 4)) &&
        !last)
        return s.n < XML_MAX_TAG ? 0 : stray(t, s);
    if (name.n == 0 || name.n > XML_MAX_NAME || !(str_is_space(next) || next == '>' || next == '/'))
        return stray(t, s);
    size_t n = next == '>' ? after + 1 : tag_length(s, last);
    if (n == 0)
        return 0;
    if (n == STR_NONE) {
        if (!last || s.n >= XML_MAX_TAG || str_find_char(str_skip(s, 1), '<') != STR_NONE)
            return stray(t, s);
        t->repairs |= XML_CUT; /* half a tag at the end of the document */
        t->place = (struct xml_place){ t->offset, t->offset + width(t, s), t->line, true, 0 };
        return pass(t, s);
    }
    str whole = str_head(s, n);
    uint64_t end = t->offset + width(t, whole);
    t->place = (struct xml_place){ t->offset, end, t->line, false, 0 };
    t->in_text = false;
    if (closing)
        end_tag(t, name);
    else
        start_tag(t, whole, name, str_of(s.p + after, n - 1 - after));
    if (next == '>' && from <= 2) /* no line ends in it */
        t->offset = end;
    else
        pass(t, whole);
    return n;
}

/* "<!" and "<?": comments, CDATA, types, instructions. */
static size_t
declaration(struct tidy *t, str s, bool last)
{
    static const struct {
        str mark;
        enum tidy_inside inside;
    } kinds[] = {
        { S("<!--"), TIDY_COMMENT },
        { S("<![CDATA["), TIDY_CDATA },
        { S("<!DOCTYPE"), TIDY_TYPE },
        { S("<?"), TIDY_INSTRUCTION },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_istarts(s, kinds[i].mark)) {
            t->inside = kinds[i].inside;
            t->opened = (struct xml_place){ t->offset, t->offset, t->line, true, 0 };
            t->type_quote = 0;
            t->type_brackets = 0;
            if (t->inside == TIDY_TYPE)
                t->repairs |= XML_DOCTYPE;
            return pass(t, str_head(s, kinds[i].mark.n));
        }
        if (!last && str_istarts(kinds[i].mark, s))
            return 0;
    }
    return stray(t, s);
}

/* How much of the n bytes of text at s can be taken without cutting a character in two. */
static size_t
whole_characters(const struct tidy *t, str s, size_t n)
{
    size_t low = n > HOLD_BACK ? n - HOLD_BACK : 0, end = n;
    if (t->charset == CHARSET_CP1252)
        return n;
    if (t->charset >= CHARSET_NAMED)
        while (end > low && (s.p[end - 1] & 0x80))
            end--;
    else /* three bytes may follow the first of a character; further ones belong to none */
        for (size_t i = n; i > low && n - i < 3 && (s.p[i - 1] & 0x80); i--)
            if ((s.p[i - 1] & 0xc0) == 0xc0) {
                end = i - 1;
                break;
            }
    return end > low || low == 0 ? end : n;
}

/* Text up to the next "<".  Blanks between two tags are nobody's text. */
static size_t
text(struct tidy *t, str s, bool last)
{
    size_t n = str_find_char(str_head(s, TEXT_PIECE), '<');
    bool whole = n != STR_NONE && !t->in_text;
    if (n == STR_NONE) {
        if (s.n < TEXT_PIECE && !last)
            return 0;
        n = s.n < TEXT_PIECE ? s.n : TEXT_PIECE;
        if (n < s.n) { /* neither a character nor a reference may be cut in two */
            size_t low = n - HOLD_BACK, amp = str_rfind_char(str_of(s.p + low, HOLD_BACK), '&');
            if (amp != STR_NONE && str_find_char(str_of(s.p + low + amp, HOLD_BACK - amp), ';') == STR_NONE)
                n = low + amp;
            n = whole_characters(t, s, n);
        }
    }
    t->in_text = true;
    str piece = str_head(s, n);
    bool blank = whole && str_trim_left(piece).n == 0;
    if (t->where == TIDY_CONTENT && t->beyond == 0 && !blank)
        t->repairs |= xml_escape(&t->out, t->charset, piece);
    if (t->out.n > TEXT_PIECE)
        flush(t);
    return pass(t, piece);
}

/* Inside something that ends with a mark: passes over it, CDATA as text. */
static size_t
until(struct tidy *t, str s, str mark, enum tidy_inside then, bool last)
{
    size_t at = str_find(s, mark), n = at;
    if (at == STR_NONE) {
        n = last ? s.n : s.n < mark.n ? 0 : s.n - (mark.n - 1);
        if (last) {
            t->repairs |= XML_CUT;
            t->opened.end = t->offset + width(t, s);
            t->place = t->opened;
        } else if (t->inside == TIDY_CDATA) {
            n = whole_characters(t, s, n);
        }
    }
    if (t->inside == TIDY_CDATA && t->where == TIDY_CONTENT && t->beyond == 0) {
        t->in_text = true;
        t->repairs |= xml_escape_literal(&t->out, t->charset, str_head(s, n));
        if (t->out.n > TEXT_PIECE)
            flush(t);
    }
    if (at != STR_NONE) {
        n += mark.n;
        t->inside = then;
    }
    return pass(t, str_head(s, n));
}

/* Inside <!DOCTYPE: quotes, brackets and comments hide its ">". */
static size_t
type(struct tidy *t, str s, bool last)
{
    size_t i = 0;
    for (; i < s.n && t->inside == TIDY_TYPE; i++) {
        char c = s.p[i];
        if (t->type_quote)
            t->type_quote = c == t->type_quote ? 0 : t->type_quote;
        else if (c == '"' || c == '\'')
            t->type_quote = c;
        else if (c == '[')
            t->type_brackets++;
        else if (c == ']')
            t->type_brackets--;
        else if (c == '>' && t->type_brackets <= 0)
            t->inside = TIDY_MARKUP;
        else if (c == '<' && s.n - i < 4 && !last)
            break;
        else if (str_starts(str_skip(s, i), S("<!--")))
            t->inside = TIDY_TYPE_COMMENT;
    }
    return pass(t, str_head(s, i));
}

/* One step; returns the bytes used up, 0 if more are needed. */
static size_t
step(struct tidy *t, str s, bool last)
{
    switch (t->inside) {
    case TIDY_COMMENT: return until(t, s, S("-->"), TIDY_MARKUP, last);
    case TIDY_INSTRUCTION: return until(t, s, S(">"), TIDY_MARKUP, last); /* some forget its "?" */
    case TIDY_CDATA: return until(t, s, S("]]>"), TIDY_MARKUP, last);
    case TIDY_TYPE: return type(t, s, last);
    case TIDY_TYPE_COMMENT: return until(t, s, S("-->"), TIDY_TYPE, last);
    case TIDY_MARKUP: break;
    }
    if (s.p[0] != '<')
        return text(t, s, last);
    if (s.n < 2)
        return last ? stray(t, s) : 0;
    if (s.p[1] == '!' || s.p[1] == '?')
        return declaration(t, s, last);
    return tag(t, s, last);
}

static size_t
steps(struct tidy *t, str s, bool last)
{
    size_t used = 0;
    while (used < s.n && t->where != TIDY_DONE) {
        size_t n = step(t, str_skip(s, used), last);
        if (n == 0)
            break;
        used += n;
    }
    return used;
}

/* The end of the document: what is open is closed. */
static void
finish(struct tidy *t)
{
    struct xml_place cut = t->place;
    if (!(t->repairs & XML_CUT))
        cut = (struct xml_place){ t->offset, t->offset, t->line, true, 0 };
    if (t->where == TIDY_CONTENT) {
        t->repairs |= XML_CUT;
        t->place = cut;
        close_down_to(t, 0);
    }
    flush(t);
    t->place = cut;
    t->where = TIDY_DONE;
}

static size_t
push_wide(struct tidy *t, str bytes, bool last)
{
    bool good;
    size_t used = xml_charset_decode_wide(&t->wide, t->charset, bytes, last, &good);
    if (!good)
        t->repairs |= XML_CHARSET;
    size_t n = steps(t, buf_str(&t->wide), last);
    if (t->where == TIDY_DONE) /* what follows the root in these bytes cannot be given back */
        n += pass(t, str_skip(buf_str(&t->wide), n));
    if (n > 0)
        memmove(t->wide.p, t->wide.p + n, t->wide.n - n);
    t->wide.n -= n;
    return used;
}

size_t
tidy_push(struct tidy *t, str bytes, bool last)
{
    size_t skip = 0;
    if (t->where == TIDY_DONE)
        return 0;
    if (t->where == TIDY_START) {
        struct xml_charset_result found = xml_charset_find(bytes, last);
        if (!found.ok)
            return 0;
        t->charset = found.charset;
        t->where = TIDY_PROLOG;
        skip = found.skip;
        t->offset = skip;
        bytes = str_skip(bytes, skip);
    }
    bool wide = xml_charset_is_wide(t->charset);
    size_t used = wide ? bytes.n || t->wide.n ? push_wide(t, bytes, last) : 0 : steps(t, bytes, last);
    flush(t);
    if (last && t->where != TIDY_DONE)
        finish(t);
    return skip + used;
}
