// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The PKCS#11 provider over keys in memory: signatures, for what and for what not, in processes and threads. */
#include "pkcs11/provider/digest_info.h"
#include "pkcs11/provider/ecdsa.h"
#include "tests/unit/provider_memory.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sign),
		TEST(test_refused),
		TEST(test_purpose),
		TEST(test_errors),
		TEST(test_long),
		TEST(test_fork),
		TEST(test_threads),
		cmocka_unit_test(test_digest_info),
		cmocka_unit_test(test_ecdsa),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
