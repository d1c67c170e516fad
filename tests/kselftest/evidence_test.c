// SPDX-License-Identifier: GPL-2.0-only
/* Evidence: copied and hashed once, told to the agent by index, part of what a verdict depends on. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PTR(x) ((uint64_t)(uintptr_t)(x))

FIXTURE(evidence) {
	struct tcert root, leaf;
	int store, verifier;
	struct fake_agent agent;
	struct t_verify v;
	struct capcert_evidence_item items[CAPCERT_MAX_EVIDENCE + 1];
};

FIXTURE_SETUP(evidence)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", "preset=webpki-lenient");
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	ASSERT_EQ(0, agent_start(&self->agent));
	t_verify_init(&self->v, self->store, &self->leaf);
	self->v.arg.evidence = PTR(self->items);
	t_unique_name(&self->v);
}

FIXTURE_TEARDOWN(evidence)
{
	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
}

static int make(uint32_t type, const void *p, size_t len, struct capcert_make_evidence *ret)
{
	struct capcert_make_evidence arg = {
		.size = sizeof(arg), .ptr = PTR(p), .len = (uint32_t)len, .type = type,
	};
	int err = t_ioctl(t_dev(), CAPCERT_EVIDENCE, &arg);

	if (ret)
		*ret = arg;
	return err ?: arg.fd;
}

static struct capcert_evidence_item bytes_of(uint32_t type, const void *p, size_t len)
{
	return (struct capcert_evidence_item){ type, 0, { PTR(p), (uint32_t)len, -1 } };
}

static struct capcert_evidence_item handle_of(uint32_t type, int fd)
{
	return (struct capcert_evidence_item){ type, 0, { .fd = fd } };
}

TEST_F(evidence, objects)
{
	const size_t big = 3 * 1024 * 1024;
	struct capcert_status before, during, after;
	uint8_t *data = calloc(1, big), digest[32], buf[64];
	struct capcert_make_evidence made;
	struct capcert_info info;
	struct capcert_read read = { .size = sizeof(read), .what = CAPCERT_READ_EVIDENCE,
				     .buf = PTR(buf), .len = sizeof(buf) };
	int fd, small;

	ASSERT_NE(NULL, data);
	ASSERT_EQ(0, t_settle(&before));
	data[7] = 7;
	fd = make(CAPCERT_EVIDENCE_CRL, data, big, &made);
	ASSERT_LE(0, fd);
	t_sha256(data, big, digest);
	EXPECT_EQ(0, memcmp(digest, made.digest, 32));
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(CAPCERT_KIND_EVIDENCE, info.kind);
	EXPECT_EQ(made.id, info.id);
	EXPECT_EQ(big, info.count);
	EXPECT_EQ(0, memcmp(digest, info.digest, 32));
	EXPECT_EQ(-EMSGSIZE, t_ioctl(fd, CAPCERT_READ, &read));
	EXPECT_EQ(big, read.ret_len);
	ASSERT_EQ(0, t_settle(&during));
	EXPECT_LT(before.object_bytes + big, during.object_bytes);
	/* What the caller does to his memory afterwards is his affair. */
	small = make(CAPCERT_EVIDENCE_UNREACHABLE, data, 32, NULL);
	ASSERT_LE(0, small);
	memset(data, 0xff, 32);
	ASSERT_EQ(0, t_ioctl(small, CAPCERT_READ, &read));
	EXPECT_EQ(32, read.ret_len);
	EXPECT_EQ(7, buf[7]);
	close(small);
	close(fd);
	ASSERT_EQ(0, t_settle(&after));
	EXPECT_EQ(before.object_bytes, after.object_bytes);
	EXPECT_EQ(before.objects, after.objects);
	EXPECT_EQ(-EINVAL, make(0, data, 32, NULL));
	EXPECT_EQ(-EINVAL, make(CAPCERT_EVIDENCE_LAST + 1, data, 32, NULL));
	EXPECT_EQ(-EINVAL, make(CAPCERT_EVIDENCE_CRL, data, 0, NULL));
	EXPECT_EQ(-EMSGSIZE, make(CAPCERT_EVIDENCE_CRL, data, CAPCERT_MAX_EVIDENCE_BYTES + 1, NULL));
	EXPECT_EQ(-EFAULT, make(CAPCERT_EVIDENCE_CRL, (void *)16, 32, NULL));
	free(data);
}

