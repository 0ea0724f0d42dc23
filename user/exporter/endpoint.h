/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where to listen: ADDRESS:PORT, [ADDRESS]:PORT for IPv6. Pure. */
#ifndef SIPGUARD_USER_EXPORTER_ENDPOINT_H
#define SIPGUARD_USER_EXPORTER_ENDPOINT_H

#include <sys/socket.h>

#include "error.h"

#define ENDPOINT_TEXT_SIZE 64

struct endpoint {
	struct sockaddr_storage socket;
	socklen_t size;
};

/* A name is no address: what it means may be another thing tomorrow. */
int endpoint_parse(const char *text, struct endpoint *endpoint, struct error *error);

/* The inverse. */
void endpoint_format(const struct endpoint *endpoint, char text[static ENDPOINT_TEXT_SIZE]);

#endif
