// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/policy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "cleanup.h"
#include "kernel/clock.h"
#include "kernel/pins.h"

/*
 * Each family has a trie of its own, and a full replacement may need fresh identifiers for all its
 * entries.
 */
#define IDS_PER_CAPACITY 4

#define BATCH_SIZE 1024

static const uint32_t zero;

/* In the order of being pinned: settings last, because its pin makes the others count. */
static const struct policy_map {
	struct map_layout layout;
	size_t descriptor;
} policy_maps[] = {
	{{"ports", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_ports), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, ports)},
	{{"allow4", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow4)},
	{{"allow6", BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, SG_GENERATION_SLOTS, 0},
	 offsetof(struct policy, allow6)},
	{{"hits", BPF_MAP_TYPE_PERCPU_ARRAY, 4, sizeof(struct sg_hits), 0, 0},
	 offsetof(struct policy, hits)},
	{{"free_ids", BPF_MAP_TYPE_STACK, 0, 4, 0, 0}, offsetof(struct policy, free_ids)},
	{{"settings", BPF_MAP_TYPE_ARRAY, 4, sizeof(struct sg_settings), 1, BPF_F_RDONLY_PROG},
	 offsetof(struct policy, settings)},
};

#define POLICY_MAP_COUNT (sizeof(policy_maps) / sizeof(policy_maps[0]))

static const struct map_layout trie4 = {
	"trie4",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key4),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};
static const struct map_layout trie6 = {
	"trie6",
	BPF_MAP_TYPE_LPM_TRIE,
	sizeof(struct sg_key6),
	sizeof(struct sg_entry),
	0,
	BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG,
};

static int *descriptor_of(struct policy *policy, const struct policy_map *map)
{
	return (int *)((char *)policy + map->descriptor);
}

/* A key of either family: sg_key4 is sg_key6 with a shorter address. */
static struct sg_key6 key_of(const struct prefix *prefix)
{
	struct sg_key6 key = {.prefix_length = prefix->length};

	memcpy(key.address, prefix->address, sizeof(key.address));
	return key;
}

static struct prefix prefix_of(uint8_t family, const struct sg_key6 *key)
{
	struct prefix prefix = {.family = family, .length = (uint8_t)key->prefix_length};

	memcpy(prefix.address, key->address, family == SG_FAMILY_IPV4 ? 4 : 16);
	return prefix;
}

static int read_settings(const struct policy *policy, struct sg_settings *settings,
			 struct error *error)
{
	if (bpf_map_lookup_elem(policy->settings, &zero, settings))
		return error_system(error, errno, "cannot read the policy's settings");
	return 0;
}

static int write_settings(const struct policy *policy, const struct sg_settings *settings,
			  struct error *error)
{
	if (bpf_map_update_elem(policy->settings, &zero, settings, BPF_ANY))
		return error_system(error, errno, "cannot write the policy's settings");
	return 0;
}

static int trie_of(const struct policy *policy, uint8_t family)
{
	return family == SG_FAMILY_IPV4 ? policy->trie4 : policy->trie6;
}

/* Creates empty tries of this capacity and puts them into the slot. */
static int create_tries(struct policy *policy, uint32_t slot, uint32_t capacity,
			struct error *error)
{
	policy->trie4 = map_create(&trie4, capacity, -1, error);
	if (policy->trie4 < 0)
		return policy->trie4;
	policy->trie6 = map_create(&trie6, capacity, -1, error);
	if (policy->trie6 < 0)
		return policy->trie6;
	if (bpf_map_update_elem(policy->allow4, &slot, &policy->trie4, BPF_ANY) ||
	    bpf_map_update_elem(policy->allow6, &slot, &policy->trie6, BPF_ANY))
		return error_system(error, errno, "cannot put the allowlist into its slot");
	return 0;
}

