// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What capcert-acmed remembers: each step of an order, a death at every write on the way, a disk that is full,
 * a second daemon. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "helpers/acmed/state.h"

#define NOW 1800000000
#define URL "https://ca.example/order/1"

static char folder[64];
static char error[256];
static const uint8_t recipe[32] = { 1, 2, 3 };
static const uint8_t other[32] = { 9 };
static const uint8_t chain[3000] = { 0x30, 0x82 };

static void forget(void)
{
	static const char *const names[] = { "acme.db", "acme.db-journal", "lock" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
}

static struct state *open_state(void)
{
	struct state *s = NULL;

	if (state_open(folder, &s, error) != 0)
		fail_msg("%s", error);
	return s;
}

/* ---- the steps of one order ---- */

static int want(struct state *s)
{
	struct state_cert c;
	int r = state_cert(s, "www", 7, &c);

	return r == 0 ? state_want(s, "www", recipe, NOW) : r;
}

static int ordered(struct state *s)
{
	return state_ordered(s, "www", URL);
}

static int issued(struct state *s)
{
	return state_issued(s, "www", chain, sizeof(chain));
}

static int installed(struct state *s)
{
	const struct state_installed what = { NOW, NOW + 90 * 86400, "aki.serial" };

	return state_installed(s, "www", &what, NOW + 60);
}

static int (*const steps[])(struct state *s) = { want, ordered, issued, installed };
#define STEPS 4
static const enum state_phase phases[STEPS] = { STATE_WANTED, STATE_ORDERED, STATE_ISSUED,
						STATE_IDLE };

/* What is known after @done steps is all there. */
static void expect_after(struct state *s, int done)
{
	struct state_cert c;
	uint8_t *got = NULL;
	size_t n = 0;

	assert_int_equal(state_cert(s, "www", 8, &c), 0);
	if (done == 0) {
		assert_int_equal(c.phase, STATE_IDLE);
		assert_false(c.have);
		return;
	}
	assert_int_equal(c.phase, phases[done - 1]);
	assert_int_equal(c.seed, 7);
	assert_string_equal(c.order, done == 2 ? URL : "");
	assert_memory_equal(c.wanted, recipe, 32);
	assert_int_equal(c.have, done == STEPS);
	if (done >= 3) {
		assert_int_equal(state_chain(s, "www", done == 3, &got, &n), 0);
		assert_int_equal(n, sizeof(chain));
		assert_memory_equal(got, chain, n);
		free(got);
	}
	if (done == STEPS) {
		assert_int_equal(state_chain(s, "www", true, &got, &n), -ENOENT);
		assert_int_equal(c.not_after, NOW + 90 * 86400);
		assert_string_equal(c.cert_id, "aki.serial");
		assert_int_equal(state_newest(s), NOW + 60);
	}
}

static void one_order(void **state)
{
	struct state *s;

	(void)state;
	forget();
	for (int i = 0; i < STEPS; i++) {
		s = open_state();
		assert_int_equal(steps[i](s), 0);
		expect_after(s, i + 1);
		state_close(s);
		s = open_state();
		expect_after(s, i + 1);
		state_close(s);
	}
}

/* Steps out of their order change nothing. */
static void only_in_order(void **state)
{
	struct state *s;
	struct state_cert c;

	(void)state;
	forget();
	s = open_state();
	assert_int_equal(ordered(s), -ENOENT);
	assert_int_equal(state_cert(s, "www", 7, &c), 0);
	assert_int_equal(ordered(s), -ENOENT);
	assert_int_equal(issued(s), -ENOENT);
	assert_int_equal(installed(s), -ENOENT);
	assert_int_equal(want(s), 0);
	assert_int_equal(issued(s), -ENOENT);
	assert_int_equal(ordered(s), 0);
	assert_int_equal(state_issued(s, "www", chain, 0), -EMSGSIZE);
	assert_int_equal(state_issued(s, "www", chain, STATE_CHAIN + 1), -EMSGSIZE);
	expect_after(s, 2);
	state_close(s);
}

static void failures(void **state)
{
	struct state *s;
	struct state_cert c;
	struct schedule_facts f;
	uint8_t *got;
	size_t n;

	(void)state;
	forget();
	s = open_state();
	for (int i = 0; i < STEPS; i++)
		assert_int_equal(steps[i](s), 0);
	assert_int_equal(state_window(s, "www", NOW + 5, NOW + 9, NOW + 3), 0);
	assert_int_equal(state_want(s, "www", other, NOW + 100), 0);
	assert_int_equal(ordered(s), 0);
	/* It may go on: the order is kept, and what serves stays. */
	assert_int_equal(state_failed(s, "www", "no answer", NOW + 500, true, NOW + 200), 0);
	assert_int_equal(state_cert(s, "www", 0, &c), 0);
	assert_int_equal(c.phase, STATE_ORDERED);
	assert_string_equal(c.order, URL);
	assert_int_equal(c.failures, 1);
	assert_int_equal(c.not_until, NOW + 500);
	assert_true(c.have && c.ari);
	/* The CA has ended it. */
	assert_int_equal(state_failed(s, "www", "unauthorized", 0, false, NOW + 300), 0);
	assert_int_equal(state_cert(s, "www", 0, &c), 0);
	assert_int_equal(c.phase, STATE_IDLE);
	assert_string_equal(c.order, "");
	assert_string_equal(c.failure, "unauthorized");
	assert_int_equal(c.failures, 2);
	assert_int_equal(state_chain(s, "www", false, &got, &n), 0);
	free(got);
	state_facts(&c, recipe, &f);
	assert_true(f.have && !f.changed && f.ari && f.failures == 2 && f.seed == 7);
	assert_int_equal(f.ari_end, NOW + 9);
	state_facts(&c, other, &f);
	assert_true(f.changed);
	/* The latest moment never goes back. */
	assert_int_equal(state_failed(s, "www", "x", 0, false, NOW), 0);
	assert_int_equal(state_newest(s), NOW + 300);
	assert_int_equal(state_failed(s, "nobody", "x", 0, false, NOW), -ENOENT);
	assert_int_equal(state_window(s, "www", 0, 0, NOW), 0);
	assert_int_equal(state_cert(s, "www", 0, &c), 0);
	assert_false(c.ari);
	state_close(s);
}

/* Certificates that are new to a daemon: on the disk together, or none of them. */
static void new_ones_together(void **state)
{
	struct state *s;
	struct state_cert c;
	char name[16];

	(void)state;
	forget();
	for (int round = 0; round < 2; round++) {
		s = open_state();
		assert_int_equal(state_begin(s), 0);
		assert_true(state_begin(s) < 0);
		for (uint32_t i = 0; i < 100; i++) {
			snprintf(name, sizeof(name), "c%u", i);
			assert_int_equal(state_cert(s, name, i + 1000 * (uint32_t)round, &c), 0);
			assert_int_equal(c.seed, i + 1000 * (uint32_t)round);
		}
		/* The first round ends before it comes to that. */
		if (round == 1)
			assert_int_equal(state_commit(s), 0);
		state_close(s);
	}
	s = open_state();
	assert_int_equal(state_cert(s, "c99", 7, &c), 0);
	assert_int_equal(c.seed, 1099);
	assert_true(state_commit(s) < 0);
	state_close(s);
}

static int count_account(void *ctx, const char *directory, const char *url)
{
	unsigned int *n = ctx;

	assert_non_null(strstr(url, directory));
	++*n;
	return 0;
}

static void accounts(void **state)
{
	struct state *s;
	char url[STATE_TEXT];
	unsigned int n = 0;

	(void)state;
	forget();
	s = open_state();
	assert_int_equal(state_account(s, "https://a", recipe, url), -ENOENT);
	assert_int_equal(state_account_put(s, "https://a", recipe, "https://a/1"), 0);
	assert_int_equal(state_account_put(s, "https://a", recipe, "https://a/2"), 0);
	assert_int_equal(state_account_put(s, "https://a", other, "https://a/3"), 0);
	assert_int_equal(state_account(s, "https://a", recipe, url), 0);
	assert_string_equal(url, "https://a/2");
	assert_int_equal(state_account(s, "https://b", recipe, url), -ENOENT);
	assert_int_equal(state_accounts(s, count_account, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(state_account_remove(s, "https://a", recipe), 0);
	assert_int_equal(state_account_remove(s, "https://a", recipe), -ENOENT);
	state_close(s);
}

static void one_daemon(void **state)
{
	struct state *s, *second = NULL;

	(void)state;
	forget();
	s = open_state();
	assert_int_equal(state_open(folder, &second, error), -EBUSY);
	assert_non_null(strstr(error, "another capcert-acmed has it: stop that one"));
	assert_null(second);
	state_close(s);
	state_close(open_state());
}

static void not_ours(void **state)
{
	struct state *s = NULL;
	char path[128];
	sqlite3 *db;
	FILE *f;

	(void)state;
	forget();
	assert_int_equal(state_open("/nonexistent", &s, error), -ENOENT);
	snprintf(path, sizeof(path), "%s/acme.db", folder);
	f = fopen(path, "w");
	for (int i = 0; i < 1000; i++)
		fputs("not a database ", f);
	fclose(f);
	assert_int_equal(state_open(folder, &s, error), -EBADMSG);
	forget();
	state_close(open_state());
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 2", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(state_open(folder, &s, error), -EBADMSG);
	assert_non_null(strstr(error, "not of this version (2)"));
	forget();
}

/* ---- the n-th write ---- */

static unsigned int writes,
	fatal;	   /* fatal: the number of the write that is the last one; 0 = none */
static int broken; /* instead of dying: this errno, from then on */

/* Return: whether the write is to fail. Dies with @part of it on the disk. */
static bool count_write(int fd, const void *p, size_t n, off_t at)
{
	if (++writes != fatal && !(broken && fatal && writes > fatal))
		return false;
	if (!broken) {
		/* A power cut leaves a part, perhaps. */
		if (p && pwrite(fd, p, n / 2, at) < 0)
			_exit(99);
		_exit(9);
	}
	errno = broken;
	return true;
}

static ssize_t my_pwrite(int fd, const void *p, size_t n, off_t at)
{
	return count_write(fd, p, n, at) ? -1 : pwrite(fd, p, n, at);
}

static ssize_t my_write(int fd, const void *p, size_t n)
{
	return count_write(fd, NULL, 0, 0) ? -1 : write(fd, p, n);
}

static int my_truncate(int fd, off_t n)
{
	return count_write(fd, NULL, 0, 0) ? -1 : ftruncate(fd, n);
}

/* What a full disk lets through, but a death may be before it. */
static int my_unlink(const char *path)
{
	if (!broken)
		count_write(-1, NULL, 0, 0);
	return unlink(path);
}

static void watch_writes(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	assert_int_equal(vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)my_pwrite), 0);
	vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)my_pwrite);
	assert_int_equal(vfs->xSetSystemCall(vfs, "write", (sqlite3_syscall_ptr)my_write), 0);
	assert_int_equal(vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)my_truncate),
			 0);
	assert_int_equal(vfs->xSetSystemCall(vfs, "unlink", (sqlite3_syscall_ptr)my_unlink), 0);
}

