// SPDX-License-Identifier: GPL-2.0-or-later
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/baseline.h"
#include "store/baseline_file.h"
#include "unit/folders.h"

static struct baseline guarded(void)
{
	return (struct baseline){
		.index = 3,
		.network_namespace = 4026531840,
		.kind = "veth",
		.link_layer = SG_LINK_ETHERNET,
		.mtu = 1500,
		.master = 9,
		.address = {0x02, 0, 0, 0, 0xff, 0x01},
		.address_length = 6,
		.channels = 1,
		.native = true,
		.ports = {{.index = 4}, {.index = 7}},
		.port_count = 2,
		.received_packets = 1000,
		.received_bytes = 100000,
		.counted_packets = 10,
	};
}

static struct baseline_changes compared(const struct baseline *then, const struct baseline *now)
{
	struct baseline_changes changes;

	baseline_compare(then, now, &changes);
	return changes;
}

Test(baseline, what_is_as_it_was_has_not_changed)
{
	struct baseline then = guarded(), now = guarded();
	struct baseline_changes changes;

	now.received_packets += 5000;
	now.received_bytes += 500000;
	now.counted_packets += 1;
	changes = compared(&then, &now);
	cr_assert(changes.known);
	cr_assert_not(baseline_changed(&changes));
}

static void more_channels(struct baseline *now)
{
	now->channels = 2;
}

static void more_channels_in_generic_mode(struct baseline *now)
{
	now->channels = 2;
	now->native = false;
}

static void fewer_channels(struct baseline *now)
{
	now->channels = 0;
}

static void unseen_packets(struct baseline *now)
{
	now->received_packets += 100;
	now->received_bytes += 3000;
}

static void new_port(struct baseline *now)
{
	now->ports[now->port_count++] = (struct baseline_port){.index = 11, .name = "eth2"};
}

static void other_program(struct baseline *now)
{
	now->other_program = 77;
}

static void other_link_layer(struct baseline *now)
{
	now->link_layer = SG_LINK_NONE;
}

static void other_namespace(struct baseline *now)
{
	now->network_namespace++;
	now->index = 8;
}

static void no_master(struct baseline *now)
{
	now->master = 0;
	now->port_count = 0;
}

static void merging(struct baseline *now)
{
	now->merges = true;
}

static void other_mtu(struct baseline *now)
{
	now->mtu = 9000;
}

static void other_address(struct baseline *now)
{
	now->address[5] = 2;
}

Test(baseline, each_change_is_named_and_only_that)
{
	static const struct {
		void (*happens)(struct baseline *now);
		enum baseline_change change;
		bool opens;
		const char *what;
	} rows[] = {
		{more_channels, CHANGE_CHANNELS, true, "2 receive channels, 1 "},
		{more_channels_in_generic_mode, CHANGE_CHANNELS, false, "2 receive"},
		{fewer_channels, CHANGE_CHANNELS, false, "0 receive"},
		{unseen_packets, CHANGE_SILENT, true, "100 packets"},
		{new_port, CHANGE_PORTS, true, "eth2"},
		{other_program, CHANGE_PROGRAM, true, "77"},
		{other_link_layer, CHANGE_KIND, true, "none"},
		{other_namespace, CHANGE_NAMESPACE, false, "namespace"},
		{no_master, CHANGE_MASTER, false, "left"},
		{merging, CHANGE_FEATURES, false, "merges"},
		{other_mtu, CHANGE_MTU, false, "9000"},
		{other_address, CHANGE_ADDRESS, false, "address"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct baseline then = guarded(), now = guarded();
		struct baseline_changes changes;

		rows[i].happens(&now);
		changes = compared(&then, &now);
		for (int change = 0; change < CHANGE_COUNT; change++)
			cr_expect_eq(changes.what[change][0] != 0, change == (int)rows[i].change,
				     "row %zu: %s", i, baseline_change_name(change));
		cr_expect(strstr(changes.what[rows[i].change], rows[i].what), "row %zu: %s", i,
			  changes.what[rows[i].change]);
		cr_expect_eq(changes.opens[rows[i].change], rows[i].opens, "row %zu", i);
	}
}

static void few_packets(struct baseline *now)
{
	now->received_packets += 99;
	now->received_bytes += 9900;
}

static void keep_alives(struct baseline *now)
{
	strcpy(now->kind, "wireguard");
	now->received_packets += 5000;
	now->received_bytes += 5000 * 32;
}

static void driver_that_counts_anew(struct baseline *now)
{
	now->received_packets = 200;
	now->received_bytes = 20000;
}

static void new_port_with_a_guard(struct baseline *now)
{
	new_port(now);
	now->ports[2].runs_program = true;
}

static void new_port_of_a_guarded_master(struct baseline *now)
{
	new_port(now);
	now->master_runs_program = true;
}

Test(baseline, what_lets_nobody_in_is_no_change)
{
	static void (*const harmless[])(struct baseline * now) = {
		few_packets, keep_alives, driver_that_counts_anew, new_port_with_a_guard,
		new_port_of_a_guarded_master};

	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		struct baseline then = guarded(), now = guarded();
		struct baseline_changes changes;

		harmless[i](&now);
		memcpy(then.kind, now.kind, sizeof(then.kind));
		changes = compared(&then, &now);
		cr_expect_not(baseline_changed(&changes), "%zu", i);
	}
}

/* The index tells one device of a name from the next. */
Test(baseline, what_another_device_was_is_not_compared)
{
	struct baseline then = guarded(), now = guarded();
	struct baseline_changes changes;

	now.index = 4;
	now.mtu = 9000;
	changes = compared(&then, &now);
	cr_assert_not(changes.known);
	cr_assert_not(baseline_changed(&changes));
}

Test(baseline, a_file_brings_it_back)
{
	struct baseline then = guarded(), read;
	struct baseline_changes changes;
	struct error error;

	folders_make();
	cr_assert_eq(baseline_file_read("eth0", &read, &error), -ENOENT);
	baseline_file_compare("eth0", &then, &changes);
	cr_assert_not(changes.known);

	then.kind[0] = '\0';
	cr_assert_eq(baseline_file_write("eth0", &then, &error), 0, "%s", error.message);
	cr_assert_eq(baseline_file_read("eth0", &read, &error), 0, "%s", error.message);
	baseline_compare(&then, &read, &changes);
	cr_assert(changes.known);
	cr_assert_not(baseline_changed(&changes));
	cr_assert_eq(read.counted_packets, then.counted_packets);
	cr_assert_eq(read.ports[1].index, 7);
	then.mtu = 1400;
	baseline_file_compare("eth0", &then, &changes);
	cr_assert(changes.known);
	cr_assert(changes.what[CHANGE_MTU][0]);

	cr_assert_eq(baseline_file_remove("eth0", &error), 0);
	cr_assert_eq(baseline_file_remove("eth0", &error), 0);
	cr_assert_eq(baseline_file_read("eth0", &read, &error), -ENOENT);
	folders_remove();
}

Test(baseline, a_text_that_is_cut_anywhere_is_refused)
{
	struct baseline then = guarded(), read;
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	baseline_write(stream, &then);
	fclose(stream);
	cr_assert(baseline_parse(text, &read));
	for (size_t length = size - 1; length; length--) {
		text[length] = '\0';
		cr_expect_not(baseline_parse(text, &read), "%s", text);
	}
	free(text);
}
