/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content negotiation (RFC 9110, section 12.5): what a client takes, from its headers. Pure. */
#ifndef SIPGUARD_USER_EXPORTER_NEGOTIATE_H
#define SIPGUARD_USER_EXPORTER_NEGOTIATE_H

#include <stdbool.h>

#include "metrics/exposition.h"

/*
 * OpenMetrics for those who ask for it by name and want it no less than plain text; the text format
 * for everybody else, whatever they ask for. `accept` may be NULL.
 */
enum exposition_format negotiate_format(const char *accept);

/* Whether the client takes gzip. `accept_encoding` may be NULL. */
bool negotiate_gzip(const char *accept_encoding);

#endif
