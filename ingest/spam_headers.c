/* Spam headers of filters, by table: header, engine, form.
 *
 * Forms that several share are functions here; placement is placement.c's.  It
 * does not trust: a sender may have written any of these headers. */
#include "spam_headers.h"

#include <math.h>

#include "placement.h"
#include "transfer.h"

struct reading {
    struct arena *arena;
    str value; /* unfolded, trimmed */
    struct spam_verdict *v;
};

static str
yes_no(str word)
{
    static const struct {
        const char *word, *means;
    } words[] = { { "yes", "spam" },       { "true", "spam" },        { "spam", "spam" },
                  { "no", "ham" },         { "false", "ham" },        { "ham", "ham" },
                  { "notspam", "ham" },    { "innocent", "ham" },     { "ok", "ham" },
                  { "clean", "ham" },      { "not_detected", "ham" }, { "not detected", "ham" },
                  { "whitelisted", "ham" } };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_ieq(word, str_from(words[i].word)))
            return str_from(words[i].means);
    return word;
}

/* The first word: up to a blank, comma or semicolon. */
static str
first_word(str s)
{
    return str_word(s, ",;");
}

static void
set_text(str *field, str value)
{
    if (field->n == 0)
        *field = value;
}

static void
set_number(double *field, str value)
{
    double d;
    if (value.n > 1 && value.p[0] == '+')
        value = str_skip(value, 1);
    if (isnan(*field) && value.n < 30 && str_to_double(value, &d))
        *field = d;
}

/* What follows "key=" or "key:" (the key at the start or behind a blank, comma, semicolon). */
static str
after_key(str s, str key)
{
    for (size_t from = 0; from < s.n;) {
        size_t at = str_ifind(str_skip(s, from), key);
        if (at == STR_NONE)
            break;
        at += from;
        if (at == 0 || str_is_space(s.p[at - 1]) || s.p[at - 1] == ',' || s.p[at - 1] == ';')
            return str_trim_left(str_skip(s, at + key.n));
        from = at + 1;
    }
    return (str){ 0 };
}

/* Blanks that folding left in a list of tests go. */
static str
without_blanks(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_space(s.p[i]))
            out[n++] = s.p[i];
    return str_of(out, n);
}

/* "A,B=1.2, C autolearn=no": names go on as long as a comma joins them; amavis: "[A=1, B=2]". */
static str
test_list(struct arena *a, str s)
{
    if (s.n > 0 && s.p[0] == '[')
        return without_blanks(a, str_skip(str_cut(s, ']').head, 1));
    size_t n = 0;
    for (bool joined = true; n < s.n; n++) {
        if (!str_is_space(s.p[n]))
            joined = s.p[n] == ',';
        else if (!joined) {
            size_t next = n;
            while (next < s.n && str_is_space(s.p[next]))
                next++;
            if (next == s.n || s.p[next] != ',')
                break;
        }
    }
    return without_blanks(a, str_head(s, n));
}

/* "No, score=-1.2 required=5.0 tests=A,B autolearn=ham version=3.4.6"; old: hits= instead of score=. */
static void
sa_status(struct reading *r)
{
    str s = r->value;
    set_text(&r->v->verdict, yes_no(first_word(s)));
    str score = after_key(s, S("score="));
    set_number(&r->v->score, first_word(score.n ? score : after_key(s, S("hits="))));
    set_number(&r->v->required, first_word(after_key(s, S("required="))));
    set_text(&r->v->tests, test_list(r->arena, after_key(s, S("tests="))));
}

static void
word_verdict(struct reading *r)
{
    set_text(&r->v->verdict, yes_no(first_word(r->value)));
}

static void
whole_verdict(struct reading *r)
{
    set_text(&r->v->verdict, yes_no(r->value));
}

static void
number_score(struct reading *r)
{
    set_number(&r->v->score, first_word(r->value));
}

/* "default: False [1.20 / 15.00]; SYMBOL(0.10)[options]; ..." */
static void
rspamd_result(struct reading *r)
{
    str s = r->value;
    str score = str_cut(str_cut(s, '[').tail, ']').head;
    struct str_cut parts = str_cut(score, '/');
    set_number(&r->v->score, str_trim(parts.head));
    set_number(&r->v->required, str_trim(parts.tail));
    if (str_ieq(first_word(str_trim_left(str_cut(s, ':').tail)), S("True")))
        set_text(&r->v->verdict, S("reject"));
    struct str_cut list = str_cut(s, ';');
    set_text(&r->v->tests, str_trim(list.tail));
}

/* "CIP:192.0.2.1;CTRY:US;SCL:5;SFV:SPM;CAT:SPOOF;..." */
static void
forefront(struct reading *r)
{
    set_number(&r->v->score, first_word(after_key(r->value, S("SCL:"))));
    set_text(&r->v->verdict, first_word(after_key(r->value, S("SFV:"))));
    str category = first_word(after_key(r->value, S("CAT:")));
    if (category.n > 0 && r->v->tests.n == 0)
        r->v->tests = arena_printf(r->arena, "CAT:%.*s", PRSTR(category));
}

