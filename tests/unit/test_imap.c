/* URLs of mailboxes, names of folders, and what IMAP servers say. */
#include "imap_reply.h"
#include "imap_secret.h"
#include "imap_url.h"
#include "tap.h"

static const struct {
    const char *in, *user, *host;
    int port;
    const char *folder;
    const char *printed; /* of message 7 with UIDVALIDITY 3 */
} urls[] = {
    { "imaps://ann@imap.example.com/INBOX", "ann", "imap.example.com", 993, "INBOX",
      "imaps://ann@imap.example.com/INBOX;UIDVALIDITY=3/;UID=7" },
    { "IMAP://ann%40example.com@IMAP.example.com:1143", "ann@example.com", "imap.example.com", 1143, "INBOX",
      "imap://ann%40example.com@imap.example.com:1143/INBOX;UIDVALIDITY=3/;UID=7" },
    { "imaps://ann@example.com@imap.example.com/inbox/", "ann@example.com", "imap.example.com", 993, "INBOX",
      "imaps://ann%40example.com@imap.example.com/INBOX;UIDVALIDITY=3/;UID=7" },
    { "imaps://ann;AUTH=PLAIN@[2001:db8::1]:99/a/b%20c", "ann", "2001:db8::1", 99, "a/b c",
      "imaps://ann@[2001:db8::1]:99/a/b%20c;UIDVALIDITY=3/;UID=7" },
    { "imap://imap.example.com/R*", "", "imap.example.com", 143, "R*",
      "imap://imap.example.com/R*;UIDVALIDITY=3/;UID=7" },
    { "imaps://a@h/Entw%C3%BCrfe", "a", "h", 993, "Entw\xc3\xbcrfe",
      "imaps://a@h/Entw%C3%BCrfe;UIDVALIDITY=3/;UID=7" },
};

static const char *const bad_urls[] = {
    "imaps://ann:secret@imap.example.com/INBOX",
    "imaps://ann:sec/ret@imap.example.com/INBOX",
    "imaps:///INBOX",
    "imaps://ann@/INBOX",
    "imaps://ann@host:0/",
    "imaps://ann@host:99999/",
    "imaps://ann@host/a%0d%0ab",
    "imaps://ann@host/a%zz",
    "imaps://ann@host/a%ff",
    "imaps://a b@ho st/",
    "imaps://ann@host/INBOX;UIDVALIDITY=3/;UID=7",
    "imaps://ann@[::1/x",
    "imaps://a%@host/",
};

static const struct {
    const char *utf8, *wire;
} names[] = {
    { "INBOX", "INBOX" },
    { "Entw\xc3\xbcrfe & Ideen", "Entw&APw-rfe &- Ideen" },
    { "\xe5\x8f\xb0\xe5\x8c\x97", "&U,BTFw-" },
    { "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
      "~peter/mail/&U,BTFw-/&ZeVnLIqe-" },
    { "\xf0\x9f\x93\xac!", "&2D3c7A-!" },
};

static void
test_urls(struct arena *a)
{
    struct imap_url u;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct diag d = { 0 };
        ok(imap_is_url(str_from(urls[i].in)) && imap_url_parse(a, str_from(urls[i].in), &u, &d) &&
               u.port == urls[i].port && str_eq(u.user, str_from(urls[i].user)) &&
               str_eq(u.host, str_from(urls[i].host)),
           "%s %s", urls[i].in, d.text);
        is_str(u.folder, urls[i].folder, "its folder");
        is_str(imap_url_print(a, &u, u.folder, 3, 7), urls[i].printed, "printed");
    }
    for (size_t i = 0; i < sizeof bad_urls / sizeof *bad_urls; i++) {
        struct diag d = { 0 };
        ok(!imap_url_parse(a, str_from(bad_urls[i]), &u, &d) && d.code == EXIT_USAGE &&
               !strstr(d.text, "sec"),
           "refused: %s", bad_urls[i]);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        is_str(imap_utf7_encode(a, str_from(names[i].utf8)), names[i].wire, "encoded");
        is_str(imap_utf7_decode(a, str_from(names[i].wire)), names[i].utf8, "decoded");
    }
    is_str(imap_utf7_decode(a, S("a&b")), "a&b", "what is not encoded stays");
    is_str(imap_utf7_decode(a, S("&AGEAYg--")), "ab-", "needlessly encoded letters");
}

