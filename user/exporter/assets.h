/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of page/, which are part of the program. */
#ifndef SIPGUARD_USER_EXPORTER_ASSETS_H
#define SIPGUARD_USER_EXPORTER_ASSETS_H

#include <stddef.h>

struct asset {
	const char *path; /* of the URL */
	const char *type; /* for Content-Type */
	const char *start;
	const char *end;
};

/* index.html, which is a template: metrics/page.h. */
extern const struct asset asset_page;

/* What is sent as it is; NULL when there is none of this path. */
const struct asset *asset_find(const char *path);

static inline size_t asset_size(const struct asset *asset)
{
	return (size_t)(asset->end - asset->start);
}

#endif
