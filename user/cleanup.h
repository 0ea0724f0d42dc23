/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Releasing what a function holds when it is left, whichever way: `cleanup_fd int fd = -1;` */
#ifndef SIPGUARD_USER_CLEANUP_H
#define SIPGUARD_USER_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void close_descriptor(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
}

static inline void free_memory(void *pointer)
{
	free(*(void **)pointer);
}

static inline void close_stream(FILE **stream)
{
	if (*stream)
		fclose(*stream);
}

static inline void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

#define cleanup_fd	  __attribute__((cleanup(close_descriptor)))
#define cleanup_free	  __attribute__((cleanup(free_memory)))
#define cleanup_stream	  __attribute__((cleanup(close_stream)))
#define cleanup_directory __attribute__((cleanup(close_directory)))

/* Hands the descriptor over: the variable no longer owns it. */
static inline int take_descriptor(int *descriptor)
{
	int taken = *descriptor;

	*descriptor = -1;
	return taken;
}

#endif
