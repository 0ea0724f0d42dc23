// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Decimal digits alone. */
static bool read_number(const char *text, unsigned long most, unsigned long *number)
{
	char *end;

	if (!*text || strspn(text, "0123456789") != strlen(text))
		return false;
	errno = 0;
	*number = strtoul(text, &end, 10);
	return !errno && *number <= most;
}

/* A netmask of IPv4 or of IPv6 whose ones come first. */
static bool read_netmask(const char *text, uint8_t family, uint8_t *length)
{
	struct prefix mask, ones;
	struct error error;

	if (address_parse(text, &mask, &error) || mask.family != family)
		return false;
	ones = mask;
	for (ones.length = 0; ones.length < prefix_host_length(family); ones.length++) {
		if (!(mask.address[ones.length / 8] & 0x80 >> ones.length % 8))
			break;
	}
	prefix_truncate(&ones);
	*length = ones.length;
	return !memcmp(ones.address, mask.address, sizeof(mask.address));
}

static int read_prefix(char *text, struct prefix *prefix, struct error *error)
{
	char *slash = strchr(text, '/');
	unsigned long length;
	int result;

	if (slash)
		*slash = '\0';
	/* iptables takes 0/0 for everybody. */
	result = address_parse(slash && !strcmp(text, "0") ? "0.0.0.0" : text, prefix, error);
	if (result || !slash)
		return result;
	if (read_number(slash + 1, prefix_host_length(prefix->family), &length))
		prefix->length = (uint8_t)length;
	else if (!read_netmask(slash + 1, prefix->family, &prefix->length))
		return error_set(error, EXIT_USAGE, EINVAL, "the length of a prefix is no number");
	prefix_truncate(prefix);
	return 0;
}

int address_add(const char *text, const struct source *like, struct source_list *list,
		struct error *error)
{
	struct prefix first, last;
	char copy[128], *dash;
	int result;

	if (strlen(text) >= sizeof(copy))
		return error_set(error, EXIT_USAGE, EINVAL, "that is too long for an address");
	strcpy(copy, text);
	dash = strchr(copy, '-');
	if (!dash) {
		struct source source = *like;

		result = read_prefix(copy, &source.prefix, error);
		return result ? result : source_list_add_copy(list, &source, error);
	}
	*dash = '\0';
	result = address_parse(copy, &first, error);
	result = result ? result : address_parse(dash + 1, &last, error);
	return result ? result : source_list_add_range(list, &first, &last, like, error);
}

static bool read_port(const char *text, uint16_t *port)
{
	unsigned long number;

	if (read_number(text, UINT16_MAX, &number))
		*port = (uint16_t)number;
	else if (!strcmp(text, "sip"))
		*port = 5060;
	else if (!strcmp(text, "sips") || !strcmp(text, "sip-tls"))
		*port = 5061;
	else
		return false;
	return true;
}

bool port_range_parse(const char *text, char separator, struct port_range *range)
{
	struct port_range read = {0, UINT16_MAX};
	char copy[32], *middle;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	middle = strchr(copy, separator);
	if (middle)
		*middle++ = '\0';
	/* ":5060" and "5060:" are open at one end. */
	if ((*copy || !middle) && !read_port(copy, &read.first))
		return false;
	if (!middle)
		read.last = read.first;
	else if (*middle && !read_port(middle, &read.last))
		return false;
	if (read.first > read.last)
		return false;
	*range = read;
	return true;
}

uint8_t protocol_parse(const char *text)
{
	static const struct {
		const char *name;
		uint8_t bits;
	} protocols[] = {
		{"udp", PROTOCOL_BIT(SG_PORTS_UDP)},
		{"17", PROTOCOL_BIT(SG_PORTS_UDP)},
		{"tcp", PROTOCOL_BIT(SG_PORTS_TCP)},
		{"6", PROTOCOL_BIT(SG_PORTS_TCP)},
		{"sctp", PROTOCOL_BIT(SG_PORTS_SCTP)},
		{"132", PROTOCOL_BIT(SG_PORTS_SCTP)},
		{"all", PROTOCOLS_ANY},
		{"0", PROTOCOLS_ANY},
	};

	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (!strcasecmp(text, protocols[i].name))
			return protocols[i].bits;
	}
	return PROTOCOLS_OTHER;
}