static void
microsoft_bulk(struct reading *r)
{
    set_number(&r->v->score, first_word(after_key(r->value, S("BCL:"))));
}

/* "rule=notspam policy=default score=0 ..." */
static void
proofpoint(struct reading *r)
{
    set_text(&r->v->verdict, yes_no(first_word(after_key(r->value, S("rule=")))));
    set_number(&r->v->score, first_word(after_key(r->value, S("score="))));
}

/* "Yes, SCORE=3.1 using global scores of TAG_LEVEL=2.0 ... KILL_LEVEL=5.0 tests=A, B" */
static void
barracuda(struct reading *r)
{
    sa_status(r);
    set_number(&r->v->required, first_word(after_key(r->value, S("KILL_LEVEL="))));
}

/* "Spam, tests=bogofilter, spamicity=0.999, version=1.2.4" */
static void
bogofilter(struct reading *r)
{
    word_verdict(r);
    set_number(&r->v->score, first_word(after_key(r->value, S("spamicity="))));
}

/* "No--8.069-5.0-31-10": verdict, score, threshold. */
static void
trend(struct reading *r)
{
    struct str_cut verdict = str_cut(r->value, '-');
    str rest = verdict.tail;
    bool negative = rest.n > 0 && rest.p[0] == '-';
    struct str_cut score = str_cut(negative ? str_skip(rest, 1) : rest, '-');
    set_text(&r->v->verdict, yes_no(verdict.head));
    set_number(&r->v->score, score.head);
    if (negative && !isnan(r->v->score))
        r->v->score = -r->v->score;
    set_number(&r->v->required, str_cut(score.tail, '-').head);
}

/* "10--8.069400-10.000000": level, score, threshold. */
static void
trend_engine(struct reading *r)
{
    struct str_cut level = str_cut(r->value, '-');
    bool negative = level.tail.n > 0 && level.tail.p[0] == '-';
    struct str_cut score = str_cut(negative ? str_skip(level.tail, 1) : level.tail, '-');
    set_number(&r->v->score, score.head);
    if (negative && !isnan(r->v->score))
        r->v->score = -r->v->score;
    set_number(&r->v->required, score.tail);
}

/* Vade writes its cause in pairs of letters: the first of "cdefgh" that a pair has tells by how much the other one is
 * shifted. */
static str
vade_text(struct arena *a, str s)
{
    char *out = arena_alloc(a, s.n / 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        char first = s.p[i], second = s.p[i + 1], shift = 'c';
        while (shift <= 'h' && shift != first && shift != second)
            shift++;
        int c = first + second - shift - ('g' - shift) * 16;
        out[n++] = c >= ' ' && c < 127 ? (char)c : '?';
    }
    return str_of(out, n);
}

static void
vade_cause(struct reading *r)
{
    str text = vade_text(r->arena, without_blanks(r->arena, r->value));
    set_text(&r->v->verdict, first_word(after_key(text, S("Verdict:"))));
    set_text(&r->v->tests, text);
}

/* Base64 of "V=1.1;us=0;l=0;a=0;D=1;GD=1;SCL=3" (Outlook.com). */
static void
message_delivery(struct reading *r)
{
    str text = transfer_base64(r->arena, r->value);
    set_number(&r->v->score, first_word(after_key(text, S("SCL="))));
    set_text(&r->v->tests, text);
}

/* "not_detected", "not_scanned, allowlist", "spam" */
static void
kaspersky(struct reading *r)
{
    set_text(&r->v->verdict, yes_no(str_trim(str_cut(r->value, ',').head)));
}

/* "G" or "S". */
static void
aol_disposition(struct reading *r)
{
    set_text(&r->v->verdict, str_ieq(r->value, S("S"))   ? S("spam")
                             : str_ieq(r->value, S("G")) ? S("ham")
                                                         : r->value);
}

/* As many stars as the score has whole points: the least it can be. */
static void
stars(struct reading *r)
{
    size_t n = 0;
    while (n < r->value.n && n < 1000 && r->value.p[n] == r->value.p[0] && memchr("*+xs", r->value.p[n], 4))
        n++;
    if (n && n == r->value.n && isnan(r->v->score))
        r->v->score = (double)n;
}

/* "action=reject; module=greylist; msg=..." */
static void
rspamd_early(struct reading *r)
{
    set_text(&r->v->verdict, first_word(after_key(r->value, S("action="))));
    set_text(&r->v->tests, r->value);
}

/* What no common word can be made of: kept as it is. */
static void
as_written(struct reading *r)
{
    set_text(&r->v->tests, r->value);
}

