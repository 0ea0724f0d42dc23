/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands for a Prometheus that is in a hurry. */
#ifndef BENCH_SCRAPER_H
#define BENCH_SCRAPER_H

#include <sys/types.h>

#include "error.h"

/*
 * Waits until the exporter of this namespace answers, then asks it ten times a second, in a process
 * of its own: scraper_stop() ends it, and fails when an answer was missing.
 */
int scraper_start(pid_t *scraper, struct error *error);
int scraper_stop(pid_t scraper, struct error *error);

#endif
