// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks that change a packet filter. Those of ansible.builtin.iptables and community.general.ufw
 * become rules, those that run commands are read as a shell would read them, and those of other
 * modules that change a filter are named as not understood.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cleanup.h"
#include "rules/formats/ansible_internal.h"
#include "rules/formats/filter_command.h"
#include "rules/formats/ufw.h"
#include "rules/formats/words.h"

#define WORDS_OF_TEXT_SIZE 300

/* A task, and the value that stands behind its module's name. */
struct task {
	const yaml_node_t *node;
	const char *module; /* as the task names it */
	const yaml_node_t *value;
	struct place place;
};

/* The name of a module is what tells a reader where to look. */
static int add_unread(struct ansible *ansible, const struct task *task)
{
	char text[WORDS_OF_TEXT_SIZE];

	snprintf(text, sizeof(text), "the module %.100s", task->module);
	return ruleset_add_unread(ansible->rules, &task->place, text, ansible->error);
}

static bool is_yes(const char *value)
{
	return value && (!strcasecmp(value, "true") || !strcasecmp(value, "yes"));
}

static bool is_template(const char *text)
{
	return strstr(text, "{{") != NULL;
}

static void add_word(struct shell_command *command, const char *word)
{
	if (command->count == SHELL_WORDS_MAX)
		return;
	command->unknown[command->count] = is_template(word);
	command->words[command->count++] = word;
}

/* "!203.0.113.7" is all but that. */
static void add_option(struct shell_command *command, const char *option, const char *value)
{
	if (*value == '!') {
		add_word(command, "!");
		value += 1 + strspn(value + 1, " ");
	}
	add_word(command, option);
	add_word(command, value);
}

/* Parameters of ansible.builtin.iptables that are an option of iptables with their value. */
static const struct {
	const char *parameter;
	const char *option;
} options[] = {
	{"table", "-t"},
	{"protocol", "-p"},
	{"source", "-s"},
	{"destination", "-d"},
	{"in_interface", "-i"},
	{"out_interface", "-o"},
	{"src_range", "--src-range"},
	{"dst_range", "--dst-range"},
	{"source_port", "--sport"},
	{"destination_port", "--dport"},
	{"destination_ports", "--dports"},
	{"ctstate", "--ctstate"},
	{"icmp_type", "--icmp-type"},
	{"comment", "--comment"},
	{"to_ports", "--to-ports"},
	{"to_destination", "--to-destination"},
	{"reject_with", "--reject-with"},
	{"goto", "-g"},
};

static void add_matches(struct parameters *parameters, struct shell_command *command)
{
	const char *set = parameters_take(parameters, "match_set");
	const char *flags = parameters_take(parameters, "match_set_flags");
	const char *limit = parameters_take(parameters, "limit");
	const char *syn = parameters_take(parameters, "syn");

	if (set) {
		add_option(command, "--match-set", set);
		add_word(command, flags ? flags : "src");
	}
	if (limit) {
		add_word(command, "-m");
		add_word(command, "limit");
		add_option(command, "--limit", limit);
	}
	if (syn && !strcmp(syn, "negate"))
		add_word(command, "!");
	if (syn && strcmp(syn, "ignore") != 0)
		add_word(command, "--syn");
	parameters_take(parameters, "limit_burst");
}

/* What becomes of the packet. REJECT is what reject_with means without a jump. */
static void add_target(struct parameters *parameters, struct shell_command *command)
{
	static const char *const about_logs[] = {"log_prefix", "log_level"};
	const char *jump = parameters_take(parameters, "jump");

	for (size_t i = 0; i < parameters->count; i++) {
		if (!jump && !strcmp(parameters->items[i].name, "reject_with"))
			jump = "REJECT";
	}
	if (jump)
		add_option(command, "-j", jump);
	for (size_t i = 0; jump && !strcmp(jump, "LOG") && i < 2; i++)
		parameters_take(parameters, about_logs[i]);
}

/* A task that changes no rule of a packet to us takes no words. */
static void read_iptables(struct parameters *parameters, struct shell_command *command)
{
	static const char *const harmless[] = {"numeric",    "wait",	 "set_counters",
					       "ip_version", "rule_num", "action",
					       "state",	     "chain",	 "chain_management"};
	const char *chain = parameters_take(parameters, "chain");
	const char *policy = parameters_take(parameters, "policy");
	const char *action = parameters_take(parameters, "action");
	const char *position = parameters_take(parameters, "rule_num");
	bool inserts = action && !strcmp(action, "insert");

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		parameters_take(parameters, harmless[i]);
	if (!chain)
		return;
	add_word(command, policy ? "-P" : inserts ? "-I" : "-A");
	add_word(command, chain);
	if (policy)
		add_word(command, policy);
	else if (inserts && position)
		add_word(command, position);
	add_target(parameters, command);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		const char *value = parameters_take(parameters, options[i].parameter);

		if (value)
			add_option(command, options[i].option, value);
	}
	add_matches(parameters, command);
}

