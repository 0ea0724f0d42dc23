/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verdict table of the README once more, as plain C for a frame in memory: slow, without shared
 * code, and written to be compared with the program.
 */
#ifndef SIPGUARD_TESTS_PACKET_REFERENCE_H
#define SIPGUARD_TESTS_PACKET_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "sipguard/abi.h"

/* For the policy of packet/fixture.h. */
enum sg_reason reference_reason(const uint8_t *frame, size_t size, enum sg_link_layer link_layer);

#endif
