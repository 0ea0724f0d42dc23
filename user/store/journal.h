/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system's journal, by its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram
 * of lines FIELD=value to /run/systemd/journal/socket, or $SIPGUARD_JOURNAL.
 */
#ifndef SIPGUARD_USER_STORE_JOURNAL_H
#define SIPGUARD_USER_STORE_JOURNAL_H

#include <stddef.h>

#include "error.h"

/* A value is cut at its first line end. */
struct journal_field {
	const char *name;  /* capitals, digits and underscores */
	const char *value; /* NULL: the field is left out */
};

/* -ENOENT where there is no journal. It never waits: -EAGAIN when the journal is busy. */
int journal_send(const struct journal_field *fields, size_t count, struct error *error);

#endif
