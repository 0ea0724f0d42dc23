// SPDX-License-Identifier: GPL-2.0-or-later
#include "world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "tools.h"

#define SIP_PORT 5060

static int senders = -1;

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

static int write_setting(const char *path, const char *value, struct error *error)
{
	cleanup_fd int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, value, strlen(value)) < 0)
		return error_system(error, errno, "cannot write %s", path);
	return 0;
}

/*
 * Before a namespace has devices. Sources are random, and the way back to them is none of this
 * test's business. IPv6 would send packets of its own, and the first one decides for good which
 * processor polls a flooded device.
 */
static int prepare_namespace(struct error *error)
{
	int result = write_setting("/proc/sys/net/ipv4/conf/all/rp_filter", "0", error);

	result = result ?: write_setting("/proc/sys/net/ipv4/conf/default/rp_filter", "0", error);
	return result ?: write_setting("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1", error);
}

int world_enter(struct error *error)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWNET)) {
		error_system(error, errno, "cannot make namespaces");
		error_hint(error, "run it as root");
		return -EPERM;
	}
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("bench", WORLD_DIRECTORY, "tmpfs", 0, "mode=0700"))
		return error_system(error, errno, "cannot mount a private " WORLD_DIRECTORY);
	senders = open_namespace(error);
	return senders < 0 ? senders : prepare_namespace(error);
}

static int enter(int namespace, struct error *error)
{
	if (setns(namespace, CLONE_NEWNET))
		return error_system(error, errno, "cannot enter the network namespace");
	return 0;
}

int lane_enter(const struct lane *lane, struct error *error)
{
	return enter(lane->receiver, error);
}

int sender_enter(struct error *error)
{
	return enter(senders, error);
}

/* With GRO the device polls as a NIC does, and takes frames that an XDP program sends. */
static int enable_gro(struct error *error)
{
	cleanup_fd int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_value value = {.cmd = ETHTOOL_SGRO, .data = 1};
	struct ifreq request = {.ifr_name = RECEIVER, .ifr_data = (char *)&value};

	if (channel < 0 || ioctl(channel, SIOCETHTOOL, &request))
		return error_system(error, errno, "cannot switch GRO on");
	return 0;
}

/* The sender is named after its lane, for its namespace has those of all lanes. */
static int make_pair(const char *sender, struct error *error)
{
	char namespace[64];
	int result;

	snprintf(namespace, sizeof(namespace), "/proc/%d/fd/%d", getpid(), senders);
	result = run_tool((const char *const[]){"ip",	       "link",	  "add",
						RECEIVER,      "address", RECEIVER_ETHERNET,
						"numrxqueues", "1",	  "numtxqueues",
						"1",	       "type",	  "veth",
						"peer",	       "name",	  sender,
						"numrxqueues", "1",	  "numtxqueues",
						"1",	       "netns",	  namespace,
						NULL},
			  error);
	result = result
			 ?: run_tool((const char *const[]){"ip", "address", "add", RECEIVER_PREFIX,
							   "dev", RECEIVER, NULL},
				     error);
	result = result
			 ?: run_tool((const char *const[]){"ip", "link", "set", RECEIVER, "up",
							   NULL},
				     error);
	return result ?: enable_gro(error);
}

static int start_sender(struct lane *lane, struct error *error)
{
	int result = sender_enter(error);

	result = result
			 ?: run_tool((const char *const[]){"ip", "link", "set", lane->sender, "up",
							   NULL},
				     error);
	lane->sender_index = if_nametoindex(lane->sender);
	return result;
}

static int open_port(struct error *error)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(SIP_PORT)};
	cleanup_fd int port = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (port < 0 || bind(port, (struct sockaddr *)&address, sizeof(address)))
		return error_system(error, errno, "cannot bind port %d", SIP_PORT);
	return take_descriptor(&port);
}

int lane_create(struct lane *lane, struct error *error)
{
	static unsigned int number;
	int result;

	snprintf(lane->sender, sizeof(lane->sender), "send%u", number++);
	if (unshare(CLONE_NEWNET))
		return error_system(error, errno, "cannot make a network namespace");
	lane->receiver = open_namespace(error);
	if (lane->receiver < 0)
		return lane->receiver;
	lane->socket = open_port(error);
	if (lane->socket < 0)
		return lane->socket;
	result = prepare_namespace(error);
	result = result ?: make_pair(lane->sender, error);
	result = result ?: start_sender(lane, error);
	return result ?: lane_enter(lane, error);
}
