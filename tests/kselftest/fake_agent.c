// SPDX-License-Identifier: GPL-2.0-only
/* A verification agent, or one for status, that says what it is told, and remembers what it was asked. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fake_agent.h"

int agent_open(int flags)
{
	int fd = open(CAPCERT_AGENT_DEVICE, O_RDWR | O_CLOEXEC | flags);

	return fd < 0 ? -errno : fd;
}

int agent_hello(uint32_t class, int flags)
{
	struct capcert_agent_hello h = {
		.size = sizeof(h), .class = class, .abi = CAPCERT_ABI_VERSION,
		.clock = CAPCERT_CLOCK_RTC,
	};
	int fd = agent_open(flags), err;

	if (fd < 0)
		return fd;
	err = t_ioctl(fd, CAPCERT_AGENT_HELLO, &h);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int agent_read(int fd, void *buf)
{
	ssize_t n = read(fd, buf, AGENT_BUF);

	return n < 0 ? -errno : (int)n;
}

int agent_write(int fd, struct fake_reply *reply, uint64_t id)
{
	ssize_t n;

	reply->r.id = id;
	reply->r.size = (uint32_t)(sizeof(reply->r) +
				   reply->r.path_count * sizeof(reply->path[0]) +
				   reply->r.data_len);
	n = write(fd, reply, reply->r.size);
	return n < 0 ? -errno : n == reply->r.size ? 0 : -EIO;
}

int agent_status(int fd, struct fake_status *status, size_t len, uint64_t id)
{
	ssize_t n;

	status->r.id = id;
	status->r.data_len = (uint32_t)(sizeof(status->s) + len);
	status->r.size = (uint32_t)sizeof(status->r) + status->r.data_len;
	n = write(fd, status, status->r.size);
	return n < 0 ? -errno : n == status->r.size ? 0 : -EIO;
}

void fake_good(struct fake_status *status, int64_t seconds)
{
	static unsigned int serial;

	memset(status, 0, sizeof(*status));
	status->r.valid = 1;
	status->r.reason = CAPCERT_REASON_NONE;
	strcpy(status->r.detail, "http://ocsp.example/");
	status->s.size = sizeof(status->s);
	status->s.type = CAPCERT_EVIDENCE_OCSP;
	status->s.status = CAPCERT_OCSP_GOOD;
	status->s.fd = -1;
	status->s.fetched = t_now();
	status->s.this_update = t_now() - 60;
	status->s.until = t_now() + seconds;
	snprintf((char *)status->bytes, sizeof(status->bytes), "response %u", ++serial);
}

static void serve(struct fake_agent *a, uint8_t *buf)
{
	struct fake_reply reply;
	int n = agent_read(a->fd, buf);

	if (n < 0) {
		if (n != -EAGAIN)
			a->read_error = n;
		return;
	}
	/* The test may prepare the next answer as soon as this one has arrived. */
	pthread_mutex_lock(&a->lock);
	reply = a->reply;
	free(a->last);
	a->last = malloc((size_t)n);
	memcpy(a->last, buf, (size_t)n);
	a->last_len = (size_t)n;
	a->asked++;
	if (!a->answer)
		a->write_error = agent_write(a->fd, &reply,
					     ((struct capcert_agent_request *)buf)->id);
	pthread_mutex_unlock(&a->lock);
	if (a->answer)
		a->answer(a, (const struct capcert_agent_request *)buf);
}

static void *agent_main(void *arg)
{
	struct fake_agent *a = arg;
	uint8_t *buf = malloc(AGENT_BUF);
	struct pollfd p[2] = {
		{ .fd = a->fd, .events = POLLIN },
		{ .fd = a->stop[0], .events = POLLIN },
	};

	while (buf && poll(p, 2, -1) >= 0 && !p[1].revents)
		if (p[0].revents)
			serve(a, buf);
	free(buf);
	return NULL;
}

int agent_start(struct fake_agent *a)
{
	pthread_mutex_init(&a->lock, NULL);
	a->fd = agent_hello(a->class ? a->class : CAPCERT_CLASS_VERIFY, O_NONBLOCK);
	if (a->fd < 0)
		return a->fd;
	if (pipe2(a->stop, O_CLOEXEC))
		return -errno;
	return -pthread_create(&a->thread, NULL, agent_main, a);
}

void agent_stop(struct fake_agent *a)
{
	close(a->stop[1]);
	pthread_join(a->thread, NULL);
	close(a->stop[0]);
	close(a->fd);
	free(a->last);
	a->last = NULL;
}

unsigned int agent_asked(struct fake_agent *a)
{
	unsigned int n;

	pthread_mutex_lock(&a->lock);
	n = a->asked;
	pthread_mutex_unlock(&a->lock);
	return n;
}

