/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a SIP packet to a socket of this host through the rules: every rule that can decide
 * about it, in order, with jumps followed; and for each source that they name, what they say in the
 * end. Pure.
 *
 * A packet passes several chains with a hook, here called stages. In each the first rule that
 * matches decides, or else the policy; it arrives when every stage accepts it.
 */
#ifndef SIPGUARD_USER_RULES_WALK_PATH_H
#define SIPGUARD_USER_RULES_WALK_PATH_H

#include "policy/ports.h"
#include "rules/model/ruleset.h"

/* Guarded ports are bits of a word. */
#define SERVICES_MAX 64

struct services {
	struct port ports[SERVICES_MAX];
	unsigned int count;
};

/* A rule on the way, once for each way on which jumps lead to it. */
struct step {
	const struct rule *rule; /* NULL: the policy of the stage */
	uint32_t stage;
	uint8_t action; /* ACTION_ACCEPT, _DROP, or _RETURN and _OTHER, which are not followed */
	uint8_t families;
	bool any_source;
	bool sip_alone;	     /* no other packets than those to guarded ports come here */
	uint16_t conditions; /* with those of the jumps that lead here */
	const struct rule *condition_of; /* the rule with the first of them */
	uint64_t ports;
};

#define NO_RECORD UINT32_MAX

/* A prefix that a step without conditions decides about. */
struct record {
	struct prefix prefix;
	bool except; /* it is left out of the step */
	uint32_t step;
	uint64_t ports;
	int64_t lifetime;
	const char *comment; /* of the element of a set; NULL: none */

	/* The ports on which a source of this prefix, and of no longer one, is accepted. */
	uint64_t accepted;
	/* A record of an earlier rule for all of this prefix and its ports; or NO_RECORD. */
	uint32_t hidden_by;
};

/* The ruleset stays the caller's and must outlive the path. A zeroed struct is empty. */
struct path {
	const struct ruleset *rules;
	struct services services;
	const struct chain *stages[16];
	size_t stage_count;
	struct step *steps;
	size_t step_count;
	size_t steps_allocated;
	struct record *records; /* by prefix_compare(), then in the order of steps */
	size_t record_count;
	size_t records_allocated;
	bool *visited; /* for each rule of the ruleset */
	/* Ports that accept whom no rule names; not those that drop all but some. */
	uint64_t open[SG_FAMILY_COUNT];
	uint8_t families; /* for which there is a stage */
};

/* -EINVAL when there are more than SERVICES_MAX ports. */
int services_of(const struct sg_ports *ports, struct services *services, struct error *error);

/* The ports among these that a rule's service is about. */
uint64_t services_matching(const struct services *services, const struct service *service);

/* "udp/5060 tcp/5060", as many as fit. */
void services_format(const struct services *services, uint64_t ports, char *text, size_t size);

/* -E2BIG with an error when jumps and sets multiply to more than can be looked at. */
int path_follow(const struct ruleset *rules, const struct services *services, struct path *path,
		struct error *error);
void path_clear(struct path *path);

/* Judges the records of a path; path_follow() does it. */
int path_judge(struct path *path, struct error *error);

/* "the interface (-i eth1)": what a condition asks about, for a sentence. */
const char *condition_name(uint16_t conditions);

#endif
