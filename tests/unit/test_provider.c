// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The PKCS#11 provider over keys in memory, which stand where the kernel's handles do (source.h); and the
 * module itself, which holds nothing here. */
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
#include "pkcs11/provider/digest_info.h"
#include "pkcs11/provider/ecdsa.h"
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
} world;

int source_scan(struct holdings *ret)
{
	world.scans++;
	world.moved = false;
	for (int i = 0; i < KEYS + world.more; i++) {
		struct memory_key *k = &keys[i < KEYS ? i : P256];
		struct capcert_pubkey_parts parts;
		struct held_key key = { .fd = i, .own_fd = -1, .signs = true };
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

static size_t find_all(CK_ATTRIBUTE *t, CK_ULONG n, CK_OBJECT_HANDLE *ret, size_t most)
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

static CK_OBJECT_HANDLE find(CK_OBJECT_CLASS class, const char *label)
{
	CK_ATTRIBUTE t[] = { { CKA_CLASS, &class, sizeof(class) },
			     { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) } };
	CK_OBJECT_HANDLE found[4];

	return find_all(t, 2, found, 4) == 1 ? found[0] : 0;
}

/* ---- life ---- */

static CK_RV fake_mutex(void *mutex)
{
	return CKR_OK;
}

static CK_RV fake_create(void **mutex)
{
	return CKR_OK;
}

static void test_life(void **state)
{
	CK_C_INITIALIZE_ARGS args = { 0 };
	CK_ULONG n = 0;
	CK_INFO info;

	assert_int_equal(C_GetInfo(&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_GetSlotList(1, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	assert_int_equal(C_SignInit(1, NULL, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	args.pReserved = &n;
	assert_int_equal(C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args = (CK_C_INITIALIZE_ARGS){ .CreateMutex = fake_create };
	assert_int_equal(C_Initialize(&args), CKR_ARGUMENTS_BAD);
	args = (CK_C_INITIALIZE_ARGS){ fake_create, fake_mutex, fake_mutex, fake_mutex, 0, NULL };
	assert_int_equal(C_Initialize(&args), CKR_CANT_LOCK);
	args.flags = CKF_OS_LOCKING_OK;
	assert_int_equal(C_Initialize(&args), CKR_OK);
	assert_int_equal(C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	assert_int_equal(C_Finalize(&n), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetInfo(NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetInfo(&info), CKR_OK);
	assert_int_equal(info.cryptokiVersion.major * 100 + info.cryptokiVersion.minor, 240);
	assert_int_equal(C_Finalize(NULL), CKR_OK);
}

static void test_slot(void **state)
{
	CK_MECHANISM_TYPE list[32];
	CK_MECHANISM_INFO mechanism;
	CK_SLOT_ID slots[2];
	CK_TOKEN_INFO token;
	CK_SLOT_INFO slot;
	CK_ULONG n = 0, m;

	assert_int_equal(C_GetSlotList(1, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetSlotList(1, NULL, &n), CKR_OK);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(C_GetSlotList(1, slots, &n), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(n, 1);
	assert_int_equal(C_GetSlotList(1, slots, &n), CKR_OK);
	assert_int_equal(C_GetSlotInfo(slots[0] + 1, &slot), CKR_SLOT_ID_INVALID);
	assert_int_equal(C_GetSlotInfo(slots[0], NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetSlotInfo(slots[0], &slot), CKR_OK);
	assert_int_equal(slot.flags, CKF_TOKEN_PRESENT);
	assert_int_equal(C_GetTokenInfo(slots[0], &token), CKR_OK);
	assert_memory_equal(token.label, "capcert                         ", 32);
	assert_int_equal(token.flags & CKF_LOGIN_REQUIRED, 0);
	assert_int_equal(token.ulSessionCount, 1);
	assert_int_equal(C_GetMechanismList(slots[0], NULL, &n), CKR_OK);
	m = n - 1;
	assert_int_equal(C_GetMechanismList(slots[0], list, &m), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(m, n);
	assert_int_equal(C_GetMechanismList(slots[0], list, &m), CKR_OK);
	for (CK_ULONG i = 0; i < n; i++) {
		assert_int_equal(C_GetMechanismInfo(slots[0], list[i], &mechanism), CKR_OK);
		assert_int_equal(mechanism.flags & (CKF_SIGN | CKF_VERIFY), CKF_SIGN | CKF_VERIFY);
	}
	assert_int_equal(C_GetMechanismInfo(slots[0], CKM_SHA1_RSA_PKCS, &mechanism),
			 CKR_MECHANISM_INVALID);
}

static void test_sessions(void **state)
{
	static CK_SESSION_HANDLE many[SESSION_MOST];
	CK_SESSION_HANDLE one, two;
	CK_SESSION_INFO info;

	assert_int_equal(C_OpenSession(1, 0, NULL, NULL, &one), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	assert_int_equal(C_OpenSession(2, CKF_SERIAL_SESSION, NULL, NULL, &one),
			 CKR_SLOT_ID_INVALID);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &one),
			 CKR_OK);
	assert_int_equal(C_GetSessionInfo(one, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
	assert_int_equal(C_Login(one, CKU_SO, NULL, 0), CKR_USER_TYPE_INVALID);
	assert_int_equal(C_Login(one, CKU_USER, NULL, 0), CKR_OK);
	assert_int_equal(C_Login(session, CKU_USER, NULL, 0), CKR_USER_ALREADY_LOGGED_IN);
	assert_int_equal(C_GetSessionInfo(session, &info), CKR_OK);
	assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
	assert_int_equal(C_Logout(one), CKR_OK);
	assert_int_equal(C_Logout(one), CKR_USER_NOT_LOGGED_IN);
	assert_int_equal(C_CloseSession(one), CKR_OK);
	assert_int_equal(C_CloseSession(one), CKR_SESSION_HANDLE_INVALID);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &two), CKR_OK);
	assert_int_not_equal(one, two);
	assert_int_equal(C_GetSessionInfo(one, &info), CKR_SESSION_HANDLE_INVALID);
	for (size_t i = 0; i < SESSION_MOST - 2; i++)
		assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &many[i]),
				 CKR_OK);
	assert_int_equal(C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &one), CKR_SESSION_COUNT);
	assert_int_equal(C_CloseAllSessions(1), CKR_OK);
	assert_int_equal(C_GetSessionInfo(session, &info), CKR_SESSION_HANDLE_INVALID);
}

/* ---- objects ---- */

static void test_find(void **state)
{
	CK_OBJECT_HANDLE found[32], key = find(CKO_PRIVATE_KEY, "p256");
	CK_ULONG n, class = CKO_CERTIFICATE, nss = CKO_NSS_TRUST;
	CK_ATTRIBUTE t = { CKA_CLASS, &class, sizeof(class) };
	uint8_t id[32];
	CK_ATTRIBUTE by_id[] = { { CKA_ID, id, sizeof(id) } };

	/* Two per key, two certificates, trust and usages of the anchor. */
	assert_int_equal(find_all(NULL, 0, found, 32), 2 * KEYS + 2 + 2);
	assert_int_equal(find_all(&t, 1, found, 32), 2);
	t.pValue = &nss;
	assert_int_equal(find_all(&t, 1, found, 32), 1);
	assert_true(key);
	assert_int_equal(find(CKO_PRIVATE_KEY, "p25"), 0);
	assert_int_equal(C_GetAttributeValue(session, key, by_id, 1), CKR_OK);
	/* Both keys and the certificate. */
	assert_int_equal(find_all(by_id, 1, found, 32), 3);
	/* A certificate has its key's label. */
	assert_true(find(CKO_CERTIFICATE, "p256"));
	by_id[0].ulValueLen = 31;
	assert_int_equal(find_all(by_id, 1, found, 32), 0);
	by_id[0].pValue = NULL;
	assert_int_equal(C_FindObjectsInit(session, by_id, 1), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_FindObjects(session, found, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(C_FindObjectsFinal(session), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(C_FindObjectsInit(session, NULL, 0), CKR_OK);
	assert_int_equal(C_FindObjectsInit(session, NULL, 0), CKR_OPERATION_ACTIVE);
	assert_int_equal(C_FindObjects(session, NULL, 1, &n), CKR_ARGUMENTS_BAD);
	/* One look at the world has served all of that. */
	assert_int_equal(world.scans, 1);
}

static void test_many_keys(void **state)
{
	static CK_OBJECT_HANDLE found[2048];

	world.more = 500;
	world.moved = true;
	assert_int_equal(find_all(NULL, 0, found, 2048), 2 * (KEYS + 500) + 4);
	assert_true(find(CKO_PRIVATE_KEY, "p256-300"));
	assert_int_equal(world.scans, 2);
}

static void test_attributes(void **state)
{
	CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, "rsa");
	CK_BBOOL yes = 7;
	CK_ULONG type = 0;
	uint8_t modulus[256], small[255];
	CK_ATTRIBUTE t[] = { { CKA_SIGN, &yes, sizeof(yes) },
			     { CKA_KEY_TYPE, &type, sizeof(type) },
			     { CKA_MODULUS, modulus, sizeof(modulus) },
			     { CKA_SUBJECT, NULL, 5 } };
	CK_ATTRIBUTE bad[] = { { CKA_MODULUS, small, sizeof(small) },
			       { CKA_PRIVATE_EXPONENT, small, sizeof(small) },
			       { CKA_CERTIFICATE_TYPE, small, sizeof(small) },
			       { CKA_SIGN, &yes, sizeof(yes) } };
	CK_ULONG size = 0;

	assert_int_equal(C_GetAttributeValue(session, key, t, 4), CKR_OK);
	assert_int_equal(yes, CK_TRUE);
	assert_int_equal(type, CKK_RSA);
	assert_int_equal(t[3].ulValueLen, 0);
	yes = 7;
	assert_int_equal(C_GetAttributeValue(session, key, bad, 1), CKR_BUFFER_TOO_SMALL);
	assert_true(bad[0].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(C_GetAttributeValue(session, key, bad + 1, 1), CKR_ATTRIBUTE_SENSITIVE);
	assert_true(bad[1].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	/* All are tried. */
	assert_int_equal(C_GetAttributeValue(session, key, bad + 2, 2), CKR_ATTRIBUTE_TYPE_INVALID);
	assert_true(bad[2].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	assert_int_equal(yes, CK_TRUE);
	assert_int_equal(C_GetAttributeValue(session, 0, t, 1), CKR_OBJECT_HANDLE_INVALID);
	assert_int_equal(C_GetAttributeValue(session, key, NULL, 1), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_GetObjectSize(session, key, &size), CKR_OK);
	assert_true(size > 256);
}

static void test_trust(void **state)
{
	CK_OBJECT_HANDLE cert = find(CKO_CERTIFICATE, "ca"), other = find(CKO_CERTIFICATE, "p256");
	CK_OBJECT_HANDLE trust = find(CKO_NSS_TRUST, "certificate of ca");
	CK_OBJECT_HANDLE usages = find(CKO_X_CERTIFICATE_EXTENSION, "certificate of ca");
	static const uint8_t server_auth[] = { 0x30, 0x13, 0x06, 0x03, 0x55, 0x1d, 0x25,
					       0x04, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b,
					       0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };
	CK_BBOOL trusted = 7;
	CK_ULONG server, email;
	char date[8];
	uint8_t serial[8], value[64];
	CK_ATTRIBUTE t[] = { { CKA_TRUSTED, &trusted, sizeof(trusted) },
			     { CKA_END_DATE, date, sizeof(date) },
			     { CKA_SERIAL_NUMBER, serial, sizeof(serial) } };
	CK_ATTRIBUTE nss[] = { { CKA_TRUST_SERVER_AUTH, &server, sizeof(server) },
			       { CKA_TRUST_EMAIL_PROTECTION, &email, sizeof(email) } };
	CK_ATTRIBUTE usage = { CKA_VALUE, value, sizeof(value) };

	assert_int_equal(C_GetAttributeValue(session, cert, t, 3), CKR_OK);
	assert_int_equal(trusted, CK_TRUE);
	assert_memory_equal(date, "20330518", 8);
	assert_int_equal(t[2].ulValueLen, 4);
	assert_memory_equal(serial, "\x02\x02\x01\x02", 4);
	assert_int_equal(C_GetAttributeValue(session, other, t, 1), CKR_OK);
	assert_int_equal(trusted, CK_FALSE);
	assert_int_equal(C_GetAttributeValue(session, trust, nss, 2), CKR_OK);
	assert_true(server == CKT_NSS_TRUSTED_DELEGATOR && email == CKT_NSS_MUST_VERIFY_TRUST);
	assert_int_equal(C_GetAttributeValue(session, usages, &usage, 1), CKR_OK);
	assert_int_equal(usage.ulValueLen, sizeof(server_auth));
	assert_memory_equal(value, server_auth, sizeof(server_auth));
}

static void *finalize_later(void *unused)
{
	usleep(50000);
	C_Finalize(NULL);
	return NULL;
}

static void test_events(void **state)
{
	CK_OBJECT_HANDLE rsa = find(CKO_PRIVATE_KEY, "rsa"), p256 = find(CKO_PRIVATE_KEY, "p256");
	CK_SLOT_ID slot = 0;
	pthread_t thread;

	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	world.shown[P256] = false;
	world.moved = true;
	assert_int_equal(C_WaitForSlotEvent(0, &slot, NULL), CKR_OK);
	assert_int_equal(slot, 1);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	/* What is there keeps its handle, what is gone has none, what comes back gets another. */
	assert_int_equal(find(CKO_PRIVATE_KEY, "rsa"), rsa);
	assert_int_equal(find(CKO_PRIVATE_KEY, "p256"), 0);
	world.shown[P256] = true;
	world.moved = true;
	assert_int_not_equal(find(CKO_PRIVATE_KEY, "p256"), p256);
	assert_int_equal(C_WaitForSlotEvent(CKF_DONT_BLOCK, &slot, NULL), CKR_OK);
	assert_int_equal(pthread_create(&thread, NULL, finalize_later, NULL), 0);
	assert_int_equal(C_WaitForSlotEvent(0, &slot, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	pthread_join(thread, NULL);
	assert_int_equal(C_Initialize(NULL), CKR_OK);
}

/* ---- signatures ---- */

static const uint8_t message[] = "The quick brown fox jumps over the lazy dog";
#define MESSAGE_LEN (sizeof(message) - 1)

static CK_RSA_PKCS_PSS_PARAMS pss256 = { CKM_SHA256, CKG_MGF1_SHA256, 32 },
			      pss512 = { CKM_SHA512, CKG_MGF1_SHA512, 64 };

/* A mechanism, a key, and what the mechanism takes: 0 the message, else its digest, or DigestInfo. */
static const struct sign_row {
	CK_MECHANISM_TYPE type;
	int key;
	gnutls_digest_algorithm_t digest;
	size_t size;
	CK_RSA_PKCS_PSS_PARAMS *pss;
} sign_rows[] = {
	{ CKM_ECDSA, P256, GNUTLS_DIG_SHA256, 64, NULL },
	{ CKM_ECDSA, P256, GNUTLS_DIG_SHA384, 64, NULL },
	{ CKM_ECDSA, P521, GNUTLS_DIG_SHA512, 132, NULL },
	{ CKM_ECDSA_SHA256, P256, 0, 64, NULL },
	{ CKM_ECDSA_SHA384, P521, 0, 132, NULL },
	{ CKM_ECDSA_SHA512, P521, 0, 132, NULL },
	{ CKM_RSA_PKCS, RSA, GNUTLS_DIG_SHA256, 256, NULL },
	{ CKM_RSA_PKCS, RSA, GNUTLS_DIG_SHA384, 256, NULL },
	{ CKM_RSA_PKCS, RSA, GNUTLS_DIG_SHA512, 256, NULL },
	{ CKM_SHA256_RSA_PKCS, RSA, 0, 256, NULL },
	{ CKM_SHA384_RSA_PKCS, RSA, 0, 256, NULL },
	{ CKM_SHA512_RSA_PKCS, RSA, 0, 256, NULL },
	{ CKM_RSA_PKCS_PSS, RSA, GNUTLS_DIG_SHA256, 256, &pss256 },
	{ CKM_RSA_PKCS_PSS, RSA, GNUTLS_DIG_SHA512, 256, &pss512 },
	{ CKM_SHA256_RSA_PKCS_PSS, RSA, 0, 256, &pss256 },
	{ CKM_SHA512_RSA_PKCS_PSS, RSA, 0, 256, &pss512 },
	{ CKM_EDDSA, ED25519, 0, 64, NULL },
};

static size_t input_of(const struct sign_row *row, uint8_t *ret)
{
	static const uint8_t middle[] = {
		0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02
	};
	size_t n, head = 0;

	if (!row->digest) {
		memcpy(ret, message, MESSAGE_LEN);
		return MESSAGE_LEN;
	}
	n = gnutls_hash_get_len(row->digest);
	if (row->type == CKM_RSA_PKCS) {
		const uint8_t tail[] = { (uint8_t)(n == 32   ? 1
						   : n == 48 ? 2
							     : 3),
					 0x05, 0x00, 0x04, (uint8_t)n };

		ret[0] = 0x30;
		ret[1] = (uint8_t)(17 + n);
		ret[2] = 0x30;
		ret[3] = 0x0d;
		memcpy(ret + 4, middle, sizeof(middle));
		memcpy(ret + 14, tail, sizeof(tail));
		head = 19;
	}
	gnutls_hash_fast(row->digest, message, MESSAGE_LEN, ret + head);
	return head + n;
}

static CK_MECHANISM mechanism_of(const struct sign_row *row)
{
	return (CK_MECHANISM){ row->type, row->pss, row->pss ? sizeof(*row->pss) : 0 };
}

static CK_RV verify(const struct sign_row *row, uint8_t *in, size_t n, uint8_t *sig, size_t sig_len)
{
	CK_MECHANISM m = mechanism_of(row);

	assert_int_equal(C_VerifyInit(session, &m, find(CKO_PUBLIC_KEY, keys[row->key].name)),
			 CKR_OK);
	return C_Verify(session, in, n, sig, sig_len);
}

static void check_row(const struct sign_row *row)
{
	CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, keys[row->key].name);
	CK_MECHANISM m = mechanism_of(row);
	uint8_t in[128], sig[512];
	CK_ULONG n = input_of(row, in), sig_len = sizeof(sig);

	assert_int_equal(C_SignInit(session, &m, key), CKR_OK);
	assert_int_equal(C_SignInit(session, &m, key), CKR_OPERATION_ACTIVE);
	assert_int_equal(C_Sign(session, in, n, NULL, &sig_len), CKR_OK);
	assert_int_equal(sig_len, row->size);
	sig_len = row->size - 1;
	assert_int_equal(C_Sign(session, in, n, sig, &sig_len), CKR_BUFFER_TOO_SMALL);
	assert_int_equal(sig_len, row->size);
	assert_int_equal(C_Sign(session, in, n, sig, &sig_len), CKR_OK);
	assert_int_equal(sig_len, row->size);
	assert_int_equal(C_Sign(session, in, n, sig, &sig_len), CKR_OPERATION_NOT_INITIALIZED);
	assert_int_equal(verify(row, in, n, sig, sig_len), CKR_OK);
	assert_int_equal(verify(row, in, n, sig, sig_len - 1), CKR_SIGNATURE_LEN_RANGE);
	sig[7] ^= 1;
	assert_int_equal(verify(row, in, n, sig, sig_len), CKR_SIGNATURE_INVALID);
	/* In parts. */
	assert_int_equal(C_SignInit(session, &m, key), CKR_OK);
	assert_int_equal(C_SignUpdate(session, in, 5), CKR_OK);
	assert_int_equal(C_Sign(session, in, n, sig, &sig_len), CKR_OPERATION_ACTIVE);
	assert_int_equal(C_SignUpdate(session, in + 5, n - 5), CKR_OK);
	assert_int_equal(C_SignFinal(session, sig, &sig_len), CKR_OK);
	assert_int_equal(C_VerifyInit(session, &m, find(CKO_PUBLIC_KEY, keys[row->key].name)),
			 CKR_OK);
	assert_int_equal(C_VerifyUpdate(session, in, n), CKR_OK);
	assert_int_equal(C_VerifyFinal(session, sig, sig_len), CKR_OK);
}

static void test_sign(void **state)
{
	for (size_t i = 0; i < sizeof(sign_rows) / sizeof(*sign_rows); i++)
		check_row(&sign_rows[i]);
}

static CK_RV try_sign(CK_MECHANISM_TYPE type, void *param, size_t param_len, const char *name,
		      const void *in, size_t n)
{
	CK_MECHANISM m = { type, param, param_len };
	uint8_t sig[512];
	CK_ULONG sig_len = sizeof(sig);
	CK_RV rv = C_SignInit(session, &m, find(CKO_PRIVATE_KEY, name));

	return rv == CKR_OK ? C_Sign(session, (void *)(uintptr_t)in, n, sig, &sig_len) : rv;
}

static void test_refused(void **state)
{
	CK_RSA_PKCS_PSS_PARAMS wrong = { CKM_SHA256, CKG_MGF1_SHA384, 32 },
			       sha1 = { CKM_SHA_1, CKG_MGF1_SHA1, 20 };
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	uint8_t digest[64] = { 0 };

	assert_int_equal(try_sign(CKM_SHA1_RSA_PKCS, NULL, 0, "rsa", message, 5),
			 CKR_MECHANISM_INVALID);
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "rsa", digest, 32),
			 CKR_KEY_TYPE_INCONSISTENT);
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "none", digest, 32), CKR_KEY_HANDLE_INVALID);
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 20), CKR_DATA_LEN_RANGE);
	assert_int_equal(try_sign(CKM_ECDSA, digest, 1, "p256", digest, 32),
			 CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_sign(CKM_RSA_PKCS, NULL, 0, "rsa", digest, 36), CKR_DATA_INVALID);
	assert_int_equal(try_sign(CKM_RSA_PKCS_PSS, NULL, 0, "rsa", digest, 32),
			 CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_sign(CKM_RSA_PKCS_PSS, &wrong, sizeof(wrong), "rsa", digest, 32),
			 CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_sign(CKM_RSA_PKCS_PSS, &sha1, sizeof(sha1), "rsa", digest, 20),
			 CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(
		try_sign(CKM_SHA256_RSA_PKCS_PSS, &pss512, sizeof(pss512), "rsa", digest, 20),
		CKR_MECHANISM_PARAM_INVALID);
	assert_int_equal(try_sign(CKM_RSA_PKCS_PSS, &pss256, sizeof(pss256), "rsa", digest, 48),
			 CKR_DATA_LEN_RANGE);
	assert_int_equal(C_SignInit(session, NULL, find(CKO_PRIVATE_KEY, "p256")),
			 CKR_ARGUMENTS_BAD);
	assert_int_equal(C_SignInit(session, &m, find(CKO_PUBLIC_KEY, "p256")),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(C_SignUpdate(session, digest, 1), CKR_OPERATION_NOT_INITIALIZED);
	/* An error ends the operation. */
	assert_int_equal(C_SignInit(session, &m, find(CKO_PRIVATE_KEY, "p256")), CKR_OK);
	assert_int_equal(C_Sign(session, digest, 32, digest, NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(C_SignUpdate(session, digest, 1), CKR_OPERATION_NOT_INITIALIZED);
	/* Closing a session with an operation, the signing of another one going on. */
	assert_int_equal(C_SignInit(session, &m, find(CKO_PRIVATE_KEY, "p256")), CKR_OK);
	assert_int_equal(C_VerifyUpdate(session, digest, 1), CKR_OPERATION_NOT_INITIALIZED);
}

/* The TBSCertificate within a certificate that names ecdsa-with-SHA256. */
static void test_purpose(void **state)
{
	const gnutls_datum_t *cert = &keys[CA].cert;
	size_t head = cert->data[1] == 0x82 ? 4 : 3;
	const uint8_t *tbs = cert->data + head;
	size_t n = tbs[1] == 0x82 ? 4u + (size_t)(tbs[2] << 8 | tbs[3]) : 3u + tbs[2];
	uint8_t digest[32] = { 0 };

	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "ca", digest, 32),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "ca", message, MESSAGE_LEN),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "ca", tbs, n), CKR_OK);
	assert_int_equal(world.purpose, CAPCERT_KEY_CA_SIGN);
	/* Not what others may sign. */
	assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "p256", tbs, n),
			 CKR_KEY_FUNCTION_NOT_PERMITTED);
	/* A TLS 1.3 client's CertificateVerify is not for tls-server, which comes first. */
	{
		uint8_t verify_input[64 + 34 + 32];

		memset(verify_input, 0x20, 64);
		memcpy(verify_input + 64, "TLS 1.3, client CertificateVerify", 34);
		memset(verify_input + 98, 7, 32);
		assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "p256", verify_input,
					  sizeof(verify_input)),
				 CKR_OK);
		assert_int_equal(world.purpose, CAPCERT_KEY_TLS_CLIENT);
	}
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), CKR_OK);
	assert_int_equal(world.purpose, CAPCERT_KEY_TLS_SERVER);
}

static void test_errors(void **state)
{
	static const struct {
		int error;
		CK_RV rv;
	} rows[] = {
		{ -EACCES, CKR_KEY_FUNCTION_NOT_PERMITTED },
		{ -EKEYREVOKED, CKR_KEY_HANDLE_INVALID },
		{ -EKEYEXPIRED, CKR_KEY_HANDLE_INVALID },
		{ -ENOKEY, CKR_KEY_HANDLE_INVALID },
		{ -EDQUOT, CKR_FUNCTION_REJECTED },
		{ -ENODEV, CKR_DEVICE_ERROR },
		{ -EIO, CKR_DEVICE_ERROR },
		{ -ETIMEDOUT, CKR_DEVICE_ERROR },
		{ -EBUSY, CKR_DEVICE_ERROR },
		{ -EMSGSIZE, CKR_DATA_LEN_RANGE },
		{ -EOPNOTSUPP, CKR_MECHANISM_INVALID },
		{ -EINTR, CKR_FUNCTION_CANCELED },
		{ -ENOMEM, CKR_HOST_MEMORY },
		{ -EPROTO, CKR_FUNCTION_FAILED },
		/* A digest of the right length: the key behind the handle takes none. */
		{ -EINVAL, CKR_KEY_FUNCTION_NOT_PERMITTED },
	};
	uint8_t digest[32] = { 0 };
	unsigned int scans;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		world.sign_error = rows[i].error;
		assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), rows[i].rv);
	}
	world.sign_error = -EINVAL;
	assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "p256", message, 5), CKR_DATA_INVALID);
	world.sign_error = 0;
	/* A handle that is gone: the next search looks again. */
	world.fd_error = -EBADF;
	scans = world.scans;
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), CKR_KEY_HANDLE_INVALID);
	world.fd_error = 0;
	assert_true(find(CKO_PRIVATE_KEY, "p256"));
	assert_int_equal(world.scans, scans + 1);
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), CKR_OK);
}

