// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From rules to entries: what the walk found out, prefix by prefix, each after all that cover it.
 * Of these a stack is kept, and of each list its longest element around the prefix.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "policy/when.h"
#include "rules/import/import_internal.h"

#define NO_NAME	   UINT32_MAX
#define LEVELS_MAX 130
#define LISTS_MAX  256
#define UNNAMED	   (-1)

/* What the list had around a prefix that is entered. */
struct undo {
	uint32_t list;
	uint32_t name;
};

struct level {
	struct prefix prefix;
	size_t first_undo;
	uint32_t step; /* that accepts here; NO_STEP: none does */
	bool allowed;  /* what the entries say here */
};

struct importer {
	const struct walk *walk;
	const char *tool;
	const struct rules_input *input;
	struct entry_list *entries;
	struct rules_report *report;
	struct error *error;
	struct import_outcome outcome;
	const struct rule **owners; /* of each list that one rule has for itself */
	uint32_t *longest;	    /* of each list, a name or NO_NAME */
	struct undo *undo;
	size_t undo_count;
	struct level levels[LEVELS_MAX];
	size_t depth;
};

/* The step that decides about a node, and how closely it names it. */
struct choice {
	uint32_t step;
	int length; /* of the element that names it, or UNNAMED */
	const struct source *source;
};

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
static const char *label_of(const struct importer *importer, const struct choice *choice,
			    char label[static LABEL_SIZE])
{
	const struct step *step = &importer->walk->steps[choice->step];
	const struct rule *rule = step->rule;
	const struct chain *chain = rule ? &importer->walk->rules->chains[rule->chain]
					 : importer->walk->stages[step->stage];
	const char *tool = importer->tool;
	char text[2 * LABEL_SIZE];

	if ((choice->source && choice->source->comment &&
	     label_make(choice->source->comment, label)) ||
	    (rule && rule->comment && label_make(rule->comment, label)))
		return label;
	if (!strcmp(tool, "iptables") && chain->families == FAMILIES_IPV6)
		tool = "ip6tables";
	if (!strcmp(tool, "nft"))
		snprintf(text, sizeof(text), "nft %s %s", chain->table, chain->name);
	else if (!rule)
		snprintf(text, sizeof(text), "%s %s policy", tool, chain->name);
	else
		snprintf(text, sizeof(text), "%s %s line %zu", tool, chain->name, rule->place.line);
	return label_make(text, label) ? label : NULL;
}

static int add_entry(struct importer *importer, const struct prefix *prefix,
		     const struct choice *choice, enum sg_entry_verdict verdict)
{
	char label[LABEL_SIZE];
	int64_t lifetime = choice->source ? choice->source->lifetime : 0;
	struct entry entry = {
		.prefix = *prefix,
		.verdict = (uint8_t)verdict,
		.until = lifetime ? time_after(importer->input->now, lifetime) : 0,
		.label = label_of(importer, choice, label),
	};

	return entry_list_append(importer->entries, &entry, importer->error);
}

/* The rules on the way to a step whose lists name a prefix have become an entry. */
static void mark_imported(struct importer *importer, uint32_t step)
{
	const struct walk *walk = importer->walk;

	for (; step != NO_STEP; step = walk->steps[step].from) {
		if (walk->steps[step].rule)
			importer->outcome.imported[walk->steps[step].rule - walk->rules->rules] =
				true;
	}
}

/* The longest element around the node of the lists that restrict a step. */
static struct choice look_up(const struct importer *importer, uint32_t step)
{
	const struct partition *partition = &importer->walk->partition;
	struct choice choice = {step, UNNAMED, NULL};
	uint32_t lists[LISTS_MAX];
	size_t count = walk_lists(importer->walk, step, lists, LISTS_MAX);

