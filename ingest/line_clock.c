/* The time of lines that do not say year or zone. */
#include "line_clock.h"

#include <stdlib.h> /* llabs */

#include "id_time.h"
#include "syslog.h"

/* Lines without an id of their own are of about the time of the ids beside them. */
static const when NEIGHBOURS = 30 * WHEN_DAY;

enum { QUARTER_S = 900, SAMPLE_LINES = 5000, OFFSETS = 4 * 29 + 1, NEAR_S = 60, SAMPLE_BYTES = 64 << 10 };

/* The queue id at the start of a line's text, if it looks like one. */
static str
leading_id(str text)
{
    size_t n = 0;
    while (n < text.n && (str_is_alpha(text.p[n]) || str_is_digit(text.p[n]) || text.p[n] == '-'))
        n++;
    bool ends = n < text.n && (text.p[n] == ':' || text.p[n] == ' ');
    return ends && n >= 14 && n <= 30 ? str_head(text, n) : (str){ 0 };
}

/* A stamp's difference to its id's time, if it is close to a zone's: a line logged right at the birth. */
static bool
offset_vote(const struct civil *c, when id_at, int *quarters)
{
    struct civil dated = *c;
    struct civil born = when_to_civil(id_at);
    if (dated.year == 0) {
        dated.year = born.year;
        if (dated.month == 1 && born.month == 12)
            dated.year++;
        if (dated.month == 12 && born.month == 1)
            dated.year--;
    }
    when stamp = when_from_civil(dated);
    if (stamp == WHEN_NONE)
        return false;
    int64_t diff = (when_second(stamp) - when_second(id_at)) / WHEN_SECOND;
    int64_t rounded = (diff >= 0 ? diff + QUARTER_S / 2 : diff - QUARTER_S / 2) / QUARTER_S;
    if (llabs(diff - rounded * QUARTER_S) > NEAR_S || rounded < -OFFSETS / 2 || rounded > OFFSETS / 2)
        return false;
    *quarters = (int)rounded;
    return true;
}

static void
vote_on_zone(struct line_clock *c, str head, const struct format *format)
{
    int votes[OFFSETS] = { 0 }, total = 0;
    when first_id_at = WHEN_NONE;
    for (int i = 0; i < SAMPLE_LINES && head.n; i++) {
        struct str_cut cut = str_cut(head, '\n');
        head = cut.tail;
        struct framed f = { 0 };
        int offset_s, quarters;
        bool framed =
            (format && format->frame && format->frame(cut.head, &f.line, &f.civil, &f.zoned, &offset_s)) ||
            syslog_frame(cut.head, &f);
        if (framed && f.line.program.n)
            syslog_repeated_stamp(format, &f);
        if (!framed || f.zoned)
            continue;
        when id_at = id_time(leading_id(f.line.text));
        if (id_at != WHEN_NONE && offset_vote(&f.civil, id_at, &quarters)) {
            votes[quarters + OFFSETS / 2]++;
            if (total++ == 0)
                first_id_at = id_at;
        }
    }
    int best = 0;
    for (int i = 1; i < OFFSETS; i++)
        if (votes[i] > votes[best])
            best = i;
    if (votes[best] > 0 && votes[best] * 2 >= total) {
        c->from_ids = true;
        c->offset_s = (best - OFFSETS / 2) * QUARTER_S;
        c->reference = first_id_at + NEIGHBOURS; /* also of the lines before it */
    }
}

void
line_clock_init(struct line_clock *c, const struct ingest_options *options, struct source *s,
                const struct format *format)
{
    *c = (struct line_clock){ .year = options->year, .year_said = options->year != 0, .last_at = WHEN_NONE };
    c->reference = s->modified_at ? s->modified_at * WHEN_SECOND : options->now;
    if (options->zone) {
        c->zone = *options->zone;
        c->zone_said = true;
    } else {
        zone_of_system(&c->zone);
    }
    struct diag ignored = { 0 };
    source_want(s, SAMPLE_BYTES, &ignored); /* a pipe hands out small pieces; the vote is the same */
    vote_on_zone(c, str_head(format_head(s, SAMPLE_BYTES), SAMPLE_BYTES), format);
}

void
line_clock_learn(struct line_clock *c, str bytes, const struct format *format)
{
    if (!c->from_ids)
        vote_on_zone(c, str_head(bytes, SAMPLE_BYTES), format);
}

