// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/ufw.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/iptables_rule.h"

#define SPECIFICATION_SIZE 128
#define WORDS_SIZE	   40

/* A rule of ufw in the words of iptables. */
struct words_of {
	const char *words[WORDS_SIZE];
	size_t count;
};

static void add_words(struct words_of *words, const char *option, const char *value)
{
	if (!value || words->count + 2 > WORDS_SIZE)
		return;
	words->words[words->count++] = option;
	words->words[words->count++] = value;
}

static bool is_any(const char *address)
{
	return !address || !strcmp(address, "any");
}

/* A policy for both families, made when the first rule or default is read. */
static int make_chain(struct ruleset *rules, const char *policy, const struct place *place,
		      struct error *error)
{
	static const uint8_t families[] = {FAMILIES_IPV4, FAMILIES_IPV6};

	for (size_t i = 0; i < 2; i++) {
		struct rule rule = rule_any(families[i]);
		const char *words[] = {"-P", "INPUT", policy ?: "DROP"};
		struct iptables_line line = {};
		const struct chain *chain =
			ruleset_find_chain(rules, i ? "ip6 filter" : "ip filter", "INPUT");
		int result;

		if (chain && !policy)
			continue;
		result = iptables_read(words, 3, &line, &rule, error);
		line.families = families[i];
		result = result ?: iptables_apply(rules, &line, "filter", &rule, place, error);
		rule_clear(&rule);
		if (result)
			return result;
	}
	return 0;
}

int ufw_default(struct ruleset *rules, const char *action, const struct place *place,
		struct error *error)
{
	if (!strcmp(action, "allow"))
		return make_chain(rules, "ACCEPT", place, error);
	if (strcmp(action, "deny") != 0 && strcmp(action, "reject") != 0)
		return -EINVAL;
	return make_chain(rules, "DROP", place, error);
}

static int add_one(struct ruleset *rules, const struct ufw_rule *from, const char *protocol,
		   const char *port, uint8_t families, const struct place *place,
		   struct error *error)
{
	__attribute__((cleanup(rule_clear))) struct rule rule = rule_any(families);
	struct words_of words = {};
	struct iptables_line line = {};
	bool accepts = !strcmp(from->action, "allow") || !strcmp(from->action, "limit");
	char position[24];
	int result;

	add_words(&words, from->position ? "-I" : "-A", "INPUT");
	snprintf(position, sizeof(position), "%zu", from->position);
	if (from->position)
		words.words[words.count++] = position;
	add_words(&words, "-i", from->device);
	add_words(&words, "-s", is_any(from->source) ? NULL : from->source);
	add_words(&words, "-d", is_any(from->destination) ? NULL : from->destination);
	add_words(&words, "-p", protocol);
	add_words(&words, "-m", port ? "multiport" : NULL);
	add_words(&words, "--dports", port);
	add_words(&words, "--sport", from->source_port);
	add_words(&words, "-m", !strcmp(from->action, "limit") ? "limit" : NULL);
	add_words(&words, "--comment", from->comment);
	add_words(&words, "-j", accepts ? "ACCEPT" : "DROP");
	result = iptables_read(words.words, words.count, &line, &rule, error);
	line.families = families;
	if (!result && from->application)
		result = rule_add_unknown(&rule, CONDITION_OTHER, from->application, error);
	if (!result && from->unknown)
		result = rule_add_unknown(&rule, CONDITION_OTHER, from->unknown, error);
	if (!result && from->uncertain)
		result = rule_add_unknown(&rule, CONDITION_OTHER,
					  "whether this rule is made at all", error);
	return result ?: iptables_apply(rules, &line, "filter", &rule, place, error);
}

/* The families of which the addresses of a rule are. */
static uint8_t families_of(const struct ufw_rule *rule)
{
	const char *addresses[] = {rule->source, rule->destination};
	uint8_t families = FAMILIES_BOTH;

	for (size_t i = 0; i < 2; i++) {
		if (!is_any(addresses[i]))
			families &= strchr(addresses[i], ':') ? FAMILIES_IPV6 : FAMILIES_IPV4;
	}
	return families;
}

int ufw_add(struct ruleset *rules, const struct ufw_rule *rule, const struct place *place,
	    struct error *error)
{
	static const char *const actions[] = {"allow", "deny", "reject", "limit"};
	const char *protocols[2] = {rule->protocol, NULL};
	char port[SPECIFICATION_SIZE] = "";
	char *slash;
	bool known = false;
	int result;

