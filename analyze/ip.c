/* Reads and compares addresses; a table knows the private ranges. */
#include "ip.h"

#include <arpa/inet.h>

static struct ip
parse_as(str s, int af)
{
    struct ip ip = { 0 };
    char z[INET6_ADDRSTRLEN + 1];
    if (s.n == 0 || s.n >= sizeof z || memchr(s.p, '\0', s.n))
        return ip;
    memcpy(z, s.p, s.n);
    z[s.n] = '\0';
    if (inet_pton(af, z, ip.byte) == 1)
        ip.family = af == AF_INET ? 4 : 6;
    return ip;
}

/* inet_pton takes leading zeros in no libc we know, and we do not want them either. */
struct ip
ip4_parse(str s)
{
    return parse_as(s, AF_INET);
}

struct ip
ip6_parse(str s)
{
    return parse_as(s, AF_INET6);
}

static struct ip
ip_unmap(struct ip ip)
{
    static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
    if (ip.family != 6 || memcmp(ip.byte, mapped, sizeof mapped) != 0)
        return ip;
    struct ip four = { .family = 4 };
    memcpy(four.byte, ip.byte + 12, 4);
    return four;
}

struct ip
ip_parse(str s)
{
    s = str_trim(s);
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
        s = str_of(s.p + 1, s.n - 2);
    if (str_istarts(s, S("IPv6:")))
        s = str_skip(s, 5);
    struct ip ip = ip4_parse(s);
    return ip.family ? ip : ip_unmap(ip6_parse(s));
}

struct ip
ip_from_bytes(str s)
{
    struct ip ip = { 0 };
    if (s.n != 4 && s.n != 16)
        return ip;
    ip.family = s.n == 4 ? 4 : 6;
    memcpy(ip.byte, s.p, s.n);
    return ip;
}

bool
ip_match(struct ip a, struct ip b, int bits)
{
    if (a.family != b.family || a.family == 0)
        return false;
    size_t whole = (size_t)bits / 8;
    if (memcmp(a.byte, b.byte, whole) != 0)
        return false;
    int rest = bits % 8;
    return rest == 0 || ((a.byte[whole] ^ b.byte[whole]) >> (8 - rest)) == 0;
}

struct range {
    const char *net;
    int bits;
};

static bool
in_ranges(struct ip ip, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        str net = str_from(ranges[i].net);
        struct ip a = ip.family == 4 ? ip4_parse(net) : ip6_parse(net);
        if (a.family && ip_match(ip, a, ranges[i].bits))
            return true;
    }
    return false;
}

bool
ip_is_loopback(struct ip ip)
{
    static const struct range ranges[] = { { "127.0.0.0", 8 }, { "::1", 128 } };
    return in_ranges(ip, ranges, sizeof ranges / sizeof *ranges);
}

bool
ip_is_private(struct ip ip)
{
    static const struct range ranges[] = {
        { "127.0.0.0", 8 },    { "10.0.0.0", 8 },     { "172.16.0.0", 12 },
        { "192.168.0.0", 16 }, { "169.254.0.0", 16 }, { "100.64.0.0", 10 },
        { "::1", 128 },        { "fc00::", 7 },       { "fe80::", 10 },
    };
    return in_ranges(ip, ranges, sizeof ranges / sizeof *ranges);
}

str
ip_format(struct arena *a, struct ip ip)
{
    char z[INET6_ADDRSTRLEN];
    if (ip.family == 0 || inet_ntop(ip.family == 4 ? AF_INET : AF_INET6, ip.byte, z, sizeof z) == NULL)
        return S("");
    return arena_copy(a, str_from(z));
}
