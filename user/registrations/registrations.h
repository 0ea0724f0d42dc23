/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is registered at a SIP server, read from what the server's own command prints. Pure.
 *
 *	Kamailio    kamctl ul show; kamcmd ul.dump              JSON or text
 *	OpenSIPS    opensips-cli -x mi ul_dump; opensipsctl ul show   JSON or text
 *	Asterisk    asterisk -rx 'pjsip show contacts'          text
 *	FreeSWITCH  fs_cli -x 'sofia status profile NAME reg'   text
 *	            fs_cli -x 'show registrations as json'      JSON
 *
 * A server knows two addresses of a peer: the one that the REGISTER came from, and the one that the
 * peer wrote into its Contact. Only the former is an observation; a peer can write any address into
 * the latter.
 *
 * Text with a label on each line can be forged: Kamailio prints a folded User-Agent header (RFC
 * 3261, section 7.3.1) with its line breaks, and so a phone can add lines, or whole contacts, of
 *its own. No address of such text counts as received. JSON escapes line breaks, and a URI of
 *Asterisk has none.
 */
#ifndef SIPGUARD_USER_REGISTRATIONS_REGISTRATIONS_H
#define SIPGUARD_USER_REGISTRATIONS_REGISTRATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "policy/prefix.h"

#define REGISTRATIONS_SIZE_MAX (64U << 20)

struct registration {
	struct prefix source; /* a host */
	bool received;	      /* the server saw this source; otherwise the Contact alone names it */
	char *user;	      /* bytes of the peer's choice; NULL: not known */
	char *agent;	      /* likewise */
};

/* A zeroed struct is empty; it owns its strings. registrations_clear() releases it. */
struct registrations {
	const char *server; /* "Kamailio" */
	/* The text can be forged, and this command prints what cannot be; otherwise NULL. */
	const char *better;
	struct registration *items;
	size_t count;
	size_t allocated;
	/* Contacts left out: their host is a name, or no address that a packet can come from. */
	size_t unusable;
};

/*
 * Reads hostile text into an empty struct. -EINVAL when it is not the output of one of the commands
 * above; a server at which nobody is registered is a success without items. `name` is the file's,
 * for messages.
 */
int registrations_read(const char *name, const char *text, size_t size, struct registrations *out,
		       struct error *error);
void registrations_clear(struct registrations *registrations);

#endif
