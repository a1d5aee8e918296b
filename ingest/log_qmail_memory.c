/* What qmail said before: deliveries under way and processes of qmail-queue.
 *
 * Kept from source to source: rotated logs cut deliveries in two.  What is
 * older than SPAN does not count, so that restarts and other hosts do no harm. */
#include "hash.h"
#include "log_qmail.h"

enum { SLOTS = 4096, NUMBER_MAX = 20, RECIPIENT_MAX = 640 };

static const when SPAN = 2 * WHEN_HOUR;       /* qmail-remote gives up earlier */
static const when QP_SPAN = 10 * WHEN_MINUTE; /* between queueing and qmail-send's line */

static struct delivery_slot {
    uint64_t hash;
    when at;
    bool local;
    unsigned char message_n;
    unsigned short recipient_n;
    char message[NUMBER_MAX], recipient[RECIPIENT_MAX];
} deliveries[SLOTS];

static struct qp_slot {
    uint64_t hash;
    when at;
    unsigned char n;
    char message[NUMBER_MAX];
} processes[3][SLOTS];

/* Whether at lies at most so much after, or before, then; lines may be without a time. */
static bool
is_within(when at, when then, when after, when before)
{
    if (at == WHEN_NONE || then == WHEN_NONE)
        return at == then;
    return at - then <= after && then - at <= before;
}

void
qmail_memory_start(str host, str delivery, str message, str recipient, bool local, when at)
{
    uint64_t hash = hash_more(hash_bytes(host), delivery);
    struct delivery_slot *d = &deliveries[hash % SLOTS];
    recipient = str_head(recipient, RECIPIENT_MAX);
    message = str_head(message, NUMBER_MAX);
    *d = (struct delivery_slot){ .hash = hash,
                                 .at = at,
                                 .local = local,
                                 .message_n = (unsigned char)message.n,
                                 .recipient_n = (unsigned short)recipient.n };
    memcpy(d->message, message.p, message.n);
    if (recipient.n)
        memcpy(d->recipient, recipient.p, recipient.n);
}

bool
qmail_memory_end(str host, str delivery, when at, str *message, str *recipient, bool *local)
{
    uint64_t hash = hash_more(hash_bytes(host), delivery);
    const struct delivery_slot *d = &deliveries[hash % SLOTS];
    if (d->hash != hash || d->message_n == 0 || !is_within(at, d->at, SPAN, WHEN_SECOND))
        return false;
    *message = str_of(d->message, d->message_n);
    *recipient = str_of(d->recipient, d->recipient_n);
    *local = d->local;
    return true;
}

void
qmail_memory_qp(str host, str qp, enum qmail_qp kind, str message, when at)
{
    uint64_t hash = hash_more(hash_bytes(host), qp);
    struct qp_slot *p = &processes[kind][hash % SLOTS];
    message = str_head(message, NUMBER_MAX);
    *p = (struct qp_slot){ .hash = hash, .at = at, .n = (unsigned char)message.n };
    if (message.n)
        memcpy(p->message, message.p, message.n);
}

str
qmail_memory_message(str host, str qp, enum qmail_qp kind, when at)
{
    uint64_t hash = hash_more(hash_bytes(host), qp);
    const struct qp_slot *p = &processes[kind][hash % SLOTS];
    return p->hash == hash && is_within(at, p->at, QP_SPAN, QP_SPAN) ? str_of(p->message, p->n) : (str){ 0 };
}