static void
test_fetch(struct arena *a)
{
    struct imap_fetch f;
    str all = S("* 12 FETCH (FLAGS (\\Seen \"x)\") UID 5 INTERNALDATE \" 7-Jul-1996 02:44:25 -0700\" "
                "BODY[] {10}\r\na) (\"{3}\r\n RFC822.SIZE 4711)");
    ok(imap_parse_fetch(a, all, &f) && f.uid == 5 && f.size == 4711 && f.has_size,
       "a response with a literal");
    is_str(f.body, "a) (\"{3}\r\n", "its bytes count, whatever they are");
    is_str(when_format(a, f.at), "1996-07-07T09:44:25Z", "its date");
    ok(imap_parse_fetch(a, S("* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)]<0> \"a\\\"b\" UID 9)"), &f) &&
           f.uid == 9,
       "a section with brackets");
    is_str(f.body, "a\"b", "a quoted string");
    ok(imap_parse_fetch(a, S("* 1 FETCH (UID 9 BODY[] NIL)"), &f) && !f.has_body && f.has_nil, "no body");
    ok(imap_parse_fetch(a, S("* 1 FETCH (UID 9 BODY[] \"\")"), &f) && f.has_body && f.body.n == 0,
       "an empty one");
    ok(imap_parse_fetch(a, S("* 1 FETCH (UID 9 BODY[] ~{2}\r\nab)"), &f) && f.body.n == 2, "binary");
    static const char *const bad[] = { "* 1 EXISTS",       "* x FETCH (UID 1)",        "* 1 FETCH (UID 1",
                                       "* 1 FETCH UID 1",  "1 FETCH (UID 1)",          "* 1 FETCH",
                                       "* 1 FETCH (BODY[", "* 1 FETCH (BODY[] \"abc)", "" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ok(!imap_parse_fetch(a, str_from(bad[i]), &f), "no fetch: %s", bad[i]);
    ok(imap_parse_fetch(a, S("* 1 FETCH (UID 3 BODY[] {9}\r\nab)"), &f) && !f.has_body,
       "a literal that is cut");
}

static void
test_others(struct arena *a)
{
    uint64_t n;
    size_t mark;
    ok(imap_literal_follows(S("* LIST () NIL {5}"), &n, &mark) && n == 5 && mark == 14, "a literal follows");
    ok(imap_literal_follows(S("x {70+}"), &n, &mark) && n == 70, "a non-synchronizing one");
    ok(!imap_literal_follows(S("x {a}"), &n, &mark) && !imap_literal_follows(S("5}"), &n, &mark), "none");
    ok(!imap_may_hold_literals(S("* OK there {5}")) && !imap_may_hold_literals(S("W1 OK {5}")) &&
           imap_may_hold_literals(S("* 1 FETCH (BODY[] {5}")),
       "texts hold none");
    struct imap_status s = imap_parse_status(S("NO [TRYCREATE] make it"));
    ok(s.word == IMAP_NO && str_eq(s.code, S("TRYCREATE")) && str_eq(s.text, S("make it")), "a status");
    s = imap_parse_status(S("ok [UIDVALIDITY 17] fine"));
    ok(s.word == IMAP_OK && imap_number(s.code, S("UIDVALIDITY")) == 17, "its number");
    is_int((long long)imap_number(S("172 EXISTS"), S("EXISTS")), 172, "172 EXISTS");
    is_int((long long)imap_number(S("172 RECENT"), S("EXISTS")), 0, "another one");
    struct imap_list l;
    ok(imap_parse_list(a, S("* LIST (\\HasNoChildren \\Junk) \"/\" \"a \\\"b\""), &l) && !l.closed &&
           !l.copies,
       "a folder");
    is_str(l.name, "a \"b", "its name");
    ok(imap_parse_list(a, S("* LIST (\\Noselect) \".\" x"), &l) && l.closed, "one without messages");
    ok(imap_parse_list(a, S("* LIST (\\all) NIL {3}\r\nAll"), &l) && l.copies && str_eq(l.name, S("All")),
       "one with everything");
    is_str(imap_quote(a, S("a\"b\\")), "\"a\\\"b\\\\\"", "quoted");
    static const uint32_t uids[] = { 1, 2, 3, 7, 9, 10, 4294967295 };
    size_t taken;
    is_str(imap_set(a, uids, 7, 1000, &taken), "1:3,7,9:10,4294967295", "a set");
    is_int((long long)taken, 7, "of all");
    is_str(imap_set(a, uids, 7, 28, &taken), "1:3,7", "a set in little room");
    is_int((long long)taken, 4, "of some");
}

static void
test_netrc(struct arena *a)
{
    str text = S("# mine\nmachine other login x password y\n"
                 "machine imap.example.com login bob password no # machine trap\n"
                 "macdef init\nmachine imap.example.com login ann password macro\n\n"
                 "machine imap.example.com\n\tlogin ann\n\taccount z\n\tpassword \"a \\\"b\"\n"
                 "default login anyone password last\n");
    str user = S("ann"), password;
    ok(netrc_find(a, text, S("IMAP.example.com"), &user, &password), "an entry");
    is_str(password, "a \"b", "its password");
    user = (str){ 0 };
    ok(netrc_find(a, text, S("imap.example.com"), &user, &password) && str_eq(user, S("bob")),
       "the first user");
    user = (str){ 0 };
    ok(netrc_find(a, text, S("elsewhere"), &user, &password) && str_eq(user, S("anyone")), "default");
    user = S("carl");
    ok(!netrc_find(a, text, S("imap.example.com"), &user, &password), "none for carl");
}

int
main(void)
{
    struct arena a = { 0 };
    test_urls(&a);
    test_fetch(&a);
    test_others(&a);
    test_netrc(&a);
    arena_free(&a);
    return done_testing();
}
