// SPDX-License-Identifier: GPL-2.0-only
/* capcert ocsp staple --slots: waits for what happens to slots, for the time, and for threads. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "tools/file.h"
#include "tools/ref.h"
#include "tools/slot_keepers.h"
#include "tools/slot_staple.h"
#include "tools/text.h"

#define RIGHTS (CAPCERT_RIGHT_GET | CAPCERT_RIGHT_PUT | CAPCERT_RIGHT_WATCH)
#define FOREVER \
	31536000 /* seconds; the timer is set, too, when there is no work: it tells of the clock */

struct loop {
	struct keepers keepers;
	char patterns[CAPCERT_SLOT_MAX_PATTERN_TEXT + 1];
	bool prefixes; /* are there any among them? */
	struct cert_list issuers;
	int watch, timer, signals;
};

/* ---- which slots ---- */

static bool is_prefix(const char *part, size_t n)
{
	return n && part[n - 1] == '/';
}

static int add_pattern(struct loop *l, const char *text)
{
	size_t n = strlen(l->patterns), more = strlen(text), part_len;
	const char *rest = text, *part;

	if (!capcert_slot_patterns_valid(text) || n + more + 2 > sizeof(l->patterns)) {
		fail(EXIT_USAGE, "'%s' are no slots", text);
		advise("names of slots, or prefixes that end in /, with commas between them");
		return EXIT_USAGE;
	}
	snprintf(l->patterns + n, sizeof(l->patterns) - n, "%s%s", n ? "," : "", text);
	while (text_next(&rest, ",", &part, &part_len))
		l->prefixes |= is_prefix(part, part_len);
	return EXIT_DONE;
}

/* A handle that could not be narrowed lists others, too. */
static bool is_wanted(const struct loop *l, const char *name)
{
	const char *rest = l->patterns, *part;
	size_t n;

	while (text_next(&rest, ",", &part, &n))
		if (!strncmp(name, part, n) && (is_prefix(part, n) || !name[n]))
			return true;
	return false;
}

/* Names get their keepers whether there are such slots or not. */
static int add_names(struct loop *l)
{
	const char *rest = l->patterns, *part;
	char name[CAPCERT_SLOT_NAME_SIZE];
	size_t n;
	int r = 0;

	while (!r && text_next(&rest, ",", &part, &n)) {
		if (is_prefix(part, n))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)n, part);
		r = keepers_add(&l->keepers, name, true);
	}
	return r ? fail_errno(r, "%s", l->patterns) : EXIT_DONE;
}

static int add_listed(struct loop *l)
{
	struct capcert_slot_entry *entries;
	size_t count, i;
	int r;

	if (!l->prefixes)
		return EXIT_DONE;
	r = capcert_slot_list(l->keepers.slots, &entries, &count, NULL);
	if (r)
		return fail_errno(r, "listing slots");
	for (i = 0; !r && i < count; i++)
		if (is_wanted(l, entries[i].name))
			r = keepers_add(&l->keepers, entries[i].name, false);
	free(entries);
	return r ? fail_errno(r, "keeping so many slots") : EXIT_DONE;
}

/* A handle for these slots and this work, whatever else the key would give. */
static int open_slots(struct loop *l, const char *word)
{
	uint64_t rights = RIGHTS | (l->prefixes ? CAPCERT_RIGHT_LIST : 0);
	int fd, e, r;

	r = ref_open(word, CAPCERT_KIND_SLOT, rights | CAPCERT_RIGHT_RESTRICT, &fd);
	if (r)
		return r;
	e = capcert_slot_restrict(fd, rights, l->patterns, -1, &l->keepers.slots);
	if (e == -EACCES && !strncmp(word, "fd:", 3)) {
		l->keepers.slots = fd; /* it cannot be narrowed: it is what we were given */
		return EXIT_DONE;
	}
	close(fd);
	return e ? fail_errno(e, "cannot narrow '%s' to %s", word, l->patterns) : EXIT_DONE;
}

