// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"

static int not_an_address(const char *text, struct error *error)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), text, strlen(text));
	error_set(error, EXIT_USAGE, EINVAL, "%s is not ADDRESS:PORT", escaped);
	error_hint(error, "127.0.0.1:10506, or [::1]:10506");
	return -EINVAL;
}

/* 1 to 65535, and 0 for one that the kernel chooses. */
static bool parse_port(const char *text, in_port_t *port)
{
	unsigned long number;
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 5)
		return false;
	number = strtoul(text, &end, 10);
	*port = htons((uint16_t)number);
	return number <= 65535;
}

static bool parse_host(const char *host, in_port_t port, struct endpoint *endpoint)
{
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&endpoint->socket;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&endpoint->socket;
	size_t length = strlen(host);
	char inner[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET, host, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = port;
		endpoint->size = sizeof(*ipv4);
		return true;
	}
	if (length < 2 || length - 2 >= sizeof(inner) || host[0] != '[' || host[length - 1] != ']')
		return false;
	snprintf(inner, sizeof(inner), "%.*s", (int)length - 2, host + 1);
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = port;
	endpoint->size = sizeof(*ipv6);
	return inet_pton(AF_INET6, inner, &ipv6->sin6_addr) == 1;
}

int endpoint_parse(const char *text, struct endpoint *endpoint, struct error *error)
{
	const char *colon = strrchr(text, ':');
	struct endpoint parsed = {};
	char host[ENDPOINT_TEXT_SIZE];
	in_port_t port;

	if (!colon || (size_t)(colon - text) >= sizeof(host) || !parse_port(colon + 1, &port))
		return not_an_address(text, error);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
	if (!parse_host(host, port, &parsed))
		return not_an_address(text, error);
	*endpoint = parsed;
	return 0;
}

void endpoint_format(const struct endpoint *endpoint, char text[static ENDPOINT_TEXT_SIZE])
{
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&endpoint->socket;
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&endpoint->socket;
	char host[INET6_ADDRSTRLEN] = "";

	if (endpoint->socket.ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host));
		snprintf(text, ENDPOINT_TEXT_SIZE, "[%s]:%u", host, ntohs(ipv6->sin6_port));
	} else {
		inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host));
		snprintf(text, ENDPOINT_TEXT_SIZE, "%s:%u", host, ntohs(ipv4->sin_port));
	}
}
