// SPDX-License-Identifier: GPL-2.0-only
/* VERIFY: the question as it is asked, the outcome as it is told, what is cached. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "core/digest.h"
#include "core/policy.h"
#include "fake_agent.h"
#include "kselftest_harness.h"

#define NOW_POLICY "preset=webpki-lenient"
#define ANY_POLICY "preset=webpki-lenient;time=any"

FIXTURE(verify) {
	struct tcert root, other, leaf, mid;
	int store, now, any;
	struct fake_agent agent;
	struct t_verify v;
	struct capcert_status before, after;
};

FIXTURE_SETUP(verify)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_root(2, &self->other);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	tcert_make(&(struct tcert_spec){ .subject = "mid", .issuer = "root 1", .seed = 300,
					 .flags = TCERT_CA }, &self->mid);
	self->store = t_store("store");
	self->now = t_verifier("now", NOW_POLICY);
	self->any = t_verifier("any", ANY_POLICY);
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->now);
	ASSERT_LE(0, self->any);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	ASSERT_EQ(0, agent_start(&self->agent));
	t_verify_init(&self->v, self->store, &self->leaf);
	t_unique_name(&self->v);
}

FIXTURE_TEARDOWN(verify)
{
	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->other);
	tcert_free(&self->leaf);
	tcert_free(&self->mid);
}

static void absorb(void *ctx, const void *p, size_t n)
{
	sha256_update(ctx, n, p);
}

static void chain_digest(const struct tcert *const *chain, uint32_t n, uint8_t ret[32])
{
	struct sha256_ctx ctx;
	uint32_t i;

	sha256_init(&ctx);
	cc_absorb_chain_head(absorb, &ctx, n);
	for (i = 0; i < n; i++)
		cc_absorb_chain_cert(absorb, &ctx,
				     (struct cc_span){ chain[i]->der, chain[i]->len });
	sha256_digest(&ctx, 32, ret);
}

/* Runs @verifier on self->v: 1 when the agent was asked, 0 when the cache knew; else -errno. */
#define ASKED(verifier) ({ \
		unsigned int n_ = agent_asked(&self->agent); \
		int err_ = t_verify_run(&self->v, verifier); \
		err_ ? err_ : (int)(agent_asked(&self->agent) - n_); })

/* ---- the question ---- */

TEST_F(verify, request_bytes)
{
	const struct tcert *chain[] = { &self->leaf, &self->mid, &self->other };
	struct capcert_agent_request *r;
	struct capcert_policy_info p = { .size = sizeof(p) };
	struct capcert_version version;
	struct capcert_info info;
	struct capcert_status s;
	char text[CAPCERT_MAX_POLICY_TEXT];
	struct capcert_read read = { .size = sizeof(read), .what = CAPCERT_READ_POLICY,
				     .buf = (uintptr_t)text, .len = sizeof(text) };
	int64_t from = t_now();
	uint32_t i, len;

	t_verify_push(&self->v, &self->mid);
	t_verify_push(&self->v, &self->other);
	self->v.arg.purpose = CAPCERT_PURPOSE_TLS_SERVER_AUTH;
	ASSERT_EQ(1, ASKED(self->now));
	r = (void *)self->agent.last;
	EXPECT_EQ(self->agent.last_len, r->size);
	EXPECT_EQ(CAPCERT_AGENT_OP_VERIFY, r->op);
	EXPECT_NE(0, r->id);
	EXPECT_EQ(CAPCERT_PURPOSE_TLS_SERVER_AUTH, r->purpose);
	EXPECT_EQ(CAPCERT_NAME_DNS, r->name_type);
	ASSERT_EQ(self->v.arg.name_len, r->name_len);
	EXPECT_EQ(0, memcmp(request_name(r), (void *)(uintptr_t)self->v.arg.name, r->name_len));
	EXPECT_EQ(0, r->scheme);
	EXPECT_EQ(CAPCERT_TIME_NOW, r->time_source);
	EXPECT_EQ(CAPCERT_CLOCK_RTC, r->clock);
	EXPECT_LE(from, r->time);
	EXPECT_GE(t_now(), r->time);

	ASSERT_EQ(0, t_ioctl(self->now, CAPCERT_READ, &read));
	ASSERT_EQ(read.ret_len, r->policy_len);
	EXPECT_EQ(0, memcmp(request_policy(r), text, r->policy_len));
	ASSERT_EQ(0, t_ioctl(self->now, CAPCERT_POLICY, &p));
	EXPECT_EQ(0, memcmp(p.digest, r->policy_digest, 32));

	ASSERT_EQ(0, t_version(self->store, &version));
	ASSERT_EQ(0, t_info(self->store, &info));
	ASSERT_EQ(0, t_status(&s));
	EXPECT_EQ(info.id, r->store_id);
	EXPECT_EQ(version.version, r->store_version);
	EXPECT_EQ(0, memcmp(version.digest, r->store_digest, 32));
	EXPECT_EQ(s.distrust_generation, r->distrust_generation);
	ASSERT_EQ(3, r->item_count);
	for (i = 0; i < 3; i++) {
		const uint8_t *der = request_item(r, i, &len);

		ASSERT_NE(NULL, der);
		ASSERT_EQ(chain[i]->len, len);
		EXPECT_EQ(0, memcmp(der, chain[i]->der, len));
		/* Padding is zero: nothing of the kernel's memory goes along. */
		for (; len % 4; len++)
			EXPECT_EQ(0, der[len]);
	}
}

