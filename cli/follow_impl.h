/* What the files of follow share. */
#ifndef FOLLOW_IMPL_H
#define FOLLOW_IMPL_H

#include <sys/stat.h>

#include "follow.h"
#include "follow_stream.h"

enum {
    TAIL_LAST = 64, /* bytes before the place where a file was read to: they tell whether it is the same */
    TAIL_QUOTA = 4 << 20,    /* bytes of one file for one batch */
    TAIL_UNKNOWN = 64 << 10, /* a format that so many bytes do not show is not known */
};

/* One file or pipe that grows. */
struct tail {
    struct tail *next;
    char *path;
    dev_t dev;
    ino_t ino;
    int fd;                /* of a file */
    struct stream *stream; /* of a pipe, or NULL */
    struct source source;
    const struct format *format;
    struct lines *lines; /* NULL: not begun, or to begin anew */
    struct lines_from from;
    struct load_source known;
    bool in_database, begun;     /* it has a row there; this process has it in hand */
    uint64_t committed, counted; /* offsets: in the database, in the account of the run */
    struct account total, batch;
    when since, last_since; /* the first time that this batch told of, and the one before */
    char head[LOAD_HEAD];
    size_t head_n;
    char last[TAIL_LAST];
    size_t last_n;
    bool changed;  /* in this batch */
    bool backlog;  /* there is more than the quota */
    bool old;      /* renamed or removed: ends when nobody writes to it any more */
    bool over;     /* to be let go */
    bool rest;     /* and the rest behind its last line end is all there will be */
    when grown_at; /* when it was seen to grow last */
    /* follow_kept.c: */
    int64_t kept_base;        /* of a pipe: where this source begins in all that ever came through it */
    bool kept_owned;          /* it is ours to follow, and what is kept of it */
    bool kept_any, kept_sure; /* of a file: there may be lines of it; all are there */
    bool kept_said;           /* that it is another's */
    char kept_name[32], owned_name[64];
};

/* What a path on the command line means. */
struct root {
    const char *path;
    bool is_directory, is_stream, is_followed;
    str dir, base;
    when since; /* what was rotated before then is not looked at; WHEN_NONE: nothing was read of it before */
};

/* A file that was looked at and is no tail. */
struct seen {
    dev_t dev;
    ino_t ino;
    off_t size;
    when modified, changed;
    bool done, warned;
    bool before;          /* it was rotated before we came: not ours */
    when retry_at, pause; /* another process follows it; looked at again */
    uint64_t shadow;      /* the generation in which another tail had its beginning; 0: none */
};

struct watch;

struct follow {
    struct ingest *in;
    struct cli *cli;
    const struct follow_options *options;
    struct arena arena; /* stays */
    struct arena scan;  /* one scan's */
    struct root *roots;
    size_t nroots, roots_room;
    struct tail *tails;
    struct seen *seen;
    size_t nseen, seen_room;
    uint64_t generation; /* counts tails that ended */
    struct watch *watch;
    bool scan_now, scanned; /* scanned: once already */
    when scan_at;           /* WHEN_NONE: only when something happens */
    size_t nowned;          /* files and pipes of which we hold the lock */
    when ours_since;        /* what was rotated before is not looked for (of the file that is scanned) */
    when committed_at, started_at, scanned_at, swept_at;
    bool said_away;    /* that the database is away */
    unsigned failures; /* batches in a row that the database refused */
    int analyzer;      /* pid of analyze, or 0 */
    when analyzed_at;
    bool analyze_due;
};

/* follow.c ------------------------------------------------------------------------------------------ */

struct pollfd;
/* Waits for the time to pass, for a signal or for one of the fds. */
void follow_rest(struct pollfd *, size_t n, when span);
/* Something was stored, or there is nothing to store. */
void follow_is_well(struct follow *);

/* follow_batch.c ------------------------------------------------------------------------------------ */

/* One batch of all that has something; backlog: there is more already.  False: the database failed. */
bool batch_run(struct follow *, bool *backlog);
/* Commits what the batch has, with what is kept of each file and pipe. */
bool batch_commit(struct follow *);
/* Finds tails that end: truncated, renamed long ago, a pipe without writers; and whether there are some. */
void batch_note_ends(struct follow *, when now);
bool batch_any_over(const struct follow *);

/* follow_tail.c ------------------------------------------------------------------------------------- */

