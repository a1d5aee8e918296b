/* DMARC aggregate reports: values, broken XML, fields, rejects, the account of bytes. */
#include "dmarc_sink.h"
#include "dmarc_value.h"
#include "report.h"
#include "tap.h"
#include "xml.h"

/* Values. */

static const struct {
    const char *in, *want; /* want NULL: no address */
} addresses[] = {
    { "192.0.2.1 (mail.example.com)", "192.0.2.1" },
    { "192.0.2.1:25", "192.0.2.1" },
    { "192.0.2.01", NULL }, /* octal, or not */
    { "192.0.2.256", NULL },
    { "192.0.2.1.", NULL },
    { "192.0.2.1", "192.0.2.1" },
    { "2001:DB8:0:0::1", "2001:db8::1" },
    { "::ffff:192.0.2.1", "192.0.2.1" },
    { "192.0.2.1/32", "192.0.2.1" },
    { "mail.example.net [192.0.2.1]", "192.0.2.1" },
    { "(192.0.2.1)", "192.0.2.1" },
    { "\"192.0.2.1\"", "192.0.2.1" },
    { "[", NULL },
    { "\"", NULL },
    { "[2001:db8::1]", "2001:db8::1" },
    { "IPv6:2001:db8::1", "2001:db8::1" },
    { "fe80::1%eth0", "fe80::1" },
    { "192.0.2", NULL },
    { "192.0.2.256", NULL },
    { "not-an-ip", NULL },
    { "", NULL },
};

static const struct {
    const char *in;
    const char *want; /* NULL: no time */
} times[] = {
    { "2014-05-14 16:53:19 UTC", "2014-05-14T16:53:19Z" },
    { "2014-05-14T16:53:19 GMT", "2014-05-14T16:53:19Z" },
    { "2014-05-14T16:53:19 noon", NULL },
    { "302832000", "1979-08-07T00:00:00Z" },
    { "302832000.5", "1979-08-07T00:00:00.500000Z" },
    { "1706159544000", "2024-01-25T05:12:24Z" },
    { "1706159544000000", "2024-01-25T05:12:24Z" },
    { "1706159544123456789", "2024-01-25T05:12:24.123456Z" },
    { "1.706159544E9", "2024-01-25T05:12:24Z" },
    { "1e400", NULL },
    { "1e", NULL },
    { "2014-05-14 16:53:19 +0200 CEST", NULL },
    { "2014-05-14 16:53:19 +0000 UTC", "2014-05-14T16:53:19Z" },
    { "2014/05/14 16:53:19", "2014-05-14T16:53:19Z" },
    { "2014/05/14", "2014-05-14T00:00:00Z" },
    { "2014-05-14T16:53", "2014-05-14T16:53:00Z" },
    { "1979-08-07T00:00:00Z", "1979-08-07T00:00:00Z" },
    { "1979-08-07T02:00:00+02:00", "1979-08-07T00:00:00Z" },
    { "1979-08-07", "1979-08-07T00:00:00Z" },
    { "1979-08-07 12:30:00", "1979-08-07T12:30:00Z" },
    { "-5", NULL },
    { "99999999999999999999", NULL },
    { "today", NULL },
};

static const struct {
    const char *in;
    int64_t want; /* -1: no count */
} counts[] = {
    { "0", 0 },
    { "1", 1 },
    { "4294967296", 4294967296 },
    { "9223372036854775807", INT64_MAX },
    { "9223372036854775808", -1 },
    { "12.0", 12 },
    { "12.5", -1 },
    { "-1", -1 },
    { "abc", -1 },
    { "1,000", 1000 },
    { "1 234 567", 1234567 },
    { "1\xc2\xa0"
      "234",
      1234 },
    { "1,00", -1 },
    { "1,,000", -1 },
    { ",000", -1 },
    { "1.000", 1 },
    { "1,000,000,000,000,000,000,000,000", -1 },
};

static const struct {
    enum dmarc_vocabulary vocabulary;
    const char *in, *want;
} words[] = {
    { DMARC_DISPOSITION, "None", "none" },
    { DMARC_DISPOSITION, "pass", "pass" },
    { DMARC_DISPOSITION, "delete", "" },
    { DMARC_EVALUATED, "Pass", "pass" },
    { DMARC_EVALUATED, "unknown", "" }, /* never a pass */
    { DMARC_SPF_RESULT, "hardfail", "fail" },
    { DMARC_SPF_RESULT, "SoftFail", "softfail" },
    { DMARC_SPF_RESULT, "unknown", "" },
    { DMARC_DKIM_RESULT, "softfail", "" },
    { DMARC_DKIM_RESULT, "permerror", "permerror" },
    { DMARC_ALIGNMENT, "Strict", "s" },
    { DMARC_REASON, "policy_test_mode", "policy_test_mode" },
    { DMARC_REASON, "sampled_out", "sampled_out" },
};

