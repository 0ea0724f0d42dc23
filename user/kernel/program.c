// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"
#include "sipguard.skel.h"

#ifndef SIPGUARD_OBJECT_HASH
#define SIPGUARD_OBJECT_HASH "not known"
#endif

static const uint32_t zero;

const char *program_object_hash(void)
{
	return SIPGUARD_OBJECT_HASH;
}

static const struct map_layout device_layout = {
	"device", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_device), 1, BPF_F_RDONLY_PROG,
};
static const struct map_layout counters_layout = {
	"counters", BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct sg_counter), SG_COUNTER_COUNT, 0,
};
static const struct map_layout samples_lost_layout = {
	"samples_lost", BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(uint64_t), 1, 0,
};

int device_maps_settings(const struct device_maps *maps, struct sg_device *value,
			 struct error *error)
{
	if (bpf_map_lookup_elem(maps->device, &zero, value))
		return error_system(error, errno, "cannot read the settings of the device");
	return 0;
}

static int write_device(const struct device_maps *maps, const struct sg_device *value,
			struct error *error)
{
	if (bpf_map_update_elem(maps->device, &zero, value, BPF_ANY))
		return error_system(error, errno, "cannot write the settings of the device");
	return 0;
}

int device_maps_create(struct device_maps *maps, enum sg_mode mode, struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps created = DEVICE_MAPS_CLOSED;
	int result;

	created.device = map_create(&device_layout, 1, -1, error);
	if (created.device < 0)
		return created.device;
	created.counters = map_create(&counters_layout, SG_COUNTER_COUNT, -1, error);
	if (created.counters < 0)
		return created.counters;
	created.samples_lost = map_create(&samples_lost_layout, 1, -1, error);
	if (created.samples_lost < 0)
		return created.samples_lost;
	result = write_device(
		&created, &(struct sg_device){.abi_version = SG_ABI_VERSION, .mode = mode}, error);
	if (result)
		return result;
	*maps = created;
	created = DEVICE_MAPS_CLOSED;
	return 0;
}

typedef int map_opener(const char *path, const struct map_layout *layout, struct error *error);

static int open_maps(struct device_maps *maps, const char *device, map_opener *open_map,
		     struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps opened = DEVICE_MAPS_CLOSED;
	char path[PIN_PATH_SIZE];
	struct sg_device value;
	int result;

	pin_device_path(path, device, device_layout.name);
	opened.device = open_map(path, &device_layout, error);
	if (opened.device < 0)
		return opened.device;
	pin_device_path(path, device, counters_layout.name);
	opened.counters = open_map(path, &counters_layout, error);
	if (opened.counters < 0)
		return opened.counters;
	pin_device_path(path, device, samples_lost_layout.name);
	opened.samples_lost = open_map(path, &samples_lost_layout, error);
	if (opened.samples_lost < 0)
		return opened.samples_lost;
	result = device_maps_settings(&opened, &value, error);
	if (result)
		return result;
	if (value.abi_version != SG_ABI_VERSION)
		return error_set(error, EXIT_SYSTEM, EPROTO,
				 "the guard on %s has layout version %u, this is version %u",
				 device, value.abi_version, SG_ABI_VERSION);
	*maps = opened;
	opened = DEVICE_MAPS_CLOSED;
	return 0;
}

int device_maps_open(struct device_maps *maps, const char *device, struct error *error)
{
	return open_maps(maps, device, pin_map_open, error);
}

int device_maps_observe(struct device_maps *maps, const char *device, struct error *error)
{
	return open_maps(maps, device, pin_map_observe, error);
}

void device_maps_close(struct device_maps *maps)
{
	close_descriptor(&maps->device);
	close_descriptor(&maps->counters);
	close_descriptor(&maps->samples_lost);
	*maps = DEVICE_MAPS_CLOSED;
}

int device_maps_mode(const struct device_maps *maps, struct device_mode *mode, struct error *error)
{
	struct sg_device value;
	int result = device_maps_settings(maps, &value, error);

	if (!result)
		*mode = device_mode_of(&value, (uint64_t)clock_boot());
	return result;
}

