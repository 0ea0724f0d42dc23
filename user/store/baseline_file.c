// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/baseline_file.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "store/sealed_file.h"

/* The ending keeps a draft apart from the file of any other device. */
static void find_path(char path[static STORE_PATH_SIZE], const char *device)
{
	char name[64];

	snprintf(name, sizeof(name), "guards/%s.guard", device);
	store_run_path(path, name);
}

/* For the exporter to walk through, whatever the caller's umask. */
static int make_directory(struct error *error)
{
	char path[STORE_PATH_SIZE];
	int result = store_directories_make(error);

	if (result)
		return result;
	store_run_path(path, "guards");
	if (mkdir(path, 0755) && errno != EEXIST)
		return store_error(error, errno, "cannot create %s", path);
	if (chmod(path, 0755))
		return store_error(error, errno, "cannot share %s", path);
	return 0;
}

int baseline_file_write(const char *device, const struct baseline *baseline, struct error *error)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft draft = {};
	char path[STORE_PATH_SIZE];
	int result = make_directory(error);

	if (result)
		return result;
	find_path(path, device);
	result = sealed_file_begin(&draft, path, error);
	if (result)
		return result;
	baseline_write(draft.stream, baseline);
	result = sealed_file_seal(&draft, error);
	if (!result && chmod(draft.temporary, 0644))
		result = store_error(error, errno, "cannot share %s", path);
	return result ?: sealed_file_commit(&draft, error);
}

int baseline_file_read(const char *device, struct baseline *baseline, struct error *error)
{
	char path[STORE_PATH_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	find_path(path, device);
	result = sealed_file_read(path, &text, &size, error);
	if (result || baseline_parse(text, baseline))
		return result;
	return error_set(error, EXIT_SYSTEM, EBADMSG, "%s is of another version", path);
}

int baseline_file_remove(const char *device, struct error *error)
{
	char path[STORE_PATH_SIZE], directory[STORE_PATH_SIZE];
	int result;

	find_path(path, device);
	sealed_file_remove_draft(path);
	result = sealed_file_remove(path, error);
	/* With the last guard the directory goes too; with others in it rmdir() refuses. */
	store_run_path(directory, "guards");
	rmdir(directory);
	return result;
}

void baseline_file_compare(const char *device, const struct baseline *now,
			   struct baseline_changes *changes)
{
	struct baseline then;
	struct error ignored;

	*changes = (struct baseline_changes){};
	if (!baseline_file_read(device, &then, &ignored))
		baseline_compare(&then, now, changes);
}
