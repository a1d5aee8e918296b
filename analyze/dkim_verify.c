/* The bytes that DKIM signatures speak of, as stored and with repairs (RFC 6376 sections 3.4, 3.7, 5.4.2).
 *
 * Stored messages have lost their CRLF, got ">" before "From ", kept the dots
 * of SMTP, or have fields that a mailbox added.  Each repair is tried only
 * where it could change anything.  Digests of whole bodies are kept; of the
 * bodies themselves only the one made last, for a message may be large. */
#include "dkim_internal.h"

str
dkim_field(const struct message *m, size_t i)
{
    return str_of(m->raw.p + m->headers[i].offset, m->headers[i].length);
}

str
dkim_without_b(struct arena *a, const struct taglist *tags, str field)
{
    for (size_t i = 0; i < tags->n; i++) {
        const struct tag *t = &tags->tags[i];
        if (!str_eq(t->name, S("b")))
            continue;
        size_t start = (size_t)(t->raw.p - field.p);
        char *p = arena_alloc(a, field.n);
        memcpy(p, field.p, start);
        memcpy(p + start, t->raw.p + t->raw.n, field.n - start - t->raw.n);
        return str_of(p, field.n - t->raw.n);
    }
    return field;
}

/* What mailboxes, MDAs and readers add to stored messages. */
static bool
is_added(str name)
{
    static const char *const names[] = {
        "Status",
        "X-Status",
        "X-Keywords",
        "X-UID",
        "X-IMAP",
        "X-IMAPbase",
        "X-UIDL",
        "X-Mozilla-Keys",
        "X-Mozilla-Status",
        "Lines",
        "X-Label",
        "X-Mozilla-Status2",
        "X-GM-THRID",
        "X-Gmail-Labels",
        "X-Evolution",
        "Xref",
        "X-KMail-EncryptionState",
        "Delivered-To",
        "Content-Length",
        "X-Evolution-Source",
        "X-Folder",
        "X-KMail-SignatureState",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_from(names[i])))
            return true;
    return false;
}

void
dkim_signed_bytes(struct dkim *d, const struct dkim_signature *s, const struct dkim_result *r, int variant,
                  const struct dkim_edit *edits, size_t nedits, struct buf *out)
{
    const struct message *m = d->message;
    bool crlf = variant & REPAIR_CRLF, *used = ARENA_ARRAY(d->arena, bool, m->nheaders);
    str *text = ARENA_ARRAY(d->arena, str, m->nheaders);
    used[s->header] = true;
    for (size_t j = 0; j < m->nheaders; j++) {
        text[j] = dkim_field(m, j);
        used[j] |= (variant & REPAIR_ADDED) && is_added(m->headers[j].name);
    }
    for (size_t i = 0; i < nedits; i++) {
        text[edits[i].header] = edits[i].text;
        used[edits[i].header] |= edits[i].text.p == NULL;
    }
    for (size_t i = 0; i < r->nsigned; i++)
        for (size_t j = m->nheaders; j-- > 0;)
            if (!used[j] && str_ieq(m->headers[j].name, r->signed_headers[i])) {
                used[j] = true;
                dkim_canon_header(out, text[j], s->relaxed_header, crlf);
                break;
            }
    dkim_canon_header(out, dkim_without_b(d->arena, &s->tags, dkim_field(m, s->header)), s->relaxed_header,
                      crlf);
    out->n -= 2; /* its own line end is not signed */
    d->work += out->n;
}

str
dkim_body(struct dkim *d, bool relaxed, int variant)
{
    variant &= BODY_VARIANTS - 1;
    if (d->canon_made && d->canon_variant == variant && d->canon_relaxed == relaxed)
        return buf_str(&d->canon);
    d->canon.n = 0;
    dkim_canon_body(&d->canon, str_skip(d->message->raw, d->message->body_offset), relaxed,
                    (struct dkim_variant){ .crlf = variant & REPAIR_CRLF,
                                           .unquote = variant & REPAIR_UNQUOTE,
                                           .undot = variant & REPAIR_UNDOT });
    d->canon_made = true;
    d->canon_variant = variant;
    d->canon_relaxed = relaxed;
    d->work += d->canon.n;
    return buf_str(&d->canon);
}

static void
hash(struct dkim *d, bool sha1, str bytes, unsigned char out[32])
{
    d->work += bytes.n;
    if (sha1)
        sha1_of(bytes, out);
    else
        sha256_of(bytes, out);
}

/* Fills what is known of a body as far as this signature wants it; its digest goes to out. */
static void
digest_of(struct dkim *d, const struct dkim_signature *s, int variant, struct dkim_result *r,
          unsigned char out[32])
{
    struct dkim_body_known *b = &d->bodies[variant & (BODY_VARIANTS - 1)][s->relaxed_body];
    int which = !s->sha1;
    if (!b->sized)
        b->length = dkim_body(d, s->relaxed_body, variant).n;
    b->sized = true;
    r->body_total = b->length;
    r->body_length = s->limited && s->limit < b->length ? s->limit : b->length;
    if (r->body_length < b->length) {
        hash(d, s->sha1, str_head(dkim_body(d, s->relaxed_body, variant), r->body_length), out);
        return;
    }
    if (!b->hashed[which])
        hash(d, s->sha1, dkim_body(d, s->relaxed_body, variant), b->digest[which]);
    b->hashed[which] = true;
    memcpy(out, b->digest[which], sizeof b->digest[which]);
}

