// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Memory that runs out: each allocation of a call fails in turn, until one run needs no more. Every
 * run says -ENOMEM or gives the right answer; the address sanitizer's build sees what leaks. */
#include <unistd.h>
#include <capcert/report.h>
#include <linux/capcert_agent.h>
#include "libcapcert/engine.h"
#include "libcapcert/sha.h"
#include "tests/unit/ocsp_fixture.h"
#include "tests/unit/failing_memory.h"

/* What the scenarios work on, made before memory runs out. */
static struct family fam;
static struct pki *namesakes[6], *odd_ca, *odd_leaf;
static gnutls_datum_t crl;
static struct cc_span response; /* by a delegate whose name is not ASCII */
static struct cc_span pem;
static uint8_t *store_state, *distrust_state;
static size_t store_len, distrust_len;
static char pem_file[] = "/tmp/capcert-memory-XXXXXX";

/* A scenario returns 0 for the right answer, 1 for a wrong one, or a negative errno. */
struct ask {
	struct pki *const *certs; /* ends with NULL */
	const struct pki *anchor;
	const char *policy; /* NULL = RFC5280 */
	bool report, crl, ocsp;
	int32_t reason; /* the right answer */
};

static int judge(const struct ask *ask, const capcert_store *store, const capcert_policy *policy,
		 const capcert_chain *chain, const capcert_evidence *evidence)
{
	struct capcert_params params = { .chain = chain,
					 .purpose = TLS_SERVER,
					 .name = HOST,
					 .have_time = 1,
					 .time = PKI_NOW,
					 .evidence = evidence };
	struct capcert_result result;
	capcert_report *report = NULL;
	int r = ask->report ? capcert_verify_local_report(policy, store, NULL, &params, &result,
							  &report)
			    : capcert_verify_local(policy, store, NULL, &params, &result);

	capcert_report_free(report);
	return r < 0 ? r : result.outcome.reason != ask->reason;
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

static int run(const struct ask *ask)
{
	capcert_evidence *evidence = NULL;
	capcert_policy *policy = NULL;
	capcert_store *store = NULL;
	capcert_chain *chain = NULL;
	struct pki *const *cert;
	int r = capcert_store_new(&store);

	if (r == 0)
		r = capcert_store_put(store, ask->anchor->der.data, ask->anchor->der.size, 0);
	if (r == 0)
		r = capcert_policy_new(ask->policy ? ask->policy : RFC5280, &policy, NULL);
	if (r == 0)
		r = capcert_chain_new(&chain);
	for (cert = ask->certs; r == 0 && *cert; cert++)
		r = push(chain, *cert);
	if (r == 0 && (ask->crl || ask->ocsp))
		r = capcert_evidence_new(&evidence);
	if (r == 0 && ask->crl)
		r = capcert_evidence_put_crl(evidence, crl.data, crl.size);
	if (r == 0 && ask->ocsp)
		r = capcert_evidence_put_ocsp(evidence, response.p, response.n);
	if (r == 0 && ask->ocsp)
		r = capcert_evidence_put_staple(evidence, response.p, response.n);
	if (r == 0 && ask->ocsp)
		r = capcert_evidence_put_unreachable(evidence, (const uint8_t[32]){ 1 });
	if (r == 0)
		r = judge(ask, store, policy, chain, evidence);
	capcert_evidence_free(evidence);
	capcert_chain_free(chain);
	capcert_policy_free(policy);
	capcert_store_free(store);
	return r;
}

static int run_valid(void)
{
	struct pki *const certs[] = { fam.leaf, fam.ca, NULL };

	return run(
		&(struct ask){ .certs = certs, .anchor = fam.root, .reason = CAPCERT_REASON_NONE });
}

/* More issuers than the first block of edges holds, and a second search for the reason. */
static int run_mesh(void)
{
	struct pki *const certs[] = { fam.leaf,	    namesakes[0], namesakes[1], namesakes[2],
				      namesakes[3], namesakes[4], namesakes[5], NULL };

	return run(&(struct ask){
		.certs = certs, .anchor = namesakes[0], .reason = CAPCERT_REASON_UNKNOWN_ANCHOR });
}

/* Names beyond ASCII, one of which a constraint excludes in other letters. */
static int run_odd_names(void)
{
	struct pki *const certs[] = { odd_leaf, odd_ca, NULL };

	return run(&(struct ask){ .certs = certs,
				  .anchor = fam.root,
				  .reason = CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION });
}

static int run_report(void)
{
	struct pki *const certs[] = { odd_leaf, odd_ca, namesakes[0], NULL };

	return run(&(struct ask){ .certs = certs,
				  .anchor = fam.root,
				  .report = true,
				  .reason = CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION });
}

static int run_crl(void)
{
	struct pki *const certs[] = { fam.leaf, fam.ca, NULL };

	return run(&(struct ask){ .certs = certs,
				  .anchor = fam.root,
				  .policy = RFC5280 ";revocation_mode=hard;revocation=crl",
				  .crl = true,
				  .reason = CAPCERT_REASON_NONE });
}

/* The delegate has no nocheck: a list tells that it is not revoked. */
static int run_ocsp(void)
{
	struct pki *const certs[] = { fam.leaf, fam.ca, NULL };

	return run(&(struct ask){ .certs = certs,
				  .anchor = fam.root,
				  .policy = RFC5280 ";revocation_mode=hard;revocation=ocsp,crl",
				  .crl = true,
				  .ocsp = true,
				  .reason = CAPCERT_REASON_NONE });
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

static void test_verify(void **state)
{
	exhaust(run_valid, 8, false);
	exhaust(run_mesh, 12, false);
	exhaust(run_odd_names, 14, false);
	exhaust(run_report, 20, false);
	exhaust(run_crl, 14, false);
	exhaust(run_ocsp, 20, false);
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

/* A CA whose constraint excludes the leaf's own name, which it writes in other letters. */
static void make_odd_names(void)
{
	static const char excluded[] = "\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x0a"
				       "\x0c\x05\xc3\x84rzt";
	gnutls_datum_t dn = { (unsigned char *)(uintptr_t)excluded, sizeof(excluded) - 1 };
	struct pki_spec ca = { .cn = "\xc3\x96 CA", .org = "Test", .ca = true, .exclude_dn = &dn };
	struct pki_spec leaf = { .org = "\xc3\xa4RZT", .dns = { HOST } };

	odd_ca = pki_make(&ca, fam.root);
	odd_leaf = pki_make(&leaf, odd_ca);
}

/* An empty list by the CA. */
static void make_crl(void)
{
	unsigned char id[64];
	gnutls_x509_crl_t list;
	size_t n = sizeof(id);

	PKI(gnutls_x509_crl_init(&list));
	PKI(gnutls_x509_crl_set_version(list, 2));
	PKI(gnutls_x509_crl_set_this_update(list, PKI_NOW - 3600));
	PKI(gnutls_x509_crl_set_next_update(list, PKI_NOW + PKI_DAY));
	PKI(gnutls_x509_crl_set_number(list, "\x01", 1));
	PKI(gnutls_x509_crt_get_key_id(fam.ca->crt, 0, id, &n));
	PKI(gnutls_x509_crl_set_authority_key_id(list, id, n));
	PKI(gnutls_x509_crl_privkey_sign(list, fam.ca->crt, fam.ca->signer, GNUTLS_DIG_SHA256, 0));
	PKI(gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_DER, &crl));
	gnutls_x509_crl_deinit(list);
}

static void make_ocsp(void)
{
	struct pki_spec spec = { .cn = "\xc3\x96 Signer", .eku = { OCSP_SIGNING } };
	struct pki *signer = pki_make(&spec, fam.ca);

	response = make_response(&(struct response_spec){ .issuer = fam.ca,
							  .signer = signer,
							  .certs = { signer },
							  .answer[0] = { .about = fam.leaf } });
	pki_free(signer);
}

static int setup(void **state)
{
	struct pki_spec s = { CA_SPEC };
	int i;

	fam = make_family();
	for (i = 0; i < 6; i++)
		namesakes[i] = pki_make(&s, NULL);
	make_odd_names();
	make_crl();
	make_ocsp();
	make_states();
	return make_pem();
}

static int teardown(void **state)
{
	int i;

	for (i = 0; i < 6; i++)
		pki_free(namesakes[i]);
	pki_free(odd_leaf);
	pki_free(odd_ca);
	gnutls_free(crl.data);
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
