// SPDX-License-Identifier: GPL-2.0-or-later
/* Editing the text of a list against reading, changing and writing the whole of it. */
#include "policy/list_text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "policy/list_file.h"
#include "random.h"
#include "sipguard/abi.h"

#define HEADING "# a heading\n# of two lines\n"

static void draw(struct random *random, struct entry_list *list, unsigned int most)
{
	static const char *const labels[] = {NULL, "office", "# hash",
					     "a long label, so that the "
					     "lines are not all alike"};
	struct error error;

	for (unsigned int count = random_below(random, most + 1); count; count--) {
		struct entry entry = {
			.prefix = {.family = SG_FAMILY_IPV4, .address = {10}, .length = 32},
			.verdict = (uint8_t)random_below(random, 2),
			.until = random_below(random, 3) ? 0 : 1800000000,
			.label = labels[random_below(random, 4)],
		};

		if (!random_below(random, 4))
			entry.prefix = (struct prefix){
				.family = SG_FAMILY_IPV6, .address = {0x20}, .length = 128};
		entry.prefix.address[3] = (uint8_t)random_below(random, 60);
		entry.prefix.length -= (uint8_t)random_below(random, 10);
		prefix_truncate(&entry.prefix);
		cr_assert_eq(entry_list_put(list, &entry, &error), 0);
	}
}

static char *write_list(const char *heading, const struct entry_list *list, size_t *size)
{
	char *text;
	FILE *stream = open_memstream(&text, size);

	fputs(heading, stream);
	list_file_write(stream, list);
	fclose(stream);
	return text;
}

static void finds_what_is_there(const char *text, size_t size, const struct entry_list *list,
				const struct entry_list *asked)
{
	struct entry_list found = {};
	struct error error;
	size_t next = 0;

	cr_assert_eq(list_text_find("list", text, size, asked, &found, &error), 0, "%s",
		     error.message);
	for (size_t i = 0; i < asked->count; i++) {
		const struct entry *entry = entry_list_find(list, &asked->entries[i].prefix);

		if (entry)
			cr_assert(entry_equal(&found.entries[next++], entry));
	}
	cr_assert_eq(found.count, next);
	entry_list_clear(&found);
}

static void writes_what_a_merge_would(const char *heading, const char *text, size_t size,
				      const struct entry_list *list, const struct entry_list *over)
{
	struct entry_list merged;
	struct error error;
	size_t expected_size, edited_size;
	char *expected, *edited;
	FILE *stream = open_memstream(&edited, &edited_size);

	cr_assert_eq(entry_list_merge(list, over, &merged, &error), 0);
	expected = write_list(heading, &merged, &expected_size);
	cr_assert_eq(list_text_write_over(stream, "list", text, size, over, &error), 0, "%s",
		     error.message);
	fclose(stream);
	cr_assert_str_eq(edited, expected);
	entry_list_clear(&merged);
	free(expected);
	free(edited);
}

Test(list_text, finding_and_replacing_lines_is_as_reading_and_writing_all)
{
	struct random random = {21};

	for (int i = 0; i < 2000; i++) {
		const char *heading = random_below(&random, 4) ? HEADING : "";
		struct entry_list list = {}, other = {};
		size_t size;
		char *text, *exact;

		draw(&random, &list, i % 40);
		draw(&random, &other, 6);
		text = write_list(heading, &list, &size);
		/* Without a terminator, so that the sanitizer sees a step too far. */
		exact = malloc(size ? size : 1);
		memcpy(exact, text, size);
		free(text);
		finds_what_is_there(exact, size, &list, &other);
		writes_what_a_merge_would(heading, exact, size, &list, &other);
		free(exact);
		entry_list_clear(&list);
		entry_list_clear(&other);
	}
}

Test(list_text, a_line_that_is_none_is_an_error)
{
	static const char text[] = "10.0.0.1/32\nnonsense\n10.0.0.3/32\n";
	struct entry entry = {
		.prefix = {.family = SG_FAMILY_IPV4, .length = 32, .address = {10, 0, 0, 3}}};
	struct entry_list list = {.entries = &entry, .count = 1}, found = {};
	struct error error;

	cr_assert_lt(list_text_find("list", text, strlen(text), &list, &found, &error), 0);
	cr_assert_eq(found.count, 0);
}