static void test_long(void **state)
{
	size_t n = CAPCERT_MAX_MESSAGE + 1;
	uint8_t *text = calloc(1, n), sig[64];
	CK_MECHANISM m = { CKM_ECDSA_SHA256, NULL, 0 };
	CK_ULONG sig_len = sizeof(sig), left;

	assert_non_null(text);
	assert_int_equal(C_SignInit(session, &m, find(CKO_PRIVATE_KEY, "p256")), CKR_OK);
	assert_int_equal(C_Sign(session, text, n, sig, &sig_len), CKR_OK);
	assert_int_equal(C_VerifyInit(session, &m, find(CKO_PUBLIC_KEY, "p256")), CKR_OK);
	assert_int_equal(C_Verify(session, text, n, sig, sig_len), CKR_OK);
	/* Who must see it, or signs the message itself, cannot. */
	assert_int_equal(try_sign(CKM_ECDSA_SHA256, NULL, 0, "ca", text, n), CKR_DATA_LEN_RANGE);
	assert_int_equal(try_sign(CKM_EDDSA, NULL, 0, "ed25519", text, n), CKR_DATA_LEN_RANGE);
	assert_int_equal(C_SignInit(session, &m, find(CKO_PRIVATE_KEY, "p256")), CKR_OK);
	for (left = 16u << 20; left > n; left -= n)
		assert_int_equal(C_SignUpdate(session, text, n), CKR_OK);
	assert_int_equal(C_SignUpdate(session, text, left + 1), CKR_DATA_LEN_RANGE);
	assert_int_equal(C_SignUpdate(session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	free(text);
}

/* ---- processes and threads ---- */

static void test_fork(void **state)
{
	uint8_t digest[32] = { 0 };
	int status;
	pid_t pid;

	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), CKR_OK);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		CK_INFO info;

		if (C_GetInfo(&info) != CKR_CRYPTOKI_NOT_INITIALIZED)
			_exit(1);
		if (C_Initialize(NULL) != CKR_OK)
			_exit(2);
		if (C_CloseSession(session) != CKR_SESSION_HANDLE_INVALID)
			_exit(3);
		if (C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &session) != CKR_OK)
			_exit(4);
		if (try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32) != CKR_OK)
			_exit(5);
		_exit(C_Finalize(NULL) == CKR_OK ? 0 : 6);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(try_sign(CKM_ECDSA, NULL, 0, "p256", digest, 32), CKR_OK);
}

