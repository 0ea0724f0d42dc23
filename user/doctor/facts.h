/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What doctor knows about a machine before it judges. The kernel boundary fills it in, the checks
 * read it, and a test makes it up. Nothing here asks anybody anything.
 *
 * What could not be read is left at the value that means "not known" and named in `unseen`, so that
 * no check takes silence for health. A struct facts owns its arrays; facts_clear() releases them.
 */
#ifndef SIPGUARD_USER_DOCTOR_FACTS_H
#define SIPGUARD_USER_DOCTOR_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/baseline.h"
#include "policy/device_kind.h"
#include "policy/ports.h"
#include "policy/prefix.h"

/* Names are escaped for a terminal; a device's takes four characters for each byte of it then. */
#define FACT_NAME_SIZE 64

/* Of a setting that is a small number. */
#define FACT_UNKNOWN (-1)

/* One of the places in which fragments wait for the rest of their datagram. */
struct reassembly_facts {
	int64_t memory; /* bytes that all may take together, or FACT_UNKNOWN */
	int time;	/* seconds that each may wait, or FACT_UNKNOWN */
};

/* The network stack's for each family, and the connection tracker's own for IPv6. */
enum reassembly {
	REASSEMBLY_IPV4,
	REASSEMBLY_IPV6,
	REASSEMBLY_TRACKER,
	REASSEMBLY_COUNT,
};

struct machine_facts {
	unsigned int kernel_major;
	unsigned int kernel_minor;
	char kernel_release[65];
	int jit;		 /* net.core.bpf_jit_enable, or FACT_UNKNOWN */
	int unprivileged_bpf;	 /* kernel.unprivileged_bpf_disabled, or FACT_UNKNOWN */
	bool bpf_file_system;	 /* where the pins are or would be */
	const char *pin_root;	 /* not owned */
	char mount_advice[384];	 /* what helps where there is none */
	char capabilities[64];	 /* the names of those that are missing; empty: none */
	unsigned int processors; /* online */
	uint64_t memory_limit;	 /* bytes, the least of the memory cgroups above; 0: none */
	bool clock_synchronised;
	struct reassembly_facts reassembly[REASSEMBLY_COUNT];
	bool systemd; /* the machine was booted with it */
};

/* NETDEV_XDP_ACT_* of linux/netdev.h: the features of a driver that matter here. */
#define XDP_FEATURE_BASIC (1U << 0)
#define XDP_FEATURE_FRAGS (1U << 5) /* takes frames of several buffers */

struct device_facts {
	char name[FACT_NAME_SIZE];
	int index;
	int mtu;
	bool up;
	bool loopback;
	bool default_route; /* of IPv4 or IPv6 in the main table */
	struct device_traits traits;
	int master;		  /* index of the bridge or bond that it is a port of; 0: none */
	int lower;		  /* index of the device that it stands on; 0: none here */
	struct prefix *addresses; /* with their network's length, without link-local ones */
	size_t address_count;

	char driver[32]; /* empty: not known */
	bool features_known;
	uint64_t features;	 /* XDP_FEATURE_* */
	unsigned int queues;	 /* receive queues in use; 0: not known */
	unsigned int queues_max; /* that it can have; 0: not known */
	bool queues_separate;	 /* ethtool sets them as `rx`, not as `combined` */
	bool lro;
	bool gro_hw;
	bool gro_hw_fixed; /* and cannot be switched off */
	bool unpacks_srv6;
	bool unpacks_mpls;
	uint32_t program_id; /* the XDP program on it; 0: none */
	char program_name[64];
};

/* A guard, from its pins. At most one of damage, gone and elsewhere. */
struct guard_facts {
	char device[FACT_NAME_SIZE];  /* the name it is pinned under */
	char present[FACT_NAME_SIZE]; /* the device's name now; empty unless it is here */
	struct error damage;	      /* why it cannot be read; empty message otherwise */
	uint32_t other_layout;	      /* of another version, and damage says so; otherwise 0 */
	bool gone;		      /* its device was deleted */
	bool elsewhere;		      /* its device was moved to another network namespace */
	bool generic;		      /* in the network stack, not in the driver */
	bool monitoring;
	int64_t waits;	     /* seconds until its mode ends, unless confirmed; 0: never */
	bool remembered;     /* sipguard restore brings it back */
	bool starts_at_boot; /* a unit is enabled that guards it */
	bool severed;	     /* gone, but its device is still there under its name */
	struct baseline_changes changes;
};

