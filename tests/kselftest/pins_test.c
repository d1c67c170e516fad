// SPDX-License-Identifier: GPL-2.0-only
/* Pin sets: text, versions, what VERIFY makes of them, whom it believes, what is recorded. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nettle/sha2.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name
#define PINNED CAPCERT_OUTCOME_PINNED
#define MISMATCH CAPCERT_OUTCOME_PIN_MISMATCH
#define EXPIRED CAPCERT_OUTCOME_PINS_EXPIRED
#define ZERO "sha256:0000000000000000000000000000000000000000000000000000000000000000"

FIXTURE(pins) {
	struct tcert root, other, leaf;
	int store, verifier;
	struct fake_agent agent;
	struct t_verify v;
};

FIXTURE_SETUP(pins)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_root(2, &self->other);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", "preset=webpki-lenient;time=any");
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	ASSERT_EQ(0, agent_start(&self->agent));
	t_verify_init(&self->v, self->store, &self->leaf);
}

FIXTURE_TEARDOWN(pins)
{
	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->other);
	tcert_free(&self->leaf);
}

static int read_text(int fd, char *buf, size_t cap, uint64_t *ret_version)
{
	struct capcert_read arg = {
		.size = sizeof(arg), .what = CAPCERT_READ_PINS, .buf = (uintptr_t)buf,
		.len = (uint32_t)cap - 1,
	};
	int err = t_ioctl(fd, CAPCERT_READ, &arg);

	if (err)
		return err;
	buf[arg.ret_len] = 0;
	*ret_version = arg.version;
	return 0;
}

static int pins_info(int fd, struct capcert_pins_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->size = sizeof(*ret);
	return t_ioctl(fd, CAPCERT_PINS_INFO, ret);
}

/* core/digest.h: tag, big-endian length, canonical text. */
static void digest_of(const char *text, uint8_t ret[32])
{
	uint32_t n = (uint32_t)strlen(text);
	const uint8_t be[4] = { n >> 24, n >> 16, n >> 8, n };
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, 15, (const uint8_t *)"capcert-pins-v1");
	sha256_update(&ctx, 4, be);
	sha256_update(&ctx, n, (const uint8_t *)text);
	sha256_digest(&ctx, 32, ret);
}

static bool in_proc_keys(const char *text)
{
	char line[512];
	FILE *f = fopen("/proc/keys", "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = strstr(line, text);
	if (f)
		fclose(f);
	return found;
}

TEST_F(pins, text)
{
	static const char canonical[] = "mode=report-only\nexpires=2030-01-31T00:00:00Z\n" ZERO "\n";
	static const char *const bad[] = { "", "mode=enforce", "expires=soon", "expires=never;x",
					   "expires=never;" ZERO ";" ZERO };
	char buf[512], *longest = calloc(1, 20000);
	struct capcert_pins_info info;
	struct capcert_info all;
	uint8_t digest[32];
	uint64_t version;
	int key, fd;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(-EINVAL, t_key_pins("bad", bad[i]))
			TH_LOG("text %zu", i);
	memset(longest, ' ', 19999);
	EXPECT_EQ(-EMSGSIZE, t_key_pins("bad", longest));
	free(longest);
	key = t_key_pins("good", " mode=report-only ; expires=2030-01-31T00:00:00Z;\n" ZERO);
	ASSERT_LT(0, key);
	fd = t_open(key, T_RIGHTS_PINS);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, read_text(fd, buf, sizeof(buf), &version));
	EXPECT_STREQ(canonical, buf);
	EXPECT_EQ(1, version);
	ASSERT_EQ(0, pins_info(fd, &info));
	EXPECT_EQ(CAPCERT_PINS_REPORT_ONLY, info.mode);
	EXPECT_EQ(1, info.count);
	EXPECT_EQ(1896048000, info.expires);
	EXPECT_EQ(1, info.version);
	digest_of(canonical, digest);
	EXPECT_EQ(0, memcmp(digest, info.digest, 32));
	ASSERT_EQ(0, t_info(fd, &all));
	EXPECT_EQ(CAPCERT_KIND_PINS, all.kind);
	EXPECT_EQ(1, all.version);
	EXPECT_EQ(1, all.count);
	EXPECT_EQ(0, memcmp(digest, all.digest, 32));
	ASSERT_LT(0, keyctl_read(key, buf, sizeof(buf)));
	EXPECT_EQ(0, strncmp("mode=report-only;expires=2030-01-31T00:00:00Z;" ZERO, buf,
			     strlen(canonical) - 1));
	EXPECT_TRUE(in_proc_keys("good: version 1, report-only, 1 pins, expires 2030-01-31"));
}

