/* A trace for a terminal: envelope, outcome per recipient, path with attempts, authentication, findings. */
#include "trace.h"

#include "cell.h"
#include "layout.h"

#include <math.h>

struct text {
    struct buf *out;
    struct arena a;
    size_t width;
};

static str
get(struct text *t, const struct rows *r, size_t row, const char *column)
{
    return layout_safe(&t->a, rows_get(r, row, column));
}

static void
put_line(struct text *t, size_t indent, str s)
{
    for (size_t i = 0; i < indent; i++)
        buf_char(t->out, ' ');
    layout_wrap(t->out, s, indent, t->width);
}

static void
put_fact(struct text *t, const char *name, str value)
{
    enum { NAME = 13 };
    if (value.n == 0)
        return;
    buf_printf(t->out, "  %-*s", NAME, name);
    layout_wrap(t->out, value, NAME + 2, t->width);
}

static str
time_of(struct text *t, const struct rows *r, size_t row, const char *column)
{
    return when_human(&t->a, cell_when(rows_get(r, row, column)), true);
}

/* "a, b" of what is there. */
static str
list(struct text *t, str so_far, str more)
{
    if (more.n == 0)
        return so_far;
    return so_far.n ? arena_join(&t->a, so_far, S(", "), more) : more;
}

/* The code, enhanced code and text of a reply, each said once (waybill.reply_said() in SQL). */
static str
reply_of(struct text *t, const struct rows *r, size_t row)
{
    str code = get(t, r, row, "code"), enhanced = get(t, r, row, "enhanced"), reply = get(t, r, row, "reply");
    str s = S("");
    if (!reply_has_code(reply, code))
        s = code;
    if (enhanced.n && !str_has(reply, enhanced))
        s = s.n ? arena_join(&t->a, s, S(" "), enhanced) : enhanced;
    return s.n && reply.n ? arena_join(&t->a, s, S(" "), reply) : s.n ? s : reply;
}

static str
decided(struct text *t, const struct rows *r, size_t row)
{
    str stage = get(t, r, row, "stage"), reason = get(t, r, row, "reason"), by = get(t, r, row, "decided_by");
    str s = S("");
    if (stage.n)
        s = arena_printf(&t->a, "at stage %.*s", PRSTR(stage));
    if (reason.n)
        s = list(t, s, reason);
    if (by.n)
        s = list(t, s, arena_printf(&t->a, "said by %.*s", PRSTR(by)));
    return s;
}

static void
put_deliveries(struct text *t, const struct trace *tr)
{
    const struct rows *r = &tr->deliveries;
    buf_add(t->out, S("\nOutcome\n"));
    size_t fine = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (trace_leaves_out(r, i)) {
            fine++;
            continue;
        }
        str final = get(t, r, i, "final_recipient"), to = get(t, r, i, "recipient"),
            s = get(t, r, i, "outcome");
        s = list(t, s, get(t, r, i, "placement"));
        s = list(t, s, decided(t, r, i));
        double delay = cell_value(rows_get(r, i, "delay_s"));
        str attempts = get(t, r, i, "attempts");
        if (isfinite(delay))
            s = list(t, s, arena_printf(&t->a, "after %.*s", PRSTR(seconds_human(&t->a, delay))));
        if (attempts.n)
            s = list(
                t, s,
                arena_printf(&t->a, "%.*s attempt%s", PRSTR(attempts), str_eq(attempts, S("1")) ? "" : "s"));
        if (to.n == 0 && final.n == 0)
            to = S("(recipient not named)");
        if (final.n && !str_eq(final, to))
            to = arena_printf(&t->a, "%.*s (finally %.*s)", PRSTR(to), PRSTR(final));
        put_line(t, 2, arena_printf(&t->a, "%.*s: %.*s", PRSTR(to), PRSTR(s)));
        str reply = reply_of(t, r, i), rule = get(t, r, i, "rule");
        if (reply.n)
            put_line(t, 6, reply);
        if (rule.n)
            put_line(t, 6, arena_printf(&t->a, "classed by rule %.*s", PRSTR(rule)));
    }
    if (r->n == 0)
        put_line(t, 2, S("no recipient is known"));
    if (fine)
        put_line(t, 2, trace_left_out(&t->a, fine));
}

