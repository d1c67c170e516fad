// SPDX-License-Identifier: GPL-2.0-only
/* The CT logs that a policy names: what an agent is given of the admitted store, when it is asked again,
 * and that nobody gets by with fewer SCTs than the policy asks for. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/abstract.h>

#include <capcert/ct.h>
#include <capcert/loglist.h>
#include <capcert/verify.h>

#include "bundles.h"
#include "fake_agent.h"
#include "libcapcert/engine.h"
#include "kselftest_harness.h"

#define LOGS 2
#define OTHER 2	/* a log that is in no list at first */
#define RIGHTS (T_RIGHTS_ANY | CAPCERT_RIGHT_VERIFY)
#define FEW CAPCERT_REASON_INSUFFICIENT_SCTS

/* What an agent saw of the list while it had a request. */
struct seen {
	int err;		/* of STATE */
	int short_err;		/* the same with room for one octet less */
	uint32_t len;
	struct capcert_state_store head;
	uint8_t state[65536];
	int (*meanwhile)(void *arg);	/* before the answer */
	void *arg;
};

FIXTURE(ct_logs) {
	struct tcert root, leaf, logs[LOGS + 1];
	struct tbundle b;
	struct tbytes der;
	char name[40];		/* of this test's list: floors stay for as long as the module does */
	char policy[160];
	int store, verifier;
	struct fake_agent agent;
	struct t_verify v;
	struct seen *seen;
};

#define SELF FIXTURE_DATA(ct_logs) *self

/* The fingerprint of a log: of its TrustAnchorInfo, which stands in a [2] of its own. */
static void print_of(const struct tcert *log, uint8_t ret[32])
{
	struct tbytes b = { 0 };
	size_t head;

	tanchor_log(&b, log, false);
	head = b.p[1] < 0x80 ? 2 : 2u + (b.p[1] & 0x7f);
	t_sha256(b.p + head, b.n - head, ret);
	tbytes_free(&b);
}

static int by_fingerprint(const void *a, const void *b)
{
	uint8_t x[32], y[32];

	print_of(a, x);
	print_of(b, y);
	return memcmp(x, y, 32);
}

/* Reads the list as the agents do, answers as it was told. */
static void look(struct fake_agent *a, const struct capcert_agent_request *request)
{
	struct seen *seen = a->user;
	struct capcert_agent_state arg = {
		.size = sizeof(arg), .id = request->id, .what = CAPCERT_STATE_CT_LOGS,
		.len = sizeof(seen->state), .buf = (uintptr_t)seen->state,
	};

	seen->err = t_ioctl(a->fd, CAPCERT_AGENT_STATE, &arg);
	seen->len = arg.ret_len;
	if (!seen->err) {
		memcpy(&seen->head, seen->state, sizeof(seen->head));
		arg.len = seen->len - 1;
		seen->short_err = t_ioctl(a->fd, CAPCERT_AGENT_STATE, &arg);
		if (arg.ret_len != seen->len)
			seen->short_err = -EPROTO;
	}
	if (seen->meanwhile)
		seen->err = seen->meanwhile(seen->arg) ?: seen->err;
	a->write_error = agent_write(a->fd, &a->reply, request->id);
}

/* A log has a real key: the points in test certificates are on no curve. */
static int make_log(unsigned int seed, struct tcert *ret)
{
	gnutls_privkey_t key;
	gnutls_pubkey_t pub;
	gnutls_datum_t der;

	tcert_root(seed, ret);
	if (gnutls_privkey_init(&key) || gnutls_pubkey_init(&pub) ||
	    gnutls_privkey_generate(key, GNUTLS_PK_ECDSA,
				    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) ||
	    gnutls_pubkey_import_privkey(pub, key, 0, 0) ||
	    gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &der) || der.size != ret->spki_len)
		return -1;
	memcpy(ret->der + ret->spki_off, der.data, der.size);
	t_sha256(der.data, der.size, ret->spki_hash);
	gnutls_free(der.data);
	gnutls_pubkey_deinit(pub);
	gnutls_privkey_deinit(key);
	return 0;
}

