// SPDX-License-Identifier: GPL-2.0-only
/* Answers that nobody may believe, outcome handles that cannot be forged, single signatures. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_agent.h"
#include "kselftest_harness.h"

#define RIGHT(name) CAPCERT_RIGHT_##name

FIXTURE(outcome) {
	struct tcert root, other, mail, leaf, mid;
	int store, verifier, any;
	struct fake_agent agent;
	struct t_verify v;
};

FIXTURE_SETUP(outcome)
{
	t_session();
	tcert_root(1, &self->root);
	tcert_root(2, &self->other);
	tcert_root(3, &self->mail);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	tcert_make(&(struct tcert_spec){ .subject = "mid", .issuer = "root 1", .seed = 300,
					 .flags = TCERT_CA }, &self->mid);
	self->store = t_store("store");
	self->verifier = t_verifier("now", "preset=webpki-lenient");
	self->any = t_verifier("any", "preset=webpki-lenient;time=any");
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_LE(0, self->any);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	ASSERT_EQ(0, t_add(self->store, &self->mail, 1u << CAPCERT_PURPOSE_EMAIL_SMIME));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	ASSERT_EQ(0, agent_start(&self->agent));
	t_verify_init(&self->v, self->store, &self->leaf);
	t_verify_push(&self->v, &self->mid);
	t_unique_name(&self->v);
}

FIXTURE_TEARDOWN(outcome)
{
	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->other);
	tcert_free(&self->mail);
	tcert_free(&self->leaf);
	tcert_free(&self->mid);
}

/* ---- well-formed, and still not to be believed ---- */

struct scene {
	const struct tcert *root, *other, *mail, *leaf, *mid;
};

#define INSANE(name, body) \
	static void i_##name(struct fake_reply *r, const struct scene *s) { body; }

INSANE(anchor_elsewhere, fake_path(r, 1, s->other, CAPCERT_SOURCE_ANCHOR, 0))
INSANE(anchor_of_other_purpose, fake_path(r, 1, s->mail, CAPCERT_SOURCE_ANCHOR, 0))
INSANE(anchor_index, r->path[1].index = 1)
INSANE(no_anchor, r->path[1].source = CAPCERT_SOURCE_CHAIN; r->path[1].index = 1;
       fake_path(r, 1, s->mid, CAPCERT_SOURCE_CHAIN, 1))
INSANE(no_path, r->r.path_count = 0)
INSANE(only_the_leaf, r->r.path_count = 1)
INSANE(only_the_anchor, fake_path(r, 0, s->root, CAPCERT_SOURCE_ANCHOR, 0); r->r.path_count = 1)
INSANE(other_leaf, fake_path(r, 0, s->mid, CAPCERT_SOURCE_CHAIN, 1))
INSANE(wrong_fingerprint, r->path[0].fingerprint[31] ^= 1)
INSANE(index_outside, r->path[0].index = 2)
INSANE(index_far_outside, r->path[0].index = 0xffff)
INSANE(index_of_another, r->path[0].index = 1)
INSANE(twice, fake_path(r, 2, s->root, CAPCERT_SOURCE_ANCHOR, 0);
       fake_path(r, 1, s->leaf, CAPCERT_SOURCE_CHAIN, 0); r->r.path_count = 3)
INSANE(anchor_inside, fake_path(r, 2, s->mid, CAPCERT_SOURCE_CHAIN, 1); r->r.path_count = 3)
INSANE(reason_in_the_path, r->path[1].reason = CAPCERT_REASON_EXPIRED)
INSANE(validity_of_an_entry, r->path[0].not_after++)
INSANE(valid_with_depth, r->r.depth = 1)
INSANE(not_yet, r->r.valid_from = t_now() + 1000)
INSANE(no_longer, r->r.valid_until = t_now() - 1000)
INSANE(backwards, r->r.valid_from = s->leaf->not_after; r->r.valid_until = s->leaf->not_before)
INSANE(before_the_leaf, r->r.valid_from = s->leaf->not_before - 100000)
INSANE(after_the_leaf, r->r.valid_until = s->leaf->not_after + 100000)
INSANE(for_ever, r->r.valid_from = INT64_MIN; r->r.valid_until = INT64_MAX)
INSANE(outlives_the_leaf, r->r.chain_not_after = s->leaf->not_after + 1)

