/* Mailboxes as sources: options, sessions, tries, folders.  Reading a folder is imap_reading.c's. */
#include "ingest_imap.h"

#include <string.h>
#include <time.h>

#include "imap_reading.h"

enum { FOLDERS_TOLD = 30 };

static bool
stopped(void)
{
    return interrupted != 0;
}

/* Options ------------------------------------------------------------------------------------------ */

static bool
parse_then(struct imap_options *o)
{
    struct str_cut c = str_cut(str_from(o->then), '=');
    o->argument = c.tail;
    if (str_eq(c.head, S("move")) && c.tail.n) {
        o->action = IMAP_MOVE;
    } else if (str_eq(c.head, S("flag")) && c.tail.n) {
        o->action = IMAP_FLAG;
        for (size_t i = 0; i < c.tail.n; i++)
            if (!str_is_alpha(c.tail.p[i]) && !str_is_digit(c.tail.p[i]) && !strchr("$_-.", c.tail.p[i]) &&
                (i > 0 || c.tail.p[i] != '\\')) {
                warn("--then %s: a keyword is made of letters, digits, $ _ - and .", o->then);
                return false;
            }
    } else if (str_eq(str_from(o->then), S("seen"))) {
        o->action = IMAP_FLAG;
        o->argument = S("\\Seen");
    } else if (str_eq(str_from(o->then), S("delete"))) {
        o->action = IMAP_DELETE;
    } else {
        warn("--then %s: move=FOLDER, flag=KEYWORD, seen or delete", o->then);
        return false;
    }
    return true;
}

bool
imap_options_check(struct imap_options *o, int nsources, char **sources, bool dry_run)
{
    struct arena a = { 0 };
    int urls = 0;
    bool good = true;
    for (int i = 0; good && i < nsources; i++) {
        struct imap_url u;
        struct diag d = { 0 };
        if (!imap_is_url(str_from(sources[i])))
            continue;
        urls++;
        good = imap_url_parse(&a, str_from(sources[i]), &u, &d);
        if (!good)
            warn("%s", d.text);
    }
    arena_free(&a);
    if (!good || (o->then && !parse_then(o)))
        return false;
    const char *alone = o->secret.file      ? "--password-file"
                        : o->secret.command ? "--password-command"
                        : o->secret.netrc   ? "--netrc"
                        : o->ca_file        ? "--ca-file"
                        : o->client_cert    ? "--client-cert"
                        : o->client_key     ? "--client-key"
                        : o->then           ? "--then"
                        : o->oauth          ? "--oauth"
                        : o->plaintext      ? "--plaintext"
                                            : NULL;
    if (urls == 0 && alone)
        warn("%s is for mailboxes (imaps://USER@HOST/FOLDER), and none is named", alone);
    else if (o->secret.file && o->secret.command)
        warn("--password-file and --password-command exclude each other");
    else if (o->retries < 0 || o->retries > 1000)
        warn("--retries %lld: from 0 to 1000", (long long)o->retries);
    else if (dry_run && o->then)
        warn("--then needs the rows in the database: it does not go with --dry-run");
    else
        return true;
    return false;
}

/* Sessions ----------------------------------------------------------------------------------------- */

/* Waits before the next try; false: interrupted. */
static bool
wait_a_while(int64_t seconds)
{
    for (int64_t i = 0; i < seconds * 5 && !stopped(); i++)
        nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
    return !stopped();
}

static void
forget_secret(struct imap_run *r)
{
    if (r->login.secret)
        explicit_bzero((char *)(uintptr_t)r->login.secret, strlen(r->login.secret));
    r->login.secret = NULL;
}

/* What is to be shown at a login: tokens that were good at the one before may have expired since. */
static bool
renew_secret(struct imap_run *r, struct diag *d)
{
    str secret, user = r->url.user;
    if (r->login.secret && !r->logged_in)
        return true;
    if (!secret_get(&r->arena, &r->options->secret, r->url.host, &user, &secret, d))
        return false;
    forget_secret(r);
    r->login.secret = secret.p;
    r->logged_in = false;
    return true;
}

/* Does a piece of work with a session, anew after each cut until it succeeds or tries run out. */
static enum imap_trouble
persist(struct imap_run *r, enum imap_trouble (*work)(struct imap_run *, struct diag *), struct diag *d)
{
    enum { LONGEST_S = 300 };
    for (int64_t tries = 0;;) {
        enum imap_trouble t = IMAP_FINE;
        r->progressed = false;
        if (r->session == NULL && !renew_secret(r, d))
            return IMAP_REFUSED;
        imap_wait_s = 0;
        if (r->session == NULL)
            t = imap_open(&r->session, &r->login, d);
        r->logged_in |= t == IMAP_FINE;
        if (t == IMAP_FINE)
            t = work(r, d);
        if (t == IMAP_FINE || t == IMAP_REFUSED)
            return t;
        imap_close(r->session);
        r->session = NULL;
        if (t == IMAP_STOPPED || stopped())
            return IMAP_STOPPED;
        tries = r->progressed ? 0 : tries;
        if (tries >= r->options->retries)
            return t;
        int64_t seconds = tries < 9 ? (int64_t)1 << tries : LONGEST_S;
        seconds = seconds < LONGEST_S ? seconds : LONGEST_S;
        seconds = seconds > imap_wait_s ? seconds : imap_wait_s;
        tries++;
        note("%.*s: %s; trying again in %lld s (%lld of %lld)", PRSTR(r->url.host), d->text,
             (long long)seconds, (long long)tries, (long long)r->options->retries);
        if (!wait_a_while(seconds))
            return IMAP_STOPPED;
    }
}

