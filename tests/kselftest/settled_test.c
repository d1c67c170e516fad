// SPDX-License-Identifier: GPL-2.0-only
/* VERIFY with what was fetched before: one hit of the cache, and only for what FETCH would say now. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PTR(x) ((uint64_t)(uintptr_t)(x))
#define HEAD ((const struct capcert_agent_request *)self->buf)
#define POLICY "profile=rfc5280;revocation=ocsp,crl;revocation_mode=soft"
#define WANT (CAPCERT_MISSING_OCSP | CAPCERT_MISSING_CRL)
#define KNOWN (CAPCERT_OUTCOME_CACHED | CAPCERT_OUTCOME_FETCHED)
#define ENTRIES 1024		/* CC_FETCHED_ENTRIES */

FIXTURE(settled) {
	struct tcert root, leaf;
	int store, verifier, status_agent;
	struct fake_agent agent;
	uint8_t *buf;
	struct fake_status status;
	struct t_verify v;
	struct capcert_evidence_item item[2];
	struct capcert_fetch fetch;
	struct capcert_blob blob;
	int fetched;
	pthread_t thread;
};

static uint32_t next_seed = 500;

FIXTURE_SETUP(settled)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, next_seed++ + 1000 * (uint32_t)getpid(), 1, &self->leaf);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", POLICY);
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	self->buf = malloc(AGENT_BUF);
	ASSERT_NE(NULL, self->buf);
	ASSERT_EQ(0, agent_start(&self->agent));
	self->status_agent = agent_hello(CAPCERT_CLASS_STATUS, 0);
	ASSERT_LE(0, self->status_agent);
	fake_good(&self->status, 3600);
	t_verify_init(&self->v, self->store, &self->leaf);
	t_unique_name(&self->v);
	self->v.arg.flags = CAPCERT_VERIFY_FETCHED;
}

FIXTURE_TEARDOWN(settled)
{
	agent_stop(&self->agent);
	close(self->status_agent);
	free(self->buf);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

/* What the next verdict will be. */
static void tell(FIXTURE_DATA(settled) *self, uint32_t missing, int32_t reason)
{
	pthread_mutex_lock(&self->agent.lock);
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	self->agent.reply.path[0].missing = missing;
	if (reason != CAPCERT_REASON_NONE) {
		self->agent.reply.r.valid = 0;
		self->agent.reply.r.reason = reason;
		self->agent.reply.r.chain_not_after = 0;
		self->agent.reply.path[0].reason = reason;
	}
	pthread_mutex_unlock(&self->agent.lock);
}

static void *fetch_main(void *arg)
{
	FIXTURE_DATA(settled) *self = arg;

	self->fetched = t_ioctl(self->verifier, CAPCERT_FETCH, &self->fetch);
	return NULL;
}

static void question(FIXTURE_DATA(settled) *self, const struct tcert *leaf, uint32_t want)
{
	self->blob = (struct capcert_blob){ PTR(leaf->der), (uint32_t)leaf->len, -1 };
	self->fetch = (struct capcert_fetch){
		.size = sizeof(self->fetch), .store_fd = self->store, .chain = PTR(&self->blob),
		.chain_count = 1, .issuer = CAPCERT_FETCH_ANCHOR, .want = want,
		.timeout_ms = 20000, .fd = -1,
	};
	memcpy(self->fetch.anchor, self->root.fingerprint, 32);
}

/* FETCH about @leaf, whose issuer is the anchor; the status agent answers. Return: fd or -errno. */
static int fetch(FIXTURE_DATA(settled) *self, const struct tcert *leaf, uint32_t want)
{
	question(self, leaf, want);
	pthread_create(&self->thread, NULL, fetch_main, self);
	if (agent_read(self->status_agent, self->buf) > 0)
		agent_status(self->status_agent, &self->status,
			     self->status.s.type == CAPCERT_EVIDENCE_UNREACHABLE ? 0 : 16,
			     HEAD->id);
	pthread_join(self->thread, NULL);
	return self->fetched ?: self->fetch.fd;
}

/* VERIFY, with @count of self->item. Return: flags of the outcome, or -errno. */
static int verify(FIXTURE_DATA(settled) *self, int verifier, uint32_t count)
{
	int r;

	self->v.arg.evidence = count ? PTR(self->item) : 0;
	self->v.arg.evidence_count = count;
	r = t_verify_run(&self->v, verifier);
	return r ?: (int)self->v.outcome.flags;
}

static struct capcert_evidence_item by_fd(uint32_t type, int fd)
{
	return (struct capcert_evidence_item){ type, 0, { .fd = fd } };
}

/* Without evidence, FETCH, with it: as the library does it. */
static int settle(FIXTURE_DATA(settled) *self, uint32_t last_missing, int32_t reason)
{
	int fd, r;

	tell(self, WANT, CAPCERT_REASON_NONE);
	r = verify(self, self->verifier, 0);
	if (r)
		return r;
	fd = fetch(self, &self->leaf, WANT);
	if (fd < 0)
		return fd;
	tell(self, last_missing, reason);
	self->item[0] = by_fd(self->fetch.type, fd);
	r = verify(self, self->verifier, 1);
	close(fd);
	return r;
}

static uint64_t hits(void)
{
	struct capcert_status s;

	return t_status(&s) ? UINT64_MAX : s.cache_hits;
}

TEST_F(settled, one_hit)
{
	int less = t_restrict(self->verifier, T_RIGHTS_VERIFIER & ~RIGHT(FETCH));
	struct capcert_status before, after;
	uint8_t digest[32];

	ASSERT_LE(0, less);
	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_NONE));
	memcpy(digest, self->v.outcome.evidence_digest, 32);
	t_status(&before);
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	t_status(&after);
	EXPECT_EQ(before.cache_hits + 1, after.cache_hits);
	EXPECT_EQ(before.cache_misses, after.cache_misses);
	EXPECT_EQ(before.fetch_hits, after.fetch_hits);
	EXPECT_EQ(before.status_requests, after.status_requests);
	EXPECT_EQ(2, agent_asked(&self->agent));
	EXPECT_EQ(0, self->v.path[0].missing);
	EXPECT_EQ(0, memcmp(digest, self->v.outcome.evidence_digest, 32));
	/* Who may not fetch, or does not ask for it, does not know. */
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, less, 0));
	EXPECT_EQ(WANT, self->v.path[0].missing);
	self->v.arg.flags = 0;
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));
	EXPECT_EQ(WANT, self->v.path[0].missing);
	EXPECT_EQ(2, agent_asked(&self->agent));
}

