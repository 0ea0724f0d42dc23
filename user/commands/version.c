// SPDX-License-Identifier: GPL-2.0-or-later
/* version: of the tool, of the layout of its maps, and of libbpf */
#include "version.h"
#include "commands/command.h"
#include "kernel/library.h"
#include "sipguard/abi.h"

static const char version[] = SIPGUARD_VERSION;
static const char revision[] = SIPGUARD_REVISION;

int command_version(const struct invocation *invocation, struct error *error)
{
	json_t *answer;

	if (!invocation->json) {
		printf("sipguard %s (%s), map layout %d, libbpf %s\n", version, revision,
		       SG_ABI_VERSION, library_version());
		return EXIT_DONE;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "version", json_string(version));
	json_object_set_new(answer, "revision", json_string(revision));
	json_object_set_new(answer, "map_layout", json_integer(SG_ABI_VERSION));
	json_object_set_new(answer, "libbpf", json_string(library_version()));
	return answer_print(answer, EXIT_DONE, error);
}
