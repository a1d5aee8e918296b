/* Classes a reply: normal form, needles, rows, codes, then stage and retry.
 *
 * What a row or code means stands in reply_rules.c and its tables; how bytes
 * become words in reply_parse.c.  Here is only the order of deciding, where a
 * reason shows in the chain, and a small memory of texts seen before, for
 * busy logs repeat themselves. */
#include "reply.h"

#include <pthread.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "hash.h"
#include "reply_parse.h"
#include "reply_rules.h"
#include "reply_user.h"

/* Which points of the dialogue take the place of a reason's usual stage (CHAIN 3.1). */
#define AT(stage)   (1u << STAGE_##stage)
#define NOWHERE     0u
#define ANYWHERE    (~0u)
#define BEFORE_DATA (AT(SUBMISSION) | AT(CONNECT) | AT(HELO) | AT(ENVELOPE))

static const struct {
    enum stage usual;
    unsigned dialogue;
    bool retryable; /* where no code says it */
} places[REASON_COUNT] = {
    [REASON_LOGIN_FAILED] = { STAGE_SUBMISSION, NOWHERE, false },
    [REASON_SENDER_REFUSED] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_DOMAIN_UNKNOWN] = { STAGE_DNS, NOWHERE, false },
    [REASON_NO_MAIL_SERVICE] = { STAGE_DNS, NOWHERE, false },
    [REASON_DNS_FAILURE] = { STAGE_DNS, NOWHERE, true },
    [REASON_CONNECTION_REFUSED] = { STAGE_CONNECT, NOWHERE, true },
    [REASON_CONNECTION_TIMEOUT] = { STAGE_CONNECT, NOWHERE, true }, /* but see stage_of */
    [REASON_NETWORK_UNREACHABLE] = { STAGE_CONNECT, NOWHERE, true },
    [REASON_CONNECTION_LOST] = { STAGE_CONNECT, ANYWHERE, true },
    [REASON_PTR_REQUIRED] = { STAGE_HELO, NOWHERE, false },
    [REASON_HELO_REFUSED] = { STAGE_HELO, NOWHERE, false },
    [REASON_TLS_REQUIRED] = { STAGE_TLS, NOWHERE, false },
    [REASON_TLS_FAILED] = { STAGE_TLS, NOWHERE, true },
    [REASON_USER_UNKNOWN] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_MAILBOX_DISABLED] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_ADDRESS_MOVED] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_MAILBOX_FULL] = { STAGE_ENVELOPE, AT(ENVELOPE) | AT(MAILBOX) | AT(QUEUE), true },
    [REASON_RELAY_DENIED] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_GREYLISTED] = { STAGE_ENVELOPE, ANYWHERE, true },
    [REASON_RATE_LIMITED] = { STAGE_ENVELOPE, ANYWHERE, true },
    [REASON_TOO_MANY_CONNECTIONS] = { STAGE_ENVELOPE, ANYWHERE, true },
    [REASON_TOO_MANY_RECIPIENTS] = { STAGE_ENVELOPE, ANYWHERE, true },
    [REASON_MESSAGE_TOO_LARGE] = { STAGE_DATA, ANYWHERE, false },
    [REASON_PROTOCOL_ERROR] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_NOT_RFC_COMPLIANT] = { STAGE_DATA, ANYWHERE, false },
    [REASON_AUTHENTICATION_FAILED] = { STAGE_AUTHENTICATION, NOWHERE, false },
    [REASON_BLOCKLISTED] = { STAGE_CONTENT, BEFORE_DATA, false },
    [REASON_BAD_REPUTATION] = { STAGE_CONTENT, NOWHERE, false },
    [REASON_SPAM] = { STAGE_CONTENT, NOWHERE, false },
    [REASON_VIRUS] = { STAGE_CONTENT, NOWHERE, false },
    [REASON_CONTENT_REFUSED] = { STAGE_CONTENT, NOWHERE, false },
    [REASON_POLICY] = { STAGE_ENVELOPE, ANYWHERE, false },
    [REASON_FILTERED] = { STAGE_ROUTING, NOWHERE, false },
    [REASON_LOOP] = { STAGE_ROUTING, NOWHERE, false },
    [REASON_SYSTEM_FULL] = { STAGE_QUEUE, ANYWHERE, true },
    [REASON_SYSTEM_ERROR] = { STAGE_QUEUE, ANYWHERE, true },
    [REASON_EXPIRED] = { STAGE_QUEUE, NOWHERE, false },
    [REASON_HELD] = { STAGE_QUEUE, NOWHERE, false },
    [REASON_DELETED] = { STAGE_QUEUE, NOWHERE, false },
    [REASON_UNDEFINED] = { STAGE_UNKNOWN, ANYWHERE, false },
};

