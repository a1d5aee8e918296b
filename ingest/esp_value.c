/* What providers' values mean: times, addresses, replies.  The same for all of them; what stands where is
 * each provider's own. */
#include "esp.h"

static when
from_seconds(double s)
{
    if (s >= 1e17) /* nanoseconds, microseconds, milliseconds */
        s /= 1e9;
    else if (s >= 1e14)
        s /= 1e6;
    else if (s >= 1e11)
        s /= 1e3;
    return s > 0 && s < 253402300800.0 ? (when)(s * 1e6 + 0.5) : WHEN_NONE;
}

/* Two numbers and a year with something between, and the time: "1/8/2026 1:20:36"; what follows is the rest. */
struct numeric_stamp {
    int first, second;
    struct civil civil; /* without month and day */
    str rest;
    bool ok;
};

static struct numeric_stamp
numeric_stamp(str s, char between)
{
    struct str_number first = str_cut_number(s, 2),
                      second = str_cut_number(str_after(first.rest, between), 2);
    struct str_number year = str_cut_number(str_after(second.rest, between), 4);
    struct str_number h = str_cut_number(str_after(year.rest, ' '), 2);
    struct str_number m = str_cut_number(str_after(h.rest, ':'), 2),
                      sec = str_cut_number(str_after(m.rest, ':'), 2);
    return (struct numeric_stamp){
        .first = (int)first.value,
        .second = (int)second.value,
        .civil = { .year = (int)year.value,
                   .hour = (int)h.value,
                   .minute = (int)m.value,
                   .second = (int)sec.value },
        .rest = sec.rest,
        .ok = first.ok && second.ok && year.ok && year.value >= 1970 && h.ok && m.ok && sec.ok,
    };
}

/* "1/8/2026 1:20:36 PM": month first. */
static when
from_american(str s)
{
    struct numeric_stamp n = numeric_stamp(s, '/');
    str half = str_trim(n.rest);
    bool pm = str_ieq(half, S("PM")), am = str_ieq(half, S("AM"));
    if (!n.ok || (half.n && !pm && !am) || ((am || pm) && (n.civil.hour < 1 || n.civil.hour > 12)))
        return WHEN_NONE;
    if (am || pm)
        n.civil.hour = n.civil.hour % 12 + (pm ? 12 : 0);
    n.civil.month = n.first;
    n.civil.day = n.second;
    return when_from_civil(n.civil);
}

/* "21-01-2026 10:22:05": day first. */
static when
from_day_first(str s)
{
    struct numeric_stamp n = numeric_stamp(s, '-');
    n.civil.day = n.first;
    n.civil.month = n.second;
    return n.ok ? when_from_civil(n.civil) : WHEN_NONE;
}

when
esp_when(const struct json_value *v)
{
    enum { YEAR = 4 };
    double seconds;
    bool dated = json_is(v, JSON_STRING) && v->text.n > YEAR && v->text.p[YEAR] == '-';
    if (!dated && json_to_double(v, &seconds))
        return from_seconds(seconds);
    if (!json_is(v, JSON_STRING))
        return WHEN_NONE;
    struct when_result r = when_rfc3339(v->text);
    if (r.ok)
        return r.at; /* without a zone: they all mean UTC */
    r = when_rfc5322(v->text);
    if (r.ok)
        return r.at;
    when at = from_american(v->text);
    return at != WHEN_NONE ? at : from_day_first(v->text);
}

str
esp_bare_id(str id)
{
    id = str_trim(id);
    str inner = str_unwrap(id, '<', '>');
    return inner.n ? inner : id;
}

str
esp_address(struct arena *a, str s)
{
    (void)a;
    size_t open = str_rfind_char(s, '<');
    if (open == STR_NONE)
        return str_trim(s);
    return str_trim(str_cut(str_skip(s, open + 1), '>').head);
}

/* "smtp; 550 5.1.1 ...", "smtp;550 ..." (RFC 3464's form). */
static str
skip_mta_type(str s)
{
    size_t n = 0;
    while (n < s.n && (str_is_alpha(s.p[n]) || s.p[n] == '-'))
        n++;
    bool typed = n > 0 && n < s.n && s.p[n] == ';' && (str_istarts(s, S("smtp;")) || str_istarts(s, S("x-")));
    return typed ? str_trim_left(str_skip(s, n + 1)) : s;
}

/* "sent (250 2.0.0 OK)", "soft bounce (450 4.2.0 ...)": what stands in the parentheses. */
static str
unwrap_reply(str s)
{
    size_t n = 0;
    while (n < s.n && (str_is_alpha(s.p[n]) || s.p[n] == ' '))
        n++;
    bool wrapped =
        n > 1 && n + 5 < s.n && s.p[n] == '(' && s.p[s.n - 1] == ')' && str_digits(str_of(s.p + n + 1, 3));
    return wrapped ? str_of(s.p + n + 1, s.n - n - 2) : s;
}

static bool
is_code(str s)
{
    return s.n == 3 && str_digits(s) && s.p[0] >= '2' && s.p[0] <= '5';
}

static bool
is_status(str s)
{
    return s.n >= 5 && s.p[1] == '.' && (s.p[0] == '2' || s.p[0] == '4' || s.p[0] == '5');
}

void
esp_reply(struct esp_event *x, str reply, str code, str status)
{
    reply = unwrap_reply(skip_mta_type(str_trim(reply)));
    EV(&x->e, REPLY) = reply;
    if (is_code(code))
        EV(&x->e, CODE) = code;
    if (is_status(status))
        EV(&x->e, ENHANCED) = status;
    event_parse_reply(&x->e);
    if (EV(&x->e, CODE).n == 0 && is_code(status))
        EV(&x->e, CODE) = status;
}

void
esp_engagement(struct esp_event *x, str ip, str user_agent, str url, bool machine)
{
    EV(&x->e, CLIENT_IP) = ip;
    EV(&x->e, USER_AGENT) = user_agent;
    EV(&x->e, DETAIL) = url;
    if (machine)
        EV(&x->e, REASON) = S("machine");
}
