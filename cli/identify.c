/* Finds whose the addresses in DMARC reports are and keeps it in source_identity.
 *
 * sql/ tells what reports say of each address, DNS its names, databases its country and network;
 * analyze/senders.c concludes.  What DNS said once stays, so that an old report reads as it did. */
#include "identify.h"

#include <stdio.h>
#include <stdlib.h>

#include "geo.h"
#include "identity_store.h"
#include "psl.h"
#include "senders.h"

enum { MOST_NAMES = 10, MOST_MARKS = 50 };

struct identify_lists {
    struct senders *senders;
    struct geo *geo;
    struct psl *psl;
};

struct names {
    str ptr, status;
    bool confirmed;
};

struct work {
    const struct identify *how;
    struct identify_lists *lists;
    struct identity_store out;
    struct arena arena; /* of one address */
    uint64_t done, asked, left;
    struct diag *diag;
};

struct identify_lists *
identify_open(struct identify *i, struct cli *cli)
{
    struct identify_lists *l = xcalloc(1, sizeof *l);
    struct diag d = { 0 };
    i->senders = i->senders ? i->senders : config_get(cli, "senders");
    i->own = i->own ? i->own : config_get(cli, "own");
    i->maxmind = i->maxmind ? i->maxmind : config_get(cli, "maxmind");
    l->senders = senders_new();
    if ((i->senders && !senders_add(l->senders, config_file(i->senders, "the senders"), i->senders, &d)) ||
        (i->own && !senders_add_own(l->senders, config_file(i->own, "the own sources"), i->own, &d)) ||
        (i->maxmind && (l->geo = geo_open(i->maxmind, &d)) == NULL))
        die_diag(&d);
    l->psl = psl_open(i->psl, &d);
    if (l->psl == NULL)
        note("%s: reverse names are shown without their domains", d.text);
    return l;
}

void
identify_close(struct identify_lists *l)
{
    if (l == NULL)
        return;
    senders_free(l->senders);
    geo_close(l->geo);
    psl_close(l->psl);
    free(l);
}

