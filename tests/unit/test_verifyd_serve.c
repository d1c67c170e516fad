// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The agent's answers: right verdicts, nothing but errors for what is malformed, states fetched
 * once. The kernel is played by this file. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <cmocka.h>
#include <gnutls/crypto.h>
#include "core/digest.h"
#include "helpers/verifyd/serve.h"
#include "tests/pki.h"

#define POLICY "preset=webpki-lenient;time=any"
#define SERVER CAPCERT_PURPOSE_TLS_SERVER_AUTH

static struct {
	struct pki *root, *other, *leaf;
	struct server *server;
	int store_asked, distrust_asked;
	int state_error;
	const struct pki *anchor; /* what the store state holds */
	bool leaf_distrusted;
	bool state_garbage;
	size_t flip_store; /* byte of the state to spoil, 0 = none */
	bool flip_distrust;
	capcert_pins *pins; /* NULL: the request has none */
	int pins_asked;
	bool flip_pins;
	gnutls_datum_t evidence[4];
	uint32_t evidence_type[4], evidence_count;
	int evidence_asked;
	bool flip_evidence;
} t;

/* ---- wire ---- */

struct wire {
	uint8_t bytes[16384];
	size_t n;
};

static void put(struct wire *w, const void *p, size_t n, size_t align)
{
	assert_true(w->n + n + 8 <= sizeof(w->bytes));
	memcpy(w->bytes + w->n, p, n);
	w->n += n;
	while (w->n % align)
		w->bytes[w->n++] = 0;
}

static void put_item(struct wire *w, const void *p, size_t n)
{
	uint32_t len = (uint32_t)n;

	put(w, &len, sizeof(len), 4);
	put(w, p, n, 4);
}

static void absorb(void *ctx, const void *p, size_t n)
{
	PKI(gnutls_hash(*(gnutls_hash_hd_t *)ctx, p, n));
}

static void store_digest(const struct capcert_anchor *anchor, uint8_t ret[32])
{
	gnutls_hash_hd_t hash;

	PKI(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256));
	cc_absorb_store_head(absorb, &hash, anchor ? 1 : 0);
	if (anchor)
		cc_absorb_store_anchor(absorb, &hash, anchor->fingerprint, anchor->purposes);
	gnutls_hash_deinit(hash, ret);
}

/* The state as the kernel writes it, its digest, its length; @buf may be NULL. */
static size_t store_state(uint8_t *buf, uint8_t digest[32])
{
	struct capcert_state_store head = { .id = 1, .version = 1, .count = t.anchor ? 1 : 0 };
	struct capcert_anchor anchor = { .purposes = 1u << SERVER };
	struct wire w = { .n = 0 };
	size_t n = 32;

	if (t.anchor) {
		PKI(gnutls_x509_crt_get_fingerprint(t.anchor->crt, GNUTLS_DIG_SHA256,
						    anchor.fingerprint, &n));
		PKI(gnutls_x509_crt_get_key_id(t.anchor->crt, GNUTLS_KEYID_USE_SHA256,
					       anchor.spki_hash, &n));
		anchor.der_len = t.anchor->der.size;
	}
	store_digest(t.anchor ? &anchor : NULL, head.digest);
	memcpy(digest, head.digest, 32);
	put(&w, &head, sizeof(head), 8);
	if (t.anchor) {
		put(&w, &anchor, sizeof(anchor), 8);
		put(&w, t.anchor->der.data, t.anchor->der.size, 8);
	}
	if (buf)
		memcpy(buf, w.bytes, w.n);
	return w.n;
}

static size_t distrust_state(uint8_t *buf)
{
	struct wire w = { .n = 0 };
	struct capcert_state_distrust head = { .generation = t.leaf_distrusted,
					       .count = t.leaf_distrusted };
	const uint32_t entry[] = { CAPCERT_DISTRUST_FINGERPRINT, 32 };
	uint8_t print[32];
	size_t n = 32;

	put(&w, &head, sizeof(head), 8);
	if (t.leaf_distrusted) {
		PKI(gnutls_x509_crt_get_fingerprint(t.leaf->crt, GNUTLS_DIG_SHA256, print, &n));
		put(&w, entry, sizeof(entry), 4);
		put(&w, print, 32, 8);
	}
	if (buf)
		memcpy(buf, w.bytes, w.n);
	return w.n;
}

