/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Folders of a test's own in place of CONFIG, STATE and RUN, so that it never meets the host's. */
#ifndef SIPGUARD_TESTS_UNIT_FOLDERS_H
#define SIPGUARD_TESTS_UNIT_FOLDERS_H

/* The folder that has the three, of which only CONFIG is there: "etc", "state" and "run". */
extern char folders_root[64];

void folders_make(void);
void folders_remove(void);

#endif
