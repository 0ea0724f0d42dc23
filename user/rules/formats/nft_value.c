// SPDX-License-Identifier: GPL-2.0-or-later
/* Values of nft's JSON: addresses, ports and protocols, alone, in sets and in concatenations. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/nft_internal.h"

static int refuse(struct nft *nft, const char *what)
{
	return error_set(nft->error, EXIT_USAGE, EINVAL, "%s", what);
}

/* The text of an address, a prefix or a range, as address_add() reads it. */
static bool address_text(const json_t *value, char *text, size_t size)
{
	const json_t *prefix = json_object_get(value, "prefix");
	const json_t *range = json_object_get(value, "range");
	const char *first = json_string_value(value), *last = NULL;

	if (prefix) {
		first = json_string_value(json_object_get(prefix, "addr"));
		return first &&
		       snprintf(text, size, "%s/%" JSON_INTEGER_FORMAT, first,
				json_integer_value(json_object_get(prefix, "len"))) < (int)size;
	}
	if (range) {
		first = json_string_value(json_array_get(range, 0));
		last = json_string_value(json_array_get(range, 1));
		return first && last && snprintf(text, size, "%s-%s", first, last) < (int)size;
	}
	return first && snprintf(text, size, "%s", first) < (int)size;
}

static bool port_of(const json_t *value, uint16_t *port)
{
	json_int_t number = json_integer_value(value);
	const char *name = json_string_value(value);
	struct port_range range;

	if (name && port_range_parse(name, '-', &range)) {
		*port = range.first;
		return range.first == range.last;
	}
	*port = (uint16_t)number;
	return json_is_integer(value) && number >= 0 && number <= UINT16_MAX;
}

static bool ports_of(const json_t *value, struct port_range *ports)
{
	const json_t *range = json_object_get(value, "range");

	if (range)
		return port_of(json_array_get(range, 0), &ports->first) &&
		       port_of(json_array_get(range, 1), &ports->last) &&
		       ports->first <= ports->last;
	if (!port_of(value, &ports->first))
		return false;
	ports->last = ports->first;
	return true;
}

static uint8_t protocols_of(const json_t *value)
{
	char number[24];

	if (json_is_string(value))
		return protocol_parse(json_string_value(value));
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return protocol_parse(number);
}

/* One field of an element; an address is kept as text until all are read. */
static int read_field(struct nft *nft, enum nft_field field, const json_t *value,
		      struct source *source, char *address, size_t size)
{
	switch (field) {
	case NFT_SOURCE:
		return address_text(value, address, size) ? 0 : refuse(nft, "that is no address");
	case NFT_PORT:
		source->protocols = source->protocols ? source->protocols : PROTOCOLS_ANY;
		return ports_of(value, &source->ports) ? 0 : refuse(nft, "that is no port");
	case NFT_PROTOCOL:
		source->protocols = protocols_of(value);
		return 0;
	default:
		return refuse(nft, "that is no field of a source");
	}
}

/*
 * Seconds for which an element stays, of `expires` where it has begun to run out. In its last
 * second nft writes 0, which must not be taken for an element without an end.
 */
static int read_lifetime(struct nft *nft, const json_t *element, int64_t *seconds)
{
	const json_t *left = json_object_get(element, "expires");
	const json_t *given = left ?: json_object_get(element, "timeout");
	json_int_t value = json_integer_value(given);

	if (given && (!json_is_integer(given) || value < 0))
		return refuse(nft, "that is no time for an element to last");
	*seconds = left && !value ? 1 : value;
	return 0;
}

static int add_source(struct nft *nft, const enum nft_field *fields, size_t count,
		      const json_t *element, struct source_list *list)
{
	const json_t *wrapped = json_object_get(element, "elem");
	const json_t *value = wrapped ? json_object_get(wrapped, "val") : element;
	const json_t *parts = json_object_get(value, "concat");
	struct source like = {.ports = {0, UINT16_MAX}};
	char address[128] = "";
	int result = read_lifetime(nft, wrapped, &like.lifetime);

	if (result)
		return result;
	like.comment = (char *)json_string_value(json_object_get(wrapped, "comment"));
	for (size_t i = 0; i < count; i++) {
		result = read_field(nft, fields[i], parts ? json_array_get(parts, i) : value, &like,
				    address, sizeof(address));

		if (result)
			return result;
	}
	return address_add(address, &like, list, nft->error);
}