FIXTURE_SETUP(ct_logs)
{
	static unsigned int nth;
	int i;

	if (!tsigner_there(TSIGN_BUILT_IN))
		SKIP(return, "no key to sign by: make bundle-keys");
	t_session();
	tcert_root(1, &self->root);
	tcert_leaf(T_NAME, 1, 1, &self->leaf);
	for (i = 0; i <= LOGS; i++)
		ASSERT_EQ(0, make_log((unsigned int)(40 + i), &self->logs[i]));
	qsort(self->logs, LOGS, sizeof(self->logs[0]), by_fingerprint);
	snprintf(self->name, sizeof(self->name), "ct%d-%u", (int)getpid(), nth++);
	self->b.name = self->name;
	self->b.number = (uint64_t)time(NULL) << 16;
	self->b.purposes = 1u << CAPCERT_PURPOSE_CT_LOG;
	for (i = 0; i < LOGS; i++)
		tanchor_log(&self->b.anchors, &self->logs[i], false);
	snprintf(self->policy, sizeof(self->policy), "profile=rfc5280;min_scts=2;ct_logs=%s",
		 self->name);
	self->store = t_store("store");
	self->verifier = t_verifier("verifier", self->policy);
	ASSERT_LE(0, self->store);
	ASSERT_LE(0, self->verifier);
	ASSERT_EQ(0, t_add(self->store, &self->root, 0));
	self->seen = calloc(1, sizeof(*self->seen));
	ASSERT_NE(NULL, self->seen);
	self->agent.user = self->seen;
	self->agent.answer = look;
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	self->agent.reply.r.sct_count = 2;
	ASSERT_EQ(0, agent_start(&self->agent));
	t_verify_init(&self->v, self->store, &self->leaf);
	t_unique_name(&self->v);
}

FIXTURE_TEARDOWN(ct_logs)
{
	int i;

	agent_stop(&self->agent);
	tcert_free(&self->root);
	tcert_free(&self->leaf);
	for (i = 0; i <= LOGS; i++)
		tcert_free(&self->logs[i]);
	tbundle_free(&self->b);
	tbytes_free(&self->der);
	free(self->seen);
}

/* self->b as the next of its name: 0 or -errno. */
static int admit(SELF)
{
	self->b.number++;
	tbundle_make(&self->b, TSIGN_BUILT_IN, &self->der);
	return add_key("captrust", self->name, self->der.p, self->der.n,
		       KEY_SPEC_SESSION_KEYRING) < 0 ? -errno : 0;
}

static int admit_again(void *self)
{
	return admit(self);
}

/* The other log alone, so that the digest moves too; once. */
static int admit_other(void *arg)
{
	SELF = arg;

	self->seen->meanwhile = NULL;
	self->b.anchors.n = 0;
	tanchor_log(&self->b.anchors, &self->logs[OTHER], false);
	return admit(self);
}

static int admitted(SELF, struct t_state *ret)
{
	int fd = t_open_name(CAPCERT_OPEN_SYSTEM, CAPCERT_KIND_STORE, self->name, RIGHTS), err;

	if (fd < 0)
		return fd;
	err = t_state(fd, ret);
	close(fd);
	return err;
}

#define ASKED(verifier) ({ \
		unsigned int n_ = agent_asked(&self->agent); \
		int err_ = t_verify_run(&self->v, verifier); \
		err_ ? err_ : (int)(agent_asked(&self->agent) - n_); })

static const struct capcert_agent_request *last(SELF)
{
	return (const void *)self->agent.last;
}

/* What was read makes the list: its logs, its time. */
static int read_list(SELF, capcert_loglist **ret)
{
	capcert_store *store;
	int err = engine_store_from_state(self->seen->state, self->seen->len, &store);

	if (err)
		return err;
	err = capcert_loglist_from_store(store, self->seen->head.created, ret, NULL);
	capcert_store_free(store);
	return err;
}

TEST_F(ct_logs, what_an_agent_reads)
{
	struct capcert_agent_state gone = {
		.size = sizeof(gone), .what = CAPCERT_STATE_CT_LOGS,
	};
	struct t_state state = { 0 };
	capcert_loglist *list;
	int i;

	ASSERT_EQ(0, admit(self));
	ASSERT_EQ(0, admitted(self, &state));
	ASSERT_EQ(1, ASKED(self->verifier));
	EXPECT_EQ(1, self->v.outcome.valid);
	EXPECT_EQ(2, self->v.outcome.sct_count);
	EXPECT_EQ(0, self->seen->err);
	EXPECT_EQ(-EMSGSIZE, self->seen->short_err);
	EXPECT_EQ(last(self)->logs_len, self->seen->len);
	EXPECT_EQ(0, memcmp(last(self)->logs_digest, state.digest, 32));
	EXPECT_EQ(0, memcmp(self->seen->head.digest, state.digest, 32));
	EXPECT_EQ(t_date(2026, 1, 1), last(self)->logs_created);
	EXPECT_EQ(t_date(2026, 1, 1), self->seen->head.created);
	EXPECT_EQ(LOGS, self->seen->head.count);
	EXPECT_EQ(self->b.number, self->seen->head.number);
	ASSERT_EQ(0, read_list(self, &list));
	EXPECT_EQ(LOGS, capcert_loglist_count(list));
	for (i = 0; i < LOGS; i++)
		EXPECT_NE(NULL, capcert_loglist_find(list, self->logs[i].spki_hash));
	EXPECT_EQ(NULL, capcert_loglist_find(list, self->logs[OTHER].spki_hash));
	capcert_loglist_free(list);
	/* Not a moment longer than the request. */
	gone.id = last(self)->id;
	EXPECT_EQ(-ENOENT, t_ioctl(self->agent.fd, CAPCERT_AGENT_STATE, &gone));
	t_state_free(&state);
}

