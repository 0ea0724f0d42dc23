// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/routes.h"

#include <string.h>

#include "exporter/assets.h"
#include "exporter/host.h"
#include "exporter/negotiate.h"

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* One request for each connection, and no guessing of types by a browser. */
static enum MHD_Result send_response(struct MHD_Connection *connection, unsigned int status,
				     struct MHD_Response *response)
{
	if (!response)
		return MHD_NO;
	if (!MHD_get_response_header(response, MHD_HTTP_HEADER_CONNECTION)) {
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
		MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
		MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	}
	return MHD_queue_response(connection, status, response);
}

/* Text that lives as long as the program. */
static enum MHD_Result send_static(struct MHD_Connection *connection, unsigned int status,
				   const char *text, size_t size, const char *type)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, (void *)text,
									MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = send_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, unsigned int status,
			      const char *text)
{
	return send_static(connection, status, text, strlen(text), "text/plain; charset=utf-8");
}

static enum MHD_Result send_document(struct MHD_Connection *connection, struct documents *documents,
				     enum document document)
{
	bool gzip = negotiate_gzip(header(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING));
	struct MHD_Response *response = documents_get(documents, document, gzip);
	unsigned int status = MHD_HTTP_OK;

	if (document == DOCUMENT_HEALTH && !documents_healthy(documents))
		status = MHD_HTTP_SERVICE_UNAVAILABLE;
	return send_response(connection, status, response);
}

static enum MHD_Result send_metrics(struct MHD_Connection *connection, struct documents *documents)
{
	const char *accept = header(connection, MHD_HTTP_HEADER_ACCEPT);

	if (negotiate_format(accept) == EXPOSITION_OPENMETRICS)
		return send_document(connection, documents, DOCUMENT_OPENMETRICS);
	return send_document(connection, documents, DOCUMENT_TEXT);
}

enum MHD_Result routes_answer(void *context, struct MHD_Connection *connection, const char *path,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	const struct site *site = context;
	struct documents *documents = site->documents;
	const struct asset *asset;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	if (!host_is_served(header(connection, MHD_HTTP_HEADER_HOST), site->names,
			    site->name_count))
		return refuse(connection, MHD_HTTP_MISDIRECTED_REQUEST,
			      "this name is not expected: sipguard-exporter --host NAME\n");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD\n");
	if (!strcmp(path, "/metrics"))
		return send_metrics(connection, documents);
	if (!strcmp(path, "/healthz"))
		return send_document(connection, documents, DOCUMENT_HEALTH);
	if (!strcmp(path, "/status.json"))
		return send_document(connection, documents, DOCUMENT_STATUS);
	if (!strcmp(path, asset_page.path))
		return send_document(connection, documents, DOCUMENT_PAGE);
	asset = asset_find(path);
	if (!asset)
		return refuse(connection, MHD_HTTP_NOT_FOUND,
			      "there are /, /metrics, /healthz and /status.json\n");
	return send_static(connection, MHD_HTTP_OK, asset->start, asset_size(asset), asset->type);
}
