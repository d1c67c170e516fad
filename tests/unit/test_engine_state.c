// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine as the agent uses it: raw bytes in, states of the kernel in, a reply out. */
#include <pthread.h>
#include "libcapcert/anchors.h"
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "tests/unit/engine_fixture.h"

struct bytes {
	uint8_t p[16384];
	size_t n;
};

static void append(struct bytes *b, const void *p, size_t n)
{
	assert_true(b->n + n + 8 <= sizeof(b->p));
	memcpy(b->p + b->n, p, n);
	memset(b->p + b->n + n, 0, 8);
	b->n += (n + 7) & ~(size_t)7;
}

/* The store's anchors as the kernel writes them; @backwards: in another order. */
static void write_store(const capcert_store *store, bool backwards, struct bytes *b)
{
	struct capcert_state_store head = { .id = 1,
					    .count = (uint32_t)capcert_store_count(store) };
	uint32_t i;

	b->n = 0;
	assert_int_equal(anchors_ready(store), 0);
	memcpy(head.digest, anchors_digest(store), 32);
	append(b, &head, sizeof(head));
	for (i = 0; i < head.count; i++) {
		const struct anchor *a = anchors_at(store, backwards ? head.count - 1 - i : i);
		struct capcert_anchor entry = { .purposes = a->purposes,
						.der_len = (uint32_t)a->cert.der.n };

		memcpy(entry.fingerprint, a->fingerprint, 32);
		append(b, &entry, sizeof(entry));
		append(b, a->cert.der.p, a->cert.der.n);
	}
}

static void test_store_state(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root, f.ca, f.leaf };
	capcert_store *store = make_store(anchors, 5), *again;
	struct capcert_state_store *head;
	struct capcert_anchor entry;
	static struct bytes b;
	size_t n;

	assert_int_equal(capcert_store_count(store), 3);
	assert_int_equal(capcert_store_put(store, f.ca->der.data, f.ca->der.size, 2), -EEXIST);
	assert_int_equal(capcert_store_put(store, f.ca->der.data, f.ca->der.size - 1, 0), -EBADMSG);
	assert_int_equal(capcert_store_put(store, f.ca->der.data, f.ca->der.size, 0x100), -EINVAL);
	assert_int_equal(capcert_store_count(store), 3);
	write_store(store, false, &b);
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), 0);
	assert_int_equal(capcert_store_count(again), 3);
	assert_memory_equal(anchors_digest(again), anchors_digest(store), 32);
	capcert_store_free(again);
	for (n = 0; n + 8 < b.n; n++) /* the last padding may be missing, nothing else */
		assert_int_equal(engine_store_from_state(b.p, n, &again), -EBADMSG);
	b.p[20] ^= 1; /* the digest */
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), -EBADMSG);
	b.p[20] ^= 1;
	b.p[sizeof(struct capcert_state_store) + sizeof(struct capcert_anchor)] ^= 1; /* the DER */
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), -EBADMSG);
	write_store(store, false, &b);
	head = (struct capcert_state_store *)b.p;
	head->count = CAPCERT_MAX_ANCHORS + 1;
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), -EBADMSG);
	/* The first one once more, in place of the last: its fingerprint stands twice. */
	head->count = 3;
	memcpy(&entry, b.p + sizeof(*head), sizeof(entry));
	b.n = sizeof(*head) + sizeof(entry) + ((entry.der_len + 7) & ~(size_t)7);
	append(&b, b.p + sizeof(*head), b.n - sizeof(*head));
	head->count = 2;
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), -EBADMSG);
	write_store(store, true, &b);
	assert_int_equal(engine_store_from_state(b.p, b.n, &again), 0);
	assert_memory_equal(anchors_at(again, 0)->fingerprint, anchors_at(store, 0)->fingerprint,
			    32);
	capcert_store_free(again);
	capcert_store_free(store);
	free_family(&f);
}

static void test_distrust_state(void **state)
{
	struct capcert_state_distrust head = { .generation = 3, .count = 2 };
	const uint32_t one[2] = { CAPCERT_DISTRUST_FINGERPRINT, 32 };
	const uint32_t two[2] = { CAPCERT_DISTRUST_ISSUER_SERIAL, 5 };
	const uint8_t hash[32] = { 1 }, serial[] = { 0x30, 0x00, 0x02, 0x01, 0x05 };
	capcert_distrust_list *list;
	static struct bytes b;
	size_t n;

	append(&b, &head, sizeof(head));
	append(&b, one, 8);
	append(&b, hash, 32);
	append(&b, two, 8);
	append(&b, serial, 5);
	assert_int_equal(engine_distrust_from_state(b.p, b.n, &list), 0);
	capcert_distrust_list_free(list);
	for (n = 0; n < b.n - 3; n++)
		assert_int_equal(engine_distrust_from_state(b.p, n, &list), -EBADMSG);
	assert_int_equal(engine_distrust_from_state(b.p, n, &list), 0);
	capcert_distrust_list_free(list);
	capcert_distrust_list_free(NULL);
	b.p[16] = 9; /* no such kind */
	assert_int_equal(engine_distrust_from_state(b.p, b.n, &list), -EBADMSG);
}

