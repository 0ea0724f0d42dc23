// SPDX-License-Identifier: GPL-2.0-or-later
/* The statements of a rule: what it asks of a packet, and what becomes of the packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/nft_internal.h"

/* A rule that becomes several does so at most so often in a row. */
#define DEPTH_MAX 16

/* Statements behind the one that is looked at. */
struct rest {
	const json_t *expressions;
	size_t at;
	unsigned int depth;
};

static int read_statements(struct nft_rule *made, struct rest rest);

static int unknown(struct nft_rule *made, enum rule_condition condition, const char *words)
{
	return rule_add_unknown(&made->rule, condition, words, made->nft->error);
}

/* Whether the flags that a mask leaves show SYN, and none of those that a client may add to it. */
static bool masks_syn(const json_t *mask)
{
	bool has_syn = false;
	size_t index;
	json_t *flag;

	json_array_foreach(mask, index, flag)
	{
		const char *name = json_string_value(flag);

		if (!name || !strcmp(name, "ecn") || !strcmp(name, "cwr"))
			return false;
		has_syn = has_syn || !strcmp(name, "syn");
	}
	return has_syn;
}

/*
 * "tcp flags & (fin | syn | rst | ack) == syn" and "tcp flags syn" are true of the first segment,
 * and the only one that a stranger's connection begins with.
 */
static bool read_syn(struct nft_rule *made, const json_t *left, const json_t *right, bool negated)
{
	const json_t *operands = json_object_get(left, "&");
	const json_t *payload = json_object_get(operands ? json_array_get(operands, 0) : left,
						"payload");
	const char *flag = json_string_value(right);
	bool is_masked = masks_syn(json_array_get(operands, 1));

	if (!flag || strcmp(flag, "syn") != 0 ||
	    strcmp(nft_string(payload, "field"), "flags") != 0 ||
	    strcmp(nft_string(payload, "protocol"), "tcp") != 0 || (operands && !is_masked) ||
	    (negated && !is_masked))
		return false;
	made->rule.service.protocols &= PROTOCOL_BIT(SG_PORTS_TCP);
	if (negated)
		rule_match_nothing(&made->rule);
	return true;
}

/* "<", ">", "<=" and ">=" as a range; a new reference, or NULL. */
static json_t *range_of(const char *operator, const json_t * right)
{
	json_int_t value = json_integer_value(right), first = 0, last = UINT16_MAX;

	if (!json_is_integer(right) || value < 0 || value > UINT16_MAX)
		return NULL;
	if (*operator== '<')
		last = operator[1] == '=' ? value : value - 1;
	else if (*operator== '>')
		first = operator[1] == '=' ? value : value + 1;
	else
		return NULL;
	return json_pack("{s:[I,I]}", "range", first, last);
}

static int read_comparison(struct nft_rule *made, const struct nft_key *key, const char *operator,
			   const json_t * right)
{
	json_t *range = range_of(operator, right);
	int result;

	if (!range || key->count != 1 || key->fields[0] != NFT_PORT) {
		json_decref(range);
		return unknown(made, CONDITION_OTHER, "a comparison");
	}
	result = nft_apply_values(made, key, range, false);
	json_decref(range);
	return result;
}

static int copy_for(const struct nft_rule *made, struct nft_rule *copy, const struct rest *rest)
{
	*copy = (struct nft_rule){made->nft, made->table};
	if (rest->depth > DEPTH_MAX)
		return error_set(made->nft->error, EXIT_USAGE, EINVAL,
				 "a rule has too many concatenations");
	return rule_copy(&made->rule, &copy->rule, made->nft->error);
}

static void clear_made(struct nft_rule *made)
{
	rule_clear(&made->rule);
}

/* A rule for each element, with the statements behind. */
static int read_elements(const struct nft_rule *made, const struct nft_key *key,
			 const json_t *values, struct rest rest)
{
	size_t index;
	json_t *value;

	rest.depth++;
	json_array_foreach(values, index, value)
	{
		__attribute__((cleanup(clear_made))) struct nft_rule copy = {};
		int result = nft_expand(made->nft, 1);

		result = result ? result : copy_for(made, &copy, &rest);
		result = result ? result : nft_apply_element(&copy, key, value);
		result = result ? result : read_statements(&copy, rest);
		if (result)
			return result;
	}
	return 0;
}

