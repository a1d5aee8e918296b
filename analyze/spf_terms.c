/* The grammar of SPF terms (RFC 7208 sections 4.6.1 and 12), without any meaning. */
#include "spf_internal.h"

static const struct {
    const char *name;
    enum spf_kind kind;
    char spec; /* domain-spec: 'n' none, 'o' optional, 'r' required, 'i' a network instead */
    bool cidr;
} mechanisms[] = {
    { "all", SPF_ALL, 'n', false }, { "include", SPF_INCLUDE, 'r', false }, { "a", SPF_A, 'o', true },
    { "mx", SPF_MX, 'o', true },    { "ptr", SPF_PTR, 'o', false },         { "ip4", SPF_IP4, 'i', false },
    { "ip6", SPF_IP6, 'i', false }, { "exists", SPF_EXISTS, 'r', false },
};

/* Digits of a prefix length: no leading zero, at most max. */
static bool
prefix_length(str s, int max, int *out)
{
    uint64_t v;
    if (!str_digits(s) || s.n > 3 || (s.n > 1 && s.p[0] == '0') || !str_to_u64(s, &v) || v > (uint64_t)max)
        return false;
    *out = (int)v;
    return true;
}

/* Cuts "/24", "//64" or "/24//64" off the end of s; false if what stands there is no prefix length. */
static bool
cut_dual_cidr(str *s, struct spf_term *t)
{
    size_t end = s->n;
    while (end > 0 && str_is_digit(s->p[end - 1]))
        end--;
    if (end == 0 || s->p[end - 1] != '/')
        return !str_ends(*s, S("/"));
    if (end >= 2 && s->p[end - 2] == '/') {
        if (!prefix_length(str_skip(*s, end), 128, &t->bits6))
            return false;
        s->n = end - 2;
        end = s->n;
        while (end > 0 && str_is_digit(s->p[end - 1]))
            end--;
        if (end == 0 || s->p[end - 1] != '/')
            return !str_ends(*s, S("/"));
    }
    if (!prefix_length(str_skip(*s, end), 32, &t->bits4))
        return false;
    s->n = end - 1;
    return true;
}

static bool
network(str s, struct spf_term *t)
{
    bool six = t->kind == SPF_IP6;
    struct str_cut cut = str_rcut(s, '/');
    str address = cut.found ? cut.head : s;
    int *bits = six ? &t->bits6 : &t->bits4;
    if (cut.found && !prefix_length(cut.tail, six ? 128 : 32, bits))
        return false;
    t->net = six ? ip6_parse(address) : ip4_parse(address);
    return t->net.family != 0;
}

static bool
mechanism(str s, size_t row, struct spf_term *t)
{
    t->kind = mechanisms[row].kind;
    str rest = str_skip(s, strlen(mechanisms[row].name));
    if (mechanisms[row].cidr && !cut_dual_cidr(&rest, t))
        return false;
    bool given = rest.n > 0;
    if (given && rest.p[0] != ':')
        return false;
    str spec = str_skip(rest, 1);
    switch (mechanisms[row].spec) {
    case 'n': return !given;
    case 'i': return given && network(spec, t);
    case 'r':
        if (!given)
            return false;
        break;
    default: break;
    }
    t->spec = spec;
    return !given || spf_domain_spec_valid(spec);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static bool
is_name(str s)
{
    if (s.n == 0 || !str_is_alpha(s.p[0]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!str_is_alpha(s.p[i]) && !str_is_digit(s.p[i]) && !memchr("-_.", s.p[i], 3))
            return false;
    return true;
}

static bool
modifier(str name, str value, struct spf_term *t)
{
    t->spec = value;
    t->kind = str_ieq(name, S("redirect")) ? SPF_REDIRECT : str_ieq(name, S("exp")) ? SPF_EXP : SPF_OTHER;
    /* what is ignored may hold any macro letter (sections 6 and 12) */
    return t->kind == SPF_OTHER ? spf_macro_valid(value, true) : spf_domain_spec_valid(value);
}

bool
spf_term_parse(str text, struct spf_term *t)
{
    *t = (struct spf_term){ .text = text, .qualifier = AUTH_PASS, .bits4 = 32, .bits6 = 128 };
    struct str_cut equals = str_cut(text, '=');
    if (equals.found && is_name(equals.head))
        return modifier(equals.head, equals.tail, t);
    str s = text;
    if (s.n && memchr("+-?~", s.p[0], 4)) {
        t->qualifier = s.p[0] == '+'   ? AUTH_PASS
                       : s.p[0] == '-' ? AUTH_FAIL
                       : s.p[0] == '?' ? AUTH_NEUTRAL
                                       : AUTH_SOFTFAIL;
        s = str_skip(s, 1);
    }
    size_t n = 0;
    while (n < s.n && s.p[n] != ':' && s.p[n] != '/')
        n++;
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (str_ieq(str_head(s, n), str_from(mechanisms[i].name)))
            return mechanism(s, i, t);
    return false;
}
