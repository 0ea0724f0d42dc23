/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `top` shows, as lines of text: for a terminal of some size, or one after the other on paper.
 * Pure.
 */
#ifndef SIPGUARD_USER_TRAFFIC_SCREEN_H
#define SIPGUARD_USER_TRAFFIC_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "traffic/traffic.h"

/* Terminals larger than this are filled up to here. */
#define SCREEN_LINES_MAX   200
#define SCREEN_COLUMNS_MAX 250

enum screen_style { SCREEN_PLAIN, SCREEN_TITLE, SCREEN_HEADING, SCREEN_DIM, SCREEN_ALARM };

struct screen_line {
	enum screen_style style;
	char text[SCREEN_COLUMNS_MAX * 4 + 1]; /* UTF-8, no wider than the screen */
};

struct screen {
	unsigned int count;
	struct screen_line lines[SCREEN_LINES_MAX];
};

/* TRAFFIC_TABLE_COUNT stands for all tables, one below the other. */
#define SCREEN_ALL_TABLES TRAFFIC_TABLE_COUNT

struct screen_request {
	unsigned int lines;
	unsigned int columns;
	bool unicode;	    /* without it, all that is not ASCII is shown as ? */
	unsigned int table; /* enum traffic_table, or SCREEN_ALL_TABLES */
	enum traffic_order order;
	bool help;
	bool paused;
	bool keys; /* there is a keyboard, and room for what the keys do */
	/* "eth0 enforce, native; eth1 monitor, generic" */
	const char *guards;
	const char *clock;
	uint64_t entries;
	/* Of the packets that were asked for, since the beginning. */
	uint64_t dropped;
	uint64_t sampled;
	uint64_t lost;
};

void screen_draw(const struct traffic *traffic, const struct screen_request *request,
		 struct screen *screen);

/* "sources", "networks", "methods", "user-agents", "reasons" */
const char *traffic_table_name(enum traffic_table table);

#endif
