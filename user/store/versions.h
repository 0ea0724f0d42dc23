/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Versions of the policy: what the files of the state were after each change, STATE/versions/N.
 *
 * The tool's files are never written in place, so a version is hard links to them and a line about
 * its cause: to keep one takes as long for a million entries as for ten. The newest is what the
 * files are now, unless it could not be kept. There are VERSIONS_MAX at most, and what goes first
 * are single edits that are not among the newest. A version that is lost is no harm to the policy,
 * so nothing waits for the disk.
 */
#ifndef SIPGUARD_USER_STORE_VERSIONS_H
#define SIPGUARD_USER_STORE_VERSIONS_H

#include <stdint.h>

#include "error.h"
#include "store/state.h"

#define VERSIONS_MAX 20
/* So many of the newest stay, whatever made them. */
#define VERSIONS_NEWEST 10

struct version {
	unsigned int number;
	int64_t time;		      /* when it came into force; 0: not known */
	char cause[STATE_CAUSE_SIZE]; /* the words of the command; printable */
	bool current;		      /* it is what the files are now */
};

/* The oldest first; versions_clear() releases them. None is no error. */
struct versions {
	struct version *versions;
	size_t count;
};

int versions_list(struct versions *versions, struct error *error);
void versions_clear(struct versions *versions);

/* 0: there is none. */
int versions_newest(unsigned int *number, struct error *error);

/* STATE/versions/NUMBER/NAME; without a name the folder itself. */
void versions_path(unsigned int number, const char *name, char path[static STORE_PATH_SIZE]);

/* -ENOENT (EXIT_ABSENT): there is no such version. */
int versions_load(unsigned int number, struct state *state, struct error *error);

/*
 * Makes the newest version of the files as they are, unless it is that already. The caller holds
 * the writers' lock.
 */
int versions_keep(const char *cause, int64_t now, struct error *error);

/* Which of more than VERSIONS_MAX is to go. */
size_t versions_least(const struct versions *versions);

#endif
