// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what no helper may do, and a way to make those and its own. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "helpers/common/probe.h"

/* Everybody may read it, and no helper has a reason to. */
static long try_open(void)
{
	return open("/etc/group", O_RDONLY);
}

static long try_create(void)
{
	return open("/tmp/capcert-was-here", O_WRONLY | O_CREAT | O_EXCL, 0600);
}

static long try_exec(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };

	return execve("/bin/true", argv, argv + 1);
}

/* Without a wall ESRCH: we trace nobody. PTRACE_TRACEME would change how we end. */
static long try_ptrace(void)
{
	return ptrace(PTRACE_PEEKDATA, 1, NULL, NULL);
}

static long try_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

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

long probe_fork(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

long probe_unshare(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER);
}

static const struct probe_attempt common[] = {
	{ "open /etc/group", try_open },
	{ "create a file", try_create },
	{ "execve /bin/true", try_exec },
	{ "ptrace", try_ptrace },
	{ "executable memory", try_exec_memory },
	{ "signal another process", try_kill },
	{ "keyctl", try_keyctl },
	{ "become root", try_root },
	{ "mount", try_mount },
	{ "io_uring", try_io_uring },
	{ "bpf", try_bpf },
	{ "set the clock", try_set_clock },
};

#define COMMON (sizeof(common) / sizeof(common[0]))

/* What each attempt came to: 0 it worked, else its errno. */
struct results {
	const struct probe *probe;
	pthread_barrier_t inside;
	int of[2][COMMON + PROBE_MOST];
};

static const struct probe_attempt *attempt_at(const struct probe *p, size_t i)
{
	return i < COMMON ? &common[i] : &p->attempts[i - COMMON];
}

static void attempt_all(const struct probe *p, int *result)
{
	for (size_t i = 0; i < COMMON + p->count; i++)
		result[i] = attempt_at(p, i)->attempt() < 0 ? errno : 0;
}

static void *other_thread(void *arg)
{
	struct results *r = arg;

	pthread_barrier_wait(&r->inside); /* its own beginning is over */
	pthread_barrier_wait(&r->inside);
	attempt_all(r->probe, r->of[1]);
	return NULL;
}

static int report(const struct results *r)
{
	static const char *const who[] = { "main thread", "other thread" };
	int allowed = 0;

	for (size_t t = 0; t < 2; t++) {
		for (size_t i = 0; i < COMMON + r->probe->count; i++) {
			int e = r->of[t][i];
			/* Only the walls say these; anything else got past them. */
			bool refused = e == EPERM || e == EACCES;
			char line[160];
			int n = snprintf(line, sizeof(line), "%s: %s, %s: %s\n",
					 refused ? "refused" : "ALLOWED",
					 attempt_at(r->probe, i)->what, who[t],
					 e ? strerror(e) : "it worked");

			allowed += !refused;
			if (write(STDERR_FILENO, line, (size_t)n) < 0)
				allowed++;
		}
	}
	return allowed;
}

int probe_run(const struct probe *probe)
{
	static struct results results;
	pthread_t thread;
	int r;

	if (probe->count > PROBE_MOST)
		return -E2BIG;
	results.probe = probe;
	r = probe->before_threads(probe->ctx);
	if (r < 0)
		return r;
	pthread_barrier_init(&results.inside, NULL, 2);
	r = -pthread_create(&thread, NULL, other_thread, &results);
	if (r < 0)
		return r;
	pthread_barrier_wait(&results.inside);
	r = probe->after_threads ? probe->after_threads(probe->ctx) : 0;
	if (r < 0)
		return r;
	pthread_barrier_wait(&results.inside);
	attempt_all(probe, results.of[0]);
	pthread_join(thread, NULL);
	return report(&results);
}
