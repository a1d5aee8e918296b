/* Inside of the aggregate report reader: its state, and the table of elements. */
#ifndef DMARC_RULES_H
#define DMARC_RULES_H

#include "buf.h"
#include "dmarc_value.h"
#include "dmarc_xml.h"
#include "xml.h"

enum context {
    C_DOCUMENT, /* outside of feedback; other elements are looked through */
    C_FEEDBACK,
    C_METADATA,
    C_RANGE,
    C_POLICY,
    C_RECORD,
    C_ROW,
    C_EVALUATED,
    C_REASON,
    C_IDENTIFIERS,
    C_AUTH,
    C_DKIM,
    C_SPF,
    C_FOREIGN, /* kept as XML */
    C_SKIP,    /* not looked at */
};

enum value {
    V_TEXT,
    V_LIST,   /* may come several times */
    V_DOMAIN, /* in lower case */
    V_WORD,   /* the vocabulary's word, else as written */
    V_SAID,   /* as written; the vocabulary's word lies `word` bytes from it */
    V_TIME,
    V_NUMBER,
    V_PERCENT,
    V_ADDRESS,
};

struct rule {
    enum context in;
    str name;           /* in lower case */
    enum context opens; /* C_DOCUMENT: none, it is a value */
    enum value value;
    size_t slot; /* offset in its struct (report, record, reason, auth) */
    enum dmarc_vocabulary vocabulary;
    ptrdiff_t word;
};

/* The rule of a value in a context itself, for attributes. */
const struct rule *dmarc_value_rule(enum context, str local);

/* The rule of an element whose name is a slip of the one that the context knows. */
const struct rule *dmarc_misspelt_rule(enum context, str local);

/* The rule of an element, looked up in its context and those around it; NULL if none knows it. */
const struct rule *dmarc_rule(enum context, str local);

struct element {
    enum context context;
    const struct rule *value;
    bool opens;          /* the context is its own, not the one around it */
    enum context within; /* of C_SKIP: what an unknown element of no other vocabulary stands in */
    bool lost;           /* an element that nobody knows, of no other vocabulary */
    const char *refused; /* why it is not read ("a second"), or NULL */
    uint64_t offset, line;
};

/* A row that another one follows in the same record. */
struct dmarc_row {
    struct dmarc_record record;
    bool identified, count_said; /* identified: identifiers or results stand between it and the next one */
    struct dmarc_reason *reasons;
    struct dmarc_auth *auths;
    size_t nreasons, nauth;
    str bad_count;
    uint64_t line, rejected;
};

enum { DMARC_MAX_ROWS = 1000 }; /* in a record */

struct dmarc_xml {
    struct sink *sink;
    struct xml *xml;
    struct origin at;
    bool nested, failed;
    uint64_t pushed;             /* bytes used up so far */
    uint64_t recorded, rejected; /* of these: by records, by rejects */
    uint64_t settled;            /* up to here no more may be rejected */
    struct arena head, rows;     /* the report's texts; those of the record, and of records that wait */
    struct buf problems;

    struct element stack[XML_MAX_DEPTH + 1];
    size_t depth, collecting, foreign_depth; /* collecting: depth of the value whose text is read, or 0 */
    struct buf text;
    struct buf foreign[2]; /* extensions of the report, of the record */

    struct dmarc_report report;
    bool begun, feedback_seen, feedback_closed, metadata_seen, metadata_closed, policy_seen, policy_closed;
    uint64_t from;         /* where the report begins in the document, which may hold several */
    size_t feedback_depth; /* of its element */
    unsigned told_repairs; /* of the reports before it */
    uint64_t rejects;      /* of the sink, when it began */
    struct dmarc_xml_count reports;

    bool in_record, row_seen, count_said, reason_open, auth_open;
    bool bare; /* the record has no element of its own */
    bool identifiers_seen, results_seen;
    struct dmarc_record record;
    struct dmarc_reason reason, *reasons;
    struct dmarc_auth auth, *auths;
    size_t nreasons, reasons_room, nauth, auths_room;
    str bad_count;
    uint64_t record_line, record_rejected;
    struct dmarc_row *rows_before; /* of the record */
    size_t nrows_before, rows_room;
    int64_t seq, read; /* records met, records handed on */

    struct dmarc_record *waiting;
    size_t nwaiting, waiting_room;
};

void dmarc_problem(struct dmarc_xml *, const char *what);

/* dmarc_extension.c. */
void dmarc_keep_start(struct dmarc_xml *, str name, const struct xml_attribute *, size_t n);
void dmarc_keep_text(struct dmarc_xml *, str);
void dmarc_keep_end(struct dmarc_xml *, str name);

/* dmarc_emit.c.  Rejects the bytes from offset to end, but for what is settled already. */
void dmarc_reject(struct dmarc_xml *, uint64_t line, uint64_t offset, uint64_t end, str excerpt,
                  const char *format, ...) __attribute__((format(printf, 6, 7)));
void dmarc_record_begin(struct dmarc_xml *, const struct element *);
void dmarc_row_begin(struct dmarc_xml *, const struct element *); /* one more in the record */
void dmarc_record_end(struct dmarc_xml *, uint64_t end);
/* Ends the report at an offset, and makes all ready for the next one.  damage: as for dmarc_xml_finish. */
void dmarc_report_end(struct dmarc_xml *, struct xml_place last, uint64_t end, const char *damage);

#endif
