// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/draw.h"

#include <string.h>

#include "netfilter/expand.h"

static unsigned int below(struct drawing *drawing, unsigned int count)
{
	return random_below(&drawing->pool.random, count);
}

static bool one_in(struct drawing *drawing, unsigned int count)
{
	return below(drawing, count) == 0;
}

static void add_chain(struct drawing *drawing, const struct chain_place *place, const char *spec)
{
	struct line *line = rules_text_add(drawing->rules);

	line->kind = LINE_CHAIN;
	strcpy(line->table, place->table);
	strcpy(line->chain, place->chain);
	snprintf(line->parts[0], sizeof(line->parts[0]), "%s", spec);
	drawing->chains[drawing->chain_count++] = *place;
}

static const char *draw_policy(struct drawing *drawing, unsigned int accepts_of_ten)
{
	bool accepts = below(drawing, 10) < accepts_of_ten;

	if (tool_is_iptables(drawing->rules->tool))
		return accepts ? "ACCEPT" : "DROP";
	return accepts ? "accept" : "drop";
}

static void add_iptables_chains(struct drawing *drawing)
{
	static const char *const user[] = {"C1", "C2", "C3"};

	add_chain(drawing, &(struct chain_place){"filter", "INPUT"}, draw_policy(drawing, 4));
	for (unsigned int i = 0; i < drawing->user_chains; i++)
		add_chain(drawing, &(struct chain_place){"filter", user[i]}, "-");
	if (one_in(drawing, 6))
		add_chain(drawing, &(struct chain_place){"raw", "PREROUTING", NEEDS_PREROUTING},
			  draw_policy(drawing, 9));
	if (one_in(drawing, 6))
		add_chain(drawing, &(struct chain_place){"mangle", "PREROUTING", NEEDS_PREROUTING},
			  draw_policy(drawing, 9));
	if (one_in(drawing, 10))
		add_chain(drawing, &(struct chain_place){"mangle", "INPUT"},
			  draw_policy(drawing, 9));
	if (one_in(drawing, 8))
		add_chain(drawing, &(struct chain_place){"nat", "PREROUTING", NEEDS_NAT}, "ACCEPT");
}

static void add_hooked_chain(struct drawing *drawing, const struct chain_place *place,
			     const char *hook, unsigned int accepts_of_ten)
{
	char spec[128];

	snprintf(spec, sizeof(spec), "{ type %s; policy %s; }", hook,
		 draw_policy(drawing, accepts_of_ten));
	add_chain(drawing, place, spec);
}

static void add_nft_chains(struct drawing *drawing)
{
	static const char *const user[] = {"C1", "C2", "C3"};

	add_hooked_chain(drawing, &(struct chain_place){"inet t", "input"},
			 "filter hook input priority 0", 4);
	for (unsigned int i = 0; i < drawing->user_chains; i++)
		add_chain(drawing, &(struct chain_place){"inet t", user[i]}, "");
	if (one_in(drawing, 6))
		add_hooked_chain(drawing, &(struct chain_place){"inet t", "late"},
				 "filter hook input priority 10", 7);
	if (one_in(drawing, 6))
		add_hooked_chain(drawing, &(struct chain_place){"inet t", "pre", NEEDS_PREROUTING},
				 "filter hook prerouting priority -300", 9);
	if (one_in(drawing, 8))
		add_hooked_chain(drawing, &(struct chain_place){"inet t", "nat", NEEDS_NAT},
				 "nat hook prerouting priority -100", 10);
	if (one_in(drawing, 10))
		add_hooked_chain(drawing,
				 &(struct chain_place){"netdev n", "ingress", .is_plain = true},
				 "filter hook ingress device eth0 priority 0", 10);
}

/* The number of the first chain that jumps from here may lead to; 0: none. */
static unsigned int first_target(const struct drawing *drawing, const struct chain_place *place)
{
	unsigned int first = place->chain[0] == 'C' ? (unsigned int)(place->chain[1] - '0') + 1 : 1;

	if (place->is_plain || first > drawing->user_chains ||
	    (strcmp(place->table, "filter") != 0 && strcmp(place->table, "inet t") != 0))
		return 0;
	return first;
}