/* A socket that waits for what strangers send. */
struct listener_facts {
	struct port port;
	struct prefix address;	      /* a host; length 0: every address of the family */
	int device;		      /* index of the device it is bound to; 0: none */
	char process[FACT_NAME_SIZE]; /* empty: not known */
};

/* A rule of the packet filter that changes the destination port behind the guard. */
struct translation_facts {
	uint8_t table; /* enum sg_port_table */
	uint16_t from; /* the first and the last port on the wire */
	uint16_t from_last;
	uint16_t to; /* what they may become */
	uint16_t to_last;
	char rule[160]; /* where it stands, for people */
};

#define PEERS_MAX 64

/* A host that this one sent something to from a guarded port, before it heard of it. */
struct peer_facts {
	struct prefix address; /* a host */
	struct port port;      /* of this host */
	bool answered;	       /* something came back */
	bool allowed;	       /* by an entry in force, or to be in force */
};

/* What this machine unpacks on the device that it came in through. */
struct decapsulation_facts {
	int sctp_udp_port;	   /* 0: none */
	size_t ipsec_associations; /* without a device of their own */
	bool ipsec_in_udp;	   /* any of them */
};

struct policy_facts {
	bool seen;	     /* ports and entries are those in force; otherwise the default ones */
	bool state_seen;     /* the tool's files were read, or are damaged */
	bool loaded;	     /* it is in the kernel */
	struct error damage; /* of the pins: why they cannot be read */
	uint32_t other_layout;	      /* of another version, and damage says so; otherwise 0 */
	struct error state_damage;    /* of the tool's files */
	bool declared;		      /* there is a configuration file, and it was read */
	struct error declared_damage; /* of that, and of its lists */
	size_t declared_entries;
	size_t declared_lists;
	size_t not_applied; /* prefixes of which those say something else than was applied last */
	int64_t waits;	    /* seconds until a list on trial goes; 0: none waits */
	struct sg_ports ports; /* guarded, or to be guarded */
	size_t entries4;
	size_t entries6;
	size_t capacity_max; /* of each family */
	uint64_t memory;     /* bytes */
	bool allows_any;
	size_t ending;		/* entries that expire within a day */
	struct prefix next_end; /* the first of them */
	size_t temporary;	/* entries that will ever expire */
	size_t unused;		/* entries that never decided */
};

/* What could not be looked at, and why. */
struct unseen {
	char what[64];
	char why[160];
};

struct facts {
	struct machine_facts machine;
	struct policy_facts policy;
	struct decapsulation_facts decapsulation;
	struct device_facts *devices;
	size_t device_count;
	bool guards_seen; /* otherwise any XDP program may be a guard */
	struct guard_facts *guards;
	size_t guard_count;
	struct listener_facts *listeners;
	size_t listener_count;
	struct translation_facts *translations;
	size_t translation_count;
	bool peers_seen; /* connections are tracked, and were looked at */
	struct peer_facts *peers;
	size_t peer_count;
	struct unseen *unseen;
	size_t unseen_count;
};

void facts_clear(struct facts *facts);

/* Notes something that could not be looked at, with the reason of `error`. */
void facts_unseen(struct facts *facts, const char *what, const struct error *error);

const struct device_facts *facts_device(const struct facts *facts, const char *name);
const struct device_facts *facts_device_at(const struct facts *facts, int index);

/* Whether it is an address of one of the devices. */
bool facts_own_address(const struct facts *facts, const struct prefix *address);

/* The guard that sits on the device now, or NULL. */
const struct guard_facts *facts_guard_of(const struct facts *facts,
					 const struct device_facts *device);

/* Whether a guard sits on the device, or may do so for all that was seen. */
bool facts_guarded(const struct facts *facts, const struct device_facts *device);

/*
 * Whether what comes to the host through this device has passed a guard: its own, that of the
 * device below a VLAN or macvlan, or those of all ports of a bridge or bond. What a tunnel carries
 * has not.
 */
bool facts_covered(const struct facts *facts, const struct device_facts *device);

#endif
