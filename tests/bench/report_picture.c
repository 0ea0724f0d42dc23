// SPDX-License-Identifier: GPL-2.0-or-later
/* The flood of IPv4 strangers as a picture. */
#include "report.h"

#include <errno.h>
#include <stdio.h>

#include "cleanup.h"
#include "machine.h"
#include "picture.h"
#include "sipguard/abi.h"

/* Later ones are drawn over earlier ones. */
static const struct {
	enum contender_id id;
	enum picture_colour colour;
	enum picture_stroke stroke;
} looks[] = {
	{BARE_DROP, COLOUR_REFERENCE, STROKE_DASHED},
	{NO_FILTER, COLOUR_REFERENCE, STROKE_DASHED},
	{IPTABLES_LINEAR, COLOUR_YELLOW, STROKE_PLAIN},
	{NFT_INGRESS, COLOUR_PURPLE, STROKE_PLAIN},
	{IPTABLES_IPSET, COLOUR_ORANGE, STROKE_PLAIN},
	{XDP_FILTER_ADDRESSES, COLOUR_GREEN, STROKE_DASHED},
	{XDP_FILTER_PORTS, COLOUR_GREEN, STROKE_PLAIN},
	{SIPGUARD_GENERIC, COLOUR_BLUE, STROKE_DASHED},
	{SIPGUARD_NATIVE, COLOUR_BLUE, STROKE_STRONG},
};

static struct picture_point point_of(const struct measurement *measurement)
{
	const struct allowlist *list = measurement->trial->list;

	return (struct picture_point){
		.x = list ? (double)list->entries.count : 0,
		.y = series_median(&measurement->pps),
		.least = series_quartile(&measurement->pps),
		.most = series_third_quartile(&measurement->pps),
	};
}

static struct picture_line line_of(const struct report *report, size_t look)
{
	const struct contender *contender = &contenders[looks[look].id];
	const struct trials *trials = &report->trials;
	struct picture_line line = {
		.label = contender->name,
		.colour = looks[look].colour,
		.stroke = looks[look].stroke,
		.level = contender->kind == CONTENDER_REFERENCE,
	};

	for (size_t i = 0; i < trials->measurement_count && line.count < POINTS_MAX; i++) {
		const struct measurement *measurement = &trials->measurements[i];

		if (measurement->trial->contender == contender &&
		    measurement->trial->family == SG_FAMILY_IPV4 &&
		    measurement->sources == SOURCES_STRANGERS)
			line.points[line.count++] = point_of(measurement);
	}
	return line;
}

static void describe_machine(const struct report *report, char *text, size_t size)
{
	struct machine machine = machine_here();

	snprintf(text, size,
		 "%s, %ld cores, Linux %s. Points: medians of %zu rounds of %g ms; bars: the "
		 "middle half. The longest list allows %.2f %% of the flood.",
		 machine.processor, machine.cores, machine.kernel, report->rounds,
		 report->seconds * 1000, report->covered_share * 100);
}

int report_draw(const struct report *report, const char *path, struct error *error)
{
	cleanup_free char *command = report_command(report);
	struct picture picture = {
		.title =
			"A flood of strangers: packets dropped a second, by length of the allowlist",
		.subtitle =
			"UDP to port 5060 from random IPv4 sources, generator and receiver on one "
			"core",
		.x_title = "entries in the allowlist",
		.y_title = "million packets a second, both scales logarithmic",
	};
	char machine[512], line[1024];
	FILE *stream;
	bool failed;

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
		picture.lines[picture.count] = line_of(report, i);
		if (picture.lines[picture.count].count)
			picture.count++;
	}
	describe_machine(report, machine, sizeof(machine));
	snprintf(line, sizeof(line), "Command: %s", command ?: "");
	picture.notes[picture.note_count++] = machine;
	picture.notes[picture.note_count++] =
		"A veth pair is not a NIC: no DMA, no interrupts, and the generator takes its part of "
		"every packet's time. Compare the lines with each other.";
	picture.notes[picture.note_count++] = line;

	stream = fopen(path, "we");
	if (!stream)
		return error_system(error, errno, "cannot create %s", path);
	picture_write(stream, &picture);
	failed = ferror(stream);
	if (fclose(stream) || failed)
		return error_system(error, EIO, "cannot write %s", path);
	return 0;
}
