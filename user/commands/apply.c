// SPDX-License-Identifier: GPL-2.0-or-later
/* apply and diff: from the declared policy to what is in force */
#include <errno.h>
#include <string.h>

#include "cleanup.h"
#include "commands/callers.h"
#include "commands/change.h"
#include "commands/command.h"
#include "commands/guarding.h"
#include "commands/input.h"
#include "commands/modes.h"
#include "commands/plan.h"
#include "commands/progress_line.h"
#include "commands/safety.h"
#include "kernel/clock.h"
#include "policy/device_mode.h"
#include "policy/ports.h"
#include "store/last_apply.h"
#include "store/lock.h"

struct request {
	const char *file;
	bool check;
	bool diff;
	const char *confirm_word;
	int64_t confirm; /* seconds; 0: nothing is to be confirmed */
	bool allow_broad;
	bool allow_shrink;
	bool allow_empty;
	bool drop_recent;
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

static int load(const struct request *request, struct declared_policy *declared,
		struct error *error)
{
	return request->file && is_list(request->file)
		       ? load_list(request->file, declared, error)
		       : declared_load(request->file, declared, error);
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
	if (!result && !request->drop_recent)
		result = refuse_to_drop_callers(&apply->policy, &plan->new, &plan->edits,
						apply->declared.config.protect_recent, error);
	return result;
}

/* What goes back by itself is entries and modes, and a new guard that monitors instead. */
static int refuse_what_stays(const struct request *request, const struct plan *plan,
			     struct error *error)
{
	if (!request->confirm || !plan->guards.count ||
	    ports_equal(&plan->old.ports, &plan->new.ports))
		return 0;
	error_set(error, EXIT_USAGE, ENOTSUP,
		  "the guarded ports differ, and a change of ports does not go back by itself");
	error_hint(error, "sipguard ports set changes them first; or apply without --confirm");
	return -ENOTSUP;
}

static int refuse(const struct request *request, const struct apply *apply, struct error *error)
{
	int result = 0;

	if (apply->policy.settings >= 0)
		result = policy_refuse_trial(&apply->policy, error);
	result = result ?: refuse_what_is_unsafe(request, apply, error);
	return result ?: refuse_what_stays(request, &apply->plan, error);
}

static int change_entries(const struct invocation *invocation, const struct request *request,
			  struct apply *apply, struct error *error)
{
	__attribute__((cleanup(progress_line_clear))) struct progress_line line;
	struct change_options options = {.progress = &line.progress, .goes_on = true};
	struct plan *plan = &apply->plan;

	progress_line_init(&line, invocation);
	/* What the entries are to be again is what they are: there is nothing to go back from. */
	if (plan->different)
		options.confirm = request->confirm;
	return change_apply(invocation, &apply->policy, &plan->old, &plan->new, &plan->edits,
			    &options, error);
}

static int attach_declared(const struct invocation *invocation, const struct request *request,
			   struct apply *apply, json_t *attached, struct error *error)
{
	const struct config *config = &apply->declared.config;
	struct plan *plan = &apply->plan;
	struct guarding guarding = {
		.policy = &apply->policy,
		.state = &plan->new,
		.devices = plan->attach,
		.count = (int)plan->attach_count,
		.request =
			{
				.mode_given = config_declares(config, CONFIG_ATTACH),
				.mode = config->attach,
				.monitor = plan->mode == SG_MODE_MONITOR,
				.confirm = plan->mode == SG_MODE_MONITOR ? 0 : request->confirm,
			},
	};

	return plan->attach_count ? guarding_attach(invocation, &guarding, attached, error) : 0;
}

static int set_modes(const struct request *request, const struct plan *plan, struct error *error)
{
	return modes_set(plan->switched, plan->switched_count, plan->mode, request->confirm, error);
}

/* As far as it goes: the first error is the one that counts. */
static void take_entries_back(const struct invocation *invocation, const struct request *request,
			      struct apply *apply)
{
	const struct change_options options = {.goes_on = true};
	struct plan *plan = &apply->plan;
	struct error ignored;

	if (request->confirm && plan->different)
		change_give_up(&apply->policy, &ignored);
	else
		change_apply(invocation, &apply->policy, &plan->new, &plan->old, &plan->edits,
			     &options, &ignored);
}

/*
 * No guard drops before the entries are there, and none still drops when they are gone: so at every
 * moment a packet gets what it got before or what it gets afterwards.
 */
static int change_modes_and_entries(const struct invocation *invocation,
				    const struct request *request, struct apply *apply,
				    struct error *error)
{
	struct plan *plan = &apply->plan;
	bool monitors = plan->mode == SG_MODE_MONITOR;
	struct error ignored;
	int result = monitors ? set_modes(request, plan, error) : 0;

