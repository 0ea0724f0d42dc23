/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which request gets which document. */
#ifndef SIPGUARD_USER_EXPORTER_ROUTES_H
#define SIPGUARD_USER_EXPORTER_ROUTES_H

#include <microhttpd.h>

/* An MHD_AccessHandlerCallback, whose first argument is a struct documents. */
enum MHD_Result routes_answer(void *documents, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **context);

#endif
