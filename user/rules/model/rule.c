// SPDX-License-Identifier: GPL-2.0-or-later
/* The parts of a rule: conditions, ports and sources. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/model/ruleset.h"

struct rule rule_any(uint8_t families)
{
	return (struct rule){
		.families = families,
		.states = STATES_ANY,
		.service = {.protocols = PROTOCOLS_ANY},
		.original = {.protocols = PROTOCOLS_ANY},
	};
}

void rule_clear(struct rule *rule)
{
	free(rule->unknown);
	free(rule->service.ranges);
	free(rule->original.ranges);
	for (size_t i = 0; i < rule->match_count; i++) {
		source_list_clear(&rule->matches[i].list);
		free(rule->matches[i].set);
	}
	free(rule->matches);
	free(rule->devices);
	source_list_clear(&rule->destinations);
	free(rule->translations);
	free(rule->target);
	free(rule->comment);
	*rule = (struct rule){};
}

void rule_match_nothing(struct rule *rule)
{
	rule->families = 0;
}

int source_list_add_copy(struct source_list *list, const struct source *like, struct error *error)
{
	struct source source = *like;
	int result;

	source.comment = source.device = NULL;
	result = string_copy(like->comment, &source.comment, error);
	result = result ? result : string_copy(like->device, &source.device, error);
	result = result ? result : source_list_add(list, &source, error);
	if (result) {
		free(source.comment);
		free(source.device);
	}
	return result;
}

static int copy_sources(const struct source_list *from, struct source_list *to, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < from->count; i++)
		result = source_list_add_copy(to, &from->sources[i], error);
	return result;
}

static int copy_ports(const struct service *from, struct service *to, struct error *error)
{
	to->ranges = NULL;
	to->range_count = 0;
	if (!from->range_count)
		return 0;
	to->ranges = calloc(from->range_count * 2, sizeof(*to->ranges));
	if (!to->ranges)
		return error_system(error, ENOMEM, "cannot hold the rules");
	memcpy(to->ranges, from->ranges, from->range_count * sizeof(*to->ranges));
	to->range_count = from->range_count;
	return 0;
}

static int copy_matches(const struct rule *rule, struct rule *copy, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < rule->match_count; i++) {
		const struct source_match *from = &rule->matches[i];
		struct source_match *to = rule_add_match(copy, from->negated, error);

		if (!to)
			return -ENOMEM;
		to->dimensions = from->dimensions;
		to->asks_device = from->asks_device;
		result = string_copy(from->set, &to->set, error);
		result = result ? result : copy_sources(&from->list, &to->list, error);
	}
	return result;
}

static int copy_strings(const struct rule *rule, struct rule *copy, struct error *error)
{
	int result = string_copy(rule->unknown, &copy->unknown, error);

	result = result ? result : string_copy(rule->devices, &copy->devices, error);
	result = result ? result : string_copy(rule->target, &copy->target, error);
	return result ? result : string_copy(rule->comment, &copy->comment, error);
}

int rule_copy(const struct rule *rule, struct rule *copy, struct error *error)
{
	__attribute__((cleanup(rule_clear))) struct rule made = *rule;
	int result;

	made.service.ranges = made.original.ranges = NULL;
	made.matches = NULL;
	made.match_count = 0;
	made.destinations = (struct source_list){};
	made.translations = NULL;
	made.translation_count = 0;
	made.unknown = made.devices = made.target = made.comment = NULL;
	result = copy_ports(&rule->service, &made.service, error);
	result = result ? result : copy_ports(&rule->original, &made.original, error);
	result = result ? result : copy_matches(rule, &made, error);
	result = result ? result : copy_sources(&rule->destinations, &made.destinations, error);
	for (size_t i = 0; !result && i < rule->translation_count; i++)
		result = rule_add_translation(&made, &rule->translations[i], error);
	result = result ? result : copy_strings(rule, &made, error);
	if (result)
		return result;
	*copy = made;
	made = (struct rule){};
	return 0;
}

/* So many words are enough to find the option by. */
#define UNKNOWN_BYTES_MAX 160

int rule_add_unknown(struct rule *rule, enum rule_condition condition, const char *words,
		     struct error *error)
{
	char *joined;

	rule->conditions |= (uint16_t)condition;
	if (!rule->unknown)
		return string_copy(words ? words : "", &rule->unknown, error);
	if (!words || strlen(rule->unknown) + strlen(words) > UNKNOWN_BYTES_MAX)
		return 0;
	if (asprintf(&joined, "%s, %s", rule->unknown, words) < 0)
		return error_system(error, ENOMEM, "cannot hold the rules");
	free(rule->unknown);
	rule->unknown = joined;
	return 0;
}

/* Room for a power of two, so that it need not be kept. NULL: there is no memory. */
static void *grow(void *array, size_t count, size_t size, struct error *error)
{
	if (count & (count - 1))
		return array;
	array = reallocarray(array, count ? count * 2 : 1, size);
	if (!array)
		error_system(error, ENOMEM, "cannot hold the rules");
	return array;
}

struct source_match *rule_add_match(struct rule *rule, bool negated, struct error *error)
{
	struct source_match *matches = grow(rule->matches, rule->match_count, sizeof(*matches),
					    error);

	if (!matches)
		return NULL;
	rule->matches = matches;
	matches[rule->match_count] = (struct source_match){.negated = negated, .dimensions = 1};
	return &matches[rule->match_count++];
}

int rule_add_set(struct rule *rule, bool negated, const char *key, uint8_t dimensions,
		 bool asks_device, struct error *error)
{
	struct source_match *match = rule_add_match(rule, negated, error);

	if (!match)
		return -ENOMEM;
	match->dimensions = dimensions;
	match->asks_device = asks_device;
	return string_copy(key, &match->set, error);
}

int rule_add_devices(struct rule *rule, bool negated, const char *names, struct error *error)
{
	if (rule->devices)
		return rule_add_unknown(rule, CONDITION_DEVICE, names, error);
	rule->devices_negated = negated;
	return string_copy(names, &rule->devices, error);
}

int rule_add_translation(struct rule *rule, const struct translation *translation,
			 struct error *error)
{
	struct translation *translations = grow(rule->translations, rule->translation_count,
						sizeof(*translations), error);

	if (!translations)
		return -ENOMEM;
	rule->translations = translations;
	translations[rule->translation_count++] = *translation;
	return 0;
}

int rule_add_ports(struct rule *rule, uint16_t first, uint16_t last, struct error *error)
{
	struct service *service = &rule->service;
	struct port_range *ranges;

	ranges = grow(service->ranges, service->range_count, sizeof(*ranges), error);
	if (!ranges)
		return -ENOMEM;
	service->ranges = ranges;
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
	for (size_t i = 0; i < list->count; i++) {
		free(list->sources[i].comment);
		free(list->sources[i].device);
	}
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

int source_list_add_range(struct source_list *list, const struct prefix *first,
			  const struct prefix *last, const struct source *like, struct error *error)
{
	unsigned __int128 at = number_of(first), end = number_of(last);

	if (first->family != last->family)
		return error_set(error, EXIT_USAGE, EINVAL, "a range has two families");
	while (at <= end) {
		unsigned int bits = widest_from(at, end, prefix_host_length(first->family));
		struct source source = *like;
		int result;

		source.prefix = prefix_of(at, first->family, bits);
		result = source_list_add_copy(list, &source, error);

		/* Behind the last address there is none. */
		if (result || bits == 128 || end - at < (unsigned __int128)1 << bits)
			return result;
		at += (unsigned __int128)1 << bits;
	}
	return 0;
}
