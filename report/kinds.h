/* The symbols of the registries, and the short forms that the kinds' tables are written in. */
#ifndef KINDS_H
#define KINDS_H

#include "kind.h"

#define X(symbol) extern const struct report_kind symbol;
#include "report_kinds.def"
#undef X
#define X(symbol) extern const struct output_format symbol;
#include "outputs.def"
#undef X

/* Sections that more than one kind shows (report/sections.c). */
extern const struct section section_figures, section_outcomes, section_days, section_hours, section_refusals,
    section_findings, section_hop_tls, section_authentication;

#define COLUMNS(list) .columns = list, .ncolumns = sizeof(list) / sizeof *(list)

#endif