static const struct {
	const char *what;
	void (*spoil)(struct fake_reply *r, const struct scene *s);
} insane[] = {
#define I(name) { #name, i_##name }
	I(anchor_elsewhere), I(anchor_of_other_purpose), I(anchor_index), I(no_anchor), I(no_path),
	I(only_the_leaf), I(only_the_anchor), I(other_leaf), I(wrong_fingerprint),
	I(index_outside), I(index_far_outside), I(index_of_another), I(twice), I(anchor_inside),
	I(reason_in_the_path), I(validity_of_an_entry), I(valid_with_depth), I(not_yet),
	I(no_longer), I(backwards), I(before_the_leaf), I(after_the_leaf), I(for_ever),
	I(outlives_the_leaf),
};

/* The newest audit record with @op from @from on. */
static int find_record(int audit, uint64_t from, uint32_t op, struct capcert_audit_record *ret)
{
	struct capcert_audit_record r[16];
	struct capcert_audit_read a = { .size = sizeof(a), .from = from, .buf = (uintptr_t)r,
					.record_size = sizeof(r[0]) };
	int found = -ENOENT, err;
	uint32_t i;

	do {
		a.count = 16;
		err = t_ioctl(audit, CAPCERT_AUDIT_READ, &a);
		if (err)
			return err;
		for (i = 0; i < a.count; i++)
			if (r[i].op == op) {
				*ret = r[i];
				found = 0;
			}
		a.from = a.next;
	} while (a.count);
	return found;
}

TEST_F(outcome, insane_replies)
{
	const struct scene scene = { &self->root, &self->other, &self->mail, &self->leaf,
				     &self->mid };
	int audit = t_open_audit(T_RIGHTS_AUDIT);
	struct capcert_audit_record record;
	struct capcert_status s0, s1;
	size_t i;

	ASSERT_LE(0, audit);
	ASSERT_EQ(0, t_verify_run(&self->v, self->verifier));
	for (i = 0; i < sizeof(insane) / sizeof(insane[0]); i++) {
		ASSERT_EQ(0, t_status(&s0));
		t_unique_name(&self->v);
		fake_valid(&self->agent.reply, &self->leaf, &self->root);
		insane[i].spoil(&self->agent.reply, &scene);
		EXPECT_EQ(-EIO, t_verify_run(&self->v, self->verifier))
			TH_LOG("%s", insane[i].what);
		EXPECT_EQ(0xa5a5a5a5, self->v.outcome.size);
		/* Takes the lock: the agent is done with it. */
		agent_asked(&self->agent);
		EXPECT_EQ(0, self->agent.write_error)
			TH_LOG("%s: the agent was told %d", insane[i].what,
			       self->agent.write_error);
		ASSERT_EQ(0, t_status(&s1));
		EXPECT_EQ(s0.cache_entries, s1.cache_entries)
			TH_LOG("%s", insane[i].what);
		EXPECT_EQ(0, find_record(audit, s0.audit_sequence + 1, CAPCERT_AUDIT_AGENT,
					 &record))
			TH_LOG("%s", insane[i].what);
		EXPECT_EQ(-EIO, record.error);
		EXPECT_LT(0, strnlen(record.text, sizeof(record.text)));
		ASSERT_EQ(0, find_record(audit, s0.audit_sequence + 1, CAPCERT_AUDIT_VERIFY,
					 &record));
		EXPECT_EQ(-EIO, record.error);
		/* The agent lives, and its next sane answer is taken. */
		fake_valid(&self->agent.reply, &self->leaf, &self->root);
		EXPECT_EQ(0, t_verify_run(&self->v, self->verifier));
	}
}

/* A path that is not valid may be a part of one, and may contain what is wrong. */
TEST_F(outcome, sane_failures)
{
	fake_invalid(&self->agent.reply, &self->leaf, CAPCERT_REASON_UNKNOWN_ANCHOR);
	fake_path(&self->agent.reply, 1, &self->mid, CAPCERT_SOURCE_CHAIN, 1);
	self->agent.reply.r.path_count = 2;
	self->agent.reply.r.depth = 1;
	EXPECT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(2, self->v.outcome.path_len);
	EXPECT_EQ(1, self->v.outcome.depth);
	t_unique_name(&self->v);
	self->agent.reply.r.path_count = 0;
	self->agent.reply.r.depth = 0;
	EXPECT_EQ(0, t_verify_run(&self->v, self->verifier));
	/* But no certificate that nobody sent, and no anchor that is not there. */
	t_unique_name(&self->v);
	fake_path(&self->agent.reply, 1, &self->other, CAPCERT_SOURCE_CHAIN, 1);
	self->agent.reply.r.path_count = 2;
	EXPECT_EQ(-EIO, t_verify_run(&self->v, self->verifier));
	t_unique_name(&self->v);
	fake_path(&self->agent.reply, 1, &self->other, CAPCERT_SOURCE_ANCHOR, 0);
	EXPECT_EQ(-EIO, t_verify_run(&self->v, self->verifier));
}