static int state(void *ctx, uint64_t id, uint32_t what, uint32_t index, uint8_t *buf, uint32_t len)
{
	uint8_t digest[32];

	assert_int_equal(id, 4711);
	if (t.state_error)
		return t.state_error;
	if (what == CAPCERT_STATE_STORE) {
		t.store_asked++;
		assert_int_equal(store_state(buf, digest), len);
	} else if (what == CAPCERT_STATE_EVIDENCE) {
		t.evidence_asked++;
		assert_true(index < t.evidence_count);
		assert_int_equal(t.evidence[index].size, len);
		memcpy(buf, t.evidence[index].data, len);
		buf[len - 1] ^= t.flip_evidence;
	} else if (what == CAPCERT_STATE_PINS) {
		const char *text = capcert_pins_text(t.pins);

		t.pins_asked++;
		assert_int_equal(strlen(text), len);
		memcpy(buf, text, len);
		buf[len - 2] ^= t.flip_pins;
	} else {
		t.distrust_asked++;
		assert_int_equal(distrust_state(buf), len);
	}
	if (what == CAPCERT_STATE_STORE && t.flip_store)
		buf[t.flip_store] ^= 2;
	if (what == CAPCERT_STATE_DISTRUST && t.flip_distrust)
		buf[0] ^= 2;
	if (t.state_garbage)
		memset(buf, 0xff, len);
	return 0;
}

static uint32_t now_clock(void *ctx)
{
	return CAPCERT_CLOCK_SYNCED;
}

static struct wire head_of(uint32_t op, const char *name, const char *policy, uint32_t items)
{
	struct wire w = { .n = 0 };
	struct capcert_agent_request head = {
		.op = op,
		.id = 4711,
		.purpose = SERVER,
		.name_type = name ? CAPCERT_NAME_DNS : CAPCERT_NAME_NONE,
		.name_len = name ? (uint32_t)strlen(name) : 0,
		.policy_len = (uint32_t)strlen(policy),
		.item_count = items,
		.time_source = CAPCERT_TIME_CALLER,
		.clock = CAPCERT_CLOCK_RTC,
		.time = PKI_NOW,
		.distrust_generation = t.leaf_distrusted,
		.distrust_len = (uint32_t)distrust_state(NULL),
	};

	head.store_len = (uint32_t)store_state(NULL, head.store_digest);
	if (t.pins) {
		struct capcert_pins_info info;

		capcert_pins_get_info(t.pins, &info);
		memcpy(head.pins_digest, info.digest, sizeof(head.pins_digest));
		head.pins_len = (uint32_t)strlen(capcert_pins_text(t.pins));
	}
	memcpy(head.policy_digest, policy, strlen(policy) < 32 ? strlen(policy) : 32);
	put(&w, &head, sizeof(head), 4);
	if (name)
		put(&w, name, strlen(name), 4);
	put(&w, policy, strlen(policy), 4);
	return w;
}

static struct wire end(struct wire w)
{
	uint32_t n = (uint32_t)w.n;

	memcpy(w.bytes, &n, sizeof(n));
	return w;
}

static struct wire verify_request(const char *name, const char *policy)
{
	struct wire w = head_of(CAPCERT_AGENT_OP_VERIFY, name, policy, 1);

	put_item(&w, t.leaf->der.data, t.leaf->der.size);
	return end(w);
}

static struct server_reply reply_of(const struct wire *w)
{
	struct server_reply reply;

	assert_int_equal(serve(t.server, w->bytes, w->n, &reply), 0);
	assert_int_equal(reply.head.size,
			 sizeof(reply.head) + reply.head.path_count * sizeof(reply.path[0]));
	assert_int_equal(reply.head.clock, CAPCERT_CLOCK_SYNCED);
	assert_true(t.pins || !reply.head.flags);
	if (reply.head.error) {
		assert_int_equal(reply.head.valid, 0);
		assert_int_equal(reply.head.path_count, 0);
	}
	return reply;
}

static void assert_verdict(struct wire w, int32_t reason)
{
	struct server_reply reply = reply_of(&w);

	assert_int_equal(reply.head.error, 0);
	assert_int_equal(reply.head.id, 4711);
	assert_int_equal(reply.head.reason, reason);
	assert_int_equal(reply.head.valid, reason == CAPCERT_REASON_NONE);
}

