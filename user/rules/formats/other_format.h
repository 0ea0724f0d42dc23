/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts that packet filters print for people, and that no parser here reads: they leave out
 * interfaces, matches or chains, so that no rule can be judged by them. Pure.
 */
#ifndef SIPGUARD_USER_RULES_FORMATS_OTHER_FORMAT_H
#define SIPGUARD_USER_RULES_FORMATS_OTHER_FORMAT_H

#include <stddef.h>

#include "error.h"

/*
 * -EINVAL when the text is the output of iptables -L, ipset list, nft list ruleset, ufw status or
 * firewall-cmd, or a file for nft -f; the hint has the command whose output is read instead. 0 when
 * it is nothing of these.
 */
int other_format_refuse(const char *name, const char *text, size_t size, struct error *error);

#endif