static void
test_values(void)
{
    struct arena a = { 0 };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        str got = { 0 };
        bool good = dmarc_address(&a, str_from(addresses[i].in), &got);
        ok(good == (addresses[i].want != NULL) && (!good || str_eq(got, str_from(addresses[i].want))),
           "address %s", addresses[i].in);
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        when at = WHEN_NONE;
        bool good = dmarc_time(str_from(times[i].in), &at);
        ok(good == (times[i].want != NULL) && (!good || str_eq(when_format(&a, at), str_from(times[i].want))),
           "time %s", times[i].in);
    }
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int64_t n = -1;
        bool good = dmarc_count(str_from(counts[i].in), &n);
        ok(good == (counts[i].want >= 0) && (!good || n == counts[i].want), "count %s", counts[i].in);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        ok(str_eq(dmarc_word(words[i].vocabulary, str_from(words[i].in)), str_from(words[i].want)), "word %s",
           words[i].in);
    arena_free(&a);
}

/* XML: events as text, "(a" start, ")" end, text in between. */

static void
show_start(void *ctx, str name, const struct xml_attribute *attributes, size_t n)
{
    buf_printf(ctx, "(%.*s", PRSTR(name));
    for (size_t i = 0; i < n; i++)
        buf_printf(ctx, " %.*s=%.*s", PRSTR(attributes[i].name), PRSTR(attributes[i].value));
    buf_char(ctx, ':');
}

static void
show_end(void *ctx, str name)
{
    (void)name;
    buf_char(ctx, ')');
}

static void
show_text(void *ctx, str text)
{
    buf_add(ctx, text);
}

static const struct {
    const char *what;
    str in;
    const char *want;
    unsigned repairs;
} documents[] = {
    { "sound", S("<?xml version='1.0'?><!-- c --><a b=\"1\"><c/>x</a>"), "(a b=1:(c:)x)", 0 },
    { "byte order mark", S("\xef\xbb\xbf<a>x</a>"), "(a:x)", 0 },
    { "leading blanks", S("\n\n  <?xml version='1.0'?><a>x</a>"), "(a:x)", 0 },
    { "UTF-16LE", S("\xff\xfe<\0a\0>\0\xfc\0<\0/\0a\0>\0"), "(a:\xc3\xbc)", 0 },
    { "UTF-16BE, no mark", S("\0<\0a\0>\x20\xac\0<\0/\0a\0>"), "(a:\xe2\x82\xac)", 0 },
    { "UTF-16 pair", S("\xfe\xff\0<\0a\0>\xd8\x3d\xde\0\0<\0/\0a\0>"), "(a:\xf0\x9f\x98\x80)", 0 },
    { "Latin-1 declared", S("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>"), "(a:\xc3\xbc)", 0 },
    { "Latin-1 undeclared", S("<a>\xfc\x91</a>"), "(a:\xc3\xbc\xe2\x80\x98)", XML_CHARSET },
    { "Latin-2 declared", S("<?xml version='1.0' encoding='iso-8859-2'?><a>\xb1</a>"), "(a:\xc4\x85)", 0 },
    { "Shift_JIS declared", S("<?xml version='1.0' encoding='Shift_JIS'?><a>\x83\x5c</a>"),
      "(a:\xe3\x82\xbd)", 0 },
    { "control characters", S("<a>x\1y\vz</a>"), "(a:xy z)", XML_CONTROL },
    { "U+FFFF", S("<a>\xef\xbf\xbf</a>"), "(a:\xef\xbf\xbd)", 0 },
    { "references", S("<a>&amp;&lt;&#65;&#x42;&#X43;</a>"), "(a:&<ABC)", 0 },
    { "bare ampersand", S("<a>AT&T & Co</a>"), "(a:AT&T & Co)", XML_STRAY },
    { "HTML's names", S("<a>Gr&uuml;&szlig;e&nbsp;x</a>"),
      "(a:Gr\xc3\xbc\xc3\x9f"
      "e\xc2\xa0x)",
      XML_ENTITY },
    { "reference to no character", S("<a>&#0;&#xd800;</a>"), "(a:&#0;&#xd800;)", XML_ENTITY },
    { "address in brackets", S("<a><x@y.example></a>"), "(a:<x@y.example>)", XML_STRAY },
    { "less than", S("<a>1 < 2 <</a>"), "(a:1 < 2 <)", XML_STRAY },
    { "tag in text", S("<a>bad<xml.net</a>"), "(a:bad<xml.net)", XML_STRAY },
    { "empty brackets", S("<a><></></a>"), "(a:<></>)", XML_STRAY },
    { "CDATA", S("<a><![CDATA[x & <y>]]></a>"), "(a:x & <y>)", 0 },
    { "CDATA end in text", S("<a>x]]>y</a>"), "(a:x]]>y)", 0 },
    { "end tag missing", S("<a><b>x</a>"), "(a:(b:x))", XML_MISMATCH },
    { "end tag too many", S("<a>x</b></a>"), "(a:x)", XML_MISMATCH },
    { "end tag in other case", S("<a>x</A>"), "(a:x)", 0 },
    { "cut inside a tag", S("<a>x<b"), "(a:x)", XML_CUT | XML_MISMATCH },
    { "cut inside a text", S("<a>x"), "(a:x)", XML_CUT | XML_MISMATCH },
    { "cut inside a comment", S("<a>x<!-- y</a>"), "(a:x)", XML_CUT | XML_MISMATCH },
    { "prefix without namespace", S("<d:a><d:b/></d:a>"), "(d:a:(d:b:))", 0 },
    { "prefix with namespace", S("<d:a xmlns:d='u'/>"), "(d:a xmlns:d=u:)", 0 },
    { "broken attributes", S("<a b=1 c>x</a>"), "(a:x)", XML_ATTRIBUTE },
    { "attribute twice", S("<a b='1' b='2'>x</a>"), "(a b=1 b=2:x)", 0 },
    { "greater than in attribute", S("<a b='>'>x</a>"), "(a b=>:x)", 0 },
    { "DOCTYPE with entities", S("<!DOCTYPE a [<!ENTITY e \"x>]>\"><!-- ]> -->]><a>&e;</a>"), "(a:&e;)",
      XML_DOCTYPE | XML_ENTITY },
    { "what follows the root is left", S("<a/><b/>"), "(a:)", 0 },
    { "no markup", S("unused"), "", 0 },
    { "nothing", S(""), "", 0 },
};

