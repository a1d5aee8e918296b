/* The items of an Exim log line: H=name (helo) [ip]:port X=TLS1.3:cipher:256 S=2061 id=...
 *
 * Which letter means what depends on the line: P is the protocol of an
 * arrival and the return path of a delivery. */
#ifndef EXIM_ITEMS_H
#define EXIM_ITEMS_H

#include "event.h"

enum exim_place { EXIM_ARRIVAL, EXIM_DELIVERY, EXIM_DIALOGUE };

/* Reads items from the start of s into the event's fields and returns what is
 * left: it starts at the first word that is no item, or at the ": " that
 * begins a reason.  Fields that need bytes of their own (times in seconds,
 * router/transport, replies with escaped quotes) live until the next call of
 * exim_items_reset. */
str exim_items(str s, enum exim_place place, struct event *);
void exim_items_reset(void);

/* Seconds of "1d2h3m4s", "0.120s"; empty if s is no such time. */
str exim_seconds(str s);

/* A count, in the bytes exim_items_reset frees. */
str exim_count(size_t n);
str exim_address(str user, str domain); /* "" when there is no room */

/* The name, helo, ip and port of "name (helo) [ip]:port" at the start of s. */
struct exim_host {
    str name, helo, ip, port, rest;
};
struct exim_host exim_host(str s);

#endif
