// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define NAME_LENGTH_MAX 253

/* Copies what stands before the port, without brackets; false when that is no host. */
static bool take_host(const char *text, char host[static NAME_LENGTH_MAX + 2], bool *brackets)
{
	const char *end, *port;

	*brackets = *text == '[';
	text += *brackets;
	end = text + strcspn(text, *brackets ? "]" : ":");
	port = end + *brackets;
	if (end == text || end - text > NAME_LENGTH_MAX + 1 || (*brackets && *end != ']'))
		return false;
	if (*port && (*port != ':' || strspn(port + 1, "0123456789") != strlen(port + 1)))
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return true;
}

static bool is_address(const char *host, bool brackets)
{
	struct in6_addr address;

	return inet_pton(brackets ? AF_INET6 : AF_INET, host, &address) == 1;
}

bool host_is_served(const char *host, const char *const *names, size_t count)
{
	char name[NAME_LENGTH_MAX + 2];
	bool brackets;
	size_t length;

	if (!host)
		return true;
	if (!take_host(host, name, &brackets))
		return false;
	if (is_address(name, brackets))
		return true;
	/* The root's dot, which a name may end in. */
	length = strlen(name);
	if (name[length - 1] == '.')
		name[length - 1] = '\0';
	if (brackets || !strcasecmp(name, "localhost"))
		return !brackets;
	for (size_t i = 0; i < count; i++) {
		if (!strcasecmp(name, names[i]))
			return true;
	}
	return false;
}

bool host_is_name(const char *text)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-_.";
	size_t length = strlen(text);

	return length && length <= NAME_LENGTH_MAX && strspn(text, allowed) == length &&
	       text[0] != '.' && text[length - 1] != '.';
}
