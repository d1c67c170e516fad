// SPDX-License-Identifier: GPL-2.0-only
/* Each thread has an epoll set of its own, edge-triggered but for what is listened on. A connection belongs
 * to one thread at a time. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "helpers/common/log.h"
#include "helpers/tlsd/conn.h"
#include "helpers/tlsd/peers.h"
#include "helpers/tlsd/worker.h"

#define EVENTS 128
#define ACCEPTS 16   /* in one turn */
#define PAUSE_MS 100 /* without accepting, when there are no fds or no memory */
#define ROOM_MS 20   /* until a full back end is tried again */
#define SLEEP_MS 60000

struct worker {
	struct server *server;
	pthread_t thread;
	bool shaker, listening;
	int epoll, wake;
	int64_t paused; /* no accepting before that; 0 = no pause */
	pthread_mutex_t lock;
	struct conn *incoming; /* from other threads, under the lock */
	struct conn_list phases[CONN_PHASES];
	struct conn *ready, *gone, *leaving;
};

struct server {
	const struct gate *gates;
	unsigned int gate_count, count, shakers;
	const struct limits *limits;
	struct stats *stats;
	struct peers *peers;
	_Atomic unsigned int next; /* who gets the next connection to pass on */
	_Atomic bool going, draining, quit;
	struct worker workers[];
};

int64_t server_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- lists ---- */

static void unlink_conn(struct conn *c)
{
	struct conn_list *l = c->list;

	if (!l)
		return;
	*(c->prev ? &c->prev->next : &l->first) = c->next;
	*(c->next ? &c->next->prev : &l->last) = c->prev;
	c->list = NULL;
	c->prev = c->next = NULL;
}

static void link_conn(struct conn_list *l, struct conn *c)
{
	unlink_conn(c);
	c->list = l;
	c->prev = l->last;
	*(l->last ? &l->last->next : &l->first) = c;
	l->last = c;
}

static void set_aside(struct conn **chain, struct conn *c)
{
	unlink_conn(c);
	c->gone = true;
	c->chain = *chain;
	*chain = c;
}

/* ---- connections ---- */

static void drop(struct worker *w, struct conn *c, int64_t now, const char *why)
{
	struct address peer = c->peer;

	unlink_conn(c);
	conn_free(c, now, why);
	peers_leave(w->server->peers, &peer);
	atomic_fetch_sub(&w->server->stats->open, 1);
}

static bool watch_fd(struct worker *w, int fd, uint32_t events, void *data)
{
	struct epoll_event e = { .events = events, .data.ptr = data };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &e) == 0 || errno == EEXIST;
}

static bool watch(struct worker *w, struct conn *c)
{
	int judge = conn_judge_fd(c);

	for (unsigned int i = 0; i < 2; i++) {
		int fd = c->relay.ends[i].fd;

		if (fd < 0 || c->watched[i])
			continue;
		if (!watch_fd(w, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c))
			return false;
		c->watched[i] = true;
	}
	return judge < 0 || watch_fd(w, judge, EPOLLIN | EPOLLET, c);
}

static void unwatch(struct worker *w, struct conn *c)
{
	for (unsigned int i = 0; i < 2; i++) {
		if (c->watched[i])
			epoll_ctl(w->epoll, EPOLL_CTL_DEL, c->relay.ends[i].fd, NULL);
		c->watched[i] = false;
	}
}

static void make_ready(struct worker *w, struct conn *c)
{
	if (c->ready)
		return;
	c->ready = true;
	c->chain = w->ready;
	w->ready = c;
}

static void advance(struct worker *w, struct conn *c, int64_t now)
{
	int64_t touched = c->touched;
	enum conn_next next;

	do {
		next = conn_step(c, now);
		if (next != CONN_OVER && !watch(w, c)) {
			log_line(LOG_WARNING, "event=no-watch error=%s", strerror(errno));
			next = CONN_OVER;
		}
	} while (next == CONN_MORE && !(w->shaker && c->phase == CONN_RELAY));
	if (next == CONN_OVER) {
		/* In the list of ready ones it stays until that is looked through. */
		if (c->ready)
			c->gone = true;
		else
			set_aside(&w->gone, c);
	} else if (w->shaker && c->phase == CONN_RELAY) {
		if (c->ready)
			return;
		unwatch(w, c);
		set_aside(&w->leaving, c);
	} else {
		if (touched != c->touched || c->list != &w->phases[c->phase])
			link_conn(&w->phases[c->phase], c);
		if (next == CONN_AGAIN)
			make_ready(w, c);
	}
}

static void advance_ready(struct worker *w, int64_t now)
{
	struct conn *c = w->ready, *next;

	w->ready = NULL;
	for (; c; c = next) {
		next = c->chain;
		c->ready = false;
		if (c->gone)
			set_aside(&w->gone, c);
		else
			advance(w, c, now);
	}
}

