// SPDX-License-Identifier: GPL-2.0-or-later
/* The expressions of a rule: what it asks of a packet, and what becomes of the packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/nft_internal.h"

static const char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string ? string : "";
}

static void set_condition(struct nft_key *key, enum rule_condition condition, const char *kind,
			  const char *name)
{
	key->fields[key->count++] = NFT_CONDITION;
	key->condition = condition;
	snprintf(key->words, sizeof(key->words), "%s %s", kind, name);
}

static void read_payload(const json_t *payload, struct nft_key *key)
{
	const char *protocol = string_of(payload, "protocol"), *field = string_of(payload, "field");
	bool is_ip = !strcmp(protocol, "ip") || !strcmp(protocol, "ip6");
	uint8_t bits = protocol_parse(protocol);

	if (is_ip)
		key->families &= !strcmp(protocol, "ip") ? FAMILIES_IPV4 : FAMILIES_IPV6;
	else if (strcmp(protocol, "th") != 0)
		key->protocols &= bits;
	if (is_ip && !strcmp(field, "saddr"))
		key->fields[key->count++] = NFT_SOURCE;
	else if (is_ip && !strcmp(field, "daddr"))
		set_condition(key, CONDITION_DESTINATION, protocol, field);
	else if (is_ip && (!strcmp(field, "protocol") || !strcmp(field, "nexthdr")))
		key->fields[key->count++] = NFT_PROTOCOL;
	else if (!is_ip && !strcmp(field, "dport"))
		key->fields[key->count++] = NFT_PORT;
	else if (!is_ip && !strcmp(field, "sport"))
		set_condition(key, CONDITION_SOURCE_PORT, protocol, field);
	else
		set_condition(key, CONDITION_OTHER, protocol, field);
}

static void read_meta(const char *name, struct nft_key *key)
{
	if (!strcmp(name, "l4proto"))
		key->fields[key->count++] = NFT_PROTOCOL;
	else if (!strcmp(name, "nfproto") || !strcmp(name, "protocol"))
		key->fields[key->count++] = NFT_FAMILY;
	else if (!strcmp(name, "iif") || !strcmp(name, "iifname"))
		key->fields[key->count++] = NFT_DEVICE;
	else if (!strncmp(name, "iif", 3) || !strncmp(name, "ibr", 3) || !strncmp(name, "oif", 3))
		set_condition(key, CONDITION_DEVICE, "meta", name);
	else
		set_condition(key, CONDITION_OTHER, "meta", name);
}

static void read_part(const json_t *part, struct nft_key *key)
{
	const json_t *payload = json_object_get(part, "payload");
	const json_t *meta = json_object_get(part, "meta"), *ct = json_object_get(part, "ct");

	if (payload)
		read_payload(payload, key);
	else if (meta)
		read_meta(string_of(meta, "key"), key);
	else if (ct && !strcmp(string_of(ct, "key"), "state"))
		key->fields[key->count++] = NFT_STATE;
	else if (json_object_get(part, "fib"))
		set_condition(key, CONDITION_DESTINATION, "fib", "");
	else
		set_condition(key, CONDITION_OTHER, ct ? "ct" : "an expression",
			      ct ? string_of(ct, "key") : "");
}

void nft_read_key(const json_t *left, struct nft_key *key)
{
	const json_t *parts = json_object_get(left, "concat");
	size_t index;
	json_t *part;

	*key = (struct nft_key){.protocols = PROTOCOLS_ANY, .families = FAMILIES_BOTH};
	if (!parts) {
		read_part(left, key);
		return;
	}
	json_array_foreach(parts, index, part)
	{
		if (index == NFT_FIELDS_MAX)
			break;
		read_part(part, key);
	}
	if (json_array_size(parts) > NFT_FIELDS_MAX || !key->count) {
		key->count = 0;
		set_condition(key, CONDITION_OTHER, "a concatenation", "");
	}
}

/* tcp flags & (fin | syn | rst | ack) == syn: new connections. */
static bool is_syn(const json_t *left, const json_t *right)
{
	const json_t *masked = json_array_get(json_object_get(left, "&"), 0);
	const json_t *payload = json_object_get(masked ? masked : left, "payload");
	const char *flag = json_string_value(right);

	return flag && !strcmp(flag, "syn") && !strcmp(string_of(payload, "field"), "flags");
}

static int read_match(struct nft *nft, const char *table, struct rule *rule, const json_t *match)
{
	const json_t *left = json_object_get(match, "left"),
		     *right = json_object_get(match, "right");
	const char *operator= string_of(match, "op");
	bool negated = !strcmp(operator, "!=");
	struct nft_key key;

	if (is_syn(left, right) && !negated) {
		rule->service.protocols &= PROTOCOL_BIT(SG_PORTS_TCP);
		return 0;
	}
	if (!right || (!negated && strcmp(operator, "==") != 0 && strcmp(operator, "in") != 0))
		return rule_add_unknown(rule, CONDITION_OTHER, "a comparison", nft->error);
	nft_read_key(left, &key);
	return nft_apply_match(nft, table, rule, &key, right, negated);
}