void fake_path(struct fake_reply *reply, uint32_t at, const struct tcert *cert, uint16_t source,
	       uint16_t index)
{
	struct capcert_path_entry *e = &reply->path[at];

	memcpy(e->fingerprint, cert->fingerprint, 32);
	e->reason = CAPCERT_REASON_NONE;
	e->source = source;
	e->index = index;
	e->not_before = cert->not_before;
	e->not_after = cert->not_after;
}

void fake_valid(struct fake_reply *reply, const struct tcert *leaf, const struct tcert *anchor)
{
	memset(reply, 0, sizeof(*reply));
	fake_path(reply, 0, leaf, CAPCERT_SOURCE_CHAIN, 0);
	fake_path(reply, 1, anchor, CAPCERT_SOURCE_ANCHOR, 0);
	reply->r.path_count = 2;
	reply->r.valid = 1;
	reply->r.reason = CAPCERT_REASON_NONE;
	reply->r.ocsp_status = CAPCERT_OCSP_STAPLED_ABSENT;
	reply->r.clock = CAPCERT_CLOCK_RTC;
	reply->r.valid_from = leaf->not_before > anchor->not_before ?
		leaf->not_before : anchor->not_before;
	reply->r.valid_until = leaf->not_after < anchor->not_after ?
		leaf->not_after : anchor->not_after;
	reply->r.chain_not_after = reply->r.valid_until;
	strcpy(reply->r.detail, "as told");
}

void fake_invalid(struct fake_reply *reply, const struct tcert *leaf, int32_t reason)
{
	memset(reply, 0, sizeof(*reply));
	fake_path(reply, 0, leaf, CAPCERT_SOURCE_CHAIN, 0);
	reply->path[0].reason = reason;
	reply->r.path_count = 1;
	reply->r.reason = reason;
	reply->r.ocsp_status = CAPCERT_OCSP_STAPLED_ABSENT;
	reply->r.clock = CAPCERT_CLOCK_RTC;
	reply->r.valid_from = leaf->not_before;
	reply->r.valid_until = leaf->not_after;
	strcpy(reply->r.detail, "as told");
}

static size_t padded(uint32_t n)
{
	return ((size_t)n + 3) & ~(size_t)3;
}

const uint8_t *request_name(const void *request)
{
	return (const uint8_t *)request + sizeof(struct capcert_agent_request);
}

const uint8_t *request_policy(const void *request)
{
	const struct capcert_agent_request *r = request;

	return request_name(request) + padded(r->name_len);
}

const uint8_t *request_item(const void *request, uint32_t n, uint32_t *ret_len)
{
	const struct capcert_agent_request *r = request;
	const uint8_t *p = request_policy(request) + padded(r->policy_len);
	const uint8_t *end = (const uint8_t *)request + r->size;
	uint32_t i;

	if (n >= r->item_count)
		return NULL;
	for (i = 0;; i++) {
		if (end - p < 4)
			return NULL;
		memcpy(ret_len, p, 4);
		p += 4;
		if ((size_t)(end - p) < padded(*ret_len))
			return NULL;
		if (i == n)
			return p;
		p += padded(*ret_len);
	}
}

static void *async_main(void *arg)
{
	struct t_async *a = arg;

	a->ret = t_verify_run(&a->v, a->verifier);
	return NULL;
}

void t_async_start(struct t_async *a, int verifier)
{
	a->verifier = verifier;
	pthread_create(&a->thread, NULL, async_main, a);
}

int t_async_join(struct t_async *a)
{
	pthread_join(a->thread, NULL);
	return a->ret;
}

/* The strings stay: calls in other threads point to them. */
void t_unique_name(struct t_verify *v)
{
	static unsigned int next;
	char *name = malloc(40);

	if (!name)
		abort();
	snprintf(name, 40, "n%d-%u.example.org", getpid(),
		 __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED));
	v->arg.name = (uintptr_t)name;
	v->arg.name_len = (uint32_t)strlen(name);
}

void t_async_verify(struct t_async *a, int store, int verifier, const struct tcert *leaf,
		    uint32_t timeout_ms)
{
	memset(a, 0, sizeof(*a));
	t_verify_init(&a->v, store, leaf);
	t_unique_name(&a->v);
	a->v.arg.timeout_ms = timeout_ms;
	t_async_start(a, verifier);
}

uint64_t t_pending(void)
{
	struct capcert_status s;

	return t_status(&s) ? UINT64_MAX : s.pending;
}

bool t_pending_becomes(uint64_t n)
{
	int i;

	/* A limit, not a goal: the debug kernel takes its time. */
	for (i = 0; i < 3000 && t_pending() != n; i++)
		usleep(10000);
	return t_pending() == n;
}

uint64_t t_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
