/* Placement by provider headers and by the names of folders.
 *
 * A score is no placement: only headers that say where the message went are
 * read.  It does not know what a reader moved afterwards. */
#include "placement.h"

#include "spam_headers.h"

/* Names of folders and Gmail labels, in the languages met, without what stands before the last "/". */
static const struct {
    const char *name, *verdict;
} folders[] = {
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
};

str
placement_of_folder(str folder)
{
    folder = str_trim(folder);
    if (folder.n > 0 && folder.p[0] == '.') /* Maildir++ */
        folder = str_skip(folder, 1);
    size_t slash = str_rfind_char(folder, '/');
    if (slash != STR_NONE)
        folder = str_skip(folder, slash + 1);
    size_t gmail = str_ifind(folder, S("[Gmail].")); /* as IMAP folders become Maildir++ */
    if (gmail != STR_NONE)
        folder = str_skip(folder, gmail + 8);
    if (str_istarts(folder, S("INBOX."))) /* Courier */
        folder = str_skip(folder, 6);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (str_ieq(folder, str_from(folders[i].name)))
            return str_from(folders[i].verdict);
    return (str){ 0 };
}

/* A path's last component, cut off. */
static str
last_component(str *path)
{
    while (path->n && path->p[path->n - 1] == '/')
        path->n--;
    struct str_cut c = str_rcut(*path, '/');
    *path = c.found ? c.head : (str){ 0 };
    return c.tail.n || c.found ? c.tail : c.head;
}

struct placement_path
placement_of_path(str path)
{
    struct placement_path p = { 0 };
    str file = last_component(&path);
    struct str_cut named = str_rcut(file, '.'); /* "Junk.mbox" */
    str own = named.found && named.head.n ? named.head : file;
    if (placement_of_folder(own).n) {
        p.folder = own;
    } else {
        p.folder = last_component(&path);
        bool gmail = str_ends(path, S("[Gmail]")) || str_ends(path, S("[Google Mail]"));
        if (gmail)
            last_component(&path);
        if (str_eq(p.folder, S(".")) || str_eq(p.folder, S("..")))
            p.folder = (str){ 0 };
    }
    for (str rest = path; rest.n && p.mailbox.n == 0;) { /* ".../ann@example.org/..." */
        str name = last_component(&rest);
        if (str_has(name, S("@")) && !str_has(name, S(" ")))
            p.mailbox = name;
    }
    return p;
}

static void
set_placement(struct message *m, str folder, str verdict, const char *by)
{
    m->placement_folder = folder;
    m->placement_verdict = verdict;
    m->placement_by = str_from(by);
}

/* The next of a CSV list of labels, quotes taken off. */
static str
next_label(str *list)
{
    *list = str_trim_left(*list);
    if (list->n > 0 && list->p[0] == '"') {
        struct str_cut c = str_cut(str_skip(*list, 1), '"');
        *list = str_cut(c.tail, ',').tail;
        return c.head;
    }
    struct str_cut c = str_cut(*list, ',');
    *list = c.tail;
    return str_trim(c.head);
}

static bool
is_among(str label, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(label, str_from(words[i])))
            return true;
    return false;
}

/* Labels that say nothing of a place. */
static bool
is_mark(str label)
{
    static const char *const words[] = { "Opened",
                                         "Unread",
                                         "Starred",
                                         "Important",
                                         "Ge\xc3\xb6"
                                         "ffnet",
                                         "Wichtig",
                                         "Ungelesen",
                                         "Ouvert",
                                         "Non lus",
                                         "Le\xc3\xad"
                                         "do" };
    return label.n == 0 || is_among(label, words, sizeof words / sizeof *words);
}

/* What the user wrote has no placement. */
static bool
is_own_mail(str label)
{
    static const char *const words[] = { "Sent",  "Draft",    "Drafts",         "Chat",
                                         "Chats", "Gesendet", "Entw\xc3\xbcrfe" };
    return is_among(label, words, sizeof words / sizeof *words);
}

