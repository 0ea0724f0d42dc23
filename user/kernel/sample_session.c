// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sample_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/privilege.h"

/* Room for a burst of one second's samples, within reason. */
#define RING_BYTES_MIN (64U << 10)
#define RING_BYTES_MAX (32U << 20)

static uint32_t ring_size(const struct sample_request *request)
{
	uint64_t burst = (uint64_t)request->rate * (sizeof(struct sg_sample) + request->bytes);
	uint32_t size = RING_BYTES_MIN;

	while (size < burst && size < RING_BYTES_MAX)
		size *= 2;
	return size;
}

static int create_ring(struct sample_session *session, const struct sample_request *request,
		       struct error *error)
{
	session->ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sg_ring", 0, 0, ring_size(request),
				       NULL);
	if (session->ring < 0)
		return privilege_error(error, errno, "cannot create a ring for samples");
	if (bpf_map_update_elem(session->maps.rings, &session->place.number, &session->ring,
				BPF_ANY))
		return error_system(error, errno, "cannot hand a ring to the guards");
	return 0;
}

static int read_cells(const struct sample_session *session, struct sg_sample_taken *cells,
		      struct error *error)
{
	if (bpf_map_lookup_elem(session->maps.taken, &session->place.number, cells))
		return error_system(error, errno, "cannot read what was sampled");
	return 0;
}

static int allocate_cells(struct sample_session *session, struct error *error)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus <= 0)
		return error_system(error, -cpus, "cannot tell how many CPUs there are");
	session->cpus = (unsigned int)cpus;
	session->counted = calloc(session->cpus, sizeof(*session->counted));
	session->found = calloc(session->cpus, sizeof(*session->found));
	if (!session->counted || !session->found)
		return error_system(error, ENOMEM, "cannot read samples");
	return read_cells(session, session->counted, error);
}

/* What does not change. Nothing is sampled before the shifts are written. */
static void write_request(const struct sample_session *session,
			  const struct sample_request *request)
{
	struct sg_sample_request *own = sample_place_request(&session->place);
	const struct prefix *source = &request->source;

	memset(own->shift, SG_SAMPLE_NEVER, sizeof(own->shift));
	own->bytes = request->bytes;
	own->family = source->family;
	own->process = (uint32_t)getpid();
	for (int i = 0; i < (int)sizeof(own->mask); i++) {
		int bits = source->length - 8 * i;

		own->mask[i] = bits >= 8 ? 0xff : bits > 0 ? (uint8_t)(0xff00 >> bits) : 0;
		own->address[i] = source->address[i];
	}
}

static void write_pace(const struct sample_session *session, const struct sample_request *request,
		       uint64_t devices)
{
	struct sg_sample_request *own = sample_place_request(&session->place);
	uint32_t phase;

	for (uint32_t verdict = 0; verdict < SG_VERDICT_COUNT; verdict++) {
		for (uint32_t reason = 0; reason < SG_REASON_COUNT; reason++) {
			bool wanted = request->verdicts >> verdict & request->reasons >> reason & 1;

			own->shift[verdict][reason] = wanted ? session->pace.shift[reason]
							     : SG_SAMPLE_NEVER;
		}
	}
	own->devices = devices;
	own->credit = session->pace.credit;
	/* Without enough entropy, as early as at boot, it stays what it was. */
	if (getrandom(&phase, sizeof(phase), GRND_NONBLOCK) == sizeof(phase))
		own->phase = phase;
	__atomic_store_n(&own->window, own->window + 1, __ATOMIC_RELEASE);
	sample_place_activate(&session->place);
}

int sample_session_begin(struct sample_session *session, const struct sample_request *request,
			 uint64_t devices, struct error *error)
{
	__attribute__((cleanup(sample_session_end))) struct sample_session begun =
		SAMPLE_SESSION_NONE;
	int result = sample_maps_open(&begun.maps, error);

	result = result ?: sample_place_take(&begun.place, &begun.maps, error);
	result = result ?: create_ring(&begun, request, error);
	result = result ?: allocate_cells(&begun, error);
	if (result)
		return result;
	begun.pace = pace_begin(request->rate);
	write_request(&begun, request);
	write_pace(&begun, request, devices);
	*session = begun;
	begun = SAMPLE_SESSION_NONE;
	return 0;
}

void sample_session_end(struct sample_session *session)
{
	sample_place_leave(&session->place, &session->maps);
	close_descriptor(&session->ring);
	sample_maps_close(&session->maps);
	free(session->counted);
	free(session->found);
	*session = SAMPLE_SESSION_NONE;
}

bool sample_session_is_open(const struct sample_session *session)
{
	return session->ring >= 0;
}

static uint32_t map_id(int map)
{
	struct bpf_map_info info = {};
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) ? 0 : info.id;
}

bool sample_session_is_in(const struct sample_session *session, const struct sample_maps *maps)
{
	return sample_session_is_open(session) &&
	       map_id(session->maps.readers) == map_id(maps->readers);
}

static void count_cpu(struct sample_session *session, const struct sg_sample_taken *before,
		      const struct sg_sample_taken *now)
{
	struct pace_step *step = &session->step;
	uint64_t packets = 0;

	for (uint32_t reason = 0; reason < SG_SAMPLE_REASONS; reason++) {
		uint64_t more = now->packets[reason] - before->packets[reason];

		step->packets[reason] += more;
		packets += more;
	}
	step->samples += now->samples - before->samples;
	step->cpus += packets > 0;
	session->tally.packets += packets;
	session->tally.samples += now->samples - before->samples;
	session->tally.lost += now->lost - before->lost;
}

int sample_session_count(struct sample_session *session, struct error *error)
{
	struct sg_sample_taken *counted = session->counted;
	int result = read_cells(session, session->found, error);

	if (result)
		return result;
	for (unsigned int cpu = 0; cpu < session->cpus; cpu++)
		count_cpu(session, &counted[cpu], &session->found[cpu]);
	session->counted = session->found;
	session->found = counted;
	return 0;
}

int sample_session_renew(struct sample_session *session, const struct sample_request *request,
			 uint64_t devices, double seconds, struct error *error)
{
	int result = sample_session_count(session, error);

	if (result)
		return result;
	session->step.seconds = seconds;
	pace_step(&session->pace, &session->step);
	session->step = (struct pace_step){};
	write_pace(session, request, devices);
	return 0;
}
