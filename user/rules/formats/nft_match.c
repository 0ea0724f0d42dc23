// SPDX-License-Identifier: GPL-2.0-or-later
/* What a match asks of the parts that it looks at. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/nft_internal.h"

static int unknown(struct nft_rule *made, enum rule_condition condition, const char *words)
{
	return rule_add_unknown(&made->rule, condition, words, made->nft->error);
}

const json_t *nft_named(const struct nft_rule *made, const char *reference)
{
	char key[2 * NFT_NAME_SIZE];

	snprintf(key, sizeof(key), "%s/%s", made->table, reference + 1);
	return json_object_get(made->nft->named, key);
}

json_t *nft_values(const struct nft_rule *made, const json_t *right)
{
	const char *reference = json_string_value(right);
	const json_t *values = json_object_get(right, "set");

	if (reference && *reference == '@') {
		const json_t *set = nft_named(made, reference);

		if (!set)
			return NULL;
		/* nft leaves out the elements of an empty set. */
		values = json_object_get(set, "elem");
		if (!values)
			return json_array();
	} else if (!values) {
		values = right;
	}
	/* A set of one element can be written as the element. */
	return json_is_array(values) ? json_incref((json_t *)values) : json_pack("[O]", values);
}

/* To be called with ports of the rule itself or those before translation. */
static int apply_ports(struct nft_rule *made, const json_t *values, bool negated, const char *words)
{
	struct service *service = &made->rule.service;
	size_t index;
	json_t *value;

	if (service->range_count)
		return unknown(made, CONDITION_OTHER, words);
	json_array_foreach(values, index, value)
	{
		struct port_range ports;

		if (nft_expand(made->nft, 1))
			return -EINVAL;
		if (!nft_element_is_plain(value) || !nft_ports(nft_bare(value), &ports)) {
			service->range_count = 0;
			return unknown(made, CONDITION_OTHER, words);
		}
		if (rule_add_ports(&made->rule, ports.first, ports.last, made->nft->error))
			return -ENOMEM;
	}
	service->ports_negated = negated;
	/* No port is in an empty set. */
	if (!service->range_count) {
		service->ports_negated = false;
		if (!negated)
			rule_match_nothing(&made->rule);
	}
	return 0;
}

static int apply_original_ports(struct nft_rule *made, const json_t *values, bool negated)
{
	struct service ours = made->rule.service;
	int result;

	made->rule.service = made->rule.original;
	result = apply_ports(made, values, negated, "ct original proto-dst");
	made->rule.original = made->rule.service;
	made->rule.service = ours;
	return result;
}

static int apply_protocols(struct nft_rule *made, const json_t *values, bool negated)
{
	uint8_t protocols = 0;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		uint8_t bits = nft_protocols(nft_bare(value));

		if (!bits)
			return unknown(made, CONDITION_OTHER, "a protocol");
		protocols |= bits;
	}
	if (negated)
		protocols = (uint8_t)(PROTOCOLS_ANY & ~(protocols & PROTOCOLS_TRANSPORTS));
	made->rule.service.protocols &= protocols;
	return 0;
}

static int apply_families(struct nft_rule *made, const json_t *values, bool negated)
{
	uint8_t families = 0;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(nft_bare(value));

		if (!name)
			return unknown(made, CONDITION_OTHER, "a family");
		if (!strcmp(name, "ipv4") || !strcmp(name, "ip"))
			families |= FAMILIES_IPV4;
		else if (!strcmp(name, "ipv6") || !strcmp(name, "ip6"))
			families |= FAMILIES_IPV6;
	}
	made->rule.families &= negated ? (uint8_t)~families : families;
	return 0;
}

static int apply_states(struct nft_rule *made, const json_t *values, bool negated)
{
	uint8_t states = 0;
	size_t index;
	json_t *value;

	/* That not all of several flags are set. */
	if (negated && json_array_size(values) > 1)
		return unknown(made, CONDITION_STATE, "ct state");
	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(nft_bare(value));

		if (!name)
			return unknown(made, CONDITION_STATE, "ct state");
		states |= !strcmp(name, "new")	       ? STATE_NEW
			  : !strcmp(name, "untracked") ? STATE_UNTRACKED
			  : !strcmp(name, "invalid")   ? STATE_INVALID
						       : STATE_OTHERS;
	}
	made->rule.states &= negated ? (uint8_t)(STATES_ANY & ~states) : states;
	return 0;
}

