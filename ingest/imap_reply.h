/* What an IMAP server says (RFC 3501 section 7, RFC 9051), parsed.
 *
 * A response is one line with its literals in place: "{5}", CR LF and five
 * bytes, as often as the line holds one; its own line end is taken off.  Views
 * point into it.  Only what waybill asks for is read; the rest is skipped. */
#ifndef IMAP_REPLY_H
#define IMAP_REPLY_H

#include "arena.h"
#include "when.h"

enum { IMAP_MAX_NESTING = 32 };

/* The end of a line that announces a literal: "... {123}", "{123+}", "~{123}". */
bool imap_literal_follows(str line, uint64_t *size, size_t *mark /* where "{" stands */);
/* Whether responses that begin so may hold literals: the texts of OK, NO, BAD, BYE do not. */
bool imap_may_hold_literals(str line);

/* "* OK [UIDNEXT 5] text", "W3 NO [TRYCREATE] text"; what stands behind the tag or "*". */
enum imap_word { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_OTHER };
struct imap_status {
    enum imap_word word;
    str code; /* without brackets, or empty */
    str text;
};
struct imap_status imap_parse_status(str behind_tag);

/* Whether a refusal (what stands behind the tag) passes by itself: too much was asked for, or something behind the server
 * is away (RFC 5530, and the words of Gmail and Exchange).  busy: too much was asked for, nothing else.  *wait_s: how long
 * the server asks to wait, 0 where it does not say. */
bool imap_passes(str behind_tag, bool busy, int *wait_s);
/* Whether it says that messages were removed by another session. */
bool imap_tells_removal(str behind_tag);

/* The number of a response or code: "UIDVALIDITY 17", "172 EXISTS" give 17 and 172; 0 where there is none. */
uint64_t imap_number(str s, str word);

/* "* 12 FETCH (UID 5 RFC822.SIZE 4711 INTERNALDATE "..." BODY[] {4}..)". */
struct imap_fetch {
    uint32_t uid;                     /* 0: not said */
    uint64_t size;                    /* RFC822.SIZE */
    when at;                          /* INTERNALDATE, WHEN_NONE */
    str body;                         /* of the first BODY[...] */
    bool has_size, has_body, has_nil; /* NIL for a body: there is none to be had */
};
bool imap_parse_fetch(struct arena *, str response, struct imap_fetch *);

/* "* LIST (\HasNoChildren \Junk) "/" Spam". */
struct imap_list {
    str name;    /* as on the wire */
    bool closed; /* \Noselect, \NonExistent: no messages in it */
    bool copies; /* \All, \Flagged, \Important: shows messages of other folders once more */
};
bool imap_parse_list(struct arena *, str response, struct imap_list *);

/* Whether a list of words ("\Seen \*") holds one; case does not count. */
bool imap_has_word(str words, str word);

/* As an argument of a command: quoted. */
str imap_quote(struct arena *, str);

/* UIDs in ascending order as a set, "1:4,7".  Takes as many of n as fit into room characters; *taken says how
 * many. */
str imap_set(struct arena *, const uint32_t *uids, size_t n, size_t room, size_t *taken);

#endif
