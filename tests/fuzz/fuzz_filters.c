/* Filters and delivery agents: any text as the message of each program's lines, and as a line of their own files. */
#include "log_lines.h"

static const char *const programs[] = {
    "opendkim",   "opendmarc",  "policyd-spf", "postgrey",   "sqlgrey",   "milter-greylist", "policyd",
    "cbpolicyd",  "rspamd",     "spamd",       "amavis",     "clamd",     "dovecot",         "clamav-milter",
    "mimedefang", "deliver(a)", "cyrus/lmtp",  "cyrus/imap", "courierd",  "courieresmtp",    "courieresmtpd",
    "msmtp",      "dma[a1.b2]", "nullmailer",  "sSMTP",      "fetchmail", "pmg-smtp-filter", "MailScanner",
};

static void
take_line(str text)
{
    for (size_t f = 0; formats[f]; f++) {
        for (size_t i = 0; formats[f]->owns && i < sizeof programs / sizeof *programs; i++)
            if (formats[f]->owns(str_from(programs[i])))
                check_logged(formats[f], str_from(programs[i]), text);
        check_own(formats[f], text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    str rest = str_of((const char *)data, size);
    for (size_t f = 0; formats[f]; f++)
        if (formats[f]->owns)
            formats[f]->recognise(rest, true);
    while (rest.n) {
        struct str_cut c = str_cut(rest, '\n');
        take_line(c.head);
        rest = c.tail;
    }
    return 0;
}
