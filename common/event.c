/* What one log line says: names of its parts, and what all formats find in a reply. */
#include "event.h"

#include "scan.h"

#define WORD(id, text) { text, sizeof text - 1 },
#define NAME(id, name) { #name, sizeof #name - 1 },
static const str kinds[] = { EVENT_KINDS(WORD) };
static const str fields[] = { EVENT_FIELDS(NAME) };

str
event_kind_word(enum event_kind k)
{
    return (unsigned)k < EVENT_KIND_COUNT ? kinds[k] : kinds[0];
}

str
attempt_result_word(enum attempt_result r)
{
    static const str words[] = { { "", 0 },        { "sent", 4 },    { "deferred", 8 },
                                 { "bounced", 7 }, { "expired", 7 }, { "discarded", 9 } };
    return (unsigned)r < sizeof words / sizeof *words ? words[r] : words[0];
}

str
event_field_name(enum event_field f)
{
    return (unsigned)f < FIELD_COUNT ? fields[f] : S("");
}

enum event_field
event_field_from(str name)
{
    for (int i = 0; i < FIELD_COUNT; i++)
        if (str_eq(fields[i], name))
            return (enum event_field)i;
    return FIELD_COUNT;
}

/* The length of the first address of a list: commas in quotes and in angle brackets are its own. */
static size_t
address_length(str s)
{
    bool quoted = false, bracketed = false;
    for (size_t i = 0; i < s.n; i++) {
        str rest = str_of(s.p + i, s.n - i);
        i += quoted      ? scan_to3(rest, '\\', '"', '"')
             : bracketed ? scan_to3(rest, '>', '"', '"')
                         : scan_to3(rest, ',', '"', '<');
        if (i >= s.n || s.p[i] == ',')
            return i;
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '"')
            quoted = !quoted;
        else
            bracketed = !bracketed;
    }
    return s.n;
}

bool
event_next_recipient(struct event *e)
{
    while (e->recipients.n) {
        size_t n = address_length(e->recipients);
        str address = str_trim(str_head(e->recipients, n));
        str bare = str_unwrap(address, '<', '>');
        e->recipients = str_skip(e->recipients, n + 1);
        if (address.n == 0)
            continue;
        EV(e, RECIPIENT) = bare.n ? bare : address;
        return true;
    }
    return false;
}

static bool
is_id_char(char c)
{
    return str_is_alpha(c) || str_is_digit(c) || c == '-' || c == '_' || c == '.';
}

static str
cut_id(str s)
{
    size_t n = 0;
    while (n < s.n && is_id_char(s.p[n]))
        n++;
    while (n > 0 && s.p[n - 1] == '.')
        n--;
    return str_head(s, n);
}

