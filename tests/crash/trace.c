// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool writes_file(const uint64_t *arguments)
{
	return arguments[2] & (O_CREAT | O_TRUNC);
}

/* The other commands look, or make what ends with the process. */
static bool changes_bpf(const uint64_t *arguments)
{
	switch (arguments[0]) {
	case BPF_MAP_UPDATE_ELEM:
	case BPF_MAP_DELETE_ELEM:
	case BPF_MAP_UPDATE_BATCH:
	case BPF_OBJ_PIN:
	case BPF_PROG_ATTACH:
	case BPF_LINK_CREATE:
	case BPF_LINK_UPDATE:
	case BPF_LINK_DETACH:
		return true;
	default:
		return false;
	}
}

/* Into memory that is shared, the process can write from there on without a system call. */
static bool shares_memory(const uint64_t *arguments)
{
	return arguments[3] & MAP_SHARED;
}

static const struct changing_call {
	const char *name;
	uint64_t number;
	bool (*applies)(const uint64_t *arguments);
} changing_calls[] = {
	{"bpf", SYS_bpf, changes_bpf},	    {"exit_group", SYS_exit_group, NULL},
	{"fchmod", SYS_fchmod, NULL},	    {"fchmodat", SYS_fchmodat, NULL},
	{"fchownat", SYS_fchownat, NULL},   {"flock", SYS_flock, NULL},
	{"fsync", SYS_fsync, NULL},	    {"ftruncate", SYS_ftruncate, NULL},
	{"linkat", SYS_linkat, NULL},	    {"mkdirat", SYS_mkdirat, NULL},
	{"mmap", SYS_mmap, shares_memory},  {"openat", SYS_openat, writes_file},
	{"pwrite", SYS_pwrite64, NULL},	    {"renameat2", SYS_renameat2, NULL},
	{"symlinkat", SYS_symlinkat, NULL}, {"unlinkat", SYS_unlinkat, NULL},
	{"write", SYS_write, NULL},	    {"writev", SYS_writev, NULL},
/* Newer architectures do without these. */
#ifdef SYS_rename
	{"chmod", SYS_chmod, NULL},	    {"chown", SYS_chown, NULL},
	{"link", SYS_link, NULL},	    {"mkdir", SYS_mkdir, NULL},
	{"rename", SYS_rename, NULL},	    {"renameat", SYS_renameat, NULL},
	{"rmdir", SYS_rmdir, NULL},	    {"symlink", SYS_symlink, NULL},
	{"unlink", SYS_unlink, NULL},
#endif
};

static const char *changing_name(uint64_t number, const uint64_t *arguments)
{
	for (size_t i = 0; i < sizeof(changing_calls) / sizeof(changing_calls[0]); i++) {
		const struct changing_call *call = &changing_calls[i];

		if (call->number == number && (!call->applies || call->applies(arguments)))
			return call->name;
	}
	return NULL;
}

static _Noreturn void become(const struct command *command, const char *output)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) || raise(SIGSTOP))
		_exit(127);
	command_become(command, output);
}

/* Fills the stop; false when this is none at a system call. */
static bool read_stop(pid_t process, struct stop *stop)
{
	struct __ptrace_syscall_info call;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, process, sizeof(call), &call) <= 0)
		return false;
	if (call.op == PTRACE_SYSCALL_INFO_ENTRY) {
		stop->behind = false;
		stop->changes = changing_name(call.entry.nr, call.entry.args);
		return true;
	}
	stop->behind = call.op == PTRACE_SYSCALL_INFO_EXIT;
	return stop->behind;
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int trace_run(const struct command *command, const char *output, stop_visitor *visit, void *context)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC;
	struct stop stop = {};
	pid_t process = fork();
	int status;

	if (process < 0)
		return -errno;
	if (process == 0)
		become(command, output);
	if (waitpid(process, &status, 0) != process || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, process, NULL, options))
		return -ECHILD;
	for (long signal = 0;;) {
		if (ptrace(PTRACE_SYSCALL, process, NULL, signal) && errno != ESRCH)
			return -errno;
		if (waitpid(process, &status, 0) != process)
			return -errno;
		if (!WIFSTOPPED(status))
			return status_of(status);
		signal = WSTOPSIG(status);
		if (signal != (SIGTRAP | 0x80)) {
			signal = signal == SIGTRAP ? 0 : signal;
			continue;
		}
		signal = 0;
		if (!read_stop(process, &stop))
			continue;
		if (!visit(context, &stop))
			kill(process, SIGKILL);
		stop.number += stop.behind;
	}
}
