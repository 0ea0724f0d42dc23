// SPDX-License-Identifier: GPL-2.0-or-later
/* Putting drafts of the state in place, at once or when they are confirmed. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "store/state_paths.h"

void state_path(enum state_file file, char path[static STORE_PATH_SIZE])
{
	static const char *const names[STATE_FILE_COUNT] = {
		[STATE_FILE_PERSISTENT] = STATE_ENTRIES, [STATE_FILE_DECLARED] = STATE_DECLARED,
		[STATE_FILE_RUNTIME] = "runtime.list",	 [STATE_FILE_PORTS] = STATE_PORTS,
		[STATE_FILE_RECORD] = "commit",		 [STATE_FILE_TRIAL] = "trial",
	};

	if (file == STATE_FILE_RUNTIME)
		store_run_path(path, names[file]);
	else
		store_state_path(path, names[file]);
}

static bool file_exists(enum state_file file)
{
	char path[STORE_PATH_SIZE];

	state_path(file, path);
	return !access(path, F_OK);
}

bool state_is_recorded(void)
{
	return file_exists(STATE_FILE_RECORD);
}

/* One of the files that are there only while something changes. */
static int write_note(enum state_file file, const char *text, struct error *error)
{
	__attribute__((cleanup(sealed_file_discard))) struct sealed_draft note = {};
	char path[STORE_PATH_SIZE];
	int result;

	state_path(file, path);
	result = sealed_file_begin(&note, path, error);
	if (result)
		return result;
	fprintf(note.stream, "%s\n", text);
	result = sealed_file_seal(&note, error);
	return result ?: sealed_file_commit(&note, error);
}

static int remove_note(enum state_file file, struct error *error)
{
	char path[STORE_PATH_SIZE];

	state_path(file, path);
	return sealed_file_remove(path, error);
}

static int write_record(struct error *error)
{
	return write_note(STATE_FILE_RECORD, "the drafts beside the files count", error);
}

static struct sealed_draft *draft_at(struct state_drafts *drafts, size_t at)
{
	struct sealed_draft *const all[] = {&drafts->persistent, &drafts->declared,
					    &drafts->runtime, &drafts->ports};

	return at < sizeof(all) / sizeof(all[0]) ? all[at] : NULL;
}

/* Nothing is decided when the first cannot take its place. The others do so sooner or later. */
static int commit_all(struct state_drafts *drafts, struct error *error)
{
	struct sealed_draft *draft;
	struct error ignored;
	int result = write_record(error);
	bool decided = false;

	for (size_t at = 0; !result && (draft = draft_at(drafts, at)); at++) {
		bool written = draft->temporary[0];

		result = sealed_file_commit(draft, decided ? &ignored : error);
		decided |= written && !draft->temporary[0];
	}
	if (!decided || !result)
		remove_note(STATE_FILE_RECORD, &ignored);
	if (!decided)
		return result;
	*drafts = (struct state_drafts){};
	return 0;
}

int state_commit(struct state_drafts *drafts, struct error *error)
{
	struct sealed_draft *draft, *last = NULL;
	size_t count = 0;

	for (size_t at = 0; (draft = draft_at(drafts, at)); at++) {
		if (!draft->temporary[0])
			continue;
		last = draft;
		count++;
	}
	if (count > 1)
		return commit_all(drafts, error);
	return last ? sealed_file_commit(last, error) : 0;
}

static int commit_drafts(struct error *error)
{
	int result = 0;

	for (int file = 0; !result && file < STATE_FILE_RECORD; file++) {
		char path[STORE_PATH_SIZE];

		state_path(file, path);
		result = sealed_file_commit_draft(path, error);
	}
	return result;
}

int state_finish_commit(struct error *error)
{
	int result;

	if (!state_is_recorded())
		return 0;
	result = commit_drafts(error);
	/* Of a trial, the record says how it ended until the kernel has been told. */
	if (result || state_on_trial(NULL))
		return result;
	return remove_note(STATE_FILE_RECORD, error);
}

void state_discard(struct state_drafts *drafts)
{
	struct sealed_draft *draft;

	for (size_t at = 0; (draft = draft_at(drafts, at)); at++)
		sealed_file_discard(draft);
}

bool state_has_drafts(void)
{
	for (int file = 0; file < STATE_FILE_COUNT; file++) {
		char path[STORE_PATH_SIZE];

		state_path(file, path);
		if (sealed_file_has_draft(path))
			return true;
	}
	return false;
}

void state_remove_drafts(void)
{
	for (int file = 0; file < STATE_FILE_COUNT; file++) {
		char path[STORE_PATH_SIZE];

		state_path(file, path);
		sealed_file_remove_draft(path);
	}
}

int state_begin_trial(struct state_drafts *drafts, const char *cause, struct error *error)
{
	int result = write_note(STATE_FILE_TRIAL, cause, error);

	if (!result)
		*drafts = (struct state_drafts){};
	return result;
}

/* A note that is damaged still says that there is a trial. */
static void read_cause(char cause[static STATE_CAUSE_SIZE])
{
	cleanup_free char *text = NULL;
	char path[STORE_PATH_SIZE];
	struct error ignored;
	size_t size;

	state_path(STATE_FILE_TRIAL, path);
	if (sealed_file_read(path, &text, &size, &ignored))
		snprintf(cause, STATE_CAUSE_SIZE, "not known");
	else
		snprintf(cause, STATE_CAUSE_SIZE, "%.*s", (int)strcspn(text, "\n"), text);
}

bool state_on_trial(char *cause)
{
	if (!file_exists(STATE_FILE_TRIAL))
		return false;
	if (cause)
		read_cause(cause);
	return true;
}

int state_decide_trial(struct error *error)
{
	return write_record(error);
}

bool state_trial_is_decided(void)
{
	return state_on_trial(NULL) && state_is_recorded();
}

int state_end_trial(bool keep, struct error *error)
{
	int result = 0;

	if (keep)
		result = commit_drafts(error);
	else
		result = remove_note(STATE_FILE_RECORD, error);
	if (result)
		return result;
	if (!keep)
		state_remove_drafts();
	result = remove_note(STATE_FILE_TRIAL, error);
	return result ?: remove_note(STATE_FILE_RECORD, error);
}

int state_forget_runtime(struct error *error)
{
	char path[STORE_PATH_SIZE];
	int result = state_finish_commit(error);

	state_path(STATE_FILE_RUNTIME, path);
	return result ?: sealed_file_remove(path, error);
}
