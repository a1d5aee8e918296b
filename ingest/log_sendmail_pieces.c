/* Sendmail: what it says on several lines, put together.
 *
 * A text that is too long for syslog comes in numbered pieces: "ID[1]: to=<a@b>, ...", "ID[2]:  stat=Sent".  Where
 * syslog takes very little (SYSLOG_BUFSIZE below 256), equates have lines of their own: "ID: to=<a@b>, [more]",
 * "ID: to=<c@d>", "ID: delay=..., mailer=...", "ID: relay=...", "ID: stat=Sent"; a sender's end with "relay=".
 *
 * What is begun is kept from source to source, for rotation may come between; what is older than SPAN is over. */
#include "hash.h"
#include "log_sendmail_impl.h"

enum { SLOTS = 32, TEXT_MAX = 16384 };

static const when SPAN = WHEN_MINUTE;

static _Thread_local struct slot {
    uint64_t key;
    when at;
    uint64_t next; /* the number of the piece that is to come; of a list 0 */
    size_t n;
    char text[TEXT_MAX];
} slots[SLOTS];

static struct slot *
slot_of(const struct line *line, const struct sendmail_part *part, bool list, uint64_t *key)
{
    uint64_t h = hash_more(hash_more(hash_bytes(line->host), part->id), list ? S("list") : S("pieces"));
    *key = hash_more(h, str_of((const char *)&line->pid, sizeof line->pid)) | 1;
    return &slots[(*key >> 8) % SLOTS];
}

static bool
is_open(const struct slot *s, uint64_t key, uint64_t number, when at)
{
    bool soon = at == WHEN_NONE || s->at == WHEN_NONE || (at >= s->at && at - s->at <= SPAN);
    return s->key == key && s->next == number && soon;
}

/* What does not fit is given up: the key goes, and what comes is told to be a piece of something. */
static void
add(struct slot *s, str text)
{
    if (text.n > TEXT_MAX - s->n) {
        s->key = 0;
        return;
    }
    if (text.n)
        memcpy(s->text + s->n, text.p, text.n);
    s->n += text.n;
}

void
sendmail_join_pieces(const struct line *line, struct sendmail_part *part)
{
    uint64_t key;
    struct slot *s = slot_of(line, part, false, &key);
    str goes_on = S(" ...");
    bool ends = !str_ends(part->rest, goes_on);
    if (part->piece == 1) {
        if (ends)
            return;
        s->key = key;
        s->n = 0;
    } else if (!is_open(s, key, part->piece, line->at)) {
        return;
    }
    s->at = line->at;
    s->next = part->piece + 1;
    add(s, ends ? part->rest : str_head(part->rest, part->rest.n - goes_on.n));
    if (!ends || s->key == 0)
        return;
    s->key = 0;
    part->rest = str_of(s->text, s->n);
    part->kind = part->id.n ? S("message") : S("daemon");
}

/* Where the other equates of a line stand that has no "to=" or "from=". */
static const str followers[] = {
    S("ctladdr="), S("delay="), S("size="), S("msgid="), S("relay="), S("stat=")
};

static str
without_more(str list)
{
    str more = S(" [more]");
    return str_ends(list, more) ? str_head(list, list.n - more.n) : list;
}

bool
sendmail_begins_list(const struct line *line, const struct sendmail_part *part)
{
    str key_from = S("from="), key_to = S("to=");
    bool to = str_starts(part->rest, key_to);
    str value = str_skip(part->rest, to ? key_to.n : key_from.n);
    if (part->id.n == 0 || (!to && !str_starts(part->rest, key_from)) || !sendmail_is_one_value(value))
        return false;
    uint64_t key;
    struct slot *s = slot_of(line, part, true, &key);
    bool more = to && is_open(s, key, 0, line->at) && str_starts(str_of(s->text, s->n), key_to);
    if (!more) {
        s->key = key;
        s->next = s->n = 0;
    }
    s->at = line->at;
    if (more && s->n && s->text[s->n - 1] != ',')
        add(s, S(","));
    add(s, without_more(more ? value : part->rest));
    return true;
}

bool
sendmail_goes_on(const struct line *line, struct sendmail_part *part, bool *whole)
{
    uint64_t key;
    if (part->id.n == 0 || !str_starts_any(part->rest, followers, sizeof followers / sizeof *followers))
        return false;
    struct slot *s = slot_of(line, part, true, &key);
    if (!is_open(s, key, 0, line->at))
        return false;
    add(s, S(", "));
    add(s, part->rest);
    bool to = str_starts(str_of(s->text, s->n), S("to="));
    *whole = s->key != 0 && str_starts(part->rest, to ? S("stat=") : S("relay="));
    if (*whole) {
        s->key = 0;
        part->rest = str_of(s->text, s->n);
    }
    return true;
}
