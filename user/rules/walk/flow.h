/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packets that are on their way through one chain. Pure. */
#ifndef SIPGUARD_USER_RULES_WALK_FLOW_H
#define SIPGUARD_USER_RULES_WALK_FLOW_H

#include "rules/walk/walk_internal.h"

/* The kernel's own limit of jumps is 16 for nft. */
#define DEPTH_MAX 16

/* Of each cell, ports, for the chain at one depth of jumps. */
struct flow {
	uint64_t *asked; /* the jumps that lead here are about these */
	uint64_t *live;	 /* they may be at the rule that is looked at */
	uint64_t *sure;	 /* they surely are, if no earlier rule took them away */
	uint64_t *back;	 /* they may have returned, or left by a goto */
	uint64_t *begun; /* they surely entered the chain */
	uint64_t *came;	 /* they entered it if they were at the jump, which was not sure */
	uint64_t *split; /* some alternatives were decided, and others go on */
};

/* What is known of a mark. */
struct mark {
	uint32_t value;
	uint32_t known; /* bits */
};

struct walker {
	struct walk *walk;
	struct flow flows[DEPTH_MAX + 1];
	/* Of the stage: ports, and for each port the step that decided. */
	uint64_t *accepted;
	uint64_t *may_accept;
	uint64_t *may_drop;
	uint32_t *decided_by;
	struct mark *marks;	     /* of each cell and port; NULL: no rule asks for one */
	bool *walked_dead;	     /* of each chain: it was looked at with nobody left */
	struct chain_index *indexes; /* of each chain */
	size_t index_count;
	bool forwards; /* through FORWARD, not to this host */
	size_t work;
	struct error *error;
};

/* A rule as it is met on one way. */
struct meeting {
	struct step *step;
	unsigned int depth;
	bool is_known; /* no part of its condition is unknown */
};

/* Takes the packets in `context` through a chain, at a depth of jumps that step `from` made. */
int walk_chain(struct walker *walker, const struct chain *chain, const struct runs *context,
	       unsigned int depth, uint32_t from);
/* The policy of a chain with a hook decides what no rule did. */
int walk_policy(struct walker *walker, const struct chain *chain);

/* The flow at a depth, made when it is first asked for; NULL with -ENOMEM in the error. */
struct flow *walker_flow(struct walker *walker, unsigned int depth);
void flow_clear(struct flow *flow, size_t cell);

/* A mask of ports for each cell, all 0; the caller frees it. NULL when memory ran out. */
uint64_t *walk_masks(const struct walk *walk);
uint8_t walk_family(const struct walk *walk, uint32_t class);
int walk_memory_error(struct error *error);

/* -E2BIG when all together was too much. */
int walker_spend(struct walker *walker, size_t work);

/* What the rule's action does to packets of a cell, for ports that are live. */
void flow_act(struct walker *walker, const struct meeting *meeting, size_t cell, uint64_t ports,
	      bool is_sure);

/* Those of the ports whose mark the rule asks for, and those of which that is not known. */
void flow_match_mark(const struct walker *walker, const struct rule *rule, size_t cell,
		     uint64_t ports, uint64_t *yes, uint64_t *maybe);
void flow_change_mark(struct walker *walker, const struct rule *rule, size_t cell, uint64_t ports,
		      bool is_sure);

/* A rule with translations is met: move_note() for each cell, between the two others. */
int move_begin(struct walker *walker, const struct rule *rule);
void move_note(struct walker *walker, size_t cell, uint64_t ports, uint64_t sure);
void move_end(struct walker *walker);
/* The walk begins with what leaves this host in another walk over the same rules. */
int move_follow(struct walker *walker, const struct walk *before);
/* When all stages are done: what was moved is not known to be accepted, and no rule decided. */
void move_apply(struct walk *walk);

/* Positions in a chain of rules that can concern one of few classes. */
struct chain_index;
struct position_list {
	uint32_t *positions;
	size_t count;
	size_t allocated;
};
/* -ENOMEM; `*all` when looking at every rule is as good. */
int index_query(struct walker *walker, const struct chain *chain, const struct runs *context,
		struct position_list *positions, bool *all);
int index_make_room(struct walker *walker);
void index_clear(struct walker *walker);

#endif