/* Pieces of that size; 0: the whole. */
static unsigned
show(struct buf *b, str in, size_t piece)
{
    static const struct xml_events events = { .start = show_start, .end = show_end, .text = show_text };
    struct xml *x = xml_new(&events, b);
    size_t at = 0, shown = 0;
    do {
        shown = piece && in.n - shown > piece ? shown + piece : in.n;
        at += xml_push(x, str_of(in.p + at, shown - at), shown == in.n);
    } while (shown < in.n && !xml_done(x));
    unsigned repairs = xml_repairs(x);
    if (xml_fault(x))
        buf_printf(b, "fault: %s", xml_fault(x));
    xml_free(x);
    return repairs;
}

static void
test_xml(void)
{
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        for (size_t piece = 0; piece < 4; piece++) {
            struct buf b = { 0 };
            unsigned repairs = show(&b, documents[i].in, piece);
            bool good = str_eq(buf_str(&b), str_from(documents[i].want)) && repairs == documents[i].repairs;
            ok(good, "XML: %s, pieces of %zu", documents[i].what, piece);
            if (!good)
                printf("#      got: %s (%x)\n#   wanted: %s (%x)\n", buf_z(&b), repairs, documents[i].want,
                       documents[i].repairs);
            buf_free(&b);
        }
    }
}

static void
test_bounds(void)
{
    struct buf in = { 0 }, b = { 0 };
    for (int i = 0; i < 1000; i++)
        buf_add(&in, S("<a>"));
    buf_add(&in, S("x"));
    unsigned repairs = show(&b, buf_str(&in), 0);
    ok(repairs & XML_DEPTH && b.n == (size_t)XML_MAX_DEPTH * 4, "XML: elements beyond the depth are skipped");
    in.n = b.n = 0;
    buf_add(&in, S("<a><b c='"));
    for (int i = 0; i < 100000; i++)
        buf_char(&in, 'x');
    buf_add(&in, S("'>y</a>"));
    repairs = show(&b, buf_str(&in), 0);
    ok(repairs & XML_STRAY && b.n > 100000, "XML: a huge attribute is text");
    in.n = b.n = 0;
    buf_add(&in, S("<a>"));
    for (int i = 0; i < 200000; i++)
        buf_add(&in, i % 3 ? S("\xc3\xbc") : S("&amp;"));
    buf_add(&in, S("</a>"));
    repairs = show(&b, buf_str(&in), 0);
    struct buf again = { 0 };
    show(&again, buf_str(&in), 1000);
    ok(repairs == 0 && str_eq(buf_str(&b), buf_str(&again)), "XML: a long text is cut between characters");
    buf_free(&in);
    buf_free(&b);
    buf_free(&again);
}

/* Reports. */

#define HEAD_TEXT                                                                                    \
    "<report_metadata><org_name>Org</org_name><email>a@org.example</email><report_id>r1</report_id>" \
    "<date_range><begin>302832000</begin><end>302918399</end></date_range></report_metadata>"
#define OTHER_HEAD                                                                                   \
    "<report_metadata><org_name>Org</org_name><email>a@org.example</email><report_id>r2</report_id>" \
    "<date_range><begin>302918400</begin><end>303004799</end></date_range></report_metadata>"
#define POLICY_TEXT \
    "<policy_published><domain>Example.COM</domain><p>none</p><pct>50</pct></policy_published>"
#define ROW_TEXT(ip, n)                                         \
    "<row><source_ip>" ip "</source_ip><count>" n               \
    "</count><policy_evaluated><disposition>none</disposition>" \
    "<dkim>Pass</dkim><spf>fail</spf></policy_evaluated></row>"