static int load_issuers(struct loop *l)
{
	const char *path;
	size_t i;
	int r = EXIT_DONE;

	for (i = 0; !r && (path = opt_nth(l->keepers.args, "issuer", i)); i++)
		r = certs_load(path, &l->issuers);
	return r || !l->issuers.count ? r : certs_to_chain(&l->issuers, &l->keepers.issuers);
}

/* ---- what is told ---- */

static const char *state_of(const struct keeper *k)
{
	if (!k->info.staple.have)
		return "none";
	return k->info.staple.status == CAPCERT_OCSP_REVOKED ? "revoked" : "good";
}

static const char *why_of(const struct keeper *k)
{
	if (!k->info.error)
		return NULL;
	if (k->info.error == -EHOSTUNREACH && *k->why)
		return k->why;
	return k->info.why ? k->info.why : capcert_strerror(k->info.error);
}

static void tell(const struct keeper *k)
{
	const int64_t due = capcert_slot_stapler_due(k->stapler);
	const char *why = why_of(k);
	char until[32], next[32];

	if (out_json()) {
		out_print_json_line(json_pack(
			"{sssIsssososo}", "slot", k->name, "version", (json_int_t)k->info.version,
			"staple", state_of(k), "until",
			k->info.staple.have ? json_time(k->info.staple.until) : json_null(), "due",
			due == INT64_MAX ? json_null() : json_time(due), "why", json_text(why)));
		return;
	}
	if (why)
		fprintf(stderr, "capcert: %s: %s\n", k->name, why);
	printf("%s: ", k->name);
	if (!k->info.version)
		printf("no such slot");
	else if (!k->info.staple.have)
		printf("no response to staple");
	else
		printf("%s until %s", state_of(k), text_of_time(k->info.staple.until, until));
	if (due != INT64_MAX && !opt_has(k->all->args, "once"))
		printf("; next look at %s", text_of_time(due, next));
	printf("\n");
	fflush(stdout);
}

/* ---- the loop ---- */

/* Absolute, and cancelled when the clock is set: then all that was planned is looked at anew. */
static void set_timer(const struct loop *l)
{
	const int64_t now = time(NULL);
	int64_t at = keepers_due(&l->keepers);
	struct itimerspec t = { 0 };

	at = at > now + FOREVER ? now + FOREVER : at;
	t.it_value.tv_sec = at > 0 ? at : 1;
	timerfd_settime(l->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &t, NULL);
}

static int on_event(struct loop *l, const struct capcert_slot_event *e)
{
	struct keeper *k;

	if (e->what == CAPCERT_SLOT_EVENT_RESYNC) {
		for (size_t i = 0; i < l->keepers.count; i++)
			l->keepers.list[i]->changed = true;
		return add_listed(l);
	}
	k = keepers_find(&l->keepers, e->name);
	if (k)
		k->changed = true;
	else if (l->prefixes && e->what != CAPCERT_SLOT_EVENT_DELETE &&
		 keepers_add(&l->keepers, e->name, false) < 0)
		return fail(EXIT_TROUBLE, "%s: no memory to keep it", e->name);
	return EXIT_DONE;
}

static int take_events(struct loop *l)
{
	struct capcert_slot_event events[32];
	uint32_t count;
	int e, r = EXIT_DONE;

	do {
		count = sizeof(events) / sizeof(*events);
		e = capcert_slot_next(l->watch, events, &count);
		if (e)
			return fail_errno(e, "the watch of slots is over");
		for (uint32_t i = 0; !r && i < count; i++)
			r = on_event(l, &events[i]);
	} while (!r && count == sizeof(events) / sizeof(*events));
	return r;
}

static void take_done(struct loop *l)
{
	struct keeper *k = keepers_done(&l->keepers);

	if (k && k->news)
		tell(k);
}

