/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a request's Host header (RFC 9110, section 7.2) names this exporter. A page of somebody
 * else can have a browser ask the loopback address under the page's own name (DNS rebinding), and
 * read the answer as its own: so no name is served that was not expected. Pure.
 */
#ifndef SIPGUARD_USER_EXPORTER_HOST_H
#define SIPGUARD_USER_EXPORTER_HOST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * An address, "localhost" or one of `names`, each with any port or none. NULL, which HTTP/1.0 may
 * leave out and no browser does, is served.
 */
bool host_is_served(const char *host, const char *const *names, size_t count);

/* Whether it can be a name: letters, digits, hyphens, underscores and dots (RFC 1123). */
bool host_is_name(const char *text);

#endif
