/* Regular expressions with named groups; the owner of PCRE2. */
#include "regex.h"

#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "arena.h"

enum { MATCH_LIMIT = 100000 };

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    int groups;
    bool jit;
    str names[REGEX_MAX_GROUPS + 1];
};

static void
read_names(struct regex *r)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(r->code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++, table += size) {
        int number = table[0] << 8 | table[1];
        if (number <= REGEX_MAX_GROUPS)
            r->names[number] = str_from((const char *)table + 2);
    }
}

struct regex *
regex_new(const char *pattern, struct diag *d)
{
    int error;
    PCRE2_SIZE at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DUPNAMES, &error, &at, NULL);
    if (code == NULL) {
        PCRE2_UCHAR text[128];
        pcre2_get_error_message(error, text, sizeof text);
        diag_set(d, EXIT_USAGE, "pattern: %s at byte %zu of \"%s\"", (const char *)text, (size_t)at, pattern);
        return NULL;
    }
    uint32_t groups = 0;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups > REGEX_MAX_GROUPS) {
        pcre2_code_free(code);
        diag_set(d, EXIT_USAGE, "pattern has more than %d groups: \"%s\"", REGEX_MAX_GROUPS, pattern);
        return NULL;
    }
    struct regex *r = xcalloc(1, sizeof *r);
    r->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0; /* without it is slower, not wrong */
    r->code = code;
    r->groups = (int)groups;
    r->data = pcre2_match_data_create_from_pattern(code, NULL);
    r->context = pcre2_match_context_create(NULL);
    if (r->data == NULL || r->context == NULL)
        die(EXIT_INTERNAL, "out of memory");
    pcre2_set_match_limit(r->context, MATCH_LIMIT);
    read_names(r);
    return r;
}

void
regex_free(struct regex *r)
{
    if (r == NULL)
        return;
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->context);
    pcre2_code_free(r->code);
    free(r);
}

int
regex_groups(const struct regex *r)
{
    return r->groups;
}

str
regex_group_name(const struct regex *r, int i)
{
    return r->names[i];
}

static void
set_bit(unsigned char *bits, uint32_t at)
{
    bits[at / 8] |= (unsigned char)(1 << at % 8);
}

/* PCRE2 finds out what matches begin with only where it would look for them: in patterns that are not anchored. */
void
regex_begins(const char *pattern, unsigned char bits[REGEX_BYTES / 8])
{
    int error;
    PCRE2_SIZE at;
    uint32_t type = 0, unit = 0;
    const uint8_t *bitmap = NULL;
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                     PCRE2_DOTALL | PCRE2_DUPNAMES, &error, &at, NULL);
    if (code) {
        pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &type);
        pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
        pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &bitmap);
    }
    memset(bits, type == 1 || bitmap ? 0 : 0xff, REGEX_BYTES / 8);
    if (bitmap)
        memcpy(bits, bitmap, REGEX_BYTES / 8);
    if (type == 1) {
        set_bit(bits, unit);
        if (str_is_alpha((char)unit)) /* either case: which, PCRE2 does not tell */
            set_bit(bits, unit ^ 0x20);
    }
    pcre2_code_free(code);
}

bool
regex_match(struct regex *r, str text, str groups[REGEX_MAX_GROUPS + 1])
{
    const char *p = text.p ? text.p : "";
    int rc = r->jit ? pcre2_jit_match(r->code, (PCRE2_SPTR)p, text.n, 0, 0, r->data, r->context)
                    : pcre2_match(r->code, (PCRE2_SPTR)p, text.n, 0, 0, r->data, r->context);
    if (rc < 0)
        return false;
    const PCRE2_SIZE *v = pcre2_get_ovector_pointer(r->data);
    for (int i = 1; i <= r->groups; i++)
        groups[i] = v[2 * i] == PCRE2_UNSET ? (str){ 0 } : str_of(p + v[2 * i], v[2 * i + 1] - v[2 * i]);
    return true;
}