/* No packet of somebody else comes in by the loopback device. */
static int apply_devices(struct nft_rule *made, const json_t *values, bool negated)
{
	char names[512] = "";
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(nft_bare(value));

		if (name && !strcmp(name, "lo"))
			continue;
		if (!nft_element_is_plain(value) ||
		    !nft_device(nft_bare(value), names, sizeof(names)))
			return unknown(made, CONDITION_DEVICE, "meta iifname");
	}
	if (*names)
		return rule_add_devices(&made->rule, negated, names, made->nft->error);
	if (!negated)
		rule_match_nothing(&made->rule);
	return 0;
}

static int apply_destinations(struct nft_rule *made, const json_t *values, bool negated)
{
	struct source_list *list = &made->rule.destinations;
	const enum nft_field field = NFT_ADDRESS;
	size_t index;
	json_t *value;

	if (list->count)
		return unknown(made, CONDITION_DESTINATION, "daddr");
	json_array_foreach(values, index, value)
	{
		int result = nft_expand(made->nft, 1);

		result = result ? result : nft_add_source(made->nft, &field, 1, value, list);
		if (result == 1) {
			source_list_clear(list);
			return unknown(made, CONDITION_DESTINATION, "daddr");
		}
		if (result)
			return result;
	}
	made->rule.destinations_negated = negated;
	if (!list->count && !negated)
		rule_match_nothing(&made->rule);
	return 0;
}

static int apply_mark(struct nft_rule *made, uint32_t mask, const json_t *values, bool negated)
{
	const json_t *value = nft_bare(json_array_get(values, 0));

	if (json_array_size(values) != 1 || !json_is_integer(value) || made->rule.mark.mask ||
	    !mask)
		return unknown(made, CONDITION_MARK, "meta mark");
	made->rule.mark = (struct mark_match){
		.value = (uint32_t)json_integer_value(value), .mask = mask, .negated = negated};
	return 0;
}

/* The packets in question are sent to an address of this host. */
static int apply_address_type(struct nft_rule *made, const json_t *values, bool negated)
{
	bool has_local = false;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(nft_bare(value));

		if (!name)
			return unknown(made, CONDITION_DESTINATION, "fib daddr type");
		has_local = has_local || !strcmp(name, "local");
	}
	if (has_local == negated)
		rule_match_nothing(&made->rule);
	return 0;
}

static const struct source_set *set_of(const struct nft_rule *made, const json_t *right)
{
	const char *reference = json_string_value(right);
	char name[2 * NFT_NAME_SIZE];

	if (!reference || *reference != '@')
		return NULL;
	snprintf(name, sizeof(name), "%s/%s", made->table, reference + 1);
	return ruleset_find_set(made->nft->rules, name);
}

enum rule_condition nft_set_condition(const struct nft_rule *made, const struct nft_key *key,
				      const json_t *right, bool negated)
{
	const struct source_set *set = set_of(made, right);

	if (!nft_key_has(key, NFT_SOURCE))
		return CONDITION_OTHER;
	return negated || (set && set->changes) ? CONDITION_OPEN_SET : CONDITION_UNKNOWN_SET;
}

static int apply_sources(struct nft_rule *made, const struct nft_key *key, const json_t *right,
			 const json_t *values, bool negated)
{
	const char *reference = json_string_value(right);
	struct source_match *match;
	char name[2 * NFT_NAME_SIZE];
	size_t index;
	json_t *value;

	if (reference && *reference == '@') {
		snprintf(name, sizeof(name), "%s/%s", made->table, reference + 1);
		return rule_add_set(&made->rule, negated, name, key->count > 1 ? 2 : 1,
				    nft_key_has(key, NFT_DEVICE), made->nft->error);
	}
	if (!json_array_size(values)) {
		if (!negated)
			rule_match_nothing(&made->rule);
		return 0;
	}
	match = rule_add_match(&made->rule, negated, made->nft->error);
	if (!match)
		return -ENOMEM;
	json_array_foreach(values, index, value)
	{
		int result = nft_add_source(made->nft, key->fields, key->count, value,
					    &match->list);

		if (result == 1) {
			source_list_clear(&match->list);
			made->rule.match_count--;
			return unknown(made, nft_set_condition(made, key, right, negated), "saddr");
		}
		if (result)
			return result;
	}
	return 0;
}

