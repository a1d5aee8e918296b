/* Rules of the user: what is refused, with which line; which rule decides; reloading. */
#include "reply.h"
#include "tap.h"

static void
test_wrong(void)
{
    static const struct {
        const char *file, *why;
    } rows[] = {
        { "a", "f:1: a rule reads ID REASON KEY=VALUE..., no reason behind a" },
        { "a spam", "f:1: a rule needs one of text=, host=, provider=, code=, enhanced=: a spam" },
        { "a spam stage=data",
          "f:1: a rule needs one of text=, host=, provider=, code=, enhanced=: a spam stage=data" },
        { "# c\n\na spammy text=xy", "f:3: no reason is called spammy" },
        { "A spam text=xy", "f:1: an id is of a-z, 0-9, _ . and -, not A" },
        { "a spam text=xy\nb spam text=xy\na spam text=xy", "f:3: the id a stands in line 1 already" },
        { "a spam text", "f:1: a condition reads KEY=VALUE, not text" },
        { "a spam text =xy", "f:1: a condition reads KEY=VALUE, not text =xy" },
        { "a spam =xy", "f:1: a condition reads KEY=VALUE, not =xy" },
        { "a spam text=", "f:1: no value behind text" },
        { "a spam text=\"\"", "f:1: no value behind text" },
        { "a spam text=\"xy", "f:1: a quote is not closed: \"xy" },
        { "a spam text=\"xy\\\"", "f:1: a quote is not closed: \"xy\\\"" },
        { "a spam text=\"xy\"z", "f:1: a blank is missing behind a closing quote: z" },
        { "a spam text=x", "f:1: a text of less than two characters: x" },
        { "a spam text=~x~", "f:1: a text of less than two characters: ~x~" },
        { "a spam text=ab text=cd text=ef text=gh text=ij", "f:1: more than four texts of one kind: ij" },
        { "a spam words=xy", "f:1: there is no words" },
        { "a spam code=2", "f:1: code= wants 4, 5, or the first digits of such a code, not 2" },
        { "a spam code=5500", "f:1: code= wants 4, 5, or the first digits of such a code, not 5500" },
        { "a spam code=5x", "f:1: code= wants 4, 5, or the first digits of such a code, not 5x" },
        { "a spam enhanced=5", "f:1: enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not 5" },
        { "a spam enhanced=2.7.1", "f:1: enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not 2.7.1" },
        { "a spam enhanced=5.7.9-1", "f:1: enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not 5.7.9-1" },
        { "a spam enhanced=5.7.1x", "f:1: enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not 5.7.1x" },
        { "a spam enhanced=5.7.1.1", "f:1: enhanced= wants 5.7.1, 7.1 or 5.7.600-649, not 5.7.1.1" },
        { "a spam code=5 at=lunch", "f:1: no stage is called lunch" },
        { "a spam code=5 stage=lunch", "f:1: no stage is called lunch" },
        { "a spam code=5 retry=maybe", "f:1: retry= wants yes or no, not maybe" },
        { "a spam code=5 as=\"A B\"", "f:1: a name is of a-z, 0-9, _ . and -, not A B" },
        { "a spam host=\"a b\"", "f:1: a name is of a-z, 0-9, _ . and -, not a b" },
        { "a spam provider=nobody", "f:1: no provider is called nobody" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct diag d = { 0 };
        bool good = reply_user_load(str_from(rows[i].file), "f", &d);
        ok(!good && d.code == EXIT_USAGE, "refused: row %zu", i);
        is_str(str_from(d.text), rows[i].why, "and why");
    }
    char many[300];
    memset(many, 'x', sizeof many);
    memcpy(many, "a spam text=", 12);
    struct diag d = { 0 };
    ok(!reply_user_load(str_of(many, sizeof many), "f", &d) && strstr(d.text, "longer than 200 bytes"),
       "a text that is too long");
}

static void
test_deciding(void)
{
    static const char file[] = "# ours\n"
                               "\r\n"
                               "grey greylisted text=\"Please  WAIT a while\" code=4\r\n"
                               "both\tblocklisted text=acme text=\"not wanted\" unless=\"but welcome\" "
                               "as=acme stage=connect retry=yes\n"
                               "word spam text=~junk~\n"
                               "range user_unknown host=mx.acme.example enhanced=5.7.600-649\n"
                               "any rate_limited host=slow.example code=42\n"
                               "address user_unknown text=\"<a@example.org> left us\"\n"
                               "google policy provider=google enhanced=7.26\n"
                               "at policy text=\"at data only\" at=data\n"
                               "quote policy text=\"say \\\"no\\\" \\\\ here\"\n"
                               "later spam code=599\n";
    static const struct {
        const char *host, *text, *rule, *provider;
        enum reason reason;
        enum stage at, stage;
        int retry;
    } rows[] = {
        { "", "450 please wait a   while", "user.grey", NULL, REASON_GREYLISTED, 0, STAGE_ENVELOPE, 1 },
        { "", "550 please wait a while", "code.550", NULL, REASON_UNDEFINED, 0, 0, 0 },
        { "", "550 ACME says: not wanted", "user.both", "acme", REASON_BLOCKLISTED, 0, STAGE_CONNECT, 1 },
        { "", "550 acme says: not wanted but welcome", "code.550", NULL, REASON_UNDEFINED, 0, 0, 0 },
        { "", "550 it is junk.", "user.word", NULL, REASON_SPAM, 0, STAGE_CONTENT, 0 },
        { "", "550 it is junked, zenspamhaus", "text.blocklisted.43", NULL, REASON_BLOCKLISTED, 0, 0, 0 },
        { "b.mx.acme.example.", "550 5.7.649 x", "user.range", NULL, REASON_USER_UNKNOWN, 0, 0, 0 },
        { "b.mx.acme.example", "550 5.7.650 x", "microsoft.7.650", NULL, REASON_RATE_LIMITED, 0, 0, 1 },
        { "notmx.acme.example", "550 5.7.605 x", "code.550", NULL, REASON_UNDEFINED, 0, 0, 0 },
        { "SLOW.example", "421 x", "user.any", NULL, REASON_RATE_LIMITED, 0, 0, 1 },
        { "slow.example", "431 x", "code.431", NULL, REASON_UNDEFINED, 0, 0, 1 },
        { "", "550 <b@example.net> left us", "user.address", NULL, REASON_USER_UNKNOWN, 0, 0, 0 },
        { "", "550 5.7.26 x - gsmtp", "user.google", "google", REASON_POLICY, 0, 0, 0 },
        { "", "421 4.7.26 x - gsmtp", "user.google", "google", REASON_POLICY, 0, 0, 1 },
        { "", "550 at data only", "code.550", NULL, REASON_UNDEFINED, STAGE_ENVELOPE, 0, 0 },
        { "", "550 at data only", "user.at", NULL, REASON_POLICY, STAGE_DATA, 0, 0 },
        { "", "550 say \"no\" \\ here", "user.quote", NULL, REASON_POLICY, 0, 0, 0 },
        { "", "599 it is junk", "user.word", NULL, REASON_SPAM, 0, 0, 0 },
        { "", "250 please wait a while", "code.250", NULL, REASON_NONE, 0, 0, 0 },
    };
    struct diag d = { 0 };
    bool loaded = reply_user_load(str_of(file, sizeof file - 1), "f", &d);
    ok(loaded, "a good file: %s", d.text);
    for (int round = 0; round < 2; round++) /* fresh and remembered */
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            struct reply_context c = { .host = str_from(rows[i].host),
                                       .text = str_from(rows[i].text),
                                       .stage = rows[i].at };
            struct reply_class got = reply_classify(&c);
            is_str(str_from(got.rule), rows[i].rule, rows[i].text);
            ok(got.reason == rows[i].reason && got.retryable == (rows[i].retry > 0) &&
                   (rows[i].stage == 0 || got.stage == rows[i].stage) &&
                   (rows[i].provider == NULL || str_eq(str_from(got.provider), str_from(rows[i].provider))),
               "its reason, stage, provider and retry");
        }
}

static void
test_reload(void)
{
    struct reply_context c = { .text = S("550 reload me") };
    struct diag d = { 0 };
    ok(reply_user_load(S("a spam text=\"reload me\""), "f", &d), "a first file");
    is_str(str_from(reply_classify(&c).rule), "user.a", "decides");
    ok(reply_user_load(S("b virus text=\"reload me\""), "f", &d), "a second file");
    is_str(str_from(reply_classify(&c).rule), "user.b", "takes its place");
    ok(!reply_user_load(S("c nothing text=\"reload me\""), "f", &d), "a wrong one");
    is_str(str_from(reply_classify(&c).rule), "user.b", "leaves all as it was");
    ok(reply_user_load(S("# nothing\n"), "f", &d), "an empty one");
    is_str(str_from(reply_classify(&c).rule), "code.550", "takes the rules away");
}

int
main(void)
{
    test_wrong();
    test_deciding();
    test_reload();
    return done_testing();
}
