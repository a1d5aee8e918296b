/* What the files of groups share. */
#ifndef GROUPS_IMPL_H
#define GROUPS_IMPL_H

#include <pthread.h>

#include "groups.h"
#include "pgread.h"
#include "writer.h"

#define GROUPS_TABLES(X)                                                                                    \
    X(JOURNEY, "journey", true, 12,                                                                         \
      "journey_id, group_key, message_id, mail_from, header_from, subject, first_at, last_at, hops, "       \
      "recipients, "                                                                                        \
      "outcome, size")                                                                                      \
    X(HOP, "hop", true, 20,                                                                                 \
      "journey_id, group_key, first_at, seq, host, queue_id, transit_id, client_name, client_helo, "        \
      "client_ip, "                                                                                         \
      "protocol, tls_version, tls_cipher, auth_user, arrived_at, left_at, delay_s, clock_skew, seen_in, "   \
      "from_seq")                                                                                           \
    X(DELIVERY, "delivery", true, 23,                                                                       \
      "journey_id, group_key, first_at, recipient, final_recipient, outcome, stage, reason, provider, "     \
      "rule, code, "                                                                                        \
      "enhanced, reply, decided_by, decided_at, attempts, first_attempt_at, last_attempt_at, delay_s, "     \
      "placement, "                                                                                         \
      "receiver, attempt_id, told")                                                                         \
    X(FINDING, "finding", true, 8,                                                                          \
      "journey_id, group_key, first_at, hop_seq, stage, severity, code, detail")                            \
    X(AUTH, "auth_result", false, 12,                                                                       \
      "journey_id, group_key, method, domain, selector, result, aligned, reason, said_by, at, "             \
      "message_sha256, records_age_s")                                                                      \
    X(MESSAGE, "journey_message", false, 3, "sha256, journey_id, group_key")                                \
    X(VERDICT, "journey_verdict", true, 6, "journey_id, group_key, first_at, hop_seq, verdict_id, decides") \
    X(WAITING, "waiting", false, 2, "group_key, due")                                                       \
    X(LINK, "temp.link_now", false, 4, "transit_id, message_key, group_key, root_transit_id")               \
    X(NOTICE, "temp.notice_now", false, 2, "journey_id, first_at")

#define GROUPS_TABLE_ENUM(id, name, partitioned, n, columns) GROUPS_##id,
enum groups_table { GROUPS_TABLES(GROUPS_TABLE_ENUM) GROUPS_TABLE_COUNT };

enum { STREAM_TRANSIT, STREAM_ATTEMPT, STREAM_REFUSAL, STREAM_MESSAGE, STREAM_VERDICT, STREAM_TOLD, STREAMS };

/* Of one group's rows: a client may write the same Message-ID into everything it sends. What is beyond is
 * counted, and a finding says so. */
enum { GROUP_MAX_BYTES = 256 << 20 };

/* One ordered COPY, looked at one row ahead. */
struct stream {
    struct db *db;
    struct pgread row; /* behind the key */
    int64_t key;
    bool ended;
};

struct groups {
    struct db *db;
    struct writer *writer;
    struct arena arena;
    struct stream streams[STREAMS];
    pthread_t opener; /* of their sessions */
    bool opening;
    int64_t since, until;    /* loads that are new: greater than since, up to until */
    int64_t linked_until;    /* loads that linking has seen */
    bool little_loose;       /* looks for others by its queue id, beside what is new */
    str span[2];             /* the same as parameters */
    str new_from, new_until; /* times between which the new loads' logs lie */
    when now;
    str dns;
    bool any_told;                    /* there are notifications or complaints */
    bool all, linked, in_transaction; /* linked: transit_link holds something */
    bool unfinished;                  /* the run before was killed behind its commit */
    bool any_verdicts;
    when grace;
    struct relays *relays;
};

/* groups_lost.c: messages too young to judge, and acceptances that no log of the host knows. */
bool groups_prepare_lost(struct groups *, struct diag *); /* in the transaction that finds what is dirty */
bool groups_begin_lost(struct groups *, struct diag *);   /* once what is stale was cleared */
void groups_watch(struct groups *, const struct assembled *);
bool groups_keep_relays(struct groups *, struct diag *);
bool groups_mark_lost(struct groups *, struct diag *); /* after the commit, with indexes */
void groups_forget_relays(struct groups *);

/* groups_told.c: notifications look for what they are about, and make their groups dirty. */
bool groups_prepare_told(struct groups *, struct diag *);
void groups_read_told(struct arena *, struct pgread *, struct group *);
/* Names the journeys that reports are about. */
bool groups_name_told(struct groups *, struct diag *);

/* A query of queries/, its cells in the arena; rows may be NULL. */
bool groups_query(struct groups *, const char *name, const str *params, size_t nparams, struct db_rows *rows,
                  struct diag *);

/* A text of queries/ with the numbers and conditions of this run, for what takes no parameters:
 * ":until:" the last load to take; ":known(t):" a row of t from a load analyzed before, ":new(t):" from one that was
 * not; ":linked(t):", ":unlinked(t):" the same of linking; ":all_new:" whether linking looks at all that is new;
 * ":dirty(key):" a key whose group is to be assembled; ":unnamed:" the transits of such groups that have no Message-ID. */
str groups_fill_in(struct groups *, const char *name);
/* Runs such a text, of whose rows none are wanted. */
bool groups_run(struct groups *, const char *name, struct diag *);

/* The lock that every batch of ingest holds (queries/load_batch_lock.sql). */
#define GROUPS_BATCH_LOCK "8602851031751"

/* groups_settle.c: begins with the tables of ingest once all streams have ended, if no ingest is inside a batch; goes on
 * with those of analyze when their rows are committed, or gives up where they are not.  End it always. */
struct settling;
struct settling *groups_settle_begin(struct groups *, struct diag *);
bool groups_settle_end(struct settling *, bool committed, struct diag *);

/* groups_links.c: joins by queue ids, in the transaction that finds what is dirty. */
bool groups_find_links(struct groups *, struct diag *);

/* Fetches the next row and reads its key. */
bool stream_next(struct stream *, struct diag *);

#endif
