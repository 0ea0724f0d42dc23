// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/sample_devices.h"
#include "kernel/sample_session.h"

/* How often the credit is renewed: the samples of a flood come in as many portions a second. */
#define STEP_NANOSECONDS 50000000L
/* How often it is looked after whether guards, names or maps are others than before. */
#define LOOK_NANOSECONDS 1000000000L
/* A name that is not known is asked for at most so often, whatever comes. */
#define LEARN_NANOSECONDS 100000000L
/* The two clocks are read one after the other; what they differ by less is no jump. */
#define JUMP_NANOSECONDS 1000000L

struct samples {
	struct sample_request request;
	struct sample_session session;
	struct sample_tally past; /* of sessions that have ended */
	struct ring_buffer *buffer;
	struct sample_devices devices;
	int timer;
	int events;
	int64_t stepped, looked, learnt; /* CLOCK_BOOTTIME */
	int64_t ahead;			 /* how far Unix time is */

	/* During a poll. */
	sample_visitor *visit;
	void *context;
	struct error *error;
	int visited;
};

static bool is_device_wanted(const struct samples *samples, const char *name)
{
	for (size_t i = 0; i < samples->request.device_count; i++) {
		if (!strcmp(samples->request.devices[i], name))
			return true;
	}
	return !samples->request.device_count;
}

/* Those devices as the program knows them, and some others. */
static uint64_t wanted_devices(const struct samples *samples)
{
	uint64_t wanted = samples->request.device_count ? 0 : UINT64_MAX;

	for (size_t i = 0; i < samples->devices.count; i++) {
		const struct sample_device *device = &samples->devices.devices[i];

		if (is_device_wanted(samples, device->name))
			wanted |= 1ULL << (device->index & 63);
	}
	return wanted;
}

static const char *device_name(struct samples *samples, uint32_t index, uint8_t mark)
{
	const char *name = sample_devices_find(&samples->devices, index, mark);
	int64_t now;

	if (name)
		return name;
	now = clock_boot();
	if (now - samples->learnt >= LEARN_NANOSECONDS) {
		samples->learnt = now;
		sample_devices_learn(&samples->devices);
		name = sample_devices_find(&samples->devices, index, mark);
	}
	return name ? name : sample_devices_unknown(&samples->devices, index);
}

static struct prefix source_of(const struct sg_sample *record)
{
	static const uint8_t unknown[sizeof(record->source)];
	struct prefix source = {};

	if ((record->family != SG_FAMILY_IPV4 && record->family != SG_FAMILY_IPV6) ||
	    !memcmp(record->source, unknown, sizeof(unknown)))
		return source;
	source.family = record->family;
	source.length = prefix_host_length(source.family);
	memcpy(source.address, record->source, sizeof(source.address));
	return source;
}

static int visit_record(void *context, void *data, size_t size)
{
	struct samples *samples = context;
	const struct sg_sample *record = data;
	struct sample sample;

	if (size < sizeof(*record) || size - sizeof(*record) < record->captured)
		return error_set(samples->error, EXIT_SYSTEM, EPROTO,
				 "a sample of %zu bytes is none of this version", size);
	sample = (struct sample){
		.time = (int64_t)record->time + samples->ahead,
		.device = device_name(samples, record->ifindex, record->guard),
		.packets = record->packets,
		.verdict = record->verdict,
		.reason = record->reason,
		.protocol = record->protocol,
		.link_layer = record->link_layer,
		.port = record->destination_port,
		.source = source_of(record),
		.length = record->length,
		.captured = record->captured,
		.frame = (const uint8_t *)(record + 1),
	};
	if (!is_device_wanted(samples, sample.device))
		return 0;
	samples->visited++;
	return samples->visit(samples->context, &sample, samples->error);
}

static void follow_clock(struct samples *samples)
{
	int64_t ahead = clock_unix_ahead_of_boot();

	if (llabs(ahead - samples->ahead) > JUMP_NANOSECONDS)
		samples->ahead = ahead;
}

static void end_session(struct samples *samples)
{
	ring_buffer__free(samples->buffer);
	samples->buffer = NULL;
	samples->past.packets += samples->session.tally.packets;
	samples->past.samples += samples->session.tally.samples;
	samples->past.lost += samples->session.tally.lost;
	sample_session_end(&samples->session);
}

static int begin_session(struct samples *samples, struct error *error)
{
	struct epoll_event event = {.events = EPOLLIN};
	int result = sample_session_begin(&samples->session, &samples->request,
					  wanted_devices(samples), error);

	if (result)
		return result;
	samples->stepped = clock_boot();
	samples->buffer = ring_buffer__new(samples->session.ring, visit_record, samples, NULL);
	if (samples->buffer &&
	    !epoll_ctl(samples->events, EPOLL_CTL_ADD, samples->session.ring, &event))
		return 0;
	result = error_system(error, errno, "cannot map the ring of samples");
	end_session(samples);
	return result;
}

