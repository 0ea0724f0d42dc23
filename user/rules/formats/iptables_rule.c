// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/iptables_rule.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "text/escape.h"

/* A walk over the words of one line. */
struct reading {
	const char *const *words;
	size_t count;
	size_t at;
	bool negated;	    /* by a ! before the option */
	const char *option; /* whose value is being read */
	struct iptables_line *line;
	struct rule *rule;
	struct error *error;
};

static int refuse(const struct reading *reading, const char *what)
{
	char option[64];

	text_escape(option, sizeof(option), reading->option, strlen(reading->option));
	return error_set(reading->error, EXIT_USAGE, EINVAL, "%s %s", option, what);
}

static int add_condition(const struct reading *reading, enum rule_condition condition,
			 const char *value)
{
	char words[160];

	snprintf(words, sizeof(words), "%s%s %s", reading->negated ? "! " : "", reading->option,
		 value);
	return rule_add_condition(reading->rule, condition, words, reading->error);
}

/* Calls `read` for each part of a list with commas. */
static int for_each_part(const struct reading *reading, const char *list,
			 int (*read)(const struct reading *reading, const char *part))
{
	char part[128];

	while (true) {
		size_t length = strcspn(list, ",");
		int result;

		if (length >= sizeof(part))
			return refuse(reading, "has a value that is too long");
		memcpy(part, list, length);
		part[length] = '\0';
		result = read(reading, part);
		if (result || !list[length])
			return result;
		list += length + 1;
	}
}

static int add_address(const struct reading *reading, const char *text)
{
	struct source_list *list = &reading->rule->sources;
	int result = address_add(text, &(struct source){}, list, reading->error);

	if (result == -EINVAL)
		return add_condition(reading, CONDITION_HOST_NAME, text);
	return result;
}

static int read_source(const struct reading *reading, const char *value)
{
	if (reading->negated)
		return add_condition(reading, CONDITION_NEGATED_SOURCE, value);
	if (reading->rule->sources.count || reading->rule->set)
		return add_condition(reading, CONDITION_OTHER, value);
	return for_each_part(reading, value, add_address);
}

static int read_destination(const struct reading *reading, const char *value)
{
	return add_condition(reading, CONDITION_DESTINATION, value);
}

static int read_protocol(const struct reading *reading, const char *value)
{
	uint8_t bits = protocol_parse(value);

	/* Of the others only one is left out, and so others remain. */
	if (reading->negated)
		bits = (uint8_t)(PROTOCOLS_ANY & ~(bits & PROTOCOLS_TRANSPORTS));
	reading->rule->service.protocols &= bits;
	return 0;
}

static int add_ports(const struct reading *reading, const char *text)
{
	struct port_range range;

	if (!port_range_parse(text, ':', &range))
		return add_condition(reading, CONDITION_OTHER, text);
	return rule_add_ports(reading->rule, range.first, range.last, reading->error);
}

static int read_ports(const struct reading *reading, const char *value)
{
	if (reading->rule->service.range_count)
		return add_condition(reading, CONDITION_OTHER, value);
	reading->rule->service.ports_negated = reading->negated;
	return for_each_part(reading, value, add_ports);
}

static int read_source_ports(const struct reading *reading, const char *value)
{
	return add_condition(reading, CONDITION_SOURCE_PORT, value);
}

static int read_interface(const struct reading *reading, const char *value)
{
	/* "+" is any interface. */
	return strcmp(value, "+") ? add_condition(reading, CONDITION_INTERFACE, value) : 0;
}

/* A rule for new connections is a rule for what a stranger sends. */
static int read_state(const struct reading *reading, const char *value)
{
	if (strstr(value, "NEW") && !reading->negated)
		return 0;
	return add_condition(reading, CONDITION_STATE, value);
}

