// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Publications: what a network process may ask for, what is written down of it, and what happens to it when a solver, the
 * job or the daemon ends. The solvers are played here, over their sockets; the starter has its answers before it is asked. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include <capcert/capcert.h>
#include "helpers/acmed/keeper.h"

enum { HTTP, EXEC, DNS, PERSIST, ALPN, SOLVERS };

static struct conf_solver solvers[SOLVERS] = {
	{ .name = (char *)"http", .kind = CONF_SOLVER_HTTP, .challenge = CONF_HTTP_01 },
	{ .name = (char *)"exec", .kind = CONF_SOLVER_EXEC, .challenge = CONF_HTTP_01 },
	{ .name = (char *)"dns", .kind = CONF_SOLVER_DNS, .challenge = CONF_DNS_01 },
	{ .name = (char *)"persist",
	  .kind = CONF_SOLVER_PERSIST,
	  .challenge = CONF_DNS_PERSIST_01 },
	{ .name = (char *)"alpn", .kind = CONF_SOLVER_ALPN, .challenge = CONF_TLS_ALPN_01 },
};
static struct conf_name names[] = { { .text = (char *)"www.example.org" },
				    { .text = (char *)"*.example.org" } };
static struct conf_ca ca = { .name = (char *)"ca" };
static struct conf_cert cert = { .name = (char *)"www", .names = names, .name_count = 2 };
static struct conf conf = { .cas = &ca,
			    .ca_count = 1,
			    .certs = &cert,
			    .cert_count = 1,
			    .solvers = solvers,
			    .solver_count = SOLVERS };

static char folder[64];
static struct keeper k;
static int starter = -1; /* its end */
static int network = -1; /* the end of the job's network process */
static struct wire wire;

/* ---- the daemon, and its end ---- */

static void begin(void)
{
	char error[256];
	int fds[2];

	k = (struct keeper){ .conf = &conf,
			     .entries = calloc(1, sizeof(*k.entries)),
			     .solvers = calloc(SOLVERS, sizeof(*k.solvers)) };
	for (size_t i = 0; i < SOLVERS; i++)
		k.solvers[i].fd = -1;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	k.starter = fds[0];
	starter = fds[1];
	if (state_open(folder, &k.state, error) != 0)
		fail_msg("%s", error);
}

static struct job *job(size_t solver)
{
	struct job *j = calloc(1, sizeof(*j));
	int fds[2];

	cert.solver = solver;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	*j = (struct job){ .task = TASK_ORDER, .installer = -1, .network = fds[0] };
	network = fds[1];
	k.entries[0].job = j;
	k.jobs[k.job_count++] = j;
	return j;
}

/* As if killed: nobody is told, nothing is written down. */
static void killed(void)
{
	while (k.waiting) {
		struct waiting *w = k.waiting;

		k.waiting = w->next;
		free(w->what);
		free(w);
	}
	while (k.job_count) {
		struct job *j = k.jobs[--k.job_count];

		while (j->published) {
			struct published *p = j->published;

			j->published = p->next;
			free(p);
		}
		close(j->network);
		close(network);
		free(j);
	}
	for (size_t i = 0; i < SOLVERS; i++)
		if (k.solvers[i].fd >= 0)
			close(k.solvers[i].fd);
	free(k.entries);
	free(k.solvers);
	close(k.starter);
	close(starter);
	state_close(k.state);
}

/* ---- the others ---- */

/* The next solver that is started. Return: its end. */
static int solver_to_come(void)
{
	const int32_t error = 0;
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	assert_int_equal(capcert_fd_send(starter, fds[0], &error, sizeof(error)), sizeof(error));
	close(fds[0]);
	return fds[1];
}

static void no_solver_comes(void)
{
	const int32_t error = -EAGAIN;

	assert_int_equal(capcert_fd_send(starter, -1, &error, sizeof(error)), sizeof(error));
}

/* @index SOLVERS: nothing is. */
static void expect_started(size_t index)
{
	uint32_t q[2];
	ssize_t n = recv(starter, q, sizeof(q), MSG_DONTWAIT);

	if (index == SOLVERS) {
		assert_int_equal(n, -1);
		return;
	}
	assert_int_equal(n, sizeof(q));
	assert_int_equal(q[0], PART_SOLVER);
	assert_int_equal(q[1], index);
}

/* Return: its number. */
static uint32_t expect_asked(int solver, enum wire_what what, const char *token)
{
	struct challenge c;

	assert_int_equal(wire_receive(solver, &wire), 0);
	assert_int_equal(wire.what, what);
	assert_true(wire_get_challenge(&wire, &c));
	assert_string_equal(c.token, token);
	assert_string_equal(c.key_authorization, "key.authorization");
	return c.id;
}