int device_maps_set_mode(const struct device_maps *maps, enum sg_mode mode, struct error *error)
{
	struct sg_device value;
	int result = device_maps_settings(maps, &value, error);

	device_mode_set(&value, mode);
	return result ?: write_device(maps, &value, error);
}

int device_maps_try_mode(const struct device_maps *maps, enum sg_mode mode, enum sg_mode otherwise,
			 int64_t seconds, struct error *error)
{
	struct sg_device value;
	int result = clock_refuse_namespace(error);

	result = result ?: device_maps_settings(maps, &value, error);
	if (result)
		return result;
	device_mode_try(&value, mode, otherwise, seconds, (uint64_t)clock_boot());
	return write_device(maps, &value, error);
}

int device_maps_end_mode_at(const struct device_maps *maps, uint64_t ends, struct error *error)
{
	struct sg_device value;
	int result = device_maps_settings(maps, &value, error);

	if (result || !value.revert_at)
		return result;
	value.revert_at = ends;
	return write_device(maps, &value, error);
}

int device_maps_confirm(const struct device_maps *maps, struct device_mode *mode,
			struct error *error)
{
	int result = device_maps_mode(maps, mode, error);

	if (result || mode->confirmation != CONFIRMATION_PENDING)
		return result;
	return device_maps_set_mode(maps, mode->in_force, error);
}

int device_maps_restore_mode(const struct device_maps *maps, const struct sg_device *former,
			     struct error *error)
{
	struct sg_device value;
	int result = device_maps_settings(maps, &value, error);

	value.mode = former->mode;
	value.revert_at = former->revert_at;
	value.revert_mode = former->revert_mode;
	return result ?: write_device(maps, &value, error);
}

int device_maps_announce(const struct device_maps *maps, uint32_t program_id,
			 uint32_t former_program_id, struct error *error)
{
	struct sg_device value;
	int result = device_maps_settings(maps, &value, error);

	value.program_id = program_id;
	value.former_program_id = former_program_id;
	return result ?: write_device(maps, &value, error);
}

int device_maps_counters(const struct device_maps *maps,
			 struct sg_counter counters[static SG_COUNTER_COUNT], struct error *error)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus();
	cleanup_free struct sg_counter *each = calloc(SG_COUNTER_COUNT * cpus, sizeof(*each));
	uint32_t keys[SG_COUNTER_COUNT], next, count = SG_COUNTER_COUNT;

	if (!each)
		return error_system(error, ENOMEM, "cannot read the counters");
	/* ENOENT is how the end of the map is told. */
	if (bpf_map_lookup_batch(maps->counters, NULL, &next, keys, each, &count, NULL) &&
	    errno != ENOENT)
		return error_system(error, errno, "cannot read the counters");
	for (uint32_t i = 0; i < SG_COUNTER_COUNT; i++)
		counters[i] = (struct sg_counter){};
	for (uint32_t i = 0; i < count; i++) {
		for (size_t cpu = 0; cpu < cpus; cpu++) {
			counters[keys[i]].packets += each[i * cpus + cpu].packets;
			counters[keys[i]].bytes += each[i * cpus + cpu].bytes;
		}
	}
	return 0;
}

int device_maps_samples_lost(const struct device_maps *maps, uint64_t *lost, struct error *error)
{
	size_t cpus = (size_t)libbpf_num_possible_cpus();
	cleanup_free uint64_t *each = calloc(cpus, sizeof(*each));

	if (!each)
		return error_system(error, ENOMEM, "cannot read the lost samples");
	if (bpf_map_lookup_elem(maps->samples_lost, &zero, each))
		return error_system(error, errno, "cannot read the lost samples");
	*lost = 0;
	for (size_t cpu = 0; cpu < cpus; cpu++)
		*lost += each[cpu];
	return 0;
}

uint32_t device_maps_id(const struct device_maps *maps)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(maps->device, &info, &size) ? 0 : info.id;
}

