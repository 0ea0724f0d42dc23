// SPDX-License-Identifier: GPL-2.0-or-later
/* ports: show or set what is guarded */
#include "policy/ports.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/safety.h"
#include "store/lock.h"

static int print_ports(const struct invocation *invocation, const struct sg_ports *ports,
		       struct error *error)
{
	json_t *answer = NULL, *list = NULL;
	char text[PORT_TEXT_SIZE];

	if (invocation->json) {
		answer = answer_new(invocation);
		list = json_array();
		json_object_set_new(answer, "ports", list);
	}
	for (struct port port = {}; ports_next(ports, &port);) {
		port_format(&port, text);
		if (list)
			json_array_append_new(list, json_string(text));
		else
			puts(text);
	}
	return answer ? answer_print(answer, EXIT_DONE, error) : EXIT_DONE;
}

static int show(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state state = {};
	int result;

	result = open_policy(&policy, error);
	if (!result)
		result = policy_ports(&policy, &state.ports, error);
	else if (result == -ENOENT)
		result = state_load(&state, error);
	return result ? result : print_ports(invocation, &state.ports, error);
}

static int read_ports(const struct operands *words, struct sg_ports *ports, struct error *error)
{
	if (words->count == 2 && !strcmp(words->words[1], "default")) {
		ports_default(ports);
		return 0;
	}
	for (int i = 1; i < words->count; i++) {
		struct port port;
		int result = port_parse(words->words[i], &port, error);

		if (result)
			return result;
		ports_add(ports, &port);
	}
	return 0;
}

static int replace_ports(const struct invocation *invocation, const struct sg_ports *ports,
			 struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state old = {};
	__attribute__((cleanup(state_clear))) struct state new = {};
	int result;

	result = change_open(invocation, NULL, &old, &policy, error);
	result = result ? result : state_copy(&old, &new, error);
	if (result)
		return result;
	new.ports = *ports;
	result = change_apply(invocation, &policy, &old, &new, &(struct entry_list){}, NULL, error);
	if (!result && !policy_is_open(&policy))
		notice_on_file_only(invocation);
	return result;
}

int command_ports(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct sg_ports ports = {};
	cleanup_fd int lock = -1;
	int result;

	result = operands_parse(invocation, NULL, 0, &words, error);
	if (result)
		return result;
	if (!words.count)
		return show(invocation, error);
	if (strcmp(words.words[0], "set") != 0 || words.count < 2)
		return usage_error(invocation, error,
				   "ports alone shows them, ports set replaces them");
	result = read_ports(&words, &ports, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = replace_ports(invocation, &ports, error);
	if (result || invocation->quiet)
		return result;
	return print_ports(invocation, &ports, error);
}
