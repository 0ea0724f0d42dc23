/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up root, every capability and every way back to them. */
#ifndef SIPGUARD_USER_EXPORTER_DROP_H
#define SIPGUARD_USER_EXPORTER_DROP_H

#include "error.h"

/*
 * Root becomes `user`, with that user's group and the group `sipguard`, which may read the pins. No
 * capability is left in any set that counts, and no program that is started can gain one. Who is
 * not root stays who he is, and loses the rest all the same.
 */
int drop_privileges(const char *user, struct error *error);

#endif
