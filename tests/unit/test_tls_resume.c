// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sessions that go on where an earlier one ended, and all that keeps them from it. */
#include "tests/unit/tls_fixture.h"

/* Tickets of TLS 1.3 come after the handshake: read for them. */
static void take_tickets(struct pair *p)
{
	char c;

	expect_open(p);
	assert_int_equal(capcert_tls_read(p->client, &c, 1), -EAGAIN);
}

/* Connect again, and say whether the session went on; both ends agree about that. */
static bool resumes(int line, struct pair *p, const char *name)
{
	bool resumed;

	pair_cut(p);
	pair_connect(p, name);
	if (p->server_end || p->client_end)
		fail_msg("line %d: server %s; client %s", line, capcert_tls_error_text(p->server),
			 capcert_tls_error_text(p->client));
	resumed = info_of(p->server).resumed;
	assert_int_equal(info_of(p->client).resumed, resumed);
	expect_passes(p->client, p->server, "ping");
	expect_passes(p->server, p->client, "pong");
	return resumed;
}
#define expect_resumes(p, name, yes)                                        \
	do {                                                                \
		if (resumes(__LINE__, p, name) != (yes))                    \
			fail_msg("line %d: resumed: %d", __LINE__, !(yes)); \
	} while (0)

static void goes_on(void **state)
{
	struct world w = new_world();
	struct capcert_result result;
	struct pair p;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		w.client.flags = i ? CAPCERT_TLS_NO_13 : 0;
		p = new_pair(&w, HOST);
		take_tickets(&p);
		assert_int_equal(info_of(p.client).resumed, 0);
		expect_resumes(&p, HOST, true);
		/* What was found out then is known now. */
		assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
		assert_int_equal(result.outcome.valid, 1);
		assert_int_equal(capcert_chain_count(capcert_tls_peer_chain(p.client)), 2);
		/* The new ticket serves as well. */
		expect_resumes(&p, HOST, true);
		end_pair(&p);
	}
	end_world(&w);
}

static void not_wanted(void **state)
{
	struct world w = new_world();
	struct pair p;
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		w.server.flags = i == 0 ? CAPCERT_TLS_NO_TICKETS : 0;
		w.client.flags = i == 1	  ? CAPCERT_TLS_NO_TICKETS
				 : i == 2 ? CAPCERT_TLS_INSECURE_GO_ON
					  : 0;
		p = new_pair(&w, HOST);
		take_tickets(&p);
		expect_resumes(&p, HOST, false);
		end_pair(&p);
	}
	end_world(&w);
}

/* Another value in the slot, even the same one again: its tickets are worth nothing. */
static void slot_changes(void **state)
{
	struct world w = new_world();
	struct pair p = new_pair(&w, HOST);
	int i;

	(void)state;
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	put_family(&w, HOST);
	expect_resumes(&p, HOST, false);
	expect_resumes(&p, HOST, true);
	end_pair(&p);
	/* Nor is a ticket of one slot good for another, or of one context for another. */
	put_family(&w, "*.example.com");
	w.client.flags = CAPCERT_TLS_NO_13;
	for (i = 0; i < 2; i++) {
		capcert_tls_context *old;

		p = new_pair(&w, HOST);
		take_tickets(&p);
		expect_resumes(&p, HOST, true);
		old = p.contexts[0];
		p.contexts[0] = context_of(&w.server);
		capcert_tls_context_free(old);
		expect_resumes(&p, HOST, false);
		end_pair(&p);
		w.client.flags = 0;
	}
	end_world(&w);
}

static void other_names(void **state)
{
	struct pki_spec two = { .cn = HOST, .dns = { HOST, "b.example.com" } };
	struct family f = { .root = make_root() };
	struct world w;
	struct pair p;

	(void)state;
	f.ca = make_ca(f.root);
	f.leaf = pki_make(&two, f.ca);
	w = new_world_of(f);
	put_family(&w, "b.example.com");
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, "b.example.com", false);
	expect_resumes(&p, HOST, true);
	expect_resumes(&p, "b.example.com", true);
	end_pair(&p);
	end_world(&w);
}