#define RECORD_TEXT                  \
    "<record>" ROW_TEXT("192.0.2.1", \
                        "7") "<identifiers><header_from>example.com</header_from></identifiers></record>"

#define IDS_TEXT(domain) "<identifiers><header_from>" domain "</header_from></identifiers>"

static const struct {
    const char *what, *in;
    size_t reports, records;
    const char *has, *has_not; /* in the JSON; NULL: anything */
    const char *rejects;       /* NULL: none; else text that they have */
} reports[] = {
    { "plain", "<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 1,
      "\"domain\": \"example.com\", \"p\": \"none\"", "problems", NULL },
    { "a start tag that is misspelt",
      "<feedback>" HEAD_TEXT "<policy_pubxished><domain>a.example</domain></policy_published>" RECORD_TEXT
      "</feedback>",
      1, 1, "\"report_id\": \"r1\"", NULL, NULL },
    { "an end tag that is misspelt",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><source_ip>192.0.2.1</source_ip><count>8</cout>"
      "<policy_evaluated><dkim>pass</ dkim><spf>fail</s\"pf></policy_evaluated></row></record></feedback>",
      1, 1, "\"count\": 8, \"dkim\": \"pass\", \"spf\": \"fail\"", NULL, NULL },
    { "markup in a value is the value's",
      "<feedback><report_metadata><org_name>example.net</org_name><report_id>r1</report_id>"
      "<extra_contact_info>&lt;a href='x'&gt;help&lt;/a&gt; &lt;b&gt;us&lt;/b&gt;</extra_contact_info>"
      "<date_range><begin>1795132800</begin><end>1795219199</end></date_range></report_metadata>" POLICY_TEXT
          RECORD_TEXT "</feedback>",
      1, 1, "<a href='x'>help</a> <b>us</b>", NULL, NULL },
    { "records in an element of another name",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<data>" RECORD_TEXT RECORD_TEXT "</data></feedback>", 1, 2,
      "\"seq\": 1, \"source_ip\": \"192.0.2.1\"", NULL, NULL },
    { "records of an extension are none",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<extension><data>" RECORD_TEXT "</data></extension>"
      "<x:data>" RECORD_TEXT "</x:data>" RECORD_TEXT "</feedback>",
      1, 1, "\"seq\": 0, \"source_ip\": \"192.0.2.1\"", NULL, NULL },
    { "a policy that is never closed",
      "<feedback>" HEAD_TEXT
      "<policy_published><domain>example.com</domain><p>none</p><policy_published>" RECORD_TEXT "</feedback>",
      1, 1, "\"seq\": 0, \"source_ip\": \"192.0.2.1\"", NULL, "a second policy_published" },
    { "evaluated words in any case", "<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 1,
      "\"dkim\": \"pass\", \"spf\": \"fail\", \"raw_dkim\": \"Pass\"", NULL, NULL },
    { "upper-case tags, prefix",
      "<N:FEEDBACK><n:record><n:row><n:count>3</n:count></n:row></n:record></N:FEEDBACK>", 1, 1,
      "\"count\": 3", NULL, NULL },
    { "records before the metadata", "<feedback>" RECORD_TEXT RECORD_TEXT POLICY_TEXT HEAD_TEXT "</feedback>",
      1, 2, "\"report_id\": \"r1\"", "problems", NULL },
    { "a record before the metadata, one behind",
      "<feedback>" RECORD_TEXT HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 2,
      "\"seq\": 1, \"source_ip\": \"192.0.2.1\"", "problems", NULL },
    { "no metadata at all", "<feedback>" RECORD_TEXT "</feedback>", 1, 1,
      "no org_name; no email; no report_id", NULL, NULL },
    { "no record", "<feedback>" HEAD_TEXT POLICY_TEXT "</feedback>", 1, 0, "no record", NULL, NULL },
    { "several results in order",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT(
          "192.0.2.1", "1") "<auth_results><dkim><domain>a.example</domain><selector>s1</"
                            "selector><result>pass</result></dkim>"
                            "<dkim><domain>b.example</domain><selector>s2</selector><result>invalid</"
                            "result><human_result>odd</human_result>"
                            "</dkim><spf><domain>c.example</domain><scope>helo</scope><result>hardfail</"
                            "result></spf></auth_results></record>"
                            "</feedback>",
      1, 1,
      "\"auth\": [{\"method\": \"dkim\", \"domain\": \"a.example\", \"selector\": \"s1\", \"result\": "
      "\"pass\", "
      "\"raw_result\": \"pass\"}, {\"method\": \"dkim\", \"domain\": \"b.example\", \"selector\": \"s2\", "
      "\"raw_result\": \"invalid\", \"human_result\": \"odd\"}, {\"method\": \"spf\", \"domain\": "
      "\"c.example\", "
      "\"scope\": \"helo\", \"result\": \"fail\", \"raw_result\": \"hardfail\"}]",
      NULL, NULL },
    { "reasons with comments",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><count>1</count><policy_evaluated>"
      "<reason><type>Mailing_List</type><comment>x &amp; "
      "y</comment></reason><reason><type/><comment/></reason>"
      "<reason><type>arc</type></reason></policy_evaluated></row></record></feedback>",
      1, 1, "\"reasons\": [{\"type\": \"mailing_list\", \"comment\": \"x & y\"}, {\"type\": \"arc\"}]", NULL,
      NULL },
    { "null reverse path",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><count>1</count></row><identifiers>"
      "<envelope_from/></identifiers></record></feedback>",
      1, 1, "\"envelope_from\": \"\"", NULL, NULL },
    { "identities, as some write",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><count>1</count></row><identities>"
      "<header_from>D.example</header_from></identities></record></feedback>",
      1, 1, "\"header_from\": \"d.example\"", NULL, NULL },
    { "extensions",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<extension><e:a xmlns:e=\"u\">v</e:a></extension>"
      "<record><row><count>1</count></row><x:y xmlns:x=\"u\"><record>no</record></x:y></record></feedback>",
      1, 1, "\"extension\": \"<x:y xmlns:x=\\\"u\\\"><record>no</record></x:y>\"}]", NULL, NULL },
    { "several errors",
      "<feedback><report_metadata><org_name>o</org_name><error>e1</error><error lang='en'>e2</error>"
      "</report_metadata></feedback>",
      1, 0, "\"error\": \"e1; e2\"", NULL, NULL },
    { "broken end of a value",
      "<feedback><report_metadata><org_name>o</org_name><report_id>r9/report_id>"
      "</report_metadata>" POLICY_TEXT RECORD_TEXT "</feedback>",
      1, 1, "\"report_id\": \"r9\"", NULL, NULL },
    { "record not closed",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record>" ROW_TEXT("192.0.2.1", "1") "<record>" ROW_TEXT("192.0.2.2", "2") "</record></feedback>",
      1, 2, "192.0.2.2", NULL, NULL },
    { "row not closed",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><count>1</count><identifiers><header_from>h"
      "</header_from></identifiers></record></feedback>",
      1, 1, "\"header_from\": \"h\"", NULL, NULL },
    { "schema around it", "<xs:schema><feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 1,
      "Org", "end is missing", NULL },
    { "unreadable address",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("nowhere", "5") "</record></feedback>", 1, 1,
      "\"raw_source_ip\": \"nowhere\", \"count\": 5", "\"source_ip\"", "no IP address in source_ip" },
    { "unreadable count",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("192.0.2.1", "many") "</record>" RECORD_TEXT
                                                                                  "</feedback>",
      1, 1, "\"seq\": 1", NULL, "the count of a record is no number: many" },
    { "no count", "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row/></record>" RECORD_TEXT "</feedback>", 1,
      1, NULL, NULL, "a record has no count" },
    { "unreadable address and count",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("x", "y") "</record>"
                                                                       "</feedback>",
      1, 0, NULL, NULL, "no number: y" },
    { "unreadable date",
      "<feedback><report_metadata><org_name>o</org_name><begin>soon</begin></report_metadata></feedback>", 1,
      0, "no begin", NULL, "no date in begin" },
    { "two policies",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<policy_published><domain>second.example</domain>"
      "</policy_published>" RECORD_TEXT "</feedback>",
      1, 1, "example.com", "second.example", "a second policy_published" },
    { "two addresses",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><source_ip>192.0.2.1</source_ip>"
      "<source_ip>192.0.2.2</source_ip><count>1</count></row></record></feedback>",
      1, 1, "192.0.2.1", "192.0.2.2", "a second source_ip" },
    { "cut inside a record",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("192.0.2.1", "1") "<auth_res", 1, 1,
      "the end is missing", NULL, "the report is cut short" },
    { "cut before the count", "<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "<record><row><sou", 1, 1, NULL,
      NULL, "a record has no count" },
    { "all records in one element",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<records>" RECORD_TEXT RECORD_TEXT "</records></feedback>", 1, 2,
      "\"seq\": 1, \"source_ip\": \"192.0.2.1\"", "extension", NULL },
    { "behind header fields",
      "Content-Type: text/xml\r\n\r\n<?xml version='1.0'?><feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT
      "</feedback>",
      1, 1, "\"report_id\": \"r1\"", "problems", NULL },
    { "two below one root",
      "<reports><feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT
      "</feedback>\n<feedback>" OTHER_HEAD POLICY_TEXT RECORD_TEXT RECORD_TEXT "</feedback></reports>",
      2, 3, "\"report_id\": \"r2\"", "problems", NULL },
    { "three in an envelope",
      "<e:Envelope xmlns:e='u'><e:Header/><e:Body><f:feedback>" HEAD_TEXT RECORD_TEXT
      "</f:feedback><feedback>" OTHER_HEAD RECORD_TEXT
      "</feedback></e:Body><e:Body><feedback>" HEAD_TEXT RECORD_TEXT "</feedback></e:Body></e:Envelope>",
      3, 3, "\"report_id\": \"r2\"", NULL, NULL },
    { "two inside of one",
      "<feedback><feedback>" HEAD_TEXT RECORD_TEXT "</feedback><feedback>" OTHER_HEAD RECORD_TEXT
      "</feedback></feedback>",
      2, 2, "\"report_id\": \"r2\"", "the end", NULL },
    { "the first is not closed",
      "<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT
      "<record><row><count>3</count><?xml version='1.0'?><feedback>" OTHER_HEAD POLICY_TEXT RECORD_TEXT
      "</feedback>",
      2, 3, "\"problems\": \"the end is missing\"", NULL, "the report is cut short" },
    { "one of two is empty", "<reports><feedback>" HEAD_TEXT RECORD_TEXT "</feedback><feedback/></reports>",
      1, 1, NULL, NULL, "an empty report" },
    { "a root of another name", "<aggregate>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</aggregate>", 1, 1,
      "\"domain\": \"example.com\"", "problems", NULL },
    { "a schema that is not closed",
      "<feedback><xs:schema xmlns:xs='u'>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 1,
      "\"count\": 7", "extension", NULL },
    { "a declaration that is not closed",
      "<?xml version='1.0'><feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>", 1, 1, NULL,
      "problems", NULL },
    { "a record without a row",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record><source_ip>192.0.2.1</source_ip><count>7</count></record></feedback>",
      1, 1, "\"count\": 7", "extension", NULL },
    { "an extension that counts",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record>" ROW_TEXT("192.0.2.1", "7") "<x:count>9</x:count></record></feedback>",
      1, 1, "\"count\": 7", NULL, NULL },
    { "a bare reason",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record><row><count>7</count><policy_evaluated><reason> sampled_out </reason><reason>"
      "we like them</reason></policy_evaluated></row></record></feedback>",
      1, 1, "\"reasons\": [{\"type\": \"sampled_out\"}, {\"comment\": \"we like them\"}]", NULL, NULL },
    { "bare results",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record><row><count>7</count></row><auth_results><dkim>pass</dkim><spf>hardfail</spf>"
      "</auth_results></record></feedback>",
      1, 1,
      "{\"method\": \"dkim\", \"result\": \"pass\", \"raw_result\": \"pass\"}, {\"method\": \"spf\", "
      "\"result\": \"fail\"",
      NULL, NULL },
    { "rows without records",
      "<feedback>" HEAD_TEXT POLICY_TEXT ROW_TEXT("192.0.2.1", "7") IDS_TEXT("a.example")
          ROW_TEXT("192.0.2.2", "3") IDS_TEXT("b.example") "</feedback>",
      1, 2,
      "\"source_ip\": \"192.0.2.2\", \"raw_source_ip\": \"192.0.2.2\", \"count\": 3, \"disposition\": "
      "\"none\", \"raw_disposition\": \"none\", \"dkim\": \"pass\", \"spf\": "
      "\"fail\", \"raw_dkim\": \"Pass\", \"header_from\": \"b.example\"",
      "extension", NULL },
    { "rows in an element of another name behind their identifiers",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<data>" IDS_TEXT("a.example") ROW_TEXT("192.0.2.1", "7")
          IDS_TEXT("b.example") ROW_TEXT("192.0.2.2", "3") "</data></feedback>",
      1, 2, "\"messages\": 10", NULL, NULL },
    { "empty rows are no records",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<row/><row/>" RECORD_TEXT "</feedback>", 1, 1, "\"messages\": 7",
      NULL, NULL },
    { "rows of one record share what it says of them",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("192.0.2.1", "7") ROW_TEXT("192.0.2.2", "3")
          IDS_TEXT("a.example") "</record>" RECORD_TEXT "</feedback>",
      1, 3,
      "\"header_from\": \"a.example\", \"auth\": []}, {\"seq\": 1, \"source_ip\": \"192.0.2.2\", "
      "\"raw_source_ip\": \"192.0.2.2\", \"count\": 3, "
      "\"disposition\": \"none\", \"raw_disposition\": \"none\", \"dkim\": \"pass\", \"spf\": \"fail\", "
      "\"raw_dkim\": \"Pass\", "
      "\"header_from\": \"a.example\"",
      NULL, NULL },
    { "rows of one record with identifiers of their own",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("192.0.2.1", "7") IDS_TEXT("a.example")
          ROW_TEXT("192.0.2.2", "3") IDS_TEXT("b.example") "</record></feedback>",
      1, 2,
      "\"header_from\": \"a.example\", \"auth\": []}, {\"seq\": 1, \"source_ip\": \"192.0.2.2\", "
      "\"raw_source_ip\": \"192.0.2.2\", \"count\": 3, "
      "\"disposition\": \"none\", \"raw_disposition\": \"none\", \"dkim\": \"pass\", \"spf\": \"fail\", "
      "\"raw_dkim\": \"Pass\", "
      "\"header_from\": \"b.example\"",
      NULL, NULL },
    { "one of two rows has no count",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record><row><source_ip>192.0.2.1</source_ip></row>" ROW_TEXT("192.0.2.2", "3") "</record></feedback>",
      1, 1, "\"raw_source_ip\": \"192.0.2.2\", \"count\": 3", NULL, "a record has no count" },
    { "a row in rows",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record><rows>" ROW_TEXT("192.0.2.1", "7") "</rows></record></feedback>",
      1, 1, "\"messages\": 7", "extension", NULL },
    { "names with a slip",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<recrod><row><sourceIp>192.0.2.1</sourceIp><count>7</count>"
      "<policy_evalutated><dkim>pass</dkim></policy_evalutated></row></recrod></feedback>",
      1, 1,
      "\"source_ip\": \"192.0.2.1\", \"raw_source_ip\": \"192.0.2.1\", \"count\": 7, \"dkim\": \"pass\"",
      NULL, NULL },
    { "a name with a slip is told",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<recrod>" ROW_TEXT("192.0.2.1", "7") "</recrod></feedback>", 1, 1,
      "\"problems\": \"recrod taken for record\"", NULL, NULL },
    { "values in attributes",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row source_ip='192.0.2.1' count='7'><policy_evaluated "
      "disposition='none' dkim='pass' spf='fail'><reason type='other' comment='c'/></policy_evaluated></row>"
      "<identifiers header_from='A.example'/><auth_results><dkim domain='a.example' selector='s' "
      "result='pass'/>"
      "</auth_results></record></feedback>",
      1, 1,
      "\"source_ip\": \"192.0.2.1\", \"raw_source_ip\": \"192.0.2.1\", \"count\": 7, \"disposition\": "
      "\"none\", \"raw_disposition\": \"none\", \"dkim\": \"pass\", \"spf\": "
      "\"fail\", \"header_from\": \"a.example\", \"reasons\": [{\"type\": \"other\", \"comment\": \"c\"}], "
      "\"auth\": [{\"method\": \"dkim\", \"domain\": \"a.example\", \"selector\": \"s\", \"result\": "
      "\"pass\"",
      NULL, NULL },
    { "brackets in attributes",
      "<feedback note='a<b'>" HEAD_TEXT POLICY_TEXT
      "<record note=\"a <b@c.example> d\"><row><count x='<'>7</count>"
      "</row></record></feedback>",
      1, 1, "\"messages\": 7", NULL, NULL },
    { "an attribute that is not closed",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record note=\"a><row><count>7</count></row></record></feedback>",
      1, 1, "\"messages\": 7", NULL, NULL },
    { "counts that went through floating point",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT(
          "192.0.2.1", "1.5e+02") "</record><record>" ROW_TEXT("192.0.2.1", "\"5\"") "</record></feedback>",
      1, 2, "\"messages\": 155", NULL, NULL },
    { "counts that are none",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record>" ROW_TEXT("192.0.2.1", "-3") "</record><record>" ROW_TEXT(
          "192.0.2.1", "1.55e1") "</record><record>" ROW_TEXT("192.0.2.1", "1e99") "</record></feedback>",
      1, 0, "\"messages\": 0", NULL, "no number: 1e99" },
    { "a bracket that slipped into the end of a record",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record>" ROW_TEXT("192.0.2.1", "7") "</recor<d>\n" RECORD_TEXT RECORD_TEXT "</feedback>",
      1, 3, "\"messages\": 21", NULL, NULL },
    { "the slash of a record's end in another place",
      "<feedback>" HEAD_TEXT POLICY_TEXT
      "<record>" ROW_TEXT("192.0.2.1", "7") "<r/ecord>\n" RECORD_TEXT RECORD_TEXT "</feedback>",
      1, 3, "\"messages\": 21", NULL, NULL },
    { "brackets that slipped into ends and starts of values",
      "<feedback>" HEAD_TEXT POLICY_TEXT "<record><row><sourc<e_ip>192.0.2.1</source_ip><count>7</coun<t>"
      "<policy_evaluated><disposi<tion>none</disposition><dkim>pass<//dkim><spf>fail&</spf></"
      "policy_evaluated></row>"
      "</record>" RECORD_TEXT "</feedback>",
      1, 2, "\"count\": 7, \"dkim\": \"pass\", \"spf\": \"fail\"", NULL, NULL },
    { "empty report", "<feedback></feedback>", 0, 0, NULL, NULL, "an empty report" },
    { "another document", "<html><body>feedback</body></html>", 0, 0, NULL, NULL, "no feedback element" },
    { "no XML", "unused", 0, 0, NULL, NULL, "no feedback element" },
};

