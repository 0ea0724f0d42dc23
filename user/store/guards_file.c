// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/guards_file.h"

#include <errno.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "store/text_file.h"
#include "store/versions.h"

#define SALVAGE_SIZE_MAX (1U << 20)

static int parse(const char *path, const char *text, size_t size, struct guard_wishes *wishes,
		 struct error *error)
{
	int result = guard_wishes_parse(path, text, size, wishes, error);

	if (result == -EBADMSG)
		error_hint(error, "sipguard rollback brings back the newest whole copy");
	return result;
}

int guards_file_read(struct guard_wishes *wishes, struct error *error)
{
	char path[STORE_PATH_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	store_state_path(path, GUARDS_FILE);
	result = sealed_file_read(path, &text, &size, error);
	return result ?: parse(path, text, size, wishes, error);
}

int guards_file_read_draft(struct guard_wishes *wishes, struct error *error)
{
	char path[STORE_PATH_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	store_state_path(path, GUARDS_FILE);
	result = sealed_file_read_draft(path, &text, &size, error);
	return result ?: parse(path, text, size, wishes, error);
}

void guards_file_remove_draft(void)
{
	char path[STORE_PATH_SIZE];

	store_state_path(path, GUARDS_FILE);
	sealed_file_remove_draft(path);
}

int guards_file_salvage(struct guard_wishes *wishes, struct error *error)
{
	char path[STORE_PATH_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	store_state_path(path, GUARDS_FILE);
	result = text_file_read(path, SALVAGE_SIZE_MAX, &text, &size, error);
	return result ?: guard_wishes_salvage(text, size, wishes, error);
}

int guards_file_read_copy(struct guard_wishes *wishes, unsigned int *version, struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	int result = versions_list(&all, error);

	if (result)
		return result;
	for (size_t i = all.count; i-- > 0;) {
		char path[STORE_PATH_SIZE];
		cleanup_free char *text = NULL;
		struct error ignored;
		size_t size;

		versions_path(all.versions[i].number, GUARDS_FILE, path);
		if (sealed_file_read(path, &text, &size, &ignored) ||
		    parse(path, text, size, wishes, &ignored))
			continue;
		*version = all.versions[i].number;
		return 0;
	}
	return error_set(error, EXIT_SYSTEM, ENOENT,
			 "no version has a whole copy of the remembered guards");
}

static int draft_at(const char *path, const struct guard_wishes *wishes, struct sealed_draft *draft,
		    struct error *error)
{
	int result = sealed_file_begin(draft, path, error);

	if (result)
		return result;
	fputs("# Kept by sipguard: change it with `sipguard attach`, `mode`, `detach` and "
	      "`apply`.\n",
	      draft->stream);
	guard_wishes_write(draft->stream, wishes);
	result = sealed_file_seal(draft, error);
	if (!result && chmod(draft->temporary, 0644))
		result = store_error(error, errno, "cannot share %s", path);
	return result;
}

int guards_file_draft(const struct guard_wishes *wishes, struct sealed_draft *draft,
		      struct error *error)
{
	char path[STORE_PATH_SIZE];

	store_state_path(path, GUARDS_FILE);
	return draft_at(path, wishes, draft, error);
}

int guards_file_keep_copy(const struct guard_wishes *wishes, int64_t now, struct error *error)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft draft = {};
	char path[STORE_PATH_SIZE];
	unsigned int newest = 0;
	int result = versions_newest(&newest, error);

	if (!result && !newest) {
		result = versions_keep("found", now, error);
		result = result ?: versions_newest(&newest, error);
	}
	if (result)
		return result;
	versions_path(newest, GUARDS_FILE, path);
	result = draft_at(path, wishes, &draft, error);
	return result ?: sealed_file_commit(&draft, error);
}
