// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guard under traffic that does not stop: while the list and the program are swapped again and
 * again, every datagram of a trusted source arrives and none of a stranger does.
 *
 *	live [SWAPS]
 *
 * Two network namespaces, of the main thread (the server) and of the senders, joined by a veth pair
 * with a guard in native mode. Trusted datagrams are numbered by how many were sent and received;
 * only so many are under way at once that no queue can overflow.
 */
#include <err.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <bpf/bpf.h>

#include "kernel/library.h"
#include "kernel/policy.h"
#include "kernel/program.h"
#include "live/flows.h"
#include "policy/ports.h"
#include "random.h"

#define SWAPS_DEFAULT 1000
/* Entries besides those of the trusted flows. */
#define ENTRIES_MAX 400

struct guarded {
	struct policy policy;
	struct device_maps maps;
	/* The one that runs and the one that takes its place. */
	struct program *programs[2];
	int links[2];
};

static void check(int result, const struct error *error)
{
	if (result)
		errx(3, "%s", error->message);
}

static void add(struct entry_list *list, const char *text)
{
	struct entry entry = {};
	struct error error;

	check(prefix_parse(text, &entry.prefix, &error), &error);
	check(entry_list_put(list, &entry, &error), &error);
}

/* Another list each time, which always allows the trusted flows and never a stranger. */
static void draw_list(struct entry_list *list, struct random *random)
{
	unsigned int count = random_below(random, ENTRIES_MAX);

	for (size_t i = 0; i < flows_trusted_count; i++)
		add(list, flows_trusted_entries[i]);
	while (count--) {
		char text[PREFIX_TEXT_SIZE];

		snprintf(text, sizeof(text),
			 random_below(random, 2) ? "10.%u.%u.%u" : "fd00:%x:%x::%x",
			 random_below(random, 256), random_below(random, 256),
			 random_below(random, 256));
		add(list, text);
	}
}

static int attach(const struct program *program, const char *device)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = XDP_FLAGS_DRV_MODE);
	int link = bpf_link_create(program_descriptor(program), (int)if_nametoindex(device),
				   BPF_XDP, &options);

	if (link < 0)
		err(3, "cannot attach the guard");
	return link;
}

static void guard(struct guarded *guarded, struct random *random)
{
	struct entry_list list = {};
	struct sg_ports ports;
	struct error error;

	*guarded = (struct guarded){.policy = POLICY_CLOSED, .maps = DEVICE_MAPS_CLOSED};
	draw_list(&list, random);
	ports_default(&ports);
	check(policy_create(&guarded->policy, 0, &list, &ports, NULL, &error), &error);
	check(device_maps_create(&guarded->maps, SG_MODE_ENFORCE, &error), &error);
	for (int i = 0; i < 2; i++)
		check(program_load(&guarded->programs[i], &guarded->policy, &guarded->maps, NULL,
				   SG_LINK_ETHERNET, PROGRAM_GUARDS, &error),
		      &error);
	guarded->links[0] = attach(guarded->programs[0], FLOWS_TRUSTED);
	guarded->links[1] = attach(guarded->programs[0], FLOWS_STRANGERS);
	entry_list_clear(&list);
}

static void swap_list(struct guarded *guarded, struct random *random)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct entry_list list = {};
	struct error error;

	draw_list(&list, random);
	check(policy_build(&guarded->policy, &list, NULL, &next, &error), &error);
	check(policy_switch(&guarded->policy, &next, &error), &error);
	policy_discard(&next);
	entry_list_clear(&list);
}

static void swap_program(const struct guarded *guarded, size_t swap)
{
	LIBBPF_OPTS(bpf_link_update_opts, options, .flags = BPF_F_REPLACE,
		    .old_prog_fd = (__u32)program_descriptor(guarded->programs[swap % 2]));
	int next = program_descriptor(guarded->programs[(swap + 1) % 2]);

	if (bpf_link_update(guarded->links[0], next, &options) ||
	    bpf_link_update(guarded->links[1], next, &options))
		err(3, "cannot swap the program");
}

static uint64_t dropped(const struct guarded *guarded)
{
	static struct sg_counter counters[SG_COUNTER_COUNT];
	uint64_t packets = 0;
	struct error error;

	check(device_maps_counters(&guarded->maps, counters, &error), &error);
	for (uint32_t i = 0; i < SG_COUNTER_COUNT; i++) {
		if (i / (SG_COUNTER_COUNT / SG_VERDICT_COUNT) == SG_VERDICT_DROP)
			packets += counters[i].packets;
	}
	return packets;
}

int main(int argc, char **argv)
{
	size_t swaps = argc > 1 ? strtoul(argv[1], NULL, 10) : SWAPS_DEFAULT;
	struct random random = {20261125};
	struct guarded guarded;
	struct flows_tally tally;
	bool holds;

	library_silence();
	flows_open();
	guard(&guarded, &random);
	flows_start();
	for (size_t swap = 0; swap < swaps && flows_go_on(); swap++) {
		swap_list(&guarded, &random);
		swap_program(&guarded, swap);
	}
	tally = flows_stop();
	printf("%zu lists and %zu programs swapped\n"
	       "trusted: %zu sent, %zu arrived\n"
	       "strangers: %zu sent, %llu dropped, %zu arrived\n",
	       swaps, swaps, tally.trusted_sent, tally.trusted_arrived, tally.strangers_sent,
	       (unsigned long long)dropped(&guarded), tally.strangers_arrived);
	holds = tally.trusted_sent == tally.trusted_arrived && !tally.strangers_arrived &&
		tally.trusted_sent > swaps && dropped(&guarded) > swaps;
	printf("%d passed, %d failed\n", holds, !holds);
	return !holds;
}
