/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the program sits on a device, and the words for it. Pure. */
#ifndef SIPGUARD_USER_POLICY_ATTACH_MODE_H
#define SIPGUARD_USER_POLICY_ATTACH_MODE_H

#include <stdbool.h>

enum attach_mode {
	ATTACH_NATIVE,	/* in the driver */
	ATTACH_GENERIC, /* in the network stack: any device, slower */
	ATTACH_AUTO,	/* a request only: native, or else generic */
};

/* "native", "generic", "auto" */
const char *attach_mode_name(enum attach_mode mode);

/* False, and nothing changed, when the word is none of them. */
bool attach_mode_parse(const char *word, enum attach_mode *mode);

#endif