TEST_F(verify, names_of_every_type)
{
	static const struct {
		uint32_t type;
		const char *name;
		uint32_t len;
		int want;
	} names[] = {
		{ CAPCERT_NAME_NONE, "", 0, 0 },
		{ CAPCERT_NAME_IP, "\x7f\0\0\1", 4, 0 },
		{ CAPCERT_NAME_IP, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16, 0 },
		{ CAPCERT_NAME_EMAIL, "a@example.org", 13, 0 },
		{ CAPCERT_NAME_NONE, "x", 1, -EINVAL },
		{ CAPCERT_NAME_DNS, "", 0, -EINVAL },
		{ CAPCERT_NAME_DNS, "a\0b.example", 11, -EINVAL },
		{ CAPCERT_NAME_DNS, "a b.example", 11, -EINVAL },
		{ CAPCERT_NAME_DNS, "..", 2, -EINVAL },
		{ CAPCERT_NAME_DNS, "*.example.org", 13, -EINVAL },
		{ CAPCERT_NAME_DNS, "caf\xc3\xa9.example", 13, -EINVAL },
		{ CAPCERT_NAME_IP, "\x7f\0\0", 3, -EINVAL },
		{ CAPCERT_NAME_IP, "127.0.0.1", 9, -EINVAL },
		{ CAPCERT_NAME_EMAIL, "example.org", 11, -EINVAL },
		{ CAPCERT_NAME_EMAIL, "@example.org", 12, -EINVAL },
		{ CAPCERT_NAME_EMAIL, "a@", 2, -EINVAL },
	};
	char longest[260];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		self->v.arg.name_type = names[i].type;
		self->v.arg.name = (uintptr_t)names[i].name;
		self->v.arg.name_len = names[i].len;
		EXPECT_EQ(names[i].want, t_verify_run(&self->v, self->now))
			TH_LOG("name %zu", i);
		if (names[i].want)
			continue;
		EXPECT_EQ(names[i].type, self->v.outcome.name_type);
		EXPECT_EQ(names[i].len, self->v.outcome.name_len);
		EXPECT_EQ(0, memcmp(names[i].name, self->v.outcome.name, names[i].len));
	}
	/* 253 bytes of host name, and one more. */
	for (i = 0; i < sizeof(longest); i++)
		longest[i] = i % 50 == 49 ? '.' : 'a';
	self->v.arg.name_type = CAPCERT_NAME_DNS;
	self->v.arg.name = (uintptr_t)longest;
	self->v.arg.name_len = 253;
	EXPECT_EQ(0, t_verify_run(&self->v, self->now));
	self->v.arg.name_len = 254;
	EXPECT_EQ(-EINVAL, t_verify_run(&self->v, self->now));
}

