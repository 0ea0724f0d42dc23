// SPDX-License-Identifier: GPL-2.0-or-later
/* apply and diff: from the declared policy to what is in force */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/guarding_show.h"
#include "commands/input.h"
#include "commands/plan_show.h"
#include "engine/apply.h"
#include "engine/change.h"
#include "engine/guarding.h"
#include "engine/safety.h"
#include "kernel/clock.h"
#include "policy/device_mode.h"
#include "store/guards_file.h"
#include "store/last_apply.h"
#include "store/lock.h"

/* What was asked for, and how the answer is to be. */
struct apply_options {
	const char *file;
	bool check;
	bool diff;
	const char *confirm_word;
	struct apply_request request;
};

/* A list stands for a configuration that has nothing but its entries. */
static bool is_list(const char *file)
{
	size_t length = strlen(file);

	return !strcmp(file, "-") ||
	       (length > strlen(".list") && !strcmp(file + length - strlen(".list"), ".list"));
}

static int load_list(const char *file, struct declared_policy *declared, struct error *error)
{
	cleanup_free char *text = NULL;
	char name[INPUT_NAME_SIZE];
	size_t size;
	int result = input_read(file, &text, &size, error);

	input_name(file, name);
	return result ?: declared_of_list(name, &text, size, declared, error);
}

static int load(const struct apply_options *options, struct declared_policy *declared,
		struct error *error)
{
	return options->file && is_list(options->file)
		       ? load_list(options->file, declared, error)
		       : declared_load(options->file, declared, error);
}

static bool waits_for_confirmation(const struct apply_options *options, const struct plan *plan)
{
	bool enforces = plan->attach_count && plan->mode == SG_MODE_ENFORCE;

	return options->request.confirm &&
	       ((plan->different && plan->guards.count) || plan->switched.count || enforces);
}

/* That a device is missing holds nothing else up, and is told when all else is well. */
static int missing_status(const struct plan *plan)
{
	return plan->missing_count ? EXIT_ABSENT : EXIT_DONE;
}

static json_t *refusal_json(const struct error *refusal)
{
	if (!refusal)
		return json_null();
	return json_pack("{s:s, s:s, s:i}", "message", refusal->message, "hint", refusal->hint,
			 "status", refusal->status);
}

static void tell(const struct invocation *invocation, const struct apply_options *options,
		 const struct apply *apply, json_t *object)
{
	const struct plan *plan = &apply->plan;

	if (options->diff && (object || !invocation->quiet))
		plan_show_lines(plan, object);
	else if (!object && !invocation->quiet)
		plan_summarise(plan, options->check);
	if (object)
		plan_pack(plan, object);
	plan_remark(invocation, &apply->declared, plan);
}

/* `refusal` is why it cannot be applied as it stands; NULL: it can. */
static int answer_check(const struct invocation *invocation, const struct apply_options *options,
			const struct apply *apply, const struct error *refusal, struct error *error)
{
	json_t *object = invocation->json ? answer_new(invocation) : NULL;
	int status = plan_is_empty(&apply->plan) ? missing_status(&apply->plan) : EXIT_NEGATIVE;

	tell(invocation, options, apply, object);
	if (object) {
		json_object_set_new(object, "check", json_true());
		json_object_set_new(object, "refusal", refusal_json(refusal));
		return answer_print(object, refusal ? (int)refusal->status : status, error);
	}
	if (!refusal)
		return status;
	*error = *refusal;
	return -EPERM;
}

static int answer(const struct invocation *invocation, const struct apply_options *options,
		  const struct apply *apply, json_t *object, struct error *error)
{
	bool waits = waits_for_confirmation(options, &apply->plan);

	tell(invocation, options, apply, object);
	if (waits)
		notice(invocation, "this lasts for %s: sipguard confirm makes it stay",
		       options->confirm_word);
	if (!object)
		return missing_status(&apply->plan);
	json_object_set_new(object, "check", json_false());
	json_object_set_new(object, "waits_for_confirmation", json_boolean(waits));
	return answer_print(object, missing_status(&apply->plan), error);
}