static const struct {
    const char *header, *engine;
    void (*read)(struct reading *);
} fields[] = {
    { "X-Spam-Status", "SpamAssassin", sa_status },
    { "X-Spam-Flag", "SpamAssassin", word_verdict },
    { "X-Spam-Score", "SpamAssassin", number_score },
    { "X-Spam-Level", "SpamAssassin", stars },
    { "X-Spam", "rspamd", word_verdict },
    { "X-Rspamd-Action", "rspamd", whole_verdict }, /* before the result: the action says more */
    { "X-Spamd-Result", "rspamd", rspamd_result },
    { "X-Rspamd-Score", "rspamd", number_score },
    { "X-Rspamd-Pre-Result", "rspamd", rspamd_early },
    { "X-Forefront-Antispam-Report", "Microsoft", forefront },
    { "X-Forefront-Antispam-Report-Untrusted", "Microsoft (untrusted)", forefront },
    { "X-MS-Exchange-Organization-SCL", "Microsoft", number_score },
    { "X-MS-Exchange-Organization-PCL", "Microsoft phishing", number_score },
    { "X-Microsoft-Antispam", "Microsoft bulk", microsoft_bulk },
    { "X-Microsoft-Antispam-Untrusted", "Microsoft bulk (untrusted)", microsoft_bulk },
    { "X-Pm-Spam-Action", "Proton", word_verdict },
    { "X-Pm-Spamscore", "Proton", number_score },
    { "X-VR-SPAMSTATE", "Vade", word_verdict },
    { "X-VR-SPAMSCORE", "Vade", number_score },
    { "X-VR-SPAMCAUSE", "Vade", vade_cause },
    { "X-Message-Delivery", "Outlook.com", message_delivery },
    { "X-AOL-Global-Disposition", "AOL", aol_disposition },
    { "X-Mimecast-Bulk-Signature", "Mimecast bulk", word_verdict },
    { "X-Mimecast-Impersonation-Protect", "Mimecast impersonation", as_written },
    { "X-CNFS-Analysis", "Cloudmark", as_written },
    { "X-Authority-Analysis", "Cloudmark", as_written },
    { "X-IronPort-AV", "Cisco virus", as_written },
    { "X-Mimecast-Spam-Signature", "Mimecast", word_verdict },
    { "X-MailFlowPolicy", "Cisco", whole_verdict }, /* $TRUSTED, $BLOCKED, $THROTTLED, $ACCEPTED */
    { "X-Amp-Result", "Cisco AMP", whole_verdict },
    { "X-SEA-Spam", "Sophos", sa_status },
    { "X-Barracuda-Spam-Status", "Barracuda", barracuda },
    { "X-Barracuda-Spam-Score", "Barracuda", number_score },
    { "X-Proofpoint-Spam-Details", "Proofpoint", proofpoint },
    { "X-Mimecast-Spam-Score", "Mimecast", number_score },
    { "X-TM-AS-Result", "Trend Micro", trend },
    { "X-TMASE-Result", "Trend Micro", trend_engine },
    { "X-Bogosity", "bogofilter", bogofilter },
    { "X-DSPAM-Result", "DSPAM", word_verdict },
    { "X-DSPAM-Probability", "DSPAM", number_score },
    { "X-KLMS-AntiSpam-Rate", "Kaspersky", number_score },
    { "X-KSMG-AntiSpam-Rate", "Kaspersky", number_score },
    { "X-KLMS-AntiSpam-Status", "Kaspersky", kaspersky },
    { "X-KSMG-AntiSpam-Status", "Kaspersky", kaspersky },
    { "X-SBRS", "Cisco reputation", number_score },
    { "X-IronPort-SBRS", "Cisco reputation", number_score },
    { "X-SenderGroup", "Cisco reputation", as_written },
    { "X-SpamExperts-Outgoing-Class", "SpamExperts", word_verdict },
    { "X-SpamExperts-Class", "SpamExperts", word_verdict },
};

static struct spam_verdict *
verdict_of(struct message *m, struct arena *a, const char *engine, size_t *room)
{
    for (size_t i = 0; i < m->nspam; i++)
        if (str_eq(m->spam[i].engine, str_from(engine)))
            return &m->spam[i];
    ARENA_PUSH(a, m->spam, m->nspam, *room) =
        (struct spam_verdict){ .engine = str_from(engine), .score = NAN, .required = NAN };
    return &m->spam[m->nspam - 1];
}

/* amavis and rspamd write SpamAssassin's headers too; their own marks tell. */
static const char *
spamassassin_alike(const struct message *m)
{
    if (str_has(message_header_value(m, "X-Spam-Status"), S("tagged_above=")))
        return "amavis";
    if (message_header(m, "X-Spamd-Result", NULL) || message_header(m, "X-Rspamd-Server", NULL))
        return "rspamd";
    return "SpamAssassin";
}

void
spam_headers_read(struct message *m, struct arena *a)
{
    const char *alike = spamassassin_alike(m);
    size_t room = 0;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct header *h = message_header(m, fields[i].header, NULL);
        if (!h)
            continue;
        const char *engine = strcmp(fields[i].engine, "SpamAssassin") == 0 ? alike : fields[i].engine;
        struct reading r = { .arena = a, .value = header_decode(a, h->value) };
        r.v = verdict_of(m, a, engine, &room);
        fields[i].read(&r);
    }
    placement_read(m, a);
}
