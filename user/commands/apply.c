// SPDX-License-Identifier: GPL-2.0-or-later
/* apply and diff: from the declared policy to what is in force */
#include <errno.h>

#include "cleanup.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/guarding.h"
#include "commands/modes.h"
#include "commands/plan.h"
#include "commands/progress_line.h"
#include "commands/safety.h"
#include "kernel/clock.h"
#include "store/last_apply.h"
#include "store/lock.h"

struct request {
	const char *file;
	bool check;
	bool diff;
	bool allow_broad;
	bool allow_shrink;
	bool allow_empty;
};

/* Everything that an apply holds on its way. */
struct apply {
	struct declared_policy declared;
	struct policy policy;
	struct plan plan;
};

static void apply_clear(struct apply *apply)
{
	declared_clear(&apply->declared);
	policy_close(&apply->policy);
	plan_clear(&apply->plan);
}

static size_t count_lost(const struct entry_list *old, const struct entry_list *new)
{
	size_t lost = 0, at = 0;

	for (size_t i = 0; i < old->count; i++)
		lost += !entry_list_find_next(new, &at, &old->entries[i].prefix);
	return lost;
}

static int refuse_to_lose(const struct apply *apply, struct error *error)
{
	const struct entry_list *old = &apply->plan.old.declared;
	size_t lost = count_lost(old, &apply->plan.new.declared);
	unsigned int most = apply->declared.config.max_shrink;

	if (lost <= old->count * most / 100)
		return 0;
	error_set(error, EXIT_UNSAFE, EPERM,
		  "of the %zu entries that were applied last, %zu are gone from the files: more "
		  "than %u%%",
		  old->count, lost, most);
	error_hint(error, "sipguard diff shows them; --allow-shrink does it all the same");
	return -EPERM;
}

static int refuse_what_is_unsafe(const struct request *request, const struct apply *apply,
				 struct error *error)
{
	const struct plan *plan = &apply->plan;
	bool enforces = (plan->attach_count || plan->switched_count) &&
			plan->mode == SG_MODE_ENFORCE;
	int result = 0;

	if (!request->allow_broad)
		result = refuse_broad_entries(&apply->declared.entries, error);
	if (!result && !request->allow_shrink)
		result = refuse_to_lose(apply, error);
	if (!result && !request->allow_empty && enforces)
		result = refuse_empty_list(&plan->new, error);
	if (!result && !request->allow_empty)
		result = refuse_to_empty(&plan->old, &plan->new, error);
	return result;
}

static int change_entries(const struct invocation *invocation, struct apply *apply,
			  struct error *error)
{
	__attribute__((cleanup(progress_line_clear))) struct progress_line line;
	struct change_options options = {.progress = &line.progress};
	struct plan *plan = &apply->plan;

	progress_line_init(&line, invocation);
	return change_apply(invocation, &apply->policy, &plan->old, &plan->new, &plan->edits,
			    &options, error);
}

static int attach_declared(const struct invocation *invocation, struct apply *apply,
			   json_t *attached, struct error *error)
{
	const struct config *config = &apply->declared.config;
	struct plan *plan = &apply->plan;
	struct guarding guarding = {
		.policy = &apply->policy,
		.state = &plan->new,
		.devices = plan->attach,
		.count = (int)plan->attach_count,
		.request = {
			.mode_given = config_declares(config, CONFIG_ATTACH),
			.mode = config->attach,
			.monitor = plan->mode == SG_MODE_MONITOR,
		},
	};

	return plan->attach_count ? guarding_attach(invocation, &guarding, attached, error) : 0;
}

/* Entries and ports first, so that no guard is there before them. */
static int carry_out(const struct invocation *invocation, struct apply *apply, json_t *attached,
		     struct error *error)
{
	struct plan *plan = &apply->plan;
	struct error ignored;
	int result = change_entries(invocation, apply, error);

	if (result)
		return result;
	result = modes_set(plan->switched, plan->switched_count, plan->mode, 0, error);
	result = result ?: attach_declared(invocation, apply, attached, error);
	if (!result)
		return 0;
	modes_set(plan->switched, plan->switched_count, !plan->mode, 0, &ignored);
	change_apply(invocation, &apply->policy, &plan->new, &plan->old, &plan->edits, NULL,
		     &ignored);
	return result;
}

static int answer(const struct invocation *invocation, const struct request *request,
		  const struct apply *apply, json_t *object, struct error *error)
{
	bool silent = !object && invocation->quiet;
	int status = request->check && !plan_is_empty(&apply->plan) ? EXIT_NEGATIVE : EXIT_DONE;

	if (request->diff && !silent)
		plan_show_lines(&apply->plan, object);
	else if (!silent && !object)
		plan_summarise(&apply->plan, request->check);
	if (object)
		plan_pack(&apply->plan, object);
	plan_remark(invocation, &apply->declared, &apply->plan);
	if (!object)
		return status;
	json_object_set_new(object, "check", json_boolean(request->check));
	return answer_print(object, status, error);
}

/* Reads only, and so needs no lock. */
static int show(const struct invocation *invocation, const struct request *request,
		struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	struct error refusal;
	int result = declared_load(request->file, &apply.declared, error);

	result = result ?: state_load(&apply.plan.old, error);
	if (result)
		return result;
	result = policy_open(&apply.policy, error);
	if (result && result != -ENOENT)
		return result;
	result = plan_make(&apply.declared, &apply.policy, &apply.plan, error);
	if (!result && refuse_what_is_unsafe(request, &apply, &refusal))
		notice(invocation, "this would be refused: %s; %s", refusal.message, refusal.hint);
	return result ?: answer(invocation, request, &apply,
				invocation->json ? answer_new(invocation) : NULL, error);
}

static int change(const struct invocation *invocation, const struct request *request,
		  struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	json_t *object = NULL, *attached = NULL;
	int result = declared_load(request->file, &apply.declared, error);

	result = result ?: guarding_open(invocation, &apply.policy, &apply.plan.old, error);
	result = result ?: plan_make(&apply.declared, &apply.policy, &apply.plan, error);
	result = result ?: refuse_what_is_unsafe(request, &apply, error);
	if (result)
		return result;
	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	result = carry_out(invocation, &apply, attached, error);
	if (result) {
		json_decref(object);
		return result;
	}
	if (apply.policy.settings < 0)
		notice_on_file_only(invocation);
	return answer(invocation, request, &apply, object, error);
}

/* Whoever watches learns of every end that an apply has. */
static int change_and_note(const struct invocation *invocation, const struct request *request,
			   struct error *error)
{
	cleanup_fd int lock = lock_acquire(error);
	struct error failure;
	int result;

	if (lock < 0)
		return lock;
	result = change(invocation, request, error);
	if (last_apply_write(result >= 0, clock_now(), &failure))
		notice(invocation, "warning: %s", failure.message);
	return result;
}

int command_apply(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct request request = {};
	const struct option_spec specs[] = {
		{"-f", .value = &request.file},
		{"--check", .flag = &request.check},
		{"--diff", .flag = &request.diff},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-shrink", .flag = &request.allow_shrink},
		{"--allow-empty", .flag = &request.allow_empty},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "apply takes no operand: -f names the file");
	request.check |= request.diff;
	return request.check ? show(invocation, &request, error)
			     : change_and_note(invocation, &request, error);
}

int command_diff(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct request request = {.check = true, .diff = true};
	const struct option_spec specs[] = {{"-f", .value = &request.file}};
	int result = operands_parse(invocation, specs, 1, &words, error);

	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "diff takes no operand: -f names the file");
	return show(invocation, &request, error);
}