/* 1: the rule has become others, which are added. */
static int read_match(struct nft_rule *made, const json_t *match, struct rest rest)
{
	const json_t *left = json_object_get(match, "left");
	const json_t *right = json_object_get(match, "right");
	const char *operator= nft_string(match, "op");
	bool negated = !strcmp(operator, "!=");
	struct nft_key key;
	json_t *values;
	int result;

	if (read_syn(made, left, right, negated))
		return 0;
	nft_read_key(left, &key);
	result = nft_apply_key(made, &key);
	if (result || nft_key_has(&key, NFT_UNKNOWN))
		return result;
	if (!right || (!negated && strcmp(operator, "==") != 0 && strcmp(operator, "in") != 0))
		return read_comparison(made, &key, operator, right);
	if (!nft_needs_rules(&key, right, negated))
		return nft_apply_values(made, &key, right, negated);
	values = nft_values(made, right);
	if (!values || nft_changes(made, right)) {
		json_decref(values);
		return unknown(made, nft_set_condition(made, &key, right, negated),
			       "a concatenation");
	}
	result = read_elements(made, &key, values, rest);
	json_decref(values);
	return result ? result : 1;
}

/* nft leaves out the match that the kind of answer implies. */
static void read_rejection(struct nft_rule *made, const json_t *value)
{
	const char *type = nft_string(value, "type");

	if (!strcmp(type, "icmp"))
		made->rule.families &= FAMILIES_IPV4;
	else if (!strcmp(type, "icmpv6"))
		made->rule.families &= FAMILIES_IPV6;
	else if (!strcmp(type, "tcp reset"))
		made->rule.service.protocols &= PROTOCOL_BIT(SG_PORTS_TCP);
}

/* False when it is no verdict. */
static bool read_verdict(struct nft_rule *made, const char *name, const json_t *value, int *result)
{
	static const struct {
		const char *name;
		enum rule_action action;
	} verdicts[] = {
		{"accept", ACTION_ACCEPT}, {"drop", ACTION_DROP},	  {"reject", ACTION_DROP},
		{"return", ACTION_RETURN}, {"jump", ACTION_JUMP},	  {"goto", ACTION_GOTO},
		{"continue", ACTION_NONE}, {"queue", ACTION_OTHER},	  {"snat", ACTION_ACCEPT},
		{"fwd", ACTION_OTHER},	   {"masquerade", ACTION_ACCEPT},
	};
	const char *target = nft_string(value, "target");

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		if (strcmp(name, verdicts[i].name) != 0)
			continue;
		made->rule.action = verdicts[i].action;
		if (!strcmp(name, "reject"))
			read_rejection(made, value);
		free(made->rule.target);
		made->rule.target = NULL;
		if (made->rule.action == ACTION_OTHER)
			target = name;
		*result = *target ? string_copy(target, &made->rule.target, made->nft->error) : 0;
		return true;
	}
	return false;
}

/* A match or target of iptables, of which nft knows no more than the name. */
static int read_xt(struct nft_rule *made, const json_t *xt)
{
	static const char *const harmless[] = {"comment", "LOG", "NFLOG", "TRACE", "CHECKSUM"};
	const char *name = nft_string(xt, "name");
	char words[96];

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (!strcmp(name, harmless[i]))
			return 0;
	}
	if (!strcmp(name, "REJECT")) {
		made->rule.action = ACTION_DROP;
		return 0;
	}
	snprintf(words, sizeof(words), "xt %s, which only iptables-save shows", name);
	if (strcmp(nft_string(xt, "type"), "match") != 0) {
		made->rule.action = ACTION_OTHER;
		free(made->rule.target);
		made->rule.target = NULL;
		return string_copy(words, &made->rule.target, made->nft->error);
	}
	return unknown(made, CONDITION_OTHER, words);
}

static bool is_catch_all(const json_t *value)
{
	const char *text = json_string_value(nft_bare(value));

	return text && !strcmp(text, "*");
}

static int add(struct nft_rule *made)
{
	struct rule *rule = &made->rule;

	if (rule->action == ACTION_NONE && !rule->translation_count &&
	    rule->mark_change == MARK_KEPT)
		return 0;
	return ruleset_add(made->nft->rules, rule, 0, made->nft->error);
}