static int create_maps(struct policy *policy, uint32_t capacity, struct error *error)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		const struct map_layout *layout = &policy_maps[i].layout;
		uint32_t entries = layout->max_entries ?: capacity * IDS_PER_CAPACITY;
		cleanup_fd int inner = -1;
		int map;

		if (layout->type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
			inner = map_create(strcmp(layout->name, "allow4") ? &trie6 : &trie4, 1, -1,
					   error);
		if (layout->type == BPF_MAP_TYPE_ARRAY_OF_MAPS && inner < 0)
			return inner;
		map = map_create(layout, entries, inner, error);
		if (map < 0)
			return map;
		*descriptor_of(policy, &policy_maps[i]) = map;
	}
	return 0;
}

static struct sg_entry entry_value(const struct entry *entry, uint32_t id)
{
	return (struct sg_entry){
		.expires = clock_boot_from_unix(entry->until),
		.id = id,
		.prefix_length = entry->prefix.length,
		.verdict = entry->verdict,
	};
}

static int full_error(const struct entry *entry, struct error *error)
{
	char text[PREFIX_TEXT_SIZE];

	prefix_format(&entry->prefix, text);
	error_set(error, EXIT_SYSTEM, ENOSPC, "the allowlist is full: no room for %s", text);
	error_hint(error, "delete what is not used: sipguard list --unused 30d");
	return -ENOSPC;
}

struct batch {
	uint32_t count;
	union {
		struct sg_key4 keys4[BATCH_SIZE];
		struct sg_key6 keys6[BATCH_SIZE];
	};
	struct sg_entry values[BATCH_SIZE];
};

static void batch_add(struct batch *batch, const struct entry *entry, uint32_t id)
{
	struct sg_key6 key = key_of(&entry->prefix);

	if (entry->prefix.family == SG_FAMILY_IPV4)
		memcpy(&batch->keys4[batch->count], &key, sizeof(struct sg_key4));
	else
		batch->keys6[batch->count] = key;
	batch->values[batch->count] = entry_value(entry, id);
	batch->count++;
}

/*
 * Loads entries of one family, which the list has side by side, and numbers them from `first_id`.
 */
static int load_family(int trie, const struct entry *entries, size_t count, uint32_t first_id,
		       struct error *error)
{
	cleanup_free struct batch *batch = malloc(sizeof(*batch));
	size_t loaded = 0;

	if (!batch)
		return error_system(error, ENOMEM, "cannot load the allowlist");
	while (loaded < count) {
		uint32_t done;

		batch->count = 0;
		while (batch->count < BATCH_SIZE && loaded + batch->count < count)
			batch_add(batch, &entries[loaded + batch->count],
				  first_id + (uint32_t)(loaded + batch->count));
		done = batch->count;
		if (bpf_map_update_batch(trie, batch->keys6, batch->values, &done, NULL)) {
			if (errno == ENOSPC)
				return full_error(&entries[loaded + done], error);
			return error_system(error, errno, "cannot load the allowlist");
		}
		loaded += batch->count;
	}
	return 0;
}

static int load_entries(const struct policy *policy, const struct entry_list *list,
			struct error *error)
{
	size_t count4 = 0;
	int result;

	while (count4 < list->count && list->entries[count4].prefix.family == SG_FAMILY_IPV4)
		count4++;
	result = load_family(policy->trie4, list->entries, count4, 0, error);
	if (result)
		return result;
	return load_family(policy->trie6, list->entries + count4, list->count - count4,
			   (uint32_t)count4, error);
}

int policy_create(struct policy *policy, uint32_t capacity, const struct entry_list *entries,
		  const struct sg_ports *ports, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy created = POLICY_CLOSED;
	struct sg_settings settings = {
		.abi_version = SG_ABI_VERSION,
		.next_entry_id = (uint32_t)entries->count,
		.capacity = capacity,
	};
	int result;

	result = create_maps(&created, capacity, error);
	if (!result)
		result = create_tries(&created, settings.active, capacity, error);
	if (!result)
		result = load_entries(&created, entries, error);
	if (!result)
		result = policy_set_ports(&created, ports, error);
	if (!result)
		result = write_settings(&created, &settings, error);
	if (result)
		return result;
	*policy = created;
	created = POLICY_CLOSED;
	return 0;
}

/* ROOT/policy/trie4_0: the name of a pin cannot have a dot. */
static void trie_path(char path[static PIN_PATH_SIZE], const struct map_layout *layout,
		      uint32_t slot)
{
	char name[32];

	snprintf(name, sizeof(name), "%s_%u", layout->name, slot);
	pin_policy_path(path, name);
}

