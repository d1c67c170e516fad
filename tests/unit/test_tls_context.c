// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What contexts and slots are made of, and what they refuse; which slot serves whom. */
#include "tests/unit/tls_fixture.h"

static int make(const struct capcert_tls_parts *parts, const char **error)
{
	capcert_tls_context *c = NULL;
	int r = capcert_tls_context_new(parts, &c, error);

	capcert_tls_context_free(c);
	return r;
}

#define expect_wrong(parts, words)                                            \
	do {                                                                  \
		const char *ew_error = "";                                    \
		int ew_r = make(&(parts), &ew_error);                         \
                                                                              \
		if (ew_r != -EINVAL || !strstr(ew_error, words))              \
			fail_msg("line %d: %d %s", __LINE__, ew_r, ew_error); \
		assert_int_equal(make(&(parts), NULL), -EINVAL);              \
	} while (0)

static void wrong_parts(void **state)
{
	struct world w = new_world();
	capcert_pins *pins;
	struct capcert_tls_parts p;

	(void)state;
	assert_int_equal(capcert_pins_new("expires=never", 13, &pins, NULL), 0);
#define SERVER(field, value, words)     \
	do {                            \
		p = w.server;           \
		p.field = value;        \
		expect_wrong(p, words); \
	} while (0)
#define CLIENT(field, value, words)     \
	do {                            \
		p = w.client;           \
		p.field = value;        \
		expect_wrong(p, words); \
	} while (0)
	SERVER(role, 3, "neither");
	SERVER(flags, 1u << 30, "flag");
	SERVER(flags, CAPCERT_TLS_INSECURE_GO_ON, "client");
	SERVER(client_auth, 3, "client_auth");
	SERVER(client_auth, CAPCERT_TLS_AUTH_REQUIRED, "verify with");
	SERVER(host, "x", "client");
	SERVER(ticket_seconds, 86401, "day");
	SERVER(slots, NULL, "slots");
	SERVER(slots_fd, 1, "not both");
	SERVER(policy, w.policy, "verifies none");
	SERVER(verifier_fd, 1, "verifies none");
	SERVER(cipher_policy, 3, "is left");
	SERVER(min_version, 2, "is left");
	CLIENT(client_auth, 1, "client_auth");
	CLIENT(flags, CAPCERT_TLS_STAPLE, "staple");
	CLIENT(policy, NULL, "verify with");
	CLIENT(store_fd, 1, "not both");
	CLIENT(key_fd, 1, "without slots");
	CLIENT(patterns, "x", "servers");
	CLIENT(slots, w.mine, "identity");
	CLIENT(default_slot, "me", "identity");
	CLIENT(host, "a b", "host name");
	CLIENT(host, "a@b", "host name");
	CLIENT(alpn_len, 3, "too long");
	p = w.client;
	p.alpn = (const uint8_t *)"\x02h2\x02h2";
	p.alpn_len = 6;
	expect_wrong(p, "twice");
	p.alpn_len = 5;
	expect_wrong(p, "malformed");
	p.alpn = (const uint8_t *)"";
	p.alpn_len = 1;
	expect_wrong(p, "malformed");
	p = w.client;
	p.cipher_policy = CAPCERT_TLS_MODERN;
	p.flags = CAPCERT_TLS_NO_13;
	expect_wrong(p, "is left");
	p = w.server;
	p.client_auth = CAPCERT_TLS_AUTH_OPTIONAL;
	p.policy = w.policy;
	p.store = w.users;
	p.pins = pins;
	expect_wrong(p, "pins");
	p = w.server;
	p.slots = NULL;
	p.slots_fd = 0;
	expect_wrong(p, "patterns");
	p = w.server;
	p.cipher_policy = CAPCERT_TLS_LEGACY;
	assert_int_equal(make(&p, NULL), -EPERM);
	p.flags = CAPCERT_TLS_LEGACY_OK;
	assert_int_equal(make(&p, NULL), 0);
	p.size--;
	assert_int_equal(make(&p, NULL), -EINVAL);
	p.size += 2;
	assert_int_equal(make(&p, NULL), -E2BIG);
	capcert_pins_free(pins);
	end_world(&w);
}

