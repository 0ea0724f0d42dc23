/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of ufw, as its command and Ansible's community.general.ufw give them, in the model. Pure.
 *
 * ufw asks its rules in their order and then its default policy, which is deny for incoming packets
 * unless it is told otherwise. They become rules of the chain INPUT whose policy is that default.
 * It is taken for granted that ufw is enabled.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_UFW_H
#define SIPGUARD_USER_RULES_FORMATS_UFW_H

#include "rules/formats/shell.h"
#include "rules/model/ruleset.h"

/* NULL: not told. The strings are the caller's. */
struct ufw_rule {
	const char *action; /* "allow", "deny", "reject" or "limit" */
	const char *device; /* that packets come in by */
	const char *source;
	const char *source_port;
	const char *destination;
	const char *port; /* "5060", "5060:5061", "5060,5061/udp" */
	const char *protocol;
	const char *application; /* a profile, which is a file of the machine */
	const char *comment;
	size_t position; /* 0: at the end */
	bool uncertain;
	/* The first part that was not understood. */
	const char *unknown;
};

/* -EINVAL, without an error: the action is none. -ENOMEM. */
int ufw_add(struct ruleset *rules, const struct ufw_rule *rule, const struct place *place,
	    struct error *error);

/* "allow" or another action for incoming packets that no rule decides. As ufw_add(). */
int ufw_default(struct ruleset *rules, const char *action, const struct place *place,
		struct error *error);

/* The words behind `ufw`. -EINVAL, without an error, when they are not understood. */
int ufw_command(struct ruleset *rules, const struct shell_command *command,
		const struct place *place, struct error *error);

#endif
