// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/known.h"

#include <err.h>
#include <string.h>

#include "cleanup.h"

static enum fault find_fault(const char *name)
{
	enum fault fault = 0;

	while (fault < FAULT_COUNT && strcmp(name, fault_name(fault)) != 0)
		fault++;
	return fault;
}

void known_read(const char *path, struct known *known)
{
	cleanup_stream FILE *stream = path ? fopen(path, "re") : NULL;
	char line[512], name[32];

	if (path && !stream)
		err(64, "cannot read %s", path);
	while (stream && fgets(line, sizeof(line), stream)) {
		char *text = strstr(line, " :: "), *end;

		if (*line == '#' || *line == '\n')
			continue;
		end = text ? strstr(text + 4, " :: ") : NULL;
		if (!end || sscanf(line, "%31s", name) != 1 || find_fault(name) == FAULT_COUNT ||
		    end - text - 4 >= (int)sizeof(known->faults[0].text) ||
		    known->count == KNOWN_MAX)
			errx(64, "%s: this line is not understood: %s", path, line);
		*end = '\0';
		known->faults[known->count].fault = find_fault(name);
		strcpy(known->faults[known->count++].text, text + 4);
	}
}

static bool holds(const struct rules_text *rules, const char *text)
{
	for (size_t i = 0; i < rules->count; i++) {
		for (enum part part = 0; part < PART_COUNT; part++) {
			if (strstr(rules->lines[i].parts[part], text))
				return true;
		}
	}
	return false;
}

bool known_is_whole(const struct known *known, enum fault fault)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->faults[i].fault == fault && !strcmp(known->faults[i].text, "*"))
			return true;
	}
	return false;
}

bool known_has(const struct known *known, enum fault fault, const struct rules_text *rules)
{
	for (size_t i = 0; i < known->count; i++) {
		if (known->faults[i].fault == fault && holds(rules, known->faults[i].text))
			return true;
	}
	return false;
}
