// SPDX-License-Identifier: GPL-2.0-only
/* What is due, in which order, and whose turn it is. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/keeper.h"
#include "helpers/acmed/recipe.h"
#include "helpers/acmed/walls.h"
#include "helpers/common/log.h"
#include "helpers/common/service.h"

#define LOOK_MS 60000 /* clocks jump, machines sleep: look at least that often */
#define CLIENTS 16

int64_t keeper_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool keeper_clock_ok(struct keeper *k, int64_t now)
{
	struct timex t = { .modes = 0 };
	bool trusted = adjtimex(&t) >= 0 && !(t.status & (STA_UNSYNC | STA_CLOCKERR));
	bool ok = schedule_clock_ok(now, trusted, (keeper_now_ms() - k->began) / 1000,
				    state_newest(k->state));

	if (!ok && !k->clock_said)
		log_line(LOG_WARNING, "the clock is not to be trusted (%s): no renewal begins yet",
			 trusted ? "it is behind what was written down" : "not synchronised");
	k->clock_said = !ok;
	return ok;
}

int keeper_reload(struct keeper *k, size_t cert)
{
	uint32_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return -EIO;
	return state_cert(k->state, k->conf->certs[cert].name, seed, &k->entries[cert].known);
}

void keeper_trouble(struct keeper *k, size_t cert, const char *why)
{
	struct entry *e = &k->entries[cert];

	free(e->trouble);
	e->trouble = why ? strdup(why) : NULL;
	if (why)
		log_line(LOG_WARNING, "%s: %s", k->conf->certs[cert].name, why);
}

static int load(struct keeper *k)
{
	int r;

	k->entries = calloc(k->conf->cert_count + 1, sizeof(*k->entries));
	k->solvers = calloc(k->conf->solver_count + 1, sizeof(*k->solvers));
	k->cas = calloc(k->conf->ca_count + 1, sizeof(*k->cas));
	if (!k->entries || !k->solvers || !k->cas)
		return -ENOMEM;
	for (size_t i = 0; i < k->conf->ca_count; i++) {
		char url[STATE_TEXT];

		k->cas[i].accountless = state_account(k->state, k->conf->cas[i].directory,
						      k->w->ca_keys[i], url) < 0;
	}
	for (size_t i = 0; i < k->conf->solver_count; i++)
		k->solvers[i].fd = -1;
	/* Certificates that are new: on the disk all at once. */
	r = state_begin(k->state);
	for (size_t i = 0; r == 0 && i < k->conf->cert_count; i++) {
		struct entry *e = &k->entries[i];

		recipe_of(k->conf, i, k->w->cert_keys[i], e->recipe);
		r = keeper_reload(k, i);
		e->restore = e->known.have;
		e->revoke = NO_REASON;
		e->ended = (uint32_t)time(NULL); /* as if a restart were an end */
	}
	return r == 0 ? state_commit(k->state) : r;
}

/* Return: whether there was something to start. *@next: ms until there is. */
static bool start_one(struct keeper *k, int64_t *next)
{
	int64_t now = time(NULL), ms = keeper_now_ms();
	struct turn turn;

	if (!turn_next(k, now, ms, keeper_clock_ok(k, now), &turn)) {
		*next = turn.wait_ms;
		return false;
	}
	if (job_start(k, turn.task, turn.cert) < 0) {
		k->entries[turn.cert].look_at = ms + 10000;
		keeper_trouble(k, turn.cert, "no process could be started");
	}
	return true;
}

static int start_due(struct keeper *k)
{
	int64_t next = LOOK_MS;

	while (k->job_count < k->conf->parallel && start_one(k, &next))
		;
	return (int)next;
}

static void end_late(struct keeper *k)
{
	int64_t now = keeper_now_ms();

	for (size_t i = k->job_count; i-- > 0;)
		if (i < k->job_count && k->jobs[i]->until <= now)
			job_fail(k, k->jobs[i], "it took more than half an hour", 0, true);
}

/* ---- the loop ---- */

enum tag {
	TAG_SIGNAL,
	TAG_STARTER,
	TAG_CONTROL,
	TAG_CLIENT,
	TAG_SLOTS,
	TAG_INSTALLER,
	TAG_NETWORK,
	TAG_SOLVER
};

struct round {
	struct pollfd *fds;
	struct {
		enum tag tag;
		size_t index;
		struct job *job;
	} * whose;
	size_t count;
};

static void watch(struct round *t, int fd, short events, enum tag tag, size_t index,
		  struct job *job)
{
	if (fd < 0)
		return;
	t->fds[t->count] = (struct pollfd){ .fd = fd, .events = events };
	t->whose[t->count].tag = tag;
	t->whose[t->count].index = index;
	t->whose[t->count++].job = job;
}

