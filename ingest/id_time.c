/* Times hidden in queue ids: recognises the shapes, strictly, and reads the clock.
 *
 * What it does not do: guess.  A shape that random text or another MTA's id
 * could have by chance must also give a sensible date. */
#include "id_time.h"

/* Digits of a base in their order. */
static const char base52[] = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz";
static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

enum {
    POSTFIX_SECONDS = 6, /* digits */
    POSTFIX_MICROS = 4,
    POSTFIX_INODE_MAX = 12, /* 2^64 in base 51 */
    EXIM_SECONDS = 6,
    EXIM_OLD = 16, /* 6-6-2 */
    EXIM_NEW = 23, /* 6-11-4 */
    SENDMAIL_CLOCK = 6,
    SENDMAIL_SEQUENCE = 2,
    SENDMAIL_PID_MIN = 6,
    SENDMAIL_PID_MAX = 7,
};

/* Seconds since 1970 between which such ids can have been made. */
static const int64_t postfix_first = 1293840000; /* 2011-01-01, before long ids came */
static const int64_t exim_first = 915148800; /* 1999-01-01: six base-62 digits start with 1 from then on */
static const int64_t last = 4102444800;      /* 2100-01-01 */

/* The value of s in the base whose digits are the first n of digits; -1: a character is none of them. */
static int64_t
digits_value(str s, const char *digits, int n)
{
    int64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        const char *at = memchr(digits, s.p[i], (size_t)n);
        if (at == NULL)
            return -1;
        value = value * n + (at - digits);
    }
    return value;
}

static when
postfix_time(str id)
{
    str seconds = str_head(id, POSTFIX_SECONDS);
    str micros = str_head(str_skip(id, POSTFIX_SECONDS), POSTFIX_MICROS);
    str inode = str_after(str_skip(id, POSTFIX_SECONDS + POSTFIX_MICROS), 'z');
    if (inode.n == 0 || inode.n > POSTFIX_INODE_MAX || digits_value(inode, base52, 51) < 0)
        return WHEN_NONE;
    int64_t s = digits_value(seconds, base52, 52);
    int64_t us = digits_value(micros, base52, 52);
    if (s < postfix_first || s >= last || us < 0 || us >= WHEN_SECOND)
        return WHEN_NONE;
    return s * WHEN_SECOND + us;
}

static bool
is_base62(str s)
{
    static const bool digits[256] = { ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true };
    size_t n = 0;
    while (n < s.n && digits[(unsigned char)s.p[n]])
        n++;
    return n > 0 && n == s.n;
}

size_t
id_exim_length(str s)
{
    static const struct {
        size_t n, second;
    } shapes[] = { { EXIM_OLD, 13 }, { EXIM_NEW, 18 } };
    if (s.n < EXIM_OLD || s.p[EXIM_SECONDS] != '-' || !is_base62(str_head(s, EXIM_SECONDS)))
        return 0;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t n = shapes[i].n, second = shapes[i].second;
        if (s.n < n || (s.n > n && s.p[n] != ' ') || s.p[second] != '-')
            continue;
        if (is_base62(str_of(s.p + EXIM_SECONDS + 1, second - EXIM_SECONDS - 1)) &&
            is_base62(str_of(s.p + second + 1, n - second - 1)))
            return n;
    }
    return 0;
}

static when
exim_time(str id)
{
    if (id_exim_length(id) != id.n)
        return WHEN_NONE;
    str seconds = str_head(id, EXIM_SECONDS);
    int64_t s = digits_value(seconds, base62, 62);
    if (s < exim_first || s >= last)
        s = digits_value(seconds, base62, 36);
    return s < exim_first || s >= last ? WHEN_NONE : s * WHEN_SECOND;
}

/* A short Postfix id of the same length is upper case hexadecimal: to be safe, none of those is read. */
static bool
is_upper_hex(str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!str_is_digit(s.p[i]) && (s.p[i] < 'A' || s.p[i] > 'F'))
            return false;
    return true;
}

static when
sendmail_time(str id)
{
    enum { HEAD = SENDMAIL_CLOCK + SENDMAIL_SEQUENCE, BASE = 60, FIRST_YEAR = 1996 };
    str pid = str_skip(id, HEAD);
    if (pid.n < SENDMAIL_PID_MIN || pid.n > SENDMAIL_PID_MAX || !str_digits(pid) || is_upper_hex(id))
        return WHEN_NONE;
    int v[HEAD];
    for (size_t i = 0; i < HEAD; i++)
        if ((v[i] = (int)digits_value(str_of(id.p + i, 1), base62, BASE)) < 0)
            return WHEN_NONE;
    int year = 1900 + v[0];
    while (year < FIRST_YEAR)
        year += BASE;
    return when_from_civil((struct civil){
        .year = year, .month = v[1] + 1, .day = v[2], .hour = v[3], .minute = v[4], .second = v[5] });
}

when
id_time(str id)
{
    if (id.n > POSTFIX_SECONDS + POSTFIX_MICROS + 1 && id.p[POSTFIX_SECONDS + POSTFIX_MICROS] == 'z')
        return postfix_time(id);
    if (id.n == EXIM_OLD || id.n == EXIM_NEW)
        return exim_time(id);
    return sendmail_time(id);
}
