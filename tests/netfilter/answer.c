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

static const char *string_of(const json_t *object, const char *key)
{
	const char *string = json_string_value(json_object_get(object, key));

	return string ? string : "";
}

/* The table as the rule set has it: iptables leaves out the family. */
static void table_of(const struct rules_text *rules, const json_t *object, char table[static 64])
{
	if (tool_is_iptables(rules->tool))
		snprintf(table, 64, "%s", string_of(object, "table"));
	else
		snprintf(table, 64, "%s %s", string_of(object, "family"),
			 string_of(object, "table"));
}

static bool is_before(const json_t *rule, const json_t *other)
{
	json_int_t handle = json_integer_value(json_object_get(other, "handle"));

	return json_integer_value(json_object_get(rule, "handle")) != handle;
}

static size_t number_in_chain(const json_t *list, const json_t *rule)
{
	size_t index, number = 0;
	json_t *object;

	json_array_foreach(list, index, object)
	{
		const json_t *other = json_object_get(object, "rule");

		if (!other || strcmp(string_of(other, "chain"), string_of(rule, "chain")) != 0 ||
		    strcmp(string_of(other, "table"), string_of(rule, "table")) != 0 ||
		    strcmp(string_of(other, "family"), string_of(rule, "family")) != 0)
			continue;
		if (!is_before(other, rule))
			break;
		number++;
	}
	return number;
}

static size_t line_of_nft(const struct rules_text *rules, const struct dump *dump,
			  const struct place *place)
{
	json_t *root = json_loadb(dump->text, dump->size, 0, NULL);
	json_t *object = json_loadb(place->text, place->length, 0, NULL);
	const json_t *rule = json_object_get(object, "rule"), *chain, *set;
	size_t line = NO_LINE;
	char table[64];

	chain = json_object_get(object, "chain");
	set = json_object_get(object, "set") ? json_object_get(object, "set")
					     : json_object_get(object, "map");
	table_of(rules, rule ? rule : chain, table);
	if (rule)
		line = find_rule(rules, table, string_of(rule, "chain"),
				 number_in_chain(json_object_get(root, "nftables"), rule));
	else if (chain)
		line = find_line(rules, LINE_CHAIN, table, string_of(chain, "name"));
	else if (set)
		line = find_line(rules, LINE_SET, NULL, string_of(set, "name"));
	json_decref(object);
	json_decref(root);
	return line;
}

size_t answer_line(const struct rules_text *rules, const struct dump *dump,
		   const struct place *place)
{
	if (!place->line || !place->text)
		return NO_LINE;
	return strcmp(tools_format(rules->tool), "nft")
		       ? line_of_iptables(rules, dump->text, place->line)
		       : line_of_nft(rules, dump, place);
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
	answer->lint_refused = lint_document(&answer->document, &question, &answer->findings,
					     &answer->error) != 0;
}

void answer_ask(const struct rules_text *rules, const struct dump *dump, struct answer *answer)
{
	struct sg_ports ports;
	struct rules_input input = {"dump", dump->text, dump->size, &ports, NOW};

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