static void assert_error(struct wire w, int error)
{
	struct server_reply reply = reply_of(&w);

	assert_int_equal(reply.head.error, error);
}

/* ---- set-up ---- */

static int make(void **unused)
{
	const struct pki_spec r = { .cn = "Root", .ca = true };
	const struct pki_spec l = { .cn = "www.example.org", .dns = { "www.example.org" } };

	t.root = pki_make(&r, NULL);
	t.other = pki_make(&r, NULL);
	t.leaf = pki_make(&l, t.root);
	return 0;
}

static int clean(void **unused)
{
	pki_free(t.root);
	pki_free(t.other);
	pki_free(t.leaf);
	return 0;
}

static int fresh(void **unused)
{
	const struct server_ops ops = { state, now_clock, NULL };

	t.store_asked = t.distrust_asked = t.state_error = 0;
	t.leaf_distrusted = t.state_garbage = false;
	t.anchor = t.root;
	return server_new(&ops, &t.server);
}

static int drop(void **unused)
{
	server_free(t.server);
	return 0;
}

/* ---- tests ---- */

static void test_verdicts(void **unused)
{
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_NONE);
	assert_verdict(verify_request(NULL, POLICY), CAPCERT_REASON_NONE);
	assert_verdict(verify_request("www.example.com", POLICY), CAPCERT_REASON_NAME_MISMATCH);
	assert_verdict(verify_request("www.example.org", "preset=webpki-strict;time=any"),
		       CAPCERT_REASON_INSUFFICIENT_SCTS);
	assert_verdict(verify_request("www.example.org", "clock=synced;time=any"),
		       CAPCERT_REASON_CLOCK_UNTRUSTED);
	t.anchor = t.other;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_UNKNOWN_ANCHOR);
	t.anchor = NULL;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_UNKNOWN_ANCHOR);
	t.anchor = t.root;
	t.leaf_distrusted = true;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_DISTRUSTED);
	t.leaf_distrusted = false;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_NONE);
}

/* A state is fetched when it is new, and only then. */
static void test_states_are_kept(void **unused)
{
	for (int i = 0; i < 5; i++)
		assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_NONE);
	assert_int_equal(t.store_asked, 1);
	assert_int_equal(t.distrust_asked, 1);
	t.anchor = t.other;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_UNKNOWN_ANCHOR);
	assert_int_equal(t.store_asked, 2);
	assert_int_equal(t.distrust_asked, 1);
	t.leaf_distrusted = true;
	assert_verdict(verify_request("www.example.org", POLICY), CAPCERT_REASON_DISTRUSTED);
	assert_int_equal(t.store_asked, 2);
	assert_int_equal(t.distrust_asked, 2);
}

static void test_states_that_fail(void **unused)
{
	struct wire w = verify_request("www.example.org", POLICY);

	t.state_error = -ENOENT;
	assert_error(w, -ENOENT);
	t.state_error = 0;
	t.state_garbage = true;
	assert_error(w, -EPROTO);
	t.state_garbage = false;
	/* Another name, another content under this name, another generation: one bit each. */
	t.flip_store = offsetof(struct capcert_state_store, digest);
	assert_error(w, -EPROTO);
	t.flip_store =
		sizeof(struct capcert_state_store) + offsetof(struct capcert_anchor, purposes);
	assert_error(w, -EPROTO);
	t.flip_store = 0;
	t.flip_distrust = true;
	assert_error(w, -EPROTO);
	t.flip_distrust = false;
	assert_verdict(w, CAPCERT_REASON_NONE); /* nothing bad was kept */
}

static void test_policy_is_its_text(void **unused)
{
	struct wire w = verify_request("www.example.org", POLICY);
	size_t at = sizeof(struct capcert_agent_request) + 16;

	assert_verdict(w, CAPCERT_REASON_NONE);
	assert_memory_equal(w.bytes + at, POLICY, strlen(POLICY));
	w.bytes[at + strlen(POLICY) - 1] = 'x'; /* same digest, another text */
	assert_error(w, -EPROTO);
	assert_error(verify_request("www.example.org", ""), -EPROTO);
	assert_error(verify_request("www.example.org", "no=policy"), -EPROTO);
}