struct program {
	struct sipguard_bpf *skeleton;
};

static int use_maps(struct sipguard_bpf *skeleton, const struct policy *policy,
		    const struct device_maps *maps)
{
	int result = bpf_map__reuse_fd(skeleton->maps.data_settings, policy->settings);

	result = result ?: bpf_map__reuse_fd(skeleton->maps.data_ports, policy->ports);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.allow4, policy->allow4);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.allow6, policy->allow6);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.hits, policy->hits);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.recents, policy->recents);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.data_device, maps->device);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.filter, policy->filter);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.counters, maps->counters);
	return result ?: bpf_map__reuse_fd(skeleton->maps.samples_lost, maps->samples_lost);
}

/* Without them the program gets maps of its own, in which nobody asks for anything. */
static int use_sample_maps(struct sipguard_bpf *skeleton, const struct sample_maps *samples)
{
	int result;

	if (!samples)
		return 0;
	result = bpf_map__reuse_fd(skeleton->maps.data_readers, samples->readers);
	result = result ?: bpf_map__reuse_fd(skeleton->maps.sample_taken, samples->taken);
	return result ?: bpf_map__reuse_fd(skeleton->maps.sample_rings, samples->rings);
}

int program_load(struct program **program, const struct policy *policy,
		 const struct device_maps *maps, const struct sample_maps *samples,
		 enum sg_link_layer link_layer, enum program_use use, struct error *error)
{
	__attribute__((cleanup(program_close))) struct program *loaded = calloc(1, sizeof(*loaded));
	uint32_t map = device_maps_id(maps);
	int result;

	if (loaded)
		loaded->skeleton = sipguard_bpf__open();
	if (!loaded || !loaded->skeleton)
		return error_system(error, loaded ? errno : ENOMEM, "cannot open the XDP program");
	loaded->skeleton->rodata->link_layer = link_layer;
	loaded->skeleton->rodata->guard_mark = map ? sg_guard_mark(map) : 0;
	loaded->skeleton->rodata->leaves_traces = use == PROGRAM_GUARDS;
	result = use_maps(loaded->skeleton, policy, maps);
	result = result ?: use_sample_maps(loaded->skeleton, samples);
	if (result)
		return error_system(error, -result, "cannot give the XDP program its maps");
	result = sipguard_bpf__load(loaded->skeleton);
	if (result)
		return privilege_error(error, -result, "the kernel refused the XDP program");
	*program = loaded;
	loaded = NULL;
	return 0;
}

void program_close(struct program **program)
{
	if (!*program)
		return;
	sipguard_bpf__destroy((*program)->skeleton);
	free(*program);
	*program = NULL;
}

int program_descriptor(const struct program *program)
{
	return bpf_program__fd(program->skeleton->progs.sipguard);
}

static int inspect(const struct program *program, struct bpf_prog_info *info, struct error *error)
{
	__u32 size = sizeof(*info);

	*info = (struct bpf_prog_info){};
	if (bpf_obj_get_info_by_fd(program_descriptor(program), info, &size))
		return error_system(error, errno, "cannot inspect the XDP program");
	return 0;
}

int program_tag(const struct program *program, unsigned char tag[static 8], struct error *error)
{
	struct bpf_prog_info info;
	int result = inspect(program, &info, error);

	if (!result)
		memcpy(tag, info.tag, sizeof(info.tag));
	return result;
}

int program_id(const struct program *program, uint32_t *id, struct error *error)
{
	struct bpf_prog_info info;
	int result = inspect(program, &info, error);

	if (!result)
		*id = info.id;
	return result;
}

int program_run(const struct program *program, const void *frame, size_t size, void *out,
		unsigned int *action, struct error *error)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = (__u32)size,
		    .data_out = out, .data_size_out = out ? (__u32)size : 0, .repeat = 1);

	if (bpf_prog_test_run_opts(program_descriptor(program), &options))
		return privilege_error(error, errno, "the kernel did not run the XDP program");
	*action = options.retval;
	return 0;
}