	if (result)
		return result;
	result = change_entries(invocation, request, apply, error);
	if (result && monitors)
		modes_set(plan->switched, plan->switched_count, !plan->mode, 0, &ignored);
	if (result || monitors)
		return result;
	result = set_modes(request, plan, error);
	if (result)
		take_entries_back(invocation, request, apply);
	return result;
}

static void take_back(const struct invocation *invocation, const struct request *request,
		      struct apply *apply)
{
	struct plan *plan = &apply->plan;
	bool monitors = plan->mode == SG_MODE_MONITOR;
	struct error ignored;

	if (!monitors)
		modes_set(plan->switched, plan->switched_count, !plan->mode, 0, &ignored);
	take_entries_back(invocation, request, apply);
	if (monitors)
		modes_set(plan->switched, plan->switched_count, !plan->mode, 0, &ignored);
}

/* New guards come last, when there is what they ask. */
static int carry_out(const struct invocation *invocation, const struct request *request,
		     struct apply *apply, json_t *attached, struct error *error)
{
	int result = change_modes_and_entries(invocation, request, apply, error);

	if (result)
		return result;
	result = attach_declared(invocation, request, apply, attached, error);
	if (result)
		take_back(invocation, request, apply);
	else
		change_keep_version(invocation);
	return result;
}

static bool waits_for_confirmation(const struct request *request, const struct plan *plan)
{
	bool enforces = plan->attach_count && plan->mode == SG_MODE_ENFORCE;

	return request->confirm &&
	       ((plan->different && plan->guards.count) || plan->switched_count || enforces);
}

static json_t *refusal_json(const struct error *refusal)
{
	if (!refusal)
		return json_null();
	return json_pack("{s:s, s:s, s:i}", "message", refusal->message, "hint", refusal->hint,
			 "status", refusal->status);
}

static void tell(const struct invocation *invocation, const struct request *request,
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
static int answer_check(const struct invocation *invocation, const struct request *request,
			const struct apply *apply, const struct error *refusal, struct error *error)
{
	json_t *object = invocation->json ? answer_new(invocation) : NULL;
	int status = plan_is_empty(&apply->plan) ? EXIT_DONE : EXIT_NEGATIVE;

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

static int answer(const struct invocation *invocation, const struct request *request,
		  const struct apply *apply, json_t *object, struct error *error)
{
	bool waits = waits_for_confirmation(request, &apply->plan);

	tell(invocation, request, apply, object);
	if (waits)
		notice(invocation, "this lasts for %s: sipguard confirm makes it stay",
		       request->confirm_word);
	if (!object)
		return EXIT_DONE;
	json_object_set_new(object, "check", json_false());
	json_object_set_new(object, "waits_for_confirmation", json_boolean(waits));
	return answer_print(object, EXIT_DONE, error);
}

/* Reads only, and so needs no lock. */
static int show(const struct invocation *invocation, const struct request *request,
		struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	struct error refusal;
	int result = load(request, &apply.declared, error);

	result = result ?: state_load(&apply.plan.old, error);
	if (result)
		return result;
	result = policy_open(&apply.policy, error);
	if (result && result != -ENOENT)
		return result;
	result = plan_make(&apply.declared, &apply.policy, &apply.plan, error);
	if (result)
		return result;
	return answer_check(invocation, request, &apply,
			    refuse(request, &apply, &refusal) ? &refusal : NULL, error);
}

static int change(const struct invocation *invocation, const struct request *request,
		  struct error *error)
{
	__attribute__((cleanup(apply_clear))) struct apply apply = {.policy = POLICY_CLOSED};
	json_t *object = NULL, *attached = NULL;
	int result = load(request, &apply.declared, error);

	result = result ?: guarding_open(invocation, &apply.policy, &apply.plan.old, error);
	result = result ?: plan_make(&apply.declared, &apply.policy, &apply.plan, error);
	result = result ?: refuse(request, &apply, error);
	if (result)
		return result;
	if (invocation->json) {
		object = answer_new(invocation);
		attached = json_array();
		json_object_set_new(object, "devices", attached);
	}
	result = carry_out(invocation, request, &apply, attached, error);
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
		{"--confirm", .value = &request.confirm_word},
		{"--allow-broad", .flag = &request.allow_broad},
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
	struct request request = {.check = true, .diff = true};
	const struct option_spec specs[] = {{"-f", .value = &request.file}};
	int result = operands_parse(invocation, specs, 1, &words, error);

	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "diff takes no operand: -f names the file");
	return show(invocation, &request, error);
}
