// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Whose turn it is among certificates that are due, and what the control socket answers. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "helpers/acmed/keeper.h"

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)
#define MS INT64_C(5000000)
#define MANY 1000

static struct conf conf;
static struct keeper k;
static struct turn turn;

/* @n certificates that were issued 30 days ago for 90 days, of two CAs in turn. */
static void keep(size_t n)
{
	conf.certs = calloc(n, sizeof(*conf.certs));
	conf.cas = calloc(2, sizeof(*conf.cas));
	conf.cert_count = n;
	conf.ca_count = 2;
	conf.parallel = 8;
	k = (struct keeper){ .conf = &conf,
			     .entries = calloc(n, sizeof(*k.entries)),
			     .cas = calloc(2, sizeof(*k.cas)) };
	for (size_t i = 0; i < n; i++) {
		struct entry *e = &k.entries[i];

		conf.certs[i].ca = i % 2;
		e->revoke = NO_REASON;
		e->known.have = true;
		e->known.seed = (uint32_t)i * 2654435761u;
		e->known.not_before = NOW - 30 * DAY;
		e->known.not_after = NOW + 60 * DAY;
	}
}

static int forget(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf.cert_count; i++)
		free(k.entries[i].trouble);
	while (k.job_count)
		free(k.jobs[--k.job_count]);
	free(k.entries);
	free(k.cas);
	free(conf.certs);
	free(conf.cas);
	conf = (struct conf){ 0 };
	k = (struct keeper){ 0 };
	return 0;
}

static struct job *begin(const struct turn *t)
{
	struct job *j = calloc(1, sizeof(*j));

	j->cert = t->cert;
	j->task = t->task;
	k.entries[t->cert].job = j;
	k.jobs[k.job_count++] = j;
	return j;
}

static void end(size_t index)
{
	struct job *j = k.jobs[index];

	k.entries[j->cert].job = NULL;
	k.jobs[index] = k.jobs[--k.job_count];
	free(j);
}

static void nothing_is_due(void **state)
{
	(void)state;
	keep(3);
	assert_false(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.wait_ms, 60000);
	/* Within the minute. The moment is that of the schedule. */
	int64_t at = schedule_age(NOW - 30 * DAY, NOW + 60 * DAY, k.entries[0].known.seed);

	k.entries[1].job = k.entries[2].job = (struct job *)&k; /* are being done */
	assert_false(turn_next(&k, at - 7, MS, true, &turn));
	assert_int_equal(turn.wait_ms, 7000);
	assert_true(turn_next(&k, at, MS, true, &turn));
	assert_int_equal(turn.cert, 0);
	assert_int_equal(turn.task, TASK_ORDER);
	k.entries[1].job = k.entries[2].job = NULL;
}

/* What the lifetime or the window says needs a clock; what there is not, or what has changed, does not. */
static void by_which_clock(void **state)
{
	(void)state;
	keep(1);
	assert_false(turn_next(&k, NOW + 59 * DAY, MS, false, &turn));
	assert_true(turn.wait_ms > 0 && turn.wait_ms <= 60000);
	assert_true(turn_next(&k, NOW + 59 * DAY, MS, true, &turn));
	k.entries[0].recipe[0] = 1;
	assert_true(turn_next(&k, NOW, MS, false, &turn));
	k.entries[0].recipe[0] = 0;
	k.entries[0].known.have = false;
	assert_true(turn_next(&k, NOW, MS, false, &turn));
	assert_int_equal(turn.task, TASK_ORDER);
	k.entries[0].known.have = true;
	k.entries[0].now = true; /* somebody said so */
	assert_true(turn_next(&k, NOW, MS, false, &turn));
}

static void after_failures(void **state)
{
	struct state_cert *c;

	(void)state;
	keep(1);
	c = &k.entries[0].known;
	c->have = false;
	c->failures = 1;
	c->failed_at = NOW;
	assert_false(turn_next(&k, NOW + 59, MS, true, &turn));
	assert_true(turn_next(&k, NOW + 67, MS, true, &turn));
	/* A clock that was wrong then does not hold it up for ever. */
	c->failed_at = NOW + 1000 * DAY;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	c->failed_at = NOW;
	c->not_until = NOW + DAY;
	assert_false(turn_next(&k, NOW + 67, MS, true, &turn));
	k.entries[0].now = true;
	assert_true(turn_next(&k, NOW + 1, MS, true, &turn));
	/* A disk that was full, a process that could not be started. */
	k.entries[0].look_at = MS + 1500;
	assert_false(turn_next(&k, NOW + 1, MS, true, &turn));
	assert_int_equal(turn.wait_ms, 1500);
}

