// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/list_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "sipguard/abi.h"

static const char sample[] = "# who may call\n"
			     "\n"
			     "203.0.113.7\n"
			     "  198.51.100.0/24\t# the office \n"
			     "198.51.100.66 deny # noisy # neighbour\n"
			     "192.0.2.1 until 2027-01-31T18:00Z\n"
			     "2001:db8::/32 deny until 2027-01-31T18:00:30Z # all\r\n"
			     "   # a comment that is indented\n"
			     "192.0.2.2#no blank";

static struct entry_list read_sample(void)
{
	struct entry_list list = {};
	struct error error;

	cr_assert_eq(list_file_parse("sample", sample, strlen(sample), &list, &error), 0, "%s",
		     error.message);
	return list;
}

Test(list_file, reads_what_an_administrator_writes)
{
	struct entry_list list = read_sample();

	cr_assert_eq(list.count, 6);
	/* 192.0.2.1, 192.0.2.2, 198.51.100.0/24, 198.51.100.66, 203.0.113.7, 2001:db8::/32 */
	cr_assert_eq(list.entries[0].until, 1801418400);
	cr_assert_str_eq(list.entries[1].label, "no blank");
	cr_assert_str_eq(list.entries[2].label, "the office");
	cr_assert_eq(list.entries[3].verdict, SG_ENTRY_DENY);
	cr_assert_str_eq(list.entries[3].label, "noisy # neighbour");
	cr_assert_null(list.entries[4].label);
	cr_assert_eq(list.entries[5].until, 1801418430);
	entry_list_clear(&list);
}

Test(list_file, an_empty_file_and_a_byte_order_mark_are_fine)
{
	static const char marked[] = "\xef\xbb\xbf"
				     "203.0.113.7\n";
	struct entry_list list = {};
	struct error error;

	cr_assert_eq(list_file_parse("empty", "", 0, &list, &error), 0);
	cr_assert_eq(list.count, 0);
	cr_assert_eq(list_file_parse("marked", marked, strlen(marked), &list, &error), 0);
	cr_assert_eq(list.count, 1);
	entry_list_clear(&list);
}

Test(list_file, a_bad_line_is_named_by_file_line_and_column)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{"203.0.113.7\n  203.0.113.300\n", "f:2:3: 203.0.113.300 is not"},
		{"203.0.113.9/24", "f:1:1: 203.0.113.9/24 has bits set"},
		{"203.0.113.7 allow", "f:1:13: only deny, until TIME"},
		{"203.0.113.7 deny deny", "f:1:18: only deny"},
		{"203.0.113.7 until", "f:1:18: a time must follow until"},
		{"203.0.113.7 until # x", "f:1:19: a time must follow until"},
		{"203.0.113.7 until tomorrow", "f:1:19: tomorrow is not a time"},
		{"203.0.113.7 until 2027-01-31T18:00", "f:1:19: 2027-01-31T18:00 is not a time"},
		{"203.0.113.7 until 2027-01-31T18:00Z deny", "f:1:37: only deny"},
		{"203.0.113.7 # \033[31m", "f:1:15: a label is printable"},
		{"203.0.113.7\n10.0.0.1\n203.0.113.7\n", "f:3:1: 203.0.113.7/32 stands on line 1"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct entry_list list = {};
		struct error error;

		cr_assert_lt(
			list_file_parse("f", cases[i].text, strlen(cases[i].text), &list, &error),
			0, "%s", cases[i].text);
		cr_assert_eq(error.status, EXIT_USAGE);
		cr_assert_eq(list.count, 0);
		cr_assert_eq(strncmp(error.message, cases[i].message, strlen(cases[i].message)), 0,
			     "%s: %s", cases[i].text, error.message);
		cr_assert_null(strchr(error.message, '\033'));
	}
}

Test(list_file, a_zero_byte_is_no_end_of_the_line)
{
	static const char text[] = "203.0.113.7\0 deny\n";
	struct entry_list list = {};
	struct error error;

	cr_assert_lt(list_file_parse("f", text, sizeof(text) - 1, &list, &error), 0);
}

static struct entry_list read_back(const struct entry_list *list)
{
	struct entry_list again = {};
	struct error error;
	size_t size;
	char *text;
	FILE *stream = open_memstream(&text, &size);

	list_file_write(stream, list);
	fclose(stream);
	cr_assert_eq(list_file_parse("again", text, size, &again, &error), 0, "%s", error.message);
	free(text);
	return again;
}

