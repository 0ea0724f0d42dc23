// SPDX-License-Identifier: GPL-2.0-or-later
#include "world.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "cleanup.h"

static int senders = -1;

int world_senders(void)
{
	return senders;
}

static int open_namespace(struct error *error)
{
	int namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (namespace < 0)
		return error_system(error, errno, "cannot open the network namespace");
	return namespace;
}

int world_mount_bpffs(struct error *error)
{
	if (mount("bench", "/sys/fs/bpf", "bpf", 0, "mode=0700"))
		return error_system(error, errno, "cannot mount a BPF file system");
	return 0;
}

int setting_write(const char *path, const char *value, struct error *error)
{
	cleanup_fd int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, value, strlen(value)) < 0)
		return error_system(error, errno, "cannot write %s", path);
	return 0;
}

/*
 * Before a namespace has devices. Sources are random, and the way back to them is none of this
 * test's business. A sender that spoke IPv6 would send packets of its own, and the first one
 * decides for good which processor polls a flooded device.
 */
static int prepare_namespace(struct error *error)
{
	int result = setting_write("/proc/sys/net/ipv4/conf/all/rp_filter", "0", error);

	result = result ?: setting_write("/proc/sys/net/ipv4/conf/default/rp_filter", "0", error);
	return result ?: setting_write("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", error);
}

static int give_commands_a_place(struct error *error)
{
	static const char pins[] = WORLD_DIRECTORY "/bpf";

	if (mkdir(pins, 0700) || mount("bench", pins, "bpf", 0, "mode=0700"))
		return error_system(error, errno, "cannot mount a BPF file system");
	setenv("SIPGUARD_PIN_DIR", WORLD_DIRECTORY "/bpf/sipguard", 1);
	setenv("SIPGUARD_STATE_DIR", WORLD_DIRECTORY "/state", 1);
	setenv("SIPGUARD_RUN_DIR", WORLD_DIRECTORY "/sipguard", 1);
	setenv("SIPGUARD_CONFIG_DIR", WORLD_DIRECTORY "/etc", 1);
	return 0;
}

int world_enter(struct error *error)
{
	int result;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET)) {
		error_system(error, errno, "cannot make namespaces");
		error_hint(error, "run it as root");
		return -EPERM;
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bench", WORLD_DIRECTORY, "tmpfs", 0, "mode=0700"))
		return error_system(error, errno, "cannot mount a private " WORLD_DIRECTORY);
	senders = open_namespace(error);
	if (senders < 0)
		return senders;
	result = prepare_namespace(error);
	return result ?: give_commands_a_place(error);
}

int namespace_enter(int namespace, struct error *error)
{
	if (setns(namespace, CLONE_NEWNET))
		return error_system(error, errno, "cannot enter the network namespace");
	return 0;
}

int namespace_create(struct error *error)
{
	cleanup_fd int namespace = -1;
	int result;

	if (unshare(CLONE_NEWNET))
		return error_system(error, errno, "cannot make a network namespace");
	namespace = open_namespace(error);
	if (namespace < 0)
		return namespace;
	result = prepare_namespace(error);
	return result ?: take_descriptor(&namespace);
}
