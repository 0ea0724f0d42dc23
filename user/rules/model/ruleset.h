/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a packet filter, whatever tool wrote them down: chains of rules, and sets of sources
 * that rules refer to. Pure.
 *
 * The model knows what decides about SIP: source, protocol and destination port of a packet, and
 * what becomes of it. Everything else that a rule asks for is a condition: it narrows the rule in a
 * way that a list of sources cannot express, and only its kind is kept.
 *
 * A zeroed struct is an empty ruleset; it owns what it points to except for the text of places.
 */
#ifndef SIPGUARD_USER_RULES_MODEL_RULESET_H
#define SIPGUARD_USER_RULES_MODEL_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "error.h"
#include "policy/prefix.h"
#include "rules/model/place.h"
#include "sipguard/abi.h"

/* Bits of families and of protocols. */
#define FAMILY_BIT(family)   (1U << (family))
#define FAMILIES_IPV4	     FAMILY_BIT(SG_FAMILY_IPV4)
#define FAMILIES_IPV6	     FAMILY_BIT(SG_FAMILY_IPV6)
#define FAMILIES_BOTH	     (FAMILIES_IPV4 | FAMILIES_IPV6)
#define PROTOCOL_BIT(table)  (1U << (table))
#define PROTOCOLS_OTHER	     PROTOCOL_BIT(SG_PORT_TABLE_COUNT)
#define PROTOCOLS_TRANSPORTS (PROTOCOLS_OTHER - 1)
#define PROTOCOLS_ANY	     (PROTOCOLS_TRANSPORTS | PROTOCOLS_OTHER)

struct port_range {
	uint16_t first;
	uint16_t last;
};

/* Which packets by protocol and destination port. No ranges: any port. */
struct service {
	uint8_t protocols;
	bool ports_negated;
	struct port_range *ranges;
	size_t range_count;
};

/* Sources, as a rule or an element of a set names them. */
struct source {
	struct prefix prefix;
	/* An element of a set can name a service as well; protocols 0: it does not. */
	uint8_t protocols;
	struct port_range ports;
	bool except;	  /* nomatch: not this part of a wider element */
	int64_t lifetime; /* seconds that are left; 0: it stays */
	char *comment;	  /* NULL: none */
};

struct source_list {
	struct source *sources;
	size_t count;
	size_t allocated;
};

struct source_set {
	char *name;
	struct source_list list;
	bool opaque; /* of a type that is no list of sources */
	struct place place;
};

enum rule_condition {
	CONDITION_INTERFACE = 1 << 0,
	CONDITION_STATE = 1 << 1, /* of the connection, and none in which a new one can be */
	CONDITION_RATE = 1 << 2,
	CONDITION_DESTINATION = 1 << 3, /* an address of this host */
	CONDITION_SOURCE_PORT = 1 << 4,
	CONDITION_NEGATED_SOURCE = 1 << 5,
	CONDITION_UNKNOWN_SET = 1 << 6,
	CONDITION_HOST_NAME = 1 << 7, /* or a variable: sources that the text does not tell */
	CONDITION_OTHER = 1 << 8,
};

enum rule_action {
	ACTION_NONE, /* the next rule is asked */
	ACTION_ACCEPT,
	ACTION_DROP, /* or reject */
	ACTION_JUMP,
	ACTION_RETURN,
	ACTION_OTHER, /* it ends here, in a way that only the target knows */
};

struct rule {
	struct place place;
	uint32_t chain; /* index */
	uint8_t families;
	uint8_t action;
	uint16_t conditions;
	char *condition; /* words of the first condition; NULL: none */
	struct service service;
	struct source_list sources; /* none, and no set: any source */
	char *set;		    /* key of the set of sources; NULL: none */
	char *target;		    /* name of the chain that ACTION_JUMP goes to */
	char *comment;
};

enum chain_hook {
	HOOK_NONE, /* reached by jumps */
	HOOK_INGRESS,
	HOOK_PREROUTING,
	HOOK_INPUT,
	HOOK_FORWARD,
	HOOK_OUTPUT, /* and all that follow */
};

struct chain {
	char *table; /* with what else makes its names its own: "ip6 filter" */
	char *name;
	uint8_t families;
	uint8_t hook;
	uint8_t policy; /* ACTION_ACCEPT or ACTION_DROP, of a chain with a hook */
	bool policy_is_known;
	bool translates; /* addresses: what it accepts is not let in by that */
	bool is_referred_to;
	struct place place;
	uint32_t *rules; /* in their order */
	size_t rule_count;
	size_t allocated;
};

/* The most sources that the rules of one text may name, sets left out: ranges become many. */
#define RULESET_SOURCES_MAX 2000000

struct ruleset {
	struct rule *rules;
	size_t rule_count;
	size_t rules_allocated;
	size_t source_count; /* of all rules */
	struct chain *chains;
	size_t chain_count;
	size_t chains_allocated;
	struct source_set *sets;
	size_t set_count;
	size_t sets_allocated;
	json_t *index; /* names of chains and sets to their places in the arrays */
};

/* Adds the chain if there is none of this name in the table. Returns its index or -ENOMEM. */
int64_t ruleset_chain(struct ruleset *rules, const char *table, const char *name,
		      struct error *error);
/* NULL when there is none. */
struct chain *ruleset_find_chain(const struct ruleset *rules, const char *table, const char *name);

/* As with chains. A set's key is its name, with the table's before it where sets belong to one. */
int64_t ruleset_set(struct ruleset *rules, const char *key, struct error *error);
struct source_set *ruleset_find_set(const struct ruleset *rules, const char *key);

/*
 * Takes the rule, which is empty afterwards, into its chain: at the end for position 0, otherwise
 * before the rule that is now at that position, counted from 1. -EINVAL: more than
 * RULESET_SOURCES_MAX sources.
 */
int ruleset_add(struct ruleset *rules, struct rule *rule, size_t position, struct error *error);

/* To be called when all is read: which chains are jumped to, and jumps that lead nowhere. */
void ruleset_link(struct ruleset *rules);

void ruleset_clear(struct ruleset *rules);

/* A rule that matches everything and does nothing. */
struct rule rule_any(uint8_t families);
void rule_clear(struct rule *rule);
int rule_copy(const struct rule *rule, struct rule *copy, struct error *error);

/* The words are kept of the first condition only. -ENOMEM. */
int rule_add_condition(struct rule *rule, enum rule_condition condition, const char *words,
		       struct error *error);
int rule_add_ports(struct rule *rule, uint16_t first, uint16_t last, struct error *error);

/* Takes the source's comment. */
int source_list_add(struct source_list *list, const struct source *source, struct error *error);
/* The least prefixes for all addresses from `first` to `last`, hosts of one family, with `like`. */
int source_list_add_range(struct source_list *list, const struct prefix *first,
			  const struct prefix *last, const struct source *like,
			  struct error *error);
void source_list_clear(struct source_list *list);

/* Makes room for one more element; `array` points to the pointer. -ENOMEM. */
int array_reserve(void *array, size_t size, size_t count, size_t *allocated, struct error *error);
/* A copy of a string, or NULL of NULL. -ENOMEM. */
int string_copy(const char *text, char **copy, struct error *error);

#endif