int nft_add_sources(struct nft *nft, const enum nft_field *fields, size_t count,
		    const json_t *values, struct source_list *list)
{
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		size_t before = list->count;
		int result = add_source(nft, fields, count, value, list);

		if (result)
			return result;
		/* A range of IPv6 becomes up to 254 prefixes. */
		if (list->count > before + 1)
			nft->expansions += list->count - before - 1;
		if (nft->expansions > NFT_EXPANSIONS_MAX)
			return refuse(nft, "the ranges become too many prefixes");
	}
	return 0;
}

const json_t *nft_named_elements(const struct nft *nft, const char *table, const char *reference)
{
	char key[2 * NFT_NAME_SIZE];

	snprintf(key, sizeof(key), "%s/%s", table, reference + 1);
	return json_object_get(nft->named, key);
}

/* The values of a right side as a new reference to an array; NULL: of a set that is not there. */
static json_t *values_of(struct nft *nft, const char *table, const json_t *right)
{
	const char *reference = json_string_value(right);
	const json_t *set = json_object_get(right, "set");

	if (reference && *reference == '@')
		set = nft_named_elements(nft, table, reference);
	else if (!set && !json_is_array(right))
		return json_pack("[O]", right);
	else if (!set)
		set = right;
	/* A set of one element can be written as the element. */
	return json_is_array(set) ? json_incref((json_t *)set) : set ? json_pack("[O]", set) : NULL;
}

static int apply_ports(struct nft *nft, struct rule *rule, const json_t *values, bool negated)
{
	size_t index;
	json_t *value;

	if (rule->service.range_count)
		return rule_add_unknown(rule, CONDITION_OTHER, "a second match of ports",
					nft->error);
	rule->service.ports_negated = negated;
	json_array_foreach(values, index, value)
	{
		const json_t *wrapped = json_object_get(json_object_get(value, "elem"), "val");
		struct port_range ports;

		if (++nft->expansions > NFT_EXPANSIONS_MAX)
			return refuse(nft, "these are too many ports");
		if (!ports_of(wrapped ? wrapped : value, &ports))
			return refuse(nft, "that is no port");
		if (rule_add_ports(rule, ports.first, ports.last, nft->error))
			return -ENOMEM;
	}
	/* No port is in an empty set. */
	if (!rule->service.range_count)
		rule->service.protocols = negated ? rule->service.protocols : 0;
	return 0;
}

static void apply_protocols(struct rule *rule, const json_t *values, bool negated)
{
	uint8_t protocols = 0;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value) protocols |= protocols_of(value);
	if (negated)
		protocols = (uint8_t)(PROTOCOLS_ANY & ~(protocols & PROTOCOLS_TRANSPORTS));
	rule->service.protocols &= protocols;
}

static void apply_families(struct rule *rule, const json_t *values, bool negated)
{
	uint8_t families = 0;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(value);

		if (name && (!strcmp(name, "ipv4") || !strcmp(name, "ip")))
			families |= FAMILIES_IPV4;
		else if (name && (!strcmp(name, "ipv6") || !strcmp(name, "ip6")))
			families |= FAMILIES_IPV6;
	}
	rule->families &= negated ? (uint8_t)~families : families;
}

static int apply_state(struct nft *nft, struct rule *rule, const json_t *values, bool negated)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} states[] = {
		{"new", STATE_NEW},
		{"untracked", STATE_UNTRACKED},
		{"established", STATE_OTHERS},
		{"related", STATE_OTHERS},
		{"invalid", STATE_OTHERS},
	};
	uint8_t found = 0;
	size_t index;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(value);
		uint8_t bit = 0;

		for (size_t i = 0; name && i < sizeof(states) / sizeof(states[0]); i++)
			bit |= !strcmp(name, states[i].name) ? states[i].bit : 0;
		if (!bit)
			return rule_add_unknown(rule, CONDITION_STATE, "ct state", nft->error);
		found |= bit;
	}
	/* Of the other states one that is not named remains. */
	rule->states &= negated ? (uint8_t)((STATES_ANY & ~found) | STATE_OTHERS) : found;
	return 0;
}

