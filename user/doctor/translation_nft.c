// SPDX-License-Identifier: GPL-2.0-or-later
/* Translations in the JSON of nft(8), which libnftables-json(5) describes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "doctor/array.h"
#include "doctor/translation.h"
#include "sipguard/abi.h"
#include "text/escape.h"

/* What the expressions of one rule have said so far. */
struct reading {
	const json_t *rule;
	const json_t *ports; /* that the destination port must match; NULL: any */
	bool tables[SG_PORT_TABLE_COUNT];
	struct facts *facts;
};

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static void clear_tables(struct reading *reading)
{
	memset(reading->tables, 0, sizeof(reading->tables));
}

static void set_table(struct reading *reading, const char *protocol)
{
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		if (!strcmp(protocol, port_table_name(table)))
			reading->tables[table] = true;
	}
}

/* One value, or the members of a set. */
static void set_tables(struct reading *reading, const json_t *protocols)
{
	const json_t *members = json_object_get(protocols, "set"), *member;
	size_t i;

	clear_tables(reading);
	set_table(reading, json_string_value(protocols) ?: "");
	json_array_foreach(members, i, member)
	{
		set_table(reading, json_string_value(member) ?: "");
	}
}

/* "th" is the transport header of whatever protocol the rule has named. */
static void read_match(struct reading *reading, const json_t *match)
{
	const json_t *left = json_object_get(match, "left");
	const json_t *right = json_object_get(match, "right");
	const json_t *payload = json_object_get(left, "payload");
	const json_t *meta = json_object_get(left, "meta");
	const char *protocol = text_of(payload, "protocol");

	if (strcmp(text_of(match, "op"), "==") != 0)
		return;
	if (!strcmp(text_of(meta, "key"), "l4proto") ||
	    !strcmp(text_of(payload, "field"), "nexthdr") ||
	    (!strcmp(protocol, "ip") && !strcmp(text_of(payload, "field"), "protocol"))) {
		set_tables(reading, right);
		return;
	}
	if (strcmp(text_of(payload, "field"), "dport") != 0)
		return;
	if (strcmp(protocol, "th") != 0) {
		clear_tables(reading);
		set_table(reading, protocol);
	}
	reading->ports = right;
}

/* A port, or {"range": [first, last]}. */
static bool read_range(const json_t *value, uint16_t *first, uint16_t *last)
{
	const json_t *range = json_object_get(value, "range");
	json_int_t low = json_integer_value(range ? json_array_get(range, 0) : value);
	json_int_t high = json_integer_value(range ? json_array_get(range, 1) : value);

	if (low < 1 || high < low || high > UINT16_MAX)
		return false;
	*first = (uint16_t)low;
	*last = (uint16_t)high;
	return true;
}

static void add(struct reading *reading, uint16_t from, uint16_t from_last, uint16_t to,
		uint16_t to_last)
{
	char place[160];

	snprintf(place, sizeof(place), "nft rule %s %s %s handle %" JSON_INTEGER_FORMAT,
		 text_of(reading->rule, "family"), text_of(reading->rule, "table"),
		 text_of(reading->rule, "chain"),
		 json_integer_value(json_object_get(reading->rule, "handle")));
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		struct translation_facts *translation;

		if (!reading->tables[table])
			continue;
		translation = array_add(reading->facts->translations,
					reading->facts->translation_count);
		if (!translation)
			return;
		*translation = (struct translation_facts){
			.table = (uint8_t)table,
			.from = from,
			.from_last = from_last,
			.to = to,
			.to_last = to_last,
		};
		text_escape(translation->rule, sizeof(translation->rule), place, strlen(place));
	}
}

static void read_target(struct reading *reading, const json_t *target)
{
	const json_t *members = json_object_get(reading->ports, "set"), *member;
	uint16_t from, from_last, to, to_last;
	size_t i;

	if (!read_range(json_object_get(target, "port"), &to, &to_last))
		return;
	if (!reading->ports)
		add(reading, 1, UINT16_MAX, to, to_last);
	else if (read_range(reading->ports, &from, &from_last))
		add(reading, from, from_last, to, to_last);
	json_array_foreach(members, i, member)
	{
		if (read_range(member, &from, &from_last))
			add(reading, from, from_last, to, to_last);
	}
	/* A named set, which may hold any port. */
	if (json_is_string(reading->ports))
		add(reading, 1, UINT16_MAX, to, to_last);
}

static void read_rule(const json_t *rule, struct facts *facts)
{
	struct reading reading = {.rule = rule, .tables = {true, true, true}, .facts = facts};
	const json_t *expression;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, expression)
	{
		const json_t *match = json_object_get(expression, "match");

		if (match)
			read_match(&reading, match);
		read_target(&reading, json_object_get(expression, "dnat"));
		read_target(&reading, json_object_get(expression, "redirect"));
	}
}

int translations_of_nft(const char *text, size_t size, struct facts *facts, struct error *error)
{
	json_error_t fault;
	json_t *whole = json_loadb(text, size, 0, &fault);
	const json_t *objects = json_object_get(whole, "nftables"), *object;
	size_t i;

	if (!json_is_array(objects)) {
		json_decref(whole);
		return error_set(error, EXIT_SYSTEM, EINVAL,
				 "the output of nft is no JSON that is known");
	}
	json_array_foreach(objects, i, object)
	{
		const json_t *rule = json_object_get(object, "rule");

		if (rule)
			read_rule(rule, facts);
	}
	json_decref(whole);
	return 0;
}
