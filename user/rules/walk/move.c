// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets that a rule sends to another port or host. Which rules they meet there is not followed:
 * nobody is known to be accepted on a port that may be moved.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rules/walk/flow.h"

/* Whether it is known which addresses of this family are of this host. */
static bool knows_family(const struct walk *walk, uint8_t family)
{
	for (size_t i = 0; i < walk->local_count; i++) {
		if (walk->locals[i].family == family)
			return true;
	}
	return false;
}

static bool is_local(const struct walk *walk, const struct prefix *address)
{
	for (size_t i = 0; i < walk->local_count; i++) {
		if (!memcmp(&walk->locals[i], address, sizeof(*address)))
			return true;
	}
	return false;
}

/* Whether a packet to this port of this host is sent anywhere else. */
static bool moves(const struct walk *walk, const struct translation *translation, uint16_t port)
{
	const struct port_range *from = &translation->from, *to = &translation->to;
	bool keeps_port = !to->first || (to->first == port && to->last == port);

	if (from->first && (port < from->first || port > from->last))
		return false;
	if (translation->kind == TRANSLATION_HERE)
		return !keeps_port;
	return !keeps_port || translation->kind != TRANSLATION_AWAY ||
	       !is_local(walk, &translation->address);
}

/* Whether a rule sends packets to the same port of a host that is known to be another. */
static bool leaves(const struct walk *walk, const struct rule *rule, uint16_t port)
{
	for (size_t i = 0; i < rule->translation_count; i++) {
		const struct translation *translation = &rule->translations[i];
		const struct port_range *to = &translation->to;

		if (translation->kind != TRANSLATION_AWAY || translation->from.first ||
		    !knows_family(walk, translation->address.family) ||
		    is_local(walk, &translation->address) ||
		    (to->first && (to->first != port || to->last != port)))
			return false;
	}
	return true;
}

static uint64_t leaving_ports(const struct walk *walk, const struct rule *rule, uint64_t ports)
{
	uint64_t leaving = 0;

	for (; ports; ports &= ports - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(ports);

		if (leaves(walk, rule, walk->services.ports[port].number))
			leaving |= 1ULL << port;
	}
	return leaving;
}

static uint64_t moved_ports(const struct walk *walk, const struct rule *rule, uint64_t ports)
{
	uint64_t moved = 0;

	/* There, translation changes the source alone. */
	if (walk->stages[walk->stage_count - 1]->hook == HOOK_INPUT)
		return 0;
	for (; ports; ports &= ports - 1) {
		unsigned int port = (unsigned int)__builtin_ctzll(ports);

		for (size_t i = 0; i < rule->translation_count; i++) {
			if (moves(walk, &rule->translations[i], walk->services.ports[port].number))
				moved |= 1ULL << port;
		}
	}
	return moved;
}

int move_begin(struct walker *walker, const struct rule *rule)
{
	struct walk *walk = walker->walk;

	if (array_reserve(&walk->moves, sizeof(*walk->moves), walk->move_count,
			  &walk->moves_allocated, walker->error))
		return -ENOMEM;
	walk->moves[walk->move_count++] = (struct move){.rule = rule};
	return 0;
}

void move_note(struct walker *walker, size_t cell, uint64_t ports, uint64_t sure)
{
	struct walk *walk = walker->walk;
	struct move *move = &walk->moves[walk->move_count - 1];
	uint32_t class = (uint32_t)(cell / walk->devices.count);

	ports = moved_ports(walk, move->rule, ports);
	/* An earlier rule that may match can have sent them elsewhere, or nowhere. */
	sure &= walk->sure[cell] & ~walk->moved[cell] & ~walker->may_accept[cell];
	walk->moved[cell] |= ports;
	/* Of several translations each is for some of the packets. */
	walk->gone[cell] |= move->rule->translation_count == 1 ? ports & sure : 0;
	walk->leaving[cell] |= leaving_ports(walk, move->rule, ports);
	walk->leaves[cell] |= walk->leaving[cell] & ports & sure;
	move->ports |= ports;
	for (unsigned int family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		if (walk->partition.strangers[family] == class)
			move->strangers[family] |= ports;
	}
}

void move_end(struct walker *walker)
{
	struct walk *walk = walker->walk;

	walk->move_count -= !walk->moves[walk->move_count - 1].ports;
}

int move_follow(struct walker *walker, const struct walk *before)
{
	struct walk *walk = walker->walk;

	/* The same rules make the same cells. */
	if (before->cells != walk->cells)
		return error_set(walker->error, EXIT_USAGE, EINVAL,
				 "what is forwarded cannot be followed through other rules");
	memcpy(walk->here, before->leaving, walk->cells * sizeof(*walk->here));
	memcpy(walk->sure, before->leaves, walk->cells * sizeof(*walk->sure));
	return 0;
}

void move_apply(struct walk *walk)
{
	for (size_t cell = 0; cell < walk->cells; cell++) {
		walk->sure[cell] &= ~walk->moved[cell];
		for (uint64_t left = walk->moved[cell]; left; left &= left - 1)
			walk->deciders[cell * walk->services.count +
				       (unsigned int)__builtin_ctzll(left)] = NO_STEP;
	}
}

bool move_leaves(const struct move *move)
{
	for (size_t i = 0; i < move->rule->translation_count; i++) {
		if (move->rule->translations[i].kind != TRANSLATION_HERE)
			return true;
	}
	return false;
}

static void translation_words(const struct translation *translation, char *words, size_t size)
{
	char address[PREFIX_TEXT_SIZE], port[32] = "";

	if (translation->to.first == translation->to.last)
		snprintf(port, sizeof(port), "port %d", translation->to.first);
	else
		snprintf(port, sizeof(port), "ports %d-%d", translation->to.first,
			 translation->to.last);
	if (!translation->to.first)
		*port = '\0';
	if (translation->kind == TRANSLATION_HERE && *port) {
		snprintf(words, size, "%s", port);
	} else if (translation->kind == TRANSLATION_AWAY && translation->address.family) {
		prefix_format(&translation->address, address);
		address[strcspn(address, "/")] = '\0';
		snprintf(words, size, "%s%s%s", address, *port ? " " : "", port);
	} else {
		snprintf(words, size, "another address%s%s", *port ? " and " : "", port);
	}
}

void move_words(const struct move *move, char words[static MOVE_WORDS_SIZE])
{
	translation_words(&move->rule->translations[0], words, MOVE_WORDS_SIZE - 16);
	if (move->rule->translation_count > 1)
		strcat(words, " and others");
}
