// SPDX-License-Identifier: GPL-2.0-or-later
/* check: what a packet from an address would get, and which entry decides */
#include "commands/check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "kernel/guard.h"
#include "policy/names.h"
#include "policy/when.h"

struct question {
	struct prefix host; /* or a network */
	struct port port;
};

struct finding {
	enum sg_reason reason;
	struct policy_entries matches;	    /* the longest first, expired ones included */
	const struct policy_entry *decider; /* among them, or NULL */
	bool from_files;		    /* no guard is attached: what would be loaded */
	bool monitored;			    /* every guard only counts */
};

static int read_question(const struct invocation *invocation, const struct operands *words,
			 struct question *question, struct error *error)
{
	int result;

	if (words->count != 1 && words->count != 3)
		return usage_error(invocation, error, "which address, or which network?");
	result = strchr(words->words[0], '/')
			 ? prefix_parse(words->words[0], &question->host, error)
			 : address_parse(words->words[0], &question->host, error);
	if (result)
		return result;
	question->port = (struct port){.table = SG_PORTS_UDP, .number = 5060};
	if (words->count == 1)
		return 0;
	if (strcmp(words->words[1], "port") != 0)
		return usage_error(invocation, error, "port is the one word that may follow");
	return port_parse(words->words[2], &question->port, error);
}

/* The same answer as policy_matches(), from the files. */
static int match_files(const struct state *state, const struct prefix *host,
		       struct policy_entries *matches, struct error *error)
{
	int64_t now = clock_now();

	matches->entries = calloc(host->length + 1U, sizeof(*matches->entries));
	if (!matches->entries)
		return error_system(error, ENOMEM, "cannot look up the address");
	for (int length = host->length; length >= 0; length--) {
		struct prefix prefix = *host;
		const struct entry *entry;

		prefix.length = (uint8_t)length;
		prefix_truncate(&prefix);
		entry = state_find(state, &prefix);
		if (entry)
			matches->entries[matches->count++] = (struct policy_entry){
				.prefix = prefix,
				.verdict = entry->verdict,
				.until = entry->until,
				.expired = entry->until && entry->until <= now,
			};
	}
	return 0;
}

static void decide(const struct question *question, bool guarded, struct finding *finding)
{
	for (size_t i = 0; !finding->decider && i < finding->matches.count; i++) {
		if (!finding->matches.entries[i].expired)
			finding->decider = &finding->matches.entries[i];
	}
	/* The program does not even look such a source up. */
	if (prefix_embeds_ipv4(&question->host))
		finding->decider = NULL;

	if (!guarded)
		finding->reason = SG_REASON_OTHER_PORT;
	else if (!finding->decider)
		finding->reason = SG_REASON_NOT_ALLOWED;
	else if (finding->decider->verdict == SG_ENTRY_ALLOW)
		finding->reason = SG_REASON_ALLOWED;
	else
		finding->reason = SG_REASON_DENIED;
}

int check_monitored(bool *monitored, struct error *error)
{
	__attribute__((cleanup(guards_close))) struct guards guards = {};
	int result = guards_open(&guards, error);

	*monitored = guards.count > 0;
	for (size_t i = 0; !result && i < guards.count; i++) {
		struct device_mode mode = {.in_force = SG_MODE_ENFORCE};

		result = device_maps_mode(&guards.guards[i].maps, &mode, error);
		*monitored &= mode.in_force == SG_MODE_MONITOR;
	}
	return result;
}

void check_warn_unguarded(const struct invocation *invocation)
{
	notice(invocation, "warning: no device is guarded, so everything passes; this is what the "
			   "entries on file say");
}

static int investigate(const struct question *question, const struct state *state,
		       struct finding *finding, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct sg_ports ports = state->ports;
	int result;

	result = open_policy(&policy, error);
	finding->from_files = result == -ENOENT;
	if (finding->from_files) {
		result = match_files(state, &question->host, &finding->matches, error);
	} else {
		result = result ? result : policy_ports(&policy, &ports, error);
		result = result ? result
				: policy_matches(&policy, &question->host, &finding->matches,
						 error);
		result = result ? result : check_monitored(&finding->monitored, error);
	}
	if (!result)
		decide(question, ports_contain(&ports, &question->port), finding);
	return result;
}

