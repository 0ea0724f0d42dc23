// SPDX-License-Identifier: GPL-2.0-or-later
/* Whatever is accepted, by a command, a list or an import, can be read back from what is written.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/config.h"
#include "policy/list_file.h"
#include "policy/ports.h"
#include "policy/when.h"
#include "random.h"
#include "rules/import/import.h"
#include "sipguard/abi.h"
#include "text/device_text.h"

#define NOW 1800000000

static int64_t draw_time(struct random *random)
{
	static const int64_t edges[] = {1, 59, 60, NOW, TIME_LAST - 1, TIME_LAST};

	if (!random_below(random, 4))
		return edges[random_below(random, sizeof(edges) / sizeof(edges[0]))];
	return 1 + (int64_t)(random_next(random) % TIME_LAST);
}

/* Any bytes, more often of those that mean something in a list; one in some is a label. */
static bool draw_label(struct random *random, char label[static LABEL_BYTES_MAX + 8])
{
	static const char *const pieces[] = {"#",
					     " ",
					     "\t",
					     "until",
					     "deny",
					     "\xc3\xa4",
					     "\\",
					     "x",
					     "\xf0\x9f\x93\x9e",
					     "\xe2\x80\xae",
					     "\r",
					     "\"",
					     ";"};
	struct error ignored;

	*label = '\0';
	for (unsigned int left = random_below(random, 20); left; left--) {
		char byte[2] = {(char)(1 + random_below(random, 255))};
		const char *piece = random_below(random, 6) ? pieces[random_below(random, 13)]
							    : byte;

		if (strlen(label) + strlen(piece) <= LABEL_BYTES_MAX + 1)
			strcat(label, piece);
	}
	return !label_check(label, &ignored);
}

static void draw_entry(struct random *random, struct entry *entry, char *label)
{
	bool is_ipv4 = random_below(random, 2);

	*entry = (struct entry){.verdict = (uint8_t)random_below(random, 2)};
	entry->prefix.family = is_ipv4 ? SG_FAMILY_IPV4 : SG_FAMILY_IPV6;
	for (size_t i = 0; i < (is_ipv4 ? 4 : 16); i++)
		entry->prefix.address[i] = (uint8_t)random_next(random);
	entry->prefix.length = (uint8_t)random_below(random, is_ipv4 ? 33 : 129);
	prefix_truncate(&entry->prefix);
	if (random_below(random, 3))
		entry->until = draw_time(random);
	if (draw_label(random, label))
		entry->label = label;
}

static void reads_back(const struct entry_list *list)
{
	struct entry_list again = {};
	struct error error;
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	list_file_write(stream, list);
	fclose(stream);
	cr_assert_eq(list_file_parse("written", text, size, &again, &error), 0, "%s",
		     error.message);
	cr_assert_eq(again.count, list->count);
	for (size_t i = 0; i < list->count; i++)
		cr_assert(entry_equal(&list->entries[i], &again.entries[i]), "%s", text);
	entry_list_clear(&again);
	free(text);
}

Test(readback, every_list_of_entries)
{
	struct random random = {10};

	for (int round = 0; round < 1000; round++) {
		struct entry_list list = {};

		for (unsigned int left = random_below(&random, 20); left; left--) {
			char label[LABEL_BYTES_MAX + 8];
			struct entry entry;
			struct error error;

			draw_entry(&random, &entry, label);
			cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
		}
		reads_back(&list);
		entry_list_clear(&list);
	}
}

/* In any zone: what is accepted is written as what is read back, and what is refused is too late.
 */
