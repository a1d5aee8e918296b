/* What Ctrl-C does. */
#include "cli.h"

#include <unistd.h>

volatile sig_atomic_t interrupted;
static volatile sig_atomic_t catches;
static volatile sig_atomic_t *shared;

static void
on_signal(int sig)
{
    if (!catches || interrupted)
        _exit(EXIT_INTERRUPTED);
    interrupted = sig;
    if (shared)
        *shared = sig;
}

void
interrupt_share(volatile sig_atomic_t *with)
{
    shared = with;
}

void
interrupt_catch(void)
{
    catches = 1;
}

void
interrupt_init(void)
{
    struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
    sigemptyset(&sa.sa_mask);
    sigaction(SIGINT, &sa, NULL);
    sigaction(SIGTERM, &sa, NULL);
    signal(SIGPIPE, SIG_DFL); /* "waybill ... | head" ends quietly, also under parents that ignore it */
}
