// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sample_maps.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/pins.h"

static const uint32_t zero;

/* A template, to tell the kernel what kind of maps the rings are. */
static const struct map_layout ring_layout = {"ring", BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0};

/* In the order of being pinned: what tells that there are readers comes last. */
static const struct sample_map {
	struct map_layout layout;
	size_t descriptor;
	const struct map_layout *inner;
} sample_maps[] = {
	{{"rings", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_SAMPLE_READERS, 0},
	 offsetof(struct sample_maps, rings),
	 &ring_layout},
	{{"taken", BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct sg_sample_taken), SG_SAMPLE_READERS,
	  0},
	 offsetof(struct sample_maps, taken),
	 NULL},
	{{"readers", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_sample_readers), 1, BPF_F_MMAPABLE},
	 offsetof(struct sample_maps, readers),
	 NULL},
};

#define SAMPLE_MAP_COUNT (sizeof(sample_maps) / sizeof(sample_maps[0]))

static int *descriptor_of(struct sample_maps *maps, const struct sample_map *map)
{
	return (int *)((char *)maps + map->descriptor);
}

int sample_maps_create(struct sample_maps *maps, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps created = SAMPLE_MAPS_CLOSED;
	const struct sg_sample_readers nobody = {.abi_version = SG_ABI_VERSION};

	for (size_t i = 0; i < SAMPLE_MAP_COUNT; i++) {
		const struct map_layout *layout = &sample_maps[i].layout;
		cleanup_fd int inner = -1;
		int map;

		if (sample_maps[i].inner)
			inner = map_create(sample_maps[i].inner, sample_maps[i].inner->max_entries,
					   -1, error);
		if (sample_maps[i].inner && inner < 0)
			return inner;
		map = map_create(layout, layout->max_entries, inner, error);
		if (map < 0)
			return map;
		*descriptor_of(&created, &sample_maps[i]) = map;
	}
	if (bpf_map_update_elem(created.readers, &zero, &nobody, BPF_ANY))
		return error_system(error, errno, "cannot write the readers of samples");
	*maps = created;
	created = SAMPLE_MAPS_CLOSED;
	return 0;
}

static int check_version(const struct sample_maps *maps, struct error *error)
{
	struct sg_sample_readers readers;

	if (bpf_map_lookup_elem(maps->readers, &zero, &readers))
		return error_system(error, errno, "cannot read the readers of samples");
	if (readers.abi_version == SG_ABI_VERSION)
		return 0;
	error_set(error, EXIT_SYSTEM, EPROTO,
		  "the pinned maps of samples have layout version %u, this sipguard knows "
		  "version %u",
		  readers.abi_version, SG_ABI_VERSION);
	error_hint(error, "use the sipguard that attached the guard, or start anew: "
			  "sipguard detach --all, then attach");
	return -EPROTO;
}

int sample_maps_open(struct sample_maps *maps, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps opened = SAMPLE_MAPS_CLOSED;
	int result;

	/* Backwards, because without the last one the rest does not count. */
	for (size_t i = SAMPLE_MAP_COUNT; i-- > 0;) {
		char path[PIN_PATH_SIZE];
		int map;

		pin_samples_path(path, sample_maps[i].layout.name);
		map = pin_map_open(path, &sample_maps[i].layout, error);
		if (map < 0)
			return map;
		*descriptor_of(&opened, &sample_maps[i]) = map;
	}
	result = check_version(&opened, error);
	if (result)
		return result;
	*maps = opened;
	opened = SAMPLE_MAPS_CLOSED;
	return 0;
}

static int pin(struct sample_maps *maps, struct error *error)
{
	struct error ignored;
	char path[PIN_PATH_SIZE];
	int result;

	/* What a command that was killed before it came to the last one has left behind. */
	result = sample_maps_unpin(error);
	for (uint32_t reader = 0; !result && reader < SG_SAMPLE_READERS; reader++) {
		pin_reader_path(path, reader);
		result = pin_directory_make(path, error);
	}
	for (size_t i = 0; !result && i < SAMPLE_MAP_COUNT; i++) {
		pin_samples_path(path, sample_maps[i].layout.name);
		result = pin_object(*descriptor_of(maps, &sample_maps[i]), path, error);
	}
	if (result)
		sample_maps_unpin(&ignored);
	return result;
}

int sample_maps_open_or_pin(struct sample_maps *maps, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps created = SAMPLE_MAPS_CLOSED;
	int result = sample_maps_open(maps, error);

	if (result != -ENOENT)
		return result;
	result = sample_maps_create(&created, error);
	result = result ?: pin(&created, error);
	if (result)
		return result;
	*maps = created;
	created = SAMPLE_MAPS_CLOSED;
	return 0;
}

int sample_maps_unpin(struct error *error)
{
	char path[PIN_PATH_SIZE];
	int result = 0;

	for (size_t i = SAMPLE_MAP_COUNT; !result && i-- > 0;) {
		pin_samples_path(path, sample_maps[i].layout.name);
		result = pin_remove(path, error);
	}
	for (uint32_t reader = 0; !result && reader < SG_SAMPLE_READERS; reader++) {
		pin_reader_path(path, reader);
		result = pin_directory_remove(path, error);
	}
	pin_samples_path(path, NULL);
	return result ?: pin_directory_remove(path, error);
}

void sample_maps_close(struct sample_maps *maps)
{
	for (size_t i = 0; i < SAMPLE_MAP_COUNT; i++)
		close_descriptor(descriptor_of(maps, &sample_maps[i]));
	*maps = SAMPLE_MAPS_CLOSED;
}
