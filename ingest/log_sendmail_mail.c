/* Sendmail: the line of a message's sender, and that of a delivery: lists of equates.
 *
 * Any value may hold commas; an equate ends where the next begins. */
#include "log_sendmail_impl.h"

#include "scan.h"

enum { RECIPIENTS_MAX = 1024 };

/* The equates of a text that are not cut off. */
struct equates {
    str rest;
    size_t name; /* length of the first one's name */
};

/* Where the next ", name=" begins, and the length of that name; or the end.  What stands in quotes does not count. */
static size_t
value_length(str s, size_t *name)
{
    bool quoted = false;
    for (size_t i = 0; (i += scan_to3(str_skip(s, i), ',', '"', '"')) < s.n; i++) {
        if (s.p[i] == '"')
            quoted = !quoted;
        if (quoted || s.p[i] != ',' || i + 2 >= s.n || s.p[i + 1] != ' ')
            continue;
        size_t k = i + 2;
        while (k < s.n && ((s.p[k] >= 'a' && s.p[k] <= 'z') || s.p[k] == '_'))
            k++;
        *name = k - (i + 2);
        if (*name > 1 && k < s.n && s.p[k] == '=')
            return i;
    }
    return s.n;
}

bool
sendmail_is_one_value(str value)
{
    size_t name;
    return value_length(value, &name) == value.n;
}

static struct equates
equates_of(str text)
{
    return (struct equates){ text, str_cut(text, '=').head.n };
}

/* Cuts the next equate off; false at the end.  "stat=" goes on to the end, "reply=" up to it. */
static bool
next_equate(struct equates *s, str *key, str *value)
{
    enum { BETWEEN = 2 }; /* ", " */
    if (s->name >= s->rest.n)
        return false;
    str tail = str_skip(s->rest, s->name + 1);
    size_t n = tail.n;
    *key = str_head(s->rest, s->name);
    if (str_eq(*key, S("reply"))) {
        size_t stat = str_find(tail, S(", stat="));
        s->name = S("stat").n;
        n = stat == STR_NONE ? tail.n : stat;
    } else if (!str_eq(*key, S("stat"))) {
        n = value_length(tail, &s->name);
    }
    *value = str_head(tail, n);
    s->rest = str_skip(tail, n + BETWEEN);
    return true;
}

/* The value of a quoted text may contain an odd quote: what a mail address may hold Sendmail does not mend.
 * Then equates behind it are not seen; the last one is looked for from the end. */
static str
last_equate(str text, str name)
{
    for (size_t n = text.n;;) {
        str head = str_head(text, n);
        size_t comma = str_rfind_char(head, ',');
        if (comma == STR_NONE)
            return (str){ 0 };
        str rest = str_trim_left(str_skip(text, comma + 1));
        if (str_starts(rest, name))
            return str_skip(rest, name.n);
        n = comma;
    }
}

/* "1+02:03:04" and "02:03:04" -> seconds.  One text at a time. */
str
sendmail_seconds(str s)
{
    static char digits[24];
    uint64_t days = 0, total = 0;
    struct str_cut plus = str_cut(s, '+');
    if (plus.found) {
        struct str_number n = str_cut_number(plus.head, 6);
        if (!n.ok)
            return (str){ 0 };
        days = n.value;
        s = plus.tail;
    }
    for (int i = 0; i < 3; i++) {
        struct str_number n = str_cut_number(s, 6);
        if (!n.ok)
            return (str){ 0 };
        total = total * 60 + n.value;
        s = str_after(n.rest, ':');
        if (i < 2 && s.n == 0)
            return (str){ 0 };
    }
    size_t at = sizeof digits;
    total += days * 86400;
    do
        digits[--at] = (char)('0' + total % 10);
    while (total /= 10);
    return str_of(digits + at, sizeof digits - at);
}

/* from= --------------------------------------------------------------------------------------------- */

static bool
is_submitted_here(struct sendmail_peer peer, str protocol)
{
    return peer.ip.n == 0 && protocol.n == 0 && (peer.user.n || str_ieq(peer.name, S("localhost")));
}

