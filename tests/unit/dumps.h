/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the real tools wrote down, and places in their files where no byte may be read too far. */
#ifndef SIPGUARD_TESTS_UNIT_DUMPS_H
#define SIPGUARD_TESTS_UNIT_DUMPS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct dump {
	char *text; /* without a terminator, so that the sanitizer sees a step too far */
	size_t size;
};

static inline struct dump dump_of(const char *text, size_t size)
{
	struct dump dump = {malloc(size ? size : 1), size};

	memcpy(dump.text, text, size);
	return dump;
}

/* Tests run in the top folder of the tree. */
static inline struct dump dump_read(const char *name)
{
	char path[128], buffer[16384];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "tests/unit/dumps/%s", name);
	file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	size = fread(buffer, 1, sizeof(buffer), file);
	cr_assert_lt(size, sizeof(buffer));
	fclose(file);
	return dump_of(buffer, size);
}

static inline void dump_free(struct dump *dump)
{
	free(dump->text);
}

#endif
