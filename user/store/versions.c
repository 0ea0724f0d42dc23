// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/versions.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "policy/when.h"
#include "store/guards_file.h"
#include "store/text_file.h"
#include "text/escape.h"

#define DIRECTORY "versions"
/* What is being made or removed; a killed command may leave it. */
#define UNFINISHED     "unfinished"
#define CAUSE	       "cause"
#define CAUSE_FILE_MAX 4096
#define SEAL_SIZE      16

static const char *const file_names[] = {STATE_ENTRIES, STATE_DECLARED, STATE_PORTS};

#define FILE_COUNT (sizeof(file_names) / sizeof(file_names[0]))

/* STATE/versions/VERSION/NAME; without a name the folder itself. */
static void path_of(const char *version, const char *name, char path[static STORE_PATH_SIZE])
{
	char part[96];

	snprintf(part, sizeof(part), DIRECTORY "/%s%s%s", version, name ? "/" : "", name ?: "");
	store_state_path(path, part);
}

void versions_path(unsigned int number, const char *name, char path[static STORE_PATH_SIZE])
{
	char version[16];

	snprintf(version, sizeof(version), "%u", number);
	path_of(version, name, path);
}

/* Whether escaping would change nothing but what are escapes already. */
static bool is_printable(const char *text)
{
	char plain[STATE_CAUSE_SIZE], escaped[STATE_CAUSE_SIZE];

	snprintf(plain, sizeof(plain), "%s", text);
	for (char *at = plain; (at = strchr(at, '\\')); at++)
		*at = '/';
	text_escape(escaped, sizeof(escaped), plain, strlen(plain));
	return !strcmp(plain, escaped);
}

/* "time 2027-01-31T18:00Z" and "cause allow 203.0.113.7"; what cannot be read is not known. */
static void read_cause(struct version *version)
{
	char path[STORE_PATH_SIZE], time[WHEN_TEXT_SIZE], cause[STATE_CAUSE_SIZE];
	cleanup_free char *text = NULL;
	struct error ignored;
	size_t size;

	strcpy(version->cause, "not known");
	version->time = 0;
	versions_path(version->number, CAUSE, path);
	if (text_file_read(path, CAUSE_FILE_MAX, &text, &size, &ignored) ||
	    sscanf(text, "time %31[^ \n]\ncause %159[^\n]", time, cause) != 2)
		return;
	if (!time_parse(time, &version->time, &ignored) && is_printable(cause))
		strcpy(version->cause, cause);
}

static int compare_versions(const void *left, const void *right)
{
	const struct version *a = left, *b = right;

	return a->number < b->number ? -1 : a->number > b->number;
}

static bool parse_number(const char *name, unsigned int *number)
{
	char *end;

	*number = (unsigned int)strtoul(name, &end, 10);
	return name[0] >= '1' && name[0] <= '9' && !*end && strlen(name) < 10;
}

static int add(struct versions *versions, unsigned int number, struct error *error)
{
	struct version *more = realloc(versions->versions,
				       (versions->count + 1) * sizeof(*versions->versions));

	if (!more)
		return error_system(error, ENOMEM, "cannot list the versions");
	versions->versions = more;
	more[versions->count++] = (struct version){.number = number};
	return 0;
}

/* Only their numbers, in order. */
static int list_numbers(struct versions *versions, struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions found = {};
	cleanup_directory DIR *directory = NULL;
	char path[STORE_PATH_SIZE];
	struct dirent *item;

	store_state_path(path, DIRECTORY);
	directory = opendir(path);
	if (!directory && errno != ENOENT)
		return store_error(error, errno, "cannot read %s", path);
	while (directory && (item = readdir(directory))) {
		unsigned int number;
		int result = 0;

		if (parse_number(item->d_name, &number))
			result = add(&found, number, error);
		if (result)
			return result;
	}
	if (found.count)
		qsort(found.versions, found.count, sizeof(*found.versions), compare_versions);
	*versions = found;
	found = (struct versions){};
	return 0;
}

