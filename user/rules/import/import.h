/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entries out of what another tool keeps: whom its rules let speak SIP. Pure.
 *
 * A firewall asks its rules in order, and a rule can be about one port; an entry is about a source,
 * whatever the guarded port, and the longest prefix decides. So an entry allows a source that the
 * rules accept on at least one guarded port, after all rules before; and an entry denies what they
 * deny inside of that. Nobody is allowed whom the rules drop everywhere. What cannot be said that
 * way makes no entry and is told by a remark.
 */
#ifndef SIPGUARD_USER_RULES_IMPORT_IMPORT_H
#define SIPGUARD_USER_RULES_IMPORT_IMPORT_H

#include "policy/entry.h"
#include "policy/ports.h"
#include "rules/model/place.h"

struct rules_input {
	const char *name; /* of the file, for messages */
	const char *text;
	size_t size;
	const struct sg_ports *ports; /* that are guarded */
	int64_t now;		      /* Unix time, for elements that end after a while */
	const struct prefix *locals;  /* addresses of the host with the rules; NULL: not known */
	size_t local_count;
};

struct remark {
	struct place place; /* borrows from the text; line 0: about the whole */
	bool is_skipped; /* it is not in the entries; otherwise it is, and something is to know */
	char *reason;
};

/* Sorted by line. A zeroed struct is empty; it owns the reasons. */
struct rules_report {
	struct remark *remarks;
	size_t count;
	size_t allocated;
};

/*
 * Reads a text of the format "iptables-save", "ipset" or "nft" into an empty list. -EINVAL
 * for an unknown format and for a text that is none of its format, with "NAME:LINE:COLUMN: ";
 * nothing is imported then.
 */
int rules_import(const char *format, const struct rules_input *input, struct entry_list *entries,
		 struct rules_report *report, struct error *error);

bool rules_format_is_known(const char *format);

void rules_report_clear(struct rules_report *report);

#endif