static bool
body_matches(struct dkim *d, const struct dkim_signature *s, int variant, struct dkim_result *r)
{
    unsigned char digest[32];
    digest_of(d, s, variant, r, digest);
    return !(s->limited && s->limit > r->body_total) &&
           str_eq(s->hash, str_of((const char *)digest, s->sha1 ? 20 : 32));
}

bool
dkim_worked_too_hard(const struct dkim *d)
{
    return d->work > DKIM_MAX_WORK;
}

static str
variant_name(struct arena *a, int variant)
{
    static const char *const names[] = { "CRLF", ">From", "dots", "added fields" };
    str all = S("");
    for (int bit = 0; bit < 4; bit++)
        if (variant & 1 << bit)
            all = all.n ? arena_join(a, all, S(", "), str_from(names[bit])) : str_from(names[bit]);
    return all;
}

/* Variants with few repairs first. */
static const int order[VARIANTS] = { 0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15 };

void
dkim_verify(struct dkim *d, const struct dkim_signature *s, const struct public_key *key,
            struct dkim_result *r)
{
    enum { UNTRIED, BAD, GOOD } headers[2][2] = { { UNTRIED } };
    r->body = DKIM_BODY_CHANGED;
    for (int i = 0; i < VARIANTS && !dkim_worked_too_hard(d); i++) {
        int v = order[i], crlf = !!(v & REPAIR_CRLF), added = !!(v & REPAIR_ADDED);
        if (!d->relevant[v] || !body_matches(d, s, v, r))
            continue;
        r->body = DKIM_BODY_SAME;
        if (headers[added][crlf] == UNTRIED) {
            struct buf bytes = { 0 };
            dkim_signed_bytes(d, s, r, v, NULL, 0, &bytes);
            headers[added][crlf] = signature_verify(key, s->method, buf_str(&bytes), s->bytes) ? GOOD : BAD;
            buf_free(&bytes);
        }
        if (headers[added][crlf] == GOOD) {
            r->verified = true;
            r->reason = S("");
            r->variant = variant_name(d->arena, v);
            return;
        }
    }
    r->reason = dkim_worked_too_hard(d)     ? S("verifying this message takes too much work")
                : r->body == DKIM_BODY_SAME ? S("the signature does not match the signed headers")
                : s->limited && s->limit > r->body_total ? S("l= is more than the body has")
                                                         : S("the body hash does not match");
}

void
dkim_verify_body(struct dkim *d, const struct dkim_signature *s, struct dkim_result *r)
{
    r->body = DKIM_BODY_CHANGED;
    for (int i = 0; i < BODY_VARIANTS && r->body != DKIM_BODY_SAME; i++)
        if (dkim_worked_too_hard(d))
            r->body = DKIM_BODY_UNKNOWN;
        else if (d->relevant[i] && body_matches(d, s, i, r))
            r->body = DKIM_BODY_SAME;
}

/* What the lines of a message look like, in one pass. */
struct lines {
    bool bare, whole;    /* some end in LF alone, some in CRLF */
    bool quoted, dotted; /* in the body: ">From ", ".." or a "." alone */
};

static void
see_start(struct lines *l, str rest)
{
    if (rest.n && rest.p[0] == '>')
        l->quoted |= str_starts(rest, S(">From ")) || str_starts(rest, S(">>From "));
    if (rest.n && rest.p[0] == '.')
        l->dotted |= str_starts(rest, S("..")) || str_eq(rest, S(".\n")) || str_eq(rest, S(".\r\n"));
}

static struct lines
see_lines(const struct message *m)
{
    struct lines l = { 0 };
    str raw = m->raw;
    see_start(&l, str_skip(raw, m->body_offset));
    for (size_t i = 0; i < raw.n;) {
        const char *lf = memchr(raw.p + i, '\n', raw.n - i);
        if (lf == NULL)
            break;
        bool after_cr = lf > raw.p && lf[-1] == '\r';
        l.whole |= after_cr;
        l.bare |= !after_cr;
        i = (size_t)(lf - raw.p) + 1;
        if (i > m->body_offset)
            see_start(&l, str_skip(raw, i));
    }
    return l;
}

/* Which repairs could change anything; where all lines end in bare LF, nothing holds without CRLF. */
static void
find_variants(struct dkim *d)
{
    struct lines l = see_lines(d->message);
    bool added = false;
    for (size_t i = 0; i < d->message->nheaders; i++)
        added |= is_added(d->message->headers[i].name);
    for (int v = 0; v < VARIANTS; v++)
        d->relevant[v] = (v & REPAIR_CRLF ? l.bare : l.whole || !l.bare) &&
                         (!(v & REPAIR_UNQUOTE) || l.quoted) && (!(v & REPAIR_UNDOT) || l.dotted) &&
                         (!(v & REPAIR_ADDED) || added);
}

/* The buffer of the last message, for the next: fresh pages cost as much as filling them. */
enum { SPARE_MOST = 4 << 20 };
static _Thread_local struct buf spare;

struct dkim *
dkim_open(struct arena *a, struct dns *dns, const struct message *m, const struct dkim_policy *policy)
{
    struct dkim *d = ARENA_NEW(a, struct dkim);
    *d = (struct dkim){ .arena = a, .dns = dns, .message = m, .policy = policy };
    d->canon = spare;
    d->canon.n = 0;
    spare = (struct buf){ 0 };
    find_variants(d);
    return d;
}

void
dkim_close(struct dkim *d)
{
    dkim_close_mended(d);
    if (spare.room == 0 && d->canon.room <= SPARE_MOST)
        spare = d->canon;
    else
        buf_free(&d->canon);
    d->canon = (struct buf){ 0 };
}
