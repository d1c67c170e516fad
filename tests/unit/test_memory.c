// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory that runs out: each allocation of a call fails in turn, until one run needs no more. Every
 * run says -ENOMEM or gives the right answer; the address sanitizer's build sees what leaks. */
#include <unistd.h>
#include <linux/capcert_agent.h>
#include "libcapcert/engine.h"
#include "libcapcert/memo.h"
#include "libcapcert/sha.h"
#include "tests/unit/engine_fixture.h"

static unsigned long allocations, failing; /* counted from 1; 0 = none fails */

static bool fails(void)
{
	return failing && ++allocations == failing;
}

/* The linker sends the library's calls here (--wrap). */
#define WRAP(type, name, params, args)                      \
	type __real_##name params;                          \
	type __wrap_##name params;                          \
	type __wrap_##name params                           \
	{                                                   \
		return fails() ? NULL : __real_##name args; \
	}
WRAP(void *, malloc, (size_t n), (n))
WRAP(void *, calloc, (size_t n, size_t size), (n, size))
WRAP(void *, realloc, (void *p, size_t n), (p, n))
WRAP(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size))

/* What the scenarios work on, made before memory runs out. */
static struct family fam;
static struct pki *namesakes[6];
static struct cc_span pem;
static uint8_t *store_state, *distrust_state;
static size_t store_len, distrust_len;
static char pem_file[] = "/tmp/capcert-memory-XXXXXX";

/* A scenario returns 0 for the right answer, 1 for a wrong one, or a negative errno. */
static int verify(capcert_store *store, const char *policy_text, capcert_chain *chain,
		  int32_t reason)
{
	struct capcert_params params = {
		.chain = chain, .purpose = TLS_SERVER, .name = HOST, .have_time = 1, .time = PKI_NOW
	};
	struct capcert_result result;
	capcert_policy *policy;
	int r = capcert_policy_new(policy_text, &policy, NULL);

	if (r < 0)
		return r;
	r = capcert_verify_local(policy, store, NULL, &params, &result);
	capcert_policy_free(policy);
	return r < 0 ? r : result.outcome.reason != reason;
}

static int push(capcert_chain *chain, const struct pki *p)
{
	capcert_cert *cert;
	int r = capcert_cert_new(p->der.data, p->der.size, &cert, NULL);

	if (r < 0)
		return r;
	r = capcert_chain_push(chain, cert);
	capcert_cert_free(cert);
	return r;
}

static int with_store(int (*then)(capcert_store *store))
{
	capcert_store *store;
	int r = capcert_store_new(&store);

	if (r < 0)
		return r;
	r = then(store);
	capcert_store_free(store);
	return r;
}

static int with_chain(capcert_store *store, struct pki *const *certs, int32_t reason)
{
	capcert_chain *chain;
	int r = capcert_chain_new(&chain);

	if (r < 0)
		return r;
	for (; r == 0 && *certs; certs++)
		r = push(chain, *certs);
	if (r == 0)
		r = verify(store, RFC5280, chain, reason);
	capcert_chain_free(chain);
	return r;
}

static int valid_chain(capcert_store *store)
{
	struct pki *const certs[] = { fam.leaf, fam.ca, NULL };
	int r = capcert_store_put(store, fam.root->der.data, fam.root->der.size, 0);

	return r < 0 ? r : with_chain(store, certs, CAPCERT_REASON_NONE);
}

/* More issuers than the first block of edges holds, and a second search for the reason. */
static int mesh(capcert_store *store)
{
	struct pki *const certs[] = { fam.leaf,	    namesakes[0], namesakes[1], namesakes[2],
				      namesakes[3], namesakes[4], namesakes[5], NULL };
	int r = capcert_store_put(store, namesakes[0]->der.data, namesakes[0]->der.size, 0);

	return r < 0 ? r : with_chain(store, certs, CAPCERT_REASON_UNKNOWN_ANCHOR);
}

static int run_valid(void)
{
	return with_store(valid_chain);
}

static int run_mesh(void)
{
	return with_store(mesh);
}

static int run_pem(void)
{
	capcert_chain *chain;
	char *text;
	size_t len;
	int r = capcert_chain_parse(pem.p, pem.n, &chain, NULL);

	if (r < 0)
		return r;
	r = capcert_cert_to_pem(capcert_chain_at(chain, 0), &text, &len);
	if (r == 0) {
		r = capcert_chain_count(chain) != 2 || memcmp(text, pem.p, len) != 0;
		free(text);
	}
	capcert_chain_free(chain);
	return r;
}