static void watch_all(struct keeper *k, struct round *t, int signals)
{
	t->count = 0;
	watch(t, signals, POLLIN, TAG_SIGNAL, 0, NULL);
	watch(t, k->starter, 0, TAG_STARTER, 0, NULL);
	watch(t, k->w->control, POLLIN, TAG_CONTROL, 0, NULL);
	for (size_t i = 0; i < k->w->watch_count; i++)
		watch(t, k->w->watches[i].fd, POLLIN, TAG_SLOTS, i, NULL);
	for (size_t i = 0; i < CLIENTS; i++) {
		short events;
		int fd = control_fd(k, i, &events);

		watch(t, fd, events, TAG_CLIENT, i, NULL);
	}
	for (size_t i = 0; i < k->job_count; i++) {
		watch(t, k->jobs[i]->installer, POLLIN, TAG_INSTALLER, 0, k->jobs[i]);
		watch(t, k->jobs[i]->network, POLLIN, TAG_NETWORK, 0, k->jobs[i]);
	}
	for (size_t i = 0; i < k->conf->solver_count; i++)
		watch(t, k->solvers[i].fd, POLLIN, TAG_SOLVER, i, NULL);
}

static bool lives(const struct keeper *k, const struct job *j)
{
	for (size_t i = 0; i < k->job_count; i++)
		if (k->jobs[i] == j)
			return true;
	return false;
}

/* Only the first that is ready: what it does may be the end of the others. */
static void one_event(struct keeper *k, const struct round *t, size_t i)
{
	static struct wire wire;
	struct job *j = t->whose[i].job;

	if (j && !lives(k, j))
		return;
	switch (t->whose[i].tag) {
	case TAG_CONTROL:
		control_accept(k);
		break;
	case TAG_CLIENT:
		control_step(k, t->whose[i].index);
		break;
	case TAG_SLOTS:
		slots_happened(k, t->whose[i].index);
		break;
	case TAG_INSTALLER:
		if (j->installer == t->fds[i].fd)
			job_installer(k, j);
		break;
	case TAG_NETWORK:
		if (j->network == t->fds[i].fd)
			job_network(k, j);
		break;
	case TAG_SOLVER:
		if (k->solvers[t->whose[i].index].fd == t->fds[i].fd)
			publish_answer(k, t->whose[i].index, &wire);
		break;
	default:
		break;
	}
}

static int loop(struct keeper *k, int signals)
{
	const size_t most = 3 + k->w->watch_count + CLIENTS + 2 * 64 + k->conf->solver_count;
	struct round t = { calloc(most, sizeof(*t.fds)), calloc(most, sizeof(*t.whose)), 0 };

	if (!t.fds || !t.whose)
		return 1;
	for (;;) {
		int wait;

		end_late(k);
		wait = start_due(k);
		watch_all(k, &t, signals);
		if (poll(t.fds, t.count, wait) < 0 && errno != EINTR)
			return 1;
		if (t.fds[0].revents)
			return 0; /* SIGTERM */
		if (t.fds[1].revents)
			return 1; /* the starter is gone */
		for (size_t i = 2; i < t.count; i++)
			if (t.fds[i].revents)
				one_event(k, &t, i);
	}
}

int keeper_main(const struct world *w, int starter)
{
	static struct keeper k;
	char error[256];
	sigset_t set;
	int signals, r;

	prctl(PR_SET_NAME, "acmed-keeper");
	k.w = w;
	k.conf = w->conf;
	k.starter = starter;
	k.began = keeper_now_ms();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	r = walls_keeper(w->conf->state);
	if (r < 0) {
		log_line(LOG_ERR, "the keeper's walls: %s", strerror(-r));
		return 1;
	}
	r = state_open(w->conf->state, &k.state, error);
	if (r < 0) {
		log_line(LOG_ERR, "%s", error);
		return 1;
	}
	r = load(&k);
	if (r < 0) {
		log_line(LOG_ERR, "state: %s", state_error(k.state));
		return 1;
	}
	r = publish_clean(&k);
	if (r < 0)
		log_line(LOG_ERR, "what was published before cannot be taken back: %s",
			 strerror(-r));
	log_line(LOG_NOTICE, "%zu certificates of %zu CAs", k.conf->cert_count, k.conf->ca_count);
	service_notify(w->notify, "READY=1");
	r = loop(&k, signals);
	while (k.job_count)
		publish_forget(&k, k.jobs[--k.job_count]);
	state_close(k.state);
	return r;
}