/* The sender's line.  Without recipients it only tells whose message was refused. */
void
sendmail_from(str rest, struct event *e)
{
    struct equates equates = equates_of(rest);
    str key, value, relay = { 0 };
    while (next_equate(&equates, &key, &value)) {
        if (str_eq(key, S("from")))
            EV(e, MAIL_FROM) = sendmail_unwrap(value);
        else if (str_eq(key, S("size")))
            EV(e, SIZE) = value;
        else if (str_eq(key, S("nrcpts")))
            EV(e, NRCPT) = value;
        else if (str_eq(key, S("msgid")))
            EV(e, MESSAGE_ID) = sendmail_unwrap(value);
        else if (str_eq(key, S("proto")))
            EV(e, PROTOCOL) = value;
        else if (str_eq(key, S("tls_verify")))
            EV(e, TLS_VERIFIED) = value;
        else if (str_eq(key, S("auth")) && !str_eq(value, S("NONE")))
            EV(e, METHOD) = value;
        else if (str_eq(key, S("relay")))
            relay = value;
    }
    if (relay.n == 0)
        relay = last_equate(rest, S("relay="));
    if (str_eq(EV(e, MAIL_FROM), S("<NONE>")) || str_eq(EV(e, MAIL_FROM), S("NONE"))) {
        EV(e, MAIL_FROM) = (str){ 0 };
        e->flags &= ~(unsigned)EVENT_HAS_MAIL_FROM;
    }
    if (!str_eq(relay, S("[RESPONSE]"))) {
        struct sendmail_peer peer = sendmail_peer(relay);
        sendmail_set_client(e, peer);
        if (is_submitted_here(peer, EV(e, PROTOCOL)))
            e->flags |= EVENT_LOCAL;
        if ((e->flags & EVENT_LOCAL) && peer.user.n)
            EV(e, USER) = peer.user;
    }
    e->flags |= str_eq(EV(e, NRCPT), S("0")) ? EVENT_MESSAGE_REFUSED : EVENT_ACTIVE;
}

/* to= ----------------------------------------------------------------------------------------------- */

static bool
goes_out(str mailer)
{
    return str_ifind(mailer, S("smtp")) != STR_NONE || str_ieq(mailer, S("relay")) ||
           str_ifind(mailer, S("uucp")) != STR_NONE;
}

/* What Sendmail's own words and the status code make of a try. */
static enum attempt_result
result_of(str stat, str dsn)
{
    static const struct {
        str start;
        enum attempt_result result;
    } words[] = {
        { S("Sent"), RESULT_SENT },
        { S("Deferred"), RESULT_DEFERRED },
        { S("queued"), RESULT_DEFERRED },
        { S("quarantine"), RESULT_DEFERRED },
        { S("discarded"), RESULT_DISCARDED },
        { S("Discarded"), RESULT_DISCARDED },
        { S("expired"), RESULT_EXPIRED },
        { S("Cannot send message for "), RESULT_EXPIRED },
        { S("Message could not be delivered for "), RESULT_EXPIRED },
        { S("Delivery time "), RESULT_EXPIRED },
        { S("delivery time expired"), RESULT_EXPIRED },
        { S("deferred: "), RESULT_DEFERRED },
        { S("Please try again later"), RESULT_DEFERRED },
        { S("Transient parse error"), RESULT_DEFERRED },
        { S("Operating system error"), RESULT_DEFERRED },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_starts(stat, words[i].start))
            return words[i].result;
    if (dsn.n)
        return dsn.p[0] == '2' ? RESULT_SENT : dsn.p[0] == '4' ? RESULT_DEFERRED : RESULT_BOUNCED;
    return RESULT_BOUNCED;
}

/* The reply that stat= wraps: "Sent (Ok: queued as X)", "Deferred: 450 4.7.1 ...". */
static str
reply_of(str stat)
{
    if (str_starts(stat, S("Sent (")) && str_ends(stat, S(")")))
        return str_of(stat.p + 6, stat.n - 7);
    if (str_starts(stat, S("Deferred: ")))
        return str_skip(stat, 10);
    return stat;
}

