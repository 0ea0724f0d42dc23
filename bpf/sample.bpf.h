/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sample: hands packets to the readers in user space who asked for them, as struct
 * sg_sample_request describes.
 *
 * Sampling never changes a verdict. Under a flood all that most packets meet is a number to
 * compare: no helper is called and nothing is written before a packet is a candidate.
 */
#ifndef SIPGUARD_SAMPLE_BPF_H
#define SIPGUARD_SAMPLE_BPF_H

#include "packet.bpf.h"
#include "recent.bpf.h"

/* What the samples of this guard are known by. */
const volatile __u8 guard_mark;

/* The map samples/readers, as a variable; the loader puts its map in the place. */
struct sg_sample_readers sample_readers SEC(".data.readers");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SG_SAMPLE_READERS);
	__type(key, __u32);
	__type(value, struct sg_sample_taken);
} sample_taken SEC(".maps");

/* The size is the reader's choice. */
struct sample_ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, SG_SAMPLE_READERS);
	__type(key, __u32);
	__array(values, struct sample_ring);
} sample_rings SEC(".maps");

/* Of this device alone. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} samples_lost SEC(".maps");

/* Where a record is put together: too large for the stack. */
struct sample_record {
	struct sg_sample sample;
	__u8 frame[SG_SAMPLE_BYTES_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample_record);
} sample_records SEC(".maps");

/* What is known about a packet, in one register, because a function takes no more than five. */
union sample_facts {
	struct {
		__u8 reader;
		__u8 verdict;
		__u8 reason;
		__u8 family;
		__u8 protocol;
		__u8 link_layer;
		__u16 destination_port;
	};
	__u64 word;
};

static __always_inline __u32 shift_for(const struct sg_sample_request *request, __u32 verdict,
				       __u32 reason)
{
	return request->shift[verdict & (SG_SAMPLE_VERDICTS - 1)][reason & (SG_SAMPLE_REASONS - 1)];
}

static __always_inline bool is_source_wanted(const struct sg_sample_request *request, __u32 family,
					     const struct source *source)
{
	const struct source *address = (const struct source *)request->address;
	const struct source *mask = (const struct source *)request->mask;

	if (request->family == SG_FAMILY_NONE)
		return true;
	return family == request->family && !(((source->high ^ address->high) & mask->high) |
					      ((source->low ^ address->low) & mask->low));
}

static __always_inline bool is_device_wanted(const struct sg_sample_request *request,
					     const struct xdp_md *ctx)
{
	return request->devices == ~0ULL || request->devices >> (ctx->ingress_ifindex & 63) & 1;
}

/* Counts the candidate, and says whether there is credit for it. */
static __always_inline bool take_credit(const struct sg_sample_request *request, __u32 reader,
					struct sg_sample_taken *taken)
{
	if (taken->window != request->window) {
		taken->window = request->window;
		taken->candidates = 0;
	}
	taken->candidates++;
	if (taken->candidates <= request->credit)
		return true;
	if (taken->candidates - request->credit > SG_SAMPLE_PATIENCE)
		__sync_fetch_and_and(&sample_readers.active, ~(1U << reader));
	return false;
}

static __always_inline void describe(struct sg_sample *sample, struct xdp_md *ctx,
				     union sample_facts facts, __be64 source_high,
				     __be64 source_low)
{
	__be64 source[2] = {source_high, source_low};

	sample->time = bpf_ktime_get_boot_ns();
	sample->ifindex = ctx->ingress_ifindex;
	sample->length = bpf_xdp_get_buff_len(ctx);
	sample->verdict = facts.verdict;
	sample->reason = facts.reason;
	sample->family = facts.family;
	sample->protocol = facts.protocol;
	sample->destination_port = facts.destination_port;
	sample->link_layer = facts.link_layer;
	sample->guard = guard_mark;
	__builtin_memcpy(sample->source, source, sizeof(source));
}

/*
 * The start of the frame, from whichever buffers it lies in; false when it cannot be read.
 *
 * A size of 0 is refused by the helper, and before Linux 6.8 the verifier does not see that a
 * comparison with 0 excludes it. So the last byte is compared with the last there is room for: of
 * no bytes it is beyond.
 */
