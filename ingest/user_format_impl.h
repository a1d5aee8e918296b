/* What the files of user-defined formats share. */
#ifndef USER_FORMAT_IMPL_H
#define USER_FORMAT_IMPL_H

#include "arena.h"
#include "logrow.h"
#include "regex.h"
#include "user_format.h"

enum { USER_FILE_MAX = 1 << 20, SAMPLES_MAX = 16, WORDS_MAX = 16, NAME_BYTES = 32, RECOGNISE_LINES = 50 };

struct status_word {
    str word;
    enum attempt_result result;
};

struct sample {
    str line;
    int number;
};

struct user_row {
    struct log_row row; /* row.id is its name */
    enum attempt_result result;
    struct status_word words[WORDS_MAX];
    size_t nwords;
    struct sample samples[SAMPLES_MAX];
    size_t nsamples;
    bool has_kind, has_flags;
    int number; /* line of its head */
};

struct user_format {
    struct format format;
    str programs; /* words */
    struct regex *line;
    str stamp;
    struct user_row *rows;
    size_t n;
    struct log_table *table;
    const char *unknown; /* why a line is rejected */
    int number;
};

/* user_format.c: formats by slot, with the functions that the registry calls. */
extern struct user_format user_formats[USER_FORMATS_MAX];
void user_format_begin(struct user_format *);     /* gives an empty slot its functions */
void user_format_own_lines(struct user_format *); /* it frames its lines by itself (line=) */
bool user_format_owns(const struct user_format *, str program);
bool user_format_frame(const struct user_format *, str whole, struct line *, struct civil *, bool *zoned,
                       int *offset_s);
void user_format_parse(const struct user_format *, const struct line *, struct event *);
bool user_format_is_listed(str words, str word);
str user_format_last_part(str program);

#endif