static void lists_are_equal(const struct entry_list *left, const struct entry_list *right)
{
	cr_assert_eq(left->count, right->count);
	for (size_t i = 0; i < left->count; i++)
		cr_assert(entry_equal(&left->entries[i], &right->entries[i]));
}

static struct entry random_entry(struct random *random)
{
	static char *const labels[] = {NULL, "office", "# hash", "Köln"};
	struct entry entry = {
		.prefix = {.family = SG_FAMILY_IPV6, .address = {0x20, 0x01}},
		.verdict = (uint8_t)random_below(random, 2),
		.until = random_below(random, 2) ? 1800000000 + random_below(random, 100000) : 0,
		.label = labels[random_below(random, 4)],
	};

	entry.prefix.address[2] = (uint8_t)random_next(random);
	entry.prefix.address[9] = (uint8_t)random_next(random);
	entry.prefix.length = (uint8_t)random_below(random, 129);
	prefix_truncate(&entry.prefix);
	return entry;
}

Test(list_file, what_is_written_is_read_back)
{
	struct random random = {5};

	for (int i = 0; i < 300; i++) {
		struct entry_list list = {}, again;
		struct error error;

		for (unsigned int count = random_below(&random, 60); count; count--) {
			struct entry entry = random_entry(&random);

			cr_assert_eq(entry_list_put(&list, &entry, &error), 0);
		}
		again = read_back(&list);
		lists_are_equal(&list, &again);
		entry_list_clear(&list);
		entry_list_clear(&again);
	}
}

/* Copies to the heap without a terminator, so that the sanitizer sees a step too far. */
static int parse_exactly(const char *text, size_t size, struct entry_list *list)
{
	char *copy = malloc(size ? size : 1);
	struct error error;
	int result;

	memcpy(copy, text, size);
	result = list_file_parse("hostile", copy, size, list, &error);
	free(copy);
	return result;
}

Test(list_file, cut_at_every_length_it_reads_or_refuses)
{
	for (size_t size = 0; size <= strlen(sample); size++) {
		struct entry_list list = {};

		if (parse_exactly(sample, size, &list))
			cr_assert_null(list.entries);
		entry_list_clear(&list);
	}
}

Test(list_file, mutations_never_do_harm)
{
	struct random random = {6};

	for (int i = 0; i < 20000; i++) {
		char text[sizeof(sample)];
		struct entry_list list = {};

		memcpy(text, sample, sizeof(sample));
		for (int flips = 0; flips < 3; flips++)
			text[random_below(&random, sizeof(sample) - 1)] =
				(char)random_next(&random);
		if (parse_exactly(text, sizeof(sample) - 1, &list))
			cr_assert_null(list.entries);
		entry_list_clear(&list);
	}
}

/* As an earlier release sealed them, and as emoji are written. */
Test(list_file, labels_with_hidden_characters_are_read_as_escapes)
{
	static const char text[] = "192.0.2.1 # soft\xc2\xadhyphen\n"
				   "192.0.2.2 # \xe2\x98\x8e\xef\xb8\x8f desk\n"
				   "192.0.2.3 # \xf3\xa0\x84\x80\n";
	struct entry_list list = {};
	char line[LIST_LINE_SIZE];
	struct error error;

	cr_assert_eq(list_file_parse("f", text, strlen(text), &list, &error), 0, "%s",
		     error.message);
	cr_assert_str_eq(list.entries[0].label, "soft\\xc2\\xadhyphen");
	cr_assert_str_eq(list.entries[1].label, "\xe2\x98\x8e\\xef\\xb8\\x8f desk");
	cr_assert_str_eq(list.entries[2].label, "\\xf3\\xa0\\x84\\x80");
	/* What is written is read as it is. */
	for (size_t i = 0; i < list.count; i++) {
		struct entry_list again = {};

		list_file_line(&list.entries[i], line);
		cr_assert_eq(list_file_parse("f", line, strlen(line), &again, &error), 0);
		cr_assert(entry_equal(&again.entries[0], &list.entries[i]));
		entry_list_clear(&again);
	}
	entry_list_clear(&list);
}

Test(list_file, controls_in_labels_are_refused)
{
	static const char *const texts[] = {"192.0.2.1 # a\033[2J", "192.0.2.1 # a\xc2\x9b",
					    "192.0.2.1 # a\xff", "192.0.2.1 # a\x7f\xc2\xad"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct entry_list list = {};
		struct error error;

		cr_assert_lt(list_file_parse("f", texts[i], strlen(texts[i]), &list, &error), 0);
		entry_list_clear(&list);
	}
}
