// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/guarding_show.h"

#include <string.h>

#include "commands/confirmation.h"
#include "policy/names.h"
#include "text/device_text.h"

static const char *const outcome_words[] = {
	[ATTACH_FIRST] = "guarded",
	[ATTACH_REGAINED] = "guarded again, counters kept",
	[ATTACH_SWAPPED] = "program swapped, counters kept",
};

static void describe(const struct invocation *invocation, const struct device *device,
		     const struct attach_result *result, json_t *attached)
{
	const struct device_mode *mode = &result->policy_mode;
	bool monitors = mode->in_force == SG_MODE_MONITOR;
	char text[DEVICE_MODE_TEXT_SIZE + 2] = "";

	if (mode->confirmation != CONFIRMATION_NONE) {
		strcpy(text, ", ");
		device_mode_format(mode, text + 2);
	}

	if (result->fallback.message[0])
		notice(invocation, "warning: %s; fell back to generic mode, which is slower",
		       result->fallback.message);
	if (result->replaced.program_id)
		notice(invocation, "warning: the XDP program %u was taken off %s",
		       result->replaced.program_id, device_text(device->name).text);
	if (attached)
		json_array_append_new(attached,
				      json_pack("{s:s, s:s, s:s, s:o, s:b}", "device",
						device_text(device->name).text, "attach_mode",
						attach_mode_name(result->mode), "mode",
						mode_name(mode->in_force), "confirmation",
						confirmation_json(mode), "swapped",
						result->outcome == ATTACH_SWAPPED));
	else if (!invocation->quiet)
		printf("%s: %s, %s mode%s%s\n", device_text(device->name).text,
		       outcome_words[result->outcome], attach_mode_name(result->mode),
		       monitors ? ", monitoring: nothing is dropped" : "", text);
}

void guarding_show(const struct invocation *invocation, const struct device *devices,
		   const struct attach_results *results, json_t *attached)
{
	for (int i = 0; i < results->count; i++)
		describe(invocation, &devices[i], &results->results[i], attached);
}
