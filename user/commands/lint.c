// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lint: insecure and ineffective rules about SIP, in other tools' files, in our own lists and in a
 * whole declared policy
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cleanup.h"
#include "commands/command.h"
#include "commands/input.h"
#include "commands/lint_paths.h"
#include "commands/locals.h"
#include "kernel/clock.h"
#include "policy/list_file.h"
#include "rules/lint/lint.h"
#include "store/declared.h"
#include "text/escape.h"
#include "version.h"

#define TEXT_SIZE 400

struct file {
	const char *name;	     /* as SARIF has it: the path, which is that of `paths` */
	char shown[INPUT_NAME_SIZE]; /* for people */
	char *text;
	struct lint_document document;
};

/* What was asked for, what was read, and what was found in it. */
struct lint {
	const char *format;
	const char *disabled;
	const char *port_words;
	const char *former_path;
	const char *local_words;
	struct locals locals; /* addresses of the host with the rules */
	bool sarif;
	struct lint_paths paths;
	struct file *files; /* those that could be read */
	size_t file_count;
	struct error failure; /* of the first one that could not; empty message: there is none */
	struct entry_list former;
	struct lint_question question;
	struct findings findings;
	const char **names; /* of each finding's file */
	bool is_disabled[LINT_ID_COUNT];
};

static void lint_clear(struct lint *lint)
{
	for (size_t i = 0; i < lint->file_count; i++) {
		lint_document_clear(&lint->files[i].document);
		free(lint->files[i].text);
	}
	free(lint->files);
	lint_paths_clear(&lint->paths);
	locals_clear(&lint->locals);
	entry_list_clear(&lint->former);
	free(lint->names);
	lint_findings_clear(&lint->findings);
}

/* Calls `read` for each part of a list with commas, which is changed. */
static int for_each_part(struct lint *lint, const char *list, struct error *error,
			 int (*read)(struct lint *lint, const char *part, void *to,
				     struct error *error),
			 void *to)
{
	cleanup_free char *copy = strdup(list);
	char *rest = copy, *part;
	int result = copy ? 0 : error_system(error, ENOMEM, "cannot read the command line");

	while (!result && (part = strsep(&rest, ",")))
		result = read(lint, part, to, error);
	return result;
}

static int read_disabled(struct lint *lint, const char *word, void *to, struct error *error)
{
	enum lint_id id = lint_find_check(word);
	char escaped[64];

	(void)to;
	if (id < LINT_ID_COUNT) {
		lint->is_disabled[id] = true;
		return 0;
	}
	text_escape(escaped, sizeof(escaped), word, strlen(word));
	error_set(error, EXIT_USAGE, EINVAL, "there is no finding %s", escaped);
	error_hint(error, "%s to %s, several with commas between", lint_checks[0].id,
		   lint_checks[LINT_ID_COUNT - 1].id);
	return -EINVAL;
}

static int read_port(struct lint *lint, const char *word, void *to, struct error *error)
{
	struct port port;
	int result = port_parse(word, &port, error);

	(void)lint;
	if (!result)
		ports_add(to, &port);
	return result;
}

static int read_options(struct lint *lint, struct error *error)
{
	struct sg_ports ports = {};
	int result = 0;

	if (lint->disabled)
		result = for_each_part(lint, lint->disabled, error, read_disabled, NULL);
	if (!result && lint->port_words)
		result = for_each_part(lint, lint->port_words, error, read_port, &ports);
	result = result
			 ?: lint_question_init(&lint->question, lint->port_words ? &ports : NULL,
					       error);
	lint->question.now = clock_now();
	if (!result && lint->local_words)
		result = locals_parse(lint->local_words, &lint->locals, error);
	lint->question.locals = lint->locals.addresses;
	lint->question.local_count = lint->locals.count;
	return result;
}

static int read_format(const struct lint *lint, const char *text, size_t size,
		       struct lint_input *input, struct error *error)
{
	char escaped[64];

	input->text = text;
	input->size = size;
	input->format = lint->format ? lint_find_format(lint->format)
				     : lint_guess_format(input->name, text, size);
	if (input->format < LINT_FORMAT_COUNT)
		return 0;
	text_escape(escaped, sizeof(escaped), lint->format, strlen(lint->format));
	error_set(error, EXIT_USAGE, EINVAL, "there is no format %s", escaped);
	error_hint(error, "one of: iptables-save, nft, ansible, shell, list, configuration");
	return -EINVAL;
}

