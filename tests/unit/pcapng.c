// SPDX-License-Identifier: GPL-2.0-or-later
/* Block by block against what draft-ietf-opsawg-pcapng says, byte by byte. */
#include "capture/pcapng.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static uint8_t block[PCAPNG_BLOCK_MAX + 4096];

/* The bytes as they would be read in a dump: two digits each, blanks where it helps. */
static void is(size_t size, const char *dump)
{
	size_t at = 0;

	for (; *dump; dump++) {
		unsigned int byte;

		if (*dump == ' ')
			continue;
		cr_assert_eq(sscanf(dump, "%2x", &byte), 1);
		cr_assert_lt(at, size, "only %zu bytes", size);
		cr_assert_eq(block[at], byte, "byte %zu is %02x instead of %02x", at, block[at],
			     byte);
		at++;
		dump++;
	}
	cr_assert_eq(at, size, "%zu bytes instead of %zu", size, at);
}

Test(pcapng, section)
{
	is(pcapng_section(block, "sipguard"),
	   "0a0d0d0a 2c000000 4d3c2b1a 0100 0000 ffffffffffffffff "
	   "0400 0800 7369706775617264 "
	   "00000000 2c000000");
}

Test(pcapng, interface)
{
	is(pcapng_interface(block, "eth0", SG_LINK_ETHERNET, 2048),
	   "01000000 28000000 0100 0000 00080000 "
	   "0200 0400 65746830 "
	   "0900 0100 09 000000 "
	   "00000000 28000000");
	is(pcapng_interface(block, "tun10", SG_LINK_NONE, 60),
	   "01000000 2c000000 6500 0000 3c000000 "
	   "0200 0500 74756e3130 000000 "
	   "0900 0100 09 000000 "
	   "00000000 2c000000");
}

Test(pcapng, packet)
{
	const struct pcapng_packet packet = {
		.interface = 3,
		.time = 0x1122334455667788,
		.length = 1500,
		.captured = 5,
		.frame = (const uint8_t *)"\x45\x01\x02\x03\x04",
		.comment = "drop",
		.action = 1,
	};

	is(pcapng_packet(block, &packet),
	   "06000000 4c000000 03000000 44332211 88776655 05000000 dc050000 "
	   "4501020304 000000 "
	   "0100 0400 64726f70 "
	   "0200 0400 01000000 "
	   "0700 0900 02 0100000000000000 000000 "
	   "00000000 4c000000");
}

/* Every block ends at a multiple of 4 bytes, with its length at both ends. */
Test(pcapng, packets_of_any_length_are_padded)
{
	uint8_t frame[64];

	memset(frame, 0xee, sizeof(frame));
	for (uint32_t captured = 0; captured <= sizeof(frame); captured++) {
		const struct pcapng_packet packet = {
			.length = captured,
			.captured = captured,
			.frame = frame,
			.comment = "pass allowed on eth0" + captured % 8,
			.action = 2,
		};
		size_t size = pcapng_packet(block, &packet);
		uint32_t first, last;

		memcpy(&first, block + 4, sizeof(first));
		memcpy(&last, block + size - 4, sizeof(last));
		cr_assert_eq(size % 4, 0);
		cr_assert_eq(first, size);
		cr_assert_eq(last, size);
		cr_assert_eq(memcmp(block + 28, frame, captured), 0);
		cr_assert_leq(size, PCAPNG_BLOCK_MAX + captured);
		for (uint32_t at = 28 + captured; at % 4; at++)
			cr_assert_eq(block[at], 0, "padding of %u bytes", captured);
	}
}

Test(pcapng, statistics)
{
	struct pcapng_statistics statistics = {
		.interface = 1,
		.begin = 0x0000000200000001,
		.end = 0x0000000400000003,
		.received = 0x100,
		.accepted = 0x20,
		.lost = 3,
		.delivered = 0x1d,
	};

	is(pcapng_statistics(block, &statistics), "05000000 64000000 01000000 04000000 03000000 "
						  "0200 0800 02000000 01000000 "
						  "0300 0800 04000000 03000000 "
						  "0400 0800 0001000000000000 "
						  "0600 0800 2000000000000000 "
						  "0700 0800 0300000000000000 "
						  "0800 0800 1d00000000000000 "
						  "00000000 64000000");
	statistics.received = statistics.lost = PCAPNG_UNKNOWN;
	is(pcapng_statistics(block, &statistics), "05000000 4c000000 01000000 04000000 03000000 "
						  "0200 0800 02000000 01000000 "
						  "0300 0800 04000000 03000000 "
						  "0600 0800 2000000000000000 "
						  "0800 0800 1d00000000000000 "
						  "00000000 4c000000");
}

Test(pcapng, long_texts_are_cut_and_fit)
{
	char text[1000];
	struct pcapng_packet packet = {.comment = text, .frame = block};

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	cr_assert_leq(pcapng_section(block, text), PCAPNG_BLOCK_MAX);
	cr_assert_leq(pcapng_interface(block, text, SG_LINK_ETHERNET, 1), PCAPNG_BLOCK_MAX);
	cr_assert_leq(pcapng_packet(block, &packet), PCAPNG_BLOCK_MAX);
	cr_assert_eq(block[28 + 2], PCAPNG_TEXT_MAX);
}
