// SPDX-License-Identifier: GPL-2.0-only
/* Records that are published: changed at the primary at once, and answered for when all servers of the zone have
 * them. Those that wait are looked at in turn, so that nobody waits for another's slow server alone. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "helpers/acmed/dns_client.h"
#include "helpers/acmed/dns_persist.h"
#include "helpers/acmed/dns_solver.h"
#include "helpers/acmed/walls.h"
#include "helpers/acmed/wire.h"

#define FIRST_WAIT_MS 100
#define MOST_WAIT_MS 5000
#define RECORDS_MOST 4096

struct record {
	struct record *next;
	struct dns_name target;
	uint32_t id;
	bool pending; /* nobody was told that it is there */
	bool ours;    /* was added by us */
	bool once;    /* looking is enough: nothing was changed that would have to spread */
	int64_t look_at, wait, until; /* monotonic ms */
	char text[];
};

struct solver {
	int fd;
	const struct conf_solver *conf;
	struct dns_client *client;
	struct record *records;
	size_t count;
};

static struct wire wire;

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int reply(struct solver *s, uint32_t id, int error, const char *text)
{
	wire_begin(&wire, WIRE_DONE);
	wire_put_number(&wire, error);
	wire_put_text(&wire, text);
	wire_put_number(&wire, id);
	return wire_send(s->fd, &wire);
}

/* ---- which texts will do ---- */

static bool is_text(const char *text, const void *wanted)
{
	return strcmp(text, wanted) == 0;
}

static bool is_permission(const char *text, const void *wanted)
{
	return dns_persist_allows(text, wanted, (int64_t)time(NULL));
}

static int has(struct solver *s, const struct dns_name *target, const char *text)
{
	return dns_client_has(s->client, target,
			      s->conf->kind == CONF_SOLVER_DNS ? is_text : is_permission, text);
}

/* ---- records ---- */

static struct record *remember(struct solver *s, const struct dns_name *target,
			       const struct challenge *c)
{
	size_t n = strlen(c->text) + 1;
	struct record *r = s->count < RECORDS_MOST ? calloc(1, sizeof(*r) + n) : NULL;

	if (!r)
		return NULL;
	r->target = *target;
	r->id = c->id;
	r->pending = true;
	r->wait = FIRST_WAIT_MS;
	r->look_at = now_ms();
	r->until = r->look_at + (int64_t)s->conf->timeout * 1000;
	memcpy(r->text, c->text, n);
	r->next = s->records;
	s->records = r;
	s->count++;
	return r;
}

static struct record **find(struct solver *s, const struct dns_name *target, const char *text)
{
	struct record **at = &s->records;

	while (*at && !(dns_name_same(&(*at)->target, target) && strcmp((*at)->text, text) == 0))
		at = &(*at)->next;
	return at;
}

static void forget(struct solver *s, struct record **at)
{
	struct record *r = *at;

	*at = r->next;
	s->count--;
	free(r);
}

/* Two orders may have one authorization, and thus one value: the last takes it away. */
static int take_away(struct solver *s, const struct dns_name *target, const char *text)
{
	return *find(s, target, text) ? 0 : dns_client_change(s->client, target, text, false);
}

/* ---- requests ---- */

static bool makes_sense(const struct solver *s, const struct challenge *c)
{
	size_t n = strlen(c->text);

	return c->type == (uint32_t)s->conf->challenge && n && n < DNS_TEXT && *c->record;
}

static int publish(struct solver *s, const struct challenge *c)
{
	struct dns_name target;
	struct record *record;
	int r = dns_client_target(s->client, c->record, &target);
	bool lasting = s->conf->kind == CONF_SOLVER_PERSIST, there = false;

	if (r == 0 && lasting) {
		r = has(s, &target, c->text);
		there = r == 1;
	}
	if (r >= 0 && !there && s->client->has_key)
		r = dns_client_change(s->client, &target, c->text, true);
	if (r < 0)
		return reply(s, c->id, r, s->client->error);
	record = remember(s, &target, c);
	if (!record)
		return reply(s, c->id, -ENOMEM, "too many records at once");
	record->ours = !lasting;
	/* Without a key it is an administrator who has to act: no use in waiting for that. */
	record->once = there || !s->client->has_key;
	return 0;
}

