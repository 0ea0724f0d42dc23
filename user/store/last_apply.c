// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/last_apply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "policy/when.h"
#include "store/sealed_file.h"

#define FILE_NAME "last_apply"

static bool parse(const char *text, struct last_apply *last)
{
	char word[8], time[WHEN_TEXT_SIZE + 8];
	struct last_apply read = {};
	struct error ignored;
	int length = 0;

	if (sscanf(text, "result %7[a-z]%n", word, &length) != 1 || text[length] != '\n')
		return false;
	read.successful = !strcmp(word, "success");
	if (!read.successful && strcmp(word, "failure") != 0)
		return false;
	text += length + 1;
	if (*text) {
		if (sscanf(text, "succeeded %31[^ \n]%n", time, &length) != 1 ||
		    strcmp(text + length, "\n") != 0 || time_parse(time, &read.success, &ignored))
			return false;
	}
	*last = read;
	return true;
}

int last_apply_read(struct last_apply *last, struct error *error)
{
	char path[STORE_PATH_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	store_state_path(path, FILE_NAME);
	result = sealed_file_read(path, &text, &size, error);
	if (result == -ENOENT) {
		*last = (struct last_apply){.successful = true};
		return 0;
	}
	if (result)
		return result;
	if (parse(text, last))
		return 0;
	return error_set(error, EXIT_SYSTEM, EBADMSG, "%s is of another version", path);
}

int last_apply_write(bool successful, int64_t now, struct error *error)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft draft = {};
	char path[STORE_PATH_SIZE], time[WHEN_TEXT_SIZE];
	struct last_apply last = {};
	int result;

	/* What cannot be read has no time to keep. */
	last_apply_read(&last, error);
	if (successful)
		last.success = now;
	store_state_path(path, FILE_NAME);
	result = sealed_file_begin(&draft, path, error);
	if (result)
		return result;
	fprintf(draft.stream, "result %s\n", successful ? "success" : "failure");
	time_format(last.success, time);
	if (last.success)
		fprintf(draft.stream, "succeeded %s\n", time);
	result = sealed_file_seal(&draft, error);
	if (!result && chmod(draft.temporary, 0644))
		result = store_error(error, errno, "cannot share %s", path);
	return result ?: sealed_file_commit(&draft, error);
}
