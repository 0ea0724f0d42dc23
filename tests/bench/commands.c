// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "cleanup.h"
#include "lane.h"
#include "loaders.h"
#include "stopwatch.h"
#include "tools.h"
#include "traffic.h"
#include "world.h"

#define PLAIN_PATH WORLD_DIRECTORY "/plain"
#define IPSET_PATH WORLD_DIRECTORY "/ipset"
#define NFT_PATH   WORLD_DIRECTORY "/nft"

/* A million entries keep nft busy for seconds. */
#define LOAD_ROUNDS_MAX 3

/* Single commands take so little time that they vary more. */
#define ALLOWS_A_ROUND 3

/* So many arguments fit into one call. */
#define ARGUMENTS_MAX 10000

/* The kernel goes on freeing a million entries for a second or two after a command has ended. */
#define SETTLE_SECONDS_AN_ENTRY 2e-6

static char sipguard[PATH_MAX];

static int guard(const char *const arguments[], struct error *error)
{
	const char *all[8] = {sipguard, "--quiet"};

	for (size_t i = 0; arguments[i] && i < 5; i++)
		all[i + 2] = arguments[i];
	return run_tool(all, error);
}

static int measure(struct command *command, const char *const arguments[], struct error *error)
{
	double started = stopwatch();
	int result = run_tool(arguments, error);

	if (!result)
		series_add(&command->seconds, stopwatch() - started);
	return result;
}

static void settle(const struct command *command)
{
	sleep_seconds((double)command->entries * SETTLE_SECONDS_AN_ENTRY);
}

/* No guard, and nothing that commands before have kept. */
static int start_anew(struct error *error)
{
	return run_tool((const char *const[]){"rm", "-rf", getenv("SIPGUARD_STATE_DIR"),
					      getenv("SIPGUARD_RUN_DIR"), NULL},
			error);
}

static int attach(struct error *error)
{
	return guard((const char *const[]){"attach", RECEIVER, NULL}, error);
}

static int detach(struct error *error)
{
	return guard((const char *const[]){"detach", RECEIVER, NULL}, error);
}

static int measure_import(struct command *command, struct error *error)
{
	int result = start_anew(error);

	result = result ?: guard((const char *const[]){"allow", "192.0.2.7", NULL}, error);
	result = result ?: attach(error);
	result = result
			 ?: measure(command,
				    (const char *const[]){sipguard, "--quiet", "import", "plain",
							  PLAIN_PATH, NULL},
				    error);
	result = result ?: detach(error);
	settle(command);
	return result;
}

/* One that cannot do it is left out. */
static int measure_rival(struct command *command, const char *const load[],
			 const char *const unload[], struct error *error)
{
	int result;

	if (command->left_out[0])
		return 0;
	if (measure(command, load, error)) {
		snprintf(command->left_out, sizeof(command->left_out), "%.255s", error->message);
		return 0;
	}
	result = run_tool(unload, error);
	settle(command);
	return result;
}

static int measure_rivals(struct command *commands, struct error *error)
{
	static const char *const ipset[] = {"ipset", "restore", "-file", IPSET_PATH, NULL};
	static const char *const no_ipset[] = {"ipset", "destroy", NULL};
	static const char *const nft[] = {"nft", "-f", NFT_PATH, NULL};
	static const char *const no_nft[] = {"nft", "flush", "ruleset", NULL};
	int result = measure_rival(&commands[COMMAND_IPSET_RESTORE], ipset, no_ipset, error);

	return result ?: measure_rival(&commands[COMMAND_NFT], nft, no_nft, error);
}

/* In no order, as lists come: a sorted one would be kind to every cache. */
static int write_files(const struct allowlist *list, struct error *error)
{
	__attribute__((cleanup(entry_list_clear))) struct entry_list shuffled = {};
	__u64 state = list->entries.count;
	int result = entry_list_copy(&list->entries, &shuffled, error);

	for (size_t left = shuffled.count; left > 1; left--) {
		size_t drawn = (size_t)((__u64)lcg_next(&state) * left >> 32);
		struct entry entry = shuffled.entries[left - 1];

		shuffled.entries[left - 1] = shuffled.entries[drawn];
		shuffled.entries[drawn] = entry;
	}
	result = result ?: write_list(PLAIN_PATH, write_plain, &shuffled, error);
	result = result ?: write_list(IPSET_PATH, write_ipset, &shuffled, error);
	return result ?: write_list(NFT_PATH, write_nft, &shuffled, error);
}

