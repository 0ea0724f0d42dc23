// SPDX-License-Identifier: GPL-2.0-or-later
/*
 *	crash KILLS SIPGUARD BEFORE COMMAND BACK
 *
 * Kills a command of sipguard before and behind its system calls, one run for each, and judges
 * what it leaves: what is in force and what is on the disk must be the old state or the new one,
 * and the same command again must make the new one of it, without leftovers. BEFORE and BACK are
 * commands with semicolons in between; BACK undoes COMMAND.
 *
 * Once the command runs unharmed, while at every stop packets ask who passes.
 *
 * It is killed where a system call can change something outside of the process, at about KILLS of
 * those places, and at some of the others; everywhere when KILLS is 0. Runs in the server's
 * namespace of scripts/lib/world.sh.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"
#include "command.h"
#include "error.h"
#include "inventory.h"
#include "probe.h"
#include "random.h"
#include "trace.h"

#define OUTPUT	 "/run/world/logs/command"
#define STOP_MAX 20000

/* Of the calls that change nothing outside, it is killed at so many. */
#define OTHERS 10

/* The kernel frees some things a little later. */
#define PATIENCE_TAKES	      50
#define PATIENCE_MICROSECONDS 20000

#define FAILURES_MAX 5

struct sweep {
	const char *sipguard, *before, *command, *back;
	unsigned int kills;   /* 0: everywhere */
	struct command split; /* of `command` */
	struct probe *probe;
	struct inventory old, new;
	struct stop stops[STOP_MAX]; /* of the run that was not killed */
	size_t stop_count;
	size_t killed, failures;
};

static bool complain(struct sweep *sweep, const char *what)
{
	char line[512];
	cleanup_stream FILE *stream = fopen(OUTPUT, "re");

	sweep->failures++;
	printf("  %s\n", what);
	while (stream && fgets(line, sizeof(line), stream))
		printf("  | %s", line);
	return false;
}

/* All of them must end well. */
static bool run_all(struct sweep *sweep, const char *commands)
{
	cleanup_free char *copy = strdup(commands);
	char *rest = copy, *text;

	while ((text = strsep(&rest, ";"))) {
		struct command command;
		int status;

		text += strspn(text, " ");
		if (!*text)
			continue;
		if (!command_split(&command, sweep->sipguard, text))
			return complain(sweep, "too long");
		status = command_run(&command, OUTPUT);
		if (status) {
			printf("  sipguard %s: exit status %d\n", text, status);
			return complain(sweep, "its states cannot be made");
		}
	}
	return true;
}

static bool take(struct sweep *sweep, struct inventory *inventory)
{
	return inventory_take(sweep->sipguard, sweep->probe, inventory);
}

/* From the first inventory that suits; otherwise says what does not in the last one. */
static bool becomes(struct sweep *sweep, const struct inventory *wanted, const char *what)
{
	for (int takes = 0; takes < PATIENCE_TAKES; takes++) {
		__attribute__((cleanup(inventory_clear))) struct inventory found = {};

		if (!take(sweep, &found))
			return complain(sweep, what);
		if (inventory_equal(&found, wanted))
			return true;
		usleep(PATIENCE_MICROSECONDS);
		if (takes + 1 == PATIENCE_TAKES)
			inventory_print_difference(wanted, &found);
	}
	return complain(sweep, what);
}

static bool is_old_or_new(const struct sweep *sweep, const struct inventory *found, bool told)
{
	const struct inventory *old = &sweep->old, *new = &sweep->new;
	bool on_disk = json_equal(found->disk, old->disk) || json_equal(found->disk, new->disk);

	if (told && !on_disk)
		printf("  on the disk is neither the old state nor the new one\n");
	return is_one_of(found->force, old->force, new->force, told) &&
	       is_one_of(found->packets, old->packets, new->packets, told) && on_disk;
}

/* What a killed command left. Sets `done` when all is new already. */
static bool judge_left(struct sweep *sweep, bool *done)
{
	for (int takes = 0; takes < PATIENCE_TAKES; takes++) {
		__attribute__((cleanup(inventory_clear))) struct inventory found = {};
		bool told = takes + 1 == PATIENCE_TAKES;

		if (!take(sweep, &found))
			return complain(sweep, "what is left cannot be read");
		if (is_old_or_new(sweep, &found, told)) {
			*done = json_equal(found.force, sweep->new.force) &&
				json_equal(found.disk, sweep->new.disk);
			return true;
		}
		usleep(PATIENCE_MICROSECONDS);
	}
	return complain(sweep, "what is left is neither old nor new");
}

/* A rollback that is done would be undone by another one: then any command clears up behind it. */
static int run_again(struct sweep *sweep, bool done)
{
	struct command other;

	if (!done || strncmp(sweep->command, "rollback", strlen("rollback")) != 0)
		return command_run(&sweep->split, OUTPUT);
	return command_split(&other, sweep->sipguard, "allow 192.0.2.10")
		       ? command_run(&other, OUTPUT)
		       : EXIT_USAGE;
}

/*
 * The same command again; what is done already may be a negative answer, or wait to be confirmed.
 */
static bool repeat(struct sweep *sweep, bool done)
{
	int status = run_again(sweep, done);

	if (status == EXIT_DONE || (done && (status == EXIT_ABSENT || status == EXIT_CONFLICT)))
		return becomes(sweep, &sweep->new, "the same again does not lead to the new state");
	printf("  exit status %d\n", status);
	return complain(sweep, "the same again fails");
}