int versions_newest(unsigned int *number, struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	int result = list_numbers(&all, error);

	if (!result)
		*number = all.count ? all.versions[all.count - 1].number : 0;
	return result;
}

void versions_clear(struct versions *versions)
{
	free(versions->versions);
	*versions = (struct versions){};
}

int versions_load(unsigned int number, struct state *state, struct error *error)
{
	char path[STORE_PATH_SIZE], directory[32];

	versions_path(number, NULL, path);
	if (access(path, F_OK)) {
		error_set(error, EXIT_ABSENT, ENOENT, "there is no version %u", number);
		error_hint(error, "sipguard rollback --list shows them");
		return -ENOENT;
	}
	snprintf(directory, sizeof(directory), DIRECTORY "/%u/", number);
	return state_load_copy(directory, state, error);
}

/* The last bytes, which are the seal: it has a sum of all that stands before it. */
static bool read_seal(const char *path, char seal[static SEAL_SIZE], off_t *size)
{
	cleanup_fd int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	if (file < 0 || fstat(file, &status) || status.st_size < SEAL_SIZE)
		return false;
	*size = status.st_size;
	return pread(file, seal, SEAL_SIZE, status.st_size - SEAL_SIZE) == SEAL_SIZE;
}

enum likeness {
	LIKENESS_SAME,
	LIKENESS_OTHER,
	LIKENESS_MISSING, /* one of the two is not there, which may mean what the other says */
};

/* What the version has of this file, beside what it is now. */
static enum likeness compare_file(unsigned int number, const char *name)
{
	char path[STORE_PATH_SIZE], kept_path[STORE_PATH_SIZE];
	char now[SEAL_SIZE], kept[SEAL_SIZE];
	off_t size, kept_size;
	bool is, was;

	store_state_path(path, name);
	versions_path(number, name, kept_path);
	is = read_seal(path, now, &size);
	was = read_seal(kept_path, kept, &kept_size);
	if (is != was)
		return LIKENESS_MISSING;
	if (is && (size != kept_size || memcmp(now, kept, SEAL_SIZE) != 0))
		return LIKENESS_OTHER;
	return LIKENESS_SAME;
}

/* The same asked of what the files say: it takes reading all of them. */
static bool says_the_same(unsigned int number)
{
	__attribute__((cleanup(state_clear))) struct state now = {}, kept = {};
	struct error ignored;

	return !state_load(&now, &ignored) && !versions_load(number, &kept, &ignored) &&
	       state_lasting_equal(&now, &kept);
}

static bool is_now(unsigned int number)
{
	bool missing = false;

	for (size_t i = 0; i < FILE_COUNT; i++) {
		enum likeness likeness = compare_file(number, file_names[i]);

		if (likeness == LIKENESS_OTHER)
			return false;
		missing |= likeness == LIKENESS_MISSING;
	}
	return !missing || says_the_same(number);
}

int versions_list(struct versions *versions, struct error *error)
{
	int result = list_numbers(versions, error);

	for (size_t i = 0; !result && i < versions->count; i++)
		read_cause(&versions->versions[i]);
	if (!result && versions->count) {
		struct version *newest = &versions->versions[versions->count - 1];

		newest->current = is_now(newest->number);
	}
	return result;
}

static void remove_unfinished(void)
{
	static const char *const beside[] = {CAUSE, GUARDS_FILE, GUARDS_FILE ".new"};
	char path[STORE_PATH_SIZE];

	for (size_t i = 0; i < FILE_COUNT; i++) {
		path_of(UNFINISHED, file_names[i], path);
		unlink(path);
	}
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		path_of(UNFINISHED, beside[i], path);
		unlink(path);
	}
	path_of(UNFINISHED, NULL, path);
	rmdir(path);
}

