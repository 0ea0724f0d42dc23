// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test: what the real program does with a real frame
 *
 * The program runs a second time, beside the guard, on the same policy but with counters of its
 * own, so asking leaves no trace in the statistics.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "engine/safety.h"
#include "kernel/guard.h"
#include "packet/frame.h"
#include "policy/names.h"
#include "policy/ports.h"
#include "text/device_text.h"

struct answer {
	enum sg_verdict verdict;
	enum sg_reason reason;
	bool other_version; /* the guard runs another program than this one */
};

static int read_protocol(const struct invocation *invocation, const char *name, uint8_t *protocol,
			 struct error *error)
{
	if (!name) {
		*protocol = SG_PROTOCOL_UDP;
		return 0;
	}
	for (*protocol = SG_PROTOCOL_UDP; *protocol < SG_PROTOCOL_COUNT; ++*protocol) {
		if (!strcmp(name, protocol_name(*protocol)))
			return 0;
	}
	return usage_error(invocation, error, "the protocol is udp, tcp, sctp or udplite");
}

static int read_number(const struct invocation *invocation, const char *option, const char *text,
		       long most, uint16_t *number, struct error *error)
{
	char *end;
	long value;

	if (!text)
		return 0;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0 || value > most)
		return usage_error(invocation, error, "%s takes a number from 0 to %ld", option,
				   most);
	*number = (uint16_t)value;
	return 0;
}

static int read_request(const struct invocation *invocation, struct frame_request *request,
			struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	const char *source = NULL, *port = NULL, *protocol = NULL, *vlan = NULL;
	const struct option_spec specs[] = {
		{"--src", .value = &source},
		{"--dport", .value = &port},
		{"--proto", .value = &protocol},
		{"--vlan", .value = &vlan},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (!source || words.count)
		return usage_error(invocation, error, "--src names the source of the frame");
	*request = (struct frame_request){.destination_port = 5060, .vlan_tags = vlan ? 1 : 0};
	result = address_parse(source, &request->source, error);
	result = result ? result : read_protocol(invocation, protocol, &request->protocol, error);
	result = result ? result
			: read_number(invocation, "--dport", port, 65535,
				      &request->destination_port, error);
	return result ? result
		      : read_number(invocation, "--vlan", vlan, 4095, &request->vlan, error);
}

/* The one cell that the one frame moved. */
static int read_answer(const struct device_maps *maps, struct answer *answer, struct error *error)
{
	struct sg_counter counters[SG_COUNTER_COUNT];
	uint32_t index = 0;
	int result;

	result = device_maps_counters(maps, counters, error);
	if (result)
		return result;
	while (index < SG_COUNTER_COUNT && !counters[index].packets)
		index++;
	if (index == SG_COUNTER_COUNT)
		return error_set(error, EXIT_SYSTEM, EIO, "the program did not count the frame");
	answer->reason = index % SG_REASON_COUNT;
	answer->verdict = index / (SG_FAMILY_COUNT * SG_PROTOCOL_COUNT * SG_REASON_COUNT);
	return 0;
}

static bool is_other_version(const struct guard *guard, const struct program *program)
{
	unsigned char running[8], own[8];
	struct error ignored;

	return guard_program_tag(guard, running) && !program_tag(program, own, &ignored) &&
	       memcmp(running, own, sizeof(own)) != 0;
}

static int ask(const struct policy *policy, const struct guard *guard,
	       struct frame_request *request, struct answer *answer, struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	uint8_t frame[FRAME_SIZE_MAX];
	unsigned int action;
	struct device device;
	struct device_mode mode;
	int result;

	result = device_read(guard->present, &device, error);
	result = result ? result : device_maps_mode(&guard->maps, &mode, error);
	result = result ? result : device_maps_create(&maps, mode.in_force, error);
	result = result ? result
			: program_load(&program, policy, &maps, NULL, device.link_layer,
				       PROGRAM_ANSWERS, error);
	if (result)
		return result;
	request->link_layer = device.link_layer;
	result = program_run(program, frame, frame_build(request, frame), NULL, &action, error);
	result = result ? result : read_answer(&maps, answer, error);
	answer->other_version = is_other_version(guard, program);
	return result;
}

static void report_answer(const struct invocation *invocation, const struct guard *guard,
			  const struct answer *answer, json_t *results)
{
	if (answer->other_version)
		notice(invocation,
		       "warning: the guard on %s runs another version of the program; to bring it "
		       "up to date: sipguard attach %s",
		       device_text(guard->device).text, device_text(guard->device).text);
	if (results)
		json_array_append_new(results, json_pack("{s:s, s:s, s:s}", "device",
							 device_text(guard->device).text, "verdict",
							 verdict_name(answer->verdict), "reason",
							 reason_name(answer->reason)));
	else
		printf("%s: %s (%s)\n", device_text(guard->device).text,
		       verdict_name(answer->verdict), reason_name(answer->reason));
}

static int ask_all(const struct invocation *invocation, const struct policy *policy,
		   const struct guards *guards, struct frame_request *request, json_t *results,
		   struct error *error)
{
	int status = EXIT_ABSENT;

	for (size_t i = 0; i < guards->count; i++) {
		const struct guard *guard = &guards->guards[i];
		struct answer answer;
		int result;

		if (guard->state != GUARD_ATTACHED)
			continue;
		result = ask(policy, guard, request, &answer, error);
		if (result)
			return result;
		report_answer(invocation, guard, &answer, results);
		if (reason_verdict(answer.reason) == SG_VERDICT_DROP)
			status = EXIT_NEGATIVE;
		else if (status == EXIT_ABSENT)
			status = EXIT_DONE;
	}
	return status == EXIT_ABSENT ? not_attached_error(error) : status;
}

int command_test(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct frame_request request;
	json_t *results = NULL, *answer;
	int status;

	status = read_request(invocation, &request, error);
	if (status)
		return status;
	status = open_policy(&policy, error);
	if (status == -ENOENT)
		return not_attached_error(error);
	status = status ? status : guards_open(&guards, error);
	if (status)
		return status;
	if (invocation->json)
		results = json_array();
	status = ask_all(invocation, &policy, &guards, &request, results, error);
	if (status < 0 || !results) {
		json_decref(results);
		return status;
	}
	answer = answer_new(invocation);
	json_object_set_new(answer, "results", results);
	return answer_print(answer, status, error);
}