TEST_F(pins, changes)
{
	int fd = t_pins("pins", "expires=never");
	struct capcert_pin arg = { .size = sizeof(arg), .hash = CAPCERT_HASH_SHA512, .len = 64 };
	struct capcert_status before, after;
	uint8_t value[64] = { 0 };
	uint64_t version = 0;
	uint32_t i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_settle(&before));
	EXPECT_EQ(-ENOENT, t_pin(fd, CAPCERT_PINS_REMOVE, &self->leaf, &version));
	EXPECT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, &self->leaf, &version));
	EXPECT_EQ(2, version);
	EXPECT_EQ(-EEXIST, t_pin(fd, CAPCERT_PINS_ADD, &self->leaf, &version));
	arg.ptr = (uintptr_t)value;
	for (i = 1; i < CAPCERT_MAX_PINS; i++) {
		value[0] = (uint8_t)i;
		ASSERT_EQ(0, t_ioctl(fd, CAPCERT_PINS_ADD, &arg));
		ASSERT_EQ(2 + i, arg.version);
	}
	value[0] = 0;
	EXPECT_EQ(-ENOSPC, t_ioctl(fd, CAPCERT_PINS_ADD, &arg));
	arg.len = 48;
	EXPECT_EQ(-EINVAL, t_ioctl(fd, CAPCERT_PINS_ADD, &arg));
	arg.hash = 0;
	EXPECT_EQ(-EINVAL, t_ioctl(fd, CAPCERT_PINS_REMOVE, &arg));
	arg.hash = CAPCERT_HASH_SHA512;
	arg.len = 64;
	for (i = 1; i < CAPCERT_MAX_PINS; i++) {
		value[0] = (uint8_t)i;
		ASSERT_EQ(0, t_ioctl(fd, CAPCERT_PINS_REMOVE, &arg));
	}
	EXPECT_EQ(0, t_pin(fd, CAPCERT_PINS_REMOVE, &self->leaf, &version));
	EXPECT_EQ(2 * CAPCERT_MAX_PINS + 1, version);
	ASSERT_EQ(0, t_settle(&after));
	EXPECT_EQ(before.object_bytes, after.object_bytes);
}

/* keyctl update: a new set for all who hold it, or nothing. */
TEST_F(pins, update)
{
	int key = t_key_pins("pins", "expires=never;" ZERO), fd = t_open(key, T_RIGHTS_PINS);
	static const char text[] = "mode=report-only;expires=never";
	struct capcert_pins_info info;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, keyctl_update(key, "nonsense", 8));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, pins_info(fd, &info));
	EXPECT_EQ(1, info.version);
	ASSERT_EQ(0, keyctl_update(key, text, sizeof(text) - 1));
	ASSERT_EQ(0, pins_info(fd, &info));
	EXPECT_EQ(2, info.version);
	EXPECT_EQ(0, info.count);
	EXPECT_EQ(CAPCERT_PINS_REPORT_ONLY, info.mode);
	/* The same name again is an update too. */
	EXPECT_EQ(key, t_key_pins("pins", "expires=never;" ZERO));
	ASSERT_EQ(0, pins_info(fd, &info));
	EXPECT_EQ(3, info.version);
	EXPECT_EQ(1, info.count);
}