static void expect_silence(int fd)
{
	char octet;

	assert_int_equal(recv(fd, &octet, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
}

static void solver_says(int solver, size_t index, uint32_t id, int error)
{
	wire_begin(&wire, WIRE_DONE);
	wire_put_number(&wire, error);
	wire_put_text(&wire, error ? "it says why" : "");
	wire_put_number(&wire, id);
	assert_int_equal(wire_send(solver, &wire), 0);
	publish_answer(&k, index, &wire);
}

static void expect_told(int error)
{
	assert_int_equal(wire_receive(network, &wire), 0);
	assert_int_equal(wire.what, WIRE_DONE);
	assert_int_equal(wire_get_number(&wire), error);
}

static struct challenge challenge(size_t solver, const char *name, const char *token)
{
	static uint8_t digest[32] = { 7 };
	static char record[300];
	const char *place = solver == DNS	? "_acme-challenge."
			    : solver == PERSIST ? "_validation-persist."
						: NULL;

	snprintf(record, sizeof(record), "%s%s", place ? place : "", place ? name : "");
	return (struct challenge){ .type = solvers[solver].challenge,
				   .identifier = name,
				   .token = token,
				   .key_authorization = "key.authorization",
				   .record = record,
				   .text = place ? "text" : "",
				   .digest = digest };
}

static void ask_for(struct job *j, enum wire_what what, const struct challenge *c)
{
	static struct wire in;

	wire_begin(&in, what);
	wire_put_challenge(&in, c);
	publish_request(&k, j, &in);
}

static void ask(struct job *j, enum wire_what what, const char *token)
{
	const struct challenge c = challenge(cert.solver, "www.example.org", token);

	ask_for(j, what, &c);
}

static int count_one(void *ctx, const char *solver, const uint8_t *octets, size_t len)
{
	assert_true(len > 0 && octets && solver);
	++*(unsigned int *)ctx;
	return 0;
}

static unsigned int written(void)
{
	unsigned int n = 0;

	assert_int_equal(state_publications(k.state, count_one, &n), 0);
	return n;
}

/* ---- tests ---- */

/* Is it written down before the solver is asked, and taken back by the next daemon? */
static void left_by(size_t index, bool lasts)
{
	struct job *j;
	uint32_t id;
	int solver;

	begin();
	j = job(index);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "token");
	expect_started(index);
	id = expect_asked(solver, WIRE_PUBLISH, "token");
	assert_int_equal(written(), lasts);
	expect_silence(network);
	solver_says(solver, index, id, 0);
	expect_told(0);
	close(solver);
	killed();

	begin();
	solver = solver_to_come();
	assert_int_equal(publish_clean(&k), 0);
	expect_started(lasts ? index : SOLVERS);
	if (lasts) {
		id = expect_asked(solver, WIRE_WITHDRAW, "token");
		assert_int_equal(written(), 1);
		solver_says(solver, index, id, 0);
	}
	assert_int_equal(written(), 0);
	/* It has nothing left to do. */
	assert_int_equal(k.solvers[index].fd, -1);
	close(solver);
	killed();
}

static void killed_between(void **state)
{
	(void)state;
	left_by(HTTP, false);
	left_by(EXEC, true);
	left_by(DNS, true);
	left_by(PERSIST, false);
	left_by(ALPN, true);
}

static void to_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < SOLVERS; i++) {
		struct job *j;
		int solver;

		begin();
		j = job(i);
		solver = solver_to_come();
		ask(j, WIRE_PUBLISH, "token");
		solver_says(solver, i, expect_asked(solver, WIRE_PUBLISH, "token"), 0);
		expect_told(0);
		ask(j, WIRE_WITHDRAW, "token");
		solver_says(solver, i, expect_asked(solver, WIRE_WITHDRAW, "token"), 0);
		expect_told(0);
		assert_int_equal(written(), 0);
		assert_int_equal(k.solvers[i].fd, -1);
		/* Not twice. */
		ask(j, WIRE_WITHDRAW, "token");
		expect_told(-ENOENT);
		close(solver);
		killed();
	}
}

/* The next daemon has "token" of EXEC taken back, which says @error. */
static void next_start(int error)
{
	int solver;

	begin();
	assert_int_equal(written(), 1);
	solver = solver_to_come();
	assert_int_equal(publish_clean(&k), 0);
	solver_says(solver, EXEC, expect_asked(solver, WIRE_WITHDRAW, "token"), error);
	assert_int_equal(written(), error ? 1 : 0);
	close(solver);
	killed();
}