static void *sign_often(void *ctx)
{
	CK_OBJECT_HANDLE key = *(CK_OBJECT_HANDLE *)ctx;
	CK_MECHANISM m = { CKM_ECDSA, NULL, 0 };
	uint8_t digest[32] = { 1 }, sig[64];
	CK_SESSION_HANDLE s;

	for (int i = 0; i < 50; i++) {
		CK_ULONG n = sizeof(sig);

		if (C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &s) != CKR_OK ||
		    C_FindObjectsInit(s, NULL, 0) != CKR_OK || C_SignInit(s, &m, key) != CKR_OK ||
		    C_Sign(s, digest, 32, sig, &n) != CKR_OK || n != 64 ||
		    C_CloseSession(s) != CKR_OK)
			return ctx;
	}
	return NULL;
}

static void test_threads(void **state)
{
	CK_OBJECT_HANDLE key = find(CKO_PRIVATE_KEY, "p256");
	pthread_t threads[8];
	void *failed;

	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &key), 0);
	/* Objects come and go meanwhile. */
	for (int i = 0; i < 50; i++) {
		world.shown[ED25519] = i & 1;
		world.moved = true;
		usleep(1000);
	}
	for (int i = 0; i < 8; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
}

/* ---- octets ---- */

static void test_digest_info(void **state)
{
	const struct sign_row row = { CKM_RSA_PKCS, RSA, GNUTLS_DIG_SHA256, 256, NULL };
	const uint8_t *digest;
	uint8_t in[128];
	size_t n = input_of(&row, in);

	assert_int_equal(digest_info_parse(in, n, &digest), 32);
	assert_ptr_equal(digest, in + 19);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(digest_info_parse(in, i, &digest), 0);
	assert_int_equal(digest_info_parse(in, n + 1, &digest), 0);
	for (size_t i = 0; i < 19; i++) {
		in[i] ^= 0x40;
		assert_int_equal(digest_info_parse(in, n, &digest), 0);
		in[i] ^= 0x40;
	}
}