static str
relay_of(struct text *t, const struct rows *r, size_t row)
{
    str host = get(t, r, row, "relay_host"), ip = get(t, r, row, "relay_ip"),
        port = get(t, r, row, "relay_port");
    if (host.n == 0 && ip.n == 0)
        return str_eq(rows_get(r, row, "local"), S("t")) ? S("stored here") : S("no host reached");
    str s = ip.n ? arena_printf(&t->a, "%.*s[%.*s]", PRSTR(host), PRSTR(ip)) : host;
    return port.n ? arena_join(&t->a, s, S(":"), port) : s;
}

static str
delay_parts(struct text *t, const struct rows *r, size_t row)
{
    static const char *const parts[][2] = { { "delay_queue_s", "before queue" },
                                            { "delay_active_s", "in queue" },
                                            { "delay_connect_s", "connecting" },
                                            { "delay_transmit_s", "sending" } };
    str s = S("");
    for (size_t i = 0; i < 4; i++) {
        double v = cell_value(rows_get(r, row, parts[i][0]));
        if (isfinite(v) && v >= 0.005)
            s = list(t, s, arena_printf(&t->a, "%s %.*s", parts[i][1], PRSTR(seconds_human(&t->a, v))));
    }
    return s;
}

static void
put_attempts(struct text *t, const struct trace *tr, str seq)
{
    const struct rows *r = &tr->attempts;
    size_t fine = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!str_eq(rows_get(r, i, "hop_seq"), seq))
            continue;
        if (trace_leaves_out(r, i)) {
            fine++;
            continue;
        }
        str orig = get(t, r, i, "orig_recipient"), tls = get(t, r, i, "tls_version"),
            parts = delay_parts(t, r, i);
        str s = arena_printf(&t->a, "%.*s  %.*s to %.*s: %.*s", PRSTR(time_of(t, r, i, "at")),
                             PRSTR(get(t, r, i, "recipient")), PRSTR(relay_of(t, r, i)),
                             PRSTR(get(t, r, i, "result")));
        s = list(t, s, tls);
        if (orig.n)
            s = list(t, s, arena_printf(&t->a, "for %.*s", PRSTR(orig)));
        put_line(t, 6, s);
        str reply = reply_of(t, r, i), next = get(t, r, i, "next_queue_id");
        if (reply.n)
            put_line(t, 10, reply);
        if (next.n && !str_has(reply, next))
            put_line(t, 10, arena_printf(&t->a, "next queue id %.*s", PRSTR(next)));
        if (parts.n)
            put_line(t, 10, parts);
    }
    if (fine)
        put_line(t, 6, trace_left_out(&t->a, fine));
}

static str
client_of(struct text *t, const struct rows *r, size_t row)
{
    str name = get(t, r, row, "client_name"), ip = get(t, r, row, "client_ip"),
        helo = get(t, r, row, "client_helo");
    str s = ip.n ? arena_printf(&t->a, "%.*s[%.*s]", PRSTR(name), PRSTR(ip)) : name;
    if (helo.n && !str_eq(helo, name))
        s = arena_printf(&t->a, "%.*s (HELO %.*s)", PRSTR(s), PRSTR(helo));
    return s;
}