static const char *label_of(const struct state *state, const struct policy_entry *entry)
{
	const struct entry *kept = state_find(state, &entry->prefix);

	return kept ? kept->label : NULL;
}

static enum sg_verdict verdict_of(const struct finding *finding)
{
	enum sg_verdict verdict = reason_verdict(finding->reason);

	return verdict == SG_VERDICT_DROP && finding->monitored ? SG_VERDICT_WOULD_DROP : verdict;
}

static json_t *entry_json(const struct state *state, const struct policy_entry *entry)
{
	char text[PREFIX_TEXT_SIZE];

	if (!entry)
		return json_null();
	prefix_format(&entry->prefix, text);
	return json_pack("{s:s, s:s, s:b, s:s?}", "prefix", text, "verdict",
			 entry_verdict_name(entry->verdict), "expired", entry->expired, "label",
			 label_of(state, entry));
}

static json_t *finding_json(const struct invocation *invocation, const struct question *question,
			    const struct state *state, const struct finding *finding)
{
	char address[PREFIX_TEXT_SIZE], port[PORT_TEXT_SIZE];
	json_t *answer = answer_new(invocation), *matches = json_array();

	address_format(&question->host, address);
	port_format(&question->port, port);
	for (size_t i = 0; i < finding->matches.count; i++)
		json_array_append_new(matches, entry_json(state, &finding->matches.entries[i]));
	json_object_set_new(answer, "address", json_string(address));
	json_object_set_new(answer, "port", json_string(port));
	json_object_set_new(answer, "verdict", json_string(verdict_name(verdict_of(finding))));
	json_object_set_new(answer, "reason", json_string(reason_name(finding->reason)));
	json_object_set_new(answer, "attached", json_boolean(!finding->from_files));
	json_object_set_new(answer, "entry", entry_json(state, finding->decider));
	json_object_set_new(answer, "matches", matches);
	return answer;
}

static void print_match(const struct state *state, const struct finding *finding,
			const struct policy_entry *entry)
{
	const char *label = label_of(state, entry);
	const char *role = "covers it too, but is shorter";
	char text[PREFIX_TEXT_SIZE];

	if (entry == finding->decider)
		role = "decides";
	else if (entry->expired)
		role = "has expired";
	else if (!finding->decider)
		role = "does not count";
	prefix_format(&entry->prefix, text);
	printf("  %s %s%s%s%s: %s\n", entry_verdict_name(entry->verdict), text, label ? " (" : "",
	       label ? label : "", label ? ")" : "", role);
}

static void print_finding(const struct question *question, const struct state *state,
			  const struct finding *finding)
{
	char address[PREFIX_TEXT_SIZE], port[PORT_TEXT_SIZE];

	address_format(&question->host, address);
	port_format(&question->port, port);
	printf("%s to %s: %s (%s)\n", address, port, verdict_name(verdict_of(finding)),
	       reason_name(finding->reason));
	if (finding->reason == SG_REASON_OTHER_PORT)
		printf("  %s is not a guarded port\n", port);
	else if (prefix_embeds_ipv4(&question->host))
		printf("  an IPv6 address that spells an IPv4 one is never allowed\n");
	else if (!finding->decider)
		printf("  no entry in force covers it\n");
	for (size_t i = 0; i < finding->matches.count; i++)
		print_match(state, finding, &finding->matches.entries[i]);
}

static void free_finding(struct finding *finding)
{
	free(finding->matches.entries);
}

int command_check(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(state_clear))) struct state state = {};
	__attribute__((cleanup(free_finding))) struct finding finding = {};
	struct question question = {};
	int result, status;

	result = operands_parse(invocation, NULL, 0, &words, error);
	result = result ? result : read_question(invocation, &words, &question, error);
	result = result ? result : state_load(&state, error);
	if (!result && question.host.length < prefix_host_length(question.host.family))
		return check_network(invocation, &question.host, &question.port, &state, error);
	result = result ? result : investigate(&question, &state, &finding, error);
	if (result)
		return result;
	if (finding.from_files)
		check_warn_unguarded(invocation);
	status = reason_verdict(finding.reason) == SG_VERDICT_DROP ? EXIT_NEGATIVE : EXIT_DONE;
	if (invocation->json)
		return answer_print(finding_json(invocation, &question, &state, &finding), status,
				    error);
	print_finding(&question, &state, &finding);
	return status;
}
