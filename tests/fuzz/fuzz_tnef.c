/* winmail.dat: whatever it holds, its files lie where they may, and it ends. */
#include "tnef.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = { 0 };
    struct tnef_file file;
    str bytes = str_of((const char *)data, n);
    if (!tnef_recognise(bytes))
        return 0;
    struct tnef t = tnef_open(bytes);
    size_t files = 0, sum = 0;
    while (tnef_next(&t, &a, &file)) {
        files++;
        for (size_t i = 0; i < file.bytes.n; i++)
            sum += (unsigned char)file.bytes.p[i];
        for (size_t i = 0; i < file.name.n; i++)
            sum += (unsigned char)file.name.p[i];
    }
    if (files > TNEF_MAX_FILES)
        __builtin_trap();
    volatile size_t seen = sum;
    (void)seen;
    arena_free(&a);
    return 0;
}
