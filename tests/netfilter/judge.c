// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/judge.h"

#include <string.h>

static const struct {
	const char *name;
	const char *meaning;
} faults[FAULT_COUNT] = {
#define FAULT_ROW(enumerator, name, meaning) {name, meaning},
	FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

/* What a rule set is asked to be when its uncertain rules are not. */
struct variant {
	enum certainty from; /* rules that are at least so uncertain ... */
	bool returns; /* ... do not exist, but for those that leave a chain: these always do */
};

static const struct variant variants[] = {
	{UNKNOWN, false},  {UNKNOWN, true},   {SITUATION, false},
	{SITUATION, true}, {KNOWABLE, false}, {KNOWABLE, true},
};

struct case_at_law {
	struct world *world;
	const struct rules_text *rules;
	const struct sources *sources;
	struct answer answer;
	struct dump dump;
	uint8_t reached[SOURCES_MAX];
	uint8_t certain[SOURCES_MAX]; /* reached in some variant */
	uint8_t strict[SOURCES_MAX];  /* and in one of those without rules about a situation */
	struct trial *trial;
};

const char *fault_name(enum fault fault)
{
	return faults[fault].name;
}

const char *fault_meaning(enum fault fault)
{
	return faults[fault].meaning;
}

static void report(struct case_at_law *law, enum fault fault, const char *text)
{
	if (law->trial->faults & 1U << fault)
		return;
	law->trial->faults |= 1U << fault;
	snprintf(law->trial->first[fault], sizeof(law->trial->first[fault]), "%s", text);
}

static void report_source(struct case_at_law *law, enum fault fault, size_t source)
{
	char text[PREFIX_TEXT_SIZE];

	address_format(&law->sources->hosts[source], text);
	report(law, fault, text);
}

static bool leaves_chain(const struct line *line)
{
	const char *action = line->parts[PART_ACTION];

	return !strcmp(action, "-j RETURN") || !strcmp(action, "return") ||
	       !strncmp(action, "-g ", 3) || !strncmp(action, "goto ", 5);
}

/* False when the variant is what the rules are anyway. */
static bool make_variant(const struct rules_text *rules, const struct variant *variant,
			 struct rules_text *made)
{
	bool is_changed = false;

	*made = *rules;
	for (size_t i = made->count; i > 0; i--) {
		struct line *line = &made->lines[i - 1];

		if (line->kind != LINE_RULE || line_certainty(line) < variant->from)
			continue;
		is_changed = true;
		if (!variant->returns || !leaves_chain(line)) {
			rules_text_remove(made, i - 1);
			continue;
		}
		for (enum part part = 0; part < PART_ACTION; part++) {
			if (line->certainty[part] >= variant->from)
				line->parts[part][0] = '\0';
		}
		strcpy(line->parts[PART_ACTION],
		       tool_is_iptables(rules->tool) ? "-j RETURN" : "return");
	}
	return is_changed;
}

#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* What became of the packets in each variant, so that none is loaded twice. */
struct tried {
	struct rules_text made;
	uint8_t reached[SOURCES_MAX];
	bool is_loaded;
};

static bool is_same(const struct rules_text *left, const struct rules_text *right)
{
	return left->count == right->count &&
	       !memcmp(left->lines, right->lines, left->count * sizeof(left->lines[0]));
}

static void try_variant(struct case_at_law *law, const struct variant *variant, struct tried *tried,
			size_t number)
{
	struct tried *at = &tried[number];
	size_t count = law->sources->count;

	at->is_loaded = true;
	if (!make_variant(law->rules, variant, &at->made)) {
		memcpy(at->reached, law->reached, count);
		return;
	}
	for (size_t i = 0; i < number; i++) {
		if (!is_same(&tried[i].made, &at->made))
			continue;
		memcpy(at->reached, tried[i].reached, count);
		at->is_loaded = tried[i].is_loaded;
		return;
	}
	at->is_loaded = tools_load(&at->made);
	if (at->is_loaded)
		world_probe(law->world, law->sources->hosts, count, at->reached);
}

static void try_variants(struct case_at_law *law)
{
	static struct tried tried[VARIANTS];

	for (size_t i = 0; i < VARIANTS; i++) {
		try_variant(law, &variants[i], tried, i);
		for (size_t j = 0; tried[i].is_loaded && j < law->sources->count; j++) {
			law->certain[j] |= tried[i].reached[j];
			/* What a model can follow is no reason to say something. */
			law->strict[j] |= variants[i].from == SITUATION ? tried[i].reached[j] : 0;
		}
	}
}

static bool is_named(const struct case_at_law *law, const struct prefix *host)
{
	for (size_t i = 0; i < law->rules->count; i++) {
		if (law->answer.named >> i & 1 &&
		    line_concerns(law->rules, &law->rules->lines[i], host))
			return true;
	}
	return false;
}

/* Whether strangers of its family reach all that it reaches. */
static bool is_like_strangers(const struct case_at_law *law, size_t source)
{
	const struct sources *sources = law->sources;
	uint8_t cells = 0;

	for (size_t i = sources->strangers; i < sources->count; i++) {
		if (sources->hosts[i].family == sources->hosts[source].family)
			cells |= law->reached[i];
	}
	return !(law->reached[source] & ~cells);
}

static void judge_source(struct case_at_law *law, size_t i)
{
	const struct prefix *host = &law->sources->hosts[i];
	bool is_allowed = answer_allows(&law->answer, host);

	law->trial->allowed += is_allowed;
	law->trial->reached += law->reached[i] != 0;
	if (is_allowed && !law->certain[i])
		report_source(law, FAULT_WRONG_TRUST, i);
	else if (is_allowed && (!law->strict[i] || !law->reached[i]) && !is_named(law, host))
		report_source(law, FAULT_SILENT_CONDITION, i);
	if (is_allowed || !law->reached[i] || is_named(law, host))
		return;
	if (!(law->answer.open_named >> host->family & 1) || !is_like_strangers(law, i))
		report_source(law, FAULT_LOST_TRUST, i);
}

/* Cells that strangers reach. */
static uint8_t open_cells(const struct case_at_law *law, const uint8_t *reached)
{
	uint8_t cells = 0;

	for (size_t i = law->sources->strangers; i < law->sources->count; i++)
		cells |= reached[i];
	return cells;
}

/* udp/5061 is no port that lint expects to be closed. */
static void judge_findings(struct case_at_law *law)
{
	static const enum probe expected[] = {UDP_5060, TCP_5060, TCP_5061};
	const struct findings *findings = &law->answer.findings;
	uint8_t open = open_cells(law, law->reached);

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		if (open & CELLS_OF_SERVICE(expected[i]) &&
		    !answer_is_open(&law->answer, expected[i]))
			report(law, FAULT_MISSED_OPEN, probe_name(expected[i]));
	}
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];
		size_t line = answer_line(law->rules, &law->dump, &finding->place);

		if (finding->id != LINT_OPEN || open || open_cells(law, law->certain) ||
		    (line != NO_LINE && line_certainty(&law->rules->lines[line])))
			continue;
		report(law, FAULT_FALSE_OPEN, finding->message);
	}
}

