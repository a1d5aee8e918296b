/* XML in pieces; the owner of libxml2.
 *
 * libxml2 sees only what xml_tidy.c lets through, so a fault here is a bound of
 * its own (memory, dictionary) and ends the document. */
#include "xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "diag.h"
#include "xml_tidy.h"

struct xml {
    struct tidy tidy;
    size_t taken; /* places that events have picked up */
    const struct xml_events *events;
    void *ctx;
    xmlParserCtxtPtr parser;
    char fault[200];
};

static const char *const repairs[] = {
    "bytes of another charset, read as Windows-1252",
    "control characters",
    "\"<\" or \"&\" not escaped",
    "an entity that is not one of XML's",
    "a document type declaration, not read",
    "elements that are not closed, or closed twice",
    "elements nested too deep",
    "attributes that cannot be read",
    "the end is missing",
};

const char *
xml_repair_text(unsigned bits)
{
    for (size_t i = 0; i < sizeof repairs / sizeof *repairs; i++)
        if (bits & 1u << i)
            return repairs[i];
    return NULL;
}

/* Prefix and local name as they stood in the tag. */
static str
whole_name(const xmlChar *local, const xmlChar *prefix, char *room, size_t size)
{
    if (prefix == NULL)
        return str_from((const char *)local);
    int n = snprintf(room, size, "%s:%s", (const char *)prefix, (const char *)local);
    return str_of(room, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1);
}

/* Events come in the order of the tags that went in. */
static void
next_place(struct xml *x)
{
    if (x->taken < x->tidy.nplaces)
        x->tidy.place = x->tidy.places[x->taken++];
}

enum { NAME_ROOM = XML_MAX_NAME + 2 };

static void
on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int nnamespaces,
         const xmlChar **namespaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
    struct xml *x = ctx;
    (void)uri, (void)ndefaulted;
    next_place(x);
    char rooms[2 * XML_MAX_ATTRIBUTES + 1][NAME_ROOM];
    struct xml_attribute out[2 * XML_MAX_ATTRIBUTES];
    size_t n = 0;
    for (int i = 0; i < nnamespaces && n < XML_MAX_ATTRIBUTES; i++, n++) {
        const xmlChar *p = namespaces[2 * i];
        out[n].name = whole_name(p ? p : (const xmlChar *)"xmlns", p ? (const xmlChar *)"xmlns" : NULL,
                                 rooms[n], NAME_ROOM);
        out[n].value = str_from((const char *)namespaces[2 * i + 1]);
    }
    for (int i = 0; i < nattributes && n < 2 * XML_MAX_ATTRIBUTES; i++, n++) {
        const xmlChar **a = attributes + (ptrdiff_t)5 * i;
        out[n].name = whole_name(a[0], a[1], rooms[n], NAME_ROOM);
        out[n].value = str_of((const char *)a[3], (size_t)(a[4] - a[3]));
    }
    x->events->start(x->ctx, whole_name(local, prefix, rooms[2 * XML_MAX_ATTRIBUTES], NAME_ROOM), out, n);
}

static void
on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct xml *x = ctx;
    char room[NAME_ROOM];
    (void)uri;
    next_place(x);
    x->events->end(x->ctx, whole_name(local, prefix, room, sizeof room));
}

static void
on_text(void *ctx, const xmlChar *text, int n)
{
    struct xml *x = ctx;
    x->events->text(x->ctx, str_of((const char *)text, (size_t)n));
}

static void
on_error(void *ctx, xmlErrorPtr error)
{
    (void)ctx, (void)error; /* read back from the parser when it stops */
}

static void
parse(void *ctx, str clean)
{
    struct xml *x = ctx;
    struct tidy *t = &x->tidy;
    struct xml_place place = t->place;
    while (clean.n > 0 && x->fault[0] == '\0') {
        int n = clean.n > INT_MAX / 2 ? INT_MAX / 2 : (int)clean.n;
        xmlParseChunk(x->parser, clean.p, n, 0);
        if (x->parser->disableSAX) {
            const xmlError *e = xmlCtxtGetLastError(x->parser);
            str why = str_trim(str_from(e && e->message ? e->message : "the parser stopped"));
            snprintf(x->fault, sizeof x->fault, "%.*s", PRSTR(str_head(why, 150)));
        }
        clean = str_skip(clean, (size_t)n);
    }
    t->nplaces -= x->taken; /* what the parser still holds back stays queued */
    memmove(t->places, t->places + x->taken, t->nplaces * sizeof *t->places);
    x->taken = 0;
    t->place = place;
}

struct xml *
xml_new(const struct xml_events *events, void *ctx)
{
    struct xml *x = xcalloc(1, sizeof *x);
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .serror = on_error,
    };
    x->events = events;
    x->ctx = ctx;
    x->parser = xmlCreatePushParserCtxt(&sax, x, NULL, 0, NULL);
    if (x->parser == NULL)
        die(EXIT_INTERNAL, "out of memory");
    xmlCtxtUseOptions(x->parser,
                      XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_RECOVER);
    tidy_init(&x->tidy, parse, x);
    parse(x, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
    return x;
}

void
xml_free(struct xml *x)
{
    if (x == NULL)
        return;
    xmlFreeParserCtxt(x->parser);
    tidy_free(&x->tidy);
    free(x);
}

size_t
xml_push(struct xml *x, str bytes, bool last)
{
    return x->fault[0] ? 0 : tidy_push(&x->tidy, bytes, last);
}

bool
xml_done(const struct xml *x)
{
    return x->tidy.where == TIDY_DONE || x->fault[0];
}

const char *
xml_fault(const struct xml *x)
{
    return x->fault[0] ? x->fault : NULL;
}

unsigned
xml_repairs(const struct xml *x)
{
    return x->tidy.repairs;
}

struct xml_place
xml_place(const struct xml *x)
{
    return x->tidy.place;
}