struct call {
	struct cc_policy policy;
	struct cc_span chain[4];
	struct engine_request request;
	struct capcert_agent_reply reply;
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
};

static void prepare(struct call *c, const struct family *f)
{
	memset(c, 0, sizeof(*c));
	cc_policy_preset(CC_PRESET_CUSTOM, &c->policy);
	c->chain[0] = cc_span(f->leaf->der.data, f->leaf->der.size);
	c->chain[1] = cc_span(f->ca->der.data, f->ca->der.size);
	c->request = (struct engine_request){ .chain = c->chain,
					      .chain_count = 2,
					      .name_type = CAPCERT_NAME_DNS,
					      .name = cc_span(HOST, strlen(HOST)),
					      .time = PKI_NOW,
					      .clock = CAPCERT_CLOCK_RTC };
}

static int32_t run(struct call *c, const capcert_store *store)
{
	assert_int_equal(engine_verify(&c->policy, store, NULL, &c->request, &c->reply, c->path),
			 0);
	assert_int_equal(c->reply.error, 0);
	assert_int_equal(c->reply.size,
			 sizeof(c->reply) + c->reply.path_count * sizeof(c->path[0]));
	assert_int_equal(c->reply.clock, c->request.clock);
	return c->reply.reason;
}

static void test_raw_bytes(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root };
	capcert_store *store = make_store(anchors, 0);
	struct call c;

	prepare(&c, &f);
	assert_int_equal(run(&c, store), CAPCERT_REASON_NONE);
	c.chain[2] = c.chain[0];
	c.chain[2].n--; /* malformed, and not needed */
	c.request.chain_count = 3;
	assert_int_equal(run(&c, store), CAPCERT_REASON_NONE);
	c.chain[3] = cc_span(c.chain[0].p, 9); /* another one */
	c.request.chain_count = 4;
	assert_int_equal(run(&c, store), CAPCERT_REASON_NONE);
	c.chain[1] = c.chain[2]; /* malformed instead of what was needed */
	c.request.chain_count = 2;
	assert_int_equal(run(&c, store), CAPCERT_REASON_MALFORMED);
	assert_non_null(strstr(c.reply.detail, "certificate 1"));
	prepare(&c, &f);
	c.chain[0].n--;
	assert_int_equal(run(&c, store), CAPCERT_REASON_MALFORMED);
	assert_int_equal(c.reply.path_count, 1);
	c.chain[0].n = 0;
	assert_int_equal(run(&c, store), CAPCERT_REASON_MALFORMED);
	prepare(&c, &f);
	c.request.chain_count = 0;
	assert_int_equal(engine_verify(&c.policy, store, NULL, &c.request, &c.reply, c.path),
			 -EINVAL);
	c.request.chain_count = CAPCERT_MAX_CHAIN + 1;
	assert_int_equal(engine_verify(&c.policy, store, NULL, &c.request, &c.reply, c.path),
			 -EINVAL);
	prepare(&c, &f);
	c.request.purpose = CAPCERT_PURPOSE_COUNT;
	assert_int_equal(engine_verify(&c.policy, store, NULL, &c.request, &c.reply, c.path),
			 -EINVAL);
	capcert_store_free(store);
	free_family(&f);
}

static void test_clock_and_names(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root };
	capcert_store *store = make_store(anchors, 0);
	struct call c;

	prepare(&c, &f);
	c.policy.clock = CAPCERT_CLOCK_SYNCED;
	assert_int_equal(run(&c, store), CAPCERT_REASON_CLOCK_UNTRUSTED);
	c.request.clock = CAPCERT_CLOCK_SYNCED;
	assert_int_equal(run(&c, store), CAPCERT_REASON_NONE);
	/* Names that are none match nothing. */
	c.request.name = cc_span("*.example.com", 13);
	assert_int_equal(run(&c, store), CAPCERT_REASON_NAME_MISMATCH);
	c.request.name_type = 77;
	assert_int_equal(run(&c, store), CAPCERT_REASON_NAME_MISMATCH);
	c.request.name_type = CAPCERT_NAME_IP;
	c.request.name = cc_span("12345", 5);
	assert_int_equal(run(&c, store), CAPCERT_REASON_NAME_MISMATCH);
	c.request.name_type = CAPCERT_NAME_NONE;
	c.request.name = cc_span(NULL, 0);
	assert_int_equal(run(&c, store), CAPCERT_REASON_NONE);
	capcert_store_free(store);
	free_family(&f);
}

