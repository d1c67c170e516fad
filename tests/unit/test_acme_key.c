// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What keys of ACME clients sign, as GnuTLS reads it; bindings to accounts of the CA; proofs of control. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <capcert/key.h>
#include "libcapcert/acme.h"
#include "libcapcert/acme_proof.h"
#include "libcapcert/sig.h"
#include "libcapcert/x509.h"
#include "tests/pki.h"

static struct soft {
	gnutls_privkey_t key;
	gnutls_datum_t spki;
	uint32_t purpose; /* of the last signature */
	int r;
	size_t len; /* to say instead, 0 = the truth */
} soft;

static int sign(void *ctx, uint32_t purpose, uint32_t scheme, const void *message, size_t len,
		uint8_t *signature, size_t *signature_len)
{
	gnutls_sign_algorithm_t how = scheme == 0x0403	 ? GNUTLS_SIGN_ECDSA_SHA256
				      : scheme == 0x0503 ? GNUTLS_SIGN_ECDSA_SHA384
				      : scheme == 0x0603 ? GNUTLS_SIGN_ECDSA_SHA512
				      : scheme == 0x0401 ? GNUTLS_SIGN_RSA_SHA256
							 : GNUTLS_SIGN_EDDSA_ED25519;
	gnutls_datum_t in = { (uint8_t *)message, (unsigned int)len }, out;

	assert_ptr_equal(ctx, &soft);
	soft.purpose = purpose;
	if (soft.r)
		return soft.r;
	assert_null(capcert_key_refuses(purpose, scheme, message, len));
	assert_int_equal(gnutls_privkey_sign_data2(soft.key, how, 0, &in, &out), 0);
	assert_true(out.size <= *signature_len);
	memcpy(signature, out.data, out.size);
	*signature_len = soft.len ? soft.len : out.size;
	gnutls_free(out.data);
	return 0;
}

static struct acme_key new_key(gnutls_pk_algorithm_t algorithm, unsigned int bits)
{
	gnutls_pubkey_t public;
	struct capcert_acme_key how = { .fd = -1, .sign = sign, .ctx = &soft };
	struct acme_key ret;

	memset(&soft, 0, sizeof(soft));
	gnutls_privkey_init(&soft.key);
	assert_int_equal(gnutls_privkey_generate(soft.key, algorithm, bits, 0), 0);
	gnutls_pubkey_init(&public);
	gnutls_pubkey_import_privkey(public, soft.key, 0, 0);
	gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &soft.spki);
	gnutls_pubkey_deinit(public);
	how.spki = soft.spki.data;
	how.spki_len = soft.spki.size;
	assert_int_equal(acme_key_open(&how, &ret), 0);
	assert_true(acme_key_there(&ret));
	return ret;
}

static void free_key(struct acme_key *key)
{
	acme_key_close(key);
	assert_false(acme_key_there(key));
	gnutls_privkey_deinit(soft.key);
	gnutls_free(soft.spki.data);
}

static const struct {
	gnutls_pk_algorithm_t algorithm;
	unsigned int bits;
} kinds[] = {
	{ GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) },
	{ GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1) },
	{ GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP521R1) },
	{ GNUTLS_PK_RSA, 2048 },
	{ GNUTLS_PK_EDDSA_ED25519, 256 },
};

