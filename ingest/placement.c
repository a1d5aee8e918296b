/* Placement by provider headers and by the names of folders.
 *
 * A score is no placement: only headers that say where the message went are
 * read.  It does not know what a reader moved afterwards. */
#include "placement.h"

#include "folder.h"

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
    if (folder_placement(own).n) {
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
        str verdict = folder_placement(label);
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
    str verdict = folder_placement(value);
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
