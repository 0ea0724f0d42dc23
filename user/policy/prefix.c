// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/prefix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sipguard/abi.h"
#include "text/escape.h"

static size_t address_size(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? 4 : 16;
}

uint8_t prefix_host_length(uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? 32 : 128;
}

static int syntax_error(const char *text, const char *what, struct error *error)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), text, strlen(text));
	error_set(error, EXIT_USAGE, EINVAL, "%s is not %s", *escaped ? escaped : "nothing", what);
	error_hint(error, "such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");
	return -EINVAL;
}

/*
 * inet_pton() takes no abbreviated, octal or hexadecimal IPv4 address and no zone of an IPv6 one.
 */
static bool read_address(const char *text, struct prefix *out)
{
	struct prefix read = {};

	if (inet_pton(AF_INET, text, read.address) == 1)
		read.family = SG_FAMILY_IPV4;
	else if (inet_pton(AF_INET6, text, read.address) == 1)
		read.family = SG_FAMILY_IPV6;
	else
		return false;
	read.length = prefix_host_length(read.family);
	*out = read;
	return true;
}

int address_parse(const char *text, struct prefix *out, struct error *error)
{
	if (!read_address(text, out))
		return syntax_error(text, "an IP address", error);
	return 0;
}

/* Decimal digits alone, without a leading zero, up to `most`. */
static bool read_length(const char *text, uint8_t most, uint8_t *length)
{
	unsigned int value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
		if (value > most)
			return false;
	}
	*length = (uint8_t)value;
	return true;
}

static int host_bits_error(const struct prefix *prefix, const char *text, struct error *error)
{
	struct prefix network = *prefix, host = *prefix;
	char network_text[PREFIX_TEXT_SIZE], host_text[PREFIX_TEXT_SIZE];

	prefix_truncate(&network);
	host.length = prefix_host_length(host.family);
	prefix_format(&network, network_text);
	prefix_format(&host, host_text);
	error_set(error, EXIT_USAGE, EINVAL, "%s has bits set beyond its length", text);
	error_hint(error, "the whole network is %s, the one host is %s", network_text, host_text);
	return -EINVAL;
}

static int embedded_error(const struct prefix *prefix, const char *text, struct error *error)
{
	struct prefix ipv4 = {.family = SG_FAMILY_IPV4, .length = (uint8_t)(prefix->length - 96)};
	char ipv4_text[PREFIX_TEXT_SIZE];

	memcpy(ipv4.address, prefix->address + 12, 4);
	prefix_format(&ipv4, ipv4_text);
	error_set(error, EXIT_USAGE, EINVAL,
		  "%s spells an IPv4 address, and no IPv6 packet from there is ever allowed", text);
	error_hint(error, "for the IPv4 peer itself: %s", ipv4_text);
	return -EINVAL;
}

int prefix_parse(const char *text, struct prefix *out, struct error *error)
{
	char copy[PREFIX_TEXT_SIZE];
	struct prefix read, truncated;
	char *slash;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return syntax_error(text, "an address or a prefix", error);
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	if (!read_address(copy, &read))
		return syntax_error(text, "an address or a prefix", error);
	if (slash && !read_length(slash + 1, prefix_host_length(read.family), &read.length))
		return syntax_error(text, "an address or a prefix", error);

	truncated = read;
	prefix_truncate(&truncated);
	if (memcmp(truncated.address, read.address, sizeof(read.address)) != 0)
		return host_bits_error(&read, text, error);
	if (read.length >= 96 && prefix_embeds_ipv4(&read))
		return embedded_error(&read, text, error);
	*out = read;
	return 0;
}

void address_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE])
{
	inet_ntop(prefix->family == SG_FAMILY_IPV4 ? AF_INET : AF_INET6, prefix->address, text,
		  PREFIX_TEXT_SIZE);
}

void prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE])
{
	size_t length;

	address_format(prefix, text);
	length = strlen(text);
	snprintf(text + length, PREFIX_TEXT_SIZE - length, "/%u", prefix->length);
}

void prefix_truncate(struct prefix *prefix)
{
	size_t whole = prefix->length / 8;

	if (whole >= sizeof(prefix->address))
		return;
	prefix->address[whole] &= (uint8_t)(0xff00 >> prefix->length % 8);
	memset(prefix->address + whole + 1, 0, sizeof(prefix->address) - whole - 1);
}

bool prefix_covers(const struct prefix *outer, const struct prefix *inner)
{
	struct prefix cut = *inner;

	if (outer->family != inner->family || outer->length > inner->length)
		return false;
	cut.length = outer->length;
	prefix_truncate(&cut);
	return !memcmp(cut.address, outer->address, sizeof(cut.address));
}

int prefix_compare(const struct prefix *left, const struct prefix *right)
{
	int order;

	if (left->family != right->family)
		return left->family < right->family ? -1 : 1;
	order = memcmp(left->address, right->address, address_size(left->family));
	if (order)
		return order;
	return left->length - right->length;
}

bool prefix_embeds_ipv4(const struct prefix *prefix)
{
	static const uint8_t compatible[12];
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return prefix->family == SG_FAMILY_IPV6 &&
	       (!memcmp(prefix->address, compatible, sizeof(compatible)) ||
		!memcmp(prefix->address, mapped, sizeof(mapped)));
}

bool prefix_is_half_the_internet(const struct prefix *prefix)
{
	/* Global unicast IPv6 is a /3. */
	return prefix->length <= (prefix->family == SG_FAMILY_IPV4 ? 1 : 3);
}
