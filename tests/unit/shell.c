// SPDX-License-Identifier: GPL-2.0-or-later
#include "rules/formats/shell.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Commands as text: words with | between, those with something unknown in them with a ?, and a
 * leading ~ for a command that may not run.
 */
static int write_command(void *context, const struct shell_command *command)
{
	FILE *stream = context;

	fputs(command->uncertain ? "~" : "", stream);
	for (size_t i = 0; i < command->count; i++)
		fprintf(stream, "%s%s%s", i ? "|" : "", command->words[i],
			command->unknown[i] ? "?" : "");
	fputc('\n', stream);
	if (!strcmp(command->words[0], "add"))
		return SHELL_SUCCEEDS;
	return !strcmp(command->words[0], "has") ? SHELL_IS_A_CHECK : SHELL_UNKNOWN;
}

static char *commands_of(const char *script, int *result)
{
	char *text = NULL;
	size_t size;
	struct error error;
	FILE *stream = open_memstream(&text, &size);

	*result = shell_read(script, strlen(script), write_command, stream, &error);
	fclose(stream);
	return text;
}

static void check(const char *script, const char *commands)
{
	int result;
	char *text = commands_of(script, &result);

	cr_expect_eq(result, 0, "%s", script);
	cr_expect_str_eq(text, commands, "%s", script);
	free(text);
}

Test(shell, words_quotes_and_continuations)
{
	check("add -A INPUT \\\n  -j ACCEPT", "add|-A|INPUT|-j|ACCEPT\n");
	check("add 'a b' \"c; d && e\" f\\ g", "add|a b|c; d && e|f g\n");
	check("add one # two\nadd three", "add|one\nadd|three\n");
	check("add a;add b&\nadd c", "add|a\nadd|b\nadd|c\n");
	check("add \"a\\\\b\\\"c\\d\" '' x\"\"y", "add|a\\b\"c\\d||xy\n");
	check("add a >/dev/null 2>&1 </dev/null", "add|a\n");
}

Test(shell, here_documents_are_no_commands)
{
	check("cat <<EOF >x\nadd a\nEOF\nadd b", "cat\nadd|b\n");
	check("cat <<-'E F'\n\tadd a\n\tE F\nadd b", "cat\nadd|b\n");
	check("cat <<<\"add a\"\nadd b", "cat\nadd|b\n");
}

Test(shell, variables_that_are_constant_and_those_that_are_not)
{
	check("P=5060\nadd $P ${P}1 \"$P\" '$P'", "add|5060|50601|5060|$P\n");
	check("O='-p udp'; add $O \"$O\"", "add|-p|udp|-p udp\n");
	check("A='a b'; B=$A; add \"$B\"", "add|a b\n");
	check("add $1 ${X:-y} $(cat list) `date` $X",
	      "add|$1?|${X:-y}?|$(cat list)?|`date`?|$X?\n");
	check("X=$(cat list)\nadd $X", "add|$X?\n");
	check("X=a\nread X\nadd $X", "add|$X?\n");
	check("add {{ trunk }} '{{ trunk }}'", "add|{{ trunk }}?|{{ trunk }}\n");
	check("add 10.0.0.{1..3}", "add|10.0.0.{1..3}?\n");
}

Test(shell, what_may_not_run_is_uncertain)
{
	check("if test; then add a; elif b; then add c; else add d; fi; add e",
	      "test\n~add|a\n~b\n~add|c\n~add|d\nadd|e\n");
	check("while read L; do add $L; done <list; add b", "~add|$L?\nadd|b\n");
	check("case $1 in start|begin) add a ;; (stop) add b; esac; add c",
	      "~add|a\n~add|b\nadd|c\n");
	check("f() { add a; }\nadd b\nf", "~add|a\nadd|b\nf\n");
	check("if x; then P=1; fi; add $P", "x\nadd|$P?\n");
}

Test(shell, chains)
{
	check("add a && add b && add c", "add|a\nadd|b\nadd|c\n");
	check("test && add b; add c", "test\n~add|b\nadd|c\n");
	check("has a || add a; add c", "has|a\nadd|a\nadd|c\n");
	check("add a || exit 1; add c", "add|a\n~exit|1\nadd|c\n");
	check("{ add a; add b; } && (add c)", "add|a\nadd|b\n~add|c\n");
	check("! test || add a", "test\n~add|a\n");
	check("exit 0\nadd a", "exit|0\n");
}

Test(shell, loops_over_words)
{
	check("for p in udp tcp; do for n in 1 2; do add $p $n; done; done",
	      "add|udp|1\nadd|udp|2\nadd|tcp|1\nadd|tcp|2\n");
	check("for x in; do add a; done; add b", "add|b\n");
	check("for x in a $Y; do add $x; done", "~add|$x?\n");
	check("for x; do add $x; done", "~add|$x?\n");
	check("L='a b'\nfor x in $L\ndo\nadd $x\ndone", "add|a\nadd|b\n");
}

Test(shell, what_no_shell_reads_is_an_error)
{
	static const char *const scripts[] = {"add 'a",	 "if x; then add a", "for x in a; do b",
					      "add `a",	 "case x in a) b",   "add $(a",
					      "fi; add", "for; do a; done"};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		int result;

		free(commands_of(scripts[i], &result));
		cr_expect_lt(result, 0, "%s", scripts[i]);
	}
}

Test(shell, loops_that_multiply_are_bounded)
{
	static const char script[] =
		"for a in 1 2 3 4 5 6 7 8 9 0; do for b in 1 2 3 4 5 6 7 8 9 0; do "
		"for c in 1 2 3 4 5 6 7 8 9 0; do for d in 1 2 3 4 5 6 7 8 9 0; do "
		"for e in 1 2 3 4 5 6 7 8 9 0; do for f in 1 2 3 4 5 6 7 8 9 0; do "
		"x; done; done; done; done; done; done";
	int result;

	free(commands_of(script, &result));
	cr_expect_eq(result, -E2BIG);
}
