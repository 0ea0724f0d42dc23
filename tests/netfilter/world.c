// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/world.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER (16 << 20)
/* The EtherType of the frame that says that all before it were looked at (IEEE 802: local use). */
#define LAST_FRAME	   0x88b5
#define LAST_FRAME_TIMEOUT 5000 /* milliseconds */

#define PAYLOAD "OPTIONS sip:nobody@example.invalid SIP/2.0\r\n"

const char *const world_addresses[WORLD_DEVICES][SG_FAMILY_COUNT] = {
	{NULL, "10.99.0.1", "fd00:99::1"},
	{NULL, "10.99.1.1", "fd00:99:1::1"},
};
const char *const world_other_address[SG_FAMILY_COUNT] = {NULL, "10.99.9.9", "fd00:99:9::9"};

const char *probe_name(enum probe service)
{
	static const char *const names[SERVICE_COUNT] = {"udp/5060", "udp/5061", "tcp/5060",
							 "tcp/5061"};

	return names[service];
}

bool world_has_address(const struct prefix *address)
{
	const uint8_t *bytes = address->address;

	if (address->family == SG_FAMILY_IPV4)
		return bytes[0] == 10 && bytes[1] == 99;
	return bytes[0] == 0xfd && !bytes[1] && !bytes[2] && bytes[3] == 0x99;
}

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

static void make_device(int number)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "ip link add eth%d address 02:00:00:00:00:0%d type veth peer name peer%d && "
		 "ip link set eth%d up && ip link set peer%d up && "
		 "ip addr add %s/32 dev eth%d && ip -6 addr add %s/128 dev eth%d nodad",
		 number, number + 1, number, number, number,
		 world_addresses[number][SG_FAMILY_IPV4], number,
		 world_addresses[number][SG_FAMILY_IPV6], number);
	run(command);
	snprintf(command, sizeof(command), "ipv4/conf/eth%d/rp_filter", number);
	set(command, "0");
}

/* Connections are forgotten soon, for each rule set is to see new ones. */
static void configure(void)
{
	set("ipv4/conf/all/rp_filter", "0");
	set("ipv4/conf/default/rp_filter", "0");
	set("ipv6/conf/all/accept_dad", "0");
	set("ipv6/conf/default/accept_dad", "0");
	run("ip link set lo up");
	for (int i = 0; i < WORLD_DEVICES; i++)
		make_device(i);
}

static int open_packet(const char *name, int number, uint16_t protocol)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
	char device[IFNAMSIZ];
	int descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	snprintf(device, sizeof(device), "%s%d", name, number);
	address.sll_ifindex = (int)if_nametoindex(device);
	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof(address)))
		err(3, "cannot open a packet socket on %s", device);
	return descriptor;
}

/* Sees frames before any rule does, and of them only the last one. */
static int open_tap(int number)
{
	struct sock_filter last_frame[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct ethhdr, h_proto)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LAST_FRAME, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 64),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {4, last_frame};
	int descriptor = open_packet("eth", number, 0);
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	char device[IFNAMSIZ];

	snprintf(device, sizeof(device), "eth%d", number);
	address.sll_ifindex = (int)if_nametoindex(device);
	if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ||
	    bind(descriptor, (struct sockaddr *)&address, sizeof(address)))
		err(3, "cannot watch %s", device);
	return descriptor;
}

static int open_raw(int family, int protocol)
{
	int descriptor = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	int size = SOCKET_BUFFER;

	if (descriptor < 0 ||
	    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		err(3, "cannot open a raw socket");
	return descriptor;
}

/* On one processor frames are looked at in the order in which they were sent. */
static void stay_on_this_processor(void)
{
	cpu_set_t set;
	int processor = sched_getcpu();

	CPU_ZERO(&set);
	CPU_SET(processor < 0 ? 0 : processor, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(3, "cannot stay on one processor");
}

void world_open(struct world *world)
{
	*world = (struct world){};
	stay_on_this_processor();
	if (unshare(CLONE_NEWNET))
		err(3, "cannot make a network namespace");
	configure();
	for (int i = 0; i < WORLD_DEVICES; i++) {
		world->senders[i] = open_packet("peer", i, 0);
		world->taps[i] = open_tap(i);
	}
	world->sockets[0] = open_raw(AF_INET, IPPROTO_UDP);
	world->sockets[1] = open_raw(AF_INET, IPPROTO_TCP);
	world->sockets[2] = open_raw(AF_INET6, IPPROTO_UDP);
	world->sockets[3] = open_raw(AF_INET6, IPPROTO_TCP);
}

static void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t sum(const uint8_t *bytes, size_t size, uint32_t start)
{
	for (size_t i = 0; i < size; i++)
		start += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return start;
}

static uint16_t fold(uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint16_t)~total;
}

/* The identifier says round, source and cell: the payload's first bytes, or TCP's sequence. */
static size_t write_transport(uint8_t *at, bool is_tcp, unsigned int port, uint32_t id)
{
	put16(at, 20000 + (id >> 16) % 40000);
	put16(at + 2, port);
	if (is_tcp) {
		memset(at + 4, 0, 20);
		put32(at + 4, id);
		at[12] = 6 << 4;
		at[13] = 0x02; /* SYN */
		put16(at + 14, 64240);
		memcpy(at + 20, "\x02\x04\x05\xb4", 4); /* a maximum segment size of 1460 */
		return 24;
	}
	put16(at + 4, 8 + 4 + strlen(PAYLOAD));
	put16(at + 6, 0);
	put32(at + 8, id);
	memcpy(at + 12, PAYLOAD, strlen(PAYLOAD));
	return 12 + strlen(PAYLOAD);
}

static void write_ipv4(uint8_t *ip, const uint8_t *source, const uint8_t *destination, int protocol,
		       size_t size)
{
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned int)(20 + size));
	ip[8] = 64;
	ip[9] = (uint8_t)protocol;
	memcpy(ip + 12, source, 4);
	memcpy(ip + 16, destination, 4);
	put16(ip + 10, fold(sum(ip, 20, 0)));
}