TEST_F(settled, revoked)
{
	self->status.s.status = CAPCERT_OCSP_REVOKED;
	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_REVOKED));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	EXPECT_EQ(CAPCERT_REASON_REVOKED, self->v.outcome.reason);
	EXPECT_EQ(0, self->v.outcome.valid);
}

/* The verdicts of before may all be cached: the note is made then. */
TEST_F(settled, by_cached_verdicts)
{
	self->v.arg.flags = 0;
	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_NONE));
	self->v.arg.flags = CAPCERT_VERIFY_FETCHED;
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));
	question(self, &self->leaf, WANT);
	ASSERT_EQ(0, t_ioctl(self->verifier, CAPCERT_FETCH, &self->fetch));
	self->item[0] = by_fd(self->fetch.type, self->fetch.fd);
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 1));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	EXPECT_EQ(2, agent_asked(&self->agent));
}

/* Only what FETCH says of all that was missing, no more and no less. */
TEST_F(settled, other_evidence)
{
	static const uint8_t own[] = "a list of his own";
	struct tcert other;
	int good, crl, about_other;

	tcert_leaf(T_NAME, next_seed++ + 1000 * (uint32_t)getpid(), 1, &other);
	tell(self, WANT, CAPCERT_REASON_NONE);
	ASSERT_EQ(0, verify(self, self->verifier, 0));
	crl = fetch(self, &self->leaf, CAPCERT_MISSING_OCSP);
	ASSERT_LE(0, crl);
	fake_good(&self->status, 3600);
	about_other = fetch(self, &other, WANT);
	ASSERT_LE(0, about_other);
	tell(self, 0, CAPCERT_REASON_NONE);
#define NOT_BY(count, first, second) do {					\
	self->item[0] = first;							\
	self->item[1] = second;							\
	ASSERT_LE(0, verify(self, self->verifier, count));			\
	EXPECT_EQ(0, self->v.path[0].missing);					\
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));	\
	EXPECT_EQ(WANT, self->v.path[0].missing);				\
} while (0)
	const struct capcert_evidence_item mine = { CAPCERT_EVIDENCE_CRL, 0,
						    { PTR(own), sizeof(own), -1 } };
	const struct capcert_evidence_item less = by_fd(CAPCERT_EVIDENCE_OCSP, crl);
	const struct capcert_evidence_item others = by_fd(CAPCERT_EVIDENCE_OCSP, about_other);

	NOT_BY(1, mine, mine);
	NOT_BY(1, less, less);
	NOT_BY(1, others, others);
	fake_good(&self->status, 3600);
	good = fetch(self, &self->leaf, WANT);
	ASSERT_LE(0, good);
	const struct capcert_evidence_item right = by_fd(CAPCERT_EVIDENCE_OCSP, good);

	NOT_BY(2, right, mine);
	NOT_BY(2, mine, right);
	NOT_BY(2, right, right);
	NOT_BY(1, others, others);
