#include "message_json.h"
void message_json(struct json *j, const struct message *m){(void)j;(void)m;}
