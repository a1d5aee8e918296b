/* Pieces of the HTML page.  Whatever comes from data goes through html_text: nothing else may write
 * it.  Charts are inline SVG in classes that the style sheet colours (tone-good, ...), each with a
 * role, a label and its table beside it. */
#ifndef HTML_H
#define HTML_H

#include "cell.h"
#include "kind.h"

/* Escapes & < > " ' and replaces what is no UTF-8 or no printable character by U+FFFD; line ends and
 * tabs stay.  Fit for text and for attributes in quotes. */
void html_text(struct buf *, str);

/* "good", "bad", ... : the tone's class is "tone-" and this. */
const char *tone_name(enum tone);
/* The tone of a word of the chain: an outcome, a severity, a result; TONE_NONE for others. */
enum tone tone_of_word(str word);

void html_word(struct buf *, str word);  /* "user_unknown" as "user unknown" */
void html_badge(struct buf *, str word); /* the same, coloured by its tone */

/* chart.c, chart_flow.c: nothing where there is nothing to draw. */
void chart_put(struct buf *, const struct table *);
void chart_flow(struct buf *, const struct table *);

/* head.c: the sentence and the big figures, from a figures table. */
void html_head(struct buf *, const struct table *figures);

#endif
