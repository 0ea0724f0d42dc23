/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What packets meet: datagrams from the namespaces of scripts/lib/world.sh to the one that the
 * process is in. One that is for no guarded port follows each on the same way, so that nothing has
 * to wait for what was dropped.
 */
#ifndef SIPGUARD_TESTS_CRASH_PROBE_H
#define SIPGUARD_TESTS_CRASH_PROBE_H

#include <jansson.h>
#include <stdbool.h>

struct probe;

/* NULL, when errno says why. */
struct probe *probe_open(void);
void probe_close(struct probe *probe);

/* The name of what every state has to let through. */
#define PROBE_TRUSTED "packet 192.0.2.10 to 5060"

/*
 * Sets "packet SOURCE to PORT" to "passes" or "is dropped" for each source and port. False when
 * what is for no guarded port was lost.
 */
bool probe_ask(struct probe *probe, json_t *answers);

#endif
