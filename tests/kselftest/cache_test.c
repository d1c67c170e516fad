// SPDX-License-Identifier: GPL-2.0-only
/* The outcome cache's bounds: one user's share, all of it, who goes first; and the trace events. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define POLICY "preset=webpki-lenient"

FIXTURE(cache) {
	struct tcert root, leaf;
	int store, verifier;
	struct fake_agent agent;
	unsigned int all, per_user;
};

static unsigned int parameter(const char *name)
{
	char path[128];
	unsigned int value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/module/capcert/parameters/%s", name);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%u", &value) != 1)
		value = 0;
	fclose(f);
	return value;
}

FIXTURE_SETUP(cache)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", POLICY);
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	ASSERT_EQ(0, agent_start(&self->agent));
	self->all = parameter("cache_entries");
	self->per_user = parameter("cache_per_user");
	ASSERT_LT(0, self->all);
	ASSERT_LT(0, self->per_user);
}

FIXTURE_TEARDOWN(cache)
{
	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

static uint64_t entries(void)
{
	struct capcert_status s;

	return t_status(&s) ? UINT64_MAX : s.cache_entries;
}

/* Verifies about name number @n of crowd @who: 1 answered by the cache, 0 by the agent, or -errno. */
static int ask(int store, int verifier, const struct tcert *leaf, unsigned int who, unsigned int n)
{
	char name[40];
	struct t_verify v;
	int err;

	t_verify_init(&v, store, leaf);
	snprintf(name, sizeof(name), "c%d-%u-%u.example.org", getppid(), who, n);
	v.arg.name = (uintptr_t)name;
	v.arg.name_len = (uint32_t)strlen(name);
	err = t_verify_run(&v, verifier);
	return err ?: !!(v.outcome.flags & CAPCERT_OUTCOME_CACHED);
}

#define ASK(who, n) ask(self->store, self->verifier, &self->leaf, who, n)

struct crowd {
	int store, verifier;
	const struct tcert *leaf;
	uid_t uid;
	unsigned int count;
};

static int crowd(void *arg)
{
	const struct crowd *c = arg;
	unsigned int i;

	if (setresgid(c->uid, c->uid, c->uid) || setresuid(c->uid, c->uid, c->uid))
		return 1;
	for (i = 0; i < c->count; i++)
		if (ask(c->store, c->verifier, c->leaf, c->uid, i) < 0)
			return 2;
	return 0;
}

/* Over his share a user displaces his own oldest, and nobody else's. */
TEST_F_TIMEOUT(cache, one_users_share, 55)
{
	struct crowd c = { self->store, self->verifier, &self->leaf, 31000, self->per_user + 50 };
	uint64_t before;

	ASSERT_EQ(0, ASK(0, 0));
	ASSERT_EQ(1, ASK(0, 0));
	before = entries();
	ASSERT_EQ(0, t_child(crowd, &c));
	EXPECT_GE(before + self->per_user, entries());
	EXPECT_LE(self->per_user, entries());
	EXPECT_EQ(1, ASK(0, 0));
}

/* Over the size of all somebody's go; what was used lately stays, and the count never passes. */
TEST_F_TIMEOUT(cache, size_of_all, 300)
{
	struct crowd c = { self->store, self->verifier, &self->leaf, 32000, self->per_user };
	unsigned int i;

	ASSERT_EQ(0, ASK(1, 0));
	for (i = 0; i <= self->all / self->per_user; i++, c.uid++) {
		ASSERT_EQ(0, t_child(crowd, &c));
		ASSERT_EQ(1, ASK(1, 0))
			TH_LOG("after crowd %u", i);
		ASSERT_GE(self->all, entries());
	}
	EXPECT_EQ(self->all, entries());
}

/* ---- trace events ---- */


static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

static int traced(const char *what)
{
	FILE *f = fopen("/sys/kernel/tracing/trace", "re");
	char line[1024];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += !!strstr(line, what);
	if (f)
		fclose(f);
	return n;
}

TEST_F(cache, trace_events)
{
	char wanted[64];

	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	if (access("/sys/kernel/tracing/events/capcert", F_OK))
		SKIP(return, "no tracefs");
	ASSERT_EQ(0, put("/sys/kernel/tracing/events/capcert/enable", "1"));
	ASSERT_EQ(0, put("/sys/kernel/tracing/trace", ""));
	ASSERT_EQ(0, ASK(2, 0));
	ASSERT_EQ(1, ASK(2, 0));
	ASSERT_EQ(0, put("/sys/kernel/tracing/events/capcert/enable", "0"));
	snprintf(wanted, sizeof(wanted), "text=c%d-2-0.example.org", getppid());
	EXPECT_EQ(2, traced(wanted));
	EXPECT_EQ(2, traced("op=verify "));
	EXPECT_EQ(1, traced("cached=1"));
	EXPECT_EQ(1, traced("step=queue"));
	EXPECT_EQ(1, traced("step=dispatch"));
	EXPECT_EQ(1, traced("step=done"));
	EXPECT_EQ(0, traced("step=give_up"));
}

TEST_HARNESS_MAIN
