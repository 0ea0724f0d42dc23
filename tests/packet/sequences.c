// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any sequence of changes, against a plain model: the program's answer is the longest entry's that
 * has not expired, after every step and after every step that was killed; and sources that every
 * version of the list allows pass at every instant, on every CPU, while all this goes on.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/clock.h"
#include "packet/fixture.h"
#include "packet/frame.h"
#include "random.h"

#define STEPS 2500
/* So few that the filter is not open everywhere. */
#define ENTRIES_MAX 30
/* Hosts that are asked for after every step. */
#define QUESTIONS 16

/*
 * Each is allowed by another part of the filter: a host, a network, one that is written out, a
 * bitmap, all of a subnet.
 */
static const struct {
	const char *entry, *source;
} always_allowed[] = {
	{"192.0.2.10", "192.0.2.10"},
	{"198.18.5.0/24", "198.18.5.77"},
	{"198.19.0.0/18", "198.19.1.2"},
	{"100.64.0.0/10", "100.70.1.2"},
	{"2001:db8:aaaa::1", "2001:db8:aaaa::1"},
	{"2001:db8:cccc::8/125", "2001:db8:cccc::d"},
	{"2001:db8:bbbb::/48", "2001:db8:bbbb:1::1"},
	{"2001:db9:4000::/34", "2001:db9:4000::9"},
	{"2002::/16", "2002:5::1"},
};

#define ALWAYS_COUNT (sizeof(always_allowed) / sizeof(always_allowed[0]))

struct history {
	struct fixture fixture;
	struct entry_list model;
	struct random random;
	size_t step;
};

/* Seldom a very short one: it would open the filter for all that it covers. */
static uint8_t draw_length(struct history *history, uint8_t family)
{
	static const uint8_t short4[] = {0, 7, 8, 15, 16}, short6[] = {3, 8, 15, 16, 17};
	static const uint8_t long4[] = {17, 20, 23, 24, 25, 28, 31, 32, 32, 32};
	static const uint8_t long6[] = {24, 31, 32, 40, 47, 48, 56, 63, 64, 65, 96, 127, 128, 128};
	bool is_short = random_below(&history->random, 50) == 0;

	if (family == SG_FAMILY_IPV4)
		return is_short ? short4[random_below(&history->random, sizeof(short4))]
				: long4[random_below(&history->random, sizeof(long4))];
	return is_short ? short6[random_below(&history->random, sizeof(short6))]
			: long6[random_below(&history->random, sizeof(long6))];
}

/*
 * Of few addresses, so that entries cover each other again and again; some in the subnet of a
 * source that is always allowed.
 */
static struct prefix draw_host(struct history *history)
{
	static const uint8_t first4[] = {10, 60, 130, 220}, first6[] = {0x24, 0x2a, 0x31, 0x3f};
	bool ipv4 = random_below(&history->random, 2);
	struct prefix host = {.family = ipv4 ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6};
	uint32_t first = random_below(&history->random, 4);
	static const size_t varies4[] = {1, 2, 3}, varies6[] = {1, 5, 15};
	static const uint8_t shared6[8] = {0x20, 0x01, 0x0d, 0xb8, 0xcc, 0xcc};
	const size_t *varies = ipv4 ? varies4 : varies6;

	host.address[0] = ipv4 ? first4[first] : first6[first];
	for (size_t i = 0; i < 3; i++)
		host.address[varies[i]] = (uint8_t)(random_below(&history->random, 3) * 85);
	if (!ipv4 && random_below(&history->random, 4) == 0)
		memcpy(host.address, shared6, sizeof(shared6));
	host.length = prefix_host_length(host.family);
	return host;
}

static struct prefix draw_prefix(struct history *history)
{
	struct prefix prefix = draw_host(history);

	prefix.length = draw_length(history, prefix.family);
	prefix_truncate(&prefix);
	return prefix;
}

/* The last address is where a loop that ends too early shows. */
static struct prefix draw_host_inside(struct history *history, const struct prefix *prefix)
{
	uint32_t kind = random_below(&history->random, 3);
	struct prefix host = *prefix;

	host.length = prefix_host_length(prefix->family);
	for (int bit = prefix->length; bit < host.length; bit++) {
		bool one = kind == 0 || (kind == 1 && random_below(&history->random, 2));

		host.address[bit / 8] |= (uint8_t)(one << (7 - bit % 8));
	}
	return host;
}

