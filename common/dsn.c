/* Words of delivery status notifications. */
#include "dsn.h"

static const char *const words[] = {
#define X(id, text) [DSN_##id] = text,
    DSN_ACTIONS(X)
#undef X
};

str
dsn_action_word(enum dsn_action action)
{
    return str_from(words[action]);
}

enum dsn_action
dsn_action_from(str word)
{
    for (int i = DSN_UNKNOWN + 1; i < DSN_ACTION_COUNT; i++)
        if (str_ieq(word, str_from(words[i])))
            return (enum dsn_action)i;
    return DSN_UNKNOWN;
}
