// SPDX-License-Identifier: GPL-2.0-only
/* A list of system calls for each process, and the files that it may see. Ids went before. */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/walls.h"
#include "helpers/common/calls.h"
#include "helpers/common/sandbox.h"

/* Messages, memory, the time, the end: what all of them need. */
#define EVERYBODY                                                                                  \
	{ SYS_read, ANY }, { SYS_write, ANY }, { SYS_writev, ANY }, { SYS_close, ANY },            \
		{ SYS_sendmsg, ANY }, { SYS_recvmsg, ANY }, { SYS_sendto, ANY },                   \
		{ SYS_recvfrom, ANY }, { SYS_poll, ANY }, { SYS_ppoll, ANY },                      \
		{ SYS_mmap, { NOT(2, PROT_EXEC) } }, { SYS_mprotect, { NOT(2, PROT_EXEC) } },      \
		{ SYS_munmap, ANY }, { SYS_mremap, ANY }, { SYS_madvise, ANY }, { SYS_brk, ANY },  \
		{ SYS_futex, ANY }, { SYS_fstat, ANY }, { SYS_newfstatat, ANY },                   \
		{ SYS_lseek, ANY }, { SYS_getpid, ANY }, { SYS_gettid, ANY },                      \
		{ SYS_rt_sigaction, ANY }, { SYS_rt_sigprocmask, ANY }, { SYS_rt_sigreturn, ANY }, \
		{ SYS_restart_syscall, ANY }, { SYS_clock_gettime, ANY }, { SYS_getrandom, ANY },  \
		{ SYS_exit, ANY },                                                                 \
	{                                                                                          \
		SYS_exit_group, ANY                                                                \
	}
#define COUNT(calls) (sizeof(calls) / sizeof(calls[0]))

static enum walls_which which = WALLS_BOTH;

void walls_only(enum walls_which only)
{
	which = only;
}

static int up(const struct sandbox_path *paths, size_t path_count, const struct sandbox_call *calls,
	      size_t count)
{
	/* 0: this kernel has none. */
	int r = which == WALLS_CALLS ? 0 : sandbox_landlock_but(paths, path_count);

	return r < 0 || which == WALLS_FILES ? r : sandbox_seccomp(calls, count);
}

int walls_keeper(const char *folder)
{
	static const struct sandbox_call calls[] = {
		EVERYBODY,
		/* clients of the control socket */
		{ SYS_accept4, ANY },
		/* SQLite */
		{ SYS_openat, ANY },
		{ SYS_open, ANY },
		{ SYS_pread64, ANY },
		{ SYS_pwrite64, ANY },
		{ SYS_ftruncate, ANY },
		{ SYS_fsync, ANY },
		{ SYS_fdatasync, ANY },
		{ SYS_fcntl, ANY },
		{ SYS_flock, ANY },
		{ SYS_unlink, ANY },
		{ SYS_unlinkat, ANY },
		{ SYS_access, ANY },
		{ SYS_faccessat2, ANY },
		{ SYS_stat, ANY },
		{ SYS_lstat, ANY },
		{ SYS_readlink, ANY },
		{ SYS_getcwd, ANY },
		{ SYS_geteuid, ANY },
		{ SYS_uname, ANY },
		{ SYS_adjtimex, ANY },
		{ SYS_clock_adjtime, { EQUAL(0, CLOCK_REALTIME) } },
		{ SYS_clock_nanosleep, ANY },
		/* events of slots: a watch can do nothing else */
		{ SYS_ioctl, ANY },
	};
	const struct sandbox_path paths[] = { { folder, 1 }, { "/etc/localtime", 0 } };

	return up(paths, COUNT(paths), calls, COUNT(calls));
}

