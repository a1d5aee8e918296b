/* What names of folders tell. */
#include "folder.h"
#include "tap.h"

static const struct {
    const char *in, *want;
} folders[] = {
    { "INBOX", "inbox" },
    { "Inbox", "inbox" },
    { "INBOX.Junk", "junk" },
    { ".INBOX.Spam", "junk" },
    { ".Junk", "junk" },
    { "INBOX/Spam", "junk" },
    { "[Gmail]/Spam", "junk" },
    { ".[Gmail].Spam", "junk" },
    { "user/ann/Junk E-mail", "junk" },
    { "user\\ann\\Junk", "junk" },
    { "probably-spam", "junk" },
    { "Spam_2026", "junk" },
    { "/home/ann/Mail/caughtspam", "junk" },
    { "/home/ann/Maildir/.Junk/new/1795299110.M8P2.mx", "junk" },
    { "spam/cur", "junk" },
    { "INBOX.Quarantine", "quarantined" },
    { "virus-quarantine", "quarantined" },
    { "Promotions", "category" },
    { "CATEGORY_SOCIAL", "category" },
    { "Category promotions", "category" },
    { "Cat\xc3\xa9"
      "gorie Promotions",
      "category" },
    { "Kategorie Soziale Netzwerke", "category" },
    { "not-spam", "" },
    { "anti-spam talk", "" },
    { "spamassassin-users", "" },
    { "Junkers", "" },
    { "spam@example.org", "" },
    { "Archive/2026", "" },
    { "Lists.updates-weekly", "" },
    { "", "" },
    { "/", "" },
    { ".", "" },
};

int
main(void)
{
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        is_str(folder_placement(str_from(folders[i].in)), folders[i].want, folders[i].in);
    is_int(folder_outcome(S("INBOX.Junk")), OUTCOME_JUNK, "as an outcome");
    is_int(folder_outcome(S("Archive")), OUTCOME_STORED, "that tells nothing");
    return done_testing();
}