static void test_ecdsa(void **state)
{
	static const struct {
		const char *der;
		size_t len;
	} bad[] = {
		{ "\x30\x06\x02\x01\x00\x02\x01\x01", 8 },     /* zero */
		{ "\x30\x06\x02\x01\x80\x02\x01\x01", 8 },     /* negative */
		{ "\x30\x07\x02\x02\x00\x01\x02\x01\x01", 9 }, /* not minimal */
		{ "\x30\x07\x02\x01\x01\x02\x01\x01\x00", 9 }, /* something behind */
		{ "\x30\x81\x06\x02\x01\x01\x02\x01\x01", 9 }, /* long form of a short length */
		{ "\x31\x06\x02\x01\x01\x02\x01\x01", 8 },     /* no SEQUENCE */
		{ "\x30\x05\x02\x00\x02\x01\x01", 7 },	       /* no octets */
		{ "\x30\x08\x02\x03\x01\x00\x00\x02\x01\x01", 10 }, /* too large for two octets */
	};
	uint8_t raw[132], der[141], again[132];
	int n;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ecdsa_to_raw((const uint8_t *)bad[i].der, bad[i].len, 2, raw),
				 -EBADMSG);
	memset(raw, 0xff, sizeof(raw));
	n = ecdsa_to_der(raw, 66, der);
	assert_int_equal(n, 141);
	assert_int_equal(ecdsa_to_raw(der, (size_t)n, 66, again), 0);
	assert_memory_equal(raw, again, 132);
	for (int i = 0; i < n; i++)
		assert_int_equal(ecdsa_to_raw(der, (size_t)i, 66, again), -EBADMSG);
	memset(raw, 0, 66);
	assert_int_equal(ecdsa_to_der(raw, 66, der), -EBADMSG);
}

