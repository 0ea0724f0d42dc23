// SPDX-License-Identifier: GPL-2.0-or-later
/* From rules to entries: what path_follow() found out, prefix by prefix. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/when.h"
#include "rules/import/import_internal.h"

/* What was said of a rule already: each thing once, however many prefixes it names. */
enum told {
	TOLD_SKIPPED = 1 << 0,
	TOLD_BROAD = 1 << 1,
	TOLD_HIDDEN = 1 << 2,
	TOLD_NEEDLESS = 1 << 3,
	TOLD_OTHER_PORT = 1 << 4,
	TOLD_EXCEPTION = 1 << 5,
};

/* Prefixes around the one that is looked at, and what the entries say there. */
struct level {
	struct prefix prefix;
	bool allowed;
};

struct importer {
	const struct path *path;
	const char *tool;
	const struct rules_input *input;
	struct entry_list *entries;
	struct rules_report *report;
	struct error *error;
	uint8_t *told; /* bits for each rule */
	struct level levels[130];
	size_t depth;
	size_t narrowed; /* entries of sources that not every guarded port accepts */
};

/* The records of one prefix, and the first that allows and that denies, or NULL. */
struct group {
	const struct record *records;
	size_t count;
	const struct record *accept;
	const struct record *drop;
};

static const struct rule *rule_of(const struct importer *importer, const struct record *record)
{
	return importer->path->steps[record->step].rule;
}

static bool tell_once(struct importer *importer, const struct rule *rule, enum told what)
{
	uint8_t *told = &importer->told[rule - importer->path->rules->rules];
	bool is_new = !(*told & what);

	*told |= (uint8_t)what;
	return is_new;
}

bool import_can_allow(const struct prefix *prefix, const char **reason)
{
	if (prefix_is_half_the_internet(prefix))
		*reason = "accepts SIP from everybody, or from half of the internet";
	else if (prefix->length >= 96 && prefix_embeds_ipv4(prefix))
		*reason = "spells an IPv4 address as IPv6, and no such packet is ever allowed";
	else
		return true;
	return false;
}

/* "iptables INPUT line 12", where no comment says what the rule is for. */
static const char *label_of(const struct importer *importer, const struct record *record,
			    char label[static LABEL_SIZE])
{
	const struct rule *rule = rule_of(importer, record);
	const struct chain *chain = &importer->path->rules->chains[rule->chain];
	char text[2 * LABEL_SIZE];

	if ((record->comment && label_make(record->comment, label)) ||
	    (rule->comment && label_make(rule->comment, label)))
		return label;
	/* Lines of JSON mean nothing to anybody. */
	if (!strcmp(importer->tool, "nft"))
		snprintf(text, sizeof(text), "nft %s %s", chain->table, chain->name);
	else
		snprintf(text, sizeof(text), "%stables %s line %zu",
			 chain->families == FAMILIES_IPV6 ? "ip6" : "ip", chain->name,
			 rule->place.line);
	return label_make(text, label) ? label : NULL;
}

static int add_entry(struct importer *importer, const struct record *record,
		     enum sg_entry_verdict verdict)
{
	char label[LABEL_SIZE];
	struct entry entry = {
		.prefix = record->prefix,
		.verdict = (uint8_t)verdict,
		.until = record->lifetime ? time_after(importer->input->now, record->lifetime) : 0,
		.label = label_of(importer, record, label),
	};

	return entry_list_append(importer->entries, &entry, importer->error);
}

static int tell_hidden(struct importer *importer, const struct record *record)
{
	const struct rule *rule = rule_of(importer, record);
	const struct rule *by = NULL;
	char words[PLACE_WORDS_SIZE];

	if (!tell_once(importer, rule, TOLD_HIDDEN))
		return 0;
	if (record->hidden_by != NO_RECORD)
		by = rule_of(importer, &importer->path->records[record->hidden_by]);
	if (!by)
		return report_add(importer->report, &rule->place, true, importer->error,
				  "another chain drops these sources");
	place_words(&by->place, words);
	return report_add(importer->report, &rule->place, true, importer->error,
			  "never reached: the rule on %s decides before", words);
}

