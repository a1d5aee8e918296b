/* Asks resolvers, with a deadline; the owner of libunbound.
 *
 * It does not read records: rdata goes up in wire form.  DNSSEC is validated
 * where the system's root key is at hand and the resolver hands signatures on;
 * many home and office ones do not, and would make every answer a forgery. */
#include "resolver.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unbound.h>
#include <strings.h>
#include <unistd.h>

#include "hash.h"

struct resolver {
    struct ub_ctx *ctx;
    const char *server;
    bool asked;   /* it was found out whether DNSSEC can be validated */
    int timeouts; /* in a row */
    int64_t away_until;
    uint64_t dead[RESOLVER_DEAD_NAMES]; /* hashes of questions */
    size_t ndead;
};

/* One look-up under way.  It lives on the heap until its callback or its cancellation. */
struct pending {
    bool done;
    int error;
    struct ub_result *result;
};

static void
on_answer(void *closure, int error, struct ub_result *result)
{
    struct pending *p = closure;
    p->done = true;
    p->error = error;
    p->result = result;
}

static const char root_key[] = "/usr/share/dns/root.key";

/* NULL: the server is none, or libunbound does not start. */
static struct ub_ctx *
context_new(const char *server, bool validating)
{
    struct ub_ctx *ctx = ub_ctx_create();
    if (ctx && server && ub_ctx_set_fwd(ctx, server) != 0) {
        ub_ctx_delete(ctx);
        return NULL;
    }
    if (ctx == NULL)
        return NULL;
    if (server) {
        ub_ctx_set_option(ctx, "do-not-query-localhost:", "no");
    } else {
        ub_ctx_resolvconf(ctx, NULL); /* without one it resolves from the root */
        ub_ctx_hosts(ctx, NULL);
    }
    /* private addresses have names, too, and the resolver may know them */
    ub_ctx_set_option(ctx, "unblock-lan-zones:", "yes");
    ub_ctx_set_option(ctx, "insecure-lan-zones:", "yes");
    if (validating && access(root_key, R_OK) == 0)
        ub_ctx_add_ta_file(ctx, root_key);
    ub_ctx_async(ctx, 1);
    return ctx;
}

struct resolver *
resolver_new(const char *server, struct diag *diag)
{
    struct ub_ctx *ctx = context_new(server, true);
    if (ctx == NULL) {
        if (server)
            diag_set(diag, EXIT_USAGE, "dns: %s is no resolver's ADDRESS or ADDRESS@PORT", server);
        else
            diag_set(diag, EXIT_INTERNAL, "dns: libunbound does not start");
        return NULL;
    }
    struct resolver *r = xcalloc(1, sizeof *r);
    r->ctx = ctx;
    r->server = server;
    return r;
}

void
resolver_free(struct resolver *r)
{
    if (r == NULL)
        return;
    ub_ctx_delete(r->ctx);
    free(r);
}

static int64_t
clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for the answer; false when the time is over. */
static bool
await(struct ub_ctx *ctx, struct pending *p)
{
    int64_t deadline = clock_ms() + RESOLVER_TIMEOUT_MS;
    while (!p->done) {
        int64_t left = deadline - clock_ms();
        struct pollfd fd = { .fd = ub_fd(ctx), .events = POLLIN };
        if (left <= 0)
            return false;
        if (poll(&fd, 1, (int)left) > 0)
            ub_process(ctx);
    }
    return true;
}

static void
take_result(struct arena *a, const struct ub_result *u, struct resolver_answer *out)
{
    out->secure = u->secure != 0;
    out->aliased = u->canonname && u->qname && strcasecmp(u->canonname, u->qname) != 0;
    if (u->bogus || (u->rcode != 0 && !u->nxdomain)) {
        out->status = RESOLVER_SERVFAIL;
        return;
    }
    if (!u->havedata) {
        out->status = u->nxdomain ? RESOLVER_NXDOMAIN : RESOLVER_NODATA;
        return;
    }
    size_t n = 0;
    while (u->data[n] && n < RESOLVER_MAX_RECORDS)
        n++;
    out->status = RESOLVER_OK;
    out->rdata = ARENA_ARRAY(a, str, n);
    for (; out->n < n; out->n++)
        out->rdata[out->n] = arena_copy(a, str_of(u->data[out->n], (size_t)u->len[out->n]));
}