static void test_csr(void **state)
{
	struct acme_name names[3];

	acme_name_set(&names[0], CAPCERT_ACME_DNS, "*.example.org");
	acme_name_set(&names[1], CAPCERT_ACME_DNS, "example.org");
	acme_name_set(&names[2], CAPCERT_ACME_IP, "2001:db8::1");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct acme_key key = new_key(kinds[i].algorithm, kinds[i].bits);
		gnutls_x509_crq_t crq;
		gnutls_datum_t der;
		uint8_t *csr, feature[64];
		unsigned int type, critical;
		char name[64];
		size_t n = sizeof(name), len;

		assert_int_equal(
			acme_csr(&key, names, 3, i ? CAPCERT_ACME_MUST_STAPLE : 0, &csr, &len), 0);
		assert_int_equal(soft.purpose, CAPCERT_KEY_TLS_SERVER);
		der.data = csr;
		der.size = (unsigned int)len;
		gnutls_x509_crq_init(&crq);
		assert_int_equal(gnutls_x509_crq_import(crq, &der, GNUTLS_X509_FMT_DER), 0);
		assert_int_equal(gnutls_x509_crq_verify(crq, 0), 0);
		for (unsigned int k = 0; k < 3; k++) {
			n = sizeof(name);
			assert_int_equal(gnutls_x509_crq_get_subject_alt_name(crq, k, name, &n,
									      &type, &critical),
					 k < 2 ? GNUTLS_SAN_DNSNAME : GNUTLS_SAN_IPADDRESS);
			assert_int_equal(n, k < 2 ? strlen(names[k].text) : 16);
			assert_memory_equal(name, k < 2 ? (uint8_t *)names[k].text : names[k].ip,
					    n);
		}
		n = sizeof(feature);
		assert_int_equal(gnutls_x509_crq_get_extension_by_oid(crq, "1.3.6.1.5.5.7.1.24", 0,
								      feature, &n, &critical),
				 i ? 0 : GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
		gnutls_x509_crq_deinit(crq);
		free(csr);
		soft.r = -EACCES;
		assert_int_equal(acme_csr(&key, names, 3, 0, &csr, &len), -EACCES);
		soft.r = 5; /* no error of ours */
		assert_int_equal(acme_csr(&key, names, 3, 0, &csr, &len), -EIO);
		soft.r = 0;
		soft.len = 100000;
		assert_int_equal(acme_csr(&key, names, 3, 0, &csr, &len), -EIO);
		free_key(&key);
	}
}

/* ---- tls-alpn-01 ---- */

static const struct {
	uint32_t type;
	const char *value, *host;
	size_t octets; /* of an address */
} proved[] = {
	{ CAPCERT_ACME_DNS, "www.example.org", "www.example.org", 0 },
	{ CAPCERT_ACME_DNS, "WWW.b\u00fccher.example.", "www.xn--bcher-kva.example", 0 },
	{ CAPCERT_ACME_IP, "192.0.2.17", "17.2.0.192.in-addr.arpa", 4 },
	{ CAPCERT_ACME_IP, "2001:db8::1f",
	  "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", 16 },
};

static void check_alpn(const uint8_t *der, size_t len, size_t which, const uint8_t digest[32])
{
	gnutls_datum_t in = { (uint8_t *)der, (unsigned int)len };
	unsigned int critical = 2, type;
	gnutls_x509_crt_t crt;
	uint8_t octets[300];
	size_t n = sizeof(octets);

	gnutls_x509_crt_init(&crt);
	assert_int_equal(gnutls_x509_crt_import(crt, &in, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_version(crt), 3);
	assert_int_equal(gnutls_x509_crt_check_issuer(crt, crt), 1);
	assert_int_equal(gnutls_x509_crt_get_activation_time(crt), 1800000000);
	assert_int_equal(gnutls_x509_crt_get_expiration_time(crt), 1800003600);
	assert_int_equal(
		gnutls_x509_crt_get_subject_alt_name2(crt, 0, octets, &n, &type, &critical),
		proved[which].octets ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME);
	if (proved[which].octets)
		assert_int_equal(n, proved[which].octets);
	else
		assert_memory_equal(octets, proved[which].host, n);
	n = sizeof(octets);
	assert_int_equal(
		gnutls_x509_crt_get_subject_alt_name2(crt, 1, octets, &n, &type, &critical),
		GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
	n = sizeof(octets);
	assert_int_equal(gnutls_x509_crt_get_extension_by_oid(crt, "1.3.6.1.5.5.7.1.31", 0, octets,
							      &n, &critical),
			 0);
	assert_int_equal(critical, 1);
	assert_int_equal(n, 34);
	assert_memory_equal(octets, "\x04\x20", 2);
	assert_memory_equal(octets + 2, digest, 32);
	gnutls_x509_crt_deinit(crt);
}

/* By itself, as Boulder asks for it: check_issuer() looks at names alone. */
static void check_self(const uint8_t *der, size_t len)
{
	capcert_cert *cert;

	assert_int_equal(capcert_cert_new(der, len, &cert, NULL), 0);
	assert_int_equal(sig_check_issued(&cert->parsed, &cert->parsed), 1);
	capcert_cert_free(cert);
}

static void test_alpn(void **state)
{
	struct capcert_acme_alpn a = { .not_before = 1800000000, .not_after = 1800003600 };
	uint8_t *der = NULL;
	size_t len;

	for (int i = 0; i < 32; i++)
		a.digest[i] = (uint8_t)(i * 8);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct acme_key key = new_key(kinds[i].algorithm, kinds[i].bits);

		a.key = key.how;
		for (size_t k = 0; k < sizeof(proved) / sizeof(*proved); k++) {
			char host[CAPCERT_ACME_ALPN_HOST];

			a.identifier.type = proved[k].type;
			a.identifier.value = proved[k].value;
			assert_int_equal(capcert_acme_alpn_host(&a.identifier, host), 0);
			assert_string_equal(host, proved[k].host);
			assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), 0);
			assert_int_equal(soft.purpose, CAPCERT_KEY_TLS_SERVER);
			check_alpn(der, len, k, a.digest);
			check_self(der, len);
			free(der);
		}
		soft.r = -EACCES;
		assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), -EACCES);
		free_key(&key);
	}
}

