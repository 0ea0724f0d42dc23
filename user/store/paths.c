// SPDX-License-Identifier: GPL-2.0-or-later
#include "store/paths.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *directory(const char *variable, const char *fallback)
{
	const char *value = getenv(variable);

	return value && *value ? value : fallback;
}

static const char *state_directory(void)
{
	return directory("SIPGUARD_STATE_DIR", "/var/lib/sipguard");
}

static const char *run_directory(void)
{
	return directory("SIPGUARD_RUN_DIR", "/run/sipguard");
}

void store_config_path(char path[static STORE_PATH_SIZE], const char *name)
{
	snprintf(path, STORE_PATH_SIZE, "%s/%s", directory("SIPGUARD_CONFIG_DIR", "/etc/sipguard"),
		 name);
}

void store_state_path(char path[static STORE_PATH_SIZE], const char *name)
{
	snprintf(path, STORE_PATH_SIZE, "%s/%s", state_directory(), name);
}

void store_run_path(char path[static STORE_PATH_SIZE], const char *name)
{
	snprintf(path, STORE_PATH_SIZE, "%s/%s", run_directory(), name);
}

int store_check_directories(struct error *error)
{
	static const char *const variables[] = {"SIPGUARD_CONFIG_DIR", "SIPGUARD_STATE_DIR",
						"SIPGUARD_RUN_DIR", "SIPGUARD_PIN_DIR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		if (strlen(directory(variables[i], "")) > STORE_DIRECTORY_MAX)
			return error_set(error, EXIT_USAGE, ENAMETOOLONG,
					 "the directory in %s has more than %d bytes", variables[i],
					 STORE_DIRECTORY_MAX);
	}
	return 0;
}

int store_error(struct error *error, int number, const char *format, ...)
{
	char what[STORE_PATH_SIZE + 64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);

	error_system(error, number, "%s", what);
	if (number == EACCES || number == EPERM) {
		error->status = EXIT_PRIVILEGE;
		error_hint(error, "run it as root");
	}
	return -number;
}

/* Files in there say for themselves who may read them, whatever the caller's umask. */
static int make(const char *path, struct error *error)
{
	if (mkdir(path, 0755))
		return errno == EEXIST ? 0 : store_error(error, errno, "cannot create %s", path);
	return chmod(path, 0755) ? store_error(error, errno, "cannot share %s", path) : 0;
}

int store_directories_make(struct error *error)
{
	int result = make(state_directory(), error);

	return result ? result : make(run_directory(), error);
}
