/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy in the kernel: the allowlist, its hit counters and the guarded ports, shared by all
 * guards.
 *
 * A struct policy owns its descriptors; policy_close() releases them and leaves pinned maps as they
 * are. One writer at a time is the caller's business (store/lock.h); readers need no lock.
 */
#ifndef SIPGUARD_USER_KERNEL_POLICY_H
#define SIPGUARD_USER_KERNEL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "policy/entry.h"
#include "sipguard/abi.h"

struct policy {
	int settings;
	int ports;
	int allow4;
	int allow6;
	int hits;
	int free_ids;
	/* The tries in the slot that was active when the policy was opened. */
	int trie4;
	int trie6;
};

#define POLICY_CLOSED ((struct policy){-1, -1, -1, -1, -1, -1, -1, -1})

/* Entries of each family that a policy holds unless told otherwise. */
#define POLICY_CAPACITY_DEFAULT 16384

/* An entry as the kernel has it, with what it has done. */
struct policy_entry {
	struct prefix prefix;
	uint8_t verdict; /* enum sg_entry_verdict */
	bool expired;
	int64_t until; /* seconds of Unix time; 0: never */
	uint64_t packets;
	int64_t last_seen; /* seconds of Unix time; 0: never */
};

/* The caller frees `entries`. */
struct policy_entries {
	struct policy_entry *entries;
	size_t count;
};

/* Creates the maps, not pinned yet, with these entries and ports in force. */
int policy_create(struct policy *policy, uint32_t capacity, const struct entry_list *entries,
		  const struct sg_ports *ports, struct error *error);

/*
 * Opens the pinned maps. -ENOENT when there are none, -EPROTO when another version of sipguard made
 * them.
 */
int policy_open(struct policy *policy, struct error *error);

/* Pins all maps, or none. */
int policy_pin(const struct policy *policy, struct error *error);

/* Removes the pins; the maps live on as long as a program uses them. */
int policy_unpin(struct error *error);

void policy_close(struct policy *policy);

/*
 * Exchanges the hit counters of an open policy for a map without room: for asking without a
 * trace.
 */
int policy_stop_counting(struct policy *policy, struct error *error);

/*
 * Adds the entry or overwrites the one of its prefix, whose hit counter goes on. -ENOSPC when the
 * policy is full.
 */
int policy_put(const struct policy *policy, const struct entry *entry, struct error *error);

/* Removes the entry; one that is not there is no error. */
int policy_delete(const struct policy *policy, const struct prefix *prefix, struct error *error);

/* Whether there is an entry of exactly this prefix, expired or not. */
bool policy_has(const struct policy *policy, const struct prefix *prefix);

/* All entries, sorted by prefix_compare(). */
int policy_list(const struct policy *policy, struct policy_entries *list, struct error *error);

/*
 * The entries that cover this host, the longest first, expired ones included: what a lookup steps
 * through.
 */
int policy_matches(const struct policy *policy, const struct prefix *host,
		   struct policy_entries *list, struct error *error);

int policy_ports(const struct policy *policy, struct sg_ports *ports, struct error *error);
int policy_set_ports(const struct policy *policy, const struct sg_ports *ports,
		     struct error *error);

/* The most entries of each family. */
int policy_capacity(const struct policy *policy, uint32_t *capacity, struct error *error);

#endif