/* "src" is the source; of "src,dst" the second is a destination port. */
static int read_set(struct reading *reading, const char *name)
{
	const char *flags;

	if (reading->at == reading->count)
		return refuse(reading, "needs the name of a set and its flags");
	flags = reading->words[reading->at++];
	if (strcmp(flags, "src") != 0 && strcmp(flags, "src,dst") != 0)
		return add_condition(reading, CONDITION_OTHER, name);
	if (reading->negated)
		return add_condition(reading, CONDITION_NEGATED_SOURCE, name);
	if (reading->rule->sources.count || reading->rule->set)
		return add_condition(reading, CONDITION_OTHER, name);
	return string_copy(name, &reading->rule->set, reading->error);
}

static int read_comment(const struct reading *reading, const char *value)
{
	free(reading->rule->comment);
	return string_copy(value, &reading->rule->comment, reading->error);
}

static int read_target(const struct reading *reading, const char *value)
{
	static const struct {
		const char *name;
		enum rule_action action;
	} targets[] = {
		{"ACCEPT", ACTION_ACCEPT}, {"DROP", ACTION_DROP},	 {"REJECT", ACTION_DROP},
		{"TARPIT", ACTION_DROP},   {"RETURN", ACTION_RETURN},	 {"LOG", ACTION_NONE},
		{"NFLOG", ACTION_NONE},	   {"ULOG", ACTION_NONE},	 {"MARK", ACTION_NONE},
		{"CONNMARK", ACTION_NONE}, {"SET", ACTION_NONE},	 {"TRACE", ACTION_NONE},
		{"CT", ACTION_NONE},	   {"NOTRACK", ACTION_NONE},	 {"DSCP", ACTION_NONE},
		{"TOS", ACTION_NONE},	   {"CLASSIFY", ACTION_NONE},	 {"CHECKSUM", ACTION_NONE},
		{"TCPMSS", ACTION_NONE},   {"SECMARK", ACTION_NONE},	 {"AUDIT", ACTION_NONE},
		{"TEE", ACTION_NONE},	   {"CONNSECMARK", ACTION_NONE},
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!strcmp(value, targets[i].name)) {
			reading->rule->action = targets[i].action;
			return 0;
		}
	}
	reading->rule->action = ACTION_JUMP;
	free(reading->rule->target);
	return string_copy(value, &reading->rule->target, reading->error);
}

/* Matches that say all they have to say by options that are known, and those that only narrow. */
static int read_match(const struct reading *reading, const char *value)
{
	static const struct {
		const char *name;
		int condition; /* 0: none by itself */
	} matches[] = {
		{"tcp", 0},
		{"udp", 0},
		{"sctp", 0},
		{"multiport", 0},
		{"comment", 0},
		{"set", 0},
		{"iprange", 0},
		{"state", 0},
		{"conntrack", 0},
		{"limit", CONDITION_RATE},
		{"hashlimit", CONDITION_RATE},
		{"connlimit", CONDITION_RATE},
		{"recent", CONDITION_RATE},
		{"quota", CONDITION_RATE},
		{"statistic", CONDITION_RATE},
		{"addrtype", CONDITION_DESTINATION},
		{"physdev", CONDITION_INTERFACE},
	};

	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		if (!strcmp(value, matches[i].name))
			return matches[i].condition
				       ? add_condition(reading, matches[i].condition, value)
				       : 0;
	}
	return add_condition(reading, CONDITION_OTHER, value);
}

static int read_command(struct reading *reading, const char *chain)
{
	static const struct {
		const char *names[2];
		enum iptables_command command;
	} commands[] = {
		{{"-A", "--append"}, IPTABLES_APPEND},
		{{"-I", "--insert"}, IPTABLES_INSERT},
		{{"-N", "--new-chain"}, IPTABLES_NEW_CHAIN},
		{{"-P", "--policy"}, IPTABLES_POLICY},
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
		line->policy = word;
		reading->at += *word ? 1 : 0;
	} else if (line->command == IPTABLES_INSERT && *word &&
		   strspn(word, "0123456789") == strlen(word)) {
		line->position = strtoul(word, NULL, 10);
		reading->at++;
	}
	return 0;
}