/* ---- the module itself ---- */

static void test_module(void **state)
{
	CK_RV (*get)(CK_FUNCTION_LIST **);
	CK_SESSION_HANDLE s;
	CK_FUNCTION_LIST *f;
	CK_ULONG n = 1;
	CK_OBJECT_HANDLE o;
	char path[512];
	void *library;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);

	assert_true(len > 0);
	path[len] = '\0';
	strcpy(strrchr(path, '/'), "/../../lib/libcapcert-pkcs11.so");
	library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail_msg("%s", dlerror());
	*(void **)&get = dlsym(library, "C_GetFunctionList");
	assert_non_null(get);
	assert_null(dlsym(library, "C_Sign"));
	assert_int_equal(get(NULL), CKR_ARGUMENTS_BAD);
	assert_int_equal(get(&f), CKR_OK);
	/* Every entry is there. */
	for (void **p = (void **)&f->C_Initialize; p <= (void **)&f->C_WaitForSlotEvent; p++)
		assert_non_null(*p);
	setenv("CAPCERT_FDS", "closed=1000,none=0", 1);
	assert_int_equal(f->C_Initialize(NULL), CKR_OK);
	assert_int_equal(f->C_OpenSession(1, CKF_SERIAL_SESSION, NULL, NULL, &s), CKR_OK);
	assert_int_equal(f->C_FindObjectsInit(s, NULL, 0), CKR_OK);
	assert_int_equal(f->C_FindObjects(s, &o, 1, &n), CKR_OK);
	assert_int_equal(n, 0);
	assert_int_equal(f->C_CreateObject(s, NULL, 0, &o), CKR_TOKEN_WRITE_PROTECTED);
	assert_int_equal(f->C_DecryptInit(s, NULL, 1), CKR_FUNCTION_NOT_SUPPORTED);
	assert_int_equal(f->C_GenerateRandom(s, (void *)path, 1), CKR_RANDOM_NO_RNG);
	assert_int_equal(f->C_Finalize(NULL), CKR_OK);
	dlclose(library);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),
		TEST(test_slot),
		TEST(test_sessions),
		TEST(test_find),
		TEST(test_many_keys),
		TEST(test_attributes),
		TEST(test_trust),
		TEST(test_events),
		TEST(test_sign),
		TEST(test_refused),
		TEST(test_purpose),
		TEST(test_errors),
		TEST(test_long),
		TEST(test_fork),
		TEST(test_threads),
		cmocka_unit_test(test_digest_info),
		cmocka_unit_test(test_ecdsa),
		cmocka_unit_test(test_module),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
