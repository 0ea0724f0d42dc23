// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/names.h"

static const struct {
	const char *name;
	const char *help;
	enum sg_verdict verdict;
} reasons[] = {
#define REASON(enumerator, name, verdict, help) \
	[SG_REASON_##enumerator] = {#name, help, SG_VERDICT_##verdict},
	SG_REASONS(REASON)
#undef REASON
};

const char *reason_name(enum sg_reason reason)
{
	return reasons[reason].name;
}

const char *reason_help(enum sg_reason reason)
{
	return reasons[reason].help;
}

enum sg_verdict reason_verdict(enum sg_reason reason)
{
	return reasons[reason].verdict;
}

const char *verdict_name(enum sg_verdict verdict)
{
	static const char *const names[] = {
		[SG_VERDICT_PASS] = "pass",
		[SG_VERDICT_DROP] = "drop",
		[SG_VERDICT_WOULD_DROP] = "would_drop",
	};

	return names[verdict];
}

const char *family_name(enum sg_family family)
{
	static const char *const names[] = {
		[SG_FAMILY_NONE] = "none",
		[SG_FAMILY_IPV4] = "ipv4",
		[SG_FAMILY_IPV6] = "ipv6",
	};

	return names[family];
}

const char *protocol_name(enum sg_protocol protocol)
{
	static const char *const names[] = {
		[SG_PROTOCOL_OTHER] = "other",	   [SG_PROTOCOL_UDP] = "udp",
		[SG_PROTOCOL_TCP] = "tcp",	   [SG_PROTOCOL_SCTP] = "sctp",
		[SG_PROTOCOL_UDPLITE] = "udplite",
	};

	return names[protocol];
}

const char *link_layer_name(enum sg_link_layer link_layer)
{
	static const char *const names[] = {
		[SG_LINK_ETHERNET] = "ethernet",
		[SG_LINK_NONE] = "none",
		[SG_LINK_EITHER] = "either",
	};

	return names[link_layer];
}

const char *mode_name(enum sg_mode mode)
{
	return mode == SG_MODE_MONITOR ? "monitor" : "enforce";
}

const char *entry_verdict_name(enum sg_entry_verdict verdict)
{
	return verdict == SG_ENTRY_DENY ? "deny" : "allow";
}