static int check_settings(const struct sg_settings *settings, struct error *error)
{
	if (settings->abi_version == SG_ABI_VERSION && settings->active < SG_GENERATION_SLOTS)
		return 0;
	error_set(error, EXIT_SYSTEM, EPROTO,
		  "the pinned policy has layout version %u, this sipguard knows version %u",
		  settings->abi_version, SG_ABI_VERSION);
	error_hint(error, "use the sipguard that attached the guard, or start anew: "
			  "sipguard detach --all, then attach");
	return -EPROTO;
}

static int open_tries(struct policy *policy, uint32_t slot, struct error *error)
{
	char path[PIN_PATH_SIZE];

	trie_path(path, &trie4, slot);
	policy->trie4 = pin_map_open(path, &trie4, error);
	if (policy->trie4 < 0)
		return policy->trie4;
	trie_path(path, &trie6, slot);
	policy->trie6 = pin_map_open(path, &trie6, error);
	return policy->trie6 < 0 ? policy->trie6 : 0;
}

int policy_open(struct policy *policy, struct error *error)
{
	__attribute__((cleanup(policy_close))) struct policy opened = POLICY_CLOSED;
	struct sg_settings settings;
	int result;

	/* Backwards, because without the settings the rest does not count. */
	for (size_t i = POLICY_MAP_COUNT; i-- > 0;) {
		char path[PIN_PATH_SIZE];
		int map;

		pin_policy_path(path, policy_maps[i].layout.name);
		map = pin_map_open(path, &policy_maps[i].layout, error);
		if (map < 0)
			return map;
		*descriptor_of(&opened, &policy_maps[i]) = map;
	}
	result = read_settings(&opened, &settings, error);
	if (!result)
		result = check_settings(&settings, error);
	if (!result)
		result = open_tries(&opened, settings.active, error);
	if (result)
		return result;
	*policy = opened;
	opened = POLICY_CLOSED;
	return 0;
}

static int pin_tries(const struct policy *policy, struct error *error)
{
	struct sg_settings settings;
	char path[PIN_PATH_SIZE];
	int result;

	result = read_settings(policy, &settings, error);
	if (result)
		return result;
	trie_path(path, &trie4, settings.active);
	result = pin_object(policy->trie4, path, error);
	if (result)
		return result;
	trie_path(path, &trie6, settings.active);
	return pin_object(policy->trie6, path, error);
}

int policy_pin(const struct policy *policy, struct error *error)
{
	struct policy copy = *policy;
	struct error ignored;
	char path[PIN_PATH_SIZE];
	int result;

	/* What a command that was killed before it came to the settings has left behind. */
	result = policy_unpin(error);
	if (result)
		return result;
	pin_policy_path(path, NULL);
	result = pin_directory_make(path, error);
	if (!result)
		result = pin_tries(policy, error);
	for (size_t i = 0; !result && i < POLICY_MAP_COUNT; i++) {
		pin_policy_path(path, policy_maps[i].layout.name);
		result = pin_object(*descriptor_of(&copy, &policy_maps[i]), path, error);
	}
	if (result)
		policy_unpin(&ignored);
	return result;
}

int policy_unpin(struct error *error)
{
	char path[PIN_PATH_SIZE];
	int result = 0;

	for (size_t i = POLICY_MAP_COUNT; !result && i-- > 0;) {
		pin_policy_path(path, policy_maps[i].layout.name);
		result = pin_remove(path, error);
	}
	for (uint32_t slot = 0; !result && slot < SG_GENERATION_SLOTS; slot++) {
		trie_path(path, &trie4, slot);
		result = pin_remove(path, error);
		trie_path(path, &trie6, slot);
		result = result ?: pin_remove(path, error);
	}
	pin_policy_path(path, NULL);
	if (!result && rmdir(path) && errno != ENOENT)
		return error_system(error, errno, "cannot remove %s", path);
	return result;
}