	for (size_t i = 0; i < count; i++) {
		uint32_t number = importer->longest[lists[i]];
		const struct name *name = number == NO_NAME ? NULL : &partition->names[number];

		if (!name || name->source->except || name->prefix.length <= choice.length)
			continue;
		choice.length = name->prefix.length;
		choice.source = name->source;
	}
	return choice;
}

/* Which step accepts sources of a class most closely, and which one drops them. */
static void choose(const struct importer *importer, uint32_t class, uint64_t accepted,
		   struct choice *accept, struct choice *drop)
{
	const struct walk *walk = importer->walk;

	*accept = *drop = (struct choice){NO_STEP, UNNAMED, NULL};
	for (unsigned int device = 0; device < walk->devices.count; device++) {
		uint64_t here = walk_accepted_on(walk, class, device);

		for (unsigned int port = 0; port < walk->services.count; port++) {
			uint32_t step = walk_decider(walk, class, device, port);
			struct choice *best = accepted >> port & 1 ? accept : drop;
			struct choice found;

			/* What one device alone accepts, no entry can say. */
			if (step == NO_STEP || step == best->step || (here & ~accepted) >> port & 1)
				continue;
			found = look_up(importer, step);
			if (best->step == NO_STEP || found.length > best->length)
				*best = found;
		}
	}
}

/* All rules that name a source and accept it somewhere: it has an entry, whichever of them gave it.
 */
static void mark_accepting(struct importer *importer, uint32_t class)
{
	const struct walk *walk = importer->walk;
	uint32_t last = NO_STEP;

	for (unsigned int device = 0; device < walk->devices.count; device++) {
		uint64_t here = walk_accepted_on(walk, class, device);

		for (; here; here &= here - 1) {
			uint32_t step = walk_decider(walk, class, device,
						     (unsigned int)__builtin_ctzll(here));

			if (step != last && step != NO_STEP &&
			    look_up(importer, step).length != UNNAMED)
				mark_imported(importer, step);
			last = step;
		}
	}
}

/* On which ports the rules accept a source, where they drop it or others on the rest. */
static int tell_ports(struct importer *importer, uint32_t step, uint64_t accepted,
		      const char *outcome)
{
	const struct rule *rule = importer->walk->steps[step].rule;
	char ports[128];

	if (!rule)
		return 0;
	services_format(&importer->walk->services, accepted, ports, sizeof(ports));
	return report_add(importer->report, &rule->place, false, importer->error,
			  "accepted on %s alone, but an entry is about every guarded port: %s",
			  ports, outcome);
}

static int allow(struct importer *importer, const struct node *node, const struct choice *accept,
		 const struct choice *drop, uint64_t accepted)
{
	struct level *level = &importer->levels[importer->depth - 1];
	const struct rule *rule = importer->walk->steps[accept->step].rule;
	bool allowed_around = level->allowed;
	const char *reason;

	if (!import_can_allow(&node->prefix, &reason))
		return rule ? report_add(importer->report, &rule->place, true, importer->error,
					 "%s", reason)
			    : 0;
	mark_imported(importer, accept->step);
	mark_accepting(importer, node->class);
	level->allowed = true;
	level->step = accept->step;
	if (allowed_around && accept->length != node->prefix.length)
		return 0;
	if (drop->length == accept->length && accept->length != UNNAMED &&
	    tell_ports(importer, accept->step, accepted, "allowed"))
		return -ENOMEM;
	if (accepted != services_all(&importer->walk->services))
		importer->outcome.narrowed++;
	return add_entry(importer, &node->prefix, accept, SG_ENTRY_ALLOW);
}

/* What nobody allows around needs no entry: the guard drops whom no entry allows. */
static int deny(struct importer *importer, const struct node *node, const struct choice *drop,
		uint64_t accepted)
{
	struct level *level = &importer->levels[importer->depth - 1];
	struct choice by = *drop;

	if (!level->allowed)
		return 0;
	level->allowed = false;
	/* What a set leaves out, or nobody decides, is told with the rule around. */
	if (by.length == UNNAMED)
		by = (struct choice){level->step, UNNAMED, NULL};
	mark_imported(importer, by.step);
	if (accepted && drop->step != NO_STEP &&
	    tell_ports(importer, drop->step, accepted, "denied"))
		return -ENOMEM;
	return add_entry(importer, &node->prefix, &by, SG_ENTRY_DENY);
}

