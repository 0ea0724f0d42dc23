// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a rule sends packets: redirect, dnat, tproxy, and a port that is written into them. */
#include <string.h>

#include "rules/formats/nft_internal.h"

static int add(struct nft_rule *made, const struct translation *translation)
{
	return rule_add_translation(&made->rule, translation, made->nft->error);
}

static void read_address(const json_t *value, struct translation *translation)
{
	const char *text = json_string_value(value);
	struct error ignored;

	if (!text || address_parse(text, &translation->address, &ignored))
		translation->address = (struct prefix){};
}

/* What a map has for a key: an address, a port, or both. */
static bool read_data(const json_t *data, struct translation *translation)
{
	const json_t *parts = json_object_get(data, "concat");

	if (parts) {
		read_address(json_array_get(parts, 0), translation);
		return nft_ports(json_array_get(parts, 1), &translation->to);
	}
	if (nft_ports(data, &translation->to))
		return true;
	read_address(data, translation);
	return translation->address.family;
}

/* {"map": {"key": ..., "data": ...}}, from ports to where they are sent. */
static int read_map(struct nft_rule *made, const json_t *map, const struct translation *like)
{
	const json_t *data = json_object_get(map, "data");
	const char *reference = json_string_value(data);
	const json_t *pairs = json_object_get(data, "set"), *pair;
	struct translation unknown = {.kind = TRANSLATION_UNKNOWN};
	struct nft_key key;
	size_t index;
	int result;

	if (reference && *reference == '@')
		pairs = json_object_get(nft_named(made, reference), "elem");
	nft_read_key(json_object_get(map, "key"), &key);
	result = nft_apply_key(made, &key);
	if (!json_is_array(pairs) || key.count != 1 || key.fields[0] != NFT_PORT)
		return result ? result : add(made, &unknown);
	json_array_foreach(pairs, index, pair)
	{
		struct translation translation = *like;

		if (!nft_ports(nft_bare(json_array_get(pair, 0)), &translation.from) ||
		    !read_data(json_array_get(pair, 1), &translation))
			translation = unknown;
		result = result ? result : nft_expand(made->nft, 1);
		result = result ? result : add(made, &translation);
	}
	return result;
}

static int read_target(struct nft_rule *made, enum translation_kind kind, const json_t *value)
{
	const json_t *address = json_object_get(value, "addr");
	const json_t *port = json_object_get(value, "port");
	const json_t *map = json_object_get(port, "map");
	struct translation translation = {.kind = (uint8_t)kind};

	map = map ? map : json_object_get(address, "map");
	if (map)
		return read_map(made, map, &translation);
	if (address)
		read_address(address, &translation);
	if (port && !nft_ports(port, &translation.to))
		translation.kind = TRANSLATION_UNKNOWN;
	return add(made, &translation);
}

/* {"mangle": {"key": {"payload": {... "dport"}}, "value": 5060}} */
static int read_mangled_port(struct nft_rule *made, const struct nft_key *key, const json_t *value)
{
	struct translation translation = {.kind = TRANSLATION_HERE};
	int result = nft_apply_key(made, key);

	if (json_object_get(value, "map"))
		return result ? result
			      : read_map(made, json_object_get(value, "map"), &translation);
	if (!nft_ports(value, &translation.to))
		translation.kind = TRANSLATION_UNKNOWN;
	return result ? result : add(made, &translation);
}

bool nft_read_translation(struct nft_rule *made, const char *name, const json_t *value, int *result)
{
	struct nft_key key;

	if (!strcmp(name, "mangle")) {
		nft_read_key(json_object_get(value, "key"), &key);
		if (key.count != 1 || key.fields[0] != NFT_PORT)
			return false;
		*result = read_mangled_port(made, &key, json_object_get(value, "value"));
		return true;
	}
	if (!strcmp(name, "redirect")) {
		*result = read_target(made, TRANSLATION_HERE, value);
		made->rule.action = ACTION_ACCEPT;
	} else if (!strcmp(name, "dnat")) {
		*result = read_target(made, TRANSLATION_AWAY, value);
		made->rule.action = ACTION_ACCEPT;
	} else if (!strcmp(name, "tproxy")) {
		*result = read_target(made, TRANSLATION_HERE, value);
	} else {
		return false;
	}
	return true;
}
