/* The records that ingest hands to a sink: what was folded out of log lines.
 *
 * A transit is one message in one queue of one MTA instance.  A long-lived one
 * may arrive in several parts (from several files, or because a run ended in
 * between); parts of one birth share transit_id, later parts without a birth
 * get one of their own and analyze joins them.  Every record names its first
 * line in its source; views live until the sink call returns. */
#ifndef RECORD_H
#define RECORD_H

#include "chain.h"
#include "event.h"
#include "when.h"

/* Where a record was read. */
struct origin {
    uint64_t offset, length; /* bytes in the decompressed source */
};

enum transit_flag {
    TRANSIT_BORN = 1 << 0,   /* its first line was seen */
    TRANSIT_ACTIVE = 1 << 1, /* the queue took it */
    TRANSIT_REMOVED = 1 << 2,
    TRANSIT_HELD = 1 << 3,
    TRANSIT_EXPIRED = 1 << 4,
    TRANSIT_DISCARDED = 1 << 5,
    TRANSIT_DELETED = 1 << 6,
    TRANSIT_REFUSED = 1 << 7, /* refused after its queue id was born (milter, header check) */
    TRANSIT_REQUEUED = 1 << 8,
    TRANSIT_LOCAL = 1 << 9, /* handed in on this host (pickup, sendmail) */
    TRANSIT_NULL_SENDER = 1 << 10,
    TRANSIT_YEAR_ASSUMED = 1 << 11,
    TRANSIT_ZONE_ASSUMED = 1 << 12,
    TRANSIT_BOUNCE = 1 << 13,   /* written by the MTA itself (a notification) */
    TRANSIT_LOST = 1 << 14,     /* the client broke off inside the transaction */
    TRANSIT_RELEASED = 1 << 15, /* from a hold */
    TRANSIT_NO_TLS = 1 << 24,   /* told by a log that never tells of TLS */
    TRANSIT_STORED = 1 << 25,   /* no log's: a stored message names this queue id, for linking alone */
};

struct transit {
    uint64_t transit_id;  /* hash of host, queue id and second of birth */
    uint64_t message_key; /* hash of the Message-ID; without one, the transit_id */
    when at;              /* first line of this part */
    when born_at;         /* WHEN_NONE: the birth was not seen */
    when active_at, removed_at;
    str host, queue_id, program;
    str message_id; /* without brackets */
    str mail_from;  /* see TRANSIT_NULL_SENDER */
    bool has_mail_from;
    int64_t size, nrcpt; /* -1: not said */
    str client_name, client_ip, helo, auth_user, protocol;
    str tls_version, tls_cipher;
    str orig_queue_id; /* the id it had before a content filter or a requeue */
    unsigned flags;    /* enum transit_flag */
    str lines;         /* the lines it was told by, as pairs of varints: gap since the end of the
                             line before (the first: since origin.offset), length */
    struct origin origin;
};

struct attempt {
    uint64_t attempt_id; /* hash of host, queue id, second, and what was said: the same in any file */
    uint64_t transit_id, message_key;
    when at;
    str recipient, orig_recipient;
    str relay_host, relay_ip;
    int relay_port; /* 0: not said */
    enum attempt_result result;
    bool local;       /* stored on this host */
    enum stage stage; /* where the dialogue stood, where the reply alone does not tell */
    int code;         /* 0: not said */
    str enhanced, reply, next_queue_id;
    double delay_s;  /* NAN: not said */
    float delays[4]; /* before queue manager, in it, connecting, transmitting; NAN: not said */
    str tls_version, tls_cipher;
    struct reply_class class; /* rule NULL: not classified (a success) */
    struct origin origin;
};

struct refusal {
    uint64_t refusal_id;
    uint64_t message_key; /* 0 unless the refused message is known */
    when at;
    str host, queue_id, message_id, client_name, client_ip, helo, mail_from, recipient, auth_user, action;
    bool has_mail_from;
    int code;
    str enhanced, reply;
    enum stage stage; /* where the dialogue stood */
    struct reply_class class;
    struct origin origin;
};

/* What a filter, an authentication check or a delivery agent said of a message, or what its reader did: see
 * event.h for the fields.  Milters and filters log beside the MTA, perhaps in files of their own: without
 * transit_id and message_key, analyze looks for the message. */
struct verdict {
    uint64_t verdict_id;  /* hash of host, second, and what was said: the same in any file */
    uint64_t transit_id;  /* 0: not known */
    uint64_t message_key; /* 0: neither its Message-ID nor its transit is known */
    enum event_kind kind; /* EVENT_FILTER, AUTH, FILING or ENGAGEMENT */
    when at;
    str host, engine, queue_id, message_id, mail_from, client_ip;
    bool has_mail_from;
    str recipient; /* whom it is about; of a delivery agent: the user */
    str action, result, reason, detail;
    double score, required; /* NAN: not said */
    str tests, method, domain, selector, session, next_queue_id;
    str mailbox; /* or the address it was forwarded to */
    int code;    /* 0: not said */
    str enhanced, reply, user_agent;
    struct origin origin;
};

/* A message that an MTA wrote about another one. */
struct notification {
    uint64_t transit_id, message_key; /* of the message it is about */
    when at;
    str host, queue_id, new_queue_id, type; /* bounce, delay, success */
    struct origin origin;
};

/* What a receiver says of a sender's domain or address over a day. */
struct reputation {
    uint64_t reputation_id; /* hash of provider, subject, domain and period */
    str provider;           /* "google", "microsoft" */
    bool is_ip;             /* the subject is an address, else a domain */
    str subject, domain;    /* domain: on whose behalf an address was seen, where that is said */
    when begin_at, end_at;
    str word; /* high, medium, low, bad; green, yellow, red */
    double spam_rate, spf_rate, dkim_rate, dmarc_rate, tls_in_rate,
        tls_out_rate;                                            /* shares of one; NAN: not said */
    int64_t rcpt_commands, data_commands, recipients, trap_hits; /* -1: not said */
    str detail;                                                  /* the rest, as "key: value; ..." */
    struct origin origin;
};

struct reject {
    uint64_t line; /* 0: not a text of lines */
    struct origin origin;
    str reason;
    str excerpt; /* raw bytes, cut to REJECT_EXCERPT */
};
enum { REJECT_EXCERPT = 200 };

/* Part of a line at the edge of a source: its end at the head, or its beginning at the tail. */
struct fragment {
    bool is_head;
    str bytes;
    struct origin origin;
    when edge_at; /* time of the nearest whole line */
    str host;
};

/* What was known of a process at a source's end (wanted false), or was missing for a fact at its
 * beginning (wanted true): the TLS of its connection. */
struct session_edge {
    bool wanted, outgoing;
    bool going_on; /* told in the middle of a source, in case it never comes to its end */
    str host, peer;
    int64_t pid;
    when at;
    uint64_t fact_id; /* wanted: the attempt_id (outgoing) or transit_id it is missing for */
    str tls_version, tls_cipher;
};

#endif
