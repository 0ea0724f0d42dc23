// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of objects: tables, chains, sets and rules. */
#include "rules/formats/nft.h"

#include <errno.h>
#include <string.h>

#include "rules/formats/nft_internal.h"
#include "text/escape.h"

bool nft_recognises(const char *text, size_t size)
{
	static const char *const tokens[] = {"{", "\"nftables\"", ":", "["};
	const char *end = text + size;

	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		size_t length = strlen(tokens[i]);

		while (text < end && *text && strchr(" \t\r\n", *text))
			text++;
		if ((size_t)(end - text) < length || memcmp(text, tokens[i], length) != 0)
			return false;
		text += length;
	}
	return true;
}

static uint8_t families_of(const char *family)
{
	static const struct {
		const char *name;
		uint8_t families;
	} families[] = {
		{"ip", FAMILIES_IPV4},	   {"ip6", FAMILIES_IPV6},    {"inet", FAMILIES_BOTH},
		{"netdev", FAMILIES_BOTH}, {"bridge", FAMILIES_BOTH},
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		if (!strcmp(family, families[i].name))
			return families[i].families;
	}
	return 0;
}

static enum chain_hook hook_of(const char *hook)
{
	static const char *const names[] = {
		[HOOK_NONE] = "",
		[HOOK_INGRESS] = "ingress",
		[HOOK_PREROUTING] = "prerouting",
		[HOOK_INPUT] = "input",
		[HOOK_FORWARD] = "forward",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(hook, names[i]))
			return (enum chain_hook)i;
	}
	return HOOK_OUTPUT;
}

/* "FAMILY TABLE", which tells apart tables of one name. */
static void table_of(const json_t *object, char table[static NFT_NAME_SIZE])
{
	snprintf(table, NFT_NAME_SIZE, "%s %s", nft_string(object, "family"),
		 nft_string(object, "table"));
}

static bool is_dormant(const json_t *table)
{
	const json_t *flags = json_object_get(table, "flags");
	const char *flag = json_string_value(json_is_array(flags) ? json_array_get(flags, 0)
								  : flags);

	return flag && !strcmp(flag, "dormant");
}

static int read_table(struct nft *nft, const json_t *object)
{
	char key[NFT_NAME_SIZE];

	snprintf(key, sizeof(key), "%s %s", nft_string(object, "family"),
		 nft_string(object, "name"));
	if (is_dormant(object) && json_object_set_new_nocheck(nft->dormant, key, json_true()))
		return error_system(nft->error, ENOMEM, "cannot hold the rules");
	return 0;
}

static int read_chain(struct nft *nft, const json_t *object)
{
	char table[NFT_NAME_SIZE];
	struct chain *chain;
	int64_t at;

	table_of(object, table);
	at = ruleset_chain(nft->rules, table, nft_string(object, "name"), nft->error);
	if (at < 0)
		return (int)at;
	chain = &nft->rules->chains[at];
	chain->families = families_of(nft_string(object, "family"));
	chain->hook = hook_of(nft_string(object, "hook"));
	/* The rules of a table that is switched off are there, and nothing leads to them. */
	if (json_object_get(nft->dormant, table))
		chain->hook = HOOK_NONE;
	chain->priority = (int32_t)json_integer_value(json_object_get(object, "prio"));
	chain->translates = !strcmp(nft_string(object, "type"), "nat");
	chain->policy = !strcmp(nft_string(object, "policy"), "drop") ? ACTION_DROP : ACTION_ACCEPT;
	chain->policy_is_known = chain->hook != HOOK_NONE;
	snprintf(chain->place.name, sizeof(chain->place.name), "%.60s %.30s", table, chain->name);
	return 0;
}

/* Chains that see some devices' packets alone: of a bridge, and before the IP layer. */
static bool is_of_devices(const struct chain *chain)
{
	return chain->hook == HOOK_INGRESS || !strncmp(chain->table, "bridge ", 7);
}

/* The device of an ingress chain, which older versions of nft leave out. */
static int ask_device(struct nft *nft, const struct chain *chain, struct rule *rule)
{
	if (!is_of_devices(chain))
		return 0;
	return rule_add_unknown(rule, CONDITION_DEVICE, "the device of its chain", nft->error);
}

static int read_rule(struct nft *nft, const json_t *object)
{
	__attribute__((cleanup(rule_clear))) struct rule rule = {};
	char table[NFT_NAME_SIZE];
	int64_t at;
	int result;

	table_of(object, table);
	at = ruleset_chain(nft->rules, table, nft_string(object, "chain"), nft->error);
	if (at < 0)
		return (int)at;
	rule = rule_any(families_of(nft_string(object, "family")));
	rule.chain = (uint32_t)at;
	snprintf(rule.place.name, sizeof(rule.place.name),
		 "%.40s %.24s handle %" JSON_INTEGER_FORMAT, table, nft_string(object, "chain"),
		 json_integer_value(json_object_get(object, "handle")));
	result = ask_device(nft, &nft->rules->chains[at], &rule);
	result = result ? result
			: string_copy(json_string_value(json_object_get(object, "comment")),
				      &rule.comment, nft->error);
	return result ? result : nft_read_rule(nft, table, &rule, json_object_get(object, "expr"));
}

