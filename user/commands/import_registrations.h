/* SPDX-License-Identifier: GPL-2.0-or-later */
/* import registrations: the addresses of those who are registered now, as a list to review */
#ifndef SIPGUARD_USER_COMMANDS_IMPORT_REGISTRATIONS_H
#define SIPGUARD_USER_COMMANDS_IMPORT_REGISTRATIONS_H

#include "commands/command.h"

struct registrations_request {
	const char *file; /* "-": standard input */
	const char *list; /* file that the list is written to; NULL: standard output */
	bool force;	  /* replace `list` */
	bool contacts_received;
};

/* Changes no policy: the answer is the list. */
int import_registrations(const struct invocation *invocation,
			 const struct registrations_request *request, struct error *error);

#endif
