/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the readers of the servers' formats share. */
#ifndef SIPGUARD_USER_REGISTRATIONS_READER_H
#define SIPGUARD_USER_REGISTRATIONS_READER_H

#include "registrations/registrations.h"

/* A piece of the text that is read, without a terminator. NULL: it is not there. */
struct piece {
	const char *bytes;
	size_t length;
};

/* One contact as a server describes it. `received` is a URI, or an address alone. */
struct contact {
	struct piece user;
	struct piece uri;
	struct piece received;
	struct piece agent;
	bool ended; /* the server still lists it, and the registration is over */
};

/*
 * Adds what is known of a contact, and empties it but for the user. A contact without a URI is
 * none. -ENOMEM.
 */
int contact_finish(struct contact *contact, struct registrations *out, struct error *error);

/* Words with which a server says that it does not know: "[not set]", "<null>", "n/a". */
bool piece_is_known(const struct piece *piece);

/*
 * Each tells by the return value whether the text is of its format: 1, 0, or a negative errno with
 * the error filled in.
 */
int json_registrations(const char *text, size_t size, struct registrations *out,
		       struct error *error);
int labelled_registrations(const char *text, size_t size, struct registrations *out,
			   struct error *error);
int asterisk_registrations(const char *text, size_t size, struct registrations *out,
			   struct error *error);

#endif
