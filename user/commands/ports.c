// SPDX-License-Identifier: GPL-2.0-or-later
/* ports: show or change what is guarded */
#include "policy/ports.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "engine/change.h"
#include "engine/safety.h"
#include "engine/unguard.h"
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

enum ports_edit { PORTS_SET, PORTS_ADD, PORTS_DELETE };

struct request {
	enum ports_edit edit;
	struct sg_ports ports; /* the operands */
	bool allow_unguarded;
};

static int read_edit(const struct invocation *invocation, const char *word, struct request *request,
		     struct error *error)
{
	static const char *const names[] = {
		[PORTS_SET] = "set",
		[PORTS_ADD] = "add",
		[PORTS_DELETE] = "delete",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(word, names[i])) {
			request->edit = (enum ports_edit)i;
			return 0;
		}
	}
	return usage_error(invocation, error,
			   "ports alone shows them; add, delete and set change them");
}

static int read_request(const struct invocation *invocation, const struct operands *words,
			struct request *request, struct error *error)
{
	int result = read_edit(invocation, words->words[0], request, error);

	if (!result && words->count < 2)
		return usage_error(invocation, error, "which port?");
	if (!result && request->edit == PORTS_SET && words->count == 2 &&
	    !strcmp(words->words[1], "default")) {
		ports_default(&request->ports);
		return 0;
	}
	for (int i = 1; !result && i < words->count; i++) {
		struct port port;

		result = port_parse(words->words[i], &port, error);
		if (!result)
			ports_add(&request->ports, &port);
	}
	return result;
}

static int absent_error(const struct port *port, struct error *error)
{
	char text[PORT_TEXT_SIZE];

	port_format(port, text);
	error_set(error, EXIT_ABSENT, ENOENT, "%s is not guarded", text);
	error_hint(error, "sipguard ports; nothing was changed");
	return -ENOENT;
}

static int edit_ports(const struct request *request, struct sg_ports *ports, struct error *error)
{
	if (request->edit == PORTS_SET)
		*ports = request->ports;
	for (struct port port = {}; ports_next(&request->ports, &port);) {
		if (request->edit == PORTS_ADD)
			ports_add(ports, &port);
		if (request->edit != PORTS_DELETE)
			continue;
		if (!ports_contain(ports, &port))
			return absent_error(&port, error);
		ports_remove(ports, &port);
	}
	return 0;
}

/* Without any, nothing would be dropped, and nothing would say so. */
static int refuse_none(const struct sg_ports *ports, struct error *error)
{
	if (ports_count(ports))
		return 0;
	error_set(error, EXIT_UNSAFE, EPERM, "this would leave no port guarded");
	error_hint(error, "sipguard detach takes guards off, sipguard mode monitor lets everybody "
			  "pass; --allow-unguarded does it all the same");
	return -EPERM;
}

static int change(const struct invocation *invocation, const struct request *request,
		  struct sg_ports *ports, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	__attribute__((cleanup(state_clear))) struct state old = {};
	__attribute__((cleanup(state_clear))) struct state new = {};
	int result;

	result = change_open(&invocation->context, NULL, &old, &policy, error);
	result = result ?: state_copy(&old, &new, error);
	result = result ?: edit_ports(request, &new.ports, error);
	if (!result && !request->allow_unguarded)
		result = refuse_none(&new.ports, error)
				 ?: refuse_to_unguard(&old.ports, &new.ports, error);
	result = result
			 ?: change_apply(&invocation->context, &policy, &old, &new,
					 &(struct entry_list){}, NULL, error);
	if (!result && !policy_is_open(&policy))
		notice_on_file_only(&invocation->context);
	if (!result)
		*ports = new.ports;
	return result;
}

int command_ports(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct request request = {};
	const struct option_spec specs[] = {
		{"--allow-unguarded", .flag = &request.allow_unguarded}};
	struct sg_ports ports;
	cleanup_fd int lock = -1;
	int result;

	result = operands_parse(invocation, specs, 1, &words, error);
	if (result)
		return result;
	if (!words.count)
		return show(invocation, error);
	result = read_request(invocation, &words, &request, error);
	if (result)
		return result;
	lock = lock_acquire(error);
	if (lock < 0)
		return lock;
	result = change(invocation, &request, &ports, error);
	if (result || invocation->quiet)
		return result;
	return print_ports(invocation, &ports, error);
}
