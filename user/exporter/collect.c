// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/collect.h"

#include <errno.h>

#include "kernel/library.h"
#include "kernel/observe.h"
#include "store/baseline_file.h"
#include "store/guards_file.h"
#include "store/last_apply.h"
#include "version.h"

void collect(struct snapshot *snapshot)
{
	struct last_apply last = {};
	struct error error;
	int result;

	*snapshot = (struct snapshot){};
	observe(snapshot);
	for (size_t i = 0; i < snapshot->guard_count; i++) {
		struct snapshot_guard *guard = &snapshot->guards[i];

		if (guard->native || guard->generic)
			baseline_file_compare(guard->device, &guard->now, &guard->changes);
	}
	result = guards_file_read(&snapshot->expected, &error);
	if (result && result != -ENOENT)
		snapshot->problems[SNAPSHOT_EXPECTED] = error;
	if (last_apply_read(&last, &error))
		snapshot->problems[SNAPSHOT_LAST_APPLY] = error;
	snapshot->last_apply_success = last.success;
	snapshot->last_apply_successful = last.successful;
}

struct build collect_build(void)
{
	return (struct build){
		.version = SIPGUARD_VERSION,
		.revision = SIPGUARD_REVISION,
		.libbpf = library_version(),
	};
}