static void assume_certain(struct case_at_law *law)
{
	memset(law->certain, 0xff, sizeof(law->certain));
	memset(law->strict, 0xff, sizeof(law->strict));
}

/* They take loading the rules anew, up to four times. */
static bool needs_variants(const struct case_at_law *law, unsigned int wanted)
{
	if (wanted & 1U << FAULT_FALSE_OPEN)
		return true;
	if (!(wanted & (1U << FAULT_WRONG_TRUST | 1U << FAULT_SILENT_CONDITION)))
		return false;
	return law->answer.entries.count != 0;
}

void judge_rules(struct world *world, const struct rules_text *rules, const struct sources *sources,
		 unsigned int wanted, struct trial *trial)
{
	struct case_at_law law = {
		.world = world, .rules = rules, .sources = sources, .trial = trial};

	*trial = (struct trial){.is_loaded = tools_load(rules), .sources = sources->count};
	if (!trial->is_loaded)
		return;
	tools_dump(rules, &law.dump);
	world_probe(world, sources->hosts, sources->count, law.reached);
	answer_ask(rules, &law.dump, &law.answer);
	if (law.answer.import_refused || law.answer.lint_refused) {
		report(&law, FAULT_REFUSED, law.answer.error.message);
	} else {
		if (needs_variants(&law, wanted))
			try_variants(&law);
		else
			assume_certain(&law);
		for (size_t i = 0; i < sources->count; i++)
			judge_source(&law, i);
		judge_findings(&law);
	}
	answer_clear(&law.answer);
	dump_clear(&law.dump);
}

static bool still_has(struct world *world, const struct rules_text *rules,
		      const struct sources *sources, enum fault fault)
{
	struct trial trial;

	judge_rules(world, rules, sources, 1U << fault, &trial);
	return trial.faults >> fault & 1;
}

void judge_shrink(struct world *world, struct rules_text *rules, const struct sources *sources,
		  enum fault fault)
{
	static struct rules_text smaller;
	bool is_smaller = true;

	while (is_smaller) {
		is_smaller = false;
		for (size_t i = rules->count; i > 0; i--) {
			smaller = *rules;
			rules_text_remove(&smaller, i - 1);
			if (!still_has(world, &smaller, sources, fault))
				continue;
			*rules = smaller;
			is_smaller = true;
		}
	}
}
