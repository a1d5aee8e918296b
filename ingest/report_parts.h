/* What reports that are mails have in common: their leaves, the fields of their
 * machine-readable parts, and the message they are about. */
#ifndef REPORT_PARTS_H
#define REPORT_PARTS_H

#include "mime.h"

/* The leaves of a report's mail, in order, transfer-decoded. */
struct report_parts {
    const struct message *mail;
    const struct mime_part *parts;
    size_t n;
};

/* The next part from at on that is of one of these types (lower case; NULL ends), else STR_NONE. */
size_t report_part_of_type(const struct report_parts *, size_t at, const char *const *types);

/* Fields "Name: value" at the start of text, blank lines before them skipped; *rest is what follows
 * the empty line behind them.  The result has no other use than message_header*. */
struct message report_fields(struct arena *, str text, str *rest);
/* A field's value, unfolded and trimmed; "" if absent. */
str report_field(struct arena *, const struct message *, const char *name);
/* The values of all fields of a name, joined. */
str report_fields_joined(struct arena *, const struct message *, const char *name, const char *between);
/* "rfc822; user@example.org" -> "user@example.org"; *type (may be NULL) gets what stands before the ";". */
str report_typed(str value, str *type);
/* An address without brackets, quotes, and comments around it. */
str report_address(str value);

/* The header section of the message that a report behind its part at is about: of the nested message, of a
 * part of headers, or copied into a text; "" if there is none.  What follows a blank line is not in it. */
str report_original(struct arena *, const struct report_parts *, size_t at);
/* Where a copy of a header section begins in a text, STR_NONE if nowhere. */
size_t report_find_headers(str text);

/* The text of a part for people to read: HTML without its tags, UTF-8, lines ended by LF. */
str report_text(struct arena *, const struct mime_part *);

/* A hash of text that line ends and blanks around it do not change. */
uint64_t report_hash(uint64_t so_far, str text);

#endif