static void
test_reports(void)
{
    for (size_t i = 0; i < sizeof reports / sizeof *reports; i++) {
        str in = str_from(reports[i].in);
        struct dmarc_sink whole;
        dmarc_sink_init(&whole);
        size_t used = dmarc_sink_read(&whole, in, 0);
        str json = buf_str(&whole.json), rejects = buf_str(&whole.rejects);
        bool good = whole.begun == reports[i].reports && whole.ended == whole.begun &&
                    whole.records == reports[i].records;
        good &= reports[i].has == NULL || str_has(json, str_from(reports[i].has));
        good &= reports[i].has_not == NULL || !str_has(json, str_from(reports[i].has_not));
        good &= reports[i].rejects ? str_has(rejects, str_from(reports[i].rejects)) : rejects.n == 0;
        ok(good, "report: %s", reports[i].what);
        if (!good)
            printf("# %.*s# %.*s\n", PRSTR(json), PRSTR(rejects));
        ok(used == in.n && dmarc_sink_bytes(&whole) == in.n, "report: %s: every byte is accounted for",
           reports[i].what);
        for (size_t piece = 1; piece < 80; piece = piece * 3 + 1) {
            struct dmarc_sink d;
            dmarc_sink_init(&d);
            dmarc_sink_read(&d, in, piece);
            ok(str_eq(buf_str(&d.json), json) && str_eq(buf_str(&d.rejects), rejects),
               "report: %s: pieces of %zu", reports[i].what, piece);
            dmarc_sink_free(&d);
        }
        dmarc_sink_free(&whole);
    }
}

