// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keys of RSASSA-PSS that say what they may be used with (RFC 4055 sections 1.2 and 3.3). */
#include <gnutls/abstract.h>
#include "libcapcert/engine.h"
#include "tests/unit/cert_build.h"
#include "tests/unit/der_text.h"

#define HASH(nr) "30{06{60864801650304020" #nr "}}" /* 1 = SHA-256, 2 = SHA-384, 3 = SHA-512 */
#define PARAMS(nr, salt) \
	"30{a0{" HASH(nr) "} a1{30{06{2a864886f70d010108} " HASH(nr) "}} a2{02{" #salt "}}}"

static gnutls_privkey_t key;
static struct cc_span public_key; /* RSAPublicKey */

static int setup(void **state)
{
	gnutls_pubkey_t pub;
	gnutls_datum_t n, e;

	assert_true(gnutls_privkey_init(&key) >= 0);
	assert_true(gnutls_privkey_generate(key, GNUTLS_PK_RSA, 2048, 0) >= 0);
	assert_true(gnutls_pubkey_init(&pub) >= 0);
	assert_true(gnutls_pubkey_import_privkey(pub, key, 0, 0) >= 0);
	assert_true(gnutls_pubkey_export_rsa_raw(pub, &n, &e) >= 0);
	public_key = der(0x30, der_wrap(0x02, cc_span(n.data, n.size)),
			 der_wrap(0x02, cc_span(e.data, e.size)));
	gnutls_free(n.data);
	gnutls_free(e.data);
	gnutls_pubkey_deinit(pub);
	return 0;
}

static int teardown(void **state)
{
	gnutls_privkey_deinit(key);
	return 0;
}

/* The key with @params, and a good signature by @sign: is it accepted as @scheme? */
static int check(const char *params, gnutls_sign_algorithm_t sign, uint32_t scheme)
{
	static const gnutls_datum_t message = { (unsigned char *)(uintptr_t) "message", 7 };
	struct cert_parts p = cert_parts();
	struct cc_cert cert;
	gnutls_datum_t sig;
	int r;

	p.spki = der(0x30, der(0x30, der_text("06{2a864886f70d01010a}"), der_text(params)),
		     der(0x03, der_hex("00"), public_key));
	assert_int_equal(cert_parse_parts(&p, &cert), 0);
	assert_int_equal(cert.key_alg, CC_KEY_RSA_PSS);
	assert_true(gnutls_privkey_sign_data2(key, sign, 0, &message, &sig) >= 0);
	r = engine_verify_message(&cert, scheme, cc_span(message.data, message.size),
				  cc_span(sig.data, sig.size));
	gnutls_free(sig.data);
	return r;
}

#define SHA256 GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, CC_SCHEME_RSA_PSS_SHA256
#define SHA384 GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, CC_SCHEME_RSA_PSS_SHA384
#define SHA512 GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, CC_SCHEME_RSA_PSS_SHA512

static void test_parameters(void **state)
{
	/* None: any hash. */
	assert_int_equal(check("", SHA256), 1);
	assert_int_equal(check("", SHA384), 1);
	assert_int_equal(check("", SHA512), 1);
	assert_int_equal(check("", GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, CC_SCHEME_RSA_PSS_SHA256), 0);
	/* Some: only that hash. */
	assert_int_equal(check(PARAMS(1, 20), SHA256), 1);
	assert_true(check(PARAMS(1, 20), SHA384) != 1);
	assert_true(check(PARAMS(2, 30), SHA256) != 1);
	assert_int_equal(check(PARAMS(2, 30), SHA384), 1);
	assert_true(check(PARAMS(3, 40), SHA384) != 1);
	/* The key's salt is the shortest allowed; GnuTLS takes it for the only one, and so refuses
	 * what section 3.3 would let pass. */
	assert_int_equal(check(PARAMS(1, 10), SHA256), 0);
	assert_true(check(PARAMS(1, 21), SHA256) != 1);
	/* By default SHA-1, which is in no signature that is accepted. */
	assert_true(check("30{}", SHA256) != 1);
	/* Different hashes, an unknown mask function, another trailer: not ours to judge. */
	assert_true(
		check("30{a0{" HASH(1) "} a1{30{06{2a864886f70d010108} " HASH(2) "}} a2{02{20}}}",
		      SHA256) != 1);
	assert_true(check("30{a0{" HASH(1) "} a1{30{06{2a0304} " HASH(1) "}} a2{02{20}}}",
			  SHA256) != 1);
	assert_true(
		check("30{a0{" HASH(1) "} a1{30{06{2a864886f70d010108} " HASH(1) "}} a2{02{20}} "
										 "a3{02{02}}}",
		      SHA256) != 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests_name("engine/pss", tests, setup, teardown);
}
