// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys in a real SoftHSM, and the same module with faults in it. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>
#include <capcert/pubkey.h>
#include <capcert/vault.h>
#include "pkcs11/consumer/der.h"
#include "pkcs11/consumer/scheme.h"
#include "pkcs11/consumer/token.h"
#include "tests/unit/softhsm.h"

#define TOKEN "pkcs11:token=alpha"

static struct softhsm hsm;
static CK_FUNCTION_LIST faulty; /* SoftHSM's, but for what a test replaces */
static struct capcert_vault_options options;
static char given_pin[16] = SOFTHSM_PIN;
static int pin_asked;
static char warned[256];

static int pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
{
	pin_asked++;
	assert_string_equal(label, "alpha");
	memcpy(buf, given_pin, strlen(given_pin));
	return (int)strlen(given_pin);
}

static void warn(void *ctx, const char *line)
{
	snprintf(warned, sizeof(warned), "%s", line);
}

/* Once: the token with a key of each kind. */
static const struct kind {
	const char *label;
	uint32_t algorithm, bits;
	uint32_t schemes[6];
} kinds[] = {
	{ "p256", CAPCERT_VAULT_P256, 0, { 0x0403, 0x0503, 0x0603 } },
	{ "p384", CAPCERT_VAULT_P384, 0, { 0x0503, 0x0403 } },
	{ "p521", CAPCERT_VAULT_P521, 0, { 0x0603, 0x0403 } },
	{ "ed25519", CAPCERT_VAULT_ED25519, 0, { 0x0807 } },
	{ "rsa", CAPCERT_VAULT_RSA, 2048, { 0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806 } },
};

static struct capcert_vault_key keys[5];

static capcert_vault *vault_of(CK_FUNCTION_LIST *f)
{
	capcert_vault *v = NULL;

	assert_int_equal(vault_new_of(&options, &f, 1, &v), 0);
	return v;
}

static int setup_all(void **state)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	capcert_vault *v;

	if (softhsm_new(&hsm) < 0)
		return 0;
	options = (struct capcert_vault_options){ .pin = pin, .warn = warn };
	if (hsm.f->C_Initialize(&args) != CKR_OK || softhsm_token(&hsm, "alpha") < 0 ||
	    hsm.f->C_Finalize(NULL) != CKR_OK)
		return -1;
	v = vault_of(hsm.f);
	for (size_t i = 0; i < 5; i++)
		if (capcert_vault_generate(v, TOKEN, kinds[i].algorithm, kinds[i].bits,
					   kinds[i].label, &keys[i]) < 0)
			return -1;
	capcert_vault_free(v);
	return 0;
}

static int teardown_all(void **state)
{
	softhsm_free(&hsm);
	return 0;
}

static int setup(void **state)
{
	if (!hsm.f)
		skip(); /* softhsm2 is not installed */
	faulty = *hsm.f;
	strcpy(given_pin, SOFTHSM_PIN);
	options = (struct capcert_vault_options){ .pin = pin, .warn = warn };
	pin_asked = 0;
	*warned = '\0';
	return 0;
}

static int sign_with(capcert_vault *v, const char *uri, uint32_t scheme)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n = sizeof(sig);

	return capcert_vault_sign(v, uri, NULL, 0, scheme, false, (const uint8_t *)"hello", 5, sig,
				  &n);
}

static int sign(capcert_vault *v)
{
	return sign_with(v, TOKEN ";object=p256", 0x0403);
}

/* ---- what works ---- */

static void test_keys(void **state)
{
	for (size_t i = 0; i < 5; i++) {
		const struct capcert_vault_key *k = &keys[i];

		assert_int_equal(k->algorithm, kinds[i].algorithm);
		assert_true(k->bits == kinds[i].bits || !kinds[i].bits);
		assert_string_equal(k->label, kinds[i].label);
		assert_string_equal(k->token, "alpha");
		assert_true(k->sensitive && k->never_extractable && k->local && k->signs);
		assert_false(k->extractable);
		assert_int_equal(k->source, CAPCERT_KEY_SOFTHSM_DEV);
		assert_int_equal(k->id_len, 20);
		assert_memory_equal(k->id, k->spki_hash, 20);
	}
}

