/* The values of a DMARC aggregate report, read leniently. */
#include "dmarc_value.h"

#include <arpa/inet.h>
#include <stdlib.h>

static const struct {
    enum dmarc_vocabulary vocabulary;
    str said, means;
} words[] = {
    { DMARC_POLICY, S("none"), S("none") },
    { DMARC_POLICY, S("quarantine"), S("quarantine") },
    { DMARC_POLICY, S("reject"), S("reject") },
    { DMARC_ALIGNMENT, S("r"), S("r") },
    { DMARC_ALIGNMENT, S("s"), S("s") },
    { DMARC_ALIGNMENT, S("relaxed"), S("r") },
    { DMARC_ALIGNMENT, S("strict"), S("s") },
    { DMARC_DISPOSITION, S("none"), S("none") },
    { DMARC_DISPOSITION, S("pass"), S("pass") }, /* RFC 9990 */
    { DMARC_DISPOSITION, S("quarantine"), S("quarantine") },
    { DMARC_DISPOSITION, S("reject"), S("reject") },
    { DMARC_EVALUATED, S("pass"), S("pass") },
    { DMARC_EVALUATED, S("fail"), S("fail") },
    { DMARC_EVALUATED, S("hardfail"), S("fail") },
    { DMARC_EVALUATED, S("softfail"), S("fail") },
    { DMARC_DKIM_RESULT, S("none"), S("none") },
    { DMARC_DKIM_RESULT, S("pass"), S("pass") },
    { DMARC_DKIM_RESULT, S("fail"), S("fail") },
    { DMARC_DKIM_RESULT, S("hardfail"), S("fail") },
    { DMARC_DKIM_RESULT, S("policy"), S("policy") },
    { DMARC_DKIM_RESULT, S("neutral"), S("neutral") },
    { DMARC_DKIM_RESULT, S("temperror"), S("temperror") },
    { DMARC_DKIM_RESULT, S("permerror"), S("permerror") },
    { DMARC_SPF_RESULT, S("none"), S("none") },
    { DMARC_SPF_RESULT, S("neutral"), S("neutral") },
    { DMARC_SPF_RESULT, S("pass"), S("pass") },
    { DMARC_SPF_RESULT, S("fail"), S("fail") },
    { DMARC_SPF_RESULT, S("hardfail"), S("fail") }, /* RFC 8601 2.7.2: as old programs wrote it */
    { DMARC_SPF_RESULT, S("softfail"), S("softfail") },
    { DMARC_SPF_RESULT, S("policy"), S("policy") }, /* RFC 9990 */
    { DMARC_SPF_RESULT, S("temperror"), S("temperror") },
    { DMARC_SPF_RESULT, S("permerror"), S("permerror") },
    { DMARC_SCOPE, S("mfrom"), S("mfrom") },
    { DMARC_SCOPE, S("helo"), S("helo") }, /* RFC 7489 only */
    { DMARC_REASON, S("local_policy"), S("local_policy") },
    { DMARC_REASON, S("mailing_list"), S("mailing_list") },
    { DMARC_REASON, S("other"), S("other") },
    { DMARC_REASON, S("policy_test_mode"), S("policy_test_mode") }, /* RFC 9990 */
    { DMARC_REASON, S("trusted_forwarder"), S("trusted_forwarder") },
    { DMARC_REASON, S("forwarded"), S("forwarded") },     /* RFC 7489 only */
    { DMARC_REASON, S("sampled_out"), S("sampled_out") }, /* RFC 7489 only */
    { DMARC_YES_NO, S("y"), S("y") },
    { DMARC_YES_NO, S("n"), S("n") },
    { DMARC_YES_NO, S("yes"), S("y") },
    { DMARC_YES_NO, S("no"), S("n") },
    { DMARC_DISCOVERY, S("psl"), S("psl") },
    { DMARC_DISCOVERY, S("treewalk"), S("treewalk") },
};

str
dmarc_word(enum dmarc_vocabulary vocabulary, str said)
{
    enum { NWORDS = sizeof words / sizeof *words };
    static size_t first[DMARC_VOCABULARIES]; /* 1 + index of the first word; found at the first look */
    if (first[vocabulary] == 0)
        for (size_t i = NWORDS; i-- > 0;)
            first[words[i].vocabulary] = i + 1;
    for (size_t i = first[vocabulary] - 1; i < NWORDS && words[i].vocabulary == vocabulary; i++)
        if (said.n == words[i].said.n && str_ieq(said, words[i].said))
            return words[i].means;
    return (str){ 0 };
}

/* The first of the blanks beyond ASCII at the start, or end, of a text: its length, or 0. */
static size_t
wide_blank(str s, bool at_end)
{
    static const str blanks[] = { S("\xc2\xa0"),     S("\xe2\x80\xaf"), S("\xe2\x80\x89"), S("\xe3\x80\x80"),
                                  S("\xe2\x80\x8b"), S("\xe2\x81\xa0"), S("\xef\xbb\xbf") };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (at_end ? str_ends(s, blanks[i]) : str_starts(s, blanks[i]))
            return blanks[i].n;
    return 0;
}