/* Whether a rule would ask for two protocols at once, which nft refuses. */
static bool contradicts(const char *text, const char *service)
{
	bool asks_udp = strstr(service, "udp dport") || !strcmp(service, "meta l4proto udp");
	bool asks_tcp = strstr(service, "tcp dport") || strstr(service, "!= tcp");

	return (asks_udp && (strstr(text, "tcp dport") || strstr(text, "tcp flags"))) ||
	       (asks_tcp && (strstr(text, "udp dport") || strstr(text, "udp length")));
}

static bool fits(const struct drawing *drawing, const struct fragment *fragment,
		 const struct chain_place *place, const char *match)
{
	uint8_t needs = fragment->needs, protocols = needs & (NEEDS_TCP | NEEDS_UDP);
	uint8_t family = drawing->pool.family;

	if (drawing->is_known && !drawing->is_known[fragment - drawing->grammar->fragments])
		return false;
	if ((needs & NEEDS_IPV4 && family != SG_FAMILY_IPV4) ||
	    (needs & NEEDS_IPV6 && family != SG_FAMILY_IPV6) ||
	    needs & (NEEDS_PREROUTING | NEEDS_NAT) & ~place->is)
		return false;
	if (protocols && !(protocols & NEEDS_TCP && strstr(match, "tcp ")) &&
	    !(protocols & NEEDS_UDP && strstr(match, "udp ")))
		return false;
	if ((strchr(match, '!') && protocols) ||
	    (needs & NEEDS_L4PROTO && strcmp(match, "meta l4proto udp") != 0))
		return false;
	/* iptables has no DROP for tables that translate. */
	if (contradicts(fragment->text, match) ||
	    (place->is & NEEDS_NAT &&
	     (!strcmp(fragment->text, "-j DROP") || !strcmp(fragment->text, "-j REJECT"))))
		return false;
	return (!strstr(fragment->text, "%c") || first_target(drawing, place)) &&
	       !(place->is_plain &&
		 (fragment->set || fragment->certainty || fragment->part == PART_CONDITION));
}

static const struct fragment *draw_fragment(struct drawing *drawing,
					    const struct chain_place *place, enum part part,
					    uint8_t most, const char *match)
{
	unsigned int total = 0, at;

	for (int pass = 0; pass < 2; pass++) {
		at = pass ? below(drawing, total ? total : 1) : 0;
		for (size_t i = 0; i < drawing->grammar->count; i++) {
			const struct fragment *fragment = &drawing->grammar->fragments[i];

			if (fragment->part != part || fragment->certainty > most ||
			    !fits(drawing, fragment, place, match))
				continue;
			if (!pass)
				total += fragment->weight;
			else if (at < fragment->weight)
				return fragment;
			else
				at -= fragment->weight;
		}
	}
	return NULL;
}

static bool has_set(const struct drawing *drawing, const char *name)
{
	for (size_t i = 0; i < drawing->rules->count; i++) {
		if (drawing->rules->lines[i].kind == LINE_SET &&
		    !strcmp(drawing->rules->lines[i].chain, name))
			return true;
	}
	return false;
}

static bool add_set_line(struct drawing *drawing, const char *name, const char *text)
{
	struct line *line = rules_text_add(drawing->rules);

	if (!line)
		return false;
	line->kind = LINE_SET;
	snprintf(line->chain, sizeof(line->chain), "%.23s", name);
	expand(&drawing->pool, text, 0, 0, line->parts[0], sizeof(line->parts[0]));
	return true;
}

/* Makes the set if there is none. False when there is no room. */
static bool need_set(struct drawing *drawing, const char *reference)
{
	const struct set_fragment *set = drawing->grammar->sets;
	unsigned int elements = 1 + below(drawing, 3);
	char name[256];

	while (strcmp(set->name, reference) != 0)
		set++;
	expand(&drawing->pool, reference, 0, 0, name, sizeof(name));
	if (has_set(drawing, name))
		return true;
	if (!strcmp(name, "family") && !need_set(drawing, "nets"))
		return false;
	if (!add_set_line(drawing, name, set->create))
		return false;
	for (unsigned int i = 0; set->element && i < elements; i++) {
		if (!add_set_line(drawing, name, set->element))
			return false;
		if (!strchr(set->element, '%') || !strcmp(name, "family"))
			break;
		/* The same element twice is an error of ipset. */
		if (!strcmp(drawing->rules->lines[drawing->rules->count - 1].parts[0],
			    drawing->rules->lines[drawing->rules->count - 2].parts[0]))
			drawing->rules->count--;
	}
	return true;
}

