// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/other_format.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "rules/model/place.h"

/* The formats are told apart by the start of their first line. */
#define LINE_SIZE 256

static bool begins_with(const char *line, const char *start)
{
	return !strncmp(line, start, strlen(start));
}

/* "Chain INPUT (policy DROP 12 packets, 3456 bytes)", "Chain DOCKER (1 references)" */
static bool is_iptables_list(const char *line, const char *next)
{
	(void)next;
	return begins_with(line, "Chain ") &&
	       (strstr(line, " (policy ") || strstr(line, " references)"));
}

static bool is_ipset_list(const char *line, const char *next)
{
	return begins_with(line, "Name: ") && begins_with(next, "Type: ");
}

/* "table inet filter {", or a command of a file for nft -f. */
static bool is_nft_text(const char *line, const char *next)
{
	static const char *const commands[] = {"flush ruleset", "add table ", "delete table ",
					       "destroy table ", "create table "};
	char family[16], name[64], brace[2];

	(void)next;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (begins_with(line, commands[i]))
			return true;
	}
	if (begins_with(line, "#!") && strstr(line, "/nft "))
		return true;
	if (begins_with(line, "define ") && strchr(line, '='))
		return true;
	return sscanf(line, "table %15s %63s %1[{]", family, name, brace) == 3 ||
	       sscanf(line, "table %63s %1[{]", name, brace) == 2;
}

static bool is_ufw_status(const char *line, const char *next)
{
	(void)next;
	return !strcmp(line, "Status: active") || !strcmp(line, "Status: inactive") ||
	       begins_with(line, "Added user rules (see");
}

/* "public (active)" and then "target: default" */
static bool is_firewall_cmd(const char *line, const char *next)
{
	(void)line;
	return begins_with(next, "target: ");
}

static const struct other_format {
	const char *name;
	bool (*is_it)(const char *line, const char *next);
	const char *hint;
} others[] = {
	{"the output of iptables -L", is_iptables_list,
	 "iptables-save (and ip6tables-save) prints the same rules with all that they ask for"},
	{"the output of ipset list", is_ipset_list,
	 "ipset save prints the same sets in the form that is read"},
	{"text for nft -f or the output of nft list ruleset", is_nft_text,
	 "nft -j list ruleset prints the loaded rules in the form that is read; for a file: "
	 "unshare -rn sh -c 'nft -f FILE && nft -j list ruleset'"},
	{"the output of ufw status", is_ufw_status,
	 "iptables-save (and ip6tables-save) prints the rules that ufw has loaded"},
	{"the output of firewall-cmd", is_firewall_cmd,
	 "nft -j list ruleset prints the rules that firewalld has loaded"},
};

static void copy_line(const struct place *line, char text[static LINE_SIZE])
{
	snprintf(text, LINE_SIZE, "%.*s",
		 line->length < LINE_SIZE ? (int)line->length : LINE_SIZE - 1, line->text);
}

/* The first two lines that say anything. */
static void first_lines(const char *text, size_t size, char first[static LINE_SIZE],
			char second[static LINE_SIZE])
{
	struct lines lines = lines_begin(text, size);
	struct place line;
	bool has_first = false;

	*first = *second = '\0';
	while (lines_next(&lines, &line)) {
		bool is_comment = line.length && *line.text == '#' &&
				  (line.length < 2 || line.text[1] != '!');

		if (!line.length || is_comment)
			continue;
		if (has_first) {
			copy_line(&line, second);
			return;
		}
		copy_line(&line, first);
		has_first = true;
	}
}

int other_format_refuse(const char *name, const char *text, size_t size, struct error *error)
{
	char first[LINE_SIZE], second[LINE_SIZE];

	first_lines(text, size, first, second);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!others[i].is_it(first, second))
			continue;
		error_set(error, EXIT_USAGE, EINVAL, "%.400s is %s, which is not read", name,
			  others[i].name);
		error_hint(error, "%s", others[i].hint);
		return -EINVAL;
	}
	return 0;
}
