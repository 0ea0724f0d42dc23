// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line: options that all commands share, the table of commands, and the one place where
 * an error is reported.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/progress_line.h"
#include "error.h"
#include "kernel/library.h"
#include "store/journal.h"
#include "store/lock.h"
#include "store/paths.h"
#include "text/escape.h"

static const struct command commands[] = {
	{"attach",
	 "DEV... [--mode native|generic|auto] [--monitor] [--confirm DURATION] [--replace] "
	 "[--capacity N] [--allow-empty] [--runtime]",
	 "guard devices, or swap the program of their guards", command_attach},
	{"detach", "DEV...|--all [--runtime]", "take guards off", command_detach},
	{"restore", "[--udev]", "guard what is remembered, as at boot", command_restore},
	{"mode", "enforce|monitor [DEV...] [--confirm DURATION] [--allow-empty] [--runtime]",
	 "drop, or count what would be dropped", command_mode},
	{"confirm", "", "keep what --confirm changed", command_confirm},
	{"ports", "[add|delete|set PROTO/PORT... | set default] [--allow-unguarded]",
	 "show or change the guarded ports", command_ports},
	{"allow",
	 "PREFIX...|- [for DURATION | until TIME] [label TEXT] [--runtime] [--allow-broad]",
	 "trust sources", command_allow},
	{"deny",
	 "PREFIX...|- [for DURATION | until TIME] [label TEXT] [--runtime] [--allow-empty] "
	 "[--drop-recent]",
	 "distrust sources inside an allowed prefix", command_deny},
	{"delete", "PREFIX... [--runtime] [--allow-broad] [--allow-empty] [--drop-recent]",
	 "remove entries", command_delete},
	{"import",
	 "plain|iptables-save|ipset|nft FILE|- [for DURATION | until TIME] [label TEXT] "
	 "[--replace] [--aggregate] [--dry-run] [--capacity N] [--allow-shrink] "
	 "[--allow-broad] [--allow-empty] [--drop-recent] [--local ADDRESS,...|host] | "
	 "registrations FILE|- "
	 "[--write LIST] [--force] [--received-contacts]",
	 "add or replace a whole list from a file", command_import},
	{"apply",
	 "[-f FILE] [--check] [--diff] [--confirm DURATION] [--allow-shrink] [--allow-broad] "
	 "[--allow-empty] [--allow-unguarded] [--drop-recent]",
	 "put the declared policy in force, or show what would change", command_apply},
	{"diff", "[-f FILE]", "how what is in force differs from the declared policy",
	 command_diff},
	{"export", "[DIRECTORY]", "write what is in force as files that apply reads",
	 command_export},
	{"rollback",
	 "[VERSION | --list] [--allow-shrink] [--allow-broad] [--allow-empty] [--allow-unguarded] "
	 "[--drop-recent]",
	 "go back to an earlier version of the policy", command_rollback},
	{"list", "[--unused DURATION] [--sort hits|expiry|prefix]", "show the entries",
	 command_list},
	{"check", "ADDRESS|NETWORK [port PROTO/PORT]",
	 "what a packet would get, and which entry decides", command_check},
	{"test", "--src ADDRESS [--dport N] [--proto udp|tcp|sctp|udplite] [--vlan N]",
	 "the same, asked of the real program with a real frame", command_test},
	{"learn",
	 "[DEV...] [for DURATION] [--write FILE|-] [--force] [--min-packets N] [--allowed-only]",
	 "who talks SIP to us: a list to review", command_learn},
	{"lint",
	 "FILE|DIRECTORY|-... [--format iptables-save|nft|ansible|shell|list|configuration] "
	 "[--ports PROTO/PORT,...] [--disable ID,...] [--former FILE|DIRECTORY] "
	 "[--local ADDRESS,...|host] [--sarif]",
	 "find insecure SIP rules in other tools' files, lists and declared policies",
	 command_lint},
	{"status", "", "show guards and policy", command_status},
	{"stats", "", "show counters", command_stats},
	{"drops",
	 "[--follow] [--count N] [for DURATION] [--device DEV]... [--reason REASON]... "
	 "[--from PREFIX]",
	 "what is dropped, who it was and what it wanted", command_drops},
	{"top", "[--batch] [--count N]", "a live view of drops and of who is behind them",
	 command_top},
	{"capture",
	 "-w FILE|- [--device DEV]... [--verdict VERDICT]... [--reason REASON]... [--from PREFIX] "
	 "[--bytes N] [--rate N] [--count N] [for DURATION]",
	 "write packets as the guards saw them, for Wireshark and tcpdump", command_capture},
	{"doctor", "[DEV]", "find what leads around the guards, and what mends it", command_doctor},
	{"metrics", "[--textfile FILE]",
	 "show what the exporter serves, for scripts and the node exporter", command_metrics},
	{"version", "", "show versions", command_version},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *stream)
{
	fputs("Usage: sipguard [--json] [--quiet] [--color=auto|always|never] COMMAND [...]\n\n",
	      stream);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(stream, "  %-9s %s\n", commands[i].name, commands[i].summary);
	fputs("\nsipguard help COMMAND shows how it is called; sipguard(8) tells the rest.\n",
	      stream);
}

static void print_command_help(const struct command *command)
{
	printf("Usage: sipguard %s %s\n\n%s: %s\n", command->name, command->synopsis, command->name,
	       command->summary);
}

