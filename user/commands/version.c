// SPDX-License-Identifier: GPL-2.0-or-later
/* version: of the tool, of the layout of its maps, of libbpf, and of what runs on each device */
#include "version.h"
#include "commands/command.h"
#include "kernel/guard.h"
#include "kernel/library.h"
#include "kernel/other_guard.h"
#include "sipguard/abi.h"

static const char version[] = SIPGUARD_VERSION;
static const char revision[] = SIPGUARD_REVISION;

/* What runs on each device, as far as this user may see it. */
static json_t *loaded_json(void)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	__attribute__((cleanup(other_guards_clear))) struct other_guards others = {};
	json_t *loaded = json_array();
	struct error ignored;

	if (guards_open_known(&guards, &others, &ignored))
		return loaded;
	for (size_t i = 0; i < guards.count; i++) {
		const struct guard *guard = &guards.guards[i];
		unsigned char tag[8];
		char text[17] = "";

		for (size_t at = 0; guard_program_tag(guard, tag) && at < sizeof(tag); at++)
			sprintf(text + 2 * at, "%02x", tag[at]);
		json_array_append_new(loaded,
				      json_pack("{s:s, s:i, s:s, s:i}", "device", guard->device,
						"program_id", (int)guard->program_id, "program_tag",
						text, "map_layout", SG_ABI_VERSION));
	}
	for (size_t i = 0; i < others.count; i++)
		json_array_append_new(loaded,
				      json_pack("{s:s, s:i, s:s, s:i}", "device",
						others.guards[i].device, "program_id",
						(int)others.guards[i].program_id, "program_tag", "",
						"map_layout", (int)others.guards[i].layout));
	return loaded;
}

static void print_loaded(const json_t *loaded)
{
	const json_t *one;
	size_t at;

	json_array_foreach(loaded, at, one)
	{
		const char *tag = json_string_value(json_object_get(one, "program_tag"));

		printf("%s: program %lld%s%s, map layout %lld\n",
		       json_string_value(json_object_get(one, "device")),
		       (long long)json_integer_value(json_object_get(one, "program_id")),
		       *tag ? ", tag " : "", tag,
		       (long long)json_integer_value(json_object_get(one, "map_layout")));
	}
}

int command_version(const struct invocation *invocation, struct error *error)
{
	json_t *loaded = loaded_json(), *answer;

	if (!invocation->json) {
		printf("sipguard %s (%s), map layout %d, program object %s, libbpf %s\n", version,
		       revision, SG_ABI_VERSION, program_object_hash(), library_version());
		print_loaded(loaded);
		json_decref(loaded);
		return EXIT_DONE;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "version", json_string(version));
	json_object_set_new(answer, "revision", json_string(revision));
	json_object_set_new(answer, "map_layout", json_integer(SG_ABI_VERSION));
	json_object_set_new(answer, "object", json_string(program_object_hash()));
	json_object_set_new(answer, "libbpf", json_string(library_version()));
	json_object_set_new(answer, "loaded", loaded);
	return answer_print(answer, EXIT_DONE, error);
}
