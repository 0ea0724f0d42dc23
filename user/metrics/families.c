// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics/families.h"

#include "policy/names.h"

static bool was_read(const struct snapshot *snapshot, enum snapshot_part part)
{
	return !snapshot->problems[part].message[0];
}

/* A guard's counters as one family: the field of the counter at `offset`. */
struct counted {
	const struct exposition *exposition;
	const struct snapshot_guard *guard;
	size_t offset;
};

static void write_cell(void *context, enum sg_verdict verdict, enum sg_family family,
		       enum sg_protocol protocol, enum sg_reason reason,
		       const struct sg_counter *counter)
{
	const struct counted *counted = context;
	const struct label labels[] = {
		{"device", counted->guard->device},    {"family", family_name(family)},
		{"protocol", protocol_name(protocol)}, {"verdict", verdict_name(verdict)},
		{"reason", reason_name(reason)},
	};
	uint64_t value = *(const uint64_t *)((const char *)counter + counted->offset);

	exposition_counter(counted->exposition, labels, sizeof(labels) / sizeof(labels[0]), value,
			   counted->guard->created);
}

static void write_cells(const struct exposition *exposition, const struct snapshot *snapshot,
			size_t offset)
{
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		struct counted counted = {exposition, &snapshot->guards[i], offset};

		snapshot_visit_cells(counted.guard, write_cell, &counted);
	}
}

static void write_packets(const struct exposition *exposition, const struct snapshot *snapshot)
{
	write_cells(exposition, snapshot, offsetof(struct sg_counter, packets));
}

static void write_bytes(const struct exposition *exposition, const struct snapshot *snapshot)
{
	write_cells(exposition, snapshot, offsetof(struct sg_counter, bytes));
}

static void write_attached(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		const struct snapshot_guard *guard = &snapshot->guards[i];
		struct label labels[] = {{"device", guard->device}, {"mode", "native"}};

		exposition_gauge(exposition, labels, 2, guard->native);
		labels[1].value = "generic";
		exposition_gauge(exposition, labels, 2, guard->generic);
	}
}

static void write_enforcing(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		const struct label label = {"device", snapshot->guards[i].device};

		exposition_gauge(exposition, &label, 1, snapshot->guards[i].enforces);
	}
}

static void write_changed(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		const struct snapshot_guard *guard = &snapshot->guards[i];
		struct label labels[] = {{"device", guard->device}, {"change", NULL}};

		for (int change = 0; change < CHANGE_COUNT; change++) {
			labels[1].value = baseline_change_name(change);
			exposition_gauge(exposition, labels, 2,
					 guard->changes.what[change][0] != 0);
		}
	}
}

static void write_expected(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->expected.count; i++) {
		const struct label label = {"device", snapshot->expected.wishes[i].device};

		if (snapshot->expected.wishes[i].guarded)
			exposition_gauge(exposition, &label, 1, 1);
	}
}

static void write_expected_enforcing(const struct exposition *exposition,
				     const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->expected.count; i++) {
		const struct guard_wish *wish = &snapshot->expected.wishes[i];
		const struct label label = {"device", wish->device};

		if (wish->guarded)
			exposition_gauge(exposition, &label, 1, wish->mode == SG_MODE_ENFORCE);
	}
}

static bool any_confirmation(const struct snapshot *snapshot, enum confirmation confirmation)
{
	bool any = snapshot->list_confirmation == confirmation;

	for (size_t i = 0; i < snapshot->guard_count; i++)
		any |= snapshot->guards[i].confirmation == confirmation;
	return any;
}

static void write_pending(const struct exposition *exposition, const struct snapshot *snapshot)
{
	exposition_gauge(exposition, NULL, 0, any_confirmation(snapshot, CONFIRMATION_PENDING));
}

static void write_missed(const struct exposition *exposition, const struct snapshot *snapshot)
{
	exposition_gauge(exposition, NULL, 0, any_confirmation(snapshot, CONFIRMATION_MISSED));
}

static void write_samples_lost(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		const struct snapshot_guard *guard = &snapshot->guards[i];
		const struct label label = {"device", guard->device};

		exposition_counter(exposition, &label, 1, guard->samples_lost, guard->created);
	}
}

static void write_by_family(const struct exposition *exposition, uint32_t ipv4, uint32_t ipv6)
{
	const struct label labels[] = {
		{"family", family_name(SG_FAMILY_IPV4)},
		{"family", family_name(SG_FAMILY_IPV6)},
	};

	exposition_gauge(exposition, &labels[0], 1, ipv4);
	exposition_gauge(exposition, &labels[1], 1, ipv6);
}