/* On which ports the rules accept the sources of a record, where it drops or accepts others. */
static int tell_ports(struct importer *importer, const struct record *record, const char *outcome)
{
	const struct rule *rule = rule_of(importer, record);
	char ports[128];

	if (!tell_once(importer, rule, TOLD_OTHER_PORT))
		return 0;
	services_format(&importer->path->services, record->accepted, ports, sizeof(ports));
	return report_add(importer->report, &rule->place, false, importer->error,
			  "accepted on %s alone, but an entry is about every guarded port: %s",
			  ports, outcome);
}

static int allow(struct importer *importer, const struct group *group)
{
	const struct services *services = &importer->path->services;
	const struct record *record = group->accept;
	const struct rule *rule = rule_of(importer, record);
	const char *reason;

	if (!(record->accepted & record->ports))
		return tell_hidden(importer, record);
	if (!import_can_allow(&record->prefix, &reason)) {
		if (!tell_once(importer, rule, TOLD_BROAD))
			return 0;
		return report_add(importer->report, &rule->place, true, importer->error, "%s",
				  reason);
	}
	if (group->drop && tell_ports(importer, record, "allowed"))
		return -ENOMEM;
	if (record->accepted !=
	    services_matching(services, &(struct service){.protocols = PROTOCOLS_ANY}))
		importer->narrowed++;
	importer->levels[importer->depth - 1].allowed = true;
	return add_entry(importer, record, SG_ENTRY_ALLOW);
}

/*
 * A denial that nothing allows around needs no entry: the guard drops whom no entry allows. One
 * that is about some ports only is taken for all, because it is distrust of just this source.
 */
static int deny(struct importer *importer, const struct group *group, bool allowed_around)
{
	const struct record *record = group->drop;
	const struct rule *rule = rule_of(importer, record);
	uint64_t open = importer->path->open[record->prefix.family];

	if (!record->prefix.length)
		return 0;
	if (record->hidden_by != NO_RECORD)
		return tell_hidden(importer, record);
	if (!allowed_around) {
		if (!tell_once(importer, rule, TOLD_NEEDLESS))
			return 0;
		return report_add(importer->report, &rule->place, true, importer->error,
				  "no entry is needed: nothing allows these sources");
	}
	if (record->except && tell_once(importer, rule, TOLD_EXCEPTION) &&
	    report_add(importer->report, &rule->place, false, importer->error,
		       "what the set leaves out is denied; the rules would have gone on with it"))
		return -ENOMEM;
	/* What everybody may is not said of this source. */
	if (record->accepted & ~open && tell_ports(importer, record, "denied"))
		return -ENOMEM;
	importer->levels[importer->depth - 1].allowed = false;
	return add_entry(importer, record, SG_ENTRY_DENY);
}

/* Enters the prefix of a group. Whether an entry allows what is around it. */
static bool enter(struct importer *importer, const struct prefix *prefix)
{
	bool allowed;

	while (importer->depth &&
	       !prefix_covers(&importer->levels[importer->depth - 1].prefix, prefix))
		importer->depth--;
	allowed = importer->depth && importer->levels[importer->depth - 1].allowed;
	importer->levels[importer->depth++] = (struct level){*prefix, allowed};
	return allowed;
}

static int import_group(struct importer *importer, const struct group *group)
{
	bool allowed_around = enter(importer, &group->records->prefix);
	int result = 0;

	if (group->accept)
		result = allow(importer, group);
	if (!result && group->drop &&
	    !(group->accept && group->accept->accepted & group->accept->ports))
		result = deny(importer, group, allowed_around);
	return result;
}

static struct group group_at(const struct importer *importer, size_t at)
{
	const struct path *path = importer->path;
	struct group group = {.records = &path->records[at]};

	for (; at < path->record_count &&
	       !prefix_compare(&path->records[at].prefix, &group.records->prefix);
	     at++, group.count++) {
		const struct record *record = &path->records[at];
		const struct step *step = &path->steps[record->step];

		if (!step->rule)
			continue;
		if (step->action == ACTION_DROP || record->except)
			group.drop = group.drop ? group.drop : record;
		else if (!group.accept || !(group.accept->accepted & group.accept->ports))
			group.accept = record;
	}
	return group;
}