static void wake(struct worker *w)
{
	uint64_t one = 1;

	if (write(w->wake, &one, sizeof(one)) < 0) {
		/* It is awake, a hundred times over. */
	}
}

static void hand_over(struct server *s, struct conn *c)
{
	unsigned int relays = s->count - s->shakers;
	struct worker *to = &s->workers[s->shakers + atomic_fetch_add(&s->next, 1) % relays];
	bool first;

	c->gone = false;
	pthread_mutex_lock(&to->lock);
	first = !to->incoming;
	c->chain = to->incoming;
	to->incoming = c;
	pthread_mutex_unlock(&to->lock);
	if (first)
		wake(to);
}

static struct conn *take_incoming(struct worker *w)
{
	struct conn *c;

	pthread_mutex_lock(&w->lock);
	c = w->incoming;
	w->incoming = NULL;
	pthread_mutex_unlock(&w->lock);
	return c;
}

static void welcome(struct worker *w, int64_t now)
{
	struct conn *c, *next;
	uint64_t n;

	/* In this order: whoever comes after the look wakes this thread once more. */
	if (read(w->wake, &n, sizeof(n)) < 0) {
		/* An earlier look was for this. */
	}
	for (c = take_incoming(w); c; c = next) {
		next = c->chain;
		advance(w, c, now);
	}
}

static void end_of_turn(struct worker *w, int64_t now)
{
	struct conn *c, *next;

	for (c = w->gone; c; c = next) {
		next = c->chain;
		drop(w, c, now, NULL);
	}
	for (c = w->leaving; c; c = next) {
		next = c->chain;
		hand_over(w->server, c);
	}
	w->gone = w->leaving = NULL;
}

/* ---- accepting ---- */

static void listen_to(struct worker *w, bool on)
{
	struct server *s = w->server;

	if (w->listening == on)
		return;
	w->listening = on;
	for (unsigned int i = 0; i < s->gate_count; i++)
		if (on)
			watch_fd(w, s->gates[i].fd, EPOLLIN | EPOLLEXCLUSIVE,
				 (void *)(uintptr_t)&s->gates[i]);
		else
			epoll_ctl(w->epoll, EPOLL_CTL_DEL, s->gates[i].fd, NULL);
}

static void log_rarely(struct stats *stats, int64_t now, const char *event, const char *reason)
{
	uint64_t left_out;

	if (stats_log_failure(stats, now, &left_out))
		log_line(LOG_WARNING, "event=%s reason=\"%s\" left_out=%llu", event, reason,
			 (unsigned long long)left_out);
}

/* No fds, no memory: whoever waits in the backlog waits a little longer. */
static void pause_accepting(struct worker *w, int64_t now, int error)
{
	stats_add(&w->server->stats->not_accepted, 1);
	log_rarely(w->server->stats, now, "not-accepted", strerror(error));
	listen_to(w, false);
	w->paused = now + PAUSE_MS;
}

static void take(struct worker *w, const struct gate *g, int fd, struct address *peer, int64_t now)
{
	struct server *s = w->server;
	struct conn *c;
	int r;

	stats_add(&s->stats->accepted, 1);
	address_unmap(peer);
	r = peers_enter(s->peers, peer);
	if (r < 0) {
		stats_add(&s->stats->over_limit, 1);
		log_rarely(s->stats, now, "over-limit",
			   r == -EUSERS ? "of one peer" : "connections in all");
		close(fd);
		return;
	}
	r = conn_new(g, s->stats, fd, peer, now, &c);
	if (r < 0) {
		log_rarely(s->stats, now, "no-connection", strerror(-r));
		peers_leave(s->peers, peer);
		return;
	}
	atomic_fetch_add(&s->stats->open, 1);
	if (watch(w, c))
		advance(w, c, now);
	else
		set_aside(&w->gone, c);
}

