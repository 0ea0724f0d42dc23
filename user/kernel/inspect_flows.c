// SPDX-License-Identifier: GPL-2.0-or-later
/* With whom this host began to talk from its guarded ports, of the connection tracker. */
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "doctor/array.h"
#include "kernel/inspect.h"
#include "kernel/netlink.h"

/* There when the tracker is; a question would otherwise load its module. */
#define TRACKER "/proc/sys/net/netfilter/nf_conntrack_count"

/* One direction of a flow. */
struct tuple {
	struct prefix source;
	struct prefix destination;
	uint8_t protocol;
	uint16_t source_port;
};

static void read_address(const struct nlattr *attribute, struct prefix *address)
{
	bool four = mnl_attr_get_payload_len(attribute) == 4;
	size_t size = four ? 4 : 16;

	if (mnl_attr_get_payload_len(attribute) != size)
		return;
	*address = (struct prefix){.family = four ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6,
				   .length = (uint8_t)(size * 8)};
	memcpy(address->address, mnl_attr_get_payload(attribute), size);
}

static void read_addresses(const struct nlattr *addresses, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, addresses)
	{
		switch (mnl_attr_get_type(attribute)) {
		case CTA_IP_V4_SRC:
		case CTA_IP_V6_SRC:
			read_address(attribute, &tuple->source);
			break;
		case CTA_IP_V4_DST:
		case CTA_IP_V6_DST:
			read_address(attribute, &tuple->destination);
			break;
		}
	}
}

static void read_ports(const struct nlattr *ports, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, ports)
	{
		size_t size = mnl_attr_get_payload_len(attribute);

		if (mnl_attr_get_type(attribute) == CTA_PROTO_NUM && size == 1)
			tuple->protocol = mnl_attr_get_u8(attribute);
		else if (mnl_attr_get_type(attribute) == CTA_PROTO_SRC_PORT && size == 2)
			tuple->source_port = ntohs(mnl_attr_get_u16(attribute));
	}
}

static void read_tuple(const struct nlattr *parts, struct tuple *tuple)
{
	const struct nlattr *attribute;

	mnl_attr_for_each_nested(attribute, parts)
	{
		if (mnl_attr_get_type(attribute) == CTA_TUPLE_IP)
			read_addresses(attribute, tuple);
		else if (mnl_attr_get_type(attribute) == CTA_TUPLE_PROTO)
			read_ports(attribute, tuple);
	}
}

static bool table_of(uint8_t protocol, uint8_t *table)
{
	*table = protocol == IPPROTO_TCP    ? SG_PORTS_TCP
		 : protocol == IPPROTO_SCTP ? SG_PORTS_SCTP
					    : SG_PORTS_UDP;
	return protocol == IPPROTO_TCP || protocol == IPPROTO_SCTP || protocol == IPPROTO_UDP ||
	       protocol == IPPROTO_UDPLITE;
}

static struct peer_facts *find_peer(struct facts *facts, const struct prefix *address,
				    const struct port *port)
{
	for (size_t i = 0; i < facts->peer_count; i++) {
		struct peer_facts *peer = &facts->peers[i];

		if (!prefix_compare(&peer->address, address) && peer->port.table == port->table &&
		    peer->port.number == port->number)
			return peer;
	}
	return NULL;
}

/* More than PEERS_MAX are left out: who talks to so many has no use for a list of them. */
static int add_peer(struct facts *facts, const struct tuple *tuple, const struct port *port,
		    bool answered)
{
	struct peer_facts *peer = find_peer(facts, &tuple->destination, port);

	if (!peer && facts->peer_count == PEERS_MAX)
		return MNL_CB_OK;
	if (!peer) {
		peer = array_add(facts->peers, facts->peer_count);
		if (!peer) {
			errno = ENOMEM;
			return MNL_CB_ERROR;
		}
		peer->address = tuple->destination;
		peer->port = *port;
	}
	peer->answered |= answered;
	return MNL_CB_OK;
}

static int read_flow(const struct nlmsghdr *message, void *data)
{
	const struct nlattr *attribute;
	struct facts *facts = data;
	struct tuple tuple = {};
	uint32_t status = 0;
	struct port port;

	mnl_attr_for_each(attribute, message, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(attribute) == CTA_TUPLE_ORIG)
			read_tuple(attribute, &tuple);
		else if (mnl_attr_get_type(attribute) == CTA_STATUS &&
			 mnl_attr_get_payload_len(attribute) == sizeof(status))
			status = ntohl(mnl_attr_get_u32(attribute));
	}
	port.number = tuple.source_port;
	if (!table_of(tuple.protocol, &port.table) || !ports_contain(&facts->policy.ports, &port) ||
	    tuple.destination.family == SG_FAMILY_NONE ||
	    !facts_own_address(facts, &tuple.source) ||
	    facts_own_address(facts, &tuple.destination))
		return MNL_CB_OK;
	return add_peer(facts, &tuple, &port, status & IPS_SEEN_REPLY);
}

int inspect_flows(struct facts *facts, struct error *error)
{
	const uint16_t type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
	char buffer[NETLINK_REQUEST_SIZE];
	struct nlmsghdr *request;
	struct nfgenmsg *header;

	if (access(TRACKER, F_OK))
		return error_system(error, ENOENT, "connections are not tracked here");
	request = netlink_request(buffer, type, NLM_F_DUMP);
	header = mnl_nlmsg_put_extra_header(request, sizeof(*header));
	header->nfgen_family = AF_UNSPEC;
	header->version = NFNETLINK_V0;
	return netlink_ask(NETLINK_NETFILTER, request, read_flow, facts, "tracked connections",
			   error);
}
