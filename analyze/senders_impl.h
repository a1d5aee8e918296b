/* What senders.c (marks, finding) and senders_file.c (reading) share. */
#ifndef SENDERS_IMPL_H
#define SENDERS_IMPL_H

#include "senders.h"

enum mark_kind { MARK_NAME, MARK_DKIM, MARK_SPF };
enum { LAYER_BUILT_IN, LAYER_USER, LAYER_OWN };
enum { MARKS_MAX = 200000, PLAIN_NAME_MAX = 64, TITLE_MAX = 120 };

struct mark {
    str name, selector; /* selector "": any */
    const struct sender_service *service;
    enum mark_kind kind;
    int layer, line;
};

struct network {
    struct ip ip;
    int bits, layer;
    str text;
    const struct sender_service *service;
};

struct senders {
    struct arena arena;
    struct mark *marks;
    size_t n, room;
    size_t *slots, nslots; /* open addressing over marks, index + 1 */
    struct network *networks;
    size_t nnetworks, networks_room;
    struct sender_service **services;
    size_t nservices, services_room;
    uint64_t digest;
};

extern const struct sender_service sender_own_service;

void senders_put_mark(struct senders *, struct mark);

/* The mark of exactly that name, of what is own or of the rest; the user's before the built-in one; or NULL. */
const struct mark *senders_mark_at(const struct senders *, enum mark_kind, str name, str selector, bool own);

#endif
