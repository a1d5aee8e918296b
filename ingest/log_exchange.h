/* Message tracking logs of Microsoft Exchange, 2007 to Subscription Edition.
 *
 * CSV behind "#Software:", "#Version:", "#Log-Type:", "#Date:" and "#Fields:"
 * lines, which may come again amid a file.  Columns are found by the names of
 * #Fields; a file cut off from its header is read by its number of columns.
 * Times are UTC.  A server has up to three such logs (MSGTRK: transport,
 * MSGTRKMD and MSGTRKMS: mailbox delivery and submission); their lines of one
 * message meet in one transit. */
#ifndef LOG_EXCHANGE_H
#define LOG_EXCHANGE_H

#include "arena.h"
#include "format.h"

#define EXCHANGE_COLUMNS(X)                  \
    X(DATE_TIME, "date-time")                \
    X(CLIENT_IP, "client-ip")                \
    X(CLIENT_HOST, "client-hostname")        \
    X(SERVER_IP, "server-ip")                \
    X(SERVER_HOST, "server-hostname")        \
    X(CONTEXT, "source-context")             \
    X(CONNECTOR, "connector-id")             \
    X(SOURCE, "source")                      \
    X(EVENT, "event-id")                     \
    X(INTERNAL_ID, "internal-message-id")    \
    X(MESSAGE_ID, "message-id")              \
    X(NETWORK_ID, "network-message-id")      \
    X(RECIPIENTS, "recipient-address")       \
    X(STATUSES, "recipient-status")          \
    X(BYTES, "total-bytes")                  \
    X(NRCPT, "recipient-count")              \
    X(RELATED, "related-recipient-address")  \
    X(REFERENCE, "reference")                \
    X(SUBJECT, "message-subject")            \
    X(SENDER, "sender-address")              \
    X(RETURN_PATH, "return-path")            \
    X(INFO, "message-info")                  \
    X(DIRECTION, "directionality")           \
    X(TENANT, "tenant-id")                   \
    X(ORIGINAL_CLIENT, "original-client-ip") \
    X(ORIGINAL_SERVER, "original-server-ip") \
    X(CUSTOM, "custom-data")                 \
    X(TRAFFIC, "transport-traffic-type")     \
    X(LOG_ID, "log-id")                      \
    X(SCHEMA, "schema-version")
#define EXCHANGE_COLUMN_ENUM(id, name) COLUMN_##id,
enum exchange_column { EXCHANGE_COLUMNS(EXCHANGE_COLUMN_ENUM) COLUMN_COUNT };

enum { EXCHANGE_MAX_FIELDS = 64 }; /* columns that a file may have; later versions may add some */

/* Which column stands in which place; n is 0 where no #Fields line was read. */
struct exchange_layout {
    unsigned char column[EXCHANGE_MAX_FIELDS]; /* enum exchange_column, COLUMN_COUNT: one not known */
    size_t n;
    bool usual; /* each stands in its place */
};

struct exchange_rule;

struct exchange_row {
    str f[COLUMN_COUNT];              /* unquoted; empty where not said */
    const struct exchange_rule *rule; /* of its event; NULL: that is not known */
    when at;
    struct civil civil; /* the time as it was written, so far from UTC */
    int offset_s;
    str host; /* the server that wrote it */
};

/* log_exchange_csv.c -------------------------------------------------------------------------------- */

/* Length of the first record, as format.h's record. */
size_t exchange_record(str window, bool eof);
/* The places of the columns from what follows "#Fields:"; false if an event has no place. */
bool exchange_layout_read(struct exchange_layout *, str names);
/* Cuts a record; false if it is none of these: no time first, or no source and event known by form. */
bool exchange_row_read(struct exchange_row *, const struct exchange_layout *, str record, struct arena *);

/* Members of a field that holds several, in order: "a;b", members in single quotes where they hold a
 * semicolon themselves, "[{LRT=..};{LED=..}]" whole. */
struct exchange_list {
    str rest;
    bool more;
};
struct exchange_list exchange_list_of(str field);
bool exchange_list_next(struct exchange_list *, str *member, struct arena *);

/* What recipient-status says of a failure: the reply itself, and whose it was. */
struct exchange_status {
    str reply, host, ip;
};
struct exchange_status exchange_status_read(str member);
/* The value of a key of custom-data ("S:E2ELatency=1.2;S:Key=value"), empty if it is not there. */
str exchange_custom(str custom, str key);
/* An address without its port and brackets. */
str exchange_ip(str);

/* log_exchange_memory.c ----------------------------------------------------------------------------- */

/* What lines of one source said that later ones build on.  Bounded: the oldest is forgotten. */
void exchange_memory_clear(void);
struct exchange_memory *
exchange_memory_swap(struct exchange_memory *); /* gives what was there; NULL: empty */
/* Whether a message was already born on a server; it is from now on. */
bool exchange_memory_birth(str host, str queue_id);
/* The queue id that a Message-ID had last, or empty. */
void exchange_memory_message(str message_id, str queue_id);
str exchange_memory_queue_id(str message_id);
/* Whom an address that groups and redirections gave stands for, or empty. */
void exchange_memory_alias(str queue_id, str address, str stands_for);
str exchange_memory_given(str queue_id, str address);

/* log_exchange_events.c ----------------------------------------------------------------------------- */

/* Every event that is known, in capitals; NULL behind the last (for the self-proof). */
const char *exchange_event_name(size_t i);
/* The server that wrote a row: by the event it is the client's or the server's side; empty if not said. */
str exchange_writer(const struct exchange_row *);
/* The first event of a row, and the others one after the other.  Row and arena must outlive them. */
void exchange_first(const struct exchange_row *, struct event *, struct arena *);
bool exchange_next(struct event *);
bool exchange_has_next(void);
/* Nothing is left of the row before. */
void exchange_forget_row(void);

#endif
