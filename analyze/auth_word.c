/* The words for results; nothing else. */
#include "auth_word.h"

str
auth_word(enum auth_word w)
{
    static const char *const words[] = {
        [AUTH_UNKNOWN] = "unknown", [AUTH_NONE] = "none",           [AUTH_NEUTRAL] = "neutral",
        [AUTH_PASS] = "pass",       [AUTH_FAIL] = "fail",           [AUTH_SOFTFAIL] = "softfail",
        [AUTH_POLICY] = "policy",   [AUTH_TEMPERROR] = "temperror", [AUTH_PERMERROR] = "permerror",
    };
    return str_from((size_t)w < sizeof words / sizeof *words ? words[w] : "unknown");
}
