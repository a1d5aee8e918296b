/* Folds log events into transits, attempts and refusals while they are read.
 *
 * One tracker per source: it keeps the messages that are open (hash table by
 * host and queue id) and what sessions told before a queue id was known (TLS,
 * by pid).  Memory is bounded: the message that was silent longest is handed
 * out as a part when too many are open.  Nothing depends on having seen other
 * sources; analyze joins the parts.
 *
 * tracker_flush hands out all that is open, as parts, and goes on; muted, the
 * tracker does everything but hand out (used to get back into the middle of a
 * source that was read before). */
#ifndef TRACKER_H
#define TRACKER_H

#include "event.h"
#include "sink.h"

struct tracker;

enum {
    TRACKER_MAX_OPEN = 32768,      /* messages */
    TRACKER_MAX_ATTEMPTS = 256,    /* of one message before they are handed out as a part */
    TRACKER_MAX_BYTES = 128 << 20, /* of texts and attempts before all are handed out as parts */
};

struct tracker *tracker_new(struct sink *);
void tracker_free(struct tracker *);

/* Takes one event; false if the sink gave up. */
bool tracker_event(struct tracker *, const struct event *);

/* Hands out everything open.  at_end also forgets it. */
bool tracker_flush(struct tracker *, bool at_end);

/* In the middle of a source that goes on, for a commit: all that is known of every message, however young, for
 * its lines may be gone when it is asked again (a pipe, a truncated file), and the TLS of its connections.
 * Only refusals that wait for their sender's line and verdicts that wait for their message are kept back, by
 * the lines alone, so that a later, muted run comes to the same. */
bool tracker_hand_out(struct tracker *);
/* The lines of what was kept back then, at most so many. */
size_t tracker_kept_back(const struct tracker *, struct origin *lines, size_t most);
/* The time of the oldest record that had waited and was told since this was asked last; WHEN_NONE: none. */
when tracker_waited_since(struct tracker *);
/* After lines of an earlier source were followed, muted: what comes now is a source of its own. */
void tracker_begin(struct tracker *);

void tracker_mute(struct tracker *, bool muted);

#endif
