// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/modes.h"

#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"

static int set_one(const struct device_maps *maps, enum sg_mode mode, int64_t confirm,
		   struct error *error)
{
	struct device_mode old;
	int result;

	if (!confirm)
		return device_maps_set_mode(maps, mode, error);
	result = device_maps_mode(maps, &old, error);
	return result ?: device_maps_try_mode(maps, mode, old.reverts_to, confirm, error);
}

int modes_set(const struct guards *guards, const struct chosen_guards *chosen, enum sg_mode mode,
	      int64_t confirm, struct error *error)
{
	cleanup_free struct sg_device *old = calloc(chosen->count + 1, sizeof(*old));
	struct error ignored;
	size_t done = 0;
	int result = 0;

	if (!old)
		return error_system(error, ENOMEM, "cannot set the mode");
	for (; done < chosen->count; done++) {
		const struct device_maps *maps = &guards->guards[chosen->places[done]].maps;

		result = device_maps_settings(maps, &old[done], error);
		result = result ?: set_one(maps, mode, confirm, error);
		if (result)
			break;
	}
	while (result && done-- > 0)
		device_maps_restore_mode(&guards->guards[chosen->places[done]].maps, &old[done],
					 &ignored);
	return result;
}
