/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole processes, from fork() to exit: loading a list from a file into a filter in force, and what
 * an operator does from day to day.
 */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include "series.h"
#include "trials.h"

enum command_id {
	COMMAND_IMPORT,
	COMMAND_IPSET_RESTORE,
	COMMAND_NFT,
	COMMAND_ATTACH,
	COMMAND_ALLOW,
	COMMAND_COUNT,
};

/* Entries with which single commands are measured, or fewer when no list is as long. */
#define COMMAND_ENTRIES_MAX 100000

struct command {
	const char *name;
	size_t entries; /* that it loads, or that are there already */
	struct series seconds;
	char left_out[256]; /* why a rival was not measured; empty: it was */
};

/*
 * `directory` has the command, and room for its files: flushing them takes what it takes on a real
 * disk.
 */
int commands_measure(const char *directory, struct lists *lists, size_t rounds,
		     struct command commands[static COMMAND_COUNT], struct error *error);

#endif
