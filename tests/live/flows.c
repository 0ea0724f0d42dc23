// SPDX-License-Identifier: GPL-2.0-or-later
#include "live/flows.h"

#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define GUARDED_PORT	5060
#define UNDER_WAY_MAX	32
#define OVERDUE_SECONDS 5

const char *const flows_trusted_entries[] = {
	"198.51.100.10",
	"203.0.113.0/24",
	"2001:db8:1::10",
	"2001:db8:2::/64",
};
const size_t flows_trusted_count = sizeof(flows_trusted_entries) / sizeof(flows_trusted_entries[0]);

static struct flow {
	const char *source;
	const char *target;
	bool trusted;
	int socket;
	atomic_size_t sent;
	atomic_size_t arrived;
	pthread_t sender;
} flows[] = {
	{"198.51.100.10", "198.51.100.1", true},   {"203.0.113.5", "198.51.100.1", true},
	{"2001:db8:1::10", "2001:db8:1::1", true}, {"2001:db8:2::5", "2001:db8:1::1", true},
	{"198.51.100.66", "198.51.100.1", false},  {"2001:db8:1::66", "2001:db8:1::1", false},
};

#define FLOW_COUNT (sizeof(flows) / sizeof(flows[0]))

static struct pollfd server[2];
static pthread_t receiver;
static atomic_bool senders_stop, receiver_stops, overdue;

static void run(const char *command)
{
	if (system(command) != 0)
		errx(3, "failed: %s", command);
}

static struct addrinfo *resolve(const char *address, const char *port)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
				       .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found;

	if (getaddrinfo(address, port, &hints, &found))
		errx(3, "no address: %s", address);
	return found;
}

static int open_socket(const char *source, const char *port)
{
	struct addrinfo *address = resolve(source, port);
	int one = 1, descriptor = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (address->ai_family == AF_INET6)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (descriptor < 0 || bind(descriptor, address->ai_addr, address->ai_addrlen))
		err(3, "cannot open a socket at %s", source);
	freeaddrinfo(address);
	return descriptor;
}

static int new_namespace(void)
{
	int namespace;

	if (unshare(CLONE_NEWNET))
		err(3, "cannot make a network namespace");
	namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (namespace < 0)
		err(3, "cannot open a network namespace");
	return namespace;
}

static void enter(int namespace)
{
	if (setns(namespace, CLONE_NEWNET))
		err(3, "cannot enter a network namespace");
}

/*
 * No answers are sent, so each side must know the other's Ethernet address beforehand. A pair for
 * the trusted and one for the strangers, whose flood would else fill the queue of the pair.
 */
static void join(int senders)
{
	char command[160];

	run("ip link add " FLOWS_TRUSTED " address 02:00:00:00:00:01 type veth peer name trusted1");
	run("ip link add " FLOWS_STRANGERS
	    " address 02:00:00:00:00:01 type veth peer name stranger1");
	snprintf(command, sizeof(command),
		 "for peer in trusted1 stranger1; do ip link set $peer netns /proc/%d/fd/%d; done",
		 getpid(), senders);
	run(command);
	run("ip addr add 198.51.100.1/32 dev " FLOWS_TRUSTED);
	run("ip -6 addr add 2001:db8:1::1/128 dev " FLOWS_TRUSTED " nodad");
	run("ip link set " FLOWS_TRUSTED " up; ip link set " FLOWS_STRANGERS " up");
	run("echo 0 | tee /proc/sys/net/ipv4/conf/*/rp_filter >/dev/null");
}

static void configure_senders(void)
{
	run("ip addr add 198.51.100.10/32 dev trusted1; ip addr add 203.0.113.5/32 dev trusted1;"
	    "ip -6 addr add 2001:db8:1::10/128 dev trusted1 nodad;"
	    "ip -6 addr add 2001:db8:2::5/128 dev trusted1 nodad; ip link set trusted1 up");
	run("ip addr add 198.51.100.66/32 dev stranger1;"
	    "ip -6 addr add 2001:db8:1::66/128 dev stranger1 nodad; ip link set stranger1 up");
	/* By their source: the stranger's way to the server is another one. */
	run("ip route add 198.51.100.1 dev trusted1; ip -6 route add 2001:db8:1::1 dev trusted1;"
	    "ip rule add from 198.51.100.66 table 66; ip -6 rule add from 2001:db8:1::66 table 66;"
	    "ip route add 198.51.100.1 dev stranger1 table 66;"
	    "ip -6 route add 2001:db8:1::1 dev stranger1 table 66");
	run("for device in trusted1 stranger1; do for server in 198.51.100.1 2001:db8:1::1; do "
	    "ip neigh add $server lladdr 02:00:00:00:00:01 dev $device; done; done");
}

