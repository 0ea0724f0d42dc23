// SPDX-License-Identifier: GPL-2.0-or-later
/* The parts of a rule: conditions, ports and sources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/ruleset.h"

struct rule rule_any(uint8_t families)
{
	return (struct rule){.families = families, .service = {.protocols = PROTOCOLS_ANY}};
}

void rule_clear(struct rule *rule)
{
	free(rule->condition);
	free(rule->service.ranges);
	source_list_clear(&rule->sources);
	free(rule->set);
	free(rule->target);
	free(rule->comment);
	*rule = (struct rule){};
}

static int copy_sources(const struct source_list *from, struct source_list *to, struct error *error)
{
	for (size_t i = 0; i < from->count; i++) {
		struct source source = from->sources[i];
		int result = string_copy(from->sources[i].comment, &source.comment, error);

		result = result ? result : source_list_add(to, &source, error);
		if (result) {
			free(source.comment);
			return result;
		}
	}
	return 0;
}

int rule_copy(const struct rule *rule, struct rule *copy, struct error *error)
{
	__attribute__((cleanup(rule_clear))) struct rule made = *rule;
	int result = 0;

	made.service.ranges = NULL;
	made.service.range_count = 0;
	made.sources = (struct source_list){};
	made.condition = made.set = made.target = made.comment = NULL;
	for (size_t i = 0; !result && i < rule->service.range_count; i++)
		result = rule_add_ports(&made, rule->service.ranges[i].first,
					rule->service.ranges[i].last, error);
	result = result ? result : copy_sources(&rule->sources, &made.sources, error);
	result = result ? result : string_copy(rule->condition, &made.condition, error);
	result = result ? result : string_copy(rule->set, &made.set, error);
	result = result ? result : string_copy(rule->target, &made.target, error);
	result = result ? result : string_copy(rule->comment, &made.comment, error);
	if (result)
		return result;
	*copy = made;
	made = (struct rule){};
	return 0;
}

int rule_add_condition(struct rule *rule, enum rule_condition condition, const char *words,
		       struct error *error)
{
	if (!rule->condition && string_copy(words, &rule->condition, error))
		return -ENOMEM;
	rule->conditions |= (uint16_t)condition;
	return 0;
}

int rule_add_ports(struct rule *rule, uint16_t first, uint16_t last, struct error *error)
{
	struct service *service = &rule->service;
	struct port_range *ranges;

	/* Room for a power of two, so that it need not be kept. */
	if (!(service->range_count & (service->range_count - 1))) {
		ranges = reallocarray(service->ranges,
				      service->range_count ? service->range_count * 2 : 1,
				      sizeof(*ranges));
		if (!ranges)
			return error_system(error, ENOMEM, "cannot hold the rules");
		service->ranges = ranges;
	}
	service->ranges[service->range_count++] = (struct port_range){first, last};
	return 0;
}

int source_list_add(struct source_list *list, const struct source *source, struct error *error)
{
	int result = array_reserve(&list->sources, sizeof(*source), list->count, &list->allocated,
				   error);

	if (!result)
		list->sources[list->count++] = *source;
	return result;
}

void source_list_clear(struct source_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->sources[i].comment);
	free(list->sources);
	*list = (struct source_list){};
}

/* The last address of a prefix, as a host. */
static struct prefix last_address(const struct prefix *prefix)
{
	struct prefix last = *prefix;

	for (uint8_t bit = prefix->length; bit < prefix_host_length(prefix->family); bit++)
		last.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	last.length = prefix_host_length(prefix->family);
	return last;
}

static int compare_addresses(const struct prefix *left, const struct prefix *right)
{
	return memcmp(left->address, right->address, sizeof(left->address));
}

/* The widest prefix that begins at this address and does not reach beyond `last`. */
static struct prefix widest_from(const struct prefix *first, const struct prefix *last)
{
	struct prefix widest = *first;

	while (widest.length) {
		struct prefix wider = widest, end;

		wider.length--;
		prefix_truncate(&wider);
		end = last_address(&wider);
		if (compare_addresses(&wider, first) != 0 || compare_addresses(&end, last) > 0)
			break;
		widest = wider;
	}
	return widest;
}

/* Moves to the address after a host; false when there is none. */
static bool next_address(struct prefix *host)
{
	for (int byte = prefix_host_length(host->family) / 8 - 1; byte >= 0; byte--) {
		if (++host->address[byte])
			return true;
	}
	return false;
}

int source_list_add_range(struct source_list *list, const struct prefix *first,
			  const struct prefix *last, const struct source *like, struct error *error)
{
	struct prefix at = *first;

	if (first->family != last->family)
		return error_set(error, EXIT_USAGE, EINVAL, "a range has two families");
	while (compare_addresses(&at, last) <= 0) {
		struct source source = *like;
		int result;

		source.prefix = widest_from(&at, last);
		result = string_copy(like->comment, &source.comment, error);
		result = result ? result : source_list_add(list, &source, error);
		if (result) {
			free(source.comment);
			return result;
		}
		at = last_address(&source.prefix);
		if (!next_address(&at))
			break;
	}
	return 0;
}
