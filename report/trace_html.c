/* A trace as HTML: on a page of its own, or folded into a report. */
#include "trace.h"

#include "cell.h"
#include "html.h"
#include "page.h"

#include <math.h>

static void
put_if(struct buf *b, const char *before, str value, const char *after)
{
    if (value.n == 0)
        return;
    buf_add(b, str_from(before));
    html_text(b, value);
    buf_add(b, str_from(after));
}

static void
put_fact(struct buf *b, const char *name, str value)
{
    if (value.n == 0)
        return;
    buf_printf(b, "<dt>%s</dt><dd>", name);
    html_text(b, value);
    buf_add(b, S("</dd>"));
}

static void
put_time(struct buf *b, const struct rows *r, size_t row, const char *column)
{
    struct arena a = { 0 };
    html_text(b, when_human(&a, cell_when(rows_get(r, row, column)), true));
    arena_free(&a);
}

static void
put_seconds(struct buf *b, const char *before, str raw, const char *after)
{
    struct arena a = { 0 };
    if (isfinite(cell_value(raw)))
        put_if(b, before, seconds_human(&a, cell_value(raw)), after);
    arena_free(&a);
}

static void
put_reply(struct buf *b, const struct rows *r, size_t row)
{
    str code = rows_get(r, row, "code"), enhanced = rows_get(r, row, "enhanced"),
        reply = rows_get(r, row, "reply");
    if (code.n + enhanced.n + reply.n == 0)
        return;
    buf_add(b, S("<div class=\"reply\">"));
    if (!reply_has_code(reply, code))
        put_if(b, "", code, " ");
    if (!str_has(reply, enhanced))
        put_if(b, "", enhanced, " ");
    html_text(b, reply);
    buf_add(b, S("</div>"));
}

static void
put_deliveries(struct buf *b, const struct rows *r)
{
    buf_add(b,
            S("<h4>Outcome</h4>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Recipient</th><th "
              "scope=\"col\">Outcome</th><th scope=\"col\">Stage</th><th scope=\"col\">Reason</th><th "
              "scope=\"col\">Decided by</th><th scope=\"col\" class=\"n\">Attempts</th><th scope=\"col\" "
              "class=\"n\">Delay</th><th scope=\"col\">Reply</th></tr></thead><tbody>\n"));
    struct arena a = { 0 };
    size_t fine = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (trace_leaves_out(r, i)) {
            fine++;
            continue;
        }
        str to = rows_get(r, i, "recipient"), final = rows_get(r, i, "final_recipient");
        buf_add(b, S("<tr><td class=\"text\">"));
        html_text(b, to);
        if (!str_eq(to, final))
            put_if(b, "<br><span class=\"soft\">finally ", final, "</span>");
        buf_add(b, S("</td><td>"));
        html_badge(b, rows_get(r, i, "outcome"));
        put_if(b, " <span class=\"soft\">", rows_get(r, i, "placement"), "</span>");
        buf_add(b, S("</td><td>"));
        html_word(b, rows_get(r, i, "stage"));
        buf_add(b, S("</td><td>"));
        html_word(b, rows_get(r, i, "reason"));
        buf_add(b, S("</td><td class=\"text\">"));
        html_text(b, rows_get(r, i, "decided_by"));
        buf_add(b, S("</td><td class=\"n\">"));
        html_text(b, rows_get(r, i, "attempts"));
        buf_add(b, S("</td><td class=\"n\">"));
        put_seconds(b, "", rows_get(r, i, "delay_s"), "");
        buf_add(b, S("</td><td class=\"long\">"));
        put_reply(b, r, i);
        buf_add(b, S("</td></tr>\n"));
    }
    buf_add(b, S("</tbody></table></div>\n"));
    put_if(b, "<p class=\"soft\">", trace_left_out(&a, fine), "</p>\n");
    arena_free(&a);
}

