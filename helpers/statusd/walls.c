// SPDX-License-Identifier: GPL-2.0-only
/* A network, but no other program, no other process, no device, and few files. */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include "helpers/common/calls.h"
#include "helpers/common/sandbox.h"
#include "helpers/statusd/walls.h"

/* Resolving names (libc's resolver, in threads of libcurl), connections, TLS, the folder. */
static const struct sandbox_call calls[] = {
	{ SYS_socket, { EQUAL(0, AF_INET) } },
	{ SYS_socket, { EQUAL(0, AF_INET6) } },
	{ SYS_socket, { EQUAL(0, AF_NETLINK) } }, /* which address families there are */
	{ SYS_socket, { EQUAL(0, AF_UNIX) } }, /* nscd, which Landlock's files keep out of reach */
	{ SYS_socketpair, { EQUAL(0, AF_UNIX) } },
	{ SYS_connect, ANY },
	{ SYS_bind, ANY },
	{ SYS_sendto, ANY },
	{ SYS_sendmsg, ANY },
	{ SYS_sendmmsg, ANY },
	{ SYS_recvfrom, ANY },
	{ SYS_recvmsg, ANY },
	{ SYS_getsockopt, ANY },
	{ SYS_setsockopt, ANY },
	{ SYS_getsockname, ANY },
	{ SYS_getpeername, ANY },
	{ SYS_shutdown, ANY },
	{ SYS_poll, ANY },
	{ SYS_ppoll, ANY },
	{ SYS_epoll_wait, ANY },
	{ SYS_epoll_pwait, ANY },
	{ SYS_pipe2, ANY },
	{ SYS_eventfd2, ANY },
	{ SYS_read, ANY },
	{ SYS_readv, ANY },
	{ SYS_write, ANY },
	{ SYS_writev, ANY },
	{ SYS_pread64, ANY },
	{ SYS_lseek, ANY },
	{ SYS_close, ANY },
	{ SYS_fcntl, ANY },
	{ SYS_ioctl, ANY },
	{ SYS_openat, ANY },
	{ SYS_newfstatat, ANY },
	{ SYS_fstat, ANY },
	{ SYS_statx, ANY },
	{ SYS_access, ANY },
	{ SYS_faccessat2, ANY },
	{ SYS_getdents64, ANY },
	{ SYS_unlinkat, ANY },
	{ SYS_renameat, ANY },
	{ SYS_renameat2, ANY },
	{ SYS_fsync, ANY },
	{ SYS_memfd_create, ANY }, /* lists on their way to the module; there is no exec */
	/* memory, never executable; libraries are loaded before */
	{ SYS_mmap, { NOT(2, PROT_EXEC) } },
	{ SYS_mprotect, { NOT(2, PROT_EXEC) } },
	{ SYS_munmap, ANY },
	{ SYS_mremap, ANY },
	{ SYS_madvise, ANY },
	{ SYS_brk, ANY },
	/* threads of this process */
	{ SYS_clone3, ANY }, /* its flags are out of sight; without exec and ids it makes no harm */
	{ SYS_clone,
	  { EQUAL(0, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			     CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
			     CLONE_CHILD_CLEARTID) } },
	{ SYS_set_robust_list, ANY },
	{ SYS_rseq, ANY },
	{ SYS_futex, ANY },
	{ SYS_sched_yield, ANY },
	{ SYS_sched_getaffinity, ANY },
	{ SYS_getpid, ANY },
	{ SYS_gettid, ANY },
	{ SYS_rt_sigaction, ANY },
	{ SYS_rt_sigprocmask, ANY },
	{ SYS_rt_sigreturn, ANY },
	{ SYS_sigaltstack, ANY },
	{ SYS_restart_syscall, ANY },
	{ SYS_clock_gettime, ANY },
	{ SYS_clock_nanosleep, ANY },
	{ SYS_getrandom, ANY },
	{ SYS_uname, ANY },
	{ SYS_exit, ANY },
	{ SYS_exit_group, ANY },
};

int walls_up(uid_t uid, gid_t gid, const char *folder)
{
	const struct sandbox_path paths[] = {
		{ "/etc/resolv.conf", 0 },
		{ "/run/systemd/resolve", 0 },
		{ "/etc/hosts", 0 },
		{ "/etc/host.conf", 0 },
		{ "/etc/nsswitch.conf", 0 },
		{ "/etc/gai.conf", 0 },
		{ "/etc/services", 0 },
		{ "/etc/ssl", 0 },
		{ "/usr/share/ca-certificates", 0 },
		{ "/etc/localtime", 0 },
		{ "/usr/lib", 0 },
		{ "/dev/null", 1 },
		{ folder, 1 },
	};
	size_t count = sizeof(paths) / sizeof(paths[0]) - (folder ? 0 : 1);
	int r = sandbox_drop(uid, gid);

	if (r == 0)
		r = sandbox_landlock_but(paths, count);
	return r < 0 ? r : sandbox_seccomp(calls, sizeof(calls) / sizeof(calls[0]));
}