static int tell_condition(struct importer *importer, const struct step *step)
{
	const struct rule *rule = step->rule, *by = step->condition_of;
	const char *words = by->condition ? by->condition : by->set ? by->set : "";
	const char *name = condition_name(step->conditions);
	char place[PLACE_WORDS_SIZE];

	if (step->conditions & CONDITION_STATE && step->any_source && step->action == ACTION_ACCEPT)
		return report_add(importer->report, &rule->place, true, importer->error,
				  "it accepts what belongs to a connection, and the guard knows "
				  "none: whoever answers calls from here needs an entry");
	place_words(&by->place, place);
	if (by == rule)
		return report_add(importer->report, &rule->place, true, importer->error,
				  "it asks for %s (%s), and an entry knows sources alone", name,
				  words);
	return report_add(importer->report, &rule->place, true, importer->error,
			  "it is reached from %s alone, which asks for %s (%s)", place, name,
			  words);
}

/* What no entry can say: each such rule by its line. */
static int tell_skipped(struct importer *importer, const struct step *step)
{
	if (!step->rule || !tell_once(importer, step->rule, TOLD_SKIPPED))
		return 0;
	if (step->action == ACTION_OTHER)
		return report_add(importer->report, &step->rule->place, true, importer->error,
				  "what becomes of the packet is the target's affair");
	if (step->action == ACTION_RETURN)
		return report_add(importer->report, &step->rule->place, true, importer->error,
				  "it returns for some packets, and is not followed");
	return step->conditions ? tell_condition(importer, step) : 0;
}

/* Rules that are about SIP, and that no packet to a socket of this host meets. */
static int tell_elsewhere(struct importer *importer, const struct rule *rule)
{
	const struct chain *chain = &importer->path->rules->chains[rule->chain];

	if (importer->path->visited[rule - importer->path->rules->rules] ||
	    rule->action == ACTION_NONE || rule->action == ACTION_RETURN ||
	    !rule->service.range_count || rule->service.ports_negated ||
	    !services_matching(&importer->path->services, &rule->service))
		return 0;
	if (chain->translates)
		return report_add(importer->report, &rule->place, true, importer->error,
				  "translating addresses is not let in");
	if (chain->hook == HOOK_NONE)
		return report_add(importer->report, &rule->place, true, importer->error,
				  "nothing leads to its chain");
	return report_add(importer->report, &rule->place, true, importer->error,
			  "its chain is not about packets to this host");
}

static int tell_whole(struct importer *importer)
{
	const struct path *path = importer->path;
	char ports[128];

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		if (!path->open[family])
			continue;
		services_format(&path->services, path->open[family], ports, sizeof(ports));
		if (report_add(importer->report, NULL, false, importer->error,
			       "the rules accept IPv%d to %s from whom they do not name; the guard "
			       "will drop it",
			       family == SG_FAMILY_IPV4 ? 4 : 6, ports))
			return -ENOMEM;
	}
	if (!importer->narrowed)
		return 0;
	return report_add(importer->report, NULL, false, importer->error,
			  "%zu of the sources are accepted on some guarded ports only; an entry "
			  "allows a source on all of them",
			  importer->narrowed);
}

static int import_path(struct importer *importer)
{
	const struct path *path = importer->path;
	int result = 0;

	for (size_t at = 0; !result && at < path->record_count;) {
		struct group group = group_at(importer, at);

		at += group.count;
		result = import_group(importer, &group);
	}
	for (size_t i = 0; !result && i < path->step_count; i++)
		result = tell_skipped(importer, &path->steps[i]);
	for (size_t i = 0; !result && i < path->rules->rule_count; i++)
		result = tell_elsewhere(importer, &path->rules->rules[i]);
	return result ? result : tell_whole(importer);
}

int import_ruleset(const struct ruleset *rules, const char *tool, const struct rules_input *input,
		   struct entry_list *entries, struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(path_clear))) struct path path = {};
	cleanup_free uint8_t *told = calloc(rules->rule_count + 1, 1);
	struct importer importer = {&path, tool, input, entries, report, error, told};
	struct services services;
	int result;

	if (!told)
		return error_system(error, ENOMEM, "cannot hold the rules");
	result = services_of(input->ports, &services, error);
	result = result ? result : path_follow(rules, &services, &path, error);
	if (result)
		return result;
	return import_path(&importer);
}
