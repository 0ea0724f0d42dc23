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

/*
 * Of each socket: how many there may be, beyond how many those that have not asked are soon cut
 * off, and beyond how many time gets short for all.
 */
#define CONNECTIONS_MAX	    256
#define CONNECTIONS_CROWDED 64
#define CONNECTIONS_CALM    32
/* That wait to be accepted. */
#define CONNECTIONS_WAITING 1024
/* Holds the request's headers, which is all that a connection is given memory for. */
#define CONNECTION_MEMORY 16384
/* How long a client may be silent, in seconds. */
#define CONNECTION_IDLE 10U
/*
 * How long a connection may last, in milliseconds; when there are many; and until its request is
 * complete, when it is crowded. Who asks at once is answered: so many connections are cut off in a
 * second that a thousand silent clients, who come back, keep nobody waiting for that long.
 */
#define CONNECTION_LIFETIME 20000
#define CONNECTION_GRACE    2000
#define CONNECTION_HASTE    100

/* libmicrohttpd limits how long a client is silent, but not how long it takes. */
struct connection {
	TAILQ_ENTRY(connection) entries;
	int descriptor;
	int64_t since;
	bool has_asked; /* its request is complete */
	bool is_cut;
};

TAILQ_HEAD(connections, connection);

struct listener {
	struct MHD_Daemon *daemon;
	MHD_AccessHandlerCallback answer;
	void *context;
	struct connections connections; /* the oldest first */
	unsigned int count;		/* of those that are not cut */
	/* One has ended since libmicrohttpd last looked whether there is room to accept another. */
	bool has_room;
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
	if (bind(listening, where, endpoint->size) || listen(listening, CONNECTIONS_WAITING) ||
	    getsockname(listening, where, &endpoint->size))
		return error_system(error, errno, "cannot listen on %s", text);
	return take_descriptor(&listening);
}

/* The socket is closed by libmicrohttpd, which takes this for the client's doing. */
static void cut(struct listener *listener, struct connection *connection)
{
	connection->is_cut = true;
	listener->count--;
	shutdown(connection->descriptor, SHUT_RDWR);
}

static int64_t lifetime(const struct listener *listener, const struct connection *connection)
{
	if (listener->count <= CONNECTIONS_CALM)
		return CONNECTION_LIFETIME;
	if (listener->count <= CONNECTIONS_CROWDED || connection->has_asked)
		return CONNECTION_GRACE;
	return CONNECTION_HASTE;
}

/* Where many wait, a connection must be quick: an answer takes milliseconds. */
static void cut_overdue(struct listener *listener)
{
	int64_t now = clock_monotonic_milliseconds();
	struct connection *connection;

	TAILQ_FOREACH(connection, &listener->connections, entries)
	{
		int64_t age = now - connection->since;

		if (age < CONNECTION_HASTE)
			return;
		if (!connection->is_cut && age >= lifetime(listener, connection))
			cut(listener, connection);
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
		listener->count -= !connection->is_cut;
		listener->has_room = true;
		free(connection);
	}
}

static enum MHD_Result answer(void *listening, struct MHD_Connection *handle, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **context)
{
	const struct listener *listener = listening;
	const union MHD_ConnectionInfo *information;

	information = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (information && information->socket_context)
		((struct connection *)information->socket_context)->has_asked = true;
	return listener->answer(listener->context, handle, path, method, version, upload,
				upload_size, context);
}

static int start(struct listener *listener, int listening, struct error *error)
{
	TAILQ_INIT(&listener->connections);
	listener->daemon = MHD_start_daemon(
		MHD_USE_EPOLL, 0, NULL, NULL, answer, listener, MHD_OPTION_LISTEN_SOCKET, listening,
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
		if (listeners[i].has_room)
			return 0;
		if (listeners[i].count > CONNECTIONS_CROWDED && least > CONNECTION_HASTE)
			least = CONNECTION_HASTE;
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
			listeners[i].has_room = false;
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
			   struct error *error)
{
	cleanup_fd int poller = epoll_create1(EPOLL_CLOEXEC), signals = open_signals();
	int result;

	if (poller < 0 || signals < 0)
		return error_system(error, errno, "cannot wait for requests");
	result = watch(poller, signals, error);
	for (size_t i = 0; !result && i < count; i++) {
		const union MHD_DaemonInfo *information;

		result = start(&listeners[i], sockets[i], error);
		if (result)
			break;
		information = MHD_get_daemon_info(listeners[i].daemon, MHD_DAEMON_INFO_EPOLL_FD);
		result = watch(poller, information->epoll_fd, error);
	}
	return result ?: serve(listeners, count, poller, signals, error);
}

int server_run(const int *sockets, size_t count, MHD_AccessHandlerCallback handler, void *context,
	       struct error *error)
{
	cleanup_free struct listener *listeners = calloc(count + 1, sizeof(*listeners));
	int result;

	if (!listeners)
		return error_system(error, ENOMEM, "cannot start the HTTP server");
	for (size_t i = 0; i < count; i++) {
		listeners[i].answer = handler;
		listeners[i].context = context;
	}
	result = start_and_serve(listeners, sockets, count, error);
	for (size_t i = 0; i < count && listeners[i].daemon; i++) {
		MHD_quiesce_daemon(listeners[i].daemon);
		MHD_stop_daemon(listeners[i].daemon);
	}
	return result;
}
