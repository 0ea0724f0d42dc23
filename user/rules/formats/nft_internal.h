/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that read nft's JSON share: nft.c reads objects, nft_set.c sets and their
 * elements, nft_rule.c statements, nft_key.c what a statement looks at, nft_match.c what it asks of
 * that, nft_value.c single values, nft_change.c and nft_translation.c what it
 * changes and where it sends packets.
 *
 * Each has an explicit list of what is understood; everything else becomes unknown.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_NFT_INTERNAL_H
#define SIPGUARD_USER_RULES_FORMATS_NFT_INTERNAL_H

#include "rules/formats/nft.h"

#define NFT_NAME_SIZE 600

/*
 * By how much a text may grow: values that rules take out of named sets and of maps, rules that
 * concatenations become, and prefixes that ranges become beyond one each, all together.
 */
#define NFT_EXPANSIONS_MAX 1000000

struct nft {
	const char *name;
	struct ruleset *rules;
	json_t *named;	 /* sets and maps, by "FAMILY TABLE/NAME" */
	json_t *dormant; /* keys: tables that are switched off */
	size_t expansions;
	struct error *error;
};

/* The string at the key of an object, "" when there is none. */
static inline const char *nft_string(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string ? string : "";
}

/* -EINVAL when the text grows by more than NFT_EXPANSIONS_MAX. */
int nft_expand(struct nft *nft, size_t count);

/* What a part of a packet is to the model. */
enum nft_field {
	NFT_SOURCE,
	NFT_DESTINATION,
	NFT_ADDRESS, /* of a set's element, which does not say whose */
	NFT_PORT,
	NFT_ORIGINAL_PORT, /* before translation */
	NFT_PROTOCOL,
	NFT_FAMILY,
	NFT_STATE,
	NFT_DEVICE,
	NFT_MARK,
	NFT_ADDRESS_TYPE, /* of the destination */
	NFT_UNKNOWN,
};

#define NFT_FIELDS_MAX 5

/* The left side of a match, or the key of a map. */
struct nft_key {
	enum nft_field fields[NFT_FIELDS_MAX]; /* one NFT_UNKNOWN makes the whole unknown */
	size_t count;
	uint8_t protocols; /* to which the fields restrict */
	uint8_t families;
	uint32_t mask;		       /* of the mark */
	enum rule_condition condition; /* what the unknown one is about */
	char words[96];		       /* of it, for people */
};

void nft_read_key(const json_t *left, struct nft_key *key);
bool nft_key_has(const struct nft_key *key, enum nft_field field);

/* A rule in the making, and the table for names of sets. */
struct nft_rule {
	struct nft *nft;
	const char *table;
	struct rule rule;
};

/* What a question for sources that cannot be followed leaves open: also who they are, or that they
 * are strangers. */
enum rule_condition nft_set_condition(const struct nft_rule *made, const struct nft_key *key,
				      const json_t *right, bool negated);

/* Narrows the rule to packets of the key's families and protocols, or makes it unknown. */
int nft_apply_key(struct nft_rule *made, const struct nft_key *key);

/* Whether the values have to become a rule each: of several fields at once. */
bool nft_needs_rules(const struct nft_key *key, const json_t *right, bool negated);

/* Whether "@name" can hold more than the text shows: rules add to it, or it was not understood. */
bool nft_changes(const struct nft_rule *made, const json_t *right);

/* Asks for any of the values; for several fields, of which one is the source, or for one field. */
int nft_apply_values(struct nft_rule *made, const struct nft_key *key, const json_t *right,
		     bool negated);
/* Asks for this element of the key's fields. */
int nft_apply_element(struct nft_rule *made, const struct nft_key *key, const json_t *element);

/* The values of a right side, or of the set that it names, as a new reference; NULL: not there. */
json_t *nft_values(const struct nft_rule *made, const json_t *right);

/* The set or map "@name", or NULL. */
const json_t *nft_named(const struct nft_rule *made, const char *reference);

/* What is inside of {"elem": {"val": ...}}, or the value itself. */
const json_t *nft_bare(const json_t *value);
/* Whether an element holds nothing but value, times, comment and counter. */
bool nft_element_is_plain(const json_t *element);

bool nft_ports(const json_t *value, struct port_range *ports);
/* Bits, 0 when it is no protocol. */
uint8_t nft_protocols(const json_t *value);
/* Appends a device's name in the model's words; false when it is none. */
bool nft_device(const json_t *value, char *names, size_t size);
/* "ADDRESS", "ADDRESS/LENGTH" or "FIRST-LAST", as address_add() reads them. */
bool nft_address(const json_t *value, char *text, size_t size);

/*
 * Adds an element of these fields. 1: it is not understood, and nothing is added.
 */
int nft_add_source(struct nft *nft, const enum nft_field *fields, size_t count,
		   const json_t *element, struct source_list *list);

int nft_read_set(struct nft *nft, const json_t *object);

/* False when the statement translates nothing. */
bool nft_read_translation(struct nft_rule *made, const char *name, const json_t *value,
			  int *result);

/* add, update and delete of a set's elements, and what is written into a packet. */
int nft_read_set_change(struct nft_rule *made, const json_t *value);
int nft_read_packet_change(struct nft_rule *made, const json_t *value);

/* Reads a rule's "expr", which can become several rules of the model. Takes the rule. */
int nft_read_rule(struct nft *nft, const char *table, struct rule *rule, const json_t *expressions);

/* Notes the sets to which a rule adds, before any rule asks them. */
void nft_note_changes(struct nft *nft, const char *table, const json_t *rule);

#endif