static void accept_some(struct worker *w, const struct gate *g, int64_t now)
{
	for (int i = 0; i < ACCEPTS; i++) {
		struct address peer = { .len = sizeof(peer.un) };
		int fd = accept4(g->fd, &peer.any, &peer.len, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			take(w, g, fd, &peer, now);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(w, now, errno);
		/* What else may go wrong is the connection's own, and it is gone. */
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

/* ---- the loop ---- */

static void expire(struct worker *w, int64_t now)
{
	for (unsigned int i = 0; i < CONN_PHASES; i++) {
		struct conn *c, *next;

		for (c = w->phases[i].first; c; c = next) {
			next = c->next;
			if (c->touched + conn_patience(c, w->server->limits) > now)
				break;
			if (c->ready)
				continue;
			conn_expire(c, now);
			set_aside(&w->gone, c);
		}
	}
}

static void retry_full(struct worker *w, int64_t now)
{
	struct conn *c, *next;

	for (c = w->phases[CONN_DIAL].first; c; c = next) {
		next = c->next;
		if (conn_waits_for_room(c))
			advance(w, c, now);
	}
}

static int time_to_sleep(const struct worker *w, int64_t now)
{
	int64_t until = now + SLEEP_MS;

	if (w->ready)
		return 0;
	if (w->paused && w->paused < until)
		until = w->paused;
	for (unsigned int i = 0; i < CONN_PHASES; i++) {
		const struct conn *c = w->phases[i].first;

		if (c && c->touched + conn_patience(c, w->server->limits) < until)
			until = c->touched + conn_patience(c, w->server->limits);
	}
	for (const struct conn *c = w->phases[CONN_DIAL].first; c; c = c->next)
		if (conn_waits_for_room(c) && now + ROOM_MS < until)
			until = now + ROOM_MS;
	return until <= now ? 0 : (int)(until - now);
}

static void dispatch(struct worker *w, void *what, int64_t now)
{
	const struct server *s = w->server;
	struct conn *c = what;

	if (what == w)
		welcome(w, now);
	else if ((uintptr_t)what >= (uintptr_t)s->gates &&
		 (uintptr_t)what < (uintptr_t)(s->gates + s->gate_count))
		accept_some(w, what, now);
	else if (!c->gone)
		advance(w, c, now);
}

static void turn(struct worker *w)
{
	struct epoll_event events[EVENTS];
	struct server *s = w->server;
	int64_t now = server_now();
	int n;

	if (w->shaker) {
		if (w->paused && now >= w->paused)
			w->paused = 0;
		listen_to(w, !w->paused && !atomic_load(&s->draining));
	}
	n = epoll_wait(w->epoll, events, EVENTS, time_to_sleep(w, now));
	now = server_now();
	for (int i = 0; i < n; i++)
		dispatch(w, events[i].data.ptr, now);
	advance_ready(w, now);
	retry_full(w, now);
	expire(w, now);
	end_of_turn(w, now);
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	struct server *s = w->server;
	struct conn *c, *next;
	int64_t now;

	while (!atomic_load(&s->going)) {
		struct epoll_event e;

		epoll_wait(w->epoll, &e, 1, -1);
	}
	while (!atomic_load(&s->quit))
		turn(w);
	now = server_now();
	for (unsigned int i = 0; i < CONN_PHASES; i++)
		while (w->phases[i].first)
			drop(w, w->phases[i].first, now, "drain");
	for (c = take_incoming(w); c; c = next) {
		next = c->chain;
		drop(w, c, now, "drain");
	}
	return NULL;
}

static int start(struct server *s, struct worker *w, bool shaker)
{
	w->server = s;
	w->shaker = shaker;
	pthread_mutex_init(&w->lock, NULL);
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->epoll < 0 || w->wake < 0 || !watch_fd(w, w->wake, EPOLLIN, w))
		return -errno;
	return -pthread_create(&w->thread, NULL, worker_main, w);
}

int server_new(const struct gate *gates, unsigned int count, const struct limits *limits,
	       struct stats *stats, struct server **ret)
{
	unsigned int n = limits->workers + limits->shakers;
	struct server *s = calloc(1, sizeof(*s) + n * sizeof(s->workers[0]));
	int r;

	if (!s)
		return -ENOMEM;
	s->gates = gates;
	s->gate_count = count;
	s->limits = limits;
	s->stats = stats;
	s->count = n;
	s->shakers = limits->shakers;
	r = peers_new(limits->connections, limits->per_peer, &s->peers);
	for (unsigned int i = 0; r == 0 && i < n; i++)
		r = start(s, &s->workers[i], i < limits->shakers);
	*ret = s;
	return r;
}

static void wake_all(struct server *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		wake(&s->workers[i]);
}

void server_go(struct server *s)
{
	atomic_store(&s->going, true);
	wake_all(s);
}

void server_drain(struct server *s)
{
	atomic_store(&s->draining, true);
	wake_all(s);
}

void server_free(struct server *s)
{
	atomic_store(&s->quit, true);
	wake_all(s);
	/* In their order: who hands over is gone before who takes. */
	for (unsigned int i = 0; i < s->count; i++)
		pthread_join(s->workers[i].thread, NULL);
	/* Relay threads may have ended first; what came after that is here. */
	for (unsigned int i = 0; i < s->count; i++) {
		struct worker *w = &s->workers[i];

		for (struct conn *c = take_incoming(w), *next; c; c = next) {
			next = c->chain;
			drop(w, c, server_now(), "drain");
		}
		close(w->epoll);
		close(w->wake);
	}
	peers_free(s->peers);
	free(s);
}