void policy_close(struct policy *policy)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		close_descriptor(descriptor_of(policy, &policy_maps[i]));
	close_descriptor(&policy->trie4);
	close_descriptor(&policy->trie6);
	*policy = POLICY_CLOSED;
}

/*
 * The trie answers with the longest match; whether it is the entry of this very prefix, its length
 * tells.
 */
static bool find_exact(int trie, const struct sg_key6 *key, struct sg_entry *value)
{
	return !bpf_map_lookup_elem(trie, key, value) && value->prefix_length == key->prefix_length;
}

static int reset_hits(const struct policy *policy, uint32_t id, struct error *error)
{
	int cpus = libbpf_num_possible_cpus();
	cleanup_free struct sg_hits *none = calloc((size_t)cpus, sizeof(*none));

	if (!none)
		return error_system(error, ENOMEM, "cannot reset the hit counter");
	if (bpf_map_update_elem(policy->hits, &id, none, BPF_ANY))
		return error_system(error, errno, "cannot reset the hit counter");
	return 0;
}

/* An identifier for a new entry, its hit counter at 0. */
static int take_id(const struct policy *policy, const struct entry *entry, uint32_t *id,
		   struct error *error)
{
	struct sg_settings settings;
	int result;

	if (bpf_map_lookup_and_delete_elem(policy->free_ids, NULL, id)) {
		result = read_settings(policy, &settings, error);
		if (result)
			return result;
		if (settings.next_entry_id >= settings.capacity * IDS_PER_CAPACITY)
			return full_error(entry, error);
		*id = settings.next_entry_id++;
		result = write_settings(policy, &settings, error);
		if (result)
			return result;
	}
	return reset_hits(policy, *id, error);
}

static void give_back_id(const struct policy *policy, uint32_t id)
{
	/*
	 * A lost identifier costs one hit counter until the next whole load; nothing else depends
	 * on it.
	 */
	bpf_map_update_elem(policy->free_ids, NULL, &id, BPF_ANY);
}

int policy_put(const struct policy *policy, const struct entry *entry, struct error *error)
{
	int trie = trie_of(policy, entry->prefix.family);
	struct sg_key6 key = key_of(&entry->prefix);
	struct sg_entry value, old;
	uint32_t id;
	bool exists;
	int result;

	exists = find_exact(trie, &key, &old);
	if (exists)
		id = old.id;
	else if ((result = take_id(policy, entry, &id, error)))
		return result;

	value = entry_value(entry, id);
	if (!bpf_map_update_elem(trie, &key, &value, BPF_ANY))
		return 0;
	result = errno == ENOSPC ? full_error(entry, error)
				 : error_system(error, errno, "cannot write the entry");
	if (!exists)
		give_back_id(policy, id);
	return result;
}

int policy_delete(const struct policy *policy, const struct prefix *prefix, struct error *error)
{
	int trie = trie_of(policy, prefix->family);
	struct sg_key6 key = key_of(prefix);
	struct sg_entry old;

	if (!find_exact(trie, &key, &old))
		return 0;
	if (bpf_map_delete_elem(trie, &key))
		return error_system(error, errno, "cannot delete the entry");
	give_back_id(policy, old.id);
	return 0;
}

static int read_hits(const struct policy *policy, uint32_t id, struct sg_hits *buffer,
		     struct policy_entry *entry, struct error *error)
{
	int cpus = libbpf_num_possible_cpus();
	uint64_t last_seen = 0;

	if (bpf_map_lookup_elem(policy->hits, &id, buffer))
		return error_system(error, errno, "cannot read the hit counters");
	entry->packets = 0;
	for (int cpu = 0; cpu < cpus; cpu++) {
		entry->packets += buffer[cpu].packets;
		if (buffer[cpu].last_seen > last_seen)
			last_seen = buffer[cpu].last_seen;
	}
	entry->last_seen = last_seen ? clock_now() - clock_seconds_since(last_seen) : 0;
	return 0;
}

/* Appends an entry to a list that grows by doubling. */
static int append(const struct policy *policy, struct policy_entries *list, uint8_t family,
		  const struct sg_key6 *key, const struct sg_entry *value, struct sg_hits *buffer,
		  struct error *error)
{
	struct policy_entry *entry;