static struct wire sig_request(uint32_t op, uint32_t scheme, const char *policy, const void *what,
			       size_t n, const gnutls_datum_t *sig, size_t padding)
{
	struct wire w = head_of(op, NULL, policy, 3);
	uint8_t area[512] = { 0 };

	memcpy(w.bytes + offsetof(struct capcert_agent_request, scheme), &scheme, 4);
	put_item(&w, t.leaf->der.data, t.leaf->der.size);
	put_item(&w, what, n);
	memcpy(area, sig->data, sig->size);
	put_item(&w, area, sig->size + padding);
	return end(w);
}

static void test_signatures(void **unused)
{
	gnutls_datum_t message = { (unsigned char *)(uintptr_t) "message", 7 }, sig;
	uint32_t op = CAPCERT_AGENT_OP_VERIFY_SIG;

	PKI(gnutls_privkey_sign_data2(t.leaf->signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &message, &sig));
	assert_verdict(sig_request(op, 0x0403, "", "message", 7, &sig, 0), CAPCERT_REASON_NONE);
	assert_verdict(sig_request(op, 0x0403, POLICY, "message", 7, &sig, 0), CAPCERT_REASON_NONE);
	assert_verdict(sig_request(op, 0x0403, "", "massage", 7, &sig, 0),
		       CAPCERT_REASON_SIGNATURE_MISMATCH);
	assert_verdict(sig_request(op, 0x0403, "", "message", 7, &sig, 1),
		       CAPCERT_REASON_SIGNATURE_MISMATCH);
	assert_verdict(sig_request(op, 0x0403, "algs=rsa", "message", 7, &sig, 0),
		       CAPCERT_REASON_WEAK_ALGORITHM);
	assert_verdict(sig_request(op, 0x0804, "", "message", 7, &sig, 0),
		       CAPCERT_REASON_WEAK_ALGORITHM);
	assert_verdict(sig_request(op, 0x1234, POLICY, "message", 7, &sig, 0),
		       CAPCERT_REASON_WEAK_ALGORITHM);
	gnutls_free(sig.data);
	assert_int_equal(t.store_asked + t.distrust_asked, 0);
}

static void test_digest_with_padding(void **unused)
{
	uint8_t hash[32] = { 1, 2, 3 };
	gnutls_datum_t digest = { hash, 32 }, sig;
	uint32_t op = CAPCERT_AGENT_OP_VERIFY_DIGEST;

	PKI(gnutls_privkey_sign_hash2(t.leaf->signer, GNUTLS_SIGN_ECDSA_SHA256, 0, &digest, &sig));
	assert_verdict(sig_request(op, 0x0403, "", hash, 32, &sig, 0), CAPCERT_REASON_NONE);
	assert_verdict(sig_request(op, 0x0403, "", hash, 32, &sig, 9), CAPCERT_REASON_NONE);
	hash[0] ^= 1;
	assert_verdict(sig_request(op, 0x0403, "", hash, 32, &sig, 9),
		       CAPCERT_REASON_SIGNATURE_MISMATCH);
	gnutls_free(sig.data);
}

static void set32(struct wire *w, size_t at, uint32_t value)
{
	memcpy(w->bytes + at, &value, sizeof(value));
}

#define FIELD(f) offsetof(struct capcert_agent_request, f)

/* One field of the header at a time. */
static void test_malformed_fields(void **unused)
{
	static const struct {
		size_t at;
		uint32_t value;
	} bad[] = {
		{ FIELD(op), 0 },
		{ FIELD(op), 4 },
		{ FIELD(op), CAPCERT_AGENT_OP_VERIFY_SIG },
		{ FIELD(item_count), 0 },
		{ FIELD(item_count), 2 },
		{ FIELD(item_count), 65 },
		{ FIELD(item_count), ~0u },
		{ FIELD(name_len), 0 },
		{ FIELD(name_len), 257 },
		{ FIELD(name_len), ~0u },
		{ FIELD(policy_len), 2049 },
		{ FIELD(policy_len), ~0u },
		{ FIELD(size), 0 },
		{ FIELD(size), ~0u },
	};
	const struct wire good = verify_request("www.example.org", POLICY);
	struct wire w;

	assert_verdict(good, CAPCERT_REASON_NONE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = good;
		set32(&w, bad[i].at, bad[i].value);
		assert_error(w, -EPROTO);
	}
}

