/* Extensions of aggregate reports, kept as the XML that they were; nobody looks at what they mean. */
#include "dmarc_rules.h"

/* With the record that they stand in, else the report. */
static void
keep(struct dmarc_xml *p, str s)
{
    struct buf *b = &p->foreign[p->in_record];
    if (b->n + s.n <= DMARC_MAX_EXTENSION)
        buf_add(b, s);
    else
        dmarc_problem(p, "an extension is cut");
}

static void
keep_escaped(struct dmarc_xml *p, str s, const char *special)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        keep(p, strchr(special, c) == NULL || c == '\0' ? str_of(&s.p[i], 1)
                : c == '<'                              ? S("&lt;")
                : c == '&'                              ? S("&amp;")
                : c == '>'                              ? S("&gt;")
                                                        : S("&quot;"));
    }
}

void
dmarc_keep_start(struct dmarc_xml *p, str name, const struct xml_attribute *attributes, size_t n)
{
    keep(p, S("<"));
    keep(p, name);
    for (size_t i = 0; i < n; i++) {
        keep(p, S(" "));
        keep(p, attributes[i].name);
        keep(p, S("=\""));
        keep_escaped(p, attributes[i].value, "<&\"");
        keep(p, S("\""));
    }
    keep(p, S(">"));
}

void
dmarc_keep_text(struct dmarc_xml *p, str s)
{
    keep_escaped(p, s, "<&>");
}

void
dmarc_keep_end(struct dmarc_xml *p, str name)
{
    keep(p, S("</"));
    keep(p, name);
    keep(p, S(">"));
}
