/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The XDP program, loaded: the only code that knows the skeleton.
 *
 * A program is bound for life to the maps and the link layer it was loaded with.
 */
#ifndef SIPGUARD_USER_KERNEL_PROGRAM_H
#define SIPGUARD_USER_KERNEL_PROGRAM_H

#include <stddef.h>

#include "error.h"
#include "kernel/policy.h"
#include "kernel/sample_maps.h"
#include "policy/device_mode.h"
#include "sipguard/abi.h"

/* The maps of one device. It owns its descriptors. */
struct device_maps {
	int device;
	int counters;
	int samples_lost;
};

#define DEVICE_MAPS_CLOSED ((struct device_maps){-1, -1, -1})

/* New maps, not pinned, with this mode. */
int device_maps_create(struct device_maps *maps, enum sg_mode mode, struct error *error);
/*
 * Those that are pinned for the device. -ENOENT when there are none, -EPROTO when another version
 * made them.
 */
int device_maps_open(struct device_maps *maps, const char *device, struct error *error);
/* The same with no right to write. */
int device_maps_observe(struct device_maps *maps, const char *device, struct error *error);
void device_maps_close(struct device_maps *maps);

/* The kernel's number of the map `device`, of which sg_guard_mark() is; 0: it does not tell. */
uint32_t device_maps_id(const struct device_maps *maps);

int device_maps_settings(const struct device_maps *maps, struct sg_device *value,
			 struct error *error);
/* The mode in force now, and whether it waits for a confirmation. */
int device_maps_mode(const struct device_maps *maps, struct device_mode *mode, struct error *error);

/* As device_mode_set() and device_mode_try(). */
int device_maps_set_mode(const struct device_maps *maps, enum sg_mode mode, struct error *error);
int device_maps_try_mode(const struct device_maps *maps, enum sg_mode mode, enum sg_mode otherwise,
			 int64_t seconds, struct error *error);

/* Confirms what is pending, if anything is. `mode` is what was found. */
int device_maps_confirm(const struct device_maps *maps, struct device_mode *mode,
			struct error *error);

/* A mode that waits for its confirmation ends at this moment of CLOCK_BOOTTIME, in nanoseconds. */
int device_maps_end_mode_at(const struct device_maps *maps, uint64_t ends, struct error *error);

/* What device_maps_settings() said of the mode before a change. */
int device_maps_restore_mode(const struct device_maps *maps, const struct sg_device *former,
			     struct error *error);

/*
 * Says which program is about to run on the device, and which one runs there until then; before
 * either takes effect.
 */
int device_maps_announce(const struct device_maps *maps, uint32_t program_id,
			 uint32_t former_program_id, struct error *error);

/* The counters of all CPUs together, in the order of sg_counter_index(). */
int device_maps_counters(const struct device_maps *maps,
			 struct sg_counter counters[static SG_COUNTER_COUNT], struct error *error);

/* Samples that the program could not hand over, on all CPUs together. */
int device_maps_samples_lost(const struct device_maps *maps, uint64_t *lost, struct error *error);

struct program;

/* The first 64 bits of the SHA-256 of the object that this tool loads. */
const char *program_object_hash(void);

/*
 * A program that only answers questions, by program_run(), leaves no trace in what it shares with
 * the guards: no hit counter moves, and nothing is sampled.
 */
enum program_use { PROGRAM_GUARDS, PROGRAM_ANSWERS };

/*
 * Loads the program. The maps stay the caller's; without those of samples it samples nothing.
 * program_close() releases it.
 */
int program_load(struct program **program, const struct policy *policy,
		 const struct device_maps *maps, const struct sample_maps *samples,
		 enum sg_link_layer link_layer, enum program_use use, struct error *error);
void program_close(struct program **program);

/* Belongs to the program. */
int program_descriptor(const struct program *program);

/* The kernel's digest of the instructions: the same for the same program, whatever its maps. */
int program_tag(const struct program *program, unsigned char tag[static 8], struct error *error);

/* The kernel's number of the program. */
int program_id(const struct program *program, uint32_t *id, struct error *error);

/*
 * Runs the program on a frame with BPF_PROG_TEST_RUN. `action` is XDP_DROP or XDP_PASS; the frame,
 * which may come back changed, is copied to `out` of the same size unless that is NULL.
 */
int program_run(const struct program *program, const void *frame, size_t size, void *out,
		unsigned int *action, struct error *error);

#endif
