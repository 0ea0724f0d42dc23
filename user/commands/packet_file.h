/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pcapng file that samples are written to, each with its verdict, reason and device. */
#ifndef SIPGUARD_USER_COMMANDS_PACKET_FILE_H
#define SIPGUARD_USER_COMMANDS_PACKET_FILE_H

#include "error.h"
#include "kernel/samples.h"
#include "store/block_file.h"

/* A device, as the file has it. */
struct packet_interface;

struct packet_file {
	struct block_file file;
	struct packet_interface *interfaces;
	size_t interface_count;
	int64_t began; /* nanoseconds of Unix time */
};

#define PACKET_FILE_CLOSED ((struct packet_file){.file = BLOCK_FILE_CLOSED})

/*
 * Begins a file, as block_file_open(), with the guarded devices that are asked for. A reader of a
 * pipe can begin then. packet_file_close() releases it.
 */
int packet_file_open(struct packet_file *file, const char *name,
		     const struct sample_request *request, struct error *error);
int packet_file_add(struct packet_file *file, const struct sample *sample, struct error *error);
/* What was added can be read when it returns. */
int packet_file_flush(struct packet_file *file, struct error *error);
/* Adds what there is to say in the end, and flushes. */
int packet_file_finish(struct packet_file *file, struct error *error);
void packet_file_close(struct packet_file *file);

#endif
