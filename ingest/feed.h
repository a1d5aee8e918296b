/* Reputation feeds: what Google Postmaster Tools and Microsoft SNDS say of domains and addresses, by day. */
#ifndef FEED_H
#define FEED_H

#include "arena.h"
#include "csv.h"
#include "format.h"
#include "json_read.h"

/* An empty record: no figure said. */
struct reputation feed_record(const char *provider);
/* Gives it its id and hands it to the sink. */
bool feed_put(struct sink *, struct reputation *);

/* A figure by the name that the API or a CSV export gives it ("userReportedSpamRatio", "User reported spam
 * rate"); false: no such figure. */
bool feed_figure(struct reputation *, struct arena *, str name, str value);

/* 0.001, "0.1%", "< 0.1%" as shares of one; NAN for anything else. */
double feed_share(str);
/* "2026-09-21", "20260921", "9/21/2026 1:00 AM" (month first, as Microsoft writes it), "Sep 21, 2026". */
when feed_day(str);

enum { FEED_MAX_CELLS = 64, FEED_HEAD = 4096 /* in which the first line is looked at */ };

#endif
