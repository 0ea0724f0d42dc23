// SPDX-License-Identifier: GPL-2.0-or-later
/* The words of a rule: its command, and the explicit list of options that are understood. */
#include "rules/formats/iptables_rule.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/iptables_internal.h"
#include "text/escape.h"

#define WORD_SIZE 160

int iptables_refuse(const struct reading *reading, const char *what)
{
	char option[64];

	text_escape(option, sizeof(option), reading->option, strlen(reading->option));
	return error_set(reading->error, EXIT_USAGE, EINVAL, "%s %s", option, what);
}

int iptables_unknown(const struct reading *reading, enum rule_condition condition,
		     const char *value)
{
	char words[WORD_SIZE];

	snprintf(words, sizeof(words), "%s%s%s%s", reading->negated ? "! " : "", reading->option,
		 *value ? " " : "", value);
	return rule_add_unknown(reading->rule, condition, words, reading->error);
}

const char *iptables_next(struct reading *reading)
{
	return reading->at < reading->count ? reading->words[reading->at++] : "";
}

static int read_command(struct reading *reading, const char *chain)
{
	static const struct {
		const char *names[2];
		enum iptables_command command;
	} commands[] = {
		{{"-A", "--append"}, IPTABLES_APPEND},	     {{"-I", "--insert"}, IPTABLES_INSERT},
		{{"-N", "--new-chain"}, IPTABLES_NEW_CHAIN}, {{"-P", "--policy"}, IPTABLES_POLICY},
		{{"-D", "--delete"}, IPTABLES_OTHER},	     {{"-R", "--replace"}, IPTABLES_OTHER},
		{{"-E", "--rename-chain"}, IPTABLES_OTHER},
	};
	struct iptables_line *line = reading->line;
	const char *word = reading->at < reading->count ? reading->words[reading->at] : "";

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!strcmp(reading->option, commands[i].names[0]) ||
		    !strcmp(reading->option, commands[i].names[1]))
			line->command = commands[i].command;
	}
	line->chain = chain;
	line->position = 1;
	if (line->command == IPTABLES_POLICY) {
		line->policy = iptables_next(reading);
	} else if (line->command != IPTABLES_APPEND && *word && *word != '-' && *word != '!') {
		line->position = strtoul(word, NULL, 10);
		reading->at++;
	}
	return 0;
}

static int read_table(struct reading *reading, const char *value)
{
	reading->line->table = value;
	return 0;
}

static int read_comment(struct reading *reading, const char *value)
{
	free(reading->rule->comment);
	reading->rule->comment = NULL;
	return string_copy(value, &reading->rule->comment, reading->error);
}

static int read_counters(struct reading *reading, const char *value)
{
	(void)value;
	iptables_next(reading);
	return 0;
}

static int ignore(struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return 0;
}

/* Options with a value, and what reads it. An option that is not in this list is unknown. */
static const struct option {
	const char *names[3];
	iptables_reader *read;
} options[] = {
	{{"-A", "--append"}, read_command},
	{{"-I", "--insert"}, read_command},
	{{"-N", "--new-chain"}, read_command},
	{{"-P", "--policy"}, read_command},
	{{"-D", "--delete"}, read_command},
	{{"-R", "--replace"}, read_command},
	{{"-E", "--rename-chain"}, read_command},
	{{"-t", "--table"}, read_table},
	{{"-s", "--source", "--src"}, iptables_read_source},
	{{"--src-range"}, iptables_read_source},
	{{"-d", "--destination", "--dst"}, iptables_read_destination},
	{{"--dst-range"}, iptables_read_destination},
	{{"-p", "--protocol", "--proto"}, iptables_read_protocol},
	{{"--dport", "--destination-port"}, iptables_read_ports},
	{{"--dports", "--destination-ports"}, iptables_read_ports},
	{{"--sport", "--source-port"}, iptables_read_source_ports},
	{{"--sports", "--source-ports", "--ports"}, iptables_read_source_ports},
	{{"--ctorigdstport"}, iptables_read_original_port},
	{{"-i", "--in-interface"}, iptables_read_device},
	{{"-o", "--out-interface"}, iptables_read_out_device},
	{{"--state", "--ctstate"}, iptables_read_state},
	{{"--ctdir"}, iptables_read_direction},
	{{"--match-set"}, iptables_read_set},
	{{"--tcp-flags"}, iptables_read_flags},
	{{"--dst-type"}, iptables_read_type},
	{{"--mark"}, iptables_read_mark},
	{{"--comment"}, read_comment},
	{{"-m", "--match"}, iptables_read_match},
	{{"-j", "--jump"}, iptables_read_target},
	{{"-g", "--goto"}, iptables_read_goto},
	{{"--set-mark"}, iptables_read_set_mark},
	{{"--set-xmark"}, iptables_read_set_mark},
	{{"--or-mark"}, iptables_read_or_mark},
	{{"--and-mark"}, iptables_read_and_mark},
	{{"--xor-mark"}, iptables_read_xor_mark},
	{{"--add-set", "--del-set", "--map-set"}, iptables_read_changed_set},
	{{"--to-destination"}, iptables_read_to_destination},
	{{"--to-ports", "--on-port"}, iptables_read_to_ports},
	{{"-c", "--set-counters"}, read_counters},
	{{"--reject-with"}, ignore},
};

