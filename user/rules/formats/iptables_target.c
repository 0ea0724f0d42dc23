// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of a packet that a rule of iptables matches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/iptables_internal.h"

static int set_target(struct reading *reading, enum rule_action action, const char *name)
{
	reading->rule->action = (uint8_t)action;
	free(reading->rule->target);
	reading->rule->target = NULL;
	return string_copy(name, &reading->rule->target, reading->error);
}

static int set_translation(struct reading *reading, enum translation_kind kind)
{
	struct rule *rule = reading->rule;

	if (!rule->translation_count)
		return rule_add_translation(rule, &(struct translation){.kind = (uint8_t)kind},
					    reading->error);
	rule->translations[0].kind = (uint8_t)kind;
	return 0;
}

/* Targets of which more is to be known than the action. */
static int read_effect(struct reading *reading, const char *target)
{
	if (!strcmp(target, "NOTRACK") || !strcmp(target, "CT"))
		reading->line->untracks = true;
	else if (!strcmp(target, "CONNMARK"))
		reading->rule->mark_change = MARK_LOST;
	else if (!strcmp(target, "REDIRECT") || !strcmp(target, "TPROXY"))
		return set_translation(reading, TRANSLATION_HERE);
	else if (!strcmp(target, "DNAT"))
		return set_translation(reading, TRANSLATION_AWAY);
	else if (!strcmp(target, "NETMAP"))
		return set_translation(reading, TRANSLATION_UNKNOWN);
	return 0;
}

int iptables_read_target(struct reading *reading, const char *value)
{
	static const struct {
		const char *name;
		enum rule_action action;
	} targets[] = {
		{"ACCEPT", ACTION_ACCEPT},     {"DROP", ACTION_DROP},
		{"REJECT", ACTION_DROP},       {"TARPIT", ACTION_DROP},
		{"RETURN", ACTION_RETURN},     {"DNAT", ACTION_ACCEPT},
		{"REDIRECT", ACTION_ACCEPT},   {"TPROXY", ACTION_ACCEPT},
		{"NETMAP", ACTION_ACCEPT},     {"SNAT", ACTION_ACCEPT},
		{"MASQUERADE", ACTION_ACCEPT}, {"LOG", ACTION_NONE},
		{"NFLOG", ACTION_NONE},	       {"ULOG", ACTION_NONE},
		{"MARK", ACTION_NONE},	       {"CONNMARK", ACTION_NONE},
		{"SET", ACTION_NONE},	       {"TRACE", ACTION_NONE},
		{"CT", ACTION_NONE},	       {"NOTRACK", ACTION_NONE},
		{"DSCP", ACTION_NONE},	       {"TOS", ACTION_NONE},
		{"CLASSIFY", ACTION_NONE},     {"CHECKSUM", ACTION_NONE},
		{"TCPMSS", ACTION_NONE},       {"SECMARK", ACTION_NONE},
		{"AUDIT", ACTION_NONE},	       {"TEE", ACTION_NONE},
		{"CONNSECMARK", ACTION_NONE},  {"IDLETIMER", ACTION_NONE},
		{"RATEEST", ACTION_NONE},      {"LED", ACTION_NONE},
	};

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(value, targets[i].name) != 0)
			continue;
		reading->rule->action = targets[i].action;
		return read_effect(reading, value);
	}
	/* A chain; ruleset_link() finds those that are none. */
	return set_target(reading, ACTION_JUMP, value);
}

int iptables_read_goto(struct reading *reading, const char *value)
{
	return set_target(reading, ACTION_GOTO, value);
}

static int change_mark(struct reading *reading, uint32_t value, uint32_t mask)
{
	reading->rule->mark_change = MARK_SET;
	reading->rule->mark_value = value;
	reading->rule->mark_mask = mask;
	return 0;
}

/* "VALUE" or "VALUE/MASK"; false: neither. */
static bool read_number(const char *text, uint32_t *value, uint32_t *mask)
{
	char *end;
	unsigned long number = strtoul(text, &end, 0), bits = UINT32_MAX;

	if (end != text && *end == '/')
		bits = strtoul(end + 1, &end, 0);
	if (end == text || *end || number > UINT32_MAX || bits > UINT32_MAX)
		return false;
	*value = (uint32_t)number;
	*mask = (uint32_t)bits;
	return true;
}

static int lose_mark(struct reading *reading)
{
	reading->rule->mark_change = MARK_LOST;
	return 0;
}

/* --set-mark sets the bits of the value as well as those of the mask, --set-xmark flips them. */
int iptables_read_set_mark(struct reading *reading, const char *text)
{
	uint32_t value, mask;

	if (reading->rule->mark_change == MARK_LOST || !read_number(text, &value, &mask))
		return lose_mark(reading);
	if (!strcmp(reading->option, "--set-mark"))
		mask |= value;
	return change_mark(reading, value, mask);
}

int iptables_read_or_mark(struct reading *reading, const char *text)
{
	uint32_t value, mask;

	return read_number(text, &value, &mask) ? change_mark(reading, value, value)
						: lose_mark(reading);
}

int iptables_read_and_mark(struct reading *reading, const char *text)
{
	uint32_t value, mask;

	return read_number(text, &value, &mask) ? change_mark(reading, 0, ~value)
						: lose_mark(reading);
}

int iptables_read_xor_mark(struct reading *reading, const char *text)
{
	uint32_t value, mask;

	return read_number(text, &value, &mask) ? change_mark(reading, value, 0)
						: lose_mark(reading);
}

int iptables_read_changed_set(struct reading *reading, const char *name)
{
	reading->line->changed_set = name;
	iptables_next(reading);
	return 0;
}

static struct translation *translation_of(struct reading *reading)
{
	if (!reading->rule->translation_count && set_translation(reading, TRANSLATION_UNKNOWN))
		return NULL;
	return &reading->rule->translations[0];
}

/* "5060" or "5060-5070"; iptables lets nobody translate to port 0. */
static void read_port(const char *text, struct translation *translation)
{
	struct port_range to;

	if (port_range_parse(text, '-', &to) && to.first)
		translation->to = to;
}

int iptables_read_to_ports(struct reading *reading, const char *text)
{
	struct translation *translation = translation_of(reading);

	if (!translation)
		return -ENOMEM;
	read_port(text, translation);
	return 0;
}

/* "10.0.0.1", "10.0.0.1-10.0.0.9:5060-5070", "[2001:db8::1]:5060" or ":5060". */
int iptables_read_to_destination(struct reading *reading, const char *text)
{
	struct translation *translation = translation_of(reading);
	const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
	size_t length = strlen(text);
	struct error ignored;
	char address[64];

	if (!translation)
		return -ENOMEM;
	/* An IPv6 address without brackets has no port. */
	if (colon && (bracket ? colon > bracket : strchr(text, ':') == colon)) {
		read_port(colon + 1, translation);
		length = (size_t)(colon - text);
	}
	if (bracket && *text == '[') {
		text++;
		length = (size_t)(bracket - text);
	}
	if (length && length < sizeof(address)) {
		memcpy(address, text, length);
		address[length] = '\0';
		/* A range of addresses stays untold. */
		if (address_parse(address, &translation->address, &ignored))
			translation->address = (struct prefix){};
	}
	return 0;
}