struct kill_here {
	size_t number;
	bool behind;
};

static bool visit_to_kill(void *context, const struct stop *stop)
{
	const struct kill_here *here = context;

	return stop->number != here->number || stop->behind != here->behind;
}

static bool kill_at(struct sweep *sweep, const struct stop *stop)
{
	struct kill_here here = {stop->number, stop->behind};
	bool done = false, good;

	sweep->killed++;
	trace_run(&sweep->split, OUTPUT, visit_to_kill, &here);
	good = judge_left(sweep, &done);
	good = repeat(sweep, done) && good;
	if (!good)
		printf("  ^ when killed %s system call %zu (%s)\n",
		       stop->behind ? "behind" : "before", stop->number, stop->changes ?: "-");
	return run_all(sweep, sweep->back);
}

/* Behind a call there is what is there before the next one. */
static bool is_worth_killing(const struct sweep *sweep, size_t at)
{
	const struct stop *stop = &sweep->stops[at];

	if (!stop->behind || !stop->changes)
		return stop->changes;
	return at + 1 == sweep->stop_count || !sweep->stops[at + 1].changes;
}

static size_t count_worth_killing(const struct sweep *sweep)
{
	size_t count = 0;

	for (size_t at = 0; at < sweep->stop_count; at++)
		count += is_worth_killing(sweep, at);
	return count;
}

/* So that about as many are drawn as are wanted. */
static bool is_drawn(struct random *random, size_t wanted, size_t count)
{
	return random_below(random, (unsigned int)count) < wanted;
}

static bool kill_everywhere(struct sweep *sweep)
{
	struct random random = {sweep->stop_count};
	size_t worth = count_worth_killing(sweep);

	for (size_t at = 0; at < sweep->stop_count; at++) {
		bool drawn = is_worth_killing(sweep, at)
				     ? is_drawn(&random, sweep->kills, worth)
				     : is_drawn(&random, OTHERS, sweep->stop_count);

		if (sweep->kills && !drawn)
			continue;
		if (!kill_at(sweep, &sweep->stops[at]))
			return false;
		if (sweep->failures >= FAILURES_MAX)
			return complain(sweep, "and so on");
	}
	return true;
}

/* Asks at each stop who passes, which is as before or as afterwards for everybody. */
static bool visit_to_ask(void *context, const struct stop *stop)
{
	struct sweep *sweep = context;
	json_t *packets = json_object();

	if (sweep->stop_count < STOP_MAX)
		sweep->stops[sweep->stop_count++] = *stop;
	if (!probe_ask(sweep->probe, packets))
		complain(sweep, "a packet for no guarded port was lost");
	else if (!is_one_of(packets, sweep->old.packets, sweep->new.packets, true))
		complain(sweep, stop->changes ?: "a stop");
	json_decref(packets);
	return true;
}

static bool trusts(const struct inventory *inventory)
{
	return !strcmp(json_string_value(json_object_get(inventory->packets, PROBE_TRUSTED)),
		       "passes");
}

/* Makes both states, the old one as it is after a way back. */
static bool learn(struct sweep *sweep)
{
	if (!run_all(sweep, sweep->before) || !run_all(sweep, sweep->command) ||
	    !run_all(sweep, sweep->back) || !take(sweep, &sweep->old) ||
	    !run_all(sweep, sweep->command) || !take(sweep, &sweep->new) ||
	    !run_all(sweep, sweep->back) ||
	    !becomes(sweep, &sweep->old, "the way back leads elsewhere"))
		return false;
	if (inventory_equal(&sweep->old, &sweep->new))
		return complain(sweep, "it changes nothing");
	return trusts(&sweep->old) && trusts(&sweep->new)
		       ? true
		       : complain(sweep, "a trusted source is dropped");
}

static bool sweep_all(struct sweep *sweep)
{
	int status;

	if (!learn(sweep))
		return false;
	status = trace_run(&sweep->split, OUTPUT, visit_to_ask, sweep);
	if (status)
		return complain(sweep, "it fails when it is traced");
	return run_all(sweep, sweep->back) && kill_everywhere(sweep) &&
	       becomes(sweep, &sweep->old, "the old state is not what it was");
}

int main(int count, char **words)
{
	static struct sweep sweep;

	if (count != 6) {
		fprintf(stderr, "usage: crash KILLS SIPGUARD BEFORE COMMAND BACK\n");
		return EXIT_USAGE;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sweep.kills = (unsigned int)strtoul(words[1], NULL, 10);
	sweep.sipguard = words[2];
	sweep.before = words[3];
	sweep.command = words[4];
	sweep.back = words[5];
	sweep.probe = probe_open();
	if (!sweep.probe || !command_split(&sweep.split, sweep.sipguard, sweep.command)) {
		perror("crash");
		return EXIT_SYSTEM;
	}
	sweep_all(&sweep);
	inventory_clear(&sweep.old);
	inventory_clear(&sweep.new);
	probe_close(sweep.probe);
	printf("killed at %zu of %zu stops, %zu failures\n", sweep.killed, sweep.stop_count,
	       sweep.failures);
	return sweep.failures || !sweep.killed ? EXIT_NEGATIVE : EXIT_DONE;
}
