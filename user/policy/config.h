/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration file: which devices are guarded and how, the guarded ports, and where the lists
 * of entries are. sipguard.conf(5) describes it for administrators. Pure.
 *
 * A key that does not stand in the file leaves its member at the default and out of `declared`, so
 * that whoever applies the configuration can tell "as it is" from "as by default".
 */
#ifndef SIPGUARD_USER_POLICY_CONFIG_H
#define SIPGUARD_USER_POLICY_CONFIG_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "policy/attach_mode.h"
#include "sipguard/abi.h"

#define CONFIG_SIZE_MAX	   (64U << 10)
#define CONFIG_DEVICES_MAX 256
#define CONFIG_PATH_SIZE   256

/* Bits of `declared`. */
enum config_key {
	CONFIG_DEVICES,
	CONFIG_ATTACH,
	CONFIG_MODE,
	CONFIG_PORTS,
	CONFIG_ALLOW_DIR,
	CONFIG_MAX_SHRINK,
	CONFIG_PROTECT_RECENT,
	CONFIG_KEY_COUNT,
};

struct config {
	uint32_t declared;
	char devices[CONFIG_DEVICES_MAX][IF_NAMESIZE]; /* each once, in the order of the file */
	size_t device_count;
	enum attach_mode attach; /* ATTACH_NATIVE */
	enum sg_mode mode;	 /* SG_MODE_ENFORCE */
	struct sg_ports ports;	 /* ports_default() */
	/* "allow.d"; one that does not begin with / stands beside the configuration file */
	char allow_dir[CONFIG_PATH_SIZE];
	unsigned int max_shrink; /* percents that a list may lose at once: 50 */
	int64_t protect_recent;	 /* seconds for which a caller is not dropped: 300; 0: off */
};

/* What an empty file declares: nothing. */
void config_default(struct config *config);

static inline bool config_declares(const struct config *config, enum config_key key)
{
	return config->declared >> key & 1;
}

/* "guard", "devices" and so on, of a key. */
const char *config_section_name(enum config_key key);
const char *config_key_name(enum config_key key);

/*
 * Reads `size` bytes of hostile text; `name` is for errors alone. The first thing that is wrong
 * fails the whole with -EINVAL and "NAME:LINE:COLUMN: what is wrong: the text", and `config` is as
 * it was.
 */
int config_parse(const char *name, const char *text, size_t size, struct config *config,
		 struct error *error);

#endif
