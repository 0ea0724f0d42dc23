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
#include "policy/device_mode.h"
#include "policy/entry.h"
#include "progress.h"
#include "sipguard/abi.h"

/* The maps of one generation of the allowlist; policy_discard() releases them. */
struct policy_generation {
	uint32_t slot;
	int trie4;
	int trie6;
	int hit_rows;
	struct sg_generation made;
};

#define POLICY_GENERATION_NONE ((struct policy_generation){0, -1, -1, -1, {}})

struct policy {
	int settings;
	int ports;
	int filter;
	int allow4;
	int allow6;
	int hits;
	int recents;
	/* The generation that was in force when the policy was opened. */
	int trie4;
	int trie6;
	int hit_rows;
	/* The other one, while one of the two is to be confirmed, or was not. */
	struct policy_generation other;
	/* Its maps are pinned, and so will be those of later generations. */
	bool pinned;
};

#define POLICY_CLOSED \
	((struct policy){-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, POLICY_GENERATION_NONE, false})

static inline bool policy_is_open(const struct policy *policy)
{
	return policy->settings >= 0;
}

/* Entries of each family that a generation has room for at least, and that any can have. */
#define POLICY_CAPACITY_MIN 16384
#define POLICY_CAPACITY_MAX 4194304

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

/*
 * Creates the maps, not pinned yet, with these entries and ports in force. `capacity` is the room
 * for entries of each family; 0 chooses one that leaves room to grow.
 */
int policy_create(struct policy *policy, uint32_t capacity, const struct entry_list *entries,
		  const struct sg_ports *ports, const struct progress *progress,
		  struct error *error);

/*
 * Opens the pinned maps. -ENOENT when there are none, -EPROTO when another version of sipguard made
 * them.
 */
int policy_open(struct policy *policy, struct error *error);

/* Pins all maps, or none. */
int policy_pin(struct policy *policy, struct error *error);

/* Removes the pins; the maps live on as long as a program uses them. */
int policy_unpin(struct error *error);

void policy_close(struct policy *policy);

/*
 * Adds the entry or overwrites the one of its prefix, whose hit counter goes on. -ENOSPC when the
 * generation has no room, and has nothing of the entry then: a new generation has.
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

/*
 * Whether an entry decides about this host now, and which, without its label. For many hosts: it
 * reads no hit counters.
 */
bool policy_decide(const struct policy *policy, const struct prefix *host, struct entry *entry);

/*
 * Hosts that entries without an end have let in. The program remembers about 4,000 of them on each
 * CPU, so the list is of a limited length and may lack some; a host may stand in it more than once.
 */
struct policy_caller {
	struct prefix host;
	int64_t last_seen; /* seconds of Unix time */
};

/* The caller frees `callers`. */
struct policy_callers {
	struct policy_caller *callers;
	size_t count;
};

/* Those who called at `since` or later, in seconds of Unix time. */
int policy_callers(const struct policy *policy, int64_t since, struct policy_callers *list,
		   struct error *error);

int policy_ports(const struct policy *policy, struct sg_ports *ports, struct error *error);
int policy_set_ports(const struct policy *policy, const struct sg_ports *ports,
		     struct error *error);

/* What is in the generation in force, and the room it has. */
struct policy_fill {
	uint32_t entries4;
	uint32_t entries6;
	uint32_t capacity; /* of each family */
	uint32_t limit;	   /* as policy_set_limit() has it */
	uint64_t memory;   /* bytes, as far as the kernel accounts for them: it takes more */
};
int policy_fill(const struct policy *policy, struct policy_fill *fill, struct error *error);

/*
 * The same of the pinned policy, for which being allowed to read its settings is enough; the memory
 * stays 0. Fails as policy_open() does.
 */
struct policy_trial;
int policy_observe(struct policy_fill *fill, struct policy_trial *trial, struct error *error);

/*
 * The most entries of each family that later generations may have; 0: POLICY_CAPACITY_MAX. -ENOSPC
 * of policy_build() says that there would be more.
 */
int policy_set_limit(const struct policy *policy, uint32_t limit, struct error *error);

/*
 * The whole list at once: a complete generation is built aside and checked, and takes the place of
 * the one in force with a single store. Hit counters of entries that stay go on.
 *
 * policy_switch() turns `policy` to the new generation and releases the old one when no packet can
 * meet it any more. Whoever does not switch discards. After a switch another policy that is open on
 * the same pins still edits the old generation: that is what the writers' lock is for.
 */
int policy_build(const struct policy *policy, const struct entry_list *entries,
		 const struct progress *progress, struct policy_generation *generation,
		 struct error *error);
int policy_switch(struct policy *policy, struct policy_generation *generation, struct error *error);
void policy_discard(struct policy_generation *generation);

/*
 * A trial: like policy_switch(), but the former generation stays complete, and comes back after so
 * many seconds, in the kernel, unless policy_confirm() is called before.
 *
 * Until it is confirmed, or policy_end_trial() has cleared up behind one that was not, entries
 * cannot be changed: policy_put(), policy_delete() and policy_build() fail with -EBUSY
 * (EXIT_CONFLICT). Whoever opens a policy to change it calls policy_end_trial() first; it does
 * nothing while there is time left.
 */
struct policy_trial {
	enum confirmation state; /* CONFIRMATION_MISSED: the former generation is in force */
	int64_t seconds_left;	 /* rounded up */
	uint64_t ends;		 /* CLOCK_BOOTTIME, in nanoseconds; 0: there is no trial */
};

int policy_try(struct policy *policy, struct policy_generation *generation, int64_t seconds,
	       struct error *error);
int policy_confirm(struct policy *policy, struct policy_trial *found, struct error *error);
int policy_end_trial(struct policy *policy, struct error *error);
/* -EBUSY while one lasts. */
int policy_refuse_trial(const struct policy *policy, struct error *error);
/* Ends a trial before its time: the former generation is in force. */
int policy_give_up(struct policy *policy, struct error *error);
int policy_trial(const struct policy *policy, struct policy_trial *trial, struct error *error);

#endif
