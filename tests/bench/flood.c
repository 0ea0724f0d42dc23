// SPDX-License-Identifier: GPL-2.0-or-later
#include "flood.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"
#include "generator.h"
#include "stopwatch.h"
#include "world.h"

/* Page pool and processor clock have settled by then, */
#define WARM_UP_SECONDS 0.2
/* and after a turn the caches: in that time the filter of a million entries is read twice over. */
#define SETTLE_SECONDS 0.01

#define START_SECONDS_MAX 10

/* However the bench ends, its flood ends by then. */
#define FLOOD_SECONDS_MAX 3600

static pid_t sender;

/* A session of its own, because the kernel first shares the processor out among sessions. */
static void go_first(void)
{
	cleanup_fd int sessions = -1;

	setsid();
	setpriority(PRIO_PROCESS, 0, -20);
	sessions = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	if (sessions >= 0)
		dprintf(sessions, "-20");
}

/* Receives on the processor that sends: nothing is lost between the two. */
static void send_forever(uint8_t family)
{
	struct error ignored;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(FLOOD_SECONDS_MAX);
	generator_pin();
	go_first();
	_exit(namespace_enter(world_senders(), &ignored) ? EPERM : generator_send(family));
}

/* The kernel prepares the run, which takes longer on a busy machine. */
static int wait_for_packets(const struct lane *lane, uint64_t before, struct error *error)
{
	double started = stopwatch();

	while (lane_count(lane).received == before) {
		if (stopwatch() - started > START_SECONDS_MAX)
			return error_set(error, EXIT_SYSTEM, ETIMEDOUT,
					 "no packet arrived at the receiver");
		sleep_seconds(0.01);
	}
	sleep_seconds(WARM_UP_SECONDS);
	return 0;
}

int flood_start(const struct lane *lane, struct error *error)
{
	uint64_t before = lane_count(lane).received;
	struct error stopped;
	int result;

	generator_aim(lane->sender_index);
	sender = fork();
	if (sender < 0)
		return error_system(error, errno, "cannot start the generator");
	if (sender == 0)
		send_forever(lane->family);
	result = wait_for_packets(lane, before, error);
	if (result && flood_stop(&stopped))
		*error = stopped;
	return result;
}

int flood_stop(struct error *error)
{
	int status;

	kill(sender, SIGKILL);
	waitpid(sender, &status, 0);
	if (!WIFEXITED(status))
		return 0;
	error_system(error, WEXITSTATUS(status), "the generator stopped by itself");
	error_hint(error, "BPF_F_TEST_XDP_LIVE_FRAMES takes Linux 5.18 or later");
	return -WEXITSTATUS(status);
}

int flood_slice(const struct lane *lane, double seconds, struct slice *slice, struct error *error)
{
	struct lane_counters before, after;

	generator_aim(lane->sender_index);
	sleep_seconds(SETTLE_SECONDS);
	before = lane_count(lane);
	sleep_seconds(seconds);
	after = lane_count(lane);
	if (after.received == before.received)
		return error_set(error, EXIT_SYSTEM, EPIPE, "the flood ended too early");
	*slice = (struct slice){
		.seconds = after.seconds - before.seconds,
		.received = after.received - before.received,
		.lost = after.lost - before.lost,
		.to_socket = after.to_socket - before.to_socket,
	};
	return 0;
}