static void
put_attempts(struct buf *b, const struct rows *r, str seq)
{
    struct arena a = { 0 };
    size_t fine = 0;
    bool any = false;
    for (size_t i = 0; i < r->n; i++) {
        if (!str_eq(rows_get(r, i, "hop_seq"), seq))
            continue;
        if (trace_leaves_out(r, i)) {
            fine++;
            continue;
        }
        buf_add(b, any ? S("<li>") : S("<ul><li>"));
        any = true;
        html_badge(b, rows_get(r, i, "result"));
        buf_char(b, ' ');
        html_text(b, rows_get(r, i, "recipient"));
        buf_add(b, S(" <span class=\"soft\">"));
        put_time(b, r, i, "at");
        put_if(b, " to ", rows_get(r, i, "relay_host"), "");
        put_if(b, " [", rows_get(r, i, "relay_ip"), "]");
        put_seconds(b, ", ", rows_get(r, i, "delay_s"), " after it came in");
        put_if(b, ", ", rows_get(r, i, "tls_version"), "");
        buf_add(b, S("</span>"));
        put_reply(b, r, i);
        buf_add(b, S("</li>"));
    }
    buf_add(b, any ? S("</ul>") : S(""));
    put_if(b, "<p class=\"soft\">", trace_left_out(&a, fine), "</p>\n");
    arena_free(&a);
}

static void
put_hops(struct buf *b, const struct trace *t)
{
    const struct rows *r = &t->hops;
    if (r->n == 0)
        return;
    buf_add(b, S("<h4>Path</h4>\n<ol class=\"path\">\n"));
    for (size_t i = 0; i < r->n; i++) {
        buf_add(b, S("<li><span class=\"host\">"));
        html_text(b, rows_get(r, i, "host"));
        buf_add(b, S("</span>"));
        put_if(b, " <span class=\"mono soft\">", rows_get(r, i, "queue_id"), "</span>");
        buf_add(b, S("<br><span class=\"soft\">"));
        put_time(b, r, i, "arrived_at");
        put_seconds(b, ", ", rows_get(r, i, "delay_s"), " after the hop before");
        buf_add(b, S("</span>"));
        if (str_eq(rows_get(r, i, "clock_skew"), S("t")))
            buf_add(b, S(" <span class=\"skew\">clock skew</span>"));
        buf_add(b, S("<br><span class=\"soft\">"));
        put_if(b, "from ", rows_get(r, i, "client_name"), "");
        put_if(b, " [", rows_get(r, i, "client_ip"), "]");
        if (!str_eq(rows_get(r, i, "client_helo"), rows_get(r, i, "client_name")))
            put_if(b, ", HELO ", rows_get(r, i, "client_helo"), "");
        put_if(b, ", ", rows_get(r, i, "protocol"), "");
        put_if(b, ", logged in as ", rows_get(r, i, "auth_user"), "");
        if (rows_get(r, i, "tls_version").n == 0)
            buf_add(b, S(", no TLS seen"));
        put_if(b, ", ", rows_get(r, i, "tls_version"), "");
        put_if(b, " ", rows_get(r, i, "tls_cipher"), "");
        buf_add(b, S("</span>"));
        put_attempts(b, &t->attempts, rows_get(r, i, "seq"));
        buf_add(b, S("</li>\n"));
    }
    buf_add(b, S("</ol>\n"));
}

static void
put_authentication(struct buf *b, const struct rows *r)
{
    if (r->n == 0)
        return;
    buf_add(
        b,
        S("<h4>Authentication</h4>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Method</th><th "
          "scope=\"col\">Domain</th><th scope=\"col\">Said by</th><th scope=\"col\">Result</th><th "
          "scope=\"col\">Aligned</th><th scope=\"col\">Reason</th></tr></thead><tbody>\n"));
    for (size_t i = 0; i < r->n; i++) {
        str aligned = rows_get(r, i, "aligned");
        buf_add(b, S("<tr><td>"));
        html_text(b, rows_get(r, i, "method"));
        buf_add(b, S("</td><td class=\"text\">"));
        html_text(b, rows_get(r, i, "domain"));
        put_if(b, " <span class=\"soft\">selector ", rows_get(r, i, "selector"), "</span>");
        buf_add(b, S("</td><td class=\"text\">"));
        html_text(b, rows_get(r, i, "said_by"));
        buf_add(b, S("</td><td>"));
        html_badge(b, rows_get(r, i, "result"));
        buf_printf(b, "</td><td>%s</td><td class=\"text\">",
                   str_eq(aligned, S("t"))   ? "yes"
                   : str_eq(aligned, S("f")) ? "no"
                                             : "");
        html_text(b, rows_get(r, i, "reason"));
        buf_add(b, S("</td></tr>\n"));
    }
    buf_add(b, S("</tbody></table></div>\n"));
}