struct tail *tail_of_file(struct follow *, const char *path, int fd, const struct stat *);
struct tail *tail_of_stream(struct follow *, const char *path, int fd);
void tail_free(struct tail *);
/* Opens the source and sees its head; false: it cannot be read. */
bool tail_open(struct tail *);
/* Years that lines do not say are taken from when the file was written. */
void tail_note_times(struct tail *);
/* Forgets all but the file: after the database failed, or somebody else read on. */
void tail_reset(struct tail *);
/* Whether a file is not what was read of it any more; it is over then. */
bool tail_is_truncated(struct follow *, struct tail *);
/* Whether there is something to read, or to hand out. */
bool tail_has_work(struct follow *, struct tail *, when now);
/* Reads what there is into the batch; false: the database failed (in->failed). */
bool tail_pump(struct follow *, struct tail *);
/* Ends it within the batch; with_rest: what stands behind its last line end is all of a line. */
bool tail_finish(struct follow *, struct tail *, bool with_rest);
/* After the batch is committed. */
void tail_committed(struct tail *);

/* follow_begin.c ------------------------------------------------------------------------------------ */

enum tail_kind { TAIL_LOG, TAIL_WHOLE, TAIL_EMPTY, TAIL_LATER, TAIL_NO_FORMAT, TAIL_GONE, TAIL_BUSY };

/* Looks at the first bytes; of a log, what the database knows of it.  TAIL_LOG: it can be read now.  TAIL_BUSY: another
 * process follows it. */
enum tail_kind tail_start(struct follow *, struct tail *);
/* A file that was looked up before the batch was open: whether it is still what it was. */
bool tail_is_still_known(struct follow *, struct tail *);
/* Whether the file of fd holds nothing but what the tail's file begins with. */
bool tail_begins_with(const struct tail *, int fd);

/* follow_analyze.c ---------------------------------------------------------------------------------- */

void analyzer_start(struct follow *, when now); /* if one is due and none runs */
void analyzer_reap(struct follow *, bool wait_for_it);

/* follow_kept.c ------------------------------------------------------------------------------------- */

/* Whether no other process follows it: a pipe, or a file with a source. */
bool kept_own(struct follow *, struct tail *, bool *ours);
void kept_disown(struct follow *, struct tail *);
/* The format of what earlier runs kept of a pipe; NULL: nothing, or the database failed. */
const struct format *kept_format(struct follow *, struct tail *);
/* Follows, muted, what earlier runs kept of a pipe. */
bool kept_replay(struct follow *, struct tail *);
/* Keeps, with the batch, what a later run must read again. */
bool kept_commit(struct follow *, struct tail *);
/* Tells what waited when a process was killed and is nowhere to be read on. */
bool kept_sweep(struct follow *);

/* follow_find.c ------------------------------------------------------------------------------------- */

void find_roots(struct follow *, char *const *paths, int n);
/* Looks for new, renamed, rotated files; false: the database failed. */
bool find_files(struct follow *);

/* follow_file.c ------------------------------------------------------------------------------------- */

enum file_wanted {
    FILE_NAMED,        /* on the command line */
    FILE_IN_DIRECTORY, /* that is followed */
    FILE_ROTATED, /* a name that a rotation gives: what goes on with a known source, or came while nobody followed */
};
/* Follows it, reads it whole, or lets it be; false: the database failed, or asked to end. */
bool file_look_at(struct follow *, const struct walk_file *, enum file_wanted);
struct tail *file_tail(const struct follow *, const struct stat *); /* the one that follows it, or NULL */
void file_forget(struct follow *, const struct tail *);      /* it ended: only a change makes it new again */
void file_came_before(struct follow *, const struct stat *); /* it was rotated before we came */
when file_modified_at(const struct stat *);

/* follow_watch.c ------------------------------------------------------------------------------------ */

struct watch *watch_new(bool poll);
void watch_free(struct watch *);
/* Changes in a directory to files whose names begin with prefix (empty: all). */
void watch_directory(struct watch *, const char *dir, str prefix);
int watch_fd(const struct watch *); /* readable when something happened; -1: none */
bool watch_is_polling(const struct watch *);
/* Takes what happened: whether anything did that we wait for; names: files came, went or were renamed. */
bool watch_take(struct watch *, bool *names);

#endif
