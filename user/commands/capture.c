// SPDX-License-Identifier: GPL-2.0-or-later
/* capture: packets as the guards saw them, in a file or a pipe, for Wireshark and tcpdump */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/packet_file.h"
#include "commands/sample_words.h"
#include "kernel/clock.h"

#define RATE_DEFAULT	  1000
#define POLL_MILLISECONDS 200

struct capture {
	const struct invocation *invocation;
	struct sample_words words;
	struct sample_request request;
	const char *name;
	uint32_t most;	 /* packets; 0: any number */
	int64_t seconds; /* 0: without an end */

	struct packet_file file;
	uint32_t captured;
};

static volatile sig_atomic_t is_stopped;

static void stop(int number)
{
	(void)number;
	is_stopped = 1;
}

/* A signal ends a wait, and so the capture. That nobody reads any more is told by the pipe. */
static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = stop};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int check_output(const struct capture *capture, struct error *error)
{
	const struct invocation *invocation = capture->invocation;

	if (!capture->name)
		return usage_error(invocation, error, "-w names a file, or - for a pipe");
	if (strcmp(capture->name, "-") != 0)
		return 0;
	if (invocation->json)
		return usage_error(invocation, error,
				   "standard output cannot take packets and JSON at once");
	if (!isatty(STDOUT_FILENO))
		return 0;
	usage_error(invocation, error, "packets are not for a terminal");
	error_hint(error, "sipguard capture -w - | tcpdump -n -r -");
	return -EINVAL;
}

static int read_words(struct capture *capture, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	const struct invocation *invocation = capture->invocation;
	const char *bytes = NULL, *most = NULL;
	const struct option_spec specs[] = {
		SAMPLE_OPTIONS(&capture->words),
		{"-w", .value = &capture->name},
		{"--bytes", .value = &bytes},
		{"--count", .value = &most},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	result = result ?: sample_words_read_duration(invocation, &words, &capture->seconds, error);
	result = result ?: check_output(capture, error);
	result = result
			 ?: number_read(invocation, "--bytes", bytes, SG_SAMPLE_BYTES_MAX,
					&capture->request.bytes, error);
	result = result
			 ?: number_read(invocation, "--count", most, UINT32_MAX, &capture->most,
					error);
	return result ?: sample_words_read(invocation, &capture->words, &capture->request, error);
}

static int write_sample(void *context, const struct sample *sample, struct error *error)
{
	struct capture *capture = context;
	int result;

	if (capture->most && capture->captured == capture->most)
		return 0;
	result = packet_file_add(&capture->file, sample, error);
	if (!result)
		capture->captured++;
	return result;
}

static bool is_over(const struct capture *capture, int64_t began)
{
	return is_stopped || !block_file_is_read(&capture->file.file) ||
	       (capture->most && capture->captured == capture->most) ||
	       (capture->seconds && clock_boot() - began >= capture->seconds * 1000000000LL);
}

/* Until there is a reason to end; whoever reads a pipe sees at once what there is. */
static int read_samples(struct capture *capture, struct samples *samples, struct error *error)
{
	int64_t began = clock_boot();
	int result = 0;

	while (result >= 0 && !is_over(capture, began)) {
		result = samples_poll(samples, POLL_MILLISECONDS, write_sample, capture, error);
		if (result > 0)
			result = packet_file_flush(&capture->file, error);
	}
	if (result >= 0)
		result = samples_poll(samples, 0, write_sample, capture, error);
	return result < 0 ? result : packet_file_finish(&capture->file, error);
}

static int answer(const struct capture *capture, const struct sample_tally *tally,
		  struct error *error)
{
	uint64_t taken = tally->samples + tally->lost;
	uint64_t skipped = tally->packets > taken ? tally->packets - taken : 0;
	json_t *object;

	if (!capture->invocation->json) {
		notice(capture->invocation,
		       "%u packets captured, %llu lost, %llu skipped to keep the rate",
		       capture->captured, (unsigned long long)tally->lost,
		       (unsigned long long)skipped);
		return EXIT_DONE;
	}
	object = answer_new(capture->invocation);
	json_object_set_new(object, "captured", json_integer(capture->captured));
	json_object_set_new(object, "lost", json_integer((json_int_t)tally->lost));
	json_object_set_new(object, "skipped", json_integer((json_int_t)skipped));
	return answer_print(object, EXIT_DONE, error);
}

static int run(struct capture *capture, struct error *error)
{
	__attribute__((cleanup(samples_close))) struct samples *samples = NULL;
	struct sample_tally tally;
	int result;

	catch_signals();
	result = samples_open(&samples, &capture->request, error);
	result =
		result ?: packet_file_open(&capture->file, capture->name, &capture->request, error);
	if (result)
		return result;
	result = read_samples(capture, samples, error);
	/* Whoever reads has seen enough, or the signal came while a pipe was full. */
	if (result && result != -EPIPE && !(result == -EINTR && is_stopped))
		return result;
	result = samples_tally(samples, &tally, error);
	return result ?: answer(capture, &tally, error);
}

int command_capture(const struct invocation *invocation, struct error *error)
{
	struct capture capture = {
		.invocation = invocation,
		.request =
			{
				.verdicts = SAMPLE_VERDICT(SG_VERDICT_DROP) |
					    SAMPLE_VERDICT(SG_VERDICT_WOULD_DROP),
				.reasons = SAMPLE_REASONS_ALL,
				.bytes = SG_SAMPLE_BYTES_MAX,
				.rate = RATE_DEFAULT,
			},
		.file = PACKET_FILE_CLOSED,
	};
	int result = read_words(&capture, error);

	result = result ?: run(&capture, error);
	packet_file_close(&capture.file);
	sample_words_clear(&capture.words);
	return result;
}
