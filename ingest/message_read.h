/* Raw messages: parsed whole, and ingested.
 *
 * (The struct and the header functions are common/message.h's.) */
#ifndef MESSAGE_READ_H
#define MESSAGE_READ_H

#include "format.h"
#include "message.h"

enum { MESSAGE_MAX_BYTES = 64 << 20 }; /* a message beyond is rejected */

/* Headers and all that message.h promises: ids, addresses, hops, recorded results, spam, placement,
 * problems.  Never fails; raw must outlive the message. */
void message_parse(struct message *, struct arena *, str raw);

/* One message: its DMARC reports if it carries any, else the message itself, goes to the sink.
 * False only when the sink can take no more. */
bool message_ingest(struct arena *, str raw, const struct message_source *, struct sink *);

/* When it was seen last: the newest Received date, else Date, else WHEN_NONE. */
when message_seen_at(const struct message *);

/* Whether text begins as a header section does: how many lines of it, 0 if it does not.  Log lines,
 * XML, and prose are none.  eof: text is all there is. */
int message_header_lines(str text, bool eof);

/* What the caller knows of where a message lay. */
struct message_source message_source_of(const struct ingest_options *, struct origin);

#endif
