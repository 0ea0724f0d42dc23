/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP server: libmicrohttpd on several sockets, in one thread, within bounds that no client
 * can stretch. A connection serves one request and then ends, so its whole life can be limited.
 */
#ifndef SIPGUARD_USER_EXPORTER_SERVER_H
#define SIPGUARD_USER_EXPORTER_SERVER_H

#include <microhttpd.h>
#include <stddef.h>

#include "error.h"
#include "exporter/endpoint.h"

/* Opens a socket that listens. Returns a descriptor. `endpoint` gets the port if it was 0. */
int server_listen(struct endpoint *endpoint, struct error *error);

/*
 * Serves until SIGTERM or SIGINT comes, which must be blocked. The sockets stay the caller's.
 * `handler` is called as libmicrohttpd calls it, once for each request.
 */
int server_run(const int *sockets, size_t count, MHD_AccessHandlerCallback handler, void *context,
	       struct error *error);

#endif