static int load(capcert_store *store)
{
	uint32_t added = 0, bad = 0;
	int r = capcert_store_load_pem(store, pem_file, 0, &added, &bad);

	return r < 0 ? r : added != 2 || bad != 0 || capcert_store_count(store) != 2;
}

static int run_load(void)
{
	return with_store(load);
}

static int run_store_state(void)
{
	capcert_store *store;
	int r = engine_store_from_state(store_state, store_len, &store);

	if (r < 0)
		return r;
	r = capcert_store_count(store) != 1;
	capcert_store_free(store);
	return r;
}

static int run_distrust(void)
{
	static const uint8_t hash[2][32] = { { 1 }, { 2 } };
	static const uint8_t serial[] = { 0x30, 0x00, 0x02, 0x01, 0x05 };
	capcert_distrust_list *list;
	int r = capcert_distrust_list_new(&list);
	int i;

	if (r < 0)
		return r;
	for (i = 0; r == 0 && i < 2; i++)
		r = capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, hash[i], 32);
	if (r == 0)
		r = capcert_distrust_list_add(list, CAPCERT_DISTRUST_SPKI, hash[0], 32);
	if (r == 0)
		r = capcert_distrust_list_add(list, CAPCERT_DISTRUST_ISSUER_SERIAL, serial,
					      sizeof(serial));
	capcert_distrust_list_free(list);
	return r;
}

static int run_distrust_state(void)
{
	capcert_distrust_list *list;
	int r = engine_distrust_from_state(distrust_state, distrust_len, &list);

	if (r == 0)
		capcert_distrust_list_free(list);
	return r;
}

static int run_policies(void)
{
	capcert_policy *a, *b = NULL, *met = NULL;
	int r = capcert_policy_new("preset=webpki-lenient", &a, NULL);

	if (r < 0)
		return r;
	r = capcert_policy_new("min_scts=3", &b, NULL);
	if (r == 0)
		r = capcert_policy_meet(a, b, &met);
	if (r == 0)
		r = !strstr(capcert_policy_text(met), "min_scts=3\n");
	capcert_policy_free(a);
	capcert_policy_free(b);
	capcert_policy_free(met);
	return r;
}

/* Fail one after another. What a run without memory answers leaves no trace: the next one, with all
 * its memory, is right. @others: GnuTLS allocates too, and sometimes it calls the signature bad. */
static void exhaust(int (*scenario)(void), unsigned long least, bool others)
{
	unsigned long n;
	int r;

	assert_int_equal(scenario(), 0);
	for (n = 1;; n++) {
		memo_clear();
		allocations = 0;
		failing = n;
		r = scenario();
		failing = 0;
		if (allocations < n)
			break;
		if (r != -ENOMEM && r != 0 && !(others && r == 1))
			fail_msg("allocation %lu: %d", n, r);
		r = scenario();
		if (r != 0)
			fail_msg("after allocation %lu: %d", n, r);
	}
	assert_int_equal(r, 0);
	assert_true(n > least); /* some were there to fail */
}

static void test_verify(void **state)
{
	exhaust(run_valid, 8, false);
	exhaust(run_mesh, 12, false);
}

