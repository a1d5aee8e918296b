/* The account of a run of ingest: added up over its sources, told to people, and kept beside the rows. */
#include "ingest_account.h"

#include <stdio.h>

void
ingest_account_add(struct account *total, const struct account *a)
{
    total->bytes += a->bytes;
    total->recorded += a->recorded;
    total->rejected += a->rejected;
    total->ignored += a->ignored;
    total->records += a->records;
    total->rejects += a->rejects;
    total->ignores += a->ignores;
    total->reports += a->reports;
    total->reports_partly += a->reports_partly;
    total->reports_rejected += a->reports_rejected;
    total->not_reports += a->not_reports;
}

static void
print_account(const struct ingest *in)
{
    note("%llu files: %llu read, %llu known already, %llu of no known format, %llu not readable",
         (unsigned long long)in->files,
         (unsigned long long)(in->files > in->known + in->unreadable + in->unknown
                                  ? in->files - in->known - in->unreadable - in->unknown
                                  : 0),
         (unsigned long long)in->known, (unsigned long long)in->unknown, (unsigned long long)in->unreadable);
    note("%llu bytes: %llu recorded (%llu records), %llu rejected (%llu), %llu ignored (%llu)",
         (unsigned long long)in->total.bytes, (unsigned long long)in->total.recorded,
         (unsigned long long)in->total.records, (unsigned long long)in->total.rejected,
         (unsigned long long)in->total.rejects, (unsigned long long)in->total.ignored,
         (unsigned long long)in->total.ignores);
}

/* What became of the reports: how many were found, and which of them the database had. */
static void
print_reports(const struct ingest *in)
{
    const struct account *t = &in->total;
    char kept[100] = "";
    if (t->reports + t->reports_rejected == 0)
        return;
    if (in->load) {
        struct load_totals totals = load_totals(in->load);
        snprintf(kept, sizeof kept, ", %lld imported, %lld duplicate", (long long)totals.reports_imported,
                 (long long)(totals.reports_found - totals.reports_imported));
    }
    note("%llu reports found%s, %llu partly read, %llu rejected; %llu messages are no report",
         (unsigned long long)(t->reports + t->reports_rejected), kept, (unsigned long long)t->reports_partly,
         (unsigned long long)t->reports_rejected, (unsigned long long)t->not_reports);
}

void
ingest_account_say(const struct ingest *in)
{
    print_account(in);
    print_reports(in);
}

void
ingest_account_keep(struct ingest *in)
{
    const struct account *t = &in->total;
    struct load_totals totals = load_totals(in->load);
    struct diag d = { 0 };
    struct load_run run = {
        .started_at = in->started_at,
        .arguments = buf_str(&in->arguments),
        .state = in->failed ? S("failed") : interrupted ? S("interrupted") : S("whole"),
        .counts = {
            [RUN_FILES] = (int64_t)in->files,
            [RUN_KNOWN] = (int64_t)in->known,
            [RUN_UNKNOWN] = (int64_t)in->unknown,
            [RUN_UNREADABLE] = (int64_t)in->unreadable,
            [RUN_BYTES] = (int64_t)t->bytes,
            [RUN_FOUND] = (int64_t)(t->reports + t->reports_rejected),
            [RUN_IMPORTED] = totals.reports_imported,
            [RUN_DUPLICATE] = totals.reports_found - totals.reports_imported,
            [RUN_PARTLY] = (int64_t)t->reports_partly,
            [RUN_REJECTED] = (int64_t)t->reports_rejected,
            [RUN_NO_REPORT] = (int64_t)t->not_reports,
            [RUN_RECORDS] = (int64_t)t->records,
            [RUN_REJECTS] = (int64_t)t->rejects,
        },
    };
    if (!in->failed && !load_note_run(in->load, &run, &d))
        ingest_fail(in, &d);
}
