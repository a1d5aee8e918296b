/* The events that rows of a message tracking log tell (the table: log_exchange_rules.c).
 *
 * The queue id is the network-message-id where there is one (2013 and later):
 * it is the same in the three logs of a server and in all copies, and servers
 * join by it; before, the internal-message-id.  A row that names several
 * recipients gives an event for each. */
#include "log_exchange_rules.h"

/* The row that is being told. */
static struct {
    const struct exchange_row *row;
    const struct exchange_rule *rule;
    struct exchange_list recipients, statuses;
    str status; /* of the recipient before */
    str queue_id, reply, delay;
    struct exchange_status about; /* relay and reply of the status */
    struct arena *arena;
    bool pending, dsn;
} now;

void
exchange_forget_row(void)
{
    now.pending = false;
}

/* Parts -------------------------------------------------------------------------------------------- */

static bool
is_source(const char *name)
{
    return str_ieq(now.row->f[COLUMN_SOURCE], str_from(name));
}

static bool
has_network_id(void)
{
    return now.queue_id.p == now.row->f[COLUMN_NETWORK_ID].p;
}

static void
set_ids(struct event *e)
{
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, MESSAGE_ID) = exchange_angle(now.row->f[COLUMN_MESSAGE_ID]);
}

static void
set_sender(struct event *e, str sender)
{
    if (sender.n == 0)
        return;
    EV(e, MAIL_FROM) = exchange_angle(sender);
    e->flags |= EVENT_HAS_MAIL_FROM;
}

/* Where the sender's own frontend handed it on, its client is named beside. */
static void
set_client(struct event *e)
{
    const str *f = now.row->f;
    str proxied = exchange_custom(f[COLUMN_CUSTOM], S("ProxiedClientIPAddress"));
    EV(e, CLIENT_NAME) = f[COLUMN_CLIENT_HOST];
    EV(e, CLIENT_IP) = exchange_ip(f[COLUMN_CLIENT_IP]);
    if (proxied.n == 0 && exchange_same_server(f[COLUMN_CLIENT_HOST], now.row->host) && is_source("SMTP"))
        proxied = f[COLUMN_ORIGINAL_CLIENT];
    if (proxied.n == 0 || str_eq(exchange_ip(proxied), EV(e, CLIENT_IP)))
        return;
    EV(e, CLIENT_IP) = exchange_ip(proxied);
    EV(e, CLIENT_NAME) = exchange_custom(f[COLUMN_CUSTOM], S("ProxiedClientHostname"));
}

/* Within the organization the network-message-id goes with the message. */
static bool
goes_to_another(str relay)
{
    str connector = now.row->f[COLUMN_CONNECTOR];
    bool inside = now.rule->act == ACT_SUBMIT || str_istarts(connector, S("Intra-Organization SMTP")) ||
                  str_istarts(connector, S("EdgeSync - Inbound"));
    return inside && now.rule->act != ACT_FAILED && now.rule->act != ACT_DEFERRED && has_network_id() &&
           relay.n && !exchange_same_server(relay, now.row->host);
}

static void
set_relay(struct event *e)
{
    const str *f = now.row->f;
    str target = exchange_custom(f[COLUMN_CUSTOM], S("OutboundProxyTargetHostName"));
    str target_ip = exchange_custom(f[COLUMN_CUSTOM], S("OutboundProxyTargetIP"));
    EV(e, RELAY_NAME) = f[COLUMN_SERVER_HOST];
    EV(e, RELAY_IP) = exchange_ip(f[COLUMN_SERVER_IP]);
    if (target.n || target_ip.n) { /* the frontend server only passes it on */
        EV(e, RELAY_NAME) = target.n ? target : target_ip;
        EV(e, RELAY_IP) = exchange_ip(target_ip);
    }
    if (f[COLUMN_CLIENT_HOST].n == 0 && exchange_same_server(EV(e, RELAY_NAME), now.row->host))
        EV(e, RELAY_NAME) = EV(e, RELAY_IP) = (str){ 0 }; /* the writer's own name */
    if (goes_to_another(EV(e, RELAY_NAME)))
        EV(e, NEXT_QUEUE_ID) = now.queue_id;
    if (now.about.host.n)
        EV(e, RELAY_NAME) = now.about.host;
    if (now.about.ip.n)
        EV(e, RELAY_IP) = exchange_ip(now.about.ip);
}

/* Attempts ----------------------------------------------------------------------------------------- */

