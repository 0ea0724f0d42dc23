/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guarded ports as bits of a word, and words for what a rule asks. Pure. */
#ifndef SIPGUARD_USER_RULES_WALK_SERVICES_H
#define SIPGUARD_USER_RULES_WALK_SERVICES_H

#include "policy/ports.h"
#include "rules/model/ruleset.h"

#define SERVICES_MAX 64

struct services {
	struct port ports[SERVICES_MAX];
	unsigned int count;
};

/* -EINVAL when there are more than SERVICES_MAX ports. */
int services_of(const struct sg_ports *ports, struct services *services, struct error *error);

uint64_t services_all(const struct services *services);

/* The ports among these that a rule's service is about. */
uint64_t services_matching(const struct services *services, const struct service *service);

/* "udp/5060 tcp/5060", as many as fit. */
void services_format(const struct services *services, uint64_t ports, char *text, size_t size);

/* "the interface": what a condition asks about, for a sentence. */
const char *condition_name(uint16_t conditions);

#endif
