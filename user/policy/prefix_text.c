// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text forms of addresses and prefixes.
 *
 * Lists of a million lines are read and written through here, so dotted quads have code of their
 * own, which takes exactly what inet_pton(3) takes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/prefix.h"
#include "sipguard/abi.h"
#include "text/escape.h"

static int syntax_error(const char *text, size_t length, const char *what, struct error *error)
{
	char escaped[128];

	text_escape(escaped, sizeof(escaped), text, length);
	error_set(error, EXIT_USAGE, EINVAL, "%s is not %s", *escaped ? escaped : "nothing", what);
	error_hint(error, "such as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");
	return -EINVAL;
}

/* Decimal digits alone, without a leading zero, up to `most`. Moves `at` behind them. */
static bool read_number(const char **at, const char *end, unsigned int most, uint8_t *number)
{
	const char *start = *at;
	unsigned int value = 0;

	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		value = value * 10 + (unsigned int)(**at - '0');
		if (value > most)
			return false;
	}
	*number = (uint8_t)value;
	return *at - start == 1 || (*at > start && *start != '0');
}

static bool read_ipv4(const char *text, const char *end, uint8_t address[static 4])
{
	for (int part = 0; part < 4; part++) {
		if (part && (text == end || *text++ != '.'))
			return false;
		if (!read_number(&text, end, 255, &address[part]))
			return false;
	}
	return text == end;
}

/* inet_pton() takes no zone. */
static bool read_ipv6(const char *text, size_t length, uint8_t address[static 16])
{
	char copy[INET6_ADDRSTRLEN];

	if (length >= sizeof(copy) || memchr(text, '\0', length))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return inet_pton(AF_INET6, copy, address) == 1;
}

static bool read_address(const char *text, size_t length, struct prefix *out)
{
	struct prefix read = {};

	if (read_ipv4(text, text + length, read.address)) {
		read.family = SG_FAMILY_IPV4;
	} else {
		memset(read.address, 0, sizeof(read.address));
		if (!read_ipv6(text, length, read.address))
			return false;
		read.family = SG_FAMILY_IPV6;
	}
	read.length = prefix_host_length(read.family);
	*out = read;
	return true;
}

int address_parse(const char *text, struct prefix *out, struct error *error)
{
	if (!read_address(text, strlen(text), out))
		return syntax_error(text, strlen(text), "an IP address", error);
	return 0;
}

static int host_bits_error(const struct prefix *prefix, const char *text, int length,
			   struct error *error)
{
	struct prefix network = *prefix, host = *prefix;
	char network_text[PREFIX_TEXT_SIZE], host_text[PREFIX_TEXT_SIZE];

	prefix_truncate(&network);
	host.length = prefix_host_length(host.family);
	prefix_format(&network, network_text);
	prefix_format(&host, host_text);
	error_set(error, EXIT_USAGE, EINVAL, "%.*s has bits set beyond its length", length, text);
	error_hint(error, "the whole network is %s, the one host is %s", network_text, host_text);
	return -EINVAL;
}

static int embedded_error(const struct prefix *prefix, const char *text, int length,
			  struct error *error)
{
	struct prefix ipv4 = {.family = SG_FAMILY_IPV4, .length = (uint8_t)(prefix->length - 96)};
	char ipv4_text[PREFIX_TEXT_SIZE];

	memcpy(ipv4.address, prefix->address + 12, 4);
	prefix_format(&ipv4, ipv4_text);
	error_set(error, EXIT_USAGE, EINVAL,
		  "%.*s spells an IPv4 address, and no IPv6 packet from there is ever allowed",
		  length, text);
	error_hint(error, "for the IPv4 peer itself: %s", ipv4_text);
	return -EINVAL;
}

static bool has_host_bits(const struct prefix *prefix)
{
	struct prefix truncated = *prefix;

	if (prefix->length == prefix_host_length(prefix->family))
		return false;
	prefix_truncate(&truncated);
	return memcmp(truncated.address, prefix->address, sizeof(prefix->address)) != 0;
}

int prefix_parse_bytes(const char *text, size_t length, struct prefix *out, struct error *error)
{
	const char *end = text + length, *slash = memchr(text, '/', length), *at;
	struct prefix read;

	if (!read_address(text, slash ? (size_t)(slash - text) : length, &read))
		return syntax_error(text, length, "an address or a prefix", error);
	if (slash) {
		at = slash + 1;
		if (!read_number(&at, end, prefix_host_length(read.family), &read.length) ||
		    at != end)
			return syntax_error(text, length, "an address or a prefix", error);
	}
	/* What has come this far is short and printable. */
	if (has_host_bits(&read))
		return host_bits_error(&read, text, (int)length, error);
	if (read.length >= 96 && prefix_embeds_ipv4(&read))
		return embedded_error(&read, text, (int)length, error);
	*out = read;
	return 0;
}

int prefix_parse(const char *text, struct prefix *out, struct error *error)
{
	return prefix_parse_bytes(text, strlen(text), out, error);
}

static char *write_number(char *at, unsigned int number)
{
	if (number >= 100)
		*at++ = (char)('0' + number / 100);
	if (number >= 10)
		*at++ = (char)('0' + number / 10 % 10);
	*at++ = (char)('0' + number % 10);
	return at;
}

/* Returns where the text ends, which has no terminator yet. */
static char *write_address(char *at, const struct prefix *prefix)
{
	if (prefix->family != SG_FAMILY_IPV4) {
		inet_ntop(AF_INET6, prefix->address, at, INET6_ADDRSTRLEN);
		return at + strlen(at);
	}
	for (int part = 0; part < 4; part++) {
		if (part)
			*at++ = '.';
		at = write_number(at, prefix->address[part]);
	}
	return at;
}

void address_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE])
{
	*write_address(text, prefix) = '\0';
}

size_t prefix_format(const struct prefix *prefix, char text[static PREFIX_TEXT_SIZE])
{
	char *at = write_address(text, prefix);

	*at++ = '/';
	at = write_number(at, prefix->length);
	*at = '\0';
	return (size_t)(at - text);
}