static void write_entries(const struct exposition *exposition, const struct snapshot *snapshot)
{
	if (was_read(snapshot, SNAPSHOT_POLICY))
		write_by_family(exposition, snapshot->entries4, snapshot->entries6);
}

static void write_capacity(const struct exposition *exposition, const struct snapshot *snapshot)
{
	write_by_family(exposition, snapshot->capacity, snapshot->capacity);
}

static void write_apply_time(const struct exposition *exposition, const struct snapshot *snapshot)
{
	if (was_read(snapshot, SNAPSHOT_LAST_APPLY))
		exposition_gauge(exposition, NULL, 0, snapshot->last_apply_success);
}

static void write_apply_result(const struct exposition *exposition, const struct snapshot *snapshot)
{
	if (was_read(snapshot, SNAPSHOT_LAST_APPLY))
		exposition_gauge(exposition, NULL, 0, snapshot->last_apply_successful);
}

static void write_collectors(const struct exposition *exposition, const struct snapshot *snapshot)
{
	for (int part = 0; part < SNAPSHOT_PART_COUNT; part++) {
		const struct label label = {"collector", snapshot_part_name(part)};

		exposition_gauge(exposition, &label, 1, was_read(snapshot, part));
	}
}

static const struct {
	struct family family;
	void (*write)(const struct exposition *exposition, const struct snapshot *snapshot);
} families[] = {
	{{"sipguard_packets", FAMILY_COUNTER, NULL,
	  "Packets that the guard of a device saw, by the verdict they got and the reason for it."},
	 write_packets},
	{{"sipguard_bytes", FAMILY_COUNTER, "bytes", "Bytes of these packets."}, write_bytes},
	{{"sipguard_attached", FAMILY_GAUGE, NULL,
	  "1 while the guard sits on its device in this mode; 0 in both: its device is gone."},
	 write_attached},
	{{"sipguard_enforcing", FAMILY_GAUGE, NULL,
	  "1 where the guard drops, 0 where it only counts what it would drop."},
	 write_enforcing},
	{{"sipguard_guard_changed", FAMILY_GAUGE, NULL,
	  "1 when this is not as it was when the device was guarded: attach again."},
	 write_changed},
	{{"sipguard_guard_expected", FAMILY_GAUGE, NULL,
	  "1 for each device that is remembered: its guard should be there."},
	 write_expected},
	{{"sipguard_guard_expected_enforcing", FAMILY_GAUGE, NULL,
	  "1 where that guard was chosen to drop, 0 where it was chosen to monitor."},
	 write_expected_enforcing},
	{{"sipguard_confirmation_pending", FAMILY_GAUGE, NULL,
	  "Whether a mode or the allowlist goes back by itself unless it is confirmed."},
	 write_pending},
	{{"sipguard_confirmation_missed", FAMILY_GAUGE, NULL,
	  "Whether one went back because nobody confirmed it; until the next change."},
	 write_missed},
	{{"sipguard_allowlist_entries", FAMILY_GAUGE, "entries",
	  "Entries of the allowlist, expired ones included."},
	 write_entries},
	{{"sipguard_allowlist_capacity_entries", FAMILY_GAUGE, "entries",
	  "The most entries of the family that the allowlist can have."},
	 write_capacity},
	{{"sipguard_drop_samples_lost", FAMILY_COUNTER, NULL,
	  "Samples of packets that were lost because nobody took them in time."},
	 write_samples_lost},
	{{"sipguard_policy_last_apply_success_timestamp_seconds", FAMILY_GAUGE, "seconds",
	  "When the declared policy was last applied with success; 0: never."},
	 write_apply_time},
	{{"sipguard_policy_last_apply_successful", FAMILY_GAUGE, NULL,
	  "0 when the last apply of the declared policy failed; 1 otherwise, also before the first."},
	 write_apply_result},
	{{"sipguard_collector_success", FAMILY_GAUGE, NULL,
	  "0 when this part could not be read; /healthz tells why."},
	 write_collectors},
};

static void write_build(struct exposition *exposition, const struct build *build)
{
	static const struct family family = {
		"sipguard_build",
		FAMILY_INFO,
		NULL,
		"Which sipguard this is; always 1.",
	};
	const struct label labels[] = {
		{"version", build->version},
		{"revision", build->revision},
		{"libbpf", build->libbpf},
	};

	exposition_family(exposition, &family);
	exposition_gauge(exposition, labels, sizeof(labels) / sizeof(labels[0]), 1);
}

void families_write(FILE *stream, enum exposition_format format, const struct snapshot *snapshot,
		    const struct build *build)
{
	struct exposition exposition = {stream, format, NULL};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		exposition_family(&exposition, &families[i].family);
		families[i].write(&exposition, snapshot);
	}
	write_build(&exposition, build);
	exposition_end(&exposition);
}
