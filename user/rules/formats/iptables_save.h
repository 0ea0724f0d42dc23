/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What iptables-save, ip6tables-save and ipset save write, in any order and any number in one text,
 * and lines of a script that call iptables themselves. Pure.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_IPTABLES_SAVE_H
#define SIPGUARD_USER_RULES_FORMATS_IPTABLES_SAVE_H

#include "rules/model/ruleset.h"

/*
 * Adds what the text says to the rules; ruleset_link() is left to the caller. The family of rules
 * comes from the line in front that says which tool wrote them, and from the addresses; otherwise
 * it is IPv6 when the name of the file says so. -EINVAL for a line that is none of these, with
 * "NAME:LINE:COLUMN: ".
 */
int iptables_save_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
			struct error *error);

/* A line of ipset save: "create NAME TYPE ..." or "add NAME ELEMENT ...". */
int ipset_save_line(const char *const *words, size_t count, struct ruleset *rules,
		    const struct place *place, struct error *error);

#endif
