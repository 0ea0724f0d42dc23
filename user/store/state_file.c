// SPDX-License-Identifier: GPL-2.0-or-later
/* The files of the state: reading them, and writing the next ones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "policy/list_file.h"
#include "policy/list_text.h"
#include "policy/ports.h"
#include "store/declared_text.h"
#include "store/state_paths.h"

/* The file, or the draft that counts in its place. */
static int read_file(const char *path, char **text, size_t *size, struct error *error)
{
	int result = -ENOENT;

	if (state_is_recorded())
		result = sealed_file_read_draft(path, text, size, error);
	return result == -ENOENT ? sealed_file_read(path, text, size, error) : result;
}

static int load_list(const char *path, struct entry_list *list, struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	result = read_file(path, &text, &size, error);
	if (result == -ENOENT)
		return 0;
	return result ? result : list_file_parse(path, text, size, list, error);
}

static int load_ports(const char *path, struct sg_ports *ports, struct error *error)
{
	cleanup_free char *text = NULL;
	struct sg_ports loaded = {};
	char *rest, *line;
	size_t size;
	int result;

	result = read_file(path, &text, &size, error);
	if (result == -ENOENT) {
		ports_default(ports);
		return 0;
	}
	if (result)
		return result;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct port port;

		if (!*line)
			continue;
		result = port_parse(line, &port, error);
		if (result)
			return result;
		ports_add(&loaded, &port);
	}
	*ports = loaded;
	return 0;
}

/* Where one of the files is, or a copy of it in a directory of STATE. */
static void path_in(const char *directory, const char *name, char path[static STORE_PATH_SIZE])
{
	char file[64];

	snprintf(file, sizeof(file), "%s%s", directory, name);
	store_state_path(path, file);
}

/* `prefixes` are all that matter, or NULL. */
static int load_declared(const char *directory, const struct entry_list *prefixes,
			 struct state *state, struct error *error)
{
	cleanup_free char *text = NULL;
	char path[STORE_PATH_SIZE];
	size_t size;
	int result;

	path_in(directory, STATE_DECLARED, path);
	result = read_file(path, &text, &size, error);
	if (result == -ENOENT)
		return 0;
	return result
		       ?: declared_text_parse(path, text, size, prefixes, &state->declared,
					      &state->files, error);
}

/* Of the persistent entries only those of these prefixes, and the text of all. */
static int load_some(const struct entry_list *prefixes, struct state *state, struct error *error)
{
	char path[STORE_PATH_SIZE];
	int result;

	state_path(STATE_FILE_PERSISTENT, path);
	state->partial = true;
	result = read_file(path, &state->text, &state->text_size, error);
	if (result == -ENOENT)
		return 0;
	return result
		       ?: list_text_find(path, state->text, state->text_size, prefixes,
					 &state->persistent, error);
}

static int load_all(const char *directory, struct state *state, struct error *error)
{
	char path[STORE_PATH_SIZE];

	path_in(directory, STATE_ENTRIES, path);
	return load_list(path, &state->persistent, error);
}

static int load(const char *directory, const struct entry_list *prefixes, struct state *state,
		struct error *error)
{
	char path[STORE_PATH_SIZE];
	int result = prefixes ? load_some(prefixes, state, error)
			      : load_all(directory, state, error);

	result = result ?: load_declared(directory, prefixes, state, error);
	path_in(directory, STATE_PORTS, path);
	return result ?: load_ports(path, &state->ports, error);
}

int state_load_part(struct state *state, const struct entry_list *prefixes, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state loaded = {};
	char path[STORE_PATH_SIZE];
	int result = load("", prefixes, &loaded, error);

	state_path(STATE_FILE_RUNTIME, path);
	result = result ?: load_list(path, &loaded.runtime, error);
	if (result)
		return result;
	*state = loaded;
	loaded = (struct state){};
	return 0;
}

