// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/model/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot hold the rules");
}

int array_reserve(void *array, size_t size, size_t count, size_t *allocated, struct error *error)
{
	size_t room = *allocated ? *allocated * 2 : 8;
	void *grown;

	if (count < *allocated)
		return 0;
	memcpy(&grown, array, sizeof(grown));
	grown = reallocarray(grown, room, size);
	if (!grown)
		return memory_error(error);
	memcpy(array, &grown, sizeof(grown));
	*allocated = room;
	return 0;
}

int string_copy(const char *text, char **copy, struct error *error)
{
	*copy = text ? strdup(text) : NULL;
	return text && !*copy ? memory_error(error) : 0;
}

/* A name can have any byte but 0, and so the key keeps table and name apart with a newline. */
static char *index_key(const char *kind, const char *table, const char *name)
{
	char *key;

	return asprintf(&key, "%s\n%s\n%s", kind, table, name) < 0 ? NULL : key;
}

static int64_t index_find(const struct ruleset *rules, const char *key)
{
	const json_t *number = key ? json_object_get(rules->index, key) : NULL;

	return number ? json_integer_value(number) : -1;
}

static int index_put(struct ruleset *rules, const char *key, size_t value)
{
	if (!rules->index)
		rules->index = json_object();
	return json_object_set_new_nocheck(rules->index, key, json_integer((json_int_t)value));
}

struct chain *ruleset_find_chain(const struct ruleset *rules, const char *table, const char *name)
{
	char *key = index_key("chain", table, name);
	int64_t at = index_find(rules, key);

	free(key);
	return at < 0 ? NULL : &rules->chains[at];
}

static int64_t add_chain(struct ruleset *rules, const char *key, const char *table,
			 const char *name, struct error *error)
{
	struct chain chain = {.families = FAMILIES_BOTH, .policy = ACTION_ACCEPT};

	if (array_reserve(&rules->chains, sizeof(chain), rules->chain_count,
			  &rules->chains_allocated, error))
		return -ENOMEM;
	chain.table = strdup(table);
	chain.name = strdup(name);
	if (!chain.table || !chain.name || index_put(rules, key, rules->chain_count)) {
		free(chain.table);
		free(chain.name);
		return memory_error(error);
	}
	rules->chains[rules->chain_count] = chain;
	return (int64_t)rules->chain_count++;
}

int64_t ruleset_chain(struct ruleset *rules, const char *table, const char *name,
		      struct error *error)
{
	char *key = index_key("chain", table, name);
	int64_t at;

	if (!key)
		return memory_error(error);
	at = index_find(rules, key);
	if (at < 0)
		at = add_chain(rules, key, table, name, error);
	free(key);
	return at;
}

struct source_set *ruleset_find_set(const struct ruleset *rules, const char *name)
{
	char *key = index_key("set", "", name);
	int64_t at = index_find(rules, key);

	free(key);
	return at < 0 ? NULL : &rules->sets[at];
}

static int64_t add_set(struct ruleset *rules, const char *key, const char *name,
		       struct error *error)
{
	struct source_set set = {};

	if (array_reserve(&rules->sets, sizeof(set), rules->set_count, &rules->sets_allocated,
			  error))
		return -ENOMEM;
	set.name = strdup(name);
	if (!set.name || index_put(rules, key, rules->set_count)) {
		free(set.name);
		return memory_error(error);
	}
	rules->sets[rules->set_count] = set;
	return (int64_t)rules->set_count++;
}

int64_t ruleset_set(struct ruleset *rules, const char *name, struct error *error)
{
	char *key = index_key("set", "", name);
	int64_t at;

	if (!key)
		return memory_error(error);
	at = index_find(rules, key);
	if (at < 0)
		at = add_set(rules, key, name, error);
	free(key);
	return at;
}

static size_t sources_of(const struct rule *rule)
{
	size_t count = rule->destinations.count;

	for (size_t i = 0; i < rule->match_count; i++)
		count += rule->matches[i].list.count;
	return count;
}

int ruleset_add(struct ruleset *rules, struct rule *rule, size_t position, struct error *error)
{
	struct chain *chain = &rules->chains[rule->chain];
	size_t at = position && position <= chain->rule_count ? position - 1 : chain->rule_count;
	size_t sources = sources_of(rule);

	if (sources > RULESET_SOURCES_MAX - rules->source_count)
		return error_set(error, EXIT_USAGE, EINVAL, "the rules name more than %d sources",
				 RULESET_SOURCES_MAX);
	if (array_reserve(&rules->rules, sizeof(*rule), rules->rule_count, &rules->rules_allocated,
			  error) ||
	    array_reserve(&chain->rules, sizeof(*chain->rules), chain->rule_count,
			  &chain->allocated, error))
		return -ENOMEM;
	memmove(&chain->rules[at + 1], &chain->rules[at],
		(chain->rule_count - at) * sizeof(*chain->rules));
	chain->rules[at] = (uint32_t)rules->rule_count;
	chain->rule_count++;
	rules->source_count += sources;
	rules->rules[rules->rule_count++] = *rule;
	*rule = (struct rule){};
	return 0;
}

int ruleset_add_unread(struct ruleset *rules, const struct place *place, const char *words,
		       struct error *error)
{
	struct unread unread = {.place = *place};
	int result = array_reserve(&rules->unread, sizeof(unread), rules->unread_count,
				   &rules->unread_allocated, error);

	result = result ? result : string_copy(words, &unread.words, error);
	if (!result)
		rules->unread[rules->unread_count++] = unread;
	return result;
}

void ruleset_link(struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++) {
		struct rule *rule = &rules->rules[i];
		struct chain *target = NULL;

		if (rule->action != ACTION_JUMP && rule->action != ACTION_GOTO)
			continue;
		if (rule->target)
			target = ruleset_find_chain(rules, rules->chains[rule->chain].table,
						    rule->target);
		if (target)
			target->is_referred_to = true;
		else
			rule->action = ACTION_OTHER;
	}
}

static void free_set(struct source_set *set)
{
	free(set->name);
	free(set->unknown);
	for (size_t i = 0; i < set->member_count; i++)
		free(set->members[i]);
	free(set->members);
	source_list_clear(&set->list);
}

void ruleset_clear(struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rule_count; i++)
		rule_clear(&rules->rules[i]);
	for (size_t i = 0; i < rules->chain_count; i++) {
		free(rules->chains[i].table);
		free(rules->chains[i].name);
		free(rules->chains[i].rules);
	}
	for (size_t i = 0; i < rules->set_count; i++)
		free_set(&rules->sets[i]);
	for (size_t i = 0; i < rules->unread_count; i++)
		free(rules->unread[i].words);
	free(rules->unread);
	free(rules->rules);
	free(rules->chains);
	free(rules->sets);
	json_decref(rules->index);
	*rules = (struct ruleset){};
}
