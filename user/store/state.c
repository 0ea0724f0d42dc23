// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "policy/list_file.h"
#include "policy/ports.h"

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

int state_load(struct state *state, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state loaded = {};
	char path[STORE_PATH_SIZE];
	int result;

	persistent_path(path);
	result = load_list(path, &loaded.persistent, error);
	if (result)
		return result;
	runtime_path(path);
	result = load_list(path, &loaded.runtime, error);
	if (result)
		return result;
	ports_path(path);
	result = load_ports(path, &loaded.ports, error);
	if (result)
		return result;
	*state = loaded;
	loaded = (struct state){};
	return 0;
}

int state_copy(const struct state *from, struct state *to, struct error *error)
{
	__attribute__((cleanup(state_clear))) struct state copy = {.ports = from->ports};
	int result;

	result = entry_list_copy(&from->persistent, &copy.persistent, error);
	if (!result)
		result = entry_list_copy(&from->runtime, &copy.runtime, error);
	if (result)
		return result;
	*to = copy;
	copy = (struct state){};
	return 0;
}

void state_clear(struct state *state)
{
	entry_list_clear(&state->persistent);
	entry_list_clear(&state->runtime);
}

static bool in_force(const struct entry *entry, int64_t now)
{
	return !entry->until || entry->until > now;
}

const struct entry *state_find(const struct state *state, const struct prefix *prefix)
{
	const struct entry *entry = entry_list_find(&state->runtime, prefix);

	return entry ? entry : entry_list_find(&state->persistent, prefix);
}

/*
 * Steps through both lists at once, each prefix once. NULL at the end. A runtime entry that has
 * expired gives way to the persistent one.
 */
static const struct entry *next_effective(const struct state *state, int64_t now,
					  size_t *persistent, size_t *runtime)
{
	const struct entry *kept = NULL, *transient = NULL;
	int order;

	if (*persistent < state->persistent.count)
		kept = &state->persistent.entries[*persistent];
	if (*runtime < state->runtime.count)
		transient = &state->runtime.entries[*runtime];
	if (!kept && !transient)
		return NULL;
	order = !kept ? 1 : !transient ? -1 : prefix_compare(&kept->prefix, &transient->prefix);
	*persistent += order <= 0;
	*runtime += order >= 0;
	if (order == 0)
		return in_force(transient, now) ? transient : kept;
	return order < 0 ? kept : transient;
}

int state_effective(const struct state *state, int64_t now, struct entry_list *list,
		    struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list found = {};
	size_t persistent = 0, runtime = 0;
	const struct entry *entry;

	while ((entry = next_effective(state, now, &persistent, &runtime))) {
		struct entry unlabelled = *entry;
		int result;

		if (!in_force(entry, now))
			continue;
		unlabelled.label = NULL;
		result = entry_list_append(&found, &unlabelled, error);
		if (result)
			return result;
	}
	*list = found;
	found = (struct entry_list){};
	return 0;
}

bool state_allows_any(const struct state *state, int64_t now)
{
	size_t persistent = 0, runtime = 0;
	const struct entry *entry;

	while ((entry = next_effective(state, now, &persistent, &runtime))) {
		if (entry->verdict == SG_ENTRY_ALLOW && in_force(entry, now))
			return true;
	}
	return false;
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

static int draft_list(struct sealed_draft *draft, const char *path, const struct entry_list *list,
		      struct error *error)
{
	int result = sealed_file_begin(draft, path, error);

	if (result)
		return result;
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
		result = draft_list(&drafts->persistent, path, &new->persistent, error);
	}
	if (!result && !lists_equal(&old->runtime, &new->runtime)) {
		runtime_path(path);
		result = draft_list(&drafts->runtime, path, &new->runtime, error);
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
