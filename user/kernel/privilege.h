/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says which capability is missing when the kernel only says EPERM. */
#ifndef SIPGUARD_USER_KERNEL_PRIVILEGE_H
#define SIPGUARD_USER_KERNEL_PRIVILEGE_H

#include <stddef.h>

#include "error.h"

/*
 * As error_system(); when `number` is EPERM or EACCES and the process lacks a capability that
 * sipguard needs, the status is EXIT_PRIVILEGE and the message names what is missing.
 */
int privilege_error(struct error *error, int number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The names of the capabilities that this process lacks, with commas; empty when it has all. */
void privilege_missing(char *names, size_t size);

#endif
