/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of the state, for the code that reads, writes and commits them. */
#ifndef SIPGUARD_USER_STORE_STATE_PATHS_H
#define SIPGUARD_USER_STORE_STATE_PATHS_H

#include "store/paths.h"
#include "store/state.h"

enum state_file {
	STATE_FILE_PERSISTENT,
	STATE_FILE_DECLARED,
	STATE_FILE_RUNTIME,
	STATE_FILE_PORTS,
	/* What is written only while something changes. */
	STATE_FILE_RECORD,
	STATE_FILE_TRIAL,
	STATE_FILE_COUNT,
};

void state_path(enum state_file file, char path[static STORE_PATH_SIZE]);

/* Whether the commit record stands: drafts count in place of their files. */
bool state_is_recorded(void);

#endif
