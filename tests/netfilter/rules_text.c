// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/rules_text.h"

#include <string.h>

#include "netfilter/world.h"

static const char *const tables[] = {"raw", "mangle", "nat", "filter"};

/* Chains that a table has without being told: restoring them also empties the table. */
static const char *const built_in[] = {"PREROUTING", "PREROUTING INPUT", "PREROUTING", "INPUT"};

const char *tool_name(enum tool tool)
{
	static const char *const names[TOOL_COUNT] = {
		[TOOL_IPTABLES] = "iptables-nft",
		[TOOL_LEGACY] = "iptables-legacy",
		[TOOL_IPTABLES_AS_NFT] = "iptables-nft, read by nft",
		[TOOL_NFT] = "nft",
	};

	return names[tool];
}

struct line *rules_text_add(struct rules_text *rules)
{
	if (rules->count == LINES_MAX)
		return NULL;
	rules->lines[rules->count] = (struct line){};
	return &rules->lines[rules->count++];
}

void rules_text_remove(struct rules_text *rules, size_t at)
{
	rules->count--;
	memmove(&rules->lines[at], &rules->lines[at + 1],
		(rules->count - at) * sizeof(rules->lines[0]));
}

static void write_rule(const struct line *line, FILE *stream)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (line->parts[part][0])
			fprintf(stream, " %s", line->parts[part]);
	}
	fputc('\n', stream);
}

static void write_chains(const struct rules_text *rules, size_t table, FILE *stream)
{
	char names[32], *left = names, *name;

	strcpy(names, built_in[table]);
	while ((name = strsep(&left, " "))) {
		const char *policy = "ACCEPT";

		for (size_t i = 0; i < rules->count; i++) {
			const struct line *line = &rules->lines[i];

			if (line->kind == LINE_CHAIN && !strcmp(line->table, tables[table]) &&
			    !strcmp(line->chain, name))
				policy = line->parts[0];
		}
		fprintf(stream, ":%s %s [0:0]\n", name, policy);
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == LINE_CHAIN && !strcmp(line->table, tables[table]) &&
		    !strcmp(line->parts[0], "-"))
			fprintf(stream, ":%s - [0:0]\n", line->chain);
	}
}

static void write_iptables(const struct rules_text *rules, FILE *stream)
{
	for (size_t table = 0; table < sizeof(tables) / sizeof(tables[0]); table++) {
		fprintf(stream, "*%s\n", tables[table]);
		write_chains(rules, table, stream);
		for (size_t i = 0; i < rules->count; i++) {
			const struct line *line = &rules->lines[i];

			if (line->kind != LINE_RULE || strcmp(line->table, tables[table]) != 0)
				continue;
			fprintf(stream, "-A %s", line->chain);
			write_rule(line, stream);
		}
		fputs("COMMIT\n", stream);
	}
}

/* Of commands, so that each line stands alone: chains first, for jumps may lead forward. */
static void write_nft(const struct rules_text *rules, FILE *stream)
{
	fputs("flush ruleset\nadd table inet t\nadd table netdev n\n", stream);
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == LINE_CHAIN)
			fprintf(stream, "add chain %s %s %s\n", line->table, line->chain,
				line->parts[0]);
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == LINE_SET)
			fprintf(stream, "%s\n", line->parts[0]);
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind != LINE_RULE)
			continue;
		fprintf(stream, "add rule %s %s", line->table, line->chain);
		write_rule(line, stream);
	}
}

void rules_text_write(const struct rules_text *rules, FILE *stream)
{
	if (tool_is_iptables(rules->tool))
		write_iptables(rules, stream);
	else
		write_nft(rules, stream);
}

void rules_text_write_sets(const struct rules_text *rules, FILE *stream)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->lines[i].kind == LINE_SET)
			fprintf(stream, "%s\n", rules->lines[i].parts[0]);
	}
}

bool rules_text_has_sets(const struct rules_text *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (rules->lines[i].kind == LINE_SET)
			return tool_is_iptables(rules->tool);
	}
	return false;
}

/* The last address of a prefix, as a host. */
static struct prefix last_of(const struct prefix *prefix)
{
	struct prefix last = *prefix;

	last.length = prefix_host_length(prefix->family);
	for (unsigned int bit = prefix->length; bit < last.length; bit++)
		last.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	return last;
}

static bool span_of_prefix(const char *text, struct span *span)
{
	struct error error;
	struct prefix prefix;

	if (prefix_parse(text, &prefix, &error))
		return false;
	span->length = prefix.length;
	span->last = last_of(&prefix);
	span->first = prefix;
	span->first.length = prefix_host_length(prefix.family);
	return true;
}

static bool span_of_range(char *text, struct span *span)
{
	char *dash = strchr(text, '-');
	struct error error;

	if (!dash)
		return false;
	*dash = '\0';
	span->length = 32;
	return !address_parse(text, &span->first, &error) &&
	       !address_parse(dash + 1, &span->last, &error) &&
	       span->first.family == span->last.family;
}

void for_each_span(const char *text, void (*found)(void *context, const struct span *span),
		   void *context)
{
	static const char characters[] = "0123456789abcdefABCDEF.:/-";
	char word[128];

	while (*text) {
		size_t length = strspn(text, characters);
		struct span span;

		if (length >= 2 && length < sizeof(word)) {
			memcpy(word, text, length);
			word[length] = '\0';
			if ((span_of_prefix(word, &span) || span_of_range(word, &span)) &&
			    !world_has_address(&span.first))
				found(context, &span);
		}
		text += length ? length : 1;
	}
}

bool span_contains(const struct span *span, const struct prefix *host)
{
	return span->first.family == host->family &&
	       memcmp(span->first.address, host->address, 16) <= 0 &&
	       memcmp(span->last.address, host->address, 16) >= 0;
}

struct search {
	const struct prefix *source;
	bool names_any;
	bool found;
};

static void compare_span(void *context, const struct span *span)
{
	struct search *search = context;

	search->names_any = true;
	search->found = search->found || span_contains(span, search->source);
}

/* What is not to be followed word by word: what is left out, and sets of sets or of networks. */
static bool is_loose(const char *text)
{
	return strchr(text, '!') || strstr(text, "family") || strstr(text, "masked") ||
	       strstr(text, "saddr &") || strstr(text, "@nh");
}

static void search_sets(const struct rules_text *rules, const char *text, struct search *search)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == LINE_SET && strstr(text, line->chain))
			for_each_span(line->parts[0], compare_span, search);
	}
}

bool line_concerns(const struct rules_text *rules, const struct line *line,
		   const struct prefix *source)
{
	struct search search = {.source = source};

	for (enum part part = 0; part < PART_COUNT; part++) {
		if (is_loose(line->parts[part]))
			return true;
		for_each_span(line->parts[part], compare_span, &search);
		if (line->kind == LINE_RULE)
			search_sets(rules, line->parts[part], &search);
	}
	return search.found || !search.names_any;
}

enum certainty line_certainty(const struct line *line)
{
	enum certainty most = CERTAIN;

	for (enum part part = 0; part < PART_COUNT; part++)
		most = line->certainty[part] > most ? line->certainty[part] : most;
	return most;
}