static void test_signatures(void **state)
{
	capcert_vault *v = vault_of(hsm.f);
	const uint8_t message[] = "what is signed";
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n;

	for (size_t i = 0; i < 5; i++) {
		const struct capcert_vault_key *k = &keys[i];

		for (size_t j = 0; j < 6 && kinds[i].schemes[j]; j++) {
			uint32_t s = kinds[i].schemes[j];

			n = sizeof(sig);
			assert_int_equal(capcert_vault_sign(v, k->uri, k->spki, k->spki_len, s,
							    false, message, sizeof(message), sig,
							    &n),
					 0);
			assert_int_equal(capcert_pubkey_verify(k->spki, k->spki_len, s, false,
							       message, sizeof(message), sig, n),
					 0);
			sig[n - 1] ^= 1;
			assert_int_equal(capcert_pubkey_verify(k->spki, k->spki_len, s, false,
							       message, sizeof(message), sig, n),
					 -EKEYREJECTED);
		}
	}
	assert_int_equal(pin_asked, 1);
	capcert_vault_free(v);
}

static void test_digests(void **state)
{
	capcert_vault *v = vault_of(hsm.f);
	uint8_t digest[64], sig[CAPCERT_MAX_SIGNATURE];
	const struct capcert_vault_key *k = &keys[4];
	size_t n = sizeof(sig), little = 10;

	memset(digest, 7, sizeof(digest));
	assert_int_equal(capcert_vault_sign(v, k->uri, NULL, 0, 0x0804, true, digest, 32, sig, &n),
			 0);
	assert_int_equal(
		capcert_pubkey_verify(k->spki, k->spki_len, 0x0804, true, digest, 32, sig, n), 0);
	assert_int_equal(
		capcert_pubkey_verify(k->spki, k->spki_len, 0x0804, true, digest, 31, sig, n),
		-EINVAL);
	assert_int_equal(
		capcert_pubkey_verify(k->spki, k->spki_len - 1, 0x0804, true, digest, 32, sig, n),
		-EBADMSG);
	assert_int_equal(capcert_vault_sign(v, k->uri, NULL, 0, 0x0804, true, digest, 48, sig, &n),
			 -EINVAL);
	assert_int_equal(
		capcert_vault_sign(v, keys[3].uri, NULL, 0, 0x0807, true, digest, 64, sig, &n),
		-EINVAL);
	assert_int_equal(capcert_vault_sign(v, k->uri, NULL, 0, 0x0403, true, digest, 32, sig, &n),
			 -EOPNOTSUPP);
	assert_int_equal(capcert_vault_sign(v, k->uri, NULL, 0, 0x0201, true, digest, 20, sig, &n),
			 -EOPNOTSUPP);
	assert_int_equal(
		capcert_vault_sign(v, k->uri, NULL, 0, 0x0804, true, digest, 32, sig, &little),
		-EMSGSIZE);
	n = sizeof(sig);
	assert_int_equal(capcert_vault_sign(v, k->uri, keys[0].spki, keys[0].spki_len, 0x0804, true,
					    digest, 32, sig, &n),
			 -ESTALE);
	capcert_vault_free(v);
}

static int count(void *ctx, const struct capcert_vault_key *key)
{
	++*(int *)ctx;
	return *(int *)ctx == 100 ? -ECANCELED : 0;
}

static void test_list(void **state)
{
	capcert_vault *v = vault_of(hsm.f);
	struct capcert_vault_key key, other;
	int n = 0;

	assert_int_equal(capcert_vault_list(v, TOKEN, count, &n), 0);
	assert_int_equal(n, 5);
	n = 0;
	assert_int_equal(capcert_vault_list(v, TOKEN ";object=rsa", count, &n), 0);
	assert_int_equal(n, 1);
	n = 99;
	assert_int_equal(capcert_vault_list(v, TOKEN, count, &n), -ECANCELED);
	assert_int_equal(capcert_vault_get(v, keys[1].uri, &key), 0);
	assert_memory_equal(&key, &keys[1], sizeof(key));
	assert_int_equal(capcert_vault_get(v, TOKEN ";object=none", &key), -ENOENT);
	assert_int_equal(capcert_vault_get(v, TOKEN, &key), -EINVAL);
	assert_int_equal(capcert_vault_login(v, TOKEN, NULL), 0);
	assert_int_equal(capcert_vault_login(v, "pkcs11:token=beta", NULL), -ENODEV);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 0, "p256", &other),
			 -EEXIST);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 256, "x", &other),
			 -EINVAL);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_RSA, 1024, "x", &other),
			 -EINVAL);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 0, "", &other),
			 -EINVAL);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 0, "a\n", &other),
			 -EINVAL);
	capcert_vault_free(v);
}

