// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: one whole OCSP response, and what single octets make of it. */
#include "core/crl.h"
#include "core/ocsp.h"
#include "core/selftest_part.h"

/* Two single responses, revoked by a SHA-1 CertID and good by a SHA-256 one with a list of SCTs; a
 * nonce and an unknown critical extension; one certificate. Its signature is noise. */
static const struct cc_octets good =
	CC_OCTETS("\x30\x82\x01\x97\x0a\x01\x00\xa0\x82\x01\x90\x30\x82\x01\x8c\x06"
		  "\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01\x04\x82\x01\x7d\x30\x82"
		  "\x01\x79\x30\x82\x01\x5b\xa2\x16\x04\x14\xc3\xc3\xc3\xc3\xc3\xc3"
		  "\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\xc3\x18\x0f"
		  "\x32\x30\x32\x35\x30\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x30"
		  "\x82\x01\x03\x30\x66\x30\x3b\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a"
		  "\x05\x00\x04\x14\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1"
		  "\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\x04\x14\xb2\xb2\xb2\xb2\xb2\xb2"
		  "\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\x02\x02"
		  "\x10\x01\xa1\x16\x18\x0f\x32\x30\x32\x34\x31\x32\x32\x34\x31\x38"
		  "\x30\x30\x30\x30\x5a\xa0\x03\x0a\x01\x01\x18\x0f\x32\x30\x32\x35"
		  "\x30\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x30\x81\x98\x30\x55"
		  "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x04\x20\xa1"
		  "\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1"
		  "\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\xa1\x04"
		  "\x20\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2"
		  "\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2\xb2"
		  "\xb2\x02\x02\x10\x01\x80\x00\x18\x0f\x32\x30\x32\x35\x30\x31\x30"
		  "\x31\x30\x30\x30\x30\x30\x30\x5a\xa0\x11\x18\x0f\x32\x30\x32\x35"
		  "\x30\x31\x30\x38\x30\x30\x30\x30\x30\x30\x5a\xa1\x19\x30\x17\x30"
		  "\x15\x06\x0a\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05\x04\x07\x04"
		  "\x05\x00\x03\x00\x01\x41\xa1\x29\x30\x27\x30\x17\x06\x09\x2b\x06"
		  "\x01\x05\x05\x07\x30\x01\x02\x04\x0a\x04\x08\x01\x02\x03\x04\x05"
		  "\x06\x07\x08\x30\x0c\x06\x03\x2a\x03\x05\x01\x01\xff\x04\x02\x05"
		  "\x00\x30\x05\x06\x03\x2b\x65\x70\x03\x09\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\xa0\x06\x30\x04\x30\x02\x05\x00");

/* One octet of it replaced. */
static const struct cc_patch patches[] = {
	{ "ocsp: no SEQUENCE", 0, 0x31, CC_OCSP_E_DER },
	{ "ocsp: tryLater with an answer", 6, 0x03, CC_OCSP_E_STATUS },
	{ "ocsp: another type", 25, 0x02, CC_OCSP_E_TYPE },
	{ "ocsp: a responder of no kind", 38, 0xa3, CC_OCSP_E_RESPONDER },
	{ "ocsp: producedAt", 68, '9', CC_OCSP_E_TIME },
	{ "ocsp: another hash, as long as it likes", 92, 0x0f, CC_OCSP_OK },
	{ "ocsp: parameters that no hash has", 96, 0x31, CC_OCSP_OK },
	{ "ocsp: serial number is no INTEGER", 142, 0x03, CC_OCSP_E_SINGLE },
	{ "ocsp: serial number not minimal", 144, 0x00, CC_OCSP_E_SINGLE },
	{ "ocsp: a status of no kind", 146, 0xa3, CC_OCSP_E_SINGLE },
	{ "ocsp: negative reason", 169, 0xff, CC_OCSP_E_SINGLE },
	{ "ocsp: thisUpdate", 180, '9', CC_OCSP_E_SINGLE },
	{ "ocsp: good is not NULL", 277, 0x81, CC_OCSP_E_SINGLE },
	{ "ocsp: nextUpdate with a fraction", 314, '.', CC_OCSP_E_SINGLE },
	{ "ocsp: no list of SCTs", 335, 0x05, CC_OCSP_E_SINGLE },
	{ "ocsp: nonce", 361, 0x05, CC_OCSP_E_EXTENSION },
	{ "ocsp: FALSE written out", 380, 0x00, CC_OCSP_E_EXTENSION },
	{ "ocsp: signature of odd bits", 394, 0x01, CC_OCSP_E_DER },
	{ "ocsp: certificates", 405, 0x31, CC_OCSP_E_CERTS },
};

