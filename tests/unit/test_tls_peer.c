// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Who the peer is: chain, name, staple, pins, SCTs; what is refused, by which alert, in which words; and
 * clients that identify themselves. */
#include "tests/unit/tls_fixture.h"

/* The client refuses the server: both know, and the server by which alert. */
static void expect_refused(int line, struct world *w, const char *name, int32_t reason)
{
	struct capcert_result result;
	struct capcert_params params;
	int i;

	for (i = 0; i < 2; i++) {
		struct pair p;

		w->client.flags = i ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(w, name);
		if (p.client_end != -EKEYREJECTED || p.server_end != -ECONNABORTED)
			fail_msg("line %d: server %d %s; client %d %s", line, p.server_end,
				 capcert_tls_error_text(p.server), p.client_end,
				 capcert_tls_error_text(p.client));
		assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
		if (result.outcome.valid || result.outcome.reason != reason)
			fail_msg("line %d: %s", line, capcert_reason_name(result.outcome.reason));
		assert_non_null(
			strstr(capcert_tls_error_text(p.client), capcert_reason_name(reason)));
		assert_int_equal(info_of(p.client).alert_sent, capcert_tls_alert_for(reason));
		assert_int_equal(info_of(p.server).alert_received, capcert_tls_alert_for(reason));
		assert_int_equal(capcert_tls_params(p.client, &params), 0);
		assert_int_equal(capcert_tls_read(p.client, &i, 1), -EKEYREJECTED);
		end_pair(&p);
		/* To look at it nevertheless is possible, and what was found stays found. */
		w->client.flags |= CAPCERT_TLS_INSECURE_GO_ON;
		p = new_pair(w, name);
		expect_open(&p);
		assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
		assert_int_equal(result.outcome.reason, reason);
		end_pair(&p);
		w->client.flags = 0;
	}
}
#define expect_refusal(w, name, reason) expect_refused(__LINE__, w, name, reason)

static void bad_servers(void **state)
{
	static const struct {
		struct pki_spec spec;
		const char *name;
		int32_t reason;
	} rows[] = {
		{ { LEAF_SPEC }, "other.example.com", CAPCERT_REASON_NAME_MISMATCH },
		{ { LEAF_SPEC }, "192.0.2.7", CAPCERT_REASON_NAME_MISMATCH },
		{ { LEAF_SPEC, .from = -9 * PKI_DAY, .until = -PKI_DAY },
		  HOST,
		  CAPCERT_REASON_EXPIRED },
		{ { LEAF_SPEC, .from = PKI_DAY, .until = 9 * PKI_DAY },
		  HOST,
		  CAPCERT_REASON_NOT_YET_VALID },
		{ { LEAF_SPEC, .eku = { "1.3.6.1.5.5.7.3.2" } }, HOST, CAPCERT_REASON_BAD_EKU },
		{ { LEAF_SPEC, .extension = MUST_STAPLE },
		  HOST,
		  CAPCERT_REASON_MUST_STAPLE_MISSING },
		{ { LEAF_SPEC, .critical = "1.2.3.4" }, HOST, CAPCERT_REASON_POLICY_VIOLATION },
	};
	size_t i;

	(void)state;
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct family f = { .root = make_root() };
		struct world w;

		f.ca = make_ca(f.root);
		f.leaf = pki_make(&rows[i].spec, f.ca);
		w = new_world_of(f);
		w.server.default_slot = HOST;
		expect_refusal(&w, rows[i].name, rows[i].reason);
		end_world(&w);
	}
}

static void unknown_root(void **state)
{
	struct world w = new_world();
	struct pki *other = make_root();
	capcert_store *store =
		make_store((struct pki *[8]){ other }, 1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH);

	(void)state;
	w.client.store = store;
	expect_refusal(&w, HOST, CAPCERT_REASON_UNKNOWN_ANCHOR);
	capcert_store_free(store);
	pki_free(other);
	end_world(&w);
}

static void distrusted(void **state)
{
	struct world w = new_world();
	capcert_distrust_list *list;
	uint8_t hash[32];

	(void)state;
	assert_int_equal(
		capcert_hash(CAPCERT_HASH_SHA256, w.f.leaf->der.data, w.f.leaf->der.size, hash),
		32);
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32),
			 0);
	w.client.distrust = list;
	expect_refusal(&w, HOST, CAPCERT_REASON_DISTRUSTED);
	capcert_distrust_list_free(list);
	end_world(&w);
}

