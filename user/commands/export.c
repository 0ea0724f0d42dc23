// SPDX-License-Identifier: GPL-2.0-or-later
/* export: what is in force, as files that apply and import read */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cleanup.h"
#include "commands/command.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "policy/list_file.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "store/replace_file.h"
#include "store/state.h"
#include "text/device_text.h"
#include "text/escape.h"

#define LIST_DIRECTORY "allow.d"
#define LIST_NAME      LIST_DIRECTORY "/exported.list"

/* Two texts, which the struct owns. */
struct export
{
	char *configuration;
	size_t configuration_size;
	char *list;
	size_t list_size;
};

static void export_clear(struct export *export)
{
	free(export->configuration);
	free(export->list);
}

/* The mode and the way of attachment that all guards have in common are declared, no other. */
static int write_guards(FILE *stream, const struct guards *guards, struct error *error)
{
	bool same_attach = true, same_mode = true;
	enum attach_mode first_attach = ATTACH_NATIVE;
	struct device_mode first = {}, mode;
	size_t count = 0;

	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];
		int result = device_maps_mode(&guard->maps, &mode, error);

		if (result)
			return result;
		if (guard->state != GUARD_ATTACHED)
			continue;
		if (!count++) {
			first = mode;
			first_attach = guard->attach_mode;
		}
		fputs(count == 1 ? "[guard]\ndevices = " : "\n\t", stream);
		fputs(device_text_for_file(guard->present).text, stream);
		same_mode &= mode.in_force == first.in_force;
		same_attach &= guard->attach_mode == first_attach;
	}
	if (!count)
		return 0;
	fputs("\n", stream);
	if (same_attach)
		fprintf(stream, "attach = %s\n", attach_mode_name(first_attach));
	if (same_mode)
		fprintf(stream, "mode = %s\n", mode_name(first.in_force));
	fputs("\n", stream);
	return 0;
}

static void write_ports(FILE *stream, const struct sg_ports *ports)
{
	const char *before = "[ports]\nguard = ";

	for (struct port port = {}; ports_next(ports, &port);) {
		char text[PORT_TEXT_SIZE];

		port_format(&port, text);
		fprintf(stream, "%s%s", before, text);
		before = "\n\t";
	}
	fputs("\n\n", stream);
}

static int memory_error(struct error *error)
{
	return error_system(error, ENOMEM, "cannot export the policy");
}

static int make_configuration(const struct state *state, struct export *export, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	FILE *stream;
	int result = guards_open(&guards, error);

	if (result)
		return result;
	stream = open_memstream(&export->configuration, &export->configuration_size);
	if (!stream)
		return memory_error(error);
	fputs("# Written by sipguard export. sipguard.conf(5) tells what it means.\n\n", stream);
	result = write_guards(stream, &guards, error);
	write_ports(stream, &state->ports);
	fputs("[policy]\nallow_dir = " LIST_DIRECTORY "\n", stream);
	if (fclose(stream) && !result)
		result = memory_error(error);
	return result;
}

/* Without runtime entries: a file outlives a reboot, and they do not. */
static int make_list(struct state *state, struct export *export, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	FILE *stream;
	int result;

	entry_list_clear(&state->runtime);
	result = state_in_force(state, clock_now(), &entries, error);
	if (result)
		return result;
	stream = open_memstream(&export->list, &export->list_size);
	if (!stream)
		return memory_error(error);
	list_file_write(stream, &entries);
	return fclose(stream) ? memory_error(error) : 0;
}

static int make_directory(const char *path, struct error *error)
{
	char escaped[STORE_PATH_SIZE];

	if (!mkdir(path, 0755) || errno == EEXIST)
		return 0;
	text_escape(escaped, sizeof(escaped), path, strlen(path));
	return store_error(error, errno, "cannot create %s", escaped);
}

static int path_in(const char *directory, const char *name, char path[static STORE_PATH_SIZE],
		   struct error *error)
{
	if (snprintf(path, STORE_PATH_SIZE, "%s/%s", directory, name) < STORE_PATH_SIZE)
		return 0;
	return error_set(error, EXIT_USAGE, ENAMETOOLONG, "the path of the directory is too long");
}

/* The list first: a configuration without its list would declare nobody. */
static int write_files(const char *directory, const struct export *export, struct error *error)
{
	char lists[STORE_PATH_SIZE], list[STORE_PATH_SIZE], configuration[STORE_PATH_SIZE];
	int result = path_in(directory, LIST_DIRECTORY, lists, error);

	result = result ?: path_in(directory, LIST_NAME, list, error);
	result = result ?: path_in(directory, "sipguard.conf", configuration, error);
	result = result ?: make_directory(directory, error);
	result = result ?: make_directory(lists, error);
	result = result ?: check_file_target(configuration, false, error);
	result = result ?: create_file(list, export->list, export->list_size, 0644, error);
	return result
		       ?: create_file(configuration, export->configuration,
				      export->configuration_size, 0644, error);
}

static int answer(const struct invocation *invocation, const struct export *export,
		  const char *directory, struct error *error)
{
	json_t *object;

	if (invocation->json) {
		object = answer_new(invocation);
		json_object_set_new(object, "configuration", json_string(export->configuration));
		json_object_set_new(object, "list", json_string(export->list));
		json_object_set_new(object, "written", json_boolean(directory != NULL));
		return answer_print(object, EXIT_DONE, error);
	}
	if (!directory)
		fwrite(export->list, 1, export->list_size, stdout);
	else if (!invocation->quiet)
		printf("written: sipguard.conf and " LIST_NAME "\n");
	return EXIT_DONE;
}

int command_export(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(export_clear))) struct export export = {};
	__attribute__((cleanup(state_clear))) struct state state = {};
	int result = operands_parse(invocation, NULL, 0, &words, error);

	if (result)
		return result;
	if (words.count > 1)
		return usage_error(invocation, error, "one directory, or none for the list alone");
	result = state_load(&state, error);
	result = result ?: make_configuration(&state, &export, error);
	result = result ?: make_list(&state, &export, error);
	if (!result && words.count)
		result = write_files(words.words[0], &export, error);
	return result ?: answer(invocation, &export, words.count ? words.words[0] : NULL, error);
}
