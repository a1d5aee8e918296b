/* How many replies a second reply_classify() classes: the same few again and again, and ever new ones.
 *
 * classify [SECONDS]: prints two numbers, repeated and new.  The replies are the unit tests' samples; a
 * number behind the text makes one new. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "reply.h"

#define R(why, words, ...) { words },
static const struct {
    const char *text;
} samples[] = {
#include "../unit/reply_samples.def"
};
#define SAMPLES (sizeof samples / sizeof *samples)
enum { REPEATED = 100, ROUND = 2000 };

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;
    for (int fresh = 0; fresh <= 1; fresh++) {
        unsigned long long n = 0, sum = 0;
        double begun = now(), took;
        do {
            for (int i = 0; i < ROUND; i++, n++) {
                char text[1024];
                size_t k = n % (fresh ? SAMPLES : REPEATED);
                struct reply_context c = { .text = str_from(samples[k].text) };
                if (fresh) {
                    int length = snprintf(text, sizeof text, "%s (%llu)", samples[k].text, n);
                    c.text = str_of(text, (size_t)length);
                }
                sum += reply_classify(&c).reason;
            }
        } while ((took = now() - begun) < seconds);
        printf("%.0f%s", (double)n / took, fresh ? "\n" : " ");
        if (sum == 0)
            return 1;
    }
    return 0;
}
