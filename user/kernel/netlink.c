// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/netlink.h"

#include <errno.h>
#include <sys/socket.h>

#include "kernel/privilege.h"

/* As much as the kernel puts into one datagram of a dump. */
#define ANSWER_SIZE 32768

static void close_socket(struct mnl_socket **channel)
{
	if (*channel)
		mnl_socket_close(*channel);
}

struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

	request->nlmsg_type = type;
	request->nlmsg_flags = NLM_F_REQUEST | flags;
	request->nlmsg_seq = 1;
	return request;
}

static int run(struct mnl_socket *channel, struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	unsigned int port = mnl_socket_get_portid(channel);
	char answer[ANSWER_SIZE];

	if (mnl_socket_sendto(channel, request, request->nlmsg_len) < 0)
		return -errno;
	while (true) {
		ssize_t size = mnl_socket_recvfrom(channel, answer, sizeof(answer));
		int state;

		if (size < 0)
			return -errno;
		state = mnl_cb_run(answer, (size_t)size, request->nlmsg_seq, port, callback, data);
		if (state < 0)
			return -errno;
		if (state == MNL_CB_STOP)
			return 0;
	}
}

int netlink_ask(int bus, struct nlmsghdr *request, mnl_cb_t callback, void *data, const char *what,
		struct error *error)
{
	__attribute__((cleanup(close_socket))) struct mnl_socket *channel =
		mnl_socket_open2(bus, SOCK_CLOEXEC);
	int result;

	if (!channel || mnl_socket_bind(channel, 0, MNL_SOCKET_AUTOPID) < 0)
		return error_system(error, errno, "cannot ask for %s", what);
	/* An acknowledgement ends the answer where it is no dump. */
	if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		request->nlmsg_flags |= NLM_F_ACK;
	result = run(channel, request, callback, data);
	return result ? privilege_error(error, -result, "cannot ask for %s", what) : 0;
}
