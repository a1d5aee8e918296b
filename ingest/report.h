/* Reports found by content: XML, JSON, mails, in gzip, zip, tar, and these inside each other.
 *
 * Whatever the name or media type says, the bytes decide.  One container may
 * hold several reports; one bad member costs no other. */
#ifndef REPORT_H
#define REPORT_H

#include "arena.h"
#include "format.h"
#include "message.h"
#include "sink.h"
#include "source.h"

enum {
    REPORT_MAX_DEPTH = 4,          /* containers inside containers */
    REPORT_MAX_ARCHIVE = 64 << 20, /* bytes of a zip or tar, packed */
    REPORT_MAX_BYTES = 1 << 30,    /* of one inflated stream */
    REPORT_RATIO = 500,            /* of an inflated stream, beyond REPORT_RATIO_FROM bytes */
    REPORT_RATIO_FROM = 32 << 20,
};

enum report_result {
    REPORT_NONE,     /* nothing here looks like a report */
    REPORT_READ,     /* at least one went to the sink, perhaps with rejects */
    REPORT_REJECTED, /* it should be one and cannot be read; the sink has the reason */
    REPORT_FAILED,   /* the sink can take no more */
};

/* Reads the reports in these bytes, which lie inside the source at origin (a mail's part, say).  name is
 * for reasons.  Counts records and rejects in the sink's account, but no bytes: those are the caller's.
 * *why (may be NULL): what kept us from reading a container, where REPORT_NONE; "" nothing did. */
enum report_result
report_from_bytes(struct arena *, str bytes, str name, struct origin, struct sink *, str *why);

/* Data as plain text (base64, uuencode, yEnc): whether a text begins so, and the next file in it (empty: none
 * is left).  uuencoded and yEnc files may stand anywhere in it; base64, too, where that is asked for. */
bool report_is_armoured(str head);
str report_unarmour(struct arena *, str *text, bool anywhere);

/* Whether report_unarmour() may find base64 anywhere in a text, which is told sooner. */
bool report_holds_base64(str text);

/* A text as it was before a mail quoted it ("> "); the text itself if it is not quoted where a report begins. */
str report_unquoted(struct arena *, str text);

/* How many blanks, NULs and byte order marks slipped before the gzip or archive that this is; 0: it is none. */
size_t report_slipped(str head);

/* Containers that are known and not opened, by their first bytes: "is a 7z archive, which is not read"; or NULL. */
const char *report_closed_container(str bytes);

/* All reports in the parts of a mail, attached or in its text, and what the mail itself is: a notification of
 * delivery, a complaint, a failure report.  How many there were, good or rejected.  Parts that do not look like
 * reports are left alone.  is_mail: notifications and complaints are mail to somebody, too; the others are
 * nothing but their reports. */
struct reports_found {
    size_t n;
    bool is_mail;
};
struct reports_found
reports_from_message(struct arena *, const struct message *, const struct message_source *, struct sink *);

/* Reads a source to its end; what it holds that is no report is rejected.  False when the sink or the
 * source can go no further. */
bool report_read_source(struct source *, struct sink *);

#endif