/* Return: EXIT_DONE with @ret_over when a signal has come. */
static int wait_once(struct loop *l, bool *ret_over)
{
	struct pollfd fds[] = { { l->signals, POLLIN, 0 },
				{ l->watch, POLLIN, 0 },
				{ l->keepers.done[0], POLLIN, 0 },
				{ l->timer, POLLIN, 0 } };
	uint64_t times;

	set_timer(l);
	if (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0)
		return errno == EINTR ? EXIT_DONE : fail_errno(-errno, "cannot wait");
	if (fds[0].revents)
		*ret_over = true;
	if (fds[2].revents)
		take_done(l);
	/* Expired or cancelled: what is due by the clock as it is now is seen either way. */
	if (fds[3].revents && read(l->timer, &times, sizeof(times)) < 0 && errno != ECANCELED &&
	    errno != EAGAIN)
		return fail_errno(-errno, "the timer");
	return fds[1].revents ? take_events(l) : EXIT_DONE;
}

static int run(struct loop *l)
{
	bool over = false;
	int r = EXIT_DONE;

	while (!r && !over) {
		keepers_start(&l->keepers, time(NULL));
		r = wait_once(l, &over);
	}
	/* Nothing is ever half done, so nobody waits here for responders. */
	if (l->keepers.at_work) {
		fflush(NULL);
		_exit(r);
	}
	return r;
}

/* One step of each. */
static int run_once(struct loop *l)
{
	int r = EXIT_DONE;
	size_t i;

	if (!l->keepers.count)
		return fail(EXIT_TROUBLE, "%s: there are no such slots", l->patterns);
	do {
		keepers_start(&l->keepers, INT64_MIN);
		if (!l->keepers.at_work)
			return fail(EXIT_TROUBLE, "no threads to be had");
		take_done(l);
		for (i = 0; i < l->keepers.count && l->keepers.list[i]->stepped; i++)
			;
	} while (i < l->keepers.count);
	for (i = 0; i < l->keepers.count; i++) {
		const struct capcert_stapler_info *s = &l->keepers.list[i]->info.staple;

		if (!s->have || l->keepers.list[i]->info.error)
			r = EXIT_TROUBLE;
		else if (s->status == CAPCERT_OCSP_REVOKED && !r)
			r = EXIT_NO;
	}
	return r;
}

static int open_all(struct loop *l)
{
	const struct args *args = l->keepers.args;
	const char *text;
	sigset_t ends;
	int e, r = EXIT_DONE;
	size_t i;

	for (i = 0; !r && (text = opt_nth(args, "slot", i)); i++)
		r = add_pattern(l, text);
	if (!r && !i)
		r = fail(EXIT_USAGE, "which slots? --slot NAME, or a prefix that ends in /");
	if (!r)
		r = load_issuers(l);
	if (!r && keepers_open(&l->keepers) < 0)
		r = fail_errno(-errno, "a pipe");
	if (!r)
		r = open_slots(l, opt_text(args, "slots"));
	if (r)
		return r;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	l->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	l->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->signals < 0 || l->timer < 0)
		return fail_errno(-errno, "signals and time");
	/* The watch begins before the slots are looked at, so that nothing is missed between. */
	e = capcert_slot_watch(l->keepers.slots, l->patterns, NULL, &l->watch, NULL);
	if (e)
		return fail_errno(e, "cannot watch %s", l->patterns);
	r = add_names(l);
	return r ? r : add_listed(l);
}

int slot_staple(const struct args *args)
{
	struct loop *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return fail(EXIT_TROUBLE, "out of memory");
	l->keepers.args = args;
	l->keepers.slots = l->keepers.done[0] = l->keepers.done[1] = -1;
	l->watch = l->timer = l->signals = -1;
	r = open_all(l);
	if (!r)
		r = opt_has(args, "once") ? run_once(l) : run(l);
	keepers_close(&l->keepers);
	close(l->keepers.slots);
	close(l->watch);
	close(l->timer);
	close(l->signals);
	capcert_chain_free(l->keepers.issuers);
	certs_free(&l->issuers);
	free(l);
	return r;
}
