/* Lists of events that providers let one download as CSV: a line of names, then one event a line. */
#ifndef ESP_TABLE_H
#define ESP_TABLE_H

#include "esp.h"
#include "source.h"

/* Whether a provider has such lists. */
bool esp_table_has(const struct esp_provider *);
/* Whose list a text begins as, by the names of its first line; NULL: nobody's. */
enum { ESP_TABLE_HEAD = 4 << 10 }; /* so much of it is looked at */
const struct esp_provider *esp_table_owner(str head);

/* Takes one row: its bytes with the line end, and the object that the provider's events are. */
typedef bool esp_take_row(struct esp *, str bytes, const struct json_value *, uint64_t offset);

/* Reads a whole source that is one (RFC 4180, also with semicolons or tabs); rows that break the quoting cost their own
 * line.  The row's values live in the arena of esp. */
bool esp_table_read(struct source *, struct sink *, struct esp *, esp_take_row *);

#endif