/* What could not be taken back is tried again at each start. */
static void withdrawal_fails(void **state)
{
	struct job *j;
	int solver;

	(void)state;
	begin();
	j = job(EXEC);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "token");
	solver_says(solver, EXEC, expect_asked(solver, WIRE_PUBLISH, "token"), 0);
	expect_told(0);
	ask(j, WIRE_WITHDRAW, "token");
	solver_says(solver, EXEC, expect_asked(solver, WIRE_WITHDRAW, "token"), -EREMOTEIO);
	expect_told(-EREMOTEIO);
	close(solver);
	killed();
	next_start(-EIO);
	next_start(0);
}

/* A solver that failed may have published some of it. */
static void publication_fails(void **state)
{
	struct job *j;
	int solver;

	(void)state;
	begin();
	j = job(DNS);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "token");
	solver_says(solver, DNS, expect_asked(solver, WIRE_PUBLISH, "token"), -ETIMEDOUT);
	expect_told(-ETIMEDOUT);
	assert_int_equal(written(), 1);
	solver_says(solver, DNS, expect_asked(solver, WIRE_WITHDRAW, "token"), 0);
	assert_int_equal(written(), 0);
	close(solver);
	killed();
}

/* An order that goes on after a kill has the tokens of before: what is taken back late is not what is there now. */
static void published_again(void **state)
{
	struct job *j;
	uint32_t old;
	int solver;

	(void)state;
	for (int answered = 0; answered < 2; answered++) {
		begin();
		j = job(EXEC);
		solver = solver_to_come();
		ask(j, WIRE_PUBLISH, "token");
		close(solver);
		killed();

		begin();
		solver = solver_to_come();
		assert_int_equal(publish_clean(&k), 0);
		old = expect_asked(solver, WIRE_WITHDRAW, "token");
		j = job(EXEC);
		ask(j, WIRE_PUBLISH, "token");
		if (answered) {
			/* No solver answers in another order; but if one does */
			solver_says(solver, EXEC, expect_asked(solver, WIRE_PUBLISH, "token"), 0);
			expect_told(0);
		}
		solver_says(solver, EXEC, old, 0);
		assert_int_equal(written(), 1);
		close(solver);
		killed();

		next_start(0);
	}
}

/* The configuration has it no more, or it does not start: what is written down stays. */
static void nobody_to_ask(void **state)
{
	struct job *j;
	int solver;

	(void)state;
	begin();
	j = job(EXEC);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "token");
	close(solver);
	killed();
	begin();
	conf.solver_count = EXEC;
	assert_int_equal(publish_clean(&k), 0);
	conf.solver_count = SOLVERS;
	expect_started(SOLVERS);
	no_solver_comes();
	assert_int_equal(publish_clean(&k), 0);
	expect_started(EXEC);
	assert_int_equal(written(), 1);
	assert_null(k.waiting);
	solver = solver_to_come();
	assert_int_equal(publish_clean(&k), 0);
	solver_says(solver, EXEC, expect_asked(solver, WIRE_WITHDRAW, "token"), 0);
	assert_int_equal(written(), 0);
	close(solver);
	killed();
}

/* Another one publishes it again, three times at most. */
static void solver_dies(void **state)
{
	struct job *j;
	int solver, next;

	(void)state;
	begin();
	j = job(EXEC);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "token");
	solver_says(solver, EXEC, expect_asked(solver, WIRE_PUBLISH, "token"), 0);
	expect_told(0);
	for (int i = 0; i < 3; i++) {
		close(solver);
		next = solver_to_come();
		publish_answer(&k, EXEC, &wire);
		solver = next;
		/* The job knows nothing of it. */
		solver_says(solver, EXEC, expect_asked(solver, WIRE_PUBLISH, "token"), 0);
		expect_silence(network);
		assert_int_equal(k.solvers[EXEC].published, 1);
	}
	close(solver);
	publish_answer(&k, EXEC, &wire);
	assert_null(j->published);
	assert_int_equal(k.solvers[EXEC].fd, -1);
	/* The next start takes it back. */
	assert_int_equal(written(), 1);
	killed();
	next_start(0);
}

/* It goes while something of it is published, and something else is about to be. */
static void job_ends(void **state)
{
	uint32_t late, back;
	struct job *j;
	int solver;

	(void)state;
	begin();
	j = job(EXEC);
	solver = solver_to_come();
	ask(j, WIRE_PUBLISH, "one");
	solver_says(solver, EXEC, expect_asked(solver, WIRE_PUBLISH, "one"), 0);
	expect_told(0);
	ask(j, WIRE_PUBLISH, "two");
	late = expect_asked(solver, WIRE_PUBLISH, "two");
	assert_int_equal(written(), 2);
	publish_forget(&k, j);
	assert_null(j->published);
	back = expect_asked(solver, WIRE_WITHDRAW, "one");
	solver_says(solver, EXEC, late, 0);
	expect_silence(network);
	solver_says(solver, EXEC, back, 0);
	assert_int_equal(written(), 1);
	solver_says(solver, EXEC, expect_asked(solver, WIRE_WITHDRAW, "two"), 0);
	assert_int_equal(written(), 0);
	assert_int_equal(k.solvers[EXEC].fd, -1);
	close(solver);
	killed();
}

