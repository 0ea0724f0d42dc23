// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of the ways around the guards: ports, devices and translations that none of them sees. */
#include <stdio.h>
#include <string.h>

#include "doctor/check.h"
#include "sipguard/abi.h"

/* What servers and their manuals use beside 5060 and 5061. */
static bool is_usual_port(const struct port *port)
{
	return (port->number >= 5060 && port->number <= 5099) || port->number == 5160 ||
	       port->number == 5161;
}

static bool is_sip_server(const char *process)
{
	static const char *const servers[] = {"asterisk", "freeswitch", "kamailio",
					      "opensips", "drachtio",	"flexisip",
					      "repro",	  "sems",	"yate"};

	for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
		if (!strcmp(process, servers[i]))
			return true;
	}
	return false;
}

/*
 * What SIP servers open that is no SIP: HTTP and WebSocket, Asterisk's manager, AGI, IAX2, DUNDi,
 * UNIStim, MGCP, FreeSWITCH's event socket and XML-RPC. Media has ports from 10000 up.
 */
static bool is_other_service(const struct port *port)
{
	static const uint16_t numbers[] = {80,	 443,  2427, 2727, 4520, 4569, 4573,
					   5000, 5038, 8021, 8080, 8088, 8089};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (port->number == numbers[i])
			return true;
	}
	return port->number >= 10000;
}

static bool is_loopback(const struct prefix *address)
{
	static const uint8_t loopback6[16] = {[15] = 1};

	if (!address->length)
		return false;
	if (address->family == SG_FAMILY_IPV4)
		return address->address[0] == 127;
	return !memcmp(address->address, loopback6, sizeof(loopback6));
}

static bool is_wildcard(const struct listener_facts *listener)
{
	return !listener->address.length;
}

/* Whether the listener is one that strangers can reach and that may speak SIP. */
static bool may_speak_sip(const struct listener_facts *listener)
{
	if (is_loopback(&listener->address))
		return false;
	return is_usual_port(&listener->port) ||
	       (is_sip_server(listener->process) && !is_other_service(&listener->port));
}

/* A process has a socket for each address; one finding is enough for its port. */
static bool was_named_before(const struct facts *facts, size_t index)
{
	const struct listener_facts *listener = &facts->listeners[index];

	for (size_t i = 0; i < index; i++) {
		const struct listener_facts *other = &facts->listeners[i];

		if (other->port.table == listener->port.table &&
		    other->port.number == listener->port.number &&
		    !strcmp(other->process, listener->process) && may_speak_sip(other))
			return true;
	}
	return false;
}

/* The command that adds a port to the guarded ones, which it names all, as `ports set` wants. */
static void mend_with_port(struct finding *finding, const struct policy_facts *policy,
			   const struct port *added)
{
	char command[sizeof(finding->mend)] = "sipguard ports set", text[PORT_TEXT_SIZE];
	size_t length = strlen(command);
	struct sg_ports ports = policy->ports;

	if (!policy->seen) {
		finding_mend(finding, "look with sipguard ports whether it is guarded");
		return;
	}
	ports_add(&ports, added);
	for (struct port port = {}; ports_next(&ports, &port);) {
		port_format(&port, text);
		if (length + strlen(text) + 2 > sizeof(command)) {
			finding_mend(finding, "add it to what sipguard ports shows, with "
					      "sipguard ports set");
			return;
		}
		length += (size_t)sprintf(command + length, " %s", text);
	}
	finding_mend(finding, "%s", command);
}

static void add_listener(const struct facts *facts, const struct listener_facts *listener,
			 struct findings *findings)
{
	bool usual = is_usual_port(&listener->port);
	bool certain = usual && facts->policy.seen;
	const char *remark = "";
	char text[PORT_TEXT_SIZE];

	port_format(&listener->port, text);
	if (!usual)
		remark = ": if that is SIP, guard it";
	else if (!certain)
		remark = " unless it was told to";
	mend_with_port(finding_add(findings, certain ? SEVERITY_WARNING : SEVERITY_NOTE, NULL,
				   "%s listens on %s, which no guard looks at%s",
				   *listener->process ? listener->process : "a process", text,
				   remark),
		       &facts->policy, &listener->port);
}

static void check_listeners(const struct facts *facts, struct findings *findings)
{
	size_t before = findings->count;

	for (size_t i = 0; i < facts->listener_count; i++) {
		const struct listener_facts *listener = &facts->listeners[i];

		if (may_speak_sip(listener) &&
		    !ports_contain(&facts->policy.ports, &listener->port) &&
		    !was_named_before(facts, i))
			add_listener(facts, listener, findings);
	}
	if (findings->count == before)
		finding_add(findings, SEVERITY_OK, NULL, "none that is not guarded");
}

/* The first port of a range that is guarded, or that is not; false when there is none. */
static bool find_port(const struct sg_ports *ports, uint8_t table, uint16_t first, uint16_t last,
		      bool guarded, struct port *found)
{
	for (unsigned int number = first; number <= last; number++) {
		*found = (struct port){table, (uint16_t)number};
		if (ports_contain(ports, found) == guarded)
			return true;
	}
	return false;
}