/* A key that was destroyed does not sign any more; another one with its name is another one. */
static void test_destroy(void **state)
{
	capcert_vault *v = vault_of(hsm.f);
	struct capcert_vault_key one, two;
	uint8_t sig[CAPCERT_MAX_SIGNATURE];
	size_t n = sizeof(sig);

	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 0, "gone", &one), 0);
	assert_int_equal(sign_with(v, TOKEN ";object=gone", 0x0403), 0);
	assert_int_equal(capcert_vault_destroy(v, TOKEN ";object=gone"), 0);
	assert_int_equal(sign_with(v, TOKEN ";object=gone", 0x0403), -ENOENT);
	assert_int_equal(capcert_vault_destroy(v, TOKEN ";object=gone"), -ENOENT);
	assert_int_equal(capcert_vault_generate(v, TOKEN, CAPCERT_VAULT_P256, 0, "gone", &two), 0);
	assert_int_equal(capcert_vault_sign(v, TOKEN ";object=gone", one.spki, one.spki_len, 0x0403,
					    false, (const uint8_t *)"x", 1, sig, &n),
			 -ESTALE);
	assert_int_equal(sign_with(v, one.uri, 0x0403), -ENOENT);
	assert_int_equal(capcert_vault_destroy(v, two.uri), 0);
	capcert_vault_free(v);
}

/* ---- DER of public keys ---- */

static CK_ATTRIBUTE attr(const void *p, size_t n)
{
	return (CK_ATTRIBUTE){ 0, (void *)(uintptr_t)p, n };
}

static void test_der_spki(void **state)
{
	static const uint8_t p256[] = {
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07
	};
	static const uint8_t oid_ed[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
	static const uint8_t k1[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a };
	static const uint8_t exponent[] = { 0, 1, 0, 1 };
	uint8_t point[67] = { 0x04, 0x41, 0x04 }, ed[32] = { 1 }, out[CAPCERT_VAULT_MAX_SPKI],
		number[257] = { 0, 0x80 };
	struct der_key key = { .type = CKK_EC,
			       .params = attr(p256, sizeof(p256)),
			       .point = attr(point, 67) };
	uint32_t alg, bits, alg2, bits2;
	int n;

	n = der_spki(&key, &alg, &bits, out, sizeof(out));
	assert_int_equal(n, 91);
	assert_int_equal(alg, CAPCERT_VAULT_P256);
	/* The bare point is the same key. */
	key.point = attr(point + 2, 65);
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), 91);
	for (size_t cap = 0; cap < 91; cap++)
		assert_int_equal(der_spki(&key, &alg, &bits, out, cap), -EMSGSIZE);
	key.point = attr(point, 66);
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EBADMSG);
	point[2] = 0x02; /* compressed, they say */
	key.point = attr(point, 67);
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EBADMSG);
	key.params = attr(k1, sizeof(k1));
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EOPNOTSUPP);
	key = (struct der_key){ .type = CKK_EC_EDWARDS,
				.params = attr(oid_ed, 5),
				.point = attr(ed, 32) };
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), 44);
	assert_int_equal(alg, CAPCERT_VAULT_ED25519);
	key.type = CKK_EC;
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EOPNOTSUPP);
	key = (struct der_key){ .type = CKK_RSA,
				.modulus = attr(number, 257),
				.exponent = attr(exponent, 4) };
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), 294);
	assert_int_equal(bits, 2048);
	key.modulus = attr(number, 1);
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EBADMSG);
	key.type = CKK_DSA;
	assert_int_equal(der_spki(&key, &alg, &bits, out, sizeof(out)), -EOPNOTSUPP);
	/* Somebody else's, cut off at every octet. */
	for (size_t i = 0; i < 5 && hsm.f; i++) {
		assert_int_equal(der_of_spki(keys[i].spki, keys[i].spki_len, &alg2, &bits2), 0);
		assert_int_equal(alg2, keys[i].algorithm);
		assert_int_equal(bits2, keys[i].bits);
		for (size_t len = 0; len < keys[i].spki_len; len++)
			assert_true(der_of_spki(keys[i].spki, len, &alg2, &bits2) < 0);
	}
}