/* The longest chain there may be arrives whole. */
TEST_F(verify, longest_chain)
{
	struct capcert_blob chain[CAPCERT_MAX_CHAIN];
	const struct capcert_agent_request *r;
	struct tcert c;
	uint32_t i, len;

	tcert_make(&(struct tcert_spec){ .subject = "filler", .seed = 400,
					 .total = CAPCERT_MAX_CHAIN_BYTES / CAPCERT_MAX_CHAIN },
		   &c);
	for (i = 0; i < CAPCERT_MAX_CHAIN; i++)
		chain[i] = (struct capcert_blob){ (uintptr_t)c.der, (uint32_t)c.len, -1 };
	chain[0] = (struct capcert_blob){ (uintptr_t)self->leaf.der, (uint32_t)self->leaf.len, -1 };
	self->v.arg.chain = (uintptr_t)chain;
	self->v.arg.chain_count = CAPCERT_MAX_CHAIN;
	ASSERT_EQ(1, ASKED(self->now));
	r = (void *)self->agent.last;
	EXPECT_EQ(CAPCERT_MAX_CHAIN, r->item_count);
	ASSERT_NE(NULL, request_item(self->agent.last, CAPCERT_MAX_CHAIN - 1, &len));
	EXPECT_EQ(c.len, len);
	tcert_free(&c);
}

/* ---- the outcome ---- */

TEST_F(verify, valid_outcome)
{
	const struct tcert *chain[] = { &self->leaf, &self->mid };
	struct capcert_outcome *o = &self->v.outcome;
	struct capcert_policy_info p = { .size = sizeof(p) };
	struct capcert_info store, verifier;
	struct capcert_status s;
	uint8_t digest[32];
	int64_t from = t_now();
	size_t i;

	t_verify_push(&self->v, &self->mid);
	self->agent.reply.r.sct_count = 3;
	self->agent.reply.r.ocsp_status = CAPCERT_OCSP_GOOD;
	ASSERT_EQ(1, ASKED(self->now));
	ASSERT_EQ(0, t_status(&s));
	ASSERT_EQ(0, t_info(self->store, &store));
	ASSERT_EQ(0, t_info(self->now, &verifier));
	ASSERT_EQ(0, t_ioctl(self->now, CAPCERT_POLICY, &p));
	EXPECT_EQ(sizeof(*o), o->size);
	EXPECT_EQ(1, o->valid);
	EXPECT_EQ(CAPCERT_REASON_NONE, o->reason);
	EXPECT_EQ(0, o->depth);
	EXPECT_EQ(CAPCERT_PURPOSE_TLS_SERVER_AUTH, o->purpose);
	EXPECT_EQ(CAPCERT_NAME_DNS, o->name_type);
	EXPECT_EQ(self->v.arg.name_len, o->name_len);
	EXPECT_EQ(0, memcmp(o->name, (void *)(uintptr_t)self->v.arg.name, o->name_len));
	for (i = o->name_len; i < sizeof(o->name); i++)
		ASSERT_EQ(0, o->name[i]);
	EXPECT_EQ(CAPCERT_TIME_NOW, o->time_source);
	EXPECT_EQ(CAPCERT_CLOCK_RTC, o->clock);
	EXPECT_EQ(2, o->path_len);
	EXPECT_EQ(3, o->sct_count);
	EXPECT_EQ(CAPCERT_OCSP_GOOD, o->ocsp_status);
	EXPECT_EQ(0, o->flags);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, o->store_origin);
	EXPECT_EQ(CAPCERT_ORIGIN_USER, o->policy_origin);
	EXPECT_EQ(0, o->reserved);
	EXPECT_LE(from, o->time);
	EXPECT_GE(t_now(), o->time);
	EXPECT_EQ(self->leaf.not_before, o->valid_from);
	EXPECT_EQ(self->leaf.not_after, o->valid_until);
	EXPECT_EQ(self->leaf.not_after, o->chain_not_after);
	EXPECT_EQ(store.id, o->store_id);
	EXPECT_EQ(store.version, o->store_version);
	EXPECT_EQ(verifier.id, o->policy_id);
	EXPECT_EQ(s.distrust_generation, o->distrust_generation);
	EXPECT_LT(0, o->audit_sequence);
	EXPECT_GE(s.audit_sequence, o->audit_sequence);
	EXPECT_EQ(0, memcmp(o->leaf, self->leaf.fingerprint, 32));
	EXPECT_EQ(0, memcmp(o->anchor, self->root.fingerprint, 32));
	chain_digest(chain, 2, digest);
	EXPECT_EQ(0, memcmp(o->chain_digest, digest, 32));
	EXPECT_EQ(0, memcmp(o->store_digest, store.digest, 32));
	EXPECT_EQ(0, memcmp(o->policy_digest, p.digest, 32));
	EXPECT_STREQ("webpki-lenient", o->preset);
	EXPECT_STREQ("as told", o->detail);

	ASSERT_EQ(2, self->v.arg.path_count);
	EXPECT_EQ(-1, self->v.arg.fd);
	EXPECT_EQ(0, memcmp(self->v.path, self->agent.reply.path, 2 * sizeof(self->v.path[0])));
}