void flows_open(void)
{
	int senders = new_namespace(), host = new_namespace();

	join(senders);
	server[0] = (struct pollfd){open_socket("0.0.0.0", "5060"), POLLIN, 0};
	server[1] = (struct pollfd){open_socket("::", "5060"), POLLIN, 0};
	enter(senders);
	configure_senders();
	for (size_t i = 0; i < FLOW_COUNT; i++)
		flows[i].socket = open_socket(flows[i].source, "0");
	enter(host);
	close(senders);
	close(host);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Waits until no more than so many are under way; false when nothing arrives any more. */
static bool wait_for_room(struct flow *flow, size_t most)
{
	size_t arrived = atomic_load(&flow->arrived);
	double since = now();

	while (atomic_load(&flow->sent) - atomic_load(&flow->arrived) > most) {
		if (atomic_load(&flow->arrived) != arrived) {
			arrived = atomic_load(&flow->arrived);
			since = now();
		} else if (now() - since > OVERDUE_SECONDS) {
			atomic_store(&overdue, true);
			return false;
		}
		sched_yield();
	}
	return true;
}

static void *send_flow(void *context)
{
	struct flow *flow = context;
	struct addrinfo *target = resolve(flow->target, "5060");

	while (!atomic_load(&senders_stop)) {
		if (flow->trusted && !wait_for_room(flow, UNDER_WAY_MAX - 1))
			break;
		if (sendto(flow->socket, "x", 1, 0, target->ai_addr, target->ai_addrlen) == 1)
			atomic_fetch_add(&flow->sent, 1);
	}
	if (flow->trusted)
		wait_for_room(flow, 0);
	freeaddrinfo(target);
	return NULL;
}

static struct flow *flow_from(const struct sockaddr_storage *address, socklen_t size)
{
	char text[INET6_ADDRSTRLEN];

	getnameinfo((const struct sockaddr *)address, size, text, sizeof(text), NULL, 0,
		    NI_NUMERICHOST);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		if (!strcmp(flows[i].source, text))
			return &flows[i];
	}
	errx(3, "a datagram from %s", text);
}

static void receive_all(int descriptor)
{
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	char byte[16];

	while (recvfrom(descriptor, byte, sizeof(byte), MSG_DONTWAIT, (struct sockaddr *)&from,
			&size) > 0) {
		atomic_fetch_add(&flow_from(&from, size)->arrived, 1);
		size = sizeof(from);
	}
}

static void *receive(void *context)
{
	(void)context;
	while (!atomic_load(&receiver_stops)) {
		poll(server, 2, 10);
		receive_all(server[0].fd);
		receive_all(server[1].fd);
	}
	return NULL;
}

void flows_start(void)
{
	pthread_create(&receiver, NULL, receive, NULL);
	for (size_t i = 0; i < FLOW_COUNT; i++)
		pthread_create(&flows[i].sender, NULL, send_flow, &flows[i]);
}

bool flows_go_on(void)
{
	return !atomic_load(&overdue);
}

struct flows_tally flows_stop(void)
{
	struct flows_tally tally = {};

	atomic_store(&senders_stop, true);
	for (size_t i = 0; i < FLOW_COUNT; i++)
		pthread_join(flows[i].sender, NULL);
	atomic_store(&receiver_stops, true);
	pthread_join(receiver, NULL);
	for (size_t i = 0; i < FLOW_COUNT; i++) {
		*(flows[i].trusted ? &tally.trusted_sent : &tally.strangers_sent) += flows[i].sent;
		*(flows[i].trusted ? &tally.trusted_arrived
				   : &tally.strangers_arrived) += flows[i].arrived;
	}
	return tally;
}
