// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/last_apply.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"
#include "store/sealed_file.h"

static char path[STORE_PATH_SIZE];

static void set_up(void)
{
	struct error error;

	folders_make();
	cr_assert_eq(store_directories_make(&error), 0);
	store_state_path(path, "last_apply");
}

TestSuite(last_apply, .init = set_up, .fini = folders_remove);

static struct last_apply read_back(void)
{
	struct last_apply last = {};
	struct error error;

	cr_assert_eq(last_apply_read(&last, &error), 0, "%s", error.message);
	return last;
}

Test(last_apply, before_the_first_nothing_has_failed)
{
	struct last_apply last = read_back();

	cr_assert(last.successful);
	cr_assert_eq(last.success, 0);
}

Test(last_apply, a_failure_keeps_the_time_of_the_last_success)
{
	struct last_apply last;
	struct error error;

	cr_assert_eq(last_apply_write(false, 1801418430, &error), 0);
	last = read_back();
	cr_assert_not(last.successful);
	cr_assert_eq(last.success, 0);

	cr_assert_eq(last_apply_write(true, 1801418430, &error), 0);
	last = read_back();
	cr_assert(last.successful);
	cr_assert_eq(last.success, 1801418430);

	cr_assert_eq(last_apply_write(false, 1801419999, &error), 0);
	last = read_back();
	cr_assert_not(last.successful);
	cr_assert_eq(last.success, 1801418430);
}

Test(last_apply, everybody_may_read_it)
{
	struct stat status;
	struct error error;

	cr_assert_eq(last_apply_write(true, 1801418430, &error), 0);
	cr_assert_eq(stat(path, &status), 0);
	cr_assert_eq(status.st_mode & 0777, 0644);
}

static void write_sealed(const char *text)
{
	struct sealed_draft draft = {};
	struct error error;

	cr_assert_eq(sealed_file_begin(&draft, path, &error), 0);
	fputs(text, draft.stream);
	cr_assert_eq(sealed_file_seal(&draft, &error), 0);
	cr_assert_eq(sealed_file_commit(&draft, &error), 0);
}

Test(last_apply, what_is_not_understood_is_refused)
{
	static const char *const texts[] = {
		"",
		"result",
		"result success",
		"result perhaps\n",
		"result success \n",
		"result successful\n",
		"result success\nsucceeded\n",
		"result success\nsucceeded yesterday\n",
		"result success\nsucceeded 2027-01-31T18:00Z",
		"result success\nsucceeded 2027-01-31T18:00Z\nmore\n",
		"result success\nsucceeded 2027-01-31T18:00Z222222222222222222222222222222222222222\n",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct last_apply last = {.success = 1};
		struct error error;

		write_sealed(texts[i]);
		cr_assert_eq(last_apply_read(&last, &error), -EBADMSG, "%s", texts[i]);
		cr_assert_eq(last.success, 1);
	}
}

Test(last_apply, a_damaged_file_can_be_written_anew)
{
	FILE *file = fopen(path, "w");
	struct last_apply last;
	struct error error;

	fputs("result success\n", file);
	fclose(file);
	cr_assert_eq(last_apply_read(&last, &error), -EBADMSG);
	cr_assert_eq(last_apply_write(true, 1801418430, &error), 0);
	cr_assert_eq(read_back().success, 1801418430);
}
