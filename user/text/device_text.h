/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of devices as people and programs read them. The kernel takes any byte in a name but a
 * blank, '/', ':' and zero (net/core/dev.c, dev_valid_name()), valid UTF-8 or not.
 *
 * A name is shown as text_escape() writes it: printable UTF-8 as it is, a backslash as \\, every
 * other byte as \xNN; so on a terminal, in JSON and in labels. In a configuration file each ASCII
 * character stands as \xNN that is no letter, no digit and none of ._-+@: a line that is written
 * wrong must not name devices. Pure.
 */
#ifndef SIPGUARD_USER_TEXT_DEVICE_TEXT_H
#define SIPGUARD_USER_TEXT_DEVICE_TEXT_H

#include <net/if.h>
#include <stdbool.h>

#define DEVICE_TEXT_SIZE (4 * IF_NAMESIZE)

/* By value, so that it can stand among the arguments of a call: device_text(name).text. */
struct device_text {
	char text[DEVICE_TEXT_SIZE];
};

struct device_text device_text(const char *name);

/* The same for a configuration file. */
struct device_text device_text_for_file(const char *name);

/*
 * Reads a name back, in either form; false, and `name` as it was, when it is none.
 * device_text_from_file() takes no character that device_text_for_file() escapes.
 */
bool device_text_from_file(const char *text, char name[static IF_NAMESIZE]);
bool device_text_parse(const char *text, char name[static IF_NAMESIZE]);

/* Whether the kernel could give a device this name. */
bool device_name_is_valid(const char *name);

#endif
