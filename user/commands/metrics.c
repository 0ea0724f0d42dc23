// SPDX-License-Identifier: GPL-2.0-or-later
/* metrics: what the exporter serves, on standard output or in a file for the node exporter */
#include <errno.h>
#include <stdlib.h>

#include "cleanup.h"
#include "commands/command.h"
#include "exporter/collect.h"
#include "metrics/json.h"
#include "store/replace_file.h"

static int write_textfile(const char *path, const struct snapshot *snapshot, struct error *error)
{
	const struct build build = collect_build();
	cleanup_free char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return error_system(error, ENOMEM, "cannot write %s", path);
	families_write(stream, EXPOSITION_TEXT, snapshot, &build);
	if (fclose(stream))
		return error_system(error, ENOMEM, "cannot write %s", path);
	return replace_file(path, text, size, 0644, error);
}

static int print_json(const struct invocation *invocation, const struct snapshot *snapshot,
		      struct error *error)
{
	json_t *answer = answer_new(invocation), *read = snapshot_json(snapshot);

	json_object_update(answer, read);
	json_decref(read);
	return answer_print(answer, EXIT_DONE, error);
}

static int tell(const struct invocation *invocation, const char *textfile,
		const struct snapshot *snapshot, struct error *error)
{
	const struct build build = collect_build();
	int result = 0;

	if (textfile)
		result = write_textfile(textfile, snapshot, error);
	if (!result && invocation->json)
		result = print_json(invocation, snapshot, error);
	else if (!textfile)
		families_write(stdout, EXPOSITION_TEXT, snapshot, &build);
	return result;
}

/* What can be read is told in any case; then the exit status says that it was not all. */
int command_metrics(const struct invocation *invocation, struct error *error)
{
	__attribute__((cleanup(operands_clear))) struct operands words = {};
	__attribute__((cleanup(snapshot_clear))) struct snapshot snapshot = {};
	const struct error *problem;
	const char *textfile = NULL;
	const struct option_spec specs[] = {{"--textfile", .value = &textfile}};
	int result;

	result = operands_parse(invocation, specs, 1, &words, error);
	if (result)
		return result;
	if (words.count)
		return usage_error(invocation, error, "metrics takes no operand");
	collect(&snapshot);
	result = tell(invocation, textfile, &snapshot, error);
	problem = snapshot_problem(&snapshot);
	if (!result && problem) {
		*error = *problem;
		result = -EIO;
	}
	return result;
}
