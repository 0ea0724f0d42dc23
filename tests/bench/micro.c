// SPDX-License-Identifier: GPL-2.0-or-later
#include "micro.h"

#include <errno.h>

#include <bpf/bpf.h>

#include "generator.h"
#include "kernel/program.h"
#include "lists.h"
#include "loaders.h"
#include "trials.h"

static void choose_sources(const struct entry_list *list, uint8_t family, enum packets packets)
{
	size_t active = list->count < ACTIVE_SOURCES_MAX ? list->count : ACTIVE_SOURCES_MAX;

	switch (packets) {
	case PACKETS_ONE_SOURCE:
		list_allowed(list, generator_draw_from(family, 1), 1);
		break;
	case PACKETS_ACTIVE_SOURCES:
		list_allowed(list, generator_draw_from(family, active), active);
		break;
	case PACKETS_ALL_SOURCES:
		list_allowed(list, generator_draw_from(family, list->count), list->count);
		break;
	case PACKETS_NEIGHBOURS:
		list_neighbours(list, generator_draw_from(family, list->count), list->count);
		break;
	default:
		generator_draw_strangers(family);
	}
}

static int measure(int program, struct cost *cost, enum packets packets, struct error *error)
{
	struct series *series = &cost->nanoseconds[packets];
	double wrapped, wrapper;
	int result = generator_run(-1, cost->family, &wrapper, error);

	result = result ?: generator_run(program, cost->family, &wrapped, error);
	if (!result)
		series->values[series->count++] = wrapped - wrapper;
	return result;
}

static int inspect(int program, struct program_size *size, struct error *error)
{
	struct bpf_prog_info info = {};
	uint32_t length = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &length))
		return error_system(error, errno, "cannot inspect the XDP program");
	*size = (struct program_size){
		.verified = info.verified_insns,
		.translated = info.xlated_prog_len,
		.compiled = info.jited_prog_len,
	};
	return 0;
}

int micro_measure(const struct entry_list *list, size_t rounds, struct cost *cost,
		  struct program_size *size, struct error *error)
{
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	int result = program_with_list(list, &program, error);

	if (result)
		return result;
	*cost = (struct cost){.entries = list->count, .family = list->entries[0].prefix.family};
	for (unsigned int packets = 0; packets < PACKETS_COUNT; packets++) {
		choose_sources(list, cost->family, packets);
		for (size_t round = 0; !result && round < rounds; round++)
			result = measure(program_descriptor(program), cost, packets, error);
	}
	return result ?: inspect(program_descriptor(program), size, error);
}