/* ", ..." the folders that there are, for who named one that there is not. */
static void
tell_folders(struct imap_run *r, struct buf *b)
{
    struct imap_folder *list;
    struct diag d = { 0 };
    size_t n, told = 0;
    if (r->session == NULL || imap_folders(r->session, &r->arena, S("*"), &list, &n, &d) != IMAP_FINE)
        return;
    for (size_t i = 0; i < n && told < FOLDERS_TOLD; i++)
        if (!list[i].closed)
            buf_printf(b, "%s%.*s", told++ ? ", " : " (there are: ", PRSTR(list[i].name));
    if (told)
        buf_printf(b, "%s)", told == FOLDERS_TOLD ? ", ..." : "");
}

static void
tell_problem(struct imap_run *r, enum imap_trouble t, str folder, const struct diag *d)
{
    struct buf b = { 0 };
    struct diag again = { 0 };
    str url = imap_url_print(&r->arena, &r->url, folder, 0, 0);
    buf_printf(&b, "%.*s: %s", PRSTR(url), d->text);
    if (t == IMAP_CUT && r->options->retries)
        buf_printf(&b,
                   "; gave up after %lld more tries, what was committed is kept, and the same command goes "
                   "on from there",
                   (long long)r->options->retries);
    bool no_folder = t == IMAP_REFUSED && r->session && folder.n && r->selected.uidvalidity == 0 &&
                     imap_select(r->session, folder, false, &r->selected, &again) == IMAP_REFUSED;
    if (no_folder)
        tell_folders(r, &b);
    ingest_problem(r->to, buf_z(&b));
    buf_free(&b);
}

static void
tell_counts(const struct imap_run *r, str url)
{
    static const char *const done[] = { "", "moved", "flagged", "deleted" };
    if (r->options->action == IMAP_LEAVE)
        note("%.*s: %llu new messages", PRSTR(url), (unsigned long long)r->nread);
    else
        note("%.*s: %llu new messages, %llu %s", PRSTR(url), (unsigned long long)r->nread,
             (unsigned long long)r->ndone, done[r->options->action]);
    if (r->options->action != IMAP_LEAVE && r->nkept)
        note("%.*s: %llu messages that could not be read in full stay as they are", PRSTR(url),
             (unsigned long long)r->nkept);
}

static bool
ingest_folder(struct imap_run *r, str folder)
{
    struct diag d = { 0 };
    r->at.folder = folder;
    r->at.uidvalidity = r->at.last_uid = 0;
    r->selected = (struct imap_selected){ .uidvalidity = 0 };
    r->nread = r->nkept = r->ndone = 0;
    enum imap_trouble t = persist(r, imap_read_folder, &d);
    if (r->failed)
        return false;
    if (t == IMAP_CUT || t == IMAP_REFUSED)
        tell_problem(r, t, folder, &d);
    if (t == IMAP_FINE || r->nread + r->ndone)
        tell_counts(r, imap_url_print(&r->arena, &r->url, folder, 0, 0));
    /* a server that cannot be reached has no other folder either */
    return t == IMAP_FINE || (t == IMAP_REFUSED && r->session != NULL);
}

static enum imap_trouble
list_folders(struct imap_run *r, struct diag *d)
{
    return imap_folders(r->session, &r->arena, r->url.folder, &r->folders, &r->nfolders, d);
}

static void
ingest_pattern(struct imap_run *r)
{
    struct diag d = { 0 };
    enum imap_trouble t = persist(r, list_folders, &d);
    size_t nread = 0;
    if (t == IMAP_CUT || t == IMAP_REFUSED)
        tell_problem(r, t, (str){ 0 }, &d);
    if (t != IMAP_FINE)
        return;
    for (size_t i = 0; i < r->nfolders && !stopped(); i++) {
        struct imap_folder f = r->folders[i];
        bool target = r->options->action == IMAP_MOVE && str_eq(f.name, r->options->argument);
        if (f.copies)
            note("%.*s is left out: it shows messages of other folders (name it to read it)", PRSTR(f.name));
        if (f.closed || f.copies || target)
            continue;
        nread++;
        if (!ingest_folder(r, f.name))
            return;
    }
    if (nread == 0 && !stopped()) {
        diag_set(&d, EXIT_NO_INPUT, "no folder matches");
        tell_problem(r, IMAP_REFUSED, r->url.folder, &d);
    }
}

bool
ingest_imap(const struct imap_options *o, const char *url, struct ingest *to)
{
    struct imap_run r = { .options = o, .to = to };
    struct diag d = { 0 };
    str secret = { 0 };
    if (!imap_url_parse(&r.arena, str_from(url), &r.url, &d) ||
        !secret_get(&r.arena, &o->secret, r.url.host, &r.url.user, &secret, &d)) {
        ingest_problem(to, d.text);
        arena_free(&r.arena);
        return true;
    }
    if (o->action == IMAP_MOVE && !r.url.pattern && str_eq(r.url.folder, o->argument)) {
        ingest_problem(to, arena_printf(&r.arena, "%s: messages cannot be moved to where they are", url).p);
        arena_free(&r.arena);
        return true;
    }
    r.login = (struct imap_login){ .url = &r.url,
                                   .user = arena_z(&r.arena, r.url.user),
                                   .secret = secret.p,
                                   .oauth = o->oauth,
                                   .plaintext = o->plaintext,
                                   .ca_file = o->ca_file,
                                   .client_cert = o->client_cert,
                                   .client_key = o->client_key,
                                   .stop = stopped };
    r.at.host = imap_url_host(&r.arena, &r.url);
    r.at.username = r.url.user;
    if (r.url.pattern)
        ingest_pattern(&r);
    else
        ingest_folder(&r, r.url.folder);
    imap_close(r.session);
    forget_secret(&r);
    arena_free(&r.scratch);
    arena_free(&r.arena);
    return !r.failed;
}
