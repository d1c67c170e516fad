// SPDX-License-Identifier: GPL-2.0-only
/* The control socket: one line of JSON in, one out. Root alone reaches it. */
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/keeper.h"

#define LINE 1024

struct client {
	int fd;
	int64_t since;
	char line[LINE];
	size_t in;
	char *out;
	size_t out_len, sent;
};

#define CLIENTS (sizeof(((struct keeper *)0)->clients) / sizeof(((struct keeper *)0)->clients[0]))

static void drop(struct keeper *k, size_t i)
{
	close(k->clients[i]->fd);
	free(k->clients[i]->out);
	free(k->clients[i]);
	k->clients[i] = NULL;
}

void control_accept(struct keeper *k)
{
	int fd = accept4(k->w->control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *c = fd >= 0 ? calloc(1, sizeof(*c)) : NULL;

	size_t at = 0;

	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while (at < CLIENTS && k->clients[at])
		at++;
	/* Who came first has had the most time. */
	if (at == CLIENTS) {
		at = 0;
		for (size_t i = 1; i < CLIENTS; i++)
			if (k->clients[i]->since < k->clients[at]->since)
				at = i;
		drop(k, at);
	}
	c->fd = fd;
	c->since = keeper_now_ms();
	k->clients[at] = c;
}

int control_fd(const struct keeper *k, size_t i, short *ret_events)
{
	const struct client *c = k->clients[i];

	if (!c)
		return -1;
	*ret_events = c->out ? POLLOUT : POLLIN;
	return c->fd;
}

/* ---- answers ---- */

static const char *doing(const struct entry *e)
{
	static const char *const tasks[] = { "ordering", "restoring", "asking", "revoking" };

	if (e->job)
		return e->job->chain ? "installing" : tasks[e->job->task];
	return e->known.failures ? "waiting" : e->known.have ? "idle" : "new";
}

static json_t *window_of(const struct state_cert *c)
{
	return c->ari ? json_pack("{s:I, s:I}", "start", (json_int_t)c->ari_start, "end",
				  (json_int_t)c->ari_end)
		      : json_null();
}

static json_t *names_of(const struct conf_cert *cert)
{
	json_t *names = json_array();

	for (size_t i = 0; i < cert->name_count; i++)
		json_array_append_new(names, json_string(cert->names[i].text));
	return names;
}

static json_t *certificate(const struct keeper *k, size_t i)
{
	const struct conf_cert *cert = &k->conf->certs[i];
	const struct entry *e = &k->entries[i];
	const struct state_cert *c = &e->known;
	struct schedule_facts f;
	struct schedule_plan p;

	state_facts(c, e->recipe, &f);
	p = schedule_renewal(&f);
	return json_pack(
		"{s:s, s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:o, s:I, s:I, s:I, s:I, s:s,"
		" s:s, s:I}",
		"name", cert->name, "names", names_of(cert), "slot", cert->slot, "ca",
		k->conf->cas[cert->ca].name, "directory", k->conf->cas[cert->ca].directory, "state",
		doing(e), "not_before", (json_int_t)c->not_before, "not_after",
		(json_int_t)c->not_after, "next", (json_int_t)p.at, "why", schedule_why_name(p.why),
		"window", window_of(c), "window_next", (json_int_t)c->ari_next, "failures",
		(json_int_t)c->failures, "failed_at", (json_int_t)c->failed_at, "not_until",
		(json_int_t)c->not_until, "failure", c->failure, "trouble",
		e->trouble ? e->trouble : "", "ended", (json_int_t)e->ended);
}

/* Of the one that is asked for, or of all. */
static json_t *status(struct keeper *k, const json_t *q)
{
	const char *name = json_string_value(json_object_get(q, "name"));
	json_t *list = json_array();

	for (size_t i = 0; i < k->conf->cert_count; i++)
		if (!name || strcmp(k->conf->certs[i].name, name) == 0)
			json_array_append_new(list, certificate(k, i));
	return json_pack("{s:o, s:i, s:I, s:b}", "certificates", list, "jobs", (int)k->job_count,
			 "now", (json_int_t)time(NULL), "clock_ok", keeper_clock_ok(k, time(NULL)));
}

static int add_account(void *ctx, const char *directory, const char *url)
{
	return json_array_append_new(ctx,
				     json_pack("{s:s, s:s}", "directory", directory, "url", url));
}

static json_t *accounts(struct keeper *k)
{
	json_t *list = json_array();

	state_accounts(k->state, add_account, list);
	return json_pack("{s:o}", "accounts", list);
}

static json_t *no(const char *why)
{
	return json_pack("{s:s}", "error", why);
}

static json_t *act(struct keeper *k, const char *what, const json_t *q)
{
	const json_t *name = json_object_get(q, "name"), *reason = json_object_get(q, "reason");
	const struct conf_cert *cert =
		json_is_string(name) ? conf_cert_find(k->conf, json_string_value(name)) : NULL;
	struct entry *e = cert ? &k->entries[cert - k->conf->certs] : NULL;

	if (!e)
		return no("there is no such certificate in the configuration");
	if (strcmp(what, "revoke") == 0) {
		int n = json_is_integer(reason) ? (int)json_integer_value(reason) : -1;

		if (!e->known.have)
			return no("there is no certificate to revoke");
		if (n < -1 || n > 10 || n == 7)
			return no("no such reason");
		e->revoke = n;
	} else if (!e->job || e->job->task != TASK_ORDER) {
		e->now = true;
	}
	e->asked = true;
	e->look_at = 0;
	return certificate(k, (size_t)(cert - k->conf->certs));
}

json_t *control_answer(struct keeper *k, const char *line, size_t len)
{
	json_t *q = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL), *a;
	const char *what = json_string_value(json_object_get(q, "do"));

	if (!what)
		a = no("no request");
	else if (strcmp(what, "status") == 0)
		a = status(k, q);
	else if (strcmp(what, "accounts") == 0)
		a = accounts(k);
	else if (strcmp(what, "renew") == 0 || strcmp(what, "revoke") == 0)
		a = act(k, what, q);
	else
		a = no("status, accounts, renew or revoke is wanted");
	json_decref(q);
	return a;
}

static void take_line(struct keeper *k, struct client *c, size_t len)
{
	json_t *a = control_answer(k, c->line, len);
	char *text = json_dumps(a, JSON_COMPACT);

	json_decref(a);
	if (text && asprintf(&c->out, "%s\n", text) >= 0)
		c->out_len = strlen(c->out);
	else
		c->out = NULL;
	free(text);
}

void control_step(struct keeper *k, size_t i)
{
	struct client *c = k->clients[i];
	ssize_t n;

	if (!c)
		return;
	if (!c->out) {
		const char *end;

		n = recv(c->fd, c->line + c->in, sizeof(c->line) - c->in, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		c->in += n > 0 ? (size_t)n : 0;
		end = memchr(c->line, '\n', c->in);
		if (end)
			take_line(k, c, (size_t)(end - c->line));
		if (!c->out && (n <= 0 || end || c->in == sizeof(c->line)))
			drop(k, i);
		return;
	}
	n = send(c->fd, c->out + c->sent, c->out_len - c->sent, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	c->sent += n > 0 ? (size_t)n : 0;
	if (n < 0 || c->sent == c->out_len)
		drop(k, i);
}
