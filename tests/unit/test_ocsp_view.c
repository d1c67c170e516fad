// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OCSP responses, requests and revocation lists as the public calls show them. */
#include <capcert/crl.h>
#include <capcert/ocsp.h>
#include "tests/unit/ocsp_fixture.h"

static capcert_cert *cert_new(const struct pki *p)
{
	capcert_cert *cert;

	assert_int_equal(capcert_cert_new(p->der.data, p->der.size, &cert, NULL), 0);
	return cert;
}

static bool is(struct capcert_bytes b, struct cc_span s)
{
	return cc_span_equal(cc_span(b.data, b.len), s);
}

static void a_response(void **state)
{
	struct family f = make_family();
	struct response_spec spec = {
		.issuer = f.ca,
		.by_key = true,
		.certs = { f.ca },
		.answers = 3,
		.exts = "30{06{2b0601050507300102}04{04{0102}}}30{06{2a0304}01{ff}04{}}",
		.answer = { { .about = f.leaf },
			    { .about = f.leaf,
			      .hash = CC_OCSP_HASH_SHA256,
			      .status = CC_OCSP_REVOKED,
			      .reason = 1,
			      .no_next = true },
			    { .about = f.leaf, .status = CC_OCSP_UNKNOWN } }
	};
	struct cc_span r = make_response(&spec);
	struct capcert_ocsp_info info;
	struct capcert_ocsp_answer a;
	const char *why = NULL;
	capcert_ocsp *ocsp;
	capcert_cert *cert;

	(void)state;
	assert_int_equal(capcert_ocsp_new(r.p, r.n, &ocsp, NULL), 0);
	capcert_ocsp_get(ocsp, &info);
	assert_string_equal(info.status_name, "successful");
	assert_true(info.by_key && info.responder.len == 20 && info.unknown_critical);
	assert_int_equal(info.answer_count, 3);
	assert_int_equal(info.cert_count, 1);
	assert_int_equal(info.nonce.len, 2);
	assert_int_equal(info.produced_at, PKI_NOW - 3600);
	assert_string_equal(info.scheme, "ecdsa-sha256");
	assert_int_equal(capcert_ocsp_answer_at(ocsp, 0, &a), 0);
	assert_int_equal(a.status, CAPCERT_OCSP_GOOD);
	assert_string_equal(a.hash, "sha1");
	assert_true(is(a.serial, serial_of(f.leaf)));
	assert_true(a.have_next_update && a.next_update == PKI_NOW + 3 * PKI_DAY);
	assert_int_equal(capcert_ocsp_answer_at(ocsp, 1, &a), 0);
	assert_int_equal(a.status, CAPCERT_OCSP_REVOKED);
	assert_string_equal(a.hash, "sha256");
	assert_int_equal(a.reason, 1);
	assert_false(a.have_next_update);
	assert_int_equal(capcert_ocsp_answer_at(ocsp, 2, &a), 0);
	assert_int_equal(a.status, CAPCERT_OCSP_UNKNOWN);
	assert_int_equal(a.reason, -1);
	assert_int_equal(capcert_ocsp_answer_at(ocsp, 3, &a), -ENOENT);
	assert_int_equal(capcert_ocsp_cert_at(ocsp, 0, &cert), 0);
	capcert_cert_free(cert);
	assert_int_equal(capcert_ocsp_cert_at(ocsp, 1, &cert), -ENOENT);
	capcert_ocsp_free(ocsp);
	capcert_ocsp_free(NULL);
	assert_int_equal(capcert_ocsp_new(r.p, r.n - 1, &ocsp, &why), -EBADMSG);
	assert_string_equal(why, cc_ocsp_error_text(CC_OCSP_E_TRUNCATED));
	assert_int_equal(capcert_ocsp_new(r.p, r.n - 1, &ocsp, NULL), -EBADMSG);
	assert_int_equal(capcert_ocsp_new(r.p, CC_OCSP_MAX + 1, &ocsp, &why), -EBADMSG);
	assert_int_equal(capcert_ocsp_new(r.p, CC_OCSP_MAX + 1, &ocsp, NULL), -EBADMSG);
	assert_int_equal(capcert_ocsp_new(NULL, 0, &ocsp, NULL), -EBADMSG);
	assert_string_equal(capcert_revocation_reason_name(1), "keyCompromise");
	free_family(&f);
}