/* A policy says how long a path may be: the kernel counts too. */
TEST_F(outcome, path_longer_than_the_policy)
{
	int two = t_verifier("two", "preset=webpki-lenient;max_chain=2");

	ASSERT_LE(0, two);
	EXPECT_EQ(0, t_verify_run(&self->v, two));
	t_unique_name(&self->v);
	fake_path(&self->agent.reply, 1, &self->mid, CAPCERT_SOURCE_CHAIN, 1);
	fake_path(&self->agent.reply, 2, &self->root, CAPCERT_SOURCE_ANCHOR, 0);
	self->agent.reply.r.path_count = 3;
	EXPECT_EQ(-EIO, t_verify_run(&self->v, two));
	EXPECT_EQ(0, t_verify_run(&self->v, self->verifier));
	EXPECT_EQ(3, self->v.outcome.path_len);
}

/* ---- outcome handles ---- */

struct got {
	struct capcert_outcome outcome;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	struct capcert_outcome_get arg;
};

static int get(int fd, struct got *g)
{
	memset(g, 0, sizeof(*g));
	g->arg = (struct capcert_outcome_get){
		.size = sizeof(g->arg), .outcome = (uintptr_t)&g->outcome,
		.outcome_size = sizeof(g->outcome), .path = (uintptr_t)g->path,
		.path_max = CAPCERT_MAX_PATH,
	};
	return t_ioctl(fd, CAPCERT_OUTCOME_GET, &g->arg);
}

static int make(struct t_verify *v, int verifier)
{
	int err;

	v->arg.flags |= CAPCERT_VERIFY_FD;
	err = t_verify_run(v, verifier);
	return err ? err : v->arg.fd;
}

TEST_F(outcome, handle_says_the_same)
{
	struct capcert_info info;
	struct got a, b;
	int fd = make(&self->v, self->verifier);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get(fd, &a));
	EXPECT_EQ(0, memcmp(&a.outcome, &self->v.outcome, sizeof(a.outcome)));
	EXPECT_EQ(self->v.arg.path_count, a.arg.path_count);
	EXPECT_EQ(0, memcmp(a.path, self->v.path, a.arg.path_count * sizeof(a.path[0])));
	EXPECT_EQ(0, a.arg.superseded);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(CAPCERT_KIND_OUTCOME, info.kind);
	EXPECT_EQ(0, info.superseded);
	EXPECT_EQ(0, info.serial);
	/* From the cache: the same, but said to be cached, and an object of its own. */
	fd = make(&self->v, self->verifier);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get(fd, &b));
	EXPECT_EQ(CAPCERT_OUTCOME_CACHED, b.outcome.flags);
	EXPECT_NE(a.outcome.audit_sequence, b.outcome.audit_sequence);
}

/* A failure is worth a handle as well. */
TEST_F(outcome, handle_of_a_failure)
{
	struct got g;
	int fd;

	fake_invalid(&self->agent.reply, &self->leaf, CAPCERT_REASON_NAME_MISMATCH);
	fd = make(&self->v, self->verifier);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get(fd, &g));
	EXPECT_EQ(0, g.outcome.valid);
	EXPECT_EQ(CAPCERT_REASON_NAME_MISMATCH, g.outcome.reason);
}

static int back_end(int sock, const struct tcert *root)
{
	struct capcert_info info;
	struct got a, b;
	int fd = t_recv_fd(sock), less;

	if (fd < 0 || t_drop())
		return 1;
	if (get(fd, &a) || !a.outcome.valid)
		return 2;
	if (t_info(fd, &info) || info.kind != CAPCERT_KIND_OUTCOME)
		return 3;
	/* Nothing can be done to it. */
	if (t_add(fd, root, 0) != -ENOTTY || t_remove(fd, root) != -ENOTTY)
		return 4;
	if (write(fd, &a, sizeof(a)) >= 0 || ftruncate(fd, 0) >= 0)
		return 5;
	if (t_restrict(fd, T_RIGHTS_OUTCOME | RIGHT(VERIFY)) != -EACCES)
		return 6;
	less = t_restrict(fd, RIGHT(INFO));
	if (less < 0 || get(less, &b) != -EACCES)
		return 7;
	if (get(fd, &b) || memcmp(&a, &b, sizeof(a) - sizeof(a.arg)))
		return 8;
	return 0;
}

