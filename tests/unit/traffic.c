// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/traffic.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "packet/frame.h"
#include "random.h"
#include "text/number.h"
#include "text/sparkline.h"
#include "text/utf8.h"
#include "traffic/screen.h"

static struct prefix host(const char *text)
{
	struct prefix prefix;
	struct error error;

	cr_assert_eq(address_parse(text, &prefix, &error), 0);
	return prefix;
}

static struct sighting sighting_of(const char *source, const char *message)
{
	struct sighting sighting = {
		.device = "eth0",
		.packets = 1,
		.verdict = SG_VERDICT_DROP,
		.reason = SG_REASON_NOT_ALLOWED,
		.source = host(source),
	};

	sip_parse(message, strlen(message), &sighting.sip);
	return sighting;
}

static void see(struct traffic *traffic, const char *source, const char *message, uint32_t packets)
{
	struct sighting sighting = sighting_of(source, message);

	sighting.packets = packets;
	traffic_see(traffic, &sighting);
}

/* Two ticks, so that so many packets were dropped and passed in the second between them. */
static void tick(struct traffic *traffic, uint64_t drops, uint64_t passes)
{
	struct traffic_counters counters = {.packets = {[SG_VERDICT_PASS] = 1000}};

	traffic_tick(traffic, &counters, 1);
	counters.packets[SG_VERDICT_PASS] += passes;
	counters.packets[SG_VERDICT_DROP] += drops;
	counters.dropped[SG_REASON_NOT_ALLOWED] += drops / 4;
	counters.dropped[SG_REASON_DENIED] += drops - drops / 4;
	traffic_tick(traffic, &counters, 1);
}

static const char scan[] = "OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nUser-Agent: a\r\n  b\r\n\r\n";
static const char reply[] = "SIP/2.0 404 Not Found\r\nServer: \033[2Jx\r\n\r\n";

Test(sighting, reads_a_frame)
{
	struct frame_request request = {.source = host("203.0.113.7"),
					.protocol = SG_PROTOCOL_UDP,
					.destination_port = 5060};
	struct sighting sighting = {.reason = SG_REASON_NOT_ALLOWED};
	char method[SIGHTING_METHOD_MAX];
	uint8_t frame[FRAME_SIZE_MAX];

	sighting_read(&sighting, frame, frame_build(&request, frame), SG_LINK_ETHERNET);
	cr_assert_eq(prefix_compare(&sighting.source, &request.source), 0);
	cr_assert_eq(sighting.source_port, 5060);
	cr_assert_eq(sighting_method(&sighting, method), 7);
	cr_assert_eq(memcmp(method, "OPTIONS", 7), 0);
	cr_assert(sighting_is_allowable(&sighting));
}

Test(sighting, what_the_device_told_of_the_source_stays)
{
	struct sighting sighting = {.source = host("192.0.2.9")};

	sighting_read(&sighting, (const uint8_t *)"", 0, SG_LINK_ETHERNET);
	cr_assert_eq(sighting.source.address[3], 9);
	cr_assert_eq(sighting.sip.kind, SIP_NONE);
	cr_assert_null(sighting_agent(&sighting)->bytes);
}

Test(sighting, only_what_an_entry_can_change_is_allowable)
{
	struct sighting sighting = sighting_of("::ffff:192.0.2.1", scan);

	cr_assert_not(sighting_is_allowable(&sighting));
	sighting = sighting_of("2001:db8::1", scan);
	cr_assert(sighting_is_allowable(&sighting));
	sighting.reason = SG_REASON_VLAN_LIMIT;
	cr_assert_not(sighting_is_allowable(&sighting));
	sighting.reason = SG_REASON_MALFORMED;
	cr_assert_not(sighting_is_allowable(&sighting));
	cr_assert_not(sighting_is_allowable(&(struct sighting){}));
}

Test(sighting, a_response_has_a_method_too)
{
	struct sighting sighting = sighting_of("192.0.2.1", reply);
	char method[SIGHTING_METHOD_MAX];

	cr_assert_eq(sighting_method(&sighting, method), 11);
	cr_assert_eq(memcmp(method, "SIP/2.0 404", 11), 0);
	cr_assert_eq(sighting_agent(&sighting)->length, 5);
}

