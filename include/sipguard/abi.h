/* SPDX-License-Identifier: GPL-2.0-only OR GPL-2.0-or-later */
/*
 * What the XDP program and user space agree on: the layout of every map.
 *
 * Included by both sides, so it needs <linux/types.h> and nothing else. Layouts have fixed widths,
 * explicit padding and no dependence on a build flag. Addresses and prefixes are in network byte
 * order; every other number is in host byte order. Times are nanoseconds on the clock that is named
 * where they stand.
 *
 * Maps that carry policy are written by user space only; maps that count are written by the program
 * only. Pinned maps outlive the tool, so any change of a layout raises SG_ABI_VERSION: a pin of
 * another version is refused, never misread.
 */
#ifndef SIPGUARD_ABI_H
#define SIPGUARD_ABI_H

#include <linux/types.h>

#include "sipguard/filter.h"
#include "sipguard/reasons.h"

#define SG_ABI_VERSION 6

/* How far the program walks before it gives up (reasons vlan_limit and header_limit). */
#define SG_VLAN_TAGS_MAX	 8
#define SG_EXTENSION_HEADERS_MAX 16

enum sg_reason {
#define SG_REASON_ENUMERATOR(enumerator, name, verdict, help) SG_REASON_##enumerator,
	SG_REASONS(SG_REASON_ENUMERATOR)
#undef SG_REASON_ENUMERATOR
		SG_REASON_COUNT,
	/* What a stage of the packet path answers when it leaves the question to the next one. */
	SG_UNDECIDED = SG_REASON_COUNT,
};

enum sg_verdict {
	SG_VERDICT_PASS,
	SG_VERDICT_DROP,
	SG_VERDICT_WOULD_DROP,
	SG_VERDICT_COUNT,
};

enum sg_family {
	SG_FAMILY_NONE,
	SG_FAMILY_IPV4,
	SG_FAMILY_IPV6,
	SG_FAMILY_COUNT,
};

/* The transport protocols that counters tell apart. */
enum sg_protocol {
	SG_PROTOCOL_OTHER,
	SG_PROTOCOL_UDP,
	SG_PROTOCOL_TCP,
	SG_PROTOCOL_SCTP,
	SG_PROTOCOL_UDPLITE,
	SG_PROTOCOL_COUNT,
};

/*
 * policy/settings: ARRAY of one.
 *
 * The allowlist exists in two slots, each with room for a complete generation: its tries, the
 * filter in front of them, and its hit counters. A replacement is built in the other slot and takes
 * effect with the single store to `current`.
 */
#define SG_GENERATION_SLOTS 2

struct sg_generation {
	/* How many keys were set in each table of the filter. */
	__u32 filter_keys[SG_FILTER_TABLE_COUNT];
	/* The most entries of each family that the tries hold, and how many there are. */
	__u32 capacity;
	__u32 entries4;
	__u32 entries6;
	/* Identifiers of entries are handed out in turn, up to the length of a row of hits. */
	__u32 next_entry_id;
	__u32 hits_row;
};
_Static_assert(sizeof(struct sg_generation) == 44, "struct sg_generation is ABI");

struct sg_settings {
	__u32 abi_version;
	/* The most entries of a family that any generation may have; 0: user space's own limit. */
	__u32 capacity_limit;
	/*
	 * Which slot is in force, SG_CURRENT_SLOT(), whether its entries are being changed, and a
	 * number that is another after every change. All in one word, because a packet must not see
	 * one without the other.
	 */
	__u64 current;
	/*
	 * CLOCK_BOOTTIME; from then on revert_current, the former word of `current`, is in force,
	 * because nobody confirmed the generation that `current` names. Both are complete until
	 * then. 0: nothing is to be confirmed.
	 */
	__u64 revert_at;
	__u64 revert_current;
	struct sg_generation generations[SG_GENERATION_SLOTS];
};
_Static_assert(sizeof(struct sg_settings) == 32 + 2 * sizeof(struct sg_generation),
	       "struct sg_settings is ABI");

