/* The frame of an HTML page: one file, no request to anywhere, scripts but our own forbidden. */
#ifndef PAGE_H
#define PAGE_H

#include "buf.h"

void page_begin(struct buf *, str title);
void page_end(struct buf *);

#endif
