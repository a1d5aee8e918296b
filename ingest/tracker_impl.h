/* What the files of the tracker share. */
#ifndef TRACKER_IMPL_H
#define TRACKER_IMPL_H

#include "buf.h"
#include "pool.h"
#include "session.h"
#include "tracker.h"

/* Refusals that wait under one queue id. */
enum { MAX_AWAITING = 64 };

/* Of the recipients that an arrival's line names so many bytes are kept. */
enum { MAX_NAMED = 8192 };

/* Bits that ids may have, in words of 64. */
enum { SAID_WORDS = 16 };

/* A removed message stays this long (in the log's time) for lines that come out of order. */
static const when CLOSE_GRACE = 5 * WHEN_SECOND;

enum { TABLE_SIZE = 1 << 16 }; /* twice TRACKER_MAX_OPEN; a power of two */

struct open_attempt {
    struct open_attempt *next;
    struct attempt a; /* keys are set when it is handed out */
};

/* A verdict of an open message; its keys are set when it is handed out. */
struct open_verdict {
    struct open_verdict *next;
    struct verdict v;
};

/* A verdict whose message was not seen yet: its queue id, the next message of the same client and sender, or
 * the session that a reply names may still come. */
struct loose_verdict {
    struct loose_verdict *next;
    uint64_t id_hash; /* of host and queue id; 0: without one */
    struct verdict v;
    struct pool_chain memory;
};
enum { LOOSE_VERDICTS = 256, LOOSE_IDS = 1024 };

/* Ids given out within one second of the log: what is said again within it is another one.  The last id of each is found
 * by its first; of more than are kept, repetitions share the id that comes next. */
enum { REFUSAL_IDS = 1024, VERDICT_IDS = 256, ID_SLOTS = 2 * REFUSAL_IDS };
struct second_ids {
    when second;
    size_t n, nused;
    struct {
        uint64_t first, last; /* first 0: free */
    } slot[ID_SLOTS];
    unsigned short used[REFUSAL_IDS];
};

/* A refusal under a queue id whose sender and client a later line tells. */
struct awaiting {
    struct awaiting *next;
    struct refusal r;
    bool if_sent; /* counts only if the sender's line comes: else there was no message */
};

struct open_transit {
    struct open_transit *next_in_table;
    struct open_transit *newer, *older; /* by last event */
    struct open_transit *next_closing, *before_closing;
    uint64_t hash;
    struct transit t;
    struct pool_chain memory; /* its texts */
    str named;                /* whom the arrival's line said it is for, with blanks between */
    struct open_attempt *attempts, *last_attempt;
    size_t nattempts;
    struct open_verdict *verdicts;
    struct awaiting *awaiting, *last_awaiting;
    size_t nawaiting;
    struct pool_chain attempt_memory; /* and of verdicts */
    struct buf lines;                 /* varints, see struct transit; in memory */
    struct buf
        said; /* ids of the attempts, of what was said again the first and the last; in attempt_memory */
    uint64_t said_bits[SAID_WORDS]; /* a bit for each of these, by its last bits: most ids are none of them */
    struct buf told;                /* ids of the last second's attempts that a commit took away */
    when told_at;
    uint64_t line_end; /* end of its latest line */
    when touched, closing_at;
    bool closing, dirty; /* dirty: something is not handed out yet */
    bool id_fixed;       /* transit_id was handed out: it stays */
    bool tried;          /* an attempt was told */
    bool denied;         /* its content was refused: that the client breaks off then is no news */
};

/* A HOLD or DISCARD whose message has no queue id yet. */
struct parked {
    uint64_t owner; /* hash of host and process; 0: free */
    struct refusal r;
    struct pool_chain memory;
};
enum { MAX_PARKED = 64 };

struct tracker {
    struct sink *sink;
    bool muted, keeps_awaiting, goes_on;
    bool unheard; /* the sink takes nothing that is folded here */
    struct open_transit *table[TABLE_SIZE];
    struct open_transit *newest, *oldest, *spare;
    size_t nopen;
    struct arena opens; /* all of them */
    struct parked parked[MAX_PARKED];
    size_t nparked;
    struct open_transit *closing_first, *closing_last;
    struct pool pool;
    struct session_table *sessions;
    str host; /* of the event before, and its hash: mostly the same */
    char host_bytes[256];
    uint64_t host_hash;
    struct second_ids refusal_ids, verdict_ids;
    struct loose_verdict *loose, **loose_end, *loose_spare; /* the oldest first */
    size_t nloose, nloose_ids, nloose_sessions;             /* of them with a queue id, a session */
    unsigned short loose_ids[LOOSE_IDS];                    /* how many loose verdicts have such an id_hash */
    when first_at, last_at;                                 /* of the source's events */
    when waited_since; /* the oldest refusal told that had waited for its sender's line, since asked last */
    when tls_told_at;  /* up to when connections were handed out for a commit */
};

