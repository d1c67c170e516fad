/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the tests of the PKCS#11 provider begin with: a source of keys in memory in place of the process's handles,
 * and a session. Each of them includes it once. */
#ifndef TESTS_UNIT_PROVIDER_MEMORY_H
#define TESTS_UNIT_PROVIDER_MEMORY_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/pkcs11x.h>
#include <capcert/key.h>
#include <capcert/pubkey.h>
#include "pkcs11/provider/module.h"
#include "pkcs11/provider/source.h"

/* ---- a source of keys in memory ---- */

enum { P256, P521, RSA, ED25519, CA, KEYS };

static struct memory_key {
	const char *name;
	gnutls_pk_algorithm_t pk;
	unsigned int bits;
	uint32_t purposes;
	gnutls_privkey_t key;
	gnutls_datum_t spki, cert;
} keys[KEYS] = {
	[P256] = { .name = "p256",
		   .pk = GNUTLS_PK_ECDSA,
		   .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
		   .purposes = 1 << CAPCERT_KEY_TLS_SERVER | 1 << CAPCERT_KEY_TLS_CLIENT },
	[P521] = { .name = "p521",
		   .pk = GNUTLS_PK_ECDSA,
		   .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1),
		   .purposes = 1 << CAPCERT_KEY_CODE_SIGN },
	[RSA] = { .name = "rsa",
		  .pk = GNUTLS_PK_RSA,
		  .bits = 2048,
		  .purposes = 1 << CAPCERT_KEY_TLS_SERVER },
	[ED25519] = { .name = "ed25519",
		      .pk = GNUTLS_PK_EDDSA_ED25519,
		      .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_ED25519),
		      .purposes = 1 << CAPCERT_KEY_TLS_SERVER },
	[CA] = { .name = "ca",
		 .pk = GNUTLS_PK_ECDSA,
		 .bits = GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
		 .purposes = 1 << CAPCERT_KEY_CA_SIGN | 1 << CAPCERT_KEY_CRL_SIGN },
};

static struct {
	bool shown[KEYS], moved;
	int anchor; /* key whose certificate is an anchor; -1 */
	int more;   /* further keys that cannot sign */
	int sign_error, fd_error;
	uint32_t purpose; /* of the last signature */
	unsigned int scans;
	int watch;    /* what source_watch() gives a duplicate of; 0: nothing */
	bool watched; /* moved from when it is heard on, not before */
	int heard;    /* what source_heard() returns */
	unsigned int hearings;
} world;

int source_scan(struct holdings *ret)
{
	world.scans++;
	world.moved = false;
	for (int i = 0; i < KEYS + world.more; i++) {
		struct memory_key *k = &keys[i < KEYS ? i : P256];
		struct capcert_pubkey_parts parts;
		struct held_key key = { .fd = i, .slots_fd = -1, .own_fd = -1, .signs = true };
		struct held_cert cert = { .anchor = i == world.anchor,
					  .purposes = i == world.anchor ? 1 : 0 };

		if (i < KEYS && !world.shown[i])
			continue;
		snprintf(key.label, sizeof(key.label), i < KEYS ? "%s" : "%s-%d", k->name, i);
		key.spki = malloc(k->spki.size);
		memcpy(key.spki, k->spki.data, k->spki.size);
		key.spki_len = k->spki.size;
		/* The others are the same key under hashes of their own. */
		capcert_hash(CAPCERT_HASH_SHA256, key.spki, key.spki_len, key.hash);
		if (i >= KEYS)
			memcpy(key.hash, &i, sizeof(i));
		assert_int_equal(capcert_pubkey_parts(key.spki, key.spki_len, &parts), 0);
		key.algorithm = parts.algorithm;
		key.bits = parts.bits;
		key.purposes = k->purposes;
		assert_int_equal(holdings_add_key(ret, &key), 0);
		if (i >= KEYS || !k->cert.size)
			continue;
		assert_int_equal(capcert_cert_new(k->cert.data, k->cert.size, &cert.cert, NULL), 0);
		capcert_cert_fingerprint(cert.cert, CAPCERT_HASH_SHA256, cert.hash);
		snprintf(cert.label, sizeof(cert.label), "certificate of %s", k->name);
		assert_int_equal(holdings_add_cert(ret, &cert), 0);
	}
	return 0;
}

bool source_moved(void)
{
	return world.moved;
}

void source_forget(void)
{
}

size_t source_watch(int *ret, size_t most)
{
	if (!world.watch || !most)
		return 0;
	ret[0] = dup(world.watch);
	return ret[0] >= 0;
}

int source_heard(int watch)
{
	char c;

	world.hearings++;
	if (world.heard < 0)
		return world.heard;
	assert_int_equal(read(watch, &c, 1), 1);
	world.moved |= world.watched;
	return 0;
}

void source_release(struct held_key *key)
{
}

int source_key_fd(struct held_key *key)
{
	return world.fd_error ? world.fd_error : key->fd;
}