/* An order from the beginning, dying at write @n. Return: whether it died; *@done: steps that had returned. */
static bool die_at(unsigned int n, int *done)
{
	pid_t pid;
	int status;

	forget();
	*done = -1;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct state *s = NULL;

		writes = 0;
		fatal = n;
		if (state_open(folder, &s, error) != 0)
			_exit(98);
		for (*done = 0; *done < STEPS; ++*done)
			if (steps[*done](s) != 0)
				_exit(97);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 9);
	return WEXITSTATUS(status) == 9;
}

static void death_at_every_write(void **state)
{
	int *done = mmap(NULL, sizeof(*done), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			 -1, 0);
	unsigned int n = 1, after[STEPS + 1] = { 0 };

	(void)state;
	for (; die_at(n, done); n++) {
		struct state *s = open_state();
		struct state_cert c;
		int at, before = *done < 0 ? 0 : *done;

		/* What had returned is there, and no more than what was under way. */
		assert_int_equal(state_cert(s, "www", 7, &c), 0);
		for (at = 0; at < STEPS && phases[at] != c.phase; at++)
			;
		at = c.phase == STATE_IDLE ? (c.have ? STEPS : 0) : at + 1;
		assert_in_range(at, before, before + 1);
		expect_after(s, at);
		after[at]++;
		/* And it goes on from there. */
		for (; at < STEPS; at++)
			assert_int_equal(steps[at](s), 0);
		expect_after(s, STEPS);
		state_close(s);
	}
	/* There were deaths before and within each step. */
	assert_true(n > 4 * STEPS);
	for (int i = 0; i < STEPS; i++)
		assert_true(after[i] > 0);
	munmap(done, sizeof(*done));
}

