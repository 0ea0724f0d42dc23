/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The policy as the tool keeps it in its files: entries given on the command line, those given for
 * the time until the next reboot, those that the administrator's files declared when they were
 * applied last, and the guarded ports. What is in force is the runtime entry of a prefix, or else
 * the persistent one, or else the declared one.
 */
#ifndef SIPGUARD_USER_STORE_STATE_H
#define SIPGUARD_USER_STORE_STATE_H

#include <stdbool.h>

#include "error.h"
#include "policy/entry.h"
#include "sipguard/abi.h"
#include "store/file_names.h"
#include "store/sealed_file.h"

/* The files in STATE that hold what outlives a reboot. */
#define STATE_ENTRIES  "entries.list"
#define STATE_DECLARED "declared.list"
#define STATE_PORTS    "ports"

/* Room for the words of the command that changed the policy. */
#define STATE_CAUSE_SIZE 160

struct state {
	struct entry_list persistent;
	struct entry_list runtime;
	struct entry_list declared;
	struct file_names files; /* in which the declared ones stand */
	struct sg_ports ports;
	/*
	 * Loaded in part: of the persistent and the declared entries these are some, and all the
	 * others are as the files have them. `text` is that of the persistent ones, owned; NULL in
	 * a state that was made of another.
	 */
	bool partial;
	/* The files are damaged, and this is what the kernel has: the next state writes them all.
	 */
	bool unreadable;
	char *text;
	size_t text_size;
};

/*
 * Missing files are empty lists and the default ports; a damaged one fails the whole. state_clear()
 * releases it.
 */
int state_load(struct state *state, struct error *error);

/*
 * The same, but of the persistent and declared entries only those of these prefixes: to add a few
 * to many. No persistent entry can be removed from such a state, and only what was loaded is found
 * in it.
 */
int state_load_part(struct state *state, const struct entry_list *prefixes, struct error *error);

/* The runtime entries alone, into a state that has none. */
int state_load_runtime(struct state *state, struct error *error);

/*
 * A copy of the files that somebody kept in a directory of STATE, such as "versions/7/". There are
 * no runtime entries in it.
 */
int state_load_copy(const char *directory, struct state *state, struct error *error);

/* Whether two states, loaded whole, are the same in all that outlives a reboot. */
bool state_lasting_equal(const struct state *left, const struct state *right);

int state_copy(const struct state *from, struct state *to, struct error *error);
void state_clear(struct state *state);

/*
 * Gives entries without a label the one that their prefix has now. It stays the state's, which must
 * outlive the entries.
 */
void state_inherit_labels(const struct state *state, struct entry_list *entries);

/*
 * Makes the next state. state_put() adds entries or overwrites those of their prefixes;
 * state_replace() has them as the only persistent ones. A persistent entry takes the place of a
 * runtime one. state_declare() has them as the only declared ones, which stand in these files; an
 * entry of another kind that says the same, or ends earlier and says the same till then, is the
 * file's from then on.
 */
int state_put(const struct state *old, const struct entry_list *entries, bool runtime,
	      struct state *new, struct error *error);
int state_replace(const struct state *old, const struct entry_list *entries, struct state *new,
		  struct error *error);
int state_declare(const struct state *old, const struct entry_list *entries,
		  const struct file_names *files, struct state *new, struct error *error);

/*
 * Gives a state that has none the runtime entries of another, but for those that say what stands
 * behind them and end before it.
 */
int state_keep_runtime(const struct state *old, struct state *new, struct error *error);

/* The entry in force for exactly this prefix, or NULL; expired ones included. */
const struct entry *state_find(const struct state *state, const struct prefix *prefix);

/* The same without expired ones: one of another kind may stand behind it. */
const struct entry *state_find_in_force(const struct state *state, const struct prefix *prefix,
					int64_t now);

/*
 * All entries in force at `now`, without those that have expired, and without their labels, which
 * the kernel does not have. entry_list_clear() releases the list.
 */
int state_effective(const struct state *state, int64_t now, struct entry_list *list,
		    struct error *error);

/* The same with their labels. Not of a state that was loaded in part. */
int state_in_force(const struct state *state, int64_t now, struct entry_list *list,
		   struct error *error);

/* Whether any entry in force at `now` allows a source. */
bool state_allows_any(const struct state *state, int64_t now);

/*
 * Changing the files is two steps, so that the kernel can be changed in between: the drafts hold
 * the new state on the disk, the commit puts it in place. Only what differs from `old` is written.
 *
 * Several files change together by a commit record, STATE/commit: as long as it stands, a draft
 * counts in place of its file. So who reads has the old state or the new one, and
 * state_finish_commit() completes what a command that was killed had decided.
 */
struct state_drafts {
	struct sealed_draft persistent;
	struct sealed_draft declared;
	struct sealed_draft runtime;
	struct sealed_draft ports;
};

int state_draft(struct state_drafts *drafts, const struct state *old, const struct state *new,
		struct error *error);
int state_commit(struct state_drafts *drafts, struct error *error);
void state_discard(struct state_drafts *drafts);
int state_finish_commit(struct error *error);

/*
 * Whether a command that was killed has left drafts that were not decided: then the kernel may have
 * what the files do not say, or the other way round. state_finish_commit() comes before.
 */
bool state_has_drafts(void);
void state_remove_drafts(void);

/*
 * A state on trial: its drafts wait beside the files, and STATE/trial, with the words of the
 * command that made them, says that they do. state_decide_trial() makes them count, as a commit
 * record does: the decision stands, whoever is killed, until state_end_trial() has cleared up. That
 * puts the drafts in their places, or removes them when they are not to be kept.
 *
 * state_begin_trial() leaves the drafts to the trial, and on failure to the caller.
 */
int state_begin_trial(struct state_drafts *drafts, const char *cause, struct error *error);
/* Whether there is one; `cause` is NULL or has STATE_CAUSE_SIZE. */
bool state_on_trial(char *cause);
int state_decide_trial(struct error *error);
bool state_trial_is_decided(void);
int state_end_trial(bool keep, struct error *error);

/* Forgets the runtime entries, which live no longer than the guards. */
int state_forget_runtime(struct error *error);

#endif
