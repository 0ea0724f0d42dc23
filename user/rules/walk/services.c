// SPDX-License-Identifier: GPL-2.0-or-later
/* Guarded ports as bits, and the words for what else a rule asks about. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rules/walk/services.h"

int services_of(const struct sg_ports *ports, struct services *services, struct error *error)
{
	struct services found = {};

	for (struct port port = {}; ports_next(ports, &port);) {
		if (found.count == SERVICES_MAX)
			return error_set(error, EXIT_USAGE, EINVAL,
					 "rules can be read for at most %d guarded ports",
					 SERVICES_MAX);
		found.ports[found.count++] = port;
	}
	*services = found;
	return 0;
}

uint64_t services_all(const struct services *services)
{
	return services->count == SERVICES_MAX ? UINT64_MAX : (1ULL << services->count) - 1;
}

uint64_t services_matching(const struct services *services, const struct service *service)
{
	uint64_t matching = 0;

	for (unsigned int bit = 0; bit < services->count; bit++) {
		const struct port *port = &services->ports[bit];
		bool matches = !service->range_count;

		if (!(service->protocols & PROTOCOL_BIT(port->table)))
			continue;
		for (size_t i = 0; !matches && i < service->range_count; i++)
			matches = port->number >= service->ranges[i].first &&
				  port->number <= service->ranges[i].last;
		if (service->range_count && service->ports_negated)
			matches = !matches;
		if (matches)
			matching |= 1ULL << bit;
	}
	return matching;
}

void services_format(const struct services *services, uint64_t ports, char *text, size_t size)
{
	size_t length = 0;

	*text = '\0';
	for (unsigned int bit = 0; bit < services->count; bit++) {
		char port[PORT_TEXT_SIZE];

		if (!(ports >> bit & 1))
			continue;
		port_format(&services->ports[bit], port);
		if (length + strlen(port) + 2 > size)
			break;
		length += (size_t)snprintf(text + length, size - length, "%s%s", length ? " " : "",
					   port);
	}
}

const char *condition_name(uint16_t conditions)
{
	static const struct {
		enum rule_condition condition;
		const char *name;
	} names[] = {
		{CONDITION_DEVICE, "the interface"},
		{CONDITION_STATE, "the state of the connection"},
		{CONDITION_RATE, "a rate"},
		{CONDITION_DESTINATION, "the destination address"},
		{CONDITION_SOURCE_PORT, "the source port"},
		{CONDITION_MARK, "a mark"},
		{CONDITION_UNKNOWN_SET, "a set that is not in the text"},
		{CONDITION_OPEN_SET, "a set that strangers may be in"},
		{CONDITION_HOST_NAME, "a source that is no address"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (conditions & names[i].condition)
			return names[i].name;
	}
	return "something that is not known here";
}
