// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bench.skel.h"
#include "lane.h"

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

void generator_aim(unsigned int device)
{
	programs->bss->traffic.device = device;
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

/* RFC 1071, before it is folded; an odd byte at the end is the first one of a word. */
static uint32_t sum_words(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2) {
		uint16_t word = 0;

		memcpy(&word, bytes + i, i + 1 < size ? 2 : 1);
		sum += word;
	}
	return sum;
}

/* The checksum of the header. Without one of its own a datagram over IPv4 is valid. */
static void finish_ipv4(uint8_t *frame)
{
	struct iphdr header;

	memcpy(&header, frame + ETH_HLEN, sizeof(header));
	header.daddr = inet_addr(RECEIVER_ADDRESS4);
	memcpy(frame + ETH_HLEN, &header, sizeof(header));
	programs->bss->traffic.sum = sum_words(frame + ETH_HLEN, sizeof(header));
}

/* RFC 8200, section 8.1: a datagram needs one, which covers its addresses, length and protocol. */
static void finish_ipv6(uint8_t *frame, size_t size)
{
	size_t datagram = size - ETH_HLEN - sizeof(struct ipv6hdr);
	struct ipv6hdr header;

	memcpy(&header, frame + ETH_HLEN, sizeof(header));
	inet_pton(AF_INET6, RECEIVER_ADDRESS6, &header.daddr);
	memcpy(frame + ETH_HLEN, &header, sizeof(header));
	programs->bss->traffic.sum = sum_words((const uint8_t *)&header.daddr,
					       sizeof(header.daddr)) +
				     sum_words(frame + size - datagram, datagram) +
				     htons((uint16_t)datagram) + htons(IPPROTO_UDP);
}

size_t generator_frame(uint8_t family, uint8_t frame[static FRAME_SIZE_MAX])
{
	struct frame_request request = {
		.source.family = family,
		.protocol = SG_PROTOCOL_UDP,
		.destination_port = SIP_PORT,
		.link_layer = SG_LINK_ETHERNET,
	};
	size_t size = frame_build(&request, frame);

	if (family == SG_FAMILY_IPV4)
		finish_ipv4(frame);
	else
		finish_ipv6(frame, size);
	return size;
}

int generator_send(uint8_t family)
{
	uint8_t frame[FRAME_SIZE_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .repeat = INT_MAX,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);

	options.data_size_in = (uint32_t)generator_frame(family, frame);
	while (!bpf_prog_test_run_opts(bpf_program__fd(programs->progs.generate), &options))
		;
	return errno;
}

int generator_run(int program, uint8_t family, double *nanoseconds, struct error *error)
{
	int behind = program < 0 ? generator_bare_drop() : program;
	uint8_t frame[FRAME_SIZE_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame,
		    .data_size_in = (uint32_t)generator_frame(family, frame),
		    .repeat = RUN_REPEATS);

	if (bpf_map_update_elem(bpf_map__fd(programs->maps.measured), &(uint32_t){0}, &behind,
				BPF_ANY) ||
	    bpf_prog_test_run_opts(bpf_program__fd(programs->progs.wrapper), &options))
		return error_system(error, errno, "cannot run the program under test");
	*nanoseconds = options.duration;
	return 0;
}
