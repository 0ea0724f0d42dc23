/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets as Wireshark and tcpdump read them: the blocks of a pcapng file, as
 * draft-ietf-opsawg-pcapng describes them. Pure: each function writes one block into memory of the
 * caller and returns its length.
 *
 * A file is a section, an interface for each device before its first packet, packets, and in the
 * end statistics for each interface. Interfaces are numbered in their order from 0 on. Numbers are
 * little-endian, times are nanoseconds of Unix time.
 */
#ifndef SIPGUARD_USER_CAPTURE_PCAPNG_H
#define SIPGUARD_USER_CAPTURE_PCAPNG_H

#include <stddef.h>
#include <stdint.h>

#include "sipguard/abi.h"

/* Texts of options are cut to this length. */
#define PCAPNG_TEXT_MAX 252
/* Any block without a packet in it, and what a packet's takes beside the bytes of its frame. */
#define PCAPNG_BLOCK_MAX 512

size_t pcapng_section(uint8_t block[static PCAPNG_BLOCK_MAX], const char *application);

/* `snap_length`: how many bytes of a frame a packet can have. */
size_t pcapng_interface(uint8_t block[static PCAPNG_BLOCK_MAX], const char *name,
			enum sg_link_layer link_layer, uint32_t snap_length);

struct pcapng_packet {
	uint32_t interface;
	int64_t time;
	uint32_t length;   /* of the frame */
	uint32_t captured; /* bytes of it that follow */
	const uint8_t *frame;
	const char *comment;
	uint8_t action; /* enum xdp_action: what became of the packet */
};

/* `block` has room for PCAPNG_BLOCK_MAX bytes and the captured ones. */
size_t pcapng_packet(uint8_t *block, const struct pcapng_packet *packet);

/* A number that is not known is left out. */
#define PCAPNG_UNKNOWN UINT64_MAX

struct pcapng_statistics {
	uint32_t interface;
	int64_t begin, end;
	uint64_t received;  /* by the device */
	uint64_t accepted;  /* of those, that were asked for */
	uint64_t lost;	    /* because user space was too slow */
	uint64_t delivered; /* packets of the interface in the file */
};

size_t pcapng_statistics(uint8_t block[static PCAPNG_BLOCK_MAX],
			 const struct pcapng_statistics *statistics);

#endif
