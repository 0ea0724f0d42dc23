// SPDX-License-Identifier: GPL-2.0-or-later
/* Single values of nft's JSON: addresses, ports, protocols, devices, and elements of sets. */
#include <errno.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/nft_internal.h"

int nft_expand(struct nft *nft, size_t count)
{
	nft->expansions += count;
	if (nft->expansions <= NFT_EXPANSIONS_MAX)
		return 0;
	return error_set(nft->error, EXIT_USAGE, EINVAL,
			 "sets, maps and ranges become more than %d rules and prefixes",
			 NFT_EXPANSIONS_MAX);
}

bool nft_address(const json_t *value, char *text, size_t size)
{
	const json_t *prefix = json_object_get(value, "prefix");
	const json_t *range = json_object_get(value, "range");
	const char *first = json_string_value(value), *last;

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
	return first && *first != '@' && snprintf(text, size, "%s", first) < (int)size;
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

bool nft_ports(const json_t *value, struct port_range *ports)
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

uint8_t nft_protocols(const json_t *value)
{
	char number[24];

	if (json_is_string(value))
		return protocol_parse(json_string_value(value));
	if (!json_is_integer(value))
		return 0;
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	return protocol_parse(number);
}

/* nft's "eth*" is the model's "eth+". */
bool nft_device(const json_t *value, char *names, size_t size)
{
	const char *name = json_string_value(value);
	size_t length = name ? strlen(name) : 0, used = strlen(names);
	bool is_open = length && name[length - 1] == '*';

	if (!length || strpbrk(name, " +\\@") || used + length + 2 > size)
		return false;
	snprintf(names + used, size - used, "%s%.*s%s", used ? " " : "", (int)(length - is_open),
		 name, is_open ? "+" : "");
	return true;
}

const json_t *nft_bare(const json_t *value)
{
	const json_t *inner = json_object_get(json_object_get(value, "elem"), "val");

	return inner ? inner : value;
}

bool nft_element_is_plain(const json_t *element)
{
	static const char *const known[] = {"val", "timeout", "expires", "comment", "counter"};
	json_t *wrapped = json_object_get(element, "elem"), *value;
	const char *key;

	json_object_foreach(wrapped, key, value)
	{
		size_t i = 0;

		while (i < sizeof(known) / sizeof(known[0]) && strcmp(key, known[i]) != 0)
			i++;
		if (i == sizeof(known) / sizeof(known[0]))
			return false;
	}
	return true;
}

/* One part of an element; an address is kept as text until all are read. */
static bool read_part(enum nft_field field, const json_t *value, struct source *source,
		      char *address, size_t address_size, char *device, size_t device_size)
{
	switch (field) {
	case NFT_SOURCE:
	case NFT_ADDRESS:
		return nft_address(value, address, address_size);
	case NFT_PORT:
		source->protocols = source->protocols ? source->protocols : PROTOCOLS_ANY;
		return nft_ports(value, &source->ports);
	case NFT_PROTOCOL:
		source->protocols = nft_protocols(value);
		return source->protocols;
	case NFT_DEVICE:
		return nft_device(value, device, device_size);
	default:
		return false;
	}
}

/*
 * Seconds for which an element stays, of `expires` where it has begun to run out. In its last
 * second nft writes 0, which must not be taken for an element without an end.
 */
static bool read_lifetime(const json_t *element, int64_t *seconds)
{
	const json_t *left = json_object_get(element, "expires");
	const json_t *given = left ? left : json_object_get(element, "timeout");
	json_int_t value = json_integer_value(given);

	*seconds = left && !value ? 1 : value;
	return !given || (json_is_integer(given) && value >= 0);
}

int nft_add_source(struct nft *nft, const enum nft_field *fields, size_t count,
		   const json_t *element, struct source_list *list)
{
	const json_t *wrapped = json_object_get(element, "elem"), *value = nft_bare(element);
	const json_t *parts = json_object_get(value, "concat");
	struct source like = {.ports = {0, UINT16_MAX}};
	char address[128] = "", device[64] = "";
	size_t before = list->count;
	int result;

	if (!read_lifetime(wrapped, &like.lifetime))
		return error_set(nft->error, EXIT_USAGE, EINVAL,
				 "that is no time for an element to last");
	if (!nft_element_is_plain(element) || (count > 1 && json_array_size(parts) != count))
		return 1;
	like.comment = (char *)json_string_value(json_object_get(wrapped, "comment"));
	for (size_t i = 0; i < count; i++) {
		if (!read_part(fields[i], count > 1 ? json_array_get(parts, i) : value, &like,
			       address, sizeof(address), device, sizeof(device)))
			return 1;
	}
	like.device = *device ? device : NULL;
	result = address_add(address, &like, list, nft->error);
	if (result == -EINVAL)
		return 1;
	/* A range of IPv6 becomes up to 254 prefixes. */
	return result || list->count <= before + 1 ? result
						   : nft_expand(nft, list->count - before - 1);
}
