// SPDX-License-Identifier: GPL-2.0-or-later
/* Where the rules of iptables go: tables, chains and their hooks. */
#include <errno.h>
#include <string.h>

#include "rules/formats/iptables_rule.h"

bool iptables_policy(const char *word, uint8_t *policy)
{
	if (!strcmp(word, "ACCEPT"))
		*policy = ACTION_ACCEPT;
	else if (!strcmp(word, "DROP"))
		*policy = ACTION_DROP;
	else
		return false;
	return true;
}

static enum chain_hook hook_of(const char *name)
{
	static const struct {
		const char *name;
		enum chain_hook hook;
	} hooks[] = {
		{"PREROUTING", HOOK_PREROUTING}, {"INPUT", HOOK_INPUT},
		{"FORWARD", HOOK_FORWARD},	 {"OUTPUT", HOOK_OUTPUT},
		{"POSTROUTING", HOOK_OUTPUT},
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		if (!strcmp(name, hooks[i].name))
			return hooks[i].hook;
	}
	return HOOK_NONE;
}

int64_t iptables_chain(struct ruleset *rules, uint8_t families, const char *table, const char *name,
		       struct error *error)
{
	char full[256];
	struct chain *chain;
	int64_t at;

	snprintf(full, sizeof(full), "%s %s", families == FAMILIES_IPV6 ? "ip6" : "ip", table);
	at = ruleset_chain(rules, full, name, error);
	if (at < 0)
		return at;
	chain = &rules->chains[at];
	chain->families = families;
	chain->hook = hook_of(name);
	chain->translates = !strcmp(table, "nat");
	return at;
}

int iptables_apply(struct ruleset *rules, const struct iptables_line *line, const char *table,
		   struct rule *rule, const struct place *place, struct error *error)
{
	int64_t at;
	uint8_t policy;

	if (line->command == IPTABLES_NONE)
		return 0;
	at = iptables_chain(rules, rule->families, line->table ? line->table : table, line->chain,
			    error);
	if (at < 0)
		return (int)at;
	if (line->command == IPTABLES_POLICY) {
		if (!iptables_policy(line->policy, &policy))
			return error_set(error, EXIT_USAGE, EINVAL, "a policy is ACCEPT or DROP");
		rules->chains[at].policy = policy;
		rules->chains[at].policy_is_known = true;
		rules->chains[at].place = *place;
		return 0;
	}
	if (line->command == IPTABLES_NEW_CHAIN)
		return 0;
	rule->chain = (uint32_t)at;
	rule->place = *place;
	return ruleset_add(rules, rule, line->command == IPTABLES_INSERT ? line->position : 0,
			   error);
}