/* ---- what is ours ---- */

/* The job ends if it is not, and no solver is started. */
static void expect_refused(size_t solver, const struct challenge *c, bool ours)
{
	int fd = -1;

	begin();
	assert_int_equal(state_cert(k.state, "www", 1, &k.entries[0].known), 0);
	if (ours)
		fd = solver_to_come();
	ask_for(job(solver), WIRE_PUBLISH, c);
	expect_started(ours ? solver : SOLVERS);
	assert_int_equal(k.job_count, ours ? 1 : 0);
	assert_int_equal(written(), ours && solver != HTTP && solver != PERSIST);
	if (!ours)
		close(network);
	if (fd >= 0)
		close(fd);
	killed();
	/* For the next one. */
	begin();
	if (written()) {
		fd = solver_to_come();
		publish_clean(&k);
		solver_says(fd, solver, expect_asked(fd, WIRE_WITHDRAW, c->token), 0);
		close(fd);
	}
	killed();
}

static void ours_alone(void **state)
{
	struct challenge c = challenge(DNS, "www.example.org", "token");

	(void)state;
	expect_refused(DNS, &c, true);
	c = challenge(DNS, "example.org", "token"); /* of the wildcard */
	expect_refused(DNS, &c, true);
	c = challenge(PERSIST, "example.org", "token");
	expect_refused(PERSIST, &c, true);
	c = challenge(HTTP, "www.example.org", "token");
	expect_refused(HTTP, &c, true);
	/* another kind, another name, another place */
	expect_refused(DNS, &c, false);
	c = challenge(DNS, "www.example.org", "token");
	expect_refused(HTTP, &c, false);
	c = challenge(HTTP, "mail.example.org", "token");
	expect_refused(HTTP, &c, false);
	c = challenge(HTTP, "*.example.org", "token");
	expect_refused(HTTP, &c, false);
	c = challenge(HTTP, "", "token");
	expect_refused(HTTP, &c, false);
	c = challenge(DNS, "www.example.org", "token");
	c.record = "_acme-challenge.mail.example.org";
	expect_refused(DNS, &c, false);
	c.record = "www.example.org";
	expect_refused(DNS, &c, false);
	c.record = "_validation-persist.www.example.org";
	expect_refused(DNS, &c, false);
	c = challenge(PERSIST, "www.example.org", "token");
	c.record = "_acme-challenge.www.example.org";
	expect_refused(PERSIST, &c, false);
}

/* A network process that publishes without end. */
static void too_many(void **state)
{
	struct job *j;
	char token[32];
	int solver;
	int i = 0;

	(void)state;
	begin();
	assert_int_equal(state_cert(k.state, "www", 1, &k.entries[0].known), 0);
	j = job(HTTP);
	solver = solver_to_come();
	while (k.job_count && i < 10000) {
		snprintf(token, sizeof(token), "token-%d", i++);
		ask(j, WIRE_PUBLISH, token);
		if (!k.job_count)
			break;
		solver_says(solver, HTTP, expect_asked(solver, WIRE_PUBLISH, token), 0);
		expect_told(0);
	}
	assert_int_equal(i, 2 * CONF_NAMES + 1);
	/* All of them are taken back. */
	for (i = 0; i < 2 * CONF_NAMES; i++) {
		snprintf(token, sizeof(token), "token-%d", 2 * CONF_NAMES - 1 - i);
		solver_says(solver, HTTP, expect_asked(solver, WIRE_WITHDRAW, token), 0);
	}
	assert_int_equal(k.solvers[HTTP].fd, -1);
	close(solver);
	close(network);
	killed();
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/acmed-publish.XXXXXX"
						     : "/tmp/acmed-publish.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	static const char *const files[] = { "acme.db", "acme.db-journal", "lock" };
	char path[128];

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_between),   cmocka_unit_test(to_the_end),
		cmocka_unit_test(withdrawal_fails), cmocka_unit_test(publication_fails),
		cmocka_unit_test(published_again),  cmocka_unit_test(nobody_to_ask),
		cmocka_unit_test(solver_dies),	    cmocka_unit_test(job_ends),
		cmocka_unit_test(ours_alone),	    cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests_name("acmed/publish", tests, setup, teardown);
}