static const struct option *find_option(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		for (size_t j = 0; j < 3 && options[i].names[j]; j++) {
			if (strlen(options[i].names[j]) == length &&
			    !memcmp(word, options[i].names[j], length))
				return &options[i];
		}
	}
	return NULL;
}

/* Options without a value that do not change what a rule matches; some may have one. */
static bool read_flag(struct reading *reading)
{
	static const char *const flags[] = {"-4", "--ipv4",    "-6", "--ipv6",	  "-v",
					    "-n", "--verbose", "-x", "--numeric", "--random",
					    "-w", "--wait",    "-W"};
	const char *word = reading->at < reading->count ? reading->words[reading->at] : "";

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (strcmp(reading->option, flags[i]) != 0)
			continue;
		if (tolower((unsigned char)flags[i][1 + (flags[i][1] == '-')]) == 'w' && *word &&
		    strspn(word, "0123456789") == strlen(word))
			reading->at++;
		return true;
	}
	return false;
}

/* "-F CHAIN", or without one all chains; "-X" and "-Z" change no rule. */
static bool read_flush(struct reading *reading)
{
	static const char *const names[] = {"-F", "--flush",	  "-X", "--delete-chain",
					    "-Z", "--zero",	  "-L", "--list",
					    "-S", "--list-rules", "-C", "--check"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(reading->option, names[i]) != 0)
			continue;
		reading->line->command = i < 2 ? IPTABLES_FLUSH : IPTABLES_NONE;
		if (reading->at < reading->count && reading->words[reading->at][0] != '-')
			reading->line->chain = reading->words[reading->at++];
		return true;
	}
	return false;
}

/* --syn: the first segment of a connection, which is what a stranger sends. */
static bool read_syn(struct reading *reading)
{
	if (strcmp(reading->option, "--syn") != 0)
		return false;
	if (reading->negated)
		rule_match_nothing(reading->rule);
	return true;
}

/* With the words behind it up to the next option, which are its values. */
static int read_unknown(struct reading *reading)
{
	char values[WORD_SIZE] = "";
	size_t used = 0;

	while (reading->at < reading->count && reading->words[reading->at][0] != '-' &&
	       strcmp(reading->words[reading->at], "!") != 0) {
		used += (size_t)snprintf(values + used, sizeof(values) - used, "%s%s",
					 used ? " " : "", reading->words[reading->at++]);
		if (used >= sizeof(values))
			used = sizeof(values) - 1;
	}
	return iptables_unknown(reading, reading->module ? reading->module : CONDITION_OTHER,
				values);
}

/* "--dport=5060" and "-pudp": the value stands in the same word. */
static const struct option *find_with_value(const char *word, const char **value)
{
	size_t length = strcspn(word, "=");
	const struct option *option;

	*value = NULL;
	if (word[0] == '-' && word[1] && word[1] != '-')
		length = 2;
	option = find_option(word, length);
	if (option && word[length])
		*value = word + length + (word[length] == '=');
	return option;
}

static int read_option(struct reading *reading)
{
	const char *value;
	const struct option *option = find_with_value(reading->option, &value);

	if (!option)
		return read_flag(reading) || read_flush(reading) || read_syn(reading)
			       ? 0
			       : read_unknown(reading);
	/* The older place of the negation: "-s ! ADDRESS". */
	if (!value && reading->at < reading->count && !strcmp(reading->words[reading->at], "!")) {
		reading->negated = true;
		reading->at++;
	}
	if (!value && reading->at == reading->count)
		return iptables_refuse(reading, "needs a value");
	if (value)
		reading->option = option->names[0];
	else
		value = iptables_next(reading);
	return option->read(reading, value);
}

int iptables_read(const char *const *words, size_t count, struct iptables_line *line,
		  struct rule *rule, struct error *error)
{
	struct reading reading = {words, count, .line = line, .rule = rule, .error = error};

	*line = (struct iptables_line){};
	while (reading.at < count) {
		int result;

		reading.negated = !strcmp(words[reading.at], "!") && reading.at + 1 < count;
		reading.at += reading.negated;
		reading.option = words[reading.at++];
		result = read_option(&reading);
		if (result)
			return result;
	}
	return 0;
}
