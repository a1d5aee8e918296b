/* Header splitting, unfolding, encoded words, addresses, Message-IDs. */
#include "message.h"
#include "tap.h"

static struct arena arena;

/* The row's input, fit for one line of output. */
static const char *
label(const char *in)
{
    char *out = arena_alloc(&arena, strlen(in) + 1);
    for (size_t i = 0; in[i]; i++)
        out[i] = in[i] >= ' ' ? in[i] : '.';
    return out;
}

static const struct {
    const char *what, *in;
    size_t nheaders, body_offset;
    const char *name, *value; /* of the last header */
    size_t nproblems;
} splits[] = {
    { "plain", "A: 1\r\nB: 2\r\n\r\nbody", 2, 14, "B", " 2", 0 },
    { "bare LF", "A: 1\nB: 2\n\nbody", 2, 11, "B", " 2", 0 },
    { "folds kept", "A: 1\r\n\t2\r\n 3\r\n\r\n", 1, 16, "A", " 1\r\n\t2\r\n 3", 0 },
    { "a line of blanks folds", "A: 1\r\n \r\nB: 2\r\n\r\nx", 2, 17, "B", " 2", 0 },
    { "no body", "A: 1\r\n", 1, 6, "A", " 1", 0 },
    { "no last line end", "A: 1", 1, 4, "A", " 1", 0 },
    { "empty value", "A:\r\n\r\n", 1, 6, "A", "", 0 },
    { "no blank after the colon", "A:1\r\n\r\n", 1, 7, "A", "1", 0 },
    { "empty", "", 0, 0, NULL, NULL, 0 },
    { "only a body", "\r\nbody", 0, 2, NULL, NULL, 0 },
    /* breaches */
    { "blank before the colon", "A : 1\r\n\r\n", 1, 9, "A", " 1", 1 },
    { "garbage ends the header", "A: 1\r\nno field\r\n", 1, 6, "A", " 1", 1 },
    { "name with a high byte", "\xc3\x84: 1\r\n\r\n", 0, 0, NULL, NULL, 1 },
    { "empty name", ": 1\r\n\r\n", 0, 0, NULL, NULL, 1 },
    { "byte order mark",
      "\xef\xbb\xbf"
      "A: 1\r\n\r\n",
      1, 11, "A", " 1", 1 },
    { "bare CR stays", "A: 1\r2\r\n\r\n", 1, 10, "A", " 1\r2", 1 },
    { "separator first", "From a@b Thu Jan  1 00:00:00 1970\nA: 1\n\n", 1, 40, "A", " 1", 0 },
    { "separator within", "A: 1\n>From a@b Thu Jan  1 00:00:00 1970\nB: 2\n\n", 2, 46, "B", " 2", 1 },
};

static void
test_split(void)
{
    for (size_t i = 0; i < sizeof splits / sizeof *splits; i++) {
        struct message m;
        message_parse_headers(&m, &arena, str_from(splits[i].in));
        bool good = m.nheaders == splits[i].nheaders && m.body_offset == splits[i].body_offset &&
                    m.nproblems == splits[i].nproblems;
        if (good && splits[i].name) {
            struct header *h = &m.headers[m.nheaders - 1];
            good = str_eq(h->name, str_from(splits[i].name)) && str_eq(h->value, str_from(splits[i].value));
        }
        if (!ok(good, "split: %s", splits[i].what))
            printf("# headers %zu, body at %zu, problems %zu\n", m.nheaders, m.body_offset, m.nproblems);
    }
    struct message m;
    message_parse_headers(&m, &arena, S("A: 1\r\nb: 2\r\n  3\r\na: 4\r\n\r\n"));
    size_t sum = 0;
    for (size_t i = 0; i < m.nheaders; i++) {
        ok(m.headers[i].offset == sum, "field %zu starts where the one before ends", i);
        sum += m.headers[i].length;
    }
    ok(sum + 2 == m.body_offset, "fields and the empty line are the header section");
    size_t from = 0;
    ok(message_header(&m, "A", &from) == &m.headers[0] && message_header(&m, "A", &from) == &m.headers[2] &&
           message_header(&m, "A", &from) == NULL,
       "message_header goes on where it stopped");
    is_str(message_header_value(&m, "B"), "2\r\n  3", "message_header_value trims and keeps folds");
}

