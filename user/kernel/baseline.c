// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/baseline.h"

#include <string.h>
#include <sys/stat.h>

#include "kernel/ethtool.h"
#include "text/escape.h"

_Static_assert(BASELINE_ADDRESS_SIZE == DEVICE_ADDRESS_SIZE, "an address is copied whole");

static void observe_device(const struct device *device, struct baseline *baseline)
{
	const struct ethtool_merging merging = ethtool_merging(device->name);
	struct stat status;

	baseline->index = device->index;
	if (!stat("/proc/self/ns/net", &status))
		baseline->network_namespace = status.st_ino;
	memcpy(baseline->kind, device->traits.kind, sizeof(baseline->kind));
	baseline->link_layer = device->link_layer;
	baseline->mtu = device->mtu;
	baseline->master = device->master;
	memcpy(baseline->address, device->address, device->address_length);
	baseline->address_length = device->address_length;
	baseline->channels = ethtool_queues(device->name).used;
	baseline->merges = merging.lro || merging.gro_hw;
	baseline->received_packets = device->received_packets;
	baseline->received_bytes = device->received_bytes;
}

static void add_port(const struct device *device, struct baseline *baseline)
{
	struct baseline_port *port = &baseline->ports[baseline->port_count];

	if (baseline->port_count == BASELINE_PORTS_MAX)
		return;
	port->index = device->index;
	port->runs_program = device_runs_program(device);
	text_escape(port->name, sizeof(port->name), device->name, strlen(device->name));
	baseline->port_count++;
}

/*
 * Whether a port is another way to what its master leads to. Those of a VRF lead to networks of
 * their own; of a bridge, containers and virtual machines of this host come and go.
 */
static bool is_way_in(const struct device *port, const struct device *master)
{
	if (!strcmp(master->traits.kind, "bridge"))
		return strcmp(port->traits.kind, "veth") != 0 &&
		       strcmp(port->traits.kind, "tun") != 0;
	return !strcmp(master->traits.kind, "bond") || !strcmp(master->traits.kind, "team");
}

static void observe_ports(const struct devices *devices, struct baseline *baseline)
{
	const struct device *master = devices_at(devices, baseline->master);

	if (!baseline->master || !master)
		return;
	baseline->master_runs_program = device_runs_program(master);
	for (size_t i = 0; i < devices->count; i++) {
		const struct device *port = &devices->devices[i];

		if (port->master == master->index && port->index != baseline->index &&
		    is_way_in(port, master))
			add_port(port, baseline);
	}
}

static int observe_counters(uint32_t program_id, const struct device_maps *maps,
			    struct baseline *baseline, struct error *error)
{
	struct sg_counter counters[SG_COUNTER_COUNT];
	struct sg_device settings;
	int result = device_maps_settings(maps, &settings, error);

	result = result ?: device_maps_counters(maps, counters, error);
	for (uint32_t i = 0; !result && i < SG_COUNTER_COUNT; i++)
		baseline->counted_packets += counters[i].packets;
	if (!result && program_id != settings.program_id &&
	    program_id != settings.former_program_id)
		baseline->other_program = program_id;
	return result;
}

int baseline_observe(const struct devices *devices, const struct device *device,
		     uint32_t program_id, const struct device_maps *maps, struct baseline *baseline,
		     struct error *error)
{
	struct baseline observed = {.native = device->native_program == program_id};
	int result;

	observe_device(device, &observed);
	observe_ports(devices, &observed);
	result = observe_counters(program_id, maps, &observed, error);
	if (!result)
		*baseline = observed;
	return result;
}
