/* Where a message was filed, as its headers tell (stage "routing"). */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include "message.h"

/* Fills m->placement_folder, _verdict, _by from the first header that tells. */
void placement_read(struct message *, struct arena *);

#endif
