// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/library.h"

#include <bpf/libbpf.h>

void library_silence(void)
{
	libbpf_set_print(NULL);
}

const char *library_version(void)
{
	/* "v1.1" */
	return libbpf_version_string() + 1;
}