/* A guest's own parts stand in its context: what it may not be is found where it comes in. */
static void wrong_guests(void **state)
{
	struct world w = new_world();
	struct capcert_tls_parts p = w.server, one = w.server;
	capcert_tls_context *c;

	(void)state;
	p.guest = c = context_of(&w.client);
	expect_wrong(p, "for a server");
	capcert_tls_context_free(c);
	p.guest = c = context_of(&w.server);
	expect_wrong(p, "one application protocol");
	capcert_tls_context_free(c);
	one.alpn = (const uint8_t *)ALPN_H2 ALPN_HTTP;
	one.alpn_len = 12;
	p.guest = c = context_of(&one);
	expect_wrong(p, "one application protocol");
	capcert_tls_context_free(c);
	one.alpn_len = 3;
	one.client_auth = CAPCERT_TLS_AUTH_REQUIRED;
	one.policy = w.policy;
	one.store = w.users;
	p.guest = c = context_of(&one);
	expect_wrong(p, "verifies nobody");
	capcert_tls_context_free(c);
	one = w.server;
	one.alpn = (const uint8_t *)"\x02h\0";
	one.alpn_len = 3;
	p.guest = c = context_of(&one);
	expect_wrong(p, "one application protocol");
	capcert_tls_context_free(c);
	one.alpn = (const uint8_t *)ALPN_H2;
	p.guest = c = context_of(&one);
	p.alpn = (const uint8_t *)ALPN_HTTP ALPN_H2;
	p.alpn_len = 12;
	expect_wrong(p, "as well");
	one.guest = c;
	one.alpn = (const uint8_t *)ALPN_HTTP;
	one.alpn_len = 9;
	p = w.server;
	p.guest = context_of(&one);
	expect_wrong(p, "no guest");
	capcert_tls_context_free(p.guest);
	p = w.client;
	p.guest = c;
	expect_wrong(p, "a server's");
	capcert_tls_context_free(c);
	end_world(&w);
}

static void wrong_values(void **state)
{
	struct world w = new_world();
	struct pki *chain[20] = { w.f.leaf, w.f.ca };
	struct capcert_tls_value v = { 0 };
	struct pki *other = make_leaf(w.f.ca);
	struct response_spec about_other = { .issuer = w.f.ca, .answer[0] = { .about = other } };
	struct response_spec later = { .error = 3 };
	struct cc_span staple;
	gnutls_privkey_t key = copy_of(other);
	static uint8_t big[65536];
	char longest[300];
	capcert_chain *c;
	size_t i;

	(void)state;
	assert_int_equal(put_slot(w.slots, "", chain, &v), -EINVAL);
	assert_int_equal(put_slot(w.slots, "*", chain, &v), -EINVAL);
	assert_int_equal(put_slot(w.slots, "*.", chain, &v), -EINVAL);
	assert_int_equal(put_slot(w.slots, "a.*.b", chain, &v), -EINVAL);
	memset(longest, 'a', sizeof(longest));
	longest[299] = 0;
	assert_int_equal(put_slot(w.slots, longest, chain, &v), -EINVAL);
	assert_int_equal(capcert_tls_slots_delete(w.slots, "a b"), -ENOENT);
	assert_int_equal(capcert_tls_slots_delete(w.slots, "absent.example"), -ENOENT);
	for (i = 0; i < 17; i++)
		chain[i] = w.f.leaf;
	assert_int_equal(put_slot(w.slots, "long", chain, &v), -EMSGSIZE);
	memset(chain, 0, sizeof(chain));
	chain[0] = w.f.leaf;
	v.staple = (const uint8_t *)"0";
	v.staple_len = 1;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), -EBADMSG);
	v.staple = big;
	v.staple_len = sizeof(big);
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), -EMSGSIZE);
	staple = make_response(&later);
	v.staple = staple.p;
	v.staple_len = staple.n;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), -EBADMSG);
	staple = make_response(&about_other);
	v.staple = staple.p;
	v.staple_len = staple.n;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), -EKEYREJECTED);
	v.staple = NULL;
	v.scts = (const uint8_t *)"\0\1\0";
	v.scts_len = 3;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), -EBADMSG);
	v.scts = NULL;
	c = make_chain(chain);
	v.chain = c;
	assert_int_equal(capcert_tls_slots_put_gnutls(w.slots, HOST, &v, key, NULL), -EKEYREJECTED);
	assert_int_equal(capcert_tls_slots_put_gnutls(w.slots, HOST, &v, NULL, NULL), -EINVAL);
	assert_int_equal(capcert_tls_slots_put(w.slots, HOST, CAPCERT_KEY_TLS_SERVER, &v, NULL),
			 -EINVAL);
	v.key_fd = open("/dev/null", O_RDONLY);
	assert_int_equal(capcert_tls_slots_put_gnutls(w.slots, HOST, &v, key, NULL), -EINVAL);
	assert_int_equal(capcert_tls_slots_put(w.slots, HOST, CAPCERT_KEY_CA_SIGN, &v, NULL),
			 -EINVAL);
	/* No handle of a key. */
	assert_true(capcert_tls_slots_put(w.slots, HOST, CAPCERT_KEY_TLS_SERVER, &v, NULL) < 0);
	close(v.key_fd);
	v.key_fd = -1;
	v.chain = NULL;
	assert_int_equal(capcert_tls_slots_put_gnutls(w.slots, HOST, &v, key, NULL), -EINVAL);
	capcert_chain_free(c);
	gnutls_privkey_deinit(key);
	pki_free(other);
	end_world(&w);
}

