// SPDX-License-Identifier: GPL-2.0-or-later
/* The cells that a rule matches, as far as that is known. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/walk/walk_internal.h"

/* Sets in sets; the kernel allows none in a list:set that is a list:set itself. */
#define MEMBERS_DEPTH_MAX 8

static void terms_clear(struct term *terms, size_t count)
{
	for (size_t i = 0; i < count; i++)
		runs_clear(&terms[i].owned);
	free(terms);
}

void extent_clear(struct extent *extent)
{
	terms_clear(extent->terms, extent->count);
	*extent = (struct extent){};
}

/* Takes the runs of the term. */
static int add_term(struct extent *extent, struct term *term, struct error *error)
{
	int result;

	if (!term->ports || !term->devices || (!term->runs && !term->owned.count)) {
		runs_clear(&term->owned);
		return 0;
	}
	result = array_reserve(&extent->terms, sizeof(*term), extent->count, &extent->allocated,
			       error);
	if (result) {
		runs_clear(&term->owned);
		return result;
	}
	extent->terms[extent->count++] = *term;
	return 0;
}

static const struct runs *runs_of(const struct term *term)
{
	return term->runs ? term->runs : &term->owned;
}

/* What one match asks: variants of a list, or of all the sets that its set stands for. */
struct asked {
	const struct variants *lists[64];
	size_t count;
	uint16_t unknown;
};

static void ask_set(const struct walk *walk, const struct source_match *match, const char *key,
		    bool drops, struct asked *asked, unsigned int depth)
{
	const struct source_set *set = ruleset_find_set(walk->rules, key);

	if (!set || set->kind == SET_UNKNOWN || set->unknown || depth > MEMBERS_DEPTH_MAX ||
	    asked->count == 64) {
		asked->unknown |= match->negated ? CONDITION_OPEN_SET : CONDITION_UNKNOWN_SET;
		return;
	}
	/* Of a set that rules add to, those who are listed are surely dropped. */
	if (set->changes && !drops) {
		asked->unknown |= CONDITION_OPEN_SET;
		return;
	}
	for (size_t i = 0; i < set->member_count; i++)
		ask_set(walk, match, set->members[i], drops, asked, depth + 1);
	if (set->kind == SET_OF_SETS)
		return;
	if (set->kind == SET_SOURCES_AND_PORTS && (match->dimensions < 2 || match->asks_device))
		asked->unknown |= CONDITION_SOURCE_PORT;
	else if (set->kind == SET_SOURCES_AND_DEVICES &&
		 (match->dimensions < 2 || !match->asks_device))
		asked->unknown |= CONDITION_DEVICE;
	else
		asked->lists[asked->count++] = &walk->of_sets[set - walk->rules->sets];
}

static const struct runs *classes_of(const struct walk *walk, const struct variant *variant)
{
	return &walk->partition.lists[walk->partition.same_as[variant->list]];
}

/* Narrows a term to what is in the lists: one term for each variant. */
static int narrow_to(const struct walk *walk, const struct term *term, const struct asked *asked,
		     struct extent *to, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < asked->count; i++) {
		for (size_t j = 0; !result && j < asked->lists[i]->count; j++) {
			const struct variant *variant = &asked->lists[i]->variants[j];
			bool is_known = true;
			struct term narrowed = {
				.ports = term->ports & variant->ports,
				.devices = term->devices,
			};

			if (variant->device)
				narrowed.devices &= walk_devices(walk, variant->device, &is_known);
			to->unknown |= is_known ? 0 : CONDITION_DEVICE;
			if (!narrowed.ports || !narrowed.devices)
				continue;
			result = runs_intersect(runs_of(term), classes_of(walk, variant),
						&narrowed.owned, error);
			if (result)
				runs_clear(&narrowed.owned);
			else
				result = add_term(to, &narrowed, error);
		}
	}
	return result;
}