TEST_F(verify, every_reason)
{
	struct capcert_outcome *o = &self->v.outcome;
	int32_t reason;

	for (reason = 0; reason <= CAPCERT_REASON_MALFORMED; reason++) {
		fake_invalid(&self->agent.reply, &self->leaf, reason);
		t_unique_name(&self->v);
		ASSERT_EQ(1, ASKED(self->now));
		EXPECT_EQ(0, o->valid);
		EXPECT_EQ(reason, o->reason);
		EXPECT_EQ(1, o->path_len);
		EXPECT_EQ(0, o->chain_not_after);
		EXPECT_EQ(reason, self->v.path[0].reason);
		EXPECT_EQ(0, memcmp(o->leaf, self->leaf.fingerprint, 32));
	}
}

/* A short outcome buffer gets what fits, a longer one zeros behind. */
TEST_F(verify, outcome_of_other_sizes)
{
	uint8_t buf[sizeof(struct capcert_outcome) + 64];
	struct capcert_outcome *o = (void *)buf;
	size_t i;

	memset(buf, 0x5a, sizeof(buf));
	self->v.arg.outcome = (uintptr_t)buf;
	self->v.arg.outcome_size = sizeof(buf);
	ASSERT_EQ(0, t_verify_run(&self->v, self->now));
	EXPECT_EQ(1, o->valid);
	for (i = sizeof(*o); i < sizeof(buf); i++)
		EXPECT_EQ(0, buf[i]);
	/* No room for the path: its length is told all the same. */
	memset(self->v.path, 0x5a, sizeof(self->v.path));
	self->v.arg.path_max = 1;
	ASSERT_EQ(0, t_verify_run(&self->v, self->now));
	EXPECT_EQ(2, self->v.arg.path_count);
	EXPECT_EQ(0, memcmp(self->v.path[0].fingerprint, self->leaf.fingerprint, 32));
	EXPECT_EQ(0x5a, self->v.path[1].fingerprint[0]);
	self->v.arg.path_max = 0;
	self->v.arg.path = 0;
	ASSERT_EQ(0, t_verify_run(&self->v, self->now));
	EXPECT_EQ(2, self->v.arg.path_count);
}

/* ---- the cache ---- */

TEST_F(verify, second_call_is_cached)
{
	struct capcert_outcome first;

	ASSERT_EQ(0, t_status(&self->before));
	ASSERT_EQ(1, ASKED(self->now));
	first = self->v.outcome;
	EXPECT_EQ(0, first.flags);
	ASSERT_EQ(0, ASKED(self->now));
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, self->v.outcome.flags);
	ASSERT_EQ(0, t_status(&self->after));
	EXPECT_EQ(self->before.cache_entries + 1, self->after.cache_entries);
	EXPECT_EQ(self->before.cache_hits + 1, self->after.cache_hits);
	EXPECT_EQ(self->before.cache_misses + 1, self->after.cache_misses);
	/* The same in every field but these. */
	EXPECT_LT(first.audit_sequence, self->v.outcome.audit_sequence);
	first.flags = self->v.outcome.flags;
	first.time = self->v.outcome.time;
	first.audit_sequence = self->v.outcome.audit_sequence;
	EXPECT_EQ(0, memcmp(&first, &self->v.outcome, sizeof(first)));
	ASSERT_EQ(2, self->v.arg.path_count);
	EXPECT_EQ(0, memcmp(self->v.path, self->agent.reply.path, 2 * sizeof(self->v.path[0])));
	/* The cache answers without any agent. */
	agent_stop(&self->agent);
	EXPECT_EQ(0, t_verify_run(&self->v, self->now));
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, self->v.outcome.flags);
	memset(&self->agent, 0, sizeof(self->agent));
	ASSERT_EQ(0, agent_start(&self->agent));
}