Test(sighting, what_is_shown_is_harmless_and_says_that_it_is_cut)
{
	static const struct {
		const char *bytes;
		bool cut;
		size_t size;
		const char *shown;
	} cases[] = {
		{"plain", false, 64, "plain"},
		{"a\r\n b\033[2J", false, 64, "a b\\x1b[2J"},
		{"friendly-sc", true, 64, "friendly-sc..."},
		{"exactly", false, 8, "exactly"},
		{"too long", false, 8, "too ..."},
		{"\001\002\003\004", false, 8, "\\x01..."},
		{"", false, 4, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sip_text text = {cases[i].bytes, strlen(cases[i].bytes), cases[i].cut};
		char shown[64];

		sighting_show(&text, shown, cases[i].size);
		cr_assert_str_eq(shown, cases[i].shown);
	}
}

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
		{-1, "0"},	       {0, "0"},	{0.04, "0.0"},	     {0.32, "0.3"},
		{7, "7"},	       {9.96, "10"},	{999.4, "999"},	     {999.6, "1,000"},
		{31204, "31,204"},     {999999, "999,999"}, {999999.6, "1.00M"}, {31204000, "31.20M"},
		{999999999, "1.00G"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[NUMBER_TEXT_SIZE];

		number_format(cases[i].number, text);
		cr_assert_str_eq(text, cases[i].text);
	}
}

static struct screen_request request_of(unsigned int lines, unsigned int columns)
{
	return (struct screen_request){
		.lines = lines,
		.columns = columns,
		.unicode = true,
		.table = SCREEN_ALL_TABLES,
		.keys = true,
		.guards = "eth0 enforce, native",
		.clock = "12:00:00",
	};
}

static struct screen *drawn(const struct traffic *traffic, const struct screen_request *request)
{
	struct screen *screen = malloc(sizeof(*screen));

	screen_draw(traffic, request, screen);
	return screen;
}

static bool shows(const struct screen *screen, const char *text)
{
	for (unsigned int line = 0; line < screen->count; line++) {
		if (strstr(screen->lines[line].text, text))
			return true;
	}
	return false;
}

static struct traffic *busy_traffic(void)
{
	struct traffic *traffic = traffic_new();

	for (unsigned int i = 0; i < 40; i++)
		see(traffic, i % 2 ? "2001:db8::1" : "198.51.100.66", scan, i + 1);
	see(traffic, "192.0.2.1",
	    "INVITE sip:x SIP/2.0\r\nUser-Agent: K\xc3\xb6ln \xe4\xb8\xad\xe6\x96\x87\r\n\r\n",
	    5000);
	tick(traffic, 31204, 1);
	return traffic;
}

Test(screen, fits_any_terminal)
{
	struct traffic *traffic = busy_traffic();

	for (unsigned int lines = 0; lines < 260; lines = lines < 40 ? lines + 1 : lines + 73) {
		for (unsigned int columns = 0; columns < 300; columns += 7) {
			struct screen_request request = request_of(lines, columns);
			struct screen *screen = drawn(traffic, &request);

			cr_assert_leq(screen->count, lines);
			if (lines && columns && lines < SCREEN_LINES_MAX)
				cr_assert_eq(screen->count, lines);
			for (unsigned int line = 0; line < screen->count; line++)
				cr_assert_leq(utf8_columns(screen->lines[line].text), columns);
			free(screen);
		}
	}
	traffic_free(&traffic);
}

Test(screen, shows_everything_on_a_small_terminal)
{
	static const char *const wanted[] = {
		"eth0 enforce", "31,204/s", "192.0.2.0/24", "INVITE", "Köln", "denied", "q quit",
	};
	struct traffic *traffic = busy_traffic();
	struct screen_request request = request_of(24, 80);
	struct screen *screen = drawn(traffic, &request);

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		cr_assert(shows(screen, wanted[i]), "%s", wanted[i]);
	cr_assert_eq(screen->lines[0].style, SCREEN_TITLE);
	cr_assert_eq(screen->lines[2].style, SCREEN_ALARM);
	cr_assert_not(shows(screen, "would drop"));
	free(screen);
	traffic_free(&traffic);
}

Test(screen, without_unicode_is_ascii)
{
	struct traffic *traffic = busy_traffic();
	struct screen_request request = request_of(40, 100);
	struct screen *screen;

	request.unicode = false;
	screen = drawn(traffic, &request);
	for (unsigned int line = 0; line < screen->count; line++) {
		for (const char *at = screen->lines[line].text; *at; at++)
			cr_assert(*at >= ' ' && *at < 0x7f);
	}
	cr_assert(shows(screen, "K?ln ??"));
	free(screen);
	traffic_free(&traffic);
}

Test(screen, one_table_gets_the_room_and_help_takes_it)
{
	struct traffic *traffic = busy_traffic();
	struct screen_request request = request_of(24, 80);
	struct screen *screen;

	request.table = TRAFFIC_NETWORKS;
	screen = drawn(traffic, &request);
	cr_assert(shows(screen, "2001:db8::/48"));
	cr_assert(shows(screen, "left/right: networks"));
	cr_assert_not(shows(screen, "INVITE"));
	free(screen);
	request.help = true;
	screen = drawn(traffic, &request);
	cr_assert_not(shows(screen, "2001:db8::/48"));
	cr_assert(shows(screen, "sipguard allow SOURCE"));
	free(screen);
	traffic_free(&traffic);
}
