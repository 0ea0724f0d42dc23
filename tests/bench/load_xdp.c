// SPDX-License-Identifier: GPL-2.0-or-later
/* sipguard and the bare programs: as `sipguard attach` does it, but without pins. */
#include "loaders.h"

#include <errno.h>
#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "generator.h"
#include "kernel/policy.h"
#include "kernel/program.h"
#include "lane.h"
#include "policy/ports.h"

/* The link's descriptor stays open: the program is detached with the end of the process. */
static int attach(int program, uint32_t flags, struct error *error)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
	int link = bpf_link_create(program, (int)if_nametoindex(RECEIVER), BPF_XDP, &options);

	if (link < 0)
		return error_system(error, errno, "cannot attach an XDP program");
	return 0;
}

int load_nothing(struct allowlist *list, struct error *error)
{
	(void)list;
	(void)error;
	return 0;
}

int load_bare_drop(struct allowlist *list, struct error *error)
{
	(void)list;
	return attach(generator_bare_drop(), XDP_FLAGS_DRV_MODE, error);
}

int load_bare_pass(struct allowlist *list, struct error *error)
{
	(void)list;
	return attach(generator_bare_pass(), XDP_FLAGS_DRV_MODE, error);
}

/* With what `sipguard attach` loads, the idle sampling included. */
static int load_program(const struct entry_list *entries, enum sg_link_layer link_layer,
			struct program **program, struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	__attribute__((cleanup(sample_maps_close))) struct sample_maps samples = SAMPLE_MAPS_CLOSED;
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	struct sg_ports ports;
	int result;

	ports_default(&ports);
	result = policy_create(&policy, 0, entries, &ports, NULL, error);
	result = result ?: device_maps_create(&maps, SG_MODE_ENFORCE, error);
	result = result ?: sample_maps_create(&samples, error);
	return result
		       ?: program_load(program, &policy, &maps, &samples, link_layer,
				       PROGRAM_GUARDS, error);
}

int program_with_list(struct allowlist *list, struct error *error)
{
	if (list->program)
		return 0;
	return load_program(&list->entries, SG_LINK_ETHERNET, &list->program, error);
}

int program_of_kind(enum sg_link_layer link_layer, struct program **program, struct error *error)
{
	return load_program(&(const struct entry_list){}, link_layer, program, error);
}

static int load_sipguard(struct allowlist *list, uint32_t flags, struct error *error)
{
	int result = program_with_list(list, error);

	return result ?: attach(program_descriptor(list->program), flags, error);
}

int load_sipguard_native(struct allowlist *list, struct error *error)
{
	return load_sipguard(list, XDP_FLAGS_DRV_MODE, error);
}

int load_sipguard_generic(struct allowlist *list, struct error *error)
{
	return load_sipguard(list, XDP_FLAGS_SKB_MODE, error);
}