static int add_pair(const struct nft_rule *made, const struct nft_key *key, const json_t *value,
		    const json_t *verdict, const struct rest *rest)
{
	__attribute__((cleanup(clear_made))) struct nft_rule copy = {};
	const char *name = json_object_iter_key(json_object_iter((json_t *)verdict));
	int result = nft_expand(made->nft, 1);

	result = result ? result : copy_for(made, &copy, rest);
	if (!result && !is_catch_all(value) && !nft_key_has(key, NFT_UNKNOWN))
		result = nft_apply_element(&copy, key, value);
	if (!result &&
	    (!name || !read_verdict(&copy, name, json_object_get(verdict, name), &result)))
		copy.rule.action = ACTION_OTHER;
	return result ? result : add(&copy);
}

/*
 * A rule for each key of the map. Of the keys at most one matches, so their order is free; "*"
 * stands for whatever no other key matches. What rules add to the map is not in the text.
 */
static int read_vmap(const struct nft_rule *made, const json_t *vmap, const struct rest *rest)
{
	__attribute__((cleanup(clear_made))) struct nft_rule keyed = {};
	const json_t *data = json_object_get(vmap, "data");
	const char *reference = json_string_value(data);
	const json_t *pairs = json_object_get(data, "set"), *pair;
	struct nft_key key;
	size_t index;
	int result = copy_for(made, &keyed, rest);

	if (reference && *reference == '@')
		pairs = json_object_get(nft_named(made, reference), "elem");
	nft_read_key(json_object_get(vmap, "key"), &key);
	result = result ? result : nft_apply_key(&keyed, &key);
	for (int catch_all = 0; catch_all < 2; catch_all++) {
		json_array_foreach(pairs, index, pair)
		{
			const json_t *value = json_array_get(pair, 0);

			if (!result && value && is_catch_all(value) == catch_all)
				result = add_pair(&keyed, &key, value, json_array_get(pair, 1),
						  rest);
		}
	}
	return result;
}

/* Statements that neither ask nor decide. A counter is no quota, and a log no verdict. */
static bool is_harmless(const char *name)
{
	static const char *const names[] = {"counter", "log",	    "last",
					    "dup",     "ct helper", "ct timeout",
					    "secmark", "flow",	    "ct expectation"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(name, names[i]))
			return true;
	}
	return false;
}

static bool is_rate(const char *name)
{
	return !strcmp(name, "limit") || !strcmp(name, "quota") || !strcmp(name, "ct count") ||
	       !strcmp(name, "meter");
}

/* What nft has no JSON for it writes as a string, such as a chain without a name. */
static int read_foreign(struct nft_rule *made, const char *words)
{
	char first[64];

	snprintf(first, sizeof(first), "%.*s", (int)strcspn(words, "\n"), words);
	made->rule.action = ACTION_OTHER;
	return unknown(made, CONDITION_OTHER, first);
}

static int read_statement(struct nft_rule *made, const char *name, const json_t *value,
			  struct rest rest)
{
	int result = 0;

	if (nft_read_translation(made, name, value, &result) ||
	    read_verdict(made, name, value, &result) || is_harmless(name))
		return result;
	if (!strcmp(name, "match"))
		return read_match(made, value, rest);
	if (!strcmp(name, "vmap"))
		return read_vmap(made, value, &rest);
	if (!strcmp(name, "xt"))
		return read_xt(made, value);
	if (!strcmp(name, "set"))
		return nft_read_set_change(made, value);
	if (!strcmp(name, "mangle"))
		return nft_read_packet_change(made, value);
	if (is_rate(name))
		return unknown(made, CONDITION_RATE, name);
	if (!strcmp(name, "notrack")) {
		made->nft->rules->untracks = true;
		return 0;
	}
	return read_foreign(made, name);
}

static int read_statements(struct nft_rule *made, struct rest rest)
{
	for (; rest.at < json_array_size(rest.expressions);) {
		json_t *statement = json_array_get(rest.expressions, rest.at++);
		const char *name = json_object_iter_key(json_object_iter(statement));
		int result;

		if (name)
			result = read_statement(made, name, json_object_get(statement, name), rest);
		else
			result = read_foreign(made, json_is_string(statement)
							    ? json_string_value(statement)
							    : "a statement");
		if (result)
			return result == 1 ? 0 : result;
	}
	return add(made);
}

int nft_read_rule(struct nft *nft, const char *table, struct rule *rule, const json_t *expressions)
{
	__attribute__((cleanup(clear_made))) struct nft_rule made = {nft, table, *rule};

	*rule = (struct rule){};
	return read_statements(&made, (struct rest){.expressions = expressions});
}
