// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "folders.h"
#include "store/guards_file.h"
#include "store/versions.h"

TestSuite(guard_wish, .init = folders_make, .fini = folders_remove);

static const struct guard_wish eth0 = {"eth0", true, SG_MODE_ENFORCE, ATTACH_NATIVE, WISH_TYPED};
static const struct guard_wish eth1 = {"eth1", false, SG_MODE_MONITOR, ATTACH_AUTO, WISH_DECLARED};
static const struct guard_wish odd = {"#a.1", true, SG_MODE_MONITOR, ATTACH_GENERIC, WISH_TYPED};

static struct guard_wishes make(void)
{
	struct guard_wishes wishes = {};
	struct error error;

	cr_assert_eq(guard_wishes_put(&wishes, &eth1, &error), 0);
	cr_assert_eq(guard_wishes_put(&wishes, &eth0, &error), 0);
	cr_assert_eq(guard_wishes_put(&wishes, &odd, &error), 0);
	cr_assert_eq(guard_wishes_put(&wishes, &eth0, &error), 0);
	return wishes;
}

static void write_file(const struct guard_wishes *wishes)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft draft = {};
	struct error error;

	cr_assert_eq(store_directories_make(&error), 0);
	cr_assert_eq(guards_file_draft(wishes, &draft, &error), 0, "%s", error.message);
	cr_assert_eq(sealed_file_commit(&draft, &error), 0, "%s", error.message);
}

static void damage(const char *path)
{
	FILE *stream = fopen(path, "a");

	cr_assert_not_null(stream);
	fputs("x", stream);
	fclose(stream);
}

Test(guard_wish, what_was_chosen_last_for_a_device_counts)
{
	struct guard_wishes wishes = make();

	cr_assert_eq(wishes.count, 3);
	cr_assert(guard_wish_equal(guard_wishes_find(&wishes, "eth0"), &eth0));
	cr_assert_not_null(guard_wishes_find(&wishes, "eth1"));
	cr_assert_null(guard_wishes_find_guarded(&wishes, "eth1"));
	cr_assert_null(guard_wishes_find(&wishes, "eth"));
	guard_wishes_remove(&wishes, "eth");
	guard_wishes_remove(&wishes, "#a.1");
	cr_assert_eq(wishes.count, 2);
	cr_assert_null(guard_wishes_find(&wishes, "#a.1"));
	guard_wishes_clear(&wishes);
}

Test(guard_wish, a_file_reads_back_what_was_written)
{
	struct guard_wishes wishes = make(), read = {};
	struct error error;
	struct stat status;
	char path[STORE_PATH_SIZE];

	cr_assert_eq(guards_file_read(&read, &error), -ENOENT);
	write_file(&wishes);
	cr_assert_eq(guards_file_read(&read, &error), 0, "%s", error.message);
	cr_assert(guard_wishes_equal(&wishes, &read));
	store_state_path(path, GUARDS_FILE);
	cr_assert_eq(stat(path, &status), 0);
	cr_assert_eq(status.st_mode & 0777, 0644, "the exporter reads it");
	guard_wishes_clear(&read);
	guard_wishes_clear(&wishes);
}

Test(guard_wish, a_line_that_is_not_understood_fails_the_whole)
{
	static const char *const texts[] = {
		"guarded eth0 enforce native\n",
		"guarded eth0 enforce native typed now\n",
		"guarded eth0 enforced native typed\n",
		"guarded eth0 enforce offload typed\n",
		"guarded eth0 enforce native guessed\n",
		"guards eth0 enforce native typed\n",
		"guarded  enforce native typed\n",
		"guarded .. enforce native typed\n",
		"guarded a/b enforce native typed\n",
		"guarded abcdefghijklmnop enforce native typed\n",
		"guarded eth0 enforce native typed\nguarded eth0 monitor native typed\n",
	};
	struct error error;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct guard_wishes read = {};

		cr_assert_eq(guard_wishes_parse("f", texts[i], strlen(texts[i]), &read, &error),
			     -EBADMSG, "%s", texts[i]);
		cr_assert_eq(read.count, 0);
	}
}

Test(guard_wish, what_can_be_read_of_a_damaged_text_monitors)
{
	static const char text[] = "guarded eth0 enforce native typed\ng\0arded eth1 enforce";
	static const char torn[] = "guarded eth0 enforce native typed\nguarded eth1 enf";
	struct guard_wishes read = {};
	struct error error;

	cr_assert_eq(guard_wishes_salvage(torn, strlen(torn), &read, &error), 0);
	cr_assert_eq(read.count, 1);
	cr_assert_str_eq(read.wishes[0].device, "eth0");
	cr_assert_eq(read.wishes[0].mode, SG_MODE_MONITOR);
	guard_wishes_clear(&read);
	cr_assert_eq(guard_wishes_salvage(text, sizeof(text) - 1, &read, &error), 0);
	cr_assert_eq(read.count, 1);
	guard_wishes_clear(&read);
}

/* A copy that shared its bytes with the file would be damaged with it. */
Test(guard_wish, the_newest_version_has_a_copy_of_its_own)
{
	struct guard_wishes wishes = make(), read = {};
	char path[STORE_PATH_SIZE];
	unsigned int version;
	struct error error;

	write_file(&wishes);
	cr_assert_eq(guards_file_read_copy(&read, &version, &error), -ENOENT);
	cr_assert_eq(guards_file_keep_copy(&wishes, 0, &error), 0, "%s", error.message);
	store_state_path(path, GUARDS_FILE);
	damage(path);
	cr_assert_eq(guards_file_read(&read, &error), -EBADMSG);
	cr_assert_eq(guards_file_read_copy(&read, &version, &error), 0, "%s", error.message);
	cr_assert_eq(version, 1);
	cr_assert(guard_wishes_equal(&wishes, &read));
	guard_wishes_clear(&read);

	/* The next version of the policy takes it along, and a later choice is in it alone. */
	store_state_path(path, STATE_PORTS);
	for (int i = 0; i < 20; i++)
		damage(path);
	cr_assert_eq(versions_keep("ports", 0, &error), 0, "%s", error.message);
	guard_wishes_remove(&wishes, "eth0");
	cr_assert_eq(guards_file_keep_copy(&wishes, 0, &error), 0);
	cr_assert_eq(guards_file_read_copy(&read, &version, &error), 0);
	cr_assert_eq(version, 2);
	cr_assert(guard_wishes_equal(&wishes, &read));
	guard_wishes_clear(&read);
	versions_path(2, GUARDS_FILE, path);
	damage(path);
	cr_assert_eq(guards_file_read_copy(&read, &version, &error), 0);
	cr_assert_eq(version, 1);
	cr_assert_eq(read.count, 3);
	guard_wishes_clear(&read);
	guard_wishes_clear(&wishes);
}
