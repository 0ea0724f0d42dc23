/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks of Ansible that change a packet filter. Pure. */
#ifndef SIPGUARD_USER_RULES_FORMATS_ANSIBLE_H
#define SIPGUARD_USER_RULES_FORMATS_ANSIBLE_H

#include "rules/model/ruleset.h"

/*
 * Adds what the tasks of a playbook, or of a file of tasks, do to the rules; ruleset_link() is left
 * to the caller. -EINVAL with "NAME:LINE:COLUMN: " for what is no YAML.
 */
int ansible_parse(const char *name, const char *text, size_t size, struct ruleset *rules,
		  struct error *error);

#endif
