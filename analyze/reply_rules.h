/* The rules behind reply_classify.
 *
 * A row asks for a needle (reply_needles.h) and may have further conditions.
 * The rows stand in .def files, in order of weight: of the rows that match,
 * the first decides.
 *
 *   reply_hosts.def      domains of providers' hosts
 *   reply_signs.def      needles that name a provider, a blocklist, the point of the dialogue, or a recipient
 *   reply_provider.def   rows of one provider: wordings, marks, own meanings of enhanced codes
 *   reply_word.def       what sending providers say in place of a reply
 *   reply_blocklist.def, reply_filter.def, reply_mailbox.def, reply_transport.def,
 *   reply_language.def, reply_generic.def   wordings of many servers
 *   reply_enhanced.def   registered meanings of enhanced codes
 *
 * A W row is a T row that yields to an enhanced code of a TELLS row; an X row is one that is the whole text.
 *
 * To add a row: the next free number or a new name, never one that was used. */
#ifndef REPLY_RULES_H
#define REPLY_RULES_H

#include "reply.h"
#include "reply_needles.h"

enum retry { RETRY_BY_CODE, RETRY, NO_RETRY };

struct reply_rule {
    const char *id;     /* NULL for text rows and enhanced codes: made of the fields below */
    int number;         /* of a text row, within its reason */
    const char *needle; /* NULL: the enhanced code alone decides */
    const char *also;   /* a second needle that must be there, anywhere */
    const char *unless; /* a needle that must not be there */
    bool someone;       /* a word for a recipient or mailbox must be there (SOMEONE, reply_signs.def) */
    const char *provider;
    const char *code;     /* prefix of the basic code: "4", "55", "421" */
    const char *enhanced; /* "7.28" (any class) or "5.7.606" */
    int upto;             /* with enhanced: the last detail of a range, or 0 */
    enum reason reason;
    enum stage stage; /* where the row knows better than the reason's usual stage */
    enum stage at;    /* only at this point of the dialogue */
    enum retry retry;
    bool anyone; /* a mark of the provider: decides whatever the host is */
    bool weak;   /* words so wide that an enhanced code that tells weighs more */
    bool whole;  /* the needle is all that is said */
};

/* What conditions ask about, beside needles. */
struct reply_facts {
    int code, class, subject, detail;
    const char *provider; /* a pointer from the two functions below, or NULL */
    enum stage dialogue;
    bool someone;  /* reply_someone */
    size_t length; /* of the text in normal form */
};

/* Builds what the others need, on first use; call it before them. */
void reply_rules_ready(void);

void reply_rules_scan(str normal, struct reply_hits *);
const char *reply_host_provider(str host);                    /* by its domain, or NULL */
bool reply_is_provider(str name);                             /* some row names it */
const char *reply_marked_provider(const struct reply_hits *); /* by marks in the text, or NULL */
const char *reply_blocklist(const struct reply_hits *);       /* the blocklist named, or NULL */
enum stage reply_dialogue(const struct reply_hits *);         /* "in reply to RCPT TO" and kin, or UNKNOWN */
bool reply_someone(const struct reply_hits *);                /* speaks of a user, a mailbox, an address */

/* The row that decides, NULL if none: needles and codes of the provider, then texts.  Codes with a
 * detail of three digits are Microsoft's own and count as its mark where no other provider is known. */
const struct reply_rule *reply_rule_find(const struct reply_hits *, const struct reply_facts *);
const char *reply_rule_name(const struct reply_rule *);
const struct reply_rule *reply_rule_at(size_t); /* for tests; reply_rule_count() of them */

/* What the codes say by themselves. */
struct reply_code {
    enum reason reason;
    const char *rule; /* NULL: the code is not known */
};
struct reply_code reply_enhanced_code(const struct reply_facts *);
bool reply_code_tells(const struct reply_facts *); /* the enhanced code says more than wide words do */
struct reply_code reply_basic_code(int code);      /* known for 200..599; the reason is mostly UNDEFINED */

#endif
