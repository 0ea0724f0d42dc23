// SPDX-License-Identifier: GPL-2.0-or-later
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"

static const struct source {
	const char *namespace;
	const char *address;
	const char *destination;
} sources[] = {
	{"trusted", "192.0.2.10", "192.0.2.1"},
	{"trusted", "192.0.2.66", "192.0.2.1"},
	{"stranger", "198.51.100.66", "198.51.100.1"},
};

/* The last one is never guarded. */
static const uint16_t ports[] = {5060, 15060, 7};

#define SOURCE_COUNT	      (sizeof(sources) / sizeof(sources[0]))
#define PORT_COUNT	      (sizeof(ports) / sizeof(ports[0]))
#define FOLLOWER	      (PORT_COUNT - 1)
#define PATIENCE_MILLISECONDS 2000

struct probe {
	int receivers[PORT_COUNT];
	int senders[SOURCE_COUNT][PORT_COUNT];
	uint32_t number; /* of the datagram sent last */
};

static struct sockaddr_in address_of(const char *text, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, text, &address.sin_addr);
	return address;
}

static int open_socket(const char *text, uint16_t port)
{
	struct sockaddr_in address = address_of(text, port);
	cleanup_fd int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (descriptor < 0 || bind(descriptor, (struct sockaddr *)&address, sizeof(address)))
		return -1;
	return take_descriptor(&descriptor);
}

static int enter(const char *namespace)
{
	char path[64];
	cleanup_fd int descriptor = -1;

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? -1 : setns(descriptor, CLONE_NEWNET);
}

/* A socket stays in the namespace in which it was made. */
static int open_sender(const struct source *source, uint16_t port)
{
	struct sockaddr_in destination = address_of(source->destination, port);
	cleanup_fd int descriptor = open_socket(source->address, 0);

	if (descriptor < 0 ||
	    connect(descriptor, (struct sockaddr *)&destination, sizeof(destination)))
		return -1;
	return take_descriptor(&descriptor);
}

static bool open_all(struct probe *probe)
{
	cleanup_fd int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	for (size_t port = 0; port < PORT_COUNT; port++) {
		probe->receivers[port] = open_socket("0.0.0.0", ports[port]);
		if (home < 0 || probe->receivers[port] < 0)
			return false;
	}
	for (size_t source = 0; source < SOURCE_COUNT; source++) {
		if (enter(sources[source].namespace))
			return false;
		for (size_t port = 0; port < PORT_COUNT; port++) {
			probe->senders[source][port] = open_sender(&sources[source], ports[port]);
			if (probe->senders[source][port] < 0)
				return false;
		}
	}
	return !setns(home, CLONE_NEWNET);
}

struct probe *probe_open(void)
{
	struct probe *probe = calloc(1, sizeof(*probe));

	if (!probe)
		return NULL;
	for (size_t port = 0; port < PORT_COUNT; port++) {
		probe->receivers[port] = -1;
		for (size_t source = 0; source < SOURCE_COUNT; source++)
			probe->senders[source][port] = -1;
	}
	if (open_all(probe))
		return probe;
	probe_close(probe);
	return NULL;
}

void probe_close(struct probe *probe)
{
	int number = errno;

	for (size_t port = 0; probe && port < PORT_COUNT; port++) {
		close_descriptor(&probe->receivers[port]);
		for (size_t source = 0; source < SOURCE_COUNT; source++)
			close_descriptor(&probe->senders[source][port]);
	}
	free(probe);
	errno = number;
}

static bool is_here(int receiver, uint32_t number, int patience)
{
	struct pollfd waiting = {.fd = receiver, .events = POLLIN};
	uint32_t received;

	while (poll(&waiting, 1, patience) > 0) {
		if (recv(receiver, &received, sizeof(received), 0) == sizeof(received) &&
		    received == number)
			return true;
	}
	return false;
}

static bool send_number(int sender, uint32_t number)
{
	return send(sender, &number, sizeof(number), 0) == sizeof(number);
}

/* What arrived when the follower has. */
static bool ask(struct probe *probe, size_t source, size_t port, bool *passes)
{
	uint32_t number = ++probe->number;

	if (!send_number(probe->senders[source][port], number) ||
	    !send_number(probe->senders[source][FOLLOWER], number) ||
	    !is_here(probe->receivers[FOLLOWER], number, PATIENCE_MILLISECONDS))
		return false;
	*passes = is_here(probe->receivers[port], number, 0);
	return true;
}

static bool ask_all(struct probe *probe, json_t *answers)
{
	for (size_t source = 0; source < SOURCE_COUNT; source++) {
		for (size_t port = 0; port < FOLLOWER; port++) {
			char name[64];
			bool passes;

			if (!ask(probe, source, port, &passes))
				return false;
			snprintf(name, sizeof(name), "packet %s to %u", sources[source].address,
				 ports[port]);
			json_object_set_new(answers, name,
					    json_string(passes ? "passes" : "is dropped"));
		}
	}
	return true;
}

/* Packets keep their order as long as one processor handles them. */
bool probe_ask(struct probe *probe, json_t *answers)
{
	cpu_set_t usual, here;
	bool answered;

	if (sched_getaffinity(0, sizeof(usual), &usual))
		return false;
	CPU_ZERO(&here);
	CPU_SET((unsigned int)sched_getcpu(), &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		return false;
	answered = ask_all(probe, answers);
	return !sched_setaffinity(0, sizeof(usual), &usual) && answered;
}