/* One question; false when the time is over.  What it gets is in *out, the library's verdict in *bogus. */
static bool
ask(struct ub_ctx *ctx, struct arena *a, const char *name, int type, struct resolver_answer *out, bool *bogus)
{
    struct pending *p = xcalloc(1, sizeof *p);
    int id;
    *bogus = false;
    if (ub_resolve_async(ctx, name, type, 1, p, on_answer, &id) != 0) {
        out->status = RESOLVER_SERVFAIL;
        free(p);
        return true;
    }
    if (!await(ctx, p)) {
        ub_cancel(ctx, id);
        free(p);
        return false;
    }
    if (p->error == 0 && p->result) {
        take_result(a, p->result, out);
        *bogus = p->result->bogus != 0;
    } else {
        out->status = RESOLVER_SERVFAIL;
    }
    ub_resolve_free(p->result);
    free(p);
    return true;
}

enum { TYPE_NS = 2 };

/* Whether the root's own servers are a forgery to us: then signatures do not come through, and none are asked for. */
static void
find_out(struct resolver *r, struct arena *a)
{
    struct resolver_answer root = { 0 };
    bool bogus;
    r->asked = true;
    if (!ask(r->ctx, a, ".", TYPE_NS, &root, &bogus) || !bogus)
        return;
    struct ub_ctx *plain = context_new(r->server, false);
    if (plain == NULL)
        return;
    ub_ctx_delete(r->ctx);
    r->ctx = plain;
}

/* Whether any resolver answers, asked by one that remembers nothing. */
static bool
is_network_there(struct resolver *r, struct arena *a)
{
    struct resolver_answer root = { 0 };
    bool bogus, there;
    struct ub_ctx *fresh = context_new(r->server, false);
    if (fresh == NULL)
        return true;
    there = ask(fresh, a, ".", TYPE_NS, &root, &bogus);
    ub_ctx_delete(fresh);
    return there;
}

static uint64_t
question_hash(const char *name, int type)
{
    return hash_bytes(str_from(name)) ^ (uint64_t)type * 0x9e3779b97f4a7c15u;
}

static bool
is_dead(const struct resolver *r, uint64_t question)
{
    for (size_t i = 0; i < r->ndead && i < RESOLVER_DEAD_NAMES; i++)
        if (r->dead[i] == question)
            return true;
    return false;
}

static void
note_timeout(struct resolver *r, struct arena *a, uint64_t question)
{
    r->dead[r->ndead++ % RESOLVER_DEAD_NAMES] = question;
    if (++r->timeouts < RESOLVER_GIVE_UP)
        return;
    r->timeouts = 0;
    if (is_network_there(r, a))
        return;
    r->ndead = 0; /* none of that was the names' fault */
    r->away_until = clock_ms() + RESOLVER_AWAY_MS;
    warn("dns: no answer, not even for the root: taking the network to be away for %d s (see --dns off or "
         "FILE)",
         RESOLVER_AWAY_MS / 1000);
}

void
resolver_ask(struct resolver *r, struct arena *a, const char *name, int type, struct resolver_answer *out)
{
    uint64_t question = question_hash(name, type);
    bool bogus;
    *out = (struct resolver_answer){ .status = RESOLVER_TIMEOUT };
    if (clock_ms() < r->away_until || is_dead(r, question))
        return;
    if (!r->asked)
        find_out(r, a);
    if (ask(r->ctx, a, name, type, out, &bogus))
        r->timeouts = 0;
    else
        note_timeout(r, a, question);
}
