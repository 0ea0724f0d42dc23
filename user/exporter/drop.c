// SPDX-License-Identifier: GPL-2.0-or-later
#include "exporter/drop.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "text/escape.h"

static int find_user(const char *name, struct passwd *user, struct error *error)
{
	const struct passwd *found = getpwnam(name);
	char escaped[64];

	text_escape(escaped, sizeof(escaped), name, strlen(name));
	if (!found) {
		error_set(error, EXIT_SYSTEM, ENOENT, "there is no user %s to run as", escaped);
		error_hint(error, "systemd-sysusers, where the unit is installed; or useradd "
				  "--system --no-create-home sipguard; or --user NAME");
		return -ENOENT;
	}
	if (!found->pw_uid)
		return error_set(error, EXIT_USAGE, EINVAL,
				 "the exporter does not run as root: %s is", escaped);
	*user = *found;
	return 0;
}

static int become(const struct passwd *user, struct error *error)
{
	const struct group *readers = getgrnam("sipguard");
	gid_t groups[1] = {readers ? readers->gr_gid : 0};

	if (setgroups(readers ? 1 : 0, groups) ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid))
		return error_system(error, errno, "cannot become the user %s", user->pw_name);
	if (!setresuid(0, 0, 0))
		return error_set(error, EXIT_SYSTEM, EPERM, "root could be taken back");
	return 0;
}

/* The bounding set needs CAP_SETPCAP; without it, no_new_privs is what keeps the door shut. */
static void empty_bounding_set(void)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static int empty_capabilities(struct error *error)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};

	if (syscall(SYS_capset, &header, none))
		return error_system(error, errno, "cannot give up capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_system(error, errno, "cannot set no_new_privs");
	return 0;
}

int drop_privileges(const char *user, struct error *error)
{
	bool is_root = geteuid() == 0;
	struct passwd found = {};
	int result = 0;

	if (is_root)
		result = find_user(user, &found, error);
	if (result)
		return result;
	empty_bounding_set();
	if (is_root)
		result = become(&found, error);
	return result ?: empty_capabilities(error);
}
