// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit/doctor_facts.h"

#include <criterion/criterion.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"
#include "sipguard/abi.h"

/* A machine without devices, on which nothing is to be mended. */
static struct facts healthy(void)
{
	struct facts facts = {
		.machine =
			{
				.kernel_major = 6,
				.kernel_minor = 1,
				.kernel_release = "6.1.0",
				.jit = 1,
				.unprivileged_bpf = 2,
				.bpf_file_system = true,
				.pin_root = "/pins",
				.mount_advice = "mount -t bpf bpf /sys/fs/bpf",
				.processors = 4,
				.clock_synchronised = true,
				.reassembly = {{64 << 20, 2}, {64 << 20, 2}, {-1, -1}},
				.systemd = true,
			},
		.policy =
			{
				.seen = true,
				.state_seen = true,
				.declared = true,
				.loaded = true,
				.entries4 = 3,
				.capacity_max = 1000,
				.memory = 1 << 20,
				.allows_any = true,
			},
		.guards_seen = true,
		.peers_seen = true,
	};

	ports_default(&facts.policy.ports);
	return facts;
}

static void *must(void *element)
{
	if (!element)
		abort();
	return element;
}

struct device_facts *add_device(struct facts *facts, const char *name, int index)
{
	struct device_facts *device = must(array_add(facts->devices, facts->device_count));

	snprintf(device->name, sizeof(device->name), "%s", name);
	device->index = index;
	device->mtu = 1500;
	device->up = true;
	device->traits.type = ARPHRD_ETHER;
	device->features_known = true;
	device->features = XDP_FEATURE_BASIC | XDP_FEATURE_FRAGS;
	return device;
}

void add_address(struct device_facts *device, const char *text)
{
	struct error error;

	cr_assert_eq(address_parse(text, must(array_add(device->addresses, device->address_count)),
				   &error),
		     0);
}

struct guard_facts *add_guard(struct facts *facts, const char *device)
{
	struct guard_facts *guard = must(array_add(facts->guards, facts->guard_count));

	snprintf(guard->device, sizeof(guard->device), "%s", device);
	snprintf(guard->present, sizeof(guard->present), "%s", device);
	guard->remembered = true;
	guard->starts_at_boot = true;
	guard->changes.known = true;
	return guard;
}

void add_listener(struct facts *facts, const char *address, const char *port, const char *process)
{
	struct listener_facts *listener = must(array_add(facts->listeners, facts->listener_count));
	struct error error;

	cr_assert_eq(port_parse(port, &listener->port, &error), 0);
	listener->address.family = SG_FAMILY_IPV4;
	if (address)
		cr_assert_eq(address_parse(address, &listener->address, &error), 0);
	snprintf(listener->process, sizeof(listener->process), "%s", process);
}

void add_peer(struct facts *facts, const char *address, bool allowed)
{
	struct peer_facts *peer = must(array_add(facts->peers, facts->peer_count));
	struct error error;

	cr_assert_eq(address_parse(address, &peer->address, &error), 0);
	cr_assert_eq(port_parse("udp/5060", &peer->port, &error), 0);
	peer->allowed = allowed;
}

void add_translation(struct facts *facts, uint16_t from, uint16_t from_last, uint16_t to,
		     uint16_t to_last)
{
	struct translation_facts *translation =
		must(array_add(facts->translations, facts->translation_count));

	*translation = (struct translation_facts){.table = SG_PORTS_UDP,
						  .from = from,
						  .from_last = from_last,
						  .to = to,
						  .to_last = to_last,
						  .rule = "the rule"};
}

struct facts served(void)
{
	struct facts facts = healthy();
	struct device_facts *uplink = add_device(&facts, "eth0", 2);

	uplink->default_route = true;
	snprintf(uplink->driver, sizeof(uplink->driver), "ena");
	add_address(uplink, "192.0.2.1");
	add_guard(&facts, "eth0");
	add_listener(&facts, NULL, "udp/5060", "kamailio");
	add_listener(&facts, "127.0.0.1", "udp/5080", "kamailio");
	return facts;
}

struct findings examine(const struct facts *facts)
{
	struct findings findings = {};
	struct error error;

	cr_assert_eq(doctor_examine(facts, &findings, &error), 0);
	return findings;
}

const struct finding *find(const struct findings *findings, const char *check, const char *device)
{
	const struct finding *worst = NULL;

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->findings[i];

		if (!strcmp(finding->check, check) && !strcmp(finding->device, device) &&
		    (!worst || finding->severity > worst->severity))
			worst = finding;
	}
	return worst;
}

struct device_facts *unguarded(struct facts *facts, const char *name, const char *kind)
{
	struct device_facts *device = add_device(facts, name, 7);

	snprintf(device->traits.kind, sizeof(device->traits.kind), "%s", kind);
	add_address(device, "198.51.100.1");
	return device;
}

void each_is_found(const struct ill *ills, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct facts facts = served();
		struct findings findings;
		const struct finding *finding;

		ills[i].change(&facts);
		findings = examine(&facts);
		finding = find(&findings, ills[i].check, ills[i].device);
		cr_assert_not_null(finding, "%zu: %s", i, ills[i].check);
		cr_assert_eq(finding->severity, ills[i].severity, "%zu: %s: %s", i, finding->check,
			     finding->what);
		cr_assert_not_null(strstr(finding->mend, ills[i].mend), "%zu: %s: %s", i,
				   finding->check, finding->mend);
		findings_clear(&findings);
		facts_clear(&facts);
	}
}

void none_is_complained_of(void (*const *changes)(struct facts *facts), size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct facts facts = served();
		struct findings findings;

		changes[i](&facts);
		findings = examine(&facts);
		for (size_t j = 0; j < findings.count; j++)
			cr_assert_eq(findings.findings[j].severity, SEVERITY_OK, "%zu: %s: %s", i,
				     findings.findings[j].check, findings.findings[j].what);
		findings_clear(&findings);
		facts_clear(&facts);
	}
}