static void test_malformed(void **unused)
{
	const struct wire good = verify_request("www.example.org", POLICY);
	struct server_reply reply;
	struct wire w;

	assert_verdict(good, CAPCERT_REASON_NONE);
	/* Cut anywhere: no verdict; without an id not even a reply. */
	for (size_t n = 0; n < good.n; n++) {
		w = good;
		w.n = n;
		if (n < sizeof(struct capcert_agent_request)) {
			assert_int_equal(serve(t.server, w.bytes, n, &reply), -EBADMSG);
			continue;
		}
		assert_error(w, -EPROTO);
		set32(&w, 0, (uint32_t)n); /* and it admits to being short */
		assert_error(w, -EPROTO);
	}
	w = good;
	put(&w, "\0\0\0", 4, 4);
	assert_error(end(w), -EPROTO);
	w = good;
	w.bytes[sizeof(struct capcert_agent_request) + 15] = 1; /* padding of the name */
	assert_error(w, -EPROTO);
	/* Lengths of states that no kernel has. */
	server_free(t.server);
	fresh(NULL);
	w = good;
	set32(&w, FIELD(store_len), ~0u);
	assert_error(w, -EPROTO);
	w = good;
	set32(&w, FIELD(store_len), 0);
	assert_error(w, -EPROTO);
}

static void *many(void *arg)
{
	const struct wire *w = arg;
	struct server_reply reply;

	for (int i = 0; i < 200; i++)
		if (serve(t.server, w->bytes, w->n, &reply) < 0 || !reply.head.valid)
			return arg;
	return NULL;
}

static void pin_to(const char *text, const struct pki *of)
{
	uint8_t hash[32];
	size_t n = sizeof(hash);

	capcert_pins_free(t.pins);
	assert_int_equal(capcert_pins_new(text, strlen(text), &t.pins, NULL), 0);
	PKI(gnutls_x509_crt_get_key_id(of->crt, GNUTLS_KEYID_USE_SHA256, hash, &n));
	assert_int_equal(capcert_pins_add(t.pins, CAPCERT_HASH_SHA256, hash, n), 0);
}

/* Sets are kept by their digest, and are what their digest says. */
static void test_pins(void **unused)
{
	struct server_reply reply;
	struct wire w;
	int i;

	pin_to("expires=never", t.root);
	w = verify_request("www.example.org", POLICY);
	for (i = 0; i < 2; i++) {
		assert_verdict(w, CAPCERT_REASON_NONE);
		assert_int_equal(t.pins_asked, 1);
	}
	reply = reply_of(&w);
	assert_int_equal(reply.head.flags, CAPCERT_OUTCOME_PINNED);
	pin_to("expires=never", t.other);
	w = verify_request("www.example.org", POLICY);
	assert_verdict(w, CAPCERT_REASON_PIN_MISMATCH);
	assert_int_equal(t.pins_asked, 2);
	pin_to("mode=report-only;expires=never", t.other);
	w = verify_request("www.example.org", POLICY);
	t.flip_pins = true;
	assert_error(w, -EPROTO);
	t.flip_pins = false;
	assert_verdict(w, CAPCERT_REASON_NONE);
	reply = reply_of(&w);
	assert_int_equal(reply.head.flags, CAPCERT_OUTCOME_PIN_MISMATCH);
	/* Longer than any set can be; evidence that is not there. */
	((struct capcert_agent_request *)(void *)w.bytes)->pins_len = CC_PINS_TEXT_MAX + 1;
	assert_error(w, -EPROTO);
	w = verify_request("www.example.org", POLICY);
	((struct capcert_agent_request *)(void *)w.bytes)->evidence_count = 1;
	assert_error(w, -EPROTO);
	capcert_pins_free(t.pins);
	t.pins = NULL;
}

/* The request of verify_request() with t.evidence behind it. */
static struct wire with_evidence(const char *policy)
{
	struct wire w = verify_request("www.example.org", policy);
	struct capcert_agent_request *head = (void *)w.bytes;
	gnutls_hash_hd_t hash;
	uint32_t i;

	head->evidence_count = t.evidence_count;
	PKI(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256));
	cc_absorb_evidence_head(absorb, &hash, t.evidence_count);
	for (i = 0; i < t.evidence_count; i++) {
		struct capcert_agent_evidence e = { .type = t.evidence_type[i],
						    .len = t.evidence[i].size };

		PKI(gnutls_hash_fast(GNUTLS_DIG_SHA256, t.evidence[i].data, e.len, e.digest));
		cc_absorb_evidence_item(absorb, &hash, e.type, e.digest);
		put(&w, &e, sizeof(e), 4);
	}
	gnutls_hash_deinit(hash, head->evidence_digest);
	return end(w);
}

