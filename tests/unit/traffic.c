// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/traffic.h"

#include <criterion/criterion.h>
#include <string.h>

#include "random.h"
#include "text/number.h"
#include "text/sparkline.h"
#include "unit/sightings.h"

Test(traffic, tables_are_of_the_samples_and_rates_of_the_counters)
{
	struct traffic *traffic = traffic_new();
	struct traffic_row rows[10];

	see(traffic, "198.51.100.66", scan, 3);
	see(traffic, "198.51.100.67", scan, 1);
	see(traffic, "2001:db8:1:2::3", reply, 4);
	tick(traffic, 800, 50);
	cr_assert_eq(traffic_rate(traffic, SG_VERDICT_PASS), 50);
	cr_assert_eq(traffic_drop_rate(traffic), 800);

	cr_assert_eq(traffic_rows(traffic, TRAFFIC_SOURCES, TRAFFIC_BY_SHARE, rows, 10), 3);
	cr_assert_str_eq(rows[0].name, "2001:db8:1:2::3");
	cr_assert_float_eq(rows[0].share, 0.5, 1e-9);
	cr_assert_float_eq(rows[0].rate, 400, 1e-6);
	cr_assert_eq(rows[0].error, 0);
	cr_assert_str_eq(rows[2].name, "198.51.100.67");

	cr_assert_eq(traffic_rows(traffic, TRAFFIC_NETWORKS, TRAFFIC_BY_NAME, rows, 10), 2);
	cr_assert_str_eq(rows[0].name, "198.51.100.0/24");
	cr_assert_str_eq(rows[1].name, "2001:db8:1::/48");

	cr_assert_eq(traffic_rows(traffic, TRAFFIC_METHODS, TRAFFIC_BY_NAME, rows, 10), 2);
	cr_assert_str_eq(rows[0].name, "OPTIONS");
	cr_assert_str_eq(rows[1].name, "SIP/2.0 404");

	cr_assert_eq(traffic_rows(traffic, TRAFFIC_AGENTS, TRAFFIC_BY_NAME, rows, 10), 2);
	cr_assert_str_eq(rows[0].name, "\\x1b[2Jx");
	cr_assert_str_eq(rows[1].name, "a b");

	cr_assert_eq(traffic_rows(traffic, TRAFFIC_REASONS, TRAFFIC_BY_SHARE, rows, 10), 2);
	cr_assert_str_eq(rows[0].name, "denied");
	cr_assert_eq(rows[0].rate, 600);
	cr_assert_eq(rows[1].share, 0.25);
	traffic_free(&traffic);
}

Test(traffic, what_shows_nothing_is_counted_too)
{
	struct traffic *traffic = traffic_new();
	struct sighting sighting = {.packets = 1};
	struct traffic_row rows[2];

	traffic_see(traffic, &sighting);
	for (enum traffic_table table = 0; table < TRAFFIC_REASONS; table++) {
		cr_assert_eq(traffic_rows(traffic, table, TRAFFIC_BY_SHARE, rows, 2), 1);
		cr_assert_str_eq(rows[0].name, "-");
	}
	cr_assert_eq(traffic_rows(traffic, TRAFFIC_REASONS, TRAFFIC_BY_SHARE, rows, 2), 0);
	traffic_free(&traffic);
}

Test(traffic, what_is_long_ago_fades)
{
	struct traffic *traffic = traffic_new();
	struct traffic_row rows[2];

	see(traffic, "198.51.100.66", scan, 1000);
	for (int second = 0; second < 31; second++)
		tick(traffic, 1, 1);
	see(traffic, "198.51.100.67", scan, 1000);
	cr_assert_eq(traffic_rows(traffic, TRAFFIC_SOURCES, TRAFFIC_BY_SHARE, rows, 2), 2);
	cr_assert_str_eq(rows[0].name, "198.51.100.67");
	for (int second = 0; second < 400; second++)
		tick(traffic, 1, 1);
	cr_assert_eq(traffic_rows(traffic, TRAFFIC_SOURCES, TRAFFIC_BY_SHARE, rows, 2), 0);
	traffic_free(&traffic);
}

