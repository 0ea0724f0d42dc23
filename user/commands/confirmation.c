// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/confirmation.h"

#include "policy/names.h"
#include "text/device_text.h"

json_t *confirmation_json(const struct device_mode *mode)
{
	if (mode->confirmation == CONFIRMATION_NONE)
		return json_null();
	return json_pack("{s:s, s:s, s:I}", "state", confirmation_name(mode->confirmation),
			 "reverts_to", mode_name(mode->reverts_to), "seconds_left",
			 (json_int_t)mode->seconds_left);
}

void confirmation_show(const struct invocation *invocation, const char *device,
		       const struct device_mode *mode, json_t *devices)
{
	char text[DEVICE_MODE_TEXT_SIZE];

	device_mode_format(mode, text);
	if (devices)
		json_array_append_new(devices, json_pack("{s:s, s:s, s:o}", "device",
							 device_text(device).text, "mode",
							 mode_name(mode->in_force), "confirmation",
							 confirmation_json(mode)));
	else if (!invocation->quiet)
		printf("%s: %s\n", device_text(device).text, text);
}
