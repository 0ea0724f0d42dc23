/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which request gets which document. */
#ifndef SIPGUARD_USER_EXPORTER_ROUTES_H
#define SIPGUARD_USER_EXPORTER_ROUTES_H

#include <microhttpd.h>
#include <stddef.h>

#include "exporter/documents.h"

/* What is served, and under which names beside addresses and localhost. Nothing of it is owned. */
struct site {
	struct documents *documents;
	const char *const *names;
	size_t name_count;
};

/* An MHD_AccessHandlerCallback, whose first argument is a struct site. */
enum MHD_Result routes_answer(void *context, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request);

#endif
