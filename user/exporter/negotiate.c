// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/negotiate.h"

#include <string.h>
#include <strings.h>

/* A stretch of the header, without blanks around it. */
struct piece {
	const char *start;
	size_t length;
};

static struct piece trim(const char *start, const char *end)
{
	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct piece){start, (size_t)(end - start)};
}

/* Takes what stands before the next separator off the text; false at its end. */
static bool next_piece(struct piece *text, char separator, struct piece *piece)
{
	const char *end = text->start + text->length, *found;

	if (!text->start)
		return false;
	found = memchr(text->start, separator, text->length);
	*piece = trim(text->start, found ? found : end);
	text->start = found ? found + 1 : NULL;
	text->length = found ? (size_t)(end - text->start) : 0;
	return true;
}

static bool is_word(const struct piece *piece, const char *word)
{
	return piece->length == strlen(word) && !strncasecmp(piece->start, word, piece->length);
}

static bool has_name(const struct piece *parameter, const char *name)
{
	size_t length = strlen(name);

	return parameter->length > length && !strncasecmp(parameter->start, name, length);
}

/* "q=0.75" in thousandths; what is no number counts as 1. */
static int weight_of(const struct piece *parameter)
{
	const char *digit = parameter->start + 2, *end = parameter->start + parameter->length;
	int weight, scale = 100;

	if (digit == end || (*digit != '0' && *digit != '1'))
		return 1000;
	weight = (*digit++ - '0') * 1000;
	if (digit < end && *digit == '.')
		digit++;
	for (; digit < end && *digit >= '0' && *digit <= '9' && scale; digit++, scale /= 10)
		weight += (*digit - '0') * scale;
	return weight > 1000 ? 1000 : weight;
}

/* An element of the list: its name, its weight, and the version it is limited to, if any. */
struct choice {
	struct piece name;
	struct piece version;
	int weight;
};

static bool next_choice(struct piece *list, struct choice *choice)
{
	struct piece element, parameter;

	if (!next_piece(list, ',', &element))
		return false;
	*choice = (struct choice){.weight = 1000};
	next_piece(&element, ';', &choice->name);
	while (next_piece(&element, ';', &parameter)) {
		if (has_name(&parameter, "q="))
			choice->weight = weight_of(&parameter);
		else if (has_name(&parameter, "version="))
			choice->version = trim(parameter.start + strlen("version="),
					       parameter.start + parameter.length);
	}
	return true;
}

static bool has_version(const struct choice *choice, const char *version)
{
	return !choice->version.length || is_word(&choice->version, version);
}

enum exposition_format negotiate_format(const char *accept)
{
	struct piece list = {accept, accept ? strlen(accept) : 0};
	int open = 0, text = 0;
	struct choice choice;

	while (next_choice(&list, &choice)) {
		if (is_word(&choice.name, "application/openmetrics-text") &&
		    has_version(&choice, "1.0.0") && choice.weight > open)
			open = choice.weight;
		else if (is_word(&choice.name, "text/plain") && has_version(&choice, "0.0.4") &&
			 choice.weight > text)
			text = choice.weight;
	}
	return open && open >= text ? EXPOSITION_OPENMETRICS : EXPOSITION_TEXT;
}

bool negotiate_gzip(const char *accept_encoding)
{
	struct piece list = {accept_encoding, accept_encoding ? strlen(accept_encoding) : 0};
	int named = -1, others = 0;
	struct choice choice;

	while (next_choice(&list, &choice)) {
		if (is_word(&choice.name, "gzip") || is_word(&choice.name, "x-gzip"))
			named = choice.weight;
		else if (is_word(&choice.name, "*"))
			others = choice.weight;
	}
	return named >= 0 ? named > 0 : others > 0;
}
