// SPDX-License-Identifier: GPL-2.0-or-later
/* sipguard and the bare programs: as `sipguard attach` does it, but without pins. */
#include "loaders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "generator.h"
#include "kernel/policy.h"
#include "kernel/program.h"
#include "policy/list_file.h"
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

int load_nothing(const char *file, struct error *error)
{
	(void)file;
	(void)error;
	return 0;
}

int load_bare_drop(const char *file, struct error *error)
{
	(void)file;
	return attach(generator_bare_drop(), XDP_FLAGS_DRV_MODE, error);
}

int load_bare_pass(const char *file, struct error *error)
{
	(void)file;
	return attach(generator_bare_pass(), XDP_FLAGS_DRV_MODE, error);
}

static int read_list(const char *path, struct entry_list *list, struct error *error)
{
	cleanup_fd int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *text;
	int result;

	if (file < 0 || fstat(file, &status))
		return error_system(error, errno, "cannot open %s", path);
	text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	if (text == MAP_FAILED)
		return error_system(error, errno, "cannot read %s", path);
	result = list_file_parse(path, text, (size_t)status.st_size, list, error);
	munmap(text, (size_t)status.st_size);
	return result;
}

static int create_policy(struct policy *policy, const struct entry_list *list, struct error *error)
{
	struct sg_ports ports;

	ports_default(&ports);
	return policy_create(policy, 0, list, &ports, NULL, error);
}

int program_with_list(const struct entry_list *list, struct program **program, struct error *error)
{
	__attribute__((cleanup(device_maps_close))) struct device_maps maps = DEVICE_MAPS_CLOSED;
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	int result = create_policy(&policy, list, error);

	result = result ?: device_maps_create(&maps, SG_MODE_ENFORCE, error);
	return result
		       ?: program_load(program, &policy, &maps, NULL, SG_LINK_ETHERNET,
				       PROGRAM_GUARDS, error);
}

static int load_sipguard(const char *file, uint32_t flags, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list list = {};
	__attribute__((cleanup(program_close))) struct program *program = NULL;
	int result = read_list(file, &list, error);

	result = result ?: program_with_list(&list, &program, error);
	return result ?: attach(program_descriptor(program), flags, error);
}

int load_sipguard_native(const char *file, struct error *error)
{
	return load_sipguard(file, XDP_FLAGS_DRV_MODE, error);
}

int load_sipguard_generic(const char *file, struct error *error)
{
	return load_sipguard(file, XDP_FLAGS_SKB_MODE, error);
}
