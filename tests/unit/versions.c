// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/versions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"

TestSuite(versions, .init = folders_make, .fini = folders_remove);

/* The state becomes the list of 10.0.0.1 to 10.0.0.`last`, and a version is made of it. */
static void change_to(uint8_t last, const char *cause)
{
	__attribute__((cleanup(state_discard))) struct state_drafts drafts = {};
	__attribute__((cleanup(state_clear))) struct state old = {};
	__attribute__((cleanup(state_clear))) struct state new = {};
	struct error error;

	cr_assert_eq(store_directories_make(&error), 0);
	cr_assert_eq(state_load(&old, &error), 0, "%s", error.message);
	new.ports = old.ports;
	for (uint8_t i = 1; i <= last; i++) {
		const struct entry entry = {
			.prefix = {.family = SG_FAMILY_IPV4,
				   .length = 32,
				   .address = {10, 0, 0, i}},
		};

		cr_assert_eq(entry_list_put(&new.persistent, &entry, &error), 0);
	}
	cr_assert_eq(state_draft(&drafts, &old, &new, &error), 0, "%s", error.message);
	cr_assert_eq(state_commit(&drafts, &error), 0, "%s", error.message);
	cr_assert_eq(versions_keep(cause, 1900000000, &error), 0, "%s", error.message);
}

static size_t entries_of(unsigned int number)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct error error;

	cr_assert_eq(versions_load(number, &state, &error), 0, "%s", error.message);
	return state.persistent.count;
}

Test(versions, each_change_is_one_with_its_time_and_cause)
{
	struct versions versions = {};
	struct error error;

	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, 0);
	change_to(1, "allow 10.0.0.1");
	change_to(2, "import plain \\xff");
	/* The same again makes none. */
	change_to(2, "import plain \\xff");
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, 2);
	cr_assert_eq(versions.versions[0].number, 1);
	cr_assert_eq(versions.versions[0].time, 1900000000);
	cr_assert_str_eq(versions.versions[0].cause, "allow 10.0.0.1");
	cr_assert_str_eq(versions.versions[1].cause, "import plain \\xff");
	cr_assert_eq(entries_of(1), 1);
	cr_assert_eq(entries_of(2), 2);
	versions_clear(&versions);
}

Test(versions, a_version_that_there_is_not)
{
	struct state state = {};
	struct error error;

	change_to(1, "allow 10.0.0.1");
	cr_assert_eq(versions_load(2, &state, &error), -ENOENT);
	cr_assert_eq(error.status, EXIT_ABSENT);
}

Test(versions, what_is_back_in_the_files_is_a_version_of_its_own)
{
	struct versions versions = {};
	struct error error;

	change_to(1, "allow 10.0.0.1");
	change_to(2, "allow 10.0.0.2");
	change_to(1, "rollback");
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, 3);
	cr_assert_eq(entries_of(3), 1);
	versions_clear(&versions);
}

Test(versions, an_empty_file_says_what_none_says)
{
	struct versions versions = {};
	char path[256];
	struct error error;

	change_to(1, "allow 10.0.0.1");
	change_to(0, "delete 10.0.0.1");
	snprintf(path, sizeof(path), "%s/state/entries.list", folders_root);
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(versions_keep("found", 1900000000, &error), 0);
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, 2);
	cr_assert(versions.versions[1].current);
	cr_assert_not(versions.versions[0].current);
	versions_clear(&versions);
}

Test(versions, single_edits_go_first_and_the_newest_stay)
{
	struct versions versions = {};
	char cause[32];
	struct error error;

	change_to(1, "import plain list");
	for (uint8_t i = 2; i <= 40; i++) {
		snprintf(cause, sizeof(cause), "allow 10.0.0.%d", i);
		change_to(i, i % 10 ? cause : "apply");
	}
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, VERSIONS_MAX);
	cr_assert_str_eq(versions.versions[0].cause, "import plain list");
	cr_assert_str_eq(versions.versions[1].cause, "apply");
	cr_assert_str_eq(versions.versions[2].cause, "apply");
	for (size_t i = 0; i < VERSIONS_NEWEST; i++)
		cr_assert_eq(versions.versions[VERSIONS_MAX - VERSIONS_NEWEST + i].number, 31 + i);
	for (size_t i = 0; i < versions.count; i++)
		cr_assert_eq(entries_of(versions.versions[i].number), versions.versions[i].number);
	versions_clear(&versions);
}

Test(versions, where_there_are_no_single_edits_the_oldest_goes)
{
	struct versions versions = {};
	struct error error;

	for (uint8_t i = 1; i <= VERSIONS_MAX + 3; i++)
		change_to(i, "apply");
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, VERSIONS_MAX);
	cr_assert_eq(versions.versions[0].number, 4);
	versions_clear(&versions);
}

/* Of somebody else's making: nothing of it reaches a terminal. */
Test(versions, a_cause_that_cannot_be_shown_is_not_known)
{
	static const char *const texts[] = {
		"",
		"time 2027-01-31T18:00Z\n",
		"time 2027-01-31T18:00Z\ncause \033[31mred\n",
		"time soon\ncause apply\n",
		"time 2027-01-31T18:00Z\ncause \xff\n",
	};

	change_to(1, "apply");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct versions versions = {};
		char path[STORE_PATH_SIZE];
		struct error error;
		FILE *stream;

		store_state_path(path, "versions/1/cause");
		stream = fopen(path, "w");
		cr_assert_not_null(stream);
		fputs(texts[i], stream);
		fclose(stream);
		cr_assert_eq(versions_list(&versions, &error), 0);
		cr_assert_str_eq(versions.versions[0].cause, "not known", "%zu", i);
		versions_clear(&versions);
	}
}

/* A command that was killed while it made or removed one. */
Test(versions, what_is_unfinished_is_none_and_is_in_nobodys_way)
{
	struct versions versions = {};
	char path[STORE_PATH_SIZE];
	struct error error;

	change_to(1, "apply");
	store_state_path(path, "versions/unfinished");
	cr_assert_eq(mkdir(path, 0700), 0);
	store_state_path(path, "versions/unfinished/cause");
	fclose(fopen(path, "w"));
	change_to(2, "apply");
	cr_assert_eq(versions_list(&versions, &error), 0);
	cr_assert_eq(versions.count, 2);
	store_state_path(path, "versions/unfinished");
	cr_assert_lt(access(path, F_OK), 0);
	versions_clear(&versions);
}