static void
set_result(struct event *e)
{
    const str *f = now.row->f;
    str status = now.about.reply;
    EV(e, REPLY) = status.n ? status : exchange_context_reply(f[COLUMN_CONTEXT]);
    switch (now.rule->act) {
    case ACT_SUBMIT: e->result = RESULT_SENT; break;
    case ACT_SENT: {
        str said = exchange_context_reply(f[COLUMN_CONTEXT]);
        e->result = RESULT_SENT;
        if (said.n)
            EV(e, REPLY) = said;
        break;
    }
    case ACT_STORED:
        e->result = RESULT_SENT;
        e->flags |= EVENT_LOCAL;
        if (status.n && !exchange_is_reply(status))
            EV(e, MAILBOX) = status;
        break;
    case ACT_HELD:
    case ACT_DEFERRED: e->result = RESULT_DEFERRED; break;
    case ACT_EXPIRED: e->result = RESULT_EXPIRED; break;
    case ACT_DROPPED: e->result = RESULT_DISCARDED; break;
    default: e->result = exchange_failed_how(EV(e, REPLY)); break;
    }
    if (EV(e, REPLY).n == 0 && now.rule->value)
        EV(e, REPLY) = str_from(now.rule->value);
    if (EV(e, REPLY).n == 0 && e->result != RESULT_SENT)
        EV(e, REPLY) = f[COLUMN_CONTEXT]; /* an agent's name, the reason of a deferral */
}

/* The next recipient with its status; one status may stand for all. */
static bool
next_recipient(str *recipient)
{
    if (!exchange_list_next(&now.recipients, recipient, now.arena))
        return false;
    str before = now.statuses.rest;
    if (exchange_list_next(&now.statuses, &now.status, now.arena) && now.statuses.more &&
        !now.recipients.more && before.p[0] != '\'') {
        now.status = str_trim(before); /* semicolons of its own */
        now.statuses.more = false;
    }
    now.about = exchange_status_read(now.status);
    return true;
}

static bool
take_recipient(struct event *e)
{
    str recipient;
    do {
        if (!next_recipient(&recipient))
            return false;
    } while (recipient.n == 0);
    e->kind = EVENT_ATTEMPT;
    e->flags |= EVENT_NO_TLS;
    EV(e, QUEUE_ID) = now.queue_id;
    EV(e, RECIPIENT) = recipient;
    EV(e, ORIG_RECIPIENT) = exchange_memory_given(now.queue_id, recipient);
    EV(e, DELAY) = now.delay;
    if (now.rule->act == ACT_SUBMIT)
        now.about = (struct exchange_status){ 0 };
    set_relay(e);
    set_result(e);
    event_parse_reply(e);
    return true;
}

/* Rows --------------------------------------------------------------------------------------------- */

static void
note_row(struct event *e, const char *action)
{
    e->kind = EVENT_SESSION;
    EV(e, ACTION) = str_from(action);
    EV(e, DETAIL) = now.row->f[COLUMN_RELATED].n    ? now.row->f[COLUMN_RELATED]
                    : now.row->f[COLUMN_CONTEXT].n  ? now.row->f[COLUMN_CONTEXT]
                    : now.row->f[COLUMN_STATUSES].n ? now.row->f[COLUMN_STATUSES]
                                                    : now.row->f[COLUMN_EVENT];
}

static void
set_arrival(struct event *e)
{
    const str *f = now.row->f;
    e->kind = EVENT_ARRIVAL;
    e->flags |= EVENT_ACTIVE | EVENT_NO_TLS;
    set_ids(e);
    EV(e, SIZE) = f[COLUMN_BYTES];
    EV(e, NRCPT) = f[COLUMN_NRCPT];
    EV(e, SUBJECT) = f[COLUMN_SUBJECT];
    set_sender(e, f[COLUMN_RETURN_PATH].n ? f[COLUMN_RETURN_PATH] : f[COLUMN_SENDER]);
    exchange_memory_message(EV(e, MESSAGE_ID), now.queue_id);
}

static void
set_birth(struct event *e)
{
    if (now.queue_id.n && !exchange_memory_birth(now.row->host, now.queue_id))
        e->flags |= EVENT_BIRTH;
}

static void
take_receive(struct event *e)
{
    const str *f = now.row->f;
    set_arrival(e);
    if (is_source("AGENT") && f[COLUMN_SERVER_HOST].n == 0) { /* an agent added a recipient */
        EV(e, NRCPT) = (str){ 0 };
        return;
    }
    set_birth(e);
    set_client(e);
    EV(e, PROTOCOL) = f[COLUMN_SOURCE];
    bool here = f[COLUMN_CLIENT_HOST].n == 0 || exchange_same_server(f[COLUMN_CLIENT_HOST], now.row->host);
    if (!is_source("SMTP") && here)
        e->flags |= EVENT_LOCAL;
}