	if ((list->count & (list->count - 1)) == 0) {
		size_t room = list->count ? list->count * 2 : 1;

		entry = realloc(list->entries, room * sizeof(*entry));
		if (!entry)
			return error_system(error, ENOMEM, "cannot list the entries");
		list->entries = entry;
	}
	entry = &list->entries[list->count++];
	*entry = (struct policy_entry){
		.prefix = prefix_of(family, key),
		.verdict = value->verdict,
		.until = clock_unix_from_boot(value->expires),
		.expired = value->expires && value->expires <= clock_boot_from_unix(clock_now()),
	};
	return read_hits(policy, value->id, buffer, entry, error);
}

static int list_family(const struct policy *policy, uint8_t family, struct policy_entries *list,
		       struct sg_hits *buffer, struct error *error)
{
	int trie = trie_of(policy, family);
	struct sg_key6 key = {}, *previous = NULL;
	struct sg_entry value;
	int result;

	while (!bpf_map_get_next_key(trie, previous, &key)) {
		previous = &key;
		/* Deleted since: a reader takes no lock. */
		if (!find_exact(trie, &key, &value))
			continue;
		result = append(policy, list, family, &key, &value, buffer, error);
		if (result)
			return result;
	}
	return 0;
}

static int compare_entries(const void *left, const void *right)
{
	const struct policy_entry *a = left, *b = right;

	return prefix_compare(&a->prefix, &b->prefix);
}

int policy_list(const struct policy *policy, struct policy_entries *list, struct error *error)
{
	cleanup_free struct sg_hits *buffer = calloc((size_t)libbpf_num_possible_cpus(),
						     sizeof(*buffer));
	struct policy_entries found = {};
	int result;

	if (!buffer)
		return error_system(error, ENOMEM, "cannot list the entries");
	result = list_family(policy, SG_FAMILY_IPV4, &found, buffer, error);
	if (!result)
		result = list_family(policy, SG_FAMILY_IPV6, &found, buffer, error);
	if (result) {
		free(found.entries);
		return result;
	}
	/* A trie is walked in post-order, longer prefixes before those that cover them. */
	if (found.count)
		qsort(found.entries, found.count, sizeof(*found.entries), compare_entries);
	*list = found;
	return 0;
}

int policy_matches(const struct policy *policy, const struct prefix *host,
		   struct policy_entries *list, struct error *error)
{
	cleanup_free struct sg_hits *buffer = calloc((size_t)libbpf_num_possible_cpus(),
						     sizeof(*buffer));
	int trie = trie_of(policy, host->family);
	struct policy_entries found = {};
	struct sg_key6 key = key_of(host);
	struct sg_entry value;

	if (!buffer)
		return error_system(error, ENOMEM, "cannot look up the address");
	while (!bpf_map_lookup_elem(trie, &key, &value)) {
		struct prefix prefix = *host;
		struct sg_key6 matched;
		int result;

		prefix.length = value.prefix_length;
		prefix_truncate(&prefix);
		matched = key_of(&prefix);
		result = append(policy, &found, host->family, &matched, &value, buffer, error);
		if (result) {
			free(found.entries);
			return result;
		}
		if (value.prefix_length == 0)
			break;
		key.prefix_length = value.prefix_length - 1U;
	}
	*list = found;
	return 0;
}

int policy_ports(const struct policy *policy, struct sg_ports *ports, struct error *error)
{
	if (bpf_map_lookup_elem(policy->ports, &zero, ports))
		return error_system(error, errno, "cannot read the guarded ports");
	return 0;
}

/* The kernel copies word by word, so a port that stays in the set is guarded throughout. */
int policy_set_ports(const struct policy *policy, const struct sg_ports *ports, struct error *error)
{
	if (bpf_map_update_elem(policy->ports, &zero, ports, BPF_ANY))
		return error_system(error, errno, "cannot write the guarded ports");
	return 0;
}

int policy_capacity(const struct policy *policy, uint32_t *capacity, struct error *error)
{
	struct sg_settings settings;
	int result = read_settings(policy, &settings, error);

	if (!result)
		*capacity = settings.capacity;
	return result;
}
