/* Shared by the files of frame.h. */
#ifndef FRAME_IMPL_H
#define FRAME_IMPL_H

#include "frame.h"

/* What a wrapping says about the line inside; empty where it says nothing. */
struct wrapping {
    str text, host, program, pid;
    when at;
    struct civil civil; /* not of a time in seconds, which at tells */
    bool dated, zoned;
};

/* One object on one record: journald, Docker's json-file, log shippers. */
bool frame_json(str whole, struct wrapping *);
/* frame_pieces.c: Docker's json-file and CRI, whose long lines stand on several */
bool frame_is_pieces(str head);
size_t frame_pieces_length(str window, bool eof); /* as frame_record */
bool frame_docker(str whole, struct wrapping *);
str frame_join_cri(str whole);

/* Fields of a record, ranks of the best of each role: which field a name is, -1 where its value is not wanted (it means
 * nothing, or a better one was there); what a value means for the line; whether there are a time, and a text or a program. */
enum { FRAME_ROLES = 5 };
int frame_wants(const unsigned char ranks[], str key);
void frame_field(struct wrapping *, unsigned char ranks[], int field, str value);
bool frame_is_record(const unsigned char ranks[]);

/* The name that docker compose puts before what a container wrote ("nginx-1  | GET / ..."), or nothing. */
str frame_container(str whole);

/* The text between the quotes; never longer than its escaped form. */
str frame_unescape_json(str s);

/* Memory for decoded texts: lives until frame_wrapped begins its next record. */
char *frame_scratch(size_t n);

#endif