static int read_file(struct lint *lint, const struct lint_path *path, struct error *error)
{
	struct file *file = &lint->files[lint->file_count];
	struct lint_input input = {.name = file->shown, .policy = path->policy};
	size_t size;
	int result;

	input_name(path->path, file->shown);
	file->name = strcmp(path->path, "-") ? path->path : file->shown;
	result = input_read(path->path, &file->text, &size, error);
	if (result)
		return result;
	result = read_format(lint, file->text, size, &input, error);
	result = result ?: lint_read(&input, &file->document, error);
	if (!result)
		lint->file_count++;
	else
		free(file->text);
	return result;
}

/*
 * All are read before any is judged: what one forgets can stand in another. A file that cannot be
 * read hides the findings of no other.
 */
static int read_files(const struct invocation *invocation, struct lint *lint, struct error *error)
{
	lint->files = calloc(lint->paths.count + 1, sizeof(*lint->files));
	if (!lint->files)
		return error_system(error, ENOMEM, "cannot hold the files");
	for (size_t i = 0; i < lint->paths.count; i++) {
		if (!read_file(lint, &lint->paths.paths[i], error))
			continue;
		if (lint->failure.message[0]) {
			notice(invocation, "error: %s", error->message);
			if (error->hint[0])
				notice(invocation, "hint: %s", error->hint);
		} else {
			lint->failure = *error;
		}
	}
	for (size_t i = 0; i < lint->file_count; i++)
		lint->question.families |= lint->files[i].document.families;
	/* A script tells findings from a file that could not be judged, whatever the cause. */
	lint->failure.status = EXIT_USAGE;
	return 0;
}

/* What the lists said before: a list, or the directory or configuration of a policy. */
static int read_former(struct lint *lint, struct error *error)
{
	__attribute__((cleanup(declared_clear))) struct declared_policy former = {};
	cleanup_free char *text = NULL;
	char name[INPUT_NAME_SIZE];
	size_t size;
	int result;

	if (!lint->former_path)
		return 0;
	lint->question.former = &lint->former;
	if (lint_path_is_policy(lint->former_path)) {
		result = declared_load(lint->former_path, &former, error);
		return result ?: entry_list_copy(&former.entries, &lint->former, error);
	}
	input_name(lint->former_path, name);
	result = input_read(lint->former_path, &text, &size, error);
	return result ?: list_file_parse(name, text, size, &lint->former, error);
}

static void drop_disabled(struct lint *lint)
{
	struct finding *all = lint->findings.findings;
	size_t kept = 0;

	for (size_t i = 0; i < lint->findings.count; i++) {
		if (lint->is_disabled[all[i].id])
			free(all[i].message);
		else
			all[kept++] = all[i];
	}
	lint->findings.count = kept;
}

static int judge_together(struct lint *lint, struct error *error)
{
	cleanup_free const struct lint_document **documents = calloc(lint->file_count + 1,
								     sizeof(void *));

	if (!documents)
		return error_system(error, ENOMEM, "cannot hold the findings");
	for (size_t i = 0; i < lint->file_count; i++)
		documents[i] = &lint->files[i].document;
	return lint_together(documents, lint->file_count, &lint->question, &lint->findings, error);
}

static int judge(struct lint *lint, struct error *error)
{
	int result = 0;

	for (size_t i = 0; !result && i < lint->file_count; i++)
		result = lint_document(&lint->files[i].document, &lint->question, i,
				       &lint->findings, error);
	result = result ?: judge_together(lint, error);
	if (result)
		return result;
	drop_disabled(lint);
	lint_findings_sort(&lint->findings);
	lint->names = calloc(lint->findings.count + 1, sizeof(*lint->names));
	if (!lint->names)
		return error_system(error, ENOMEM, "cannot hold the findings");
	for (size_t i = 0; i < lint->findings.count; i++)
		lint->names[i] = lint->files[lint->findings.findings[i].document].name;
	return 0;
}

/* "file:12:1: ", and of what has a name "file: inet filter input handle 4: " */
static void print_place(const char *name, const struct place *place)
{
	char text[TEXT_SIZE];

	if (*place->name) {
		text_escape(text, sizeof(text), place->name, strlen(place->name));
		printf("%s: %s: ", name, text);
	} else {
		printf("%s:%zu:%zu: ", name, place->line, place_character_column(place));
	}
}

