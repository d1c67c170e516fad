// SPDX-License-Identifier: GPL-2.0-only
/* One job: what its parts say, step by step. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "helpers/acmed/keeper.h"
#include "helpers/common/log.h"

#define JOB_MS (30 * 60 * 1000)
#define RETRY_MS 10000
#define WINDOW_WAIT 3600       /* seconds until a CA that did not say its window is asked again */
#define RETRY_MOST (7 * 86400) /* seconds that a CA's Retry-After may hold up its customer */
#define ORDER_TRIES 3	       /* that an order may fail before another is placed */

static struct wire wire;

static const struct conf_cert *cert_of(const struct keeper *k, const struct job *j)
{
	return &k->conf->certs[j->cert];
}

static int spawn(struct keeper *k, enum part part, size_t index)
{
	int fd = starter_spawn(k->starter, part, index);

	if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

static void end(struct keeper *k, struct job *j)
{
	struct entry *e = &k->entries[j->cert];
	size_t i;

	publish_forget(k, j);
	if (j->network >= 0)
		close(j->network);
	if (j->installer >= 0)
		close(j->installer);
	e->job = NULL;
	if (e->asked && !e->now && (j->task == TASK_ORDER || j->task == TASK_REVOKE)) {
		e->asked = false;
		e->ended++;
	}
	for (i = 0; k->jobs[i] != j; i++)
		;
	k->jobs[i] = k->jobs[--k->job_count];
	if (keeper_reload(k, j->cert) < 0)
		log_line(LOG_ERR, "state: %s", state_error(k->state));
	free(j);
}

/* What must be written down and cannot: the job ends, and the next one begins where the disk says. */
static void state_trouble(struct keeper *k, struct job *j)
{
	char why[320];

	snprintf(why, sizeof(why), "it cannot be written down: %s", state_error(k->state));
	keeper_trouble(k, j->cert, why);
	k->entries[j->cert].look_at = keeper_now_ms() + 60000;
	end(k, j);
}

/* The window that is known stays: a CA that cannot be asked has not taken it back. */
static int window_failed(struct keeper *k, const char *name, const struct state_cert *c)
{
	return state_window(k->state, name, c->ari ? c->ari_start : 0, c->ari_end,
			    schedule_ari_next(time(NULL), WINDOW_WAIT, c->seed));
}

static int order_failed(struct keeper *k, const char *name, const struct entry *e, const char *why,
			int64_t not_until, bool keep)
{
	int64_t now = time(NULL);

	if (not_until > now + RETRY_MOST)
		not_until = now + RETRY_MOST;
	/* An order that fails again and again is given up. What has been issued is not. */
	if (e->known.phase != STATE_ISSUED && e->known.failures + 1 >= ORDER_TRIES)
		keep = false;
	return state_failed(k->state, name, why, not_until, keep, now);
}

void job_fail(struct keeper *k, struct job *j, const char *why, int64_t not_until, bool keep)
{
	const char *name = cert_of(k, j)->name;
	struct entry *e = &k->entries[j->cert];
	int r = keeper_reload(k, j->cert); /* how far it has come */

	log_line(LOG_WARNING, "%s: %s", name, why);
	switch (j->task) {
	case TASK_WINDOW:
		r = window_failed(k, name, &e->known);
		break;
	case TASK_RESTORE:
		/* The agents may not be there yet; a chain that is refused stays refused. */
		e->restore = keep;
		e->restore_at = keeper_now_ms() + RETRY_MS;
		break;
	case TASK_ORDER:
		if (r == 0)
			r = order_failed(k, name, e, why, not_until, keep);
		break;
	default:
		keeper_trouble(k, j->cert, why);
	}
	if (r < 0)
		state_trouble(k, j);
	else
		end(k, j);
}

int job_answer(struct job *j, int error, const char *text)
{
	static struct wire answer;

	wire_begin(&answer, WIRE_DONE);
	wire_put_number(&answer, error);
	wire_put_text(&answer, text);
	return wire_send(j->network, &answer);
}

/* ---- beginning ---- */

int job_start(struct keeper *k, enum job_task task, size_t cert)
{
	bool window = task == TASK_WINDOW;
	struct entry *e = &k->entries[cert];
	struct job *j = calloc(1, sizeof(*j));
	int fd;

	if (!j)
		return -ENOMEM;
	fd = spawn(k, window ? PART_WINDOW : PART_INSTALLER, cert);
	if (fd < 0) {
		free(j);
		return fd;
	}
	j->task = task;
	j->cert = cert;
	j->installer = window ? -1 : fd;
	j->network = window ? fd : -1;
	j->until = keeper_now_ms() + JOB_MS;
	j->reason = e->revoke;
	e->job = j;
	if (task == TASK_ORDER)
		e->now = false;
	else if (task == TASK_REVOKE)
		e->revoke = NO_REASON;
	k->jobs[k->job_count++] = j;
	if (window) {
		wire_begin(&wire, WIRE_JOB);
		wire_put_number(&wire, JOB_ORDER);
		wire_put_text(&wire, "");
		wire_put_text(&wire, "");
		wire_put_text(&wire, e->known.cert_id);
		wire_put_number(&wire, 0);
		wire_put(&wire, NULL, 0);
		wire_put_number(&wire, 0);
		wire_put(&wire, NULL, 0);
		if (wire_send(fd, &wire) < 0)
			job_fail(k, j, "the network process is gone", 0, true);
	}
	return 0;
}

/* The chain of the disk to the installer. */
static void hand_chain(struct keeper *k, struct job *j, bool fresh)
{
	uint8_t *chain;
	size_t n;
	int r = state_chain(k->state, cert_of(k, j)->name, fresh, &chain, &n);

	if (r < 0) {
		state_trouble(k, j);
		return;
	}
	wire_begin(&wire, WIRE_CHAIN);
	wire_put(&wire, chain, n);
	free(chain);
	if (wire_send(j->installer, &wire) < 0)
		job_fail(k, j, "the installer is gone", 0, true);
}

/* Length of the first certificate of a chain: a SEQUENCE. */
static size_t first_der(const uint8_t *p, size_t n)
{
	if (n > 4 && p[0] == 0x30 && p[1] == 0x82)
		return 4 + ((size_t)p[2] << 8 | p[3]);
	return n > 2 && p[1] == 0x81 ? 3 + (size_t)p[2] : n;
}

static int put_job(struct keeper *k, struct job *j, const uint8_t *spki, size_t spki_len)
{
	const struct conf_cert *c = cert_of(k, j);
	const struct entry *e = &k->entries[j->cert];
	char account[STATE_TEXT] = "";
	uint8_t *chain = NULL;
	size_t n = 0;
	int r = state_account(k->state, k->conf->cas[c->ca].directory, k->w->ca_keys[c->ca],
			      account);

	/* Another section may have made it, of the same CA and key. */
	if (r == 0 || r == -ENOENT)
		k->cas[c->ca].accountless = r < 0;
	if (r == -ENOENT)
		r = 0;
	if (r == 0 && j->task == TASK_REVOKE)
		r = state_chain(k->state, c->name, false, &chain, &n);
	wire_begin(&wire, WIRE_JOB);
	wire_put_number(&wire, j->task == TASK_REVOKE ? JOB_REVOKE : JOB_ORDER);
	wire_put_text(&wire, account);
	wire_put_text(&wire, e->known.phase == STATE_ORDERED ? e->known.order : "");
	wire_put_text(&wire, e->known.have ? e->known.cert_id : "");
	wire_put_number(&wire, j->maybe);
	wire_put(&wire, spki, spki_len);
	wire_put_number(&wire, j->reason);
	n = chain && first_der(chain, n) < n ? first_der(chain, n) : n;
	wire_put(&wire, chain, n);
	free(chain);
	return r;
}

/* An order, or a revocation. */
static void ask_ca(struct keeper *k, struct job *j, const uint8_t *key, size_t key_len)
{
	struct entry *e = &k->entries[j->cert];
	uint8_t spki[4096];
	int r = 0;

	if (key_len > sizeof(spki)) {
		job_fail(k, j, "the key is too long", 0, true);
		return;
	}
	memcpy(spki, key, key_len);
	if (j->task == TASK_ORDER) {
		bool same = memcmp(e->known.wanted, e->recipe, 32) == 0;

		j->maybe = e->known.phase == STATE_WANTED && same;
		if (e->known.phase == STATE_IDLE || !same)
			r = state_want(k->state, cert_of(k, j)->name, e->recipe, time(NULL));
		if (r == 0)
			r = keeper_reload(k, j->cert);
	}
	if (r == 0)
		r = put_job(k, j, spki, key_len);
	if (r < 0) {
		state_trouble(k, j);
		return;
	}
	j->network = spawn(k, PART_NETWORK, j->cert);
	if (j->network < 0 || wire_send(j->network, &wire) < 0)
		job_fail(k, j, "no network process could be started", 0, true);
}

static void take_key(struct keeper *k, struct job *j)
{
	const struct entry *e = &k->entries[j->cert];
	size_t key_len, leaf_len;
	const uint8_t *key = wire_get(&wire, &key_len);

	wire_get(&wire, &leaf_len);
	if (!wire_end(&wire) || j->network >= 0) {
		job_fail(k, j, "the installer makes no sense", 0, true);
	} else if (j->task == TASK_RESTORE) {
		k->entries[j->cert].restore = false;
		if (leaf_len || !e->known.have)
			end(k, j);
		else
			hand_chain(k, j, false);
	} else if (j->task == TASK_ORDER && e->known.phase == STATE_ISSUED &&
		   memcmp(e->known.wanted, e->recipe, 32) == 0) {
		hand_chain(k, j, true);
	} else {
		ask_ca(k, j, key, key_len);
	}
}

/* ---- the installer ---- */

static void take_installed(struct keeper *k, struct job *j)
{
	struct state_installed what = { wire_get_number(&wire), wire_get_number(&wire),
					wire_get_text(&wire) };
	const char *name = cert_of(k, j)->name;

	wire_get_number(&wire);
	if (!wire_end(&wire)) {
		job_fail(k, j, "the installer makes no sense", 0, true);
		return;
	}
	if (j->task == TASK_ORDER && state_installed(k->state, name, &what, time(NULL)) < 0) {
		state_trouble(k, j);
		return;
	}
	keeper_trouble(k, j->cert, NULL);
	k->entries[j->cert].restore = false;
	log_line(LOG_NOTICE, "%s: %s in slot %s", name,
		 j->task == TASK_ORDER ? "a new certificate is" : "its certificate is again",
		 cert_of(k, j)->slot);
	end(k, j);
}

/* Return: how; of enum wire_failure. */
static int64_t take_failure(struct keeper *k, struct job *j)
{
	char why[STATE_TEXT];
	int64_t not_until, how;

	snprintf(why, sizeof(why), "%s", wire_get_text(&wire));
	not_until = wire_get_number(&wire);
	how = wire_get_number(&wire);
	job_fail(k, j, wire_end(&wire) && why[0] ? why : "a part failed", not_until,
		 how & FAILURE_KEEP);
	return how;
}

void job_installer(struct keeper *k, struct job *j)
{
	int r = wire_receive(j->installer, &wire);

	if (r == -EAGAIN)
		return;
	if (r < 0) {
		job_fail(k, j,
			 "the installer ended: is the key's daemon there, and the handle valid?", 0,
			 true);
		return;
	}
	switch (wire.what) {
	case WIRE_KEY:
		take_key(k, j);
		break;
	case WIRE_SIGNATURE:
		if (j->network < 0 || wire_send(j->network, &wire) < 0)
			job_fail(k, j, "the network process is gone", 0, true);
		break;
	case WIRE_INSTALLED:
		take_installed(k, j);
		break;
	case WIRE_FAILED:
		take_failure(k, j);
		break;
	default:
		job_fail(k, j, "the installer makes no sense", 0, true);
	}
}

/* ---- the network process ---- */

static void take_account(struct keeper *k, struct job *j)
{
	const struct conf_cert *c = cert_of(k, j);
	const char *url = wire_get_text(&wire);
	const char *directory = k->conf->cas[c->ca].directory;
	int r = -EBADMSG;

	if (wire_end(&wire) && strlen(url) < STATE_TEXT)
		r = *url ? state_account_put(k->state, directory, k->w->ca_keys[c->ca], url)
			 : state_account_remove(k->state, directory, k->w->ca_keys[c->ca]);
	if (r == 0 || r == -ENOENT)
		k->cas[c->ca].accountless = !*url;
	if (job_answer(j, r == -ENOENT ? 0 : r, r < 0 ? "the account could not be kept" : "") < 0)
		job_fail(k, j, "the network process is gone", 0, true);
}

static void take_order(struct keeper *k, struct job *j)
{
	const char *url = wire_get_text(&wire);
	int r = -EBADMSG;

	if (wire_end(&wire) && strlen(url) < STATE_TEXT)
		r = state_ordered(k->state, cert_of(k, j)->name, url);
	if (job_answer(j, r, r < 0 ? "the order's URL could not be kept" : "") < 0)
		job_fail(k, j, "the network process is gone", 0, true);
}

static void take_chain(struct keeper *k, struct job *j)
{
	size_t n;
	const uint8_t *chain = wire_get(&wire, &n);

	if (!wire_end(&wire)) {
		job_fail(k, j, "the network process makes no sense", 0, false);
		return;
	}
	if (state_issued(k->state, cert_of(k, j)->name, chain, n) < 0) {
		state_trouble(k, j);
		return;
	}
	j->chain = true;
	job_answer(j, 0, "");
	/* It has done what it was there for. */
	close(j->network);
	j->network = -1;
	hand_chain(k, j, true);
}

static void take_window(struct keeper *k, struct job *j)
{
	const struct entry *e = &k->entries[j->cert];
	int64_t error = wire_get_number(&wire), start = wire_get_number(&wire);
	int64_t finish = wire_get_number(&wire), again = wire_get_number(&wire), now = time(NULL);
	const char *why = wire_get_text(&wire);

	if (!wire_end(&wire)) {
		job_fail(k, j, "the network process makes no sense", 0, true);
		return;
	}
	/* A CA without windows, or one that does not know the certificate, is asked again as seldom as one with. */
	if (error == -EOPNOTSUPP || error == -ENOENT) {
		start = finish = 0;
		again = now;
		if (error == -EOPNOTSUPP)
			k->cas[cert_of(k, j)->ca].windowless =
				schedule_ari_next(now, 0, e->known.seed);
	} else if (error) {
		job_fail(k, j, why, 0, true);
		return;
	}
	turn_heard(k, cert_of(k, j)->ca);
	again = schedule_ari_next(now, again - now, e->known.seed);
	if (state_window(k->state, cert_of(k, j)->name, start, finish, again) < 0)
		state_trouble(k, j);
	else
		end(k, j);
}

static void take_revoked(struct keeper *k, struct job *j)
{
	struct entry *e = &k->entries[j->cert];
	int r = 0;

	/* Whoever starts next has to know that the one in the slot is no good. */
	if (e->known.phase == STATE_IDLE)
		r = state_want(k->state, cert_of(k, j)->name, e->recipe, time(NULL));
	if (r == 0)
		r = keeper_reload(k, j->cert);
	log_line(LOG_NOTICE, "%s: its certificate is revoked; a new one is ordered",
		 cert_of(k, j)->name);
	job_answer(j, 0, "");
	keeper_trouble(k, j->cert,
		       r < 0 ? "that a new certificate is wanted could not be kept" : NULL);
	e->now = true;
	end(k, j);
}

/* What the process of each task may have to say. It speaks to the outside world. */
static const unsigned int may_say[] = {
	[TASK_ORDER] = 1u << WIRE_ACCOUNT | 1u << WIRE_ORDER | 1u << WIRE_SIGN |
		       1u << WIRE_PUBLISH | 1u << WIRE_WITHDRAW | 1u << WIRE_CHAIN |
		       1u << WIRE_FAILED,
	[TASK_RESTORE] = 0,
	[TASK_WINDOW] = 1u << WIRE_WINDOW,
	[TASK_REVOKE] = 1u << WIRE_ACCOUNT | 1u << WIRE_FINISHED | 1u << WIRE_FAILED,
};

void job_network(struct keeper *k, struct job *j)
{
	const size_t ca = cert_of(k, j)->ca;
	int r = wire_receive(j->network, &wire);

	if (r == -EAGAIN)
		return;
	if (r == 0 && !(may_say[j->task] & 1u << wire.what))
		r = -EBADMSG;
	if (r == -EBADMSG) {
		job_fail(k, j, "the network process makes no sense", 0, false);
		return;
	}
	if (r < 0) {
		job_fail(k, j, "the network process ended without a word", 0, true);
		return;
	}
	/* What none of them would say of a CA that is silent. */
	if (wire.what == WIRE_ACCOUNT || wire.what == WIRE_ORDER || wire.what == WIRE_PUBLISH ||
	    wire.what == WIRE_CHAIN || wire.what == WIRE_FINISHED)
		turn_heard(k, ca);
	switch (wire.what) {
	case WIRE_ACCOUNT:
		take_account(k, j);
		break;
	case WIRE_ORDER:
		take_order(k, j);
		break;
	case WIRE_SIGN:
		if (j->installer < 0 || wire_send(j->installer, &wire) < 0)
			job_fail(k, j, "the installer is gone", 0, true);
		break;
	case WIRE_PUBLISH:
	case WIRE_WITHDRAW:
		publish_request(k, j, &wire);
		break;
	case WIRE_CHAIN:
		take_chain(k, j);
		break;
	case WIRE_WINDOW:
		take_window(k, j);
		break;
	case WIRE_FINISHED:
		take_revoked(k, j);
		break;
	default:
		if (take_failure(k, j) & FAILURE_SILENT)
			turn_silence(k, ca, keeper_now_ms());
		else
			turn_heard(k, ca);
	}
}
