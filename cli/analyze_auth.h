/* What analyze does with a stored message's authentication. */
#ifndef ANALYZE_AUTH_H
#define ANALYZE_AUTH_H

#include "auth_options.h"
#include "groups.h"

struct analyze_auth {
    struct groups *groups;
    struct dns *dns;
    struct auth_policy policy;
};

/* Evaluates one message of a journey: rows of auth_result go to groups, findings to the journey. */
void analyze_auth(struct analyze_auth *, struct arena *, struct assembled *, const struct group_message *);

#endif