/* Enters a node: leaves those that do not cover it, and keeps what its names change. */
static void enter(struct importer *importer, const struct node *node)
{
	const struct partition *partition = &importer->walk->partition;
	struct level level = {.prefix = node->prefix, .step = NO_STEP};

	while (importer->depth &&
	       !prefix_covers(&importer->levels[importer->depth - 1].prefix, &node->prefix)) {
		importer->depth--;
		while (importer->undo_count > importer->levels[importer->depth].first_undo) {
			const struct undo *undo = &importer->undo[--importer->undo_count];

			importer->longest[undo->list] = undo->name;
		}
	}
	if (importer->depth) {
		level.allowed = importer->levels[importer->depth - 1].allowed;
		level.step = importer->levels[importer->depth - 1].step;
	}
	level.first_undo = importer->undo_count;
	importer->levels[importer->depth++] = level;
	for (uint32_t i = node->first_name; i < node->first_name + node->name_count; i++) {
		uint32_t list = partition->names[i].list;

		if (!partition->names[i].source)
			continue;
		importer->undo[importer->undo_count++] = (struct undo){list,
								       importer->longest[list]};
		importer->longest[list] = i;
	}
}

/* Rules that name just this prefix and do not let it in. */
static int note_refused(struct importer *importer, const struct node *node, uint32_t step)
{
	struct import_outcome *outcome = &importer->outcome;
	const struct partition *partition = &importer->walk->partition;

	for (uint32_t i = node->first_name; i < node->first_name + node->name_count; i++) {
		const struct rule *rule;

		if (!partition->names[i].source)
			continue;
		rule = importer->owners[partition->names[i].list];
		if (!rule || rule->action == ACTION_DROP || rule->action == ACTION_RETURN)
			continue;
		if (array_reserve(&outcome->refused, sizeof(*outcome->refused),
				  outcome->refused_count, &outcome->refused_allocated,
				  importer->error))
			return -ENOMEM;
		outcome->refused[outcome->refused_count++] =
			(struct refused){rule, node->prefix, step,
					 walk_maybe_accepted(importer->walk, node->class) != 0};
	}
	return 0;
}

/*
 * Ports on which all devices accept a class for sure. Where no policy was told the kernel's default
 * accepts, but the text may be a part of the rules: that is no reason to trust anybody.
 */
static uint64_t accepted_by_all(const struct walk *walk, uint32_t class)
{
	uint64_t accepted = walk_accepted(walk, class);

	for (unsigned int device = 0; device < walk->devices.count; device++) {
		for (uint64_t left = accepted; left; left &= left - 1) {
			unsigned int port = (unsigned int)__builtin_ctzll(left);
			uint32_t step = walk_decider(walk, class, device, port);

			if (step != NO_STEP && !walk->steps[step].rule &&
			    !walk->stages[walk->steps[step].stage]->policy_is_known)
				accepted &= ~(1ULL << port);
		}
	}
	return accepted;
}

/*
 * A source is allowed that the rules accept on at least one port, by every device, if a rule names
 * it or strangers are not accepted there. Of a rule that names it and accepts, and another one that
 * names a shorter prefix and drops, the first counts; the other way round it is distrust of just
 * this source.
 */
