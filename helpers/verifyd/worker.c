// SPDX-License-Identifier: GPL-2.0-only
/* Threads over one agent fd: one waits for the next request, the others work or wait for their
 * turn to wait. That way a request wakes one thread, however many there are. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/verifyd/serve.h"
#include "helpers/verifyd/walls.h"
#include "helpers/verifyd/worker.h"

#define STACK_SIZE (1u << 20)
#define WARNINGS_MOST 100

struct workers {
	struct server *server;
	size_t max_request;
	unsigned int count;
	pthread_barrier_t gate;
	pthread_mutex_t turn; /* whose turn it is to wait for a request */
	atomic_int error;     /* first -errno that ended a thread */
	atomic_uint warnings;
	pthread_t threads[];
};

static int agent_state(void *ctx, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf,
		       uint32_t len)
{
	struct capcert_agent_state arg = {
		.size = sizeof(arg),
		.id = id,
		.what = what,
		.index = index,
		.len = len,
		.buf = (uint64_t)(uintptr_t)buf,
	};

	if (ioctl(WALLS_AGENT_FD, CAPCERT_AGENT_STATE, &arg) < 0)
		return -errno;
	return arg.ret_len == len ? 0 : -EPROTO;
}

static uint32_t agent_clock(void *ctx)
{
	return engine_clock();
}

/* Never more than a bounded number of lines, whatever arrives. */
static void warn(struct workers *w, const char *what, int error)
{
	if (atomic_fetch_add(&w->warnings, 1) < WARNINGS_MOST)
		log_line(LOG_WARNING, "%s: %s", what, strerror(error));
}

/* Wait for a request or for the end. Return: its length, 0 = stop, -errno. */
static ssize_t next_request(struct workers *w, uint8_t *buf)
{
	struct pollfd fds[] = { { .fd = WALLS_AGENT_FD, .events = POLLIN },
				{ .fd = WALLS_STOP_FD, .events = POLLIN } };

	for (;;) {
		ssize_t n;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return 0;
		n = read(WALLS_AGENT_FD, buf, w->max_request);
		if (n > 0)
			return n;
		if (n == 0)
			return -EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* 0, or -errno when the device is gone. */
static int send_reply(struct workers *w, const struct server_reply *reply)
{
	ssize_t n;

	do
		n = write(WALLS_AGENT_FD, reply, reply->head.size);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	switch (errno) {
	case ENOENT: /* nobody waits any more */
		return 0;
	case EPIPE:
	case ENODEV:
	case EBADF:
		return -errno;
	default:
		warn(w, "a reply was not taken", errno);
		return 0;
	}
}

static int work(struct workers *w, uint8_t *buf)
{
	struct server_reply reply;
	ssize_t n;
	int r;

	for (;;) {
		pthread_mutex_lock(&w->turn);
		n = next_request(w, buf);
		pthread_mutex_unlock(&w->turn);
		if (n <= 0)
			return (int)n;
		r = serve(w->server, buf, (size_t)n, &reply);
		if (r < 0) {
			warn(w, "a request could not be read", -r);
			continue;
		}
		if (reply.head.error)
			warn(w, "no verdict", -reply.head.error);
		r = send_reply(w, &reply);
		if (r < 0)
			return r;
	}
}

static void *thread_main(void *arg)
{
	struct workers *w = arg;
	uint8_t *buf = malloc(w->max_request);
	int r, none = 0;

	pthread_barrier_wait(&w->gate);
	pthread_barrier_wait(&w->gate);
	r = buf ? work(w, buf) : -ENOMEM;
	free(buf);
	if (r < 0) {
		atomic_compare_exchange_strong(&w->error, &none, r);
		/* To the main thread, which waits for it; kill() is not ours to call any more. */
		syscall(SYS_tgkill, getpid(), getpid(), SIGTERM);
	}
	return NULL;
}

static int start(struct workers *w, unsigned int count)
{
	pthread_attr_t attr;
	int r = -pthread_attr_init(&attr);

	if (r == 0)
		r = -pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (; r == 0 && w->count < count; w->count++)
		r = -pthread_create(&w->threads[w->count], &attr, thread_main, w);
	pthread_attr_destroy(&attr);
	return r;
}

int workers_new(unsigned int count, size_t max_request, struct workers **ret)
{
	const struct server_ops ops = { agent_state, agent_clock, NULL };
	struct workers *w = calloc(1, sizeof(*w) + count * sizeof(w->threads[0]));
	int r;

	if (!w)
		return -ENOMEM;
	w->max_request = max_request;
	pthread_barrier_init(&w->gate, NULL, count + 1);
	pthread_mutex_init(&w->turn, NULL);
	r = server_new(&ops, &w->server);
	if (r == 0)
		r = start(w, count);
	/* A thread's first steps are the C library's own system calls: let them be over before the
	 * filter comes. */
	if (r == 0)
		pthread_barrier_wait(&w->gate);
	/* Threads that did start wait at the gate for ever: the caller ends the process. */
	if (r == 0)
		*ret = w;
	return r;
}

void workers_go(struct workers *w)
{
	pthread_barrier_wait(&w->gate);
}

int workers_stop(struct workers *w)
{
	const uint64_t one = 1;
	int r;

	if (write(WALLS_STOP_FD, &one, sizeof(one)) < 0)
		return -errno;
	for (unsigned int i = 0; i < w->count; i++)
		pthread_join(w->threads[i], NULL);
	r = atomic_load(&w->error);
	server_free(w->server);
	pthread_mutex_destroy(&w->turn);
	pthread_barrier_destroy(&w->gate);
	free(w);
	return r;
}
