/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathers what doctor judges. */
#ifndef SIPGUARD_USER_COMMANDS_DOCTOR_FACTS_H
#define SIPGUARD_USER_COMMANDS_DOCTOR_FACTS_H

#include "doctor/facts.h"

/*
 * Asks everybody. What cannot be read does not fail the whole, but is a fact itself; facts_clear()
 * releases them.
 */
void doctor_gather(struct facts *facts);

#endif
