// SPDX-License-Identifier: GPL-2.0-or-later
/* Checks of devices that a guard could be attached to: what the driver will say to it. */
#include <string.h>

#include "doctor/check.h"
#include "doctor/driver.h"

/* What a page leaves for a frame between headroom and tail, where the driver has no rule of its
 * own. */
#define ONE_BUFFER_MTU 3498

/* Whether traffic comes in through it that an attach would be of use for. */
static bool is_candidate(const struct facts *facts, const struct device_facts *device)
{
	const struct device_facts *master = facts_device_at(facts, device->master);

	if (!device->up || device->loopback || facts_guarded(facts, device) ||
	    !device_kind_judge(&device->traits).guardable)
		return false;
	return device->address_count || device->default_route ||
	       (master && (master->address_count || master->default_route));
}

static void check_native(const struct facts *facts, const struct device_facts *device,
			 struct findings *findings)
{
	const struct driver *driver = driver_find(device->driver);

	if (!is_candidate(facts, device))
		return;
	if (driver_is_native(device))
		finding_add(findings, SEVERITY_OK, device->name, "%s has native XDP",
			    device->driver);
	else if (device->features_known || driver ||
		 device_kind_judge(&device->traits).link_layer != SG_LINK_ETHERNET)
		finding_mend(finding_add(findings, SEVERITY_NOTE, device->name,
					 "%s has no native XDP here",
					 *device->driver ? device->driver : "the driver"),
			     "sipguard attach --mode generic %s", device->name);
	else
		finding_add(findings, SEVERITY_NOTE, device->name,
			    "whether %s has native XDP, the kernel does not tell",
			    *device->driver ? device->driver : "the driver");
}

static int mtu_limit(const struct device_facts *device, const struct driver *driver)
{
	if (device->features_known && device->features & XDP_FEATURE_FRAGS)
		return 0;
	if (driver && (driver->mtu_max || !device->features_known))
		return driver->mtu_max;
	return ONE_BUFFER_MTU;
}

static void check_mtu(const struct facts *facts, const struct device_facts *device,
		      struct findings *findings)
{
	const struct driver *driver = driver_find(device->driver);
	int limit = mtu_limit(device, driver);

	if (!is_candidate(facts, device) || !driver_is_native(device))
		return;
	if (limit && device->mtu > limit)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "with an MTU of %d, %s refuses native XDP: it takes %d at "
					 "most",
					 device->mtu, device->driver, limit),
			     "ip link set dev %s mtu %d; or sipguard attach --mode generic %s",
			     device->name, limit, device->name);
	else
		finding_add(findings, SEVERITY_OK, device->name, "%d", device->mtu);
}

static void check_offloads(const struct facts *facts, const struct device_facts *device,
			   struct findings *findings)
{
	const struct driver *driver = driver_find(device->driver);

	if (!is_candidate(facts, device) || !driver)
		return;
	if (driver->lro_blocks && device->lro)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "%s refuses native XDP while LRO is on", driver->name),
			     "ethtool -K %s lro off", device->name);
	if (driver->gro_hw_blocks && device->gro_hw)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "%s refuses native XDP while hardware GRO is on",
					 driver->name),
			     "ethtool -K %s rx-gro-hw off", device->name);
	/* The host merges packets, and this guest cannot tell it to stop. */
	if (!strcmp(driver->name, "virtio_net") && device->gro_hw && device->gro_hw_fixed)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "the host merges packets, and so virtio_net refuses "
					 "native XDP"),
			     "give the virtual device guest_tso4=off,guest_tso6=off,guest_ecn=off,"
			     "guest_ufo=off,guest_csum=off; or sipguard attach --mode generic %s",
			     device->name);
}

static void check_queues(const struct facts *facts, const struct device_facts *device,
			 struct findings *findings)
{
	const struct driver *driver = driver_find(device->driver);
	unsigned int used = device->queues, most = device->queues_max;

	if (!used || device->loopback || !device->up)
		return;
	if (driver && driver->halves_queues && is_candidate(facts, device) && used > most / 2)
		finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
					 "%s refuses native XDP with more than half of its %u "
					 "queues in use",
					 driver->name, most),
			     "ethtool -L %s %s %u", device->name,
			     device->queues_separate ? "rx" : "combined", most / 2 ?: 1);
	else if (used < most && used < facts->machine.processors)
		finding_mend(finding_add(findings, SEVERITY_NOTE, device->name,
					 "%u of %u receive queues for %u processors", used, most,
					 facts->machine.processors),
			     "ethtool -L %s %s %u%s%s", device->name,
			     device->queues_separate ? "rx" : "combined",
			     most < facts->machine.processors ? most : facts->machine.processors,
			     facts_guarded(facts, device) ? " && sipguard attach " : "",
			     facts_guarded(facts, device) ? device->name : "");
}

static void check_program(const struct facts *facts, const struct device_facts *device,
			  struct findings *findings)
{
	if (!device->program_id || facts_guarded(facts, device))
		return;
	finding_mend(finding_add(findings, SEVERITY_WARNING, device->name,
				 "the XDP program %u (%s) is on it, which is not a guard",
				 device->program_id, device->program_name),
		     "if it may go: sipguard attach --replace %s; to look at it: bpftool prog show "
		     "id %u",
		     device->name, device->program_id);
}

static const struct check checks[] = {
	{"other-program", "a device takes one XDP program, and attach throws nobody off",
	 .device = check_program},
	{"native-xdp", "only in the driver does a dropped packet cost next to nothing",
	 .device = check_native},
	{"mtu", "frames must fit into what the driver gives to XDP", .device = check_mtu},
	{"offloads", "a driver that merges packets has no single ones to show",
	 .device = check_offloads},
	{"queues", "each queue is drained by one processor, and a flood fills it",
	 .device = check_queues},
};

const struct checks device_checks = {checks, sizeof(checks) / sizeof(checks[0])};
