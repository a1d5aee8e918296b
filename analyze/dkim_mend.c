/* Repairs of what storing did to a whole message, tried where those of dkim_verify.c do not help.
 *
 * Converting line ends twice leaves CR CR LF; disks and transfers leave padding,
 * or the ")" of an IMAP answer, behind the body; mboxes whose writers quote
 * "From " but not ">From " lose which of both a line was.  What verifies with
 * such a repair is named like any other. */
#include "dkim_internal.h"

enum {
    MEND_MAX_BYTES = 4 << 20, /* of a message that is mended */
    MEND_MAX_QUOTED = 4,      /* lines that may or may not have been quoted */
};

/* The message without padding, and without the line ")" that IMAP puts behind a literal. */
static size_t
own_length(str raw)
{
    size_t n = raw.n;
    while (n && (raw.p[n - 1] == '\0' || raw.p[n - 1] == '\x1a'))
        n--;
    if (n < raw.n)
        return n;
    str rest = str_ends(raw, S("\n")) ? str_head(raw, n - 1) : raw;
    rest = str_ends(rest, S("\r")) ? str_head(rest, rest.n - 1) : rest;
    return str_ends(rest, S("\n)")) ? rest.n - 1 : raw.n;
}

/* Whether all lines end in CR CR LF. */
static bool
is_doubled(str raw)
{
    size_t lines = 0;
    for (size_t i = 0; i < raw.n; lines++) {
        size_t lf = str_find_char(str_skip(raw, i), '\n');
        if (lf == STR_NONE)
            break;
        if (lf < 2 || raw.p[i + lf - 1] != '\r' || raw.p[i + lf - 2] != '\r')
            return false;
        i += lf + 1;
    }
    return lines > 0;
}

static str
undouble(struct arena *a, str raw)
{
    char *p = arena_alloc(a, raw.n);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++)
        if (raw.p[i] != '\r' || i + 2 >= raw.n || raw.p[i + 1] != '\r' || raw.p[i + 2] != '\n')
            p[n++] = raw.p[i];
    return str_of(p, n);
}

struct dkim *
dkim_mended(struct dkim *d)
{
    if (d->mended || d->is_mended || d->message->raw.n > MEND_MAX_BYTES)
        return d->mended;
    d->is_mended = true;
    str raw = d->message->raw, own = str_head(raw, own_length(raw));
    bool doubled = is_doubled(own);
    if (own.n == raw.n && !doubled)
        return NULL;
    struct message *m = ARENA_NEW(d->arena, struct message);
    message_parse_headers(m, d->arena, doubled ? undouble(d->arena, own) : own);
    if (m->nheaders != d->message->nheaders)
        return NULL;
    m->recorded = d->message->recorded; /* of the same fields */
    m->nrecorded = d->message->nrecorded;
    d->mended = dkim_open(d->arena, d->dns, m, d->policy);
    d->mended->is_mended = true;
    d->mended->mending = !doubled ? S("padding") : own.n == raw.n ? S("CR CR LF") : S("CR CR LF, padding");
    return d->mended;
}

static str
join_names(struct arena *a, str first, str then)
{
    return first.n == 0 ? then : then.n == 0 ? first : arena_join(a, first, S(", "), then);
}

void
dkim_try_mended(struct dkim *d, const struct dkim_signature *s, struct dkim_result *r)
{
    struct dkim *m = dkim_mended(d);
    struct dkim_result again;
    if (m == NULL)
        return;
    m->work = d->work;
    dkim_check_field(m, s->header, s->kind, &again);
    d->work = m->work;
    if (!again.verified)
        return;
    again.variant = join_names(d->arena, m->mending, again.variant);
    *r = again;
}

/* How many lines of the body start with ">From ". */
static size_t
quoted_lines(str body)
{
    size_t n = 0;
    while (body.n) {
        n += str_starts(body, S(">From "));
        size_t lf = str_find_char(body, '\n');
        body = str_skip(body, lf == STR_NONE ? body.n : lf + 1);
    }
    return n;
}

/* The body with some of its quoted lines left as they are: bit i of kept for the i-th. */
static str
body_keeping(struct dkim *d, bool relaxed, bool crlf, unsigned kept)
{
    d->canon.n = 0;
    d->canon_made = false; /* the buffer's other user must make its own again */
    dkim_canon_body(&d->canon, str_skip(d->message->raw, d->message->body_offset), relaxed,
                    (struct dkim_variant){ .crlf = crlf, .unquote = true, .single = true, .kept = kept });
    d->work += d->canon.n;
    return buf_str(&d->canon);
}

/* The body holds; do the fields, with or without those that mailboxes add? */
static void
try_headers(struct dkim *d, const struct dkim_signature *s, const struct public_key *key, int crlf,
            struct dkim_result *r)
{
    r->reason = S("the signature does not match the signed headers");
    for (int added = 0; added < 2 && !r->verified; added++) {
        struct buf bytes = { 0 };
        dkim_signed_bytes(d, s, r, crlf | (added ? REPAIR_ADDED : 0), NULL, 0, &bytes);
        r->verified = signature_verify(key, s->method, buf_str(&bytes), s->bytes);
        buf_free(&bytes);
        if (!r->verified)
            continue;
        r->reason = S("");
        r->variant = join_names(d->arena, crlf ? S("CRLF") : S(""), S("some >From"));
        r->variant = join_names(d->arena, r->variant, added ? S("added fields") : S(""));
    }
}

void
dkim_try_quotes(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
                struct dkim_result *r)
{
    str body = str_skip(d->message->raw, d->message->body_offset);
    size_t n = body.n <= MEND_MAX_BYTES ? quoted_lines(body) : 0;
    if (n == 0 || n > MEND_MAX_QUOTED || r->body == DKIM_BODY_SAME)
        return;
    for (int crlf = 0; crlf < 2; crlf++)
        for (unsigned kept = 0; kept < (1u << n) - 1 && d->relevant[crlf] && !dkim_worked_too_hard(d);
             kept++) {
            unsigned char digest[32];
            str canon = body_keeping(d, s->relaxed_body, crlf, kept);
            uint64_t length = s->limited ? s->limit : canon.n;
            if (length > canon.n)
                continue;
            if (s->sha1)
                sha1_of(str_head(canon, length), digest);
            else
                sha256_of(str_head(canon, length), digest);
            if (!str_eq(s->hash, str_of((const char *)digest, s->sha1 ? 20 : 32)))
                continue;
            r->body = DKIM_BODY_SAME;
            r->body_total = canon.n;
            r->body_length = length;
            try_headers(d, s, key, crlf, r);
            return;
        }
}

void
dkim_close_mended(struct dkim *d)
{
    if (d->mended)
        dkim_close(d->mended);
    d->mended = NULL;
}
