// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A solver of capcert-acmed by itself, in its own process and behind its own walls; this is its keeper.
 *
 *	acmed_solver CONFIG SOLVER
 *
 * Each line of standard input, "publish|withdraw IDENTIFIER RECORD TEXT", becomes one challenge, of the token
 * dG9rZW4; the answer is one line: 0, or the error and what is said about it. Environment: SKEW, seconds that its clock is wrong. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/parts.h"
#include "helpers/acmed/setup.h"
#include "helpers/common/log.h"

/* In the C library's place. */
time_t time(time_t *ret)
{
	const char *skew = getenv("SKEW");
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += skew ? atol(skew) : 0;
	if (ret)
		*ret = t.tv_sec;
	return t.tv_sec;
}

static int start(struct conf *conf, size_t solver)
{
	struct holdings holds = { -1, -1, -1, -1, -1, -1, -1 };
	bool owned[CONF_SOLVERS] = { false };
	struct world w = { .conf = conf, .owned = owned };
	int fds[2];

	if (conf->solvers[solver].kind == CONF_SOLVER_HTTP)
		holds.socket = setup_socket(conf->solvers[solver].listen, &owned[solver]);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	if (fork() == 0) {
		close(fds[0]);
		conf_forget(conf, SIZE_MAX, solver);
		_exit(solver_main(&w, solver, &holds, fds[1]));
	}
	close(fds[1]);
	return fds[0];
}

static int ask(int fd, char *line, const struct conf_solver *s)
{
	static struct wire wire;
	static uint32_t id;
	char *rest = line, *what = strsep(&rest, " "), *identifier = strsep(&rest, " ");
	char *record = strsep(&rest, " ");
	struct challenge c = { .id = ++id,
			       .type = s->challenge,
			       .identifier = identifier,
			       .token = "dG9rZW4",
			       .key_authorization = "dG9rZW4.dGh1bWI",
			       .record = record,
			       .text = rest };
	int r;

	if (!rest)
		return -EINVAL;
	wire_begin(&wire, strcmp(what, "publish") == 0 ? WIRE_PUBLISH : WIRE_WITHDRAW);
	wire_put_challenge(&wire, &c);
	r = wire_send(fd, &wire);
	if (r == 0)
		r = wire_receive(fd, &wire);
	if (r < 0)
		return r;
	r = (int)wire_get_number(&wire);
	printf("%d %s\n", r, wire_get_text(&wire));
	fflush(stdout);
	return wire.what == WIRE_DONE && wire_get_number(&wire) == c.id ? 0 : -EPROTO;
}

int main(int argc, char **argv)
{
	static char line[65536];
	struct conf conf;
	size_t i = 0;
	int fd, status, r = 0;

	log_init("acmed_solver");
	conf_init(&conf);
	if (argc != 3 || conf_load(&conf, argv[1]) < 0) {
		fprintf(stderr, "%s\n", argc == 3 ? conf.error : "CONFIG SOLVER are wanted");
		return 2;
	}
	while (i < conf.solver_count && strcmp(conf.solvers[i].name, argv[2]) != 0)
		i++;
	fd = i < conf.solver_count ? start(&conf, i) : -1;
	if (fd < 0)
		return 2;
	while (r == 0 && fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		r = ask(fd, line, &conf.solvers[i]);
	}
	if (r < 0)
		fprintf(stderr, "the solver: %s\n", strerror(-r));
	close(fd);
	while (wait(&status) < 0 && errno == EINTR)
		;
	conf_free(&conf);
	return r < 0 || status != 0;
}