TEST_F(outcome, passed_to_a_back_end)
{
	int sv[2], status, fd = make(&self->v, self->verifier);
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	fflush(NULL);
	pid = fork();
	if (!pid) {
		/* What the front end has open is not the point here. */
		close(self->store);
		close(self->verifier);
		_exit(back_end(sv[1], &self->root));
	}
	ASSERT_EQ(0, t_send_fd(sv[0], fd));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/* Superseded when store, policy key or distrust list have moved; readable all the same. */
TEST_F(outcome, superseded_by_the_store)
{
	struct capcert_info info;
	struct got g;
	int fd = make(&self->v, self->verifier);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get(fd, &g));
	EXPECT_EQ(0, g.arg.superseded);
	ASSERT_EQ(0, t_add(self->store, &self->other, 0));
	ASSERT_EQ(0, get(fd, &g));
	EXPECT_EQ(1, g.arg.superseded);
	EXPECT_EQ(1, g.outcome.valid);
	ASSERT_EQ(0, t_info(fd, &info));
	EXPECT_EQ(1, info.superseded);
}

TEST_F(outcome, superseded_through_a_live_view)
{
	struct capcert_restrict r = { .rights = RIGHT(VERIFY), .flags = CAPCERT_RESTRICT_LIVE,
				      .fingerprints = (uintptr_t)self->root.fingerprint,
				      .fingerprint_count = 1 };
	int live = t_restrict_arg(self->store, &r), snap, fl, fs;
	struct got g;

	r.flags = 0;
	snap = t_restrict_arg(self->store, &r);
	ASSERT_LE(0, live);
	ASSERT_LE(0, snap);
	self->v.arg.store_fd = live;
	fl = make(&self->v, self->verifier);
	self->v.arg.store_fd = snap;
	fs = make(&self->v, self->verifier);
	ASSERT_LE(0, fl);
	ASSERT_LE(0, fs);
	ASSERT_EQ(0, t_remove(self->store, &self->root));
	ASSERT_EQ(0, get(fl, &g));
	EXPECT_EQ(1, g.arg.superseded);
	/* A snapshot has its own life. */
	ASSERT_EQ(0, get(fs, &g));
	EXPECT_EQ(0, g.arg.superseded);
}

TEST_F(outcome, superseded_by_a_key)
{
	int skey = t_key_store("doomed"), vkey = t_key_verifier("doomed", "preset=webpki-lenient");
	int store = t_open(skey, T_RIGHTS_STORE), verifier = t_open(vkey, T_RIGHTS_VERIFIER);
	int by_store, by_policy;
	struct got g;

	ASSERT_LE(0, store);
	ASSERT_LE(0, verifier);
	ASSERT_EQ(0, t_add(store, &self->root, 0));
	self->v.arg.store_fd = store;
	by_store = make(&self->v, self->verifier);
	self->v.arg.store_fd = self->store;
	by_policy = make(&self->v, verifier);
	ASSERT_LE(0, by_store);
	ASSERT_LE(0, by_policy);
	ASSERT_EQ(0, keyctl_revoke(skey));
	ASSERT_EQ(0, get(by_store, &g));
	EXPECT_EQ(1, g.arg.superseded);
	ASSERT_EQ(0, get(by_policy, &g));
	EXPECT_EQ(0, g.arg.superseded);
	ASSERT_EQ(0, keyctl_invalidate(vkey));
	ASSERT_EQ(0, get(by_policy, &g));
	EXPECT_EQ(1, g.arg.superseded);
}

TEST_F(outcome, superseded_by_distrust)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d), .what = CAPCERT_DISTRUST_FINGERPRINT, .len = 32,
		.ptr = (uintptr_t)self->other.fingerprint,
	};
	struct capcert_status s;
	struct got g;
	int fd;

	ASSERT_EQ(0, t_status(&s));
	if (s.profile == CAPCERT_PROFILE_PRODUCTION)
		SKIP(return, "the production profile refuses DISTRUST");
	fd = make(&self->v, self->verifier);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
	ASSERT_EQ(0, get(fd, &g));
	EXPECT_EQ(1, g.arg.superseded);
	d.flags = CAPCERT_DISTRUST_REMOVE;
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
}

/* The handle outlives everything that it was made from. */
TEST_F(outcome, outlives_its_makers)
{
	struct got a, b;
	int fd = make(&self->v, self->verifier);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, get(fd, &a));
	close(self->store);
	close(self->verifier);
	t_session();
	ASSERT_EQ(0, get(fd, &b));
	EXPECT_EQ(0, memcmp(&a.outcome, &b.outcome, sizeof(a.outcome)));
}

/* ---- VERIFY_SIG ---- */

