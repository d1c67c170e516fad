// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at everything this agent must not be able to do. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "helpers/common/log.h"
#include "helpers/verifyd/probe.h"
#include "helpers/verifyd/walls.h"

static long try_open(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long try_create(void)
{
	return open("/tmp/capcert-verifyd-was-here", O_WRONLY | O_CREAT | O_EXCL, 0600);
}

static long try_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_exec(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };

	return execve("/bin/true", argv, argv + 1);
}

static long try_fork(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

/* Without a wall ESRCH: we trace nobody. PTRACE_TRACEME would change how we end. */
static long try_ptrace(void)
{
	return ptrace(PTRACE_PEEKDATA, 1, NULL, NULL);
}

static long try_read_other(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 0);
}

static long try_write_other(void)
{
	return write(STDOUT_FILENO, "", 0);
}

static long try_hello(void)
{
	return ioctl(WALLS_AGENT_FD, CAPCERT_AGENT_HELLO, NULL);
}

static long try_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long try_map_file(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, WALLS_AGENT_FD, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long try_kill(void)
{
	return kill(1, 0);
}

static long try_keyctl(void)
{
	return syscall(SYS_keyctl, 0, -4, 0); /* KEYCTL_GET_KEYRING_ID, user keyring */
}

static long try_root(void)
{
	return syscall(SYS_setuid, 0);
}

static long try_mount(void)
{
	return syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL);
}

static long try_unshare(void)
{
	return syscall(SYS_unshare, 0x10000000); /* CLONE_NEWUSER */
}

static long try_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL);
}

static long try_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0);
}

static long try_set_clock(void)
{
	struct timespec t = { .tv_sec = 1 };

	return syscall(SYS_clock_settime, CLOCK_REALTIME, &t);
}

static const struct {
	const char *what;
	long (*attempt)(void);
} attempts[] = {
	{ "open /etc/passwd", try_open },
	{ "create a file", try_create },
	{ "socket AF_INET", try_inet },
	{ "socket AF_UNIX", try_unix },
	{ "execve /bin/true", try_exec },
	{ "fork", try_fork },
	{ "ptrace", try_ptrace },
	{ "read another fd", try_read_other },
	{ "write another fd", try_write_other },
	{ "say HELLO again", try_hello },
	{ "executable memory", try_exec_memory },
	{ "map a file", try_map_file },
	{ "signal another process", try_kill },
	{ "keyctl", try_keyctl },
	{ "become root", try_root },
	{ "mount", try_mount },
	{ "unshare", try_unshare },
	{ "io_uring", try_io_uring },
	{ "bpf", try_bpf },
	{ "set the clock", try_set_clock },
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* What each attempt came to: 0 it worked, else its errno. */
static int results[2][ATTEMPTS];
static pthread_barrier_t inside;

static void attempt_all(int *result)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		result[i] = attempts[i].attempt() < 0 ? errno : 0;
}

static void *other_thread(void *unused)
{
	pthread_barrier_wait(&inside);
	pthread_barrier_wait(&inside);
	attempt_all(results[1]);
	return NULL;
}

static int report(void)
{
	static const char *const who[] = { "main thread", "other thread" };
	char line[160];
	int allowed = 0;

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < ATTEMPTS; i++) {
			int e = results[t][i];
			/* Only the walls say these; anything else got past them. */
			bool refused = e == EPERM || e == EACCES;
			int n = snprintf(line, sizeof(line), "%s: %s, %s: %s\n",
					 refused ? "refused" : "ALLOWED", attempts[i].what, who[t],
					 e ? strerror(e) : "it worked");

			allowed += !refused;
			if (write(STDERR_FILENO, line, (size_t)n) < 0)
				allowed++;
		}
	}
	return allowed;
}

int probe_sandbox(uid_t uid, gid_t gid)
{
	int agent = eventfd(0, EFD_CLOEXEC), stop = eventfd(0, EFD_CLOEXEC);
	pthread_t thread;
	int r;

	if (agent < 0 || stop < 0)
		return -errno;
	r = walls_fds(agent, stop, -1);
	if (r == 0)
		r = walls_before_threads(uid, gid);
	if (r < 0)
		return r;
	log_line(LOG_INFO, "Landlock ABI %d%s", r, r ? "" : ": this kernel has none");
	pthread_barrier_init(&inside, NULL, 2);
	r = -pthread_create(&thread, NULL, other_thread, NULL);
	if (r < 0)
		return r;
	pthread_barrier_wait(&inside); /* the thread's own beginning is over */
	r = walls_after_threads();
	if (r < 0)
		return r;
	pthread_barrier_wait(&inside);
	attempt_all(results[0]);
	pthread_join(thread, NULL);
	return report();
}
