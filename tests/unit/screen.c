// SPDX-License-Identifier: GPL-2.0-or-later
#include "traffic/screen.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"
#include "unit/sightings.h"

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