static int measure_loading(const struct allowlist *list, size_t rounds, struct command *commands,
			   struct error *error)
{
	int result = write_files(list, error);

	for (size_t round = 0; !result && round < rounds && round < LOAD_ROUNDS_MAX; round++) {
		result = measure_import(&commands[COMMAND_IMPORT], error);
		result = result ?: measure_rivals(commands, error);
	}
	return result;
}

static int allow_some(const struct entry *entries, size_t count, struct error *error)
{
	static char texts[ARGUMENTS_MAX][PREFIX_TEXT_SIZE];
	static const char *arguments[ARGUMENTS_MAX + 4];
	size_t length = 0;

	arguments[length++] = sipguard;
	arguments[length++] = "--quiet";
	arguments[length++] = "allow";
	for (size_t i = 0; i < count; i++) {
		prefix_format(&entries[i].prefix, texts[i]);
		arguments[length++] = texts[i];
	}
	arguments[length] = NULL;
	return run_tool(arguments, error);
}

static int allow_all(const struct entry_list *list, struct error *error)
{
	int result = 0;

	for (size_t done = 0; !result && done < list->count; done += ARGUMENTS_MAX) {
		size_t left = list->count - done;

		result = allow_some(list->entries + done,
				    left < ARGUMENTS_MAX ? left : ARGUMENTS_MAX, error);
	}
	return result;
}

static int measure_allow(struct command *command, unsigned int number, struct error *error)
{
	char address[32];

	snprintf(address, sizeof(address), "192.0.2.%u", number % 256);
	return measure(command, (const char *const[]){sipguard, "--quiet", "allow", address, NULL},
		       error);
}

static int measure_single(const struct allowlist *list, size_t rounds, struct command *commands,
			  struct error *error)
{
	unsigned int number = 0;
	int result = start_anew(error);

	result = result ?: allow_all(&list->entries, error);
	for (size_t round = 0; !result && round < rounds; round++) {
		result = measure(
			&commands[COMMAND_ATTACH],
			(const char *const[]){sipguard, "--quiet", "attach", RECEIVER, NULL},
			error);
		for (size_t i = 0; !result && i < ALLOWS_A_ROUND; i++)
			result = measure_allow(&commands[COMMAND_ALLOW], number++, error);
		result = result ?: detach(error);
	}
	return result;
}

/* The longest IPv4 list that is no longer than that. */
static const struct allowlist *longest(const struct lists *lists, size_t most)
{
	const struct allowlist *found = NULL;

	for (size_t i = 0; i < lists->count; i++) {
		const struct allowlist *list = &lists->lists[i];

		if (list->family == SG_FAMILY_IPV4 && list->entries.count <= most &&
		    (!found || list->entries.count > found->entries.count))
			found = list;
	}
	return found;
}

static int find_command(const char *directory, struct error *error)
{
	cleanup_free char *absolute = realpath(directory, NULL);
	char state[PATH_MAX];

	if (!absolute)
		return error_system(error, errno, "cannot find %s", directory);
	snprintf(sipguard, sizeof(sipguard), "%s/sipguard", absolute);
	snprintf(state, sizeof(state), "%s/bench/state", absolute);
	setenv("SIPGUARD_STATE_DIR", state, 1);
	return 0;
}

int commands_measure(const char *directory, struct lists *lists, size_t rounds,
		     struct command commands[static COMMAND_COUNT], struct error *error)
{
	static const char *const names[COMMAND_COUNT] = {
		[COMMAND_IMPORT] = "sipguard import plain FILE",
		[COMMAND_IPSET_RESTORE] = "ipset restore",
		[COMMAND_NFT] = "nft -f",
		[COMMAND_ATTACH] = "sipguard attach DEVICE",
		[COMMAND_ALLOW] = "sipguard allow ADDRESS",
	};
	const struct allowlist *all = longest(lists, SIZE_MAX);
	const struct allowlist *some = longest(lists, COMMAND_ENTRIES_MAX) ?: all;
	static struct lane lane;
	int result = find_command(directory, error);

	for (unsigned int id = 0; id < COMMAND_COUNT; id++)
		commands[id] = (struct command){
			.name = names[id],
			.entries = id < COMMAND_ATTACH ? all->entries.count : some->entries.count,
		};
	result = result ?: lane_create(&lane, SG_FAMILY_IPV4, error);
	result = result ?: measure_loading(all, rounds, commands, error);
	result = result ?: measure_single(some, rounds, commands, error);
	return result ?: start_anew(error);
}