/* The client's own reasons to begin anew. */
static void client_changes(void **state)
{
	struct world w = new_world();
	uint8_t other[32] = { 1 };
	capcert_distrust_list *list;
	capcert_pins *pins;
	uint8_t hash[32];
	struct pair p;
	capcert_cert *ca;

	(void)state;
	/* The server's certificate runs out: the ticket does not outlive it. */
	p = new_pair(&w, HOST);
	take_tickets(&p);
	tls_time = PKI_NOW + 61 * PKI_DAY;
	pair_cut(&p);
	pair_connect(&p, HOST);
	expect_ends(&p, -ECONNABORTED, -EKEYREJECTED);
	assert_int_equal(info_of(p.client).resumed, 0);
	tls_time = PKI_NOW;
	end_pair(&p);
	/* It is distrusted. */
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	w.client.distrust = list;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	assert_int_equal(
		capcert_hash(CAPCERT_HASH_SHA256, w.f.ca->der.data, w.f.ca->der.size, hash), 32);
	assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32),
			 0);
	pair_cut(&p);
	pair_connect(&p, HOST);
	expect_ends(&p, -ECONNABORTED, -EKEYREJECTED);
	end_pair(&p);
	w.client.distrust = NULL;
	capcert_distrust_list_free(list);
	/* Pins are added: what was found with others is found again. */
	assert_int_equal(capcert_pins_new("mode=enforce\nexpires=never", 26, &pins, NULL), 0);
	assert_int_equal(capcert_cert_new(w.f.ca->der.data, w.f.ca->der.size, &ca, NULL), 0);
	capcert_cert_spki_hash(ca, CAPCERT_HASH_SHA256, hash);
	capcert_cert_free(ca);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, hash, 32), 0);
	w.client.pins = pins;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	assert_int_equal(capcert_pins_add(pins, CAPCERT_HASH_SHA256, other, 32), 0);
	expect_resumes(&p, HOST, false);
	end_pair(&p);
	capcert_pins_free(pins);
	end_world(&w);
}

/* A staple that was good is judged again, too. */
static void staple_runs_out(void **state)
{
	struct world w = new_world();
	capcert_policy *hard = policy_of("profile=rfc5280;revocation=staple;revocation_mode=hard;"
					 "revocation_scope=leaf;stapling=required");
	struct response_spec good = { .issuer = w.f.ca, .answer[0] = { .about = w.f.leaf } };
	struct cc_span staple = make_response(&good);
	struct pki *chain[] = { w.f.leaf, w.f.ca, NULL };
	struct capcert_tls_value v = { .staple = staple.p, .staple_len = staple.n };
	struct capcert_result result;
	struct pair p;
	size_t len;

	(void)state;
	assert_int_equal(put_slot(w.slots, HOST, chain, &v), 0);
	w.server.flags = CAPCERT_TLS_STAPLE;
	w.client.policy = hard;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	assert_non_null(capcert_tls_peer_staple(p.client, &len));
	assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
	assert_int_equal(result.outcome.valid, 1);
	tls_time = PKI_NOW + 4 * PKI_DAY;
	pair_cut(&p);
	pair_connect(&p, HOST);
	expect_ends(&p, -ECONNABORTED, -EKEYREJECTED);
	assert_int_equal(capcert_tls_outcome(p.client, &result, NULL), 0);
	assert_int_equal(result.outcome.reason, CAPCERT_REASON_MUST_STAPLE_MISSING);
	end_pair(&p);
	capcert_policy_free(hard);
	end_world(&w);
}

/* A client's certificate travels in the ticket, and is verified again. */
static void client_identity(void **state)
{
	struct world w = new_world();
	struct capcert_result result;
	struct pair p;

	(void)state;
	make_mutual(&w, CAPCERT_TLS_AUTH_REQUIRED);
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	assert_int_equal(capcert_tls_outcome(p.server, &result, NULL), 0);
	assert_int_equal(result.outcome.valid, 1);
	assert_int_equal(capcert_chain_count(capcert_tls_peer_chain(p.server)), 2);
	assert_int_equal(info_of(p.server).client_auth, 1);
	/* TLS 1.2 has no tickets for it. */
	end_pair(&p);
	w.client.flags = CAPCERT_TLS_NO_13;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, false);
	end_pair(&p);
	end_world(&w);
}