static void test_alpn_refused(void **state)
{
	static const struct capcert_acme_identifier wrong[] = {
		{ CAPCERT_ACME_DNS, "*.example.org" },
		{ CAPCERT_ACME_DNS, "" },
		{ CAPCERT_ACME_DNS, "a b" },
		{ CAPCERT_ACME_IP, "www.example.org" },
		{ CAPCERT_ACME_DNS, NULL },
		{ 7, "www.example.org" },
	};
	struct acme_key key = new_key(kinds[0].algorithm, kinds[0].bits);
	struct capcert_acme_alpn a = { .key = key.how, .not_before = 2, .not_after = 2 };
	char host[CAPCERT_ACME_ALPN_HOST];
	uint8_t *der;
	size_t len;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		a.identifier = wrong[i];
		assert_int_equal(capcert_acme_alpn_host(&a.identifier, host), -EINVAL);
		assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), -EINVAL);
	}
	a.identifier = (struct capcert_acme_identifier){ CAPCERT_ACME_DNS, "a.example" };
	a.not_before = 3;
	assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), -EINVAL);
	a.not_before = 2;
	a.not_after = INT64_MAX;
	assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), -EINVAL);
	/* Beyond the years of UTCTime. */
	a.not_after = 2524608000;
	assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), 0);
	free(der);
	a.key = (struct capcert_acme_key){ .fd = -1 };
	assert_int_equal(capcert_acme_alpn_certificate(&a, &der, &len), -EINVAL);
	free_key(&key);
}

/* One member of a flattened JWS as octets, with a NUL. */
static uint8_t *part(const char *jws, const char *name, size_t *ret_len)
{
	json_t *j = json_loads(jws, 0, NULL);
	const char *text = json_string_value(json_object_get(j, name));
	size_t n = strlen(text), cap = n + 4;
	char *padded = calloc(1, cap + 1);
	gnutls_datum_t in, out;
	uint8_t *ret;

	for (size_t i = 0; i < n; i++)
		padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
	while (n % 4)
		padded[n++] = '=';
	in.data = (uint8_t *)padded;
	in.size = (unsigned int)n;
	ret = calloc(1, cap);
	if (n) {
		assert_int_equal(gnutls_base64_decode2(&in, &out), 0);
		memcpy(ret, out.data, out.size);
		n = out.size;
		gnutls_free(out.data);
	}
	if (ret_len)
		*ret_len = n;
	free(padded);
	json_decref(j);
	return ret;
}

