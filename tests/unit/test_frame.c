/* What is inside of wrapped lines, where records of several lines end, and lines that stand for several. */
#include "frame.h"

#include "log_sink.h"
#include "lines.h"
#include "tap.h"

static const struct {
    const char *what, *line;
    const char *at, *host, *program; /* at "" for no framing */
    long long pid;
    const char *text;
} cases[] = {
    { "journald",
      "{\"MESSAGE\":\"a \\\"b\\\" \\u00e9\",\"_HOSTNAME\":\"mx\",\"_COMM\":\"smtpd\",\"SYSLOG_IDENTIFIER\":"
      "\"postfix/smtpd\",\"_PID\":\"8\",\"SYSLOG_PID\":\"9\",\"__REALTIME_TIMESTAMP\":\"1790000001000000\","
      "\"_SOURCE_REALTIME_TIMESTAMP\":\"1790000000000007\"}",
      "2026-09-21T14:13:20.000007Z", "mx", "postfix/smtpd", 9, "a \"b\" \xc3\xa9" },
    { "journald, bytes",
      "{ \"MESSAGE\" : [ 97, 32, 252 ], \"_PID\" : \"8\", \"_COMM\" : \"x\", "
      "\"__REALTIME_TIMESTAMP\" : \"1790000000000000\" }",
      "2026-09-21T14:13:20Z", "", "x", 8, "a \xfc" },
    { "journald, said twice",
      "{\"MESSAGE\":[\"one\",\"two\"],\"_COMM\":\"x\",\"__REALTIME_TIMESTAMP\":\"1790000000000000\"}",
      "2026-09-21T14:13:20Z", "", "x", 0, "one" },
    { "journald, too long to be exported",
      "{\"MESSAGE\":null,\"_COMM\":\"x\",\"__REALTIME_TIMESTAMP\":\"1790000000000000\"}",
      "2026-09-21T14:13:20Z", "", "x", 0, "" },
    { "an event of its stream",
      "data: {\"MESSAGE\":\"a\",\"_COMM\":\"x\",\"__REALTIME_TIMESTAMP\":\"1790000000000000\"}",
      "2026-09-21T14:13:20Z", "", "x", 0, "a" },
    { "Docker's json-file",
      "{\"log\":\"Sep 21 16:13:20 mx postfix/smtpd[9]: a\\n\",\"stream\":\"stdout\",\"time\":"
      "\"2026-09-21T14:13:20.5Z\"}",
      "2026-09-21T14:13:20.500000Z", "mx", "postfix/smtpd", 9, "a" },
    { "Docker around Exim",
      "{\"log\":\"2026-09-21 16:13:20 1abcde-000001-AB Completed\\n\",\"time\":\"2026-09-21T14:13:20Z\"}",
      "2026-09-21T14:13:20Z", "", "exim", 0, "1abcde-000001-AB Completed" },
    { "Docker around JSON",
      "{\"log\":\"{\\\"message\\\":\\\"a\\\",\\\"program\\\":\\\"x\\\",\\\"ts\\\":1790000000.25}\\n\","
      "\"time\":"
      "\"2026-09-21T14:13:21Z\"}",
      "2026-09-21T14:13:21Z", "", "x", 0, "a" },
    { "CRI", "2026-09-21T16:13:20.5+02:00 stderr F Sep 21 16:13:20 mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20.500000Z", "mx", "postfix/smtpd", 9, "a" },
    { "CRI, a line in three pieces",
      "2026-09-21T16:13:20.5+02:00 stderr P Sep 21 16:13:20 mx postfix/sm\n"
      "2026-09-21T16:13:20.5+02:00 stderr P tpd[9]: \n2026-09-21T16:13:20.6+02:00 stderr F a",
      "2026-09-21T14:13:20.500000Z", "mx", "postfix/smtpd", 9, "a" },
    { "Docker's json-file, a line in two pieces",
      "{\"log\":\"Sep 21 14:13:20 mx postfix/smtpd[9]: caf\\u00e9 "
      "\",\"stream\":\"stdout\",\"time\":\"2026-09-21T14:13:20.5Z\"}\n"
      "{\"log\":\"\\\"b\\\"\\n\",\"stream\":\"stdout\",\"time\":\"2026-09-21T14:13:20.6Z\"}",
      "2026-09-21T14:13:20.500000Z", "mx", "postfix/smtpd", 9, "caf\xc3\xa9 \"b\"" },
    { "CRI around RFC 5424", "2026-09-21T14:13:20Z stdout F <22>1 2026-09-21T14:13:20Z mx x 9 - - a",
      "2026-09-21T14:13:20Z", "mx", "x", 9, "a" },
    { "year first", "2026 Sep 21 14:13:20 UTC mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "slashes", "2026/09/21 14:13:20.5Z mx postfix/smtpd[9]: a", "2026-09-21T14:13:20.500000Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "brackets", "[2026-09-21T16:13:20+02:00] mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "FreeBSD -vv", "Sep 21 2026 14:13:20 UTC <mail.info> mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z",
      "mx", "postfix/smtpd", 9, "a" },
    { "FreeBSD -v", "Sep 21 2026 14:13:20 UTC <2.6> mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "brackets that never close", "[2026-09-21T16:13:20+02:00 mx postfix/smtpd[9]: a", "", "", "", 0, "" },
    { "docker logs -t, no stamp inside", "2026-09-21T14:13:20Z postfix/smtpd[9]: a: b",
      "2026-09-21T14:13:20Z", "", "postfix/smtpd", 9, "a: b" },
    { "kubectl --prefix", "[pod/mx-0/postfix] 2026-09-21T14:13:20Z mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "docker compose", "mx-1  | 2026-09-21T14:13:20Z mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "docker compose, a format's own framing",
      "rspamd-1  | 2026-09-21 14:13:20 #38(normal) <09a588>; task; a", "", "", "rspamd", 38,
      "<09a588>; task; a" },
    { "Rspamd's log_json",
      "{\"ts\": 1790000000.500000, \"pid\": 38, \"severity\": \"info\", \"worker_type\": \"normal\", \"id\": "
      "\"09a588\", \"module\": \"task\", \"function\": \"f\", \"message\": \"id: <a> \\\"b\\\"\"}",
      "2026-09-21T14:13:20.500000Z", "", "rspamd", 38, "id: <a> \"b\"" },
    { "docker compose, a scanner's own file", "clamd-1  | Mon Sep 21 14:13:20 2026 -> a", "", "", "clamav", 0,
      "a" },
    { "Docker's json-file, a format whose stamp Exim's is like",
      "{\"log\":\"2026-09-21 14:13:20 #38(normal) <09a588>; task; a\\n\",\"stream\":\"stdout\","
      "\"time\":\"2026-09-21T14:13:20.5Z\"}",
      "2026-09-21T14:13:20.500000Z", "", "rspamd", 38, "<09a588>; task; a" },
    { "an octet count", "52 <22>1 2026-09-21T14:13:20Z mx postfix/smtpd 9 - - a", "2026-09-21T14:13:20Z",
      "mx", "postfix/smtpd", 9, "a" },
    { "RFC 5424 with the tag in its text", "<22>1 2026-09-21T14:13:20Z mx - - - - postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "logfmt",
      "ts=2026-09-21T14:13:20Z level=info host=mx program=postfix/smtpd pid=9 msg=\"a \\\"b\\\"\" flag",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a \"b\"" },
    { "rsyslog's JSON",
      "{\"msg\":\" a\",\"timereported\":\"2026-09-21T14:13:20Z\",\"hostname\":\"mx\",\"syslogtag\":"
      "\"postfix/smtpd[9]:\",\"programname\":\"postfix\"}",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "Filebeat",
      "{\"@timestamp\":\"2026-09-21T14:13:20.000Z\",\"host\":{\"id\":\"1\",\"name\":\"mx\"},\"log\":{"
      "\"file\":{\"path\":"
      "\"/var/log/mail.log\"}},\"message\":\"2026-09-21T16:13:20+02:00 mx postfix/smtpd[9]: a\"}",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "milliseconds", "{\"ts\":1790000000123,\"program\":\"x\",\"msg\":\"a\"}", "2026-09-21T14:13:20.123000Z",
      "", "x", 0, "a" },
    { "numbers as Go writes them", "{\"ts\":1.790000000123e+09,\"program\":\"x\",\"msg\":\"a\"}",
      "2026-09-21T14:13:20.123000Z", "", "x", 0, "a" },
    { "a byte order mark",
      "\xef\xbb\xbf"
      "2026-09-21T14:13:20Z mx x: a",
      "2026-09-21T14:13:20Z", "mx", "x", 0, "a" },
    { "OpenWrt's logread", "Mon 2026-09-21 14:13:20 UTC mail.info postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "", "postfix/smtpd", 9, "a" },
    { "BusyBox", "2026-09-21T14:13:20Z mx mail.info postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "AIX", "2026-09-21T14:13:20Z mx mail:info sendmail[9]: a", "2026-09-21T14:13:20Z", "mx", "sendmail", 9,
      "a" },
    { "a program called mail", "2026-09-21T14:13:20Z mx mail: info a b", "2026-09-21T14:13:20Z", "mx", "mail",
      0, "info a b" },
    { "Solaris", "2026-09-21T14:13:20Z mx sendmail[9]: [ID 197553 mail.info] a", "2026-09-21T14:13:20Z", "mx",
      "sendmail", 9, "a" },
    { "journalctl -o short-full", "Mon 2026-09-21 14:13:20 UTC mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "journalctl -o short-unix", "1790000000.250000 mx postfix/smtpd[9]: a", "2026-09-21T14:13:20.250000Z",
      "mx", "postfix/smtpd", 9, "a" },
    { "seconds since 1970", "1790000000 mx postfix/smtpd[9]: a", "2026-09-21T14:13:20Z", "mx",
      "postfix/smtpd", 9, "a" },
    { "tabs", "2026-09-21T14:13:20Z\tmx\tpostfix/smtpd[9]:\ta", "2026-09-21T14:13:20Z", "mx", "postfix/smtpd",
      9, "a" },
    { "framed again by a relay", "2026-09-21T14:13:20Z hub Sep 21 16:13:19 mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "forwarded by a relay", "2026-09-21T14:13:20Z hub Message forwarded from mx: postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "docker logs -t around RFC 3339",
      "2026-09-21T14:13:20.5Z 2026-09-21T14:13:20.25+00:00 mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20.250000Z", "mx", "postfix/smtpd", 9, "a" },
    { "RFC 5424 without priority", "1 2026-09-21T14:13:20Z mx postfix/smtpd 9 - - a", "2026-09-21T14:13:20Z",
      "mx", "postfix/smtpd", 9, "a" },
    { "grep's file name", "/var/log/mail.log.1:2026-09-21T14:13:20Z mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "docker compose in colours", "\033[36mmx-1  |\033[0m 2026-09-21T14:13:20Z mx postfix/smtpd[9]: a",
      "2026-09-21T14:13:20Z", "mx", "postfix/smtpd", 9, "a" },
    { "syslogd's mark", "2026-09-21T14:13:20Z mx -- MARK --", "2026-09-21T14:13:20Z", "mx", "", 0,
      "-- MARK --" },
    { "a stamp and no tag", "2026-09-21T14:13:20Z mx something happened", "", "", "", 0, "" },
    { "a number and no tag", "1790000000 mx something", "", "", "", 0, "" },
    { "an object that is not closed", "{\"log\":\"x\",\"time\":\"2026-09-21T14:13:20Z\"", "", "", "", 0, "" },
    { "an object without a time", "{\"log\":\"postfix/smtpd[9]: x\"}", "", "", "", 0, "" },
    { "an object of something else", "{\"email\":\"a@example.com\",\"timestamp\":1790000000}", "", "", "", 0,
      "" },
    { "bytes that are none", "{\"MESSAGE\":[300],\"_COMM\":\"x\",\"time\":\"never\"}", "", "", "", 0, "" },
    { "a quote that is not closed", "ts=2026-09-21T14:13:20Z msg=\"a", "", "", "", 0, "" },
    { "no framing", "hello | world", "", "", "", 0, "" },
    { "an empty wrapping", "{}", "", "", "", 0, "" },
};

static void
check_wrappings(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct framed f;
        bool framed = syslog_frame(str_from(cases[i].line), &f);
        str at = framed ? when_format(&a, f.line.at) : S("");
        if (!is_str(at, cases[i].at, cases[i].what) || !framed)
            continue;
        is_str(f.line.host, cases[i].host, "  host");
        is_str(f.line.program, cases[i].program, "  program");
        is_int(f.line.pid, cases[i].pid, "  pid");
        is_str(f.line.text, cases[i].text, "  text");
    }
    struct framed nul;
    ok(syslog_frame(str_of("\0\0\0Sep 21 16:13:20 mx x: a", 27), &nul), "NUL bytes ahead");
    arena_free(&a);
}

static void
check_records(void)
{
    str export = str_of("__CURSOR=1\nMESSAGE\n\3\0\0\0\0\0\0\0a\n\n\n_PID=9\n\n__CURSOR=2\n", 50);
    ok(frame_records_of(export, false) == FRAME_EXPORT, "journalctl -o export");
    is_int((long long)frame_record(FRAME_EXPORT, export, false), 39, "  a record ends with its empty line");
    ok(frame_record(FRAME_EXPORT, str_head(export, 25), false) == 0, "  not inside a field");
    ok(frame_records_of(S("{\n\t\"a\":1\n}\n"), true) == FRAME_PRETTY, "journalctl -o json-pretty");
    is_int((long long)frame_record(FRAME_PRETTY, S("{\n\t\"a\":1\n}\n{\n"), false), 11,
           "  a record is an object");
    str counted = S("14 <22>1 one text\n15 <22>1 other\ntext16 <22>1 ");
    ok(frame_records_of(S("13 <22>1 one tex13 <22>1 two tex"), false) == FRAME_COUNTED, "octet counts");
    is_int((long long)frame_record(FRAME_COUNTED, counted, false), 17, "  a record has its length");
    ok(frame_records_of(S("52 <22>1 one\n"), true) == FRAME_LINES, "a count on a line of its own");
    ok(frame_records_of(S("{\"a\":1}\n{\"a\":2}\n"), true) == FRAME_LINES, "JSON by line");
    str cri = S("2026-09-21T14:13:20.5Z stdout P a\n2026-09-21T14:13:20.5Z stdout F b\n"
                "2026-09-21T14:13:20.5Z stdout P a\n2026-09-21T14:13:20.5Z stderr F b\nfree\n");
    ok(frame_records_of(cri, true) == FRAME_PIECES, "CRI");
    is_int((long long)frame_record(FRAME_PIECES, cri, false), 68, "  a line in two pieces is one record");
    ok(frame_record(FRAME_PIECES, str_head(cri, 40), false) == 0, "  of which the second has to come");
    is_int((long long)frame_record(FRAME_PIECES, str_skip(cri, 68), false), 34, "  the other stream ends it");
    is_int((long long)frame_record(FRAME_PIECES, str_skip(cri, 136), false), 5,
           "  and what is no piece stands alone");
    str docker =
        S("{\"log\":\"a\",\"stream\":\"stdout\",\"time\":\"t\"}\n{\"log\":\"b\\n\",\"stream\":\"stdout\"}\n");
    ok(frame_records_of(docker, true) == FRAME_PIECES, "Docker's json-file");
    is_int((long long)frame_record(FRAME_PIECES, docker, false), (long long)docker.n,
           "  goes on until a line end");
}

static void
check_repeats(void)
{
    struct frame_repeat r = frame_repeat(S("last message repeated 3 times"));
    ok(r.before && r.times == 3, "the line before, three times");
    r = frame_repeat(S("--- last message repeated 1 time ---"));
    ok(r.before && r.times == 1, "as FreeBSD says it");
    r = frame_repeat(S("message repeated 12 times: [ a [b] c]"));
    ok(!r.before && r.times == 12, "its text, twelve times");
    is_str(r.text, "a [b] c", "  the text");
    r = frame_repeat(S("message repeated 999999999 times: [ a]"));
    is_int(r.times, FRAME_MAX_REPEAT, "not for ever");
    ok(frame_repeat(S("message repeated: x")).times == 0, "something else");
    is_str(frame_unescape(S("a#011b#012")), "a b", "controls as rsyslog writes them");
    is_str(frame_unescape(S("a #99 #400 #01")), "a #99 #400 #01", "other numbers stay");
}

/* What a log gives: refusals, and bytes that are all accounted for. */
static void
check_counts(void)
{
#define REFUSED                                                                                             \
    "NOQUEUE: reject: RCPT from x.example.net[192.0.2.7]: 554 5.7.1 <b@example.com>: Relay access denied; " \
    "from=<a@example.net> to=<b@example.com> proto=ESMTP helo=<x.example.net>"
    str log = S("2026-09-21T14:13:20Z mx postfix/smtpd[9]: " REFUSED "\n"
                "2026-09-21T14:13:21Z mx last message repeated 3 times\n"
                "2026-09-21T14:13:22Z mx postfix/smtpd[9]: connect from x.example.net[192.0.2.7]\n"
                "2026-09-21T14:13:23Z mx last message repeated 3 times\n"
                "2026-09-21T14:13:24Z mx postfix/smtpd[9]: message repeated 2 times: [ " REFUSED "]\n"
                "2026-09-21T14:13:25Z mx other[9]: message repeated 2 times: [ x]\n"
                "2026-09-21T14:13:26Z mx postfix/smtpd[9]: " REFUSED "\n"
                "2026-09-21T14:13:27Z mx2 last message repeated 3 times\n");
    struct log_sink *sink = log_sink_new();
    struct source s;
    source_open_memory(&s, "log", log);
    lines_read(&s, &(struct ingest_options){ .now = WHEN_NONE }, format_find(S("postfix")), &sink->sink,
               (struct lines_from){ 0 }, NULL);
    is_int((long long)sink->nrefusals, 7, "a line that stands for several counts as several");
    is_int((long long)sink->account.records, 5, "  records are lines, and another host's repeats none");
    is_int((long long)(sink->account.recorded + sink->account.ignored + sink->account.rejected),
           (long long)log.n, "  bytes count once");
    source_close(&s);
    log_sink_free(sink);
}

int
main(void)
{
    check_wrappings();
    check_records();
    check_repeats();
    check_counts();
    return done_testing();
}
