// SPDX-License-Identifier: GPL-2.0-or-later
/* What is unpacked on a device itself, behind its guard: sysctls, and the associations of IPsec. */
#include <linux/xfrm.h>
#include <stdio.h>
#include <sys/socket.h>

#include "cleanup.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"

/* 0 where the file is not there, because the kernel or the module is not. */
static int read_sysctl(const char *folder, const char *device, const char *name)
{
	char path[256];
	cleanup_stream FILE *stream = NULL;
	int value;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s/%s", folder, device, name);
	stream = fopen(path, "re");
	return stream && fscanf(stream, "%d", &value) == 1 ? value : 0;
}

void inspect_device_decapsulation(struct device_facts *device, const char *name)
{
	/* ipv6_srh_rcv() of net/ipv6/exthdrs.c asks for both. */
	device->unpacks_srv6 = read_sysctl("ipv6/conf", "all", "seg6_enabled") > 0 &&
			       read_sysctl("ipv6/conf", name, "seg6_enabled") > 0;
	device->unpacks_mpls = read_sysctl("mpls/conf", name, "input") > 0 &&
			       read_sysctl("mpls", ".", "platform_labels") > 0;
}

/*
 * What an association with an interface number or a mark carries comes out of a device of its own
 * (xfrm, vti).
 */
static int read_association(const struct nlmsghdr *message, void *data)
{
	struct decapsulation_facts *facts = data;
	const struct nlattr *attribute;
	bool has_device = false, in_udp = false;

	mnl_attr_for_each(attribute, message, sizeof(struct xfrm_usersa_info))
	{
		uint16_t type = mnl_attr_get_type(attribute);

		has_device |= type == XFRMA_IF_ID || type == XFRMA_MARK;
		in_udp |= type == XFRMA_ENCAP;
	}
	if (!has_device) {
		facts->ipsec_associations++;
		facts->ipsec_in_udp |= in_udp;
	}
	return MNL_CB_OK;
}

int inspect_decapsulation(struct facts *facts, struct error *error)
{
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request = netlink_request(buffer, XFRM_MSG_GETSA, NLM_F_DUMP);

	facts->decapsulation.sctp_udp_port = read_sysctl("sctp", ".", "udp_port");
	return netlink_ask(NETLINK_XFRM, request, read_association, &facts->decapsulation,
			   "the associations of IPsec", error);
}