int walls_network(void)
{
	static const struct sandbox_call calls[] = {
		EVERYBODY,
		{ SYS_socket, { EQUAL(0, AF_INET) } },
		{ SYS_socket, { EQUAL(0, AF_INET6) } },
		{ SYS_socket, { EQUAL(0, AF_NETLINK) } }, /* which address families there are */
		{ SYS_socket, { EQUAL(0, AF_UNIX) } }, /* nscd, which Landlock keeps out of reach */
		{ SYS_connect, ANY },
		{ SYS_bind, ANY },
		{ SYS_sendmmsg, ANY },
		{ SYS_getsockopt, ANY },
		{ SYS_setsockopt, ANY },
		{ SYS_getsockname, ANY },
		{ SYS_getpeername, ANY },
		{ SYS_shutdown, ANY },
		/* handles: what may be done with each is the kernel's to say */
		{ SYS_ioctl, ANY },
		{ SYS_fcntl, ANY },
		{ SYS_eventfd2, ANY },
		{ SYS_openat, ANY },
		{ SYS_pread64, ANY },
		{ SYS_access, ANY },
		{ SYS_faccessat2, ANY },
		/* a thread for each verification that takes its time */
		{ SYS_clone,
		  { EQUAL(0, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
				     CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |
				     CLONE_CHILD_CLEARTID) } },
		{ SYS_clone3,
		  ANY }, /* its flags are out of sight; without exec and ids it makes no harm */
		{ SYS_set_robust_list, ANY },
		{ SYS_rseq, ANY },
		{ SYS_sched_getaffinity, ANY },
		{ SYS_sched_yield, ANY },
		{ SYS_clock_nanosleep, ANY },
		{ SYS_clock_adjtime, { EQUAL(0, CLOCK_REALTIME) } },
		{ SYS_adjtimex, ANY },
		{ SYS_uname, ANY },
		{ SYS_geteuid, ANY },
	};
	static const struct sandbox_path paths[] = {
		{ "/etc/resolv.conf", 0 },   { "/run/systemd/resolve", 0 },
		{ "/etc/hosts", 0 },	     { "/etc/host.conf", 0 },
		{ "/etc/nsswitch.conf", 0 }, { "/etc/gai.conf", 0 },
		{ "/etc/services", 0 },	     { "/etc/localtime", 0 },
		{ "/usr/lib", 0 },	     { "/lib", 0 },
		{ "/etc/ld.so.cache", 0 },
	};

	return up(paths, COUNT(paths), calls, COUNT(calls));
}

int walls_installer(void)
{
	static const struct sandbox_call calls[] = {
		EVERYBODY,
		{ SYS_ioctl, ANY },
		{ SYS_fcntl, ANY },
		{ SYS_clock_nanosleep, ANY },
	};

	return up(NULL, 0, calls, COUNT(calls));
}

int walls_responder(void)
{
	static const struct sandbox_call calls[] = {
		EVERYBODY,
		{ SYS_listen, ANY },
		{ SYS_accept4, ANY },
		{ SYS_shutdown, ANY },
		{ SYS_fcntl, ANY },
		{ SYS_epoll_create1, ANY },
		{ SYS_epoll_ctl, ANY },
		{ SYS_epoll_wait, ANY },
		{ SYS_epoll_pwait, ANY },
	};

	return up(NULL, 0, calls, COUNT(calls));
}

int walls_dns(void)
{
	/* Only the two kinds of sockets that questions go by. */
	enum { FLAGS = SOCK_CLOEXEC | SOCK_NONBLOCK };
	static const struct sandbox_call calls[] = {
		EVERYBODY,
		{ SYS_socket, { EQUAL(0, AF_INET), EQUAL(1, SOCK_DGRAM | FLAGS) } },
		{ SYS_socket, { EQUAL(0, AF_INET), EQUAL(1, SOCK_STREAM | FLAGS) } },
		{ SYS_socket, { EQUAL(0, AF_INET6), EQUAL(1, SOCK_DGRAM | FLAGS) } },
		{ SYS_socket, { EQUAL(0, AF_INET6), EQUAL(1, SOCK_STREAM | FLAGS) } },
		{ SYS_connect, ANY },
		{ SYS_getsockopt, { EQUAL(1, SOL_SOCKET), EQUAL(2, SO_ERROR) } },
	};

	return up(NULL, 0, calls, COUNT(calls));
}

int walls_program(void)
{
	static const struct sandbox_call calls[] = { EVERYBODY };

	return up(NULL, 0, calls, COUNT(calls));
}
