/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How apply and diff tell what lies between the declared policy and what is in force. */
#ifndef SIPGUARD_USER_COMMANDS_PLAN_SHOW_H
#define SIPGUARD_USER_COMMANDS_PLAN_SHOW_H

#include "commands/command.h"
#include "engine/plan.h"

/* Prints the lines of a difference, or puts them into the answer where that is not NULL. */
void plan_show_lines(const struct plan *plan, json_t *answer);

/* Prints the differences in numbers, with `guards` those of the guards too. */
void plan_summarise(const struct plan *plan, bool guards);
/* The same as members of the answer. */
void plan_pack(const struct plan *plan, json_t *answer);

/*
 * Says what the declared policy leaves alone: guards it does not name, entries that hide its own.
 */
void plan_remark(const struct invocation *invocation, const struct declared_policy *declared,
		 const struct plan *plan);

#endif
