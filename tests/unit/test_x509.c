// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Certificates of the library: both forms in, views and digests out, references counted. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <gnutls/crypto.h>
#include <pthread.h>
#include <cmocka.h>
#include <capcert/x509.h>
#include "tests/pki.h"

static struct pki *root, *leaf;
static gnutls_datum_t leaf_pem, key_pem;

static int make(void **state)
{
	const struct pki_spec r = { .cn = "Root", .org = "Acme", .ca = true, .path_len = 3 };
	const struct pki_spec l = { .cn = "www.example.org",
				    .dns = { "www.example.org" },
				    .extension = "1.3.6.1.5.5.7.1.24" };

	root = pki_make(&r, NULL);
	leaf = pki_make(&l, root);
	PKI(gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_PEM, &leaf_pem));
	PKI(gnutls_x509_privkey_export2(leaf->key, GNUTLS_X509_FMT_PEM, &key_pem));
	return 0;
}

static int clean(void **state)
{
	gnutls_free(leaf_pem.data);
	gnutls_free(key_pem.data);
	pki_free(leaf);
	pki_free(root);
	return 0;
}

static capcert_cert *load(const struct pki *p)
{
	capcert_cert *cert = NULL;

	assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
	return cert;
}

static void test_views(void **state)
{
	capcert_cert *cert = load(leaf), *ca = load(root);
	char text[100];
	size_t n, m;
	int len = 7;
	const uint8_t *p = capcert_cert_der(cert, &n);

	assert_int_equal(n, leaf->der.size);
	assert_memory_equal(p, leaf->der.data, n);
	assert_ptr_not_equal(p, leaf->der.data);
	p = capcert_cert_issuer(cert, &n);
	assert_memory_equal(p, capcert_cert_subject(ca, &m), n);
	assert_int_equal(n, m);
	assert_int_equal(capcert_cert_subject_text(ca, text, sizeof(text)), 14);
	assert_string_equal(text, "O=Acme,CN=Root");
	assert_true(capcert_cert_issuer_text(cert, text, 5) >= 4);
	assert_string_equal(text, "O=Ac");
	p = capcert_cert_serial(cert, &n);
	assert_int_equal(n, 4);
	assert_int_equal(p[0], 0x11);
	assert_int_equal(capcert_cert_not_before(cert), PKI_NOW - 30 * PKI_DAY);
	assert_int_equal(capcert_cert_not_after(cert), PKI_NOW + 60 * PKI_DAY);
	assert_int_equal(capcert_cert_is_ca(cert, &len), 0);
	assert_int_equal(len, -1);
	assert_int_equal(capcert_cert_is_ca(ca, &len), 1);
	assert_int_equal(len, 2);
	assert_int_equal(capcert_cert_must_staple(cert), 1);
	assert_int_equal(capcert_cert_must_staple(ca), 0);
	capcert_cert_free(cert);
	capcert_cert_free(ca);
}

static void test_digests(void **state)
{
	static const struct {
		uint32_t hash;
		gnutls_digest_algorithm_t gnutls;
		int size;
	} kinds[] = { { CAPCERT_HASH_SHA256, GNUTLS_DIG_SHA256, 32 },
		      { CAPCERT_HASH_SHA384, GNUTLS_DIG_SHA384, 48 },
		      { CAPCERT_HASH_SHA512, GNUTLS_DIG_SHA512, 64 } };
	capcert_cert *cert = load(leaf);
	uint8_t ours[64], theirs[64];
	const uint8_t *spki;
	size_t n;

	spki = capcert_cert_spki(cert, &n);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(capcert_cert_fingerprint(cert, kinds[i].hash, ours),
				 kinds[i].size);
		PKI(gnutls_hash_fast(kinds[i].gnutls, leaf->der.data, leaf->der.size, theirs));
		assert_memory_equal(ours, theirs, (size_t)kinds[i].size);
		assert_int_equal(capcert_cert_spki_hash(cert, kinds[i].hash, ours), kinds[i].size);
		PKI(gnutls_hash_fast(kinds[i].gnutls, spki, n, theirs));
		assert_memory_equal(ours, theirs, (size_t)kinds[i].size);
	}
	assert_int_equal(capcert_cert_fingerprint(cert, 0, ours), -EINVAL);
	assert_int_equal(capcert_cert_fingerprint(cert, 4, ours), -EINVAL);
	n = 32;
	PKI(gnutls_x509_crt_get_key_id(leaf->crt, GNUTLS_KEYID_USE_SHA256, theirs, &n));
	capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, ours);
	assert_memory_equal(ours, theirs, 32);
	capcert_cert_free(cert);
}

static void test_pem(void **state)
{
	capcert_cert *cert;
	char *text;
	size_t n;

	assert_int_equal(capcert_cert_new(leaf_pem.data, leaf_pem.size, &cert, NULL), 0);
	assert_int_equal(capcert_cert_to_pem(cert, &text, &n), 0);
	assert_int_equal(n, leaf_pem.size);
	assert_memory_equal(text, leaf_pem.data, n);
	free(text);
	capcert_cert_free(cert);
}

static void refused(const void *data, size_t len, const char *why)
{
	capcert_cert *cert = (capcert_cert *)&cert, *before = cert;
	const char *error = NULL;

	assert_int_equal(capcert_cert_new(data, len, &cert, &error), -EBADMSG);
	assert_ptr_equal(cert, before);
	assert_non_null(error);
	if (why)
		assert_non_null(strstr(error, why));
	assert_int_equal(capcert_cert_new(data, len, &cert, NULL), -EBADMSG);
}

static void test_refused(void **state)
{
	size_t n = leaf->der.size;
	uint8_t *der = malloc(n + 1);
	uint8_t *large = calloc(1, 70000);
	char *twice = malloc(2 * leaf_pem.size + 1);

	assert_true(der && large && twice);
	memcpy(der, leaf->der.data, n);
	der[n] = 0;
	refused("", 0, NULL);
	refused("0", 1, NULL);
	refused("hello", 5, NULL);
	for (size_t i = 0; i < n; i++)
		refused(der, i, NULL);
	refused(der, n + 1, "after the certificate");
	memcpy(large, "\x30\x83\x01\x11\x6b", 5);
	refused(large, 70000, "larger");
	refused(key_pem.data, key_pem.size, "no PEM block");
	memcpy(twice, leaf_pem.data, leaf_pem.size);
	memcpy(twice + leaf_pem.size, leaf_pem.data, leaf_pem.size);
	refused(twice, 2 * leaf_pem.size, "more than one");
	refused(twice, 2 * leaf_pem.size - 30, "no end");
	refused(twice, leaf_pem.size - 30, "no end");
	free(der);
	free(large);
	free(twice);
}

static void *shake(void *arg)
{
	for (int i = 0; i < 20000; i++)
		capcert_cert_free(capcert_cert_ref(arg));
	return NULL;
}

static void test_references(void **state)
{
	capcert_cert *cert = load(leaf);
	pthread_t threads[4];
	size_t n;

	assert_ptr_equal(capcert_cert_ref(cert), cert);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, shake, cert), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	capcert_cert_free(cert);
	assert_non_null(capcert_cert_der(cert, &n)); /* the second reference holds it */
	capcert_cert_free(cert);
	capcert_cert_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_views),	   cmocka_unit_test(test_digests),
		cmocka_unit_test(test_pem),	   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
