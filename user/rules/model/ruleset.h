/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a packet filter, whatever tool wrote them down: chains of rules, and sets of sources
 * that rules refer to. Pure.
 *
 * Unknown is a value. A rule says by its fields which packets it is about, as far as that was
 * understood, and rule_add_unknown() records each thing that it asks beyond that. A rule with an
 * unknown part *may* match the packets that its known parts describe: it makes nobody trusted, and
 * what stands behind it stays reachable. So a parser that meets something outside its explicit list
 * adds it as unknown, and never leaves it out.
 *
 * The packets in question are those that open a conversation with this host over SIP: sent by
 * somebody else (never by the loopback device), to an address of this host, not part of a
 * connection, and the first segment of TCP.
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
	char *device;	  /* that packets come in by; NULL: any */
	char *comment;	  /* NULL: none */
};

struct source_list {
	struct source *sources;
	size_t count;
	size_t allocated;
};

enum set_kind {
	SET_UNKNOWN, /* of a type that is not understood, or not in the text */
	SET_SOURCES,
	SET_SOURCES_AND_PORTS, /* the second part of an element is a destination port */
	SET_SOURCES_AND_DEVICES,
	SET_OF_SETS, /* what is in one of its members is in it */
};

struct source_set {
	char *name;
	uint8_t kind; /* enum set_kind */
	bool changes; /* rules add to it or delete from it: who is not listed may be in it */
	uint8_t mask; /* netmask of elements; 0: none */
	struct source_list list;
	char **members; /* keys of the sets in a SET_OF_SETS */
	size_t member_count;
	char *unknown; /* words for what of it was not understood; NULL: nothing */
	struct place place;
};

/* What a rule asks of the source. Of several all must hold. */
struct source_match {
	bool negated;
	struct source_list list; /* any of these, if there is no set */
	char *set;		 /* key of the set; NULL: none */
	uint8_t dimensions;	 /* of the set that the rule compares */
	bool asks_device;	 /* the second dimension is the device; otherwise the port */
};

/* What an unknown part of a rule is about. */
enum rule_condition {
	CONDITION_DEVICE = 1 << 0,	/* -o, physdev: one that is not understood */
	CONDITION_STATE = 1 << 1,	/* of the connection, beyond `states` */
	CONDITION_RATE = 1 << 2,	/* it matches somebody who is slow, or who is fast */
	CONDITION_DESTINATION = 1 << 3, /* beyond `destinations` */
	CONDITION_SOURCE_PORT = 1 << 4,
	CONDITION_UNKNOWN_SET = 1 << 5, /* of sources */
	CONDITION_HOST_NAME = 1 << 6,	/* or a variable: sources that the text does not tell */
	CONDITION_MARK = 1 << 7,
	CONDITION_OTHER = 1 << 8,
	CONDITION_OPEN_SET =
		1 << 9, /* all but an unknown set, or one that packets enter themselves */
};

/* Conditions that leave out strangers, though the text does not tell who is meant. */
#define CONDITIONS_UNTOLD (CONDITION_UNKNOWN_SET | CONDITION_HOST_NAME)

/* States of a connection. Before connections are tracked every packet is INVALID. */
enum {
	STATE_NEW = 1 << 0,
	STATE_UNTRACKED = 1 << 1,
	STATE_INVALID = 1 << 2,
	STATE_OTHERS = 1 << 3,
	STATES_ANY = 15,
};

enum rule_action {
	ACTION_NONE, /* the next rule is asked */
	ACTION_ACCEPT,
	ACTION_DROP, /* or reject */
	ACTION_JUMP,
	ACTION_GOTO, /* as a jump; what comes back goes on where this chain was called */
	ACTION_RETURN,
	ACTION_OTHER, /* only the target knows: it may accept, drop or go on */
};

/* The mark of a packet, which begins as 0. */
struct mark_match {
	uint32_t value;
	uint32_t mask; /* 0: the rule does not ask */
	bool negated;
};

