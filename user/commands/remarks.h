/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an import has to say about single lines. */
#ifndef SIPGUARD_USER_COMMANDS_REMARKS_H
#define SIPGUARD_USER_COMMANDS_REMARKS_H

#include <jansson.h>

#include "rules/import/import.h"

/*
 * A line for each: "NAME:LINE:COLUMN: not imported: why: the text". The name is what input_name()
 * makes.
 */
void remarks_print(const char *name, const struct rules_report *report);

/* The same as an array of an object. */
void remarks_pack(const struct rules_report *report, json_t *object);

#endif
