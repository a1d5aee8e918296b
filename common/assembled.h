/* Journeys: what analyze is given for one message, and what it makes of it.
 *
 * A group is everything that is known of messages with one key (one Message-ID,
 * or what queue ids link where there is none).  It may hold several journeys:
 * a Message-ID is not unique. */
#ifndef ASSEMBLED_H
#define ASSEMBLED_H

#include "dsn.h"
#include "message.h"
#include "record.h"

/* Input: parts of transits as stored; root_id joins the parts of one. */
struct group_transit {
    uint64_t root_id;
    struct transit t;
};

struct group_message {
    unsigned char sha256[32];
    struct message *message; /* parsed */
    str folder, mailbox, host;
    when stored_at;
    int border_hop; /* by journey_assemble: index of the hop that brought this copy in, -1: none is known */
};

/* root_id joins it to its transit; 0: only its Message-ID is known. */
struct group_verdict {
    uint64_t root_id;
    struct verdict v;
};

/* A DISCARD that a host logged before a queue id was born, or a refusal of this message. */
struct group_refusal {
    struct refusal r;
};

/* What a notification said of one recipient, or a complaint (action DSN_UNKNOWN). */
struct group_told {
    uint64_t key; /* of the notification or complaint */
    when at, original_at;
    str told_by; /* the reporting MTA, or who complained */
    struct dsn_recipient r;
    str type;                                        /* of a complaint: "abuse", ... */
    str message_id, mail_from, header_from, subject; /* of the original, as returned */
    bool has_mail_from;
};

struct group {
    uint64_t key;
    struct group_transit *transits;
    size_t ntransits, transits_room;
    struct attempt *attempts; /* transit_id: of the part */
    uint64_t *attempt_roots;  /* root_id of each attempt's transit */
    size_t nattempts, attempts_room, roots_room;
    struct notification *notices;
    size_t nnotices, notices_room;
    struct group_message *messages;
    size_t nmessages, messages_room;
    struct group_refusal *refusals;
    size_t nrefusals, refusals_room;
    struct group_verdict *verdicts;
    size_t nverdicts, verdicts_room;
    struct group_told *told;
    size_t ntold, told_room;
    uint64_t dropped; /* rows of this key beyond what one group may hold */
};

/* Output: rows of the tables journey, hop, delivery, finding. */
struct journey {
    uint64_t journey_id, group_key;
    str message_id, mail_from, header_from, subject;
    bool has_mail_from;
    when first_at, last_at;
    int hops, recipients;
    enum outcome outcome;
    int64_t size; /* -1: not known */
};

struct hop {
    uint64_t transit_id; /* 0: not from a log of its own */
    int seq, from_seq;   /* from 1 */
    str host, queue_id, client_name, client_helo, client_ip, protocol, tls_version, tls_cipher, auth_user;
    when arrived_at, left_at;
    double delay_s; /* since the hop before arrived; NAN for the first */
    bool clock_skew;
    const char *seen_in; /* log, header, both */
};

/* The addresses that a recipient became on its way. */
struct trail {
    str address;
    const struct trail *before;
};

struct delivery {
    str recipient, final_recipient;
    enum outcome outcome;
    struct reply_class class; /* stage, reason, provider, rule; zero where all went well */
    int code;
    str enhanced, reply, decided_by, placement, receiver;
    when decided_at, first_attempt_at, last_attempt_at;
    int attempts;
    double delay_s;              /* from the message's first sign to the decision */
    uint64_t attempt_id;         /* that decided; 0: none */
    const struct verdict *judge; /* whose word decided, or NULL */
    const struct trail *trail;   /* from the last; only where notifications ask for it */
    bool told_fine;              /* whoever sent it there was told that all is well */
    str told;                    /* in these words */
};

struct finding {
    int hop_seq; /* 0: of the whole journey */
    enum stage stage;
    const char *severity; /* failure, degradation, note */
    const char *code;
    str detail;
};

/* A verdict on this journey. */
struct told_verdict {
    const struct verdict *verdict;
    int hop_seq;  /* of the host that judged; 0: not a hop */
    bool decides; /* a delivery's outcome rests on it */
};

/* What a host's own check of SPF, DKIM or DMARC gave, as its log tells. */
struct told_auth {
    str method, domain, selector, result, reason, said_by;
    when at;
};

/* An acceptance under a queue id, and the host in whose log that id was found. */
struct relayed {
    str relay_host, relay_ip; /* as the sender knows it */
    str host;                 /* empty: no log has the id */
};

/* One journey with all its parts. */
struct assembled {
    struct journey journey;
    struct hop *hops;
    size_t nhops, hops_room;
    struct delivery *deliveries;
    size_t ndeliveries, deliveries_room;
    struct finding *findings;
    size_t nfindings, findings_room;
    struct group_message **messages;
    size_t nmessages, messages_room;
    struct told_verdict *verdicts;
    size_t nverdicts, verdicts_room;
    struct told_auth *auths;
    size_t nauths, auths_room;
    struct relayed *relayed;
    size_t nrelayed, relayed_room;
    bool cut; /* there was more than is looked at: a finding says so */
};

#endif