/* tracker_open.c: messages that are open, by host and queue id. */
uint64_t open_hash(struct tracker *, str host, str queue_id);
struct open_transit *open_find(struct tracker *, uint64_t hash, str host, str queue_id); /* or NULL */
/* The open message of an event's queue id; another one ends whatever had the id before. */
struct open_transit *open_for(struct tracker *, const struct event *, bool *good);
void open_note_line(struct tracker *, struct open_transit *,
                    const struct event *); /* the first of a part is its origin */
void open_fix_keys(struct open_transit *);
bool open_hand_out(struct tracker *, struct open_transit *);
void open_forget(struct tracker *, struct open_transit *);
bool open_close(struct tracker *, struct open_transit *); /* both */
void open_start_closing(struct tracker *, struct open_transit *, when at);
bool open_is_done(const struct open_transit *);
bool open_close_old(struct tracker *, when now);

/* tracker_parked.c: HOLD and DISCARD said before the queue id. */
bool parked_is_for(const struct event *);
bool parked_take(struct tracker *, const struct event *, const struct refusal *);
bool parked_claim(struct tracker *, struct open_transit *, const struct event *); /* by the message's birth */
bool parked_hand_out(struct tracker *, when until); /* those said up to then; WHEN_NONE: all */
void parked_release(struct tracker *, struct parked *);

/* tracker_facts.c: attempts and refusals. */
double number_or_nan(str); /* NAN: no number */
/* The id of what was said at that time, most of which are kept for one second. */
uint64_t second_id(struct second_ids *, uint64_t id, when at, size_t most);
bool take_attempt(struct tracker *, struct open_transit *, const struct event *);
/* Before a commit takes its attempts away: what is said again within the second is another one. */
void attempts_remember(struct open_transit *);
bool
take_refusal(struct tracker *, struct open_transit *, const struct event *); /* the transit may be NULL */
bool refusal_hand_out(struct tracker *, const struct event *, const struct open_transit *, str reply);
bool take_returned(struct tracker *, struct open_transit *, const struct event *);
bool take_freeze(struct tracker *, struct open_transit *, const struct event *);
str without_id(const struct event *); /* the text, without the queue id that it may begin with */
/* A refusal whose sender and client a later line tells. */
bool refusal_await_sender(struct tracker *, struct open_transit *, const struct event *, str reply);
bool refusal_await(struct tracker *, struct open_transit *, const struct refusal *, bool if_sent);
bool refusal_give(struct tracker *, struct refusal *); /* to the sink, classed */
void refusal_keep(struct tracker *, struct refusal *, struct pool_chain *);
bool refusals_hand_out_awaiting(struct tracker *, struct open_transit *);

/* tracker_verdict.c: what filters, checks and delivery agents say. */
bool take_verdict(struct tracker *, const struct event *);
bool verdicts_hand_out(struct tracker *, struct open_transit *); /* once its keys are fixed */
/* A message was opened, its sender was told, a reply was given: it may be the one that verdicts wait for. */
bool loose_claim_by_id(struct tracker *, struct open_transit *);
bool loose_claim_by_client(struct tracker *, struct open_transit *);
bool loose_claim_by_session(struct tracker *, struct open_transit *, str reply);
bool loose_hand_out(struct tracker *, when until); /* those said up to then; WHEN_NONE: all */
void loose_free(struct tracker *);

/* tracker_connections.c: what sessions tell on lines of their own. */
bool take_session(struct tracker *, const struct event *);
/* A connection lost, in a log that names the message. */
bool take_lost_message(struct tracker *, struct open_transit *, const struct event *);
int64_t
session_number(const struct event *); /* what tells sessions apart: their own name, else the process */
/* A fact whose connection began before this source: its TLS may stand in another one. */
bool tls_want(struct tracker *, const struct event *, bool outgoing, str peer, uint64_t fact_id);
bool tls_hand_out_edges(struct tracker *); /* at the end of the source */
bool tls_hand_out_new(struct tracker *);   /* in its middle: those not handed out so yet */

#endif
