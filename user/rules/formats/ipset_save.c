// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of ipset save, and of scripts that call ipset: ipset(8). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/iptables_save.h"

/* Types whose elements are sources, and perhaps a port or a device. */
static enum set_kind kind_of(const char *type)
{
	static const struct {
		const char *type;
		enum set_kind kind;
	} types[] = {
		{"hash:ip", SET_SOURCES},
		{"hash:net", SET_SOURCES},
		{"bitmap:ip", SET_SOURCES},
		{"hash:ip,port", SET_SOURCES_AND_PORTS},
		{"hash:net,port", SET_SOURCES_AND_PORTS},
		{"hash:net,iface", SET_SOURCES_AND_DEVICES},
		{"list:set", SET_OF_SETS},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!strcmp(type, types[i].type))
			return types[i].kind;
	}
	return SET_UNKNOWN;
}

/* Names in the set what was not understood of it; the first is enough. */
static int make_unknown(struct source_set *set, const char *what, const char *words,
			struct error *error)
{
	char text[256];

	if (set->unknown)
		return 0;
	snprintf(text, sizeof(text), "%.40s %.200s", what, words);
	return string_copy(text, &set->unknown, error);
}

/* A length, or a netmask of ones that come first. */
static bool read_mask(const char *text, uint8_t *length)
{
	char prefix[64], *end;
	unsigned long number = strtoul(text, &end, 10);
	struct source_list list = {};
	struct error ignored;

	if (end != text && !*end && number && number <= 128) {
		*length = (uint8_t)number;
		return true;
	}
	if (snprintf(prefix, sizeof(prefix), "%s/%s", strchr(text, ':') ? "::" : "0.0.0.0", text) >=
		    (int)sizeof(prefix) ||
	    address_add(prefix, &(struct source){}, &list, &ignored)) {
		source_list_clear(&list);
		return false;
	}
	*length = list.sources[0].prefix.length;
	source_list_clear(&list);
	return *length != 0;
}

/* Options that say how a set is kept, with and without a value; false: none of these. */
static bool skip_option(const char *word, bool *has_value)
{
	static const char *const valued[] = {"family",	"hashsize", "maxelem", "bucketsize",
					     "initval", "timeout",  "range",   "size",
					     "probes",	"resize",   "gc"};
	static const char *const flags[] = {"counters", "comment", "skbinfo", "forceadd",
					    "-exist",	"-!",	   "inet",    "inet6"};

	for (size_t i = 0; i < sizeof(valued) / sizeof(valued[0]); i++) {
		*has_value = true;
		if (!strcmp(word, valued[i]))
			return true;
	}
	*has_value = false;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!strcmp(word, flags[i]))
			return true;
	}
	return false;
}

static int read_options(struct source_set *set, const char *const *words, size_t count,
			struct error *error)
{
	int result = 0;

	for (size_t i = 3; !result && i < count; i++) {
		bool has_value;

		if (skip_option(words[i], &has_value)) {
			i += has_value;
			continue;
		}
		if ((!strcmp(words[i], "netmask") || !strcmp(words[i], "bitmask")) &&
		    i + 1 < count && read_mask(words[i + 1], &set->mask)) {
			i++;
			continue;
		}
		result = make_unknown(set, "the option", words[i], error);
	}
	return result;
}

static int create_set(const char *const *words, size_t count, struct ruleset *rules,
		      const struct place *place, struct error *error)
{
	struct source_set *set;
	int64_t at;

	if (count < 3)
		return error_set(error, EXIT_USAGE, EINVAL, "a set has a name and a type");
	at = ruleset_set(rules, words[1], error);
	if (at < 0)
		return (int)at;
	set = &rules->sets[at];
	set->place = *place;
	set->kind = (uint8_t)kind_of(words[2]);
	if (set->kind == SET_UNKNOWN)
		return make_unknown(set, "a set of type", words[2], error);
	return read_options(set, words, count, error);
}