/* A list by the root with the leaf on it, or without. */
static gnutls_datum_t make_crl(bool revoked)
{
	gnutls_datum_t out;
	gnutls_x509_crl_t crl;

	PKI(gnutls_x509_crl_init(&crl));
	PKI(gnutls_x509_crl_set_version(crl, 2));
	PKI(gnutls_x509_crl_set_this_update(crl, PKI_NOW - PKI_DAY + revoked));
	PKI(gnutls_x509_crl_set_next_update(crl, PKI_NOW + PKI_DAY));
	PKI(gnutls_x509_crl_set_number(crl, "\x01", 1));
	if (revoked)
		PKI(gnutls_x509_crl_set_crt(crl, t.leaf->crt, PKI_NOW - PKI_DAY));
	PKI(gnutls_x509_crl_privkey_sign(crl, t.root->crt, t.root->signer, GNUTLS_DIG_SHA256, 0));
	PKI(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &out));
	gnutls_x509_crl_deinit(crl);
	return out;
}

#define HARD POLICY ";revocation=crl;revocation_mode=hard;revocation_scope=leaf"

static void test_evidence(void **unused)
{
	gnutls_datum_t good = make_crl(false), bad = make_crl(true);
	unsigned char not_a_list[] = { 1, 2, 3 };
	struct wire w;
	int i;

	assert_verdict(verify_request("www.example.org", HARD), CAPCERT_REASON_OCSP_UNAVAILABLE);
	t.evidence_count = 1;
	t.evidence[0] = good;
	t.evidence_type[0] = CAPCERT_EVIDENCE_CRL;
	w = with_evidence(HARD);
	for (i = 0; i < 2; i++) {
		assert_verdict(w, CAPCERT_REASON_NONE);
		assert_int_equal(t.evidence_asked, 1);
	}
	t.evidence[0] = bad;
	t.flip_evidence = true;
	assert_error(with_evidence(HARD), -EPROTO); /* not what its hash says */
	t.flip_evidence = false;
	assert_verdict(with_evidence(HARD), CAPCERT_REASON_REVOKED);
	/* Twice the same is once; of two lists the newer one counts. */
	t.evidence_count = 3;
	t.evidence[1] = t.evidence[2] = good;
	t.evidence_type[1] = t.evidence_type[2] = CAPCERT_EVIDENCE_CRL;
	assert_verdict(with_evidence(HARD), CAPCERT_REASON_REVOKED);
	t.evidence_type[1] = 99;
	assert_error(with_evidence(HARD), -EOPNOTSUPP);
	t.evidence[1] = (gnutls_datum_t){ not_a_list, sizeof(not_a_list) };
	t.evidence_type[1] = CAPCERT_EVIDENCE_CRL;
	assert_error(with_evidence(HARD), -EBADMSG);
	t.evidence_type[1] = CAPCERT_EVIDENCE_SCTS;
	assert_error(with_evidence(HARD), -EBADMSG);
	/* A table that is not what its digest says, cut, too long; with a signature. */
	w = with_evidence(HARD);
	w.bytes[w.n - 1] ^= 1;
	assert_error(w, -EPROTO);
	w = with_evidence(HARD);
	((struct capcert_agent_request *)(void *)w.bytes)->evidence_count--;
	assert_error(w, -EPROTO);
	((struct capcert_agent_request *)(void *)w.bytes)->evidence_count =
		CAPCERT_MAX_EVIDENCE + 1;
	assert_error(w, -EPROTO);
	t.evidence_count = 0;
	gnutls_free(good.data);
	gnutls_free(bad.data);
}

static void test_threads(void **unused)
{
	struct wire w = verify_request("www.example.org", POLICY);
	pthread_t threads[4];
	void *bad;

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many, &w), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_verdicts),	     TEST(test_states_are_kept),
		TEST(test_states_that_fail), TEST(test_policy_is_its_text),
		TEST(test_signatures),	     TEST(test_digest_with_padding),
		TEST(test_malformed_fields), TEST(test_malformed),
		TEST(test_threads),	     TEST(test_pins),
		TEST(test_evidence),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
