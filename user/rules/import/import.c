// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/import/import.h"

#include <errno.h>
#include <string.h>

#include "policy/when.h"
#include "rules/formats/address.h"
#include "rules/formats/iptables_save.h"
#include "rules/formats/nft.h"
#include "rules/formats/other_format.h"
#include "rules/import/import_internal.h"

static int import_iptables(const struct rules_input *input, struct entry_list *entries,
			   struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(ruleset_clear))) struct ruleset rules = {};
	int result = iptables_save_parse(input->name, input->text, input->size, &rules, error);

	ruleset_link(&rules);
	return result ? result : import_ruleset(&rules, "iptables", input, entries, report, error);
}

static int import_nft(const struct rules_input *input, struct entry_list *entries,
		      struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(ruleset_clear))) struct ruleset rules = {};
	int result = nft_parse(input->name, input->text, input->size, &rules, error);

	ruleset_link(&rules);
	return result ? result : import_ruleset(&rules, "nft", input, entries, report, error);
}

static int import_element(const struct source_set *set, const struct source *source,
			  const struct rules_input *input, struct entry_list *entries,
			  struct rules_report *report, struct error *error)
{
	char text[2 * LABEL_SIZE], label[LABEL_SIZE], prefix[PREFIX_TEXT_SIZE];
	struct entry entry = {
		.prefix = source->prefix,
		.verdict = source->except ? SG_ENTRY_DENY : SG_ENTRY_ALLOW,
		.until = source->lifetime ? time_after(input->now, source->lifetime) : 0,
	};
	const char *reason;

	if (!source->except && !import_can_allow(&source->prefix, &reason)) {
		prefix_format(&source->prefix, prefix);
		return report_add(report, &set->place, true, error, "%s %s", prefix, reason);
	}
	snprintf(text, sizeof(text), "ipset %s", set->name);
	if ((source->comment && label_make(source->comment, label)) || label_make(text, label))
		entry.label = label;
	return entry_list_append(entries, &entry, error);
}

static bool is_for_sip(const struct services *services, const struct source *source)
{
	struct port_range ports = source->ports;
	struct service service = {source->protocols, false, &ports, 1};

	return !source->protocols || services_matching(services, &service);
}

static int import_set(const struct source_set *set, const struct rules_input *input,
		      struct entry_list *entries, struct rules_report *report, struct error *error)
{
	struct services services;
	size_t others = 0;
	int result = services_of(input->ports, &services, error);

	for (size_t i = 0; !result && i < set->list.count; i++) {
		if (is_for_sip(&services, &set->list.sources[i]))
			result = import_element(set, &set->list.sources[i], input, entries, report,
						error);
		else
			others++;
	}
	if (result || !others)
		return result;
	return report_add(report, &set->place, true, error,
			  "%zu elements are about ports that are not guarded", others);
}

/* Of several sets one may be of those who are banned, and nothing says which. */
static int import_ipset(const struct rules_input *input, struct entry_list *entries,
			struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(ruleset_clear))) struct ruleset rules = {};
	int result = iptables_save_parse(input->name, input->text, input->size, &rules, error);

	if (result)
		return result;
	if (rules.set_count != 1 || rules.rule_count) {
		error_set(error, EXIT_USAGE, EINVAL, "%.400s holds %zu sets%s, and one is imported",
			  input->name, rules.set_count, rules.rule_count ? " and rules" : "");
		error_hint(error, "ipset save NAME | sipguard import ipset -");
		return -EINVAL;
	}
	if (rules.sets[0].unknown)
		return place_error(input->name, &rules.sets[0].place, error,
				   "%s is not understood, and so no source of the set is trusted",
				   rules.sets[0].unknown);
	if (rules.sets[0].kind == SET_OF_SETS)
		return place_error(input->name, &rules.sets[0].place, error,
				   "a set of sets is no list of sources: import its members");
	return import_set(&rules.sets[0], input, entries, report, error);
}

static const struct format {
	const char *name;
	int (*import)(const struct rules_input *input, struct entry_list *entries,
		      struct rules_report *report, struct error *error);
} formats[] = {
	{"iptables-save", import_iptables},
	{"ipset", import_ipset},
	{"nft", import_nft},
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!strcmp(name, formats[i].name))
			return &formats[i];
	}
	return NULL;
}

bool rules_format_is_known(const char *format)
{
	return find_format(format) != NULL;
}

int rules_import(const char *format, const struct rules_input *input, struct entry_list *entries,
		 struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list read = {};
	__attribute__((cleanup(rules_report_clear))) struct rules_report told = {};
	const struct format *found = find_format(format);
	int result;

	if (!found)
		return error_set(error, EXIT_USAGE, EINVAL, "this format is not known");
	if (input->size > RULES_SIZE_MAX)
		return error_set(error, EXIT_USAGE, E2BIG, "%.400s has more than %d MiB",
				 input->name, RULES_SIZE_MAX >> 20);
	result = other_format_refuse(input->name, input->text, input->size, error);
	result = result ? result : found->import(input, &read, &told, error);
	if (result)
		return result;
	entry_list_sort(&read);
	report_finish(&told);
	*entries = read;
	*report = told;
	read = (struct entry_list){};
	told = (struct rules_report){};
	return 0;
}