static void pinned(void **state)
{
	struct world w = new_world();
	const char *error = "";
	capcert_pins *pins;
	uint8_t hash[32];
	capcert_cert *ca;
	struct pair p;

	(void)state;
	if (capcert_pins_new("mode=enforce\nexpires=never", 26, &pins, &error))
		fail_msg("%s", error);
	memset(hash, 7, sizeof(hash));
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, hash, 32), 0);
	w.client.pins = pins;
	expect_refusal(&w, HOST, CAPCERT_REASON_PIN_MISMATCH);
	assert_int_equal(capcert_cert_new(w.f.ca->der.data, w.f.ca->der.size, &ca, NULL), 0);
	capcert_cert_spki_hash(ca, CAPCERT_HASH_SHA256, hash);
	capcert_cert_free(ca);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, hash, 32), 0);
	p = new_pair(&w, HOST);
	expect_open(&p);
	end_pair(&p);
	capcert_pins_free(pins);
	end_world(&w);
}

/* ---- staples ---- */

static void staple_with(struct world *w, struct response_spec *r)
{
	struct pki *chain[] = { w->f.leaf, w->f.ca, NULL };
	struct cc_span staple;
	struct capcert_tls_value v = { 0 };

	r->issuer = w->f.ca;
	r->answer[0].about = w->f.leaf;
	staple = make_response(r);
	v.staple = staple.p;
	v.staple_len = staple.n;
	assert_int_equal(put_slot(w->slots, HOST, chain, &v), 0);
}

static void stapled(void **state)
{
	struct world w = new_world();
	capcert_policy *hard = policy_of("profile=rfc5280;revocation=staple;revocation_mode=hard;"
					 "revocation_scope=leaf;stapling=required");
	struct response_spec good = { 0 }, revoked = { .answer[0] = { .status = CC_OCSP_REVOKED } };
	struct response_spec old = { .answer[0] = { .from = -9 * PKI_DAY, .until = -PKI_DAY } };
	struct pair p;
	size_t len;
	int i;

	(void)state;
	w.client.policy = hard;
	w.server.flags = CAPCERT_TLS_STAPLE;
	expect_refusal(&w, HOST, CAPCERT_REASON_MUST_STAPLE_MISSING);
	staple_with(&w, &good);
	for (i = 0; i < 2; i++) {
		w.client.flags = i ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		expect_open(&p);
		assert_int_equal(info_of(p.client).stapled, 1);
		assert_int_equal(info_of(p.server).stapled, 1);
		assert_non_null(capcert_tls_peer_staple(p.client, &len));
		assert_true(len > 100);
		end_pair(&p);
	}
	w.client.flags = 0;
	/* There, but not to be sent. */
	w.server.flags = 0;
	expect_refusal(&w, HOST, CAPCERT_REASON_MUST_STAPLE_MISSING);
	w.server.flags = CAPCERT_TLS_STAPLE;
	staple_with(&w, &revoked);
	expect_refusal(&w, HOST, CAPCERT_REASON_REVOKED);
	staple_with(&w, &old); /* is not sent at all */
	expect_refusal(&w, HOST, CAPCERT_REASON_MUST_STAPLE_MISSING);
	capcert_policy_free(hard);
	end_world(&w);
}

static int64_t stapler_now(void *ctx)
{
	(void)ctx;
	return tls_time;
}

/* The slot's stapler has the word; required means that there is no handshake without. */
static void stapler(void **state)
{
	struct world w = new_world();
	struct capcert_stapler_options options = { .now = stapler_now };
	struct pki *chain[] = { w.f.leaf, w.f.ca, NULL };
	struct response_spec good = { .issuer = w.f.ca, .answer[0] = { .about = w.f.leaf } };
	struct cc_span staple = make_response(&good);
	capcert_chain *c = make_chain(chain);
	struct capcert_tls_value v = { 0 };
	capcert_stapler *s;
	struct pair p;

	(void)state;
	assert_int_equal(capcert_stapler_new(&options, &s), 0);
	assert_int_equal(capcert_stapler_set_certificate(s, c), 0);
	v.stapler = s;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), 0);
	w.server.flags = CAPCERT_TLS_STAPLE_REQUIRED;
	p = new_pair(&w, HOST);
	expect_ends(&p, -ENODATA, -ECONNABORTED);
	assert_int_equal(info_of(p.client).alert_received, 80);
	pair_cut(&p);
	assert_int_equal(capcert_stapler_put(s, staple.p, staple.n), 0);
	pair_connect(&p, HOST);
	expect_open(&p);
	assert_int_equal(info_of(p.client).stapled, 1);
	end_pair(&p);
	capcert_chain_free(c);
	end_world(&w);
	capcert_stapler_free(s);
}

