// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/modes.h"

#include <errno.h>
#include <stdlib.h>

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

static void restore(const struct guards *guards, const struct chosen_guards *chosen, size_t count)
{
	struct error ignored;

	while (count-- > 0)
		device_maps_restore_mode(&guards->guards[chosen->places[count]].maps,
					 &chosen->former[count], &ignored);
}

int modes_set(const struct guards *guards, struct chosen_guards *chosen, enum sg_mode mode,
	      int64_t confirm, struct error *error)
{
	size_t done = 0;
	int result = 0;

	chosen->former = calloc(chosen->count + 1, sizeof(*chosen->former));
	if (!chosen->former)
		return error_system(error, ENOMEM, "cannot set the mode");
	for (; done < chosen->count; done++) {
		const struct device_maps *maps = &guards->guards[chosen->places[done]].maps;

		result = device_maps_settings(maps, &chosen->former[done], error);
		result = result ?: set_one(maps, mode, confirm, error);
		if (result)
			break;
	}
	if (result)
		restore(guards, chosen, done);
	return result;
}

void modes_restore(const struct guards *guards, const struct chosen_guards *chosen)
{
	restore(guards, chosen, chosen->count);
}

int modes_give_up(const struct guards *guards, enum sg_mode former, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < guards->count; i++) {
		const struct device_maps *maps = &guards->guards[i].maps;
		struct device_mode mode;

		result = device_maps_mode(maps, &mode, error);
		if (!result && mode.confirmation == CONFIRMATION_PENDING &&
		    mode.reverts_to == former)
			result = device_maps_set_mode(maps, former, error);
	}
	return result;
}

void chosen_guards_clear(struct chosen_guards *chosen)
{
	free(chosen->places);
	free(chosen->former);
	*chosen = (struct chosen_guards){};
}
