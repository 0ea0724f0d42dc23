// SPDX-License-Identifier: GPL-2.0-or-later
#include "inventory.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cleanup.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "store/state.h"
#include "store/text_file.h"

#define TEXT_SIZE     1024
#define FILE_SIZE_MAX (1U << 20)

static void set(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

/* The answer of `sipguard --json COMMAND`; NULL when it fails with more than a negative answer. */
static json_t *ask(const char *sipguard, const char *command)
{
	char line[TEXT_SIZE];
	json_t *answer;
	FILE *stream;
	int status;

	/* Notices are no part of the answer. */
	snprintf(line, sizeof(line), "%s --json %s 2>/dev/null", sipguard, command);
	stream = popen(line, "re");
	if (!stream)
		return NULL;
	answer = json_loadf(stream, JSON_DISABLE_EOF_CHECK, NULL);
	status = pclose(stream);
	if (answer && WIFEXITED(status) &&
	    (WEXITSTATUS(status) == EXIT_DONE || WEXITSTATUS(status) == EXIT_ABSENT))
		return answer;
	printf("sipguard %s fails: exit status %d\n", command, WEXITSTATUS(status));
	json_decref(answer);
	return NULL;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "-";
}

/* How many entries there are is judged with the entries themselves, and at the end. */
static void add_sizes(const json_t *entries, json_t *files)
{
	static const char *const sizes[] = {"ipv4", "ipv6", "limit"};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char name[TEXT_SIZE], text[TEXT_SIZE];

		snprintf(name, sizeof(name), "entries %s", sizes[i]);
		snprintf(text, sizeof(text), "%lld",
			 (long long)json_integer_value(json_object_get(entries, sizes[i])));
		set(files, name, text);
	}
}

static bool read_status(const char *sipguard, json_t *force, json_t *files)
{
	json_t *answer = ask(sipguard, "status"), *device, *trial;
	size_t at;

	if (!answer)
		return false;
	json_array_foreach(json_object_get(answer, "devices"), at, device)
	{
		char name[TEXT_SIZE], text[TEXT_SIZE];

		snprintf(name, sizeof(name), "guard on %s", text_of(device, "device"));
		snprintf(text, sizeof(text), "%s, %s, %s, %zu changes, confirmation %s",
			 text_of(device, "state"), text_of(device, "attach_mode"),
			 text_of(device, "mode"),
			 json_object_size(json_object_get(device, "changed")),
			 text_of(json_object_get(device, "confirmation"), "state"));
		set(force, name, text);
	}
	trial = json_object_get(json_object_get(answer, "entries"), "confirmation");
	set(force, "trial", text_of(trial, "state"));
	add_sizes(json_object_get(answer, "entries"), files);
	json_decref(answer);
	return true;
}

static bool read_list(const char *sipguard, json_t *force)
{
	json_t *answer = ask(sipguard, "list"), *entry;
	char name[TEXT_SIZE], text[TEXT_SIZE];
	size_t at;

	if (!answer)
		return false;
	json_array_foreach(json_object_get(answer, "entries"), at, entry)
	{
		if (!json_is_true(json_object_get(entry, "in_kernel")))
			continue;
		snprintf(name, sizeof(name), "entry %s", text_of(entry, "prefix"));
		snprintf(text, sizeof(text), "%s until %s", text_of(entry, "verdict"),
			 text_of(entry, "expires"));
		set(force, name, text);
	}
	json_decref(answer);
	return true;
}

static bool read_ports(const char *sipguard, json_t *force)
{
	json_t *answer = ask(sipguard, "ports"), *port;
	size_t at;

	if (!answer)
		return false;
	json_array_foreach(json_object_get(answer, "ports"), at, port)
	{
		char name[TEXT_SIZE];

		snprintf(name, sizeof(name), "port %s", json_string_value(port));
		set(force, name, "is guarded");
	}
	json_decref(answer);
	return true;
}

static void add_entries(json_t *disk, const char *origin, const struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		char prefix[PREFIX_TEXT_SIZE], name[TEXT_SIZE], text[TEXT_SIZE];

		prefix_format(&entry->prefix, prefix);
		snprintf(name, sizeof(name), "%s %s", origin, prefix);
		snprintf(text, sizeof(text), "%s until %lld # %s",
			 entry_verdict_name(entry->verdict), (long long)entry->until,
			 entry->label ?: "");
		set(disk, name, text);
	}
}

static bool read_disk(json_t *disk)
{
	__attribute__((cleanup(state_clear))) struct state state = {};
	struct error error;

	if (state_load(&state, &error)) {
		printf("%s\n", error.message);
		return false;
	}
	add_entries(disk, "persistent", &state.persistent);
	add_entries(disk, "runtime", &state.runtime);
	add_entries(disk, "declared", &state.declared);
	for (struct port port = {}; ports_next(&state.ports, &port);) {
		char text[PORT_TEXT_SIZE];

		port_format(&port, text);
		set(disk, text, "is guarded");
	}
	return true;
}

