/* A message as JSON: the fields of check's object that its headers tell. */
#ifndef MESSAGE_JSON_H
#define MESSAGE_JSON_H

#include "json.h"
#include "message.h"

/* Writes into an object the caller has opened: message_id, date, from, return_path, subject,
 * delivered_to, hops (first = nearest the sender), recorded, placement, spam, problems.  What the
 * message does not say is left out; from, hops and recorded are always there. */
void message_json(struct json *, const struct message *);

#endif
