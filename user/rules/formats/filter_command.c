// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/filter_command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/formats/iptables_rule.h"
#include "rules/formats/ufw.h"

/* Words of a remark. */
#define TEXT_SIZE 400

/* Commands in front of another one that run it as it is. */
static const char *const prefixes[] = {"sudo",	 "exec", "command", "nice", "nohup",
				       "ionice", "time", "eval",    "doas", "busybox"};

/* They change the filter, or run what may do so, and are not followed. */
static const char *const others[] = {
	"iptables-restore",
	"ip6tables-restore",
	"iptables-apply",
	"ipset",
	"nft",
	"ebtables",
	"firewall-cmd",
	"firewall-offline-cmd",
	"shorewall",
	"csf",
	"ferm",
	"arptables",
	"fwconsole",
	"netfilter-persistent",
	"pfctl",
	"sh",
	"bash",
	"source",
	".",
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The name of a tool without the variant of its back end: "iptables" of "iptables-nft". */
static bool is_tool(const char *name, const char *tool)
{
	size_t length = strlen(tool);

	return !strncmp(name, tool, length) && (!name[length] || !strcmp(name + length, "-nft") ||
						!strcmp(name + length, "-legacy"));
}

static int add_unread(struct ruleset *rules, const struct shell_command *command,
		      const struct place *place, struct error *error)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%.*s", (int)(command->length < 300 ? command->length : 300),
		 command->text);
	return ruleset_add_unread(rules, place, text, error) ?: SHELL_UNKNOWN;
}

static bool has_word(const struct shell_command *command, const char *word, const char *other)
{
	for (size_t i = 0; i < command->count; i++) {
		if (!strcmp(command->words[i], word) || !strcmp(command->words[i], other))
			return true;
	}
	return false;
}

/* Whether a word that decides where the rule goes, or what becomes of it, is not known. */
static bool hides_the_chain(const struct shell_command *command)
{
	static const char *const options[] = {
		"-A", "--append",    "-I", "--insert", "-t", "--table",
		"-j", "--jump",	     "-g", "--goto",   "-P", "--policy",
		"-N", "--new-chain", "-F", "--flush",  "-X", "--delete-chain"};

	for (size_t i = 1; i < command->count; i++) {
		for (size_t j = 0; j < sizeof(options) / sizeof(options[0]); j++) {
			if (command->unknown[i] && !strcmp(command->words[i - 1], options[j]))
				return true;
		}
	}
	return false;
}

int filter_iptables(struct ruleset *rules, uint8_t families, const struct shell_command *command,
		    const struct place *place, struct error *error)
{
	__attribute__((cleanup(rule_clear))) struct rule rule = rule_any(families);
	struct iptables_line line = {};
	struct error reason;
	int result;

	if (has_word(command, "-C", "--check"))
		return SHELL_IS_A_CHECK;
	if (hides_the_chain(command))
		return add_unread(rules, command, place, error);
	result = iptables_read(command->words, command->count, &line, &rule, &reason);
	if (result == -ENOMEM)
		*error = reason;
	if (result)
		return result == -ENOMEM ? result : add_unread(rules, command, place, error);
	line.families = families;
	/* A new chain is empty, so it does no harm where it is not made. */
	if (command->uncertain &&
	    (line.command == IPTABLES_POLICY || line.command == IPTABLES_FLUSH))
		return add_unread(rules, command, place, error);
	if (command->remark)
		result = rule_add_unknown(&rule, CONDITION_OTHER, command->remark, error);
	if (!result && command->uncertain)
		result = rule_add_unknown(&rule, CONDITION_OTHER,
					  "whether this command runs at all", error);
	result = result ?: iptables_apply(rules, &line, "filter", &rule, place, error);
	return result ?: SHELL_SUCCEEDS;
}

/* The command behind its first words. */
static struct shell_command tail_of(const struct shell_command *command, size_t first)
{
	struct shell_command tail = *command;

	tail.count -= first;
	memmove(tail.words, tail.words + first, tail.count * sizeof(*tail.words));
	memmove(tail.unknown, tail.unknown + first, tail.count * sizeof(*tail.unknown));
	return tail;
}

static bool is_prefix(const char *word)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		if (!strcmp(base_name(word), prefixes[i]))
			return true;
	}
	return false;
}

/* Where the name of the command stands, behind sudo and the like with their options. */
static size_t find_name(const struct shell_command *command)
{
	size_t at = 0;

	while (at < command->count && is_prefix(command->words[at])) {
		at++;
		while (at < command->count && command->words[at][0] == '-')
			at++;
	}
	return at;
}

/* "$IPT -A INPUT ... -j ACCEPT": a tool behind a variable. */
static bool looks_like_iptables(const struct shell_command *command, size_t name)
{
	return command->unknown[name] &&
	       (has_word(command, "-A", "-I") || has_word(command, "-P", "-F"));
}

static bool is_other(const struct shell_command *command, size_t name)
{
	const char *word = base_name(command->words[name]);

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (is_tool(word, others[i]))
			return true;
	}
	/* "service iptables restart" */
	return (!strcmp(word, "service") || !strcmp(word, "systemctl") ||
		!strcmp(word, "invoke-rc.d")) &&
	       (has_word(command, "iptables", "ip6tables") ||
		has_word(command, "nftables", "ufw") ||
		has_word(command, "firewalld", "shorewall"));
}

int filter_command(struct ruleset *rules, const struct shell_command *command,
		   const struct place *place, struct error *error)
{
	size_t name = find_name(command);
	struct shell_command tail;
	const char *word;

	if (name >= command->count)
		return SHELL_UNKNOWN;
	word = base_name(command->words[name]);
	tail = tail_of(command, name + 1);
	if (is_tool(word, "iptables"))
		return filter_iptables(rules, FAMILIES_IPV4, &tail, place, error);
	if (is_tool(word, "ip6tables"))
		return filter_iptables(rules, FAMILIES_IPV6, &tail, place, error);
	if (!strcmp(word, "ufw")) {
		int result = ufw_command(rules, &tail, place, error);

		return result == -EINVAL ? add_unread(rules, command, place, error) : result;
	}
	if (looks_like_iptables(command, name) || is_other(command, name))
		return add_unread(rules, command, place, error);
	return SHELL_UNKNOWN;
}

struct script {
	struct ruleset *rules;
	const char *text;
	const char *counted; /* up to here the lines were counted */
	size_t line;
	struct error *error;
};

/* Loops go back in the script, so the count begins anew then. */
static struct place place_of(struct script *script, const struct shell_command *command)
{
	const char *start, *end;

	if (command->text < script->counted) {
		script->counted = script->text;
		script->line = 1;
	}
	for (; script->counted < command->text; script->counted++)
		script->line += *script->counted == '\n';
	start = memrchr(script->text, '\n', (size_t)(command->text - script->text));
	start = start ? start + 1 : script->text;
	end = memchr(command->text, '\n', command->length);
	return (struct place){
		.line = script->line,
		.column = (size_t)(command->text - start) + 1,
		.text = command->text,
		.length = end ? (size_t)(end - command->text) : command->length,
	};
}

static int visit(void *context, const struct shell_command *command)
{
	struct script *script = context;
	struct place place = place_of(script, command);

	return filter_command(script->rules, command, &place, script->error);
}

int filter_script_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
			struct error *error)
{
	struct script script = {rules, text, text, 1, error};
	struct error reason;
	int result;

	script.error = &reason;
	result = shell_read(text, size, visit, &script, &reason);
	if (!result)
		return 0;
	error_set(error, reason.status, -result, "%.400s: %.400s", name, reason.message);
	return result;
}
