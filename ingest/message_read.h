/* Raw messages: parsed whole, and ingested.
 *
 * (The struct and the header functions are common/message.h's.) */
#ifndef MESSAGE_READ_H
#define MESSAGE_READ_H

#include "format.h"
#include "message.h"

enum { MESSAGE_MAX_BYTES = 64 << 20 }; /* a message beyond is rejected */

/* The message in what was stored of it: without blank lines before it, or what Apple Mail puts around it (.emlx). */
str message_itself(str stored);

/* Headers and all that message.h promises: ids, addresses, hops, recorded results, spam, placement,
 * problems.  Never fails; raw must outlive the message.  Its own raw is message_itself(raw). */
void message_parse(struct message *, struct arena *, str raw);

/* Text whose lines end in CR alone, with LF in their place and as long; anything else as it is.  Some Exchange
 * services hand mail out so. */
str message_line_ends(struct arena *, str raw);

/* One message: its DMARC reports if it carries any, else the message itself, goes to the sink.
 * False only when the sink can take no more. */
bool message_ingest(struct arena *, str raw, const struct message_source *, struct sink *);

/* Whether text begins as a header section does: how many lines of it, 0 if it does not.  Log lines,
 * XML, and prose are none.  eof: text is all there is. */
int message_header_lines(str text, bool eof);

/* A message of a mailbox in one file, or bytes there that are none. */
struct mbox_piece {
    const char *problem; /* why it is no message; NULL: it is one */
    str raw; /* the message, without its From line and what the mailbox put behind it; of others a part */
    uint64_t offset, length; /* of all, From line included */
    uint64_t message_offset; /* where raw begins */
    size_t window;           /* bytes at the front of the source's window that the caller takes when done */
    when stored_at;          /* as the From line says, in no zone unless zoned; or WHEN_NONE */
    bool zoned;
    bool folder_data; /* looks like the data that some servers keep in a mailbox's first message */
};

/* Whether an mbox begins so: a From line with a date (RFC 4155). */
bool mbox_begins(str head, bool eof);

/* The next one; false at the end, or with diag filled on failure. */
bool mbox_next(struct source *, struct arena *, struct mbox_piece *, struct diag *);

/* What the caller knows of where a message lay. */
struct message_source message_source_of(const struct ingest_options *, struct origin);

#endif
