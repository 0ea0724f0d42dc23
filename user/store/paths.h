/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tool's own files.
 *
 *	STATE/entries.list	entries given on the command line; STATE is /var/lib/sipguard or
 *$SIPGUARD_STATE_DIR STATE/ports		guarded ports, when they were set RUN/runtime.list
 *entries given with --runtime; RUN is /run/sipguard or $SIPGUARD_RUN_DIR RUN/lock		one
 *writer at a time
 */
#ifndef SIPGUARD_USER_STORE_PATHS_H
#define SIPGUARD_USER_STORE_PATHS_H

#include "error.h"

#define STORE_PATH_SIZE 512

void store_state_path(char path[static STORE_PATH_SIZE], const char *name);
void store_run_path(char path[static STORE_PATH_SIZE], const char *name);

/* Makes both directories where they are missing. */
int store_directories_make(struct error *error);

/* As error_system(); without permission the status is EXIT_PRIVILEGE, with a hint. */
int store_error(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