/* What the server trusts changes between two connections: no ticket of before is read. */
static void client_identity_ends(void **state)
{
	struct world w = new_world();
	struct pki_spec brief = {
		.cn = "brief", .eku = { "1.3.6.1.5.5.7.3.2" }, .from = -PKI_DAY, .until = PKI_DAY
	};
	struct pki *user = pki_make(&brief, w.f.ca), *chain[] = { user, w.f.ca, NULL };
	struct capcert_tls_value v = { 0 };
	capcert_distrust_list *list;
	struct pair p;
	uint8_t hash[32];
	char c;

	(void)state;
	assert_int_equal(put_slot(w.mine, "me", chain, &v), 0);
	assert_int_equal(capcert_distrust_list_new(&list), 0);
	make_mutual(&w, CAPCERT_TLS_AUTH_REQUIRED);
	w.server.distrust = list;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	expect_resumes(&p, HOST, true);
	/* It runs out: the ticket can be read, the certificate in it is refused. */
	tls_time = PKI_NOW + 2 * PKI_DAY;
	pair_cut(&p);
	pair_connect(&p, HOST);
	assert_int_equal(p.server_end, -EKEYREJECTED);
	assert_int_equal(info_of(p.server).alert_sent, 45);
	if (!p.client_end)
		p.client_end = (int)capcert_tls_read(p.client, &c, 1);
	assert_int_equal(p.client_end, -ECONNABORTED);
	tls_time = PKI_NOW;
	pair_cut(&p);
	pair_connect(&p, HOST);
	take_tickets(&p);
	assert_int_equal(capcert_hash(CAPCERT_HASH_SHA256, user->der.data, user->der.size, hash),
			 32);
	assert_int_equal(capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash, 32),
			 0);
	pair_cut(&p);
	pair_connect(&p, HOST);
	assert_int_equal(p.server_end, -EKEYREJECTED);
	end_pair(&p);
	capcert_distrust_list_free(list);
	pki_free(user);
	end_world(&w);
}

/* Many servers: the oldest are forgotten; secrets that are over are replaced; time ends sessions. */
static void bounds(void **state)
{
	struct world w = new_world();
	struct pair p;
	int i;

	(void)state;
	w.client.flags = 0;
	w.server.default_slot = HOST;
	p = new_pair(&w, HOST);
	take_tickets(&p);
	pair_cut(&p);
	assert_int_equal(p.contexts[1]->cache.count, 1);
	for (i = 0; i < 130; i++) {
		struct tls_saved *saved = calloc(1, sizeof(*saved));

		snprintf(saved->key, sizeof(saved->key), "h%d:1", i);
		saved->outcome_fd = -1;
		saved->until = INT64_MAX;
		saved->next = p.contexts[1]->cache.first;
		p.contexts[1]->cache.first = saved;
		p.contexts[1]->cache.count++;
	}
	pair_connect(&p, HOST);
	take_tickets(&p);
	assert_int_equal(info_of(p.client).resumed, 1);
	assert_int_equal(p.contexts[1]->cache.count, 130);
	p.contexts[1]->cache.first->until = 0; /* over */
	expect_resumes(&p, HOST, false);
	assert_int_equal(p.contexts[1]->cache.count, 129);
	expect_resumes(&p, HOST, true);
	p.contexts[0]->epoch.until = 0;
	expect_resumes(&p, HOST, false);
	expect_resumes(&p, HOST, true);
	end_pair(&p);
	end_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on),	   cmocka_unit_test(not_wanted),
		cmocka_unit_test(slot_changes),	   cmocka_unit_test(other_names),
		cmocka_unit_test(client_changes),  cmocka_unit_test(staple_runs_out),
		cmocka_unit_test(client_identity), cmocka_unit_test(client_identity_ends),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