/* One certificate, one response, as a verification would judge it. */
static void a_check(void **state)
{
	struct pki_spec s = { .cn = "Signer", .eku = { OCSP_SIGNING } };
	struct family f = make_family();
	struct pki *signer = pki_make(&s, f.ca);
	struct response_spec spec = { .issuer = f.ca, .answer[0] = { .about = f.leaf } };
	struct pki *const others_of[70] = { signer };
	capcert_cert *leaf = cert_new(f.leaf), *ca = cert_new(f.ca), *root = cert_new(f.root);
	capcert_chain *others = make_chain(others_of);
	struct capcert_ocsp_verdict v;
	capcert_policy *policy;
	struct cc_span r = make_response(&spec);

	(void)state;
	/* What the policy accepts does not matter, nor what it asks of the leaf. */
	assert_int_equal(capcert_policy_new(RFC5280 ";revocation=none;min_scts=9", &policy, NULL),
			 0);
	assert_int_equal(capcert_ocsp_check(policy, leaf, ca, NULL, r.p, r.n, PKI_NOW, &v), 0);
	assert_true(v.counts && v.status == CAPCERT_OCSP_GOOD && !v.why);
	assert_int_equal(v.until, PKI_NOW + 3 * PKI_DAY - 1);
	assert_int_equal(v.this_update, PKI_NOW - 3600);
	assert_int_equal(capcert_ocsp_check(policy, leaf, root, NULL, r.p, r.n, PKI_NOW, &v), 0);
	assert_true(!v.counts && v.why);
	assert_int_equal(
		capcert_ocsp_check(policy, leaf, ca, NULL, r.p, r.n, PKI_NOW + 4 * PKI_DAY, &v), 0);
	assert_false(v.counts);
	assert_int_equal(v.status, CAPCERT_OCSP_UNKNOWN);
	assert_non_null(strstr(v.why, "out of date"));
	assert_int_equal(capcert_ocsp_check(policy, leaf, ca, NULL, r.p, r.n - 1, PKI_NOW, &v),
			 -EBADMSG);
	spec.signer = signer;
	spec.answer[0].status = CC_OCSP_REVOKED;
	spec.answer[0].reason = 4;
	r = make_response(&spec);
	assert_int_equal(capcert_ocsp_check(policy, leaf, ca, NULL, r.p, r.n, PKI_NOW, &v), 0);
	assert_false(v.counts);
	assert_int_equal(capcert_ocsp_check(policy, leaf, ca, others, r.p, r.n, PKI_NOW, &v), 0);
	assert_true(v.counts && v.status == CAPCERT_OCSP_REVOKED && v.reason == 4);
	assert_int_equal(v.revoked_at, PKI_NOW - 2 * PKI_DAY);
	spec = (struct response_spec){ .error = CC_OCSP_STATUS_TRY_LATER };
	r = make_response(&spec);
	assert_int_equal(capcert_ocsp_check(policy, leaf, ca, others, r.p, r.n, PKI_NOW, &v), 0);
	assert_true(!v.counts && v.status == CAPCERT_OCSP_RESPONDER_UNREACHABLE);
	capcert_policy_free(policy);
	capcert_chain_free(others);
	capcert_cert_free(leaf);
	capcert_cert_free(ca);
	capcert_cert_free(root);
	pki_free(signer);
	free_family(&f);
}

static void a_request(void **state)
{
	static const uint8_t nonce[128] = { 1, 2, 3 };
	struct family f = make_family();
	capcert_cert *leaf = cert_new(f.leaf), *ca = cert_new(f.ca);
	struct response_spec spec = { .issuer = f.ca };
	struct answer_spec about = { .about = f.leaf };
	struct cc_span want, alg;
	uint8_t *der;
	char *url;
	size_t len;

	(void)state;
	assert_int_equal(capcert_ocsp_request(leaf, ca, 0, NULL, 0, &der, &len), 0);
	want = der(0x30, der(0x30, der(0x30, der(0x30, answer_id(&spec, &about)))));
	assert_true(cc_span_equal(cc_span(der, len), want));
	free(der);
	about.hash = CC_OCSP_HASH_SHA256;
	assert_int_equal(
		capcert_ocsp_request(leaf, ca, CAPCERT_HASH_SHA256, nonce, 128, &der, &len), 0);
	alg = der(0x30, der_text("06{2b0601050507300102}"),
		  der(0x04, der_wrap(0x04, cc_span(nonce, 128))));
	want = der(0x30, der(0x30, der(0x30, der(0x30, answer_id(&spec, &about))),
			     der(0xa2, der(0x30, alg))));
	assert_true(cc_span_equal(cc_span(der, len), want));
	free(der);
	assert_int_equal(capcert_ocsp_request(leaf, ca, 0, nonce, 129, &der, &len), -EINVAL);
	assert_int_equal(capcert_ocsp_request(leaf, ca, 0, nonce, 0, &der, &len), -EINVAL);
	assert_int_equal(capcert_ocsp_request(leaf, ca, 99, NULL, 0, &der, &len), -EINVAL);
	assert_int_equal(capcert_ocsp_request_url("http://a", (const uint8_t *)"\xfb\xff", 2, &url),
			 0);
	assert_string_equal(url, "http://a/%2B%2F8%3D");
	free(url);
	assert_int_equal(capcert_ocsp_request_url("http://a/", (const uint8_t *)"abcd", 4, &url),
			 0);
	assert_string_equal(url, "http://a/YWJjZA%3D%3D");
	free(url);
	assert_int_equal(capcert_ocsp_request_url("", NULL, 1 << 20, &url), -EINVAL);
	capcert_cert_free(leaf);
	capcert_cert_free(ca);
	free_family(&f);
}