#define SG_CURRENT_SLOT(current) ((__u32)(current) & (SG_GENERATION_SLOTS - 1))
/*
 * Set from before the first store of a change until behind the last: nothing is remembered
 * meanwhile, however long it takes and whoever is killed.
 */
#define SG_CURRENT_CHANGING ((__u64)SG_GENERATION_SLOTS)
#define SG_CURRENT_STEP	    (2 * SG_CURRENT_CHANGING)

/*
 * policy/ports: ARRAY of one. One bit per destination port: port N is bit N % 64 of word N / 64.
 * UDP-Lite (RFC 3828) has the ports of UDP.
 */
enum sg_port_table {
	SG_PORTS_UDP,
	SG_PORTS_TCP,
	SG_PORTS_SCTP,
	SG_PORT_TABLE_COUNT,
};

#define SG_PORT_WORDS (65536 / 64)

struct sg_ports {
	__u64 words[SG_PORT_TABLE_COUNT][SG_PORT_WORDS];
};
_Static_assert(sizeof(struct sg_ports) == 3 * 8192, "struct sg_ports is ABI");

/* policy/allow4, policy/allow6: ARRAY_OF_MAPS of SG_GENERATION_SLOTS LPM tries with these keys. */
struct sg_key4 {
	__u32 prefix_length;
	__u8 address[4];
};
_Static_assert(sizeof(struct sg_key4) == 8, "struct sg_key4 is ABI");

struct sg_key6 {
	__u32 prefix_length;
	__u8 address[16];
};
_Static_assert(sizeof(struct sg_key6) == 20, "struct sg_key6 is ABI");

enum sg_entry_verdict {
	SG_ENTRY_ALLOW,
	SG_ENTRY_DENY,
};

struct sg_entry {
	/* CLOCK_BOOTTIME; from then on the entry counts as absent. 0: it never expires. */
	__u64 expires;
	/* Index into a row of hits. */
	__u32 id;
	/* The entry's own prefix length, so that a lookup can go on with the next shorter one. */
	__u8 prefix_length;
	/* enum sg_entry_verdict */
	__u8 verdict;
	__u8 padding[2];
};
_Static_assert(sizeof(struct sg_entry) == 16, "struct sg_entry is ABI");

/*
 * policy/hits: ARRAY_OF_MAPS of SG_GENERATION_SLOTS arrays that can be mapped into memory. Each has
 * a row for each possible CPU, indexed in the row by the identifier of the entry that decided, and
 * one more row for what the entries of former generations had counted, which user space writes.
 */
struct sg_hits {
	__u64 packets;
	/* The kernel's count of timer ticks (jiffies); 0: never. */
	__u64 last_seen;
};
_Static_assert(sizeof(struct sg_hits) == 16, "struct sg_hits is ABI");

/*
 * policy/recents: PERCPU_ARRAY of SG_RECENT_PAIRS: sources that an entry without an end allowed a
 * moment ago, which the program finds by their hash. A pair is a cache line: two sources that meet
 * in the table do not evict each other.
 */
#define SG_RECENT_PAIRS 2048

struct sg_recent {
	/* In network byte order, the first half and the second; of IPv4, the first four bytes. */
	__be64 high;
	__be64 low;
	/* The word that was in force in struct sg_settings; 0: nothing is remembered here. */
	__u64 current;
	/* The entry that allows it, and an enum sg_family. */
	__u32 entry_id : 30;
	__u32 family : 2;
	/* The kernel's count of timer ticks (jiffies) at its last packet, without the high half. */
	__u32 last_seen;
};
_Static_assert(sizeof(struct sg_recent) == 32, "struct sg_recent is ABI");
_Static_assert(SG_FAMILY_COUNT <= 4, "a family has two bits");

struct sg_recent_pair {
	struct sg_recent newer, older;
};