static void expect_header(const char *jws, const char *name, const char *want)
{
	uint8_t *text = part(jws, "protected", NULL);
	json_t *j = json_loads((char *)text, 0, NULL);

	if (want)
		assert_string_equal(json_string_value(json_object_get(j, name)), want);
	else
		assert_null(json_object_get(j, name));
	json_decref(j);
	free(text);
}

static void test_jws(void **state)
{
	struct acme_key key = new_key(kinds[0].algorithm, kinds[0].bits);
	struct acme_signer signer = { &key, CAPCERT_KEY_ACME_ACCOUNT };
	uint8_t *text;
	char *jws;

	assert_int_equal(acme_jws(&signer, "https://ca.example/1", "n0nce", "https://ca.example/",
				  NULL, &jws),
			 0);
	assert_int_equal(soft.purpose, CAPCERT_KEY_ACME_ACCOUNT);
	expect_header(jws, "kid", "https://ca.example/1");
	expect_header(jws, "nonce", "n0nce");
	expect_header(jws, "url", "https://ca.example/");
	expect_header(jws, "alg", "ES256");
	expect_header(jws, "jwk", NULL);
	text = part(jws, "payload", NULL);
	assert_string_equal((char *)text, "");
	free(text);
	free(jws);
	assert_int_equal(acme_jws(&signer, NULL, NULL, "https://ca.example/", "{}", &jws), 0);
	expect_header(jws, "kid", NULL);
	expect_header(jws, "nonce", NULL);
	text = part(jws, "protected", NULL);
	assert_non_null(strstr((char *)text, key.jwk));
	free(text);
	free(jws);
	free_key(&key);
}

static int mac(void *ctx, uint32_t hash, const void *message, size_t len, uint8_t *ret)
{
	memset(ret, 7, 64);
	return *(int *)ctx;
}

static void test_binding(void **state)
{
	static const uint8_t secret[] = "secret";
	static const gnutls_mac_algorithm_t macs[] = { GNUTLS_MAC_SHA256, GNUTLS_MAC_SHA384,
						       GNUTLS_MAC_SHA512 };
	static const char *const names[] = { "HS256", "HS384", "HS512" };
	struct acme_key key = new_key(kinds[0].algorithm, kinds[0].bits);
	struct capcert_acme_binding b = { .kid = "kid-1", .key = secret, .key_len = 6 };
	uint8_t want[64], *sig, *payload;
	int given = 0;
	size_t n;
	char *jws;

	for (uint32_t i = 0; i < 3; i++) {
		json_t *j;
		char input[4096];

		b.hash = i + CAPCERT_HASH_SHA256;
		assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/account", &jws), 0);
		expect_header(jws, "alg", names[i]);
		expect_header(jws, "kid", "kid-1");
		expect_header(jws, "url", "https://ca.example/account");
		payload = part(jws, "payload", NULL);
		assert_string_equal((char *)payload, key.jwk);
		j = json_loads(jws, 0, NULL);
		snprintf(input, sizeof(input), "%s.%s",
			 json_string_value(json_object_get(j, "protected")),
			 json_string_value(json_object_get(j, "payload")));
		sig = part(jws, "signature", &n);
		assert_int_equal(gnutls_hmac_fast(macs[i], secret, 6, input, strlen(input), want),
				 0);
		assert_int_equal(n, 32 + 16 * i);
		assert_memory_equal(sig, want, n);
		free(payload);
		free(sig);
		json_decref(j);
		free(jws);
	}
	b.mac = mac;
	b.ctx = &given;
	b.key = NULL;
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), 0);
	free(jws);
	given = -EACCES;
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), -EACCES);
	b.mac = NULL;
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), -EINVAL);
	b.key = secret;
	b.kid = "a\"b";
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), -EINVAL);
	b.kid = NULL;
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), -EINVAL);
	b.kid = "x";
	b.hash = 9;
	assert_int_equal(acme_binding_jws(&b, &key, "https://ca.example/", &jws), -EINVAL);
	free_key(&key);
}