/* What an agent may say about pins is what they make of its path, and nothing else. */
TEST_F(pins, answers)
{
	static const struct {
		const char *set;	/* "leaf", "root", "other": pinned to that key */
		const char *text;
		int time;		/* judge beyond the expiry */
		int32_t reason;		/* of the agent's verdict */
		uint32_t flags;		/* the same */
		int want;
	} rows[] = {
		{ NULL, NULL, 0, CAPCERT_REASON_NONE, 0, 0 },
		{ NULL, NULL, 0, CAPCERT_REASON_NONE, PINNED, -EIO },
		{ "leaf", "expires=never", 0, CAPCERT_REASON_NONE, PINNED, 0 },
		{ "root", "expires=never", 0, CAPCERT_REASON_NONE, PINNED, 0 },
		{ "root", "mode=report-only;expires=never", 0, CAPCERT_REASON_NONE, PINNED, 0 },
		{ "leaf", "expires=never", 0, CAPCERT_REASON_NONE, 0, -EIO },
		{ "leaf", "expires=never", 0, CAPCERT_REASON_NONE, MISMATCH, -EIO },
		{ "leaf", "expires=never", 0, CAPCERT_REASON_NONE, EXPIRED, -EIO },
		{ "leaf", "expires=never", 0, CAPCERT_REASON_NONE, PINNED | MISMATCH, -EIO },
		{ "other", "expires=never", 0, CAPCERT_REASON_NONE, PINNED, -EIO },
		{ "other", "expires=never", 0, CAPCERT_REASON_NONE, MISMATCH, -EIO },
		{ "other", "expires=never", 0, CAPCERT_REASON_NONE, 0, -EIO },
		{ "other", "expires=never", 0, CAPCERT_REASON_PIN_MISMATCH, MISMATCH, 0 },
		{ "other", "expires=never", 0, CAPCERT_REASON_PIN_MISMATCH, 0, -EIO },
		{ "other", "expires=never", 0, CAPCERT_REASON_EXPIRED, 0, 0 },
		{ "other", "expires=never", 0, CAPCERT_REASON_EXPIRED, PINNED, -EIO },
		{ "other", "mode=report-only;expires=never", 0, CAPCERT_REASON_NONE, MISMATCH, 0 },
		{ "other", "mode=report-only;expires=never", 0, CAPCERT_REASON_NONE, PINNED, -EIO },
		{ "other", "mode=report-only;expires=never", 0, CAPCERT_REASON_PIN_MISMATCH,
		  MISMATCH, -EIO },
		{ "other", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_NONE, EXPIRED, 0 },
		{ "leaf", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_NONE, PINNED, -EIO },
		{ "leaf", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_NONE, 0, -EIO },
		{ "other", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_PIN_MISMATCH, MISMATCH,
		  -EIO },
		{ "other", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_EXPIRED, EXPIRED, 0 },
		{ "other", "expires=2001-01-01T00:00:00Z", 0, CAPCERT_REASON_MALFORMED, 0, 0 },
	};
	char name[32];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct tcert *pinned = &self->other;
		int fd = -1;

		if (rows[i].set) {
			pinned = !strcmp(rows[i].set, "leaf") ? &self->leaf :
				 !strcmp(rows[i].set, "root") ? &self->root : pinned;
			snprintf(name, sizeof(name), "row %zu", i);
			fd = t_pins(name, rows[i].text);
			ASSERT_LE(0, fd);
			ASSERT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, pinned, NULL));
		}
		if (rows[i].reason == CAPCERT_REASON_NONE)
			fake_valid(&self->agent.reply, &self->leaf, &self->root);
		else
			fake_invalid(&self->agent.reply, &self->leaf, rows[i].reason);
		self->agent.reply.r.flags = rows[i].flags;
		t_unique_name(&self->v);
		self->v.arg.pins_fd = fd;
		EXPECT_EQ(rows[i].want, t_verify_run(&self->v, self->verifier))
			TH_LOG("row %zu", i);
		if (!rows[i].want) {
			EXPECT_EQ(rows[i].reason, self->v.outcome.reason);
			EXPECT_EQ(rows[i].flags, self->v.outcome.flags);
		}
		if (fd >= 0)
			close(fd);
	}
}

/* The agent is told which set, and may read it while it has the request, not after. */
static void read_pins(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct capcert_agent_state *state = a->user;

	state->id = request->id;
	state->len = request->pins_len;
	a->write_error = t_ioctl(a->fd, CAPCERT_AGENT_STATE, state);
	if (!a->write_error)
		a->write_error = agent_write(a->fd, &a->reply, request->id);
}