/* All classes that a list names for this port and device. */
static int listed_at(const struct walk *walk, const struct asked *asked, uint64_t port,
		     uint32_t device, struct runs *listed, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < asked->count; i++) {
		for (size_t j = 0; !result && j < asked->lists[i]->count; j++) {
			const struct variant *variant = &asked->lists[i]->variants[j];
			struct runs all = {};
			bool is_known = true;

			if (!(variant->ports & port) ||
			    (variant->device &&
			     !(walk_devices(walk, variant->device, &is_known) & device)))
				continue;
			result = runs_unite(listed, classes_of(walk, variant), &all, error);
			runs_clear(listed);
			*listed = all;
		}
	}
	return result;
}

/* The part of a term with this port and device that no list names. */
static int narrow_at(const struct walk *walk, const struct term *term, const struct asked *asked,
		     uint64_t ports, uint32_t devices, struct extent *to, struct error *error)
{
	__attribute__((cleanup(runs_clear))) struct runs listed = {}, rest = {};
	struct term narrowed = {.ports = term->ports & ports, .devices = term->devices & devices};
	int result;

	if (!narrowed.ports || !narrowed.devices)
		return 0;
	result = listed_at(walk, asked, ports & -ports, devices & -devices, &listed, error);
	result = result ? result
			: runs_complement(&listed, walk->partition.class_count, &rest, error);
	result = result ? result : runs_intersect(runs_of(term), &rest, &narrowed.owned, error);
	if (result) {
		runs_clear(&narrowed.owned);
		return result;
	}
	return add_term(to, &narrowed, error);
}

/* Whether every list is for all ports and devices. */
static bool are_plain(const struct walk *walk, const struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++) {
		for (size_t j = 0; j < asked->lists[i]->count; j++) {
			const struct variant *variant = &asked->lists[i]->variants[j];

			if (variant->device || variant->ports != services_all(&walk->services))
				return false;
		}
	}
	return true;
}

static int narrow_to_others(const struct walk *walk, const struct term *term,
			    const struct asked *asked, struct extent *to, struct error *error)
{
	int result = 0;

	if (are_plain(walk, asked))
		return narrow_at(walk, term, asked, services_all(&walk->services),
				 walk_all_devices(walk), to, error);
	for (unsigned int port = 0; !result && port < walk->services.count; port++) {
		for (unsigned int device = 0; !result && device < walk->devices.count; device++)
			result = narrow_at(walk, term, asked, 1ULL << port, 1U << device, to,
					   error);
	}
	return result;
}

static bool is_everywhere(const struct source_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (!list->sources[i].prefix.length)
			return true;
	}
	return false;
}

static int apply_match(const struct walk *walk, const struct rule *rule, size_t number,
		       struct extent *extent, struct error *error)
{
	const struct source_match *match = &rule->matches[number];
	struct extent narrowed = *extent;
	struct asked asked = {};
	int result = 0;

	/* 0.0.0.0/0 and ::/0 say no more than the rule's families. */
	if (!match->set && !match->negated && is_everywhere(&match->list))
		return 0;
	if (match->set) {
		ask_set(walk, match, match->set, rule->action == ACTION_DROP && !match->negated,
			&asked, 0);
	} else {
		size_t first = walk->first_match[rule - walk->rules->rules];

		asked.lists[asked.count++] = &walk->of_rules[first + number];
	}
	/* Who is not in what is known may be in what is not. */
	if (asked.unknown) {
		extent->unknown |= asked.unknown;
		return 0;
	}
	narrowed.terms = NULL;
	narrowed.count = narrowed.allocated = 0;
	narrowed.has_sources = true;
	for (size_t i = 0; !result && i < extent->count; i++)
		result = match->negated
				 ? narrow_to_others(walk, &extent->terms[i], &asked, &narrowed,
						    error)
				 : narrow_to(walk, &extent->terms[i], &asked, &narrowed, error);
	terms_clear(extent->terms, extent->count);
	*extent = narrowed;
	return result;
}

/* Families of which a packet to this host matches, and whether that is sure. */
static uint8_t match_destination(const struct walk *walk, const struct rule *rule, bool *is_known)
{
	uint8_t families = 0;

	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		size_t known = 0, inside = 0;

		for (size_t i = 0; i < walk->local_count; i++) {
			bool is_in = false;

			if (walk->locals[i].family != family)
				continue;
			for (size_t j = 0; !is_in && j < rule->destinations.count; j++)
				is_in = prefix_covers(&rule->destinations.sources[j].prefix,
						      &walk->locals[i]);
			known++;
			inside += is_in != rule->destinations_negated;
		}
		if (!known || inside)
			families |= (uint8_t)FAMILY_BIT(family);
		if (rule->families & FAMILY_BIT(family) && (!known || (inside && inside < known)))
			*is_known = false;
	}
	return families;
}

