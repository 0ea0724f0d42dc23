// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/snapshot.h"

#include <stdlib.h>

#include "policy/names.h"

const char *snapshot_part_name(enum snapshot_part part)
{
	static const char *const names[] = {
		[SNAPSHOT_GUARDS] = "guards",
		[SNAPSHOT_POLICY] = "policy",
		[SNAPSHOT_LAST_APPLY] = "last_apply",
		[SNAPSHOT_EXPECTED] = "expected",
	};

	return names[part];
}

const struct error *snapshot_problem(const struct snapshot *snapshot)
{
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		if (snapshot->problems[part].message[0])
			return &snapshot->problems[part];
	}
	return NULL;
}

static bool verdict_occurs(enum sg_verdict verdict, enum sg_reason reason)
{
	if (reason_verdict(reason) == SG_VERDICT_PASS)
		return verdict == SG_VERDICT_PASS;
	return verdict != SG_VERDICT_PASS;
}

bool snapshot_cell_occurs(enum sg_verdict verdict, enum sg_family family, enum sg_protocol protocol,
			  enum sg_reason reason)
{
	bool is_ip = family != SG_FAMILY_NONE;
	bool has_ports = protocol != SG_PROTOCOL_OTHER;
	bool is_ipv6 = family == SG_FAMILY_IPV6;

	if (!verdict_occurs(verdict, reason))
		return false;
	switch (reason) {
	case SG_REASON_NOT_IP:
	case SG_REASON_VLAN_LIMIT:
		return !is_ip && !has_ports;
	case SG_REASON_OTHER_PORT:
		return is_ip;
	/* Given before the protocol is looked at. */
	case SG_REASON_FRAGMENT_TAIL:
	case SG_REASON_MALFORMED:
		return is_ip && !has_ports;
	case SG_REASON_HEADER_LIMIT:
		return is_ipv6 && !has_ports;
	/* A chain of extension headers may end before it tells the protocol. */
	case SG_REASON_NO_PORTS:
	case SG_REASON_ALLOWED:
		return is_ip && (has_ports || is_ipv6);
	default:
		return is_ip && has_ports;
	}
}

void snapshot_visit_cells(const struct snapshot_guard *guard, cell_visitor *visit, void *context)
{
	for (uint32_t index = 0; index < SG_COUNTER_COUNT; index++) {
		uint32_t reason = index % SG_REASON_COUNT;
		uint32_t protocol = index / SG_REASON_COUNT % SG_PROTOCOL_COUNT;
		uint32_t family = index / SG_REASON_COUNT / SG_PROTOCOL_COUNT % SG_FAMILY_COUNT;
		uint32_t verdict = index / SG_REASON_COUNT / SG_PROTOCOL_COUNT / SG_FAMILY_COUNT;

		if (guard->counters[index].packets ||
		    snapshot_cell_occurs(verdict, family, protocol, reason))
			visit(context, verdict, family, protocol, reason, &guard->counters[index]);
	}
}

void snapshot_clear(struct snapshot *snapshot)
{
	free(snapshot->guards);
	guard_wishes_clear(&snapshot->expected);
	*snapshot = (struct snapshot){};
}
