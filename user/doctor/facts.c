// SPDX-License-Identifier: GPL-2.0-or-later
#include "doctor/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

/* VLANs on VLANs on bonds: more than anybody stacks, and an end to every loop. */
#define STACK_MAX 8

void facts_clear(struct facts *facts)
{
	for (size_t i = 0; i < facts->device_count; i++)
		free(facts->devices[i].addresses);
	free(facts->devices);
	free(facts->guards);
	free(facts->listeners);
	free(facts->translations);
	free(facts->peers);
	free(facts->unseen);
	*facts = (struct facts){};
}

void facts_unseen(struct facts *facts, const char *what, const struct error *error)
{
	struct unseen *unseen = array_add(facts->unseen, facts->unseen_count);

	if (!unseen)
		return;
	snprintf(unseen->what, sizeof(unseen->what), "%s", what);
	snprintf(unseen->why, sizeof(unseen->why), "%.*s", (int)sizeof(unseen->why) - 1,
		 error->message);
}

const struct device_facts *facts_device(const struct facts *facts, const char *name)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		if (!strcmp(facts->devices[i].name, name))
			return &facts->devices[i];
	}
	return NULL;
}

const struct device_facts *facts_device_at(const struct facts *facts, int index)
{
	for (size_t i = 0; index && i < facts->device_count; i++) {
		if (facts->devices[i].index == index)
			return &facts->devices[i];
	}
	return NULL;
}

bool facts_own_address(const struct facts *facts, const struct prefix *address)
{
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *device = &facts->devices[i];

		for (size_t j = 0; j < device->address_count; j++) {
			const struct prefix *own = &device->addresses[j];

			if (own->family == address->family &&
			    !memcmp(own->address, address->address, sizeof(own->address)))
				return true;
		}
	}
	return false;
}

const struct guard_facts *facts_guard_of(const struct facts *facts,
					 const struct device_facts *device)
{
	for (size_t i = 0; i < facts->guard_count; i++) {
		if (!strcmp(facts->guards[i].present, device->name))
			return &facts->guards[i];
	}
	return NULL;
}

/* What cannot be read cannot be told from another program of its device. */
static bool other_guarded(const struct facts *facts, const struct device_facts *device)
{
	for (size_t i = 0; device->program_id && i < facts->guard_count; i++) {
		if (facts->guards[i].other_layout && !strcmp(facts->guards[i].device, device->name))
			return true;
	}
	return false;
}

bool facts_guarded(const struct facts *facts, const struct device_facts *device)
{
	return facts_guard_of(facts, device) || other_guarded(facts, device) ||
	       (!facts->guards_seen && device->program_id);
}

static bool covered(const struct facts *facts, const struct device_facts *device, int depth)
{
	size_t ports = 0;

	if (facts_guarded(facts, device))
		return true;
	if (depth == STACK_MAX)
		return false;
	if (device_kind_shares_frames(&device->traits)) {
		const struct device_facts *lower = facts_device_at(facts, device->lower);

		return lower && covered(facts, lower, depth + 1);
	}
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *port = &facts->devices[i];

		if (port->master != device->index || !port->up)
			continue;
		if (!covered(facts, port, depth + 1))
			return false;
		ports++;
	}
	return ports > 0;
}

bool facts_covered(const struct facts *facts, const struct device_facts *device)
{
	return covered(facts, device, 0);
}
