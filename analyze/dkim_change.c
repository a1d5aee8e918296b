/* What was done to a message whose signature does not hold.
 *
 * Guesses, each proved by the signature itself: lines put below the body, a
 * tag put before the subject, a field that was added or written anew and of
 * which z= has a copy.  A proof never makes a pass of it: it is what arrived
 * that counts.  Bodies that a MIME part was wrapped around are not undone. */
#include "dkim_internal.h"

enum { COPY_WEIGHT = 16 }; /* comparing a byte with z= takes so much more memory than hashing it */

/* Where the line begins that ends at n (behind its CRLF). */
static size_t
line_start(str s, size_t n)
{
    size_t lf = n >= 2 ? str_rfind_char(str_head(s, n - 1), '\n') : STR_NONE;
    return lf == STR_NONE ? 0 : lf + 1;
}

/* The number of lines that must go from the end of the canonical body for its hash to hold; 0: none do. */
static size_t
footer_lines(struct dkim *d, const struct dkim_signature *s)
{
    str body = dkim_body(d, s->relaxed_body, d->relevant[0] ? 0 : REPAIR_CRLF);
    size_t ends[DKIM_MAX_FOOTER_LINES + 1], n = 0, found = 0;
    unsigned char digest[32];
    for (size_t at = body.n; at > 0 && n < DKIM_MAX_FOOTER_LINES; n++)
        ends[n] = at = line_start(body, at);
    if (n == 0 || s->sha1)
        return 0;
    struct sha256 *hash = sha256_new();
    size_t done = 0;
    for (size_t i = n; i > 0 && found == 0; i--) {
        str empty = ends[i - 1] == 0 && !s->relaxed_body ? S("\r\n") : S("");
        sha256_add(hash, str_of(body.p + done, ends[i - 1] - done));
        done = ends[i - 1];
        if (empty.n)
            sha256_of(empty, digest);
        else
            sha256_value(hash, digest);
        found = str_eq(s->hash, str_of((char *)digest, 32)) ? i : 0;
    }
    sha256_free(hash);
    d->work += body.n;
    return found;
}

static bool
holds(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
      const struct dkim_result *r, const struct dkim_edit *edits, size_t n)
{
    struct buf bytes = { 0 };
    if (++d->trials > DKIM_MAX_TRIALS)
        return false;
    dkim_signed_bytes(d, s, r, d->relevant[0] ? 0 : REPAIR_CRLF, edits, n, &bytes);
    bool good = signature_verify(key, s->method, buf_str(&bytes), s->bytes);
    buf_free(&bytes);
    return good;
}

static bool
is_signed(const struct dkim_result *r, str name)
{
    for (size_t i = 0; i < r->nsigned; i++)
        if (str_ieq(r->signed_headers[i], name))
            return true;
    return false;
}

/* Where a filter's mark at the front of a subject ends: "***SPAM*** ", "{Spam?} ", "SPAM: "; 0: there is none. */
static size_t
mark_end(str subject)
{
    enum { MAX_MARK = 40 };
    str s = str_head(subject, MAX_MARK);
    size_t stars = 0, end = 0;
    if (s.n == 0)
        return 0;
    while (stars < s.n && s.p[stars] == '*')
        stars++;
    size_t close =
        stars ? str_find_char(str_skip(s, stars), '*') : str_find_char(s, s.p[0] == '{' ? '}' : ':');
    if (close == STR_NONE)
        return 0;
    for (end = stars + close + 1; stars && end < s.n && s.p[end] == '*';)
        end++;
    bool named = str_ifind(str_head(s, end), S("spam")) != STR_NONE ||
                 str_ifind(str_head(s, end), S("virus")) != STR_NONE;
    return named || stars ? end : 0;
}

/* "Subject: Re: [tag] words" without the tag; p NULL where there is none. */
static str
untagged(struct arena *a, str field, str *tag)
{
    size_t colon = str_find_char(field, ':') + 1;
    while (colon < field.n && (field.p[colon] == ' ' || field.p[colon] == '\t'))
        colon++;
    size_t marked = mark_end(str_skip(field, colon));
    size_t open = marked ? colon : str_find_char(field, '[');
    size_t close = marked ? colon + marked - 1 : open == STR_NONE ? open : str_find_char(field, ']');
    if (close == STR_NONE || close < open)
        return (str){ NULL, 0 };
    size_t end = close + 1;
    *tag = str_of(field.p + open, end - open);
    while (end < field.n && (field.p[end] == ' ' || field.p[end] == '\t'))
        end++;
    return arena_join(a, str_head(field, open), S(""), str_skip(field, end));
}

/* The subject without its tag, as an edit; false where there is nothing to edit. */
static bool
edit_subject(struct dkim *d, const struct dkim_result *r, struct dkim_edit *edit, str *tag)
{
    const struct message *m = d->message;
    if (!is_signed(r, S("Subject")))
        return false;
    for (size_t i = m->nheaders; i-- > 0;)
        if (str_ieq(m->headers[i].name, S("Subject"))) {
            *edit = (struct dkim_edit){ i, untagged(d->arena, dkim_field(m, i), tag) };
            return edit->text.p != NULL;
        }
    return false;
}