/* Another process, another handle, another store of the same content: the same verdict. */
TEST_F(verify, cached_by_content)
{
	int twin = t_store("twin"), verifier = t_verifier("another", NOW_POLICY);
	int cert = t_cert("leaf", &self->leaf);
	struct capcert_info info;

	ASSERT_LE(0, twin);
	ASSERT_LE(0, verifier);
	ASSERT_EQ(0, t_add(twin, &self->root, 0));
	ASSERT_EQ(1, ASKED(self->now));
	EXPECT_EQ(0, ASKED(verifier));
	self->v.arg.store_fd = twin;
	EXPECT_EQ(0, ASKED(self->now));
	ASSERT_EQ(0, t_info(twin, &info));
	EXPECT_EQ(info.id, self->v.outcome.store_id);
	/* The leaf by handle is the leaf. */
	self->v.chain[0] = (struct capcert_blob){ .fd = cert };
	EXPECT_EQ(0, ASKED(self->now));
}

TEST_F(verify, every_part_of_the_key)
{
	struct t_verify first;
	int strict;

	ASSERT_EQ(0, t_add(self->store, &self->root, 1u << CAPCERT_PURPOSE_EMAIL_SMIME));
	ASSERT_EQ(1, ASKED(self->now));
	first = self->v;
	ASSERT_EQ(0, ASKED(self->now));
	/* Name. */
	t_unique_name(&self->v);
	EXPECT_EQ(1, ASKED(self->now));
	/* Type of the name: the same bytes as an address. */
	self->v = first;
	self->v.arg.name = (uintptr_t)"aaaa";
	self->v.arg.name_len = 4;
	ASSERT_LE(0, ASKED(self->now));
	self->v.arg.name_type = CAPCERT_NAME_IP;
	EXPECT_EQ(1, ASKED(self->now));
	/* Purpose. */
	self->v = first;
	self->v.arg.purpose = CAPCERT_PURPOSE_EMAIL_SMIME;
	EXPECT_EQ(1, ASKED(self->now));
	/* Policy. */
	self->v = first;
	EXPECT_EQ(1, ASKED(self->any));
	strict = t_verifier("other policy", NOW_POLICY ";max_chain=7");
	ASSERT_LE(0, strict);
	EXPECT_EQ(1, ASKED(strict));
	/* Chain: one more, another order. */
	t_verify_push(&self->v, &self->mid);
	EXPECT_EQ(1, ASKED(self->now));
	t_verify_push(&self->v, &self->other);
	EXPECT_EQ(1, ASKED(self->now));
	self->v.chain[1].ptr = (uintptr_t)self->other.der;
	self->v.chain[1].len = (uint32_t)self->other.len;
	self->v.chain[2].ptr = (uintptr_t)self->mid.der;
	self->v.chain[2].len = (uint32_t)self->mid.len;
	EXPECT_EQ(1, ASKED(self->now));
	/* Content of the store; back to what it was, and the verdict is known again. */
	self->v = first;
	EXPECT_EQ(0, ASKED(self->now));
	ASSERT_EQ(0, t_add(self->store, &self->other, 0));
	EXPECT_EQ(1, ASKED(self->now));
	ASSERT_EQ(0, t_remove(self->store, &self->other));
	EXPECT_EQ(0, ASKED(self->now));
	/* Purposes of an anchor are content. */
	ASSERT_EQ(0, t_add(self->store, &self->root, 1u << CAPCERT_PURPOSE_CODE_SIGNING));
	EXPECT_EQ(1, ASKED(self->now));
}

static int distrust(const void *p, uint32_t len, uint32_t what, uint32_t flags)
{
	struct capcert_distrust_entry d = { .size = sizeof(d), .flags = flags, .what = what,
					    .len = len, .ptr = (uintptr_t)p };

	return t_ioctl(t_dev(), CAPCERT_DISTRUST, &d);
}