/* An ingress chain that drops what no rule of it accepts does so on its devices alone. */
static int make_policy_a_rule(struct nft *nft, size_t number)
{
	struct chain *chain = &nft->rules->chains[number];
	__attribute__((cleanup(rule_clear))) struct rule rule = rule_any(chain->families);
	int result;

	if (!chain->hook || !is_of_devices(chain) || chain->policy != ACTION_DROP)
		return 0;
	chain->policy = ACTION_ACCEPT;
	rule.chain = (uint32_t)number;
	rule.place = chain->place;
	rule.action = ACTION_DROP;
	result = ask_device(nft, chain, &rule);
	return result ? result : ruleset_add(nft->rules, &rule, 0, nft->error);
}

static int read_names(struct nft *nft, const json_t *object)
{
	const char *name = json_object_iter_key(json_object_iter((json_t *)object));
	const json_t *value = name ? json_object_get(object, name) : NULL;

	if (name && !strcmp(name, "table"))
		return read_table(nft, value);
	if (name && !strcmp(name, "chain"))
		return read_chain(nft, value);
	if (name && (!strcmp(name, "set") || !strcmp(name, "map")))
		return nft_read_set(nft, value);
	return 0;
}

/* Objects that hold no rule. Others are named, for they might. */
static int read_others(struct nft *nft, const json_t *object)
{
	static const char *const known[] = {
		"metainfo",  "table",	       "chain",	  "set",       "map",
		"counter",   "quota",	       "limit",	  "ct helper", "ct timeout",
		"flowtable", "ct expectation", "secmark", "synproxy",  "rule",
	};
	const char *name = json_object_iter_key(json_object_iter((json_t *)object));
	struct place place = {.name = "an object of the list"};

	for (size_t i = 0; name && i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(name, known[i]))
			return 0;
	}
	return ruleset_add_unread(nft->rules, &place, name ? name : "no object of nft", nft->error);
}

/* Names first: a rule may stand before the set that it asks, or that it adds to. */
static int read_objects(struct nft *nft, const json_t *objects)
{
	char table[NFT_NAME_SIZE];
	int result = 0;
	size_t index;
	json_t *object;

	json_array_foreach(objects, index, object) result = result ? result
								   : read_names(nft, object);
	json_array_foreach(objects, index, object)
	{
		const json_t *rule = json_object_get(object, "rule");

		if (!rule)
			continue;
		table_of(rule, table);
		nft_note_changes(nft, table, rule);
	}
	json_array_foreach(objects, index, object)
	{
		const json_t *rule = json_object_get(object, "rule");

		result = result ? result : rule ? read_rule(nft, rule) : read_others(nft, object);
	}
	for (size_t i = 0; !result && i < nft->rules->chain_count; i++)
		result = make_policy_a_rule(nft, i);
	return result;
}

static int refuse(const struct nft *nft, const json_error_t *fault)
{
	char escaped[JSON_ERROR_TEXT_LENGTH];

	text_escape(escaped, sizeof(escaped), fault->text, strlen(fault->text));
	return error_set(nft->error, EXIT_USAGE, EINVAL, "%.400s:%d:%d: %s", nft->name,
			 fault->line > 0 ? fault->line : 1, fault->column > 0 ? fault->column : 1,
			 escaped);
}

int nft_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
	      struct error *error)
{
	struct nft nft = {name, rules, json_object(), json_object(), 0, error};
	json_error_t fault;
	json_t *whole = NULL;
	const json_t *objects;
	struct error said;
	int result;

	if (!nft.named || !nft.dormant)
		result = error_system(error, ENOMEM, "cannot hold the rules");
	else if (!(whole = json_loadb(text, size, 0, &fault)))
		result = refuse(&nft, &fault);
	else if (!json_is_array(objects = json_object_get(whole, "nftables")))
		result = error_set(error, EXIT_USAGE, EINVAL,
				   "%.400s:1:1: this is not what nft -j list ruleset writes", name);
	else if ((result = read_objects(&nft, objects)) == -EINVAL) {
		said = *error;
		error_set(error, EXIT_USAGE, EINVAL, "%.400s: %.500s", name, said.message);
	}
	json_decref(whole);
	json_decref(nft.named);
	json_decref(nft.dormant);
	return result;
}
