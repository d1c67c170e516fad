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
#include <sys/syscall.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/common/workers.h"

#define STACK_SIZE (1u << 20)
#define WARNINGS_MOST 100

struct workers {
	struct workers_ops ops;
	unsigned int count;
	pthread_barrier_t gate;
	pthread_mutex_t turn; /* whose turn it is to wait for a request */
	atomic_int error;     /* first -errno that ended a thread */
	atomic_uint warnings;
	pthread_t threads[];
};

/* Never more than a bounded number of lines, whatever arrives. */
static void warn(struct workers *w, const char *what, int error)
{
	if (atomic_fetch_add(&w->warnings, 1) < WARNINGS_MOST)
		log_line(LOG_WARNING, "%s: %s", what, strerror(error));
}

/* Wait for a request or for the end. Return: its length, 0 = stop, -errno. */
static ssize_t next_request(struct workers *w, uint8_t *buf)
{
	struct pollfd fds[] = { { .fd = w->ops.agent, .events = POLLIN },
				{ .fd = w->ops.stop, .events = POLLIN } };

	for (;;) {
		ssize_t n;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (fds[1].revents)
			return 0;
		n = read(w->ops.agent, buf, w->ops.max_request);
		if (n > 0)
			return n;
		if (n == 0)
			return -EPIPE;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
}

/* 0, or -errno when the device is gone. */
static int send_reply(struct workers *w, const struct capcert_agent_reply *reply)
{
	ssize_t n;

	do
		n = write(w->ops.agent, reply, reply->size);
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

static int work(struct workers *w, uint8_t *buf, struct capcert_agent_reply *reply)
{
	ssize_t n;
	int r;

	for (;;) {
		pthread_mutex_lock(&w->turn);
		n = next_request(w, buf);
		pthread_mutex_unlock(&w->turn);
		if (n <= 0)
			return (int)n;
		r = w->ops.answer(w->ops.ctx, buf, (size_t)n, reply);
		if (r < 0) {
			warn(w, "a request could not be read", -r);
			continue;
		}
		if (reply->error)
			warn(w, "a request failed", -reply->error);
		r = send_reply(w, reply);
		if (r < 0)
			return r;
	}
}

static void *thread_main(void *arg)
{
	struct workers *w = arg;
	uint8_t *buf = malloc(w->ops.max_request);
	struct capcert_agent_reply *reply = malloc(sizeof(*reply) + w->ops.max_body);
	int r, none = 0;

	pthread_barrier_wait(&w->gate);
	pthread_barrier_wait(&w->gate);
	r = buf && reply ? work(w, buf, reply) : -ENOMEM;
	free(reply);
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

int workers_new(unsigned int count, const struct workers_ops *ops, struct workers **ret)
{
	struct workers *w = calloc(1, sizeof(*w) + count * sizeof(w->threads[0]));
	int r;

	if (!w)
		return -ENOMEM;
	w->ops = *ops;
	pthread_barrier_init(&w->gate, NULL, count + 1);
	pthread_mutex_init(&w->turn, NULL);
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

	if (write(w->ops.stop, &one, sizeof(one)) < 0)
		return -errno;
	for (unsigned int i = 0; i < w->count; i++)
		pthread_join(w->threads[i], NULL);
	r = atomic_load(&w->error);
	pthread_mutex_destroy(&w->turn);
	pthread_barrier_destroy(&w->gate);
	free(w);
	return r;
}
