// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a key of one use may be made to sign. */
#include "core/alg.h"
#include "core/cert.h"
#include "core/crl.h"
#include "core/der.h"
#include "core/key_use.h"
#include "core/ocsp.h"
#include "core/text.h"

/* The parsed forms are large, hence apart: one at a time on a kernel's stack. */
static CC_APART const char *certificate_wrong(struct cc_span message, uint32_t scheme)
{
	struct cc_cert cert;

	if (cc_tbs_parse(message, &cert))
		return "not a TBSCertificate";
	return cert.scheme == scheme ? NULL : "the TBSCertificate names another algorithm";
}

static CC_APART const char *list_wrong(struct cc_span message, uint32_t scheme)
{
	struct cc_crl crl;

	if (cc_crl_tbs_parse(message, &crl))
		return "not a TBSCertList";
	return crl.scheme == scheme ? NULL : "the TBSCertList names another algorithm";
}

static CC_APART const char *response_wrong(struct cc_span message)
{
	struct cc_ocsp ocsp;

	return cc_ocsp_data_parse(message, &ocsp) ? "not a ResponseData" : NULL;
}

/* Behind the identifier and length octets of the element that @in begins with, BER's many ways to
 * write a length included; its end is not looked for. */
static struct cc_span inside(struct cc_span in)
{
	size_t head = 2;

	if (in.n < 2)
		return cc_span(in.p, 0);
	if (in.p[1] > 0x80)
		head += in.p[1] & 0x7f;
	return head < in.n ? cc_span(in.p + head, in.n - head) : cc_span(in.p, 0);
}

/* Behind the INTEGER that @in begins with. */
static struct cc_span behind_integer(struct cc_span in)
{
	struct cc_span body = inside(in);
	size_t n = in.n > 1 ? in.p[1] : 0, i;

	if (n >= 0x80) {
		size_t octets = n & 0x7f;

		/* Stays at in.n once it is beyond: then nothing is behind. */
		for (n = 0, i = 0; i < octets && i + 2 < in.n; i++)
			n = n > (in.n >> 8) ? in.n : n << 8 | in.p[2 + i];
	}
	return n < body.n ? cc_span(body.p + n, body.n - n) : cc_span(in.p, 0);
}

/*
 * Could a reader who takes more than DER see one of the three? They begin with a SEQUENCE of
 *  [0] (version), [1], [2] (responderID),
 *  SEQUENCE { OBJECT IDENTIFIER (signature of a TBSCertList v1),
 *  INTEGER, SEQUENCE { OBJECT IDENTIFIER (TBSCertificate v1, TBSCertList v2).
 * A CertificationRequestInfo has INTEGER, SEQUENCE { SET there, or an empty SEQUENCE.
 */
static bool could_be_trusted(struct cc_span message)
{
	struct cc_span in;

	if (!cc_der_peek(message, CC_DER_SEQUENCE))
		return false;
	in = inside(message);
	if (!in.n)
		return false;
	if ((in.p[0] & 0xc0) == 0x80)
		return true;
	if (in.p[0] == CC_DER_INTEGER) {
		in = behind_integer(in);
		if (!in.n)
			return true; /* what can't be skipped hides what is behind it */
	}
	return cc_der_peek(in, CC_DER_SEQUENCE) && cc_der_peek(inside(in), CC_DER_OID);
}

/*
 * The certificate that answers tls-alpn-01 (RFC 8737 section 3): of its own issuer, of no CA, and
 * with the critical extension acmeIdentifier, for which everybody else has to refuse it (RFC 5280
 * section 4.2).
 */
static CC_APART bool answers_challenge(struct cc_span message, uint32_t scheme)
{
	struct cc_cert cert;

	return !cc_tbs_parse(message, &cert) && cert.scheme == scheme && !cert.is_ca &&
	       cc_span_equal(cert.issuer, cert.subject) &&
	       cc_oid_is(cert.unknown_critical, CC_OID_ACME_IDENTIFIER);
}

#define TLS13_SERVER "TLS 1.3, server CertificateVerify"
#define TLS13_CLIENT "TLS 1.3, client CertificateVerify"
#define TLS13_SPACES 64

static const char *tls_wrong(uint32_t use, struct cc_span message)
{
	const char *own = use == CC_KEY_USE_TLS_SERVER	 ? TLS13_SERVER
			  : use == CC_KEY_USE_TLS_CLIENT ? TLS13_CLIENT
							 : NULL;
	const size_t n = sizeof(TLS13_SERVER) - 1;
	size_t i;

	for (i = 0; i < TLS13_SPACES; i++)
		if (i == message.n || message.p[i] != ' ')
			return NULL;
	message = cc_span(message.p + i, message.n - i);
	/* With the zero octet that ends the context string. */
	if (own && message.n > n && !memcmp(message.p, own, n) && !message.p[n])
		return NULL;
	return "what only TLS 1.3 signs, and not for this purpose";
}

/* BASE64URL(header) "." BASE64URL(payload); the payload of an ACME POST-as-GET is empty. */
static const char *jws_wrong(struct cc_span message)
{
	size_t dots = 0, i;

	for (i = 0; i < message.n; i++) {
		uint8_t c = message.p[i];

		if (c == '.')
			dots += i ? 1 : 2;
		else if (!cc_ascii_digit(c) && c != '-' && c != '_' &&
			 (cc_ascii_lower(c) < 'a' || cc_ascii_lower(c) > 'z'))
			dots = 2;
		if (dots > 1)
			break;
	}
	return dots == 1 ? NULL : "not a JWS Signing Input";
}

const char *cc_key_use_refuses(uint32_t use, uint32_t scheme, struct cc_span message)
{
	switch (use) {
	case CC_KEY_USE_CA_SIGN:
		return certificate_wrong(message, scheme);
	case CC_KEY_USE_CRL_SIGN:
		return list_wrong(message, scheme);
	case CC_KEY_USE_OCSP_SIGN:
		return response_wrong(message);
	case CC_KEY_USE_ACME_ACCOUNT:
		return jws_wrong(message);
	default:
		if (could_be_trusted(message) &&
		    !(use == CC_KEY_USE_TLS_SERVER && answers_challenge(message, scheme)))
			return "could be read as a certificate, a CRL or an OCSP response to sign";
		return tls_wrong(use, message);
	}
}