TEST_F(verify, distrust_generation)
{
	ASSERT_EQ(0, t_status(&self->before));
	if (self->before.profile == CAPCERT_PROFILE_PRODUCTION)
		SKIP(return, "the production profile refuses DISTRUST");
	ASSERT_EQ(1, ASKED(self->now));
	ASSERT_EQ(0, ASKED(self->now));
	/* An entry that has nothing to do with it: asked again all the same. */
	ASSERT_EQ(0, distrust(self->other.fingerprint, 32, CAPCERT_DISTRUST_FINGERPRINT, 0));
	EXPECT_EQ(1, ASKED(self->now));
	EXPECT_EQ(self->before.distrust_generation + 1, self->v.outcome.distrust_generation);
	EXPECT_EQ(0, ASKED(self->now));
	ASSERT_EQ(0, distrust(self->other.fingerprint, 32, CAPCERT_DISTRUST_FINGERPRINT,
			      CAPCERT_DISTRUST_REMOVE));
	EXPECT_EQ(1, ASKED(self->now));
}

/* A cached valid verdict does not outlive the trust in any certificate of its path. */
TEST_F(verify, distrust_wins_over_the_cache)
{
	uint8_t issuer_serial[256];
	struct {
		uint32_t what;
		const void *p;
		size_t len;
	} entries[] = {
		{ CAPCERT_DISTRUST_FINGERPRINT, self->root.fingerprint, 32 },
		{ CAPCERT_DISTRUST_SPKI, self->leaf.spki_hash, 32 },
		{ CAPCERT_DISTRUST_ISSUER_SERIAL, issuer_serial,
		  self->leaf.issuer_len + self->leaf.serial_len },
	};
	size_t i;

	ASSERT_EQ(0, t_status(&self->before));
	if (self->before.profile == CAPCERT_PROFILE_PRODUCTION)
		SKIP(return, "the production profile refuses DISTRUST");
	memcpy(issuer_serial, self->leaf.der + self->leaf.issuer_off, self->leaf.issuer_len);
	memcpy(issuer_serial + self->leaf.issuer_len, self->leaf.der + self->leaf.serial_off,
	       self->leaf.serial_len);
	for (i = 0; i < 3; i++) {
		t_unique_name(&self->v);
		fake_valid(&self->agent.reply, &self->leaf, &self->root);
		ASSERT_EQ(1, ASKED(self->now));
		ASSERT_EQ(0, ASKED(self->now));
		ASSERT_EQ(0, distrust(entries[i].p, (uint32_t)entries[i].len, entries[i].what, 0));
		EXPECT_EQ(-EEXIST, distrust(entries[i].p, (uint32_t)entries[i].len,
					    entries[i].what, 0));
		/* An agent that still says valid is not believed. */
		EXPECT_EQ(-EIO, ASKED(self->now))
			TH_LOG("entry %zu", i);
		fake_invalid(&self->agent.reply, &self->leaf, CAPCERT_REASON_DISTRUSTED);
		EXPECT_EQ(1, ASKED(self->now));
		EXPECT_EQ(CAPCERT_REASON_DISTRUSTED, self->v.outcome.reason);
		ASSERT_EQ(0, distrust(entries[i].p, (uint32_t)entries[i].len, entries[i].what,
				      CAPCERT_DISTRUST_REMOVE));
		EXPECT_EQ(-ENOENT, distrust(entries[i].p, (uint32_t)entries[i].len,
					    entries[i].what, CAPCERT_DISTRUST_REMOVE));
		fake_valid(&self->agent.reply, &self->leaf, &self->root);
		EXPECT_EQ(1, ASKED(self->now));
		EXPECT_EQ(1, self->v.outcome.valid);
	}
}

TEST_F(verify, which_failures_are_cached)
{
	int32_t reason;

	for (reason = 0; reason <= CAPCERT_REASON_MALFORMED; reason++) {
		bool kept = reason != CAPCERT_REASON_BUDGET_EXHAUSTED &&
			    reason != CAPCERT_REASON_CLOCK_UNTRUSTED &&
			    reason != CAPCERT_REASON_INTERNAL;

		fake_invalid(&self->agent.reply, &self->leaf, reason);
		t_unique_name(&self->v);
		ASSERT_EQ(1, ASKED(self->now));
		EXPECT_EQ(kept ? 0 : 1, ASKED(self->now))
			TH_LOG("reason %d", reason);
		EXPECT_EQ(reason, self->v.outcome.reason);
	}
}

/* ---- time ---- */

