/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Enforce and account: from the reason to the verdict, and the verdict into the device's counters.
 *
 * Accounting never changes a verdict: whatever fails here, the packet gets what its reason says.
 */
#ifndef SIPGUARD_ACCOUNT_BPF_H
#define SIPGUARD_ACCOUNT_BPF_H

#include "packet.bpf.h"

/*
 * The map devices/NAME/device, as a variable. Of this device alone, unlike the maps of the policy;
 * written by user space.
 */
struct sg_device device SEC(".data.device");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SG_COUNTER_COUNT);
	__type(key, __u32);
	__type(value, struct sg_counter);
} counters SEC(".maps");

static __always_inline enum sg_verdict verdict_of(enum sg_reason reason)
{
	switch (reason) {
#define REASON_VERDICT(enumerator, name, verdict, help) \
	case SG_REASON_##enumerator: \
		return SG_VERDICT_##verdict;
		SG_REASONS(REASON_VERDICT)
#undef REASON_VERDICT
	default:
		return SG_VERDICT_DROP;
	}
}

/* The clock is asked only while a change of the mode is to be confirmed, or was not. */
static __always_inline enum sg_mode mode_in_force(void)
{
	return sg_mode_in_force(&device, device.revert_at ? bpf_ktime_get_boot_ns() : 0);
}

static __always_inline enum sg_verdict enforce(enum sg_reason reason)
{
	enum sg_verdict verdict = verdict_of(reason);

	if (verdict == SG_VERDICT_DROP && mode_in_force() == SG_MODE_MONITOR)
		return SG_VERDICT_WOULD_DROP;
	return verdict;
}

/* Returns how many packets like this one the CPU has counted, with this one. */
static __always_inline __u64 account(const struct packet *packet, enum sg_verdict verdict,
				     enum sg_reason reason)
{
	__u32 index = sg_counter_index(verdict, packet->family, packet->protocol, reason);
	struct sg_counter *counter;

	counter = bpf_map_lookup_elem(&counters, &index);
	if (!counter)
		return 0;
	counter->bytes += packet->length;
	return ++counter->packets;
}

#endif
