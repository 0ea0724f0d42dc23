// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sample_devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "kernel/guard.h"

static struct sample_device *find(const struct sample_devices *known, uint32_t index)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->devices[i].index == index)
			return &known->devices[i];
	}
	return NULL;
}

static void learn(struct sample_devices *known, uint32_t index, const char *name)
{
	struct sample_device *device = find(known, index);

	if (!device) {
		device = realloc(known->devices, (known->count + 1) * sizeof(*device));
		if (!device)
			return;
		known->devices = device;
		device += known->count++;
		device->index = index;
	}
	snprintf(device->name, sizeof(device->name), "%s", name);
}

static void learn_guard(struct sample_devices *known, const char *name)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct error ignored;

	if (guard_open(&guard, name, &ignored))
		return;
	/* Indices of another network namespace give way to those of this one. */
	if (guard.state == GUARD_ATTACHED)
		learn(known, guard.index, guard.present);
	else if (guard.state == GUARD_ELSEWHERE && !find(known, guard.index))
		learn(known, guard.index, guard.device);
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

const char *sample_devices_find(const struct sample_devices *known, uint32_t index)
{
	const struct sample_device *device = find(known, index);

	return device ? device->name : NULL;
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
