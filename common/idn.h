/* Internationalized domain names (RFC 5891, UTS 46 without transition); common/idn.c is the owner of libidn2. */
#ifndef IDN_H
#define IDN_H

#include "arena.h"

/* The domain in A-labels, lower case.  What is no valid IDN comes back as it was; ASCII only in lower case. */
str idn_ascii(struct arena *, str domain);

/* The same for what stands behind the last @ of an address. */
str idn_ascii_address(struct arena *, str address);

#endif
