/* Framings: what is time, host, program, pid and text of a line, and what is no framing at all. */
#include "syslog.h"
#include "tap.h"

static const struct {
    const char *line;
    const char *stamp; /* civil, "" for no framing */
    const char *host, *program;
    long long pid;
    const char *text;
    bool dated, zoned;
} cases[] = {
    { "Nov 21 22:11:35 mx postfix/smtpd[123]: connect", "11-21 22:11:35", "mx", "postfix/smtpd", 123,
      "connect", false, false },
    { "Nov  1 22:11:35 mx postfix/smtpd[123]: connect", "11-01 22:11:35", "mx", "postfix/smtpd", 123,
      "connect", false, false },
    { "Nov 01 22:11:35 mx postfix/smtpd[123]: connect", "11-01 22:11:35", "mx", "postfix/smtpd", 123,
      "connect", false, false },
    { "<22>Nov 21 22:11:35 mx postfix/smtpd[123]: connect", "11-21 22:11:35", "mx", "postfix/smtpd", 123,
      "connect", false, false },
    { "Nov 21 22:11:35 2026 mx exim[9]: x", "2026-11-21 22:11:35", "mx", "exim", 9, "x", true, false },
    { "Nov 21 22:11:35 mx program: text", "11-21 22:11:35", "mx", "program", 0, "text", false, false },
    { "Nov 21 22:11:35 mx program:text", "11-21 22:11:35", "mx", "program", 0, "text", false, false },
    { "Nov 21 22:11:35 mx postfix/smtpd[1]:", "11-21 22:11:35", "mx", "postfix/smtpd", 1, "", false, false },
    { "Nov 21 22:11:35 mx postfix/smtpd[abc]: x", "11-21 22:11:35", "mx", "postfix/smtpd", 0, "x", false,
      false },
    { "Nov 21 22:11:35 mx postfix/smtpd[99999999999999999999]: x", "11-21 22:11:35", "mx", "postfix/smtpd", 0,
      "x", false, false },
    { "2026-11-21T22:11:35.686954+01:00 mx postfix/smtpd[123]: connect", "2026-11-21 22:11:35", "mx",
      "postfix/smtpd", 123, "connect", true, true },
    { "2026-11-21T22:11:35Z mx postfix/smtpd[123]: connect", "2026-11-21 22:11:35", "mx", "postfix/smtpd",
      123, "connect", true, true },
    { "2026-11-21 22:11:35 mx postfix/smtpd[123]: connect", "2026-11-21 22:11:35", "mx", "postfix/smtpd", 123,
      "connect", true, false },
    { "<22>1 2026-11-21T22:11:35Z mx postfix/smtpd 123 - - connect", "2026-11-21 22:11:35", "mx",
      "postfix/smtpd", 123, "connect", true, true },
    { "<22>1 2026-11-21T22:11:35Z mx postfix/smtpd 123 ID [a b=\"]\" c=\"\\\"]\"][d] connect",
      "2026-11-21 22:11:35", "mx", "postfix/smtpd", 123, "connect", true, true },
    { "<22>1 2026-11-21T22:11:35Z - postfix/smtpd - - - \xef\xbb\xbf"
      "connect",
      "2026-11-21 22:11:35", "", "postfix/smtpd", 0, "connect", true, true },
    { "<22>1 2026-11-21T22:11:35Z mx postfix/smtpd 123 - [a b=\"", "", "", "", 0, "", false, false },
    { "<192>Nov 21 22:11:35 mx a[1]: x", "", "", "", 0, "", false, false },
    { "<22Nov 21 22:11:35 mx a[1]: x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx last message repeated 3 times", "11-21 22:11:35", "mx", "", 0,
      "last message repeated 3 times", false, false },
    { "Nov 21 22:11:35 mx greylisting filter[12]: Starting greylisting filter...", "11-21 22:11:35", "mx",
      "greylisting filter", 12, "Starting greylisting filter...", false, false },
    { "Nov 21 22:11:35 mx no pid here: x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx a tag [12]: x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx a tag[x]: x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx [1]: x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx a[1 x", "", "", "", 0, "", false, false },
    { "Nov 21 22:11:35 mx a[1] x", "", "", "", 0, "", false, false },
    { "", "", "", "", 0, "", false, false },
    { "<", "", "", "", 0, "", false, false },
    { "<22>", "", "", "", 0, "", false, false },
    { "<22>1 ", "", "", "", 0, "", false, false },
    { "connect from x", "", "", "", 0, "", false, false },
};

static bool
owns_postfix(str program)
{
    return str_starts(program, S("postfix/"));
}

int
main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct framed f;
        char stamp[64] = "";
        bool good = syslog_frame(str_from(cases[i].line), &f);
        const struct civil *c = &f.civil;
        if (good && c->year)
            snprintf(stamp, sizeof stamp, "%04d-%02d-%02d %02d:%02d:%02d", c->year, c->month, c->day, c->hour,
                     c->minute, c->second);
        else if (good)
            snprintf(stamp, sizeof stamp, "%02d-%02d %02d:%02d:%02d", c->month, c->day, c->hour, c->minute,
                     c->second);
        if (!ok(good == (cases[i].stamp[0] != '\0') && strcmp(stamp, cases[i].stamp) == 0, "stamp of %.60s",
                cases[i].line))
            printf("#      got: %s\n", stamp);
        if (!good)
            continue;
        is_str(f.line.host, cases[i].host, "  host");
        is_str(f.line.program, cases[i].program, "  program");
        is_int(f.line.pid, cases[i].pid, "  pid");
        is_str(f.line.text, cases[i].text, "  text");
        ok(f.dated == cases[i].dated && f.zoned == cases[i].zoned, "  what it said of its time");
    }
    is_int(syslog_recognise(S("Nov 21 22:11:35 mx a[1]: x\nNov 21 22:11:35 mx postfix/smtpd[1]: x\n"), true,
                            owns_postfix),
           90, "a log with lines of ours");
    is_int(syslog_recognise(S("Nov 21 22:11:35 mx a[1]: x\n"), true, owns_postfix), 10, "a log without");
    is_int(syslog_recognise(S("From: a@x\n\ntext\n"), true, owns_postfix), 0, "no log");
    is_int(syslog_recognise(S("Nov 21 22:11:35 mx postfix/smtpd[1]: x"), false, owns_postfix), 0,
           "half a line says nothing yet");
    return done_testing();
}