static bool add_part(struct drawing *drawing, const struct chain_place *place, struct line *line,
		     enum part part, uint8_t most)
{
	const struct fragment *fragment = draw_fragment(drawing, place, part, most,
							line->parts[PART_SERVICE]);

	if (!fragment || (fragment->set && !need_set(drawing, fragment->set)))
		return false;
	expand(&drawing->pool, fragment->text, first_target(drawing, place), drawing->user_chains,
	       line->parts[part], LINE_PART_SIZE);
	line->certainty[part] = (uint8_t)fragment_certainty(fragment, drawing->rules->tool);
	line->fragments[line->fragment_count++] =
		(uint16_t)(fragment - drawing->grammar->fragments);
	return true;
}

/* `most`: how uncertain its condition may be. */
static void add_rule(struct drawing *drawing, const struct chain_place *place, uint8_t most)
{
	struct line line = {.kind = LINE_RULE}, *added;
	bool has_condition = most && !place->is_plain && below(drawing, 10) < 6;

	if (drawing->rules->tool == TOOL_NFT)
		drawing->pool.family = one_in(drawing, 3) ? SG_FAMILY_IPV6 : SG_FAMILY_IPV4;
	strcpy(line.table, place->table);
	strcpy(line.chain, place->chain);
	if (!add_part(drawing, place, &line, PART_SERVICE, CERTAIN) ||
	    !add_part(drawing, place, &line, PART_SOURCE, most) ||
	    (has_condition && !add_part(drawing, place, &line, PART_CONDITION, most)) ||
	    !add_part(drawing, place, &line, PART_ACTION, most))
		return;
	added = rules_text_add(drawing->rules);
	if (added)
		*added = line;
}

static void add_jump(struct drawing *drawing, const char *chain, unsigned int number)
{
	struct line *line = rules_text_add(drawing->rules);
	bool is_iptables = tool_is_iptables(drawing->rules->tool);

	if (!line)
		return;
	line->kind = LINE_RULE;
	strcpy(line->table, drawing->chains[0].table);
	strcpy(line->chain, chain);
	if (one_in(drawing, 2))
		strcpy(line->parts[0],
		       is_iptables ? "-p udp -m udp --dport 5060" : "udp dport 5060");
	snprintf(line->parts[PART_ACTION], LINE_PART_SIZE, "%s C%u", is_iptables ? "-j" : "jump",
		 number);
}

/* What most rule sets are made for: some sources are accepted. */
static void add_trust(struct drawing *drawing, const struct chain_place *place)
{
	static const char *const words[2][4] = {
		{"-p udp -m udp --dport 5060", "-p tcp -m tcp --dport 5060", "-s %p", "-j ACCEPT"},
		{"udp dport 5060", "tcp dport 5060", "%f saddr %p", "accept"},
	};
	const char *const *word = words[!tool_is_iptables(drawing->rules->tool)];
	struct line *line = rules_text_add(drawing->rules);

	if (!line)
		return;
	line->kind = LINE_RULE;
	strcpy(line->table, place->table);
	strcpy(line->chain, place->chain);
	strcpy(line->parts[PART_SERVICE], word[below(drawing, 2)]);
	expand(&drawing->pool, word[2], 0, 0, line->parts[PART_SOURCE], LINE_PART_SIZE);
	strcpy(line->parts[PART_ACTION], word[3]);
}

static void add_closing(struct drawing *drawing)
{
	struct line *line = rules_text_add(drawing->rules);

	if (!line)
		return;
	line->kind = LINE_RULE;
	strcpy(line->table, drawing->chains[0].table);
	strcpy(line->chain, drawing->chains[0].chain);
	strcpy(line->parts[PART_ACTION],
	       tool_is_iptables(drawing->rules->tool) ? "-j DROP" : "drop");
}

static void begin(struct drawing *drawing, uint64_t seed, struct rules_text *rules)
{
	*drawing = (struct drawing){.rules = rules};
	drawing->pool.random.state = seed * 0x2545f4914f6cdd1d + 1;
	drawing->grammar = grammar_of(rules->tool);
	drawing->pool.family = rules->family;
	pool_fill(&drawing->pool);
}

