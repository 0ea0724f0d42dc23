// SPDX-License-Identifier: GPL-2.0-or-later
#include "micro.h"

#include <errno.h>

#include <bpf/bpf.h>

#include "generator.h"
#include "kernel/program.h"
#include "loaders.h"

static int measure(int program, struct cost *cost, enum sources sources, struct error *error)
{
	double wrapped, wrapper;
	int result = generator_run(-1, cost->family, &wrapper, error);

	result = result ?: generator_run(program, cost->family, &wrapped, error);
	if (!result)
		series_add(&cost->nanoseconds[sources], wrapped - wrapper);
	return result;
}

int micro_measure(const struct allowlist *list, size_t rounds, struct cost *cost,
		  struct error *error)
{
	int result = 0;

	*cost = (struct cost){.entries = list->entries.count, .family = list->family};
	for (unsigned int sources = 0; sources < SOURCES_COUNT; sources++) {
		if (!sources_are_worthwhile(sources, list))
			continue;
		sources_choose(sources, list);
		for (size_t round = 0; !result && round < rounds; round++)
			result = measure(program_descriptor(list->program), cost, sources, error);
	}
	return result;
}

static int inspect(const struct program *program, struct program_size *size, struct error *error)
{
	struct bpf_prog_info info = {};
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_descriptor(program), &info, &length))
		return error_system(error, errno, "cannot inspect the XDP program");
	size->verified = info.verified_insns;
	size->translated = info.xlated_prog_len;
	size->compiled = info.jited_prog_len;
	return 0;
}

int micro_inspect(struct program_size sizes[static VARIANT_COUNT], struct error *error)
{
	static const char *const variants[VARIANT_COUNT] = {
		[SG_LINK_ETHERNET] = "Ethernet",
		[SG_LINK_NONE] = "layer 3",
	};
	int result = 0;

	for (unsigned int link = 0; !result && link < VARIANT_COUNT; link++) {
		__attribute__((cleanup(program_close))) struct program *program = NULL;

		sizes[link].variant = variants[link];
		result = program_of_kind(link, &program, error);
		result = result ?: inspect(program, &sizes[link], error);
	}
	return result;
}