/* ---- SCTs: TLS 1.2 alone can carry them ---- */

static void scts_of_the_handshake(void **state)
{
	struct world w = new_world();
	static const uint8_t list[] = "\x00\x31\x00\x2f\x00"
				      "0123456789abcdef0123456789abcdef"
				      "\0\0\1\2\3\4\5\6\0\0\4\3\0\0";
	struct pki *chain[] = { w.f.leaf, w.f.ca, NULL };
	struct capcert_tls_value v = { .scts = list, .scts_len = sizeof(list) - 1 };
	capcert_policy *two = policy_of("profile=rfc5280;min_scts=2");
	const uint8_t *scts;
	struct pair p;
	size_t len;

	(void)state;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), 0);
	w.client.flags = CAPCERT_TLS_NO_13;
	p = new_pair(&w, HOST);
	expect_open(&p);
	scts = capcert_tls_peer_scts(p.client, &len);
	assert_int_equal(len, v.scts_len);
	assert_memory_equal(scts, list, len);
	end_pair(&p);
	/* Never asked for where TLS 1.3 is spoken too, nor by 1.3 itself. */
	w.client.flags = 0;
	p = new_pair(&w, HOST);
	expect_open(&p);
	assert_null(capcert_tls_peer_scts(p.client, &len));
	end_pair(&p);
	w.client.policy = two;
	expect_refusal(&w, HOST, CAPCERT_REASON_INSUFFICIENT_SCTS);
	capcert_policy_free(two);
	end_world(&w);
}

/* ---- clients that identify themselves ---- */

static void mutual(void **state)
{
	struct world w = new_world();
	struct capcert_result result;
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct pair p;

		make_mutual(&w, i & 1 ? CAPCERT_TLS_AUTH_REQUIRED : CAPCERT_TLS_AUTH_OPTIONAL);
		w.client.flags = i & 2 ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		expect_open(&p);
		expect_passes(p.server, p.client, "hello");
		expect_passes(p.client, p.server, "you");
		assert_int_equal(info_of(p.server).client_auth, 1);
		assert_int_equal(info_of(p.client).client_auth, 1);
		assert_string_equal(info_of(p.client).slot, "me");
		assert_int_equal(capcert_tls_outcome(p.server, &result, NULL), 0);
		assert_int_equal(result.outcome.valid, 1);
		assert_int_equal(result.outcome.purpose, CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
		assert_int_equal(capcert_chain_count(capcert_tls_peer_chain(p.server)), 2);
		end_pair(&p);
	}
	end_world(&w);
}

static void no_client_certificate(void **state)
{
	struct world w = new_world();
	int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		struct pair p;

		make_mutual(&w, i & 1 ? CAPCERT_TLS_AUTH_REQUIRED : CAPCERT_TLS_AUTH_OPTIONAL);
		w.client.slots = NULL;
		w.client.default_slot = NULL;
		w.client.flags = i & 2 ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		if (i & 1) {
			char c;

			/* In TLS 1.3 a client learns of it after its own end of the handshake. */
			assert_int_equal(p.server_end, -ENOKEY);
			if (!p.client_end)
				p.client_end = (int)capcert_tls_read(p.client, &c, 1);
			assert_int_equal(p.client_end, -ECONNABORTED);
			assert_int_equal(info_of(p.client).alert_received, i & 2 ? 40 : 116);
		} else {
			expect_open(&p);
			assert_int_equal(info_of(p.server).client_auth, 0);
			assert_int_equal(capcert_tls_outcome(p.server, NULL, NULL), -ENODATA);
		}
		end_pair(&p);
	}
	end_world(&w);
}