/* False when the statement is no verdict. */
static bool read_verdict(struct nft *nft, struct rule *rule, const char *name, const json_t *value,
			 int *result)
{
	static const struct {
		const char *name;
		enum rule_action action;
	} verdicts[] = {
		{"accept", ACTION_ACCEPT}, {"drop", ACTION_DROP},	 {"reject", ACTION_DROP},
		{"return", ACTION_RETURN}, {"jump", ACTION_JUMP},	 {"goto", ACTION_GOTO},
		{"queue", ACTION_OTHER},   {"dnat", ACTION_OTHER},	 {"redirect", ACTION_OTHER},
		{"snat", ACTION_OTHER},	   {"masquerade", ACTION_OTHER}, {"tproxy", ACTION_OTHER},
		{"fwd", ACTION_OTHER},	   {"synproxy", ACTION_OTHER},
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(name, verdicts[i].name) != 0)
			continue;
		rule->action = verdicts[i].action;
		free(rule->target);
		rule->target = NULL;
		*result = string_copy(rule->action == ACTION_JUMP || rule->action == ACTION_GOTO
					      ? string_of(value, "target")
					      : NULL,
				      &rule->target, nft->error);
		return true;
	}
	return false;
}

/* A match or target of iptables, of which nft knows no more than the name. */
static int read_xt(struct nft *nft, struct rule *rule, const json_t *xt)
{
	const char *name = string_of(xt, "name");
	char words[96];

	if (!strcmp(name, "comment") || !strcmp(name, "LOG") || !strcmp(name, "NFLOG"))
		return 0;
	if (!strcmp(name, "REJECT")) {
		rule->action = ACTION_DROP;
		return 0;
	}
	if (!strcmp(string_of(xt, "type"), "target")) {
		rule->action = ACTION_OTHER;
		return 0;
	}
	snprintf(words, sizeof(words), "xt %s, which only iptables-save shows", name);
	return rule_add_unknown(rule, CONDITION_OTHER, words, nft->error);
}

static bool is_catch_all(const json_t *value)
{
	const char *text = json_string_value(value);

	return text && !strcmp(text, "*");
}

static int add_copy(struct nft *nft, const char *table, const struct rule *rule,
		    const struct nft_key *key, const json_t *value, const json_t *verdict)
{
	__attribute__((cleanup(rule_clear))) struct rule copy = {};
	const char *name = json_object_iter_key(json_object_iter((json_t *)verdict));
	int result;

	if (++nft->expansions > NFT_EXPANSIONS_MAX)
		return error_set(nft->error, EXIT_USAGE, EINVAL, "the maps are too large");
	result = rule_copy(rule, &copy, nft->error);
	if (!result && !is_catch_all(value))
		result = nft_apply_match(nft, table, &copy, key, value, false);
	if (!result &&
	    (!name || !read_verdict(nft, &copy, name, json_object_get(verdict, name), &result)))
		copy.action = ACTION_OTHER;
	return result ? result : ruleset_add(nft->rules, &copy, 0, nft->error);
}

static int add_pairs(struct nft *nft, const char *table, const struct rule *rule,
		     const struct nft_key *key, const json_t *pairs, bool catch_all)
{
	size_t index;
	json_t *pair;

	json_array_foreach(pairs, index, pair)
	{
		const json_t *value = json_array_get(pair, 0);
		const json_t *wrapped = json_object_get(json_object_get(value, "elem"), "val");
		int result;

		/* An element of sources keeps its wrapping, which tells when it ends. */
		if (wrapped && (key->fields[0] != NFT_SOURCE || is_catch_all(wrapped)))
			value = wrapped;
		if (!value || is_catch_all(value) != catch_all)
			continue;
		result = add_copy(nft, table, rule, key, value, json_array_get(pair, 1));
		if (result)
			return result;
	}
	return 0;
}

/*
 * A rule for each key of the map. Of the keys at most one matches, so their order is free; "*"
 * stands for whatever no other key matches.
 */
static int read_vmap(struct nft *nft, const char *table, const struct rule *rule,
		     const json_t *vmap)
{
	const json_t *data = json_object_get(vmap, "data");
	const char *reference = json_string_value(data);
	const json_t *pairs = json_object_get(data, "set");
	struct nft_key key;
	int result;

	if (reference && *reference == '@')
		pairs = nft_named_elements(nft, table, reference);
	nft_read_key(json_object_get(vmap, "key"), &key);
	result = add_pairs(nft, table, rule, &key, pairs, false);
	return result ? result : add_pairs(nft, table, rule, &key, pairs, true);
}

static int read_statement(struct nft *nft, const char *table, struct rule *rule, const char *name,
			  const json_t *value)
{
	int result = 0;

	if (read_verdict(nft, rule, name, value, &result))
		return result;
	if (!strcmp(name, "match"))
		return read_match(nft, table, rule, value);
	if (!strcmp(name, "vmap"))
		return read_vmap(nft, table, rule, value);
	if (!strcmp(name, "xt"))
		return read_xt(nft, rule, value);
	if (!strcmp(name, "limit") || !strcmp(name, "quota") || !strcmp(name, "ct count") ||
	    !strcmp(name, "meter"))
		return rule_add_unknown(rule, CONDITION_RATE, name, nft->error);
	return 0;
}

int nft_add_rule(struct nft *nft, const char *table, const struct rule *rule,
		 const json_t *expressions)
{
	__attribute__((cleanup(rule_clear))) struct rule copy = {};
	size_t index;
	json_t *statement;
	int result = rule_copy(rule, &copy, nft->error);

	json_array_foreach(expressions, index, statement)
	{
		const char *name = json_object_iter_key(json_object_iter(statement));

		if (!result && name)
			result = read_statement(nft, table, &copy, name,
						json_object_get(statement, name));
	}
	if (result || copy.action == ACTION_NONE)
		return result;
	return ruleset_add(nft->rules, &copy, 0, nft->error);
}