static void
test_bounds(void)
{
    enum { MANY = MESSAGE_MAX_HEADERS + 10 };
    static char text[MANY * 6 + 8];
    for (size_t i = 0; i < MANY; i++)
        memcpy(text + i * 6, "A: b\r\n", 6);
    memcpy(text + MANY * 6, "\r\nbody", 6);
    struct message m;
    message_parse_headers(&m, &arena, str_of(text, MANY * 6 + 6));
    is_int((long long)m.nheaders, MESSAGE_MAX_HEADERS, "no more than MESSAGE_MAX_HEADERS");
    is_str(str_skip(m.raw, m.body_offset), "body", "the body is found behind too many headers");
    is_int((long long)m.nproblems, 1, "too many headers are a problem");
}

static const struct {
    const char *in, *want;
} decoded[] = {
    { "plain", "plain" },
    { " folded\r\n text ", "folded text" },
    { "=?utf-8?Q?caf=C3=A9?=", "caf\xc3\xa9" },
    { "=?UTF-8?q?a_b=5Fc?=", "a b_c" },
    { "=?utf-8?B?Y2Fmw6k=?=", "caf\xc3\xa9" },
    { "=?utf-8*en?b?Y2Fmw6k=?=", "caf\xc3\xa9" },
    { "=?iso-8859-1?Q?caf=E9?= au lait", "caf\xc3\xa9 au lait" },
    { "=?iso-8859-15?q?=A4?=", "\xe2\x82\xac" },
    { "=?windows-1251?q?=CF=F0=E8?=", "\xd0\x9f\xd1\x80\xd0\xb8" },
    { "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac" },
    { "=?gb2312?B?xOO6ww==?=", "\xe4\xbd\xa0\xe5\xa5\xbd" },
    { "a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d" },
    { "=?utf-8?q?b?=\r\n =?utf-8?q?c?=", "bc" },
    { "=?utf-8?b?ww==?= =?utf-8?b?qQ==?=", "\xc3\xa9" }, /* a character cut in two */
    { "=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9" },
    { "=?utf-8?q?a?==?iso-8859-1?q?=E9?=", "a\xc3\xa9" }, /* no blank between */
    { "\"=?utf-8?q?quoted?=\"", "\"quoted\"" },
    { "=?utf-8?q?with blank?=", "with blank" },
    { "=?x-no-such?q?a=E9?=", "a\xc3\xa9" }, /* unknown charset, not UTF-8 */
    { "=?utf-8?q?line=0D=0Aend?=", "line  end" },
    { "raw \xe9", "raw \xc3\xa9" },
    /* not encoded words */
    { "=?utf-8?x?abc?=", "=?utf-8?x?abc?=" },
    { "=?utf-8?q?open", "=?utf-8?q?open" },
    { "=?=?=?", "=?=?=?" },
    { "=??q?a?=", "=??q?a?=" },
    { "", "" },
};