static int sig(int verifier, int cert, uint32_t scheme, uint32_t *ret_ok, int32_t *ret_reason)
{
	struct capcert_verify_sig a = {
		.size = sizeof(a), .cert_fd = cert, .scheme = scheme,
		.message = (uintptr_t)"a message", .message_len = 9,
		.signature = (uintptr_t)"signed", .signature_len = 6, .timeout_ms = 5000,
	};
	int err = t_ioctl(verifier, CAPCERT_VERIFY_SIG, &a);

	if (!err) {
		*ret_ok = a.ok;
		*ret_reason = a.reason;
	}
	return err;
}

TEST_F(outcome, verify_sig)
{
	int cert = t_cert("leaf", &self->leaf);
	const struct capcert_agent_request *r;
	const uint8_t *item;
	uint32_t ok, len;
	int32_t reason;

	ASSERT_LE(0, cert);
	self->agent.reply.r.path_count = 0;
	ASSERT_EQ(0, sig(self->verifier, cert, 0x0403, &ok, &reason));
	EXPECT_EQ(1, ok);
	EXPECT_EQ(CAPCERT_REASON_NONE, reason);
	r = (void *)self->agent.last;
	EXPECT_EQ(CAPCERT_AGENT_OP_VERIFY_SIG, r->op);
	EXPECT_EQ(0x0403, r->scheme);
	ASSERT_EQ(3, r->item_count);
	item = request_item(r, 0, &len);
	ASSERT_EQ(self->leaf.len, len);
	EXPECT_EQ(0, memcmp(item, self->leaf.der, len));
	item = request_item(r, 1, &len);
	ASSERT_EQ(9, len);
	EXPECT_EQ(0, memcmp(item, "a message", 9));
	item = request_item(r, 2, &len);
	ASSERT_EQ(6, len);
	EXPECT_EQ(0, memcmp(item, "signed", 6));
	/* It has no state to give. */
	EXPECT_EQ(0, r->store_len);

	fake_invalid(&self->agent.reply, &self->leaf, CAPCERT_REASON_SIGNATURE_MISMATCH);
	self->agent.reply.r.path_count = 0;
	ASSERT_EQ(0, sig(self->verifier, cert, 0x0403, &ok, &reason));
	EXPECT_EQ(0, ok);
	EXPECT_EQ(CAPCERT_REASON_SIGNATURE_MISMATCH, reason);
}

/* The policy speaks before any agent: schemes it does not allow, schemes that do not exist. */
TEST_F(outcome, verify_sig_under_the_policy)
{
	int cert = t_cert("leaf", &self->leaf);
	unsigned int asked = agent_asked(&self->agent);
	uint32_t ok = 7;
	int32_t reason = 7;

	ASSERT_LE(0, cert);
	/* rsa_pkcs1_sha1 */
	ASSERT_EQ(0, sig(self->verifier, cert, 0x0201, &ok, &reason));
	EXPECT_EQ(0, ok);
	EXPECT_EQ(CAPCERT_REASON_WEAK_ALGORITHM, reason);
	EXPECT_EQ(-EOPNOTSUPP, sig(self->verifier, cert, 0, &ok, &reason));
	EXPECT_EQ(-EOPNOTSUPP, sig(self->verifier, cert, 0xffff, &ok, &reason));
	EXPECT_EQ(-EOPNOTSUPP, sig(self->verifier, cert, 0x10403, &ok, &reason));
	EXPECT_EQ(asked, agent_asked(&self->agent));
}

TEST_F(outcome, verify_sig_of_a_distrusted_certificate)
{
	struct capcert_distrust_entry d = {
		.size = sizeof(d), .what = CAPCERT_DISTRUST_SPKI, .len = 32,
		.ptr = (uintptr_t)self->leaf.spki_hash,
	};
	int cert = t_cert("leaf", &self->leaf);
	struct capcert_status s;
	uint32_t ok = 7;
	int32_t reason = 7;

	ASSERT_LE(0, cert);
	ASSERT_EQ(0, t_status(&s));
	if (s.profile == CAPCERT_PROFILE_PRODUCTION)
		SKIP(return, "the production profile refuses DISTRUST");
	self->agent.reply.r.path_count = 0;
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
	EXPECT_EQ(0, sig(self->verifier, cert, 0x0403, &ok, &reason));
	EXPECT_EQ(0, ok);
	EXPECT_EQ(CAPCERT_REASON_DISTRUSTED, reason);
	d.flags = CAPCERT_DISTRUST_REMOVE;
	ASSERT_EQ(0, t_ioctl(t_dev(), CAPCERT_DISTRUST, &d));
	EXPECT_EQ(0, sig(self->verifier, cert, 0x0403, &ok, &reason));
	EXPECT_EQ(1, ok);
}

TEST_HARNESS_MAIN
