// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/journal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "cleanup.h"

#define ENTRY_SIZE 4096

static const char *socket_path(void)
{
	const char *path = getenv("SIPGUARD_JOURNAL");

	return path && *path ? path : "/run/systemd/journal/socket";
}

/* What finds no room is left out whole. */
static size_t add_field(char *entry, size_t used, const struct journal_field *field)
{
	int length = (int)strcspn(field->value, "\n");
	int written = snprintf(entry + used, ENTRY_SIZE - used, "%s=%.*s\n", field->name, length,
			       field->value);

	return written > 0 && used + (size_t)written < ENTRY_SIZE ? used + (size_t)written : used;
}

int journal_send(const struct journal_field *fields, size_t count, struct error *error)
{
	cleanup_fd int channel = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char entry[ENTRY_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		if (fields[i].value)
			used = add_field(entry, used, &fields[i]);
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path());
	if (channel < 0 || sendto(channel, entry, used, MSG_NOSIGNAL, (struct sockaddr *)&address,
				  sizeof(address)) < 0)
		return error_system(error, errno, "cannot write to the journal");
	return 0;
}
