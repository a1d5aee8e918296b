/* Looks addresses up in MaxMind databases: GeoLite2, GeoIP2, and those of others in the same form (DB-IP,
 * IPinfo); the owner of libmaxminddb.  It reads country, ASN and the AS's name, nothing else. */
#include "geo.h"

#include <maxminddb.h>
#include <stdlib.h>

#include "hash.h"

struct geo {
    MMDB_s files[GEO_MAX_FILES];
    size_t n;
    uint64_t digest;
};

static bool
open_one(struct geo *g, str path, struct diag *d)
{
    struct arena a = { 0 };
    if (g->n == GEO_MAX_FILES)
        return diag_set(d, EXIT_USAGE, "more than %d MaxMind databases", GEO_MAX_FILES);
    MMDB_s *m = &g->files[g->n];
    int status = MMDB_open(arena_z(&a, path), MMDB_MODE_MMAP, m);
    arena_free(&a);
    if (status != MMDB_SUCCESS)
        return diag_set(d, EXIT_NO_INPUT, "cannot read the MaxMind database %.*s: %s", PRSTR(path),
                        MMDB_strerror(status));
    g->n++;
    g->digest = hash_more(g->digest, str_from(m->metadata.database_type));
    g->digest = hash_more_int(g->digest, (int64_t)m->metadata.build_epoch);
    return true;
}

struct geo *
geo_open(const char *files, struct diag *d)
{
    struct geo *g = xcalloc(1, sizeof *g);
    for (str rest = str_trim(str_from(files)); rest.n;) {
        struct str_cut c = str_cut(rest, ' ');
        if (c.head.n && !open_one(g, c.head, d)) {
            geo_close(g);
            return NULL;
        }
        rest = str_trim_left(c.tail);
    }
    if (g->n)
        return g;
    diag_set(d, EXIT_USAGE, "no MaxMind database is named");
    geo_close(g);
    return NULL;
}

void
geo_close(struct geo *g)
{
    for (size_t i = 0; g && i < g->n; i++)
        MMDB_close(&g->files[i]);
    free(g);
}

static str
text_at(struct arena *a, MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s data;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return S("");
    return arena_copy(a, str_of(data.utf8_string, data.data_size));
}

/* A number, or a text such as "AS64500". */
static uint32_t
number_at(struct arena *a, MMDB_entry_s *entry, const char *const *path)
{
    MMDB_entry_data_s data;
    uint64_t n;
    if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS || !data.has_data)
        return 0;
    if (data.type == MMDB_DATA_TYPE_UINT32)
        return data.uint32;
    if (data.type == MMDB_DATA_TYPE_UINT16)
        return data.uint16;
    str text = text_at(a, entry, path);
    text = str_istarts(text, S("AS")) ? str_skip(text, 2) : text;
    return str_to_u64(text, &n) && n <= UINT32_MAX ? (uint32_t)n : 0;
}

#define PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

static str
first(str have, str next)
{
    return have.n ? have : next;
}

struct geo_answer
geo_find(struct geo *g, struct arena *a, str address)
{
    struct geo_answer out = { 0 };
    const char *z = arena_z(a, address);
    for (size_t i = 0; i < g->n; i++) {
        int no_name, status;
        MMDB_lookup_result_s r = MMDB_lookup_string(&g->files[i], z, &no_name, &status);
        if (no_name || status != MMDB_SUCCESS || !r.found_entry)
            continue;
        MMDB_entry_s *e = &r.entry;
        out.country = first(out.country, text_at(a, e, PATH("country", "iso_code")));
        out.country = first(out.country, text_at(a, e, PATH("country")));
        out.country = first(out.country, text_at(a, e, PATH("country_code")));
        out.country = first(out.country, text_at(a, e, PATH("registered_country", "iso_code")));
        out.as_name = first(out.as_name, text_at(a, e, PATH("autonomous_system_organization")));
        out.as_name = first(out.as_name, text_at(a, e, PATH("as_name")));
        if (!out.asn)
            out.asn = number_at(a, e, PATH("autonomous_system_number"));
        if (!out.asn)
            out.asn = number_at(a, e, PATH("asn"));
    }
    return out;
}

uint64_t
geo_digest(const struct geo *g)
{
    return g ? g->digest : 0;
}
