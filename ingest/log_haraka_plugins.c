/* Verdicts of Haraka's own plugins: SPF, DKIM and SpamAssassin say theirs in one line each
 * (plugins/dkim_verify.js, spf.js, spamassassin.js and the packages that took their place).
 *
 * Other plugins tell their results in words of their own; what they decide, Haraka itself says again. */
#include "log_family.h"
#include "log_haraka.h"

/* The value of key: a pair of the line; in logfmt and JSON within its message; as a ResultStore emits it ("result: Pass,
 * domain: ..").  A comma behind it is none of it. */
static str
plugin_value(const struct haraka_line *line, const char *key)
{
    str value = haraka_get(line, key);
    str name = str_from(key);
    for (str rest = line->message; value.n == 0 && rest.n;) {
        size_t at = str_find(rest, name);
        if (at == STR_NONE)
            break;
        bool whole = at == 0 || rest.p[at - 1] == ' ';
        rest = str_skip(rest, at + name.n);
        if (whole && str_starts(rest, S(": "))) {
            value = str_cut_str(str_skip(rest, 2), S(", ")).head;
            break;
        }
        if (!whole || !str_starts(rest, S("=")))
            continue;
        rest = str_skip(rest, 1);
        value = str_starts(rest, S("\"")) ? str_cut(str_skip(rest, 1), '"').head : str_cut(rest, ' ').head;
        break;
    }
    if (value.n && value.p[value.n - 1] == ',')
        value.n--;
    return value;
}

static void
take_auth(const struct haraka_now *now, str method, str result, struct event *e)
{
    e->kind = EVENT_AUTH;
    EV(e, ENGINE) = S("haraka");
    EV(e, METHOD) = method;
    EV(e, DOMAIN) = plugin_value(&now->line, "domain");
    EV(e, RESULT) = log_auth_word(result);
}

static bool
take_spf(const struct haraka_now *now, struct event *e)
{
    str result = plugin_value(&now->line, "result"), scope = plugin_value(&now->line, "identity");
    if (scope.n == 0)
        scope = plugin_value(&now->line, "scope");
    if (result.n == 0 || scope.n == 0)
        return false;
    take_auth(now, S("spf"), result, e);
    EV(e, CLIENT_IP) = plugin_value(&now->line, "ip");
    str port, uuid = str_cut(now->queue_id, '.').head;
    if (EV(e, CLIENT_IP).n == 0)
        haraka_connection_get(e->host, uuid, &EV(e, CLIENT_IP), &port);
    EV(e, DETAIL) = str_eq(scope, S("mfrom")) ? S("mailfrom") : scope;
    str from = plugin_value(&now->line, "mfrom");
    if (str_eq(scope, S("mfrom")) && from.n) {
        EV(e, MAIL_FROM) = haraka_angle(from);
        e->flags |= EVENT_HAS_MAIL_FROM;
    }
    return true;
}

static bool
take_dkim(const struct haraka_now *now, struct event *e)
{
    str result = plugin_value(&now->line, "result");
    if (result.n == 0 || plugin_value(&now->line, "domain").n == 0)
        return false;
    take_auth(now, S("dkim"), result, e);
    EV(e, SELECTOR) = plugin_value(&now->line, "selector");
    size_t open = str_find(e->text, S(" ("));
    if (open != STR_NONE && str_ends(str_trim(e->text), S(")")))
        EV(e, REASON) = str_cut(str_skip(e->text, open + 2), ')').head;
    return true;
}

static bool
take_spamassassin(const struct haraka_now *now, struct event *e)
{
    str status = plugin_value(&now->line, "status"), score = plugin_value(&now->line, "score");
    if (score.n == 0 || (!str_eq(status, S("Yes")) && !str_eq(status, S("No"))))
        return false;
    bool spam = str_eq(status, S("Yes"));
    e->kind = EVENT_FILTER;
    EV(e, ENGINE) = S("SpamAssassin");
    EV(e, RESULT) = spam ? S("spam") : S("ham");
    EV(e, ACTION) = spam ? S("identified spam") : S("clean message");
    EV(e, SCORE) = score;
    EV(e, REQUIRED) = plugin_value(&now->line, "required");
    EV(e, TESTS) = plugin_value(&now->line, "tests");
    return true;
}

void
haraka_take_plugin(const struct haraka_now *now, struct event *e)
{
    static const struct {
        str origin;
        bool (*take)(const struct haraka_now *, struct event *);
    } plugins[] = {
        { S("spf"), take_spf },
        { S("dkim_verify"), take_dkim },
        { S("dkim"), take_dkim },
        { S("spamassassin"), take_spamassassin },
    };
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++)
        if (str_eq(now->line.origin, plugins[i].origin) && plugins[i].take(now, e)) {
            if (str_find_char(now->queue_id, '.') !=
                STR_NONE) /* else of the connection, before any message */
                EV(e, QUEUE_ID) = now->queue_id;
            return;
        }
    haraka_ignore(e, "what a plugin says");
}