/* devices/NAME/device: ARRAY of one. */
enum sg_mode {
	SG_MODE_ENFORCE,
	SG_MODE_MONITOR,
};

struct sg_device {
	__u32 abi_version;
	/* enum sg_mode */
	__u32 mode;
	/*
	 * The guard's program and the one that it took the place of, by the kernel's numbers; 0 is
	 * none. Both are written before the program takes effect, so one of the two is always the
	 * one that runs. This is how somebody who may not open the link knows the guard on a
	 * device.
	 */
	__u32 program_id;
	__u32 former_program_id;
	/*
	 * CLOCK_BOOTTIME; from then on revert_mode is in force, because nobody confirmed `mode`. 0:
	 * `mode` needs no confirmation.
	 */
	__u64 revert_at;
	/* enum sg_mode */
	__u32 revert_mode;
	__u32 padding;
};
_Static_assert(sizeof(struct sg_device) == 32, "struct sg_device is ABI");

/* enum sg_mode; `now`, of CLOCK_BOOTTIME, counts only where revert_at is not 0. */
static inline __u32 sg_mode_in_force(const struct sg_device *device, __u64 now)
{
	return device->revert_at && now >= device->revert_at ? device->revert_mode : device->mode;
}

/* Where the network header of a frame begins; fixed when the program is loaded. */
enum sg_link_layer {
	SG_LINK_ETHERNET,
	/* tun, WireGuard, ppp: a frame starts with the IP header. */
	SG_LINK_NONE,
	/*
	 * xfrm, vti: with the Ethernet header of the packet that was decrypted, or with the IP
	 * header where that came without one; Geneve without Ethernet: as the sender likes. A
	 * sample says which of the two it was.
	 */
	SG_LINK_EITHER,
};

/*
 * devices/NAME/counters: PERCPU_ARRAY of SG_COUNTER_COUNT. A frame is counted once, in the cell of
 * its verdict, family, protocol and reason. Bytes are those of the frame as the device handed it
 * over; of an IP packet in several buffers, those up to its end without padding.
 */
struct sg_counter {
	__u64 packets;
	__u64 bytes;
};
_Static_assert(sizeof(struct sg_counter) == 16, "struct sg_counter is ABI");

#define SG_COUNTER_COUNT \
	((__u32)SG_VERDICT_COUNT * SG_FAMILY_COUNT * SG_PROTOCOL_COUNT * SG_REASON_COUNT)

static inline __u32 sg_counter_index(__u32 verdict, __u32 family, __u32 protocol, __u32 reason)
{
	return ((verdict * SG_FAMILY_COUNT + family) * SG_PROTOCOL_COUNT + protocol) *
		       SG_REASON_COUNT +
	       reason;
}

/*
 * Samples: packets that the program hands to readers in user space, besides counting them.
 *
 * There is room for so many readers at once, and each has its place, a number, in every map of
 * samples/, whatever the device. A packet is a candidate for a reader when its number in its cell
 * of the counters, together with the reader's phase, is a multiple of 1 << shift, where the shift
 * is the reader's choice for each verdict and reason, and when its source and its device are what
 * the reader wants. A phase drawn anew for each window keeps those who send in step with the
 * samples from being always hit or always missed. A candidate is handed over while the reader has
 * credit. A reader renews its credit by opening a new window several times a second; so the program
 * needs no clock, and one that was killed costs nothing soon.
 */
#define SG_SAMPLE_READERS   4
#define SG_SAMPLE_BYTES_MAX 2048
/* The lengths of arrays that verdicts and reasons are the indices of: powers of two. */
#define SG_SAMPLE_VERDICTS 4
#define SG_SAMPLE_REASONS  16
_Static_assert(SG_VERDICT_COUNT <= SG_SAMPLE_VERDICTS, "each verdict has its place");
_Static_assert(SG_REASON_COUNT <= SG_SAMPLE_REASONS, "each reason has its place");

