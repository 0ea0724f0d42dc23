// SPDX-License-Identifier: GPL-2.0-or-later
#include "stack/world.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER (4 << 20)

const uint8_t world_address[6] = {0x02, 0, 0, 0, 0, 0x02};

/* What an epoll event carries: the socket and how to tell the port. */
union tag {
	uint64_t number;
	struct {
		int socket;
		uint16_t port; /* 0: a raw socket, look into the packet */
		uint8_t family;
	} of;
};

static void run(const char *command)
{
	if (system(command) != 0)
		errx(3, "failed: %s", command);
}

static void set(const char *name, const char *value)
{
	char path[128];
	int file;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, value, strlen(value)) < 0)
		err(3, "cannot set %s", name);
	close(file);
}

static int open_tap(void)
{
	struct ifreq request = {.ifr_name = "fuzz0", .ifr_flags = IFF_TAP | IFF_NO_PI};
	int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (tap < 0 || ioctl(tap, TUNSETIFF, &request))
		err(3, "cannot make a tap device");
	return tap;
}

/* Nothing is sent back: without a route there are no answers that would fill the tap's queue. */
static void configure(void)
{
	set("ipv4/conf/all/rp_filter", "0");
	set("ipv4/conf/default/rp_filter", "0");
	set("ipv4/conf/fuzz0/rp_filter", "0");
	/* Fragments that never become a packet are to make room, not to keep others out. */
	set("ipv4/ipfrag_high_thresh", "268435456");
	set("ipv4/ipfrag_time", "1");
	set("ipv4/ipfrag_max_dist", "0");
	set("ipv6/ip6frag_high_thresh", "268435456");
	set("ipv6/ip6frag_time", "1");
	run("ip link set lo up");
	run("ip link set fuzz0 address 02:00:00:00:00:02 up");
	run("ip addr add " HOST_IPV4 "/32 dev fuzz0");
	run("ip -6 addr add " HOST_IPV6 "/128 dev fuzz0 nodad");
}

static void watch(struct world *world, int socket, uint16_t port, int family)
{
	union tag tag = {.of = {socket, port, (uint8_t)family}};
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = tag.number};
	int size = SOCKET_BUFFER;

	setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (epoll_ctl(world->poll, EPOLL_CTL_ADD, socket, &event))
		err(3, "cannot watch a socket");
	world->sockets[world->socket_count++] = socket;
}

static void listen_on(struct world *world, int family, int protocol, uint16_t port)
{
	struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool is_ipv4 = family == AF_INET;
	int one = 1;
	int descriptor = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (descriptor < 0 && errno == EPROTONOSUPPORT)
		return;
	if (descriptor < 0)
		err(3, "cannot open a socket");
	if (!is_ipv4)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(descriptor, is_ipv4 ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6,
		 is_ipv4 ? sizeof(ipv4) : sizeof(ipv6)))
		err(3, "cannot bind to port %u", port);
	watch(world, descriptor, port, family);
}

static void open_raw(struct world *world, int family, int protocol)
{
	int descriptor = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (descriptor < 0)
		err(3, "cannot open a raw socket");
	watch(world, descriptor, 0, family);
}

void world_open(struct world *world)
{
	static const int families[] = {AF_INET, AF_INET6};

	*world = (struct world){};
	if (unshare(CLONE_NEWNET))
		err(3, "cannot make a network namespace");
	world->tap = open_tap();
	configure();
	world->poll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		listen_on(world, families[i], IPPROTO_UDP, GUARDED_PORT);
		listen_on(world, families[i], IPPROTO_UDP, CONTROL_PORT);
		listen_on(world, families[i], IPPROTO_UDPLITE, GUARDED_PORT);
		listen_on(world, families[i], IPPROTO_UDPLITE, CONTROL_PORT);
		open_raw(world, families[i], IPPROTO_TCP);
		open_raw(world, families[i], IPPROTO_SCTP);
	}
}

void world_send(const struct world *world, const uint8_t *frame, size_t size)
{
	/* What the kernel refuses to take, such as a frame without a type, reaches nobody. */
	if (write(world->tap, frame, size) < 0 && errno != EINVAL)
		err(3, "cannot send a frame");
}

/* The destination port in what a raw socket gives: IPv4 with its header, IPv6 without. */
static uint16_t raw_port(const uint8_t *packet, size_t size, int family)
{
	size_t offset = family == AF_INET && size ? (packet[0] & 15U) * 4 : 0;

	if (size < offset + 4)
		return 0;
	return (uint16_t)(packet[offset + 2] << 8 | packet[offset + 3]);
}

static void drain(const union tag *tag, struct reached *reached)
{
	uint8_t packet[4096];
	ssize_t size;

	while ((size = recv(tag->of.socket, packet, sizeof(packet), 0)) >= 0) {
		uint16_t port = tag->of.port ? tag->of.port
					     : raw_port(packet, (size_t)size, tag->of.family);

		reached->guarded += port == GUARDED_PORT;
		reached->control += port == CONTROL_PORT;
	}
}

struct reached world_collect(const struct world *world)
{
	struct epoll_event events[WORLD_SOCKETS_MAX];
	struct reached reached = {};
	int count = epoll_wait(world->poll, events, WORLD_SOCKETS_MAX, 0);

	for (int i = 0; i < count; i++) {
		union tag tag = {.number = events[i].data.u64};

		drain(&tag, &reached);
	}
	return reached;
}
