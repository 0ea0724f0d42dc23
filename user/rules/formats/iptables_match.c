// SPDX-License-Identifier: GPL-2.0-or-later
/* What a rule of iptables asks of a packet. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/formats/address.h"
#include "rules/formats/iptables_internal.h"

/* Calls `read` for each part of a list with commas. */
static int for_each_part(const struct reading *reading, const char *list,
			 int (*read)(const struct reading *reading, const char *part, void *to),
			 void *to)
{
	char part[128];

	while (true) {
		size_t length = strcspn(list, ",");
		int result;

		if (length >= sizeof(part))
			return iptables_refuse(reading, "has a value that is too long");
		memcpy(part, list, length);
		part[length] = '\0';
		result = read(reading, part, to);
		if (result || !list[length])
			return result;
		list += length + 1;
	}
}

static int add_address(const struct reading *reading, const char *text, void *to)
{
	return address_add(text, &(struct source){}, to, reading->error);
}

int iptables_read_source(struct reading *reading, const char *value)
{
	struct source_match *match = rule_add_match(reading->rule, reading->negated,
						    reading->error);
	int result;

	if (!match)
		return -ENOMEM;
	result = for_each_part(reading, value, add_address, &match->list);
	if (result != -EINVAL)
		return result;
	/* One of them may be any address. */
	source_list_clear(&match->list);
	reading->rule->match_count--;
	/* All but a name are strangers too. */
	return iptables_unknown(reading, reading->negated ? CONDITION_OTHER : CONDITION_HOST_NAME,
				value);
}

int iptables_read_destination(struct reading *reading, const char *value)
{
	struct rule *rule = reading->rule;
	int result;

	if (rule->destinations.count)
		return iptables_unknown(reading, CONDITION_DESTINATION, value);
	rule->destinations_negated = reading->negated;
	result = for_each_part(reading, value, add_address, &rule->destinations);
	if (result != -EINVAL)
		return result;
	source_list_clear(&rule->destinations);
	return iptables_unknown(reading, CONDITION_DESTINATION, value);
}

int iptables_read_protocol(struct reading *reading, const char *value)
{
	uint8_t bits = protocol_parse(value);

	/* Of the others only one is left out, and so others remain. */
	if (reading->negated)
		bits = (uint8_t)(PROTOCOLS_ANY & ~(bits & PROTOCOLS_TRANSPORTS));
	reading->rule->service.protocols &= bits;
	return 0;
}

static int add_ports(const struct reading *reading, const char *text, void *to)
{
	struct port_range range;

	(void)to;
	if (!port_range_parse(text, ':', &range))
		return -EINVAL;
	return rule_add_ports(reading->rule, range.first, range.last, reading->error);
}

int iptables_read_ports(struct reading *reading, const char *value)
{
	struct service *service = &reading->rule->service;
	int result;

	if (service->range_count)
		return iptables_unknown(reading, CONDITION_OTHER, value);
	service->ports_negated = reading->negated;
	result = for_each_part(reading, value, add_ports, NULL);
	if (result != -EINVAL)
		return result;
	/* One of them may be any port. */
	service->range_count = 0;
	service->ports_negated = false;
	return iptables_unknown(reading, CONDITION_OTHER, value);
}

int iptables_read_source_ports(struct reading *reading, const char *value)
{
	return iptables_unknown(reading, CONDITION_SOURCE_PORT, value);
}

/* The port on the wire, whatever a translation made of it. */
int iptables_read_original_port(struct reading *reading, const char *value)
{
	struct service *original = &reading->rule->original;
	struct port_range range;

	if (original->range_count || !port_range_parse(value, ':', &range))
		return iptables_unknown(reading, CONDITION_OTHER, value);
	original->ranges = calloc(1, sizeof(*original->ranges));
	if (!original->ranges)
		return error_system(reading->error, ENOMEM, "cannot hold the rules");
	original->ranges[0] = range;
	original->range_count = 1;
	original->ports_negated = reading->negated;
	return 0;
}

int iptables_read_device(struct reading *reading, const char *value)
{
	/* Nobody else's packet comes in by the loopback device, and "+" is any. */
	if (!strcmp(value, "lo") || !strcmp(value, "+")) {
		if (reading->negated != !strcmp(value, "lo"))
			rule_match_nothing(reading->rule);
		return 0;
	}
	return rule_add_devices(reading->rule, reading->negated, value, reading->error);
}

int iptables_read_out_device(struct reading *reading, const char *value)
{
	return strcmp(value, "+") ? iptables_unknown(reading, CONDITION_DEVICE, value) : 0;
}

static int add_state(const struct reading *reading, const char *text, void *to)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} states[] = {
		{"NEW", STATE_NEW},
		{"UNTRACKED", STATE_UNTRACKED},
		{"ESTABLISHED", STATE_OTHERS},
		{"RELATED", STATE_OTHERS},
		{"INVALID", STATE_INVALID},
	};
	uint8_t *found = to;

	(void)reading;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (!strcasecmp(text, states[i].name)) {
			*found |= states[i].bit;
			return 0;
		}
	}
	return -EINVAL;
}

