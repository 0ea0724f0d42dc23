/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An error as a value: what happened, what to do next, and the exit status it leads to.
 *
 * Whoever notices an error fills one in and returns; nothing below the commands prints. The caller
 * owns the struct, and the command line reports it once. Functions that take a `struct error *`
 * return 0 or a negative errno, leave their outputs untouched on failure and fill the error in
 * exactly then.
 */
#ifndef SIPGUARD_USER_ERROR_H
#define SIPGUARD_USER_ERROR_H

#include <stdbool.h>

/* The exit status of the command line: a contract with scripts. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_NEGATIVE = 1,  /* a negative answer: would be dropped, differences, findings */
	EXIT_USAGE = 2,	    /* usage or parse error; nothing was applied */
	EXIT_ABSENT = 3,    /* not attached; no such entry or device */
	EXIT_PRIVILEGE = 4, /* a capability is missing */
	EXIT_SYSTEM = 5,    /* the kernel, the driver or the file system refused */
	EXIT_CONFLICT = 6,  /* another XDP program, another writer */
	EXIT_UNSAFE = 7,    /* refused for safety */
};

struct error {
	enum exit_status status;
	char message[1024];
	char hint[512];
};

/*
 * Fills the error in, without a hint, and returns -number, so that noticing an error and returning
 * it is one statement. `number` is a positive errno for the caller; it does not appear in the text.
 */
int error_set(struct error *error, enum exit_status status, int number, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* As error_set() with EXIT_SYSTEM, and ": " with the kernel's own words for `number` appended. */
int error_system(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds the hint: the command or the step that helps. */
void error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
