/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is known of a talker, in words: in a table and in a label alike. Pure. */
#ifndef SIPGUARD_USER_TRAFFIC_TALKER_TEXT_H
#define SIPGUARD_USER_TRAFFIC_TALKER_TEXT_H

#include "policy/entry.h"
#include "text/number.h"
#include "traffic/talkers.h"

#define TALKER_PACKETS_SIZE (2 * NUMBER_TEXT_SIZE + 2)
#define METHODS_SIZE	    128
#define TALKER_METHODS_SIZE (2 * METHODS_SIZE + 16)

/*
 * "1,204", "~1,204" where samples stand for more packets than they are, and "12-40" where some may
 * have been forgotten.
 */
void talker_packets_format(const struct talker *talker, char text[static TALKER_PACKETS_SIZE]);

/* "INVITE ACK" of SIP_METHOD_BIT()s. */
void methods_format(uint32_t methods, char text[static METHODS_SIZE]);

/* "INVITE ACK responses", "replies to REGISTER"; empty: it showed no SIP. */
void talker_methods_format(const struct talker *talker, char text[static TALKER_METHODS_SIZE]);

/* A label that passes label_check(): "seen 2027-01-31: INVITE ACK, 1,204 packets, Example PBX 2".
 */
void talker_label(const struct talker *talker, char label[static LABEL_BYTES_MAX + 1]);

#endif