/* Calls of the library that end without an outcome. */
static void test_refusals(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root }, *const certs[70] = { f.leaf, f.ca };
	capcert_store *store = make_store(anchors, 0);
	capcert_chain *chain = make_chain(certs), *empty;
	struct capcert_params params = { .chain = chain, .have_time = 1, .time = PKI_NOW };
	struct capcert_result result;
	capcert_policy *now, *any;

	assert_int_equal(capcert_policy_new("profile=rfc5280", &now, NULL), 0);
	assert_int_equal(capcert_policy_new(RFC5280, &any, NULL), 0);
	assert_int_equal(capcert_chain_new(&empty), 0);
	assert_int_equal(capcert_verify_local(now, store, NULL, &params, &result), -EPERM);
	assert_int_equal(capcert_verify_local(any, store, NULL, &params, &result), 0);
	params.name = "no host";
	assert_int_equal(capcert_verify_local(any, store, NULL, &params, &result), -EINVAL);
	params.name = NULL;
	params.purpose = CAPCERT_PURPOSE_COUNT;
	assert_int_equal(capcert_verify_local(any, store, NULL, &params, &result), -EINVAL);
	params.purpose = 0;
	params.chain = empty;
	assert_int_equal(capcert_verify_local(any, store, NULL, &params, &result), -EINVAL);
	params.chain = chain;
	params.have_time = 0;
	assert_int_equal(capcert_verify_local(now, store, NULL, &params, &result), 0);
	assert_int_equal(result.outcome.time_source, CAPCERT_TIME_NOW);
	assert_in_range(result.outcome.time, time(NULL) - 60, time(NULL) + 60);
	capcert_chain_free(empty);
	capcert_chain_free(chain);
	capcert_policy_free(now);
	capcert_policy_free(any);
	capcert_store_free(store);
	free_family(&f);
}

/* With and without the memo, and with a memo full of other things: the same reply. */
static void test_memo_is_silent(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root };
	capcert_store *store = make_store(anchors, 0);
	static struct call with, without;
	uint8_t key[MEMO_KEY_SIZE];
	uint32_t i;
	int round;

	for (round = 0; round < 2; round++) {
		prepare(&with, &f);
		prepare(&without, &f);
		memo_disable(true);
		run(&without, store);
		memo_disable(false);
		run(&with, store);
		assert_memory_equal(&with.reply, &without.reply, sizeof(with.reply));
		run(&with, store);
		assert_memory_equal(&with.reply, &without.reply, sizeof(with.reply));
		for (i = 0; i < 20000; i++) {
			sha256_of(cc_span(&i, sizeof(i)), key);
			memo_put(key);
			assert_true(memo_find(key));
		}
		run(&with, store);
		assert_memory_equal(&with.reply, &without.reply, sizeof(with.reply));
		f.leaf->der.data[f.leaf->der.size - 1] ^= 1; /* then the same with a bad one */
	}
	f.leaf->der.data[f.leaf->der.size - 1] ^= 1;
	memo_clear();
	assert_false(memo_find(key));
	capcert_store_free(store);
	free_family(&f);
}

struct shared {
	const struct family *family;
	const capcert_store *store;
};

static void *verify_often(void *arg)
{
	const struct shared *s = arg;
	static const int rounds = 50;
	uintptr_t wrong = 0;
	struct call c;
	int i;

	for (i = 0; i < rounds; i++) {
		prepare(&c, s->family);
		if (i % 10 == 0)
			memo_clear();
		if (engine_verify(&c.policy, s->store, NULL, &c.request, &c.reply, c.path) ||
		    !c.reply.valid)
			wrong++;
	}
	return (void *)wrong;
}

/* Several threads on a store whose index nobody has built yet. */
static void test_threads(void **state)
{
	struct family f = make_family();
	struct pki *const anchors[8] = { f.root };
	capcert_store *store = make_store(anchors, 0);
	struct shared shared = { &f, store };
	pthread_t threads[4];
	void *wrong;
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often, &shared), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	capcert_store_free(store);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store_state), cmocka_unit_test(test_distrust_state),
		cmocka_unit_test(test_raw_bytes),   cmocka_unit_test(test_clock_and_names),
		cmocka_unit_test(test_refusals),    cmocka_unit_test(test_memo_is_silent),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