/* The shift of what the reader does not want: no counter gets there. */
#define SG_SAMPLE_NEVER 63
/* The largest other one. */
#define SG_SAMPLE_SHIFT_MAX 31
/* So many candidates beyond the credit of one window, on one CPU, and the reader counts as dead. */
#define SG_SAMPLE_PATIENCE (1U << 20)

struct sg_sample_request {
	__u8 shift[SG_SAMPLE_VERDICTS][SG_SAMPLE_REASONS];
	/* enum sg_family of the sources; SG_FAMILY_NONE: of all packets, IP or not */
	__u32 family;
	/* Of the start of a frame, at most SG_SAMPLE_BYTES_MAX. */
	__u32 bytes;
	/* Any other number than before begins a window, in which each CPU hands over `credit`. */
	__u32 window;
	__u32 credit;
	/* The sources: the address in the bits of the mask. */
	__u8 address[16];
	__u8 mask[16];
	/* The process that reads, by the number that it has for itself. */
	__u32 process;
	__u32 phase;
	/* Bit N: the devices whose index is N modulo 64. */
	__u64 devices;
};
_Static_assert(sizeof(struct sg_sample_request) == 128, "struct sg_sample_request is ABI");

/*
 * samples/readers: ARRAY of one, which user space maps into its memory. Each reader writes its own
 * request. The mask is changed by atomic operations only: readers set and clear their bits, and the
 * program clears that of a dead one.
 */
struct sg_sample_readers {
	__u32 abi_version;
	/* Bit N: reader N wants samples. */
	__u32 active;
	__u32 padding[30];
	struct sg_sample_request requests[SG_SAMPLE_READERS];
};
_Static_assert(sizeof(struct sg_sample_readers) == 128 + SG_SAMPLE_READERS * 128,
	       "struct sg_sample_readers is ABI");

/* samples/taken: PERCPU_ARRAY of SG_SAMPLE_READERS, written by the program; never set back. */
struct sg_sample_taken {
	/*
	 * Packets of each reason that the candidates stand for, 1 << shift each, whether or not
	 * they were handed over.
	 */
	__u64 packets[SG_SAMPLE_REASONS];
	/* Handed over, and lost because the ring was full or the frame could not be read. */
	__u64 samples;
	__u64 lost;
	/* The last window in which there was a candidate, and how many there were. */
	__u32 window;
	__u32 candidates;
};
_Static_assert(sizeof(struct sg_sample_taken) == 152, "struct sg_sample_taken is ABI");

/*
 * samples/rings: ARRAY_OF_MAPS of SG_SAMPLE_READERS ring buffers. The reader creates its ring. A
 * record is this header and the first `captured` bytes of the frame.
 */
struct sg_sample {
	/* CLOCK_BOOTTIME */
	__u64 time;
	/* Of the device, in its own network namespace. */
	__u32 ifindex;
	/* Of the frame, over all its buffers. */
	__u32 length;
	__u32 captured;
	/* How many packets it stands for. */
	__u32 packets;
	/* enum sg_verdict, sg_reason, sg_family, sg_protocol */
	__u8 verdict;
	__u8 reason;
	__u8 family;
	__u8 protocol;
	/* 0 while unknown. */
	__u16 destination_port;
	/* enum sg_link_layer */
	__u8 link_layer;
	/*
	 * Of the guard, because devices of different network namespaces can have one index:
	 * sg_guard_mark() of its map devices/NAME/device. 0: its program does not tell.
	 */
	__u8 guard;
	/* One of IPv4 fills the first four bytes; all 0 while unknown. */
	__u8 source[16];
};
_Static_assert(sizeof(struct sg_sample) == 48, "struct sg_sample is ABI");

/* Of the kernel's number of a map; never 0. Few guards have the same one. */
static inline __u8 sg_guard_mark(__u32 map_id)
{
	return (__u8)(1 + map_id % 255);
}

/*
 * devices/NAME/samples_lost: PERCPU_ARRAY of one, a __u64: what was lost of the device's samples,
 * of all readers together.
 */

#endif
