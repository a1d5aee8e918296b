/* Reads From as RFC 5322 has it, and as others may (RFC 9989 section 11.5: what is shown, what is judged).
 *
 * The addresses come from the parser of common/address.c; here their source is
 * looked at once more, for forms on which filters, receivers and mail readers
 * are known to disagree.  It does not look at Sender or Reply-To. */
#include "auth_from.h"

#include "buf.h"
#include "idn.h"
#include "utf8.h"

static void
remark(struct from_view *v, const char *text, str shown, bool misleading)
{
    for (size_t i = 0; i < v->nremarks; i++)
        if (strcmp(v->remarks[i].text, text) == 0)
            return;
    if (v->nremarks < FROM_MAX_REMARKS)
        v->remarks[v->nremarks++] = (struct from_remark){ text, str_head(shown, 200), misleading };
}

/* What stands in a From field outside of quotes, comments, brackets and encoded words. */
struct shape {
    size_t angles, commas, colons, ats, comments; /* ats: outside of brackets */
    bool open_angle, open_quote, comment_address, angle_route, after_angle, control, quoted_address;
    bool many_ats; /* in brackets */
    bool loose;    /* words before an address without brackets */
};

/* Of one address: what its words outside of brackets look like. */
struct words {
    bool any, gap, joined; /* a word was there; a blank after it; "." or "@" joins the next one to it */
    bool loose, at, angle;
};

static bool
has_address(str s)
{
    return str_has(s, S("@"));
}

/* "<...>" with quotes inside; s.n where it is not closed. */
static size_t
angle_length(str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '"')
            i += header_quoted_length(str_skip(s, i)) - 1;
        else if (s.p[i] == '>')
            return i + 1;
    }
    return s.n;
}

/* A quoted string, a comment, or one character. */
static size_t
piece_length(str s)
{
    return s.p[0] == '"' ? header_quoted_length(s) : s.p[0] == '(' ? header_comment_length(s) : 1;
}

/* More than one @ that nothing hides: readers disagree on which of them ends the local part. */
static bool
is_torn(str address)
{
    size_t ats = 0;
    for (str rest = address; rest.n; rest = str_skip(rest, piece_length(rest)))
        ats += rest.p[0] == '@';
    return ats > 1;
}

static void
see_angle(struct shape *sh, str angle)
{
    bool closed = angle.n > 1 && angle.p[angle.n - 1] == '>';
    str inner = str_trim(str_of(angle.p + 1, angle.n - 1 - closed));
    for (str rest = inner; rest.n; rest = str_skip(rest, piece_length(rest))) {
        sh->comments += rest.p[0] == '(';
        sh->comment_address |= rest.p[0] == '(' && has_address(str_head(rest, piece_length(rest)));
    }
    sh->many_ats |= is_torn(inner) && !str_starts(inner, S("@"));
    sh->angles++;
    sh->open_angle |= !closed;
    sh->angle_route |= str_starts(inner, S("@"));
    sh->quoted_address |=
        str_starts(inner, S("\"")) && has_address(str_head(inner, header_quoted_length(inner)));
}

/* A word begins or goes on; quoted words begin always. */
static void
see_word(struct words *w, bool begins)
{
    if (w->any && !w->joined && (w->gap || begins))
        w->loose = true;
    w->any = true;
    w->gap = w->joined = false;
}

static void
end_address(struct shape *sh, struct words *w)
{
    sh->loose |= w->loose && w->at && !w->angle;
    *w = (struct words){ 0 };
}

static struct shape
shape_of(str value)
{
    struct words w = { 0 };
    struct shape sh = { 0 };
    bool closed_angle = false; /* of the address that is being read */
    for (size_t i = 0, n; i < value.n; i += n) {
        str rest = str_skip(value, i);
        unsigned char c = (unsigned char)rest.p[0];
        n = 1;
        if (c == '"') {
            n = header_quoted_length(rest);
            sh.open_quote |= n < 2 || rest.p[n - 1] != '"';
            bool local = n < rest.n && rest.p[n] == '@';
            sh.quoted_address |=
                local && (has_address(str_head(rest, n)) || str_has(str_head(rest, n), S("<")));
            sh.after_angle |= closed_angle;
            see_word(&w, true);
            w.gap = true; /* what follows without a dot is another word */
        } else if (c == '(') {
            w.gap = true;
            n = header_comment_length(rest);
            sh.comments++;
            sh.comment_address |= has_address(str_head(rest, n));
        } else if (c == '<') {
            n = angle_length(rest);
            see_angle(&sh, str_head(rest, n));
            sh.after_angle |= closed_angle;
            closed_angle = w.angle = true;
        } else if (c == ',' || c == ';') {
            sh.commas += c == ',';
            closed_angle = false;
            end_address(&sh, &w);
        } else if (str_is_space((char)c)) {
            w.gap = true;
        } else {
            sh.colons += c == ':';
            sh.ats += c == '@';
            sh.after_angle |= closed_angle;
            if (c == '.' || c == '@')
                w.joined = true;
            else if (c == ':')
                end_address(&sh, &w);
            else
                see_word(&w, false);
            w.at |= c == '@';
        }
        sh.control |= (c < 0x20 && !str_is_space((char)c)) || c == 0x7f || c == '\v' || c == '\f';
    }
    end_address(&sh, &w);
    return sh;
}