void draw_rules(uint64_t seed, const struct coverage *coverage, struct rules_text *rules)
{
	static const enum tool tools[] = {
		TOOL_IPTABLES, TOOL_IPTABLES, TOOL_LEGACY, TOOL_IPTABLES_AS_NFT,
		TOOL_NFT,      TOOL_NFT,      TOOL_NFT};
	struct random first = {seed};
	struct drawing drawing;
	unsigned int count;

	do {
		*rules = (struct rules_text){.tool = tools[random_below(&first, 7)]};
	} while (!coverage->has_tool[rules->tool]);
	rules->family = random_below(&first, 4) ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
	begin(&drawing, seed, rules);
	drawing.is_known = coverage->is_known[rules->tool];
	drawing.user_chains = below(&drawing, 4);
	if (tool_is_iptables(rules->tool))
		add_iptables_chains(&drawing);
	else
		add_nft_chains(&drawing);
	for (unsigned int i = 0; i < drawing.user_chains; i++) {
		if (!one_in(&drawing, 4))
			add_jump(&drawing, drawing.chains[0].chain, i + 1);
	}
	count = 2 + below(&drawing, 8);
	for (unsigned int i = 0; i < count; i++) {
		size_t at = one_in(&drawing, 2) ? 0
						: below(&drawing, (unsigned)drawing.chain_count);

		if (at <= drawing.user_chains && one_in(&drawing, 4))
			add_trust(&drawing, &drawing.chains[at]);
		add_rule(&drawing, &drawing.chains[at],
			 one_in(&drawing, 3)   ? UNKNOWN
			 : one_in(&drawing, 2) ? SITUATION
					       : CERTAIN);
	}
	if (one_in(&drawing, 2))
		add_closing(&drawing);
}

/* The chain in which a fragment is at home, with the service that it needs. */
static struct chain_place home_of(const struct fragment *fragment, bool is_nft)
{
	if (fragment->needs & NEEDS_NAT)
		return is_nft ? (struct chain_place){"inet t", "nat", NEEDS_NAT}
			      : (struct chain_place){"nat", "PREROUTING", NEEDS_NAT};
	if (fragment->needs & NEEDS_PREROUTING)
		return (struct chain_place){"mangle", "PREROUTING", NEEDS_PREROUTING};
	return is_nft ? (struct chain_place){"inet t", "input"}
		      : (struct chain_place){"filter", "INPUT"};
}

static const char *service_for(const struct fragment *fragment, bool is_nft)
{
	if (fragment->needs & NEEDS_L4PROTO)
		return "meta l4proto udp";
	if (fragment->needs & NEEDS_UDP)
		return is_nft ? "udp dport 5060" : "-p udp -m udp --dport 5060";
	if (fragment->needs & NEEDS_TCP)
		return is_nft ? "tcp dport 5060" : "-p tcp -m tcp --dport 5060";
	return "";
}

void samples_begin(enum tool tool, uint8_t family, struct drawing *drawing,
		   struct rules_text *rules)
{
	bool is_nft = tool == TOOL_NFT;

	*rules = (struct rules_text){.tool = tool, .family = family};
	begin(drawing, 1, rules);
	drawing->pool.family = family;
	drawing->user_chains = 1;
	if (is_nft)
		add_chain(drawing, &(struct chain_place){"inet t", "nat"},
			  "{ type nat hook prerouting priority -100; }");
	add_chain(drawing,
		  &(struct chain_place){is_nft ? "inet t" : "filter", is_nft ? "input" : "INPUT"},
		  is_nft ? "{ type filter hook input priority 0; }" : "ACCEPT");
	add_chain(drawing, &(struct chain_place){is_nft ? "inet t" : "filter", "C1"},
		  is_nft ? "" : "-");
}

bool samples_add(struct drawing *drawing, size_t number)
{
	const struct fragment *fragment = &drawing->grammar->fragments[number];
	bool is_nft = drawing->rules->tool == TOOL_NFT;
	struct chain_place place = home_of(fragment, is_nft);
	struct line line = {.kind = LINE_RULE}, *added;

	strcpy(line.parts[PART_SERVICE], service_for(fragment, is_nft));
	if (!fits(drawing, fragment, &place, line.parts[PART_SERVICE]) ||
	    (fragment->set && !need_set(drawing, fragment->set)))
		return false;
	strcpy(line.table, place.table);
	strcpy(line.chain, place.chain);
	expand(&drawing->pool, fragment->text, 1, 1, line.parts[fragment->part], LINE_PART_SIZE);
	/* nft has no empty rules. */
	if (is_nft && !fragment->text[0])
		strcpy(line.parts[PART_ACTION], "accept");
	added = rules_text_add(drawing->rules);
	if (added)
		*added = line;
	return added;
}
