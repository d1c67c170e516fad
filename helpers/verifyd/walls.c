// SPDX-License-Identifier: GPL-2.0-only
/* No file, no network, no new program, no process but this one; only the agent's own fd. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/calls.h"
#include "helpers/common/sandbox.h"
#include "helpers/verifyd/walls.h"

/* Stores in the cache, the budget of each verification, stacks: far below. */
#define MEMORY_MOST (2ull << 30)

#define ABOVE 16 /* where fds wait while the low numbers are sorted out */

static int place(int fd, int where)
{
	if (fd < 0)
		return 0;
	if (dup3(fd, where, O_CLOEXEC) < 0)
		return -errno;
	close(fd);
	return 0;
}

int walls_fds(int agent, int stop, int notify)
{
	static const int keep[] = { WALLS_AGENT_FD, WALLS_STOP_FD, WALLS_NOTIFY_FD };
	int high[] = { agent, stop, notify };
	int r;

	for (size_t i = 0; i < 3; i++) {
		int fd = high[i] < 0 ? -1 : fcntl(high[i], F_DUPFD_CLOEXEC, ABOVE);

		if (high[i] >= 0 && fd < 0)
			return -errno;
		high[i] = fd;
	}
	r = sandbox_close_others(high, 3);
	for (size_t i = 0; r == 0 && i < 3; i++)
		r = place(high[i], keep[i]);
	return r;
}

int walls_before_threads(uid_t uid, gid_t gid)
{
	int r = sandbox_drop(uid, gid);

	return r < 0 ? r : sandbox_landlock();
}

int walls_after_threads(void)
{
	const uint32_t self = (uint32_t)getpid();
	const struct sandbox_call calls[] = {
		/* the work */
		{ SYS_read, { EQUAL(0, WALLS_AGENT_FD) } },
		{ SYS_write, { EQUAL(0, WALLS_AGENT_FD) } },
		{ SYS_ioctl, { EQUAL(0, WALLS_AGENT_FD), EQUAL(1, CAPCERT_AGENT_STATE) } },
		{ SYS_poll, ANY },
		{ SYS_ppoll, ANY },
		/* the log, the service manager, the end */
		{ SYS_write, { EQUAL(0, STDERR_FILENO) } },
		{ SYS_write, { EQUAL(0, WALLS_STOP_FD) } },
		{ SYS_write, { EQUAL(0, WALLS_NOTIFY_FD) } },
		/* the time and what it is worth; setting it needs a capability that is gone */
		{ SYS_clock_gettime, ANY },
		{ SYS_clock_adjtime, { EQUAL(0, CLOCK_REALTIME) } },
		{ SYS_adjtimex, ANY },
		/* memory, never executable, never of a file */
		{ SYS_mmap, { NOT(2, PROT_EXEC), EQUAL(4, UINT32_MAX) } },
		{ SYS_mprotect, { NOT(2, PROT_EXEC) } },
		{ SYS_munmap, ANY },
		{ SYS_mremap, ANY },
		{ SYS_madvise, ANY },
		{ SYS_brk, ANY },
		/* threads and signals of this process */
		{ SYS_futex, ANY },
		{ SYS_sched_yield, ANY },
		{ SYS_sched_getaffinity, ANY },
		{ SYS_getpid, ANY },
		{ SYS_gettid, ANY },
		{ SYS_tgkill, { EQUAL(0, self) } },
		{ SYS_rt_sigaction, ANY },
		{ SYS_rt_sigprocmask, ANY },
		{ SYS_rt_sigreturn, ANY },
		{ SYS_rt_sigtimedwait, ANY },
		{ SYS_restart_syscall, ANY },
		{ SYS_getrandom, ANY },
		{ SYS_exit, ANY },
		{ SYS_exit_group, ANY },
	};
	int r = sandbox_limits(MEMORY_MOST);

	return r < 0 ? r : sandbox_seccomp(calls, sizeof(calls) / sizeof(calls[0]));
}
