/* To and from A-labels; the owner of libidn2. */
#include "idn.h"

#include <idn2.h>

enum { IDN_MAX_BYTES = 1000 }; /* longer texts are no domain names */

static bool
is_ascii(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

str
idn_ascii(struct arena *a, str domain)
{
    if (is_ascii(domain))
        return arena_lower(a, domain);
    if (domain.n > IDN_MAX_BYTES || memchr(domain.p, '\0', domain.n))
        return domain;
    uint8_t *out = NULL;
    if (idn2_lookup_u8((const uint8_t *)arena_z(a, domain), &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) !=
        IDN2_OK)
        return domain;
    str result = arena_copy(a, str_from((const char *)out));
    idn2_free(out);
    return result;
}

str
idn_ascii_address(struct arena *a, str address)
{
    struct str_cut at = str_rcut(address, '@');
    return at.found ? arena_join(a, at.head, S("@"), idn_ascii(a, at.tail)) : address;
}
