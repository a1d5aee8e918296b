/* Where rows wait that a unique key may refuse: temporary tables, made when the first row comes, and taken into the tables
 * before the batch is committed, each thing once.  Most batches stage nothing but their sources. */
#include "load_impl.h"

/* In the order in which they are taken. */
static const struct family {
    enum load_table first, last;
    const char *make, *merge;
} families[] = {
    { LOAD_SOURCE, LOAD_PATH, "queries/load_stage_sources.sql", "queries/load_merge_sources.sql" },
    { LOAD_MESSAGE, LOAD_MESSAGE, "queries/load_stage_messages.sql", "queries/load_merge_messages.sql" },
    { LOAD_REPUTATION, LOAD_REPUTATION, "queries/load_stage_feeds.sql", "queries/load_merge_feeds.sql" },
    { LOAD_AUTH_SET, LOAD_AUTH_SET, "queries/load_stage_auth.sql", "queries/load_merge_auth.sql" },
    { LOAD_REPORT, LOAD_DSN_RECIPIENT, "queries/load_stage_reports.sql", "queries/load_merge_reports.sql" },
    { LOAD_MAILBOX, LOAD_MAILBOX_PENDING, "queries/load_stage_mailboxes.sql",
      "queries/load_merge_mailboxes.sql" },
};
enum { FAMILIES = sizeof families / sizeof *families };

static unsigned
family_of(size_t table)
{
    unsigned i = 0;
    while (i < FAMILIES && (table < families[i].first || table > families[i].last))
        i++;
    return i;
}

bool
load_stage_open(void *load, struct db *db, size_t table, struct diag *d)
{
    struct load *l = load;
    unsigned i = family_of(table);
    if (i == FAMILIES)
        return true;
    l->staged |= 1U << i;
    return db_exec(db, sql_text(families[i].make), d);
}

bool
load_stage_has(const struct load *l, enum load_table table)
{
    return l->staged >> family_of(table) & 1;
}

bool
load_stage_merge(struct load *l, struct diag *d)
{
    for (unsigned i = 0; i < FAMILIES; i++)
        if (l->staged >> i & 1 && !db_exec(l->db, sql_text(families[i].merge), d))
            return false;
    return true;
}
