// SPDX-License-Identifier: GPL-2.0-or-later
#include "lane.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "sipguard/abi.h"
#include "stopwatch.h"
#include "tools.h"
#include "world.h"

/* Counters and clock belong together: whoever is interrupted while reading them reads again. */
#define READ_SECONDS_MAX 0.0002
#define READ_TRIES	 20

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

	snprintf(namespace, sizeof(namespace), "/proc/%d/fd/%d", getpid(), world_senders());
	return run_tool((const char *const[]){"ip",	     "link",	"add",
					      RECEIVER,	     "address", RECEIVER_ETHERNET,
					      "numrxqueues", "1",	"numtxqueues",
					      "1",	     "type",	"veth",
					      "peer",	     "name",	sender,
					      "numrxqueues", "1",	"numtxqueues",
					      "1",	     "netns",	namespace,
					      NULL},
			error);
}

/* The loopback is for whoever asks a command of this namespace over HTTP. */
static int start_receiver(uint8_t family, struct error *error)
{
	static const char ipv6_setting[] = "/proc/sys/net/ipv6/conf/" RECEIVER "/disable_ipv6";
	static const char *const loopback_up[] = {"ip", "link", "set", "lo", "up", NULL};
	static const char *const up[] = {"ip", "link", "set", RECEIVER, "up", NULL};
	static const char *const address4[] = {
		"ip", "address", "add", RECEIVER_ADDRESS4 "/24", "dev", RECEIVER, NULL,
	};
	static const char *const address6[] = {
		"ip", "address", "add", RECEIVER_ADDRESS6 "/64", "dev", RECEIVER, "nodad", NULL,
	};
	bool is_ipv6 = family == SG_FAMILY_IPV6;
	int result = is_ipv6 ? setting_write(ipv6_setting, "0", error) : 0;

	result = result ?: run_tool(is_ipv6 ? address6 : address4, error);
	result = result ?: run_tool(loopback_up, error);
	result = result ?: run_tool(up, error);
	return result ?: enable_gro(error);
}

static int start_sender(struct lane *lane, struct error *error)
{
	int result = namespace_enter(world_senders(), error);

	result = result
			 ?: run_tool((const char *const[]){"ip", "link", "set", lane->sender, "up",
							   NULL},
				     error);
	lane->sender_index = if_nametoindex(lane->sender);
	return result;
}

static int open_port(uint8_t family, struct error *error)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(SIP_PORT)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(SIP_PORT)};
	bool is_ipv6 = family == SG_FAMILY_IPV6;
	cleanup_fd int port = socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (port < 0 || bind(port, is_ipv6 ? (void *)&ipv6 : (void *)&ipv4,
			     is_ipv6 ? sizeof(ipv6) : sizeof(ipv4)))
		return error_system(error, errno, "cannot bind port %d", SIP_PORT);
	return take_descriptor(&port);
}

static int open_counters(struct lane *lane, struct error *error)
{
	bool is_ipv6 = lane->family == SG_FAMILY_IPV6;

	lane->devices = open("/proc/self/net/dev", O_RDONLY | O_CLOEXEC);
	lane->datagrams = open(is_ipv6 ? "/proc/self/net/snmp6" : "/proc/self/net/snmp",
			       O_RDONLY | O_CLOEXEC);
	if (lane->devices < 0 || lane->datagrams < 0)
		return error_system(error, errno, "cannot open the counters of the namespace");
	return 0;
}

int lane_create(struct lane *lane, uint8_t family, struct error *error)
{
	static unsigned int number;
	int result;

	lane->family = family;
	snprintf(lane->sender, sizeof(lane->sender), "send%u", number++);
	lane->receiver = namespace_create(error);
	if (lane->receiver < 0)
		return lane->receiver;
	lane->socket = open_port(family, error);
	if (lane->socket < 0)
		return lane->socket;
	result = open_counters(lane, error);
	result = result ?: make_pair(lane->sender, error);
	result = result ?: start_receiver(family, error);
	result = result ?: start_sender(lane, error);
	return result ?: lane_enter(lane, error);
}

int lane_enter(const struct lane *lane, struct error *error)
{
	return namespace_enter(lane->receiver, error);
}

/* A counter file of the kernel as it is now, whole, as a string. */
static const char *read_text(int file, char *text, size_t size)
{
	ssize_t length = pread(file, text, size - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return text;
}

/* The receiver's loss covers what did not fit into its ring (veth_get_stats64()). */
static void count_device(const char *text, struct lane_counters *counters)
{
	const char *line = strstr(text, RECEIVER ":");

	if (line)
		sscanf(line, RECEIVER ": %*u %" SCNu64 " %*u %" SCNu64, &counters->received,
		       &counters->lost);
}

/* Delivered, or thrown away for want of room or of a socket. */
static void count_datagrams4(const char *text, struct lane_counters *counters)
{
	uint64_t delivered, no_ports, errors;
	const char *line = strstr(text, "\nUdp: ");

	line = line ? strstr(line + 1, "\nUdp: ") : NULL;
	if (line && sscanf(line, "\nUdp: %" SCNu64 " %" SCNu64 " %" SCNu64, &delivered, &no_ports,
			   &errors) == 3)
		counters->to_socket = delivered + no_ports + errors;
}

static void count_datagrams6(const char *text, struct lane_counters *counters)
{
	static const char *const names[] = {"Udp6InDatagrams ", "Udp6NoPorts ", "Udp6InErrors "};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *line = strstr(text, names[i]);

		if (line)
			counters->to_socket += strtoull(line + strlen(names[i]), NULL, 10);
	}
}

static struct lane_counters read_counters(const struct lane *lane)
{
	struct lane_counters counters = {};
	char text[16384];

	read_text(lane->datagrams, text, sizeof(text));
	if (lane->family == SG_FAMILY_IPV6)
		count_datagrams6(text, &counters);
	else
		count_datagrams4(text, &counters);
	count_device(read_text(lane->devices, text, sizeof(text)), &counters);
	counters.seconds = stopwatch();
	return counters;
}

struct lane_counters lane_count(const struct lane *lane)
{
	struct lane_counters counters;
	double started;
	int tries = 0;

	do {
		started = stopwatch();
		counters = read_counters(lane);
	} while (counters.seconds - started > READ_SECONDS_MAX && ++tries < READ_TRIES);
	return counters;
}
