// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chains and stores out of files: order, limits, and what is malformed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <cmocka.h>
#include <capcert/verify.h>
#include "tests/pki.h"

static struct pki *root, *leaf;
static gnutls_datum_t root_pem, leaf_pem, key_pem;

static int make(void **state)
{
	const struct pki_spec r = { .cn = "Root", .ca = true };
	const struct pki_spec l = { .cn = "www.example.org", .dns = { "www.example.org" } };

	root = pki_make(&r, NULL);
	leaf = pki_make(&l, root);
	PKI(gnutls_x509_crt_export2(root->crt, GNUTLS_X509_FMT_PEM, &root_pem));
	PKI(gnutls_x509_crt_export2(leaf->crt, GNUTLS_X509_FMT_PEM, &leaf_pem));
	PKI(gnutls_x509_privkey_export2(leaf->key, GNUTLS_X509_FMT_PEM, &key_pem));
	return 0;
}

static int clean(void **state)
{
	gnutls_free(root_pem.data);
	gnutls_free(leaf_pem.data);
	gnutls_free(key_pem.data);
	pki_free(leaf);
	pki_free(root);
	return 0;
}

/* Data put together from parts; free() it. */
static uint8_t *join(size_t *ret_len, const gnutls_datum_t *const *parts)
{
	uint8_t *all = NULL;
	size_t n = 0;

	for (; *parts; parts++) {
		all = realloc(all, n + (*parts)->size);
		assert_non_null(all);
		memcpy(all + n, (*parts)->data, (*parts)->size);
		n += (*parts)->size;
	}
	*ret_len = n;
	return all;
}
#define JOIN(n, ...) join(n, (const gnutls_datum_t *const[]){ __VA_ARGS__, NULL })

static void assert_chain(const capcert_chain *chain)
{
	size_t n;
	const uint8_t *der;

	assert_int_equal(capcert_chain_count(chain), 2);
	der = capcert_cert_der(capcert_chain_at(chain, 0), &n);
	assert_int_equal(n, leaf->der.size);
	assert_memory_equal(der, leaf->der.data, n);
	der = capcert_cert_der(capcert_chain_at(chain, 1), &n);
	assert_memory_equal(der, root->der.data, n);
	assert_null(capcert_chain_at(chain, 2));
}

static void test_parse(void **state)
{
	gnutls_datum_t junk = { (unsigned char *)(uintptr_t) "0 s:CN=www\n", 11 };
	uint8_t *inputs[3];
	size_t lens[3];

	inputs[0] = JOIN(&lens[0], &leaf->der, &root->der);
	inputs[1] = JOIN(&lens[1], &leaf_pem, &root_pem);
	inputs[2] = JOIN(&lens[2], &junk, &key_pem, &leaf_pem, &junk, &root_pem, &junk);
	for (size_t i = 0; i < 3; i++) {
		capcert_chain *chain;

		assert_int_equal(capcert_chain_parse(inputs[i], lens[i], &chain, NULL), 0);
		assert_chain(chain);
		capcert_chain_free(chain);
		free(inputs[i]);
	}
}

static void refused(uint8_t *data, size_t len, int want)
{
	capcert_chain *chain = (capcert_chain *)&chain, *before = chain;
	const char *error = NULL;

	assert_int_equal(capcert_chain_parse(data, len, &chain, &error), want);
	assert_ptr_equal(chain, before);
	assert_true((want == -EBADMSG) == (error != NULL));
	free(data);
}

static void test_refused(void **state)
{
	gnutls_datum_t zero = { (unsigned char *)(uintptr_t) "", 1 };
	gnutls_datum_t cut = { leaf->der.data, leaf->der.size - 1 };
	gnutls_datum_t broken = { leaf_pem.data, leaf_pem.size - 30 };
	size_t n;
	uint8_t *p;

	refused(NULL, 0, -EBADMSG);
	p = JOIN(&n, &key_pem);
	refused(p, n, -EBADMSG);
	p = JOIN(&n, &leaf->der, &zero);
	refused(p, n, -EBADMSG);
	p = JOIN(&n, &root->der, &cut);
	refused(p, n, -EBADMSG);
	p = JOIN(&n, &leaf_pem, &broken, &root_pem);
	refused(p, n, -EBADMSG);
	p = JOIN(&n, &leaf_pem, &broken);
	refused(p, n, -EBADMSG);
}

static void test_limit(void **state)
{
	const gnutls_datum_t *parts[CAPCERT_MAX_CHAIN + 2] = { NULL };
	capcert_chain *chain;
	capcert_cert *cert;
	uint8_t *p;
	size_t n;

	assert_int_equal(capcert_cert_new(leaf->der.data, leaf->der.size, &cert, NULL), 0);
	assert_int_equal(capcert_chain_new(&chain), 0);
	for (int i = 0; i < CAPCERT_MAX_CHAIN; i++) {
		parts[i] = &leaf->der;
		assert_int_equal(capcert_chain_push(chain, cert), 0);
	}
	assert_int_equal(capcert_chain_push(chain, cert), -EMSGSIZE);
	assert_int_equal(capcert_chain_count(chain), CAPCERT_MAX_CHAIN);
	capcert_chain_free(chain);
	capcert_cert_free(cert);
	parts[CAPCERT_MAX_CHAIN] = &leaf->der;
	p = join(&n, parts);
	refused(p, n, -EMSGSIZE);
	capcert_chain_free(NULL);
}

/* A PEM bundle as distributions ship them, with everything that may stand in one. */
static void test_load_pem(void **state)
{
	gnutls_datum_t bad = {
		(unsigned char *)(uintptr_t) "-----BEGIN CERTIFICATE-----\nQUJD\n-----END "
					     "CERTIFICATE-----\n",
		59
	};
	gnutls_datum_t cut = { root_pem.data, root_pem.size - 30 };
	char path[] = "/tmp/capcert-test.XXXXXX";
	uint32_t added = 9, wrong = 9;
	capcert_store *store;
	int fd = mkstemp(path);
	uint8_t *p;
	size_t n;

	p = JOIN(&n, &bad, &root_pem, &key_pem, &leaf_pem, &root_pem, &cut);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
	free(p);
	assert_int_equal(capcert_store_new(&store), 0);
	assert_int_equal(capcert_store_load_pem(store, path, 1, &added, &wrong), 0);
	assert_int_equal(added, 2);
	assert_int_equal(wrong, 2);
	assert_int_equal(capcert_store_count(store), 2);
	assert_int_equal(capcert_store_load_pem(store, path, 1, NULL, NULL), 0);
	assert_int_equal(capcert_store_count(store), 2);
	unlink(path);
	assert_int_equal(capcert_store_load_pem(store, path, 1, &added, &wrong), -ENOENT);
	assert_int_equal(capcert_store_load_pem(store, "/tmp", 1, &added, &wrong), -EISDIR);
	assert_int_equal(added, 2);
	capcert_store_free(store);
}

/* A file without end does not become memory without end. */
static void test_endless_file(void **state)
{
	capcert_store *store;

	assert_int_equal(capcert_store_new(&store), 0);
	assert_int_equal(capcert_store_load_pem(store, "/dev/zero", 1, NULL, NULL), -EMSGSIZE);
	assert_int_equal(capcert_store_count(store), 0);
	capcert_store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),	     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limit),	     cmocka_unit_test(test_load_pem),
		cmocka_unit_test(test_endless_file),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
