// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"
#include "policy/ports.h"
#include "store/lock.h"
#include "store/state.h"

TestSuite(store, .init = folders_make, .fini = folders_remove);

static void draft_sealed(struct sealed_draft *draft, const char *path, const char *text)
{
	struct error error;

	cr_assert_eq(sealed_file_begin(draft, path, &error), 0, "%s", error.message);
	fputs(text, draft->stream);
	cr_assert_eq(sealed_file_seal(draft, &error), 0, "%s", error.message);
}

static void write_sealed(const char *path, const char *text)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft draft = {};
	struct error error;

	draft_sealed(&draft, path, text);
	cr_assert_eq(sealed_file_commit(&draft, &error), 0, "%s", error.message);
}

static int read_sealed(const char *path, char **text, struct error *error)
{
	size_t size;

	return sealed_file_read(path, text, &size, error);
}

Test(store, a_sealed_file_reads_back_what_was_written)
{
	struct error error;
	char path[96], *text;

	snprintf(path, sizeof(path), "%s/file", folders_root);
	cr_assert_eq(read_sealed(path, &text, &error), -ENOENT);
	write_sealed(path, "first\n");
	write_sealed(path, "second\n");
	cr_assert_eq(read_sealed(path, &text, &error), 0);
	cr_assert_str_eq(text, "second\n");
	free(text);
}

Test(store, a_draft_that_is_not_committed_changes_nothing)
{
	struct sealed_draft draft = {};
	struct error error;
	char path[96], *text;

	snprintf(path, sizeof(path), "%s/file", folders_root);
	write_sealed(path, "old\n");
	draft_sealed(&draft, path, "new\n");
	cr_assert(sealed_file_has_draft(path));
	sealed_file_discard(&draft);
	cr_assert_not(sealed_file_has_draft(path));
	cr_assert_eq(read_sealed(path, &text, &error), 0);
	cr_assert_str_eq(text, "old\n");
	free(text);
	strcat(path, ".new");
	cr_assert_lt(access(path, F_OK), 0);
}

Test(store, a_draft_that_does_not_get_onto_the_disk_is_refused_and_leaves_nothing)
{
	struct rlimit limit, small = {.rlim_cur = 1000, .rlim_max = RLIM_INFINITY};
	struct sealed_draft draft = {};
	struct error error;
	char path[96];

	snprintf(path, sizeof(path), "%s/file", folders_root);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	small.rlim_max = limit.rlim_max;
	/* Room for all but the seal, and for less than a buffer. */
	for (int size = 999; size < 1000000; size *= 200) {
		cr_assert_eq(sealed_file_begin(&draft, path, &error), 0);
		setrlimit(RLIMIT_FSIZE, &small);
		fprintf(draft.stream, "%*d", size, size);
		cr_assert_lt(sealed_file_seal(&draft, &error), 0);
		setrlimit(RLIMIT_FSIZE, &limit);
		cr_assert_eq(error.status, EXIT_SYSTEM);
		sealed_file_discard(&draft);
		cr_assert_not(sealed_file_has_draft(path));
	}
}

static size_t load_raw(const char *path, char *bytes, size_t size)
{
	int file = open(path, O_RDONLY);
	ssize_t length = read(file, bytes, size);

	close(file);
	return (size_t)length;
}

static void store_raw(const char *path, const char *bytes, size_t size)
{
	int file = open(path, O_WRONLY | O_TRUNC);

	cr_assert_eq(write(file, bytes, size), (ssize_t)size);
	close(file);
}

