// SPDX-License-Identifier: GPL-2.0-or-later
/* Translations in the lines of iptables-save(8). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "doctor/array.h"
#include "doctor/translation.h"
#include "text/escape.h"

#define LINE_SIZE 4096

/* What the words of one rule have said. */
struct reading {
	const char *protocol; /* NULL: any */
	const char *ports;    /* "5060", "5060:5070", "5060,5070:5080"; NULL: any */
	const char *to;	      /* "5060" or "5060-5070"; NULL: the port stays */
};

/* "10.0.0.1:5060-5070" or "[2001:db8::1]:5060": what stands behind the address, or NULL. */
static const char *port_of_destination(const char *destination)
{
	const char *colon = strrchr(destination, ':');
	const char *bracket = strrchr(destination, ']');

	if (!colon || (bracket && colon < bracket))
		return NULL;
	/* An IPv6 address without brackets has no port. */
	if (!bracket && strchr(destination, ':') != colon)
		return NULL;
	return colon + 1;
}

static void read_words(char *words, struct reading *reading)
{
	const char *destination = NULL;
	char *rest = words, *word;
	bool negated = false;

	while ((word = strsep(&rest, " "))) {
		const char *value = rest;

		if (!strcmp(word, "!")) {
			negated = true;
			continue;
		}
		if (!strcmp(word, "-p") && !negated)
			reading->protocol = value;
		else if ((!strcmp(word, "--dport") || !strcmp(word, "--dports")) && !negated)
			reading->ports = value;
		else if (!strcmp(word, "--to-ports"))
			reading->to = value;
		else if (!strcmp(word, "--to-destination"))
			destination = value;
		negated = false;
	}
	/* Now every word ends where it ends. */
	if (destination)
		reading->to = port_of_destination(destination);
}

/* "5060", or two numbers with the separator between them; the end is where reading stopped. */
static bool read_range(const char *text, char separator, uint16_t *first, uint16_t *last,
		       const char **end)
{
	char *stop;
	unsigned long low = strtoul(text, &stop, 10), high = low;

	if (stop == text)
		return false;
	if (*stop == separator)
		high = strtoul(stop + 1, &stop, 10);
	*end = stop;
	if (low < 1 || high < low || high > UINT16_MAX)
		return false;
	*first = (uint16_t)low;
	*last = (uint16_t)high;
	return true;
}

static void add(struct facts *facts, const struct reading *reading,
		const struct translation_facts *like)
{
	for (unsigned int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		struct translation_facts *translation;

		if (reading->protocol && strcmp(reading->protocol, port_table_name(table)) != 0)
			continue;
		translation = array_add(facts->translations, facts->translation_count);
		if (!translation)
			return;
		*translation = *like;
		translation->table = (uint8_t)table;
	}
}

static void add_ports(struct facts *facts, const struct reading *reading,
		      struct translation_facts *like)
{
	const char *at = reading->ports;

	if (!at) {
		like->from = 1;
		like->from_last = UINT16_MAX;
		add(facts, reading, like);
	}
	while (at && read_range(at, ':', &like->from, &like->from_last, &at)) {
		add(facts, reading, like);
		at = *at == ',' ? at + 1 : NULL;
	}
}

static void read_line(const char *program, const char *line, struct facts *facts)
{
	struct translation_facts like = {};
	char words[LINE_SIZE], place[LINE_SIZE];
	struct reading reading = {};
	const char *end;

	/* What this host sends itself passes no guard anyhow. */
	if (strncmp(line, "-A ", 3) != 0 || !strncmp(line, "-A OUTPUT ", 10))
		return;
	snprintf(words, sizeof(words), "%s", line);
	read_words(words, &reading);
	if (!reading.to || !read_range(reading.to, '-', &like.to, &like.to_last, &end))
		return;
	snprintf(place, sizeof(place), "%s: %.*s", program, LINE_SIZE / 2, line);
	text_escape(like.rule, sizeof(like.rule), place, strlen(place));
	add_ports(facts, &reading, &like);
}

int translations_of_iptables(const char *program, const char *text, size_t size,
			     struct facts *facts, struct error *error)
{
	cleanup_free char *copy = strndup(text, size);
	char *rest = copy, *line;

	if (!copy)
		return error_system(error, ENOMEM, "cannot read what %s says", program);
	while ((line = strsep(&rest, "\n")))
		read_line(program, line, facts);
	return 0;
}
