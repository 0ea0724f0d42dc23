// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of what this host asks others: a guard drops the answers of those whom no entry allows. */
#include "doctor/check.h"
#include "sipguard/abi.h"

static bool listens_on_guarded_port(const struct facts *facts)
{
	for (size_t i = 0; i < facts->listener_count; i++) {
		if (ports_contain(&facts->policy.ports, &facts->listeners[i].port))
			return true;
	}
	return false;
}

static void check_peers(const struct facts *facts, struct findings *findings)
{
	size_t before = findings->count;

	for (size_t i = 0; i < facts->peer_count; i++) {
		const struct peer_facts *peer = &facts->peers[i];
		char address[PREFIX_TEXT_SIZE], port[PORT_TEXT_SIZE];

		if (peer->allowed || prefix_embeds_ipv4(&peer->address))
			continue;
		address_format(&peer->address, address);
		port_format(&peer->port, port);
		finding_mend(finding_add(findings, SEVERITY_WARNING, NULL,
					 "this host sends requests to %s from %s, %s and no entry "
					 "allows it: a registration or a call there is lost",
					 address, port,
					 peer->answered ? "is answered," : "hears nothing,"),
			     "sipguard allow %s", address);
	}
	if (findings->count > before)
		return;
	if (facts->peers_seen)
		finding_add(findings, SEVERITY_OK, NULL,
			    "no connection is tracked that lacks an entry");
	else if (listens_on_guarded_port(facts))
		finding_mend(finding_add(findings, SEVERITY_NOTE, NULL,
					 "connections are not tracked: whether this host registers "
					 "or calls from a guarded port cannot be seen"),
			     "sipguard learn for 1h");
}

static const struct check checks[] = {
	{"outgoing", "who answers a request from a guarded port needs an entry as everybody does",
	 check_peers},
};

const struct checks peer_checks = {checks, sizeof(checks) / sizeof(checks[0])};