Test(traffic, counters_of_devices_add_up)
{
	struct sg_counter cells[SG_COUNTER_COUNT] = {};
	struct traffic_counters counters = {};

	cells[sg_counter_index(SG_VERDICT_PASS, SG_FAMILY_IPV6, SG_PROTOCOL_UDP, SG_REASON_ALLOWED)]
		.packets = 3;
	cells[sg_counter_index(SG_VERDICT_DROP, SG_FAMILY_IPV4, SG_PROTOCOL_TCP, SG_REASON_DENIED)]
		.packets = 5;
	cells[sg_counter_index(SG_VERDICT_WOULD_DROP, SG_FAMILY_NONE, SG_PROTOCOL_OTHER,
			       SG_REASON_DENIED)]
		.packets = 7;
	traffic_counters_add(&counters, cells);
	traffic_counters_add(&counters, cells);
	cr_assert_eq(counters.packets[SG_VERDICT_PASS], 6);
	cr_assert_eq(counters.packets[SG_VERDICT_DROP], 10);
	cr_assert_eq(counters.packets[SG_VERDICT_WOULD_DROP], 14);
	cr_assert_eq(counters.dropped[SG_REASON_DENIED], 24);
	cr_assert_eq(counters.dropped[SG_REASON_ALLOWED], 0);
}

Test(traffic, a_guard_that_is_gone_is_no_flood)
{
	struct traffic *traffic = traffic_new();
	struct traffic_counters counters = {.packets = {5000, 5000, 5000}};

	traffic_tick(traffic, &counters, 1);
	counters = (struct traffic_counters){.packets = {10, 10, 10}};
	traffic_tick(traffic, &counters, 1);
	cr_assert_eq(traffic_drop_rate(traffic), 0);
	traffic_free(&traffic);
}

Test(traffic, a_share_in_a_random_flood_has_a_bounded_error)
{
	struct traffic *traffic = traffic_new();
	struct random random = {21};
	struct traffic_row rows[3];

	for (int i = 0; i < 100000; i++) {
		struct sighting sighting = sighting_of("192.0.2.66", scan);

		if (i % 20)
			memcpy(sighting.source.address, &(uint32_t){(uint32_t)random_next(&random)},
			       4);
		traffic_see(traffic, &sighting);
	}
	cr_assert_eq(traffic_rows(traffic, TRAFFIC_SOURCES, TRAFFIC_BY_SHARE, rows, 3), 3);
	cr_assert_str_eq(rows[0].name, "192.0.2.66");
	cr_assert_geq(rows[0].share, 0.05);
	cr_assert_leq(rows[0].share - rows[0].error, 0.05);
	cr_assert_leq(rows[0].error, 1 / 512.0);
	traffic_free(&traffic);
}

Test(history, is_a_ring)
{
	struct history history = {};

	cr_assert_eq(history_value(&history, 0), 0);
	for (int i = 0; i < HISTORY_LENGTH + 10; i++)
		history_add(&history, i);
	cr_assert_eq(history_value(&history, 0), HISTORY_LENGTH + 9);
	cr_assert_eq(history_value(&history, HISTORY_LENGTH - 1), 10);
	cr_assert_eq(history_value(&history, HISTORY_LENGTH), 0);
	history_add(&history, 1);
	cr_assert_eq(history_peak(&history, 1), 1);
	cr_assert_eq(history_peak(&history, 2), HISTORY_LENGTH + 9);
}

Test(sparkline, is_as_high_as_the_number)
{
	cr_assert_str_eq(sparkline_mark(0, 100, true), " ");
	cr_assert_str_eq(sparkline_mark(0.1, 100, true), "▁");
	cr_assert_str_eq(sparkline_mark(50, 100, true), "▅");
	cr_assert_str_eq(sparkline_mark(100, 100, true), "█");
	cr_assert_str_eq(sparkline_mark(100, 100, false), "@");
	cr_assert_str_eq(sparkline_mark(5, 0, false), " ");
}

Test(number, is_short)
{
	static const struct {
		double number;
		const char *text;
	} cases[] = {
		{-1, "0"},
		{0, "0"},
		{0.04, "0.0"},
		{0.32, "0.3"},
		{7, "7"},
		{9.96, "10"},
		{999.4, "999"},
		{999.6, "1,000"},
		{31204, "31,204"},
		{999999, "999,999"},
		{999999.6, "1.00M"},
		{31204000, "31.20M"},
		{999999999, "1.00G"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NUMBER_TEXT_SIZE];

		number_format(cases[i].number, text);
		cr_assert_str_eq(text, cases[i].text);
	}
}
