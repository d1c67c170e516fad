// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The system's roots and the test certificates, field by field against GnuTLS. */
#include <gnutls/x509.h>
#include "tests/unit/cert_build.h"

static unsigned int compared;

static void same_usage(const struct cc_cert *c, gnutls_x509_crt_t crt, const char *what)
{
	static const struct {
		unsigned int theirs, ours;
	} bits[] = {
		{ GNUTLS_KEY_DIGITAL_SIGNATURE, CC_KU_DIGITAL_SIGNATURE },
		{ GNUTLS_KEY_NON_REPUDIATION, CC_KU_NON_REPUDIATION },
		{ GNUTLS_KEY_KEY_ENCIPHERMENT, CC_KU_KEY_ENCIPHERMENT },
		{ GNUTLS_KEY_DATA_ENCIPHERMENT, CC_KU_DATA_ENCIPHERMENT },
		{ GNUTLS_KEY_KEY_AGREEMENT, CC_KU_KEY_AGREEMENT },
		{ GNUTLS_KEY_KEY_CERT_SIGN, CC_KU_KEY_CERT_SIGN },
		{ GNUTLS_KEY_CRL_SIGN, CC_KU_CRL_SIGN },
		{ GNUTLS_KEY_ENCIPHER_ONLY, CC_KU_ENCIPHER_ONLY },
		{ GNUTLS_KEY_DECIPHER_ONLY, CC_KU_DECIPHER_ONLY },
	};
	unsigned int usage = 0, mask = 0, critical = 0, i;
	int r = gnutls_x509_crt_get_key_usage(crt, &usage, &critical);

	if ((r >= 0) != !!(c->ext_present & CC_EXT_BIT(KEY_USAGE)))
		fail_msg("%s: key usage present", what);
	for (i = 0; i < CC_ARRAY_SIZE(bits); i++)
		if (usage & bits[i].theirs)
			mask |= bits[i].ours;
	if (r >= 0 && (mask != c->key_usage ||
		       (critical != 0) != !!(c->ext_critical & CC_EXT_BIT(KEY_USAGE))))
		fail_msg("%s: key usage %x, not %x", what, c->key_usage, mask);
}

static void same_key_id(const struct cc_cert *c, gnutls_x509_crt_t crt, const char *what)
{
	uint8_t id[128];
	size_t n = sizeof(id);
	unsigned int critical;

	if (gnutls_x509_crt_get_subject_key_id(crt, id, &n, &critical) < 0)
		n = 0;
	if (!cc_span_equal(c->skid, cc_span(id, n)))
		fail_msg("%s: subject key identifier", what);
	n = sizeof(id);
	if (gnutls_x509_crt_get_authority_key_id(crt, id, &n, &critical) < 0)
		n = 0;
	if (!cc_span_equal(c->akid, cc_span(id, n)))
		fail_msg("%s: authority key identifier", what);
}

static void same_fields(const struct cc_cert *c, gnutls_x509_crt_t crt, const char *what)
{
	gnutls_datum_t dn = { 0 };
	unsigned int ca = 0, bits = 0, critical;
	uint8_t buf[1024];
	size_t n = sizeof(buf);
	int path_len = -1, alg;

	if (gnutls_x509_crt_get_version(crt) != c->version)
		fail_msg("%s: version", what);
	if (gnutls_x509_crt_get_activation_time(crt) != c->not_before ||
	    gnutls_x509_crt_get_expiration_time(crt) != c->not_after)
		fail_msg("%s: times", what);
	if (gnutls_x509_crt_get_serial(crt, buf, &n) || !cc_span_equal(c->serial, cc_span(buf, n)))
		fail_msg("%s: serial", what);
	if (gnutls_x509_crt_get_raw_dn(crt, &dn) ||
	    !cc_span_equal(c->subject, cc_span(dn.data, dn.size)))
		fail_msg("%s: subject", what);
	gnutls_free(dn.data);
	if (gnutls_x509_crt_get_raw_issuer_dn(crt, &dn) ||
	    !cc_span_equal(c->issuer, cc_span(dn.data, dn.size)))
		fail_msg("%s: issuer", what);
	gnutls_free(dn.data);
	n = sizeof(buf);
	if (gnutls_x509_crt_get_signature(crt, (char *)buf, &n) ||
	    !cc_span_equal(c->signature, cc_span(buf, n)))
		fail_msg("%s: signature", what);
	alg = gnutls_x509_crt_get_pk_algorithm(crt, &bits);
	if ((alg == GNUTLS_PK_RSA) != (c->key_alg == CC_KEY_RSA) || bits != c->key_bits)
		fail_msg("%s: key %d/%u, not %u/%u", what, c->key_alg, c->key_bits, alg, bits);
	gnutls_x509_crt_get_basic_constraints(crt, &critical, &ca, &path_len);
	if ((ca != 0) != c->is_ca || (c->is_ca && path_len != c->path_len))
		fail_msg("%s: basic constraints", what);
	same_usage(c, crt, what);
	same_key_id(c, crt, what);
}

static void compare(gnutls_x509_crt_t crt, const char *what)
{
	gnutls_datum_t der = { 0 };
	struct cc_cert c;

	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), 0);
	if (cert_parse(cc_span(der.data, der.size), &c))
		fail_msg("%s does not parse", what);
	same_fields(&c, crt, what);
	gnutls_free(der.data);
	compared++;
}

static void test_certificates(void **state)
{
	static const char *const names[] = { "ec-leaf",	 "ec-intermediate",  "ec-root",
					     "rsa-leaf", "rsa-intermediate", "rsa-root" };
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(names); i++) {
		gnutls_x509_crt_t crt;
		struct cc_span s;
		char path[64];

		snprintf(path, sizeof(path), "tests/data/%s.der", names[i]);
		s = der_file(path);
		gnutls_datum_t datum = { (uint8_t *)(uintptr_t)s.p, (unsigned int)s.n };

		assert_int_equal(gnutls_x509_crt_init(&crt), 0);
		assert_int_equal(gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER), 0);
		compare(crt, names[i]);
		gnutls_x509_crt_deinit(crt);
	}
	assert_int_equal(compared, CC_ARRAY_SIZE(names));
}

static void system_roots(void **state)
{
	gnutls_x509_crt_t *list = NULL;
	gnutls_datum_t pem = { 0 };
	unsigned int count = 0, i;
	char what[32];

	if (gnutls_load_file("/etc/ssl/certs/ca-certificates.crt", &pem))
		skip();
	assert_true(gnutls_x509_crt_list_import2(&list, &count, &pem, GNUTLS_X509_FMT_PEM, 0) >= 0);
	assert_true(count > 50);
	for (i = 0; i < count; i++) {
		snprintf(what, sizeof(what), "root %u", i);
		compare(list[i], what);
		gnutls_x509_crt_deinit(list[i]);
	}
	gnutls_free(list);
	gnutls_free(pem.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(system_roots),
	};

	return cmocka_run_group_tests_name("core against GnuTLS", tests, NULL, NULL);
}