static int too_much(void *arg)
{
	static uint8_t page[1024 * 1024];
	int i, fd = 0;

	if (t_drop())
		return 1;
	for (i = 0; i < 200 && fd >= 0; i++)
		fd = make(CAPCERT_EVIDENCE_CRL, page, sizeof(page), NULL);
	return fd == -EDQUOT && i > 8 ? 0 : 2;
}

/* A user's share ends what he can tie up. */
TEST_F_TIMEOUT(evidence, quota, 240)
{
	EXPECT_EQ(0, t_child(too_much, NULL));
}

TEST_F(evidence, refused)
{
	static uint8_t data[CAPCERT_MAX_EVIDENCE_INLINE + 1];
	int fd = make(CAPCERT_EVIDENCE_CRL, data, 100, NULL);
	int blind = t_restrict(fd, RIGHT(INFO));
	unsigned int asked = agent_asked(&self->agent);
	uint32_t i;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, blind);
#define REFUSED(err, count, item)                                               \
	do {                                                                    \
		self->items[0] = item;                                          \
		self->v.arg.evidence_count = count;                             \
		EXPECT_EQ(-(err), t_verify_run(&self->v, self->verifier));      \
	} while (0)
	REFUSED(EINVAL, 0, bytes_of(CAPCERT_EVIDENCE_CRL, data, 1));
	REFUSED(EINVAL, 1, bytes_of(0, data, 1));
	REFUSED(EINVAL, 1, bytes_of(CAPCERT_EVIDENCE_LAST + 1, data, 1));
	REFUSED(EINVAL, 1, bytes_of(CAPCERT_EVIDENCE_CRL, data, 0));
	REFUSED(EFAULT, 1, bytes_of(CAPCERT_EVIDENCE_CRL, (void *)16, 8));
	REFUSED(EMSGSIZE, 1, bytes_of(CAPCERT_EVIDENCE_CRL, data, sizeof(data)));
	REFUSED(EINVAL, 1, handle_of(CAPCERT_EVIDENCE_OCSP, fd)); /* it is a list */
	REFUSED(EACCES, 1, handle_of(CAPCERT_EVIDENCE_CRL, blind));
	REFUSED(EBADFD, 1, handle_of(CAPCERT_EVIDENCE_CRL, self->store));
	REFUSED(EBADF, 1, handle_of(CAPCERT_EVIDENCE_CRL, 9999));
	REFUSED(EINVAL, 1, ((struct capcert_evidence_item){ CAPCERT_EVIDENCE_CRL, 1,
							    { PTR(data), 1, -1 } }));
	REFUSED(EINVAL, 1, ((struct capcert_evidence_item){ CAPCERT_EVIDENCE_CRL, 0,
							    { PTR(data), 1, fd } }));
	REFUSED(EMSGSIZE, CAPCERT_MAX_EVIDENCE + 1, bytes_of(CAPCERT_EVIDENCE_CRL, data, 1));
	/* Together they are too long; handles do not count. */
	for (i = 0; i < 3; i++)
		self->items[i] = bytes_of(CAPCERT_EVIDENCE_CRL, data, CAPCERT_MAX_EVIDENCE_INLINE / 2);
	REFUSED(EMSGSIZE, 3, self->items[0]);
	self->v.arg.evidence = 16;
	REFUSED(EFAULT, 1, self->items[0]);
	self->v.arg.evidence = PTR(self->items);
	EXPECT_EQ(asked, agent_asked(&self->agent));
	self->items[2] = handle_of(CAPCERT_EVIDENCE_CRL, fd);
	self->v.arg.evidence_count = 3;
	EXPECT_EQ(0, t_verify_run(&self->v, self->verifier));
}

struct reader {
	uint8_t bytes[4][64];
	uint32_t len[4];
	int beyond, index_of_store;
};

static int state(int fd, uint64_t id, uint32_t what, uint32_t index, void *buf, uint32_t len,
		 uint32_t *ret_len)
{
	struct capcert_agent_state arg = {
		.size = sizeof(arg), .id = id, .what = what, .index = index, .buf = PTR(buf),
		.len = len,
	};
	int err = t_ioctl(fd, CAPCERT_AGENT_STATE, &arg);

	*ret_len = arg.ret_len;
	return err;
}

static void read_all(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct reader *r = a->user;
	uint32_t i, n;

	for (i = 0; i < request->evidence_count && i < 4; i++)
		state(a->fd, request->id, CAPCERT_STATE_EVIDENCE, i, r->bytes[i], 64, &r->len[i]);
	r->beyond = state(a->fd, request->id, CAPCERT_STATE_EVIDENCE, i, r->bytes[3], 64, &n);
	r->index_of_store = state(a->fd, request->id, CAPCERT_STATE_STORE, 1, r->bytes[3], 64, &n);
	a->write_error = agent_write(a->fd, &a->reply, request->id);
}

