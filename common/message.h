/* A raw message, read without loss (RFC 5322), and what its headers recorded.
 *
 * Views point into the message's bytes or into the arena it was parsed with.
 * Headers keep their raw form and offsets; unfolding and decoding are calls. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "arena.h"
#include "record.h"
#include "when.h"

/* Bounds; what exceeds them is reported in message.problems and not read further. */
enum {
    MESSAGE_MAX_HEADERS = 2000,
    MESSAGE_MAX_HEADER_BYTES = 1 << 20,
    MESSAGE_MAX_RECEIVED = 200,
    MESSAGE_MAX_MIME_DEPTH = 20,
    MESSAGE_MAX_MIME_PARTS = 1000,
};

struct header {
    str name;              /* as written, without trailing blanks */
    str value;             /* what follows the colon, folds kept, without the last line end */
    size_t offset, length; /* the whole field in the message, with its line end */
};

struct address {
    str name;    /* display name, decoded to UTF-8; or "" */
    str address; /* local@domain as written, comments and blanks dropped; "" if none */
    str domain;  /* after the last @, "" if none */
};

/* One Received field, read clause by clause (RFC 5321 4.4, and what is really sent). */
struct received {
    size_t raw_index; /* index of its header */
    str from_name;    /* the word after "from": what the client said or was looked up as */
    str from_helo, from_ip, from_rdns, from_ident;
    str by, via, protocol /* the with-clause */, id, for_address;
    str tls_version, tls_cipher, auth_user;
    when at;           /* WHEN_NONE: no readable date */
    int offset_s;      /* zone as said */
    bool zone_assumed; /* the date said no zone: read as UTC */
};

struct auth_property {
    str name, value; /* "smtp.mailfrom", "d.example" */
};
struct auth_recorded { /* one method's result in an Authentication-Results field (RFC 8601) */
    str method, result, reason;
    struct auth_property *properties;
    size_t nproperties;
};
struct auth_results {
    size_t raw_index;
    str header;   /* the field: "Authentication-Results", "ARC-Authentication-Results", "Received-SPF", ... */
    int instance; /* i= of an ARC set, else 0 */
    str authserv_id; /* "" where none was written */
    int version;     /* 1 unless said */
    struct auth_recorded *results;
    size_t nresults;
    bool trusted; /* within the trust boundary; false until someone says so */
    bool forged;  /* names a server within it, but came with the message */
};

struct spam_verdict {
    str engine, verdict, tests;
    double score, required; /* NAN: not said */
};

struct message {
    str raw; /* the whole message, as stored */
    struct header *headers;
    size_t nheaders;
    size_t body_offset; /* raw.n where there is no body */
    bool lf_only;       /* lines end in bare LF */

    str message_id; /* without brackets; "" if none */
    struct address *from;
    size_t nfrom;
    str return_path;      /* without brackets */
    bool has_return_path; /* with an empty return_path: the null sender */
    str subject;          /* decoded to UTF-8 */
    str delivered_to;
    when date;
    when original_arrival;     /* at the first Exchange server of the organization; WHEN_NONE: none said so */
    struct received *received; /* in header order: the last hop first */
    size_t nreceived;
    struct auth_results *recorded;
    size_t nrecorded;
    struct spam_verdict *spam;
    size_t nspam;
    str placement_folder, placement_verdict, placement_by; /* see check's JSON; "" unknown */
    const char **problems;                                 /* RFC breaches met, in plain words */
    size_t nproblems;
};

/* What an ingested message is, beside its content. */
struct message_source {
    str folder;           /* Maildir or mbox folder, "" where unknown */
    str mailbox;          /* owner of the Maildir where the path tells, or "" */
    str host;             /* --host */
    when stored_at;       /* from a Maildir file name or mbox From line, or WHEN_NONE */
    struct origin origin; /* the message's bytes in its source */
};

/* common/rfc5322.c: fields without loss, and their parts. */

/* Splits raw into headers and body.  Never fails: what is no header starts the body. */
void message_parse_headers(struct message *, struct arena *, str raw);

/* The first header of that name at or after *from (an index, updated to the next); NULL if none. */
const struct header *message_header(const struct message *, const char *name, size_t *from);
str message_header_value(const struct message *, const char *name); /* first one, trimmed, raw */

/* Length of the comment at the start of s, which begins with "(" and nests; an open one reaches to the end
 * (RFC 5322 3.2.2). */
size_t header_comment_length(str s);
/* The same of the quoted string at the start of s (RFC 5322 3.2.4). */
size_t header_quoted_length(str s);
str header_unfold(struct arena *, str value); /* RFC 5322 2.2.3 */
str header_decode(struct arena *, str value); /* unfolded, RFC 2047 words decoded to UTF-8 */
size_t address_parse_list(struct arena *, str value, struct address **out); /* RFC 5322 3.4 with groups */
str message_id_of(str value); /* the first <...> of the field, brackets cut off */

/* Notes an RFC breach, each once; the text must stay. */
void message_problem(struct message *, struct arena *, const char *what);

#endif