/* nftw() takes no context. */
static json_t *walked;

/* What is kept of the past, of the time, and of devices: status tells what follows from it. */
static bool is_history(const char *path)
{
	return strstr(path, "/state/versions") || strstr(path, "/state/last_apply") ||
	       strstr(path, "/run/guards");
}

static int add_file(const char *path, const struct stat *status, int type, struct FTW *place)
{
	cleanup_free char *text = NULL;
	struct error ignored;
	size_t size;

	if (is_history(path))
		return 0;
	if (type == FTW_F && S_ISREG(status->st_mode) && !strstr(path, "/bpf/") &&
	    strcmp(path + place->base, "lock") != 0)
		text_file_read(path, FILE_SIZE_MAX, &text, &size, &ignored);
	set(walked, path, text ?: "");
	return 0;
}

/* A generation is in one slot or in the other. */
static int add_pin(const char *path, const struct stat *status, int type, struct FTW *place)
{
	char name[TEXT_SIZE], mode[16];
	size_t length = strlen(path);

	(void)type;
	(void)place;
	snprintf(name, sizeof(name), "%s", path);
	if (strstr(path, "/policy/") && path[length - 2] == '_')
		name[length - 1] = 'N';
	snprintf(mode, sizeof(mode), "%o", status->st_mode);
	set(walked, name, mode);
	return 0;
}

/* Every version that is listed can be gone back to. */
static bool read_versions(const char *sipguard)
{
	json_t *answer = ask(sipguard, "rollback --list"), *version;
	bool readable = answer;
	size_t at;

	json_array_foreach(json_object_get(answer, "versions"), at, version)
	{
		if (json_is_true(json_object_get(version, "readable")))
			continue;
		printf("a version cannot be read: %s\n", text_of(version, "cause"));
		readable = false;
	}
	json_decref(answer);
	return readable;
}

static void read_files(json_t *files)
{
	walked = files;
	nftw(getenv("SIPGUARD_STATE_DIR"), add_file, 8, FTW_PHYS);
	nftw(getenv("SIPGUARD_RUN_DIR"), add_file, 8, FTW_PHYS);
	nftw(getenv("SIPGUARD_PIN_DIR"), add_pin, 8, FTW_PHYS);
}

bool inventory_take(const char *sipguard, struct probe *probe, struct inventory *inventory)
{
	struct inventory taken = {json_object(), json_object(), json_object(), json_object()};
	bool done = read_status(sipguard, taken.force, taken.files) &&
		    read_list(sipguard, taken.force) && read_ports(sipguard, taken.force) &&
		    read_disk(taken.disk) && read_versions(sipguard);

	if (done && !probe_ask(probe, taken.packets)) {
		printf("a packet for no guarded port was lost\n");
		done = false;
	}
	read_files(taken.files);
	if (done)
		*inventory = taken;
	else
		inventory_clear(&taken);
	return done;
}

void inventory_clear(struct inventory *inventory)
{
	json_decref(inventory->force);
	json_decref(inventory->packets);
	json_decref(inventory->disk);
	json_decref(inventory->files);
	*inventory = (struct inventory){};
}

bool inventory_equal(const struct inventory *left, const struct inventory *right)
{
	return json_equal(left->force, right->force) && json_equal(left->packets, right->packets) &&
	       json_equal(left->disk, right->disk) && json_equal(left->files, right->files);
}

/* Absent in both is the same too. */
static bool same_text(const json_t *left, const json_t *right, const char *name)
{
	const char *first = json_string_value(json_object_get(left, name));
	const char *second = json_string_value(json_object_get(right, name));

	return first && second ? !strcmp(first, second) : first == second;
}

bool is_one_of(const json_t *found, const json_t *old, const json_t *new, bool told)
{
	json_t *names = json_copy((json_t *)old), *value;
	bool fit = true;
	const char *name;

	/* What is in one of the old and the new may be absent, what is in both may not. */
	json_object_update(names, (json_t *)found);
	json_object_foreach(names, name, value)
	{
		if (same_text(found, old, name) || same_text(found, new, name))
			continue;
		fit = false;
		if (told)
			printf("  %s: '%s', not '%s' or '%s'\n", name, text_of(found, name),
			       text_of(old, name), text_of(new, name));
	}
	json_decref(names);
	return fit;
}

static void print_difference(const json_t *wanted, const json_t *found)
{
	is_one_of(found, wanted, wanted, true);
}

void inventory_print_difference(const struct inventory *wanted, const struct inventory *found)
{
	print_difference(wanted->force, found->force);
	print_difference(wanted->packets, found->packets);
	print_difference(wanted->disk, found->disk);
	print_difference(wanted->files, found->files);
}