static void
put_hop(struct text *t, const struct trace *tr, size_t row)
{
    const struct rows *r = &tr->hops;
    str queue = get(t, r, row, "queue_id"), client = client_of(t, r, row), s;
    s = arena_printf(&t->a, "%.*s  %.*s%s%.*s", PRSTR(get(t, r, row, "seq")), PRSTR(get(t, r, row, "host")),
                     queue.n ? "  queue id " : "", PRSTR(queue));
    put_line(t, 2, s);
    double delay = cell_value(rows_get(r, row, "delay_s"));
    s = arena_printf(&t->a, "arrived %.*s", PRSTR(time_of(t, r, row, "arrived_at")));
    if (isfinite(delay))
        s = list(t, s, arena_printf(&t->a, "%.*s after the hop before", PRSTR(seconds_human(&t->a, delay))));
    if (str_eq(rows_get(r, row, "clock_skew"), S("t")))
        s = list(t, s, S("CLOCK SKEW: the clocks of the two hosts differ"));
    if (rows_get(r, row, "left_at").n)
        s = list(t, s, arena_printf(&t->a, "left %.*s", PRSTR(time_of(t, r, row, "left_at"))));
    put_line(t, 5, s);
    s = client.n ? arena_printf(&t->a, "from %.*s", PRSTR(client)) : S("");
    s = list(t, s, get(t, r, row, "protocol"));
    if (get(t, r, row, "auth_user").n)
        s = list(t, s, arena_printf(&t->a, "logged in as %.*s", PRSTR(get(t, r, row, "auth_user"))));
    str tls = get(t, r, row, "tls_version"), cipher = get(t, r, row, "tls_cipher");
    s = list(t, s, tls.n ? arena_join(&t->a, tls, S(" "), cipher) : S("no TLS seen"));
    str seen = get(t, r, row, "seen_in");
    if (seen.n)
        s = list(t, s,
                 arena_printf(&t->a, "seen in %.*s", str_eq(seen, S("both")) ? 14 : (int)seen.n,
                              str_eq(seen, S("both")) ? "log and header" : seen.p));
    put_line(t, 5, s);
    put_attempts(t, tr, rows_get(r, row, "seq"));
}

/* One line per method, domain and selector: what each side said of it. */
static void
put_authentication(struct text *t, const struct trace *tr)
{
    const struct rows *r = &tr->authentication;
    if (r->n == 0)
        return;
    buf_add(t->out, S("\nAuthentication\n"));
    for (size_t i = 0; i < r->n;) {
        str method = get(t, r, i, "method"), domain = get(t, r, i, "domain"),
            selector = get(t, r, i, "selector");
        str s = arena_printf(&t->a, "%.*s%s%.*s%s%.*s: ", PRSTR(method), domain.n ? " " : "", PRSTR(domain),
                             selector.n ? " selector " : "", PRSTR(selector));
        str said = S("");
        for (; i < r->n && str_eq(get(t, r, i, "method"), method) && str_eq(get(t, r, i, "domain"), domain) &&
               str_eq(get(t, r, i, "selector"), selector);
             i++) {
            str aligned = rows_get(r, i, "aligned"), reason = get(t, r, i, "reason");
            str one = arena_printf(&t->a, "%.*s says %.*s%s", PRSTR(get(t, r, i, "said_by")),
                                   PRSTR(get(t, r, i, "result")),
                                   str_eq(aligned, S("t"))   ? " (aligned)"
                                   : str_eq(aligned, S("f")) ? " (not aligned)"
                                                             : "");
            if (reason.n)
                one = arena_printf(&t->a, "%.*s, %.*s", PRSTR(one), PRSTR(reason));
            said = said.n ? arena_join(&t->a, said, S("; "), one) : one;
        }
        put_line(t, 2, arena_join(&t->a, s, S(""), said));
    }
}

/* What a filter or delivery agent said; authentication stands in a section of its own. */
static str
verdict_of(struct text *t, const struct rows *r, size_t i)
{
    str s = get(t, r, i, "action"), box = get(t, r, i, "mailbox"), score = get(t, r, i, "score"),
        required = get(t, r, i, "required"), result = get(t, r, i, "result"), to = get(t, r, i, "recipient");
    if (box.n)
        s = arena_printf(&t->a, "%.*s: %.*s", PRSTR(s), PRSTR(box));
    if (!str_eq(result, get(t, r, i, "action")))
        s = list(t, s, result);
    if (score.n)
        s = list(
            t, s,
            arena_printf(&t->a, "score %.*s%s%.*s", PRSTR(score), required.n ? " of " : "", PRSTR(required)));
    if (to.n)
        s = list(t, s, arena_printf(&t->a, "for %.*s", PRSTR(to)));
    s = list(t, list(t, s, get(t, r, i, "reason")), get(t, r, i, "detail"));
    return list(t, s, get(t, r, i, "user_agent"));
}

