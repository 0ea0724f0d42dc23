// SPDX-License-Identifier: GPL-2.0-or-later
/* The list of objects: tables, chains, sets and rules, each with its place in the text. */
#include "rules/formats/nft.h"

#include <errno.h>
#include <string.h>

#include "rules/formats/nft_internal.h"
#include "text/escape.h"

/* Moves through the text and counts its lines. */
struct scanner {
	const char *at;
	const char *end;
	size_t line;
	const char *line_start;
};

static void step(struct scanner *scanner)
{
	if (*scanner->at++ == '\n') {
		scanner->line++;
		scanner->line_start = scanner->at;
	}
}

static void skip_blanks(struct scanner *scanner)
{
	while (scanner->at < scanner->end && strchr(" \t\r\n", *scanner->at) && *scanner->at)
		step(scanner);
}

static bool skip_token(struct scanner *scanner, const char *token)
{
	size_t length = strlen(token);

	skip_blanks(scanner);
	if ((size_t)(scanner->end - scanner->at) < length ||
	    memcmp(scanner->at, token, length) != 0)
		return false;
	scanner->at += length;
	return true;
}

/* Behind the string that begins here. */
static void skip_string(struct scanner *scanner)
{
	for (step(scanner); scanner->at < scanner->end && *scanner->at != '"'; step(scanner)) {
		if (*scanner->at == '\\' && scanner->at + 1 < scanner->end)
			step(scanner);
	}
	if (scanner->at < scanner->end)
		step(scanner);
}

/* The object that begins here, by its brackets; what is inside is the JSON parser's to judge. */
static struct place take_object(struct scanner *scanner)
{
	struct place place = {
		.line = scanner->line,
		.column = (size_t)(scanner->at - scanner->line_start) + 1,
		.text = scanner->at,
	};
	size_t depth = 0;

	while (scanner->at < scanner->end) {
		char character = *scanner->at;

		if (character == '"') {
			skip_string(scanner);
			continue;
		}
		step(scanner);
		if (character == '{' || character == '[')
			depth++;
		else if ((character == '}' || character == ']') && !--depth)
			break;
	}
	place.length = (size_t)(scanner->at - place.text);
	return place;
}

static bool skip_head(struct scanner *scanner)
{
	return skip_token(scanner, "{") && skip_token(scanner, "\"nftables\"") &&
	       skip_token(scanner, ":") && skip_token(scanner, "[");
}

bool nft_recognises(const char *text, size_t size)
{
	return skip_head(&(struct scanner){text, text + size, 1, text});
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string ? string : "";
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
	snprintf(table, NFT_NAME_SIZE, "%s %s", string_of(object, "family"),
		 string_of(object, "table"));
}

static int read_chain(struct nft *nft, const json_t *object, const struct place *place)
{
	char table[NFT_NAME_SIZE];
	struct chain *chain;
	int64_t at;

	table_of(object, table);
	at = ruleset_chain(nft->rules, table, string_of(object, "name"), nft->error);
	if (at < 0)
		return (int)at;
	chain = &nft->rules->chains[at];
	chain->families = families_of(string_of(object, "family"));
	chain->hook = hook_of(string_of(object, "hook"));
	chain->priority = (int32_t)json_integer_value(json_object_get(object, "prio"));
	chain->translates = !strcmp(string_of(object, "type"), "nat");
	chain->policy = !strcmp(string_of(object, "policy"), "drop") ? ACTION_DROP : ACTION_ACCEPT;
	chain->policy_is_known = chain->hook != HOOK_NONE;
	chain->place = *place;
	return 0;
}

/* The fields that the types of a set's elements stand for; 0 when they are no sources. */
static size_t fields_of_type(const json_t *type, enum nft_field fields[static NFT_FIELDS_MAX])
{
	size_t count = json_is_array(type) ? json_array_size(type) : 1;
	bool has_source = false;

	if (count > NFT_FIELDS_MAX)
		return 0;
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_value(json_is_array(type) ? json_array_get(type, i)
									 : type);

		if (!name)
			return 0;
		if (!strcmp(name, "ipv4_addr") || !strcmp(name, "ipv6_addr"))
			fields[i] = NFT_SOURCE;
		else if (!strcmp(name, "inet_service"))
			fields[i] = NFT_PORT;
		else if (!strcmp(name, "inet_proto"))
			fields[i] = NFT_PROTOCOL;
		else
			return 0;
		has_source = has_source || fields[i] == NFT_SOURCE;
	}
	return has_source ? count : 0;
}

/* A set or a map: kept as it is for what rules ask of it, and sources also as a set of the model.
 */
