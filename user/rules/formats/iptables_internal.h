/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that read the options of a rule of iptables share. */
#ifndef SIPGUARD_USER_RULES_FORMATS_IPTABLES_INTERNAL_H
#define SIPGUARD_USER_RULES_FORMATS_IPTABLES_INTERNAL_H

#include "rules/formats/iptables_rule.h"

/* A walk over the words of one line. */
struct reading {
	const char *const *words;
	size_t count;
	size_t at;
	bool negated;	    /* by a ! before the option */
	bool asks_connmark; /* whose --mark is another one */
	int module;	    /* what the last -m that is not understood is about; 0: none */
	const char *option; /* whose value is being read */
	struct iptables_line *line;
	struct rule *rule;
	struct error *error;
};

/* What an option does with its value, the word behind it. It may take more words. */
typedef int iptables_reader(struct reading *reading, const char *value);

/* "OPTION what": words that iptables refuses. */
int iptables_refuse(const struct reading *reading, const char *what);

/* The option with its value and negation, as unknown. */
int iptables_unknown(const struct reading *reading, enum rule_condition condition,
		     const char *value);

/* The next word, which is taken, or "". */
const char *iptables_next(struct reading *reading);

iptables_reader iptables_read_source, iptables_read_destination, iptables_read_protocol,
	iptables_read_ports, iptables_read_source_ports, iptables_read_original_port,
	iptables_read_device, iptables_read_out_device, iptables_read_state,
	iptables_read_direction, iptables_read_set, iptables_read_flags, iptables_read_type,
	iptables_read_mark, iptables_read_match;
iptables_reader iptables_read_target, iptables_read_goto, iptables_read_set_mark,
	iptables_read_or_mark, iptables_read_and_mark, iptables_read_xor_mark,
	iptables_read_changed_set, iptables_read_to_destination, iptables_read_to_ports;

#endif
