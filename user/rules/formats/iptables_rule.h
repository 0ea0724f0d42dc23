/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A rule in the words of iptables(8) and iptables-extensions(8). Pure. */
#ifndef SIPGUARD_USER_RULES_FORMATS_IPTABLES_RULE_H
#define SIPGUARD_USER_RULES_FORMATS_IPTABLES_RULE_H

#include "rules/formats/words.h"
#include "rules/model/ruleset.h"

enum iptables_command {
	IPTABLES_NONE, /* one that changes no rule, such as -L */
	IPTABLES_APPEND,
	IPTABLES_INSERT,
	IPTABLES_NEW_CHAIN,
	IPTABLES_POLICY,
	IPTABLES_FLUSH,
	IPTABLES_OTHER, /* it changes rules, and is not followed: -D, -R, -E */
};

/* What a line asks for. The strings are the words'. */
struct iptables_line {
	enum iptables_command command;
	uint8_t families;  /* of the tool; the caller sets them */
	const char *table; /* NULL: not told */
	const char *chain; /* NULL: none */
	const char *policy;
	size_t position;	 /* that -I names; 1 without */
	const char *changed_set; /* that -j SET adds to or deletes from */
	bool untracks;		 /* connections are not tracked */
};

/*
 * Reads words that stand behind the command's name. The rule is to be empty or rule_any(), and is
 * filled with what is known; the caller clears it, whatever the result. What is not known becomes
 * unknown. -EINVAL with a message that tells no place: words that iptables would refuse.
 */
int iptables_read(const char *const *words, size_t count, struct iptables_line *line,
		  struct rule *rule, struct error *error);

/*
 * Adds what the line asks for to the rules: tables are told apart by "ip " or "ip6 " before. A
 * command that is not followed is named as unread.
 */
int iptables_apply(struct ruleset *rules, const struct iptables_line *line, const char *table,
		   struct rule *rule, const struct place *place, struct error *error);

/* "ACCEPT" or "DROP". */
bool iptables_policy(const char *word, uint8_t *policy);

/* The chain, with the hook that its table and name give it. As ruleset_chain(). */
int64_t iptables_chain(struct ruleset *rules, uint8_t families, const char *table, const char *name,
		       struct error *error);

#endif