static __always_inline bool copy_frame(struct sample_record *record, struct xdp_md *ctx,
				       __u32 bytes)
{
	__u32 size = record->sample.length, last;

	if (size > bytes)
		size = bytes;
	record->sample.captured = size;
	last = size - 1;
	/* Or else clang takes last + 1 for the size that the verifier knows nothing about. */
	barrier_var(last);
	if (last >= SG_SAMPLE_BYTES_MAX)
		return !size;
	return bpf_xdp_load_bytes(ctx, 0, record->frame, last + 1) == 0;
}

/*
 * A reader looks at its ring several times a second anyway, and is woken up only when it must
 * hurry: to wake it up costs more than the record.
 */
static __always_inline bool hand_over(void *ring, const struct sample_record *record)
{
	__u64 waiting = bpf_ringbuf_query(ring, BPF_RB_AVAIL_DATA);
	__u64 room = bpf_ringbuf_query(ring, BPF_RB_RING_SIZE);
	__u64 flags = waiting > room / 4 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	__u32 captured = record->sample.captured;

	if (captured > SG_SAMPLE_BYTES_MAX)
		return false;
	return bpf_ringbuf_output(ring, (void *)record, sizeof(record->sample) + captured, flags) ==
	       0;
}

static __always_inline void count_lost(struct sg_sample_taken *taken)
{
	__u32 zero = 0;
	__u64 *lost;

	taken->lost++;
	lost = bpf_map_lookup_elem(&samples_lost, &zero);
	if (lost)
		(*lost)++;
}

/* A candidate. A function of its own, so that the verifier follows it once. */
__noinline int take_sample(struct xdp_md *ctx, __u64 facts_word, __be64 source_high,
			   __be64 source_low)
{
	union sample_facts facts = {.word = facts_word};
	__u32 reader = facts.reader & (SG_SAMPLE_READERS - 1), key = reader, zero = 0;
	const struct sg_sample_request *request = &sample_readers.requests[reader];
	struct sg_sample_taken *taken;
	struct sample_record *record;
	__u32 shift, packets;
	void *ring;

	taken = bpf_map_lookup_elem(&sample_taken, &key);
	/* The reader may have changed its mind meanwhile. */
	shift = shift_for(request, facts.verdict, facts.reason);
	if (!taken || shift > SG_SAMPLE_SHIFT_MAX)
		return 0;
	packets = 1U << shift;
	taken->packets[facts.reason & (SG_SAMPLE_REASONS - 1)] += packets;
	if (!take_credit(request, reader, taken))
		return 0;
	ring = bpf_map_lookup_elem(&sample_rings, &key);
	record = bpf_map_lookup_elem(&sample_records, &zero);
	if (!ring || !record)
		return 0;
	describe(&record->sample, ctx, facts, source_high, source_low);
	record->sample.packets = packets;
	if (copy_frame(record, ctx, request->bytes) && hand_over(ring, record))
		taken->samples++;
	else
		count_lost(taken);
	return 0;
}

static __always_inline union sample_facts facts_of(const struct packet *packet, __u32 reader,
						   enum sg_verdict verdict, enum sg_reason reason)
{
	return (union sample_facts){
		.reader = reader,
		.verdict = verdict,
		.reason = reason,
		.family = packet->family,
		.protocol = packet->protocol,
		.link_layer = link_layer == SG_LINK_EITHER ? packet->read_as : link_layer,
		.destination_port = packet->destination_port,
	};
}

static __always_inline bool is_candidate(const struct sg_sample_request *request,
					 const struct packet *packet, enum sg_verdict verdict,
					 enum sg_reason reason, __u64 number)
{
	__u32 shift = shift_for(request, verdict, reason);

	number += request->phase;
	return number >> shift << shift == number &&
	       is_source_wanted(request, packet->family, &packet->source) &&
	       is_device_wanted(request, packet->ctx);
}

/* `number`: how many packets like this one there were, with this one. */
static __always_inline void sample(const struct packet *packet, enum sg_verdict verdict,
				   enum sg_reason reason, __u64 number)
{
	if (!leaves_traces || !sample_readers.active)
		return;
#pragma unroll
	for (__u32 reader = 0; reader < SG_SAMPLE_READERS; reader++) {
		if (!(sample_readers.active >> reader & 1) ||
		    !is_candidate(&sample_readers.requests[reader], packet, verdict, reason,
				  number))
			continue;
		take_sample(packet->ctx, facts_of(packet, reader, verdict, reason).word,
			    packet->source.high, packet->source.low);
	}
}

#endif