/* No store of the name is no error: the agent is told that there is none, and no SCT can count. */
TEST_F(ct_logs, nobody_admitted_one)
{
	const uint8_t zero[32] = { 0 };

	fake_invalid(&self->agent.reply, &self->leaf, FEW);
	ASSERT_EQ(1, ASKED(self->verifier));
	EXPECT_EQ(0, self->v.outcome.valid);
	EXPECT_EQ(FEW, self->v.outcome.reason);
	EXPECT_EQ(-ENODATA, self->seen->err);
	EXPECT_EQ(0, last(self)->logs_len);
	EXPECT_EQ(0, last(self)->logs_created);
	EXPECT_EQ(0, memcmp(zero, last(self)->logs_digest, 32));
	/* Once there is one, what was found without it is asked anew. */
	ASSERT_EQ(0, admit(self));
	fake_valid(&self->agent.reply, &self->leaf, &self->root);
	self->agent.reply.r.sct_count = 2;
	ASSERT_EQ(1, ASKED(self->verifier));
	EXPECT_EQ(1, self->v.outcome.valid);
	EXPECT_EQ(0, self->seen->err);
}

/* A policy that asks for no SCTs is told of none, and a new list does not disturb its verdicts. */
TEST_F(ct_logs, only_who_asks_for_scts)
{
	int verifier;

	snprintf(self->policy, sizeof(self->policy), "profile=rfc5280;ct_logs=%s", self->name);
	verifier = t_verifier("other", self->policy);
	ASSERT_LE(0, verifier);
	ASSERT_EQ(0, admit(self));
	ASSERT_EQ(1, ASKED(verifier));
	EXPECT_EQ(-ENODATA, self->seen->err);
	EXPECT_EQ(0, last(self)->logs_len);
	ASSERT_EQ(0, admit(self));
	EXPECT_EQ(0, ASKED(verifier));
}

/* The list changes while an agent works: its answer is dropped, and the new list asked about. */
TEST_F(ct_logs, moves_meanwhile)
{
	capcert_loglist *list;

	ASSERT_EQ(0, admit(self));
	self->seen->meanwhile = admit_other;
	self->seen->arg = self;
	ASSERT_EQ(2, ASKED(self->verifier));
	EXPECT_EQ(1, self->v.outcome.valid);
	EXPECT_EQ(0, self->seen->err);
	EXPECT_EQ(self->b.number, self->seen->head.number);
	ASSERT_EQ(0, read_list(self, &list));
	EXPECT_EQ(1, capcert_loglist_count(list));
	EXPECT_NE(NULL, capcert_loglist_find(list, self->logs[OTHER].spki_hash));
	capcert_loglist_free(list);
	/* Whoever never gets an answer that holds is told so. */
	self->seen->meanwhile = admit_again;
	t_unique_name(&self->v);
	EXPECT_EQ(-EAGAIN, t_verify_run(&self->v, self->verifier));
	self->seen->meanwhile = NULL;
	EXPECT_EQ(1, ASKED(self->verifier));
}

/* The first list of the name comes while an agent works that was told of none. */
TEST_F(ct_logs, comes_meanwhile)
{
	self->seen->meanwhile = admit_other;
	self->seen->arg = self;
	ASSERT_EQ(2, ASKED(self->verifier));
	EXPECT_NE(0, last(self)->logs_len);
	EXPECT_EQ(self->b.number, self->seen->head.number);
}

/* The time of a list is part of what a verdict was made of, its number is not: the digest covers
 * neither. */
