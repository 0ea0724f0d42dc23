// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/declared.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"

/* CONFIG */
static const char *root;

static void set_up(void)
{
	char path[96];

	folders_make();
	root = getenv("SIPGUARD_CONFIG_DIR");
	snprintf(path, sizeof(path), "%s/allow.d", root);
	mkdir(path, 0755);
}

TestSuite(declared, .init = set_up, .fini = folders_remove);

static void write_file(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

/* Fails with these words in the message. */
static void is_refused(const char *words)
{
	struct declared_policy declared = {};
	struct error error = {};
	int result = declared_load(NULL, &declared, &error);

	cr_assert_lt(result, 0);
	/* That would mean that nothing is declared. */
	cr_assert_neq(result, -ENOENT);
	cr_assert_not_null(strstr(error.message, words), "%s", error.message);
	cr_assert_null(declared.lists);
	cr_assert_null(declared.entries.entries);
}

static struct declared_policy load(void)
{
	struct declared_policy declared = {};
	struct error error;

	cr_assert_eq(declared_load(NULL, &declared, &error), 0, "%s", error.message);
	return declared;
}

Test(declared, lists_are_joined_in_the_order_of_their_names)
{
	struct declared_policy declared;
	size_t line = 0;

	write_file("sipguard.conf", "[guard]\ndevices = eth0\n");
	write_file("allow.d/20-office.list", "198.51.100.0/24 # office\n");
	write_file("allow.d/10-trunks.list", "# trunks\n203.0.113.7\n203.0.113.8 deny\n");
	declared = load();
	cr_assert_eq(declared.config.device_count, 1);
	cr_assert_eq(declared.list_count, 2);
	cr_assert_not_null(strstr(declared.lists[0].path, "/allow.d/10-trunks.list"));
	cr_assert_eq(declared.entries.count, 3);
	cr_assert_str_eq(declared.entries.entries[0].label, "office");
	cr_assert_eq(declared_origin(&declared, &declared.entries.entries[2].prefix, &line),
		     &declared.lists[0]);
	cr_assert_eq(line, 3);
	cr_assert_eq(declared_origin(&declared, &declared.entries.entries[0].prefix, NULL),
		     &declared.lists[1]);
	declared_clear(&declared);
}

Test(declared, hidden_and_left_over_files_are_passed_over)
{
	struct declared_policy declared;

	write_file("sipguard.conf", "");
	write_file("allow.d/.hidden.list", "junk\n");
	write_file("allow.d/.list", "junk\n");
	write_file("allow.d/office.list~", "junk\n");
	write_file("allow.d/#office.list#", "junk\n");
	write_file("allow.d/office.list.dpkg-old", "junk\n");
	write_file("allow.d/README", "junk\n");
	write_file("allow.d/office.list", "203.0.113.7\n");
	declared = load();
	cr_assert_eq(declared.list_count, 1);
	cr_assert_eq(declared.entries.count, 1);
	declared_clear(&declared);
}

Test(declared, without_lists_there_are_no_entries)
{
	struct declared_policy declared;
	char path[96];

	snprintf(path, sizeof(path), "%s/allow.d", root);
	rmdir(path);
	write_file("sipguard.conf", "");
	declared = load();
	cr_assert_eq(declared.entries.count, 0);
	declared_clear(&declared);
	write_file("sipguard.conf", "[policy]\nallow_dir = allow.d\n");
	is_refused("allow.d");
}

Test(declared, a_directory_can_stand_anywhere)
{
	struct declared_policy declared;
	char text[192], path[96];

	snprintf(path, sizeof(path), "%s/elsewhere", root);
	mkdir(path, 0755);
	write_file("elsewhere/a.list", "203.0.113.7\n");
	snprintf(text, sizeof(text), "[policy]\nallow_dir = %s\n", path);
	write_file("sipguard.conf", text);
	declared = load();
	cr_assert_eq(declared.entries.count, 1);
	declared_clear(&declared);
}

Test(declared, no_configuration_is_told_apart)
{
	struct declared_policy declared = {};
	struct error error;

	cr_assert_eq(declared_load(NULL, &declared, &error), -ENOENT);
	cr_assert_eq(error.status, EXIT_ABSENT);
	cr_assert_eq(declared_load("/nonexistent/file", &declared, &error), -ENOENT);
}

Test(declared, what_is_wrong_in_any_file_fails_the_whole)
{
	write_file("sipguard.conf", "[guard]\nmode = nonsense\n");
	is_refused("/sipguard.conf:2:8: nonsense");
	write_file("sipguard.conf", "");
	write_file("allow.d/a.list", "203.0.113.7\n");
	write_file("allow.d/b.list", "203.0.113.8\n203.0.113.300\n");
	is_refused("/allow.d/b.list:2:1: 203.0.113.300");
}

Test(declared, a_prefix_in_two_lists_is_named_with_both_places)
{
	char words[256];

	write_file("sipguard.conf", "");
	write_file("allow.d/a.list", "203.0.113.7 # trunk\n");
	write_file("allow.d/b.list", "203.0.113.8\n");
	write_file("allow.d/c.list", "# again\n203.0.113.9\n  203.0.113.7/32 deny\n");
	snprintf(words, sizeof(words),
		 "%s/allow.d/c.list:3:1: 203.0.113.7/32 stands in %s/allow.d/a.list:1 already",
		 root, root);
	is_refused(words);
}

Test(declared, what_is_no_regular_file_is_refused)
{
	char path[96];

	write_file("sipguard.conf", "");
	snprintf(path, sizeof(path), "%s/allow.d/x.list", root);
	cr_assert_eq(mkfifo(path, 0600), 0);
	is_refused("x.list is no regular file");
	unlink(path);
	mkdir(path, 0755);
	is_refused("x.list is no regular file");
	rmdir(path);
	cr_assert_eq(symlink("nowhere", path), 0);
	is_refused("cannot read");
	unlink(path);
	snprintf(path, sizeof(path), "%s/sipguard.conf", root);
	unlink(path);
	cr_assert_eq(symlink("/dev/zero", path), 0);
	is_refused("sipguard.conf is no regular file");
}

Test(declared, a_link_to_a_list_is_one)
{
	struct declared_policy declared;
	char path[96];

	write_file("sipguard.conf", "");
	write_file("trunks", "203.0.113.7\n");
	snprintf(path, sizeof(path), "%s/allow.d/trunks.list", root);
	cr_assert_eq(symlink("../trunks", path), 0);
	declared = load();
	cr_assert_eq(declared.entries.count, 1);
	declared_clear(&declared);
}

Test(declared, files_that_are_too_large_are_refused)
{
	char path[96];

	write_file("sipguard.conf", "");
	write_file("allow.d/a.list", "");
	snprintf(path, sizeof(path), "%s/allow.d/a.list", root);
	cr_assert_eq(truncate(path, DECLARED_LIST_SIZE_MAX + 1L), 0);
	is_refused("a.list is larger than");
	unlink(path);
	snprintf(path, sizeof(path), "%s/sipguard.conf", root);
	cr_assert_eq(truncate(path, CONFIG_SIZE_MAX + 1L), 0);
	is_refused("sipguard.conf is larger than");
}

Test(declared, too_many_lists_are_refused)
{
	write_file("sipguard.conf", "");
	for (int i = 0; i <= DECLARED_LISTS_MAX; i++) {
		char name[64];

		snprintf(name, sizeof(name), "allow.d/%d.list", i);
		write_file(name, "");
	}
	is_refused("more than 1000 lists");
}

/* As it stands in the repository, from where the tests are run. */
Test(declared, the_example_works_unchanged)
{
	struct declared_policy declared = {};
	struct error error;

	cr_assert_eq(declared_load("scripts/etc/sipguard.conf", &declared, &error), 0, "%s",
		     error.message);
	cr_assert_str_eq(declared.config.devices[0], "eth0");
	for (unsigned int key = 0; key < CONFIG_KEY_COUNT; key++)
		cr_assert(config_declares(&declared.config, key), "%s", config_key_name(key));
	cr_assert_gt(declared.entries.count, 4);
	declared_clear(&declared);
}

Test(declared, a_directory_stands_for_the_configuration_file_in_it)
{
	struct declared_policy declared = {};
	struct config config = {};
	struct error error;

	write_file("sipguard.conf", "[guard]\ndevices = eth7\n");
	write_file("allow.d/a.list", "203.0.113.7\n");
	cr_assert_eq(declared_load(root, &declared, &error), 0, "%s", error.message);
	cr_assert_str_eq(declared.config.devices[0], "eth7");
	cr_assert_eq(declared.entries.count, 1);
	declared_clear(&declared);
	/* Lists are nobody's business who asks for the file alone. */
	write_file("allow.d/a.list", "nonsense\n");
	cr_assert_eq(declared_load_config(root, &config, &error), 0, "%s", error.message);
	cr_assert_str_eq(config.devices[0], "eth7");
}

Test(declared, a_list_alone_declares_its_entries_and_nothing_else)
{
	char *text = strdup("203.0.113.7 # trunk\n"), *wrong = strdup("203.0.113.7/24\n");
	struct declared_policy declared = {};
	struct error error;

	cr_assert_lt(declared_of_list("x.list", &wrong, strlen(wrong), &declared, &error), 0);
	cr_assert_not_null(strstr(error.message, "x.list:1:1: "), "%s", error.message);
	free(wrong);
	cr_assert_eq(declared_of_list("x.list", &text, strlen(text), &declared, &error), 0);
	cr_assert_null(text);
	cr_assert_eq(declared.entries.count, 1);
	cr_assert_str_eq(declared.entries.entries[0].label, "trunk");
	cr_assert_str_eq(declared.lists[0].path, "x.list");
	for (int key = 0; key < CONFIG_KEY_COUNT; key++)
		cr_assert_not(config_declares(&declared.config, key));
	declared_clear(&declared);
}

/* Names are told in errors, in diffs and in the state. */
Test(declared, a_name_that_cannot_be_printed_is_refused)
{
	write_file("sipguard.conf", "");
	write_file("allow.d/a\033[31m.list", "203.0.113.7\n");
	is_refused("/a\\x1b[31m.list: the name is not printable");
}