Test(store, a_file_torn_anywhere_or_with_any_byte_changed_is_refused)
{
	char path[96], whole[64], *text;
	struct error error;
	size_t size;

	snprintf(path, sizeof(path), "%s/file", folders_root);
	write_sealed(path, "203.0.113.7\n");
	size = load_raw(path, whole, sizeof(whole));
	for (size_t cut = 0; cut < size; cut++) {
		store_raw(path, whole, cut);
		cr_assert_eq(read_sealed(path, &text, &error), -EBADMSG, "cut at %zu", cut);
		store_raw(path, whole, size);
		whole[cut] ^= 1;
		store_raw(path, whole, size);
		whole[cut] ^= 1;
		cr_assert_eq(read_sealed(path, &text, &error), -EBADMSG, "changed at %zu", cut);
		cr_assert_eq(error.status, EXIT_SYSTEM);
		cr_assert_neq(error.hint[0], '\0');
	}
}

static struct entry host(uint8_t last, uint8_t verdict, int64_t until)
{
	return (struct entry){
		.prefix = {.family = SG_FAMILY_IPV4, .length = 32, .address = {10, 0, 0, last}},
		.verdict = verdict,
		.until = until,
	};
}

static void put(struct entry_list *list, struct entry entry)
{
	struct error error;

	cr_assert_eq(entry_list_put(list, &entry, &error), 0);
}

static void save(const struct state *old, const struct state *new)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	struct error error;
	int lock = lock_acquire(&error);

	cr_assert_geq(lock, 0, "%s", error.message);
	cr_assert_eq(state_draft(&drafts, old, new, &error), 0, "%s", error.message);
	cr_assert_eq(state_commit(&drafts, &error), 0, "%s", error.message);
	close(lock);
}

Test(store, without_files_the_lists_are_empty_and_the_ports_the_default)
{
	struct state state = {};
	struct sg_ports ports;
	struct error error;

	ports_default(&ports);
	cr_assert_eq(state_load(&state, &error), 0);
	cr_assert_eq(state.persistent.count + state.runtime.count, 0);
	cr_assert(ports_equal(&state.ports, &ports));
	cr_assert_not(state_allows_any(&state, 0));
}

Test(store, the_state_survives_in_its_files)
{
	struct state old = {}, new = {}, loaded = {};
	struct port port = {.table = SG_PORTS_TCP, .number = 65535};
	struct error error;

	put(&new.persistent, host(1, SG_ENTRY_ALLOW, 0));
	put(&new.runtime, host(2, SG_ENTRY_DENY, 1900000000));
	ports_add(&new.ports, &port);
	save(&old, &new);
	cr_assert_eq(state_load(&loaded, &error), 0, "%s", error.message);
	cr_assert(entry_equal(&loaded.persistent.entries[0], &new.persistent.entries[0]));
	cr_assert(entry_equal(&loaded.runtime.entries[0], &new.runtime.entries[0]));
	cr_assert(ports_equal(&loaded.ports, &new.ports));

	cr_assert_eq(state_forget_runtime(&error), 0);
	state_clear(&loaded);
	cr_assert_eq(state_load(&loaded, &error), 0);
	cr_assert_eq(loaded.runtime.count, 0);
	cr_assert_eq(loaded.persistent.count, 1);
	state_clear(&loaded);
	state_clear(&new);
}

Test(store, entries_are_put_into_a_state_that_is_loaded_in_part)
{
	struct state empty = {}, many = {}, part = {}, next = {}, loaded = {};
	struct entry_list added = {}, effective = {};
	struct error error;

	ports_default(&many.ports);
	for (uint8_t last = 1; last < 100; last++)
		put(&many.persistent, host(last, SG_ENTRY_ALLOW, 0));
	put(&many.runtime, host(50, SG_ENTRY_ALLOW, 0));
	save(&empty, &many);
	put(&added, host(50, SG_ENTRY_DENY, 0));
	put(&added, host(200, SG_ENTRY_ALLOW, 0));

	cr_assert_eq(state_load_part(&part, &added, &error), 0, "%s", error.message);
	cr_assert_eq(part.persistent.count, 1);
	cr_assert_eq(state_put(&part, &added, false, &next, &error), 0);
	cr_assert_eq(state_effective(&next, 0, &effective, &error), 0);
	cr_assert_eq(effective.count, 100);
	cr_assert_eq(effective.entries[49].verdict, SG_ENTRY_DENY);
	save(&part, &next);
	cr_assert_eq(state_load(&loaded, &error), 0, "%s", error.message);
	cr_assert_eq(loaded.persistent.count, 100);
	cr_assert_eq(loaded.persistent.entries[49].verdict, SG_ENTRY_DENY);
	cr_assert_eq(loaded.persistent.entries[99].prefix.address[3], 200);
	cr_assert_eq(loaded.runtime.count, 0);
	entry_list_clear(&added);
	entry_list_clear(&effective);
	state_clear(&many);
	state_clear(&part);
	state_clear(&next);
	state_clear(&loaded);
}