static void
put_verdicts(struct buf *b, const struct rows *r)
{
    bool any = false;
    for (size_t i = 0; i < r->n; i++) {
        if (str_eq(rows_get(r, i, "kind"), S("auth")))
            continue;
        if (!any)
            buf_add(b, S("<h4>Filters and delivery agents</h4>\n<ul>\n"));
        any = true;
        buf_add(b, S("<li><span class=\"host\">"));
        html_text(b, rows_get(r, i, "engine"));
        buf_add(b, S("</span> <span class=\"soft\">"));
        put_if(b, "at ", rows_get(r, i, "host"), " ");
        put_time(b, r, i, "at");
        put_if(b, ", hop ", rows_get(r, i, "hop_seq"), "");
        buf_add(b, S("</span> "));
        html_text(b, rows_get(r, i, "action"));
        put_if(b, " ", rows_get(r, i, "mailbox"), "");
        if (!str_eq(rows_get(r, i, "result"), rows_get(r, i, "action")))
            put_if(b, ", ", rows_get(r, i, "result"), "");
        put_if(b, ", score ", rows_get(r, i, "score"), "");
        put_if(b, " of ", rows_get(r, i, "required"), "");
        put_if(b, ", for ", rows_get(r, i, "recipient"), "");
        put_if(b, ", ", rows_get(r, i, "reason"), "");
        put_if(b, ", ", rows_get(r, i, "detail"), "");
        put_if(b, " <span class=\"soft mono\">", rows_get(r, i, "tests"), "</span>");
        put_if(b, " <span class=\"soft\">", rows_get(r, i, "user_agent"), "</span>");
        if (str_eq(rows_get(r, i, "decides"), S("t")))
            buf_add(b, S(" (decided)"));
        put_reply(b, r, i);
        buf_add(b, S("</li>\n"));
    }
    if (any)
        buf_add(b, S("</ul>\n"));
}

static void
put_findings(struct buf *b, const struct rows *r)
{
    if (r->n == 0)
        return;
    buf_add(b, S("<h4>Findings</h4>\n<ul>\n"));
    for (size_t i = 0; i < r->n; i++) {
        buf_add(b, S("<li>"));
        html_badge(b, rows_get(r, i, "severity"));
        put_if(b, " ", rows_get(r, i, "stage"), ": ");
        html_word(b, rows_get(r, i, "code"));
        put_if(b, " <span class=\"soft\">", rows_get(r, i, "detail"), "</span>");
        buf_add(b, S("</li>\n"));
    }
    buf_add(b, S("</ul>\n"));
}

static void
put_refusals(struct buf *b, const struct rows *r)
{
    if (r->n == 0)
        return;
    buf_add(b, S("<h4>Refusals</h4>\n<ol class=\"path\">\n"));
    for (size_t i = 0; i < r->n; i++) {
        buf_add(b, S("<li><span class=\"host\">"));
        html_text(b, rows_get(r, i, "host"));
        buf_add(b, S("</span> <span class=\"soft\">"));
        put_time(b, r, i, "at");
        put_if(b, ", client ", rows_get(r, i, "client_name"), "");
        put_if(b, " [", rows_get(r, i, "client_ip"), "]");
        put_if(b, ", from ", rows_get(r, i, "mail_from"), "");
        put_if(b, ", to ", rows_get(r, i, "recipient"), "");
        put_if(b, ": ", rows_get(r, i, "action"), "");
        put_if(b, " at stage ", rows_get(r, i, "stage"), "");
        buf_add(b, S("</span> "));
        html_word(b, rows_get(r, i, "reason"));
        put_reply(b, r, i);
        buf_add(b, S("</li>\n"));
    }
    buf_add(b, S("</ol>\n"));
}

static void
put_related(struct buf *b, const struct trace *t)
{
    const struct rows *m = &t->messages, *r = &t->related;
    if (m->n)
        buf_add(b, S("<h4>Copies read</h4>\n<ul>\n"));
    for (size_t i = 0; i < m->n; i++) {
        put_if(b, "<li><span class=\"mono\">", rows_get(m, i, "path"), "</span>");
        put_if(b, ", folder ", rows_get(m, i, "folder"), "");
        buf_add(b, S("</li>\n"));
    }
    buf_add(b, m->n ? S("</ul>\n") : S(""));
    if (r->n)
        buf_add(b, S("<h4>Related journeys</h4>\n<ul>\n"));
    for (size_t i = 0; i < r->n; i++) {
        buf_add(b, S("<li>"));
        html_text(b, rows_get(r, i, "relation"));
        buf_add(b, S(": "));
        html_badge(b, rows_get(r, i, "outcome"));
        put_if(b, " ", rows_get(r, i, "subject"), "");
        put_if(b, " <code class=\"mono\">waybill trace journey/", rows_get(r, i, "journey_id"),
               "</code></li>\n");
    }
    buf_add(b, r->n ? S("</ul>\n") : S(""));
}