/* Optional means: none, or a good one. */
static void bad_client(void **state)
{
	struct world w = new_world();
	struct pki *root = make_root(), *ca = make_ca(root), *chain[] = { NULL, ca, NULL };
	struct pki_spec spec = { .cn = "stranger", .eku = { "1.3.6.1.5.5.7.3.2" } };
	struct pki *stranger = pki_make(&spec, ca);
	struct capcert_tls_value v = { 0 };
	struct capcert_result result;
	int i;

	(void)state;
	chain[0] = stranger;
	assert_int_equal(put_slot(w.mine, "me", chain, &v), 0);
	for (i = 0; i < 4; i++) {
		struct pair p;
		char c;

		make_mutual(&w, i & 1 ? CAPCERT_TLS_AUTH_REQUIRED : CAPCERT_TLS_AUTH_OPTIONAL);
		w.client.flags = i & 2 ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		assert_int_equal(p.server_end, -EKEYREJECTED);
		if (!p.client_end)
			p.client_end = (int)capcert_tls_read(p.client, &c, 1);
		assert_int_equal(p.client_end, -ECONNABORTED);
		assert_int_equal(info_of(p.client).alert_received, 48);
		assert_int_equal(capcert_tls_outcome(p.server, &result, NULL), 0);
		assert_int_equal(result.outcome.reason, CAPCERT_REASON_UNKNOWN_ANCHOR);
		assert_int_equal(info_of(p.server).client_auth, 0);
		end_pair(&p);
	}
	/* An identity that is gone is none to fall back from. */
	assert_int_equal(capcert_tls_slots_delete(w.mine, "me"), 0);
	w.client.flags = 0;
	{
		struct pair p = new_pair(&w, HOST);

		expect_ends(&p, -ECONNABORTED, -ENOENT);
		end_pair(&p);
	}
	pki_free(stranger);
	pki_free(ca);
	pki_free(root);
	end_world(&w);
}

/* ---- 100 kB of client certificates ---- */

static void large_client(void **state)
{
	struct world w = new_world();
	static char big[50000];
	struct pki_spec spec = { .cn = "large",
				 .eku = { "1.3.6.1.5.5.7.3.2" },
				 .ext = { { .oid = "1.2.3.4", .der = big, .len = sizeof(big) } } };
	struct pki *large, *chain[] = { NULL, NULL, w.f.ca, NULL };
	struct capcert_tls_value v = { 0 };
	int i;

	(void)state;
	large = pki_make(&spec, w.f.ca);
	chain[0] = chain[1] = large;
	assert_int_equal(put_slot(w.mine, "me", chain, &v), 0);
	make_mutual(&w, CAPCERT_TLS_AUTH_REQUIRED);
	for (i = 0; i < 4; i++) {
		struct pair p;

		w.client.flags = i & 2 ? CAPCERT_TLS_NO_13 : 0;
		w.server.handshake_bytes = i & 1 ? 65536 : 0;
		p = new_pair(&w, HOST);
		if (i & 1) {
			assert_int_equal(p.server_end, -EMSGSIZE);
			assert_non_null(strstr(capcert_tls_error_text(p.server), "more"));
		} else {
			expect_open(&p);
			expect_passes(p.client, p.server, "large");
		}
		end_pair(&p);
	}
	pki_free(large);
	end_world(&w);
}

static void alert_of_every_reason(void **state)
{
	int32_t reason;

	(void)state;
	for (reason = 0; strcmp(capcert_reason_name(reason), "?") != 0 && reason < 64; reason++) {
		uint32_t alert = capcert_tls_alert_for(reason);

		assert_true(alert == 80 || alert == 113 || (alert >= 42 && alert <= 48));
		assert_string_not_equal(tls_alert_name((int)alert), "?");
	}
	assert_true(reason > CAPCERT_REASON_MALFORMED);
	assert_string_equal(tls_alert_name(255), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_servers),
		cmocka_unit_test(unknown_root),
		cmocka_unit_test(distrusted),
		cmocka_unit_test(pinned),
		cmocka_unit_test(stapled),
		cmocka_unit_test(stapler),
		cmocka_unit_test(scts_of_the_handshake),
		cmocka_unit_test(mutual),
		cmocka_unit_test(no_client_certificate),
		cmocka_unit_test(bad_client),
		cmocka_unit_test(large_client),
		cmocka_unit_test(alert_of_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