static void check_translations(const struct facts *facts, struct findings *findings)
{
	const struct sg_ports *guarded = &facts->policy.ports;

	for (size_t i = 0; i < facts->translation_count; i++) {
		const struct translation_facts *at = &facts->translations[i];
		char from_text[PORT_TEXT_SIZE], to_text[PORT_TEXT_SIZE];
		struct finding *finding;
		struct port from, to;

		if (!find_port(guarded, at->table, at->to, at->to_last, true, &to) ||
		    !find_port(guarded, at->table, at->from, at->from_last, false, &from))
			continue;
		port_format(&from, from_text);
		port_format(&to, to_text);
		finding = finding_add(
			findings, facts->policy.seen ? SEVERITY_PROBLEM : SEVERITY_NOTE, NULL,
			"%s becomes %s behind the guard: %s", from_text, to_text, at->rule);
		if (at->from == at->from_last)
			mend_with_port(finding, &facts->policy, &from);
		else
			finding_mend(finding, "narrow the rule to guarded ports, or guard its "
					      "ports with sipguard ports set");
	}
}

static bool owns_address(const struct device_facts *device, const struct prefix *address)
{
	for (size_t i = 0; i < device->address_count; i++) {
		struct prefix own = device->addresses[i];

		if (own.family == address->family &&
		    !memcmp(own.address, address->address, sizeof(own.address)))
			return true;
	}
	return false;
}

/* A listener on a guarded port that takes what comes in through this device, or NULL. */
static const struct listener_facts *reached_through(const struct facts *facts,
						    const struct device_facts *device)
{
	for (size_t i = 0; i < facts->listener_count; i++) {
		const struct listener_facts *listener = &facts->listeners[i];

		if (!ports_contain(&facts->policy.ports, &listener->port))
			continue;
		if (listener->device && listener->device != device->index)
			continue;
		if (is_wildcard(listener) || owns_address(device, &listener->address))
			return listener;
	}
	return NULL;
}

static bool is_port_of_containers(const struct device_facts *device)
{
	return !strcmp(device->traits.kind, "veth") || !strcmp(device->traits.kind, "tun");
}

/* A bridge that leads to nothing but containers and virtual machines of this host. */
static bool is_inside(const struct facts *facts, const struct device_facts *device)
{
	if (strcmp(device->traits.kind, "bridge") != 0)
		return false;
	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *port = &facts->devices[i];

		if (port->master == device->index && !is_port_of_containers(port))
			return false;
	}
	return true;
}

/* What lacks a guard: ports of a bridge, bond or VRF, the device itself, or the one below. */
static void mend_with_guard(struct finding *finding, const struct facts *facts,
			    const struct device_facts *device)
{
	const struct kind_verdict verdict = device_kind_judge(&device->traits);
	const struct device_facts *lower = facts_device_at(facts, device->lower);
	char names[sizeof(finding->mend) - 64] = "";
	size_t length = 0;

	for (size_t i = 0; i < facts->device_count; i++) {
		const struct device_facts *port = &facts->devices[i];

		if (port->master != device->index || !port->up || facts_covered(facts, port))
			continue;
		if (length + strlen(port->name) + 2 <= sizeof(names))
			length += (size_t)sprintf(names + length, " %s", port->name);
	}
	if (length)
		finding_mend(finding, "sipguard attach%s", names);
	else if (!verdict.guardable && verdict.instead == INSTEAD_LOWER && lower)
		finding_mend(finding, "sipguard attach %s", lower->name);
	else if (!verdict.guardable)
		finding_mend(finding, "%s", verdict.hint);
	else
		finding_mend(finding, "sipguard attach --mode auto %s", device->name);
}

static enum severity severity_of_gap(const struct facts *facts, const struct device_facts *device,
				     bool reached)
{
	if (device->default_route)
		return SEVERITY_PROBLEM;
	return reached && !is_inside(facts, device) ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static void describe_reach(char *text, size_t size, const struct listener_facts *listener)
{
	char port[PORT_TEXT_SIZE];

	text[0] = '\0';
	if (!listener)
		return;
	port_format(&listener->port, port);
	snprintf(text, size, "; it leads to %s on %s",
		 *listener->process ? listener->process : "a listener", port);
}

static void check_unguarded(const struct facts *facts, const struct device_facts *device,
			    struct findings *findings)
{
	const struct listener_facts *listener;
	char reached[FACT_NAME_SIZE + 64];
	struct finding *finding;

	if (!device->up || device->loopback || facts_covered(facts, device) ||
	    device_kind_judge(&device->traits).receives_nothing)
		return;
	if (!device->default_route && !device->address_count)
		return;
	listener = reached_through(facts, device);
	describe_reach(reached, sizeof(reached), listener);
	finding = finding_add(
		findings, severity_of_gap(facts, device, listener), device->name,
		"no guard on this %s%s%s", *device->traits.kind ? device->traits.kind : "device",
		device->default_route ? ", which has the default route" : "", reached);
	mend_with_guard(finding, facts, device);
}

static const struct check checks[] = {
	{"listeners", "the guard looks at guarded ports alone", check_listeners},
	{"translations",
	 "destinations are translated after XDP: the guard sees the port on the wire",
	 check_translations},
	{"unguarded", "what a tunnel carries, or another device, passes no other device's guard",
	 .device = check_unguarded},
};

const struct checks exposure_checks = {checks, sizeof(checks) / sizeof(checks[0])};
