// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets that wait for strangers, of sock_diag(7), and the processes that have them, of /proc. */
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cleanup.h"
#include "doctor/array.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"
#include "text/escape.h"

/* The states of include/net/tcp_states.h. A UDP socket without a peer is in the one named CLOSE. */
#define STATE_CLOSE  7
#define STATE_LISTEN 10

/* The number of a listener's socket, until its process is found. */
struct sockets {
	struct facts *facts;
	uint32_t *inodes; /* of each listener */
	size_t count;
	uint8_t table;
};

static void sockets_free(struct sockets *sockets)
{
	free(sockets->inodes);
}

static bool is_any(const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i])
			return false;
	}
	return true;
}

static void read_address(const struct inet_diag_msg *socket, struct prefix *address)
{
	bool four = socket->idiag_family == AF_INET;
	size_t size = four ? 4 : 16;

	address->family = four ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
	memcpy(address->address, socket->id.idiag_src, size);
	if (!is_any(socket->id.idiag_src, size / 4))
		address->length = (uint8_t)(size * 8);
}

static int read_socket(const struct nlmsghdr *message, void *data)
{
	const struct inet_diag_msg *socket = mnl_nlmsg_get_payload(message);
	struct sockets *sockets = data;
	struct listener_facts *listener;
	uint32_t *inode;

	if (!socket->id.idiag_sport)
		return MNL_CB_OK;
	inode = array_add(sockets->inodes, sockets->count);
	listener = inode ? array_add(sockets->facts->listeners, sockets->facts->listener_count)
			 : NULL;
	if (!listener) {
		errno = ENOMEM;
		return MNL_CB_ERROR;
	}
	*inode = socket->idiag_inode;
	listener->port = (struct port){sockets->table, ntohs(socket->id.idiag_sport)};
	listener->device = (int)socket->id.idiag_if;
	read_address(socket, &listener->address);
	return MNL_CB_OK;
}

static int dump(struct sockets *sockets, uint8_t family, uint8_t protocol, unsigned int state,
		struct error *error)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	struct inet_diag_req_v2 *query = mnl_nlmsg_put_extra_header(request, sizeof(*query));

	query->sdiag_family = family;
	query->sdiag_protocol = protocol;
	query->idiag_states = 1U << state;
	return netlink_ask(NETLINK_SOCK_DIAG, request, read_socket, sockets, "the sockets", error);
}

/* Those of the sockets that `link`, such as "socket:[1234]", names get the process's name. */
static void name_owner(struct sockets *sockets, const char *link, const char *process)
{
	unsigned int inode;

	if (sscanf(link, "socket:[%u]", &inode) != 1)
		return;
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->inodes[i] == inode)
			snprintf(sockets->facts->listeners[i].process,
				 sizeof(sockets->facts->listeners[i].process), "%s", process);
	}
}

static void read_name(int process, char name[static FACT_NAME_SIZE])
{
	cleanup_fd int file = openat(process, "comm", O_RDONLY | O_CLOEXEC);
	char text[32];
	ssize_t size = file < 0 ? 0 : read(file, text, sizeof(text));

	if (size > 0 && text[size - 1] == '\n')
		size--;
	text_escape(name, FACT_NAME_SIZE, text, size > 0 ? (size_t)size : 0);
}

/* Of other users' processes the kernel shows nothing without CAP_SYS_PTRACE. */
static void read_process(struct sockets *sockets, int process)
{
	cleanup_fd int descriptors = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_directory DIR *directory = descriptors < 0 ? NULL : fdopendir(descriptors);
	char name[FACT_NAME_SIZE], link[64];
	struct dirent *entry;

	if (!directory)
		return;
	take_descriptor(&descriptors);
	read_name(process, name);
	while ((entry = readdir(directory))) {
		ssize_t size = readlinkat(dirfd(directory), entry->d_name, link, sizeof(link) - 1);

		if (size <= 0)
			continue;
		link[size] = '\0';
		name_owner(sockets, link, name);
	}
}

static void read_processes(struct sockets *sockets)
{
	cleanup_directory DIR *directory = opendir("/proc");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		cleanup_fd int process = -1;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		process = openat(dirfd(directory), entry->d_name,
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process >= 0)
			read_process(sockets, process);
	}
}

int inspect_listeners(struct facts *facts, struct error *error)
{
	static const struct {
		uint8_t protocol;
		uint8_t table;
		unsigned int state;
	} kinds[] = {
		{IPPROTO_UDP, SG_PORTS_UDP, STATE_CLOSE},
		{IPPROTO_UDPLITE, SG_PORTS_UDP, STATE_CLOSE},
		{IPPROTO_TCP, SG_PORTS_TCP, STATE_LISTEN},
		{IPPROTO_SCTP, SG_PORTS_SCTP, STATE_LISTEN},
	};
	__attribute__((cleanup(sockets_free))) struct sockets sockets = {.facts = facts};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const uint8_t protocol = kinds[i].protocol;
		int result;

		sockets.table = kinds[i].table;
		result = dump(&sockets, AF_INET, protocol, kinds[i].state, error);
		result = result ?: dump(&sockets, AF_INET6, protocol, kinds[i].state, error);
		/* A protocol that the kernel was built without has no sockets. */
		if (result && result != -ENOENT)
			return result;
	}
	if (sockets.count)
		read_processes(&sockets);
	return 0;
}
