/* Archives of files, read as directories. */
#include "ingest_archive.h"

#include <string.h>

#include "report.h"
#include "unzip.h"

/* Whether a member is more than a report: a log, a message, a mailbox, events; else *known where it is one. */
static bool
is_file(str head, bool eof, bool *known)
{
    str text = str_trim_left(str_skip_mark(head));
    if (text.n == 0 || (text.p[0] == '<' && *known))
        return false;
    const struct format *f = format_recognise(head, eof);
    *known |= f != NULL;
    return f && strcmp(f->kind, "report") != 0;
}

bool
ingest_is_archive(const struct ingest *in, struct source *s)
{
    struct diag d = { 0 };
    struct source member;
    str name;
    size_t members = 0;
    bool found = false, known = false;
    if (!unzip_recognise(s->window))
        return false;
    if (in->forced && in->forced->read == NULL)
        return true;
    if (!source_slurp(s, REPORT_MAX_ARCHIVE, &d))
        return true;
    struct unzip *u = unzip_open(s->window, &d);
    while (u && !found && unzip_next(u, &name) && source_open_reader(&member, "member", unzip_read, u, &d)) {
        found = source_want(&member, LOAD_HEAD, &d) && is_file(member.window, member.eof, &known);
        found |= ++members >= UNZIP_MAX_MEMBERS && known; /* more than are read as one source */
        source_close(&member);
    }
    if (u)
        unzip_close(u);
    return found;
}

/* A member that is in memory as a whole, or opened to be read as it comes. */
static bool
read_member(struct ingest *in, struct source *s, struct walk_file *f, int depth)
{
    struct diag d = { 0 };
    bool whole = source_slurp(s, unzip_recognise(s->window) ? ARCHIVE_MAX_INNER : ARCHIVE_IN_MEMORY, &d);
    const char *damage = s->damage;
    if (!whole && d.code != EXIT_REJECTED_INPUT) {
        ingest_problem(in, d.text);
        return true;
    }
    if (!whole)
        return ingest_source(in, s, f);
    struct source memory;
    str bytes = s->window;
    source_open_memory(&memory, s->path, bytes);
    memory.damage = damage;
    memory.regular = true;
    bool good = depth < ARCHIVE_MAX_DEPTH && ingest_is_archive(in, &memory);
    if (good) {
        good = ingest_archive(in, &memory, depth + 1);
    } else {
        in->memory = bytes.p ? bytes : S("");
        good = ingest_source(in, &memory, f);
        in->memory = (str){ 0 };
    }
    source_close(&memory);
    return good;
}

static bool
next_member(struct ingest *in, struct unzip *u, const char *archive, str name, int depth)
{
    struct arena a = { 0 };
    struct diag d = { 0 };
    struct source s;
    struct walk_file f = { .stored_at = WHEN_NONE };
    str path = unzip_path(name);
    struct str_cut last = str_rcut(path, '/');
    bool good = true;
    if (walk_is_store_state(arena_z(&a, last.found ? last.tail : path))) {
        arena_free(&a);
        return true;
    }
    f.path = arena_printf(&a, "%s/%.*s", archive, PRSTR(path)).p;
    walk_in_maildir(&a, str_from(f.path), &f);
    if (!source_open_reader(&s, f.path, unzip_read, u, &d) || !source_want(&s, LOAD_HEAD, &d)) {
        ingest_problem(in, d.text);
        source_close(&s);
    } else {
        good = read_member(in, &s, &f, depth);
        source_close(&s);
    }
    arena_free(&a);
    return good;
}

bool
ingest_archive(struct ingest *in, struct source *s, int depth)
{
    struct diag d = { 0 };
    str name;
    bool good = true;
    struct unzip *u = unzip_open_source(s, &d);
    if (u == NULL) {
        ingest_problem(in, arena_printf(&in->arena, "%s: %s", s->path, d.text).p);
        return true;
    }
    while (good && !interrupted && unzip_next(u, &name))
        good = next_member(in, u, s->path, name, depth);
    if (good && unzip_damage(u))
        ingest_problem(
            in, arena_printf(&in->arena, "%s: %s; what came before is read", s->path, unzip_damage(u)).p);
    unzip_close(u);
    return good && !interrupted;
}