static uint64_t
key_of(const char *in)
{
    struct dmarc_sink d;
    dmarc_sink_init(&d);
    dmarc_sink_read(&d, str_from(in), 0);
    str json = str_cut_str(buf_str(&d.json), S("\"report_key\": ")).tail;
    uint64_t key = 0;
    str digits = json.n && json.p[0] == '-' ? str_skip(json, 1) : json;
    for (size_t i = 0; i < digits.n && str_is_digit(digits.p[i]); i++)
        key = key * 10 + (uint64_t)(digits.p[i] - '0');
    dmarc_sink_free(&d);
    return key;
}

static void
test_keys(void)
{
    uint64_t key = key_of("<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>");
    ok(key != 0 && key == key_of("<feedback xmlns='u'>" POLICY_TEXT HEAD_TEXT "</feedback>"),
       "key: the same for what reporter, id, domain and period say alone");
    ok(key != key_of("<feedback>" HEAD_TEXT
                     "<policy_published><domain>other.example</domain></policy_published></feedback>"),
       "key: another domain is another report");
}

/* Bounds of the reader: memory stays small whatever is said how often. */
static void
test_floods(void)
{
    static const struct {
        const char *what, *before, *again, *after;
    } rows[] = {
        { "results", "<record><row><count>1</count></row><auth_results>",
          "<dkim><domain>d</domain><result>pass</result></dkim>", "</auth_results></record>" },
        { "second values", "<record><row><count>1</count>", "<source_ip>192.0.2.1</source_ip>",
          "</row></record>" },
        { "errors", "<report_metadata>", "<error>e</error>", "</report_metadata>" },
        { "extensions", "<record><row><count>1</count></row>", "<x/>", "</record>" },
        { "records before the metadata", "", RECORD_TEXT, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dmarc_sink d;
        struct buf in = { 0 };
        dmarc_sink_init(&d);
        buf_printf(&in, "<feedback><report_metadata><org_name>o</org_name></report_metadata>%s",
                   rows[i].before);
        for (int n = 0; n < 30000; n++)
            buf_add(&in, str_from(rows[i].again));
        buf_printf(&in, "%s</feedback>", rows[i].after);
        dmarc_sink_read(&d, buf_str(&in), 0);
        ok(d.begun == 1 && dmarc_sink_bytes(&d) == in.n, "flood: %s", rows[i].what);
        buf_free(&in);
        dmarc_sink_free(&d);
    }
}

static void
test_containers(void)
{
    static const struct {
        const char *what;
        str in;
        enum report_result want;
    } rows[] = {
        { "XML", S("<feedback>" HEAD_TEXT POLICY_TEXT RECORD_TEXT "</feedback>"), REPORT_READ },
        { "two documents", S("<feedback>" HEAD_TEXT "</feedback>\n<feedback>" HEAD_TEXT "</feedback>"),
          REPORT_READ },
        { "text", S("Dear postmaster"), REPORT_NONE },
        { "HTML", S("<html><body/></html>"), REPORT_NONE },
        { "nothing", S(""), REPORT_NONE },
        { "half a zip", S("PK\3\4\24\0\0\0\10\0"), REPORT_NONE },
        { "half a gzip", S("\x1f\x8b\x08\0\0\0\0\0\0\3"), REPORT_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dmarc_sink d;
        struct arena a = { 0 };
        dmarc_sink_init(&d);
        enum report_result got =
            report_from_bytes(&a, rows[i].in, S("x"), (struct origin){ 10, 20 }, &d.sink, NULL);
        ok(got == rows[i].want && dmarc_sink_bytes(&d) == 0, "container: %s; the bytes are the caller's",
           rows[i].what);
        arena_free(&a);
        dmarc_sink_free(&d);
    }
}

int
main(void)
{
    test_values();
    test_xml();
    test_bounds();
    test_reports();
    test_keys();
    test_floods();
    test_containers();
    return done_testing();
}