static void
see_field(struct from_view *v, str value)
{
    struct shape sh = shape_of(value);
    value = str_trim(value);
    if (sh.control || memchr(value.p ? value.p : "", '\0', value.n))
        remark(v, "From holds control characters", value, true);
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '\r' && (i + 1 == value.n || !memchr("\r\n", value.p[i + 1], 2)))
            remark(v, "From holds a bare CR", value, true);
    if (sh.open_quote || sh.open_angle)
        remark(v, "From has a quote or bracket that is never closed", value, true);
    if (sh.angles > sh.commas + 1 || sh.after_angle)
        remark(v, "From has more behind an address in brackets", value, true);
    if (sh.angles && sh.ats && sh.commas == 0)
        remark(v, "From has an address outside of the brackets, too", value, true);
    if (sh.many_ats || (sh.angles == 0 && sh.ats > 1 + sh.commas))
        remark(v, "From has an address with several @", value, true);
    if (sh.loose)
        remark(v, "From has words before an address without brackets", value, true);
    if (sh.angle_route)
        remark(v, "From has an address with a route (RFC 5322 section 4.4)", value, true);
    if (sh.quoted_address)
        remark(v, "From has a quoted local part that looks like an address", value, true);
    if (sh.comment_address)
        remark(v, "From has an address in a comment", value, true);
    else if (sh.comments)
        remark(v, "From has comments", value, false);
    if (sh.colons && !sh.angle_route)
        remark(v, "From is a group (RFC 6854)", value, false);
}

/* "=?" and what belongs to it where an address should be. */
static bool
is_encoded(str s)
{
    return str_has(s, S("=?")) && str_has(s, S("?="));
}

static void
see_address(struct arena *a, struct from_view *v, const struct address *from)
{
    bool ascii = true;
    for (size_t i = 0; i < from->domain.n; i++)
        ascii &= (unsigned char)from->domain.p[i] < 0x80;
    if (is_encoded(from->address))
        remark(v, "From has an encoded word for an address (RFC 2047 section 5)", from->address, true);
    if (from->address.n == 0 && has_address(from->name))
        remark(v, "From has an address that only decoding shows", from->name, true);
    if (from->address.n && has_address(from->name) && !str_has(from->name, from->domain))
        remark(v, "From has a name that looks like an address of another domain", from->name, true);
    if (from->domain.n && from->domain.p[0] == '[')
        remark(v, "From has an address literal for a domain", from->address, false);
    if (!ascii)
        remark(v, "From has an internationalized domain", idn_ascii(a, from->domain), false);
    if (from->address.n && from->domain.n == 0)
        remark(v, "From has an address without a domain", from->address, false);
}

/* Fields that some take for From: a name with blanks behind, or with letters of other scripts. */
static void
see_others(const struct message *m, struct from_view *v)
{
    for (size_t i = 0; i < m->nheaders; i++) {
        const struct header *h = &m->headers[i];
        str field = str_of(m->raw.p + h->offset, h->length);
        if (str_ieq(h->name, S("From")) && field.n > h->name.n && field.p[h->name.n] != ':')
            remark(v, "From has a blank before its colon (RFC 5322 section 4.5)", S(""), true);
        if (!str_ieq(h->name, S("From")) && str_istarts(h->name, S("From")) && h->name.n < 8 &&
            !str_is_alpha(h->name.p[4]) && h->name.p[4] != '-')
            remark(v, "a field's name is almost From", h->name, true);
    }
}

static void
one_domain(const struct message *m, size_t fields, struct from_view *v)
{
    size_t authors = 0, literals = 0;
    str domain = S("");
    for (size_t i = 0; i < m->nfrom; i++) {
        literals += str_starts(m->from[i].domain, S("["));
        if (m->from[i].domain.n == 0 || str_starts(m->from[i].domain, S("[")))
            continue;
        if (authors++ && !str_ieq(domain, m->from[i].domain))
            v->problem = "the From field has authors of several domains";
        else if (is_torn(m->from[i].address))
            v->problem = "the From field has an address with several @";
        domain = m->from[i].domain;
    }
    if (fields == 0)
        v->problem = "there is no From field (RFC 5322 section 3.6)";
    else if (fields > 1)
        v->problem = "there are several From fields (RFC 5322 section 3.6)";
    else if (authors == 0)
        v->problem = literals ? "the From field has an address literal, no domain"
                              : "the From field has no address with a domain";
    else if (literals)
        v->problem = "the From field has an address literal beside a domain";
    if (authors > 1)
        remark(v, "From has several addresses", S(""), true);
    v->domain = v->problem ? S("") : domain;
}

void
from_view(struct arena *a, const struct message *m, struct from_view *v)
{
    size_t at = 0, fields = 0;
    *v = (struct from_view){ 0 };
    for (const struct header *h; (h = message_header(m, "From", &at)); fields++)
        see_field(v, h->value);
    for (size_t i = 0; i < m->nfrom; i++)
        see_address(a, v, &m->from[i]);
    see_others(m, v);
    if (fields > 1)
        remark(v, "there are several From fields (RFC 5322 section 3.6)", S(""), true);
    one_domain(m, fields, v);
}