/* Names of devices, of which the loopback device is none that a stranger's packet comes in by. */
static int apply_devices(struct nft *nft, struct rule *rule, const json_t *values, bool negated)
{
	char names[NFT_NAME_SIZE] = "";
	size_t index, used = 0;
	json_t *value;

	json_array_foreach(values, index, value)
	{
		const char *name = json_string_value(value);
		size_t length = name ? strlen(name) : 0;

		if (!length || used + length + 2 > sizeof(names))
			return rule_add_unknown(rule, CONDITION_DEVICE, "iifname", nft->error);
		if (!strcmp(name, "lo"))
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
					 used ? " " : "", name);
		if (names[used - 1] == '*')
			names[used - 1] = '+';
	}
	if (!used && !negated)
		rule_match_nothing(rule);
	return used ? rule_add_devices(rule, negated, names, nft->error) : 0;
}

static int apply_sources(struct nft *nft, const char *table, struct rule *rule,
			 const struct nft_key *key, const json_t *right, const json_t *values,
			 bool negated)
{
	const char *reference = json_string_value(right);
	struct source_match *match;
	char name[2 * NFT_NAME_SIZE];

	if (!reference || *reference != '@') {
		/* No source is in an empty set. */
		if (!json_array_size(values) && !negated)
			rule_match_nothing(rule);
		match = rule_add_match(rule, negated, nft->error);
		return match ? nft_add_sources(nft, key->fields, key->count, values, &match->list)
			     : -ENOMEM;
	}
	snprintf(name, sizeof(name), "%s/%s", table, reference + 1);
	return rule_add_set(rule, negated, name, key->count > 1 ? 2 : 1, false, nft->error);
}

static bool has_field(const struct nft_key *key, enum nft_field field)
{
	for (size_t i = 0; i < key->count; i++) {
		if (key->fields[i] == field)
			return true;
	}
	return false;
}

static int apply_values(struct nft *nft, const char *table, struct rule *rule,
			const struct nft_key *key, const json_t *right, const json_t *values,
			bool negated)
{
	if (has_field(key, NFT_SOURCE) && !has_field(key, NFT_FAMILY) &&
	    !has_field(key, NFT_STATE) && !has_field(key, NFT_DEVICE))
		return apply_sources(nft, table, rule, key, right, values, negated);
	if (key->count != 1 || key->fields[0] == NFT_SOURCE)
		return rule_add_unknown(rule, CONDITION_OTHER, key->words, nft->error);
	switch (key->fields[0]) {
	case NFT_PORT:
		return apply_ports(nft, rule, values, negated);
	case NFT_PROTOCOL:
		apply_protocols(rule, values, negated);
		return 0;
	case NFT_FAMILY:
		apply_families(rule, values, negated);
		return 0;
	case NFT_DEVICE:
		return apply_devices(nft, rule, values, negated);
	default:
		return apply_state(nft, rule, values, negated);
	}
}

int nft_apply_match(struct nft *nft, const char *table, struct rule *rule,
		    const struct nft_key *key, const json_t *right, bool negated)
{
	json_t *values;
	int result;

	rule->service.protocols &= key->protocols;
	rule->families &= key->families;
	if (has_field(key, NFT_CONDITION))
		return rule_add_unknown(rule, key->condition, key->words, nft->error);
	values = values_of(nft, table, right);
	if (!values) {
		/* nft leaves the elements of an empty set out. */
		if (has_field(key, NFT_SOURCE))
			return apply_sources(nft, table, rule, key, right, NULL, negated);
		return rule_add_unknown(rule, CONDITION_UNKNOWN_SET, json_string_value(right),
					nft->error);
	}
	result = apply_values(nft, table, rule, key, right, values, negated);
	json_decref(values);
	return result;
}
