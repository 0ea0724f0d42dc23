// SPDX-License-Identifier: GPL-2.0-or-later
/* Findings as Static Analysis Results Interchange Format, SARIF 2.1.0 (OASIS), for code review. */
#include <stdlib.h>
#include <string.h>

#include "rules/lint/lint.h"
#include "text/escape.h"

#define SNIPPET_SIZE 400

static json_t *text_object(const char *text)
{
	return json_pack("{s:s}", "text", text);
}

static json_t *rule_object(const struct lint_check *check)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:s}}", "id", check->id, "name", check->name,
			 "shortDescription", text_object(check->summary), "fullDescription",
			 text_object(check->summary), "help", text_object(check->help),
			 "defaultConfiguration", "level", lint_severity_name(check->severity));
}

/* A reference to a file as RFC 3986 has it: relative as it was given, or file:///. */
static json_t *uri_of(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~/";
	size_t size = strlen(name) * 3 + sizeof("file://");
	char *uri = malloc(size), *out = uri;
	json_t *string;

	if (!uri)
		return NULL;
	if (*name == '/')
		out = stpcpy(out, "file://");
	for (; *name; name++) {
		if (strchr(plain, *name))
			*out++ = *name;
		else
			out += sprintf(out, "%%%02X", (unsigned char)*name);
	}
	*out = '\0';
	string = json_string(uri);
	free(uri);
	return string;
}

static size_t characters(const char *text, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

/* From its first character to behind its last one, if all of it stands on one line. */
static json_t *region_of(const struct place *place)
{
	size_t column = place_character_column(place);
	char snippet[SNIPPET_SIZE];
	json_t *region;

	text_escape(snippet, sizeof(snippet), place->text, place->length);
	region = json_pack("{s:I, s:I, s:o}", "startLine", (json_int_t)place->line, "startColumn",
			   (json_int_t)column, "snippet", text_object(snippet));
	if (place->length && !memchr(place->text, '\n', place->length)) {
		column += characters(place->text, place->length);
		json_object_set_new(region, "endColumn", json_integer((json_int_t)column));
	}
	return region;
}

/* What has a name of its own, and no line, is a logical location. */
static json_t *location_of(const struct place *place, const char *name)
{
	char text[SNIPPET_SIZE];

	if (!*place->name)
		return json_pack("{s:{s:{s:o}, s:o}}", "physicalLocation", "artifactLocation",
				 "uri", uri_of(name), "region", region_of(place));
	text_escape(text, sizeof(text), place->name, strlen(place->name));
	return json_pack("{s:{s:{s:o}}, s:[{s:s}]}", "physicalLocation", "artifactLocation", "uri",
			 uri_of(name), "logicalLocations", "fullyQualifiedName", text);
}

static json_t *result_object(const struct finding *finding, const char *name)
{
	const struct lint_check *check = &lint_checks[finding->id];
	json_t *location = location_of(&finding->place, name);
	char message[SNIPPET_SIZE];

	text_escape(message, sizeof(message), finding->message, strlen(finding->message));
	return json_pack("{s:s, s:i, s:s, s:o, s:[o]}", "ruleId", check->id, "ruleIndex",
			 (int)finding->id, "level", lint_severity_name(check->severity), "message",
			 text_object(message), "locations", location);
}

json_t *lint_sarif(const struct findings *findings, const char *const *names, const char *version)
{
	json_t *rules = json_array(), *results = json_array();

	for (unsigned int i = 0; i < LINT_ID_COUNT; i++)
		json_array_append_new(rules, rule_object(&lint_checks[i]));
	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(results, result_object(&findings->findings[i], names[i]));
	return json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:s, s:o}]}", "$schema",
			 "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0",
			 "runs", "tool", "driver", "name", "sipguard lint", "version", version,
			 "rules", rules, "columnKind", "unicodeCodePoints", "results", results);
}