Test(readback, every_time_in_every_zone)
{
	struct random random = {11};
	size_t late = 0;

	for (int round = 0; round < 50000; round++) {
		int offset = (int)random_below(&random, 2 * 1439 + 1) - 1439;
		char text[64], date[32], written[WHEN_TEXT_SIZE];
		int64_t local = draw_time(&random), read, again;
		time_t seconds = (time_t)local;
		struct error error;
		struct tm parts;
		int result;

		gmtime_r(&seconds, &parts);
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &parts);
		snprintf(text, sizeof(text), "%s%c%02d:%02d", date, offset < 0 ? '-' : '+',
			 abs(offset) / 60, abs(offset) % 60);
		result = time_parse(text, &read, &error);
		local -= offset * 60;
		cr_assert_eq(result == 0, local > 0 && local <= TIME_LAST, "%s", text);
		late += local > TIME_LAST;
		if (result)
			continue;
		cr_assert_eq(read, local, "%s", text);
		time_format(read, written);
		cr_assert_eq(time_parse(written, &again, &error), 0, "%s", written);
		cr_assert_eq(again, read, "%s", written);
	}
	cr_assert_gt(late, 0);
}

Test(readback, every_duration_that_is_accepted_ends_in_a_year_of_four_digits)
{
	struct random random = {12};
	size_t accepted = 0;

	for (int round = 0; round < 20000; round++) {
		char text[64];
		int64_t seconds, until, again;
		struct error error;

		snprintf(text, sizeof(text), "%llu%c",
			 (unsigned long long)(random_next(&random) >> random_below(&random, 64)),
			 "wdhms"[random_below(&random, 5)]);
		if (duration_parse(text, &seconds, &error))
			continue;
		accepted++;
		until = time_after(NOW, seconds);
		time_format(until, text);
		cr_assert_eq(time_parse(text, &again, &error), 0, "%s", text);
		cr_assert_eq(again, until);
	}
	cr_assert_gt(accepted, 1000);
}

/* Such as stand in the files of versions that accepted them. */
Test(readback, a_year_of_five_digits_is_the_last_of_four)
{
	static const char text[] = "192.0.2.66/32 until 21192-03-29T16:02:20Z # kept\n";
	struct entry_list list = {};
	int64_t seconds = -7;
	struct error error;

	cr_assert_eq(list_file_parse("kept", text, strlen(text), &list, &error), 0, "%s",
		     error.message);
	cr_assert_eq(list.entries[0].until, TIME_LAST);
	reads_back(&list);
	entry_list_clear(&list);
	cr_assert_lt(time_parse("21192-03-29T16:02:20Z", &seconds, &error), 0);
	cr_assert_lt(time_parse_kept("21192-13-29T16:02:20Z", &seconds, &error), 0);
	cr_assert_eq(seconds, -7);
}

#define NFT_SET \
	"{\"nftables\": [{\"set\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"s\", " \
	"\"type\": \"ipv4_addr\", \"elem\": [{\"elem\": {\"val\": \"192.0.2.1\", \"timeout\": " \
	"%1$lld, \"expires\": %1$lld}}]}}, " \
	"{\"chain\": {\"family\": \"ip\", \"table\": \"t\", \"name\": \"c\", \"type\": " \
	"\"filter\", \"hook\": \"input\", \"prio\": 0, \"policy\": \"drop\"}}, " \
	"{\"rule\": {\"family\": \"ip\", \"table\": \"t\", \"chain\": \"c\", \"expr\": [" \
	"{\"match\": {\"op\": \"==\", \"left\": {\"payload\": {\"protocol\": \"ip\", " \
	"\"field\": \"saddr\"}}, \"right\": \"@s\"}}, {\"match\": {\"op\": \"==\", \"left\": " \
	"{\"payload\": {\"protocol\": \"udp\", \"field\": \"dport\"}}, \"right\": 5060}}, " \
	"{\"accept\": null}]}}]}"

static int import(const char *format, const char *text, struct entry_list *entries)
{
	struct rules_report report = {};
	struct sg_ports ports;
	struct rules_input input = {"f", text, strlen(text), &ports, NOW};
	struct error error;
	int result;

	ports_default(&ports);
	result = rules_import(format, &input, entries, &report, &error);
	rules_report_clear(&report);
	return result;
}

static void lasts(const char *format, const char *text, int64_t until)
{
	struct entry_list entries = {};

	cr_assert_eq(import(format, text, &entries), 0, "%s", text);
	cr_assert_eq(entries.count, 1, "%s", text);
	cr_assert_eq(entries.entries[0].until, until, "%s: %lld", text,
		     (long long)entries.entries[0].until);
	reads_back(&entries);
	entry_list_clear(&entries);
}