static int read_table(const struct reading *reading, const char *value)
{
	reading->line->table = value;
	return 0;
}

/* The common --tcp-flags FIN,SYN,RST,ACK SYN is --syn: new connections. */
static int read_flags(struct reading *reading, const char *mask)
{
	const char *flags = reading->at < reading->count ? reading->words[reading->at++] : "";

	if (!strcmp(flags, "SYN") && !reading->negated)
		return 0;
	return add_condition(reading, CONDITION_OTHER, mask);
}

static int read_counters(struct reading *reading, const char *value)
{
	(void)value;
	reading->at += reading->at < reading->count;
	return 0;
}

static int ignore(const struct reading *reading, const char *value)
{
	(void)reading;
	(void)value;
	return 0;
}

/* Options with a value. Some take a second one, and so need to move on. */
static const struct option {
	const char *names[3];
	int (*read)(const struct reading *reading, const char *value);
	int (*read_more)(struct reading *reading, const char *value);
} options[] = {
	{{"-A", "--append"}, .read_more = read_command},
	{{"-I", "--insert"}, .read_more = read_command},
	{{"-N", "--new-chain"}, .read_more = read_command},
	{{"-P", "--policy"}, .read_more = read_command},
	{{"-t", "--table"}, .read = read_table},
	{{"-s", "--source", "--src"}, .read = read_source},
	{{"--src-range"}, .read = read_source},
	{{"-d", "--destination", "--dst"}, .read = read_destination},
	{{"--dst-range"}, .read = read_destination},
	{{"-p", "--protocol", "--proto"}, .read = read_protocol},
	{{"--dport", "--destination-port"}, .read = read_ports},
	{{"--dports", "--destination-ports"}, .read = read_ports},
	{{"--sport", "--source-port"}, .read = read_source_ports},
	{{"--sports", "--source-ports", "--ports"}, .read = read_source_ports},
	{{"-i", "--in-interface"}, .read = read_interface},
	{{"-o", "--out-interface"}, .read = read_interface},
	{{"--state", "--ctstate"}, .read = read_state},
	{{"--match-set"}, .read_more = read_set},
	{{"--comment"}, .read = read_comment},
	{{"-m", "--match"}, .read = read_match},
	{{"-j", "--jump"}, .read = read_target},
	{{"-g", "--goto"}, .read = read_target},
	{{"--tcp-flags"}, .read_more = read_flags},
	{{"-c", "--set-counters"}, .read_more = read_counters},
	{{"--reject-with"}, .read = ignore},
	{{"-w", "--wait", "-W"}, .read = NULL},
	{{"-4", "--ipv4"}, .read = NULL},
	{{"-6", "--ipv6"}, .read = NULL},
	{{"--syn"}, .read = NULL},
};

static const struct option *find_option(const char *word)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		for (size_t j = 0; j < 3 && options[i].names[j]; j++) {
			if (!strcmp(word, options[i].names[j]))
				return &options[i];
		}
	}
	return NULL;
}

/* An option that is not known belongs to a match or a target that is not; so do its values. */
static int skip_unknown(struct reading *reading)
{
	while (reading->at < reading->count && reading->words[reading->at][0] != '-' &&
	       strcmp(reading->words[reading->at], "!") != 0)
		reading->at++;
	return 0;
}

static int read_option(struct reading *reading)
{
	const struct option *option = find_option(reading->option);
	const char *value;

	if (!option || (!option->read && !option->read_more))
		return skip_unknown(reading);
	/* The older place of the negation: "-s ! ADDRESS". */
	if (reading->at < reading->count && !strcmp(reading->words[reading->at], "!")) {
		reading->negated = true;
		reading->at++;
	}
	if (reading->at == reading->count)
		return refuse(reading, "needs a value");
	value = reading->words[reading->at++];
	return option->read ? option->read(reading, value) : option->read_more(reading, value);
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
