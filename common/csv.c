/* CSV: records and fields. */
#include "csv.h"

#include "scan.h"

char
csv_separator(str text)
{
    static const char separators[] = { ',', ';', '\t' };
    str line = str_cut(text, '\n').head;
    char best = ',';
    size_t most = 0;
    for (size_t i = 0; i < sizeof separators; i++) {
        size_t n = str_count_char(line, separators[i]);
        if (n > most)
            most = n, best = separators[i];
    }
    return best;
}

/* Where a quoted field ends that begins at i: behind its closing quote.  STR_NONE: not closed here; 0: closed, but
 * something other than a separator follows. */
static size_t
quoted_end(str s, size_t i, char between)
{
    for (i++;; i += 2) {
        size_t q = str_find_char(str_skip(s, i), '"');
        if (q == STR_NONE)
            return STR_NONE;
        i += q;
        if (i + 1 >= s.n)
            return s.n;
        if (s.p[i + 1] != '"')
            break;
    }
    char c = s.p[i + 1];
    return c == between || c == '\n' || c == '\r' ? i + 1 : 0;
}

size_t
csv_record_end(str window, char between, bool eof)
{
    size_t line = str_find_char(window, '\n');
    if (str_find_char(line == STR_NONE ? window : str_head(window, line), '"') == STR_NONE)
        return line;
    str s = str_head(window, CSV_RECORD_MAX);
    size_t line_end = 0; /* of the line that i is in */
    for (size_t i = 0;;) {
        if (i == 0 || line_end < i) {
            size_t n = str_find_char(str_skip(s, i), '\n');
            line_end = n == STR_NONE ? s.n : i + n;
        }
        size_t quote = str_find_char(str_of(s.p + i, line_end - i), '"');
        if (quote == STR_NONE && line_end == s.n)
            return s.n == CSV_RECORD_MAX ? line : STR_NONE;
        if (quote == STR_NONE)
            return line_end;
        i += quote;
        if (i > 0 && s.p[i - 1] != between) { /* amid a field */
            i++;
            continue;
        }
        i = quoted_end(s, i, between);
        if (i == 0)
            return line;
        if (i == STR_NONE)
            return eof || s.n == CSV_RECORD_MAX ? line : STR_NONE;
    }
}

bool
csv_next(struct source *s, char between, size_t *length, struct diag *d)
{
    for (;;) {
        size_t end = csv_record_end(s->window, between, s->eof);
        *length = end != STR_NONE ? end + 1 : str_head(s->window, CSV_RECORD_MAX).n;
        if (end != STR_NONE || s->eof || s->window.n >= CSV_RECORD_MAX)
            return true;
        if (!source_more(s, d))
            return false;
    }
}

str
csv_unquote(str s, char quote, struct arena *a)
{
    char pair[] = { quote, quote };
    if (!str_has(s, str_of(pair, 2)))
        return s;
    char *p = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        if (s.p[i] == quote && i + 1 < s.n && s.p[i + 1] == quote)
            i++;
    }
    return str_of(p, n);
}

/* The length of a field in quotes at the start of rest; 0: it is none. */
static size_t
cut_quoted(str rest, char between, str *field, struct arena *a)
{
    if (rest.n == 0 || rest.p[0] != '"')
        return 0;
    size_t end = quoted_end(rest, 0, between);
    if (end < 2 || end == STR_NONE || rest.p[end - 1] != '"')
        return 0;
    *field = str_trim(csv_unquote(str_of(rest.p + 1, end - 2), '"', a));
    return end;
}

bool
csv_cut_some(str *record, char between, str *field, struct arena *a)
{
    str rest = *record;
    size_t end = cut_quoted(rest, between, field, a);
    if (end == 0) {
        end = str_find_char(rest, between);
        *field = str_trim(str_head(rest, end));
    }
    bool more = end < rest.n && rest.p[end] == between;
    *record = str_skip(rest, end + more);
    return more;
}

/* The separators among the SCAN_BYTES from block on. */
static uint64_t
separators(str record, size_t block, char between)
{
    char last[SCAN_BYTES] = { 0 };
    if (record.n - block >= SCAN_BYTES)
        return scan_bits(record.p + block, between);
    memcpy(last, record.p + block, record.n - block);
    return scan_bits(last, between);
}

size_t
csv_fields(str record, char between, str *fields, size_t room, struct arena *a)
{
    size_t n = 0, at = 0; /* where the next field begins */
    record = str_skip_mark(record);
    for (size_t block = 0; block < record.n; block += SCAN_BYTES)
        for (uint64_t bits = separators(record, block, between); bits; bits &= bits - 1) {
            size_t end = block + (unsigned)__builtin_ctzll(bits), quoted;
            if (end < at) /* in quotes */
                continue;
            if (n == room)
                return n;
            if (record.p[at] == '"' &&
                (quoted = cut_quoted(str_skip(record, at), between, &fields[n], a)) != 0) {
                end = at + quoted;
                if (end == record.n || record.p[end] != between)
                    return n + 1;
            } else {
                fields[n] = str_trim(str_of(record.p + at, end - at));
            }
            n++;
            at = end + 1;
        }
    if (record.n && n < room) {
        str last = str_skip(record, at);
        if (cut_quoted(last, between, &fields[n], a) == 0)
            fields[n] = str_trim(last);
        n++;
    }
    return n;
}