static int withdraw(struct solver *s, const struct challenge *c)
{
	struct dns_name target;
	struct record **known;
	int r;

	if (s->conf->kind == CONF_SOLVER_PERSIST)
		return reply(s, c->id, 0, ""); /* it is there to stay */
	r = dns_client_target(s->client, c->record, &target);
	if (r == 0) {
		known = find(s, &target, c->text);
		if (*known)
			forget(s, known);
		r = take_away(s, &target, c->text);
	}
	return reply(s, c->id, r, r < 0 ? s->client->error : "");
}

static int request(struct solver *s)
{
	static struct wire in;
	struct challenge c;
	int r = wire_receive(s->fd, &in);

	if (r < 0)
		return r;
	if (!wire_get_challenge(&in, &c) || (in.what != WIRE_PUBLISH && in.what != WIRE_WITHDRAW))
		return -EBADMSG;
	if (!makes_sense(s, &c))
		return reply(s, c.id, -EINVAL, "this solver has no such challenge");
	return in.what == WIRE_PUBLISH ? publish(s, &c) : withdraw(s, &c);
}

/* ---- looking ---- */

static int give_up(struct solver *s, struct record **at, int error)
{
	struct record *r = *at;
	struct dns_name target = r->target;
	char why[DNS_ERROR + DNS_TEXT + 256], name[DNS_NAME_TEXT], *text = strdup(r->text);
	bool ours = r->ours;
	uint32_t id = r->id;

	if (s->client->has_key)
		snprintf(why, sizeof(why), "%.200s TXT, after %u s: %s",
			 dns_name_text(&target, name), s->conf->timeout, s->client->error);
	else
		snprintf(why, sizeof(why), "add the record: %.300s. IN TXT \"%s\" -- %s",
			 dns_name_text(&target, name), r->text, s->client->error);
	forget(s, at);
	if (ours && text)
		take_away(s, &target, text);
	free(text);
	return reply(s, id, error, why);
}

static int look(struct solver *s, struct record **at)
{
	struct record *r = *at;
	int have = has(s, &r->target, r->text);

	if (have == 1) {
		uint32_t id = r->id;

		r->pending = false;
		if (!r->ours)
			forget(s, at);
		return reply(s, id, 0, "");
	}
	r->look_at = now_ms() + r->wait;
	r->wait = r->wait < MOST_WAIT_MS / 2 ? 2 * r->wait : MOST_WAIT_MS;
	if (r->once || r->look_at > r->until)
		return give_up(s, at, have < 0 ? have : r->once ? -ENOENT : -ETIMEDOUT);
	return 0;
}

/* One record that is due. @ret_wait: ms until the next is, -1 = none. */
static int step(struct solver *s, int *ret_wait)
{
	struct record **due = NULL;
	int64_t soonest = INT64_MAX, now = now_ms();
	int r;

	for (struct record **at = &s->records; *at; at = &(*at)->next)
		if ((*at)->pending && (*at)->look_at < soonest) {
			soonest = (*at)->look_at;
			due = at;
		}
	*ret_wait = !due ? -1 : soonest <= now ? 0 : (int)(soonest - now);
	if (!due || soonest > now)
		return 0;
	r = look(s, due);
	*ret_wait = 0;
	return r;
}

static int serve(struct solver *s)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int r, wait;

	for (;;) {
		r = step(s, &wait);
		if (r < 0)
			return r;
		p.revents = 0;
		if (poll(&p, 1, wait) < 0 && errno != EINTR)
			return -errno;
		r = p.revents ? request(s) : 0;
		if (r < 0 && r != -EAGAIN)
			return r;
	}
}

int dns_solver_main(const struct conf_solver *conf, int fd)
{
	struct solver s = { .fd = fd, .conf = conf };
	int r = dns_client_open(conf, &s.client);

	if (r == 0)
		r = walls_dns();
	if (r == 0)
		r = serve(&s);
	while (s.records)
		forget(&s, &s.records);
	dns_client_free(s.client);
	return r == -EPIPE ? 0 : 1;
}
