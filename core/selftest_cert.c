// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: one whole certificate, and what single octets make of it. */
#include "core/cert.h"
#include "core/selftest_part.h"

/* A CA with most kinds of extension; the comments give offsets. Its signature is noise. */
static const uint8_t good[325] = {
	/* 0: Certificate */
	0x30,
	0x82,
	0x01,
	0x41,
	/* 4: TBSCertificate */
	0x30,
	0x81,
	0xf4,
	/* 7: version 3 */
	0xa0,
	0x03,
	0x02,
	0x01,
	0x02,
	/* 12: serial number */
	0x02,
	0x02,
	0x01,
	0x00,
	/* 16: Ed25519 */
	0x30,
	0x05,
	0x06,
	0x03,
	0x2b,
	0x65,
	0x70,
	/* 23: issuer CN=ca */
	0x30,
	0x0d,
	0x31,
	0x0b,
	0x30,
	0x09,
	0x06,
	0x03,
	0x55,
	0x04,
	0x03,
	0x0c,
	0x02,
	0x63,
	0x61,
	/* 38: validity 2026 */
	0x30,
	0x1e,
	0x17,
	0x0d,
	0x32,
	0x36,
	0x30,
	0x31,
	0x30,
	0x31,
	0x30,
	0x30,
	0x30,
	0x30,
	0x30,
	0x30,
	0x5a,
	0x17,
	0x0d,
	0x32,
	0x36,
	0x31,
	0x32,
	0x33,
	0x31,
	0x32,
	0x33,
	0x35,
	0x39,
	0x35,
	0x39,
	0x5a,
	/* 70: subject CN=a */
	0x30,
	0x0c,
	0x31,
	0x0a,
	0x30,
	0x08,
	0x06,
	0x03,
	0x55,
	0x04,
	0x03,
	0x0c,
	0x01,
	0x61,
	/* 84: public key */
	0x30,
	0x2a,
	0x30,
	0x05,
	0x06,
	0x03,
	0x2b,
	0x65,
	0x70,
	0x03,
	0x21,
	0x00,
	0x00,
	0x01,
	0x02,
	0x03,
	0x04,
	0x05,
	0x06,
	0x07,
	0x08,
	0x09,
	0x0a,
	0x0b,
	0x0c,
	0x0d,
	0x0e,
	0x0f,
	0x10,
	0x11,
	0x12,
	0x13,
	0x14,
	0x15,
	0x16,
	0x17,
	0x18,
	0x19,
	0x1a,
	0x1b,
	0x1c,
	0x1d,
	0x1e,
	0x1f,
	/* 128: extensions */
	0xa3,
	0x79,
	0x30,
	0x77,
	/* 132: basicConstraints, critical: CA, path length 1 */
	0x30,
	0x12,
	0x06,
	0x03,
	0x55,
	0x1d,
	0x13,
	0x01,
	0x01,
	0xff,
	0x04,
	0x08,
	0x30,
	0x06,
	0x01,
	0x01,
	0xff,
	0x02,
	0x01,
	0x01,
	/* 152: keyUsage, critical: keyCertSign, cRLSign */
	0x30,
	0x0e,
	0x06,
	0x03,
	0x55,
	0x1d,
	0x0f,
	0x01,
	0x01,
	0xff,
	0x04,
	0x04,
	0x03,
	0x02,
	0x01,
	0x06,
	/* 168: extKeyUsage: serverAuth */
	0x30,
	0x13,
	0x06,
	0x03,
	0x55,
	0x1d,
	0x25,
	0x04,
	0x0c,
	0x30,
	0x0a,
	0x06,
	0x08,
	0x2b,
	0x06,
	0x01,
	0x05,
	0x05,
	0x07,
	0x03,
	0x01,
	/* 189: subjectAltName: DNS a.b, IP 127.0.0.1 */
	0x30,
	0x14,
	0x06,
	0x03,
	0x55,
	0x1d,
	0x11,
	0x04,
	0x0d,
	0x30,
	0x0b,
	0x82,
	0x03,
	0x61,
	0x2e,
	0x62,
	0x87,
	0x04,
	0x7f,
	0x00,
	0x00,
	0x01,
	/* 211: nameConstraints, critical: permitted DNS b */
	0x30,
	0x13,
	0x06,
	0x03,
	0x55,
	0x1d,
	0x1e,
	0x01,
	0x01,
	0xff,
	0x04,
	0x09,
	0x30,
	0x07,
	0xa0,
	0x05,
	0x30,
	0x03,
	0x82,
	0x01,
	0x62,
	/* 232: tlsFeature: status_request */
	0x30,
	0x11,
	0x06,
	0x08,
	0x2b,
	0x06,
	0x01,
	0x05,
	0x05,
	0x07,
	0x01,
	0x18,
	0x04,
	0x05,
	0x30,
	0x03,
	0x02,
	0x01,
	0x05,
	/* 251: Ed25519 */
	0x30,
	0x05,
	0x06,
	0x03,
	0x2b,
	0x65,
	0x70,
	/* 258: signature */
	0x03,
	0x41,
	0x00,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
	0x55,
};

