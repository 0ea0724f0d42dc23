// SPDX-License-Identifier: GPL-2.0-or-later
/* The parts of a rule: conditions, ports and sources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/model/ruleset.h"

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

/* The address of a host as a number. */
static unsigned __int128 number_of(const struct prefix *host)
{
	unsigned __int128 number = 0;

	for (unsigned int i = 0; i < prefix_host_length(host->family) / 8U; i++)
		number = number << 8 | host->address[i];
	return number;
}

static unsigned int trailing_zeros(unsigned __int128 number)
{
	uint64_t low = (uint64_t)number, high = (uint64_t)(number >> 64);

	if (low)
		return (unsigned int)__builtin_ctzll(low);
	return high ? 64 + (unsigned int)__builtin_ctzll(high) : 128;
}

/* The position of the highest bit that is set; there is one. */
static unsigned int highest_bit(unsigned __int128 number)
{
	uint64_t high = (uint64_t)(number >> 64);

	return high ? 127 - (unsigned int)__builtin_clzll(high)
		    : 63 - (unsigned int)__builtin_clzll((uint64_t)number);
}

/* The number of host bits of the widest prefix that begins at `first` and ends at `last` or before.
 */
static unsigned int widest_from(unsigned __int128 first, unsigned __int128 last,
				unsigned int host_length)
{
	unsigned __int128 count = last - first + 1;
	unsigned int bits = trailing_zeros(first);

	/* All 2^128 addresses wrap to 0. */
	if (count && bits > highest_bit(count))
		bits = highest_bit(count);
	return bits < host_length ? bits : host_length;
}

static struct prefix prefix_of(unsigned __int128 number, uint8_t family, unsigned int host_bits)
{
	unsigned int length = prefix_host_length(family);
	struct prefix prefix = {.family = family, .length = (uint8_t)(length - host_bits)};

	for (unsigned int i = length / 8; i-- > 0; number >>= 8)
		prefix.address[i] = (uint8_t)number;
	return prefix;
}

static int add_like(struct source_list *list, const struct source *like,
		    const struct prefix *prefix, struct error *error)
{
	struct source source = *like;
	int result = string_copy(like->comment, &source.comment, error);

	source.prefix = *prefix;
	result = result ? result : source_list_add(list, &source, error);
	if (result)
		free(source.comment);
	return result;
}

int source_list_add_range(struct source_list *list, const struct prefix *first,
			  const struct prefix *last, const struct source *like, struct error *error)
{
	unsigned __int128 at = number_of(first), end = number_of(last);

	if (first->family != last->family)
		return error_set(error, EXIT_USAGE, EINVAL, "a range has two families");
	while (at <= end) {
		unsigned int bits = widest_from(at, end, prefix_host_length(first->family));
		struct prefix prefix = prefix_of(at, first->family, bits);
		int result = add_like(list, like, &prefix, error);

		/* Behind the last address there is none. */
		if (result || bits == 128 || end - at < (unsigned __int128)1 << bits)
			return result;
		at += (unsigned __int128)1 << bits;
	}
	return 0;
}