Test(store, a_state_in_part_of_no_file_makes_one)
{
	struct state part = {}, next = {}, loaded = {};
	struct entry_list added = {};
	struct error error;

	put(&added, host(7, SG_ENTRY_ALLOW, 0));
	cr_assert_eq(state_load_part(&part, &added, &error), 0);
	cr_assert_eq(state_put(&part, &added, false, &next, &error), 0);
	save(&part, &next);
	cr_assert_eq(state_load(&loaded, &error), 0, "%s", error.message);
	cr_assert_eq(loaded.persistent.count, 1);
	entry_list_clear(&added);
	state_clear(&part);
	state_clear(&next);
	state_clear(&loaded);
}

Test(store, replacing_leaves_runtime_entries_of_other_prefixes)
{
	struct state old = {}, new = {};
	struct entry_list list = {};
	struct error error;

	put(&old.persistent, host(1, SG_ENTRY_ALLOW, 0));
	put(&old.runtime, host(2, SG_ENTRY_ALLOW, 0));
	put(&old.runtime, host(3, SG_ENTRY_ALLOW, 0));
	put(&list, host(3, SG_ENTRY_DENY, 0));
	cr_assert_eq(state_replace(&old, &list, &new, &error), 0);
	cr_assert_eq(new.persistent.count, 1);
	cr_assert_eq(new.persistent.entries[0].prefix.address[3], 3);
	cr_assert_eq(new.runtime.count, 1);
	cr_assert_eq(new.runtime.entries[0].prefix.address[3], 2);
	entry_list_clear(&list);
	state_clear(&old);
	state_clear(&new);
}

Test(store, drafts_that_a_killed_command_left_are_seen_and_removed)
{
	struct state old = {}, new = {};
	struct state_drafts drafts = {};
	struct error error;
	int lock = lock_acquire(&error);

	cr_assert_not(state_has_drafts());
	put(&new.runtime, host(1, SG_ENTRY_ALLOW, 0));
	cr_assert_eq(state_draft(&drafts, &old, &new, &error), 0, "%s", error.message);
	cr_assert(state_has_drafts());
	state_remove_drafts();
	cr_assert_not(state_has_drafts());
	close(lock);
	state_clear(&new);
}

/* A change of all three files, up to the drafts. */
static void draft_everything(struct state *new, struct state_drafts *drafts)
{
	struct port port = {.table = SG_PORTS_UDP, .number = 5080};
	struct state old = {};
	struct error error;

	ports_default(&old.ports);
	put(&new->persistent, host(1, SG_ENTRY_ALLOW, 0));
	put(&new->runtime, host(2, SG_ENTRY_ALLOW, 0));
	ports_add(&new->ports, &port);
	cr_assert_eq(store_directories_make(&error), 0, "%s", error.message);
	cr_assert_eq(state_draft(drafts, &old, new, &error), 0, "%s", error.message);
}

/* Whether the files say everything that draft_everything() made, or nothing of it. */
static bool is_new(void)
{
	struct state state = {};
	struct sg_ports ports;
	struct error error;
	bool new;

	ports_default(&ports);
	cr_assert_eq(state_load(&state, &error), 0, "%s", error.message);
	new = state.persistent.count;
	cr_assert_eq(state.runtime.count, new);
	cr_assert_neq(ports_equal(&state.ports, &ports), new);
	state_clear(&state);
	return new;
}