static bool
is_hex(char c)
{
    return str_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* "0100018f3a2b4c5d-1b2c3d4e-1234-5678-9abc-def012345678-000000" of Amazon SES. */
static bool
is_ses_id(str s)
{
    static const unsigned char parts[] = { 16, 8, 4, 4, 4, 12, 6 };
    for (size_t i = 0; i < sizeof parts; i++) {
        if (s.n < parts[i])
            return false;
        for (size_t k = 0; k < parts[i]; k++)
            if (!is_hex(s.p[k]))
                return false;
        s = str_skip(s, parts[i]);
        if (i + 1 < sizeof parts) {
            if (s.n == 0 || s.p[0] != '-')
                return false;
            s = str_skip(s, 1);
        }
    }
    return s.n == 0;
}

/* Ids that providers give at the end of DATA, all of them with other words around:
 * Amazon SES "250 Ok ID"; Gmail "250 2.0.0 OK  SECONDS ID - gsmtp"; Yandex "Ok: queued on HOST as ID";
 * Momentum (SparkPost and others) "OK 6E/12-34567-89ABCDEF"; Courier "250 Ok. ID"; Cisco "ok:  Message ID accepted". */
static str
provider_id(str reply, bool queued)
{
    str s = str_trim_right(reply);
    size_t blank = str_rfind_char(s, ' ');
    str last = blank == STR_NONE ? s : str_skip(s, blank + 1);
    if (is_ses_id(last))
        return last;
    if (str_ends(s, S(" - gsmtp"))) {
        str id = str_rcut(str_head(s, s.n - 8), ' ').tail;
        return id.n >= 8 && cut_id(id).n == id.n ? id : (str){ 0 };
    }
    size_t on = queued ? str_find(s, S("ueued on ")) : STR_NONE;
    if (on != STR_NONE) {
        size_t as = str_find(str_skip(s, on), S(" as "));
        return as != STR_NONE ? cut_id(str_skip(s, on + as + 4)) : (str){ 0 };
    }
    if (last.n >= 12 && last.p[2] == '/' && last.p[5] == '-' && str_ends(str_head(s, s.n - last.n), S("OK ")))
        return last;
    if (str_starts(s, S("250 Ok. ")) && last.n >= 24 && str_find_char(last, '.') != STR_NONE && blank == 7)
        return cut_id(last).n == last.n ? last : (str){ 0 };
    if (!str_ends(s, S(" accepted")))
        return (str){ 0 };
    size_t cisco = str_ifind(str_head(s, 24), S("ok:  Message "));
    return cisco != STR_NONE ? cut_id(str_skip(s, cisco + 13)) : (str){ 0 };
}

/* The queue id that a receiver's acceptance names, in the wordings of common MTAs:
 * Postfix "queued as X" (the last one: content filters nest replies), Exim "OK id=X",
 * Sendmail and OpenSMTPD "X Message accepted for delivery", Exchange "[InternalId=X, Hostname=...]", and of
 * providers (provider_id). */
static str
accepted_id(str reply)
{
    static const str marks[] = {
        { "OK id=", 6 }, { "ok id=", 6 }, { "queued_as: ", 11 }, { "[InternalId=", 12 }
    };
    str last = { 0 };
    bool queued = str_has(reply, S("ueued")); /* mostly not: most searches are spared */
    bool marked = queued || str_find_char(reply, '=') != STR_NONE;
    for (str rest = reply; queued;) {
        size_t at = str_find(rest, S("ueued as "));
        if (at == STR_NONE)
            break;
        rest = str_skip(rest, at + 9);
        str id = cut_id(rest);
        if (id.n >= 4)
            last = id;
    }
    if (last.n)
        return last;
    for (size_t i = 0; marked && i < sizeof marks / sizeof *marks; i++) {
        size_t at = str_find(reply, marks[i]);
        str id = at == STR_NONE ? (str){ 0 } : cut_id(str_skip(reply, at + marks[i].n));
        if (id.n >= 4)
            return id;
    }
    size_t at = str_find(reply, S(" Message accepted for delivery"));
    if (at == STR_NONE)
        return provider_id(reply, queued);
    str before = str_head(reply, at);
    size_t from = str_rfind_char(before, ' ');
    str id = from == STR_NONE ? before : str_skip(before, from + 1);
    if (id.n && id.p[id.n - 1] == ':')
        id.n--;
    return id.n >= 4 && cut_id(id).n == id.n && !str_has(id, S(".")) ? id : (str){ 0 };
}

/* Length of an enhanced status code (RFC 3463) at the start of s, 0 if there is none. */
static size_t
enhanced_length(str s)
{
    if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') || s.p[1] != '.')
        return 0;
    struct str_number subject = str_cut_number(str_skip(s, 2), 3);
    struct str_number detail = str_cut_number(str_after(subject.rest, '.'), 3);
    if (!subject.ok || !detail.ok)
        return 0;
    size_t n = s.n - detail.rest.n;
    return n == s.n || !is_id_char(s.p[n]) ? n : 0;
}

void
event_parse_reply(struct event *e)
{
    str r = EV(e, REPLY);
    if (EV(e, CODE).n == 0 && r.n >= 3 && str_digits(str_head(r, 3)) && r.p[0] >= '2' && r.p[0] <= '5' &&
        (r.n == 3 || r.p[3] == ' ' || r.p[3] == '-'))
        EV(e, CODE) = str_head(r, 3);
    if (EV(e, ENHANCED).n == 0) {
        str after = EV(e, CODE).n && str_starts(r, EV(e, CODE)) ? str_skip(r, EV(e, CODE).n + 1) : r;
        EV(e, ENHANCED) = str_head(after, enhanced_length(after));
    }
    if (EV(e, NEXT_QUEUE_ID).n == 0 && e->result == RESULT_SENT)
        EV(e, NEXT_QUEUE_ID) = accepted_id(r);
}
