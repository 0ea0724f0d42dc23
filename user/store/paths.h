/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where files are.
 *
 * CONFIG is /etc/sipguard or $SIPGUARD_CONFIG_DIR, and the administrator's: the tool never writes
 * there. CONFIG/sipguard.conf is the declared policy, with its lists in CONFIG/allow.d.
 *
 * STATE is /var/lib/sipguard or $SIPGUARD_STATE_DIR. STATE/entries.list has the entries given on
 * the command line, STATE/declared.list those that were applied last, STATE/ports the guarded ports
 * when they were set, STATE/last_apply how the last apply ended. STATE/commit is there while
 * several of them change together. STATE/versions has what they were before.
 *
 * RUN is /run/sipguard or $SIPGUARD_RUN_DIR. RUN/runtime.list has the entries given with --runtime;
 * RUN/lock lets one writer in at a time. RUN/guards has what devices were when they were guarded.
 */
#ifndef SIPGUARD_USER_STORE_PATHS_H
#define SIPGUARD_USER_STORE_PATHS_H

#include "error.h"

#define STORE_PATH_SIZE 512

void store_config_path(char path[static STORE_PATH_SIZE], const char *name);
void store_state_path(char path[static STORE_PATH_SIZE], const char *name);
void store_run_path(char path[static STORE_PATH_SIZE], const char *name);

/* Leaves room for every name below one of the directories, and below that of the pins. */
#define STORE_DIRECTORY_MAX (STORE_PATH_SIZE - 160)

/* -ENAMETOOLONG when a directory of the environment is too long for what is to stand in it. */
int store_check_directories(struct error *error);

/* Makes STATE and RUN where they are missing. */
int store_directories_make(struct error *error);

/* As error_system(); without permission the status is EXIT_PRIVILEGE, with a hint. */
int store_error(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
