/* IP addresses and networks.
 *
 * An IPv4 address inside IPv6 (::ffff:192.0.2.1) is read as the IPv4 address
 * it is (RFC 7208 section 5). */
#ifndef IP_H
#define IP_H

#include "arena.h"
#include "str.h"

struct ip {
    int family;             /* 4, 6, or 0: none */
    unsigned char byte[16]; /* network order; 4 or 16 used */
};

/* "192.0.2.1", "2001:db8::1", either in brackets, "IPv6:" before it; family 0 for anything else. */
struct ip ip_parse(str);

/* The plain forms only, as record texts have them. */
struct ip ip4_parse(str);
struct ip ip6_parse(str); /* keeps an embedded IPv4 address as IPv6 */

/* Raw address bytes, 4 or 16 of them. */
struct ip ip_from_bytes(str);

/* Whether the first bits of both are equal; false across families. */
bool ip_match(struct ip, struct ip, int bits);

bool ip_is_loopback(struct ip);
bool ip_is_private(struct ip); /* loopback, link-local, RFC 1918, RFC 4193, RFC 6598 */

str ip_format(struct arena *, struct ip);

#endif