static void
take_recipients(str list, struct event *e)
{
    str more = S(" [more]");
    if (str_ends(list, more))
        list.n -= more.n;
    size_t n = 1;
    for (size_t i = 0; i < list.n; i++)
        n += list.p[i] == ',';
    if (n > RECIPIENTS_MAX) {
        e->kind = EVENT_REJECT;
        e->why = "more recipients than a Sendmail line has";
        return;
    }
    e->recipients = list;
    if (!event_next_recipient(e)) {
        e->kind = EVENT_REJECT;
        e->why = "a delivery to nobody";
    }
}

/* "dsn=5.5.0, reply=554 5.7.1 ...": what the remote host says itself tells more than what Sendmail made of it. */
static void
parse_reply(struct event *e)
{
    str dsn = EV(e, ENHANCED);
    EV(e, ENHANCED) = (str){ 0 };
    event_parse_reply(e);
    str own = EV(e, ENHANCED);
    if (EV(e, CODE).n == 0 || own.n == 0 || (dsn.n && own.p[0] != dsn.p[0]))
        EV(e, ENHANCED) = dsn;
}

void
sendmail_to(str rest, struct event *e)
{
    struct equates equates = equates_of(rest);
    str key, value, mailer = { 0 }, stat = { 0 }, to = { 0 };
    while (next_equate(&equates, &key, &value)) {
        if (str_eq(key, S("to"))) {
            to = value;
        } else if (str_eq(key, S("ctladdr"))) { /* "<a@b> (1000/1000)": whose alias, or whose mail, it is */
            size_t uid = str_find(value, S(" ("));
            EV(e, CTLADDR) = sendmail_unwrap(str_head(value, uid == STR_NONE ? value.n : uid));
        } else if (str_eq(key, S("delay"))) {
            EV(e, DELAY) = sendmail_seconds(value);
        } else if (str_eq(key, S("mailer"))) {
            EV(e, VIA) = mailer = value;
        } else if (str_eq(key, S("relay"))) {
            struct sendmail_peer peer = sendmail_peer(value);
            EV(e, RELAY_NAME) = peer.name;
            EV(e, RELAY_IP) = peer.ip;
        } else if (str_eq(key, S("dsn"))) {
            EV(e, ENHANCED) = value;
        } else if (str_eq(key, S("reply"))) {
            EV(e, REPLY) = value;
        } else if (str_eq(key, S("tls_verify"))) {
            EV(e, TLS_VERIFIED) = value;
        } else if (str_eq(key, S("stat"))) {
            EV(e, STATUS) = stat = value;
        }
    }
    if (stat.n == 0) { /* an odd quote before hid it, or no blank stands before it */
        EV(e, STATUS) = stat = last_equate(rest, S("stat="));
        EV(e, ENHANCED) = str_cut(EV(e, ENHANCED), ',').head;
    }
    if (stat.n == 0) {
        e->kind = EVENT_REJECT;
        e->why = "a delivery without its status";
        return;
    }
    take_recipients(to, e);
    e->result = result_of(stat, EV(e, ENHANCED));
    if (EV(e, REPLY).n == 0)
        EV(e, REPLY) = reply_of(stat);
    bool out = goes_out(mailer);
    if (!out && mailer.n && (e->result == RESULT_SENT || EV(e, RELAY_IP).n == 0))
        e->flags |= e->result == RESULT_SENT ? EVENT_LOCAL : 0;
    /* No mailer: nobody tried, it lists whom a refused message was for. */
    if (mailer.n == 0 && e->result != RESULT_SENT && e->result != RESULT_DISCARDED &&
        !str_starts(stat, S("queued")) && !str_starts(stat, S("quarantine")))
        e->flags |= EVENT_MESSAGE_REFUSED;
    if (e->result == RESULT_DISCARDED)
        e->flags |= EVENT_DISCARDED;
    parse_reply(e);
}
