// SPDX-License-Identifier: GPL-2.0-or-later
/* A task of ansible.builtin.iptables, or a command that calls iptables, as words of iptables. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "rules/formats/ansible_internal.h"
#include "rules/formats/iptables_rule.h"

#define VALUE_SIZE 1024

/* The words of a rule, and room for those that are put together. */
struct line {
	const char *words[WORDS_MAX];
	size_t count;
	char values[32][VALUE_SIZE];
	size_t value_count;
};

bool ansible_is_expression(const char *text, const char **name, size_t *length)
{
	const char *end;

	text += strspn(text, " ");
	if (strncmp(text, "{{", 2) != 0)
		return false;
	text += 2 + strspn(text + 2, " ");
	*length = strcspn(text, " }|");
	end = text + *length + strspn(text + *length, " ");
	*name = text;
	return *length && !strncmp(end, "}}", 2) && !end[2 + strspn(end + 2, " ")];
}

/* The scalar that a name in an expression stands for; NULL: the text does not tell. */
static const char *look_up(const struct ansible *ansible, const char *name, size_t length)
{
	const yaml_node_t *node = NULL;
	char key[64];

	if (length == 4 && !strncmp(name, "item", 4)) {
		node = ansible->item;
	} else if (length > 5 && length - 5 < sizeof(key) && !strncmp(name, "item.", 5)) {
		memcpy(key, name + 5, length - 5);
		key[length - 5] = '\0';
		node = ansible_value(ansible, ansible->item, key);
	} else {
		node = ansible_variable(ansible, name, length);
	}
	return ansible_scalar(node);
}

/* Copies a text with its expressions replaced, as far as they are known. False: it is too long. */
static bool expand(const struct ansible *ansible, const char *text, char out[static VALUE_SIZE])
{
	size_t used = 0;

	while (*text) {
		const char *close = !strncmp(text, "{{", 2) ? strstr(text, "}}") : NULL;
		const char *value = NULL;
		size_t taken = 1, length = 1;

		if (close) {
			const char *name = text + 2 + strspn(text + 2, " ");

			taken = (size_t)(close - text) + 2;
			value = look_up(ansible, name, strcspn(name, " }|"));
			length = value ? strlen(value) : taken;
		}
		if (used + length >= VALUE_SIZE)
			return false;
		memcpy(out + used, value ? value : text, length);
		used += length;
		text += taken;
	}
	out[used] = '\0';
	return true;
}

static void add_word(struct line *line, const char *word)
{
	if (line->count < WORDS_MAX)
		line->words[line->count++] = word;
}

/* A scalar, or a list of them with commas between; NULL when it is neither, or too long. */
static const char *value_text(const struct ansible *ansible, const yaml_node_t *node,
			      struct line *line)
{
	char *value = line->values[line->value_count], part[VALUE_SIZE];
	size_t used = 0;

	if (!node || line->value_count == sizeof(line->values) / sizeof(line->values[0]))
		return NULL;
	line->value_count++;
	if (node->type == YAML_SCALAR_NODE)
		return ansible_scalar(node) && expand(ansible, ansible_scalar(node), value) ? value
											    : NULL;
	if (node->type != YAML_SEQUENCE_NODE)
		return NULL;
	value[0] = '\0';
	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		const char *text = ansible_scalar(ansible_node(ansible, *item));

		if (!text || !expand(ansible, text, part) || used + strlen(part) + 2 > VALUE_SIZE)
			return NULL;
		used += (size_t)snprintf(value + used, VALUE_SIZE - used, "%s%s", used ? "," : "",
					 part);
	}
	return value;
}

static const char *parameter(const struct ansible *ansible, const yaml_node_t *parameters,
			     const char *name, struct line *line)
{
	const char *value = value_text(ansible, ansible_value(ansible, parameters, name), line);

	return value && *value ? value : NULL;
}

/* "!203.0.113.7" is all but that. */
static void add_option(struct line *line, const char *option, const char *value)
{
	if (*value == '!') {
		add_word(line, "!");
		value += 1 + strspn(value + 1, " ");
	}
	add_word(line, option);
	add_word(line, value);
}

static void add_matches(const struct ansible *ansible, const yaml_node_t *parameters,
			struct line *line)
{
	const char *set = parameter(ansible, parameters, "match_set", line);
	const char *flags = parameter(ansible, parameters, "match_set_flags", line);

	if (set) {
		add_option(line, "--match-set", set);
		add_word(line, flags ? flags : "src");
	}
	if (parameter(ansible, parameters, "limit", line)) {
		add_word(line, "-m");
		add_word(line, "limit");
	}
	if (parameter(ansible, parameters, "uid_owner", line)) {
		add_word(line, "-m");
		add_word(line, "owner");
	}
	if (parameter(ansible, parameters, "reject_with", line) &&
	    !parameter(ansible, parameters, "jump", line)) {
		add_word(line, "-j");
		add_word(line, "REJECT");
	}
}

static void add_options(const struct ansible *ansible, const yaml_node_t *parameters,
			struct line *line)
{
	static const struct {
		const char *parameter;
		const char *option;
	} options[] = {
		{"table", "-t"},
		{"source", "-s"},
		{"destination", "-d"},
		{"protocol", "-p"},
		{"in_interface", "-i"},
		{"out_interface", "-o"},
		{"src_range", "--src-range"},
		{"dst_range", "--dst-range"},
		{"source_port", "--sport"},
		{"destination_port", "--dport"},
		{"destination_ports", "--dports"},
		{"ctstate", "--ctstate"},
		{"comment", "--comment"},
		{"jump", "-j"},
		{"goto", "-g"},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const char *value = parameter(ansible, parameters, options[i].parameter, line);

		if (value)
			add_option(line, options[i].option, value);
	}
	add_matches(ansible, parameters, line);
}

