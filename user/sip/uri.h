/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host of a SIP URI (RFC 3261, section 25.1). Pure. */
#ifndef SIPGUARD_USER_SIP_URI_H
#define SIPGUARD_USER_SIP_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/prefix.h"

/*
 * The address in "sip:1001@203.0.113.5:5060;transport=tcp", also with a display name and angle
 * brackets around it, or with a sips: scheme. The text is hostile and needs no terminator. False
 * when it is no such URI or its host is a name. An IPv4-mapped IPv6 address, as servers on
 * dual-stack sockets write IPv4 peers, becomes the IPv4 address that is on the wire.
 */
bool sip_uri_address(const char *text, size_t length, struct prefix *host);

#endif