TEST_F(verify, time_is_the_kernels_unless_allowed)
{
	int64_t t = T_DATE(2025, 6, 1);

	self->v.arg.flags = CAPCERT_VERIFY_TIME;
	self->v.arg.time = t;
	EXPECT_EQ(-EPERM, ASKED(self->now));
	ASSERT_EQ(1, ASKED(self->any));
	EXPECT_EQ(CAPCERT_TIME_CALLER, self->v.outcome.time_source);
	EXPECT_EQ(t, self->v.outcome.time);
	EXPECT_EQ(t, ((struct capcert_agent_request *)self->agent.last)->time);
	EXPECT_EQ(CAPCERT_TIME_CALLER,
		  ((struct capcert_agent_request *)self->agent.last)->time_source);
	/* A time without the flag means nothing. */
	self->v.arg.flags = 0;
	EXPECT_EQ(-EINVAL, ASKED(self->any));
}

TEST_F(verify, interval_is_respected)
{
	int64_t t = T_DATE(2025, 6, 1);

	self->v.arg.flags = CAPCERT_VERIFY_TIME;
	self->v.arg.time = t;
	self->agent.reply.r.valid_from = t - 10;
	self->agent.reply.r.valid_until = t + 10;
	ASSERT_EQ(1, ASKED(self->any));
	EXPECT_EQ(t - 10, self->v.outcome.valid_from);
	EXPECT_EQ(t + 10, self->v.outcome.valid_until);
	self->v.arg.time = t - 10;
	EXPECT_EQ(0, ASKED(self->any));
	EXPECT_EQ(t - 10, self->v.outcome.time);
	self->v.arg.time = t + 10;
	EXPECT_EQ(0, ASKED(self->any));
	/* Outside the interval it is another question; that answer says another interval. */
	self->agent.reply.r.valid_from = t + 11;
	self->agent.reply.r.valid_until = t + 20;
	self->v.arg.time = t + 11;
	EXPECT_EQ(1, ASKED(self->any));
	EXPECT_EQ(t + 20, self->v.outcome.valid_until);
	EXPECT_EQ(0, ASKED(self->any));
	self->agent.reply.r.valid_from = t - 20;
	self->agent.reply.r.valid_until = t - 11;
	self->v.arg.time = t - 11;
	EXPECT_EQ(1, ASKED(self->any));
}

/* The kernel's own clock runs out of an interval too. */
TEST_F(verify, interval_and_the_clock)
{
	self->agent.reply.r.valid_until = t_now() + 1;
	ASSERT_EQ(1, ASKED(self->now));
	usleep(2200000);
	self->agent.reply.r.valid_until = self->leaf.not_after;
	EXPECT_EQ(1, ASKED(self->now));
	EXPECT_EQ(0, ASKED(self->now));
}

/* Times at the ends of what fits. */
TEST_F(verify, extreme_times)
{
	static const int64_t times[] = { 0, -1, INT64_MIN, INT64_MAX, -2208988800 };
	size_t i;

	for (i = 0; i < 5; i++) {
		self->v.arg.flags = CAPCERT_VERIFY_TIME;
		self->v.arg.time = times[i];
		fake_invalid(&self->agent.reply, &self->leaf, CAPCERT_REASON_NOT_YET_VALID);
		self->agent.reply.r.valid_from = INT64_MIN;
		self->agent.reply.r.valid_until = INT64_MAX;
		EXPECT_LE(0, ASKED(self->any))
			TH_LOG("time %lld", (long long)times[i]);
		EXPECT_EQ(times[i], self->v.outcome.time);
		t_unique_name(&self->v);
	}
}

/* ---- things that happen meanwhile ---- */

struct meanwhile {
	int store, key;
	const struct tcert *cert;
	const struct fake_reply *reply;
	unsigned int changes;	/* how often still */
};

static void change_store(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct meanwhile *m = a->user;
	struct fake_reply reply = *m->reply;

	if (m->changes) {
		m->changes--;
		if (t_add(m->store, m->cert, 0) == -EEXIST)
			t_remove(m->store, m->cert);
	}
	a->write_error = agent_write(a->fd, &reply, request->id);
}

