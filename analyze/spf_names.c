/* The client's addresses and names, as ptr, %{p}, a and mx compare them (RFC 7208 sections 5 and 5.5). */
#include "spf_internal.h"

#include <stdio.h>

enum dns_type
spf_address_type(const struct spf *spf)
{
    return spf->ip.family == 4 ? DNS_A : DNS_AAAA;
}

bool
spf_has_address(const struct spf *spf, const struct dns_answer *answer, int bits)
{
    for (size_t i = 0; answer->status == DNS_OK && i < answer->n; i++)
        if (ip_match(spf->ip, ip_from_bytes(answer->records[i].data), bits))
            return true;
    return false;
}

/* The name by which the address tree knows the client. */
str
spf_reverse_name(struct spf *spf)
{
    char text[80];
    size_t n = 0;
    const unsigned char *b = spf->ip.byte;
    if (spf->ip.family == 4)
        return arena_printf(spf->arena, "%d.%d.%d.%d.in-addr.arpa", b[3], b[2], b[1], b[0]);
    for (int i = 15; i >= 0; i--)
        n += (size_t)snprintf(text + n, sizeof text - n, "%x.%x.", b[i] & 15u, b[i] >> 4);
    return arena_printf(spf->arena, "%sip6.arpa", text);
}

/* Asks once for the names of the client that resolve back to it.  Failures of the DNS here are no match, not
 * errors (section 5.5). */
enum dns_status
spf_ask_names(struct spf *spf)
{
    struct dns_answer ptr, address;
    size_t room = 0, open_room = 0;
    if (spf->asked_names)
        return spf->names_status == DNS_UNKNOWN ? DNS_UNKNOWN : DNS_OK;
    spf->asked_names = true;
    dns_query(spf->dns, spf->arena, spf_reverse_name(spf), DNS_PTR, &ptr);
    spf->names_status = ptr.status;
    for (size_t i = 0; ptr.status == DNS_OK && i < ptr.n && i < SPF_MAX_PTR; i++) {
        dns_query(spf->dns, spf->arena, ptr.records[i].data, spf_address_type(spf), &address);
        if (spf_has_address(spf, &address, spf->ip.family == 4 ? 32 : 128))
            ARENA_PUSH(spf->arena, spf->client_names, spf->nclient_names, room) = ptr.records[i].data;
        else if (address.status == DNS_UNKNOWN)
            ARENA_PUSH(spf->arena, spf->open_names, spf->nopen_names, open_room) = ptr.records[i].data;
    }
    return ptr.status;
}

str
spf_validated_name(struct spf *spf, str domain)
{
    str clean;
    if (spf_ask_names(spf) == DNS_UNKNOWN || spf->nopen_names) /* another name might be the one */
        spf_stop(spf, AUTH_UNKNOWN, "the DNS source does not know the client's name, which %%{p} asks for");
    if (spf->nclient_names == 0)
        return S("unknown");
    if (!dns_name(spf->arena, domain, &clean))
        return spf->client_names[0];
    for (size_t i = 0; i < spf->nclient_names; i++)
        if (str_eq(spf->client_names[i], clean))
            return clean;
    for (size_t i = 0; i < spf->nclient_names; i++)
        if (dns_is_below(spf->client_names[i], clean))
            return spf->client_names[i];
    return spf->client_names[0];
}