/* One octet of it replaced. */
static const struct cc_patch patches[] = {
	{ "cert: not a SEQUENCE", 0, 0x31, CC_CERT_E_DER },
	{ "cert: indefinite length", 1, 0x80, CC_CERT_E_DER },
	{ "cert: shorter than the bytes", 3, 0x40, CC_CERT_E_TRAILING },
	{ "cert: longer than the bytes", 3, 0x42, CC_CERT_E_TRUNCATED },
	{ "cert: long form of a short length", 6, 0x7f, CC_CERT_E_DER },
	{ "cert: signature past its container", 259, 0x42, CC_CERT_E_TRUNCATED },
	{ "cert: version 1 written out", 11, 0x00, CC_CERT_E_VERSION },
	{ "cert: version 4", 11, 0x03, CC_CERT_E_VERSION },
	{ "cert: version 2 with extensions", 11, 0x01, CC_CERT_E_VERSION },
	{ "cert: serial number not minimal", 14, 0x00, CC_CERT_E_SERIAL },
	{ "cert: algorithms differ inside", 22, 0x71, CC_CERT_E_ALGORITHM },
	{ "cert: algorithms differ outside", 257, 0x71, CC_CERT_E_ALGORITHM },
	{ "cert: issuer is no Name", 25, 0x30, CC_CERT_E_NAME },
	{ "cert: subject is no Name", 74, 0x31, CC_CERT_E_NAME },
	{ "cert: UTCTime called GeneralizedTime", 40, 0x18, CC_CERT_E_TIME },
	{ "cert: month 91", 44, 0x39, CC_CERT_E_TIME },
	{ "cert: unused bits in the key", 95, 0x01, CC_CERT_E_KEY },
	{ "cert: critical FALSE written out", 141, 0x00, CC_CERT_E_EXTENSION },
	{ "cert: critical is 01", 141, 0x01, CC_CERT_E_EXTENSION },
	{ "cert: cA FALSE written out", 148, 0x00, CC_CERT_E_EXTENSION },
	{ "cert: negative path length", 151, 0xff, CC_CERT_E_EXTENSION },
	{ "cert: an extension twice", 158, 0x13, CC_CERT_E_DUPLICATE },
	{ "cert: an unused key usage bit", 167, 0x07, CC_CERT_E_EXTENSION },
	{ "cert: usage OID not ended", 188, 0x81, CC_CERT_E_EXTENSION },
	{ "cert: alternative name not ASCII", 202, 0xe1, CC_CERT_E_EXTENSION },
	{ "cert: unused bits in the signature", 260, 0x01, CC_CERT_E_DER },
};

static bool fields_hold(const struct cc_cert *c)
{
	const uint32_t critical = CC_EXT_BIT(BASIC_CONSTRAINTS) | CC_EXT_BIT(KEY_USAGE) |
				  CC_EXT_BIT(NAME_CONSTRAINTS);
	const uint32_t present = critical | CC_EXT_BIT(EXT_KEY_USAGE) |
				 CC_EXT_BIT(SUBJECT_ALT_NAME) | CC_EXT_BIT(TLS_FEATURE);

	return c->version == 3 && c->serial.n == 2 && !c->serial_odd && !c->time_odd &&
	       c->tbs.p == good + 4 && c->tbs.n == 247 && c->spki.p == good + 84 &&
	       c->not_before == 1767225600 && c->not_after == 1798761599 &&
	       c->key_alg == CC_KEY_ED25519 && c->key_bits == 256 && c->key.n == 32 &&
	       c->scheme == CC_SCHEME_ED25519 && c->signature.n == 64 && c->is_ca &&
	       c->path_len == 1 && c->ext_present == present && c->ext_critical == critical &&
	       c->key_usage == (CC_KU_KEY_CERT_SIGN | CC_KU_CRL_SIGN) &&
	       c->eku_mask == CC_EKU_SERVER_AUTH && c->must_staple && c->san.n == 11 &&
	       c->permitted.n == 5 && c->excluded.n == 0 && c->unknown_critical.n == 0 &&
	       c->inhibit_any == -1 && !cc_cert_self_issued(c);
}

static const char *test_good(void)
{
	struct cc_general_name gn;
	struct cc_cert c;
	size_t n;

	if (cc_cert_parse(cc_span(good, sizeof(good)), &c) || !fields_hold(&c))
		return "cert: fields";
	if (cc_gn_next(&c.san, &gn) != 1 || gn.type != CC_GN_DNS || gn.value.n != 3 ||
	    cc_gn_next(&c.san, &gn) != 1 || gn.type != CC_GN_IP || gn.value.n != 4 ||
	    cc_gn_next(&c.san, &gn) != 0)
		return "cert: alternative names";
	if (cc_subtree_next(&c.permitted, &gn) != 1 || gn.type != CC_GN_DNS ||
	    cc_subtree_next(&c.permitted, &gn) != 0)
		return "cert: permitted names";
	if (cc_cert_parse(cc_span(good, 0), &c) != CC_CERT_E_EMPTY)
		return "cert: no bytes";
	for (n = 1; n < sizeof(good); n++)
		if (cc_cert_parse(cc_span(good, n), &c) != CC_CERT_E_TRUNCATED ||
		    cc_cert_size(cc_span(good, n)))
			return "cert: cut off";
	return NULL;
}

static int parse_only(struct cc_span der)
{
	struct cc_cert c;

	return cc_cert_parse(der, &c);
}

static const char *test_patches(void)
{
	uint8_t bad[sizeof(good) + 1];

	memcpy(bad, good, sizeof(good));
	bad[sizeof(good)] = 0;
	if (parse_only(cc_span(bad, sizeof(bad))) != CC_CERT_E_TRAILING)
		return "cert: an octet behind it";
	return cc_patches_hold(parse_only, bad, sizeof(good), patches, CC_ARRAY_SIZE(patches));
}

const char *cc_selftest_cert(void)
{
	const char *failed = test_good();

	return failed ? failed : test_patches();
}