static void test_key_refused(void **state)
{
	struct capcert_acme_key how = { .fd = -1 };
	struct acme_key key;

	assert_int_equal(acme_key_open(&how, &key), -EINVAL);
	how.sign = sign;
	assert_int_equal(acme_key_open(&how, &key), -EINVAL);
	how.spki = (const uint8_t *)"no key";
	how.spki_len = 6;
	assert_int_equal(acme_key_open(&how, &key), -EBADMSG);
	how.fd = 0x7fffffff;
	assert_int_equal(acme_key_open(&how, &key), -EBADF);
}

/* ---- proofs ---- */

#define THUMB "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
#define TOKEN "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

static void test_proof(void **state)
{
	struct acme_authorization a = { 0 };
	struct acme_challenge c = { .type = CAPCERT_ACME_HTTP_01,
				    .url = "https://ca.example/c",
				    .token = TOKEN };
	struct acme_proof p;

	acme_name_set(&a.name, CAPCERT_ACME_DNS, "example.org");
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	assert_string_equal(p.shown.key_authorization, TOKEN "." THUMB);
	assert_string_equal(p.shown.identifier.value, "example.org");
	assert_null(p.shown.record);
	c.type = CAPCERT_ACME_TLS_ALPN_01;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	c.type = CAPCERT_ACME_DNS_01;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	assert_string_equal(p.shown.record, "_acme-challenge.example.org");
	/* printf evaG...oA.Nzb...Xs | openssl sha256 -binary | basenc --base64url */
	assert_string_equal(p.shown.text, "ZTRx1Ckl1-tM05o5zaizTTA0yUy5AGereMgSNWC6Ll8");
	a.wildcard = true;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	assert_true(p.shown.wildcard);
	c.type = CAPCERT_ACME_HTTP_01;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), -EINVAL);
	c.type = CAPCERT_ACME_DNS_PERSIST_01;
	c.token = NULL;
	c.issuers[0] = "ca.example";
	c.issuer_count = 1;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	assert_string_equal(p.shown.record, "_validation-persist.example.org");
	assert_string_equal(p.shown.text,
			    "ca.example; accounturi=https://ca.example/1; policy=wildcard");
	assert_null(p.shown.token);
	a.wildcard = false;
	c.account_url = "https://ca.example/1";
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
	assert_string_equal(p.shown.text, "ca.example; accounturi=https://ca.example/1");
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/2", &p), -EPROTO);
	acme_name_set(&a.name, CAPCERT_ACME_IP, "192.0.2.1");
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), -EINVAL);
	c.type = CAPCERT_ACME_HTTP_01;
	c.token = TOKEN;
	assert_int_equal(acme_proof_make(&a, &c, THUMB, "https://ca.example/1", &p), 0);
}

/* ---- names of certificates ---- */

static void test_cert_names(void **state)
{
	struct pki_spec spec = { .cn = "leaf",
				 .dns = { "b.example.org", "*.a.example.org" },
				 .ip = (const uint8_t *)"\xc0\x00\x02\x01",
				 .ip_len = 4 };
	struct pki_spec odd = { .cn = "leaf", .email = "user@example.org" },
			none = { .cn = "leaf" };
	struct pki_spec *const specs[] = { &spec, &odd, &none };
	struct acme_name names[3];
	size_t count = 0;

	for (int i = 0; i < 3; i++) {
		struct pki *p = pki_make(specs[i], NULL);
		capcert_cert *cert;

		assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
		assert_int_equal(acme_names_of_cert(cert, names, 3, &count), i ? -EBADMSG : 0);
		if (!i) {
			assert_int_equal(count, 3);
			assert_int_equal(acme_names_of_cert(cert, names, 2, &count), -EBADMSG);
		}
		capcert_cert_free(cert);
		pki_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_csr),	cmocka_unit_test(test_jws),
		cmocka_unit_test(test_alpn),	cmocka_unit_test(test_alpn_refused),
		cmocka_unit_test(test_binding), cmocka_unit_test(test_key_refused),
		cmocka_unit_test(test_proof),	cmocka_unit_test(test_cert_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