str
dmarc_trim(str s)
{
    size_t n = 0;
    s = str_trim(s);
    while (s.n > 0 && (unsigned char)s.p[0] >= 0x80 && (n = wide_blank(s, false)) > 0)
        s = str_trim_left(str_skip(s, n));
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] >= 0x80 && (n = wide_blank(s, true)) > 0)
        s = str_trim_right(str_head(s, s.n - n));
    return s;
}

/* An IPv4 address as inet_ntop(3) writes it. */
static bool
is_plain_ipv4(str s)
{
    size_t i = 0;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t from = i;
        while (i < s.n && i - from < 3 && str_is_digit(s.p[i]))
            value = value * 10 + (unsigned)(s.p[i++] - '0');
        if (i == from || value > 255 || (s.p[from] == '0' && i - from > 1))
            return false;
        if (part < 3 && (i == s.n || s.p[i++] != '.'))
            return false;
    }
    return i == s.n;
}

enum { YEAR_10000 = 253402300800 / 1000000 }; /* in millions of seconds */

static bool
epoch(str s, when *out)
{
    struct str_cut c = str_cut(s, '.');
    int64_t seconds, micros = 0;
    if (!str_to_i64(c.head, &seconds) || (c.found && c.tail.n > 0 && !str_digits(c.tail)))
        return false;
    for (size_t i = 0, scale = 100000; i < c.tail.n && scale > 0; i++, scale /= 10)
        micros += (c.tail.p[i] - '0') * (int64_t)scale;
    if (seconds / 1000000 >= YEAR_10000) { /* milli-, micro-, nanoseconds */
        int64_t unit = 1000;
        while (unit <= WHEN_SECOND * 1000 && seconds / unit / 1000000 >= YEAR_10000)
            unit *= 1000;
        *out = unit > WHEN_SECOND ? seconds / (unit / WHEN_SECOND) : seconds * (WHEN_SECOND / unit);
        return unit <= WHEN_SECOND * 1000;
    }
    if (seconds < 0)
        return false;
    *out = seconds * WHEN_SECOND + micros;
    return true;
}

/* "1.795132800E9": a number of seconds that went through a float. */
static bool
float_epoch(str s, when *out)
{
    char text[32], *end;
    if (s.n == 0 || s.n >= sizeof text || !str_is_digit(s.p[0]) || str_ifind(s, S("e")) == STR_NONE)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(text[i]) && !memchr(".eE+", text[i], 4))
            return false;
    double seconds = strtod(text, &end);
    if (*end != '\0' || seconds >= (double)YEAR_10000 * 1e6)
        return false;
    *out = (when)seconds * WHEN_SECOND;
    return true;
}

/* "2026/11/20", "2026/11/20 00:00" and "2026-11-20 00:00:00 +0000 UTC" (Go) as RFC 3339 has them; else as it is. */
static str
as_rfc3339(str s, char *room, size_t size)
{
    enum { DAY = 10, MINUTE = 16, SECOND = 19 }; /* what is said so far */
    size_t n = 0;
    bool day = s.n == DAY && s.p[4] == '/' && s.p[7] == '/';
    bool longer = s.n >= MINUTE && str_is_digit(s.p[0]) && (s.p[4] == '/' || s.p[4] == '-');
    if (!(day || longer) || s.n + 4 > size)
        return s;
    for (size_t i = 0; i < s.n; i++)
        if (!(i == SECOND && s.p[i] == ' ' && i + 1 < s.n && memchr("+-", s.p[i + 1], 2)))
            room[n++] = s.p[i];
    room[4] = room[7] = '-';
    if (s.n == MINUTE) {
        memcpy(room + n, ":00", 3);
        n += 3;
    }
    return str_of(room, n);
}

bool
dmarc_time(str s, when *out)
{
    char room[48];
    if (epoch(s, out) || float_epoch(s, out))
        return true;
    s = as_rfc3339(s, room, sizeof room);
    struct when_result r = when_rfc3339(s);
    str zone = str_trim(r.rest); /* said behind a time that was read as UTC */
    if (r.ok && r.at != WHEN_NONE && (zone.n == 0 || str_ieq(zone, S("UTC")) || str_ieq(zone, S("GMT")))) {
        *out = r.at;
        return true;
    }
    char day[] = "0000-00-00T00:00:00Z";
    if (s.n == 10) {
        memcpy(day, s.p, s.n);
        r = when_rfc3339(str_from(day));
        *out = r.at;
        return r.ok && r.at != WHEN_NONE;
    }
    r = when_rfc5322(s);
    *out = r.at;
    return r.ok && r.at != WHEN_NONE;
}

