/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a source stands to the policy: what engine/standing.h finds, and lists to review show. */
#ifndef SIPGUARD_USER_POLICY_STANDING_H
#define SIPGUARD_USER_POLICY_STANDING_H

#include <stdint.h>

#include "policy/prefix.h"
#include "sipguard/abi.h"

struct standing {
	/* SG_REASON_ALLOWED, SG_REASON_NOT_ALLOWED or SG_REASON_DENIED */
	enum sg_reason reason;
	struct prefix entry; /* that decides; SG_FAMILY_NONE: none, or it is not known */
	int64_t until;	     /* of the entry, in seconds of Unix time; 0: it never expires */
	const char *label;   /* of the entry; NULL: it has none */
};

#endif