/* The disk is full from write @n on: the step says so, what was before is there, and with room again it goes on. */
static void full_disk(void **state)
{
	unsigned int n, refused = 0;
	int r = -ENOSPC;

	(void)state;
	for (n = 1; r != 0; n++) {
		struct state *s;
		int i;

		forget();
		broken = 0;
		fatal = 0;
		s = open_state();
		assert_int_equal(want(s), 0);
		writes = 0;
		fatal = n;
		broken = ENOSPC;
		for (i = 1, r = 0; r == 0 && i < STEPS; i++)
			r = steps[i](s);
		if (r != 0) {
			assert_true(r == -ENOSPC || r == -EIO);
			refused += r == -ENOSPC;
			assert_non_null(state_error(s));
			i--;
		}
		fatal = 0;
		broken = 0;
		if (r != 0) {
			expect_after(s, i);
			for (; i < STEPS; i++)
				assert_int_equal(steps[i](s), 0);
		}
		expect_after(s, STEPS);
		state_close(s);
	}
	assert_true(n > 2 * STEPS);
	assert_true(refused > 0);
}

static int setup(void **state)
{
	(void)state;
	/* In memory where there is such a folder: thousands of writes that wait for the disk. */
	strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/acmed-state.XXXXXX"
						     : "/tmp/acmed-state.XXXXXX");
	watch_writes();
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	forget();
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_order), cmocka_unit_test(only_in_order),
		cmocka_unit_test(failures),  cmocka_unit_test(new_ones_together),
		cmocka_unit_test(accounts),  cmocka_unit_test(one_daemon),
		cmocka_unit_test(not_ours),  cmocka_unit_test(death_at_every_write),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