TEST_F(pins, on_the_wire)
{
	int fd = t_pins("pins", "expires=never;" ZERO);
	const struct capcert_agent_request *request;
	char buf[512] = "", text[512];
	struct capcert_agent_state state = {
		.size = sizeof(state), .what = CAPCERT_STATE_PINS, .buf = (uintptr_t)buf,
	};
	uint8_t digest[32];
	uint64_t version;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, &self->leaf, NULL));
	ASSERT_EQ(0, read_text(fd, text, sizeof(text), &version));
	self->agent.user = &state;
	self->agent.answer = read_pins;
	self->agent.reply.r.flags = PINNED;
	self->v.arg.pins_fd = fd;
	t_unique_name(&self->v);
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	request = (const void *)self->agent.last;
	EXPECT_EQ(strlen(text), request->pins_len);
	EXPECT_EQ(strlen(text), state.ret_len);
	EXPECT_STREQ(text, buf);
	digest_of(text, digest);
	EXPECT_EQ(0, memcmp(digest, request->pins_digest, 32));
	EXPECT_EQ(0, memcmp(digest, self->v.outcome.pins_digest, 32));
	EXPECT_EQ(2, self->v.outcome.pins_version);
	EXPECT_EQ(-ENOENT, t_ioctl(self->agent.fd, CAPCERT_AGENT_STATE, &state));
	/* A request without pins pins none. */
	self->agent.reply.r.flags = 0;
	self->v.arg.pins_fd = -1;
	t_unique_name(&self->v);
	EXPECT_EQ(0, self->agent.write_error);
	self->v.arg.timeout_ms = 500;
	EXPECT_EQ(-ETIMEDOUT, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(-ENODATA, self->agent.write_error);
}

/* Each set has verdicts of its own: equal sets share them, a changed one does not. */
TEST_F(pins, cache)
{
	int a = t_pins("a", "expires=never"), b = t_pins("b", "expires=never");
	const int order[] = { -1, a, b };
	unsigned int asked = 0;
	size_t i;

	ASSERT_EQ(0, t_pin(a, CAPCERT_PINS_ADD, &self->leaf, NULL));
	ASSERT_EQ(0, t_pin(b, CAPCERT_PINS_ADD, &self->leaf, NULL));
	t_unique_name(&self->v);
	for (i = 0; i < 3; i++) {
		self->v.arg.pins_fd = order[i];
		self->agent.reply.r.flags = i ? PINNED : 0;
		ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
		asked += i < 2;
		EXPECT_EQ(asked, agent_asked(&self->agent));
		EXPECT_EQ(i == 2 ? CAPCERT_OUTCOME_CACHED | PINNED : i ? PINNED : 0,
			  self->v.outcome.flags);
	}
	ASSERT_EQ(0, t_pin(b, CAPCERT_PINS_ADD, &self->other, NULL));
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(asked + 1, agent_asked(&self->agent));
}

struct mover {
	struct tcert *spare;
	int pins;
	unsigned int times;
};

static void move_pins(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct mover *m = a->user;

	if (m->times) {
		m->times--;
		t_pin(m->pins, m->times & 1 ? CAPCERT_PINS_ADD : CAPCERT_PINS_REMOVE, m->spare,
		      NULL);
	}
	a->write_error = agent_write(a->fd, &a->reply, request->id);
}

/* The set changes while an agent works: the verdict is about the new one, or there is none. */
TEST_F(pins, moves)
{
	struct mover m = { .spare = &self->other, .pins = t_pins("pins", "expires=never") };

	ASSERT_LE(0, m.pins);
	ASSERT_EQ(0, t_pin(m.pins, CAPCERT_PINS_ADD, &self->leaf, NULL));
	self->agent.user = &m;
	self->agent.answer = move_pins;
	self->agent.reply.r.flags = PINNED;
	self->v.arg.pins_fd = m.pins;
	t_unique_name(&self->v);
	m.times = 2;
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(3, agent_asked(&self->agent));
	EXPECT_EQ(4, self->v.outcome.pins_version);
	t_unique_name(&self->v);
	m.times = 100;
	EXPECT_EQ(-EAGAIN, t_verify_run(&self->v, self->verifier));
}

static int outcome_superseded(int fd)
{
	struct capcert_outcome_get arg = { .size = sizeof(arg) };
	struct capcert_outcome outcome;

	arg.outcome = (uintptr_t)&outcome;
	arg.outcome_size = sizeof(outcome);
	return t_ioctl(fd, CAPCERT_OUTCOME_GET, &arg) ?: (int)arg.superseded;
}

