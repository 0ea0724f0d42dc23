/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that read nft's JSON share. */
#ifndef SIPGUARD_USER_RULES_FORMATS_NFT_INTERNAL_H
#define SIPGUARD_USER_RULES_FORMATS_NFT_INTERNAL_H

#include "rules/formats/nft.h"

#define NFT_NAME_SIZE 600

/*
 * By how much a text may grow: values that rules take out of named sets of ports and of maps, and
 * prefixes that ranges become beyond one each, all together.
 */
#define NFT_EXPANSIONS_MAX 1000000

struct nft {
	const char *name;
	struct ruleset *rules;
	json_t *named; /* sets and maps, by "FAMILY TABLE/NAME" */
	size_t expansions;
	struct error *error;
};

/* What a part of a packet is to the model. */
enum nft_field {
	NFT_SOURCE,
	NFT_PORT,
	NFT_PROTOCOL,
	NFT_FAMILY,
	NFT_STATE,
	NFT_DEVICE,    /* that packets come in by */
	NFT_CONDITION, /* something else, whose kind is in `condition` */
};

#define NFT_FIELDS_MAX 4

/* The left side of a match, or the key of a map. */
struct nft_key {
	enum nft_field fields[NFT_FIELDS_MAX];
	size_t count;
	uint8_t protocols; /* to which the fields restrict */
	uint8_t families;
	enum rule_condition condition;
	char words[64]; /* of it, for people */
};

void nft_read_key(const json_t *left, struct nft_key *key);

/* The value is one of "=="; `table` is that of the rule, for names of sets. */
int nft_apply_match(struct nft *nft, const char *table, struct rule *rule,
		    const struct nft_key *key, const json_t *right, bool negated);

/* Adds elements of a set whose parts are these fields. */
int nft_add_sources(struct nft *nft, const enum nft_field *fields, size_t count,
		    const json_t *values, struct source_list *list);

/* The elements of "@name", or NULL. */
const json_t *nft_named_elements(const struct nft *nft, const char *table, const char *reference);

/* A rule's "expr", which can become several rules of the model. */
int nft_add_rule(struct nft *nft, const char *table, const struct rule *rule,
		 const json_t *expressions);

#endif
