// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/attach_mode.h"

#include <string.h>

const char *attach_mode_name(enum attach_mode mode)
{
	static const char *const names[] = {
		[ATTACH_NATIVE] = "native",
		[ATTACH_GENERIC] = "generic",
		[ATTACH_AUTO] = "auto",
	};

	return names[mode];
}

bool attach_mode_parse(const char *word, enum attach_mode *mode)
{
	for (enum attach_mode known = ATTACH_NATIVE; known <= ATTACH_AUTO; known++) {
		if (!strcmp(word, attach_mode_name(known))) {
			*mode = known;
			return true;
		}
	}
	return false;
}