/* Gmail's export: "Inbox,Opened,Category promotions".  Spam outweighs, a category names its tab. */
static bool
gmail_labels(struct message *m, str list)
{
    str kept = S("");
    static const char *const categories[] = { "Category ", "Kategorie ", "Cat\xc3\xa9gorie ",
                                              "Categor\u00eda " };
    int rank = 0;
    while (list.n > 0) {
        str label = next_label(&list);
        str verdict = placement_of_folder(label);
        int mine = str_eq(verdict, S("junk")) ? 3 : str_eq(verdict, S("inbox")) ? 1 : 0;
        for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
            if (str_istarts(label, str_from(categories[i]))) {
                mine = 2;
                verdict = S("category");
            }
        if (mine > rank)
            set_placement(m, label, verdict, "Gmail");
        rank = mine > rank ? mine : rank;
        if (is_own_mail(label))
            return rank > 0;
        if (kept.n == 0 && !is_mark(label))
            kept = label;
    }
    if (rank == 0 && kept.n) /* archived, trashed, or under a label of the user's: it did get in */
        set_placement(m, kept, S("stored"), "Gmail");
    return rank > 0 || kept.n > 0;
}

/* "ucf:0;jmr:0;...;dest:J;OFR:SpamFilterAuthJ;" */
static bool
outlook_delivery(struct message *m, str value)
{
    size_t at = str_ifind(value, S("dest:"));
    if (at == STR_NONE || at + 5 >= value.n)
        return false;
    switch (value.p[at + 5]) {
    case 'I': set_placement(m, S("Inbox"), S("inbox"), "Microsoft"); return true;
    case 'J': set_placement(m, S("Junk Email"), S("junk"), "Microsoft"); return true;
    case 'C': set_placement(m, (str){ 0 }, S("stored"), "Microsoft"); return true;
    }
    return false;
}

static bool
yahoo_bulk(struct message *m, str value)
{
    if (value.n == 0)
        return false;
    set_placement(m, S("Bulk"), S("junk"), "Yahoo");
    return true;
}

static bool
proton_action(struct message *m, str value)
{
    if (str_ieq(value, S("inbox")))
        set_placement(m, S("Inbox"), S("inbox"), "Proton");
    else if (str_ieq(value, S("spam")) || str_ieq(value, S("phishing")))
        set_placement(m, S("Spam"), S("junk"), "Proton");
    else
        return false;
    return true;
}

static bool
apple_folder(struct message *m, str value)
{
    str verdict = placement_of_folder(value);
    if (value.n == 0)
        return false;
    set_placement(m, value, verdict.n ? verdict : S("stored"), "Apple");
    return true;
}

/* "MOVE_TO_FOLDER/Junk", "JUNK/...", "VACATION" (iCloud's rules) */
static bool
apple_action(struct message *m, str value)
{
    struct str_cut c = str_cut(value, '/');
    if (str_ieq(c.head, S("JUNK")))
        set_placement(m, S("Junk"), S("junk"), "Apple");
    else if (str_ieq(c.head, S("MOVE_TO_FOLDER")) && c.tail.n)
        return apple_folder(m, c.tail);
    else
        return false;
    return true;
}

static bool
aol_disposition(struct message *m, str value)
{
    if (str_ieq(value, S("S")))
        set_placement(m, S("Spam"), S("junk"), "AOL");
    else if (str_ieq(value, S("G")))
        set_placement(m, S("Inbox"), S("inbox"), "AOL");
    else
        return false;
    return true;
}

static const struct {
    const char *header;
    bool (*read)(struct message *, str value);
} fields[] = {
    { "X-Gmail-Labels", gmail_labels },
    { "X-Microsoft-Antispam-Mailbox-Delivery", outlook_delivery },
    { "X-YahooFilteredBulk", yahoo_bulk },
    { "X-Apple-MoveToFolder", apple_folder },
    { "X-Apple-Action", apple_action },
    { "X-Pm-Spam-Action", proton_action },
    { "X-AOL-Global-Disposition", aol_disposition },
};

void
placement_read(struct message *m, struct arena *a)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const struct header *h = message_header(m, fields[i].header, NULL);
        if (h && fields[i].read(m, str_trim(header_decode(a, h->value))))
            return;
    }
}