/* Putting back, revoking, then those with the least time left; windows last. */
static void who_goes_first(void **state)
{
	(void)state;
	keep(10);
	for (size_t i = 0; i < 10; i++)
		conf.certs[i].ca = 0;
	strcpy(k.entries[7].known.cert_id, "id");
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 7);
	assert_int_equal(turn.task, TASK_WINDOW);
	k.entries[4].known.not_after = NOW + DAY;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 4);
	k.entries[5].known.not_after = NOW + 60;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 5);
	k.entries[9].restore = true;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 9);
	assert_int_equal(turn.task, TASK_RESTORE);
	k.entries[9].restore_at = MS + 1;
	k.entries[2].revoke = -1;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 2);
	assert_int_equal(turn.task, TASK_REVOKE);
}

/* A CA that has no windows is asked for one certificate, not for each; and that holds up no order. */
static void a_ca_without_windows(void **state)
{
	(void)state;
	keep(3);
	for (size_t i = 0; i < 3; i++)
		strcpy(k.entries[i].known.cert_id, "id");
	k.cas[0].windowless = NOW + 3600;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 1);
	assert_int_equal(turn.task, TASK_WINDOW);
	k.cas[1].windowless = NOW + 30;
	assert_false(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.wait_ms, 30000);
	k.entries[1].known.ari_next = NOW + 50;
	assert_false(turn_next(&k, NOW + 49, MS, true, &turn));
	assert_int_equal(turn.wait_ms, 1000);
	assert_true(turn_next(&k, NOW + 3600, MS, true, &turn));
	assert_int_equal(turn.task, TASK_WINDOW);
	k.cas[0].windowless = k.cas[1].windowless = INT64_MAX;
	assert_false(turn_next(&k, NOW + 3600, MS, true, &turn));
	assert_true(turn_next(&k, NOW + 40 * DAY, MS, true, &turn));
	assert_int_equal(turn.task, TASK_ORDER);
}

/* The first order of a CA makes the account that the others use; who needs none does not wait. */
static void an_account_first(void **state)
{
	(void)state;
	keep(6);
	k.cas[0].accountless = true;
	for (size_t i = 0; i < 6; i++)
		k.entries[i].known.have = i == 4;
	k.entries[4].known.not_before = NOW;
	k.entries[4].known.not_after = NOW + 90 * DAY;
	k.entries[2].revoke = -1;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 2);
	begin(&turn);
	for (size_t cert = 1; cert < 6; cert += 2) {
		assert_true(turn_next(&k, NOW, MS, true, &turn));
		assert_int_equal(turn.cert, cert);
		begin(&turn);
	}
	assert_false(turn_next(&k, NOW, MS, true, &turn));
	k.entries[4].restore = true;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.task, TASK_RESTORE);
	k.entries[4].restore = false;
	strcpy(k.entries[4].known.cert_id, "id");
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.task, TASK_WINDOW);
	begin(&turn);
	k.cas[0].accountless = false;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 0);
	/* It failed without one: the next one tries. */
	k.cas[0].accountless = true;
	k.entries[2].revoke = NO_REASON;
	end(0);
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, 0);
	assert_int_equal(turn.task, TASK_ORDER);
}

