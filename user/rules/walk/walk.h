/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the rules say in the end about each source that they name, and about strangers: an abstract
 * interpretation of all chains that a packet to a socket of this host passes. Pure.
 *
 * A cell is a class of sources (walk/partition.h) and a device; in it, guarded ports are bits of a
 * word. What is known of the packets of a cell and port is one of: they are accepted, or dropped;
 * they may be accepted by an earlier rule that asks something unknown, or dropped by one. A rule
 * whose condition is wholly known decides what it matches; one with an unknown part *may* match:
 * its ACCEPT makes nobody trusted, and its DROP leaves the rest to the rules behind it.
 *
 * The packets of several chains with a hook pass these one after the other; such a chain is a
 * stage. Chains that translate addresses let nobody in, though they may drop; what their rules may
 * send elsewhere is no longer known to be accepted. Work is bounded: a rule touches only the cells
 * that it names, and the whole ends with -E2BIG when jumps and overlapping sources multiply.
 */
#ifndef SIPGUARD_USER_RULES_WALK_WALK_H
#define SIPGUARD_USER_RULES_WALK_WALK_H

#include "policy/ports.h"
#include "rules/model/ruleset.h"
#include "rules/walk/partition.h"
#include "rules/walk/services.h"

/* Named devices that are told apart, and one more for all others. */
#define DEVICES_MAX 15
#define STAGES_MAX  32
#define NO_STEP	    UINT32_MAX

/* Classes of devices. The last one, of all that no rule names, has no name. */
struct devices {
	const char *names[DEVICES_MAX]; /* of rules and elements; a + at the end is any end */
	size_t lengths[DEVICES_MAX];
	unsigned int count; /* with the last one */
};

/* A list of sources as rules ask it: one for each port and device that its elements name. */
struct variant {
	uint64_t ports;
	const char *device; /* NULL: any */
	uint32_t list;
};

struct variants {
	struct variant *variants;
	size_t count;
};

/* A rule that a packet can meet, once for each way on which jumps lead to it. */
struct step {
	const struct rule *rule; /* NULL: the policy of the stage */
	uint32_t stage;
	uint32_t from;	/* the step of the jump that leads here, or NO_STEP */
	uint8_t action; /* of a RETURN from a stage, the policy's */
	uint8_t families;
	bool any_source;     /* no list and no unknown source restricts it */
	bool sip_alone;	     /* no other packets than those to guarded ports come here */
	bool is_reached;     /* some packet can meet it */
	uint16_t conditions; /* unknown parts, with those of the jumps */
	const struct rule *condition_of; /* the rule with the first of them */
	uint32_t devices;		 /* bits of the classes it is about */
	uint64_t ports;			 /* it is about */
	uint32_t hidden_by;		 /* when it is not reached: the step that decides before */
	/* What it does to strangers, as ports; `on` has the devices for which it does so. */
	uint64_t decides[SG_FAMILY_COUNT];
	uint64_t may_decide[SG_FAMILY_COUNT];
	uint32_t on[SG_FAMILY_COUNT];
};

/* A rule that sends packets to another port or host. */
struct move {
	const struct rule *rule;
	uint64_t ports;			     /* guarded ones, that packets come to before */
	uint64_t strangers[SG_FAMILY_COUNT]; /* those of them that it moves for strangers */
};

/* Of each cell, ports; those accepted for sure are in `here` and `sure`. */
struct walk {
	const struct ruleset *rules;
	struct services services;
	const struct prefix *locals; /* addresses of this host; none: not known */
	size_t local_count;
	struct partition partition;
	struct devices devices;
	struct variants *of_rules; /* for each match of each rule, in their order */
	size_t *first_match;	   /* of each rule, in `of_rules` */
	struct variants *of_sets;
	const struct chain *stages[STAGES_MAX];
	size_t stage_count;
	struct step *steps;
	size_t step_count;
	size_t steps_allocated;
	size_t cells;	   /* classes times devices */
	uint64_t *here;	   /* may be accepted */
	uint64_t *sure;	   /* known to be */
	uint64_t *doubted; /* an earlier rule that asks something unknown may drop */
	uint64_t *moved;   /* a rule may send them to another port or host */
	uint64_t *leaving; /* ... to a host that is known to be another, port and all */
	uint64_t *leaves;  /* those of them that surely go there */
	uint64_t *gone;	   /* a rule surely sends them to another port or host */
	uint64_t *spared;  /* a chain that translates may drop them, or not: in no step */
	struct move *moves;
	size_t move_count;
	size_t moves_allocated;
	uint32_t *deciders;	/* of each cell and port the step that decided, naming ones first */
	uint16_t *reached_from; /* of each chain, bits of the hooks that lead to it */
	uint8_t families;	/* for which there is a stage */
};

struct walk_question {
	const struct services *services;
	const struct prefix *locals; /* NULL: not known; must outlive the walk */
	size_t local_count;
	/*
	 * A walk over the same rules: what leaves this host in it is followed through FORWARD, and
	 * `locals` are the addresses that it goes to. NULL: packets to this host are followed.
	 */
	const struct walk *before;
};

/* The ruleset must outlive the walk. A zeroed struct is empty. */
int walk_rules(const struct ruleset *rules, const struct walk_question *question, struct walk *walk,
	       struct error *error);
void walk_clear(struct walk *walk);

/* Ports on which sources of a class are accepted for sure, by all devices. */
uint64_t walk_accepted(const struct walk *walk, uint32_t class);
/* ... for sure or perhaps, by any device. */
uint64_t walk_maybe_accepted(const struct walk *walk, uint32_t class);
/* ... for sure, by this device. */
uint64_t walk_accepted_on(const struct walk *walk, uint32_t class, unsigned int device);
/* The step that decided about a cell and port, or NO_STEP. */
uint32_t walk_decider(const struct walk *walk, uint32_t class, unsigned int device,
		      unsigned int port);

/*
 * The lists of sources that restrict a step, by itself and by the jumps that lead to it; at most
 * `room`. Lists that are negated name nobody.
 */
size_t walk_lists(const struct walk *walk, uint32_t step, uint32_t *lists, size_t room);

/* Whether packets go to another address, which another host may have. */
bool move_leaves(const struct move *move);
/* "port 5080", "192.0.2.1 port 5060": where it sends packets to. */
#define MOVE_WORDS_SIZE 128
void move_words(const struct move *move, char words[static MOVE_WORDS_SIZE]);

/* What the rule with a step's first condition asks, in the words of its author. */
#define WALK_WORDS_SIZE 256
void walk_condition_words(const struct step *step, char words[static WALK_WORDS_SIZE]);

#endif
