// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sample_devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "kernel/guard.h"

/* A guard is the same as long as its maps are, whatever its device is called. */
static void learn(struct sample_devices *known, const struct guard *guard)
{
	struct sample_device *device = NULL;
	uint32_t map = device_maps_id(&guard->maps);

	for (size_t i = 0; i < known->count && !device; i++) {
		if (known->devices[i].index == guard->index && known->devices[i].map == map)
			device = &known->devices[i];
	}
	if (!device) {
		device = realloc(known->devices, (known->count + 1) * sizeof(*device));
		if (!device)
			return;
		known->devices = device;
		device += known->count++;
	}
	*device = (struct sample_device){
		.index = guard->index,
		.map = map,
		.is_here = guard->state == GUARD_ATTACHED,
	};
	snprintf(device->name, sizeof(device->name), "%s",
		 device->is_here ? guard->present : guard->device);
}

static void learn_guard(struct sample_devices *known, const char *name)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct error ignored;

	if (guard_open(&guard, name, &ignored))
		return;
	if (guard.state == GUARD_ATTACHED || guard.state == GUARD_ELSEWHERE)
		learn(known, &guard);
}

/* What fails is ignored: samples without names are still samples. */
void sample_devices_learn(struct sample_devices *known)
{
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	struct error ignored;
	size_t count;

	if (guard_names(&names, &count, &ignored))
		return;
	for (size_t i = 0; i < count; i++)
		learn_guard(known, names[i]);
}

/* Of an earlier program's samples: the one learnt last, those of this namespace before others. */
static const char *find_by_index(const struct sample_devices *known, uint32_t index)
{
	const struct sample_device *found = NULL;

	for (size_t i = 0; i < known->count; i++) {
		const struct sample_device *device = &known->devices[i];

		if (device->index == index && (!found || device->is_here >= found->is_here))
			found = device;
	}
	return found ? found->name : NULL;
}

const char *sample_devices_find(const struct sample_devices *known, uint32_t index, uint8_t mark)
{
	const char *found = NULL;

	if (!mark)
		return find_by_index(known, index);
	for (size_t i = 0; i < known->count; i++) {
		const struct sample_device *device = &known->devices[i];

		if (device->index != index || sg_guard_mark(device->map) != mark)
			continue;
		if (found && strcmp(found, device->name) != 0)
			return NULL;
		found = device->name;
	}
	return found;
}

const char *sample_devices_unknown(struct sample_devices *known, uint32_t index)
{
	snprintf(known->unknown, sizeof(known->unknown), "if%u", index);
	return known->unknown;
}

void sample_devices_clear(struct sample_devices *known)
{
	free(known->devices);
	*known = (struct sample_devices){};
}