TEST_F(ct_logs, cached_by_logs_and_their_time)
{
	struct t_state before = { 0 }, after = { 0 };

	ASSERT_EQ(0, admit(self));
	ASSERT_EQ(1, ASKED(self->verifier));
	ASSERT_EQ(0, ASKED(self->verifier));
	ASSERT_EQ(0, admitted(self, &before));
	ASSERT_EQ(0, admit(self));
	EXPECT_EQ(0, ASKED(self->verifier));
	self->b.created = "20260101000001Z";
	ASSERT_EQ(0, admit(self));
	ASSERT_EQ(0, admitted(self, &after));
	EXPECT_EQ(0, memcmp(before.digest, after.digest, 32));
	EXPECT_EQ(1, ASKED(self->verifier));
	EXPECT_EQ(t_date(2026, 1, 1) + 1, last(self)->logs_created);
	EXPECT_EQ(0, ASKED(self->verifier));
	t_state_free(&before);
	t_state_free(&after);
}

/* A verdict for a laxer policy is none for whoever demands the stricter one. */
static int required(SELF, int lax, int strict)
{
	struct capcert_policy_info info = { .size = sizeof(info) };
	struct capcert_expect expect = { .policy_digest = info.digest, .allow_superseded = 1 };
	int err;

	self->v.arg.flags |= CAPCERT_VERIFY_FD;
	err = t_verify_run(&self->v, lax) ?: t_ioctl(strict, CAPCERT_POLICY, &info);
	self->v.arg.flags &= ~(uint32_t)CAPCERT_VERIFY_FD;
	if (err)
		return err;
	err = capcert_outcome_require(self->v.arg.fd, &expect);
	close(self->v.arg.fd);
	return err;
}

/* Every handle of a verifier and a store, with and without evidence, with and without a handle of the
 * outcome. Return: how many of these did not refuse. */
static unsigned int accepted(SELF, const int *verifiers, const int *stores)
{
	static const uint8_t list[] = { 0, 3, 0, 1, 'A' };
	struct capcert_evidence_item item = {
		CAPCERT_EVIDENCE_SCTS, 0, { (uintptr_t)list, sizeof(list), -1 },
	};
	unsigned int way, n = 0;

	for (way = 0; way < 16; way++) {
		self->v.arg.store_fd = stores[way & 1];
		self->v.arg.evidence = way & 4 ? (uintptr_t)&item : 0;
		self->v.arg.evidence_count = !!(way & 4);
		self->v.arg.flags = way & 8 ? CAPCERT_VERIFY_FD : 0;
		n += t_verify_run(&self->v, verifiers[way >> 1 & 1]) != -EIO;
	}
	self->v.arg.store_fd = stores[0];
	self->v.arg.evidence = 0;
	self->v.arg.evidence_count = 0;
	self->v.arg.flags = 0;
	return n;
}

/* A holder of min_scts=2 has no call that takes one: the answer is refused, whatever handle or evidence
 * it is asked with, and what was good for a laxer policy is not remembered for this one. */
TEST_F(ct_logs, one_is_not_two)
{
	const uint64_t rights = T_RIGHTS_ANY | CAPCERT_RIGHT_VERIFY;
	int lax, verifiers[2] = { self->verifier }, stores[2] = { self->store };

	ASSERT_EQ(0, admit(self));
	self->agent.reply.r.sct_count = 1;
	snprintf(self->policy, sizeof(self->policy), "profile=rfc5280;min_scts=1;ct_logs=%s",
		 self->name);
	lax = t_verifier("lax", self->policy);
	ASSERT_LE(0, lax);
	ASSERT_EQ(1, ASKED(lax));
	EXPECT_EQ(1, self->v.outcome.valid);
	ASSERT_EQ(0, ASKED(lax));
	EXPECT_EQ(1, self->v.outcome.sct_count);
	EXPECT_EQ(0, required(self, lax, lax));
	EXPECT_EQ(-EKEYREJECTED, required(self, lax, self->verifier));

	verifiers[1] = t_restrict(self->verifier, rights);
	stores[1] = t_restrict(self->store, rights);
	ASSERT_LE(0, verifiers[1]);
	ASSERT_LE(0, stores[1]);
	EXPECT_EQ(0, accepted(self, verifiers, stores));
	/* Nor does asking once more, now that it was refused. */
	EXPECT_EQ(0, accepted(self, verifiers, stores));
	/* An honest answer is no failure of the call, and no trust. */
	fake_invalid(&self->agent.reply, &self->leaf, FEW);
	self->agent.reply.r.sct_count = 1;
	ASSERT_EQ(1, ASKED(self->verifier));
	EXPECT_EQ(0, self->v.outcome.valid);
	EXPECT_EQ(FEW, self->v.outcome.reason);
	ASSERT_EQ(0, ASKED(self->verifier));
	EXPECT_EQ(0, self->v.outcome.valid);
	EXPECT_EQ(-EBADMSG, required(self, self->verifier, self->verifier));
}

TEST_HARNESS_MAIN
