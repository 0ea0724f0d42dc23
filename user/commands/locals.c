// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/locals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "kernel/addresses.h"

static int add(struct locals *locals, const struct prefix *addresses, size_t count,
	       struct error *error)
{
	struct prefix *larger = reallocarray(locals->addresses, locals->count + count,
					     sizeof(*larger));

	if (!larger)
		return error_system(error, ENOMEM, "cannot hold the addresses");
	memcpy(larger + locals->count, addresses, count * sizeof(*larger));
	locals->addresses = larger;
	locals->count += count;
	return 0;
}

static int add_host(struct locals *locals, struct error *error)
{
	cleanup_free struct prefix *addresses = NULL;
	size_t count;
	int result = addresses_of_host(&addresses, &count, error);

	if (result)
		return result;
	if (!count)
		return error_set(error, EXIT_USAGE, EINVAL,
				 "--local host: this host has no address");
	return add(locals, addresses, count, error);
}

static int add_word(struct locals *locals, const char *word, struct error *error)
{
	struct prefix address;
	int result;

	if (!strcmp(word, "host"))
		return add_host(locals, error);
	result = address_parse(word, &address, error);
	if (!result)
		return add(locals, &address, 1, error);
	error_hint(error,
		   "--local takes addresses with commas between, or host for those of this host");
	return result;
}

int locals_parse(const char *words, struct locals *locals, struct error *error)
{
	__attribute__((cleanup(locals_clear))) struct locals read = {};
	cleanup_free char *copy = strdup(words);
	char *rest = copy, *word;
	int result = copy ? 0 : error_system(error, ENOMEM, "cannot read the command line");

	while (!result && (word = strsep(&rest, ",")))
		result = add_word(&read, word, error);
	if (result)
		return result;
	*locals = read;
	read = (struct locals){};
	return 0;
}

void locals_clear(struct locals *locals)
{
	free(locals->addresses);
	*locals = (struct locals){};
}