static void
put_verdicts(struct text *t, const struct trace *tr)
{
    const struct rows *r = &tr->verdicts;
    bool any = false;
    for (size_t i = 0; i < r->n; i++) {
        if (str_eq(rows_get(r, i, "kind"), S("auth")))
            continue;
        if (!any)
            buf_add(t->out, S("\nFilters and delivery agents\n"));
        any = true;
        str tests = get(t, r, i, "tests"), hop = get(t, r, i, "hop_seq");
        put_line(t, 2,
                 arena_printf(&t->a, "%.*s  %.*s at %.*s%s%.*s: %.*s%s", PRSTR(time_of(t, r, i, "at")),
                              PRSTR(get(t, r, i, "engine")), PRSTR(get(t, r, i, "host")),
                              hop.n ? ", hop " : "", PRSTR(hop), PRSTR(verdict_of(t, r, i)),
                              str_eq(rows_get(r, i, "decides"), S("t")) ? " (decided)" : ""));
        if (tests.n)
            put_line(t, 6, tests);
        if (reply_of(t, r, i).n)
            put_line(t, 6, reply_of(t, r, i));
    }
}

static void
put_findings(struct text *t, const struct trace *tr)
{
    const struct rows *r = &tr->findings;
    if (r->n == 0)
        return;
    buf_add(t->out, S("\nFindings\n"));
    for (size_t i = 0; i < r->n; i++) {
        str hop = get(t, r, i, "hop_seq"), detail = get(t, r, i, "detail");
        put_line(t, 2,
                 arena_printf(&t->a, "%.*s at %.*s%s%.*s: %.*s%s%.*s", PRSTR(get(t, r, i, "severity")),
                              PRSTR(get(t, r, i, "stage")), hop.n ? ", hop " : "", PRSTR(hop),
                              PRSTR(get(t, r, i, "code")), detail.n ? ": " : "", PRSTR(detail)));
    }
}

/* What a host did that did not simply take the message. */
static const char *
refusal_verb(str action)
{
    return str_has(action, S("discard")) ? "discarded the message of"
           : str_has(action, S("hold"))  ? "put on hold the message of"
                                         : "refused";
}

static void
put_refusals(struct text *t, const struct rows *r)
{
    if (r->n == 0)
        return;
    buf_add(t->out, S("\nRefusals\n"));
    for (size_t i = 0; i < r->n; i++) {
        str s = arena_printf(&t->a, "%.*s  %.*s %s %.*s", PRSTR(time_of(t, r, i, "at")),
                             PRSTR(get(t, r, i, "host")), refusal_verb(get(t, r, i, "action")),
                             PRSTR(client_of(t, r, i)));
        str to = get(t, r, i, "recipient"), from = get(t, r, i, "mail_from"), stage = get(t, r, i, "stage");
        if (from.n)
            s = list(t, s, arena_printf(&t->a, "from <%.*s>", PRSTR(from)));
        if (to.n)
            s = list(t, s, arena_printf(&t->a, "to <%.*s>", PRSTR(to)));
        if (stage.n)
            s = list(t, s, arena_printf(&t->a, "at stage %.*s", PRSTR(stage)));
        s = list(t, s, get(t, r, i, "reason"));
        put_line(t, 2, s);
        if (reply_of(t, r, i).n)
            put_line(t, 6, reply_of(t, r, i));
    }
}

static void
put_copies(struct text *t, const struct trace *tr)
{
    if (tr->messages.n)
        buf_add(t->out, S("\nCopies read\n"));
    for (size_t i = 0; i < tr->messages.n; i++) {
        const struct rows *r = &tr->messages;
        str s = S(""), folder = get(t, r, i, "folder"), box = get(t, r, i, "mailbox");
        buf_printf(t->out, "  %.*s\n", PRSTR(get(t, r, i, "path"))); /* to be copied: never wrapped */
        if (box.n)
            s = list(t, s, arena_printf(&t->a, "mailbox %.*s", PRSTR(box)));
        if (folder.n)
            s = list(t, s, arena_printf(&t->a, "folder %.*s", PRSTR(folder)));
        s = list(t, s, cell_human(&t->a, CELL_BYTES, rows_get(r, i, "raw_bytes")));
        put_line(t, 6, s);
    }
    if (tr->related.n)
        buf_add(t->out, S("\nRelated journeys\n"));
    for (size_t i = 0; i < tr->related.n; i++) {
        const struct rows *r = &tr->related;
        put_line(t, 2,
                 arena_printf(&t->a, "%.*s  %.*s, %.*s: %.*s (waybill trace journey/%.*s)",
                              PRSTR(time_of(t, r, i, "first_at")), PRSTR(get(t, r, i, "relation")),
                              PRSTR(get(t, r, i, "outcome")), PRSTR(get(t, r, i, "subject")),
                              PRSTR(get(t, r, i, "journey_id"))));
    }
}