static void print_text(const struct invocation *invocation, const struct lint *lint)
{
	static const char *const colours[] = {
		[LINT_NOTE] = "36",
		[LINT_WARNING] = "33",
		[LINT_ERROR] = "31",
	};

	for (size_t i = 0; i < lint->findings.count; i++) {
		const struct finding *finding = &lint->findings.findings[i];
		const struct lint_check *check = &lint_checks[finding->id];
		char name[TEXT_SIZE], text[TEXT_SIZE], message[TEXT_SIZE];
		const char *severity = lint_severity_name(check->severity);

		text_escape(name, sizeof(name), lint->names[i], strlen(lint->names[i]));
		text_escape(text, sizeof(text), finding->place.text, finding->place.length);
		text_escape(message, sizeof(message), finding->message, strlen(finding->message));
		print_place(name, &finding->place);
		if (invocation->colour)
			printf("\033[%sm%s\033[0m", colours[check->severity], severity);
		else
			fputs(severity, stdout);
		printf(": %s [%s]\n", message, check->id);
		if (*text)
			printf("    %s\n", text);
		printf("    %s\n", check->help);
	}
	if (!invocation->quiet)
		printf("findings: %zu\n", lint->findings.count);
}

static json_t *finding_object(const struct finding *finding, const char *name)
{
	const struct lint_check *check = &lint_checks[finding->id];
	char file[TEXT_SIZE], text[TEXT_SIZE], message[TEXT_SIZE], place[TEXT_SIZE];
	json_t *object;

	text_escape(file, sizeof(file), name, strlen(name));
	text_escape(text, sizeof(text), finding->place.text, finding->place.length);
	text_escape(message, sizeof(message), finding->message, strlen(finding->message));
	text_escape(place, sizeof(place), finding->place.name, strlen(finding->place.name));
	object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s}", "id", check->id, "name",
			   check->name, "severity", lint_severity_name(check->severity), "file",
			   file, "line", (json_int_t)finding->place.line, "column",
			   (json_int_t)place_character_column(&finding->place), "text", text,
			   "message", message, "help", check->help);
	if (*place)
		json_object_set_new(object, "place", json_string(place));
	return object;
}

static int print_json(const struct invocation *invocation, const struct lint *lint, int status,
		      struct error *error)
{
	json_t *answer = answer_new(invocation), *files = json_array(), *findings = json_array();

	for (size_t i = 0; i < lint->file_count; i++) {
		char name[TEXT_SIZE];

		text_escape(name, sizeof(name), lint->files[i].name, strlen(lint->files[i].name));
		json_array_append_new(
			files, json_pack("{s:s, s:s}", "file", name, "format",
					 lint_format_name(lint->files[i].document.input.format)));
	}
	for (size_t i = 0; i < lint->findings.count; i++)
		json_array_append_new(findings,
				      finding_object(&lint->findings.findings[i], lint->names[i]));
	json_object_set_new(answer, "files", files);
	json_object_set_new(answer, "findings", findings);
	return answer_print(answer, status, error);
}

static int answer(const struct invocation *invocation, const struct lint *lint, struct error *error)
{
	int status = lint->findings.count ? EXIT_NEGATIVE : EXIT_DONE;

	if (lint->sarif)
		return answer_print(lint_sarif(&lint->findings, lint->names, SIPGUARD_VERSION),
				    status, error);
	if (invocation->json)
		return print_json(invocation, lint, status, error);
	print_text(invocation, lint);
	return status;
}

int command_lint(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(lint_clear))) struct lint lint = {};
	const struct option_spec specs[] = {
		{"--format", .value = &lint.format},	 {"--disable", .value = &lint.disabled},
		{"--ports", .value = &lint.port_words},	 {"--former", .value = &lint.former_path},
		{"--local", .value = &lint.local_words}, {"--sarif", .flag = &lint.sarif},
	};
	int result;

	result = operands_parse(invocation, specs, sizeof(specs) / sizeof(specs[0]), &words, error);
	if (!result && !words.count)
		result = usage_error(invocation, error, "which files or directories?");
	result = result ?: read_options(&lint, error);
	result = result ?: read_former(&lint, error);
	result = result ?: lint_paths_expand(&words, &lint.paths, error);
	result = result ?: read_files(invocation, &lint, error);
	result = result ?: judge(&lint, error);
	if (result)
		return result;
	/* Without a file that could be read there is nothing to answer. */
	result = lint.file_count || !lint.failure.message[0] ? answer(invocation, &lint, error)
							     : EXIT_DONE;
	if (result < 0 || !lint.failure.message[0])
		return result;
	*error = lint.failure;
	return -EINVAL;
}
