// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/unguard.h"

#include <errno.h>

#include "kernel/inspect.h"
#include "policy/ports.h"

static bool is_loopback(const struct prefix *address)
{
	static const struct prefix loopback4 = {
		.family = SG_FAMILY_IPV4, .length = 8, .address = {127}};
	static const struct prefix loopback6 = {
		.family = SG_FAMILY_IPV6, .length = 128, .address = {[15] = 1}};

	return address->length &&
	       (prefix_covers(&loopback4, address) || prefix_covers(&loopback6, address));
}

static bool is_opened(const struct sg_ports *old, const struct sg_ports *new,
		      const struct listener_facts *listener)
{
	return ports_contain(old, &listener->port) && !ports_contain(new, &listener->port) &&
	       !is_loopback(&listener->address);
}

static int unguard_error(const struct listener_facts *listener, struct error *error)
{
	char port[PORT_TEXT_SIZE];

	port_format(&listener->port, port);
	error_set(error, EXIT_UNSAFE, EPERM, "%s listens on %s, which would be open to everybody",
		  *listener->process ? listener->process : "a process", port);
	error_hint(error, "sipguard ports add guards ports beside those there are; "
			  "--allow-unguarded does it all the same");
	return -EPERM;
}

int refuse_to_unguard(const struct sg_ports *old, const struct sg_ports *new, struct error *error)
{
	__attribute__((cleanup(facts_clear))) struct facts facts = {};
	struct sg_ports common;
	int result = 0;

	ports_intersect(old, new, &common);
	if (!ports_equal(&common, old))
		result = inspect_listeners(&facts, error);
	for (size_t i = 0; !result && i < facts.listener_count; i++) {
		if (is_opened(old, new, &facts.listeners[i]))
			result = unguard_error(&facts.listeners[i], error);
	}
	return result;
}
