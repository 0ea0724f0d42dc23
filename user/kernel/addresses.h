/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of this host, to which packets of peers are sent. */
#ifndef SIPGUARD_USER_KERNEL_ADDRESSES_H
#define SIPGUARD_USER_KERNEL_ADDRESSES_H

#include <stddef.h>

#include "error.h"
#include "policy/prefix.h"

/*
 * Those of all devices in this network namespace, as whole addresses, link-local ones too. The
 * loopback addresses are left out, as no packet from elsewhere has them. The caller frees
 * `addresses`. No privilege is needed.
 */
int addresses_of_host(struct prefix **addresses, size_t *count, struct error *error);

#endif