/* "1,234,567" -> "1234567": digits in groups of three, parted by what people part them with, but for the dot. */
static str
ungrouped(str s, char *room, size_t size)
{
    static const str marks[] = { S(","), S("'"), S(" "), S("\xc2\xa0"), S("\xe2\x80\xaf") };
    size_t n = 0, group = 0;
    bool grouped = false;
    for (size_t i = 0; i < s.n && n < size;) {
        size_t mark = 0;
        for (size_t m = 0; m < sizeof marks / sizeof *marks && mark == 0; m++)
            mark = str_starts(str_skip(s, i), marks[m]) ? marks[m].n : 0;
        if (mark ? group == 0 || group > 3 || (grouped && group != 3) : !str_is_digit(s.p[i]))
            return s;
        if (mark == 0) {
            room[n++] = s.p[i++];
            group++;
            continue;
        }
        grouped = true;
        group = 0;
        i += mark;
    }
    return grouped && group == 3 ? str_of(room, n) : s;
}

/* "1e+06", as what counts in floating point writes a million: digits, no more of them behind the point than the
 * exponent moves. */
static str
without_exponent(str s, char *room, size_t size)
{
    size_t n = 0, at = str_find_char(s, 'e');
    at = at == STR_NONE ? str_find_char(s, 'E') : at;
    str exponent = at == STR_NONE ? (str){ 0 } : str_skip(s, at + 1);
    if (exponent.n > 1 && exponent.p[0] == '+')
        exponent = str_skip(exponent, 1);
    struct str_cut c = str_cut(str_head(s, at), '.');
    int64_t zeros;
    if (!str_digits(exponent) || exponent.n > 2 || !str_digits(c.head) || (c.found && !str_digits(c.tail)) ||
        !str_to_i64(exponent, &zeros) || (size_t)zeros < c.tail.n || c.head.n + (size_t)zeros >= size)
        return s;
    for (size_t i = 0; i < c.head.n; i++)
        room[n++] = c.head.p[i];
    for (size_t i = 0; i < (size_t)zeros; i++)
        room[n++] = i < c.tail.n ? c.tail.p[i] : '0';
    return str_of(room, n);
}

bool
dmarc_count(str s, int64_t *out)
{
    char room[24];
    if (s.n > 2 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        s = str_trim(str_of(s.p + 1, s.n - 2));
    if (s.n > 2 && !str_digits(s))
        s = without_exponent(s, room, sizeof room);
    if (s.n > 4 && !str_digits(s))
        s = ungrouped(s, room, sizeof room);
    if (s.n > 1 && s.p[0] == '+' && str_is_digit(s.p[1]))
        s = str_skip(s, 1);
    struct str_cut c = str_cut(s, '.');
    for (size_t i = 0; i < c.tail.n; i++)
        if (c.tail.p[i] != '0')
            return false;
    return str_to_i64(c.head, out) && *out >= 0;
}

static bool
read_address(struct arena *a, str s, str *out)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char bytes[16];
    if (is_plain_ipv4(s)) {
        *out = arena_copy(a, s);
        return true;
    }
    struct str_cut port = str_cut(s, ':');
    if (port.found && str_digits(port.tail) && is_plain_ipv4(port.head)) {
        *out = arena_copy(a, port.head);
        return true;
    }
    s = str_trim(str_cut(s, '/').head);
    while (s.n > 1 && (s.p[0] == '"' || s.p[0] == '\'') && s.p[s.n - 1] == s.p[0])
        s = str_trim(str_of(s.p + 1, s.n - 2));
    size_t open = str_find_char(s, '['); /* alone, or behind a name */
    if (open == STR_NONE)
        open = str_find_char(s, '(');
    if (open != STR_NONE)
        s = str_cut(str_skip(s, open + 1), s.p[open] == '[' ? ']' : ')').head;
    if (str_istarts(s, S("ipv6:")))
        s = str_skip(s, 5);
    s = str_cut(s, '%').head;
    if (s.n == 0 || s.n > INET6_ADDRSTRLEN)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
    const void *four = bytes;
    if (inet_pton(AF_INET, text, bytes) != 1) {
        if (inet_pton(AF_INET6, text, bytes) != 1)
            return false;
        four = memcmp(bytes, mapped, sizeof mapped) == 0 ? bytes + 12 : NULL;
    }
    if (!(four ? inet_ntop(AF_INET, four, text, sizeof text) : inet_ntop(AF_INET6, bytes, text, sizeof text)))
        return false;
    *out = arena_copy(a, str_from(text));
    return true;
}

bool
dmarc_address(struct arena *a, str s, str *out)
{
    struct str_cut name = str_cut(s, '('); /* before an address in brackets, or behind one */
    return read_address(a, s, out) || (name.found && read_address(a, str_trim(name.head), out));
}
