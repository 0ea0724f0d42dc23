// SPDX-License-Identifier: GPL-2.0-or-later
/* apply and diff: from the declared policy to what is in force */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/apply.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/guarding.h"
#include "commands/input.h"
#include "commands/safety.h"
#include "kernel/clock.h"
#include "policy/device_mode.h"
#include "store/guards_file.h"
#include "store/last_apply.h"
#include "store/lock.h"

static void apply_clear(struct apply *apply)
{
	declared_clear(&apply->declared);
	policy_close(&apply->policy);
	plan_clear(&apply->plan);
	memory_clear(&apply->memory);
}

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

static int load(const struct apply_request *request, struct declared_policy *declared,
		struct error *error)
{
	return request->file && is_list(request->file)
		       ? load_list(request->file, declared, error)
		       : declared_load(request->file, declared, error);
}

static bool waits_for_confirmation(const struct apply_request *request, const struct plan *plan)
{
	bool enforces = plan->attach_count && plan->mode == SG_MODE_ENFORCE;

	return request->confirm &&
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

static void tell(const struct invocation *invocation, const struct apply_request *request,
		 const struct apply *apply, json_t *object)
{
	const struct plan *plan = &apply->plan;

	if (request->diff && (object || !invocation->quiet))
		plan_show_lines(plan, object);
	else if (!object && !invocation->quiet)
		plan_summarise(plan, request->check);
	if (object)
		plan_pack(plan, object);
	plan_remark(invocation, &apply->declared, plan);
}

/* `refusal` is why it cannot be applied as it stands; NULL: it can. */
static int answer_check(const struct invocation *invocation, const struct apply_request *request,
			const struct apply *apply, const struct error *refusal, struct error *error)
{
	json_t *object = invocation->json ? answer_new(invocation) : NULL;
	int status = plan_is_empty(&apply->plan) ? missing_status(&apply->plan) : EXIT_NEGATIVE;

	tell(invocation, request, apply, object);
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

static int answer(const struct invocation *invocation, const struct apply_request *request,
		  const struct apply *apply, json_t *object, struct error *error)
{
	bool waits = waits_for_confirmation(request, &apply->plan);

	tell(invocation, request, apply, object);
	if (waits)
		notice(invocation, "this lasts for %s: sipguard confirm makes it stay",
		       request->confirm_word);
	if (!object)
		return missing_status(&apply->plan);
	json_object_set_new(object, "check", json_false());
	json_object_set_new(object, "waits_for_confirmation", json_boolean(waits));
	return answer_print(object, missing_status(&apply->plan), error);
}

/* Reads only, and so needs no lock. */
static int show(const struct invocation *invocation, const struct apply_request *request,
		struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	__attribute__((cleanup(guard_wishes_clear))) struct guard_wishes remembered = {};
	struct error refusal;
	int result = load(request, &apply.declared, error);

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
	return answer_check(invocation, request, &apply,
			    apply_refuse(request, &apply, &refusal) ? &refusal : NULL, error);
}

static int change(const struct invocation *invocation, const struct apply_request *request,
		  struct apply *apply, struct error *error)
{
	json_t *object = NULL, *attached = NULL;
	int result = guarding_open(invocation, NULL, 0, &apply->policy, &apply->plan.old, error);

	result = result ?: memory_open(invocation, &apply->memory, error);
	result = result
			 ?: plan_make(&apply->declared, &apply->policy, &apply->memory.new,
				      &apply->plan, error);
	result = result ?: apply_refuse(request, apply, error);
	if (result)
		return result;
	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	result = apply_carry_out(invocation, request, apply, attached, error);
	if (result) {
		json_decref(object);
		return result;
	}
	if (!policy_is_open(&apply->policy))
		notice_on_file_only(invocation);
	return answer(invocation, request, apply, object, error);
}

/* Standard input is read before the lock, because whoever writes to it may take his time. */
static int load_and_change(const struct invocation *invocation, const struct apply_request *request,
			   int *lock, struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	bool from_input = request->file && !strcmp(request->file, "-");
	int result = from_input ? load(request, &apply.declared, error) : 0;
	struct error busy;

	*lock = lock_acquire(result ? &busy : error);
	if (result || *lock < 0)
		return result ?: *lock;
	if (!from_input)
		result = load(request, &apply.declared, error);
	return result ?: change(invocation, request, &apply, error);
}

/* Whoever watches learns of every end that an apply has, but for one that found another writer. */
static int change_and_note(const struct invocation *invocation, const struct apply_request *request,
			   struct error *error)
{
	cleanup_fd int lock = -1;
	struct error failure;
	int result = load_and_change(invocation, request, &lock, error);

	if (lock >= 0 && last_apply_write(result >= 0, clock_now(), &failure))
		notice(invocation, "warning: %s", failure.message);
	return result;
}

int command_apply(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct apply_request request = {};
	const struct option_spec specs[] = {
		{"-f", .value = &request.file},
		{"--check", .flag = &request.check},
		{"--diff", .flag = &request.diff},
		{"--confirm", .value = &request.confirm_word},
		{"--allow-broad", .flag = &request.allow_broad},
		{"--allow-unguarded", .flag = &request.allow_unguarded},
		{"--allow-shrink", .flag = &request.allow_shrink},
		{"--allow-empty", .flag = &request.allow_empty},
		{"--drop-recent", .flag = &request.drop_recent},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "apply takes no operand: -f names the file");
	if (request.confirm_word)
		result = confirm_parse(request.confirm_word, &request.confirm, error);
	if (result)
		return result;
	return request.check ? show(invocation, &request, error)
			     : change_and_note(invocation, &request, error);
}

int command_diff(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	struct apply_request request = {.check = true, .diff = true};
	const struct option_spec specs[] = {{"-f", .value = &request.file}};
	int result = operands_parse(invocation, specs, 1, &words, error);

	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "diff takes no operand: -f names the file");
	return show(invocation, &request, error);
}