static void
put_evidence(struct buf *b, const struct trace *t)
{
    struct arena a = { 0 };
    if (!t->with_evidence)
        return;
    buf_add(b, S("<h4>Evidence</h4>\n"));
    for (size_t i = 0; i < t->nevidence; i++) {
        const struct evidence *e = &t->evidence[i];
        bool follows = i && str_eq(e->source_id, t->evidence[i - 1].source_id);
        if (!follows) {
            buf_add(b, i ? S("</pre>\n<p class=\"soft mono\">") : S("<p class=\"soft mono\">"));
            html_text(b, e->path);
            buf_add(b, S("</p>\n<pre class=\"evidence\">"));
        }
        if (e->problem.n)
            html_text(b, arena_printf(&a, "[at %llu: not readable: %.*s%s]\n", (unsigned long long)e->offset,
                                      PRSTR(e->problem), e->kept ? "; from the copy in the database:" : ""));
        html_text(b, e->text);
        if (e->text.n && !str_ends(e->text, S("\n")))
            buf_char(b, '\n');
    }
    buf_add(b, t->nevidence ? S("</pre>\n") : S("<p class=\"soft\">none is recorded</p>\n"));
    arena_free(&a);
}

void
trace_html_body(struct buf *b, const struct trace *t)
{
    const struct rows *j = &t->journey;
    struct arena a = { 0 };
    str id = rows_get(j, 0, "message_id"), from = rows_get(j, 0, "mail_from");
    buf_add(b, S("<div class=\"trace\"><dl class=\"facts\">"));
    put_fact(b, "Message-ID", id.n ? id : S("(none)"));
    put_fact(b, "Envelope", from.p ? arena_printf(&a, "<%.*s>", PRSTR(from)) : S(""));
    put_fact(b, "Header From", rows_get(j, 0, "header_from"));
    put_fact(b, "Subject", rows_get(j, 0, "subject"));
    put_fact(b, "Seen",
             arena_printf(&a, "%.*s to %.*s UTC",
                          PRSTR(when_human(&a, cell_when(rows_get(j, 0, "first_at")), true)),
                          PRSTR(when_human(&a, cell_when(rows_get(j, 0, "last_at")), true))));
    put_fact(b, "Journey", t->journey_id);
    buf_add(b, S("</dl>\n"));
    put_deliveries(b, &t->deliveries);
    put_hops(b, t);
    put_authentication(b, &t->authentication);
    put_verdicts(b, &t->verdicts);
    put_findings(b, &t->findings);
    put_refusals(b, &t->refusals);
    put_related(b, t);
    put_evidence(b, t);
    buf_add(b, S("</div>\n"));
    arena_free(&a);
}

void
trace_html(struct buf *b, const struct trace_result *r)
{
    struct arena a = { 0 };
    page_begin(b, arena_printf(&a, "Trace of %.*s", PRSTR(r->key)));
    buf_add(b, S("<header><p class=\"brand\">waybill</p><h1>Trace</h1><p class=\"period\">"));
    html_text(b, r->key);
    buf_add(b, S(" \xc2\xb7 times are UTC</p></header>\n<main>\n"));
    for (size_t i = 0; i < r->ntraces; i++) {
        buf_add(b, S("<section class=\"part\"><h2>"));
        html_badge(b, rows_get(&r->traces[i].journey, 0, "outcome"));
        buf_char(b, ' ');
        html_text(b, rows_get(&r->traces[i].journey, 0, "subject"));
        buf_add(b, S("</h2>\n"));
        trace_html_body(b, &r->traces[i]);
        buf_add(b, S("</section>\n"));
    }
    put_refusals(b, &r->refusals);
    buf_add(b, S("</main>\n"));
    page_end(b);
    arena_free(&a);
}