static int make_directories(struct error *error)
{
	char path[STORE_PATH_SIZE];

	store_state_path(path, DIRECTORY);
	if (mkdir(path, 0700) && errno != EEXIST)
		return store_error(error, errno, "cannot create %s", path);
	path_of(UNFINISHED, NULL, path);
	if (mkdir(path, 0700))
		return store_error(error, errno, "cannot create %s", path);
	return 0;
}

static int link_files(struct error *error)
{
	for (size_t i = 0; i < FILE_COUNT; i++) {
		char path[STORE_PATH_SIZE], kept_path[STORE_PATH_SIZE];

		store_state_path(path, file_names[i]);
		path_of(UNFINISHED, file_names[i], kept_path);
		if (link(path, kept_path) && errno != ENOENT)
			return store_error(error, errno, "cannot link %s", kept_path);
	}
	return 0;
}

/* What the guards are to be is the same as before: store/guards_file.h. */
static void link_guards(unsigned int former)
{
	char path[STORE_PATH_SIZE], kept_path[STORE_PATH_SIZE];

	versions_path(former, GUARDS_FILE, path);
	path_of(UNFINISHED, GUARDS_FILE, kept_path);
	if (link(path, kept_path))
		return;
}

static int write_cause(const char *cause, int64_t now, struct error *error)
{
	char path[STORE_PATH_SIZE], time[WHEN_TEXT_SIZE];
	FILE *stream;
	bool failed;

	path_of(UNFINISHED, CAUSE, path);
	stream = fopen(path, "we");
	if (!stream)
		return store_error(error, errno, "cannot write %s", path);
	time_format(now, time);
	fprintf(stream, "time %s\ncause %s\n", time, cause);
	failed = ferror(stream);
	if (fclose(stream) || failed)
		return store_error(error, errno, "cannot write %s", path);
	return 0;
}

/* Gives what is unfinished its number, or takes it away. */
static int rename_version(const char *from, const char *to, struct error *error)
{
	char from_path[STORE_PATH_SIZE], to_path[STORE_PATH_SIZE];

	path_of(from, NULL, from_path);
	path_of(to, NULL, to_path);
	if (rename(from_path, to_path))
		return store_error(error, errno, "cannot rename %s", from_path);
	return 0;
}

static bool is_single_edit(const struct version *version)
{
	static const char *const edits[] = {"allow ", "deny ", "delete ", "del "};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		if (!strncmp(version->cause, edits[i], strlen(edits[i])))
			return true;
	}
	return false;
}

size_t versions_least(const struct versions *versions)
{
	for (size_t i = 0; i + VERSIONS_NEWEST < versions->count; i++) {
		if (is_single_edit(&versions->versions[i]))
			return i;
	}
	return 0;
}

static int remove_least(struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	int result = versions_list(&all, error);

	while (!result && all.count > VERSIONS_MAX) {
		size_t least = versions_least(&all);
		char name[16];

		snprintf(name, sizeof(name), "%u", all.versions[least].number);
		result = rename_version(name, UNFINISHED, error);
		remove_unfinished();
		memmove(&all.versions[least], &all.versions[least + 1],
			(--all.count - least) * sizeof(*all.versions));
	}
	return result;
}

int versions_keep(const char *cause, int64_t now, struct error *error)
{
	__attribute__((cleanup(versions_clear))) struct versions all = {};
	unsigned int last;
	char name[16];
	int result = list_numbers(&all, error);

	if (result)
		return result;
	last = all.count ? all.versions[all.count - 1].number : 0;
	if (last && is_now(last))
		return 0;
	remove_unfinished();
	result = make_directories(error);
	result = result ?: link_files(error);
	link_guards(last);
	result = result ?: write_cause(cause, now, error);
	snprintf(name, sizeof(name), "%u", last + 1);
	result = result ?: rename_version(UNFINISHED, name, error);
	if (result)
		remove_unfinished();
	if (!result && all.count >= VERSIONS_MAX)
		result = remove_least(error);
	return result;
}