/* A fork, a copy taken up again: the same message, before 2013 under another number. */
static void
take_added(struct event *e)
{
    str reference = now.row->f[COLUMN_REFERENCE];
    set_arrival(e);
    EV(e, NRCPT) = (str){ 0 };
    if (has_network_id() || now.queue_id.n == 0)
        return;
    set_birth(e);
    if (str_digits(reference) && !str_eq(reference, now.queue_id))
        EV(e, ORIG_QUEUE_ID) = reference;
}

/* Mailbox submission to another server is a hop; on the same one the transport log tells all. */
static void
take_submit(struct event *e)
{
    const str *f = now.row->f;
    bool elsewhere = f[COLUMN_SERVER_HOST].n && !exchange_same_server(f[COLUMN_SERVER_HOST], now.row->host);
    if (now.queue_id.n == 0 || (elsewhere && f[COLUMN_RECIPIENTS].n == 0)) {
        note_row(e, "submit");
        EV(e, DETAIL) = f[COLUMN_MESSAGE_ID];
        return;
    }
    set_arrival(e);
    now.pending = elsewhere;
    if (!elsewhere) {
        e->flags &= ~(unsigned)EVENT_ACTIVE;
        return;
    }
    set_birth(e);
    e->flags |= EVENT_LOCAL;
    EV(e, CLIENT_IP) = f[COLUMN_ORIGINAL_CLIENT];
    EV(e, PROTOCOL) = f[COLUMN_SOURCE];
}

static void
take_names(struct event *e)
{
    str address, related = exchange_angle(now.row->f[COLUMN_RELATED]);
    bool redirect = now.rule->act == ACT_REDIRECT;
    while (related.n && exchange_list_next(&now.recipients, &address, now.arena)) {
        if (redirect)
            exchange_memory_alias(now.queue_id, related, address);
        else
            exchange_memory_alias(now.queue_id, address, related);
    }
    note_row(e, now.rule->value);
    EV(e, QUEUE_ID) = now.queue_id;
    if (related.n == 0)
        EV(e, DETAIL) = now.row->f[COLUMN_RECIPIENTS];
    else
        EV(e, DETAIL) =
            arena_join(now.arena, now.row->f[COLUMN_RECIPIENTS], redirect ? S(" -> ") : S(" <- "), related);
}

static str
dsn_type(str context)
{
    if (str_ifind(context, S("delay")) != STR_NONE)
        return S("delay");
    return str_ifind(context, S("fail")) != STR_NONE || context.n == 0 ? S("bounce") : S("success");
}

/* The notification's own row: what it is about, and then its birth. */
static void
take_dsn(struct event *e)
{
    e->kind = EVENT_NOTIFICATION;
    EV(e, NEW_QUEUE_ID) = now.queue_id;
    EV(e, QUEUE_ID) =
        exchange_memory_queue_id(exchange_angle(str_trim(str_cut(now.row->f[COLUMN_REFERENCE], ';').head)));
    EV(e, ACTION) = dsn_type(now.row->f[COLUMN_CONTEXT]);
    now.pending = now.dsn = true;
}

static void
take_dsn_birth(struct event *e)
{
    set_arrival(e);
    set_birth(e);
    e->flags |= EVENT_LOCAL;
    if (EV(e, MAIL_FROM).n == 0)
        e->flags |= EVENT_HAS_MAIL_FROM;
    EV(e, ACTION) = S("bounce");
    EV(e, PROTOCOL) = now.row->f[COLUMN_SOURCE];
}

static void
take_refused(struct event *e)
{
    const str *f = now.row->f;
    str reason = exchange_custom(f[COLUMN_CUSTOM], S("BadmailReason"));
    e->kind = EVENT_REFUSAL;
    e->stage = now.rule->writer == CLIENT ? STAGE_SUBMISSION : STAGE_DATA;
    set_ids(e);
    EV(e, QUEUE_ID) = (str){ 0 };
    EV(e, ACTION) = S("reject");
    EV(e, CLIENT_NAME) = f[COLUMN_CLIENT_HOST];
    EV(e, CLIENT_IP) = exchange_ip(f[COLUMN_CLIENT_IP]);
    set_sender(e, f[COLUMN_RETURN_PATH].n ? f[COLUMN_RETURN_PATH] : f[COLUMN_SENDER]);
    str diagnostic = exchange_custom(f[COLUMN_CUSTOM], S("DiagnosticInfo"));
    exchange_list_next(&now.recipients, &EV(e, RECIPIENT), now.arena);
    EV(e, REPLY) = f[COLUMN_STATUSES].n ? exchange_status_read(f[COLUMN_STATUSES]).reply
                   : reason.n           ? reason
                   : diagnostic.n       ? diagnostic
                                        : f[COLUMN_CONTEXT];
    event_parse_reply(e);
}