static void path_of(char path[static 96], const char *name)
{
	snprintf(path, 96, "%s/%s", folders_root, name);
}

Test(store, several_files_change_together)
{
	struct state_drafts drafts = {};
	struct state new = {};
	struct error error;
	char path[96];

	draft_everything(&new, &drafts);
	cr_assert_not(is_new());
	/* A command that is killed behind its decision, and behind the first of its files. */
	path_of(path, "state/commit");
	write_sealed(path, "\n");
	cr_assert(is_new());
	cr_assert_eq(sealed_file_commit(&drafts.persistent, &error), 0);
	cr_assert(is_new());
	cr_assert_eq(state_finish_commit(&error), 0, "%s", error.message);
	cr_assert(is_new());
	cr_assert_not(state_has_drafts());
	cr_assert_eq(access(path, F_OK), -1);
	state_clear(&new);
}

Test(store, what_is_decided_is_completed_later_when_it_cannot_be_now)
{
	struct state_drafts drafts = {};
	struct state new = {};
	struct error error;
	char path[96];

	draft_everything(&new, &drafts);
	path_of(path, "run/runtime.list");
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(state_commit(&drafts, &error), 0, "%s", error.message);
	state_discard(&drafts);
	cr_assert(is_new());
	cr_assert_neq(state_finish_commit(&error), 0);
	cr_assert(is_new());
	cr_assert_eq(rmdir(path), 0);
	cr_assert_eq(state_finish_commit(&error), 0, "%s", error.message);
	cr_assert(is_new());
	cr_assert_not(state_has_drafts());
	state_clear(&new);
}

Test(store, nothing_is_decided_when_the_first_file_cannot_be_replaced)
{
	struct state_drafts drafts = {};
	struct state new = {};
	struct error error;
	char path[96];

	draft_everything(&new, &drafts);
	path_of(path, "state/entries.list");
	cr_assert_eq(mkdir(path, 0700), 0);
	cr_assert_eq(state_commit(&drafts, &error), -EISDIR);
	cr_assert(strstr(error.message, "entries.list"));
	state_discard(&drafts);
	cr_assert_eq(rmdir(path), 0);
	cr_assert_not(is_new());
	cr_assert_not(state_has_drafts());
	path_of(path, "state/commit");
	cr_assert_eq(access(path, F_OK), -1);
	state_clear(&new);
}

Test(store, a_runtime_entry_is_in_force_before_a_persistent_one_and_expired_ones_are_not)
{
	struct entry_list effective = {};
	struct state state = {};
	struct error error;

	put(&state.persistent, host(1, SG_ENTRY_ALLOW, 0));
	put(&state.persistent, host(2, SG_ENTRY_ALLOW, 100));
	put(&state.persistent, host(3, SG_ENTRY_ALLOW, 300));
	put(&state.runtime, host(1, SG_ENTRY_DENY, 0));
	put(&state.runtime, host(4, SG_ENTRY_DENY, 0));
	cr_assert_eq(state_effective(&state, 200, &effective, &error), 0);
	cr_assert_eq(effective.count, 3);
	cr_assert_eq(effective.entries[0].verdict, SG_ENTRY_DENY);
	cr_assert_eq(effective.entries[1].prefix.address[3], 3);
	cr_assert_eq(effective.entries[2].prefix.address[3], 4);
	cr_assert(state_allows_any(&state, 200));
	cr_assert_not(state_allows_any(&state, 300));
	entry_list_clear(&effective);
	state_clear(&state);
}