/* ---- PINs ---- */

static int logins;

static CK_RV counted_login(CK_SESSION_HANDLE s, CK_USER_TYPE u, unsigned char *p, CK_ULONG n)
{
	logins++;
	return hsm.f->C_Login(s, u, p, n);
}

static CK_FLAGS more_flags;

static CK_RV flagged_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv = hsm.f->C_GetTokenInfo(slot, info);

	info->flags |= more_flags;
	return rv;
}

/* A wrong PIN is one try, whatever is asked for afterwards, and by the next vault none at all. */
static void test_wrong_pin(void **state)
{
	capcert_vault *v;

	faulty.C_Login = counted_login;
	logins = 0;
	strcpy(given_pin, "9999");
	v = vault_of(&faulty);
	for (int i = 0; i < 20; i++)
		assert_int_equal(sign(v), -EKEYREJECTED);
	assert_int_equal(logins, 1);
	assert_int_equal(pin_asked, 1);
	assert_non_null(strstr(warned, "will not be tried again"));
	capcert_vault_free(v);

	strcpy(given_pin, SOFTHSM_PIN);
	v = vault_of(&faulty);
	assert_int_equal(sign(v), -EKEYREJECTED);
	assert_int_equal(logins, 1);
	assert_non_null(strstr(warned, "somebody got its PIN wrong"));
	capcert_vault_free(v);

	/* A person is there who knows it: one try, and all is well again. */
	options.pin_again = true;
	v = vault_of(&faulty);
	assert_int_equal(sign(v), 0);
	assert_int_equal(logins, 2);
	capcert_vault_free(v);
	options.pin_again = false;
	v = vault_of(&faulty);
	assert_int_equal(sign(v), 0);
	capcert_vault_free(v);
}

static void test_last_try(void **state)
{
	capcert_vault *v;

	faulty.C_Login = counted_login;
	faulty.C_GetTokenInfo = flagged_info;
	options.pin_again = true;
	logins = 0;
	for (int i = 0; i < 2; i++) {
		more_flags = i ? CKF_USER_PIN_LOCKED : CKF_USER_PIN_FINAL_TRY;
		v = vault_of(&faulty);
		assert_int_equal(sign(v), -EUSERS);
		capcert_vault_free(v);
	}
	assert_int_equal(logins, 0);
	assert_int_equal(pin_asked, 0);
	assert_non_null(strstr(warned, "locked"));
}

static int no_pin(void *ctx, const char *label, const char *serial, char buf[CAPCERT_VAULT_MAX_PIN])
{
	return -ENOKEY;
}

static void test_no_pin(void **state)
{
	capcert_vault *v;

	options.pin = no_pin;
	v = vault_of(hsm.f);
	assert_int_equal(sign(v), -ENOKEY);
	capcert_vault_free(v);
	options.pin = NULL;
	v = vault_of(hsm.f);
	assert_int_equal(sign(v), -ENOENT); /* private objects are not seen without a login */
	capcert_vault_free(v);
}

/* ---- faults ---- */

static atomic_int searches, fault_left;
static CK_RV fault;

static CK_RV counted_search(CK_SESSION_HANDLE s, CK_ATTRIBUTE *a, CK_ULONG n)
{
	searches++;
	return hsm.f->C_FindObjectsInit(s, a, n);
}

static CK_RV failing_sign(CK_SESSION_HANDLE s, unsigned char *d, CK_ULONG n, unsigned char *sig,
			  CK_ULONG *len)
{
	CK_RV rv = hsm.f->C_Sign(s, d, n, sig, len);

	return fault_left-- > 0 ? fault : rv;
}

static void test_handles_are_kept(void **state)
{
	capcert_vault *v;
	int after;

	faulty.C_FindObjectsInit = counted_search;
	v = vault_of(&faulty);
	assert_int_equal(sign(v), 0);
	after = searches;
	for (int i = 0; i < 50; i++)
		assert_int_equal(sign(v), 0);
	assert_int_equal(searches, after);
	capcert_vault_free(v);
}