static bool is_yes(const char *value)
{
	return value && (!strcasecmp(value, "true") || !strcasecmp(value, "yes"));
}

/* The module's parameters as words; false when the task changes no rule that stays. */
static bool read_parameters(const struct ansible *ansible, const yaml_node_t *parameters,
			    struct line *line)
{
	const char *state = parameter(ansible, parameters, "state", line);
	const char *action = parameter(ansible, parameters, "action", line);
	const char *position = parameter(ansible, parameters, "rule_num", line);
	const char *policy = parameter(ansible, parameters, "policy", line);
	const char *chain = parameter(ansible, parameters, "chain", line);

	if (!chain || (state && !strcmp(state, "absent")) ||
	    is_yes(parameter(ansible, parameters, "flush", line)))
		return false;
	if (policy) {
		add_word(line, "-P");
		add_word(line, chain);
		add_word(line, policy);
		return true;
	}
	add_word(line, action && !strcmp(action, "insert") ? "-I" : "-A");
	add_word(line, chain);
	if (position && action && !strcmp(action, "insert"))
		add_word(line, position);
	add_options(ansible, parameters, line);
	return true;
}

/* Reads words and adds the rule; words that iptables would refuse are not for us to judge. */
static int add_rule(struct ansible *ansible, const char *const *words, size_t count,
		    uint8_t families, const struct place *place)
{
	__attribute__((cleanup(rule_clear))) struct rule rule = rule_any(families);
	struct iptables_line asked;
	struct error ignored;
	int result = ansible_spend(ansible);

	if (result)
		return result;
	result = iptables_read(words, count, &asked, &rule, &ignored);
	asked.families = families;
	result = result ? result
			: iptables_apply(ansible->rules, &asked, "filter", &rule, place, &ignored);
	if (result == -ENOMEM)
		*ansible->error = ignored;
	return result == -EINVAL ? 0 : result;
}

static int run_module(struct ansible *ansible, const yaml_node_t *parameters,
		      const struct place *place)
{
	cleanup_free struct line *line = calloc(1, sizeof(*line));
	const char *version;
	int result = 0;

	if (!line)
		return error_system(ansible->error, ENOMEM, "cannot hold the tasks");
	version = parameter(ansible, parameters, "ip_version", line);
	if (!read_parameters(ansible, parameters, line))
		return 0;
	if (!version || !strcmp(version, "ipv4") || !strcmp(version, "both"))
		result = add_rule(ansible, line->words, line->count, FAMILIES_IPV4, place);
	if (!result && version && (!strcmp(version, "ipv6") || !strcmp(version, "both")))
		result = add_rule(ansible, line->words, line->count, FAMILIES_IPV6, place);
	return result;
}

/* A command of a shell, when it is iptables, perhaps behind sudo. */
static int run_words(struct ansible *ansible, const struct words *words, const struct place *place)
{
	size_t at = 0;

	if (at < words->count && !strcmp(words->words[at], "sudo"))
		at++;
	if (at < words->count) {
		const char *slash = strrchr(words->words[at], '/');
		const char *name = slash ? slash + 1 : words->words[at];

		if (!strncmp(name, "iptables", 8) && !strstr(name, "-"))
			return add_rule(ansible, words->words + at + 1, words->count - at - 1,
					FAMILIES_IPV4, place);
		if (!strncmp(name, "ip6tables", 9) && !strstr(name, "-"))
			return add_rule(ansible, words->words + at + 1, words->count - at - 1,
					FAMILIES_IPV6, place);
	}
	return 0;
}

/* Each command of a script: what stands between line ends, ;, & and |. */
static int run_script(struct ansible *ansible, const char *script, const struct place *place)
{
	int result = 0;

	while (!result && *script) {
		__attribute__((cleanup(words_clear))) struct words words = {};
		size_t length = strcspn(script, "\n;&|");
		struct error ignored;

		if (!words_split(script, length, QUOTING_SHELL, &words, &ignored))
			result = run_words(ansible, &words, place);
		script += length + (script[length] != '\0');
	}
	return result;
}

static int run_command(struct ansible *ansible, const yaml_node_t *parameters,
		       const struct place *place)
{
	const yaml_node_t *command = ansible_value(ansible, parameters, "cmd");
	char script[VALUE_SIZE * 4];
	const char *text = ansible_scalar(command ? command : parameters);
	char expanded[VALUE_SIZE];

	if (!text)
		return 0;
	snprintf(script, sizeof(script), "%s", text);
	if (strlen(text) < VALUE_SIZE && expand(ansible, text, expanded))
		snprintf(script, sizeof(script), "%s", expanded);
	return run_script(ansible, script, place);
}

int ansible_task(struct ansible *ansible, const yaml_node_t *task)
{
	static const struct {
		const char *name;
		int (*run)(struct ansible *ansible, const yaml_node_t *parameters,
			   const struct place *place);
	} modules[] = {
		{"iptables", run_module},
		{"command", run_command},
		{"shell", run_command},
	};
	static const char *const collections[] = {"", "ansible.builtin.", "ansible.legacy."};
	struct place place = ansible_place(ansible, task);
	int result = ansible_spend(ansible);

	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; !result && j < 3; j++) {
			const yaml_node_t *parameters;
			char key[64];

			snprintf(key, sizeof(key), "%s%s", collections[j], modules[i].name);
			parameters = ansible_value(ansible, task, key);
			if (parameters)
				result = modules[i].run(ansible, parameters, &place);
		}
	}
	return result;
}
