/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of systemd units with an instance, escaped as systemd.unit(5) has it. Pure. */
#ifndef SIPGUARD_USER_TEXT_UNIT_NAME_H
#define SIPGUARD_USER_TEXT_UNIT_NAME_H

/* Holds the name of a unit of a network device, of which every character is escaped. */
#define UNIT_NAME_SIZE 96

/* "TEMPLATE@INSTANCE.service"; br-lan is written as br\x2dlan. */
void unit_name_format(char name[static UNIT_NAME_SIZE], const char *template, const char *instance);

#endif
