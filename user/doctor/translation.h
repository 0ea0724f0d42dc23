/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds rules that translate a destination port, in what the packet filter's own programs say.
 * Pure, and only that: what else a rule asks for narrows it, and does not matter to whoever wants
 * to know whether there is a way around the guard.
 */
#ifndef SIPGUARD_USER_DOCTOR_TRANSLATION_H
#define SIPGUARD_USER_DOCTOR_TRANSLATION_H

#include "doctor/facts.h"

/* The output of `nft -j list ruleset`. -EINVAL when it is no such thing. */
int translations_of_nft(const char *text, size_t size, struct facts *facts, struct error *error);

/* The output of iptables-save or ip6tables-save; `program` names it. Other lines are passed over.
 */
int translations_of_iptables(const char *program, const char *text, size_t size,
			     struct facts *facts, struct error *error);

#endif
