// SPDX-License-Identifier: GPL-2.0-or-later
/* The rivals, each configured for what sipguard does as well as it can be. */
#include "loaders.h"

#include <errno.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "lane.h"
#include "tools.h"
#include "world.h"

#define LIST_PATH WORLD_DIRECTORY "/list"

int write_list(const char *path, list_writer *write, const struct entry_list *list,
	       struct error *error)
{
	FILE *stream = fopen(path, "we");
	bool failed;

	if (!stream)
		return error_system(error, errno, "cannot create %s", path);
	write(stream, list);
	failed = ferror(stream);
	if (fclose(stream) || failed)
		return error_system(error, EIO, "cannot write %s", path);
	return 0;
}

static void write_prefixes(FILE *stream, const struct entry_list *list, const char *before,
			   const char *after)
{
	for (size_t i = 0; i < list->count; i++) {
		char text[PREFIX_TEXT_SIZE];

		prefix_format(&list->entries[i].prefix, text);
		fprintf(stream, "%s%s%s\n", before, text, after);
	}
}

void write_plain(FILE *stream, const struct entry_list *list)
{
	write_prefixes(stream, list, "", "");
}

void write_ipset(FILE *stream, const struct entry_list *list)
{
	fprintf(stream, "create allowed hash:net family inet hashsize %zu maxelem %zu\n",
		list->count, list->count);
	write_prefixes(stream, list, "add allowed ", "");
}

/* The legacy iptables: the faster of the two in Debian. */
int load_ipset(struct allowlist *list, struct error *error)
{
	int result = write_list(LIST_PATH, write_ipset, &list->entries, error);

	result = result
			 ?: run_tool((const char *const[]){"ipset", "restore", "-file", LIST_PATH,
							   NULL},
				     error);
	return result
		       ?: run_tool((const char *const[]){"iptables-legacy", "-t", "raw", "-A",
							 "PREROUTING", "-p", "udp", "--dport",
							 "5060", "-m", "set", "!", "--match-set",
							 "allowed", "src", "-j", "DROP", NULL},
				   error);
}

void write_nft(FILE *stream, const struct entry_list *list)
{
	fputs("table netdev bench {\n"
	      "set allowed { type ipv4_addr; flags interval; elements = {\n",
	      stream);
	write_prefixes(stream, list, "", ",");
	fputs("} }\n"
	      "chain ingress {\n"
	      "type filter hook ingress device " RECEIVER " priority -500\n"
	      "udp dport 5060 ip saddr != @allowed drop\n"
	      "}\n}\n",
	      stream);
}

int load_nft(struct allowlist *list, struct error *error)
{
	int result = write_list(LIST_PATH, write_nft, &list->entries, error);

	return result ?: run_tool((const char *const[]){"nft", "-f", LIST_PATH, NULL}, error);
}

static void write_linear(FILE *stream, const struct entry_list *list)
{
	fputs("*filter\n", stream);
	write_prefixes(stream, list, "-A INPUT -p udp --dport 5060 -s ", " -j ACCEPT");
	fputs("-A INPUT -p udp --dport 5060 -j DROP\nCOMMIT\n", stream);
}

int load_linear(struct allowlist *list, struct error *error)
{
	int result = write_list(LIST_PATH, write_linear, &list->entries, error);

	return result
		       ?: run_tool(
				  (const char *const[]){"iptables-legacy-restore", LIST_PATH, NULL},
				  error);
}

/* Its own command takes one address a call; this is what it writes. */
static int fill_xdp_filter(int map, const struct entry_list *list, struct error *error)
{
	const uint64_t match_source = 1;
	int cpus = libbpf_num_possible_cpus();
	cleanup_free uint64_t *values = calloc((size_t)cpus, sizeof(*values));

	if (!values)
		return error_system(error, ENOMEM, "cannot fill xdp-filter");
	for (int cpu = 0; cpu < cpus; cpu++)
		values[cpu] = match_source;
	/* The first address of each prefix: it knows exact addresses only. */
	for (size_t i = 0; i < list->count; i++)
		if (bpf_map_update_elem(map, list->entries[i].prefix.address, values, BPF_ANY))
			return error_system(error, errno, "cannot fill xdp-filter");
	return 0;
}

/* A BPF file system for each: xdp-filter has one list, whatever the device. */
static int load_xdp_filter(const struct allowlist *list, const char *features, struct error *error)
{
	cleanup_fd int map = -1;
	int result = world_mount_bpffs(error);

	result = result
			 ?: run_tool((const char *const[]){"xdp-filter", "load", "--mode", "native",
							   "--policy", "deny", "--features",
							   features, RECEIVER, NULL},
				     error);
	if (result)
		return result;
	map = bpf_obj_get("/sys/fs/bpf/xdp-filter/filter_ipv4");
	if (map < 0)
		return error_system(error, errno, "cannot open the list of xdp-filter");
	return fill_xdp_filter(map, &list->entries, error);
}

int load_xdp_filter_addresses(struct allowlist *list, struct error *error)
{
	return load_xdp_filter(list, "ipv4", error);
}

/* The other ports, which it would have to be told to leave alone, cost a dropped packet nothing. */
int load_xdp_filter_ports(struct allowlist *list, struct error *error)
{
	return load_xdp_filter(list, "ipv4,udp", error);
}
