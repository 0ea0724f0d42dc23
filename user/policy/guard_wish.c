// SPDX-License-Identifier: GPL-2.0-or-later
#include "policy/guard_wish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/names.h"

const char *wish_origin_name(enum wish_origin origin)
{
	return origin == WISH_DECLARED ? "declared" : "typed";
}

bool guard_wish_equal(const struct guard_wish *left, const struct guard_wish *right)
{
	return !strcmp(left->device, right->device) && left->guarded == right->guarded &&
	       left->mode == right->mode && left->attach == right->attach &&
	       left->from == right->from;
}

/* The place of the device, or the one where it would stand. */
static size_t place_of(const struct guard_wishes *wishes, const char *device, bool *found)
{
	size_t at = 0;
	int order = 1;

	while (at < wishes->count && (order = strcmp(wishes->wishes[at].device, device)) < 0)
		at++;
	*found = at < wishes->count && !order;
	return at;
}

const struct guard_wish *guard_wishes_find(const struct guard_wishes *wishes, const char *device)
{
	bool found;
	size_t at = place_of(wishes, device, &found);

	return found ? &wishes->wishes[at] : NULL;
}

const struct guard_wish *guard_wishes_find_guarded(const struct guard_wishes *wishes,
						   const char *device)
{
	const struct guard_wish *wish = guard_wishes_find(wishes, device);

	return wish && wish->guarded ? wish : NULL;
}

int guard_wishes_put(struct guard_wishes *wishes, const struct guard_wish *wish,
		     struct error *error)
{
	struct guard_wish *more;
	bool found;
	size_t at = place_of(wishes, wish->device, &found);

	if (found) {
		wishes->wishes[at] = *wish;
		return 0;
	}
	more = realloc(wishes->wishes, (wishes->count + 1) * sizeof(*more));
	if (!more)
		return error_system(error, ENOMEM, "cannot remember the guards");
	memmove(&more[at + 1], &more[at], (wishes->count - at) * sizeof(*more));
	more[at] = *wish;
	wishes->wishes = more;
	wishes->count++;
	return 0;
}

void guard_wishes_remove(struct guard_wishes *wishes, const char *device)
{
	bool found;
	size_t at = place_of(wishes, device, &found);

	if (!found)
		return;
	wishes->count--;
	memmove(&wishes->wishes[at], &wishes->wishes[at + 1],
		(wishes->count - at) * sizeof(*wishes->wishes));
}

int guard_wishes_copy(const struct guard_wishes *from, struct guard_wishes *to, struct error *error)
{
	struct guard_wish *copy = calloc(from->count + 1, sizeof(*copy));

	if (!copy)
		return error_system(error, ENOMEM, "cannot remember the guards");
	if (from->count)
		memcpy(copy, from->wishes, from->count * sizeof(*copy));
	*to = (struct guard_wishes){copy, from->count};
	return 0;
}

bool guard_wishes_equal(const struct guard_wishes *left, const struct guard_wishes *right)
{
	if (left->count != right->count)
		return false;
	for (size_t i = 0; i < left->count; i++) {
		if (!guard_wish_equal(&left->wishes[i], &right->wishes[i]))
			return false;
	}
	return true;
}

void guard_wishes_clear(struct guard_wishes *wishes)
{
	free(wishes->wishes);
	*wishes = (struct guard_wishes){};
}

static bool read_guarded(const char *word, bool *guarded)
{
	*guarded = !strcmp(word, "guarded");
	return *guarded || !strcmp(word, "unguarded");
}

static bool read_mode(const char *word, enum sg_mode *mode)
{
	*mode = strcmp(word, mode_name(SG_MODE_MONITOR)) ? SG_MODE_ENFORCE : SG_MODE_MONITOR;
	return !strcmp(word, mode_name(*mode));
}

static bool read_origin(const char *word, enum wish_origin *from)
{
	*from = strcmp(word, wish_origin_name(WISH_DECLARED)) ? WISH_TYPED : WISH_DECLARED;
	return !strcmp(word, wish_origin_name(*from));
}

/* As dev_valid_name() of the kernel, net/core/dev.c. */
static bool is_device_name(const char *word)
{
	return *word && strlen(word) < IF_NAMESIZE && !strpbrk(word, "/:") &&
	       strcmp(word, ".") != 0 && strcmp(word, "..") != 0;
}

/* Cuts the line up. */
static bool parse_line(char *line, struct guard_wish *wish)
{
	char *words[5], *rest = line;
	size_t count = 0;
	char *word;

	*wish = (struct guard_wish){};
	while ((word = strsep(&rest, " "))) {
		if (count == 5)
			return false;
		words[count++] = word;
	}
	if (count != 5 || !is_device_name(words[1]))
		return false;
	strcpy(wish->device, words[1]);
	return read_guarded(words[0], &wish->guarded) && read_mode(words[2], &wish->mode) &&
	       attach_mode_parse(words[3], &wish->attach) && read_origin(words[4], &wish->from);
}

/* `unread` is the number of lines that say nothing, or something of a device that had its line. */
static int take_lines(const char *text, size_t size, struct guard_wishes *wishes, size_t *unread,
		      struct error *error)
{
	char *copy = strndup(text, size), *rest = copy, *line;
	int result = 0;

	if (!copy)
		return error_system(error, ENOMEM, "cannot read the remembered guards");
	*unread = strlen(copy) != size;
	while (!result && (line = strsep(&rest, "\n"))) {
		struct guard_wish wish;

		if (!*line || *line == '#')
			continue;
		if (!parse_line(line, &wish) || guard_wishes_find(wishes, wish.device))
			++*unread;
		else
			result = guard_wishes_put(wishes, &wish, error);
	}
	free(copy);
	return result;
}

int guard_wishes_parse(const char *name, const char *text, size_t size, struct guard_wishes *wishes,
		       struct error *error)
{
	struct guard_wishes read = {};
	size_t unread = 0;
	int result = take_lines(text, size, &read, &unread, error);

	if (!result && unread)
		result = error_set(error, EXIT_SYSTEM, EBADMSG, "%s is of another version", name);
	if (result) {
		guard_wishes_clear(&read);
		return result;
	}
	*wishes = read;
	return 0;
}

int guard_wishes_salvage(const char *text, size_t size, struct guard_wishes *wishes,
			 struct error *error)
{
	struct guard_wishes read = {};
	size_t unread;
	int result = take_lines(text, size, &read, &unread, error);

	if (result) {
		guard_wishes_clear(&read);
		return result;
	}
	for (size_t i = 0; i < read.count; i++)
		read.wishes[i].mode = SG_MODE_MONITOR;
	*wishes = read;
	return 0;
}

void guard_wishes_write(FILE *stream, const struct guard_wishes *wishes)
{
	for (size_t i = 0; i < wishes->count; i++) {
		const struct guard_wish *wish = &wishes->wishes[i];

		fprintf(stream, "%s %s %s %s %s\n", wish->guarded ? "guarded" : "unguarded",
			wish->device, mode_name(wish->mode), attach_mode_name(wish->attach),
			wish_origin_name(wish->from));
	}
}
