/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iptables-save, ip6tables-save and ipset save write, in any order and any number in one text,
 * and lines of a script that call iptables themselves. Pure.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_IPTABLES_SAVE_H
#define SIPGUARD_USER_RULES_FORMATS_IPTABLES_SAVE_H

#include "rules/formats/words.h"
#include "rules/model/ruleset.h"

/*
 * Adds what the text says to the rules; ruleset_link() is left to the caller. The family of rules
 * comes from the line in front that says which tool wrote them, and from the addresses; otherwise
 * it is IPv6 when the name of the file says so. -EINVAL for a line that is none of these, with
 * "NAME:LINE:COLUMN: ".
 */
int iptables_save_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
			struct error *error);

/* Whether a line of ipset save, or of a script of `ipset restore`, begins with this word. */
bool ipset_is_command(const char *word);

/*
 * A line of ipset save: "create NAME TYPE ...", "add NAME ELEMENT ..." and what else changes sets.
 * What is not understood makes the set unknown.
 */
int ipset_save_line(const char *const *words, size_t count, struct ruleset *rules,
		    const struct place *place, struct error *error);

#endif
