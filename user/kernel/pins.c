// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/bpf_mount.h"
#include "kernel/privilege.h"

static bool entered;

const char *pin_root(void)
{
	const char *root = getenv("SIPGUARD_PIN_DIR");

	if (entered)
		return ".";
	return root && *root ? root : "/sys/fs/bpf/sipguard";
}

void pin_policy_path(char path[static PIN_PATH_SIZE], const char *name)
{
	snprintf(path, PIN_PATH_SIZE, "%s/policy%s%s", pin_root(), name ? "/" : "", name ?: "");
}

void pin_samples_path(char path[static PIN_PATH_SIZE], const char *name)
{
	snprintf(path, PIN_PATH_SIZE, "%s/samples%s%s", pin_root(), name ? "/" : "", name ?: "");
}

void pin_reader_path(char path[static PIN_PATH_SIZE], uint32_t number)
{
	snprintf(path, PIN_PATH_SIZE, "%s/samples/reader_%u", pin_root(), number);
}

static void encode_device(char encoded[static 3 * IF_NAMESIZE], const char *device)
{
	char *end = encoded;

	for (; *device && end - encoded < 3 * IF_NAMESIZE - 4; device++) {
		if (*device == '.' || *device == '%')
			end += sprintf(end, "%%%02X", (unsigned char)*device);
		else
			*end++ = *device;
	}
	*end = '\0';
}

void pin_device_path(char path[static PIN_PATH_SIZE], const char *device, const char *name)
{
	char encoded[3 * IF_NAMESIZE] = "";

	if (device)
		encode_device(encoded, device);
	snprintf(path, PIN_PATH_SIZE, "%s/devices%s%s%s%s", pin_root(), device ? "/" : "", encoded,
		 name ? "/" : "", name ?: "");
}

bool pin_device_name(const char *directory, char device[static IF_NAMESIZE])
{
	char encoded[3 * IF_NAMESIZE];
	size_t length = 0;

	for (const char *at = directory; *at; at++) {
		unsigned int decoded = (unsigned char)*at;

		if (length == IF_NAMESIZE - 1)
			return false;
		if (*at == '%') {
			if (sscanf(at, "%%%2X", &decoded) != 1 || !at[1] || !at[2])
				return false;
			at += 2;
		}
		device[length++] = (char)decoded;
	}
	device[length] = '\0';
	encode_device(encoded, device);
	return length && !strcmp(encoded, directory);
}

static int file_system_error(const char *path, struct error *error)
{
	char advice[BPF_MOUNT_ADVICE_SIZE];

	bpf_mount_advice(advice);
	error_set(error, EXIT_SYSTEM, ENODEV, "%s is not in a BPF file system", path);
	error_hint(error, "%s", advice);
	return -ENODEV;
}

static int check_file_system(const char *path, struct error *error)
{
	struct statfs status;

	if (statfs(path, &status))
		return error_system(error, errno, "cannot look at %s", path);
	return status.f_type == BPF_FS_MAGIC ? 0 : file_system_error(path, error);
}

bool pin_file_system_found(void)
{
	char path[PIN_PATH_SIZE];
	struct statfs status;
	char *slash;

	snprintf(path, sizeof(path), "%s", pin_root());
	while (statfs(path, &status)) {
		slash = strrchr(path, '/');
		if (errno != ENOENT || !slash || slash == path)
			return errno == EACCES;
		*slash = '\0';
	}
	return status.f_type == BPF_FS_MAGIC;
}

int pin_directory_make(const char *path, struct error *error)
{
	char parent[PIN_PATH_SIZE];
	char *slash;
	int result;

	if (!mkdir(path, 0700) || errno == EEXIST)
		return check_file_system(path, error);
	/* A sysfs takes no directory from anybody. */
	if (errno == EPERM && !pin_file_system_found())
		return file_system_error(path, error);
	if (errno != ENOENT)
		return privilege_error(error, errno, "cannot create %s", path);

	snprintf(parent, sizeof(parent), "%s", path);
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return error_system(error, ENOENT, "cannot create %s", path);
	*slash = '\0';
	result = pin_directory_make(parent, error);
	if (result)
		return result;
	if (mkdir(path, 0700))
		return privilege_error(error, errno, "cannot create %s", path);
	return 0;
}