/* A field without which the signature holds: it was added; its index, or SIZE_MAX. */
static size_t
added_field(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
            const struct dkim_result *r)
{
    int tried = 0;
    for (size_t i = 0; i < d->message->nheaders && tried < DKIM_MAX_SUSPECTS; i++) {
        if (i == s->header || !is_signed(r, d->message->headers[i].name))
            continue;
        tried++;
        if (holds(d, s, key, r, &(struct dkim_edit){ i, { NULL, 0 } }, 1))
            return i;
    }
    return SIZE_MAX;
}

/* Fields of which z= has another copy, put back; their names go to names. */
static size_t
copies(struct dkim *d, const struct dkim_result *r, struct dkim_edit *edits, str *names)
{
    size_t n = 0;
    for (size_t i = 0; i < r->nchanged; i++)
        for (size_t j = d->message->nheaders; j-- > 0;)
            if (str_ieq(d->message->headers[j].name, r->changed[i].name)) {
                str name = d->message->headers[j].name;
                str value = arena_join(d->arena, S(":"), S(" "), r->changed[i].was);
                edits[n++] = (struct dkim_edit){ j, arena_join(d->arena, name, value, S("\r\n")) };
                *names = names->n ? arena_join(d->arena, *names, S(", "), name) : name;
                break;
            }
    return n;
}

/* What must be undone in the header: "" if nothing; p NULL if that was not found. */
static str
header_change(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
              struct dkim_result *r)
{
    struct dkim_edit subject, edits[DKIM_MAX_COPIED];
    str tag, names = S("");
    if (holds(d, s, key, r, NULL, 0))
        return S("");
    if (edit_subject(d, r, &subject, &tag) && holds(d, s, key, r, &subject, 1)) {
        r->tagged = true;
        return arena_printf(d->arena, "the tag %.*s in the subject", PRSTR(tag));
    }
    size_t n = copies(d, r, edits, &names);
    if (n && holds(d, s, key, r, edits, n))
        return arena_printf(d->arena, "new texts of %.*s (z= has the old ones)", PRSTR(names));
    size_t added = added_field(d, s, key, r);
    if (added == SIZE_MAX)
        return (str){ NULL, 0 };
    return arena_printf(d->arena, "the field %.*s, added later", PRSTR(d->message->headers[added].name));
}

void
dkim_explain(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
             struct dkim_result *r)
{
    str body = S(""), header = S("");
    if (dkim_worked_too_hard(d))
        return;
    if (r->body == DKIM_BODY_CHANGED) {
        size_t lines = s->limited ? 0 : footer_lines(d, s);
        if (lines == 0)
            return;
        r->footer = true;
        body = arena_printf(d->arena, "%zu lines at the end of the body", lines);
    }
    if (key && (header = header_change(d, s, key, r)).p == NULL) {
        if (r->footer)
            r->change = arena_join(d->arena, body, S(""), S(", and something in the header"));
        return;
    }
    r->change = header.n && body.n ? arena_join(d->arena, header, S(" and "), body)
                : header.n         ? header
                                   : body;
}

/* Text without folds and with single blanks, as relaxed canonical form has it. */
static str
plain(struct arena *a, str value)
{
    struct buf b = { 0 };
    dkim_canon_header(&b, arena_join(a, S("x"), S(":"), value), true, true);
    str text = arena_copy(a, str_skip(str_head(buf_str(&b), b.n - 2), 2));
    buf_free(&b);
    return text;
}

void
dkim_compare_copies(struct dkim *d, const struct dkim_signature *s, struct dkim_result *r)
{
    bool there;
    str list = taglist_get(&s->tags, "z", &there), item;
    size_t room = 0, seen = 0;
    if (!there)
        return;
    while (taglist_item(&list, '|', &item) && seen++ < DKIM_MAX_COPIED) {
        struct str_cut c = str_cut(dkim_decode_qp(d->arena, item), ':');
        str name = str_trim(c.head), was = plain(d->arena, c.tail);
        struct dkim_changed changed = { name, was, { NULL, 0 } };
        bool same = !c.found || name.n == 0;
        for (size_t j = d->message->nheaders; j-- > 0 && !same && !dkim_worked_too_hard(d);)
            if (str_ieq(d->message->headers[j].name, name)) {
                d->work += COPY_WEIGHT * (d->message->headers[j].length + c.tail.n);
                str now = plain(d->arena, d->message->headers[j].value);
                same = str_eq(now, was);
                if (changed.now.p == NULL)
                    changed.now = now;
            }
        if (!same)
            ARENA_PUSH(d->arena, r->changed, r->nchanged, room) = changed;
    }
}