/* Of conntrack's hook in PREROUTING (NF_IP_PRI_CONNTRACK of linux/netfilter_ipv4.h). */
#define PRIORITY_CONNTRACK (-200)

/*
 * The states that a packet in question can have in this stage. Before it is tracked it has no
 * connection, and nft and iptables call that INVALID; it may also have the connection that a rule
 * prepared. Chains of conntrack's own priority come before or behind it.
 */
static uint8_t states_here(const struct walk *walk)
{
	const struct chain *chain = walk->stages[walk->stage_count - 1];
	bool may_be_before = chain->hook == HOOK_INGRESS || (chain->hook == HOOK_PREROUTING &&
							     chain->priority <= PRIORITY_CONNTRACK);
	bool may_be_behind = !may_be_before || (chain->hook == HOOK_PREROUTING &&
						chain->priority == PRIORITY_CONNTRACK);

	return (uint8_t)((may_be_before ? STATE_INVALID : 0) |
			 (may_be_behind || walk->rules->untracks ? STATE_NEW : 0) |
			 (walk->rules->untracks ? STATE_UNTRACKED : 0));
}

/* What a rule asks beside sources and ports; false when no packet in question matches. */
static bool apply_others(const struct walk *walk, const struct rule *rule, struct extent *extent,
			 uint32_t *devices)
{
	uint8_t here = states_here(walk), met = rule->states & here;
	bool is_known = true;

	if (!met)
		return false;
	if (met != here || (rule->original.range_count && here & STATE_INVALID))
		extent->unknown |= CONDITION_STATE;
	if (rule->destinations.count &&
	    (rule->destinations_negated || !is_everywhere(&rule->destinations))) {
		extent->families &= match_destination(walk, rule, &is_known);
		extent->unknown |= is_known ? 0 : CONDITION_DESTINATION;
	}
	is_known = true;
	*devices = walk_all_devices(walk);
	if (rule->devices) {
		uint32_t named = walk_devices(walk, rule->devices, &is_known);

		extent->unknown |= is_known ? 0 : CONDITION_DEVICE;
		if (is_known || !rule->devices_negated)
			*devices = rule->devices_negated ? *devices & ~named : named;
	}
	return extent->families && *devices;
}

int extent_of(const struct walk *walk, const struct rule *rule, const struct runs *context,
	      struct extent *extent, struct error *error)
{
	__attribute__((cleanup(extent_clear))) struct extent found = {
		.families = rule->families,
		.unknown = rule->conditions,
	};
	struct term whole = {.runs = context, .ports = walk_rule_ports(walk, rule)};
	int result;

	if (!apply_others(walk, rule, &found, &whole.devices))
		return 0;
	result = add_term(&found, &whole, error);
	for (size_t i = 0; !result && found.count && i < rule->match_count; i++)
		result = apply_match(walk, rule, i, &found, error);
	if (result)
		return result;
	*extent = found;
	found = (struct extent){};
	return 0;
}

size_t walk_lists(const struct walk *walk, uint32_t number, uint32_t *lists, size_t room)
{
	size_t count = 0;

	for (; number != NO_STEP; number = walk->steps[number].from) {
		const struct rule *rule = walk->steps[number].rule;
		size_t first = rule ? walk->first_match[rule - walk->rules->rules] : 0;

		for (size_t i = 0; rule && i < rule->match_count; i++) {
			const struct source_match *match = &rule->matches[i];
			struct asked asked = {.lists = {&walk->of_rules[first + i]}, .count = 1};

			if (match->negated)
				continue;
			if (match->set) {
				asked.count = 0;
				ask_set(walk, match, match->set, true, &asked, 0);
			}
			for (size_t j = 0; j < asked.count; j++) {
				for (size_t k = 0; k < asked.lists[j]->count && count < room; k++)
					lists[count++] = asked.lists[j]->variants[k].list;
			}
		}
	}
	return count;
}
