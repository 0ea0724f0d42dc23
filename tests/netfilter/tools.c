// SPDX-License-Identifier: GPL-2.0-or-later
#include "netfilter/tools.h"

#include <err.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cleanup.h"

static char last_error[512];

const char *tools_error(void)
{
	return last_error;
}

void dump_clear(struct dump *dump)
{
	free(dump->text);
	*dump = (struct dump){};
}

static int open_memory(const char *text, size_t size)
{
	int memory = memfd_create("netfilter", 0);

	if (memory < 0 || (size && write(memory, text, size) != (ssize_t)size) ||
	    lseek(memory, 0, SEEK_SET))
		err(3, "cannot hold a tool's text");
	return memory;
}

/* Appends what is in the file to the dump, which stays a string. */
static void append(int memory, struct dump *dump)
{
	off_t size = lseek(memory, 0, SEEK_END);

	dump->text = realloc(dump->text, dump->size + (size_t)size + 1);
	if (!dump->text || pread(memory, dump->text + dump->size, (size_t)size, 0) != size)
		err(3, "cannot read a tool's answer");
	dump->size += (size_t)size;
	dump->text[dump->size] = '\0';
}

/* Runs it with the text as its input. True when it succeeds; what it writes goes to the dump. */
static bool run(char *const *arguments, const char *input, size_t size, struct dump *dump)
{
	extern char **environ;
	cleanup_fd int in = open_memory(input, size), out = open_memory("", 0);
	cleanup_fd int errors = open_memory("", 0);
	posix_spawn_file_actions_t actions;
	struct dump said = {};
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, errors, 2);
	if (posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ))
		errx(3, "cannot run %s", arguments[0]);
	posix_spawn_file_actions_destroy(&actions);
	if (waitpid(child, &status, 0) < 0)
		err(3, "cannot wait for %s", arguments[0]);
	if (dump)
		append(out, dump);
	append(errors, &said);
	if (status)
		snprintf(last_error, sizeof(last_error), "%s: %.400s", arguments[0], said.text);
	dump_clear(&said);
	return !status;
}

#define RUN(input, size, dump, ...) run((char *[]){__VA_ARGS__, NULL}, input, size, dump)

static const char *restore_name(enum tool tool, uint8_t family)
{
	if (tool == TOOL_LEGACY)
		return family == SG_FAMILY_IPV4 ? "iptables-legacy-restore"
						: "ip6tables-legacy-restore";
	return family == SG_FAMILY_IPV4 ? "iptables-nft-restore" : "ip6tables-nft-restore";
}

static const char *save_name(enum tool tool, uint8_t family)
{
	if (tool == TOOL_LEGACY)
		return family == SG_FAMILY_IPV4 ? "iptables-legacy-save" : "ip6tables-legacy-save";
	return family == SG_FAMILY_IPV4 ? "iptables-nft-save" : "ip6tables-nft-save";
}

static bool give(const char *tool, const struct rules_text *rules,
		 void (*write)(const struct rules_text *rules, FILE *stream))
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	bool result;

	if (!stream)
		err(3, "cannot hold the rules");
	write(rules, stream);
	fclose(stream);
	if (!strcmp(tool, "nft"))
		result = RUN(text, size, NULL, "nft", "-f", "-");
	else if (!strcmp(tool, "ipset"))
		result = RUN(text, size, NULL, "ipset", "-exist", "restore");
	else
		result = RUN(text, size, NULL, (char *)tool);
	return result;
}

/* What the rules before left: those of the other backend, and sets. */
static void forget(const struct rules_text *rules)
{
	static bool had_legacy[SG_FAMILY_COUNT], had_sets, had_nft;
	struct rules_text nothing = {.tool = TOOL_LEGACY};

	for (uint8_t family = SG_FAMILY_IPV4; family < SG_FAMILY_COUNT; family++) {
		nothing.family = family;
		if (had_legacy[family] &&
		    !give(restore_name(TOOL_LEGACY, family), &nothing, rules_text_write))
			errx(3, "%s", last_error);
		had_legacy[family] = false;
	}
	if (had_nft && !RUN("", 0, NULL, "nft", "flush", "ruleset"))
		errx(3, "%s", last_error);
	/* Emptied first, for a set of sets holds its members. */
	if (had_sets &&
	    (!RUN("", 0, NULL, "ipset", "flush") || !RUN("", 0, NULL, "ipset", "destroy")))
		errx(3, "%s", last_error);
	had_sets = rules_text_has_sets(rules);
	had_nft = rules->tool != TOOL_LEGACY;
	had_legacy[rules->family] = rules->tool == TOOL_LEGACY;
}

bool tools_load(const struct rules_text *rules)
{
	forget(rules);
	if (rules_text_has_sets(rules) && !give("ipset", rules, rules_text_write_sets))
		return false;
	if (rules->tool == TOOL_NFT)
		return give("nft", rules, rules_text_write);
	return give(restore_name(rules->tool, rules->family), rules, rules_text_write);
}

void tools_dump(const struct rules_text *rules, struct dump *dump)
{
	bool is_read;

	*dump = (struct dump){};
	is_read = !rules_text_has_sets(rules) || RUN("", 0, dump, "ipset", "save");
	if (!strcmp(tools_format(rules->tool), "nft")) {
		dump_clear(dump);
		is_read = RUN("", 0, dump, "nft", "-j", "list", "ruleset");
	} else {
		is_read = is_read &&
			  RUN("", 0, dump, (char *)save_name(rules->tool, rules->family));
	}
	if (!is_read)
		errx(3, "%s", last_error);
}