static str
reverse_name(struct arena *a, struct ip ip)
{
    char text[80];
    size_t n = 0;
    const unsigned char *b = ip.byte;
    if (ip.family == 4)
        return arena_printf(a, "%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]);
    for (int i = 15; i >= 0; i--)
        n += (size_t)snprintf(text + n, sizeof text - n, "%x.%x.", b[i] & 15u, b[i] >> 4);
    return arena_printf(a, "%sip6.arpa", text);
}

static bool
leads_back(struct work *w, str name, struct ip ip)
{
    struct dns_answer r;
    dns_query(w->how->dns, &w->arena, name, ip.family == 4 ? DNS_A : DNS_AAAA, &r);
    for (size_t i = 0; r.status == DNS_OK && i < r.n; i++)
        if (ip_match(ip, ip_from_bytes(r.records[i].data), ip.family == 4 ? 32 : 128))
            return true;
    return false;
}

/* The reverse name that leads back, else the first; what was known where DNS does not say now. */
static struct names
ask_names(struct work *w, struct ip ip, when at, struct names known)
{
    struct dns_answer r;
    bool settled =
        known.status.n && !str_eq(known.status, S("timeout")) && !str_eq(known.status, S("servfail"));
    if (w->how->dns == NULL || (settled && !w->how->all))
        return known;
    if (w->asked >= IDENTIFY_MAX_ASKED) {
        w->left++;
        return known;
    }
    w->how->dns->at = at;
    dns_query(w->how->dns, &w->arena, reverse_name(&w->arena, ip), DNS_PTR, &r);
    if (r.status == DNS_UNKNOWN || (settled && (r.status == DNS_TIMEOUT || r.status == DNS_SERVFAIL)))
        return known;
    w->asked++;
    struct names out = { .status = dns_status_word(r.status) };
    for (size_t i = 0; r.status == DNS_OK && i < r.n && i < MOST_NAMES; i++) {
        bool back = leads_back(w, r.records[i].data, ip);
        if (i == 0 || back)
            out.ptr = r.records[i].data;
        if ((out.confirmed = back))
            break;
    }
    return out;
}

static size_t
split_marks(str text, str first[MOST_MARKS], str second[MOST_MARKS])
{
    size_t n = 0;
    while (text.n && n < MOST_MARKS) {
        struct str_cut line = str_cut(text, '\n');
        struct str_cut c = str_cut(line.head, ' ');
        first[n] = c.head;
        second[n++] = c.tail;
        text = line.tail;
    }
    return n;
}

static bool
put(struct work *w, str ip, when at, struct names n, struct geo_answer geo, struct sender_identity id)
{
    struct identity_row r = {
        .ip = ip,
        .standing = id.standing,
        .known_by = id.known_by,
        .mark = id.mark,
        .ptr = n.ptr,
        .ptr_status = n.status,
        .confirmed = n.confirmed,
        .country = geo.country,
        .asn = geo.asn,
        .as_name = geo.as_name,
        .seen_at = at,
    };
    if (id.service) {
        r.service = id.service->id;
        r.title = id.service->title;
        r.kind = id.service->kind;
    }
    if (n.ptr.n && n.confirmed && w->lists->psl)
        r.org_domain = psl_organizational(w->lists->psl, &w->arena, n.ptr);
    return identity_store_put(&w->out, &r, w->diag);
}

enum pending_column {
    P_IP,
    P_AT,
    P_BOTH,
    P_FORWARDED,
    P_RELAYED,
    P_DKIM,
    P_SPF,
    P_PTR,
    P_STATUS,
    P_CONFIRMED,
    P_COUNTRY,
    P_ASN,
    P_AS_NAME,
    P_COLUMNS
};

static bool
take(void *ctx, size_t columns, const str *names, const str *c)
{
    struct work *w = ctx;
    str dkim[MOST_MARKS], selectors[MOST_MARKS], spf[MOST_MARKS], none[MOST_MARKS];
    (void)names;
    if (columns != P_COLUMNS)
        BUG("identity_pending.sql does not give %d columns", P_COLUMNS);
    struct sender_facts f = { .ip = ip_parse(c[P_IP]),
                              .dkim = dkim,
                              .selectors = selectors,
                              .spf = spf,
                              .both = str_eq(c[P_BOTH], S("1")),
                              .forwarded = str_eq(c[P_FORWARDED], S("1")),
                              .relayed = str_eq(c[P_RELAYED], S("1")) };
    struct when_result at = when_rfc3339(c[P_AT]);
    when seen_at = at.ok ? at.at : WHEN_NONE;
    f.ndkim = split_marks(c[P_DKIM], dkim, selectors);
    f.nspf = split_marks(c[P_SPF], spf, none);
    struct names n =
        ask_names(w, f.ip, seen_at, (struct names){ c[P_PTR], c[P_STATUS], str_eq(c[P_CONFIRMED], S("1")) });
    f.ptr = n.ptr;
    f.confirmed = n.confirmed;
    uint64_t asn = 0;
    struct geo_answer geo = { .country = c[P_COUNTRY], .as_name = c[P_AS_NAME] };
    geo.asn = str_to_u64(c[P_ASN], &asn) ? (uint32_t)asn : 0;
    if (w->lists->geo)
        geo = geo_find(w->lists->geo, &w->arena, c[P_IP]);
    bool good = put(w, c[P_IP], seen_at, n, geo, senders_identify(w->lists->senders, &f));
    w->done++;
    arena_reset(&w->arena);
    return good;
}

/* The policies that stand in DNS now, beside those that reporters saw: asked for, kept by whoever keeps. */
static bool
ask_policies(const struct identify *how, struct db *db, const str *since, struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows r;
    if (!dns_is_live(how->dns_word))
        return true;
    bool good = db_query(db, &a, sql_text("queries/identity_domains.sql"), since, 1, &r, d);
    how->dns->at = WHEN_NONE;
    for (size_t i = 0; good && i < r.rows; i++) {
        struct dns_answer answer;
        dns_query(how->dns, &a, arena_join(&a, S("_dmarc"), S("."), db_cell(&r, i, 0)), DNS_TXT, &answer);
    }
    arena_free(&a);
    return good;
}

static bool
look(struct work *w, struct db *db, const str *since, struct diag *d)
{
    bool good = db_exec(db, sql_text("queries/identity_room.sql"), d) &&
                db_each(db, sql_text("queries/identity_pending.sql"), since, 1, take, w, d) && d->code == 0;
    return good && db_exec(db, "reset work_mem", d) && identity_store_flush(&w->out, d) &&
           ask_policies(w->how, db, since, d);
}

bool
identify_sources(const struct identify *how, struct identify_lists *lists, struct db *db, uint64_t *done,
                 struct diag *d)
{
    struct arena a = { 0 };
    struct db_rows r;
    bool asks = strcmp(how->dns_word, "off") != 0 && strcmp(how->dns_word, "history") != 0;
    int64_t rules = (int64_t)(senders_digest(lists->senders) ^ geo_digest(lists->geo));
    str digest = arena_printf(&a, "%lld", (long long)rules);
    str dns = asks ? str_from(how->dns_word) : (str){ 0 };
    const str begin[] = { digest, dns, how->all ? S("true") : S("false") };
    struct work w = { .how = how, .lists = lists, .diag = d };
    *done = 0;
    bool good = db_query(db, &a, sql_text("queries/identity_begin.sql"), begin, 3, &r, d);
    if (good && !str_eq(db_cell(&r, 0, 0), db_cell(&r, 0, 1))) {
        str since = db_cell(&r, 0, 0), until = db_cell(&r, 0, 1);
        good = db_open_again(&w.out.db, db, d) && look(&w, db, &since, d);
        db_close(w.out.db);
        const str end[] = { w.left ? since : until, digest, dns };
        struct db_rows none;
        good = good && db_query(db, &a, sql_text("queries/identity_done.sql"), end, 3, &none, d);
        if (w.left)
            note("%llu addresses were left for the next analyze: a run asks DNS for %d",
                 (unsigned long long)w.left, IDENTIFY_MAX_ASKED);
    }
    *done = w.done;
    identity_store_free(&w.out);
    arena_free(&w.arena);
    arena_free(&a);
    return good;
}
