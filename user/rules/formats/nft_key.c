// SPDX-License-Identifier: GPL-2.0-or-later
/* What a match looks at: parts of a packet that the model knows, and all others. */
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/nft_internal.h"

static void add_field(struct nft_key *key, enum nft_field field)
{
	key->fields[key->count++] = field;
}

static void add_unknown(struct nft_key *key, enum rule_condition condition, const char *kind,
			const char *name)
{
	add_field(key, NFT_UNKNOWN);
	key->condition = condition;
	snprintf(key->words, sizeof(key->words), "%s%s%s", kind, *name ? " " : "", name);
}

static void read_address(const char *protocol, const char *field, struct nft_key *key)
{
	key->families &= !strcmp(protocol, "ip") ? FAMILIES_IPV4 : FAMILIES_IPV6;
	if (!strcmp(field, "saddr"))
		add_field(key, NFT_SOURCE);
	else if (!strcmp(field, "daddr"))
		add_field(key, NFT_DESTINATION);
	else if (!strcmp(field, "protocol") || !strcmp(field, "nexthdr"))
		add_field(key, NFT_PROTOCOL);
	else
		add_unknown(key, CONDITION_OTHER, protocol, field);
}

static void read_payload(const json_t *payload, struct nft_key *key)
{
	static const char *const transports[] = {"tcp", "udp", "udplite", "sctp", "dccp"};
	const char *protocol = nft_string(payload, "protocol"),
		   *field = nft_string(payload, "field");
	bool is_transport = !strcmp(protocol, "th");

	if (!strcmp(protocol, "ip") || !strcmp(protocol, "ip6")) {
		read_address(protocol, field, key);
		return;
	}
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		if (strcmp(protocol, transports[i]) != 0)
			continue;
		is_transport = true;
		key->protocols &= protocol_parse(protocol);
	}
	if (is_transport && !strcmp(field, "dport"))
		add_field(key, NFT_PORT);
	else if (is_transport && !strcmp(field, "sport"))
		add_unknown(key, CONDITION_SOURCE_PORT, protocol, field);
	else if (*protocol)
		add_unknown(key, CONDITION_OTHER, protocol, field);
	else
		add_unknown(key, CONDITION_OTHER, "raw payload", nft_string(payload, "base"));
}

static void read_meta(const char *name, struct nft_key *key)
{
	if (!strcmp(name, "l4proto"))
		add_field(key, NFT_PROTOCOL);
	else if (!strcmp(name, "nfproto") || !strcmp(name, "protocol"))
		add_field(key, NFT_FAMILY);
	else if (!strcmp(name, "iif") || !strcmp(name, "iifname"))
		add_field(key, NFT_DEVICE);
	else if (!strcmp(name, "mark"))
		add_field(key, NFT_MARK);
	else if (!strncmp(name, "iif", 3) || !strncmp(name, "ibr", 3) || !strncmp(name, "oif", 3) ||
		 !strncmp(name, "sdif", 4))
		add_unknown(key, CONDITION_DEVICE, "meta", name);
	else
		add_unknown(key, CONDITION_OTHER, "meta", name);
}

static void read_ct(const json_t *ct, struct nft_key *key)
{
	const char *name = nft_string(ct, "key"), *direction = nft_string(ct, "dir");
	char words[64];

	if (!strcmp(name, "state")) {
		add_field(key, NFT_STATE);
	} else if (!strcmp(name, "proto-dst") && !strcmp(direction, "original")) {
		add_field(key, NFT_ORIGINAL_PORT);
	} else {
		snprintf(words, sizeof(words), "%s%s%s", direction, *direction ? " " : "", name);
		add_unknown(key, CONDITION_OTHER, "ct", words);
	}
}

/* "fib daddr type": what the destination is to this host. */
static void read_fib(const json_t *fib, struct nft_key *key)
{
	const json_t *flags = json_object_get(fib, "flags");
	const char *flag = json_string_value(json_is_array(flags) ? json_array_get(flags, 0)
								  : flags);
	bool is_alone = !json_is_array(flags) || json_array_size(flags) == 1;

	if (!strcmp(nft_string(fib, "result"), "type") && is_alone && flag &&
	    !strcmp(flag, "daddr"))
		add_field(key, NFT_ADDRESS_TYPE);
	else
		add_unknown(key, CONDITION_DESTINATION, "fib", nft_string(fib, "result"));
}

/* {"&": [{"meta": {"key": "mark"}}, MASK]} */
static bool read_masked_mark(const json_t *part, struct nft_key *key)
{
	const json_t *operands = json_object_get(part, "&");
	const json_t *meta = json_object_get(json_array_get(operands, 0), "meta");
	const json_t *mask = json_array_get(operands, 1);

	if (strcmp(nft_string(meta, "key"), "mark") != 0 || !json_is_integer(mask))
		return false;
	key->mask = (uint32_t)json_integer_value(mask);
	add_field(key, NFT_MARK);
	return true;
}

static void read_part(const json_t *part, struct nft_key *key)
{
	const char *name = json_object_iter_key(json_object_iter((json_t *)part));
	const json_t *value = name ? json_object_get(part, name) : NULL;

	if (name && !strcmp(name, "payload"))
		read_payload(value, key);
	else if (name && !strcmp(name, "meta"))
		read_meta(nft_string(value, "key"), key);
	else if (name && !strcmp(name, "ct"))
		read_ct(value, key);
	else if (name && !strcmp(name, "fib"))
		read_fib(value, key);
	else if (!read_masked_mark(part, key))
		add_unknown(key, CONDITION_OTHER, name ? name : "an expression",
			    nft_string(value, "name"));
}

void nft_read_key(const json_t *left, struct nft_key *key)
{
	const json_t *parts = json_object_get(left, "concat");
	size_t index;
	json_t *part;

	*key = (struct nft_key){
		.protocols = PROTOCOLS_ANY, .families = FAMILIES_BOTH, .mask = UINT32_MAX};
	if (!parts) {
		read_part(left, key);
		return;
	}
	if (json_array_size(parts) > NFT_FIELDS_MAX || !json_array_size(parts)) {
		add_unknown(key, CONDITION_OTHER, "a concatenation", "");
		return;
	}
	json_array_foreach(parts, index, part) read_part(part, key);
}

bool nft_key_has(const struct nft_key *key, enum nft_field field)
{
	for (size_t i = 0; i < key->count; i++) {
		if (key->fields[i] == field)
			return true;
	}
	return false;
}

int nft_apply_key(struct nft_rule *made, const struct nft_key *key)
{
	made->rule.service.protocols &= key->protocols;
	made->rule.families &= key->families;
	if (!nft_key_has(key, NFT_UNKNOWN))
		return 0;
	return rule_add_unknown(&made->rule, key->condition, key->words, made->nft->error);
}