static const struct command *find_command(const char *name)
{
	if (!strcmp(name, "del"))
		name = "delete";
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int report(const struct error *error)
{
	bool colour = takes_escapes(STDERR_FILENO) && !getenv("NO_COLOR");
	char text[sizeof(error->message) * 2];

	text_make_printable(text, sizeof(text), error->message);
	fprintf(stderr, "%serror:%s %s\n", colour ? "\033[31m" : "", colour ? "\033[0m" : "", text);
	text_make_printable(text, sizeof(text), error->hint);
	if (error->hint[0])
		fprintf(stderr, "%shint:%s %s\n", colour ? "\033[33m" : "", colour ? "\033[0m" : "",
			text);
	return error->status;
}

static int unknown_word(const char *what, const char *word)
{
	struct error error;
	char escaped[128];

	text_escape(escaped, sizeof(escaped), word, strlen(word));
	error_set(&error, EXIT_USAGE, EINVAL, "there is no %s %s", what, escaped);
	error_hint(&error, "sipguard help");
	return report(&error);
}

static bool read_colour(const char *value, bool *colour)
{
	if (!strcmp(value, "always"))
		*colour = true;
	else if (!strcmp(value, "never"))
		*colour = false;
	else if (!strcmp(value, "auto"))
		*colour = takes_escapes(STDOUT_FILENO) && !getenv("NO_COLOR");
	else
		return false;
	return true;
}

/* An option that stands before the command; false for one that there is not. */
static bool read_global_option(const char *word, struct invocation *invocation)
{
	if (!strcmp(word, "--json"))
		invocation->json = true;
	else if (!strcmp(word, "--quiet"))
		invocation->quiet = true;
	else if (!strncmp(word, "--color=", 8))
		return read_colour(word + 8, &invocation->colour);
	else
		return false;
	return true;
}

/* --json and the others are accepted behind the command too, up to "--". */
static void take_global_options(struct invocation *invocation)
{
	bool ended = false;
	int kept = 0;

	for (int i = 0; i < invocation->word_count; i++) {
		ended = ended || !strcmp(invocation->words[i], "--");
		if (ended || !read_global_option(invocation->words[i], invocation))
			invocation->words[kept++] = invocation->words[i];
	}
	invocation->word_count = kept;
}

static int help(const char *name)
{
	const struct command *command = name ? find_command(name) : NULL;

	if (name && !command)
		return unknown_word("command", name);
	if (command)
		print_command_help(command);
	else
		print_help(stdout);
	return EXIT_DONE;
}

static bool asks_for_help(const struct invocation *invocation)
{
	for (int i = 0; i < invocation->word_count; i++) {
		if (!strcmp(invocation->words[i], "--help"))
			return true;
	}
	return false;
}

/*
 * Who changes something holds the writers' lock, so this is the one place that tells the journal of
 * all changes. The journal adds the user and the login that it knows for certain.
 */
static void note_change(const struct invocation *invocation, int status)
{
	char command[512], message[640], number[16], user[16];
	const struct journal_field fields[] = {
		{"MESSAGE", message},
		{"PRIORITY", status > EXIT_NEGATIVE && status != EXIT_ABSENT ? "4" : "5"},
		{"SYSLOG_IDENTIFIER", "sipguard"},
		{"SIPGUARD_COMMAND", command},
		{"SIPGUARD_STATUS", number},
		{"SIPGUARD_UID", user},
		{"SIPGUARD_SUDO_USER", getenv("SUDO_USER")},
	};
	struct error ignored;

	if (!lock_was_held())
		return;
	invocation_describe(invocation, command, sizeof(command));
	snprintf(number, sizeof(number), "%d", status);
	snprintf(user, sizeof(user), "%u", getuid());
	snprintf(message, sizeof(message), "%s: exit status %d", command, status);
	journal_send(fields, sizeof(fields) / sizeof(fields[0]), &ignored);
}

static int run(struct invocation *invocation)
{
	struct progress_line line;
	struct error error = {};
	int status;

	take_global_options(invocation);
	if (asks_for_help(invocation)) {
		print_command_help(invocation->command);
		return EXIT_DONE;
	}
	progress_line_init(&line, invocation);
	invocation_begin(invocation, &line.progress);
	status = store_check_directories(&error);
	status = status ?: invocation->command->run(invocation, &error);
	note_change(invocation, status < 0 ? (int)error.status : status);
	if (status < 0)
		return report(&error);
	if (fflush(stdout) || ferror(stdout)) {
		error_system(&error, errno, "cannot print the answer");
		return report(&error);
	}
	return status;
}

int main(int argc, char **argv)
{
	struct invocation invocation = {};
	int at = 1;

	library_silence();
	read_colour("auto", &invocation.colour);

	while (at < argc && argv[at][0] == '-' && strcmp(argv[at], "--help") != 0 &&
	       strcmp(argv[at], "--version") != 0) {
		if (!read_global_option(argv[at], &invocation))
			return unknown_word("option", argv[at]);
		at++;
	}
	if (at == argc) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "help"))
		return help(at + 1 < argc ? argv[at + 1] : NULL);

	invocation.command = find_command(!strcmp(argv[at], "--version") ? "version" : argv[at]);
	if (!invocation.command)
		return unknown_word("command", argv[at]);
	invocation.words = argv + at + 1;
	invocation.word_count = argc - at - 1;
	return run(&invocation);
}