static int import_node(struct importer *importer, const struct node *node)
{
	const struct walk *walk = importer->walk;
	uint32_t strangers = walk->partition.strangers[node->prefix.family];
	uint64_t accepted = accepted_by_all(walk, node->class);
	uint64_t open = walk_accepted(walk, strangers);
	struct choice accept, drop;
	bool is_allowed;

	enter(importer, node);
	if (node->is_empty)
		return 0;
	choose(importer, node->class, accepted, &accept, &drop);
	is_allowed = accepted && accept.step != NO_STEP && drop.length <= accept.length &&
		     (accept.length != UNNAMED || accepted & ~open);
	/* Everybody is no source. */
	if (is_allowed && node->class == strangers && accept.length == UNNAMED)
		is_allowed = false;
	if (is_allowed)
		return allow(importer, node, &accept, &drop, accepted);
	if (node->prefix.length && (deny(importer, node, &drop, accepted & ~open) ||
				    note_refused(importer, node, drop.step)))
		return -ENOMEM;
	return 0;
}

static bool asks_set(const struct rule *rule)
{
	for (size_t i = 0; rule && i < rule->match_count; i++) {
		if (rule->matches[i].set && !rule->matches[i].negated)
			return true;
	}
	return false;
}

static void find_sets(struct importer *importer, uint32_t step)
{
	const struct rule *rule = importer->walk->steps[step].rule;
	uint32_t lists[LISTS_MAX];
	size_t count = asks_set(rule) ? walk_lists(importer->walk, step, lists, LISTS_MAX) : 0;

	for (size_t i = 0; i < count; i++) {
		if (!importer->owners[lists[i]])
			importer->owners[lists[i]] = rule;
	}
}

static void find_owners(struct importer *importer)
{
	const struct walk *walk = importer->walk;

	for (size_t i = 0; i < walk->rules->rule_count; i++) {
		const struct rule *rule = &walk->rules->rules[i];

		for (size_t j = 0; j < rule->match_count; j++) {
			const struct variants *variants = &walk->of_rules[walk->first_match[i] + j];

			for (size_t k = 0; !rule->matches[j].negated && k < variants->count; k++)
				importer->owners[variants->variants[k].list] = rule;
		}
	}
	/* Of a set, which several rules may ask, the first. */
	for (uint32_t i = 0; i < walk->step_count; i++)
		find_sets(importer, i);
}

static int make_room(struct importer *importer)
{
	const struct partition *partition = &importer->walk->partition;

	importer->owners = calloc(partition->list_count + 1, sizeof(void *));
	importer->longest = malloc((partition->list_count + 1) * sizeof(*importer->longest));
	importer->undo = calloc(partition->name_count + 1, sizeof(*importer->undo));
	importer->outcome.imported = calloc(importer->walk->rules->rule_count + 1, sizeof(bool));
	if (!importer->owners || !importer->longest || !importer->undo ||
	    !importer->outcome.imported)
		return error_system(importer->error, ENOMEM, "cannot hold the rules");
	memset(importer->longest, 0xff, partition->list_count * sizeof(*importer->longest));
	find_owners(importer);
	return 0;
}

static void importer_clear(struct importer *importer)
{
	free(importer->owners);
	free(importer->longest);
	free(importer->undo);
	free(importer->outcome.imported);
	free(importer->outcome.refused);
}

int import_ruleset(const struct ruleset *rules, const char *tool, const struct rules_input *input,
		   struct entry_list *entries, struct rules_report *report, struct error *error)
{
	__attribute__((cleanup(walk_clear))) struct walk walk = {};
	__attribute__((cleanup(importer_clear))) struct importer importer = {
		&walk, tool, input, entries, report, error, {.walk = &walk}};
	struct walk_question question = {.locals = input->locals,
					 .local_count = input->local_count};
	struct services services;
	int result = services_of(input->ports, &services, error);

	question.services = &services;
	result = result ? result : walk_rules(rules, &question, &walk, error);
	result = result ? result : make_room(&importer);
	for (size_t i = 0; !result && i < walk.partition.node_count; i++)
		result = import_node(&importer, &walk.partition.nodes[i]);
	return result ? result : import_tell(&importer.outcome, report, error);
}