/* said: by the text itself ("in reply to ..."); dialogue: that, or the context's. */
static enum stage
stage_of(enum reason reason, enum stage dialogue, enum stage said)
{
    if (reason == REASON_CONNECTION_TIMEOUT && said != STAGE_UNKNOWN)
        return said;
    if (dialogue == STAGE_DATA && reason == REASON_MAILBOX_FULL)
        return STAGE_MAILBOX;
    if (dialogue == STAGE_DATA && reason == REASON_POLICY)
        return STAGE_CONTENT;
    if (dialogue != STAGE_UNKNOWN && (places[reason].dialogue >> dialogue & 1))
        return dialogue;
    return places[reason].usual;
}

static bool
is_retryable(const struct reply_facts *f, enum reason reason, enum retry retry)
{
    if (retry != RETRY_BY_CODE)
        return retry == RETRY;
    if (reason == REASON_GREYLISTED)
        return true;
    if (f->code != 0)
        return f->code / 100 == 4;
    if (f->class != 0)
        return f->class == 4;
    return places[reason].retryable;
}

static struct reply_class
success(const struct reply_facts *f, enum stage dialogue)
{
    struct reply_code basic = reply_basic_code(f->code);
    return (struct reply_class){
        .stage = dialogue != STAGE_UNKNOWN ? dialogue : STAGE_DATA,
        .provider = f->provider,
        .rule = basic.rule ? basic.rule : "none",
    };
}

/* Whose mailbox the reply is about, by the domain of the first address in it, where nothing names who
 * spoke: a host that knows its users is that of their provider. */
static const char *
provider_of_mailbox(enum reason reason, str text)
{
    if (reason != REASON_USER_UNKNOWN && reason != REASON_MAILBOX_FULL && reason != REASON_MAILBOX_DISABLED &&
        reason != REASON_ADDRESS_MOVED)
        return NULL;
    str domain = str_cut(text, '@').tail;
    size_t n = 0;
    while (n < domain.n && (str_is_alpha(domain.p[n]) || str_is_digit(domain.p[n]) || domain.p[n] == '-' ||
                            domain.p[n] == '.'))
        n++;
    return reply_host_provider(str_head(domain, n));
}

/* What is added to a reply that does not tell: "... (in the words of sendgrid: Invalid Address)". */
static str
added_word(str text, str *reply)
{
    static const str mark = S(" (in the words of ");
    size_t at = text.n > 0 && text.p[text.n - 1] == ')' ? str_find(text, mark) : STR_NONE;
    if (at == STR_NONE)
        return (str){ 0 };
    *reply = str_head(text, at);
    str added = str_skip(text, at + mark.n);
    size_t colon = str_find(added, S(": "));
    return colon != STR_NONE ? str_trim(str_skip(str_head(added, added.n - 1), colon + 2)) : (str){ 0 };
}

static struct reply_class
decide_words(const struct reply_context *c)
{
    struct reply_parts parts = reply_split(c);
    struct reply_hits hits;
    char normal[REPLY_TEXT_MAX];
    str text = reply_normal(c->text, &parts, normal);
    reply_rules_scan(text, &hits);

    enum stage said = reply_dialogue(&hits);
    struct reply_facts f = {
        .code = parts.code,
        .class = parts.class,
        .subject = parts.subject,
        .detail = parts.detail,
        .provider = reply_host_provider(parts.host),
        .dialogue = said != STAGE_UNKNOWN ? said : c->stage,
        .someone = reply_someone(&hits),
        .length = text.n,
    };
    if (f.provider == NULL)
        f.provider = reply_marked_provider(&hits);
    if (f.code != 0 ? f.code < 400 : f.class == 2)
        return success(&f, f.dialogue);

    struct reply_class class = { .reason = REASON_UNDEFINED, .provider = f.provider, .rule = "none" };
    enum retry retry = RETRY_BY_CODE;
    struct reply_code code = { 0 };
    const struct reply_rule *user = reply_user_find(text, parts.host, &f);
    const struct reply_rule *rule = user ? user : reply_rule_find(&hits, &f);
    if (rule && rule->weak && reply_code_tells(&f))
        rule = NULL;
    if (rule) {
        code = (struct reply_code){ rule->reason, user ? user->id : reply_rule_name(rule) };
        retry = rule->retry;
        if (rule->provider)
            class.provider = rule->provider;
    }
    if (code.rule == NULL)
        code = reply_enhanced_code(&f);
    if (code.rule == NULL)
        code = reply_basic_code(f.code);
    if (code.rule) {
        class.reason = code.reason;
        class.rule = code.rule;
    }
    if (user == NULL && class.reason == REASON_BLOCKLISTED && reply_blocklist(&hits))
        class.provider = reply_blocklist(&hits);
    if (class.provider == NULL && parts.host.n == 0)
        class.provider = provider_of_mailbox(class.reason, c->text);
    class.stage =
        rule && rule->stage != STAGE_UNKNOWN ? rule->stage : stage_of(class.reason, f.dialogue, said);
    class.retryable = is_retryable(&f, class.reason, retry);
    return class;
}

