// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets and maps, as they are written down once for all rules that ask them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/nft_internal.h"

static enum nft_field field_of_type(const char *name)
{
	static const struct {
		const char *name;
		enum nft_field field;
	} types[] = {
		{"ipv4_addr", NFT_ADDRESS}, {"ipv6_addr", NFT_ADDRESS},
		{"inet_service", NFT_PORT}, {"inet_proto", NFT_PROTOCOL},
		{"ifname", NFT_DEVICE},	    {"iface_index", NFT_DEVICE},
	};

	for (size_t i = 0; name && i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(name, types[i].name))
			return types[i].field;
	}
	return NFT_UNKNOWN;
}

/* By "type", or by expressions as newer versions write them. The number of fields; 0: too many. */
static size_t fields_of(const json_t *type, enum nft_field fields[static NFT_FIELDS_MAX])
{
	const json_t *written = json_object_get(type, "typeof");
	size_t count = json_is_array(type) ? json_array_size(type) : 1;
	struct nft_key key;

	if (written) {
		nft_read_key(written, &key);
		for (size_t i = 0; i < key.count; i++)
			fields[i] = key.fields[i] == NFT_SOURCE || key.fields[i] == NFT_DESTINATION
					    ? NFT_ADDRESS
					    : key.fields[i];
		return key.count;
	}
	if (count > NFT_FIELDS_MAX)
		return 0;
	for (size_t i = 0; i < count; i++)
		fields[i] = field_of_type(
			json_string_value(json_is_array(type) ? json_array_get(type, i) : type));
	return count;
}

/* SET_UNKNOWN when the model knows no set of such fields. */
static enum set_kind kind_of(const enum nft_field *fields, size_t count)
{
	size_t seen[NFT_UNKNOWN + 1] = {};

	for (size_t i = 0; i < count; i++)
		seen[fields[i]]++;
	if (seen[NFT_ADDRESS] != 1 ||
	    seen[NFT_ADDRESS] + seen[NFT_PORT] + seen[NFT_PROTOCOL] + seen[NFT_DEVICE] != count)
		return SET_UNKNOWN;
	if (seen[NFT_DEVICE])
		return count == 2 ? SET_SOURCES_AND_DEVICES : SET_UNKNOWN;
	return count > 1 ? SET_SOURCES_AND_PORTS : SET_SOURCES;
}

/* A property of a set that changes what is in it. */
static const char *unknown_property(const json_t *object)
{
	static const char *const known[] = {
		"family",     "name", "table",	"type",	   "handle",
		"comment",    "size", "flags",	"timeout", "gc-interval",
		"auto-merge", "elem", "policy", "map",	   "stmt",
	};
	const json_t *statements = json_object_get(object, "stmt"), *statement;
	const char *key;
	size_t index;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) && strcmp(key, known[i]) != 0)
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			return key;
	}
	json_array_foreach(statements, index, statement)
	{
		if (!json_object_get(statement, "counter") && !json_object_get(statement, "last"))
			return "a limit of its elements";
	}
	return NULL;
}

static bool has_flag(const json_t *object, const char *flag)
{
	const json_t *flags = json_object_get(object, "flags");
	const char *name = json_string_value(flags);
	size_t index;
	json_t *value;

	json_array_foreach(flags, index, value)
	{
		if (json_is_string(value) && !strcmp(json_string_value(value), flag))
			return true;
	}
	return name && !strcmp(name, flag);
}

static int make_unknown(struct nft *nft, struct source_set *set, const char *words)
{
	return set->unknown ? 0 : string_copy(words, &set->unknown, nft->error);
}

static int read_elements(struct nft *nft, const json_t *elements, const enum nft_field *fields,
			 size_t count, struct source_set *set)
{
	size_t index;
	json_t *element;

	json_array_foreach(elements, index, element)
	{
		int result = nft_add_source(nft, fields, count, element, &set->list);

		if (result == 1)
			result = make_unknown(nft, set, "an element");
		if (result)
			return result;
	}
	return 0;
}

int nft_read_set(struct nft *nft, const json_t *object)
{
	char key[2 * NFT_NAME_SIZE];
	enum nft_field fields[NFT_FIELDS_MAX];
	size_t count = fields_of(json_object_get(object, "type"), fields);
	enum set_kind kind = kind_of(fields, count);
	const char *property = unknown_property(object);
	struct source_set *set;
	int64_t at;
	int result = 0;

	snprintf(key, sizeof(key), "%s %s/%s", nft_string(object, "family"),
		 nft_string(object, "table"), nft_string(object, "name"));
	if (json_object_set_nocheck(nft->named, key, (json_t *)object))
		return error_system(nft->error, ENOMEM, "cannot hold the rules");
	if (json_object_get(object, "map"))
		return 0;
	at = ruleset_set(nft->rules, key, nft->error);
	if (at < 0)
		return (int)at;
	set = &nft->rules->sets[at];
	snprintf(set->place.name, sizeof(set->place.name), "set %.80s", key);
	set->kind = (uint8_t)kind;
	set->changes = has_flag(object, "dynamic");
	if (property)
		result = make_unknown(nft, set, property);
	if (!result && kind != SET_UNKNOWN)
		result = read_elements(nft, json_object_get(object, "elem"), fields, count, set);
	return result;
}
