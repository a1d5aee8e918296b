/* Times hidden in queue ids.
 *
 * Several MTAs build their queue ids from the clock, in UTC.  Such an id says
 * the year and, beside a log's local stamp, the zone, where the log says
 * neither.  The shapes that carry a date:
 *
 *   Postfix, long form (2.9 on)  6 digits in base 52 (no vowels): seconds; 4: microseconds;
 *                                "z"; inode in base 51        3mPVKl0Mhjz7sXv
 *   Exim                         6 digits in base 62: seconds; "-"; pid; "-"; fraction
 *                                before 4.97 6-6-2, later 6-11-4; base 36 where file
 *                                names have no case           1jmFYj-0001Rw-9k
 *   Sendmail (8.10 on)           6 digits in base 60: year mod 60 (from 1900), month from 0, day,
 *                                hour, minute, second; 2: sequence; pid in decimal
 *                                                             s1P819mk027713
 *
 * A short Postfix id ("B2858AB86AE") starts with microseconds: no date. */
#ifndef ID_TIME_H
#define ID_TIME_H

#include "when.h"

/* When the id was made: exact to the microsecond for Postfix, to the second
 * for the others (Exim's fraction means two things, depending on its
 * configuration).  WHEN_NONE for any other text: every character, the shape,
 * and a date in the years in which such ids can have been made, must fit. */
when id_time(str queue_id);

/* The length of the Exim id at the start of s (16 or 23), followed by a blank or the end; else 0. */
size_t id_exim_length(str s);

#endif
