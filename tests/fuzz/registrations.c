// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a phone can make of its own registration, and so of the server's output: the list that comes
 * out of it must be one, and none of its entries may have another source than the text names.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"
#include "registrations/review_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	__attribute__((cleanup(registrations_clear))) struct registrations registrations = {};
	__attribute__((cleanup(review_list_clear))) struct review_list list = {};
	__attribute__((cleanup(entry_list_clear))) struct entry_list entries = {};
	struct error error;
	char *text = NULL;
	size_t length = 0;
	FILE *stream;

	if (registrations_read("fuzz", (const char *)data, size, &registrations, &error)) {
		if (registrations.count || !memchr(error.message, '\0', sizeof(error.message)))
			abort();
		return 0;
	}
	if (review_list_make(&registrations, false, &list, &error))
		return 0;
	stream = open_memstream(&text, &length);
	review_list_write(stream, &list, 1800000000);
	fclose(stream);
	if (list_file_parse("list", text, length, &entries, &error) ||
	    entries.count != review_list_entries(&list))
		abort();
	for (size_t i = 0; i < list.count; i++) {
		struct entry *entry = entry_list_find(&entries, &list.addresses[i].source);

		if ((entry != NULL) != list.addresses[i].received)
			abort();
	}
	free(text);
	return 0;
}
