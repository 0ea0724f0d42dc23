/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions to the kernel over netlink, with libmnl. For the files of kernel/ alone. */
#ifndef SIPGUARD_USER_KERNEL_NETLINK_H
#define SIPGUARD_USER_KERNEL_NETLINK_H

#include <libmnl/libmnl.h>

#include "error.h"

#define NETLINK_REQUEST_SIZE 256

/* Begins a request in a buffer of NETLINK_REQUEST_SIZE: its type, and flags beside NLM_F_REQUEST.
 */
struct nlmsghdr *netlink_request(void *buffer, uint16_t type, uint16_t flags);

/*
 * Asks on a bus such as NETLINK_ROUTE, and gives each message of the answer to `callback`, which
 * returns MNL_CB_OK to go on. `what` stands in the error: "cannot ask for the routes".
 */
int netlink_ask(int bus, struct nlmsghdr *request, mnl_cb_t callback, void *data, const char *what,
		struct error *error);

#endif
