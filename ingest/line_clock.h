/* The time of lines that do not say year or zone.
 *
 * In order: what the caller said (--year, of the first stamp; --timezone); what
 * queue ids born on the first lines carry (id_time.h), which gives year and zone
 * together, and later when summer time begins and ends; else the system's zone
 * and the latest year that is not after the file's own date.  What was not said
 * is flagged as assumed.
 *
 * Lines come in their order, nearly: an hour that comes twice is read by the
 * lines before it, and January behind December is the next year's. */
#ifndef LINE_CLOCK_H
#define LINE_CLOCK_H

#include "format.h"

struct line_clock {
    struct zone zone;
    int year;       /* 0: by reference */
    when reference; /* stamps are not later than this (a day's grace) */
    bool from_ids;  /* offset_s was read from queue ids */
    int offset_s;
    bool zone_said, year_said;
    struct civil last; /* the stamp before, and its time without the fraction: most lines share it */
    bool last_dated;
    when last_at;
};

/* Looks at the source's first bytes, takes nothing. */
void
line_clock_init(struct line_clock *, const struct ingest_options *, struct source *, const struct format *);

/* The same look at other bytes of it, if the first ones showed no ids. */
void line_clock_learn(struct line_clock *, str bytes, const struct format *);

/* UTC of a stamp; dated: its year was said.  Adds EVENT_YEAR_ASSUMED, EVENT_ZONE_ASSUMED. */
when line_clock_time(struct line_clock *, const struct civil *, bool dated, str text, unsigned *flags);

#endif