static bool model_allows(const struct entry_list *model, const struct prefix *host)
{
	for (int length = host->length; length >= 0; length--) {
		struct prefix prefix = *host;
		const struct entry *entry;

		prefix.length = (uint8_t)length;
		prefix_truncate(&prefix);
		entry = entry_list_find(model, &prefix);
		if (entry && (!entry->until || entry->until > clock_now()))
			return entry->verdict == SG_ENTRY_ALLOW;
	}
	return false;
}

static bool program_allows(const struct fixture *fixture, const struct prefix *host)
{
	struct frame_request request = {
		.source = *host,
		.protocol = SG_PROTOCOL_UDP,
		.destination_port = 5060,
		.link_layer = SG_LINK_ETHERNET,
	};
	uint8_t frame[FRAME_SIZE_MAX];
	size_t size = frame_build(&request, frame);
	unsigned int action;
	struct error error;

	cr_assert_eq(program_run(fixture->program, frame, size, NULL, &action, &error), 0, "%s",
		     error.message);
	return action == XDP_PASS;
}

/* A host of one of the model's entries: who must still be allowed after a change of another one. */
static struct prefix draw_known_host(struct history *history)
{
	uint32_t index = random_below(&history->random, (uint32_t)history->model.count);

	return draw_host_inside(history, &history->model.entries[index].prefix);
}

/* `changed` is where a mistake would be; `other`, unless NULL, is as good an answer as the model.
 */
static void compare(struct history *history, const struct prefix *changed,
		    const struct entry_list *other, const char *what)
{
	for (int i = 0; i < QUESTIONS; i++) {
		struct prefix host = changed && i % 2 ? draw_host_inside(history, changed)
				     : i % 4	      ? draw_known_host(history)
						      : draw_host(history);
		bool allows = program_allows(&history->fixture, &host);
		char text[PREFIX_TEXT_SIZE];

		prefix_format(&host, text);
		cr_assert(allows == model_allows(&history->model, &host) ||
				  (other && allows == model_allows(other, &host)),
			  "step %zu, %s: %s is %s", history->step, what, text,
			  allows ? "allowed" : "not allowed");
	}
}

static void model_put(struct entry_list *model, const struct entry *entry)
{
	struct error error;

	cr_assert_eq(entry_list_put(model, entry, &error), 0);
}

static void replace(struct history *history)
{
	struct policy_generation next = POLICY_GENERATION_NONE;
	struct policy *policy = &history->fixture.policy;
	struct error error;

	cr_assert_eq(policy_build(policy, &history->model, NULL, &next, &error), 0, "%s",
		     error.message);
	/* Now and then somebody thinks better of it. */
	if (random_below(&history->random, 4) == 0) {
		policy_discard(&next);
		compare(history, NULL, NULL, "discard");
		cr_assert_eq(policy_build(policy, &history->model, NULL, &next, &error), 0);
	}
	cr_assert_eq(policy_switch(policy, &next, &error), 0, "%s", error.message);
	policy_discard(&next);
}

static struct entry draw_entry(struct history *history)
{
	struct entry entry = {.prefix = draw_prefix(history)};
	uint32_t kind = random_below(&history->random, 8);

	entry.verdict = kind < 5 ? SG_ENTRY_ALLOW : SG_ENTRY_DENY;
	if (kind % 4 == 3)
		entry.until = clock_now() - 100;
	if (kind % 4 == 2)
		entry.until = clock_now() + 10000;
	return entry;
}

/* As the commands do: in place, or in a new generation when the old one has no room. */
static void put(struct history *history, const struct entry *entry)
{
	struct error error;
	int result = policy_put(&history->fixture.policy, entry, &error);

	cr_assert(result == 0 || result == -ENOSPC, "%s", error.message);
	model_put(&history->model, entry);
	if (result)
		replace(history);
}

static void delete (struct history *history, const struct prefix *prefix)
{
	struct error error;

	cr_assert_eq(policy_delete(&history->fixture.policy, prefix, &error), 0, "%s",
		     error.message);
	entry_list_remove(&history->model, prefix);
}

static struct prefix draw_entry_of_model(struct history *history)
{
	uint32_t index = random_below(&history->random, (uint32_t)history->model.count);
	struct prefix prefix = history->model.entries[index].prefix;

	for (size_t i = 0; i < ALWAYS_COUNT; i++) {
		struct prefix kept;
		struct error error;

		prefix_parse(always_allowed[i].entry, &kept, &error);
		if (!prefix_compare(&kept, &prefix))
			return draw_prefix(history);
	}
	return prefix;
}

