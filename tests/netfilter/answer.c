// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/answer.h"

#include <err.h>
#include <string.h>

#define NOW 1800000000

static void set_ports(struct sg_ports *ports)
{
	*ports = (struct sg_ports){};
	for (enum probe service = 0; service < SERVICE_COUNT; service++) {
		struct port port;
		struct error error;

		if (port_parse(probe_name(service), &port, &error))
			errx(3, "%s", error.message);
		ports_add(ports, &port);
	}
}

/* The rule with this number, counted from 0, of the chain. */
static size_t find_rule(const struct rules_text *rules, const char *table, const char *chain,
			size_t number)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == LINE_RULE && !strcmp(line->table, table) &&
		    !strcmp(line->chain, chain) && !number--)
			return i;
	}
	return NO_LINE;
}

static size_t find_line(const struct rules_text *rules, enum line_kind kind, const char *table,
			const char *chain)
{
	for (size_t i = 0; i < rules->count; i++) {
		const struct line *line = &rules->lines[i];

		if (line->kind == kind && (!table || !strcmp(line->table, table)) &&
		    !strcmp(line->chain, chain))
			return i;
	}
	return NO_LINE;
}

/* In a dump of iptables the rules of a chain stand in their order. */
static size_t line_of_iptables(const struct rules_text *rules, const char *dump, size_t number)
{
	char table[32] = "", words[128][32] = {}, word[32], name[32];
	size_t counts[128] = {}, known = 0;

	for (size_t at = 1; *dump; at++) {
		size_t length = strcspn(dump, "\n"), i = 0;

		if (*dump == '*') {
			sscanf(dump, "*%31s", table);
			known = 0;
		}
		if (sscanf(dump, ":%31s", name) == 1 && at == number)
			return find_line(rules, LINE_CHAIN, table, name);
		if (sscanf(dump, "%*[cread] %31s", name) == 1 && at == number)
			return find_line(rules, LINE_SET, NULL, name);
		if (sscanf(dump, "-A %31s", word) == 1) {
			while (i < known && strcmp(words[i], word) != 0)
				i++;
			if (i == known) {
				counts[known] = 0;
				strcpy(words[known++], word);
			}
			if (at == number)
				return find_rule(rules, table, word, counts[i]);
			counts[i]++;
		}
		dump += length + (dump[length] == '\n');
	}
	return NO_LINE;
}

static bool is_string(const json_t *object, const char *key, const char *text)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string && !strcmp(string, text);
}

/* How many rules stand before the one with the handle in its chain. */
static size_t number_in_chain(const struct dump *dump, const char *family, const char *table,
			      const char *chain, json_int_t handle)
{
	json_t *root = json_loadb(dump->text, dump->size, 0, NULL), *object;
	size_t index, number = 0;

	json_array_foreach(json_object_get(root, "nftables"), index, object)
	{
		const json_t *rule = json_object_get(object, "rule");

		if (!is_string(rule, "family", family) || !is_string(rule, "table", table) ||
		    !is_string(rule, "chain", chain))
			continue;
		if (json_integer_value(json_object_get(rule, "handle")) == handle)
			break;
		number++;
	}
	json_decref(root);
	return number;
}

/* By its name: "inet t input handle 4", "inet t input", or "set inet t/nets4". */
static size_t line_of_nft(const struct rules_text *rules, const struct dump *dump, const char *name)
{
	char family[16], table[32], chain[32], ours[64];
	long long handle;
	int words = sscanf(name, "%15s %31s %31s handle %lld", family, table, chain, &handle);

	if (words == 3 && !strcmp(family, "set") && strchr(chain, '/'))
		return find_line(rules, LINE_SET, NULL, strchr(chain, '/') + 1);
	if (words < 3)
		return NO_LINE;
	/* The lines of iptables leave out the family. */
	if (tool_is_iptables(rules->tool))
		snprintf(ours, sizeof(ours), "%s", table);
	else
		snprintf(ours, sizeof(ours), "%s %s", family, table);
	if (words == 3)
		return find_line(rules, LINE_CHAIN, ours, chain);
	return find_rule(rules, ours, chain, number_in_chain(dump, family, table, chain, handle));
}

