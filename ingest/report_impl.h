/* What the files of reports in containers share. */
#ifndef REPORT_IMPL_H
#define REPORT_IMPL_H

#include "report.h"
#include "source.h"

/* What is the same for all levels of one reading. */
struct report_job {
    struct sink *sink;
    struct origin at; /* nested: of the outermost container */
    bool nested;      /* the bytes are accounted by someone else */
    bool failed;
    size_t read, partly, rejected;
    bool archive;  /* a file of its own, whose mails are mail: not the attachment of one */
    size_t mails;  /* in it, or attached as a .msg; they count what they carry by themselves */
    char why[200]; /* of an attachment in which nothing was found: the first reason; "" none */
};

enum { REPORT_HEAD = 64 << 10 }; /* bytes by which a document is known */

/* A reject that stands for the whole of something. */
void report_reject(struct report_job *, struct origin at, str excerpt, str name, const char *why);

/* Nothing can be read from something: a reject where it is a file, what is told to the mail where it is attached. */
void report_give_up(struct report_job *, str excerpt, str name, const char *why);

size_t report_job_found(const struct report_job *); /* reports good or bad, and mails */

/* What this is, by its first bytes.  Leaves bytes behind where it is nothing for us. */
void report_read_any(struct report_job *, struct source *, str name, int depth);

/* report_containers.c: what is in such a container; the source is at its first byte. */
void report_read_gzip(struct report_job *, struct source *, str name, int depth);
void report_read_archive(struct report_job *, struct source *, str name, int depth);
void report_read_tnef(struct report_job *, struct source *, str name, int depth);
void report_read_armour(struct report_job *, struct source *, str name, int depth);
void report_read_mbox(struct report_job *, struct source *, str name);
void report_read_mail(struct report_job *, struct source *, str name);
ssize_t report_read_window(void *source, char *p, size_t n); /* a source_reader */

/* An inflated stream has grown beyond all reason. */
bool report_is_bomb(const struct source *);

/* Takes what follows without looking; returns how much it was. */
uint64_t report_drain(struct source *);

/* XML documents one after the other; what follows the last is rejected. */
void report_read_documents(struct report_job *, struct source *);

/* TLS reports: one, several in an array, or one after the other. */
void report_read_tls(struct report_job *, struct source *, str name);

#endif