int source_sign(int fd, bool limited, uint32_t purpose, uint32_t scheme, uint32_t flags,
		const void *data, size_t len, uint8_t *signature, size_t *signature_len)
{
	static const struct {
		uint32_t scheme;
		gnutls_sign_algorithm_t sign;
	} signs[] = {
		{ 0x0401, GNUTLS_SIGN_RSA_SHA256 },
		{ 0x0501, GNUTLS_SIGN_RSA_SHA384 },
		{ 0x0601, GNUTLS_SIGN_RSA_SHA512 },
		{ 0x0804, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 },
		{ 0x0805, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 },
		{ 0x0806, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 },
		{ 0x0403, GNUTLS_SIGN_ECDSA_SHA256 },
		{ 0x0503, GNUTLS_SIGN_ECDSA_SHA384 },
		{ 0x0603, GNUTLS_SIGN_ECDSA_SHA512 },
		{ 0x0807, GNUTLS_SIGN_EDDSA_ED25519 },
	};
	gnutls_datum_t in = { (void *)(uintptr_t)data, (unsigned int)len }, sig;
	size_t i = 0;
	int r;

	if (world.sign_error)
		return world.sign_error;
	__atomic_store_n(&world.purpose, purpose, __ATOMIC_RELAXED);
	while (signs[i].scheme != scheme)
		i++;
	r = flags & CAPCERT_SIGN_DIGEST
		    ? gnutls_privkey_sign_hash2(keys[fd].key, signs[i].sign, 0, &in, &sig)
		    : gnutls_privkey_sign_data2(keys[fd].key, signs[i].sign, 0, &in, &sig);
	if (r < 0)
		return -EIO;
	memcpy(signature, sig.data, sig.size);
	*signature_len = sig.size;
	gnutls_free(sig.data);
	return 0;
}

/* ---- set-up ---- */

static void certify(struct memory_key *k)
{
	gnutls_x509_crt_t crt;
	gnutls_pubkey_t pub;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_pubkey_init(&pub), 0);
	assert_int_equal(gnutls_pubkey_import_privkey(pub, k->key, 0, 0), 0);
	assert_int_equal(gnutls_x509_crt_set_pubkey(crt, pub), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\x01\x02", 2);
	gnutls_x509_crt_set_activation_time(crt, 1700000000);
	gnutls_x509_crt_set_expiration_time(crt, 2000000000);
	gnutls_x509_crt_set_dn(crt, "CN=name", NULL);
	assert_int_equal(gnutls_x509_crt_privkey_sign(crt, crt, k->key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &k->cert), 0);
	gnutls_x509_crt_deinit(crt);
	gnutls_pubkey_deinit(pub);
}

static int make_keys(void **state)
{
	for (int i = 0; i < KEYS; i++) {
		gnutls_pubkey_t pub;

		assert_int_equal(gnutls_privkey_init(&keys[i].key), 0);
		assert_int_equal(gnutls_privkey_generate(keys[i].key, keys[i].pk, keys[i].bits, 0),
				 0);
		assert_int_equal(gnutls_pubkey_init(&pub), 0);
		assert_int_equal(gnutls_pubkey_import_privkey(pub, keys[i].key, 0, 0), 0);
		assert_int_equal(gnutls_pubkey_export2(pub, GNUTLS_X509_FMT_DER, &keys[i].spki), 0);
		gnutls_pubkey_deinit(pub);
	}
	certify(&keys[P256]);
	certify(&keys[CA]);
	return 0;
}

static int free_keys(void **state)
{
	for (int i = 0; i < KEYS; i++) {
		gnutls_privkey_deinit(keys[i].key);
		gnutls_free(keys[i].spki.data);
		gnutls_free(keys[i].cert.data);
	}
	return 0;
}

static CK_SESSION_HANDLE session;

static int begin(void **state)
{
	memset(&world, 0, sizeof(world));
	memset(world.shown, true, sizeof(world.shown));
	world.anchor = CA;
	assert_int_equal(C_Initialize(NULL), CKR_OK);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_OK);
	return 0;
}

static int end(void **state)
{
	assert_int_equal(C_Finalize(NULL), CKR_OK);
	return 0;
}

static inline size_t find_all(CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *ret, size_t most)
{
	CK_ULONG got, all = 0;

	assert_int_equal(C_FindObjectsInit(session, t, n), CKR_OK);
	do { /* three at a time */
		assert_int_equal(
			C_FindObjects(session, ret + all, most - all < 3 ? most - all : 3, &got),
			CKR_OK);
		all += got;
	} while (got);
	assert_int_equal(C_FindObjectsFinal(session), CKR_OK);
	return all;
}

static inline CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class, const char *label)
{
	CK_ATTRIBUTE t[] = { { CKA_CLASS, &class, sizeof(class) },
			     { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) } };
	CK_OBJECT_HANDLE found[4];

	return find_all(t, 2, found, 4) == 1 ? found[0] : 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

#endif
