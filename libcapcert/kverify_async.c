// SPDX-License-Identifier: LGPL-2.1-or-later
/* Verification through the kernel in a thread of its own: for programs that wait for fds. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <capcert/verify.h>

#define STACK_SIZE (256u * 1024)

struct capcert_verification {
	int verifier_fd; /* our own copies: the caller's numbers may be closed, and reused */
	int store_fd;
	int pins_fd;
	int done_fd; /* eventfd */
	int want_outcome_fd;
	int outcome_fd;
	int error;
	struct capcert_params params;
	char *name;
	pthread_t thread;
	struct capcert_result result;
};

static void *run(void *arg)
{
	capcert_verification *v = arg;
	const uint64_t one = 1;

	v->error = capcert_verify(v->verifier_fd, v->store_fd, &v->params, &v->result,
				  v->want_outcome_fd ? &v->outcome_fd : NULL);
	/* The counter of an eventfd of our own takes it: nobody else writes. */
	while (write(v->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	return NULL;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void release(capcert_verification *v)
{
	close_fd(v->verifier_fd);
	close_fd(v->store_fd);
	close_fd(v->pins_fd);
	close_fd(v->done_fd);
	free(v->name);
	free(v);
}

static int copy_fd(int fd, int *ret)
{
	*ret = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *ret < 0 ? -errno : 0;
}

static int take(capcert_verification *v, int verifier_fd, int store_fd,
		const struct capcert_params *params)
{
	int r = copy_fd(verifier_fd, &v->verifier_fd);

	if (r == 0)
		r = copy_fd(store_fd, &v->store_fd);
	if (r == 0 && params->have_pins_fd)
		r = copy_fd(params->pins_fd, &v->pins_fd);
	if (r == 0) {
		v->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		r = v->done_fd < 0 ? -errno : 0;
	}
	v->params = *params;
	v->params.pins_fd = v->pins_fd;
	if (r == 0 && params->name) {
		v->name = strdup(params->name);
		v->params.name = v->name;
		r = v->name ? 0 : -ENOMEM;
	}
	return r;
}

/* Without signals: they are the program's business, and of its own threads. */
static int start(capcert_verification *v)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int r = -pthread_attr_init(&attr);

	if (r < 0)
		return r;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = -pthread_attr_setstacksize(&attr, STACK_SIZE);
	if (r == 0)
		r = -pthread_create(&v->thread, &attr, run, v);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return r;
}

int capcert_verify_start(int verifier_fd, int store_fd, const struct capcert_params *params,
			 int want_outcome_fd, capcert_verification **ret)
{
	capcert_verification *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	v->verifier_fd = v->store_fd = v->pins_fd = v->done_fd = v->outcome_fd = -1;
	v->want_outcome_fd = want_outcome_fd;
	r = take(v, verifier_fd, store_fd, params);
	if (r == 0)
		r = start(v);
	if (r < 0)
		release(v);
	else
		*ret = v;
	return r;
}

int capcert_verify_fd(const capcert_verification *v)
{
	return v->done_fd;
}

int capcert_verify_finish(capcert_verification *v, struct capcert_result *ret, int *ret_outcome_fd)
{
	int r;

	if (!v)
		return 0;
	pthread_join(v->thread, NULL);
	r = v->error;
	if (r == 0 && ret)
		*ret = v->result;
	if (r == 0 && ret_outcome_fd)
		*ret_outcome_fd = v->outcome_fd;
	else
		close_fd(v->outcome_fd);
	release(v);
	return r;
}
