// SPDX-License-Identifier: GPL-2.0-only
/* One run of capcert-statusd --ask: the chain in by a memory file, the answer out by a pipe. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/statusd_ask.h"

#define PROGRAM "capcert-statusd"
#define ANSWER_MOST (96u << 20)
#define CHAIN_FD 3
#define WORDS_MOST 48
#define NOTHING "nothing that holds: "

/* The one beside this program, else the first of PATH. */
static const char *program(char *buf, size_t cap)
{
	ssize_t n = readlink("/proc/self/exe", buf, cap - sizeof(PROGRAM));
	char *slash;

	if (n <= 0)
		return PROGRAM;
	buf[n] = '\0';
	slash = strrchr(buf, '/');
	if (!slash)
		return PROGRAM;
	strcpy(slash + 1, PROGRAM);
	return access(buf, X_OK) ? PROGRAM : buf;
}

static int chain_file(const capcert_chain *chain)
{
	int fd = memfd_create("chain", MFD_CLOEXEC), copy;
	size_t i, n;
	FILE *f;

	if (fd < 0)
		return -errno;
	copy = dup(fd);
	f = copy < 0 ? NULL : fdopen(copy, "w");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	for (i = 0; i < capcert_chain_count(chain); i++) {
		const uint8_t *der = capcert_cert_der(capcert_chain_at(chain, i), &n);

		file_put_pem(f, der, n);
	}
	if (fclose(f) || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static void fill_words(const struct args *args, enum ask_kind kind, const char **words)
{
	const char *network;
	size_t i, n = 0;

	words[n++] = PROGRAM;
	words[n++] = "--ask";
	words[n++] = "/proc/self/fd/3";
	words[n++] = kind == ASK_OCSP ? "--ocsp" : "--crl";
	words[n++] = "--fresh";
	for (i = 0; n < WORDS_MOST - 8 && (network = opt_nth(args, "allow", i)); i++) {
		words[n++] = "--allow";
		words[n++] = network;
	}
	if (opt_has(args, "any-port"))
		words[n++] = "--any-port";
	if (opt_has(args, "timeout")) {
		words[n++] = "--timeout";
		words[n++] = opt_text(args, "timeout");
	}
	if (kind == ASK_OCSP && opt_has(args, "nonce")) {
		words[n++] = "--nonce";
		words[n++] = opt_text(args, "nonce");
	}
	words[n] = NULL;
}

static int spawn(const struct args *args, enum ask_kind kind, int chain, const int out[2],
		 const int err[2], pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	const char *words[WORDS_MOST];
	char path[4096];
	int r;

	fill_words(args, kind, words);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO);
	posix_spawn_file_actions_adddup2(&actions, chain, CHAIN_FD);
	/* Handles that this program was given are none of its business. */
	posix_spawn_file_actions_addclosefrom_np(&actions, CHAIN_FD + 1);
	/* Whatever its caller blocks, it is to be ended by a signal. */
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	r = posix_spawnp(ret, program(path, sizeof(path)), &actions, &attr,
			 (char *const *)(uintptr_t)words, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

struct stream {
	int fd;
	uint8_t *data;
	size_t len, room;
};

/* Some more. Return: 1, 0 at the end, -errno. */
static int read_some(struct stream *s)
{
	ssize_t n;

	if (s->len == s->room) {
		size_t room = s->room ? 2 * s->room : 65536;
		uint8_t *more = room > 2 * ANSWER_MOST ? NULL : realloc(s->data, room);

		if (!more)
			return -ENOMEM;
		s->data = more;
		s->room = room;
	}
	n = read(s->fd, s->data + s->len, s->room - s->len);
	if (n < 0)
		return errno == EINTR ? 1 : -errno;
	s->len += (size_t)n;
	return n > 0;
}

static int read_both(struct stream *a, struct stream *b)
{
	struct pollfd fds[2] = { { a->fd, POLLIN, 0 }, { b->fd, POLLIN, 0 } };
	int r;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < 2; i++) {
			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			r = read_some(i ? b : a);
			if (r < 0)
				return r;
			if (r == 0)
				fds[i].fd = -1;
		}
	}
	return 0;
}

/* The last line that it wrote, without its name. */
static void last_words(const struct stream *s, char *why)
{
	size_t n = s->len, from;
	const char *text = (const char *)s->data, *at;

	while (n && (text[n - 1] == '\n' || text[n - 1] == ' '))
		n--;
	for (from = n; from && text[from - 1] != '\n'; from--)
		;
	if (from == n) {
		snprintf(why, ASK_WHY, PROGRAM " said nothing");
		return;
	}
	at = memmem(text + from, n - from, ": ", 2);
	at = at ? at + 2 : text + from;
	if ((size_t)(text + n - at) > strlen(NOTHING) && !memcmp(at, NOTHING, strlen(NOTHING)))
		at += strlen(NOTHING);
	snprintf(why, ASK_WHY, "%.*s", (int)(text + n - at), at);
}

static int finish(pid_t pid, struct stream *out, struct stream *err, char *why)
{
	int r = read_both(out, err), status;

	close(out->fd);
	close(err->fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return fail_errno(r, PROGRAM);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE && out->len)
		return EXIT_DONE;
	last_words(err, why);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NO)
		return EXIT_NO;
	return fail(EXIT_TROUBLE, PROGRAM ": %s", why);
}

int statusd_ask(const struct args *args, const capcert_chain *chain, enum ask_kind kind,
		uint8_t **ret, size_t *ret_len, char *why)
{
	struct stream out = { .fd = -1 }, err = { .fd = -1 };
	int out_pipe[2], err_pipe[2] = { -1, -1 }, file = chain_file(chain), r;
	pid_t pid;

	if (file < 0)
		return fail_errno(file, "the chain");
	if (pipe2(out_pipe, O_CLOEXEC) < 0 || pipe2(err_pipe, O_CLOEXEC) < 0)
		return fail_errno(-errno, "a pipe");
	r = spawn(args, kind, file, out_pipe, err_pipe, &pid);
	close(file);
	close(out_pipe[1]);
	close(err_pipe[1]);
	out.fd = out_pipe[0];
	err.fd = err_pipe[0];
	if (r < 0)
		return fail(EXIT_TROUBLE,
			    PROGRAM " cannot be run: %s; it is to be in the folder of "
				    "capcert, or in PATH",
			    strerror(-r));
	r = finish(pid, &out, &err, why);
	free(err.data);
	if (r) {
		free(out.data);
		return r;
	}
	*ret = out.data;
	*ret_len = out.len;
	return EXIT_DONE;
}
