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

/* Four decimal numbers without leading zeros. Returns where they end, or NULL. */
static const char *read_ipv4(const char *text, const char *end, uint8_t address[static 4])
{
	unsigned int part = 0, value = 0, digits = 0;

	for (; text < end; text++) {
		unsigned int digit = (unsigned int)(*text - '0');

		if (digit <= 9) {
			if (digits && !value)
				return NULL;
			value = value * 10 + digit;
			if (value > 255)
				return NULL;
			digits++;
		} else if (*text == '.' && digits && part < 3) {
			address[part++] = (uint8_t)value;
			value = digits = 0;
		} else {
			break;
		}
	}
	address[part] = (uint8_t)value;
	return part == 3 && digits ? text : NULL;
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

/* An address that ends at a slash or at the end. Returns where that is, or NULL. */
static const char *read_address(const char *text, const char *end, struct prefix *out)
{
	struct prefix read = {.family = SG_FAMILY_IPV4};
	const char *at = read_ipv4(text, end, read.address);

	if (!at || (at < end && *at != '/')) {
		read = (struct prefix){.family = SG_FAMILY_IPV6};
		at = memchr(text, '/', (size_t)(end - text)) ?: end;
		if (!read_ipv6(text, (size_t)(at - text), read.address))
			return NULL;
	}
	read.length = prefix_host_length(read.family);
	*out = read;
	return at;
}

int address_parse(const char *text, struct prefix *out, struct error *error)
{
	const char *end = text + strlen(text);
	struct prefix read;

	if (read_address(text, end, &read) != end)
		return syntax_error(text, strlen(text), "an IP address", error);
	*out = read;
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

/* Decimal digits alone, without a leading zero, up to `most`. */
static bool read_number(const char *text, const char *end, unsigned int most, uint8_t *number)
{
	unsigned int value = 0;

	if (text == end || (*text == '0' && end - text > 1))
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (unsigned int)(*text - '0');
		if (value > most)
			return false;
	}
	*number = (uint8_t)value;
	return true;
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
	const char *end = text + length, *slash;
	struct prefix read;

	slash = read_address(text, end, &read);
	if (!slash || (slash < end &&
		       !read_number(slash + 1, end, prefix_host_length(read.family), &read.length)))
		return syntax_error(text, length, "an address or a prefix", error);
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
