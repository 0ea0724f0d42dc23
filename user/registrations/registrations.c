// SPDX-License-Identifier: GPL-2.0-or-later
#include "registrations/registrations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "registrations/reader.h"
#include "sip/uri.h"

bool piece_is_known(const struct piece *piece)
{
	static const char *const unknown[] = {"[not set]", "<null>", "n/a", "(null)", "-"};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		if (piece->length == strlen(unknown[i]) &&
		    !strncasecmp(piece->bytes, unknown[i], piece->length))
			return false;
	}
	return piece->length > 0;
}

/* Loopback, unspecified and multicast: no peer on a device has such a source. */
static bool can_be_a_peer(const struct prefix *host)
{
	static const uint8_t loopback6[16] = {[15] = 1}, unspecified[16];
	const uint8_t *address = host->address;

	if (!memcmp(address, unspecified, sizeof(unspecified)))
		return false;
	if (host->family == SG_FAMILY_IPV4)
		return address[0] != 127 && address[0] != 0 && address[0] < 224;
	return address[0] != 0xff && memcmp(address, loopback6, sizeof(loopback6)) != 0 &&
	       !prefix_embeds_ipv4(host);
}

static bool read_address(const struct piece *piece, struct prefix *host)
{
	char address[PREFIX_TEXT_SIZE];
	struct error ignored;

	if (!piece_is_known(piece))
		return false;
	if (sip_uri_address(piece->bytes, piece->length, host))
		return true;
	if (piece->length >= sizeof(address))
		return false;
	memcpy(address, piece->bytes, piece->length);
	address[piece->length] = '\0';
	return !address_parse(address, host, &ignored);
}

static int copy_piece(const struct piece *piece, char **copy)
{
	if (!piece_is_known(piece))
		return 0;
	*copy = strndup(piece->bytes, piece->length);
	return *copy ? 0 : -ENOMEM;
}

static void item_clear(struct registration *item)
{
	free(item->user);
	free(item->agent);
}

static int add(struct registrations *out, const struct contact *contact, struct registration *item)
{
	if (out->count == out->allocated) {
		size_t allocated = out->allocated ? 2 * out->allocated : 64;
		void *larger = reallocarray(out->items, allocated, sizeof(*out->items));

		if (!larger)
			return -ENOMEM;
		out->items = larger;
		out->allocated = allocated;
	}
	if (copy_piece(&contact->user, &item->user) || copy_piece(&contact->agent, &item->agent)) {
		item_clear(item);
		return -ENOMEM;
	}
	out->items[out->count++] = *item;
	return 0;
}

int contact_finish(struct contact *contact, struct registrations *out, struct error *error)
{
	struct registration item = {};
	int result = 0;

	if (contact->uri.bytes && !contact->ended) {
		item.received = read_address(&contact->received, &item.source) && !out->better;
		if (item.source.family == SG_FAMILY_NONE)
			read_address(&contact->uri, &item.source);
		if (item.source.family == SG_FAMILY_NONE || !can_be_a_peer(&item.source))
			out->unusable++;
		else
			result = add(out, contact, &item);
	}
	*contact = (struct contact){.user = contact->user};
	return result ? error_system(error, -result, "cannot hold the registrations") : 0;
}

int registrations_read(const char *name, const char *text, size_t size, struct registrations *out,
		       struct error *error)
{
	static int (*const readers[])(const char *text, size_t size, struct registrations *out,
				      struct error *error) = {
		json_registrations,
		asterisk_registrations,
		labelled_registrations,
	};

	if (size > REGISTRATIONS_SIZE_MAX)
		return error_set(error, EXIT_USAGE, E2BIG, "%.400s has more than %u MiB", name,
				 REGISTRATIONS_SIZE_MAX >> 20);
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
		__attribute__((cleanup(registrations_clear))) struct registrations read = {};
		int result = readers[i](text, size, &read, error);

		if (result < 0)
			return result;
		if (!result)
			continue;
		*out = read;
		read = (struct registrations){};
		return 0;
	}
	error_set(error, EXIT_USAGE, EINVAL, "%.400s is not a server's list of registrations",
		  name);
	error_hint(error, "it is the output of: kamctl ul show | opensips-cli -x mi ul_dump | "
			  "asterisk -rx 'pjsip show contacts' | "
			  "fs_cli -x 'sofia status profile internal reg'");
	return -EINVAL;
}

void registrations_clear(struct registrations *registrations)
{
	for (size_t i = 0; i < registrations->count; i++)
		item_clear(&registrations->items[i]);
	free(registrations->items);
	*registrations = (struct registrations){};
}
