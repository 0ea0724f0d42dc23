// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/addresses.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"

static void free_addresses(struct ifaddrs **list)
{
	if (*list)
		freeifaddrs(*list);
}

static bool read_address(const struct sockaddr *socket_address, struct prefix *address)
{
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;

	*address = (struct prefix){};
	if (socket_address && socket_address->sa_family == AF_INET) {
		memcpy(&ipv4, socket_address, sizeof(ipv4));
		address->family = SG_FAMILY_IPV4;
		address->length = 32;
		memcpy(address->address, &ipv4.sin_addr, sizeof(ipv4.sin_addr));
		return address->address[0] != IN_LOOPBACKNET;
	}
	if (socket_address && socket_address->sa_family == AF_INET6) {
		memcpy(&ipv6, socket_address, sizeof(ipv6));
		address->family = SG_FAMILY_IPV6;
		address->length = 128;
		memcpy(address->address, &ipv6.sin6_addr, sizeof(ipv6.sin6_addr));
		return !IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr);
	}
	return false;
}

int addresses_of_host(struct prefix **addresses, size_t *count, struct error *error)
{
	__attribute__((cleanup(free_addresses))) struct ifaddrs *list = NULL;
	cleanup_free struct prefix *found = NULL;
	size_t room = 0, used = 0;

	if (getifaddrs(&list))
		return error_system(error, errno, "cannot ask for the addresses of this host");
	for (const struct ifaddrs *one = list; one; one = one->ifa_next)
		room++;
	found = calloc(room + 1, sizeof(*found));
	if (!found)
		return error_system(error, ENOMEM, "cannot hold the addresses of this host");
	for (const struct ifaddrs *one = list; one; one = one->ifa_next)
		used += read_address(one->ifa_addr, &found[used]);
	*addresses = found;
	*count = used;
	found = NULL;
	return 0;
}