/* A command that is killed somewhere, and the next one, which asks for the same again. */
static void be_killed(struct history *history, const struct entry *entry, bool removes)
{
	struct entry_list after = {};
	struct error error;
	int begun[2];
	pid_t child;
	char byte;

	cr_assert_eq(entry_list_copy(&history->model, &after, &error), 0);
	if (removes)
		entry_list_remove(&after, &entry->prefix);
	else
		model_put(&after, entry);
	compare(history, &entry->prefix, NULL, "before");
	cr_assert_eq(pipe(begun), 0);
	child = fork();
	if (child == 0) {
		if (write(begun[1], "", 1) != 1)
			_exit(1);
		if (removes)
			policy_delete(&history->fixture.policy, &entry->prefix, &error);
		else
			policy_put(&history->fixture.policy, entry, &error);
		_exit(0);
	}
	cr_assert_eq(read(begun[0], &byte, 1), 1);
	close(begun[0]);
	close(begun[1]);
	usleep(random_below(&history->random, 1000));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	compare(history, &entry->prefix, &after, "killed");
	compare(history, &entry->prefix, &after, "killed, again");
	entry_list_clear(&after);
	if (removes)
		delete (history, &entry->prefix);
	else
		put(history, entry);
}

static void step(struct history *history)
{
	uint32_t kind = random_below(&history->random, 100);
	struct entry entry = draw_entry(history);

	if (kind < 50 && history->model.count < ENTRIES_MAX) {
		put(history, &entry);
	} else if (kind < 90) {
		entry.prefix = draw_entry_of_model(history);
		delete (history, &entry.prefix);
	} else if (kind < 97) {
		bool removes = random_below(&history->random, 2);

		if (removes)
			entry.prefix = draw_entry_of_model(history);
		be_killed(history, &entry, removes);
	} else {
		replace(history);
	}
	compare(history, &entry.prefix, NULL, "done");
}

struct traffic {
	const struct fixture *fixture;
	int cpu;
	atomic_bool *stop;
	size_t packets;
	size_t lost;
};

/* Sources that are allowed whatever happens, one after the other, on one CPU. */
static void *send_trusted(void *context)
{
	struct traffic *traffic = context;
	struct prefix sources[ALWAYS_COUNT];
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(traffic->cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	for (size_t i = 0; i < ALWAYS_COUNT; i++) {
		struct error error;

		address_parse(always_allowed[i].source, &sources[i], &error);
	}
	while (!atomic_load(traffic->stop)) {
		const struct prefix *source = &sources[traffic->packets++ % ALWAYS_COUNT];

		traffic->lost += !program_allows(traffic->fixture, source);
	}
	return NULL;
}

static void history_open(struct history *history, uint64_t seed)
{
	struct error error;

	*history = (struct history){.random = {seed}};
	fixture_open(&history->fixture, SG_LINK_ETHERNET, SG_MODE_ENFORCE);
	for (size_t i = 0; i < ALWAYS_COUNT; i++) {
		/* What ends is not remembered, so every second one is looked up each time. */
		struct entry entry = {.until = i % 2 ? clock_now() + 100000 : 0};

		cr_assert_eq(prefix_parse(always_allowed[i].entry, &entry.prefix, &error), 0);
		model_put(&history->model, &entry);
	}
	replace(history);
}

static void history_close(struct history *history)
{
	entry_list_clear(&history->model);
	fixture_close(&history->fixture);
}

Test(sequences, the_program_says_what_the_model_says_and_no_trusted_packet_is_lost)
{
	atomic_bool stop = false;
	struct traffic traffic[2];
	pthread_t threads[2];
	struct history history;

	history_open(&history, 20261125);
	for (int cpu = 0; cpu < 2; cpu++) {
		traffic[cpu] = (struct traffic){&history.fixture, cpu, &stop, 0, 0};
		pthread_create(&threads[cpu], NULL, send_trusted, &traffic[cpu]);
	}
	for (history.step = 0; history.step < STEPS; history.step++)
		step(&history);
	atomic_store(&stop, true);
	for (int cpu = 0; cpu < 2; cpu++) {
		pthread_join(threads[cpu], NULL);
		cr_assert_gt(traffic[cpu].packets, 10000);
		cr_assert_eq(traffic[cpu].lost, 0, "CPU %d: %zu of %zu lost", cpu,
			     traffic[cpu].lost, traffic[cpu].packets);
	}
	history_close(&history);
}
