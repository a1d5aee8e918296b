/* Holds the marks by which senders are known, and finds whose an address is.
 *
 * senders_file.c reads the lists.  Nothing here asks DNS; cli/identify.c does, and hands the facts over. */
#include <stdlib.h>

#include "dns.h"
#include "hash.h"
#include "senders_impl.h"

const struct sender_service sender_own_service = { { "own", 3 }, { "own", 3 }, { "own", 3 } };

/* The table of marks ------------------------------------------------------------------------------- */

static uint64_t
mark_hash(enum mark_kind kind, str name)
{
    return hash_more_int(hash_bytes(name), kind);
}

static void
put_slot(struct senders *s, size_t index)
{
    const struct mark *m = &s->marks[index];
    size_t at = mark_hash(m->kind, m->name) & (s->nslots - 1);
    while (s->slots[at])
        at = (at + 1) & (s->nslots - 1);
    s->slots[at] = index + 1;
}

void
senders_put_mark(struct senders *s, struct mark m)
{
    ARENA_PUSH(&s->arena, s->marks, s->n, s->room) = m;
    if (2 * s->n < s->nslots) {
        put_slot(s, s->n - 1);
        return;
    }
    free(s->slots);
    s->nslots = s->nslots ? 4 * s->nslots : 1024;
    s->slots = xcalloc(s->nslots, sizeof *s->slots);
    for (size_t i = 0; i < s->n; i++)
        put_slot(s, i);
}

/* The mark of exactly that name and the highest layer, or NULL. */
const struct mark *
senders_mark_at(const struct senders *s, enum mark_kind kind, str name, str selector, bool own)
{
    const struct mark *best = NULL;
    if (s->nslots == 0)
        return NULL;
    for (size_t at = mark_hash(kind, name) & (s->nslots - 1); s->slots[at]; at = (at + 1) & (s->nslots - 1)) {
        const struct mark *m = &s->marks[s->slots[at] - 1];
        if (m->kind == kind && str_eq(m->name, name) && (m->layer == LAYER_OWN) == own &&
            (m->selector.n == 0 || str_ieq(m->selector, selector)) && (!best || m->layer > best->layer))
            best = m;
    }
    return best;
}

static const struct mark *
mark_of(const struct senders *s, enum mark_kind kind, str name, str selector, bool own)
{
    for (; name.n; name = dns_parent(name)) {
        const struct mark *m = senders_mark_at(s, kind, name, selector, own);
        if (m)
            return m;
    }
    return NULL;
}

/* The longest network that holds the address; of equal ones the user's. */
static const struct network *
network_of(const struct senders *s, struct ip ip, bool own)
{
    const struct network *best = NULL;
    for (size_t i = 0; i < s->nnetworks; i++) {
        const struct network *w = &s->networks[i];
        if ((w->layer == LAYER_OWN) == own && ip_match(w->ip, ip, w->bits) &&
            (!best || w->bits > best->bits || (w->bits == best->bits && w->layer > best->layer)))
            best = w;
    }
    return best;
}

void
senders_free(struct senders *s)
{
    if (s == NULL)
        return;
    free(s->slots);
    arena_free(&s->arena);
    free(s);
}

size_t
senders_count(const struct senders *s)
{
    return s->nservices;
}

uint64_t
senders_digest(const struct senders *s)
{
    return s->digest;
}

/* Finding ------------------------------------------------------------------------------------------ */

static struct sender_identity
identity(const struct sender_service *service, str known_by, str mark)
{
    bool own = str_eq(service->kind, S("own"));
    bool passes_on = str_eq(service->kind, S("forwarder")) || str_eq(service->kind, S("list"));
    return (struct sender_identity){ own         ? S("own")
                                     : passes_on ? S("forwarder")
                                                 : S("known"),
                                     known_by, mark, service == &sender_own_service ? NULL : service };
}

static bool
find_own(const struct senders *s, const struct sender_facts *f, struct sender_identity *out)
{
    const struct network *w = network_of(s, f->ip, true);
    const struct mark *m = NULL;
    str by = S("name");
    if (w)
        return *out = identity(w->service, S("network"), w->text), true;
    if (f->confirmed)
        m = mark_of(s, MARK_NAME, f->ptr, S(""), true);
    /* a signature alone may have been forwarded; with SPF in alignment it came straight */
    for (size_t i = 0; !m && f->both && i < f->ndkim; i++) {
        m = mark_of(s, MARK_DKIM, f->dkim[i], f->selectors[i], true);
        by = S("dkim");
    }
    return m && (*out = identity(m->service, by, m->name), true);
}

/* A cloud's names tell whose machine it is, not who sends: what is said otherwise goes before. */
static bool
is_weak(const struct mark *m)
{
    return str_eq(m->service->kind, S("cloud")) || str_eq(m->service->kind, S("hosting"));
}

static bool
find_known(const struct senders *s, const struct sender_facts *f, struct sender_identity *out)
{
    const struct mark *m = NULL, *host = NULL;
    const struct network *w = network_of(s, f->ip, false);
    if (w)
        return *out = identity(w->service, S("network"), w->text), true;
    if (f->confirmed)
        host = mark_of(s, MARK_NAME, f->ptr, S(""), false);
    if (host && !is_weak(host))
        return *out = identity(host->service, S("name"), host->name), true;
    for (size_t i = 0; !m && i < f->nspf; i++)
        m = mark_of(s, MARK_SPF, f->spf[i], S(""), false);
    if (m)
        return *out = identity(m->service, S("spf"), m->name), true;
    for (size_t i = 0; !m && !f->forwarded && !f->relayed && i < f->ndkim; i++)
        m = mark_of(s, MARK_DKIM, f->dkim[i], f->selectors[i], false);
    if (m)
        return *out = identity(m->service, S("dkim"), m->name), true;
    return host && (*out = identity(host->service, S("name"), host->name), true);
}

struct sender_identity
senders_identify(const struct senders *s, const struct sender_facts *f)
{
    struct sender_identity out = { S("unknown"), S(""), S(""), NULL };
    if (find_own(s, f, &out))
        return out;
    bool known = find_known(s, f, &out);
    /* a hoster's machine that passes mail on is a forwarder of somebody's */
    bool rented = known && (str_eq(out.service->kind, S("cloud")) || str_eq(out.service->kind, S("hosting")));
    if ((!known || rented) && (f->forwarded || f->relayed)) {
        out.standing = S("forwarder");
        out.known_by = f->forwarded ? S("reports") : S("relayed");
        out.mark = known ? out.mark : S("");
        return out;
    }
    /* who rents a machine is not known by whose machine it is */
    if (known && str_eq(out.service->kind, S("cloud")))
        out.standing = S("unknown");
    return out;
}