static int run_iptables_words(struct ansible *ansible, const struct task *task,
			      struct parameters *parameters, const char *version)
{
	const struct place *place = &task->place;
	struct shell_command command = {
		.uncertain = ansible->uncertain > 0,
		.text = place->text,
		.length = place->length,
	};
	char unknown[WORDS_OF_TEXT_SIZE];
	int result = 0;

	read_iptables(parameters, &command);
	command.remark = parameters_left(parameters, unknown, sizeof(unknown)) ? unknown : NULL;
	if (!command.count)
		return add_unread(ansible, task);
	if (!version || strcmp(version, "ipv6") != 0)
		result = filter_iptables(ansible->rules, FAMILIES_IPV4, &command, place,
					 ansible->error);
	if (result >= 0 && version && strcmp(version, "ipv4") != 0)
		result = filter_iptables(ansible->rules, FAMILIES_IPV6, &command, place,
					 ansible->error);
	return result < 0 ? result : 0;
}

static int run_iptables(struct ansible *ansible, const struct task *task,
			struct parameters *parameters)
{
	const char *state = parameters_take(parameters, "state");
	const char *version = parameters_take(parameters, "ip_version");
	const char *jump = parameters_take(parameters, "jump");

	/* A chain that is flushed, or a rule that is taken away, unless that opens nothing. */
	if (is_yes(parameters_take(parameters, "flush")))
		return add_unread(ansible, task);
	if (state && !strcmp(state, "absent"))
		return jump && !strcmp(jump, "ACCEPT") ? 0 : add_unread(ansible, task);
	return run_iptables_words(ansible, task, parameters, version);
}

/* The first of several names of one parameter that is given. */
static const char *take_any(struct parameters *parameters, const char *const *names)
{
	const char *value = NULL;

	for (; *names; names++) {
		const char *found = parameters_take(parameters, *names);

		value = value ?: found;
	}
	return value;
}

#define TAKE(...) take_any(parameters, (const char *const[]){__VA_ARGS__, NULL})

static int run_ufw_rule(struct ansible *ansible, const struct task *task,
			struct parameters *parameters, const char *action)
{
	char unknown[WORDS_OF_TEXT_SIZE];
	const char *position = parameters_take(parameters, "insert");
	struct ufw_rule rule = {
		.action = action,
		.device = TAKE("interface_in", "interface", "if", "if_in"),
		.source = TAKE("from_ip", "from", "src"),
		.source_port = TAKE("from_port"),
		.destination = TAKE("to_ip", "to", "dest"),
		.port = TAKE("to_port", "port"),
		.protocol = TAKE("proto", "protocol"),
		.application = TAKE("name", "app"),
		.comment = TAKE("comment"),
		.position = position ? strtoul(position, NULL, 10) : 0,
		.uncertain = ansible->uncertain > 0,
	};

	TAKE("log", "state", "logging", "insert_relative_to");
	for (size_t i = 0; i < parameters->count; i++) {
		if (is_template(parameters->items[i].value))
			return add_unread(ansible, task);
	}
	rule.unknown = parameters_left(parameters, unknown, sizeof(unknown)) ? unknown : NULL;
	return ufw_add(ansible->rules, &rule, &task->place, ansible->error);
}

static int run_ufw(struct ansible *ansible, const struct task *task, struct parameters *parameters)
{
	const char *policy = TAKE("default", "policy"), *action = TAKE("rule");
	const char *direction = TAKE("direction");
	bool incoming = !direction || !strcmp(direction, "in") || !strcmp(direction, "incoming");
	int result = 0;

	if (is_yes(TAKE("delete")))
		return action && !strcmp(action, "allow") ? 0 : -EINVAL;
	if (!incoming || is_yes(TAKE("route")))
		return 0;
	if (policy)
		result = ansible->uncertain ? -EINVAL
					    : ufw_default(ansible->rules, policy, &task->place,
							  ansible->error);
	if (!result && action)
		result = run_ufw_rule(ansible, task, parameters, action);
	return result;
}

static int run_module(struct ansible *ansible, const struct task *task,
		      int (*run)(struct ansible *ansible, const struct task *task,
				 struct parameters *parameters))
{
	__attribute__((cleanup(parameters_clear))) struct parameters parameters = {};
	int result = ansible_parameters(ansible, task->node, task->value, &parameters);

	parameters_take(&parameters, "module");
	result = result ?: run(ansible, task, &parameters);
	return result == -EINVAL ? add_unread(ansible, task) : result;
}

static int module_iptables(struct ansible *ansible, const struct task *task)
{
	return run_module(ansible, task, run_iptables);
}

static int module_ufw(struct ansible *ansible, const struct task *task)
{
	return run_module(ansible, task, run_ufw);
}

static int module_unread(struct ansible *ansible, const struct task *task)
{
	return add_unread(ansible, task);
}

struct script {
	struct ansible *ansible;
	const struct place *place;
};

static int visit(void *context, const struct shell_command *command)
{
	const struct script *script = context;
	struct shell_command own = *command;
	int result = ansible_spend(script->ansible);

	own.uncertain |= script->ansible->uncertain > 0;
	return result
		       ?: filter_command(script->ansible->rules, &own, script->place,
					 script->ansible->error);
}

