/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A snapshot as an HTML page: all that is known, as text and plain numbers. Scripts in the page may
 * make it move, but it says everything without them. Pure, but for the stream it is given.
 */
#ifndef SIPGUARD_USER_METRICS_PAGE_H
#define SIPGUARD_USER_METRICS_PAGE_H

#include <stdio.h>

#include "metrics/families.h"
#include "metrics/snapshot.h"

/*
 * Writes the template, `size` bytes, with its marks replaced: {{headline}}, {{tone}}, {{guards}},
 * {{policy}}, {{problems}}, {{host}} and {{version}}. `host` is the machine's name: any bytes.
 */
void page_write(FILE *stream, const char *template, size_t size, const struct snapshot *snapshot,
		const struct build *build, const char *host);

#endif
