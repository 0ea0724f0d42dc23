// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine/memory.h"

#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "store/guards_file.h"

void memory_clear(struct memory *memory)
{
	guard_wishes_clear(&memory->old);
	guard_wishes_clear(&memory->new);
	guard_wishes_clear(&memory->ended);
	sealed_file_discard(&memory->draft);
}

/* The mode that the device has unless something is confirmed; false: it has no guard. */
static bool find_mode(const char *device, struct guard *guard, enum sg_mode *lasting)
{
	struct device_mode mode;
	struct error ignored;

	if (guard_open(guard, device, &ignored) || device_maps_mode(&guard->maps, &mode, &ignored))
		return false;
	*lasting = mode.reverts_to;
	return true;
}

/* Whether the kernel has what was chosen. */
static bool is_in_force(const char *device, const struct guard_wish *wish)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	enum sg_mode mode;
	bool found = find_mode(device, &guard, &mode);

	if (!wish || !wish->guarded)
		return !found;
	return found && mode == wish->mode;
}

/* Of a draft, what the kernel has. */
static int take_over(const struct guard_wishes *draft, struct memory *memory, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < draft->count; i++) {
		const struct guard_wish *wish = &draft->wishes[i];

		if (is_in_force(wish->device, wish))
			result = guard_wishes_put(&memory->new, wish, error);
	}
	for (size_t i = 0; i < memory->old.count; i++) {
		const char *device = memory->old.wishes[i].device;

		if (!guard_wishes_find(draft, device) && is_in_force(device, NULL))
			guard_wishes_remove(&memory->new, device);
	}
	return result;
}

static int note_ended(struct memory *memory, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < memory->old.count; i++) {
		const struct guard_wish *wish = &memory->old.wishes[i];

		if (wish->guarded && !guard_wishes_find_guarded(&memory->new, wish->device))
			result = guard_wishes_put(&memory->ended, wish, error);
	}
	return result;
}

/* Ends what a command that was killed had begun. */
static int settle(const struct context *context, struct memory *memory, struct error *error)
{
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes draft = {};
	struct error ignored;
	int result = guards_file_read_draft(&draft, &ignored);

	if (result == -ENOENT)
		return 0;
	result = result ? 0 : take_over(&draft, memory, error);
	result = result ?: note_ended(memory, error);
	if (result)
		return result;
	guards_file_remove_draft();
	if (!memory->rewrite && guard_wishes_equal(&memory->old, &memory->new))
		return 0;
	result = memory_prepare(memory, error);
	result = result ?: memory_commit(context, memory, error);
	if (result)
		return result;
	guard_wishes_clear(&memory->old);
	return guard_wishes_copy(&memory->new, &memory->old, error);
}

static int adopt_one(const char *device, struct guard_wishes *wishes, struct error *error)
{
	__attribute__((cleanup(guard_close))) struct guard guard = GUARD_CLOSED;
	struct guard_wish wish = {.guarded = true, .from = WISH_TYPED};

	if (!find_mode(device, &guard, &wish.mode))
		return 0;
	strcpy(wish.device, device);
	wish.attach = guard.state == GUARD_ATTACHED ? guard.attach_mode : ATTACH_NATIVE;
	return guard_wishes_put(wishes, &wish, error);
}

/* The guards of a version that remembered none. */
static int adopt(struct guard_wishes *wishes, struct error *error)
{
	cleanup_free char(*names)[IF_NAMESIZE] = NULL;
	size_t count;
	int result = guard_names(&names, &count, error);

	for (size_t i = 0; !result && i < count; i++)
		result = adopt_one(names[i], wishes, error);
	return result;
}

static int read_around_damage(const struct context *context, const struct error *damage,
			      struct guard_wishes *wishes, struct error *error)
{
	unsigned int version;
	int result = guards_file_read_copy(wishes, &version, error);

	if (!result) {
		context_notice(context, "warning: %s; the copy of version %u counts",
			       damage->message, version);
		return 0;
	}
	result = guards_file_salvage(wishes, error);
	if (!result)
		context_notice(
			context,
			"warning: %s, and no version has a whole copy: the %zu devices that can be "
			"read in it monitor",
			damage->message, wishes->count);
	return result;
}

int memory_open(const struct context *context, struct memory *memory, struct error *error)
{
	__attribute__((cleanup(memory_clear))) struct memory opened = {};
	struct error damage;
	int result = guards_file_read(&opened.old, &damage);

	opened.absent = result == -ENOENT;
	opened.rewrite = result == -EBADMSG;
	if (result && !opened.absent && !opened.rewrite) {
		*error = damage;
		return result;
	}
	result = opened.rewrite ? read_around_damage(context, &damage, &opened.old, error) : 0;
	result = result ?: guard_wishes_copy(&opened.old, &opened.new, error);
	result = result ?: settle(context, &opened, error);
	if (!result && opened.absent)
		result = adopt(&opened.new, error);
	if (result)
		return result;
	*memory = opened;
	opened = (struct memory){};
	return 0;
}

int memory_set_mode(struct memory *memory, const char *device, enum sg_mode mode,
		    enum wish_origin from, struct error *error)
{
	const struct guard_wish *found = guard_wishes_find_guarded(&memory->new, device);
	struct guard_wish wish;

	if (!found || found->mode == mode)
		return 0;
	wish = *found;
	wish.mode = mode;
	wish.from = from;
	return guard_wishes_put(&memory->new, &wish, error);
}

int memory_prepare(struct memory *memory, struct error *error)
{
	if (!memory->rewrite && guard_wishes_equal(&memory->old, &memory->new))
		return 0;
	return guards_file_draft(&memory->new, &memory->draft, error);
}

int memory_commit(const struct context *context, struct memory *memory, struct error *error)
{
	bool written = memory->draft.temporary[0];
	int result = sealed_file_commit(&memory->draft, error);
	struct error failure;

	if (result || !written)
		return result;
	memory->rewrite = false;
	memory->absent = false;
	if (guards_file_keep_copy(&memory->new, clock_now(), &failure))
		context_notice(context, "warning: no copy of the remembered guards: %s",
			       failure.message);
	return 0;
}