int pin_root_enter(struct error *error)
{
	int result = pin_directory_make(pin_root(), error);

	if (result)
		return result;
	if (chdir(pin_root()))
		return privilege_error(error, errno, "cannot enter %s", pin_root());
	entered = true;
	return 0;
}

static int check_layout(int map, const char *path, const struct map_layout *layout,
			struct error *error)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(map, &info, &size))
		return error_system(error, errno, "cannot inspect %s", path);
	if (info.type == (__u32)layout->type && info.key_size == layout->key_size &&
	    info.value_size == layout->value_size && info.map_flags == layout->flags &&
	    (!layout->max_entries || info.max_entries == layout->max_entries))
		return 0;
	error_set(error, EXIT_SYSTEM, EPROTO, "%s was made by another version of sipguard", path);
	error_hint(error, "use that version, or start anew: sipguard detach --all, then attach");
	return -EPROTO;
}

static int open_map(const char *path, uint32_t flags, const struct map_layout *layout,
		    struct error *error)
{
	LIBBPF_OPTS(bpf_obj_get_opts, options, .file_flags = flags);
	cleanup_fd int map = bpf_obj_get_opts(path, &options);
	int result;

	if (map < 0)
		return privilege_error(error, errno, "cannot open %s", path);
	result = check_layout(map, path, layout, error);
	if (result)
		return result;
	return take_descriptor(&map);
}

int pin_map_open(const char *path, const struct map_layout *layout, struct error *error)
{
	return open_map(path, 0, layout, error);
}

int pin_map_observe(const char *path, const struct map_layout *layout, struct error *error)
{
	return open_map(path, BPF_F_RDONLY, layout, error);
}

int pin_link_open(const char *path, struct error *error)
{
	int link = bpf_obj_get(path);

	if (link < 0)
		return privilege_error(error, errno, "cannot open %s", path);
	return link;
}

int pin_object(int descriptor, const char *path, struct error *error)
{
	if (bpf_obj_pin(descriptor, path))
		return privilege_error(error, errno, "cannot pin %s", path);
	if (chmod(path, 0600))
		return error_system(error, errno, "cannot restrict %s", path);
	return 0;
}

int pin_remove(const char *path, struct error *error)
{
	if (unlink(path) && errno != ENOENT)
		return privilege_error(error, errno, "cannot remove %s", path);
	return 0;
}

int pin_directory_remove(const char *path, struct error *error)
{
	if (rmdir(path) && errno != ENOENT)
		return error_system(error, errno, "cannot remove %s", path);
	return 0;
}

int pin_directory_clear(const char *path, struct error *error)
{
	cleanup_directory DIR *directory = opendir(path);
	struct dirent *item;

	if (!directory && errno != ENOENT)
		return privilege_error(error, errno, "cannot read %s", path);
	while (directory && (item = readdir(directory))) {
		char name[PIN_PATH_SIZE + NAME_MAX + 2];

		if (!strcmp(item->d_name, ".") || !strcmp(item->d_name, ".."))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, item->d_name);
		if (unlink(name) && rmdir(name) && errno != ENOENT)
			return privilege_error(error, errno, "cannot remove %s", name);
	}
	return pin_directory_remove(path, error);
}

int pin_device_remove(const char *device, struct error *error)
{
	static const char *const pins[] = {"link", "samples_lost", "counters", "device"};
	char path[PIN_PATH_SIZE];
	int result = 0;

	for (size_t i = 0; !result && i < sizeof(pins) / sizeof(pins[0]); i++) {
		pin_device_path(path, device, pins[i]);
		result = pin_remove(path, error);
	}
	pin_device_path(path, device, NULL);
	return result ?: pin_directory_remove(path, error);
}

int map_create(const struct map_layout *layout, uint32_t max_entries, int inner,
	       struct error *error)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = layout->flags);
	char name[BPF_OBJ_NAME_LEN];
	int map;

	if (inner >= 0)
		options.inner_map_fd = inner;
	snprintf(name, sizeof(name), "sg_%s", layout->name);
	map = bpf_map_create(layout->type, name, layout->key_size, layout->value_size, max_entries,
			     &options);
	if (map < 0)
		return privilege_error(error, errno, "cannot create the map %s", layout->name);
	return map;
}
