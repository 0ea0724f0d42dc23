/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the numbers of the ABI: in output, in JSON and in metric labels alike. Pure. */
#ifndef SIPGUARD_USER_POLICY_NAMES_H
#define SIPGUARD_USER_POLICY_NAMES_H

#include "sipguard/abi.h"

const char *reason_name(enum sg_reason reason);
const char *reason_help(enum sg_reason reason);
/* SG_VERDICT_PASS or SG_VERDICT_DROP */
enum sg_verdict reason_verdict(enum sg_reason reason);

const char *verdict_name(enum sg_verdict verdict);
const char *family_name(enum sg_family family);
const char *protocol_name(enum sg_protocol protocol);
const char *link_layer_name(enum sg_link_layer link_layer);
const char *mode_name(enum sg_mode mode);
const char *entry_verdict_name(enum sg_entry_verdict verdict);

#endif
