/* Providers whose events differ in names alone: each is a row of esp_shapes.c, read by esp_shape.c.
 *
 * A path names a member, "data/email/id"; arrays on the way stand for their first item.  Several paths,
 * separated by '|', are tried in order: the first that says something counts. */
#ifndef ESP_SHAPE_H
#define ESP_SHAPE_H

#include "esp.h"

struct esp_shape {
    const char *owns;   /* members that show an object is theirs: all of a group; groups separated by ';' */
    const char *events; /* the word of the event, looked up in words, in any case */
    const char *prefix; /* of that word, which may be there: "email." */
    const struct esp_word *words;
    size_t nwords;
    const char *only, *only_word; /* a path: objects that say another word there are about something else */
    const char *id;               /* of the event */
    const char *at;               /* when it happened */
    const char *born;             /* when the provider took the message */
    const char *queue;            /* the provider's id of the message */
    const char *message;          /* Message-ID */
    const char *header, *header_domain; /* the Message-ID that it gives by rule: <header@header_domain> */
    const char *to;                     /* texts, lists, objects with an address: an event each */
    const char *from, *subject, *size;
    const char *reply, *code, *status, *reason;
    const char *relay, *relay_ip;
    const char *ip, *agent, *url;
};

/* Paths with something between them, cut up; views of text. */
struct esp_paths;
const struct esp_paths *esp_paths(struct arena *, str text, char between);
bool
esp_has(const struct json_value *, const struct esp_paths *); /* whether there is something at all of them */
bool esp_shape_read(const struct esp_shape *, struct esp *, const struct json_value *);

#endif
