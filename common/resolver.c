/* Asks the system's resolvers, with a deadline; the owner of libunbound.
 *
 * It does not read records: rdata goes up in wire form.  DNSSEC is validated
 * only where the system's root key is at hand. */
#include "resolver.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unbound.h>
#include <strings.h>
#include <unistd.h>

struct resolver {
    struct ub_ctx *ctx;
    int timeouts; /* in a row */
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

struct resolver *
resolver_new(struct diag *diag)
{
    static const char root_key[] = "/usr/share/dns/root.key";
    struct ub_ctx *ctx = ub_ctx_create();
    if (ctx == NULL) {
        diag_set(diag, EXIT_INTERNAL, "dns: libunbound does not start");
        return NULL;
    }
    ub_ctx_resolvconf(ctx, NULL); /* without one it resolves from the root */
    ub_ctx_hosts(ctx, NULL);
    if (access(root_key, R_OK) == 0)
        ub_ctx_add_ta_file(ctx, root_key);
    ub_ctx_async(ctx, 1);
    struct resolver *r = xcalloc(1, sizeof *r);
    r->ctx = ctx;
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
await(struct resolver *r, struct pending *p)
{
    int64_t deadline = clock_ms() + RESOLVER_TIMEOUT_MS;
    while (!p->done) {
        int64_t left = deadline - clock_ms();
        struct pollfd fd = { .fd = ub_fd(r->ctx), .events = POLLIN };
        if (left <= 0)
            return false;
        if (poll(&fd, 1, (int)left) > 0)
            ub_process(r->ctx);
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

void
resolver_ask(struct resolver *r, struct arena *a, const char *name, int type, struct resolver_answer *out)
{
    *out = (struct resolver_answer){ .status = RESOLVER_TIMEOUT };
    if (r->timeouts >= RESOLVER_GIVE_UP)
        return;
    struct pending *p = xcalloc(1, sizeof *p);
    int id;
    if (ub_resolve_async(r->ctx, name, type, 1, p, on_answer, &id) != 0) {
        out->status = RESOLVER_SERVFAIL;
        free(p);
        return;
    }
    if (!await(r, p)) {
        ub_cancel(r->ctx, id);
        if (++r->timeouts == RESOLVER_GIVE_UP)
            warn("dns: no answer %d times in a row: taking the network to be away (see --dns off or FILE)",
                 RESOLVER_GIVE_UP);
        free(p);
        return;
    }
    r->timeouts = 0;
    if (p->error == 0 && p->result)
        take_result(a, p->result, out);
    else
        out->status = RESOLVER_SERVFAIL;
    ub_resolve_free(p->result);
    free(p);
}
