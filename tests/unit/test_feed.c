/* Reputation feeds: figures, days, CSV, and what each form gives. */
#include "feed.h"

#include <math.h>

#include "log_sink.h"
#include "tap.h"

static struct arena kept;
static struct reputation *got;
static size_t ngot, room, nrejects;

static bool
keep(struct sink *s, const struct reputation *r)
{
    (void)s;
    struct reputation c = *r;
    c.subject = arena_copy(&kept, c.subject);
    c.domain = arena_copy(&kept, c.domain);
    c.word = arena_copy(&kept, c.word);
    c.detail = arena_copy(&kept, c.detail);
    ARENA_PUSH(&kept, got, ngot, room) = c;
    return true;
}

static bool
count_reject(struct sink *s, const struct reject *r)
{
    (void)s, (void)r;
    nrejects++;
    return true;
}

static void
read_all(const char *format, str bytes)
{
    static const struct sink_ops ops = { .reputation = keep, .reject = count_reject };
    struct account account = { .first_at = WHEN_NONE, .last_at = WHEN_NONE };
    struct sink sink = { .ops = &ops, .account = &account };
    struct source s;
    got = NULL;
    ngot = room = nrejects = 0;
    source_open_memory(&s, "feed", bytes);
    ok(format_recognise(s.window, true) == format_find(str_from(format)), "%s: recognised", format);
    ok(format_find(str_from(format))
           ->read(&s, &(struct ingest_options){ .now = 1790000000 * WHEN_SECOND }, &sink),
       "  read to the end");
    is_int((long long)(account.recorded + account.ignored + account.rejected), (long long)bytes.n,
           "  every byte is accounted for");
    source_close(&s);
}

static void
check_values(void)
{
    static const struct {
        const char *in;
        double want;
    } shares[] = { { "0.0012", 0.0012 }, { "0.1%", 0.001 }, { "< 0.1%", 0.001 }, { "100%", 1 }, { "1", 1 } };
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
        ok(fabs(feed_share(str_from(shares[i].in)) - shares[i].want) < 1e-9, "share %s", shares[i].in);
    ok(isnan(feed_share(S(""))) && isnan(feed_share(S("-1"))) && isnan(feed_share(S("n/a"))), "no share");
    static const struct {
        const char *in, *want;
    } days[] = {
        { "20260921", "2026-09-21T00:00:00Z" },
        { "2026-09-21", "2026-09-21T00:00:00Z" },
        { "9/21/2026", "2026-09-21T00:00:00Z" },
        { "9/21/2026 1:00 AM", "2026-09-21T01:00:00Z" },
        { "9/21/2026 12:00 AM", "2026-09-21T00:00:00Z" },
        { "9/21/2026 12:30:05 PM", "2026-09-21T12:30:05Z" },
        { "Sep 21, 2026", "2026-09-21T00:00:00Z" },
        { "21.9.2026", "" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        when at = feed_day(str_from(days[i].in));
        is_str(at == WHEN_NONE ? S("") : when_format(&kept, at), days[i].want, days[i].in);
    }
}

static void
check_feeds(void)
{
    read_all(
        "postmaster",
        S("{\"trafficStats\":[{\"name\":\"domains/Example.net/trafficStats/20260920\",\"domainReputation\":"
          "\"HIGH\",\"userReportedSpamRatio\":0.0012,\"spfSuccessRatio\":1,\"ipReputations\":[{"
          "\"reputation\":"
          "\"BAD\",\"sampleIps\":[\"192.0.2.20\"]}],\"deliveryErrors\":[{\"errorClass\":\"PERMANENT_ERROR\","
          "\"errorType\":\"DMARC_POLICY\",\"errorRatio\":0.5}]}]}\n"));
    is_int((long long)ngot, 2, "  the domain and its address");
    is_str(got[0].subject, "example.net", "  the domain");
    is_str(got[0].word, "high", "  its reputation");
    is_str(got[0].detail, "PERMANENT_ERROR DMARC_POLICY: 0.5000", "  its errors");
    ok(got[0].spam_rate > 0.0011 && got[0].spf_rate > 0.99 && isnan(got[0].dkim_rate), "  its figures");
    ok(got[1].is_ip && str_eq(got[1].domain, S("example.net")), "  the address, seen for the domain");
    ok(got[0].reputation_id != got[1].reputation_id, "  each has its id");
    read_all(
        "postmaster",
        S("date,domain,spam rate,SPF\n2026-09-20,example.org,0.1%,100%\n2026-09-2x,example.org,1,1\n\n"));
    ok(ngot == 1 && nrejects == 1, "  a row without a day is rejected");
    read_all("snds", S("192.0.2.20,9/20/2026 1:00 AM,9/21/2026 12:00 "
                       "AM,12,11,10,YELLOW,0.3%,,,4,mx,a@example.net,x\r\nwhat\n"));
    ok(ngot == 1 && nrejects == 1 && got[0].trap_hits == 4 && got[0].recipients == 10,
       "  a period of an address");
    is_str(got[0].detail, "complaints: 0.3%; helo: mx; mail from: a@example.net; comments: x",
           "  what else it says");
    read_all("snds", S("192.0.2.20,192.0.2.29,Yes,Blocked\n"));
    ok(ngot == 1 && str_eq(got[0].word, S("blocked")), "  a range that is blocked");
}

int
main(void)
{
    check_values();
    check_feeds();
    arena_free(&kept);
    return done_testing();
}