int iptables_read_state(struct reading *reading, const char *value)
{
	uint8_t states = 0;
	int result = for_each_part(reading, value, add_state, &states);

	if (result)
		return iptables_unknown(reading, CONDITION_STATE, value);
	/* Of the other states one that is not named remains. */
	if (reading->negated)
		states = (uint8_t)((STATES_ANY & ~states) | STATE_OTHERS);
	reading->rule->states &= states;
	return 0;
}

/* What begins a connection goes in the original direction. */
int iptables_read_direction(struct reading *reading, const char *value)
{
	bool original = !strcasecmp(value, "ORIGINAL");

	if (!original && strcasecmp(value, "REPLY") != 0)
		return iptables_unknown(reading, CONDITION_STATE, value);
	if (original == reading->negated)
		rule_match_nothing(reading->rule);
	return 0;
}

int iptables_read_set(struct reading *reading, const char *name)
{
	static const struct {
		const char *flags;
		uint8_t dimensions;
		bool asks_device;
	} kinds[] = {
		{"src", 1, false},
		{"src,dst", 2, false},
		{"src,src", 2, true},
	};
	const char *flags = iptables_next(reading);

	if (!*flags)
		return iptables_refuse(reading, "needs the name of a set and its flags");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(flags, kinds[i].flags))
			return rule_add_set(reading->rule, reading->negated, name,
					    kinds[i].dimensions, kinds[i].asks_device,
					    reading->error);
	}
	return iptables_unknown(reading, CONDITION_OTHER, name);
}

/* The flags of a list as bits, of which SYN is the lowest; 0x80: one is not known. */
static unsigned int flags_of(const char *list)
{
	static const char *const names[] = {"SYN", "ACK", "FIN", "RST", "URG", "PSH"};
	unsigned int flags = 0;

	if (!strcmp(list, "NONE"))
		return 0;
	if (!strcmp(list, "ALL"))
		return 0x3f;
	while (*list) {
		size_t length = strcspn(list, ","), i = 0;

		while (i < 6 && (length != 3 || strncasecmp(list, names[i], 3) != 0))
			i++;
		flags |= i < 6 ? 1U << i : 0x80;
		list += length + (list[length] == ',');
	}
	return flags;
}

/* The first segment of a connection has the flag SYN alone. */
int iptables_read_flags(struct reading *reading, const char *mask)
{
	const char *flags = iptables_next(reading);
	unsigned int asked = flags_of(mask), wanted = flags_of(flags);

	if ((asked | wanted) & 0x80 || !*flags)
		return iptables_unknown(reading, CONDITION_OTHER, mask);
	reading->rule->service.protocols &= PROTOCOL_BIT(SG_PORTS_TCP);
	if (((asked & 1) == wanted) == reading->negated)
		rule_match_nothing(reading->rule);
	return 0;
}

static int find_local(const struct reading *reading, const char *part, void *to)
{
	(void)reading;
	*(bool *)to |= !strcmp(part, "LOCAL");
	return 0;
}

/* The packets in question go to an address of this host. */
int iptables_read_type(struct reading *reading, const char *value)
{
	bool local = false;
	int result = for_each_part(reading, value, find_local, &local);

	if (result || !local)
		return result ? result : iptables_unknown(reading, CONDITION_DESTINATION, value);
	if (reading->negated)
		rule_match_nothing(reading->rule);
	return 0;
}

int iptables_read_mark(struct reading *reading, const char *value)
{
	struct mark_match *mark = &reading->rule->mark;
	char *end;
	unsigned long number = strtoul(value, &end, 0), mask = UINT32_MAX;

	if (*end == '/')
		mask = strtoul(end + 1, &end, 0);
	if (reading->asks_connmark || *end || end == value || mark->mask || !mask ||
	    number > UINT32_MAX || mask > UINT32_MAX)
		return iptables_unknown(reading, CONDITION_MARK, value);
	*mark = (struct mark_match){(uint32_t)number, (uint32_t)mask, reading->negated};
	return 0;
}

/* Modules that say all they have to say by options in the list, and what the others are about. */
int iptables_read_match(struct reading *reading, const char *value)
{
	static const struct {
		const char *name;
		int condition; /* 0: none by itself */
	} modules[] = {
		{"tcp", 0},
		{"udp", 0},
		{"sctp", 0},
		{"multiport", 0},
		{"comment", 0},
		{"set", 0},
		{"iprange", 0},
		{"state", 0},
		{"conntrack", 0},
		{"addrtype", 0},
		{"mark", 0},
		{"limit", CONDITION_RATE},
		{"hashlimit", CONDITION_RATE},
		{"connlimit", CONDITION_RATE},
		{"recent", CONDITION_RATE},
		{"quota", CONDITION_RATE},
		{"statistic", CONDITION_RATE},
		{"physdev", CONDITION_DEVICE},
		{"connmark", CONDITION_MARK},
	};

	if (!strcmp(value, "connmark"))
		reading->asks_connmark = true;
	reading->module = CONDITION_OTHER;
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		if (!strcmp(value, modules[i].name))
			reading->module = modules[i].condition;
	}
	return reading->module ? iptables_unknown(reading, reading->module, value) : 0;
}
