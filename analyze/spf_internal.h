/* What the spf*.c files share; nobody else includes this. */
#ifndef SPF_INTERNAL_H
#define SPF_INTERNAL_H

#include "buf.h"
#include "spf.h"

/* The state of one check_host(), its includes and redirects. */
struct spf {
    struct arena *arena;
    struct dns *dns;
    const struct spf_request *request;
    struct spf_result *out;
    struct ip ip;
    str local, sender_domain;       /* of the identity: %{l}, %{o} */
    str *client_names, *open_names; /* see spf_ask_names */
    size_t nclient_names, nopen_names;
    bool asked_names;
    enum dns_status names_status; /* of the PTR question */
    when started;                 /* by the clock: live look-ups may be slow */
    enum auth_word error;         /* AUTH_PASS: none so far; else the result that ends all */
};

enum spf_kind {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
    SPF_REDIRECT,
    SPF_EXP,
    SPF_OTHER, /* an unknown modifier: ignored */
};

struct spf_term {
    enum spf_kind kind;
    enum auth_word qualifier;
    str text;      /* as written */
    str spec;      /* domain-spec; "" if none was given */
    struct ip net; /* of ip4 and ip6 */
    int bits4, bits6;
};

/* Reads one term (section 4.6.1); false if it breaks the grammar. */
bool spf_term_parse(str text, struct spf_term *);

/* Whether s keeps the grammar of a macro-string (section 7.1), and of a domain-spec. */
bool spf_macro_valid(str s, bool explanation);
bool spf_domain_spec_valid(str s);
bool spf_macro_has_local(str s); /* a %{l} or %{s} in a valid string */

/* Expands a string that is valid.  explanation: c, r and t work too, and nothing is shortened; else the
 * result is a name, cut from the left to 253 bytes. */
str spf_expand(struct spf *, str text, str domain, bool explanation);

/* The client's name, validated both ways (section 5.5): the best for domain, or "unknown". */
str spf_validated_name(struct spf *, str domain);

/* Asks once for the names of the client: those that resolve back to it, and those of which the source does not know
 * whether they do (open).  Gives what became of the PTR question; what was asked before is no void look-up again. */
enum dns_status spf_ask_names(struct spf *);
str spf_reverse_name(struct spf *); /* where the PTR stands */

enum dns_type spf_address_type(const struct spf *); /* of the client's family */
bool
spf_has_address(const struct spf *, const struct dns_answer *, int bits); /* one that matches the client's */

/* Ends the evaluation with an error and its reason, unless one was met before. */
void spf_stop(struct spf *, enum auth_word, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Asks; false after a failure that ends the evaluation (temperror, unknown). */
bool spf_ask(struct spf *, str name, enum dns_type, struct dns_answer *);

/* Counts a void look-up; false when there are too many. */
bool spf_void(struct spf *, str name);

#endif