/* The store changes while the agent works: the answer is about another store, so ask again. */
TEST_F(verify, store_changes_meanwhile)
{
	struct fake_reply reply = self->agent.reply;
	struct meanwhile m = { self->store, 0, &self->other, &reply, 1 };
	struct capcert_version version;

	self->agent.user = &m;
	self->agent.answer = change_store;
	EXPECT_EQ(2, ASKED(self->now));
	ASSERT_EQ(0, t_version(self->store, &version));
	EXPECT_EQ(version.version, self->v.outcome.store_version);
	EXPECT_EQ(0, memcmp(version.digest, self->v.outcome.store_digest, 32));
	EXPECT_EQ(0, ASKED(self->now));
	/* Never still: an error in the end, not an endless loop and no stale answer. */
	m.changes = 1000;
	t_unique_name(&self->v);
	EXPECT_EQ(-EAGAIN, ASKED(self->now));
	EXPECT_LT(990, m.changes);
	self->agent.answer = NULL;
}

static void revoke_key(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct meanwhile *m = a->user;
	struct fake_reply reply = *m->reply;

	keyctl_revoke(m->key);
	a->write_error = agent_write(a->fd, &reply, request->id);
}

TEST_F(verify, key_revoked_meanwhile)
{
	struct fake_reply reply = self->agent.reply;
	struct meanwhile m = { .reply = &reply };
	int vkey = t_key_verifier("doomed", NOW_POLICY), skey = t_key_store("doomed");
	int ckey = t_key_cert("doomed", &self->leaf);
	int verifier = t_open(vkey, T_RIGHTS_VERIFIER), store = t_open(skey, T_RIGHTS_STORE);
	int cert = t_open(ckey, T_RIGHTS_CERT);

	ASSERT_LE(0, verifier);
	ASSERT_LE(0, store);
	ASSERT_LE(0, cert);
	ASSERT_EQ(0, t_add(store, &self->root, 0));
	self->agent.user = &m;
	self->agent.answer = revoke_key;
	m.key = skey;
	self->v.arg.store_fd = store;
	EXPECT_EQ(-EKEYREVOKED, ASKED(self->now));
	EXPECT_EQ(0xa5a5a5a5, self->v.outcome.size);
	self->v.arg.store_fd = self->store;
	t_unique_name(&self->v);
	m.key = vkey;
	EXPECT_EQ(-EKEYREVOKED, ASKED(verifier));
	t_unique_name(&self->v);
	m.key = ckey;
	self->v.chain[0] = (struct capcert_blob){ .fd = cert };
	EXPECT_EQ(-EKEYREVOKED, ASKED(self->now));
	self->agent.answer = NULL;
}

/* Handles are closed while their call waits: the call keeps what it needs. */
static void close_all(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct meanwhile *m = a->user;
	struct fake_reply reply = *m->reply;

	close(m->store);
	close(m->key);
	keyctl_unlink(keyctl_get_keyring_ID(KEY_SPEC_SESSION_KEYRING, 0), KEY_SPEC_SESSION_KEYRING);
	a->write_error = agent_write(a->fd, &reply, request->id);
}

TEST_F(verify, closed_meanwhile)
{
	struct fake_reply reply = self->agent.reply;
	struct meanwhile m = { .store = self->store, .key = self->now, .reply = &reply };

	self->agent.user = &m;
	self->agent.answer = close_all;
	EXPECT_EQ(1, ASKED(self->now));
	EXPECT_EQ(1, self->v.outcome.valid);
	self->agent.answer = NULL;
}

/* The caller changes his memory while he waits: what was judged is what was hashed. */
static void scribble(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct meanwhile *m = a->user;
	struct fake_reply reply = *m->reply;

	memset(m->cert->der, 0, m->cert->len);
	a->write_error = agent_write(a->fd, &reply, request->id);
}

TEST_F(verify, memory_changes_meanwhile)
{
	const struct tcert *chain[] = { &self->leaf };
	struct fake_reply reply = self->agent.reply;
	struct meanwhile m = { .cert = &self->leaf, .reply = &reply };
	uint8_t digest[32];

	chain_digest(chain, 1, digest);
	self->agent.user = &m;
	self->agent.answer = scribble;
	EXPECT_EQ(1, ASKED(self->now));
	EXPECT_EQ(0, memcmp(self->v.outcome.chain_digest, digest, 32));
	EXPECT_EQ(0, memcmp(self->v.outcome.leaf, self->leaf.fingerprint, 32));
	self->agent.answer = NULL;
}

TEST_HARNESS_MAIN