static bool fields_hold(const struct cc_ocsp *c)
{
	return c->status == CC_OCSP_STATUS_SUCCESSFUL && c->by_key && c->responder.n == 20 &&
	       c->responder.p[0] == 0xc3 && c->produced_at == 1735689600 && c->single_count == 2 &&
	       c->cert_count == 1 && c->scheme == CC_SCHEME_ED25519 && c->signature.n == 8 &&
	       c->ext_present == (CC_OCSP_EXT_BIT(NONCE) | CC_OCSP_EXT_BIT(UNKNOWN)) &&
	       c->ext_critical == CC_OCSP_EXT_BIT(UNKNOWN) && c->nonce.n == 8 &&
	       c->unknown_critical.n == 3;
}

static bool singles_hold(const struct cc_ocsp *c)
{
	struct cc_span rest = c->singles, der;
	struct cc_ocsp_single s;

	if (cc_ocsp_single_next(&rest, &s) != 1 || s.status != CC_OCSP_REVOKED ||
	    s.id.hash != CC_OCSP_HASH_SHA1 || s.id.serial.n != 2 || s.revoked_at != 1735063200 ||
	    !s.has_reason || s.reason != CC_CRL_REASON_KEY_COMPROMISE || s.has_next_update)
		return false;
	if (cc_ocsp_single_next(&rest, &s) != 1 || s.status != CC_OCSP_GOOD ||
	    s.id.hash != CC_OCSP_HASH_SHA256 || s.id.key_hash.n != 32 || s.has_reason ||
	    !s.has_next_update || s.next_update != 1736294400 || s.scts.n != 5)
		return false;
	if (cc_ocsp_single_next(&rest, &s) != 0)
		return false;
	rest = c->certs;
	return cc_ocsp_cert_next(&rest, &der) == 1 && der.n == 4 &&
	       cc_ocsp_cert_next(&rest, &der) == 0;
}

static const char *test_good(void)
{
	struct cc_ocsp c;
	size_t n;

	if (cc_ocsp_parse(cc_octets_span(good), &c) || !fields_hold(&c))
		return "ocsp: fields";
	if (!singles_hold(&c))
		return "ocsp: single responses";
	if (cc_ocsp_parse(cc_span(good.p, 0), &c) != CC_OCSP_E_EMPTY)
		return "ocsp: no bytes";
	for (n = 1; n < good.n; n++)
		if (cc_ocsp_parse(cc_span(good.p, n), &c) != CC_OCSP_E_TRUNCATED)
			return "ocsp: cut off";
	return NULL;
}

static int parse_only(struct cc_span der)
{
	struct cc_ocsp c;

	return cc_ocsp_parse(der, &c);
}

static const char *test_patches(void)
{
	uint8_t bad[448];

	if (good.n + 1 > sizeof(bad))
		return "ocsp: room";
	memcpy(bad, good.p, good.n);
	bad[good.n] = 0;
	if (parse_only(cc_span(bad, good.n + 1)) != CC_OCSP_E_TRAILING)
		return "ocsp: an octet behind it";
	return cc_patches_hold(parse_only, bad, good.n, patches, CC_ARRAY_SIZE(patches));
}

const char *cc_selftest_ocsp(void)
{
	const char *failed = test_good();

	return failed ? failed : test_patches();
}
