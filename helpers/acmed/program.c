// SPDX-License-Identifier: GPL-2.0-only
/* Runs the program of an exec solver. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "helpers/acmed/conf.h"
#include "helpers/acmed/program.h"
#include "helpers/common/sandbox.h"

char *program_text(const char *action, const struct challenge *c)
{
	static const char hex[] = "0123456789abcdef";
	char digest[65] = "";
	char *text = NULL;
	json_t *o;

	for (size_t i = 0; c->digest && i < 32; i++) {
		digest[2 * i] = hex[c->digest[i] >> 4];
		digest[2 * i + 1] = hex[c->digest[i] & 15];
	}
	o = json_pack("{s:s, s:s, s:{s:s, s:s}, s:b, s:s, s:s, s:s, s:s, s:s}", "action", action,
		      "type", conf_challenge_name(c->type), "identifier", "type",
		      c->ip ? "ip" : "dns", "value", c->identifier, "wildcard", c->wildcard,
		      "token", c->token, "key_authorization", c->key_authorization, "record",
		      c->record, "text", c->text, "digest", digest);
	if (o)
		text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return text;
}

/* A file without a name: no program can be made to wait by not reading it. */
static int input_of(const char *text)
{
	int fd = memfd_create("challenge", MFD_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0)
		return -errno;
	if (write(fd, text, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -EIO;
}

/* In a process group of its own, with nothing open but the three. */
static int start(const char *path, int input, pid_t *ret)
{
	char *const argv[] = { (char *)path, NULL };
	char *const env[] = { (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
				      "/sbin:/bin",
			      NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawn_file_actions_init(&files);
	r = posix_spawn_file_actions_adddup2(&files, input, 0);
	if (!r)
		r = posix_spawn_file_actions_adddup2(&files, 2, 1);
	if (!r)
		r = posix_spawn_file_actions_addclosefrom_np(&files, 3);
	if (!r)
		r = posix_spawn(ret, path, &files, &attr, argv, env);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return -r;
}

/* Return: 0 with the wait status, -ETIMEDOUT. */
static int await(pid_t pid, uint32_t seconds, int *ret_status)
{
	struct pollfd p = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, (int)seconds * 1000);
	while (n < 0 && errno == EINTR);
	if (p.fd >= 0)
		close(p.fd);
	if (n <= 0)
		kill(-pid, SIGKILL);
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
	return n <= 0 ? -ETIMEDOUT : 0;
}

int program_run(const char *path, const char *text, uint32_t seconds, char *error)
{
	int input = input_of(text), status = 0, r;
	pid_t pid;

	if (input < 0)
		return input;
	r = start(path, input, &pid);
	close(input);
	if (r < 0) {
		snprintf(error, 256, "%.180s cannot be run: %s", path, strerror(-r));
		return r;
	}
	r = await(pid, seconds, &status);
	if (r < 0)
		snprintf(error, 256, "%.180s did not end within %u s", path, seconds);
	else if (WIFSIGNALED(status))
		snprintf(error, 256, "%.180s was ended by signal %d", path, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(error, 256, "%.180s exited with %d: see the log", path,
			 WEXITSTATUS(status));
	return r < 0 ? r : status ? -EREMOTEIO : 0;
}

/* ---- by a process of its own ---- */

struct outcome {
	int32_t result;
	char error[256];
};

__attribute__((noreturn)) static void runner(const char *path, uint32_t seconds, int fd)
{
	static char text[WIRE_MOST];
	ssize_t n;

	prctl(PR_SET_NAME, "acmed-runner");
	if (sandbox_close_others(&fd, 1) < 0)
		_exit(1);
	while ((n = recv(fd, text, sizeof(text) - 1, 0)) > 0) {
		struct outcome o = { 0 };

		text[n] = '\0';
		o.result = program_run(path, text, seconds, o.error);
		if (send(fd, &o, sizeof(o), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int program_runner(const char *path, uint32_t seconds)
{
	int fds[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		runner(path, seconds, fds[1]);
	r = pid < 0 ? -errno : fds[0];
	close(fds[1]);
	if (r < 0)
		close(fds[0]);
	return r;
}

int program_ask(int runner, const char *text, char *error)
{
	struct outcome o;
	size_t len = strlen(text);

	if (len >= WIRE_MOST)
		return -EMSGSIZE;
	if (send(runner, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		return -EPIPE;
	if (recv(runner, &o, sizeof(o), 0) != sizeof(o))
		return -EPIPE;
	memcpy(error, o.error, sizeof(o.error));
	error[sizeof(o.error) - 1] = '\0';
	return o.result;
}