static void absorb_be32(struct sha256_ctx *ctx, uint32_t v)
{
	const uint8_t be[4] = { v >> 24, v >> 16, v >> 8, v };

	sha256_update(ctx, 4, be);
}

TEST_F(evidence, on_the_wire)
{
	static const char *const said[] = { "first", "second, by handle", "third" };
	static const uint32_t types[] = { CAPCERT_EVIDENCE_SCTS, CAPCERT_EVIDENCE_CRL,
					  CAPCERT_EVIDENCE_STAPLE };
	const struct capcert_agent_request *request;
	const struct capcert_agent_evidence *table;
	struct reader r = { 0 };
	struct sha256_ctx ctx;
	uint8_t digest[32];
	uint32_t i;
	int fd = make(types[1], said[1], strlen(said[1]), NULL);

	ASSERT_LE(0, fd);
	for (i = 0; i < 3; i++)
		self->items[i] = bytes_of(types[i], said[i], strlen(said[i]));
	self->items[1] = handle_of(types[1], fd);
	self->v.arg.evidence_count = 3;
	self->agent.user = &r;
	self->agent.answer = read_all;
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	request = (const void *)self->agent.last;
	ASSERT_EQ(3, request->evidence_count);
	table = (const void *)(self->agent.last + request->size - 3 * sizeof(*table));
	sha256_init(&ctx);
	sha256_update(&ctx, 19, (const uint8_t *)"capcert-evidence-v1");
	absorb_be32(&ctx, 3);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(types[i], table[i].type);
		EXPECT_EQ(strlen(said[i]), table[i].len);
		t_sha256(said[i], strlen(said[i]), digest);
		EXPECT_EQ(0, memcmp(digest, table[i].digest, 32));
		EXPECT_EQ(strlen(said[i]), r.len[i]);
		EXPECT_EQ(0, memcmp(said[i], r.bytes[i], r.len[i]));
		absorb_be32(&ctx, types[i]);
		sha256_update(&ctx, 32, digest);
	}
	sha256_digest(&ctx, 32, digest);
	EXPECT_EQ(0, memcmp(digest, request->evidence_digest, 32));
	EXPECT_EQ(0, memcmp(digest, self->v.outcome.evidence_digest, 32));
	EXPECT_EQ(-ENODATA, r.beyond);
	EXPECT_EQ(-EINVAL, r.index_of_store);
}

/* With other evidence, in another order, or without, it is another question. */
TEST_F(evidence, cache)
{
	static const struct {
		const char *first, *second;
		bool cached;
	} rows[] = {
		{ NULL, NULL, false }, { "a", NULL, false }, { "a", NULL, true },
		{ "b", NULL, false },  { "a", "b", false },  { "b", "a", false },
		{ "a", "b", true },    { NULL, NULL, true },
	};
	uint8_t zero[32] = { 0 };
	size_t i;
	int fd;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		self->v.arg.evidence_count = !!rows[i].first + !!rows[i].second;
		self->v.arg.evidence = self->v.arg.evidence_count ? PTR(self->items) : 0;
		if (rows[i].first)
			self->items[0] = bytes_of(CAPCERT_EVIDENCE_CRL, rows[i].first, 1);
		if (rows[i].second)
			self->items[1] = bytes_of(CAPCERT_EVIDENCE_CRL, rows[i].second, 1);
		ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
		EXPECT_EQ(rows[i].cached ? CAPCERT_OUTCOME_CACHED : 0, self->v.outcome.flags)
			TH_LOG("row %zu", i);
		EXPECT_EQ(!rows[i].first, !memcmp(zero, self->v.outcome.evidence_digest, 32));
	}
	/* The same bytes by handle are the same evidence; as another type they are not. */
	fd = make(CAPCERT_EVIDENCE_CRL, "a", 1, NULL);
	self->items[0] = handle_of(CAPCERT_EVIDENCE_CRL, fd);
	self->v.arg.evidence = PTR(self->items);
	self->v.arg.evidence_count = 1;
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, self->v.outcome.flags);
	self->items[0] = bytes_of(CAPCERT_EVIDENCE_OCSP, "a", 1);
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(0, self->v.outcome.flags);
}

TEST_HARNESS_MAIN
