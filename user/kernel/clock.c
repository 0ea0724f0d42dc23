// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cleanup.h"

#define NANOSECONDS 1000000000LL

static int64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NANOSECONDS + now.tv_nsec;
}

/* Of /proc/self: after an unshare(2) without an exec, the offsets are those of children alone. */
static bool is_in_namespace_of_children(void)
{
	char own[64] = "", children[64] = "";

	return readlink("/proc/self/ns/time", own, sizeof(own) - 1) > 0 &&
	       readlink("/proc/self/ns/time_for_children", children, sizeof(children) - 1) > 0 &&
	       !strcmp(own, children);
}

/*
 * How far CLOCK_BOOTTIME of this time namespace is ahead of the kernel's own (time_namespaces(7)),
 * by which the program goes; 0 also where it cannot be seen.
 */
static int64_t boot_offset(void)
{
	static bool known;
	static int64_t offset;
	cleanup_stream FILE *offsets = NULL;
	int64_t seconds, nanoseconds;
	char line[128];

	if (known)
		return offset;
	known = true;
	if (is_in_namespace_of_children())
		offsets = fopen("/proc/self/timens_offsets", "re");
	while (offsets && fgets(line, sizeof(line), offsets)) {
		if (sscanf(line, "boottime %" SCNd64 " %" SCNd64, &seconds, &nanoseconds) == 2)
			offset = seconds * NANOSECONDS + nanoseconds;
	}
	return offset;
}

int clock_refuse_namespace(struct error *error)
{
	if (!boot_offset())
		return 0;
	error_set(error, EXIT_SYSTEM, ENOTSUP,
		  "in this time namespace the time since boot is %lld s off the kernel's, by "
		  "which ends are kept",
		  (long long)(boot_offset() / NANOSECONDS));
	error_hint(error, "nsenter --target 1 --time sipguard ...; what has no end can be changed "
			  "here too");
	return -ENOTSUP;
}

int64_t clock_now(void)
{
	return read_clock(CLOCK_REALTIME) / NANOSECONDS;
}

int64_t clock_monotonic_milliseconds(void)
{
	return read_clock(CLOCK_MONOTONIC) / (NANOSECONDS / 1000);
}

uint64_t clock_boot_from_unix(int64_t seconds)
{
	__int128 then = (__int128)seconds * NANOSECONDS - clock_unix_ahead_of_boot();

	if (seconds == 0)
		return 0;
	if (then > INT64_MAX)
		return INT64_MAX;
	return then > 0 ? (uint64_t)then : 1;
}

int64_t clock_unix_in_kernel(int64_t seconds)
{
	return clock_unix_from_boot(clock_boot_from_unix(seconds));
}

/* Rounded, because the two clocks are read one after the other. */
int64_t clock_unix_from_boot(uint64_t nanoseconds)
{
	int64_t ahead, then;

	if (nanoseconds == 0)
		return 0;
	ahead = (int64_t)nanoseconds - clock_boot() + NANOSECONDS / 2;
	if (__builtin_add_overflow(read_clock(CLOCK_REALTIME), ahead, &then))
		return INT64_MAX / NANOSECONDS;
	return then / NANOSECONDS;
}

int64_t clock_unix_ahead_of_boot(void)
{
	return read_clock(CLOCK_REALTIME) - clock_boot();
}

int64_t clock_boot(void)
{
	return read_clock(CLOCK_BOOTTIME) - boot_offset();
}
