/* Names of folders, as mail programs, providers and Sieve scripts give them.
 *
 * A name counts as a whole first, then its last part, then a word of that ("probably-spam").  What a reader moved
 * afterwards it cannot know. */
#include "folder.h"

/* Names of folders and Gmail labels, in the languages met. */
static const struct {
    const char *name, *placement;
} names[] = {
    { "INBOX", "inbox" },
    { "Posteingang", "inbox" },
    { "Bo\xc3\xaete de r\xc3\xa9"
      "ception",
      "inbox" },
    { "Recibidos", "inbox" },
    { "Bandeja de entrada", "inbox" },
    { "Posta in arrivo", "inbox" },
    { "Entrada", "inbox" },
    { "\xe5\x8f\x97\xe4\xbf\xa1\xe3\x83\x88\xe3\x83\xac\xe3\x82\xa4", "inbox" },
    { "Spam", "junk" },
    { "Junk", "junk" },
    { "Junk E-mail", "junk" },
    { "Junk Email", "junk" },
    { "Junk Mail", "junk" },
    { "Bulk", "junk" },
    { "Bulk Mail", "junk" },
    { "Unerw\xc3\xbcnscht", "junk" },
    { "Courrier ind\xc3\xa9sirable", "junk" },
    { "Correo no deseado", "junk" },
    { "Posta indesiderata", "junk" },
    { "\xe8\xbf\xb7\xe6\x83\x91\xe3\x83\xa1\xe3\x83\xbc\xe3\x83\xab", "junk" },
    { "Spamverdacht", "junk" },
    { "Spam-Verdacht", "junk" },
    { "Junk-E-Mail", "junk" },
    { "Ind\xc3\xa9sirables", "junk" },
    { "Pourriel", "junk" },
    { "Ongewenste e-mail", "junk" },
    { "Skr\xc3\xa4ppost", "junk" },
    { "Roskaposti", "junk" },
    { "Lixo Eletr\xc3\xb4nico", "junk" },
    { "\xd0\xa1\xd0\xbf\xd0\xb0\xd0\xbc", "junk" },
    { "\xe5\x9e\x83\xe5\x9c\xbe\xe9\x82\xae\xe4\xbb\xb6", "junk" },
    { "\xe5\x9e\x83\xe5\x9c\xbe\xe9\x83\xb5\xe4\xbb\xb6", "junk" },
    { "Quarantine", "quarantined" },
    { "Promotions", "category" },
    { "Social", "category" },
    { "Updates", "category" },
    { "Forums", "category" },
    { "Google Spam", "junk" },
    { "caughtspam", "junk" },
    { "spambox", "junk" },
    { "spamfolder", "junk" },
    { "spambucket", "junk" },
    { "junkmail", "junk" },
    { "Quarantaine", "quarantined" },
    { "Quarant\xc3\xa4ne", "quarantined" },
    { "Cuarentena", "quarantined" },
    { "Purchases", "category" },
    { "Reservations", "category" },
    { "Werbung", "category" },
    { "Promociones", "category" },
    { "CATEGORY_PROMOTIONS", "category" },
    { "CATEGORY_SOCIAL", "category" },
    { "CATEGORY_UPDATES", "category" },
    { "CATEGORY_FORUMS", "category" },
    { "CATEGORY_PERSONAL", "inbox" },
};

/* Words of a name that is no other's: "probably-spam", "spam_2026", "Spam (auto)". */
static const struct {
    const char *word, *placement;
} words[] = {
    { "spam", "junk" },
    { "junk", "junk" },
    { "quarantine", "quarantined" },
    { "category", "category" }, /* Gmail's labels */
    { "kategorie", "category" },
    { "cat\xc3\xa9"
      "gorie",
      "category" },
    { "categor\xc3\xad"
      "a",
      "category" },
};

static str
named(str folder)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(folder, str_from(names[i].name)))
            return str_from(names[i].placement);
    return (str){ 0 };
}

/* Whether a name has a word, and no other word that denies it ("not-spam"). */
static str
worded(str name)
{
    str found = { 0 };
    for (str rest = name; rest.n;) {
        size_t n = 0;
        while (n < rest.n && (str_is_alpha(rest.p[n]) || (unsigned char)rest.p[n] >= 0x80))
            n++;
        str word = str_head(rest, n);
        if (str_ieq(word, S("not")) || str_ieq(word, S("no")) || str_ieq(word, S("non")) ||
            str_ieq(word, S("anti")))
            return (str){ 0 };
        for (size_t i = 0; i < sizeof words / sizeof *words && found.n == 0; i++)
            if (str_ieq(word, str_from(words[i].word)))
                found = str_from(words[i].placement);
        rest = str_skip(rest, n ? n : 1);
    }
    return found;
}

static bool
is_maildir_part(str name)
{
    return str_eq(name, S("new")) || str_eq(name, S("cur")) || str_eq(name, S("tmp"));
}

/* A path into a Maildir names "new" or "cur", perhaps with a file in it. */
static str
without_file(str folder)
{
    while (folder.n > 1 && folder.p[folder.n - 1] == '/')
        folder.n--;
    struct str_cut file = str_rcut(folder, '/'), part = str_rcut(file.head, '/');
    if (file.found && is_maildir_part(file.tail))
        return file.head;
    return file.found && part.found && is_maildir_part(part.tail) ? part.head : folder;
}

str
folder_placement(str folder)
{
    folder = without_file(str_trim(folder));
    str found = named(folder);
    if (found.n || folder.n == 0)
        return found;
    str last = folder;
    size_t cut = str_rfind_char(last, '/');
    if (cut == STR_NONE)
        cut = str_rfind_char(last, '\\');
    if (cut != STR_NONE)
        last = str_skip(last, cut + 1);
    if (last.n && last.p[0] == '.') /* Maildir++ */
        last = str_skip(last, 1);
    if ((found = named(last)).n)
        return found;
    cut = str_rfind_char(last, '.');
    if (cut != STR_NONE &&
        cut > 0) { /* ".[Gmail].Spam", "INBOX.Junk"; "mail.spam@example.org" is no such thing */
        str part = str_skip(last, cut + 1);
        if ((found = named(part)).n)
            return found;
    }
    return str_find_char(last, '@') == STR_NONE ? worded(last) : (str){ 0 };
}

enum outcome
folder_outcome(str folder)
{
    static const struct {
        const char *placement;
        enum outcome outcome;
    } outcomes[] = { { "inbox", OUTCOME_INBOX },
                     { "junk", OUTCOME_JUNK },
                     { "quarantined", OUTCOME_QUARANTINED },
                     { "category", OUTCOME_CATEGORY } };
    str placement = folder_placement(folder);
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (str_eq(placement, str_from(outcomes[i].placement)))
            return outcomes[i].outcome;
    return OUTCOME_STORED;
}
