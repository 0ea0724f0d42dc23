// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "kernel/clock.h"

/* Of each socket; and how many there may be before time gets short. */
#define CONNECTIONS_MAX	 64
#define CONNECTIONS_CALM 32
/* Holds the request's headers, which is all that a connection is given memory for. */
#define CONNECTION_MEMORY 16384
/* How long a client may be silent, in seconds. */
#define CONNECTION_IDLE 10U
/* How long a connection may last, in milliseconds; and when there are many. */
#define CONNECTION_LIFETIME 20000
#define CONNECTION_GRACE    2000

/* libmicrohttpd limits how long a client is silent, but not how long it takes. */
struct connection {
	TAILQ_ENTRY(connection) entries;
	int descriptor;
	int64_t since;
	bool is_cut;
};

TAILQ_HEAD(connections, connection);

struct listener {
	struct MHD_Daemon *daemon;
	struct connections connections; /* the oldest first */
	unsigned int count;
};

int server_listen(struct endpoint *endpoint, struct error *error)
{
	struct sockaddr *where = (struct sockaddr *)&endpoint->socket;
	cleanup_fd int listening = -1;
	char text[ENDPOINT_TEXT_SIZE];
	int yes = 1;

	endpoint_format(endpoint, text);
	listening = socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listening < 0)
		return error_system(error, errno, "cannot listen on %s", text);
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* So that [::] and 0.0.0.0 can stand side by side. */
	if (where->sa_family == AF_INET6)
		setsockopt(listening, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(listening, where, endpoint->size) || listen(listening, CONNECTIONS_MAX) ||
	    getsockname(listening, where, &endpoint->size))
		return error_system(error, errno, "cannot listen on %s", text);
	return take_descriptor(&listening);
}

/* The socket is closed by libmicrohttpd, which takes this for the client's doing. */
static void cut(struct connection *connection)
{
	connection->is_cut = true;
	shutdown(connection->descriptor, SHUT_RDWR);
}

/* Where many wait, a connection must be quick: an answer takes milliseconds. */
static void cut_overdue(struct listener *listener)
{
	int64_t most = listener->count > CONNECTIONS_CALM ? CONNECTION_GRACE : CONNECTION_LIFETIME;
	int64_t now = clock_monotonic_milliseconds();
	struct connection *connection;

	TAILQ_FOREACH(connection, &listener->connections, entries)
	{
		if (now - connection->since < most)
			return;
		if (!connection->is_cut)
			cut(connection);
	}
}

static void begin(struct listener *listener, struct MHD_Connection *handle, void **context)
{
	const union MHD_ConnectionInfo *information;
	struct connection *connection = calloc(1, sizeof(*connection));

	information = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
	if (!connection || !information) {
		free(connection);
		return;
	}
	connection->descriptor = information->connect_fd;
	connection->since = clock_monotonic_milliseconds();
	TAILQ_INSERT_TAIL(&listener->connections, connection, entries);
	*context = connection;
	listener->count++;
}

static void follow(void *listening, struct MHD_Connection *handle, void **context,
		   enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = listening;
	struct connection *connection = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		begin(listener, handle, context);
	} else if (connection) {
		TAILQ_REMOVE(&listener->connections, connection, entries);
		listener->count--;
		free(connection);
	}
}

static int start(struct listener *listener, int listening, MHD_AccessHandlerCallback answer,
		 void *context, struct error *error)
{
	TAILQ_INIT(&listener->connections);
	listener->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, context, MHD_OPTION_LISTEN_SOCKET, listening,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_IDLE, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, follow, listener, MHD_OPTION_END);
	if (!listener->daemon)
		return error_system(error, errno ?: EINVAL, "cannot start the HTTP server");
	return 0;
}

static int watch(int poller, int descriptor, struct error *error)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};

	if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event))
		return error_system(error, errno, "cannot wait for requests");
	return 0;
}

/* Milliseconds until something is to be done at the latest; never more than a second. */
static int patience(const struct listener *listeners, size_t count)
{
	MHD_UNSIGNED_LONG_LONG least = 1000, wanted;

	for (size_t i = 0; i < count; i++) {
		if (MHD_get_timeout(listeners[i].daemon, &wanted) == MHD_YES && wanted < least)
			least = wanted;
	}
	return (int)least;
}

static int serve(struct listener *listeners, size_t count, int poller, int signals,
		 struct error *error)
{
	while (true) {
		struct epoll_event event;
		int ready = epoll_wait(poller, &event, 1, patience(listeners, count));

		if (ready < 0 && errno != EINTR)
			return error_system(error, errno, "cannot wait for requests");
		if (ready == 1 && event.data.fd == signals)
			return 0;
		for (size_t i = 0; i < count; i++) {
			cut_overdue(&listeners[i]);
			MHD_run(listeners[i].daemon);
		}
	}
}

static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int start_and_serve(struct listener *listeners, const int *sockets, size_t count,
			   MHD_AccessHandlerCallback answer, void *context, struct error *error)
{
	cleanup_fd int poller = epoll_create1(EPOLL_CLOEXEC), signals = open_signals();
	int result;

	if (poller < 0 || signals < 0)
		return error_system(error, errno, "cannot wait for requests");
	result = watch(poller, signals, error);
	for (size_t i = 0; !result && i < count; i++) {
		const union MHD_DaemonInfo *information;

		result = start(&listeners[i], sockets[i], answer, context, error);
		if (result)
			break;
		information = MHD_get_daemon_info(listeners[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);
		result = watch(poller, information->epoll_fd, error);
	}
	return result ?: serve(listeners, count, poller, signals, error);
}

int server_run(const int *sockets, size_t count, MHD_AccessHandlerCallback answer, void *context,
	       struct error *error)
{
	cleanup_free struct listener *listeners = calloc(count + 1, sizeof(*listeners));
	int result;

	if (!listeners)
		return error_system(error, ENOMEM, "cannot start the HTTP server");
	result = start_and_serve(listeners, sockets, count, answer, context, error);
	for (size_t i = 0; i < count && listeners[i].daemon; i++) {
		MHD_quiesce_daemon(listeners[i].daemon);
		MHD_stop_daemon(listeners[i].daemon);
	}
	return result;
}
