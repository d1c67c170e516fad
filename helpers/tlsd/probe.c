// SPDX-License-Identifier: GPL-2.0-only
/* Attempts at what a server of connections has no use for. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/tlsd/probe.h"
#include "helpers/tlsd/walls.h"

static long try_open(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long try_create(void)
{
	return open("/tmp/capcert-tlsd-was-here", O_WRONLY | O_CREAT | O_EXCL, 0600);
}

static long try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long try_packet(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

/* It listens where it did when it began, and nowhere else. */
static long try_listen(void)
{
	return listen(STDIN_FILENO, 1);
}

static long try_bind(void)
{
	const struct sockaddr any = { .sa_family = AF_INET };

	return bind(STDIN_FILENO, &any, sizeof(any));
}

static long try_exec(void)
{
	static char name[] = "true";
	char *const argv[] = { name, NULL };

	return execve("/bin/true", argv, argv + 1);
}

static long try_new_namespace(void)
{
	long pid = syscall(SYS_clone, SIGCHLD | 0x10000000, 0, 0, 0, 0); /* CLONE_NEWUSER */

	if (pid == 0)
		_exit(0);
	return pid;
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

static long try_map_file(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, STDIN_FILENO, 0);

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

static const struct {
	const char *what;
	long (*attempt)(void);
} attempts[] = {
	{ "open /etc/passwd", try_open },
	{ "create a file", try_create },
	{ "socket AF_NETLINK", try_netlink },
	{ "socket AF_PACKET", try_packet },
	{ "listen", try_listen },
	{ "bind", try_bind },
	{ "execve /bin/true", try_exec },
	{ "a namespace of its own", try_new_namespace },
	{ "ptrace", try_ptrace },
	{ "executable memory", try_exec_memory },
	{ "map a file", try_map_file },
	{ "signal another process", try_kill },
	{ "keyctl", try_keyctl },
	{ "become root", try_root },
	{ "mount", try_mount },
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
	attempt_all(results[1]);
	return unused;
}

static int report(void)
{
	static const char *const who[] = { "main thread", "other thread" };
	int allowed = 0;

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < ATTEMPTS; i++) {
			int e = results[t][i];
			/* Only the walls say these; anything else got past them. */
			bool refused = e == EPERM || e == EACCES;
			char line[160];
			int n = snprintf(line, sizeof(line), "%s: %s, %s: %s\n",
					 refused ? "refused" : "ALLOWED", attempts[i].what, who[t],
					 e ? strerror(e) : "it worked");

			allowed += !refused;
			if (write(STDERR_FILENO, line, (size_t)n) < 0)
				allowed++;
		}
	return allowed;
}

int probe_sandbox(struct run *run)
{
	pthread_t thread;
	int r = walls_before_threads(run);

	if (r < 0)
		return r;
	pthread_barrier_init(&inside, NULL, 2);
	if (pthread_create(&thread, NULL, other_thread, NULL))
		return -EAGAIN;
	r = walls_after_threads(run);
	if (r < 0)
		return r;
	attempt_all(results[0]);
	pthread_barrier_wait(&inside);
	pthread_join(thread, NULL);
	return report();
}