static const struct {
    const char *in;
    size_t n;
    struct {
        const char *name, *address, *domain;
    } want[3];
} lists[] = {
    { "a@b.example", 1, { { "", "a@b.example", "b.example" } } },
    { "Jane Doe <jane@d.example>", 1, { { "Jane Doe", "jane@d.example", "d.example" } } },
    { "\"Doe, Jane\" <jane@d.example>", 1, { { "Doe, Jane", "jane@d.example", "d.example" } } },
    { "a@b, c@d", 2, { { "", "a@b", "b" }, { "", "c@d", "d" } } },
    { "a@b (Jane (Doe))", 1, { { "Jane (Doe)", "a@b", "b" } } },
    { "jane . doe @ d . example", 1, { { "", "jane.doe@d.example", "d.example" } } },
    { "jane(x)@(y)d.example", 1, { { "y", "jane@d.example", "d.example" } } },
    { "\"jane doe\"@d.example", 1, { { "", "\"jane doe\"@d.example", "d.example" } } },
    { "<@r1,@r2:jane@d.example>", 1, { { "", "jane@d.example", "d.example" } } },
    { "Friends: a@b, C <c@d>;", 2, { { "", "a@b", "b" }, { "C", "c@d", "d" } } },
    { "undisclosed-recipients:;", 0, { { 0 } } },
    { "=?utf-8?q?J=C3=B6?= <j@d>", 1, { { "J\xc3\xb6", "j@d", "d" } } },
    { "=?utf-8?q?Doe, Jane?= <j@d>", 1, { { "Doe, Jane", "j@d", "d" } } },
    { "a@[IPv6:2001:db8::1]", 1, { { "", "a@[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]" } } },
    { "J. Doe <j@d>", 1, { { "J. Doe", "j@d", "d" } } },
    { "root", 1, { { "", "root", "" } } },
    { "no address at all", 1, { { "no address at all", "", "" } } },
    { "", 0, { { 0 } } },
    { "<>", 0, { { 0 } } },
    { ",,a@b,,", 1, { { "", "a@b", "b" } } },
    { "a@b; c@d", 2, { { "", "a@b", "b" }, { "", "c@d", "d" } } },
    { "Jane\r\n <jane@d.example>", 1, { { "Jane", "jane@d.example", "d.example" } } },
    /* attempts to look like someone else */
    { "\"a <x@junk.example>\"@victim.example",
      1,
      { { "", "\"a <x@junk.example>\"@victim.example", "victim.example" } } },
    { "service@bank.example <x@junk.example>",
      1,
      { { "service@bank.example", "x@junk.example", "junk.example" } } },
    { "<a@one.example> <b@two.example>",
      2,
      { { "", "a@one.example", "one.example" }, { "", "b@two.example", "two.example" } } },
    { "\"x@bank.example\" <y@junk.example>", 1, { { "x@bank.example", "y@junk.example", "junk.example" } } },
    { "a@b@c.example", 1, { { "", "a@b@c.example", "c.example" } } },
    { "\"a@b\"", 1, { { "", "\"a@b\"", "" } } },
    { "a@b(unclosed", 1, { { "unclosed", "a@b", "b" } } },
    { "\"unclosed <a@b>", 1, { { "unclosed <a@b>", "", "" } } },
    { "x <a@b", 1, { { "x", "a@b", "b" } } },
};

static const struct {
    const char *in, *want;
} ids[] = {
    { " <a@b>\r\n", "a@b" },
    { "<a@b> (added)", "a@b" },
    { "\r\n <a@b>", "a@b" },
    { "a@b", "a@b" },
    { "<<a@b>>", "a@b" },
    { "<a@b", "a@b" },
    { "", "" },
    { "<>", "" },
    { "<a@b> <c@d>", "a@b" },
    { "a@b something", "a@b" },
};

static void
test_addresses(void)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct address *got;
        size_t n = address_parse_list(&arena, str_from(lists[i].in), &got);
        bool good = n == lists[i].n;
        for (size_t k = 0; good && k < n; k++)
            good = str_eq(got[k].name, str_from(lists[i].want[k].name)) &&
                   str_eq(got[k].address, str_from(lists[i].want[k].address)) &&
                   str_eq(got[k].domain, str_from(lists[i].want[k].domain));
        if (!ok(good, "addresses: %s", label(lists[i].in)))
            for (size_t k = 0; k < n; k++)
                printf("# [%.*s] [%.*s] [%.*s]\n", PRSTR(got[k].name), PRSTR(got[k].address),
                       PRSTR(got[k].domain));
    }
}

int
main(void)
{
    test_split();
    test_bounds();
    for (size_t i = 0; i < sizeof decoded / sizeof *decoded; i++)
        is_str(header_decode(&arena, str_from(decoded[i].in)), decoded[i].want, label(decoded[i].in));
    is_str(header_unfold(&arena, S(" a\r\n\tb\n c ")), "a\tb c", "unfolding keeps the blank of the fold");
    test_addresses();
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        is_str(message_id_of(str_from(ids[i].in)), ids[i].want, label(ids[i].in));
    arena_free(&arena);
    return done_testing();
}