static void
take_agents(struct event *e)
{
    e->kind = EVENT_FILTER;
    set_ids(e);
    EV(e, ENGINE) = S("exchange");
    EV(e, ACTION) = S("agents");
    EV(e, TESTS) = now.row->f[COLUMN_CUSTOM];
    size_t scl = str_find(EV(e, TESTS), S("SCL="));
    if (scl != STR_NONE) {
        str value = str_skip(EV(e, TESTS), scl + 4);
        size_t n = value.n && value.p[0] == '-';
        while (n < value.n && str_is_digit(value.p[n]))
            n++;
        EV(e, SCORE) = str_head(value, n);
    }
}

/* Recipients' results; a row without any is about a session. */
static void
take_results(struct event *e)
{
    str id = exchange_angle(now.row->f[COLUMN_REFERENCE]);
    if (now.rule->writer == SERVER && id.n && exchange_memory_queue_id(id).n &&
        now.row->f[COLUMN_NETWORK_ID].n == 0) /* moderation tells of the message it is about */
        now.queue_id = exchange_memory_queue_id(id);
    now.pending = take_recipient(e);
    if (now.pending)
        return;
    note_row(e, "failed");
    EV(e, QUEUE_ID) = (str){ 0 };
}

static void
take_held(struct event *e)
{
    if (now.queue_id.n == 0) {
        note_row(e, now.rule->value);
        return;
    }
    e->kind = EVENT_REMOVAL;
    e->flags |= EVENT_HELD;
    set_ids(e);
    EV(e, ACTION) = str_from(now.rule->value);
    now.pending = true;
}

static void
take_row(struct event *e)
{
    const str *f = now.row->f;
    switch (now.rule->act) {
    case ACT_RECEIVE: take_receive(e); break;
    case ACT_SUBMIT: take_submit(e); break;
    case ACT_ADDED:
        if (is_source("STOREDRIVER") && str_ieq(f[COLUMN_EVENT], S("RESUBMIT")))
            take_submit(e);
        else
            take_added(e);
        break;
    case ACT_NAMES:
    case ACT_REDIRECT: take_names(e); break;
    case ACT_DSN: take_dsn(e); break;
    case ACT_REFUSED: take_refused(e); break;
    case ACT_HELD: take_held(e); break;
    case ACT_AGENTS: take_agents(e); break;
    case ACT_NOTE: note_row(e, now.rule->value); break;
    case ACT_IGNORE:
        e->kind = EVENT_IGNORED;
        e->why = now.rule->value;
        break;
    default: take_results(e); break;
    }
}

void
exchange_first(const struct exchange_row *row, struct event *e, struct arena *a)
{
    now.row = row;
    now.rule = row->rule;
    now.pending = now.dsn = false;
    now.arena = a;
    now.status = (str){ 0 };
    now.about = (struct exchange_status){ 0 };
    now.recipients = exchange_list_of(row->f[COLUMN_RECIPIENTS]);
    now.statuses = exchange_list_of(row->f[COLUMN_STATUSES]);
    now.queue_id = exchange_queue_id(row);
    now.delay = now.rule && now.rule->act != ACT_DEFERRED ? exchange_delay(row, a) : (str){ 0 };
    e->program = row->f[COLUMN_SOURCE];
    if (now.rule == NULL) {
        e->kind = EVENT_REJECT;
        e->why = "an event of message tracking that is not known";
        return;
    }
    e->row = now.rule->event.p;
    take_row(e);
}

bool
exchange_next(struct event *e)
{
    if (!now.pending)
        return false;
    e->program = now.row->f[COLUMN_SOURCE];
    e->row = now.rule->event.p;
    if (now.dsn) {
        now.pending = false;
        take_dsn_birth(e);
        return true;
    }
    now.pending = take_recipient(e);
    return now.pending;
}

bool
exchange_has_next(void)
{
    return now.pending;
}
