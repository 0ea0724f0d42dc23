// SPDX-License-Identifier: GPL-2.0-or-later
#include "registrations/review_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"

/* Users of one address that its label names. */
#define USERS_SHOWN 4

enum section {
	SECTION_RECEIVED,
	SECTION_PROPOSED,
	SECTION_DENIED,
	SECTION_ALLOWED,
	SECTION_COUNT,
};

static const char *const titles[SECTION_COUNT] = {
	[SECTION_RECEIVED] = "The server received registrations from these addresses",
	[SECTION_PROPOSED] = "A phone itself may have written these addresses",
	[SECTION_DENIED] = "An entry in force denies these addresses",
	[SECTION_ALLOWED] = "These addresses are allowed already",
};

static int compare(const void *left, const void *right)
{
	const struct registration *a = left, *b = right;
	int order = prefix_compare(&a->source, &b->source);

	return order ? order : strcmp(a->user ?: "", b->user ?: "");
}

int review_list_make(struct registrations *registrations, bool contacts_received,
		     struct review_list *list, struct error *error)
{
	struct registration *items = registrations->items;
	struct registered_address *address = NULL;
	struct review_list made = {
		.server = registrations->server,
		.better = registrations->better,
		.unusable = registrations->unusable,
	};

	made.addresses = calloc(registrations->count + 1, sizeof(*made.addresses));
	if (!made.addresses)
		return error_system(error, ENOMEM, "cannot hold the registrations");
	if (registrations->count)
		qsort(items, registrations->count, sizeof(*items), compare);
	for (size_t i = 0; i < registrations->count; i++) {
		if (!address || prefix_compare(&address->source, &items[i].source) != 0) {
			address = &made.addresses[made.count++];
			*address = (struct registered_address){
				.source = items[i].source,
				.registrations = &items[i],
				.standing.reason = SG_REASON_NOT_ALLOWED,
			};
		}
		address->count++;
		address->received |= items[i].received || (contacts_received && !made.better);
	}
	*list = made;
	return 0;
}

void review_list_clear(struct review_list *list)
{
	free(list->addresses);
	*list = (struct review_list){};
}

/* Users come sorted, so equal ones are neighbours. */
static size_t write_users(FILE *stream, const struct registered_address *address)
{
	const char *last = NULL;
	size_t users = 0;

	for (size_t i = 0; i < address->count; i++) {
		const char *user = address->registrations[i].user;

		if (!user || (last && !strcmp(user, last)))
			continue;
		last = user;
		if (users++ < USERS_SHOWN)
			fprintf(stream, " %s", user);
	}
	return users;
}

void registered_address_label(const struct registered_address *address,
			      char label[static LABEL_BYTES_MAX + 1])
{
	const char *agent = address->registrations[0].agent;
	char *text = NULL;
	size_t size = 0, users;
	FILE *stream = open_memstream(&text, &size);

	strcpy(label, "registered");
	if (!stream)
		return;
	fputs("registered:", stream);
	users = write_users(stream, address);
	if (users > USERS_SHOWN)
		fprintf(stream, " and %zu more", users - USERS_SHOWN);
	if (agent)
		fprintf(stream, "%s %s", users ? "," : "", agent);
	if (!fclose(stream) && (users || agent))
		label_make(text, label);
	free(text);
}

static enum section section_of(const struct registered_address *address)
{
	if (address->standing.reason == SG_REASON_DENIED)
		return SECTION_DENIED;
	if (address->standing.reason == SG_REASON_ALLOWED)
		return SECTION_ALLOWED;
	return address->received ? SECTION_RECEIVED : SECTION_PROPOSED;
}

size_t review_list_entries(const struct review_list *list)
{
	size_t entries = 0;

	for (size_t i = 0; i < list->count; i++)
		entries += section_of(&list->addresses[i]) == SECTION_RECEIVED;
	return entries;
}

static void write_address(FILE *stream, const struct registered_address *address, bool is_entry)
{
	char label[LABEL_BYTES_MAX + 1], line[LIST_LINE_SIZE];
	struct entry entry = {.prefix = address->source, .label = label};

	registered_address_label(address, label);
	list_file_line(&entry, line);
	fprintf(stream, "%s%s", is_entry ? "" : "# ", line);
}

static void write_section(FILE *stream, const struct review_list *list, enum section section)
{
	bool begun = false;

	for (size_t i = 0; i < list->count; i++) {
		if (section_of(&list->addresses[i]) != section)
			continue;
		if (!begun)
			fprintf(stream, "\n# %s:\n", titles[section]);
		begun = true;
		write_address(stream, &list->addresses[i], section == SECTION_RECEIVED);
	}
}

void review_list_write(FILE *stream, const struct review_list *list, int64_t now)
{
	char time[WHEN_TEXT_SIZE];

	time_format(now, time);
	fprintf(stream,
		"# Addresses registered at %s, read at %s.\n"
		"# A line that begins with # is no entry. Review the list before it is imported:\n"
		"# a phone's address can belong to somebody else tomorrow.\n",
		list->server, time);
	for (enum section section = 0; section < SECTION_COUNT; section++)
		write_section(stream, list, section);
	if (list->unusable)
		fprintf(stream, "\n# Contacts without a usable address: %zu.\n", list->unusable);
}