/* An element that is to end never becomes one that stays. */
Test(readback, every_timeout_of_an_import)
{
	static const struct {
		unsigned long long timeout;
		int64_t until;
	} cases[] = {
		{1, NOW + 1},
		{UINT32_MAX, NOW + (int64_t)UINT32_MAX},
		{1ULL << 32, NOW + (1LL << 32)},
		{TIME_LAST - NOW, TIME_LAST},
		{TIME_LAST, TIME_LAST},
		{9223372036854775807ULL, TIME_LAST},
	};
	struct entry_list none = {};
	char text[2000];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "create s hash:ip\nadd s 192.0.2.1 timeout %llu\n",
			 cases[i].timeout);
		lasts("ipset", text, cases[i].until);
		snprintf(text, sizeof(text), NFT_SET, (long long)cases[i].timeout);
		lasts("nft", text, cases[i].until);
	}
	lasts("ipset", "create s hash:ip\nadd s 192.0.2.1 timeout 99999999999999999999999\n",
	      TIME_LAST);
	lasts("ipset", "create s hash:ip\nadd s 192.0.2.1 timeout 0\n", 0);
	snprintf(text, sizeof(text), NFT_SET, 0LL);
	lasts("nft", text, NOW + 1);
	snprintf(text, sizeof(text), NFT_SET, -1LL);
	cr_assert_lt(import("nft", text, &none), 0);
	cr_assert_lt(import("ipset", "create s hash:ip\nadd s 192.0.2.1 timeout soon\n", &none), 0);
}

Test(readback, every_port)
{
	for (int table = 0; table < SG_PORT_TABLE_COUNT; table++) {
		for (unsigned int number = 1; number <= UINT16_MAX; number++) {
			struct port port = {.table = (uint8_t)table, .number = (uint16_t)number};
			struct port again;
			char text[PORT_TEXT_SIZE];
			struct error error;

			port_format(&port, text);
			cr_assert_eq(port_parse(text, &again, &error), 0, "%s", text);
			cr_assert(again.table == port.table && again.number == port.number);
		}
	}
}

/* Of every byte that the kernel takes, and in both forms. */
Test(readback, every_name_of_a_device)
{
	struct random random = {14};
	size_t valid = 0;

	for (int round = 0; round < 50000; round++) {
		char name[IF_NAMESIZE] = "", again[IF_NAMESIZE], text[200];
		struct config config;
		struct error error;

		for (unsigned int i = 0, length = 1 + random_below(&random, 15); i < length; i++)
			name[i] = random_below(&random, 3)
					  ? "x.-\\#;=[]%\x1b\xff\xc3\xa4"[random_below(&random, 14)]
					  : (char)(1 + random_below(&random, 255));
		if (!device_name_is_valid(name))
			continue;
		valid++;
		cr_assert(device_text_parse(device_text(name).text, again));
		cr_assert_str_eq(again, name);
		snprintf(text, sizeof(text), "[guard]\ndevices = eth0\n\t%s\n",
			 device_text_for_file(name).text);
		cr_assert_eq(config_parse("f", text, strlen(text), &config, &error), 0, "%s: %s",
			     text, error.message);
		cr_assert_eq(config.device_count, 2);
		cr_assert_str_eq(config.devices[1], name);
	}
	cr_assert_gt(valid, 1000);
}

Test(readback, what_no_device_can_be_called_is_no_name)
{
	static const char *const texts[] = {
		"",	 ".",	 "..",	  "a/b", "a:b",	    "\\x20",	       "\\",
		"\\x00", "\\x1", "\\xgg", "\\n", "a\\x2fb", "0123456789abcdef"};
	char name[IF_NAMESIZE] = "kept";

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_assert(!device_text_parse(texts[i], name), "%s", texts[i]);
	cr_assert(!device_text_from_file("mode=x", name));
	cr_assert(!device_text_from_file("[guard]", name));
	cr_assert_str_eq(name, "kept");
}