static struct reply_class
decide(const struct reply_context *c)
{
    struct reply_context part = *c;
    str word = added_word(c->text, &part.text);
    if (word.n == 0)
        return decide_words(c);
    struct reply_class class = decide_words(&part);
    if (class.reason != REASON_UNDEFINED)
        return class;
    struct reply_parts parts = reply_split(&part);
    part.text = word;
    part.code = parts.code;
    part.enhanced = parts.enhanced;
    return decide_words(&part);
}

/* Replies seen by this thread: direct-mapped, whole texts compared. */
#define SEEN_SLOTS 512 /* power of two */
#define SEEN_WAYS  4   /* slots that one reply may have: few fall on one another's */
#define SEEN_TEXT  448
struct seen {
    struct reply_class class;
    int code;
    unsigned generation; /* of the user's rules */
    enum stage stage;
    uint16_t host, text, enhanced; /* lengths of what lies in bytes, in this order */
    bool used;
    char bytes[SEEN_TEXT];
};
static pthread_key_t seen_key;
static pthread_once_t seen_once = PTHREAD_ONCE_INIT;
static _Thread_local struct seen *seen_slots;
static _Thread_local unsigned seen_next; /* the way that the next newcomer takes */

static void
make_key(void)
{
    reply_rules_ready();
    if (pthread_key_create(&seen_key, free) != 0)
        BUG("no thread keys left");
}

static bool
is_seen(const struct seen *s, const struct reply_context *c)
{
    return s->used && s->generation == reply_user_generation() && s->code == c->code &&
           s->stage == c->stage && str_eq(str_of(s->bytes, s->host), c->host) &&
           str_eq(str_of(s->bytes + s->host, s->text), c->text) &&
           str_eq(str_of(s->bytes + s->host + s->text, s->enhanced), c->enhanced);
}

static char *
put(char *to, str s)
{
    if (s.n)
        memcpy(to, s.p, s.n);
    return to + s.n;
}

struct reply_class
reply_classify(const struct reply_context *c)
{
    if (seen_slots == NULL) {
        pthread_once(&seen_once, make_key);
        seen_slots = xcalloc(SEEN_SLOTS, sizeof *seen_slots);
        pthread_setspecific(seen_key, seen_slots);
    }
    if (c->text.n > SEEN_TEXT || c->host.n > SEEN_TEXT || c->enhanced.n > SEEN_TEXT ||
        c->text.n + c->host.n + c->enhanced.n > SEEN_TEXT)
        return decide(c);

    uint64_t hash = hash_more(hash_bytes(c->text), c->host);
    struct seen *ways = &seen_slots[hash % (SEEN_SLOTS / SEEN_WAYS) * SEEN_WAYS];
    for (unsigned i = 0; i < SEEN_WAYS; i++)
        if (is_seen(&ways[i], c))
            return ways[i].class;
    struct seen *s = &ways[seen_next++ % SEEN_WAYS];
    s->class = decide(c);
    s->code = c->code;
    s->generation = reply_user_generation();
    s->stage = c->stage;
    s->host = (uint16_t)c->host.n;
    s->text = (uint16_t)c->text.n;
    s->enhanced = (uint16_t)c->enhanced.n;
    put(put(put(s->bytes, c->host), c->text), c->enhanced);
    s->used = true;
    return s->class;
}
