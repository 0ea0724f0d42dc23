// SPDX-License-Identifier: GPL-2.0-or-later
#include "sip/uri.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What stands between '<' and '>', or the whole text. */
static bool take_brackets(const char **text, size_t *length)
{
	const char *open = memchr(*text, '<', *length), *close;

	if (!open)
		return true;
	*length -= (size_t)(open + 1 - *text);
	*text = open + 1;
	close = memchr(*text, '>', *length);
	if (!close)
		return false;
	*length = (size_t)(close - *text);
	return true;
}

static bool skip_scheme(const char **text, size_t *length)
{
	static const char *const schemes[] = {"sip:", "sips:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t size = strlen(schemes[i]);

		if (*length > size && !strncasecmp(*text, schemes[i], size)) {
			*text += size;
			*length -= size;
			return true;
		}
	}
	return false;
}

static bool parse_host(const char *text, size_t length, struct prefix *host)
{
	char address[PREFIX_TEXT_SIZE];
	struct error ignored;

	if (!length || length >= sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)length, text);
	return strlen(address) == length && !address_parse(address, host, &ignored);
}

static void unmap(struct prefix *host)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct prefix plain = {.family = SG_FAMILY_IPV4, .length = 32};

	if (host->family != SG_FAMILY_IPV6 || memcmp(host->address, mapped, sizeof(mapped)) != 0)
		return;
	memcpy(plain.address, host->address + sizeof(mapped), 4);
	*host = plain;
}

bool sip_uri_address(const char *text, size_t length, struct prefix *host)
{
	struct prefix found;
	const char *at;
	size_t size = 0;

	if (!take_brackets(&text, &length) || !skip_scheme(&text, &length))
		return false;
	/* An '@' is escaped everywhere but behind the user, so the first one ends the user. */
	at = memchr(text, '@', length);
	if (at) {
		length -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	if (length && *text == '[') {
		const char *end = memchr(text, ']', length);

		if (!end || !parse_host(text + 1, (size_t)(end - text - 1), &found) ||
		    found.family != SG_FAMILY_IPV6)
			return false;
	} else {
		while (size < length && !strchr(":;?, \t\r\n", text[size]))
			size++;
		if (!parse_host(text, size, &found))
			return false;
	}
	unmap(&found);
	*host = found;
	return true;
}