/* Evidence is shown as it is, line by line, never wrapped: it is to be searched for. */
static void
put_evidence(struct text *t, const struct trace *tr)
{
    if (!tr->with_evidence)
        return;
    buf_add(t->out, S("\nEvidence\n"));
    str path = S("");
    for (size_t i = 0; i < tr->nevidence; i++) {
        const struct evidence *e = &tr->evidence[i];
        if (i == 0 || !str_eq(e->path, path) || !str_eq(e->source_id, tr->evidence[i - 1].source_id))
            buf_printf(t->out, "  %.*s (source %.*s)\n", PRSTR(layout_safe(&t->a, e->path)),
                       PRSTR(e->source_id));
        path = e->path;
        if (e->problem.n) {
            put_line(t, 4,
                     arena_printf(&t->a, "at %llu, %llu bytes: not readable: %.*s%s",
                                  (unsigned long long)e->offset, (unsigned long long)e->length,
                                  PRSTR(layout_safe(&t->a, e->problem)),
                                  e->kept ? "; from the copy in the database:" : ""));
        }
        for (str rest = e->text; rest.n;) {
            struct str_cut c = str_cut(rest, '\n');
            str line = str_ends(c.head, S("\r")) ? str_head(c.head, c.head.n - 1) : c.head;
            buf_printf(t->out, "    %.*s\n", PRSTR(layout_safe(&t->a, line)));
            rest = c.tail;
        }
        if (e->cut)
            buf_printf(t->out, "    (cut: the piece has %llu bytes)\n", (unsigned long long)e->length);
    }
    if (tr->nevidence == 0)
        put_line(t, 2, S("none is recorded"));
}

static void
put_trace(struct text *t, const struct trace *tr)
{
    const struct rows *j = &tr->journey;
    str size = rows_get(j, 0, "size");
    buf_printf(t->out, "Message %.*s\n",
               PRSTR(get(t, j, 0, "message_id").n ? get(t, j, 0, "message_id") : S("(no Message-ID)")));
    put_fact(t, "Envelope",
             rows_get(j, 0, "mail_from").p ? arena_printf(&t->a, "<%.*s>", PRSTR(get(t, j, 0, "mail_from")))
                                           : S(""));
    put_fact(t, "Header From", get(t, j, 0, "header_from"));
    put_fact(t, "Subject", get(t, j, 0, "subject"));
    put_fact(t, "Seen",
             arena_printf(&t->a, "%.*s to %.*s UTC", PRSTR(time_of(t, j, 0, "first_at")),
                          PRSTR(time_of(t, j, 0, "last_at"))));
    put_fact(t, "Size", size.n ? cell_human(&t->a, CELL_BYTES, size) : S(""));
    put_fact(t, "Journey", tr->journey_id);
    put_deliveries(t, tr);
    if (tr->hops.n)
        buf_add(t->out, S("\nPath\n"));
    for (size_t i = 0; i < tr->hops.n; i++)
        put_hop(t, tr, i);
    put_authentication(t, tr);
    put_verdicts(t, tr);
    put_findings(t, tr);
    put_refusals(t, &tr->refusals);
    put_copies(t, tr);
    put_evidence(t, tr);
}

void
trace_text(struct buf *out, const struct trace_result *r, size_t width)
{
    struct text t = { .out = out, .width = width < 40 ? 80 : width };
    for (size_t i = 0; i < r->ntraces; i++) {
        if (i)
            buf_add(out, S("\n\n"));
        put_trace(&t, &r->traces[i]);
        arena_reset(&t.a);
    }
    if (r->ntraces == 0 && r->refusals.n) {
        put_line(&t, 0, S("It never got into a queue that was seen."));
        put_refusals(&t, &r->refusals);
    }
    arena_free(&t.a);
}
