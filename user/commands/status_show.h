/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What status has read of the guards and the policy, and how it is shown. */
#ifndef SIPGUARD_USER_COMMANDS_STATUS_SHOW_H
#define SIPGUARD_USER_COMMANDS_STATUS_SHOW_H

#include "commands/command.h"
#include "kernel/guard.h"
#include "kernel/other_guard.h"
#include "kernel/policy.h"
#include "policy/baseline.h"
#include "policy/guard_wish.h"

struct totals {
	uint64_t packets[SG_VERDICT_COUNT];
};

/* Everything is read before anything is printed. */
struct overview {
	struct guards guards;
	struct other_guards others;	  /* of another layout */
	struct device_mode *modes;	  /* of each guard */
	struct totals *totals;		  /* of each guard */
	struct baseline_changes *changes; /* of each guard */
	struct policy_fill fill;
	struct policy_trial trial;
	struct sg_ports ports;
	/* Of a policy of another layout, which cannot be read; otherwise 0. */
	uint32_t policy_layout;
	struct guard_wishes remembered;
	bool remembered_known; /* the file could be read */
};

/* Guards that are remembered, and whose device is absent or unguarded. */
size_t count_missing_guards(const struct overview *overview);

/* Both print one answer and return `status`, or a negative errno where it cannot be written. */
int status_print_json(const struct invocation *invocation, const struct overview *overview,
		      int status, struct error *error);
int status_print_text(const struct invocation *invocation, const struct overview *overview,
		      int status, struct error *error);

#endif
