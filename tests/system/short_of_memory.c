// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loaded before libbpf, it makes a kernel that is short of memory: the first SHORT_CALLS batches
 * write SHORT_WRITES elements and fail with ENOMEM. With SHORT_COUNT=kept the count that such a
 * call returns is the one that it was given, as kernels before 6.8 do when nothing was written.
 */
#include <bpf/bpf.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef int update(int map, const void *keys, const void *values, __u32 *count,
		   const struct bpf_map_batch_opts *options);

static unsigned long setting(const char *name)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 10) : 0;
}

int bpf_map_update_batch(int map, const void *keys, const void *values, __u32 *count,
			 const struct bpf_map_batch_opts *options)
{
	static unsigned long calls;
	const char *kept = getenv("SHORT_COUNT");
	__u32 writes = (__u32)setting("SHORT_WRITES"), given = *count;
	update *real;

	*(void **)&real = dlsym(RTLD_NEXT, "bpf_map_update_batch");
	if (calls++ >= setting("SHORT_CALLS") || writes >= given)
		return real(map, keys, values, count, options);
	*count = writes;
	if (writes && real(map, keys, values, count, options))
		abort();
	if (kept && !strcmp(kept, "kept"))
		*count = given;
	errno = ENOMEM;
	return -ENOMEM;
}