static void write_ipv6(uint8_t *ip, const uint8_t *source, const uint8_t *destination, int protocol,
		       size_t size)
{
	memset(ip, 0, 8);
	ip[0] = 0x60;
	put16(ip + 4, (unsigned int)size);
	ip[6] = (uint8_t)protocol;
	ip[7] = 64;
	memcpy(ip + 8, source, 16);
	memcpy(ip + 24, destination, 16);
}

static void send_packet(const struct world *world, const struct prefix *source, enum probe service,
			int device, uint32_t id)
{
	uint8_t frame[256] = {2, 0, 0, 0, 0, (uint8_t)(device + 1), 2, 0, 0, 0, 0, 0x77};
	bool is_ipv4 = source->family == SG_FAMILY_IPV4, is_tcp = service >= TCP_5060;
	size_t header = is_ipv4 ? 20 : 40, addresses = is_ipv4 ? 8 : 32;
	uint8_t *ip = frame + ETH_HLEN, *transport = ip + header, destination[16];
	int protocol = is_tcp ? IPPROTO_TCP : IPPROTO_UDP;
	size_t size = write_transport(transport, is_tcp, 5060 + service % 2, id);

	inet_pton(is_ipv4 ? AF_INET : AF_INET6, world_addresses[device][source->family],
		  destination);
	put16(frame + 12, is_ipv4 ? ETH_P_IP : ETH_P_IPV6);
	if (is_ipv4)
		write_ipv4(ip, source->address, destination, protocol, size);
	else
		write_ipv6(ip, source->address, destination, protocol, size);
	put16(transport + (is_tcp ? 16 : 6),
	      fold(sum(transport, size,
		       sum(transport - addresses, addresses, (uint32_t)protocol + size))));
	if (send(world->senders[device], frame, ETH_HLEN + header + size, 0) < 0)
		err(3, "cannot send a frame");
}

/* Returns when every frame that was sent on the device before has been looked at. */
static void wait_for_frames(const struct world *world, int device)
{
	uint8_t frame[60] = {2, 0, 0, 0, 0, (uint8_t)(device + 1), 2, 0, 0, 0, 0, 0x77};
	struct pollfd poll_for = {.fd = world->taps[device], .events = POLLIN};

	put16(frame + 12, LAST_FRAME);
	if (send(world->senders[device], frame, sizeof(frame), 0) < 0)
		err(3, "cannot send a frame");
	if (poll(&poll_for, 1, LAST_FRAME_TIMEOUT) != 1)
		errx(3, "frames sent to eth%d do not arrive", device);
	recv(world->taps[device], frame, sizeof(frame), 0);
}

/* IPv4 comes with its header, IPv6 without. */
static void take(const struct world *world, const uint8_t *packet, size_t size, int socket,
		 size_t count, uint8_t *reached)
{
	size_t at = socket < 2 && size ? (packet[0] & 15U) * 4 : 0;
	uint32_t id;

	at += socket % 2 ? 4 : 8;
	if (size < at + 4)
		return;
	id = get32(packet + at);
	if (id >> 16 == (world->round & 0xffff) && (id & 0xffff) / 8 < count)
		reached[(id & 0xffff) / 8] |= (uint8_t)(1U << id % 8);
}

static void collect(const struct world *world, size_t count, uint8_t *reached)
{
	uint8_t packet[512];

	for (int i = 0; i < 4; i++) {
		ssize_t size;

		while ((size = recv(world->sockets[i], packet, sizeof(packet), 0)) >= 0)
			take(world, packet, (size_t)size, i, count, reached);
		if (errno != EAGAIN)
			err(3, "cannot receive");
	}
}

void world_probe(struct world *world, const struct prefix *sources, size_t count, uint8_t *reached)
{
	world->round++;
	memset(reached, 0, count);
	for (size_t i = 0; i < count; i++) {
		for (uint32_t cell = 0; cell < 8; cell++)
			send_packet(world, &sources[i], cell / WORLD_DEVICES, cell % WORLD_DEVICES,
				    world->round << 16 | (uint32_t)i << 3 | cell);
	}
	for (int i = 0; i < WORLD_DEVICES; i++)
		wait_for_frames(world, i);
	collect(world, count, reached);
}
