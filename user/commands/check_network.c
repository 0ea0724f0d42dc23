// SPDX-License-Identifier: GPL-2.0-or-later
/* check of a network: how much of it is allowed, and which entries say so */
#include "commands/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/policy.h"
#include "policy/coverage.h"
#include "policy/names.h"

/* As many entries as fit a screen; `list` shows all. */
#define SHOWN 20

struct survey {
	const struct state *state;
	const struct prefix *network;
	const struct port *port;
	struct entry_list list; /* in force; the kernel's have no labels */
	struct coverage coverage;
	bool guarded;	 /* the port */
	bool from_files; /* no device is guarded: what would be loaded */
	bool monitored;	 /* every guard only counts */
};

static void clear_survey(struct survey *survey)
{
	entry_list_clear(&survey->list);
}

static void free_entries(struct policy_entries *entries)
{
	free(entries->entries);
}

static int list_kernel(const struct policy *policy, struct entry_list *list, struct error *error)
{
	__attribute__((cleanup(free_entries))) struct policy_entries entries = {};
	int result = policy_list(policy, &entries, error);

	for (size_t i = 0; !result && i < entries.count; i++) {
		const struct entry entry = {.prefix = entries.entries[i].prefix,
					    .verdict = entries.entries[i].verdict};

		if (!entries.entries[i].expired)
			result = entry_list_append(list, &entry, error);
	}
	if (!result)
		entry_list_sort(list);
	return result;
}

static int look(struct survey *survey, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct sg_ports ports = survey->state->ports;
	int result = policy_open(&policy, error);

	survey->from_files = result == -ENOENT;
	if (survey->from_files) {
		result = state_in_force(survey->state, clock_now(), &survey->list, error);
	} else {
		result = result ?: policy_ports(&policy, &ports, error);
		result = result ?: list_kernel(&policy, &survey->list, error);
		result = result ?: check_monitored(&survey->monitored, error);
	}
	if (result)
		return result;
	survey->guarded = ports_contain(&ports, survey->port);
	coverage_of(&survey->list, survey->network, &survey->coverage);
	return 0;
}

static enum sg_verdict other_verdict(const struct survey *survey)
{
	return survey->monitored ? SG_VERDICT_WOULD_DROP : SG_VERDICT_DROP;
}

static const char *label_of(const struct survey *survey, const struct entry *entry)
{
	const struct entry *kept = state_find(survey->state, &entry->prefix);

	return kept ? kept->label : NULL;
}

static json_t *entry_json(const struct survey *survey, const struct entry *entry)
{
	char text[PREFIX_TEXT_SIZE];

	if (!entry)
		return json_null();
	prefix_format(&entry->prefix, text);
	return json_pack("{s:s, s:s, s:s?}", "prefix", text, "verdict",
			 entry_verdict_name(entry->verdict), "label", label_of(survey, entry));
}

static const char *allowed_word(const struct coverage *coverage)
{
	if (!coverage->any_not_allowed)
		return "all";
	return coverage->any_allowed ? "some" : "none";
}

static json_t *survey_json(const struct invocation *invocation, const struct survey *survey)
{
	const struct coverage *coverage = &survey->coverage;
	char network[PREFIX_TEXT_SIZE], port[PORT_TEXT_SIZE];
	json_t *answer = answer_new(invocation), *entries = json_array();
	bool counted = survey->network->family == SG_FAMILY_IPV4;

	prefix_format(survey->network, network);
	port_format(survey->port, port);
	for (size_t i = 0; i < coverage->inside_count; i++)
		json_array_append_new(entries, entry_json(survey, &coverage->inside[i]));
	json_object_set_new(answer, "network", json_string(network));
	json_object_set_new(answer, "port", json_string(port));
	json_object_set_new(answer, "guarded_port", json_boolean(survey->guarded));
	json_object_set_new(answer, "attached", json_boolean(!survey->from_files));
	json_object_set_new(answer, "allowed", json_string(allowed_word(coverage)));
	json_object_set_new(answer, "addresses_allowed",
			    counted ? json_integer((json_int_t)coverage->allowed) : json_null());
	json_object_set_new(answer, "others",
			    json_string(verdict_name(survey->guarded ? other_verdict(survey)
								     : SG_VERDICT_PASS)));
	json_object_set_new(answer, "around", entry_json(survey, coverage->around));
	json_object_set_new(answer, "entries", entries);
	return answer;
}

static void print_entry(const struct survey *survey, const struct entry *entry, const char *role)
{
	const char *label = label_of(survey, entry);
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	printf("  %s %s%s%s%s: %s\n", entry_verdict_name(entry->verdict), text, label ? " (" : "",
	       label ?: "", label ? ")" : "", role);
}

static void print_share(const struct survey *survey)
{
	const struct coverage *coverage = &survey->coverage;
	const char *others = verdict_name(other_verdict(survey));

	if (!coverage->any_not_allowed)
		printf("every address passes (allowed)\n");
	else if (!coverage->any_allowed)
		printf("every address gets %s\n", others);
	else if (survey->network->family == SG_FAMILY_IPV4)
		printf("%" PRIu64 " of %" PRIu64 " addresses pass (allowed), the others get %s\n",
		       coverage->allowed, UINT64_C(1) << (32 - survey->network->length), others);
	else
		printf("some addresses pass (allowed), the others get %s\n", others);
}

static void print_survey(const struct survey *survey)
{
	const struct coverage *coverage = &survey->coverage;
	char network[PREFIX_TEXT_SIZE], port[PORT_TEXT_SIZE];

	prefix_format(survey->network, network);
	port_format(survey->port, port);
	printf("%s to %s: ", network, port);
	if (!survey->guarded) {
		printf("every address passes\n  %s is not a guarded port\n", port);
		return;
	}
	print_share(survey);
	if (coverage->around)
		print_entry(survey, coverage->around, "decides where no entry below does");
	for (size_t i = 0; i < coverage->inside_count && i < SHOWN; i++)
		print_entry(survey, &coverage->inside[i],
			    coverage->inside[i].prefix.length == survey->network->length
				    ? "the network itself"
				    : "inside");
	if (coverage->inside_count > SHOWN)
		printf("  and %zu more: sipguard list\n", coverage->inside_count - SHOWN);
	if (!coverage->around && !coverage->inside_count)
		printf("  no entry in force covers it or lies inside\n");
}

int check_network(const struct invocation *invocation, const struct prefix *network,
		  const struct port *port, const struct state *state, struct error *error)
{
	__attribute__((cleanup(clear_survey))) struct survey survey = {
		.state = state, .network = network, .port = port};
	int result = look(&survey, error), status;

	if (result)
		return result;
	if (survey.from_files)
		check_warn_unguarded(invocation);
	status = survey.guarded && survey.coverage.any_not_allowed ? EXIT_NEGATIVE : EXIT_DONE;
	if (invocation->json)
		return answer_print(survey_json(invocation, &survey), status, error);
	print_survey(&survey);
	return status;
}
