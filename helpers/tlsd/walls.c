// SPDX-License-Identifier: GPL-2.0-only
/* Who breaks into this process finds the plain text of its connections, and handles that sign handshakes;
 * no key, no file, and no way to another program. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <capcert/capcert.h>
#include "helpers/common/calls.h"
#include "helpers/common/sandbox.h"
#include "helpers/common/service.h"
#include "helpers/tlsd/walls.h"

int walls_fds(const struct options *o, int notify)
{
	int keep[3 * GATES_MOST + 1];
	size_t n = 0;

	keep[n++] = notify;
	for (unsigned int i = 0; i < o->gate_count; i++) {
		keep[n++] = capcert_fd(o->gates[i].config);
		keep[n++] = o->gates[i].acme ? capcert_fd(o->gates[i].acme) : -1;
		keep[n++] = o->gates[i].socket ? service_fd(o->gates[i].socket) : -1;
	}
	return sandbox_close_others(keep, n);
}

int walls_before_threads(struct run *run)
{
	int r = sandbox_drop(run->uid, run->gid);

	/* 0: this kernel has none. */
	r = r < 0 ? r : sandbox_landlock_but(NULL, 0);
	return r < 0 ? r : 0;
}

int walls_after_threads(struct run *run)
{
	const uint32_t self = (uint32_t)getpid();
	const struct sandbox_call calls[] = {
		/* sockets, of three families; an fd is no file */
		{ SYS_socket, { EQUAL(0, AF_INET) } },
		{ SYS_socket, { EQUAL(0, AF_INET6) } },
		{ SYS_socket, { EQUAL(0, AF_UNIX) } },
		{ SYS_accept4, ANY },
		{ SYS_connect, ANY },
		{ SYS_sendmsg, ANY },
		{ SYS_sendto, ANY },
		{ SYS_recvfrom, ANY },
		{ SYS_recvmsg, ANY },
		{ SYS_shutdown, ANY },
		{ SYS_getsockopt, ANY },
		{ SYS_setsockopt, ANY },
		{ SYS_getsockname, ANY },
		{ SYS_getpeername, ANY },
		{ SYS_close, ANY },
		{ SYS_read, ANY },
		{ SYS_write, ANY },
		{ SYS_epoll_wait, ANY },
		{ SYS_epoll_pwait, ANY },
		{ SYS_epoll_ctl, ANY },
		{ SYS_poll, ANY },
		{ SYS_ppoll, ANY },
		/* handles: what may be done with each is the kernel's to say */
		{ SYS_ioctl, ANY },
		{ SYS_fcntl, ANY },
		{ SYS_eventfd2, ANY },
		{ SYS_pipe2, ANY },
		/* a thread for each verification that takes its time */
		{ SYS_clone, { NOT(0, 0x7e020000) } }, /* CLONE_NEW* */
		{ SYS_clone3, ANY },
		{ SYS_set_robust_list, ANY },
		{ SYS_rseq, ANY },
		/* the time, memory, signals of this process */
		{ SYS_clock_gettime, ANY },
		{ SYS_clock_nanosleep, ANY },
		{ SYS_clock_adjtime, { EQUAL(0, CLOCK_REALTIME) } },
		{ SYS_adjtimex, ANY },
		{ SYS_mmap, { NOT(2, PROT_EXEC), EQUAL(4, UINT32_MAX) } },
		{ SYS_mprotect, { NOT(2, PROT_EXEC) } },
		{ SYS_munmap, ANY },
		{ SYS_mremap, ANY },
		{ SYS_madvise, ANY },
		{ SYS_brk, ANY },
		{ SYS_futex, ANY },
		{ SYS_sched_yield, ANY },
		{ SYS_sched_getaffinity, ANY },
		{ SYS_getpid, ANY },
		{ SYS_gettid, ANY },
		{ SYS_tgkill, { EQUAL(0, self) } },
		{ SYS_rt_sigaction, ANY },
		{ SYS_rt_sigprocmask, ANY },
		{ SYS_rt_sigreturn, ANY },
		{ SYS_restart_syscall, ANY },
		{ SYS_getrandom, ANY },
		{ SYS_exit, ANY },
		{ SYS_exit_group, ANY },
	};
	int r = sandbox_limit(RLIMIT_CORE, 0);

	(void)run;
	return r < 0 ? r : sandbox_seccomp(calls, sizeof(calls) / sizeof(calls[0]));
}