/*
 * With the last guard the maps go, and the next one brings others. In between the reader waits, and
 * is in nobody's way.
 */
static int follow_maps(struct samples *samples, struct error *error)
{
	__attribute__((cleanup(sample_maps_close))) struct sample_maps pinned = SAMPLE_MAPS_CLOSED;
	int result = sample_maps_open(&pinned, error);

	if (!result && !sample_session_is_in(&samples->session, &pinned)) {
		end_session(samples);
		result = begin_session(samples, error);
	}
	return result == -ENOENT ? 0 : result;
}

static int do_what_is_due(struct samples *samples, struct error *error)
{
	int64_t now = clock_boot(), passed = now - samples->stepped;
	int result = 0;

	if (sample_session_is_open(&samples->session) && passed >= STEP_NANOSECONDS) {
		follow_clock(samples);
		samples->stepped = now;
		result = sample_session_renew(&samples->session, &samples->request,
					      wanted_devices(samples), (double)passed / 1e9, error);
	}
	if (result || now - samples->looked < LOOK_NANOSECONDS)
		return result;
	samples->looked = now;
	sample_devices_learn(&samples->devices);
	return follow_maps(samples, error);
}

static int open_events(struct samples *samples, struct error *error)
{
	const struct itimerspec interval = {
		.it_interval.tv_nsec = STEP_NANOSECONDS,
		.it_value.tv_nsec = STEP_NANOSECONDS,
	};
	struct epoll_event event = {.events = EPOLLIN};

	samples->events = epoll_create1(EPOLL_CLOEXEC);
	samples->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (samples->events < 0 || samples->timer < 0 ||
	    timerfd_settime(samples->timer, 0, &interval, NULL) ||
	    epoll_ctl(samples->events, EPOLL_CTL_ADD, samples->timer, &event))
		return error_system(error, errno, "cannot wait for samples");
	return 0;
}

static int absent_error(struct error *error)
{
	error_set(error, EXIT_ABSENT, ENOENT, "no device is guarded");
	error_hint(error, "sipguard attach DEV");
	return -ENOENT;
}

int samples_open(struct samples **samples, const struct sample_request *request,
		 struct error *error)
{
	__attribute__((cleanup(samples_close))) struct samples *opened = malloc(sizeof(*opened));
	int result;

	if (!opened)
		return error_system(error, ENOMEM, "cannot read samples");
	*opened = (struct samples){
		.request = *request,
		.session = SAMPLE_SESSION_NONE,
		.timer = -1,
		.events = -1,
		.looked = clock_boot(),
	};
	follow_clock(opened);
	sample_devices_learn(&opened->devices);
	result = open_events(opened, error);
	result = result ?: begin_session(opened, error);
	if (result)
		return result == -ENOENT ? absent_error(error) : result;
	*samples = opened;
	opened = NULL;
	return 0;
}

void samples_close(struct samples **samples)
{
	struct samples *closed = *samples;

	if (!closed)
		return;
	end_session(closed);
	close_descriptor(&closed->timer);
	close_descriptor(&closed->events);
	sample_devices_clear(&closed->devices);
	free(closed);
	*samples = NULL;
}

int samples_poll(struct samples *samples, int timeout, sample_visitor *visit, void *context,
		 struct error *error)
{
	struct epoll_event event;
	uint64_t expirations;
	int result = 0;

	if (epoll_wait(samples->events, &event, 1, timeout) < 0)
		return errno == EINTR ? 0 : error_system(error, errno, "cannot wait for samples");
	if (read(samples->timer, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return error_system(error, errno, "cannot wait for samples");
	samples->visit = visit;
	samples->context = context;
	samples->error = error;
	samples->visited = 0;
	if (samples->buffer)
		result = ring_buffer__consume(samples->buffer);
	if (result >= 0)
		result = do_what_is_due(samples, error);
	return result ? result : samples->visited;
}

int samples_descriptor(const struct samples *samples)
{
	return samples->events;
}

int samples_tally(struct samples *samples, struct sample_tally *tally, struct error *error)
{
	struct sample_session *session = &samples->session;
	int result = 0;

	if (sample_session_is_open(session))
		result = sample_session_count(session, error);
	if (result)
		return result;
	*tally = (struct sample_tally){
		.packets = samples->past.packets + session->tally.packets,
		.samples = samples->past.samples + session->tally.samples,
		.lost = samples->past.lost + session->tally.lost,
	};
	return 0;
}
