/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of a shell that change the packet filter: iptables, ip6tables and ufw are followed;
 * others that are known to change it are named as not understood. Pure.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_FILTER_COMMAND_H
#define SIPGUARD_USER_RULES_FORMATS_FILTER_COMMAND_H

#include "rules/formats/shell.h"
#include "rules/model/ruleset.h"

/*
 * Adds what the command does to the rules. A rule that the command may not add, because it is
 * uncertain, asks something unknown. Returns an enum shell_status, or -ENOMEM.
 */
int filter_command(struct ruleset *rules, const struct shell_command *command,
		   const struct place *place, struct error *error);

/* A command of iptables or ip6tables without its name. As filter_command(). */
int filter_iptables(struct ruleset *rules, uint8_t families, const struct shell_command *command,
		    const struct place *place, struct error *error);

/*
 * Reads a script that sets up a packet filter, as firewall.sh or rc.local; ruleset_link() is left
 * to the caller. -EINVAL with "NAME: " for what no shell could read.
 */
int filter_script_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
			struct error *error);

#endif