/* Whatever the token says when it is taken away: one new start, and when that does not help, -ENODEV. */
static void test_token_lost(void **state)
{
	static const CK_RV lost[] = { CKR_DEVICE_REMOVED,     CKR_SESSION_HANDLE_INVALID,
				      CKR_TOKEN_NOT_PRESENT,  CKR_SESSION_CLOSED,
				      CKR_KEY_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN,
				      CKR_DEVICE_ERROR,	      CKR_GENERAL_ERROR };
	capcert_vault *v;

	faulty.C_Sign = failing_sign;
	v = vault_of(&faulty);
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++) {
		fault = lost[i];
		fault_left = 1;
		assert_int_equal(sign(v), 0);
		fault_left = 1000;
		assert_int_equal(sign(v), -ENODEV);
		fault_left = 0;
		assert_int_equal(sign(v), 0);
	}
	/* What is the request's fault is not the token's. */
	fault_left = 1;
	fault = CKR_MECHANISM_INVALID;
	assert_int_equal(sign(v), -EOPNOTSUPP);
	fault_left = 1;
	fault = CKR_BUFFER_TOO_SMALL;
	assert_int_equal(sign(v), -EIO);
	fault_left = 1;
	fault = CKR_HOST_MEMORY;
	assert_int_equal(sign(v), -ENOMEM);
	assert_int_equal(sign(v), 0);
	assert_int_equal(pin_asked, 1);
	capcert_vault_free(v);
}

static enum { BIT, SHORT, LONG, ZERO } spoil;

static CK_RV spoiling_sign(CK_SESSION_HANDLE s, unsigned char *d, CK_ULONG n, unsigned char *sig,
			   CK_ULONG *len)
{
	CK_RV rv = hsm.f->C_Sign(s, d, n, sig, len);

	if (spoil == BIT)
		sig[*len / 2] ^= 1;
	else if (spoil == ZERO)
		memset(sig, 0, *len);
	else
		*len = spoil == SHORT ? *len - 2 : 1 << 20;
	return rv;
}

/* A signature that is none does not leave: of RSA not even one with a wrong bit. */
static void test_wrong_signatures(void **state)
{
	capcert_vault *v;

	faulty.C_Sign = spoiling_sign;
	v = vault_of(&faulty);
	spoil = BIT;
	assert_int_equal(sign_with(v, keys[4].uri, 0x0401), -EIO);
	assert_int_equal(sign_with(v, keys[4].uri, 0x0804), -EIO);
	for (spoil = SHORT; spoil <= LONG; spoil++)
		for (size_t i = 0; i < 5; i++)
			assert_int_equal(sign_with(v, keys[i].uri, kinds[i].schemes[0]), -EIO);
	spoil = ZERO;
	assert_int_equal(sign(v), -EIO);
	capcert_vault_free(v);
}

/* ---- sessions ---- */

static atomic_int most_sessions, now_sessions, peak_sessions;

static CK_RV few_sessions(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
			  CK_SESSION_HANDLE *ret)
{
	CK_RV rv;

	if (now_sessions >= most_sessions)
		return CKR_SESSION_COUNT;
	rv = hsm.f->C_OpenSession(slot, flags, app, notify, ret);
	if (rv == CKR_OK && ++now_sessions > peak_sessions)
		peak_sessions = now_sessions;
	return rv;
}

static CK_RV close_session(CK_SESSION_HANDLE s)
{
	now_sessions--;
	return hsm.f->C_CloseSession(s);
}

static void *sign_often(void *arg)
{
	for (int i = 0; i < 20; i++)
		if (sign(arg))
			return arg;
	return NULL;
}

static void run_threads(capcert_vault *v, int n)
{
	pthread_t threads[32];
	void *bad;

	for (int i = 0; i < n; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sign_often, v), 0);
	for (int i = 0; i < n; i++) {
		pthread_join(threads[i], &bad);
		assert_null(bad);
	}
}

/* The token has fewer sessions than it said: everybody waits his turn. */
static void test_sessions(void **state)
{
	capcert_vault *v;

	faulty.C_OpenSession = few_sessions;
	faulty.C_CloseSession = close_session;
	most_sessions = 3;
	now_sessions = peak_sessions = 0;
	v = vault_of(&faulty);
	run_threads(v, 16);
	assert_in_range(peak_sessions, 1, 3);
	capcert_vault_free(v);
	most_sessions = 0;
	now_sessions = 0;
	v = vault_of(&faulty);
	assert_int_equal(sign(v), -EBUSY);
	most_sessions = 2;
	assert_int_equal(sign(v), 0);
	capcert_vault_free(v);
	options.max_sessions = 2;
	most_sessions = 64;
	now_sessions = peak_sessions = 0;
	v = vault_of(&faulty);
	run_threads(v, 16);
	assert_in_range(peak_sessions, 1, 2);
	capcert_vault_free(v);
}