/* Reads only, and so needs no lock. */
static int show(const struct invocation *invocation, const struct apply_options *options,
		struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes remembered = {};
	struct error refusal;
	int result = load(options, &apply.declared, error);

	result = result ?: state_load(&apply.plan.old, error);
	if (result)
		return result;
	result = open_policy(&apply.policy, error);
	if (result && result != -ENOENT)
		return result;
	result = guards_file_read(&remembered, error);
	if (result && result != -ENOENT)
		return result;
	result = plan_make(&apply.declared, &apply.policy, &remembered, &apply.plan, error);
	if (result)
		return result;
	return answer_check(invocation, options, &apply,
			    apply_refuse(&options->request, &apply, &refusal) ? &refusal : NULL,
			    error);
}

static int change(const struct invocation *invocation, const struct apply_options *options,
		  struct apply *apply, struct error *error)
{
	json_t *object = NULL, *attached = NULL;
	int result = guarding_open(&invocation->context, NULL, 0, &apply->policy, &apply->plan.old,
				   error);

	result = result ?: memory_open(&invocation->context, &apply->memory, error);
	result = result
			 ?: plan_make(&apply->declared, &apply->policy, &apply->memory.new,
				      &apply->plan, error);
	result = result ?: apply_refuse(&options->request, apply, error);
	if (result)
		return result;
	result = apply_carry_out(&invocation->context, &options->request, apply, error);
	if (result)
		return result;
	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	guarding_show(invocation, apply->plan.attach, &apply->attached, attached);
	if (!policy_is_open(&apply->policy))
		notice_on_file_only(&invocation->context);
	return answer(invocation, options, apply, object, error);
}

/* Standard input is read before the lock, because whoever writes to it may take his time. */
static int load_and_change(const struct invocation *invocation, const struct apply_options *options,
			   int *lock, struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	bool from_input = options->file && !strcmp(options->file, "-");
	int result = from_input ? load(options, &apply.declared, error) : 0;
	struct error busy;

	*lock = lock_acquire(result ? &busy : error);
	if (result || *lock < 0)
		return result ?: *lock;
	if (!from_input)
		result = load(options, &apply.declared, error);
	return result ?: change(invocation, options, &apply, error);
}

/* Whoever watches learns of every end that an apply has, but for one that found another writer. */
static int change_and_note(const struct invocation *invocation, const struct apply_options *options,
			   struct error *error)
{
	cleanup_fd int lock = -1;
	struct error failure;
	int result = load_and_change(invocation, options, &lock, error);

	if (lock >= 0 && last_apply_write(result >= 0, clock_now(), &failure))
		notice(invocation, "warning: %s", failure.message);
	return result;
}

int command_apply(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct apply_options options = {};
	const struct option_spec specs[] = {
		{"-f", .value = &options.file},
		{"--check", .flag = &options.check},
		{"--diff", .flag = &options.diff},
		{"--confirm", .value = &options.confirm_word},
		{"--allow-broad", .flag = &options.request.allow_broad},
		{"--allow-unguarded", .flag = &options.request.allow_unguarded},
		{"--allow-shrink", .flag = &options.request.allow_shrink},
		{"--allow-empty", .flag = &options.request.allow_empty},
		{"--drop-recent", .flag = &options.request.drop_recent},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "apply takes no operand: -f names the file");
	if (options.confirm_word)
		result = confirm_parse(options.confirm_word, &options.request.confirm, error);
	if (result)
		return result;
	return options.check ? show(invocation, &options, error)
			     : change_and_note(invocation, &options, error);
}

int command_diff(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct apply_options options = {.check = true, .diff = true};
	const struct option_spec specs[] = {{"-f", .value = &options.file}};
	int result = operands_parse(invocation, specs, 1, &words, error);

	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "diff takes no operand: -f names the file");
	return show(invocation, &options, error);
}