/* Which slot serves which name; NULL: none does. */
static void by_name(void **state)
{
	static const struct {
		const char *asked, *slot, *with_default;
	} rows[] = {
		{ "www.example.com", "www.example.com", "www.example.com" },
		{ "WWW.Example.COM", "www.example.com", "www.example.com" },
		{ "a.example.org", "*.example.org", "*.example.org" },
		{ "mail.example.org", "mail.example.org", "mail.example.org" },
		{ "a.b.example.org", NULL, "fallback" },
		{ "example.org", NULL, "fallback" },
		{ "192.0.2.1", NULL, "fallback" },
	};
	struct world w = new_world();
	size_t i;
	int k;

	(void)state;
	put_family(&w, "*.Example.org");
	put_family(&w, "mail.example.org");
	put_family(&w, "fallback");
	for (k = 0; k < 2; k++) {
		for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
			const char *want = k ? rows[i].with_default : rows[i].slot;
			struct pair p;

			w.server.default_slot = k ? "fallback" : NULL;
			w.client.flags = CAPCERT_TLS_INSECURE_GO_ON;
			p = new_pair(&w, rows[i].asked);
			if (want) {
				expect_open(&p);
				assert_string_equal(info_of(p.server).slot, want);
			} else {
				expect_ends(&p, -ENOENT, -ECONNABORTED);
				assert_int_equal(info_of(p.client).alert_received, 112);
				assert_non_null(strstr(capcert_tls_error_text(p.server), "slot"));
			}
			end_pair(&p);
		}
	}
	end_world(&w);
}

/* A name other than the one dialled: it is sent, and it is what is verified. */
static void name_override(void **state)
{
	struct world w = new_world();
	struct pair p;

	(void)state;
	w.client.host = HOST;
	p = new_pair(&w, "elsewhere.example");
	expect_open(&p);
	assert_string_equal(info_of(p.server).server_name, HOST);
	end_pair(&p);
	p = new_pair(&w, NULL);
	expect_open(&p);
	end_pair(&p);
	end_world(&w);
}

