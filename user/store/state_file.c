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
#include "store/state.h"

static void persistent_path(char path[static STORE_PATH_SIZE])
{
	store_state_path(path, "entries.list");
}

static void runtime_path(char path[static STORE_PATH_SIZE])
{
	store_run_path(path, "runtime.list");
}

static void ports_path(char path[static STORE_PATH_SIZE])
{
	store_state_path(path, "ports");
}

static void (*const file_paths[])(char path[static STORE_PATH_SIZE]) = {
	persistent_path,
	runtime_path,
	ports_path,
};

#define FILE_COUNT (sizeof(file_paths) / sizeof(file_paths[0]))

static int load_list(const char *path, struct entry_list *list, struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size;
	int result;

	result = sealed_file_read(path, &text, &size, error);
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

	result = sealed_file_read(path, &text, &size, error);
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

/* Reads the file, but as entries only what it has for these prefixes. */
static int load_part(const char *path, const struct entry_list *prefixes, struct state *state,
		     struct error *error)
{
	int result = sealed_file_read(path, &state->text, &state->text_size, error);

	state->partial = true;
	if (result == -ENOENT)
		return 0;
	return result
		       ?: list_text_find(path, state->text, state->text_size, prefixes,
					 &state->persistent, error);
}

int state_load_part(struct state *state, const struct entry_list *prefixes, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state loaded = {};
	char path[STORE_PATH_SIZE];
	int result;

	persistent_path(path);
	result = prefixes ? load_part(path, prefixes, &loaded, error)
			  : load_list(path, &loaded.persistent, error);
	runtime_path(path);
	result = result ?: load_list(path, &loaded.runtime, error);
	ports_path(path);
	result = result ?: load_ports(path, &loaded.ports, error);
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

	if (!lists_equal(&old->persistent, &new->persistent)) {
		persistent_path(path);
		result = draft_list(&drafts->persistent, path, old, &new->persistent, error);
	}
	if (!result && !lists_equal(&old->runtime, &new->runtime)) {
		runtime_path(path);
		result = draft_list(&drafts->runtime, path, NULL, &new->runtime, error);
	}
	if (!result && !ports_equal(&old->ports, &new->ports)) {
		ports_path(path);
		result = draft_ports(&drafts->ports, path, &new->ports, error);
	}
	return result;
}

int state_commit(struct state_drafts *drafts, struct error *error)
{
	int result = sealed_file_commit(&drafts->persistent, error);

	result = result ? result : sealed_file_commit(&drafts->runtime, error);
	return result ? result : sealed_file_commit(&drafts->ports, error);
}

void state_discard(struct state_drafts *drafts)
{
	sealed_file_discard(&drafts->persistent);
	sealed_file_discard(&drafts->runtime);
	sealed_file_discard(&drafts->ports);
}

bool state_has_drafts(void)
{
	for (size_t i = 0; i < FILE_COUNT; i++) {
		char path[STORE_PATH_SIZE];

		file_paths[i](path);
		if (sealed_file_has_draft(path))
			return true;
	}
	return false;
}

void state_remove_drafts(void)
{
	for (size_t i = 0; i < FILE_COUNT; i++) {
		char path[STORE_PATH_SIZE];

		file_paths[i](path);
		sealed_file_remove_draft(path);
	}
}

int state_forget_runtime(struct error *error)
{
	char path[STORE_PATH_SIZE];

	runtime_path(path);
	if (unlink(path) && errno != ENOENT)
		return error_system(error, errno, "cannot remove %s", path);
	return 0;
}
