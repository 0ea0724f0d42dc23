/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the exporter has to tell, ready to be sent. A document is made when it is first asked for
 * and serves everybody for a quarter of a second, so that no number of clients makes more work than
 * four readings of the kernel a second.
 */
#ifndef SIPGUARD_USER_EXPORTER_DOCUMENTS_H
#define SIPGUARD_USER_EXPORTER_DOCUMENTS_H

#include <microhttpd.h>
#include <stdbool.h>

enum document {
	DOCUMENT_TEXT,
	DOCUMENT_OPENMETRICS,
	DOCUMENT_STATUS,
	DOCUMENT_PAGE,
	DOCUMENT_HEALTH,
	DOCUMENT_COUNT,
};

struct documents;

/* NULL without memory; documents_free() releases it. */
struct documents *documents_new(void);
void documents_free(struct documents *documents);

/* It belongs to the documents; MHD_queue_response() takes a share of it. NULL without memory. */
struct MHD_Response *documents_get(struct documents *documents, enum document document, bool gzip);

/* Whether all could be read that DOCUMENT_HEALTH told of last. */
bool documents_healthy(const struct documents *documents);

#endif
