/* Text for terminals: widths, cutting, wrapping, columns.
 *
 * Width is in terminal cells: combining marks take none, wide East Asian
 * characters and emoji two.  Whatever could steer a terminal (controls,
 * escape sequences, direction marks) or is no UTF-8 comes out as U+FFFD, so
 * that hostile subjects and replies are safe to print. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "arena.h"
#include "buf.h"

/* A text made safe; runs of line ends and tabs become one blank. */
str layout_safe(struct arena *, str);

/* Of a safe text. */
size_t layout_width(str);

/* A safe text that is at most width cells wide, its end cut and marked with "…" where needed. */
str layout_cut(struct arena *, str, size_t width);

/* Writes a safe text, padded with blanks to width (left or right aligned). */
void layout_put(struct buf *, str, size_t width, bool right);

/* Writes a safe text in lines of at most width cells, each indented by blanks (the first line by
 * nothing: the caller stands there already, at column indent).  Breaks at blanks, else anywhere. */
void layout_wrap(struct buf *, str, size_t indent, size_t width);

/* Shares a line between columns.  natural[i] is what column i would like, least[i] what it cannot do
 * without; gap cells stand between two.  Fills width[i] and gives the number of columns, from the
 * first, that fit: the others must go elsewhere.  At least one fits. */
size_t
layout_columns(const size_t *natural, const size_t *least, size_t n, size_t gap, size_t line, size_t *width);

#endif