static int apply_field(struct nft_rule *made, const struct nft_key *key, enum nft_field field,
		       const json_t *right, const json_t *values, bool negated)
{
	struct nft_key alone = *key;

	switch (field) {
	case NFT_SOURCE:
		alone.fields[0] = NFT_SOURCE;
		alone.count = 1;
		return apply_sources(made, &alone, right, values, negated);
	case NFT_DESTINATION:
		return apply_destinations(made, values, negated);
	case NFT_PORT:
		return apply_ports(made, values, negated, "dport");
	case NFT_ORIGINAL_PORT:
		return apply_original_ports(made, values, negated);
	case NFT_PROTOCOL:
		return apply_protocols(made, values, negated);
	case NFT_FAMILY:
		return apply_families(made, values, negated);
	case NFT_STATE:
		return apply_states(made, values, negated);
	case NFT_DEVICE:
		return apply_devices(made, values, negated);
	case NFT_MARK:
		return apply_mark(made, key->mask, values, negated);
	case NFT_ADDRESS_TYPE:
		return apply_address_type(made, values, negated);
	default:
		return unknown(made, CONDITION_OTHER, "an expression");
	}
}

/* Sources with ports, or of a named set with devices, are one question of the model. */
static bool is_one_question(const struct nft_key *key, const json_t *right)
{
	const char *reference = json_string_value(right);
	size_t services = 0, sources = 0;

	for (size_t i = 0; i < key->count; i++) {
		services += key->fields[i] == NFT_PORT || key->fields[i] == NFT_PROTOCOL;
		sources += key->fields[i] == NFT_SOURCE;
	}
	if (sources == 1 && sources + services == key->count)
		return true;
	return sources == 1 && key->count == 2 && nft_key_has(key, NFT_DEVICE) && reference &&
	       *reference == '@';
}

bool nft_needs_rules(const struct nft_key *key, const json_t *right, bool negated)
{
	return key->count > 1 && !negated && !is_one_question(key, right);
}

bool nft_changes(const struct nft_rule *made, const json_t *right)
{
	const char *reference = json_string_value(right);
	const struct source_set *set = set_of(made, right);

	return reference && *reference == '@' && (!set || set->changes || set->unknown);
}

int nft_apply_values(struct nft_rule *made, const struct nft_key *key, const json_t *right,
		     bool negated)
{
	json_t *values;
	int result;

	if (key->count > 1 && !is_one_question(key, right))
		return unknown(made, nft_set_condition(made, key, right, negated),
			       "a concatenation");
	if (!nft_key_has(key, NFT_SOURCE) && nft_changes(made, right))
		return unknown(made, CONDITION_OTHER, json_string_value(right));
	values = nft_values(made, right);
	if (!values && !nft_key_has(key, NFT_SOURCE))
		return unknown(made, CONDITION_OTHER, json_string_value(right));
	if (key->count > 1)
		result = apply_sources(made, key, right, values, negated);
	else
		result = apply_field(made, key, key->fields[0], right, values, negated);
	json_decref(values);
	return result;
}

int nft_apply_element(struct nft_rule *made, const struct nft_key *key, const json_t *element)
{
	const json_t *parts = json_object_get(nft_bare(element), "concat");
	int result = 0;

	if (!nft_element_is_plain(element) ||
	    (key->count > 1 && json_array_size(parts) != key->count))
		return unknown(made, CONDITION_OTHER, "an element");
	for (size_t i = 0; !result && i < key->count; i++) {
		/* An element of sources keeps its wrapping, which tells when it ends. */
		const json_t *part = key->count > 1 ? json_array_get(parts, i) : element;
		json_t *values = json_pack("[O]", part);

		if (!values)
			return error_system(made->nft->error, ENOMEM, "cannot hold the rules");
		result = apply_field(made, key, key->fields[i], NULL, values, false);
		json_decref(values);
	}
	return result;
}
