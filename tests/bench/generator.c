// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench.skel.h"
#include "cleanup.h"
#include "packet/frame.h"
#include "stopwatch.h"

#define SIP_PORT 5060

/* Caches, page pool and processor clock have settled by then. */
#define WARM_UP_SECONDS 0.2

#define START_SECONDS_MAX 10

/* Nobody waits longer for one flood. */
#define FLOOD_SECONDS_MAX 600

#define RUN_REPEATS 1000000

static struct bench_bpf *programs;
static struct source *sources;

int generator_open(size_t sources_max, struct error *error)
{
	void *mapped;
	int result;

	programs = bench_bpf__open();
	if (!programs)
		return error_system(error, errno, "cannot open the bench's XDP programs");
	bpf_map__set_max_entries(programs->maps.sources, (uint32_t)sources_max);
	result = bench_bpf__load(programs);
	if (result)
		return error_system(error, -result, "the kernel refused the bench's XDP programs");
	mapped = mmap(NULL, sources_max * sizeof(*sources), PROT_READ | PROT_WRITE, MAP_SHARED,
		      bpf_map__fd(programs->maps.sources), 0);
	if (mapped == MAP_FAILED)
		return error_system(error, errno, "cannot map the sources");
	sources = mapped;
	return 0;
}

int generator_bare_drop(void)
{
	return bpf_program__fd(programs->progs.bare_drop);
}

int generator_bare_pass(void)
{
	return bpf_program__fd(programs->progs.bare_pass);
}

void generator_draw_strangers(uint8_t family)
{
	programs->bss->traffic.family = family;
	programs->bss->traffic.active = 0;
}

struct source *generator_draw_from(uint8_t family, size_t count)
{
	programs->bss->traffic.family = family;
	programs->bss->traffic.active = (uint32_t)count;
	return sources;
}

void generator_pin(void)
{
	cpu_set_t allowed, one;
	int last = 0;

	sched_getaffinity(0, sizeof(allowed), &allowed);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			last = cpu;
	CPU_ZERO(&one);
	CPU_SET(last, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

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

/* RFC 1071, over a header whose source and checksum are 0; both are filled in packet by packet. */
static uint32_t header_sum(const struct iphdr *header)
{
	uint16_t words[sizeof(*header) / 2];
	uint32_t sum = 0;

	memcpy(words, header, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		sum += words[i];
	return sum;
}

static size_t build_frame(uint8_t family, uint8_t frame[static FRAME_SIZE_MAX])
{
	struct frame_request request = {
		.source.family = family,
		.protocol = SG_PROTOCOL_UDP,
		.destination_port = SIP_PORT,
		.link_layer = SG_LINK_ETHERNET,
	};
	size_t size = frame_build(&request, frame);
	struct iphdr header;

	if (family != SG_FAMILY_IPV4)
		return size;
	memcpy(&header, frame + ETH_HLEN, sizeof(header));
	header.daddr = inet_addr(RECEIVER_ADDRESS);
	memcpy(frame + ETH_HLEN, &header, sizeof(header));
	programs->bss->traffic.header_sum = header_sum(&header);
	return size;
}

int generator_run(int program, uint8_t family, double *nanoseconds, struct error *error)
{
	int behind = program < 0 ? generator_bare_drop() : program;
	uint8_t frame[FRAME_SIZE_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
		    .data_size_in = (uint32_t)build_frame(family, frame), .repeat = RUN_REPEATS);

	if (bpf_map_update_elem(bpf_map__fd(programs->maps.measured), &(uint32_t){0}, &behind,
				BPF_ANY) ||
	    bpf_prog_test_run_opts(bpf_program__fd(programs->progs.wrapper), &options))
		return error_system(error, errno, "cannot run the program under test");
	*nanoseconds = options.duration;
	return 0;
}

/* Receives on the processor that sends: nothing is lost between the two. */
static void send_forever(const struct lane *lane)
{
	uint8_t frame[FRAME_SIZE_MAX];
	struct error ignored;
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .repeat = INT_MAX,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(FLOOD_SECONDS_MAX);
	generator_pin();
	go_first();
	options.data_size_in = (uint32_t)build_frame(SG_FAMILY_IPV4, frame);
	programs->bss->traffic.device = lane->sender_index;
	if (!sender_enter(&ignored))
		bpf_prog_test_run_opts(bpf_program__fd(programs->progs.generate), &options);
	_exit(errno);
}

/* Columns of /proc/net/dev behind the name of the device. */
#define RECEIVED_PACKETS 1
#define SEND_DROPS	 11

/* The value in the given column of a device of a namespace. */
static uint64_t device_counter(const char *file, const char *device, unsigned int column)
{
	cleanup_stream FILE *stream = fopen(file, "re");
	char line[512];

	while (stream && fgets(line, sizeof(line), stream)) {
		char *saved, *name = strtok_r(line, " :", &saved), *value = NULL;

		if (!name || strcmp(name, device) != 0)
			continue;
		for (unsigned int i = 0; i <= column; i++)
			value = strtok_r(NULL, " ", &saved);
		return value ? strtoull(value, NULL, 10) : 0;
	}
	return 0;
}

static uint64_t received(void)
{
	return device_counter("/proc/self/net/dev", RECEIVER, RECEIVED_PACKETS);
}

/* Datagrams that came as far as UDP: delivered, or thrown away for want of room or of a socket. */
static uint64_t datagrams(void)
{
	cleanup_stream FILE *stream = fopen("/proc/self/net/snmp", "re");
	uint64_t delivered, no_ports, errors;
	char line[512];

	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "Udp: %" SCNu64 " %" SCNu64 " %" SCNu64, &delivered, &no_ports,
			   &errors) == 3)
			return delivered + no_ports + errors;
	return 0;
}

static struct sample take_sample(const struct lane *lane, pid_t sender)
{
	char file[64];

	snprintf(file, sizeof(file), "/proc/%d/net/dev", sender);
	return (struct sample){
		.lost = device_counter(file, lane->sender, SEND_DROPS),
		.to_socket = datagrams(),
		.received = received(),
		.seconds = stopwatch(),
	};
}

/* The kernel prepares the run, which takes longer on a busy machine. */
static int wait_for_packets(uint64_t before, struct error *error)
{
	double started = stopwatch();

	while (received() == before) {
		if (stopwatch() - started > START_SECONDS_MAX)
			return error_set(error, EXIT_SYSTEM, ETIMEDOUT,
					 "no packet arrived at the receiver");
		sleep_seconds(0.01);
	}
	sleep_seconds(WARM_UP_SECONDS);
	return 0;
}

static int stop_sender(pid_t sender, struct error *error)
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

static struct sample between(const struct sample *before, const struct sample *after)
{
	return (struct sample){
		.seconds = after->seconds - before->seconds,
		.received = after->received - before->received,
		.to_socket = after->to_socket - before->to_socket,
		.lost = after->lost - before->lost,
	};
}

int generator_flood(const struct lane *lane, double seconds, struct sample *measured,
		    struct error *error)
{
	struct sample before, after;
	int result = lane_enter(lane, error), stopped;
	uint64_t earlier = received();
	pid_t sender;

	if (result)
		return result;
	sender = fork();
	if (sender < 0)
		return error_system(error, errno, "cannot start the generator");
	if (sender == 0)
		send_forever(lane);
	result = wait_for_packets(earlier, error);
	before = take_sample(lane, sender);
	if (!result)
		sleep_seconds(seconds);
	after = take_sample(lane, sender);
	stopped = stop_sender(sender, error);
	if (result || stopped)
		return result ?: stopped;
	*measured = between(&before, &after);
	return 0;
}
