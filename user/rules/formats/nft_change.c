// SPDX-License-Identifier: GPL-2.0-or-later
/* Statements that change something: a set, a mark, the packet. */
#include <string.h>

#include "rules/formats/nft_internal.h"

static int unknown(struct nft_rule *made, enum rule_condition condition, const char *words)
{
	return rule_add_unknown(&made->rule, condition, words, made->nft->error);
}

/* add, update and delete of a set's elements. They go on, but for a limit that they hold. */
int nft_read_set_change(struct nft_rule *made, const json_t *value)
{
	const json_t *element = nft_bare(json_object_get(value, "elem"));
	const json_t *statements = json_object_get(value, "stmt");
	json_t *statement;
	struct nft_key key;
	size_t index;
	int result;

	nft_read_key(element, &key);
	made->rule.service.protocols &= key.protocols;
	made->rule.families &= key.families;
	result = strcmp(nft_string(value, "op"), "delete") != 0
			 ? 0
			 : unknown(made, CONDITION_OTHER, "delete of an element");
	json_array_foreach(statements, index, statement)
	{
		const char *name = json_object_iter_key(json_object_iter(statement));

		if (!result &&
		    (!name || (strcmp(name, "counter") != 0 && strcmp(name, "last") != 0)))
			result = unknown(made, CONDITION_RATE, name ? name : "a statement");
	}
	return result;
}

/* The mark as (mark & ~mask) ^ value, of which nft writes &, | and ^ of the mark and a number. */
static bool read_mark(struct nft_rule *made, const json_t *value)
{
	static const char *const operators[] = {"&", "|", "^"};
	struct rule *rule = &made->rule;

	if (json_is_integer(value)) {
		rule->mark_change = MARK_SET;
		rule->mark_value = (uint32_t)json_integer_value(value);
		rule->mark_mask = UINT32_MAX;
		return true;
	}
	for (size_t i = 0; i < 3; i++) {
		const json_t *operands = json_object_get(value, operators[i]);
		const json_t *meta = json_object_get(json_array_get(operands, 0), "meta");
		const json_t *number = json_array_get(operands, 1);
		uint32_t bits = (uint32_t)json_integer_value(number);

		if (strcmp(nft_string(meta, "key"), "mark") != 0 || !json_is_integer(number))
			continue;
		rule->mark_change = MARK_SET;
		rule->mark_value = i == 0 ? 0 : bits;
		rule->mark_mask = i == 0 ? ~bits : i == 1 ? bits : 0;
		return true;
	}
	return false;
}

/* What is written into a packet. Most of it decides nothing about SIP. */
int nft_read_packet_change(struct nft_rule *made, const json_t *value)
{
	static const char *const harmless[] = {"priority", "nftrace",  "dscp",	 "ecn",
					       "ttl",	   "hoplimit", "pkttype"};
	const json_t *key = json_object_get(value, "key");
	const json_t *meta = json_object_get(key, "meta");
	const char *name = meta ? nft_string(meta, "key")
				: nft_string(json_object_get(key, "payload"), "field");

	if (!strcmp(name, "mark")) {
		if (!read_mark(made, json_object_get(value, "value")))
			made->rule.mark_change = MARK_LOST;
		return 0;
	}
	if (json_object_get(key, "ct") || json_object_get(key, "tcp option"))
		return 0;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (!strcmp(name, harmless[i]))
			return 0;
	}
	made->rule.action = ACTION_OTHER;
	return unknown(made, CONDITION_OTHER, *name ? name : "a change of the packet");
}

void nft_note_changes(struct nft *nft, const char *table, const json_t *rule)
{
	const json_t *expressions = json_object_get(rule, "expr");
	size_t index;
	json_t *statement;

	json_array_foreach(expressions, index, statement)
	{
		const char *reference = nft_string(json_object_get(statement, "set"), "set");
		char key[2 * NFT_NAME_SIZE];
		struct source_set *set;

		if (*reference != '@')
			continue;
		snprintf(key, sizeof(key), "%s/%s", table, reference + 1);
		set = ruleset_find_set(nft->rules, key);
		if (set)
			set->changes = true;
	}
}
