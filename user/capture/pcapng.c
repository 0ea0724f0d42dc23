// SPDX-License-Identifier: GPL-2.0-or-later
#include "capture/pcapng.h"

#include <string.h>

/* Section 4 of the draft: the types of blocks. */
enum block_type {
	SECTION_HEADER = 0x0a0d0d0a,
	INTERFACE_DESCRIPTION = 1,
	INTERFACE_STATISTICS = 5,
	ENHANCED_PACKET = 6,
};

/* Codes of options: the first two of any block, the others of the block in their names. */
enum option_code {
	END_OF_OPTIONS = 0,
	COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_TIME_RESOLUTION = 9,
	PACKET_FLAGS = 2,
	PACKET_VERDICT = 7,
	STATISTICS_BEGIN = 2,
	STATISTICS_END = 3,
	STATISTICS_RECEIVED = 4,
	STATISTICS_ACCEPTED = 6,
	STATISTICS_LOST = 7,
	STATISTICS_DELIVERED = 8,
};

#define BYTE_ORDER_MAGIC    0x1a2b3c4d
#define LENGTH_UNKNOWN	    UINT64_MAX
#define DIRECTION_INBOUND   1
#define VERDICT_OF_XDP	    2
#define DECIMAL_PLACES_NANO 9

/* Of draft-ietf-opsawg-pcaplinktype. */
enum link_type { LINKTYPE_ETHERNET = 1, LINKTYPE_RAW = 101 };

/* A block while it grows; where it begins stays at `start`. */
struct writer {
	uint8_t *start;
	uint8_t *at;
};

static void put_number(struct writer *writer, uint64_t number, unsigned int bytes)
{
	for (; bytes; bytes--, number >>= 8)
		*writer->at++ = (uint8_t)number;
}

static void put_u16(struct writer *writer, uint16_t number)
{
	put_number(writer, number, 2);
}

static void put_u32(struct writer *writer, uint32_t number)
{
	put_number(writer, number, 4);
}

static void put_u64(struct writer *writer, uint64_t number)
{
	put_number(writer, number, 8);
}

/* Everything begins at a multiple of 4 bytes. */
static void put_bytes(struct writer *writer, const void *bytes, size_t count)
{
	memcpy(writer->at, bytes, count);
	writer->at += count;
	while ((writer->at - writer->start) % 4)
		*writer->at++ = 0;
}

static void put_option(struct writer *writer, enum option_code code, const void *value,
		       size_t length)
{
	put_u16(writer, (uint16_t)code);
	put_u16(writer, (uint16_t)length);
	put_bytes(writer, value, length);
}

static void put_text_option(struct writer *writer, enum option_code code, const char *text)
{
	put_option(writer, code, text, strnlen(text, PCAPNG_TEXT_MAX));
}

static void put_u64_option(struct writer *writer, enum option_code code, uint64_t number)
{
	if (number == PCAPNG_UNKNOWN)
		return;
	put_u16(writer, (uint16_t)code);
	put_u16(writer, sizeof(number));
	put_u64(writer, number);
}

/* The two halves of a time, the high one first, whatever the byte order. */
static void put_time(struct writer *writer, int64_t time)
{
	put_u32(writer, (uint32_t)((uint64_t)time >> 32));
	put_u32(writer, (uint32_t)time);
}

static void put_time_option(struct writer *writer, enum option_code code, int64_t time)
{
	put_u16(writer, (uint16_t)code);
	put_u16(writer, sizeof(time));
	put_time(writer, time);
}

static struct writer begin_block(uint8_t *block, enum block_type type)
{
	struct writer writer = {.start = block, .at = block};

	put_u32(&writer, type);
	put_u32(&writer, 0);
	return writer;
}

/* The length stands at both ends of a block. */
static size_t end_block(struct writer *writer)
{
	uint32_t length;

	put_u32(writer, END_OF_OPTIONS);
	length = (uint32_t)(writer->at - writer->start) + 4;
	put_u32(writer, length);
	writer->at = writer->start + 4;
	put_u32(writer, length);
	return length;
}

size_t pcapng_section(uint8_t block[static PCAPNG_BLOCK_MAX], const char *application)
{
	struct writer writer = begin_block(block, SECTION_HEADER);

	put_u32(&writer, BYTE_ORDER_MAGIC);
	put_u16(&writer, 1);
	put_u16(&writer, 0);
	put_u64(&writer, LENGTH_UNKNOWN);
	put_text_option(&writer, SECTION_APPLICATION, application);
	return end_block(&writer);
}

size_t pcapng_interface(uint8_t block[static PCAPNG_BLOCK_MAX], const char *name,
			enum sg_link_layer link_layer, uint32_t snap_length)
{
	const uint8_t resolution = DECIMAL_PLACES_NANO;
	struct writer writer = begin_block(block, INTERFACE_DESCRIPTION);

	put_u16(&writer, link_layer == SG_LINK_ETHERNET ? LINKTYPE_ETHERNET : LINKTYPE_RAW);
	put_u16(&writer, 0);
	put_u32(&writer, snap_length);
	put_text_option(&writer, INTERFACE_NAME, name);
	put_option(&writer, INTERFACE_TIME_RESOLUTION, &resolution, sizeof(resolution));
	return end_block(&writer);
}

size_t pcapng_packet(uint8_t *block, const struct pcapng_packet *packet)
{
	/* An action is one of 64 bits, and fits into the first of its bytes. */
	const uint8_t verdict[9] = {VERDICT_OF_XDP, packet->action};
	const uint8_t flags[4] = {DIRECTION_INBOUND};
	struct writer writer = begin_block(block, ENHANCED_PACKET);

	put_u32(&writer, packet->interface);
	put_time(&writer, packet->time);
	put_u32(&writer, packet->captured);
	put_u32(&writer, packet->length);
	put_bytes(&writer, packet->frame, packet->captured);
	put_text_option(&writer, COMMENT, packet->comment);
	put_option(&writer, PACKET_FLAGS, flags, sizeof(flags));
	put_option(&writer, PACKET_VERDICT, verdict, sizeof(verdict));
	return end_block(&writer);
}

size_t pcapng_statistics(uint8_t block[static PCAPNG_BLOCK_MAX],
			 const struct pcapng_statistics *statistics)
{
	struct writer writer = begin_block(block, INTERFACE_STATISTICS);

	put_u32(&writer, statistics->interface);
	put_time(&writer, statistics->end);
	put_time_option(&writer, STATISTICS_BEGIN, statistics->begin);
	put_time_option(&writer, STATISTICS_END, statistics->end);
	put_u64_option(&writer, STATISTICS_RECEIVED, statistics->received);
	put_u64_option(&writer, STATISTICS_ACCEPTED, statistics->accepted);
	put_u64_option(&writer, STATISTICS_LOST, statistics->lost);
	put_u64_option(&writer, STATISTICS_DELIVERED, statistics->delivered);
	return end_block(&writer);
}
