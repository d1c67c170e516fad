// SPDX-License-Identifier: GPL-2.0-only
/* A module reads and writes its token's files, and some ask a local daemon. None of them needs a network,
 * another program or another process. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/common/calls.h"
#include "helpers/common/sandbox.h"
#include "helpers/keyd/walls.h"

#define FILES_MOST 1024
#define MEMORY_MOST (2ull << 30)

/* Modules, what they link, and how the system sets them up. */
static const char *const system_paths[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/etc/pkcs11",
	"/etc/ssl",
	"/etc/softhsm",
	"/etc/ld.so.cache",
	"/etc/passwd",
	"/etc/nsswitch.conf",
	"/etc/localtime",
	"/etc/opensc",
	"/dev/urandom",
	"/dev/null",
};

#define SYSTEM_PATHS (sizeof(system_paths) / sizeof(*system_paths))

int walls_before_modules(const struct walls *walls)
{
	struct sandbox_path paths[SYSTEM_PATHS + 2 * WALLS_PATHS_MOST];
	size_t n = 0;
	int r = sandbox_drop(walls->uid, walls->gid);

	for (size_t i = 0; i < SYSTEM_PATHS; i++)
		paths[n++] = (struct sandbox_path){ system_paths[i], 0 };
	for (size_t i = 0; i < walls->readable_count; i++)
		paths[n++] = (struct sandbox_path){ walls->readable[i], 0 };
	for (size_t i = 0; i < walls->writable_count; i++)
		paths[n++] = (struct sandbox_path){ walls->writable[i], 1 };
	return r < 0 ? r : sandbox_landlock_but(paths, n);
}

/* Files: Landlock says which. */
#define FILE_CALLS                                                                               \
	{ SYS_openat, ANY }, { SYS_open, ANY }, { SYS_close, ANY }, { SYS_read, ANY },           \
		{ SYS_write, ANY }, { SYS_pread64, ANY }, { SYS_pwrite64, ANY },                 \
		{ SYS_readv, ANY }, { SYS_writev, ANY }, { SYS_lseek, ANY }, { SYS_fstat, ANY }, \
		{ SYS_stat, ANY }, { SYS_lstat, ANY }, { SYS_newfstatat, ANY },                  \
		{ SYS_statx, ANY }, { SYS_access, ANY }, { SYS_faccessat, ANY },                 \
		{ SYS_faccessat2, ANY }, { SYS_readlink, ANY }, { SYS_fcntl, ANY },              \
		{ SYS_flock, ANY }, { SYS_fsync, ANY }, { SYS_fdatasync, ANY },                  \
		{ SYS_ftruncate, ANY }, { SYS_getdents64, ANY }, { SYS_unlink, ANY },            \
		{ SYS_rename, ANY }, { SYS_umask, ANY }, { SYS_fadvise64, ANY },                 \
		{ SYS_statfs, ANY }, { SYS_fstatfs, ANY },                                       \
	{                                                                                        \
		SYS_getcwd, ANY                                                                  \
	}

#define MEMORY_CALLS                                                                              \
	{ SYS_mmap, { NOT(2, PROT_EXEC) } }, { SYS_mprotect, { NOT(2, PROT_EXEC) } },             \
		{ SYS_munmap, ANY }, { SYS_mremap, ANY }, { SYS_madvise, ANY }, { SYS_brk, ANY }, \
		{ SYS_mlock, ANY },                                                               \
	{                                                                                         \
		SYS_munlock, ANY                                                                  \
	}

#define PROCESS_CALLS                                                                              \
	{ SYS_futex, ANY }, { SYS_sched_yield, ANY }, { SYS_sched_getaffinity, ANY },              \
		{ SYS_getpid, ANY }, { SYS_gettid, ANY }, { SYS_getuid, ANY },                     \
		{ SYS_geteuid, ANY }, { SYS_getgid, ANY }, { SYS_getegid, ANY },                   \
		{ SYS_getppid, ANY }, { SYS_uname, ANY }, { SYS_sysinfo, ANY },                    \
		{ SYS_rt_sigaction, ANY }, { SYS_rt_sigprocmask, ANY }, { SYS_rt_sigreturn, ANY }, \
		{ SYS_rt_sigtimedwait, ANY }, { SYS_sigaltstack, ANY },                            \
		{ SYS_restart_syscall, ANY }, { SYS_poll, ANY }, { SYS_ppoll, ANY },               \
		{ SYS_getrandom, ANY }, { SYS_clock_gettime, ANY }, { SYS_gettimeofday, ANY },     \
		{ SYS_time, ANY }, { SYS_clock_nanosleep, ANY }, { SYS_nanosleep, ANY },           \
		{ SYS_getrlimit, ANY }, { SYS_exit, ANY },                                         \
	{                                                                                          \
		SYS_exit_group, ANY                                                                \
	}

int walls_after_threads(const struct walls *walls)
{
	const uint32_t self = (uint32_t)getpid();
	const struct sandbox_call calls[] = {
		FILE_CALLS,
		MEMORY_CALLS,
		PROCESS_CALLS,
		{ SYS_tgkill, { EQUAL(0, self) } },
		{ SYS_clock_adjtime, ANY },
		{ SYS_adjtimex, ANY },
		/* Daemons of this machine, when @local. These stand last. */
		{ SYS_socket, { EQUAL(0, AF_UNIX) } },
		{ SYS_connect, ANY },
		{ SYS_sendto, ANY },
		{ SYS_sendmsg, ANY },
		{ SYS_recvfrom, ANY },
		{ SYS_recvmsg, ANY },
		{ SYS_shutdown, ANY },
		{ SYS_getsockopt, ANY },
	};
	const size_t local = 8, all = sizeof(calls) / sizeof(calls[0]);
	int r = sandbox_limit(RLIMIT_NOFILE, FILES_MOST);

	if (r == 0)
		r = sandbox_limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = sandbox_limit(RLIMIT_NPROC, 0);
	if (r == 0)
		r = sandbox_limit(RLIMIT_DATA, MEMORY_MOST);
	return r < 0 ? r : sandbox_seccomp(calls, walls->local ? all : all - local);
}