static void a_list(void **state)
{
	struct family f = make_family();
	struct list_spec spec = { .issuer = f.ca,
				  .number = 5,
				  .entries = 2,
				  .idp = idp_of(ONLY_USER),
				  .entry = { { .cert = f.leaf, .reason = 1 }, { .reason = 0 } } };
	struct cc_span l = make_list(&spec), serial = serial_of(f.leaf);
	capcert_cert *ca = cert_new(f.ca), *root = cert_new(f.root);
	struct capcert_crl_info info;
	struct capcert_crl_entry e;
	uint8_t *big = calloc(1, ((size_t)64 << 20) + 1);
	uint32_t at = 0;
	const char *why = NULL;
	capcert_crl *crl;

	(void)state;
	assert_non_null(big);
	assert_int_equal(capcert_crl_new(l.p, l.n, &crl, NULL), 0);
	capcert_crl_get(crl, &info);
	assert_true(is(info.issuer, subject_of(f.ca)));
	assert_true(info.only_users && !info.only_cas && !info.indirect && !info.unknown_critical);
	assert_int_equal(info.entry_count, 2);
	assert_int_equal(info.number.data[0], 5);
	assert_int_equal(info.base.len, 0);
	assert_int_equal(info.version, 2);
	assert_int_equal(info.next_update, PKI_NOW + 7 * PKI_DAY);
	assert_int_equal(capcert_crl_entry_next(crl, &at, &e), 0);
	assert_true(is(e.serial, serial));
	assert_int_equal(capcert_crl_entry_next(crl, &at, &e), 0);
	assert_int_equal(e.serial.len, 1);
	assert_int_equal(e.reason, -1);
	assert_int_equal(capcert_crl_entry_next(crl, &at, &e), -ENOENT);
	assert_int_equal(capcert_crl_find(crl, serial.p, serial.n, &e), 0);
	assert_int_equal(e.reason, 1);
	assert_int_equal(e.date, PKI_NOW - 2 * PKI_DAY);
	assert_int_equal(capcert_crl_find(crl, serial.p, serial.n - 1, &e), -ENOENT);
	assert_int_equal(capcert_crl_is_by(crl, ca), 1);
	assert_int_equal(capcert_crl_is_by(crl, root), 0);
	capcert_crl_free(crl);
	capcert_crl_free(NULL);
	assert_int_equal(capcert_crl_new(l.p, l.n - 1, &crl, &why), -EBADMSG);
	assert_non_null(why);
	assert_int_equal(capcert_crl_new(l.p, 0, &crl, NULL), -EBADMSG);
	assert_int_equal(capcert_crl_new(big, ((size_t)64 << 20) + 1, &crl, NULL), -EMSGSIZE);
	free(big);
	capcert_cert_free(ca);
	capcert_cert_free(root);
	free_family(&f);
}

static void a_list_in_text(void **state)
{
	static const char none[] = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
	static const char bad[] = "-----BEGIN X509 CRL-----\nMAA=\n-----END X509 CRL-----\n";
	struct family f = make_family();
	struct cc_span l = make_list(&(struct list_spec){ .issuer = f.ca });
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)l.p, (unsigned int)l.n }, text;
	const char *why = NULL;
	capcert_crl *crl;

	(void)state;
	PKI(gnutls_pem_base64_encode2("X509 CRL", &der, &text));
	assert_int_equal(capcert_crl_new(text.data, text.size, &crl, &why), 0);
	capcert_crl_free(crl);
	gnutls_free(text.data);
	assert_int_equal(capcert_crl_new((const uint8_t *)none, strlen(none), &crl, &why),
			 -EBADMSG);
	assert_string_equal(why, "no X509 CRL in the text");
	assert_int_equal(capcert_crl_new((const uint8_t *)bad, strlen(bad), &crl, &why), -EBADMSG);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_response),	  cmocka_unit_test(a_check),
		cmocka_unit_test(a_request),	  cmocka_unit_test(a_list),
		cmocka_unit_test(a_list_in_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
