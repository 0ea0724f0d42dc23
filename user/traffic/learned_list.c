// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/learned_list.h"

#include <string.h>

#include "policy/list_file.h"
#include "policy/when.h"
#include "traffic/talker_text.h"

enum section {
	SECTION_CHOSEN,
	SECTION_REPLIES,
	SECTION_UNKNOWN,
	SECTION_DENIED,
	SECTION_ALLOWED,
	SECTION_NONE, /* no entry can allow them */
};

static const char *const titles[SECTION_NONE] = {
	[SECTION_CHOSEN] = "not allowed when this was written, chosen by their number of packets",
	/* In parentheses, because a compiler takes two strings in a list for a missing comma. */
	[SECTION_REPLIES] = ("not allowed, and they answer requests of this host: without an entry "
			     "its registrations and calls there are lost"),
	[SECTION_UNKNOWN] = "not allowed",
	[SECTION_DENIED] = "denied by an entry",
	[SECTION_ALLOWED] = "allowed when this was written",
};

static enum section section_of(const struct learned_list *list, const struct talker *talker)
{
	if (prefix_embeds_ipv4(&talker->source))
		return SECTION_NONE;
	if (talker->standing.reason == SG_REASON_ALLOWED)
		return SECTION_ALLOWED;
	if (talker->standing.reason == SG_REASON_DENIED)
		return SECTION_DENIED;
	if (list->min_packets && talker->packets >= list->min_packets && talker_speaks_sip(talker))
		return SECTION_CHOSEN;
	if (talker->replies)
		return SECTION_REPLIES;
	return SECTION_UNKNOWN;
}

/* An entry of this very host that has a label keeps it, and any entry its end. */
static void write_talker(FILE *stream, const struct talker *talker, bool active)
{
	const struct standing *standing = &talker->standing;
	char label[LABEL_BYTES_MAX + 1], line[LIST_LINE_SIZE];
	struct entry entry = {.prefix = talker->source, .label = label};

	talker_label(talker, label);
	if (standing->reason == SG_REASON_ALLOWED) {
		entry.until = standing->until;
		if (standing->label && !prefix_compare(&standing->entry, &talker->source))
			entry.label = standing->label;
	}
	list_file_line(&entry, line);
	fprintf(stream, "%s%s", active ? "" : "# ", line);
}

static void write_section(FILE *stream, const struct learned_list *list, enum section section)
{
	bool active = section == SECTION_CHOSEN || section == SECTION_ALLOWED;
	bool begun = false;

	for (size_t i = 0; i < list->count; i++) {
		if (section_of(list, &list->talkers[i]) != section)
			continue;
		if (!begun)
			fprintf(stream, "\n# %s:\n", titles[section]);
		begun = true;
		write_talker(stream, &list->talkers[i], active);
	}
}

void learned_list_write(FILE *stream, const struct learned_list *list)
{
	char began[WHEN_TEXT_SIZE], ended[WHEN_TEXT_SIZE];

	time_format(list->began, began);
	time_format(list->ended, ended);
	fprintf(stream,
		"# Who talked to the guarded ports from %s to %s, as sipguard learn saw it.\n"
		"# A line that begins with # is no entry: take the # away from whom you know and "
		"trust.\n"
		"# The sender of a UDP packet can forge its source, and scanners talk SIP too.\n",
		began, ended);
	for (enum section section = 0; section < SECTION_NONE; section++)
		write_section(stream, list, section);
}

size_t learned_list_chosen(const struct learned_list *list)
{
	size_t chosen = 0;

	for (size_t i = 0; i < list->count; i++)
		chosen += section_of(list, &list->talkers[i]) == SECTION_CHOSEN;
	return chosen;
}