static int read_set(struct nft *nft, json_t *object, const struct place *place)
{
	char key[2 * NFT_NAME_SIZE], table[NFT_NAME_SIZE];
	enum nft_field fields[NFT_FIELDS_MAX];
	json_t *elements = json_object_get(object, "elem");
	size_t count = fields_of_type(json_object_get(object, "type"), fields);
	int64_t at;

	table_of(object, table);
	snprintf(key, sizeof(key), "%s/%s", table, string_of(object, "name"));
	if (elements && json_object_set_nocheck(nft->named, key, elements))
		return error_system(nft->error, ENOMEM, "cannot hold the rules");
	if (!count || json_object_get(object, "map"))
		return 0;
	at = ruleset_set(nft->rules, key, nft->error);
	if (at < 0)
		return (int)at;
	nft->rules->sets[at].place = *place;
	nft->rules->sets[at].kind = count > 1 ? SET_SOURCES_AND_PORTS : SET_SOURCES;
	return nft_add_sources(nft, fields, count, elements, &nft->rules->sets[at].list);
}

static int read_rule(struct nft *nft, const json_t *object, const struct place *place)
{
	__attribute__((cleanup(rule_clear))) struct rule rule = {};
	char table[NFT_NAME_SIZE];
	int64_t at;

	table_of(object, table);
	at = ruleset_chain(nft->rules, table, string_of(object, "chain"), nft->error);
	if (at < 0)
		return (int)at;
	rule = rule_any(families_of(string_of(object, "family")));
	rule.chain = (uint32_t)at;
	rule.place = *place;
	if (string_copy(json_string_value(json_object_get(object, "comment")), &rule.comment,
			nft->error))
		return -ENOMEM;
	return nft_add_rule(nft, table, &rule, json_object_get(object, "expr"));
}

enum pass { PASS_NAMES, PASS_RULES };

static int read_object(struct nft *nft, json_t *object, const struct place *place, enum pass pass)
{
	json_t *inner;

	if (pass == PASS_RULES) {
		inner = json_object_get(object, "rule");
		return inner ? read_rule(nft, inner, place) : 0;
	}
	inner = json_object_get(object, "chain");
	if (inner)
		return read_chain(nft, inner, place);
	inner = json_object_get(object, "set");
	inner = inner ? inner : json_object_get(object, "map");
	return inner ? read_set(nft, inner, place) : 0;
}

static int read_place(struct nft *nft, const struct place *place, enum pass pass)
{
	json_error_t json_error;
	json_t *object = json_loadb(place->text, place->length, 0, &json_error);
	struct error error;
	char escaped[JSON_ERROR_TEXT_LENGTH];
	int result;

	if (!object) {
		text_escape(escaped, sizeof(escaped), json_error.text, strlen(json_error.text));
		return place_error(nft->name, place, nft->error, "%s", escaped);
	}
	result = read_object(nft, object, place, pass);
	json_decref(object);
	if (result != -EINVAL)
		return result;
	error = *nft->error;
	return place_error(nft->name, place, nft->error, "%s", error.message);
}

/* Names first: a rule may stand before the set that it asks. */
static int read_pass(struct nft *nft, struct scanner scanner, enum pass pass)
{
	if (!skip_head(&scanner))
		return error_set(nft->error, EXIT_USAGE, EINVAL,
				 "%.400s:1:1: this is not what nft -j list ruleset writes",
				 nft->name);
	if (skip_token(&scanner, "]"))
		return skip_token(&scanner, "}") ? 0 : -EINVAL;
	while (true) {
		struct place place;
		int result;

		skip_blanks(&scanner);
		if (scanner.at == scanner.end)
			break;
		place = take_object(&scanner);
		result = read_place(nft, &place, pass);
		if (result)
			return result;
		if (!skip_token(&scanner, ","))
			break;
	}
	if (!skip_token(&scanner, "]") || !skip_token(&scanner, "}"))
		return error_set(nft->error, EXIT_USAGE, EINVAL,
				 "%.400s:%zu:%zu: the list of objects does not end", nft->name,
				 scanner.line, (size_t)(scanner.at - scanner.line_start) + 1);
	return 0;
}

int nft_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
	      struct error *error)
{
	struct nft nft = {name, rules, json_object(), 0, error};
	struct scanner scanner = {text, text + size, 1, text};
	int result;

	if (!nft.named)
		return error_system(error, ENOMEM, "cannot hold the rules");
	result = read_pass(&nft, scanner, PASS_NAMES);
	result = result ? result : read_pass(&nft, scanner, PASS_RULES);
	json_decref(nft.named);
	return result;
}