static void *gnutls_malloc_fails(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

static void *gnutls_calloc_fails(size_t n, size_t size)
{
	return fails() ? NULL : __real_calloc(n, size);
}

static void *gnutls_realloc_fails(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

/* The same inside of GnuTLS. */
static void test_signatures(void **state)
{
	gnutls_alloc_function old_malloc = gnutls_malloc;
	gnutls_calloc_function old_calloc = gnutls_calloc;
	gnutls_realloc_function old_realloc = gnutls_realloc;

	gnutls_malloc = gnutls_malloc_fails;
	gnutls_calloc = gnutls_calloc_fails;
	gnutls_realloc = gnutls_realloc_fails;
	exhaust(run_valid, 12, true);
	gnutls_malloc = old_malloc;
	gnutls_calloc = old_calloc;
	gnutls_realloc = old_realloc;
}

static void test_input(void **state)
{
	exhaust(run_pem, 4, false);
	exhaust(run_load, 4, false);
}

static void test_states(void **state)
{
	exhaust(run_store_state, 3, false);
	exhaust(run_distrust_state, 1, false);
}

static void test_lists(void **state)
{
	exhaust(run_distrust, 4, false);
	exhaust(run_policies, 2, false);
}

/* 65 and more anchors move to a larger block. */
static int many(capcert_store *store)
{
	static const uint8_t one = 1;
	struct cc_span der = cc_span(fam.root->der.data, fam.root->der.size);
	uint8_t copy[1024];
	uint32_t i;
	int r = 0;

	if (der.n > sizeof(copy))
		return 1;
	memcpy(copy, der.p, der.n);
	for (i = 0; r == 0 && i < 66; i++) {
		copy[der.n - 1] = (uint8_t)(one + i); /* another signature, another anchor */
		r = capcert_store_put(store, copy, der.n, 0);
	}
	return r < 0 ? r : capcert_store_count(store) != 66;
}

static int run_many(void)
{
	return with_store(many);
}

static void test_large_store(void **state)
{
	exhaust(run_many, 66, false);
}

static int make_pem(void)
{
	char text[8192];
	size_t n = 0, len;
	struct pki *const certs[2] = { fam.leaf, fam.ca };
	int i, fd;

	for (i = 0; i < 2; i++) {
		capcert_cert *cert;
		char *one;

		assert_int_equal(
			capcert_cert_new(certs[i]->der.data, certs[i]->der.size, &cert, NULL), 0);
		assert_int_equal(capcert_cert_to_pem(cert, &one, &len), 0);
		assert_true(n + len < sizeof(text));
		memcpy(text + n, one, len);
		n += len;
		free(one);
		capcert_cert_free(cert);
	}
	pem = cc_span(malloc(n), n);
	memcpy((void *)(uintptr_t)pem.p, text, n);
	fd = mkstemp(pem_file);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	return close(fd);
}

static void absorb(uint8_t **at, const void *p, size_t n)
{
	memcpy(*at, p, n);
	*at += n;
}

/* As the kernel serialises them: one anchor with the digest that the store's own index has. */
static void make_states(void)
{
	const gnutls_datum_t der = fam.root->der;
	struct capcert_state_store head = { 0 };
	struct capcert_state_distrust distrust = { 0 };
	struct capcert_anchor anchor = { .der_len = der.size, .purposes = 1u << TLS_SERVER };
	const uint32_t entry[2] = { CAPCERT_DISTRUST_FINGERPRINT, 32 };
	struct capcert_params params = { .purpose = TLS_SERVER, .have_time = 1, .time = PKI_NOW };
	struct pki *const leaf[2] = { fam.leaf };
	capcert_chain *chain = make_chain(leaf);
	struct capcert_result result;
	capcert_policy *policy;
	capcert_store *store;
	uint8_t *at;

	assert_int_equal(capcert_store_new(&store), 0);
	assert_int_equal(capcert_store_put(store, der.data, der.size, anchor.purposes), 0);
	assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
	params.chain = chain;
	assert_int_equal(capcert_verify_local(policy, store, NULL, &params, &result), 0);
	head.count = 1;
	memcpy(head.digest, result.outcome.store_digest, 32);
	sha256_of(cc_span(der.data, der.size), anchor.fingerprint);
	store_state = at = calloc(1, sizeof(head) + sizeof(anchor) + der.size);
	absorb(&at, &head, sizeof(head));
	absorb(&at, &anchor, sizeof(anchor));
	absorb(&at, der.data, der.size);
	store_len = (size_t)(at - store_state);
	distrust.count = 1;
	distrust_state = at = calloc(1, sizeof(distrust) + sizeof(entry) + 32);
	absorb(&at, &distrust, sizeof(distrust));
	absorb(&at, entry, sizeof(entry));
	distrust_len = (size_t)(at - distrust_state) + 32;
	capcert_policy_free(policy);
	capcert_chain_free(chain);
	capcert_store_free(store);
}

static int setup(void **state)
{
	struct pki_spec s = { CA_SPEC };
	int i;

	fam = make_family();
	for (i = 0; i < 6; i++)
		namesakes[i] = pki_make(&s, NULL);
	make_states();
	return make_pem();
}

static int teardown(void **state)
{
	int i;

	for (i = 0; i < 6; i++)
		pki_free(namesakes[i]);
	free_family(&fam);
	free(store_state);
	free(distrust_state);
	free((void *)(uintptr_t)pem.p);
	return unlink(pem_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify), cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_input),  cmocka_unit_test(test_states),
		cmocka_unit_test(test_lists),  cmocka_unit_test(test_large_store),
	};

	return cmocka_run_group_tests_name("memory", tests, setup, teardown);
}