	for (size_t i = 0; rule->action && i < 4; i++)
		known |= !strcmp(rule->action, actions[i]);
	if (!known || (rule->port && strlen(rule->port) >= sizeof(port)))
		return -EINVAL;
	strcpy(port, rule->port ?: "");
	slash = strchr(port, '/');
	if (slash) {
		*slash = '\0';
		protocols[0] = slash + 1;
	}
	/* Of a port alone ufw makes a rule for TCP and one for UDP. */
	if ((!protocols[0] || !strcmp(protocols[0], "any")) && (*port || rule->source_port)) {
		protocols[0] = "udp";
		protocols[1] = "tcp";
	} else if (protocols[0] && !strcmp(protocols[0], "any")) {
		protocols[0] = NULL;
	}
	result = make_chain(rules, NULL, place, error);
	for (size_t i = 0; !result && i < 2; i++) {
		if (i && !protocols[i])
			break;
		for (uint8_t bit = 1; !result && bit <= FAMILIES_BOTH; bit <<= 1) {
			if (families_of(rule) & bit)
				result = add_one(rules, rule, protocols[i], *port ? port : NULL,
						 bit, place, error);
		}
	}
	return result;
}

struct ufw_reading {
	const struct shell_command *command;
	size_t at;
	struct ufw_rule rule;
};

static const char *next_word(struct ufw_reading *reading)
{
	return reading->at < reading->command->count ? reading->command->words[reading->at++]
						     : NULL;
}

static bool take(struct ufw_reading *reading, const char *word)
{
	bool is = reading->at < reading->command->count &&
		  !strcmp(reading->command->words[reading->at], word);

	reading->at += is;
	return is;
}

/* "from ADDRESS [port N] to ADDRESS [port N] proto P comment TEXT", or "PORT[/PROTO]" alone. */
static int read_clauses(struct ufw_reading *reading)
{
	struct ufw_rule *rule = &reading->rule;
	const char **port = &rule->port;

	while (reading->at < reading->command->count) {
		if (take(reading, "from")) {
			rule->source = next_word(reading);
			port = &rule->source_port;
		} else if (take(reading, "to")) {
			rule->destination = next_word(reading);
			port = &rule->port;
		} else if (take(reading, "port")) {
			*port = next_word(reading);
		} else if (take(reading, "proto")) {
			rule->protocol = next_word(reading);
		} else if (take(reading, "comment")) {
			rule->comment = next_word(reading);
		} else if (take(reading, "app")) {
			rule->application = next_word(reading);
		} else if (take(reading, "log") || take(reading, "log-all")) {
			continue;
		} else {
			const char *word = next_word(reading);

			if (rule->port || rule->source)
				return -EINVAL;
			if (word[strspn(word, "0123456789:,")] && !strchr(word, '/'))
				rule->application = word;
			else
				rule->port = word;
		}
	}
	return 0;
}

static bool is_unknown(const struct shell_command *command)
{
	for (size_t i = 0; i < command->count; i++) {
		if (command->unknown[i])
			return true;
	}
	return false;
}

static int read_rule(struct ufw_reading *reading, struct ruleset *rules, const struct place *place,
		     struct error *error)
{
	struct ufw_rule *rule = &reading->rule;

	if (take(reading, "insert"))
		rule->position = strtoul(next_word(reading) ?: "1", NULL, 10);
	else if (take(reading, "prepend"))
		rule->position = 1;
	take(reading, "rule");
	rule->action = next_word(reading);
	/* Packets that go out or through are not to us. */
	if (take(reading, "out"))
		return 0;
	if (take(reading, "in") && take(reading, "on"))
		rule->device = next_word(reading);
	return read_clauses(reading) ?: ufw_add(rules, rule, place, error);
}

static int read_default(struct ufw_reading *reading, struct ruleset *rules,
			const struct place *place, struct error *error)
{
	const char *action = next_word(reading), *direction = next_word(reading);

	if (!action || (direction && strcmp(direction, "incoming") != 0))
		return action ? 0 : -EINVAL;
	return reading->rule.uncertain ? -EINVAL : ufw_default(rules, action, place, error);
}

int ufw_command(struct ruleset *rules, const struct shell_command *command,
		const struct place *place, struct error *error)
{
	static const char *const harmless[] = {"enable",  "reload", "status", "logging",
					       "version", "app",    "show",   "route"};
	struct ufw_reading reading = {.command = command, .rule.uncertain = command->uncertain};
	int result;

	while (take(&reading, "--force") || take(&reading, "--dry-run"))
		;
	if (is_unknown(command))
		return -EINVAL;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		if (take(&reading, harmless[i]))
			return SHELL_SUCCEEDS;
	}
	result = take(&reading, "default") ? read_default(&reading, rules, place, error)
					   : read_rule(&reading, rules, place, error);
	return result ?: SHELL_SUCCEEDS;
}
