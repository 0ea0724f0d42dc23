// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/sample_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "cleanup.h"
#include "kernel/pins.h"
#include "kernel/privilege.h"

/* Another reader that clears away holds a free lock for a moment. */
#define ATTEMPTS	  10
#define PAUSE_NANOSECONDS 20000000L

struct sg_sample_request *sample_place_request(const struct sample_place *place)
{
	return &place->readers->requests[place->number];
}

void sample_place_activate(const struct sample_place *place)
{
	__atomic_fetch_or(&place->readers->active, 1U << place->number, __ATOMIC_RELEASE);
}

/* Nobody has the place, or whoever calls. */
static void clear_away(struct sg_sample_readers *readers, uint32_t number,
		       const struct sample_maps *maps)
{
	__atomic_fetch_and(&readers->active, ~(1U << number), __ATOMIC_RELEASE);
	bpf_map_delete_elem(maps->rings, &number);
}

/* A descriptor; -EWOULDBLOCK when the place is taken. */
static int lock_place(uint32_t number, struct error *error)
{
	char path[PIN_PATH_SIZE];
	cleanup_fd int lock = -1;

	pin_reader_path(path, number);
	lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return privilege_error(error, errno, "cannot open %s", path);
	if (flock(lock, LOCK_EX | LOCK_NB))
		return error_system(error, errno, "cannot lock %s", path);
	return take_descriptor(&lock);
}

/* The first free place is taken; the others that are free are cleared away as well. */
static int take_free(struct sample_place *place, const struct sample_maps *maps,
		     struct error *error)
{
	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++) {
		cleanup_fd int lock = lock_place(number, error);

		if (lock == -EWOULDBLOCK)
			continue;
		if (lock < 0)
			return lock;
		clear_away(place->readers, number, maps);
		if (place->lock >= 0)
			continue;
		place->number = number;
		place->lock = take_descriptor(&lock);
	}
	return place->lock < 0 ? -EWOULDBLOCK : 0;
}

static int all_taken_error(const struct sg_sample_readers *readers, struct error *error)
{
	char processes[SG_SAMPLE_READERS * 16] = "";
	size_t length = 0;

	for (uint32_t number = 0; number < SG_SAMPLE_READERS; number++)
		length += (size_t)snprintf(processes + length, sizeof(processes) - length, "%s%u",
					   number ? "," : "", readers->requests[number].process);
	error_set(error, EXIT_CONFLICT, EBUSY,
		  "%u others read samples already, and there is room for no more: the processes %s",
		  SG_SAMPLE_READERS, processes);
	error_hint(error, "to see which these are: ps -fp %s; end one of them", processes);
	return -EBUSY;
}

static int map_readers(const struct sample_maps *maps, struct sg_sample_readers **readers,
		       struct error *error)
{
	void *mapped = mmap(NULL, sizeof(**readers), PROT_READ | PROT_WRITE, MAP_SHARED,
			    maps->readers, 0);

	if (mapped == MAP_FAILED)
		return error_system(error, errno, "cannot map the readers of samples");
	*readers = mapped;
	return 0;
}

int sample_place_take(struct sample_place *place, const struct sample_maps *maps,
		      struct error *error)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NANOSECONDS};
	struct sample_place taken = SAMPLE_PLACE_NONE;
	int result;

	result = map_readers(maps, &taken.readers, error);
	if (result)
		return result;
	result = take_free(&taken, maps, error);
	for (int attempt = 1; result == -EWOULDBLOCK && attempt < ATTEMPTS; attempt++) {
		nanosleep(&pause, NULL);
		result = take_free(&taken, maps, error);
	}
	if (result == -EWOULDBLOCK)
		result = all_taken_error(taken.readers, error);
	if (result) {
		close_descriptor(&taken.lock);
		munmap(taken.readers, sizeof(*taken.readers));
		return result;
	}
	*place = taken;
	return 0;
}

void sample_place_leave(struct sample_place *place, const struct sample_maps *maps)
{
	if (place->readers && place->lock >= 0)
		clear_away(place->readers, place->number, maps);
	if (place->readers)
		munmap(place->readers, sizeof(*place->readers));
	close_descriptor(&place->lock);
	*place = SAMPLE_PLACE_NONE;
}
