/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registrations as a list file (policy/list_file.h) for an administrator to review, one line for
 * each address. Pure.
 *
 * An address that the server received a registration from is an entry. Behind a # stand those that
 * a Contact alone or a text that can be forged names, and those that an entry in force allows or
 * denies already.
 */
#ifndef SIPGUARD_USER_REGISTRATIONS_REVIEW_LIST_H
#define SIPGUARD_USER_REGISTRATIONS_REVIEW_LIST_H

#include <stdint.h>
#include <stdio.h>

#include "policy/entry.h"
#include "registrations/registrations.h"
#include "traffic/talkers.h"

/* An address with all registrations from it. */
struct registered_address {
	struct prefix source;
	bool received;
	const struct registration *registrations; /* `count` of them, side by side */
	size_t count;
	/* SG_REASON_NOT_ALLOWED until the caller has asked the policy. */
	struct standing standing;
};

struct review_list {
	const char *server;
	const char *better;		      /* as of the registrations */
	struct registered_address *addresses; /* owned, in the order of addresses */
	size_t count;
	size_t unusable;
};

/*
 * Groups the registrations, which are sorted for that and must outlive the list. With
 * `contacts_received` the administrator states that the server writes the received address into the
 * Contact, which says nothing about a text that can be forged. review_list_clear() releases the
 * list. -ENOMEM.
 */
int review_list_make(struct registrations *registrations, bool contacts_received,
		     struct review_list *list, struct error *error);
void review_list_clear(struct review_list *list);

/* "registered: 1001 1002, Example Phone 3" */
void registered_address_label(const struct registered_address *address,
			      char label[static LABEL_BYTES_MAX + 1]);

/* How many addresses are entries in the list. */
size_t review_list_entries(const struct review_list *list);

/* `now` is Unix time. Errors of the stream are left to the caller. */
void review_list_write(FILE *stream, const struct review_list *list, int64_t now);

#endif
