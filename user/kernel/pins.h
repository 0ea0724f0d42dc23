/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where pinned objects stand in the BPF file system, and how they are opened and checked.
 *
 * ROOT/policy/NAME: shared by all guards; settings, ports, filter, allow4, allow6, hits
 * and recents.
 * ROOT/policy/NAME_SLOT: a generation of the allowlist; trie4, trie6 and hits.
 * ROOT/samples/NAME: shared by all guards; rings, taken and readers.
 * ROOT/samples/reader_N: a directory, locked by a reader.
 * ROOT/devices/DEVICE/NAME: of one guard; device, counters, samples_lost and link.
 *
 * ROOT is /sys/fs/bpf/sipguard, or $SIPGUARD_PIN_DIR. Everything is made for root alone;
 * kernel/share.h tells what is shared afterwards. In each directory the last of its objects to be
 * pinned, and the first to be unpinned, is the one that makes it count: `settings`, `readers` and
 * `link`.
 */
#ifndef SIPGUARD_USER_KERNEL_PINS_H
#define SIPGUARD_USER_KERNEL_PINS_H

#include <linux/bpf.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/* Long enough for any path below the root. */
#define PIN_PATH_SIZE 512

/*
 * What a map must look like to be the one that the ABI describes; max_entries 0 accepts any number.
 */
struct map_layout {
	const char *name;
	enum bpf_map_type type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t flags;
};

/* "." once it was entered. */
const char *pin_root(void);

/*
 * Makes the root directory where it is missing, changes into it, and from then on takes every path
 * from there. For a process that gives up the privilege to walk through the BPF file system.
 */
int pin_root_enter(struct error *error);

/* Whether there is a BPF file system where the root is or would be. */
bool pin_file_system_found(void);

/* ROOT/policy/NAME */
void pin_policy_path(char path[static PIN_PATH_SIZE], const char *name);
/* ROOT/samples/NAME; without a name, the directory. */
void pin_samples_path(char path[static PIN_PATH_SIZE], const char *name);
/* ROOT/samples/reader_NUMBER */
void pin_reader_path(char path[static PIN_PATH_SIZE], uint32_t number);
/*
 * ROOT/devices/DEVICE/NAME; without a name, the directory; without a device, that of all devices.
 * The BPF file system takes no dot in a name, and names of VLAN devices have one: it is written as
 * %2E, and % as %25.
 */
void pin_device_path(char path[static PIN_PATH_SIZE], const char *device, const char *name);

/* The device of a directory's name; false when it is not one that pin_device_path() makes. */
bool pin_device_name(const char *directory, char device[static IF_NAMESIZE]);

/*
 * Makes a directory and those above it, mode 0700. Fails with a hint where there is no BPF file
 * system.
 */
int pin_directory_make(const char *path, struct error *error);

/*
 * -ENOENT when nothing is pinned there, -EPROTO when it is not the map that the layout describes.
 * Returns a descriptor.
 */
int pin_map_open(const char *path, const struct map_layout *layout, struct error *error);

/* The same with no right to write, for which being allowed to read the pin is enough. */
int pin_map_observe(const char *path, const struct map_layout *layout, struct error *error);

/* Returns a descriptor. -ENOENT when nothing is pinned there. */
int pin_link_open(const char *path, struct error *error);

/* Pins a map or a link for root alone. */
int pin_object(int descriptor, const char *path, struct error *error);

/* Removes a pin; one that is not there is no error. */
int pin_remove(const char *path, struct error *error);

/* Removes an empty directory; one that is not there is no error. */
int pin_directory_remove(const char *path, struct error *error);

/*
 * Removes a directory with all that is pinned in it, whatever version made it. One that is not
 * there is no error.
 */
int pin_directory_clear(const char *path, struct error *error);

/*
 * Removes every pin of a device, the link first, and its directory. What is not there is no error.
 */
int pin_device_remove(const char *device, struct error *error);

/*
 * Creates a map of this layout. `inner` is a template for maps of maps, or -1. Returns a
 * descriptor.
 */
int map_create(const struct map_layout *layout, uint32_t max_entries, int inner,
	       struct error *error);

#endif
