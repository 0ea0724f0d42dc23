/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the numbers come from. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

struct machine {
	char processor[128];
	long cores;
	char kernel[65];
};

struct machine machine_here(void);

#endif
