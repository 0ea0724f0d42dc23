/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The real tools: rules into the kernel, and the dump that an operator would give us. */
#ifndef SIPGUARD_TESTS_NETFILTER_TOOLS_H
#define SIPGUARD_TESTS_NETFILTER_TOOLS_H

#include "netfilter/rules_text.h"

struct dump {
	char *text;
	size_t size;
};

void dump_clear(struct dump *dump);

/* Replaces whatever is in force. False when the tool refuses; its words are in tools_error(). */
bool tools_load(const struct rules_text *rules);
const char *tools_error(void);

/* What the tools write down: sets first. The format is "iptables-save" or "nft". */
void tools_dump(const struct rules_text *rules, struct dump *dump);

static inline const char *tools_format(enum tool tool)
{
	return tool == TOOL_NFT || tool == TOOL_IPTABLES_AS_NFT ? "nft" : "iptables-save";
}

#endif