/* "5060", "udp:5060" or "tcp:5060-5070". Without a protocol it is TCP, says ipset(8). */
static int read_service(const char *text, struct source *source, struct error *error)
{
	const char *colon = strchr(text, ':');
	char protocol[16] = "tcp";

	if (colon && (size_t)(colon - text) < sizeof(protocol)) {
		memcpy(protocol, text, (size_t)(colon - text));
		protocol[colon - text] = '\0';
	}
	source->protocols = protocol_parse(protocol);
	if (!port_range_parse(colon ? colon + 1 : text, '-', &source->ports)) {
		/* ICMP has types where others have ports. */
		if (source->protocols == PROTOCOLS_OTHER)
			return 0;
		return error_set(error, EXIT_USAGE, EINVAL, "that is no protocol and port");
	}
	return 0;
}

/* The second part of an element. */
static int read_second(struct source_set *set, char *text, struct source *like, bool wildcard,
		       struct error *error)
{
	size_t length = strlen(text);

	if (set->kind == SET_SOURCES_AND_PORTS || set->kind == SET_UNKNOWN)
		return read_service(text, like, error);
	if (set->kind != SET_SOURCES_AND_DEVICES || strchr(text, ':'))
		return make_unknown(set, "the element", text, error);
	if (wildcard) {
		text[length] = '+';
		text[length + 1] = '\0';
	}
	like->device = text; /* a copy is taken */
	return 0;
}

/* What a netmask makes of the elements behind `first`. */
static void apply_mask(const struct source_set *set, size_t first)
{
	for (size_t i = first; set->mask && i < set->list.count; i++) {
		struct prefix *prefix = &set->list.sources[i].prefix;

		if (prefix->length > set->mask) {
			prefix->length = set->mask;
			prefix_truncate(prefix);
		}
	}
}

static int read_element(struct source_set *set, const char *text, struct source *like,
			bool wildcard, struct error *error)
{
	size_t first = set->list.count;
	char copy[192], *comma;
	int result = 0;

	if (strlen(text) + 2 >= sizeof(copy))
		return error_set(error, EXIT_USAGE, EINVAL, "that is too long for an element");
	strcpy(copy, text);
	comma = strchr(copy, ',');
	if (comma) {
		*comma = '\0';
		result = read_second(set, comma + 1, like, wildcard, error);
	} else if (set->kind == SET_SOURCES_AND_PORTS || set->kind == SET_SOURCES_AND_DEVICES) {
		result = make_unknown(set, "the element", text, error);
	}
	result = result ? result : address_add(copy, like, &set->list, error);
	if (!result)
		apply_mask(set, first);
	return result;
}

/* "0" means that the element stays; a number that is larger than any lasts as long as one can. */
static int read_lifetime(const char *text, int64_t *seconds, struct error *error)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || text[digits])
		return error_set(error, EXIT_USAGE, EINVAL, "that is no timeout");
	*seconds = (int64_t)strtoll(text, NULL, 10);
	return 0;
}

/* Whether an option of an element has a value that does not matter here. */
static bool is_counter(const char *word)
{
	static const char *const names[] = {"packets",	"bytes",  "skbmark", "skbprio",
					    "skbqueue", "before", "after"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(word, names[i]))
			return true;
	}
	return false;
}

static int read_element_options(struct source_set *set, const char *const *words, size_t count,
				struct source *like, bool *wildcard, struct error *error)
{
	int result = 0;

	for (size_t i = 3; !result && i < count; i++) {
		bool has_value = i + 1 < count;

		if (!strcmp(words[i], "nomatch"))
			like->except = true;
		else if (!strcmp(words[i], "wildcard"))
			*wildcard = true;
		else if (!strcmp(words[i], "timeout") && has_value)
			result = read_lifetime(words[++i], &like->lifetime, error);
		else if (!strcmp(words[i], "comment") && has_value)
			like->comment = (char *)words[++i]; /* a copy is taken */
		else if (is_counter(words[i]) && has_value)
			i++;
		else if (strcmp(words[i], "-exist") != 0 && strcmp(words[i], "-!") != 0)
			result = make_unknown(set, "the option", words[i], error);
	}
	return result;
}

