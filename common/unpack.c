/* Which compression a stream is in. */
#include "unpack.h"

const struct unpacker *
unpack_recognise(str head)
{
    static const struct unpacker *const all[] = { &unpack_gzip, &unpack_xz, &unpack_bzip2, &unpack_zstd,
                                                  &unpack_utf16 };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i]->recognise(head))
            return all[i];
    return NULL;
}