enum mark_change {
	MARK_KEPT,
	MARK_SET, /* to (mark & ~mask) ^ value */
	MARK_LOST /* to something unknown */
};

/* Where a rule sends packets, before it does its action. */
enum translation_kind {
	TRANSLATION_NONE,
	TRANSLATION_HERE, /* to a port of this host: redirect, tproxy, a port that is set */
	TRANSLATION_AWAY, /* to another address, which can be one of this host */
	TRANSLATION_UNKNOWN,
};

/* A rule that translates with a map has several. */
struct translation {
	uint8_t kind;
	struct port_range from; /* 0-0: those of the rule */
	struct port_range to;	/* 0-0: the port stays */
	struct prefix address;	/* of TRANSLATION_AWAY; family 0: not told */
};

struct rule {
	struct place place;
	uint32_t chain; /* index */
	uint8_t families;
	uint8_t action;
	uint8_t states;

	/* Which packets, as far as it is known. */
	struct service service;
	struct service original; /* the port before translation (ctorigdstport) */
	struct source_match *matches;
	size_t match_count;
	/*
	 * Names of devices that packets come in by, with blanks between; a + at the end of one
	 * stands for any end. NULL: any device.
	 */
	char *devices;
	bool devices_negated;
	struct source_list destinations; /* none: any address of this host */
	bool destinations_negated;
	struct mark_match mark;

	/* What else it asks: bits of enum rule_condition, and the words of all, for people. */
	uint16_t conditions;
	char *unknown;

	uint8_t mark_change;
	uint32_t mark_value;
	uint32_t mark_mask;
	struct translation *translations;
	size_t translation_count;
	char *target; /* name of the chain that a jump or goto leads to, or of an unknown target */
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
	int32_t priority; /* of a chain with a hook: the lower one is asked first */
	uint8_t policy;	  /* ACTION_ACCEPT or ACTION_DROP, of a chain with a hook */
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

/* Something in the text that is no rule, may change rules, and was not understood. */
struct unread {
	struct place place;
	char *words;
};

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
	struct unread *unread;
	size_t unread_count;
	size_t unread_allocated;
	bool untracks; /* a rule turns connection tracking off, so that STATE_NEW is not sure */
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

/* Names something that was not understood and is no rule: a task, a command, a statement. */
int ruleset_add_unread(struct ruleset *rules, const struct place *place, const char *words,
		       struct error *error);

/* To be called when all is read: which chains are jumped to, and jumps that lead nowhere. */
void ruleset_link(struct ruleset *rules);

void ruleset_clear(struct ruleset *rules);

/* A rule that matches everything and does nothing. */
struct rule rule_any(uint8_t families);
void rule_clear(struct rule *rule);
int rule_copy(const struct rule *rule, struct rule *copy, struct error *error);
/* A rule that no packet matches. */
void rule_match_nothing(struct rule *rule);

/*
 * The one place where a rule is told to ask something that was not understood. The words are what
 * its author wrote, "-m geoip --source-country DE". -ENOMEM.
 */
int rule_add_unknown(struct rule *rule, enum rule_condition condition, const char *words,
		     struct error *error);
int rule_add_ports(struct rule *rule, uint16_t first, uint16_t last, struct error *error);
/* A new match of sources, which the caller fills in; NULL with -ENOMEM in the error. */
struct source_match *rule_add_match(struct rule *rule, bool negated, struct error *error);
int rule_add_set(struct rule *rule, bool negated, const char *key, uint8_t dimensions,
		 bool asks_device, struct error *error);
/* `names` as in struct rule. A second question about the device becomes unknown. */
int rule_add_devices(struct rule *rule, bool negated, const char *names, struct error *error);
int rule_add_translation(struct rule *rule, const struct translation *translation,
			 struct error *error);

/* Takes what the source points to. */
int source_list_add(struct source_list *list, const struct source *source, struct error *error);
/* Adds a copy, with copies of what it points to. */
int source_list_add_copy(struct source_list *list, const struct source *like, struct error *error);
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
