// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* acmed_cut COMMAND [ARG]...: runs capcert-acmed, and ends it, or a process of it, before a system call that writes.
 *
 * Lines on standard input: "WHO N": before the Nth such call from now on of WHO, WHO is killed: starter, keeper, network,
 * installer, solver, program (of a solver); or "daemon": all of them, as a power cut does. N 0: nobody is, and each call is
 * told. Lines on standard output: "armed" to each of these, "at N WHO CALL", "cut N WHO CALL", "ended" when the starter has.
 *
 * Calls are counted from the keeper's first one. A filter of system calls stops the callers: those of the daemon, which come
 * later, are in force as ever. Runs as root. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST 256
#define OPTIONS                                                                                 \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	 PTRACE_O_TRACECLONE)

static const struct {
	int nr;
	const char *name;
} calls[] = {
	{ SYS_write, "write" },		{ SYS_writev, "writev" },   { SYS_pwrite64, "pwrite64" },
	{ SYS_sendto, "sendto" },	{ SYS_sendmsg, "sendmsg" }, { SYS_sendmmsg, "sendmmsg" },
	{ SYS_ftruncate, "ftruncate" }, { SYS_fsync, "fsync" },	    { SYS_fdatasync, "fdatasync" },
	{ SYS_open, "open" },		{ SYS_openat, "openat" },   { SYS_unlink, "unlink" },
	{ SYS_unlinkat, "unlinkat" },	{ SYS_rename, "rename" },   { SYS_renameat2, "renameat2" },
	{ SYS_mkdir, "mkdir" },		{ SYS_ioctl, "ioctl" },	    { SYS_shutdown, "shutdown" },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static pid_t pids[MOST], root;
static size_t count;
static char who[16] = "daemon";
static unsigned long at, when;
static bool begun;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- the child ---- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define IF(test, value, yes, no) BPF_JUMP(BPF_JMP | (test) | BPF_K, value, yes, no)
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, value)

/* Not what is written to the log; files only if they may be made by that. */
static void stop_at_writes(void)
{
	struct sock_filter code[CALLS + 32] = {
		LOAD(nr),
		IF(BPF_JEQ, SYS_write, 0, 2),
		LOAD(args[0]),
		IF(BPF_JEQ, 2, 7, 8),
		IF(BPF_JEQ, SYS_open, 0, 2),
		LOAD(args[1]),
		IF(BPF_JSET, O_CREAT, 5, 4),
		IF(BPF_JEQ, SYS_openat, 0, 2),
		LOAD(args[2]),
		IF(BPF_JSET, O_CREAT, 2, 1),
		BPF_STMT(BPF_JMP | BPF_JA, 2),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_TRACE),
	};
	struct sock_fprog p = { .filter = code };
	size_t n = 13;

	for (size_t i = 0; i < CALLS; i++)
		code[n++] = (struct sock_filter)IF(BPF_JEQ, (unsigned int)calls[i].nr,
						   (unsigned char)(CALLS - i), 0);
	code[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)RETURN(SECCOMP_RET_TRACE);
	p.len = (unsigned short)n;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p) < 0)
		die("PR_SET_SECCOMP");
}

static void run(char **argv)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise(SIGSTOP);
	stop_at_writes();
	execv(argv[0], argv);
	die(argv[0]);
}

/* ---- who, and what ---- */

static void add(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			return;
	if (count == MOST) {
		fprintf(stderr, "acmed_cut: too many processes\n");
		exit(1);
	}
	pids[count++] = pid;
}

static void gone(pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (pids[i] == pid)
			pids[i] = pids[--count];
	if (pid == root) {
		puts("ended");
		root = 0;
	}
}

/* By its name; a part has its own once it has its handles. */
static const char *name_of(pid_t pid)
{
	static char name[32];
	char path[64];
	FILE *f;

	if (pid == root)
		return "starter";
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, sizeof(name), f))
		name[0] = '\0';
	if (f)
		fclose(f);
	name[strcspn(name, "\n")] = '\0';
	if (!strncmp(name, "acmed-", 6))
		return name + 6;
	return strcmp(name, "capcert-acmed") ? "program" : "part";
}

static const char *call_of(pid_t pid)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0)
		for (size_t i = 0; i < CALLS; i++)
			if ((int)info.seccomp.nr == calls[i].nr)
				return calls[i].name;
	return "?";
}

/* Return: whether it lives. */
static bool writes(pid_t pid)
{
	const char *name = name_of(pid);
	const bool all = !strcmp(who, "daemon");

	begun |= !strcmp(name, "keeper");
	if (!begun || (!all && strcmp(name, who) != 0))
		return true;
	if (++at != when) {
		if (!when)
			printf("at %lu %s %s\n", at, name, call_of(pid));
		return true;
	}
	printf("cut %lu %s %s\n", at, name, call_of(pid));
	for (size_t i = 0; i < count; i++)
		if (all || pids[i] == pid)
			kill(pids[i], SIGKILL);
	return false;
}

/* ---- the loop ---- */

static void stopped(pid_t pid, int status)
{
	const int event = status >> 16, sig = WSTOPSIG(status);
	unsigned long child;

	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		if (!writes(pid))
			return;
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0)
			add((pid_t)child);
		break;
	case PTRACE_EVENT_STOP:
		add(pid);
		if (sig != SIGTRAP) {
			ptrace(PTRACE_LISTEN, pid, 0, 0);
			return;
		}
		break;
	default:
		break;
	}
	ptrace(PTRACE_CONT, pid, 0, event ? 0 : sig);
}

static void events(int signals)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	if (read(signals, &info, sizeof(info)) < 0 && errno != EAGAIN)
		die("signalfd");
	while ((pid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		if (WIFSTOPPED(status))
			stopped(pid, status);
		else
			gone(pid);
	}
}

/* Return: false at the end of them. */
static bool command(void)
{
	static char line[256];
	static size_t n;
	ssize_t r = read(STDIN_FILENO, line + n, sizeof(line) - 1 - n);
	char *end;

	if (r <= 0)
		return false;
	n += (size_t)r;
	line[n] = '\0';
	while ((end = strchr(line, '\n'))) {
		if (sscanf(line, "%15s %lu", who, &when) == 2) {
			at = 0;
			puts("armed");
		}
		n -= (size_t)(end + 1 - line);
		memmove(line, end + 1, n + 1);
	}
	return true;
}

static void start(char **argv)
{
	int status;

	root = fork();
	if (root < 0)
		die("fork");
	if (root == 0)
		run(argv);
	if (waitpid(root, &status, WUNTRACED) != root || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SEIZE, root, 0, OPTIONS) < 0 || kill(root, SIGCONT) < 0)
		die("ptrace");
	add(root);
}

int main(int argc, char **argv)
{
	struct pollfd p[] = { { .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	sigset_t set;

	if (argc < 2) {
		fprintf(stderr, "usage: acmed_cut COMMAND [ARG]...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p[0].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!command())
		return 2;
	start(argv + 1);
	while (count) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (p[0].revents)
			events(p[0].fd);
		if (p[1].revents && !command())
			return 0;
	}
	return 0;
}