/* What a module that runs commands is given: a text, `cmd`, or the words of `argv`. */
static const yaml_node_t *command_of(struct ansible *ansible, const struct task *task,
				     const char *name)
{
	const yaml_node_t *arguments = ansible_value(ansible, task->node, "args");
	const yaml_node_t *found = ansible_value(ansible, task->value, name);

	return found ? found : ansible_value(ansible, arguments, name);
}

static int run_argv(struct ansible *ansible, const struct task *task, const yaml_node_t *list)
{
	struct shell_command command = {
		.uncertain = ansible->uncertain > 0,
		.text = task->place.text ?: "",
		.length = task->place.length,
	};
	char *texts[64] = {};
	size_t count = 0;
	int result;

	for (const yaml_node_item_t *item = list->data.sequence.items.start;
	     count < 64 && item < list->data.sequence.items.top; item++) {
		texts[count] = ansible_text(ansible, ansible_node(ansible, *item));
		add_word(&command, texts[count] ?: "{{ }}");
		count++;
	}
	result = command.count
			 ? filter_command(ansible->rules, &command, &task->place, ansible->error)
			 : 0;
	while (count)
		free(texts[--count]);
	return result < 0 ? result : 0;
}

/* Shell or not, the words are split alike; without one, operators are words that iptables refuses.
 */
static int module_command(struct ansible *ansible, const struct task *task)
{
	const yaml_node_t *list = command_of(ansible, task, "argv");
	const yaml_node_t *text = command_of(ansible, task, "cmd");
	struct script script = {ansible, &task->place};
	cleanup_free char *commands = NULL;
	struct error reason;
	int result;

	if (list && list->type == YAML_SEQUENCE_NODE)
		return run_argv(ansible, task, list);
	commands = ansible_text(ansible, text ? text : task->value);
	if (!commands)
		return 0;
	result = shell_read(commands, strlen(commands), visit, &script, &reason);
	if (result == -ENOMEM || ansible->work > ANSIBLE_WORK_MAX)
		return result;
	return result ? add_unread(ansible, task) : 0;
}

/* A file of rules that the task puts in its place, and that is not in this text. */
static int module_file(struct ansible *ansible, const struct task *task)
{
	static const char *const marks[] = {"iptables", "nftables", "ufw", "firewalld",
					    "shorewall"};
	const char *target = ansible_scalar(ansible_value(ansible, task->value, "dest"));

	for (size_t i = 0; target && i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (strstr(target, marks[i]))
			return add_unread(ansible, task);
	}
	return 0;
}

static const struct module {
	const char *name;
	int (*run)(struct ansible *ansible, const struct task *task);
} modules[] = {
	{"iptables", module_iptables},
	{"ufw", module_ufw},
	{"firewalld", module_unread},
	{"nftables", module_unread},
	{"iptables_state", module_unread},
	{"script", module_unread},
	{"command", module_command},
	{"shell", module_command},
	{"raw", module_command},
	{"template", module_file},
	{"copy", module_file},
};

/* A module by its name, with or without that of its collection. */
static const struct module *find_module(const char *name)
{
	static const char *const collections[] = {"ansible.builtin.", "ansible.legacy.",
						  "ansible.posix.", "community.general."};

	for (size_t i = 0; i < sizeof(collections) / sizeof(collections[0]); i++) {
		size_t length = strlen(collections[i]);

		if (!strncmp(name, collections[i], length)) {
			name += length;
			break;
		}
	}
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!strcmp(name, modules[i].name))
			return &modules[i];
	}
	return NULL;
}

/* "action: iptables chain=INPUT", or with the name as `module` in a mapping. */
static int run_action(struct ansible *ansible, struct task *task)
{
	const char *name = ansible_scalar(ansible_value(ansible, task->value, "module"));
	const char *text = ansible_scalar(task->value);
	const struct module *module;
	yaml_node_t rest;
	char first[64];
	size_t length;

	if (name) {
		module = find_module(name);
		task->module = name;
		return module ? module->run(ansible, task) : 0;
	}
	length = text ? strcspn(text, " \n") : 0;
	if (!length || length >= sizeof(first))
		return 0;
	memcpy(first, text, length);
	first[length] = '\0';
	module = find_module(first);
	if (!module)
		return 0;
	/* The same scalar without its first word. */
	rest = *task->value;
	rest.data.scalar.value += length;
	rest.data.scalar.length -= length;
	task->value = &rest;
	task->module = first;
	return module->run(ansible, task);
}

int ansible_task(struct ansible *ansible, const yaml_node_t *node)
{
	const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	int result = ansible_spend(ansible);

	for (; !result && pair < node->data.mapping.pairs.top; pair++) {
		const char *key = ansible_scalar(ansible_node(ansible, pair->key));
		const struct module *module = key ? find_module(key) : NULL;
		struct task task = {node, key, ansible_node(ansible, pair->value),
				    ansible_place(ansible, node)};

		if (module)
			result = module->run(ansible, &task);
		else if (key && (!strcmp(key, "action") || !strcmp(key, "local_action")))
			result = run_action(ansible, &task);
	}
	return result;
}
