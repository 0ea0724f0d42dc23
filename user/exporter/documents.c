// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/documents.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "exporter/assets.h"
#include "exporter/collect.h"
#include "kernel/clock.h"
#include "metrics/json.h"
#include "metrics/page.h"

#define FRESH_MILLISECONDS 250

/* zlib: 15 is the largest window, and 16 more make it gzip. */
#define GZIP_WINDOW 31
#define GZIP_LEVEL  4
#define GZIP_MEMORY 8

/* Scripts and styles come from here alone, and nothing else is fetched from anywhere. */
static const char page_policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct documents {
	struct snapshot snapshot;
	struct build build;
	char host[HOST_NAME_MAX + 1];
	struct MHD_Response *ready[DOCUMENT_COUNT][2]; /* plain, gzip */
};

static void forget(struct documents *documents)
{
	for (int document = 0; document < DOCUMENT_COUNT; document++) {
		for (int gzip = 0; gzip < 2; gzip++) {
			struct MHD_Response **ready = &documents->ready[document][gzip];

			if (*ready)
				MHD_destroy_response(*ready);
			*ready = NULL;
		}
	}
}

/* Each change once, and not once for each scrape. */
static void report_change(const struct snapshot *before, const struct snapshot *now)
{
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		const struct error *problem = &now->problems[part];

		if (!strcmp(before->problems[part].message, problem->message))
			continue;
		fprintf(stderr, "sipguard-exporter: %s: %s\n", snapshot_part_name(part),
			problem->message[0] ? problem->message : "can be read again");
		if (problem->hint[0])
			fprintf(stderr, "sipguard-exporter: hint: %s\n", problem->hint);
	}
}

static void renew(struct documents *documents)
{
	struct snapshot now;

	if (documents->snapshot.taken &&
	    clock_monotonic_milliseconds() - documents->snapshot.taken < FRESH_MILLISECONDS)
		return;
	collect(&now);
	report_change(&documents->snapshot, &now);
	snapshot_clear(&documents->snapshot);
	documents->snapshot = now;
	forget(documents);
}

struct documents *documents_new(void)
{
	struct documents *documents = calloc(1, sizeof(*documents));

	if (!documents)
		return NULL;
	documents->build = collect_build();
	gethostname(documents->host, sizeof(documents->host) - 1);
	return documents;
}

void documents_free(struct documents *documents)
{
	if (!documents)
		return;
	forget(documents);
	snapshot_clear(&documents->snapshot);
	free(documents);
}

bool documents_healthy(const struct documents *documents)
{
	return !snapshot_problem(&documents->snapshot);
}

static void write_health(FILE *stream, const struct snapshot *snapshot)
{
	if (!snapshot_problem(snapshot))
		fputs("ok\n", stream);
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		const struct error *problem = &snapshot->problems[part];

		if (problem->message[0])
			fprintf(stream, "%s: %s\n", snapshot_part_name(part), problem->message);
		if (problem->hint[0])
			fprintf(stream, "hint: %s\n", problem->hint);
	}
}

static void write_status(FILE *stream, const struct documents *documents)
{
	json_t *status = json_object(), *read = snapshot_json(&documents->snapshot);

	json_object_set_new(status, "schema", json_string("sipguard-exporter/1"));
	json_object_set_new(status, "version", json_string(documents->build.version));
	json_object_update(status, read);
	json_decref(read);
	json_dumpf(status, stream, JSON_COMPACT);
	json_decref(status);
}

static void write_document(FILE *stream, const struct documents *documents, enum document document)
{
	const struct snapshot *snapshot = &documents->snapshot;

	switch (document) {
	case DOCUMENT_TEXT:
		families_write(stream, EXPOSITION_TEXT, snapshot, &documents->build);
		break;
	case DOCUMENT_OPENMETRICS:
		families_write(stream, EXPOSITION_OPENMETRICS, snapshot, &documents->build);
		break;
	case DOCUMENT_STATUS:
		write_status(stream, documents);
		break;
	case DOCUMENT_PAGE:
		page_write(stream, asset_page.start, asset_size(&asset_page), snapshot,
			   &documents->build, documents->host);
		break;
	default:
		write_health(stream, snapshot);
		break;
	}
}

static bool compress_body(char **body, size_t *size)
{
	z_stream zip = {.next_in = (unsigned char *)*body, .avail_in = (unsigned int)*size};
	unsigned char *out;

	if (deflateInit2(&zip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	zip.avail_out = (unsigned int)deflateBound(&zip, *size);
	out = malloc(zip.avail_out);
	zip.next_out = out;
	if (!out || deflate(&zip, Z_FINISH) != Z_STREAM_END) {
		deflateEnd(&zip);
		free(out);
		return false;
	}
	free(*body);
	*body = (char *)out;
	*size = zip.total_out;
	deflateEnd(&zip);
	return true;
}

static const char *type_of(enum document document)
{
	switch (document) {
	case DOCUMENT_TEXT:
		return exposition_content_type(EXPOSITION_TEXT);
	case DOCUMENT_OPENMETRICS:
		return exposition_content_type(EXPOSITION_OPENMETRICS);
	case DOCUMENT_STATUS:
		return "application/json";
	case DOCUMENT_PAGE:
		return asset_page.type;
	default:
		return "text/plain; charset=utf-8";
	}
}

static struct MHD_Response *make_response(char *body, size_t size, enum document document,
					  bool gzip)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, body,
									MHD_RESPMEM_MUST_FREE);

	if (!response) {
		free(body);
		return NULL;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type_of(document));
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding");
	if (gzip)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
	if (document == DOCUMENT_PAGE)
		MHD_add_response_header(response, "Content-Security-Policy", page_policy);
	return response;
}

static struct MHD_Response *make(const struct documents *documents, enum document document,
				 bool gzip)
{
	char *body = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&body, &size);

	if (!stream)
		return NULL;
	write_document(stream, documents, document);
	if (fclose(stream) || (gzip && !compress_body(&body, &size))) {
		free(body);
		return NULL;
	}
	return make_response(body, size, document, gzip);
}

struct MHD_Response *documents_get(struct documents *documents, enum document document, bool gzip)
{
	struct MHD_Response **ready;

	renew(documents);
	ready = &documents->ready[document][gzip];
	if (!*ready)
		*ready = make(documents, document, gzip);
	return *ready;
}