static when
to_utc(struct line_clock *c, when civil_as_utc)
{
    if (c->from_ids && !c->zone_said)
        return civil_as_utc - (when)c->offset_s * WHEN_SECOND;
    return zone_to_utc_after(&c->zone, civil_as_utc, c->last_at);
}

/* Whether a line is the first of its message's, so that it cannot be later than the id by much: Exim's, Postfix', and
 * Sendmail's.  Postfix' queue manager writes from= at each try. */
static bool
is_birth(str behind_id)
{
    return str_starts(behind_id, S(" <= ")) || str_starts(behind_id, S(": client=")) ||
           str_starts(behind_id, S(": message-id=")) ||
           (str_starts(behind_id, S(": from=")) && !str_ends(behind_id, S("(queue active)")));
}

/* Summer time begins or ends within a log: ids tell.  A line is never before its id, but may be an hour later. */
static void
follow_summer_time(struct line_clock *c, const struct civil *stamp, str text, when id_at)
{
    enum { SHIFT_S = 3600, SMALL_SHIFT_S = 1800 };
    int quarters;
    if (id_at == WHEN_NONE || !c->from_ids || c->zone_said || !offset_vote(stamp, id_at, &quarters))
        return;
    int by = quarters * QUARTER_S - c->offset_s;
    bool back = by == -SHIFT_S || by == -SMALL_SHIFT_S, on = by == SHIFT_S || by == SMALL_SHIFT_S;
    if (back || (on && is_birth(str_skip(text, leading_id(text).n))))
        c->offset_s += by;
}

/* The latest year in which the stamp is not after the reference; a 29 February may be years back. */
static int
guess_year(const struct line_clock *c, const struct civil *stamp)
{
    enum { YEARS_BETWEEN_LEAPS = 8 };
    int latest = when_to_civil(c->reference).year;
    for (int back = 0; back <= YEARS_BETWEEN_LEAPS; back++) {
        struct civil with_year = *stamp;
        with_year.year = latest - back;
        when at = when_from_civil(with_year);
        if (at != WHEN_NONE && at <= c->reference + WHEN_DAY)
            return with_year.year;
    }
    return latest - 1;
}

/* The year that the line's own queue id says, which was born shortly before the line. */
static int
id_year(const struct civil *stamp, when id_at)
{
    struct civil born = when_to_civil(id_at);
    if (stamp->month < born.month && born.month - stamp->month > 6)
        return born.year + 1;
    if (stamp->month > born.month && stamp->month - born.month > 6)
        return born.year - 1;
    return born.year;
}

/* The year that was said is the first line's. */
static void
turn_year(struct line_clock *c, const struct civil *stamp)
{
    if (c->last.month == 12 && stamp->month == 1)
        c->year++;
    if (c->last.month == 1 && stamp->month == 12)
        c->year--;
}

when
line_clock_time(struct line_clock *c, const struct civil *stamp, bool dated, str text, unsigned *flags)
{
    if (!c->zone_said && !c->from_ids)
        *flags |= EVENT_ZONE_ASSUMED;
    struct civil full = *stamp;
    full.micros = 0;
    if (c->last_at != WHEN_NONE && c->last_dated == dated && memcmp(&full, &c->last, sizeof full) == 0) {
        if (!dated && !c->year_said && !c->from_ids)
            *flags |= EVENT_YEAR_ASSUMED;
        return c->last_at + stamp->micros;
    }
    if (!dated && c->year_said)
        turn_year(c, stamp);
    c->last = full;
    c->last_dated = dated;
    bool asks_ids = (c->from_ids && !c->zone_said) || (!dated && !c->year_said);
    when id_at = asks_ids ? id_time(leading_id(text)) : WHEN_NONE;
    follow_summer_time(c, stamp, text, id_at);
    if (!dated) {
        if (c->year_said) {
            full.year = c->year;
        } else if (id_at != WHEN_NONE) {
            full.year = id_year(stamp, id_at);
            c->reference = id_at + NEIGHBOURS;
        } else {
            full.year = guess_year(c, stamp);
            if (!c->from_ids)
                *flags |= EVENT_YEAR_ASSUMED;
        }
    }
    when at = when_from_civil(full);
    c->last_at = at == WHEN_NONE ? WHEN_NONE : to_utc(c, at);
    return c->last_at == WHEN_NONE ? WHEN_NONE : c->last_at + stamp->micros;
}