size_t answer_line(const struct rules_text *rules, const struct dump *dump,
		   const struct place *place)
{
	if (*place->name)
		return line_of_nft(rules, dump, place->name);
	if (!place->line || !place->text)
		return NO_LINE;
	return line_of_iptables(rules, dump->text, place->line);
}

static void note_remarks(const struct rules_text *rules, const struct dump *dump,
			 struct answer *answer)
{
	for (size_t i = 0; i < answer->report.count; i++) {
		const struct remark *remark = &answer->report.remarks[i];
		size_t line = answer_line(rules, dump, &remark->place);

		if (line != NO_LINE)
			answer->named |= 1ULL << line;
		else if (strstr(remark->reason, "whom they do not name"))
			answer->open_named |= (uint8_t)(1U << (strstr(remark->reason, "IPv4")
								       ? SG_FAMILY_IPV4
								       : SG_FAMILY_IPV6));
	}
}

static void ask_lint(const struct rules_text *rules, const struct dump *dump, struct answer *answer)
{
	struct lint_input input = {"dump", dump->text, dump->size, LINT_IPTABLES};
	struct lint_question question;

	if (!strcmp(tools_format(rules->tool), "nft"))
		input.format = LINT_NFT;
	answer->lint_refused = lint_question_init(&question, NULL, &answer->error) ||
			       lint_read(&input, &answer->document, &answer->error);
	if (answer->lint_refused)
		return;
	question.now = NOW;
	question.families = FAMILIES_BOTH;
	answer->lint_refused = lint_document(&answer->document, &question, 0, &answer->findings,
					     &answer->error) != 0;
}

void answer_ask(const struct rules_text *rules, const struct dump *dump, struct answer *answer)
{
	struct sg_ports ports;
	struct rules_input input = {.name = "dump",
				    .text = dump->text,
				    .size = dump->size,
				    .ports = &ports,
				    .now = NOW};

	*answer = (struct answer){};
	set_ports(&ports);
	answer->import_refused = rules_import(tools_format(rules->tool), &input, &answer->entries,
					      &answer->report, &answer->error) != 0;
	note_remarks(rules, dump, answer);
	ask_lint(rules, dump, answer);
}

void answer_clear(struct answer *answer)
{
	entry_list_clear(&answer->entries);
	rules_report_clear(&answer->report);
	lint_findings_clear(&answer->findings);
	lint_document_clear(&answer->document);
	*answer = (struct answer){};
}

/* The longest prefix decides; the list is too short to need more than a walk. */
bool answer_allows(const struct answer *answer, const struct prefix *host)
{
	const struct entry *best = NULL;

	for (size_t i = 0; i < answer->entries.count; i++) {
		const struct entry *entry = &answer->entries.entries[i];

		if (prefix_covers(&entry->prefix, host) &&
		    (!best || entry->prefix.length > best->prefix.length))
			best = entry;
	}
	return best && best->verdict == SG_ENTRY_ALLOW;
}

/* Findings that say of a port that strangers may send to it. */
static bool says_open(const struct finding *finding)
{
	static const char *const identifiers[] = {"SG001", "SG002", "SG005", "SG006",
						  "SG007", "SG013", "SG018", "SG019"};

	for (size_t i = 0; i < sizeof(identifiers) / sizeof(identifiers[0]); i++) {
		if (!strcmp(lint_checks[finding->id].id, identifiers[i]))
			return true;
	}
	return false;
}

bool answer_is_open(const struct answer *answer, enum probe probe)
{
	for (size_t i = 0; i < answer->findings.count; i++) {
		const struct finding *finding = &answer->findings.findings[i];

		if (says_open(finding) && (strstr(finding->message, probe_name(probe)) ||
					   !strstr(finding->message, "/50")))
			return true;
	}
	return false;
}