#undef NOT_BY
	self->item[0] = right;
	ASSERT_LE(0, verify(self, self->verifier, 1));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	tcert_free(&other);
}

/* That nobody answered is not kept as a verdict. */
TEST_F(settled, unreachable)
{
	self->status.s.type = CAPCERT_EVIDENCE_UNREACHABLE;
	self->status.s.status = CAPCERT_OCSP_RESPONDER_UNREACHABLE;
	ASSERT_EQ(0, settle(self, WANT, CAPCERT_REASON_NONE));
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));
}

/* It was asked for, and what came does not count for this policy: nothing else is to be had. */
TEST_F(settled, still_missing)
{
	ASSERT_EQ(0, settle(self, WANT, CAPCERT_REASON_NONE));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	EXPECT_EQ(WANT, self->v.path[0].missing);
}

/* Whatever else a verdict depends on changes it as before. */
TEST_F(settled, other_store)
{
	struct tcert more;

	tcert_root(2, &more);
	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_NONE));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	ASSERT_EQ(0, t_add(self->store, &more, 0));
	EXPECT_EQ(0, verify(self, self->verifier, 0));
	EXPECT_EQ(3, agent_asked(&self->agent));
	t_unique_name(&self->v);
	EXPECT_EQ(0, verify(self, self->verifier, 0));
	tcert_free(&more);
}

/* It ends when the answer does. */
TEST_F_TIMEOUT(settled, until, 60)
{
	uint64_t before;
	int r, i;

	self->status.s.until = t_now() + 4;
	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_NONE));
	for (i = 0; i < 300 && (r = verify(self, self->verifier, 0)) == KNOWN; i++)
		usleep(100000);
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, r);
	EXPECT_LT(self->status.s.until, t_now());
	EXPECT_EQ(WANT, self->v.path[0].missing);
	/* The answer that comes next counts, and no older one. */
	fake_good(&self->status, 3600);
	self->status.s.status = CAPCERT_OCSP_REVOKED;
	ASSERT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));
	self->item[0] = by_fd(CAPCERT_EVIDENCE_OCSP, fetch(self, &self->leaf, WANT));
	tell(self, 0, CAPCERT_REASON_REVOKED);
	ASSERT_EQ(0, verify(self, self->verifier, 1));
	before = hits();
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	EXPECT_EQ(CAPCERT_REASON_REVOKED, self->v.outcome.reason);
	EXPECT_EQ(before + 1, hits());
}

/* An answer that is kept no longer is no answer. */
TEST_F_TIMEOUT(settled, displaced, 300)
{
	unsigned int i;

	ASSERT_EQ(0, settle(self, 0, CAPCERT_REASON_NONE));
	EXPECT_EQ(KNOWN, verify(self, self->verifier, 0));
	for (i = 0; i < ENTRIES; i++) {
		struct tcert leaf;
		int fd;

		tcert_leaf(T_NAME, 300000 + i, 1, &leaf);
		fd = fetch(self, &leaf, WANT);
		tcert_free(&leaf);
		ASSERT_LE(0, fd);
		close(fd);
	}
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, verify(self, self->verifier, 0));
	EXPECT_EQ(WANT, self->v.path[0].missing);
}

TEST_HARNESS_MAIN
