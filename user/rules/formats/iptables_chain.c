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

/* The order in which tables are asked at one hook: linux/netfilter_ipv4.h. */
static int32_t priority_of(const char *table, enum chain_hook hook)
{
	if (!strcmp(table, "raw"))
		return -300;
	if (!strcmp(table, "mangle"))
		return -150;
	if (!strcmp(table, "nat"))
		return hook == HOOK_PREROUTING || hook == HOOK_OUTPUT ? -100 : 100;
	return strcmp(table, "security") ? 0 : 50;
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
	chain->priority = priority_of(table, (enum chain_hook)chain->hook);
	chain->translates = !strcmp(table, "nat");
	return at;
}

static int set_policy(struct chain *chain, const struct iptables_line *line,
		      const struct place *place, struct error *error)
{
	uint8_t policy;

	if (!iptables_policy(line->policy, &policy))
		return error_set(error, EXIT_USAGE, EINVAL, "a policy is ACCEPT or DROP");
	chain->policy = policy;
	chain->policy_is_known = true;
	chain->place = *place;
	return 0;
}

/* Empties the chain, or without a name all chains of the table. */
static int flush(struct ruleset *rules, const struct iptables_line *line, const char *table,
		 uint8_t families)
{
	char full[256];

	snprintf(full, sizeof(full), "%s %s", families == FAMILIES_IPV6 ? "ip6" : "ip", table);
	for (size_t i = 0; i < rules->chain_count; i++) {
		struct chain *chain = &rules->chains[i];

		if (!strcmp(chain->table, full) &&
		    (!line->chain || !strcmp(chain->name, line->chain)))
			chain->rule_count = 0;
	}
	return 0;
}

/* What the rule does to more than the packet. */
static int note_effects(struct ruleset *rules, const struct iptables_line *line,
			struct error *error)
{
	int64_t set;

	rules->untracks = rules->untracks || line->untracks;
	if (!line->changed_set)
		return 0;
	set = ruleset_set(rules, line->changed_set, error);
	if (set < 0)
		return (int)set;
	rules->sets[set].changes = true;
	return 0;
}

static int add_rule(struct ruleset *rules, const struct iptables_line *line, size_t chain,
		    struct rule *rule, const struct place *place, struct error *error)
{
	int result = note_effects(rules, line, error);

	rule->chain = (uint32_t)chain;
	rule->place = *place;
	return result ? result
		      : ruleset_add(rules, rule,
				    line->command == IPTABLES_INSERT ? line->position : 0, error);
}

int iptables_apply(struct ruleset *rules, const struct iptables_line *line, const char *table,
		   struct rule *rule, const struct place *place, struct error *error)
{
	uint8_t families = line->families ? line->families : rule->families;
	int64_t at;

	table = line->table ? line->table : table;
	if (line->command == IPTABLES_NONE)
		return 0;
	if (line->command == IPTABLES_OTHER)
		return ruleset_add_unread(
			rules, place, "a command that changes rules, and is not followed", error);
	if (line->command == IPTABLES_FLUSH)
		return flush(rules, line, table, families);
	at = iptables_chain(rules, families, table, line->chain, error);
	if (at < 0 || line->command == IPTABLES_NEW_CHAIN)
		return at < 0 ? (int)at : 0;
	if (line->command == IPTABLES_POLICY)
		return set_policy(&rules->chains[at], line, place, error);
	return add_rule(rules, line, (size_t)at, rule, place, error);
}