int state_load_runtime(struct state *state, struct error *error)
{
	char path[STORE_PATH_SIZE];

	state_path(STATE_FILE_RUNTIME, path);
	return load_list(path, &state->runtime, error);
}

int state_load_copy(const char *directory, struct state *state, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state loaded = {};
	int result = load(directory, NULL, &loaded, error);

	if (result)
		return result;
	*state = loaded;
	loaded = (struct state){};
	return 0;
}

int state_load(struct state *state, struct error *error)
{
	return state_load_part(state, NULL, error);
}

static bool lists_equal(const struct entry_list *left, const struct entry_list *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++) {
		if (!entry_equal(&left->entries[i], &right->entries[i]))
			return false;
	}
	return true;
}

/* `old` is what the file has, or NULL where only what `list` has is to be in it. */
static int draft_list(struct sealed_draft *draft, const char *path, const struct state *old,
		      const struct entry_list *list, struct error *error)
{
	int result = sealed_file_begin(draft, path, error);

	if (result)
		return result;
	if (old && old->text) {
		result = list_text_write_over(draft->stream, path, old->text, old->text_size, list,
					      error);
		return result ?: sealed_file_seal(draft, error);
	}
	fputs("# Kept by sipguard: change it with `sipguard allow`, `deny` and `delete`.\n",
	      draft->stream);
	list_file_write(draft->stream, list);
	return sealed_file_seal(draft, error);
}

static bool declared_equal(const struct state *left, const struct state *right)
{
	if (!lists_equal(&left->declared, &right->declared))
		return false;
	for (size_t i = 0; i < left->declared.count; i++) {
		const char *file = file_names_at(&left->files, left->declared.entries[i].file);

		if (strcmp(file, file_names_at(&right->files, right->declared.entries[i].file)) !=
		    0)
			return false;
	}
	return true;
}

bool state_lasting_equal(const struct state *left, const struct state *right)
{
	return lists_equal(&left->persistent, &right->persistent) && declared_equal(left, right) &&
	       ports_equal(&left->ports, &right->ports);
}

static int draft_declared(struct sealed_draft *draft, const char *path, const struct state *state,
			  struct error *error)
{
	int result = sealed_file_begin(draft, path, error);

	if (result)
		return result;
	fputs("# Kept by sipguard: what `sipguard apply` found in the administrator's files.\n",
	      draft->stream);
	declared_text_write(draft->stream, &state->declared, &state->files);
	return sealed_file_seal(draft, error);
}

static int draft_ports(struct sealed_draft *draft, const char *path, const struct sg_ports *ports,
		       struct error *error)
{
	int result = sealed_file_begin(draft, path, error);

	if (result)
		return result;
	for (struct port port = {}; ports_next(ports, &port);) {
		char line[PORT_TEXT_SIZE];

		port_format(&port, line);
		fprintf(draft->stream, "%s\n", line);
	}
	return sealed_file_seal(draft, error);
}

int state_draft(struct state_drafts *drafts, const struct state *old, const struct state *new,
		struct error *error)
{
	char path[STORE_PATH_SIZE];
	int result = 0;

	if (old->unreadable || !lists_equal(&old->persistent, &new->persistent)) {
		state_path(STATE_FILE_PERSISTENT, path);
		result = draft_list(&drafts->persistent, path, old, &new->persistent, error);
	}
	if (!result && !old->partial && (old->unreadable || !declared_equal(old, new))) {
		state_path(STATE_FILE_DECLARED, path);
		result = draft_declared(&drafts->declared, path, new, error);
	}
	if (!result && (old->unreadable || !lists_equal(&old->runtime, &new->runtime))) {
		state_path(STATE_FILE_RUNTIME, path);
		result = draft_list(&drafts->runtime, path, NULL, &new->runtime, error);
	}
	if (!result && (old->unreadable || !ports_equal(&old->ports, &new->ports))) {
		state_path(STATE_FILE_PORTS, path);
		result = draft_ports(&drafts->ports, path, &new->ports, error);
	}
	return result;
}