/* Of a CA that does not answer one certificate at a time finds that out, ever more seldom; the other CA has its jobs. */
static void a_ca_that_is_down(void **state)
{
	static const int64_t waits[] = { 4000, 8000, 16000, 32000, 60000, 60000 };
	int64_t ms = MS;

	(void)state;
	keep(20);
	for (int i = 0; i < 4; i++) {
		assert_true(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
		begin(&turn);
	}
	/* Two were under way: one silence. */
	turn_silence(&k, 0, ms);
	turn_silence(&k, 0, ms + 1000);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		while (k.job_count)
			end(0);
		for (size_t c = 1; c < 20; c += 2)
			k.entries[c].known.not_before = NOW + 59 * DAY,
			k.entries[c].known.not_after = NOW + 149 * DAY;
		assert_false(turn_next(&k, NOW + 59 * DAY, ms + 1, true, &turn));
		assert_int_equal(turn.wait_ms, waits[i] - 1);
		ms += waits[i];
		/* One asks; the rest wait for what it hears. */
		assert_true(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
		assert_int_equal(turn.cert % 2, 0);
		begin(&turn);
		assert_false(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
		if (i == 2) {
			/* Somebody who asks does not wait, nor does what needs no CA. */
			k.entries[8].now = true;
			assert_true(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
			assert_int_equal(turn.cert, 8);
			k.entries[8].now = false;
			k.entries[10].restore = true;
			assert_true(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
			assert_int_equal(turn.cert, 10);
			assert_int_equal(turn.task, TASK_RESTORE);
			k.entries[10].restore = false;
		}
		turn_silence(&k, 0, ms);
	}
	turn_heard(&k, 0);
	assert_true(turn_next(&k, NOW + 59 * DAY, ms, true, &turn));
	turn_silence(&k, 0, ms);
	assert_int_equal(k.cas[0].quiet_until, ms + waits[0]);
}

/* A CA that hangs has its jobs for itself, not all of them. */
static void a_ca_that_hangs(void **state)
{
	size_t of[2] = { 0 };

	(void)state;
	keep(40);
	for (int i = 0; i < 8; i++) {
		assert_true(turn_next(&k, NOW + 59 * DAY, MS, true, &turn));
		of[begin(&turn)->cert % 2]++;
	}
	assert_int_equal(of[0], 4);
	assert_int_equal(of[1], 4);
	/* Whatever of CA 1 ends makes room for CA 1. */
	for (int round = 0; round < 16; round++) {
		size_t i = 0;

		while (k.entries[k.jobs[i]->cert].job && k.jobs[i]->cert % 2 == 0)
			i++;
		k.entries[k.jobs[i]->cert].known.not_before = NOW + 59 * DAY;
		k.entries[k.jobs[i]->cert].known.not_after = NOW + 149 * DAY;
		end(i);
		assert_true(turn_next(&k, NOW + 59 * DAY, MS, true, &turn));
		assert_int_equal(begin(&turn)->cert % 2, 1);
	}
}

/* All are due: each has its turn once, as many at a time as may be, in the order of what is left. */
static void storm(void **state)
{
	static unsigned char done[MANY];
	int64_t last = 0;
	size_t n = 0;

	(void)state;
	keep(MANY);
	memset(done, 0, sizeof(done));
	for (size_t i = 0; i < MANY; i++) {
		conf.certs[i].ca = 0;
		k.entries[i].known.not_after = NOW + (int64_t)(i * 7919 % MANY) * 60;
	}
	for (;;) {
		while (k.job_count < conf.parallel && turn_next(&k, NOW, MS, true, &turn)) {
			const struct state_cert *c = &k.entries[turn.cert].known;

			assert_int_equal(turn.task, TASK_ORDER);
			assert_int_equal(done[turn.cert]++, 0);
			assert_true(c->not_after >= last);
			last = c->not_after;
			begin(&turn);
			n++;
		}
		if (!k.job_count)
			break;
		assert_true(k.job_count == conf.parallel || n == MANY);
		k.entries[k.jobs[n % k.job_count]->cert].known.not_before = NOW;
		k.entries[k.jobs[n % k.job_count]->cert].known.not_after = NOW + 90 * DAY;
		end(n % k.job_count);
	}
	assert_int_equal(n, MANY);
}

/* 1,000 windows to ask for do not keep an order waiting. */
static void windows_leave_room(void **state)
{
	(void)state;
	keep(MANY);
	for (size_t i = 0; i < MANY; i++)
		strcpy(k.entries[i].known.cert_id, "id");
	while (turn_next(&k, NOW, MS, true, &turn)) {
		assert_int_equal(turn.task, TASK_WINDOW);
		begin(&turn);
		assert_true(k.job_count <= conf.parallel / 2);
	}
	assert_int_equal(k.job_count, conf.parallel / 2);
	k.entries[MANY - 1].now = true;
	assert_true(turn_next(&k, NOW, MS, true, &turn));
	assert_int_equal(turn.cert, MANY - 1);
	assert_int_equal(turn.task, TASK_ORDER);
}

/* ---- the control socket ---- */

static char folder[64];

static json_t *ask(const char *line)
{
	json_t *a = control_answer(&k, line, strlen(line));

	assert_non_null(a);
	return a;
}

static void refused(const char *line, const char *why)
{
	json_t *a = ask(line);

	assert_non_null(strstr(json_string_value(json_object_get(a, "error")), why));
	json_decref(a);
}

static void control(void **state)
{
	static struct conf_name name = { (char *)"www.example.org", false };
	char error[256], path[96];
	json_t *a, *c;

	(void)state;
	strcpy(folder, "/tmp/acmed-turn.XXXXXX");
	assert_non_null(mkdtemp(folder));
	keep(2);
	conf.cas[0].name = conf.cas[1].name = (char *)"le";
	conf.cas[0].directory = conf.cas[1].directory = (char *)"https://ca.example/";
	for (size_t i = 0; i < 2; i++) {
		conf.certs[i].name = (char *)(i ? "mail" : "www");
		conf.certs[i].slot = (char *)"web/www";
		conf.certs[i].names = &name;
		conf.certs[i].name_count = 1;
	}
	assert_int_equal(state_open(folder, &k.state, error), 0);

	a = ask("{\"do\": \"status\"}");
	assert_int_equal(json_array_size(json_object_get(a, "certificates")), 2);
	c = json_array_get(json_object_get(a, "certificates"), 0);
	assert_string_equal(json_string_value(json_object_get(c, "name")), "www");
	assert_string_equal(json_string_value(json_object_get(c, "state")), "idle");
	assert_string_equal(json_string_value(json_object_get(c, "why")), "age");
	assert_true(json_is_null(json_object_get(c, "window")));
	json_decref(a);
	a = ask("{\"do\": \"status\", \"name\": \"mail\"}");
	assert_int_equal(json_array_size(json_object_get(a, "certificates")), 1);
	json_decref(a);

	json_decref(ask("{\"do\": \"renew\", \"name\": \"mail\"}"));
	assert_true(k.entries[1].now && k.entries[1].asked && !k.entries[0].now);
	json_decref(ask("{\"do\": \"revoke\", \"name\": \"www\", \"reason\": 4}"));
	assert_int_equal(k.entries[0].revoke, 4);
	a = ask("{\"do\": \"accounts\"}");
	assert_int_equal(json_array_size(json_object_get(a, "accounts")), 0);
	json_decref(a);

	refused("", "no request");
	refused("{", "no request");
	refused("[]", "no request");
	refused("{\"do\": 1}", "no request");
	refused("{\"do\": \"status\", \"do\": \"renew\"}", "no request");
	refused("{\"do\": \"delete\"}", "is wanted");
	refused("{\"do\": \"renew\"}", "no such certificate");
	refused("{\"do\": \"renew\", \"name\": 1}", "no such certificate");
	refused("{\"do\": \"renew\", \"name\": \"ftp\"}", "no such certificate");
	refused("{\"do\": \"revoke\", \"name\": \"www\", \"reason\": 7}", "no such reason");
	refused("{\"do\": \"revoke\", \"name\": \"www\", \"reason\": 11}", "no such reason");
	refused("{\"do\": \"revoke\", \"name\": \"www\", \"reason\": -2}", "no such reason");
	assert_int_equal(k.entries[0].revoke, 4);
	k.entries[0].known.have = false;
	refused("{\"do\": \"revoke\", \"name\": \"www\"}", "no certificate to revoke");

	state_close(k.state);
	for (size_t i = 0; i < 3; i++) {
		static const char *const files[] = { "acme.db", "acme.db-journal", "lock" };

		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nothing_is_due, forget),
		cmocka_unit_test_teardown(by_which_clock, forget),
		cmocka_unit_test_teardown(after_failures, forget),
		cmocka_unit_test_teardown(who_goes_first, forget),
		cmocka_unit_test_teardown(a_ca_without_windows, forget),
		cmocka_unit_test_teardown(an_account_first, forget),
		cmocka_unit_test_teardown(a_ca_that_is_down, forget),
		cmocka_unit_test_teardown(a_ca_that_hangs, forget),
		cmocka_unit_test_teardown(storm, forget),
		cmocka_unit_test_teardown(windows_leave_room, forget),
		cmocka_unit_test_teardown(control, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
