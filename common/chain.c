/* The words of the delivery chain. */
#include "chain.h"

#define CHAIN_WORD(id, text) { text, sizeof text - 1 },
static const str stages[] = { STAGES(CHAIN_WORD) };
static const str outcomes[] = { OUTCOMES(CHAIN_WORD) };
static const str reasons[] = { REASONS(CHAIN_WORD) };

static int
word_index(const str *words, int n, str word)
{
    for (int i = 1; i < n; i++)
        if (str_eq(words[i], word))
            return i;
    return 0;
}

str
stage_word(enum stage s)
{
    return (unsigned)s < STAGE_COUNT ? stages[s] : stages[0];
}

str
outcome_word(enum outcome o)
{
    return (unsigned)o < OUTCOME_COUNT ? outcomes[o] : outcomes[0];
}

str
reason_word(enum reason r)
{
    return (unsigned)r < REASON_COUNT ? reasons[r] : reasons[0];
}

enum stage
stage_from(str word)
{
    return (enum stage)word_index(stages, STAGE_COUNT, word);
}

enum reason
reason_from(str word)
{
    return (enum reason)word_index(reasons, REASON_COUNT, word);
}