Test(store, of_three_origins_the_command_line_is_above_the_files_and_runtime_above_both)
{
	struct entry_list effective = {};
	struct state state = {};
	struct error error;

	for (uint8_t last = 1; last <= 4; last++)
		put(&state.declared, host(last, SG_ENTRY_ALLOW, 0));
	put(&state.persistent, host(2, SG_ENTRY_DENY, 0));
	put(&state.persistent, host(3, SG_ENTRY_DENY, 0));
	put(&state.runtime, host(3, SG_ENTRY_ALLOW, 500));
	/* One that has expired gives way. */
	put(&state.persistent, host(4, SG_ENTRY_DENY, 100));
	cr_assert_eq(state_effective(&state, 200, &effective, &error), 0);
	cr_assert_eq(effective.count, 4);
	cr_assert_eq(effective.entries[0].verdict, SG_ENTRY_ALLOW);
	cr_assert_eq(effective.entries[1].verdict, SG_ENTRY_DENY);
	cr_assert_eq(effective.entries[2].until, 500);
	cr_assert_eq(effective.entries[3].verdict, SG_ENTRY_ALLOW);
	for (size_t i = 0; i < effective.count; i++) {
		const struct entry *found = state_find_in_force(&state,
								&effective.entries[i].prefix, 200);

		cr_assert(entry_equal(found, &effective.entries[i]));
	}
	entry_list_clear(&effective);
	state_clear(&state);
}

Test(store, what_is_declared_survives_with_the_names_of_its_files)
{
	struct state old = {}, new = {}, loaded = {}, part = {};
	struct entry_list some = {};
	struct error error;

	cr_assert_eq(file_names_add(&new.files, "offices.list", &error), 0);
	cr_assert_eq(file_names_add_path(&new.files, "/etc/x/tru\nnks.list", &error), 0);
	for (uint8_t last = 1; last <= 200; last++) {
		struct entry entry = host(last, SG_ENTRY_ALLOW, 0);

		entry.file = last % 2;
		put(&new.declared, entry);
	}
	ports_default(&new.ports);
	save(&old, &new);
	cr_assert_eq(state_load(&loaded, &error), 0, "%s", error.message);
	cr_assert_eq(loaded.declared.count, 200);
	for (size_t i = 0; i < 200; i++)
		cr_assert_str_eq(file_names_at(&loaded.files, loaded.declared.entries[i].file),
				 i % 2 ? "offices.list" : "tru\\nnks.list");

	put(&some, host(7, SG_ENTRY_ALLOW, 0));
	put(&some, host(250, SG_ENTRY_ALLOW, 0));
	cr_assert_eq(state_load_part(&part, &some, &error), 0, "%s", error.message);
	cr_assert_eq(part.declared.count, 1);
	cr_assert_str_eq(file_names_at(&part.files, part.declared.entries[0].file),
			 "tru\\nnks.list");
	entry_list_clear(&some);
	state_clear(&part);
	state_clear(&loaded);
	state_clear(&new);
}

Test(store, a_file_takes_over_what_the_command_line_says_just_the_same)
{
	struct state old = {}, new = {};
	struct entry_list declared = {};
	struct file_names files = {};
	struct error error;

	put(&old.persistent, host(1, SG_ENTRY_ALLOW, 0));
	put(&old.persistent, host(2, SG_ENTRY_ALLOW, 0));
	put(&old.persistent, host(3, SG_ENTRY_DENY, 0));
	put(&declared, host(2, SG_ENTRY_ALLOW, 0));
	put(&declared, host(3, SG_ENTRY_ALLOW, 0));
	cr_assert_eq(file_names_add(&files, "a.list", &error), 0);
	cr_assert_eq(state_declare(&old, &declared, &files, &new, &error), 0);
	cr_assert_eq(new.declared.count, 2);
	cr_assert_eq(new.persistent.count, 2);
	cr_assert_eq(new.persistent.entries[0].prefix.address[3], 1);
	cr_assert_eq(new.persistent.entries[1].prefix.address[3], 3);
	entry_list_clear(&declared);
	file_names_clear(&files);
	state_clear(&old);
	state_clear(&new);
}