/* A put is what the next handshake uses; one under way keeps what it has, all of it. */
static void rotation(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	struct pki *next = make_leaf(w.f.ca), *old = w.f.leaf;
	uint64_t first = info_of(p.server).slot_version;
	struct capcert_result result;
	uint8_t leaf[32];
	capcert_cert *cert;

	(void)state;
	expect_open(&p);
	w.f.leaf = next;
	put_family(&w, HOST);
	expect_passes(p.client, p.server, "still here");
	pair_cut(&p);
	pair_connect(&p, HOST);
	expect_open(&p);
	assert_true(info_of(p.server).slot_version > first);
	assert_int_equal(capcert_cert_new(next->der.data, next->der.size, &cert, NULL), 0);
	capcert_cert_fingerprint(cert, CAPCERT_HASH_SHA256, leaf);
	capcert_cert_free(cert);
	assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
	assert_memory_equal(result.path[0].fingerprint, leaf, 32);
	/* Put while a handshake is half way: the server has spoken, and finishes as it began. */
	pair_cut(&p);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p.fds), 0);
	assert_int_equal(
		capcert_tls_server(p.contexts[0], p.fds[0], CAPCERT_TLS_NONBLOCK, &p.server), 0);
	assert_int_equal(
		capcert_tls_client(p.contexts[1], p.fds[1], HOST, CAPCERT_TLS_NONBLOCK, &p.client),
		0);
	assert_int_equal(capcert_tls_handshake(p.client), -EAGAIN);
	assert_int_equal(capcert_tls_handshake(p.server), -EAGAIN);
	w.f.leaf = old;
	put_family(&w, HOST);
	assert_int_equal(capcert_tls_slots_delete(w.slots, HOST), 0);
	pair_shake(&p);
	expect_open(&p);
	assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
	assert_memory_equal(result.path[0].fingerprint, leaf, 32);
	pair_cut(&p);
	pair_connect(&p, HOST);
	expect_ends(&p, -ENOENT, -ECONNABORTED);
	end_pair(&p);
	pki_free(next);
	end_world(&w);
}

static void many_slots(void **state)
{
	struct world w = new_world();
	char name[32];
	struct pki *chain[] = { w.f.leaf, NULL };
	struct capcert_tls_value v = { 0 };
	struct pair p;
	int i;

	(void)state;
	for (i = 0; i < 1023; i++) {
		snprintf(name, sizeof(name), "h%d.example", (i * 577) % 1023);
		assert_int_equal(put_slot(w.slots, name, chain, &v), 0);
	}
	assert_int_equal(put_slot(w.slots, "more.example", chain, &v), -EMSGSIZE);
	assert_int_equal(put_slot(w.slots, "h7.example", chain, &v), 0);
	assert_int_equal(capcert_tls_slots_delete(w.slots, "H500.example"), 0);
	assert_int_equal(put_slot(w.slots, "more.example", chain, &v), 0);
	w.client.flags = CAPCERT_TLS_INSECURE_GO_ON;
	p = new_pair(&w, "h1022.example");
	expect_open(&p);
	assert_string_equal(info_of(p.server).slot, "h1022.example");
	end_pair(&p);
	end_world(&w);
}

static void cipher_strings(void **state)
{
	uint32_t policy, min, none;

	(void)state;
	for (policy = 0; policy < 4; policy++) {
		for (min = 0; min < 3; min++) {
			for (none = 0; none < 2; none++) {
				const char *text = capcert_tls_ciphers(
					policy, min, none ? CAPCERT_TLS_NO_13 : 0);
				gnutls_priority_t priority;

				/* Nothing is left without TLS 1.3 of modern, or of 1.3 alone. */
				assert_int_equal(!text, policy > CAPCERT_TLS_LEGACY ||
								min > CAPCERT_TLS_13 ||
								(none && (min || !policy)));
				if (!text)
					continue;
				PKI(gnutls_priority_init2(&priority, text, NULL, 0));
				gnutls_priority_deinit(priority);
				assert_int_equal(!strstr(text, "VERS-TLS1.3"), none);
				assert_int_equal(!!strstr(text, "3DES"),
						 policy == CAPCERT_TLS_LEGACY && !min);
				assert_null(strstr(text, "VERS-TLS1.1"));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_parts),	 cmocka_unit_test(wrong_guests),
		cmocka_unit_test(wrong_values),	 cmocka_unit_test(by_name),
		cmocka_unit_test(name_override), cmocka_unit_test(rotation),
		cmocka_unit_test(many_slots),	 cmocka_unit_test(cipher_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