static int add_member(struct source_set *set, const char *name, struct error *error)
{
	char **members = reallocarray(set->members, set->member_count + 1, sizeof(*members));

	if (!members)
		return error_system(error, ENOMEM, "cannot hold the rules");
	set->members = members;
	members[set->member_count] = NULL;
	if (string_copy(name, &members[set->member_count], error))
		return -ENOMEM;
	set->member_count++;
	return 0;
}

static int add_element(const char *const *words, size_t count, struct ruleset *rules,
		       struct error *error)
{
	struct source like = {};
	struct source_set *set;
	bool wildcard = false;
	int64_t at;
	int result;

	if (count < 3)
		return error_set(error, EXIT_USAGE, EINVAL, "there is no element");
	at = ruleset_set(rules, words[1], error);
	if (at < 0)
		return (int)at;
	set = &rules->sets[at];
	if (set->kind == SET_OF_SETS)
		return add_member(set, words[2], error);
	result = read_element_options(set, words, count, &like, &wildcard, error);
	/* Without its line a set has a type that nobody knows; an element tells that it is none. */
	if (!result && (set->kind != SET_UNKNOWN || !set->unknown))
		result = read_element(set, words[2], &like, wildcard, error);
	return result;
}

/* The two change places; what refers to one by its name finds the other. */
static int swap_sets(const char *const *words, size_t count, struct ruleset *rules,
		     struct error *error)
{
	struct source_set *left, *right, kept;
	char *name;

	left = count > 1 ? ruleset_find_set(rules, words[1]) : NULL;
	right = count > 2 ? ruleset_find_set(rules, words[2]) : NULL;
	if (!left || !right)
		return error_set(error, EXIT_USAGE, EINVAL, "swap needs two sets that are there");
	kept = *left;
	*left = *right;
	*right = kept;
	name = left->name;
	left->name = right->name;
	right->name = name;
	return 0;
}

static int empty_set(const char *const *words, size_t count, struct ruleset *rules)
{
	struct source_set *set = count > 1 ? ruleset_find_set(rules, words[1]) : NULL;

	for (size_t i = 0; i < rules->set_count; i++) {
		if (count < 2 || &rules->sets[i] == set)
			source_list_clear(&rules->sets[i].list);
	}
	return 0;
}

static int change_set(const char *const *words, size_t count, struct ruleset *rules,
		      struct error *error)
{
	struct source_set *set = count > 1 ? ruleset_find_set(rules, words[1]) : NULL;

	return set ? make_unknown(set, words[0], count > 2 ? words[2] : "", error) : 0;
}

bool ipset_is_command(const char *word)
{
	static const char *const commands[] = {"create", "add",	    "swap",  "flush",
					       "del",	 "destroy", "rename"};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(word, commands[i]))
			return true;
	}
	return false;
}

int ipset_save_line(const char *const *words, size_t count, struct ruleset *rules,
		    const struct place *place, struct error *error)
{
	const char *operands[WORDS_MAX];
	size_t kept = 0;

	/* "-exist" stands anywhere. */
	for (size_t i = 0; i < count && kept < WORDS_MAX; i++) {
		if (strcmp(words[i], "-exist") != 0 && strcmp(words[i], "-!") != 0)
			operands[kept++] = words[i];
	}
	if (!kept)
		return 0;
	if (!strcmp(operands[0], "create"))
		return create_set(operands, kept, rules, place, error);
	if (!strcmp(operands[0], "add"))
		return add_element(operands, kept, rules, error);
	if (!strcmp(operands[0], "swap"))
		return swap_sets(operands, kept, rules, error);
	if (!strcmp(operands[0], "flush"))
		return empty_set(operands, kept, rules);
	return change_set(operands, kept, rules, error);
}
