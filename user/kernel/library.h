/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libbpf itself. */
#ifndef SIPGUARD_USER_KERNEL_LIBRARY_H
#define SIPGUARD_USER_KERNEL_LIBRARY_H

/* Keeps libbpf from printing: what goes wrong is reported once, in our words and the kernel's. */
void library_silence(void);

/* "1.1" */
const char *library_version(void);

#endif
