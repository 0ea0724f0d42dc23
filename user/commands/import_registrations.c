// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/import_registrations.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/input.h"
#include "engine/standing.h"
#include "kernel/clock.h"
#include "kernel/policy.h"
#include "policy/names.h"
#include "registrations/review_list.h"
#include "store/replace_file.h"
#include "text/escape.h"

/* What the policy says of each address now. Without a policy in the kernel nothing is known. */
static int find_standings(const struct invocation *invocation, struct review_list *list,
			  struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy policy = POLICY_CLOSED;
	int result = policy_open(&policy, error);

	if (result == -ENOENT) {
		notice(invocation, "no device is guarded: the list does not say which addresses "
				   "are allowed already");
		return 0;
	}
	for (size_t i = 0; !result && i < list->count; i++) {
		struct registered_address *address = &list->addresses[i];

		standing_find(&policy, NULL, &address->source, &address->standing);
	}
	return result;
}

static json_t *string_or_null(const char *text)
{
	char escaped[4 * LABEL_SIZE];

	if (!text)
		return json_null();
	text_escape(escaped, sizeof(escaped), text, strlen(text));
	return json_string(escaped);
}

static json_t *registrations_json(const struct registered_address *address)
{
	json_t *array = json_array();

	for (size_t i = 0; i < address->count; i++) {
		const struct registration *registration = &address->registrations[i];

		json_array_append_new(array,
				      json_pack("{s:o, s:o, s:b}", "user",
						string_or_null(registration->user), "user_agent",
						string_or_null(registration->agent), "received",
						registration->received));
	}
	return array;
}

static json_t *address_json(const struct registered_address *address)
{
	char source[PREFIX_TEXT_SIZE];

	address_format(&address->source, source);
	return json_pack("{s:s, s:b, s:s, s:o}", "source", source, "received", address->received,
			 "reason", reason_name(address->standing.reason), "registrations",
			 registrations_json(address));
}

static int answer_json(const struct invocation *invocation, const struct review_list *list,
		       struct error *error)
{
	json_t *answer = answer_new(invocation), *addresses = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(addresses, address_json(&list->addresses[i]));
	json_object_update_new(answer,
			       json_pack("{s:s, s:I, s:o}", "server", list->server, "unusable",
					 (json_int_t)list->unusable, "addresses", addresses));
	return answer_print(answer, EXIT_DONE, error);
}

static int write_list(const struct registrations_request *request, const struct review_list *list,
		      struct error *error)
{
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (stream)
		review_list_write(stream, list, clock_now());
	if (!stream || fclose(stream))
		return error_system(error, ENOMEM, "cannot write %s", request->list);
	if (request->force)
		return replace_file(request->list, text, size, 0644, error);
	return create_file(request->list, text, size, 0644, error);
}

static int answer(const struct invocation *invocation, const struct registrations_request *request,
		  const struct review_list *list, struct error *error)
{
	int result = request->list ? write_list(request, list, error) : 0;

	if (result)
		return result;
	if (invocation->json)
		return answer_json(invocation, list, error);
	if (!request->list)
		review_list_write(stdout, list, clock_now());
	else if (!invocation->quiet)
		printf("%zu addresses, %zu of them entries of the list\n", list->count,
		       review_list_entries(list));
	return EXIT_DONE;
}

/* How fewer addresses could stand behind a #. */
static void advise(const struct invocation *invocation, const struct registrations_request *request,
		   const struct review_list *list)
{
	bool proposed = false;

	for (size_t i = 0; i < list->count; i++)
		proposed |= !list->addresses[i].received;
	if (!proposed)
		return;
	if (list->better)
		notice(invocation,
		       "a phone can forge lines of this text, so no address is an entry: use the "
		       "output of %s",
		       list->better);
	else if (!request->contacts_received)
		notice(invocation,
		       "addresses that a Contact alone names are no entries: --received-contacts "
		       "states that the server replaces each by the address it received from");
}

int import_registrations(const struct invocation *invocation,
			 const struct registrations_request *request, struct error *error)
{
	__attribute__((cleanup(registrations_clear))) struct registrations registrations = {};
	__attribute__((cleanup(review_list_clear))) struct review_list list = {};
	char name[INPUT_NAME_SIZE];
	cleanup_free char *text = NULL;
	size_t size;
	int result = 0;

	if (request->list)
		result = check_file_target(request->list, request->force, error);
	if (result == -EEXIST)
		error_hint(error, "another name, or --force, which replaces it");
	input_name(request->file, name);
	result = result ?: input_read(request->file, &text, &size, error);
	result = result ?: registrations_read(name, text, size, &registrations, error);
	result = result
			 ?: review_list_make(&registrations, request->contacts_received, &list,
					     error);
	result = result ?: find_standings(invocation, &list, error);
	result = result ?: answer(invocation, request, &list, error);
	if (result == EXIT_DONE)
		advise(invocation, request, &list);
	return result;
}
