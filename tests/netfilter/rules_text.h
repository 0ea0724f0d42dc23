/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule set as lines that can be deleted one by one, before a tool has read it: how it is made,
 * changed, and made smaller.
 */
#ifndef SIPGUARD_TESTS_NETFILTER_RULES_TEXT_H
#define SIPGUARD_TESTS_NETFILTER_RULES_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "policy/prefix.h"

/* What loads the rules, and what writes them down for import and lint. */
enum tool {
	TOOL_IPTABLES,	      /* iptables-nft */
	TOOL_LEGACY,	      /* iptables-legacy */
	TOOL_IPTABLES_AS_NFT, /* loaded by iptables-nft, written down by nft -j */
	TOOL_NFT,
	TOOL_COUNT,
};

enum line_kind {
	LINE_SET, /* a set or one of its elements */
	LINE_CHAIN,
	LINE_RULE,
};

/*
 * How a model of rules can know what a rule asks for. CERTAIN: a source, a protocol, a port, and
 * what is always or never true. KNOWABLE: a model can follow it, or not. Of a SITUATION (device,
 * own address, source port) it can too, but then it has to say so. UNKNOWN is what no list of
 * sources can say: such a rule only may match.
 */
enum certainty { CERTAIN, KNOWABLE, SITUATION, UNKNOWN };

enum part { PART_SERVICE, PART_SOURCE, PART_CONDITION, PART_ACTION, PART_COUNT };

#define LINE_PART_SIZE 360

struct line {
	enum line_kind kind;
	char table[16];
	char chain[24]; /* of a set: its name */
	/* Of a rule the parts in their order. Of a chain and a set only the first: all there is. */
	char parts[PART_COUNT][LINE_PART_SIZE];
	uint8_t certainty[PART_COUNT];
	uint16_t fragments[6]; /* of the grammar, that it is made of */
	uint8_t fragment_count;
};

#define LINES_MAX 48

struct rules_text {
	enum tool tool;
	uint8_t family; /* of iptables; nft's tables are of both */
	struct line lines[LINES_MAX];
	size_t count;
};

/* NULL when there is no room. The line is zeroed. */
struct line *rules_text_add(struct rules_text *rules);
void rules_text_remove(struct rules_text *rules, size_t at);

/* What iptables-restore or nft -f reads, and what ipset restore reads. */
void rules_text_write(const struct rules_text *rules, FILE *stream);
void rules_text_write_sets(const struct rules_text *rules, FILE *stream);
bool rules_text_has_sets(const struct rules_text *rules);

/* That of its least certain part. */
enum certainty line_certainty(const struct line *line);

/* All addresses from the first to the last, hosts of one family. */
struct span {
	struct prefix first;
	struct prefix last;
	uint8_t length; /* of the prefix; that of a host for a range, too */
};

/* Calls `found` for each address, prefix and range in the text but those of this host. */
void for_each_span(const char *text, void (*found)(void *context, const struct span *span),
		   void *context);
bool span_contains(const struct span *span, const struct prefix *host);

/* Whether the line can be about this source: it names it, or none, or what is not followed here. */
bool line_concerns(const struct rules_text *rules, const struct line *line,
		   const struct prefix *source);

const char *tool_name(enum tool tool);
static inline bool tool_is_iptables(enum tool tool)
{
	return tool != TOOL_NFT;
}

#endif