TEST_F(pins, outcome_and_key)
{
	int key = t_key_pins("pins", "expires=never"), fd = t_open(key, T_RIGHTS_PINS), first;
	struct capcert_info info;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	ASSERT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, &self->root, NULL));
	self->agent.reply.r.flags = PINNED;
	self->v.arg.pins_fd = fd;
	self->v.arg.flags = CAPCERT_VERIFY_FD;
	t_unique_name(&self->v);
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(info.id, self->v.outcome.pins_id);
	first = self->v.arg.fd;
	EXPECT_EQ(0, outcome_superseded(first));
	ASSERT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, &self->other, NULL));
	EXPECT_EQ(1, outcome_superseded(first));
	close(first);
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(0, outcome_superseded(self->v.arg.fd));
	ASSERT_EQ(0, keyctl_revoke(key));
	EXPECT_EQ(1, outcome_superseded(self->v.arg.fd));
	EXPECT_EQ(-EKEYREVOKED, t_verify_run(&self->v, self->verifier));
}

static uint64_t newest(void)
{
	struct capcert_status s;

	return t_status(&s) ? 0 : s.audit_sequence;
}

/* Records of @op from @from on; the last one into @ret. */
static unsigned int records(int audit, uint64_t from, uint32_t op, struct capcert_audit_record *ret)
{
	static struct capcert_audit_record buf[64];
	struct capcert_audit_read a = {
		.size = sizeof(a), .from = from, .buf = (uintptr_t)buf, .count = 64,
		.record_size = sizeof(buf[0]),
	};
	unsigned int n = 0;
	uint32_t i;

	if (t_ioctl(audit, CAPCERT_AUDIT_READ, &a))
		return 0;
	for (i = 0; i < a.count; i++)
		if (buf[i].op == op) {
			*ret = buf[i];
			n++;
		}
	return n;
}

TEST_F(pins, audited)
{
	int audit = t_open_audit(T_RIGHTS_AUDIT), fd = t_pins("pins", "mode=report-only;expires=never");
	struct capcert_audit_record r = { 0 };
	struct capcert_info info;
	uint64_t from;
	int i;

	ASSERT_LE(0, audit);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_info(fd, &info));
	from = newest() + 1;
	ASSERT_EQ(0, t_pin(fd, CAPCERT_PINS_ADD, &self->other, NULL));
	ASSERT_EQ(1, records(audit, from, CAPCERT_AUDIT_ADD, &r));
	EXPECT_EQ(CAPCERT_KIND_PINS, r.kind);
	EXPECT_EQ(info.id, r.object_id);
	EXPECT_EQ(2, r.object_version);
	EXPECT_EQ(0, memcmp(r.digest, self->other.spki_hash, 32));
	self->agent.reply.r.flags = MISMATCH;
	self->v.arg.pins_fd = fd;
	t_unique_name(&self->v);
	/* From the cache it is a mismatch as well. */
	for (i = 0; i < 2; i++) {
		from = newest() + 1;
		ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
		EXPECT_EQ(1, self->v.outcome.valid);
		ASSERT_EQ(1, records(audit, from, CAPCERT_AUDIT_PIN_MISMATCH, &r));
		EXPECT_EQ(CAPCERT_KIND_PINS, r.kind);
		EXPECT_EQ(info.id, r.object_id);
		EXPECT_EQ(2, r.object_version);
		EXPECT_EQ(self->v.outcome.policy_id, r.other_id);
		EXPECT_EQ(CAPCERT_REASON_PIN_MISMATCH, r.reason);
		EXPECT_EQ(0, r.error);
		EXPECT_EQ(0, memcmp(r.digest, self->v.outcome.chain_digest, 32));
		ASSERT_EQ(1, records(audit, from, CAPCERT_AUDIT_VERIFY, &r));
		EXPECT_EQ(CAPCERT_REASON_NONE, r.reason);
		EXPECT_EQ(MISMATCH | (i ? CAPCERT_OUTCOME_CACHED : 0), r.flags);
	}
	from = newest() + 1;
	self->v.arg.pins_fd = -1;
	self->agent.reply.r.flags = 0;
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(0, records(audit, from, CAPCERT_AUDIT_PIN_MISMATCH, &r));
}

TEST_HARNESS_MAIN