Test(store, a_file_takes_over_what_would_end_before_it)
{
	struct state old = {}, new = {};
	struct entry_list declared = {};
	struct file_names files = {};
	struct error error;

	put(&old.persistent, host(1, SG_ENTRY_ALLOW, 1900000000));
	put(&old.persistent, host(2, SG_ENTRY_ALLOW, 1900000000));
	put(&old.persistent, host(3, SG_ENTRY_DENY, 1900000000));
	put(&old.runtime, host(4, SG_ENTRY_ALLOW, 1900000000));
	put(&declared, host(1, SG_ENTRY_ALLOW, 0));
	put(&declared, host(2, SG_ENTRY_ALLOW, 1899999999));
	put(&declared, host(3, SG_ENTRY_ALLOW, 0));
	put(&declared, host(4, SG_ENTRY_ALLOW, 1900000001));
	cr_assert_eq(state_declare(&old, &declared, &files, &new, &error), 0);
	cr_assert_eq(new.declared.count, 4);
	cr_assert_eq(new.runtime.count, 0);
	cr_assert_eq(new.persistent.count, 2);
	cr_assert_eq(new.persistent.entries[0].prefix.address[3], 2);
	cr_assert_eq(new.persistent.entries[1].prefix.address[3], 3);
	entry_list_clear(&declared);
	state_clear(&old);
	state_clear(&new);
}

/* The drafts of draft_everything(), waiting to be confirmed. */
static void begin_trial(struct state *new)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	struct error error;

	draft_everything(new, &drafts);
	cr_assert_eq(state_begin_trial(&drafts, "apply --confirm 2m", &error), 0);
}

Test(store, a_state_on_trial_counts_when_it_is_decided)
{
	char cause[STATE_CAUSE_SIZE];
	struct state new = {};
	struct error error;

	cr_assert_not(state_on_trial(NULL));
	begin_trial(&new);
	cr_assert_not(is_new());
	cr_assert(state_on_trial(cause));
	cr_assert_str_eq(cause, "apply --confirm 2m");
	cr_assert_not(state_trial_is_decided());
	/* Whoever comes in between completes nothing. */
	cr_assert_eq(state_finish_commit(&error), 0);
	cr_assert_not(is_new());

	cr_assert_eq(state_decide_trial(&error), 0);
	cr_assert(state_trial_is_decided());
	cr_assert(is_new());
	cr_assert_eq(state_finish_commit(&error), 0);
	cr_assert(state_trial_is_decided());
	cr_assert_eq(state_end_trial(true, &error), 0);
	cr_assert(is_new());
	cr_assert_not(state_on_trial(NULL));
	cr_assert_not(state_has_drafts());
	state_clear(&new);
}

Test(store, a_state_on_trial_that_is_not_kept_leaves_nothing)
{
	struct state new = {};
	struct error error;

	begin_trial(&new);
	cr_assert_eq(state_decide_trial(&error), 0);
	cr_assert_eq(state_end_trial(false, &error), 0);
	cr_assert_not(is_new());
	cr_assert_not(state_on_trial(NULL));
	cr_assert_not(state_has_drafts());
	cr_assert_eq(state_finish_commit(&error), 0);
	cr_assert_not(is_new());
	state_clear(&new);
}

Test(store, a_second_writer_is_told_who_the_first_is)
{
	char expected[64];
	struct error error;
	int lock = lock_acquire(&error), second;

	cr_assert_geq(lock, 0);
	second = lock_acquire(&error);
	cr_assert_eq(second, -EBUSY);
	cr_assert_eq(error.status, EXIT_CONFLICT);
	snprintf(expected, sizeof(expected), "another sipguard, process %ld,", (long)getpid());
	cr_assert_eq(strncmp(error.message, expected, strlen(expected)), 0);
	close(lock);
	second = lock_acquire(&error);
	cr_assert_geq(second, 0);
	close(second);
}
