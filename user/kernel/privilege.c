// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/privilege.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"

static const struct {
	unsigned int number;
	const char *name;
} needed[] = {
	{CAP_BPF, "CAP_BPF"},
	{CAP_NET_ADMIN, "CAP_NET_ADMIN"},
	{CAP_PERFMON, "CAP_PERFMON"},
};

/* All set when they cannot be read: then the kernel's own word has to do. */
static uint64_t effective_capabilities(void)
{
	cleanup_stream FILE *status = fopen("/proc/self/status", "re");
	uint64_t capabilities;
	char line[256];

	while (status && fgets(line, sizeof(line), status)) {
		if (sscanf(line, "CapEff: %" SCNx64, &capabilities) == 1)
			return capabilities;
	}
	return UINT64_MAX;
}

void privilege_missing(char *names, size_t size)
{
	uint64_t capabilities = effective_capabilities();

	names[0] = '\0';
	if (capabilities & 1ULL << CAP_SYS_ADMIN)
		return;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		size_t length = strlen(names);

		if (!(capabilities & 1ULL << needed[i].number))
			snprintf(names + length, size - length, "%s%s", length ? ", " : "",
				 needed[i].name);
	}
}

int privilege_error(struct error *error, int number, const char *format, ...)
{
	char what[512], missing[64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);

	error_system(error, number, "%s", what);
	if (number != EPERM && number != EACCES)
		return -number;
	privilege_missing(missing, sizeof(missing));
	error->status = EXIT_PRIVILEGE;
	if (*missing)
		error_set(error, EXIT_PRIVILEGE, number, "%s: %s (missing: %s)", what,
			  strerror(number), missing);
	error_hint(error, "run it as root, or with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON");
	return -number;
}
