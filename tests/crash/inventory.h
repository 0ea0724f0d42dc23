/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is, as flat JSON objects: a name for everything that can be told apart, and a text. */
#ifndef SIPGUARD_TESTS_CRASH_INVENTORY_H
#define SIPGUARD_TESTS_CRASH_INVENTORY_H

#include <jansson.h>
#include <stdbool.h>

#include "probe.h"

struct inventory {
	/* What is in force, as `status`, `list` and `ports` tell it. */
	json_t *force;
	/* What packets meet, as probe_ask() has it. */
	json_t *packets;
	/* The state as the tool reads it from its files. */
	json_t *disk;
	/* The files of state and run as they are, the pins, and the number of entries. */
	json_t *files;
};

/*
 * Takes an inventory; inventory_clear() releases it. False when something cannot be read, which is
 * then told on standard output.
 */
bool inventory_take(const char *sipguard, struct probe *probe, struct inventory *inventory);
void inventory_clear(struct inventory *inventory);

bool inventory_equal(const struct inventory *left, const struct inventory *right);

/* Whether each thing is as in one of the two. Prints what is not when `told`. */
bool is_one_of(const json_t *found, const json_t *old, const json_t *new, bool told);

void inventory_print_difference(const struct inventory *wanted, const struct inventory *found);

#endif
