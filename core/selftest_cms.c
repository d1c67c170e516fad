// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers of the envelope's parser: one of `openssl cms`, and single octets changed. */
#include "core/alg.h"
#include "core/cms.h"
#include "core/selftest_part.h"

/* Content "x", SHA-256, signer CN=A serial 5. The signature is 256 zeros. */
static const uint8_t good[377] = {
	0x30, 0x82, 0x01, 0x75, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
	0x02, 0xa0, 0x82, 0x01, 0x66, 0x30, 0x82, 0x01, 0x62, 0x02, 0x01, 0x01, 0x31, 0x0d,
	0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x30,
	0x10, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01, 0xa0, 0x03,
	0x04, 0x01, 0x78, 0x31, 0x82, 0x01, 0x3a, 0x30, 0x82, 0x01, 0x36, 0x02, 0x01, 0x01,
	0x30, 0x11, 0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c,
	0x01, 0x41, 0x02, 0x01, 0x05, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
	0x03, 0x04, 0x02, 0x01, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
	0x01, 0x01, 0x01, 0x05, 0x00, 0x04, 0x82, 0x01, 0x00,
};

static const struct cc_patch patches[] = {
	{ "cms: no SEQUENCE", 0, 0x31, CC_CMS_E_DER },
	{ "cms: enveloped data", 14, 0x03, CC_CMS_E_TYPE },
	{ "cms: version 3", 25, 0x03, CC_CMS_E_VERSION },
	{ "cms: SHA-224", 40, 0x04, CC_CMS_E_ALGORITHM },
	{ "cms: signed data in signed data", 53, 0x02, CC_CMS_E_TYPE },
	{ "cms: content in pieces", 56, 0x24, CC_CMS_E_DER },
	{ "cms: certificates", 59, 0xa0, CC_CMS_E_CERTIFICATES },
	{ "cms: revocation lists", 59, 0xa1, CC_CMS_E_CERTIFICATES },
	{ "cms: signer of version 3", 69, 0x03, CC_CMS_E_VERSION },
	{ "cms: signer by key identifier", 70, 0x80, CC_CMS_E_SIGNER },
	{ "cms: signer without a name", 74, 0x30, CC_CMS_E_SIGNER },
	{ "cms: two hashes", 101, 0x02, CC_CMS_E_ALGORITHM },
	{ "cms: signed attributes", 102, 0xa0, CC_CMS_E_ATTRIBUTES },
	{ "cms: RSA-PSS", 114, 0x0a, CC_CMS_E_ALGORITHM },
	{ "cms: parameters", 115, 0x04, CC_CMS_E_ALGORITHM },
	{ "cms: no signature", 117, 0x03, CC_CMS_E_DER },
};

static const char *test_good(void)
{
	struct cc_cms cms;
	size_t n;

	if (cc_cms_parse(cc_span(good, sizeof(good)), &cms) || cms.content.n != 1 ||
	    cms.content.p[0] != 'x' || cms.issuer.n != 14 || cms.serial.n != 1 ||
	    cms.serial.p[0] != 5 || cms.signature.n != 256 ||
	    cms.scheme != CC_SCHEME_RSA_PKCS1_SHA256)
		return "cms: fields";
	for (n = 0; n < sizeof(good); n++)
		if (cc_cms_parse(cc_span(good, n), &cms) != CC_CMS_E_TRUNCATED)
			return "cms: cut off";
	return NULL;
}

static int parse_only(struct cc_span der)
{
	struct cc_cms cms;

	return cc_cms_parse(der, &cms);
}

const char *cc_selftest_cms(void)
{
	const char *failed = test_good();
	uint8_t bad[sizeof(good) + 1];

	if (failed)
		return failed;
	memcpy(bad, good, sizeof(good));
	bad[sizeof(good)] = 0;
	if (parse_only(cc_span(bad, sizeof(bad))) != CC_CMS_E_TRAILING)
		return "cms: an octet behind it";
	return cc_patches_hold(parse_only, bad, sizeof(good), patches, CC_ARRAY_SIZE(patches));
}