/* ---- the token goes and comes ---- */

static void move_tokens(const char *from, const char *to)
{
	char a[200], b[200];

	snprintf(a, sizeof(a), "%s/%s", hsm.dir, from);
	snprintf(b, sizeof(b), "%s/%s", hsm.dir, to);
	assert_int_equal(rename(a, b), 0);
}

static void test_token_away(void **state)
{
	capcert_vault *v = vault_of(hsm.f);
	int tries = 0;

	assert_int_equal(sign(v), 0);
	move_tokens("tokens", "away");
	assert_int_equal(sign(v), -ENODEV);
	assert_int_equal(sign(v), -ENODEV);
	move_tokens("away", "tokens");
	while (sign(v) < 0 && tries++ < 600)
		usleep(100000);
	assert_in_range(tries, 0, 599);
	assert_int_equal(pin_asked, 1);
	capcert_vault_free(v);
}

static void test_new(void **state)
{
	const char *modules[] = { "/dev/null/module.so", hsm.path };
	const char *hardware[] = { "alpha" };
	uint32_t source = 0;
	capcert_vault *v = NULL;

	options.modules = modules;
	options.module_count = 1;
	assert_int_equal(capcert_vault_new(&options, &v), -ENODEV);
	options.module_count = 2;
	options.hardware = hardware;
	options.hardware_count = 1;
	assert_int_equal(capcert_vault_new(&options, &v), 0);
	/* Files stay files, whoever vouches for them. */
	assert_int_equal(capcert_vault_login(v, TOKEN, &source), 0);
	assert_int_equal(source, CAPCERT_KEY_SOFTHSM_DEV);
	assert_int_equal(sign(v), 0);
	capcert_vault_free(v);
	capcert_vault_free(NULL);
}

static void test_allowed(void **state)
{
	const char *tokens[] = { "beta", "alpha" };
	capcert_vault *v;

	options.tokens = tokens;
	options.token_count = 1;
	v = vault_of(hsm.f);
	assert_int_equal(sign(v), -ENODEV);
	assert_int_equal(pin_asked, 0);
	capcert_vault_free(v);
	options.token_count = 2;
	v = vault_of(hsm.f);
	assert_int_equal(sign(v), 0);
	capcert_vault_free(v);
}

static CK_RV other_maker(CK_INFO *info)
{
	CK_RV rv = hsm.f->C_GetInfo(info);

	memcpy(info->manufacturerID, "Acme                            ", 32);
	memcpy(info->libraryDescription, "Acme tokens                     ", 32);
	return rv;
}

static CK_RV hardware_slot(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	CK_RV rv = hsm.f->C_GetSlotInfo(slot, info);

	info->flags |= CKF_HW_SLOT;
	return rv;
}

static void test_source(void **state)
{
	const char *hardware[] = { "alpha" };
	struct capcert_vault_key key;
	capcert_vault *v;

	for (int i = 0; i < 4; i++) {
		faulty = *hsm.f;
		if (i)
			faulty.C_GetInfo = other_maker;
		if (i == 2)
			faulty.C_GetSlotInfo = hardware_slot;
		options.hardware = hardware;
		options.hardware_count = i == 3;
		v = vault_of(&faulty);
		assert_int_equal(capcert_vault_get(v, keys[0].uri, &key), 0);
		assert_int_equal(key.source,
				 i >= 2 ? CAPCERT_KEY_PKCS11_HARDWARE : CAPCERT_KEY_SOFTHSM_DEV);
		capcert_vault_free(v);
	}
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys),       TEST(test_signatures),
		TEST(test_digests),    TEST(test_list),
		TEST(test_destroy),    cmocka_unit_test(test_der_spki),
		TEST(test_wrong_pin),  TEST(test_last_try),
		TEST(test_no_pin),     TEST(test_handles_are_kept),
		TEST(test_token_lost), TEST(test_wrong_signatures),
		TEST(test_sessions),   TEST(test_token_away),
		TEST(test_new),	       TEST(test_source),
		TEST(test_allowed),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
