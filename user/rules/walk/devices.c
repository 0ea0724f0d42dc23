// SPDX-License-Identifier: GPL-2.0-or-later
/* Classes of devices: each that a rule names, and all others together. */
#include <stdlib.h>
#include <string.h>

#include "rules/walk/walk_internal.h"

static bool next_name(const char **at, const char **name, size_t *length)
{
	*at += strspn(*at, " ");
	*name = *at;
	*length = strcspn(*at, " ");
	*at += *length;
	return *length > 0;
}

static void add_device(struct devices *devices, const char *name, size_t length)
{
	for (unsigned int i = 0; i < devices->count; i++) {
		if (devices->lengths[i] == length && !memcmp(devices->names[i], name, length))
			return;
	}
	/* Nobody else's packet comes in by the loopback device. */
	if (devices->count == DEVICES_MAX || (length == 2 && !memcmp(name, "lo", 2)) ||
	    (length == 1 && *name == '+'))
		return;
	devices->names[devices->count] = name;
	devices->lengths[devices->count++] = length;
}

static void add_devices(struct devices *devices, const char *names)
{
	const char *name;
	size_t length;

	while (names && next_name(&names, &name, &length))
		add_device(devices, name, length);
}

void walk_collect_devices(struct walk *walk)
{
	const struct ruleset *rules = walk->rules;

	for (size_t i = 0; i < rules->rule_count; i++) {
		if (walk_rule_ports(walk, &rules->rules[i]))
			add_devices(&walk->devices, rules->rules[i].devices);
	}
	for (size_t i = 0; i < rules->set_count; i++) {
		for (size_t j = 0; j < rules->sets[i].list.count; j++)
			add_devices(&walk->devices, rules->sets[i].list.sources[j].device);
	}
	walk->devices.count++;
}

/* Whether packets by devices of a class match a pattern. */
static bool matches(const char *class, size_t class_length, const char *pattern, size_t length)
{
	bool class_is_open = class[class_length - 1] == '+';

	if (pattern[length - 1] != '+')
		return class_length == length && !memcmp(class, pattern, length);
	class_length -= class_is_open;
	return class_length >= length - 1 && !memcmp(class, pattern, length - 1);
}

uint32_t walk_all_devices(const struct walk *walk)
{
	return (uint32_t)((1ULL << walk->devices.count) - 1);
}

uint32_t walk_devices(const struct walk *walk, const char *names, bool *is_known)
{
	const struct devices *devices = &walk->devices;
	uint32_t bits = 0, other = 1U << (devices->count - 1);
	const char *name;
	size_t length;

	while (names && next_name(&names, &name, &length)) {
		bool is_class = (length == 2 && !memcmp(name, "lo", 2));

		if (length == 1 && *name == '+')
			return walk_all_devices(walk);
		for (unsigned int i = 0; i + 1 < devices->count; i++) {
			if (!matches(devices->names[i], devices->lengths[i], name, length))
				continue;
			bits |= 1U << i;
			is_class = is_class || devices->lengths[i] == length;
		}
		/* There were too many to tell this one from all others. */
		if (!is_class) {
			bits |= other;
			*is_known = false;
		}
	}
	return bits;
}
