// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: one whole revocation list, and what single octets make of it. */
#include "core/crl.h"
#include "core/selftest_part.h"

/* An indirect list with three entries, the second and third of another issuer's certificates. Its
 * signature is noise. */
static const struct cc_octets good =
	CC_OCTETS("\x30\x82\x01\x56\x30\x82\x01\x08\x02\x01\x01\x30\x05\x06\x03\x2b"
		  "\x65\x70\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x0c\x06\x69"
		  "\x73\x73\x75\x65\x72\x17\x0d\x32\x35\x30\x31\x30\x31\x30\x30\x30"
		  "\x30\x30\x30\x5a\x17\x0d\x32\x35\x30\x32\x30\x31\x30\x30\x30\x30"
		  "\x30\x30\x5a\x30\x81\x87\x30\x12\x02\x01\x05\x17\x0d\x32\x34\x31"
		  "\x32\x32\x34\x31\x38\x30\x30\x30\x30\x5a\x30\x5d\x02\x02\x00\xff"
		  "\x17\x0d\x32\x34\x31\x32\x32\x34\x31\x38\x30\x30\x30\x30\x5a\x30"
		  "\x48\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01\x01\x30\x18\x06"
		  "\x03\x55\x1d\x18\x04\x11\x18\x0f\x32\x30\x32\x34\x31\x32\x30\x31"
		  "\x30\x30\x30\x30\x30\x30\x5a\x30\x20\x06\x03\x55\x1d\x1d\x01\x01"
		  "\xff\x04\x16\x30\x14\xa4\x12\x30\x10\x31\x0e\x30\x0c\x06\x03\x55"
		  "\x04\x03\x0c\x05\x6f\x74\x68\x65\x72\x30\x12\x02\x01\x85\x17\x0d"
		  "\x32\x34\x31\x32\x32\x34\x31\x38\x30\x30\x30\x30\x5a\xa0\x41\x30"
		  "\x3f\x30\x0f\x06\x03\x55\x1d\x23\x04\x08\x30\x06\x80\x04\x01\x02"
		  "\x03\x04\x30\x0b\x06\x03\x55\x1d\x14\x04\x04\x02\x02\x01\x00\x30"
		  "\x1f\x06\x03\x55\x1d\x1c\x01\x01\xff\x04\x15\x30\x13\xa0\x07\xa0"
		  "\x05\x86\x03\x78\x2f\x79\x81\x01\xff\x83\x02\x05\x60\x84\x01\xff"
		  "\x30\x05\x06\x03\x2b\x65\x70\x03\x41\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		  "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00");

/* One octet of it replaced. */
static const struct cc_patch patches[] = {
	{ "crl: no SEQUENCE", 0, 0x31, CC_CRL_E_DER },
	{ "crl: version 3", 10, 0x02, CC_CRL_E_VERSION },
	{ "crl: another algorithm outside", 17, 0x71, CC_CRL_E_ALGORITHM },
	{ "crl: issuer", 22, 0x31, CC_CRL_E_NAME },
	{ "crl: thisUpdate", 41, '9', CC_CRL_E_TIME },
	{ "crl: nextUpdate", 56, '9', CC_CRL_E_TIME },
	{ "crl: serial not minimal", 95, 0x7f, CC_CRL_E_ENTRY },
	{ "crl: negative reason", 124, 0xff, CC_CRL_E_ENTRY },
	{ "crl: BOOLEAN of an entry", 160, 0x01, CC_CRL_E_ENTRY },
	{ "crl: no list of extensions", 207, 0x31, CC_CRL_E_EXTENSION },
	{ "crl: twice the same extension", 232, 0x23, CC_CRL_E_DUPLICATE },
	{ "crl: FALSE written out", 248, 0x00, CC_CRL_E_EXTENSION },
	{ "crl: flag FALSE written out", 264, 0x00, CC_CRL_E_EXTENSION },
	{ "crl: signature of odd bits", 281, 0x01, CC_CRL_E_DER },
};

static bool fields_hold(const struct cc_crl *c)
{
	const uint32_t present = CC_CRL_EXT_BIT(AUTHORITY_KEY_ID) | CC_CRL_EXT_BIT(NUMBER) |
				 CC_CRL_EXT_BIT(ISSUING_POINT);

	return c->version == 2 && c->scheme == CC_SCHEME_ED25519 && c->signature.n == 64 &&
	       c->this_update == 1735689600 && c->has_next_update && c->next_update == 1738368000 &&
	       c->entry_count == 3 && c->ext_present == present &&
	       c->ext_critical == CC_CRL_EXT_BIT(ISSUING_POINT) && c->number.n == 2 &&
	       c->base.n == 0 && c->akid.n == 4 && c->indirect && c->only_user && !c->only_ca &&
	       !c->only_attribute && c->idp_name.full.n == 5 && c->idp_name.relative.n == 0 &&
	       c->idp_reasons == (CC_REASON_FLAG_KEY_COMPROMISE | CC_REASON_FLAG_CA_COMPROMISE) &&
	       c->entry_critical == CC_CRL_ENTRY_EXT_BIT(ISSUER);
}

static bool entries_hold(const struct cc_crl *c)
{
	struct cc_crl_entry entry = { .present = 0 };
	struct cc_span rest = c->entries;

	if (cc_crl_entry_next(&rest, &entry) != 1 || entry.serial.n != 1 || entry.issuer.n ||
	    entry.date != 1735063200)
		return false;
	if (cc_crl_entry_next(&rest, &entry) != 1 || entry.serial.n != 2 || !entry.issuer.n ||
	    entry.reason != CC_CRL_REASON_KEY_COMPROMISE || entry.invalidity_date != 1733011200)
		return false;
	/* certificateIssuer persists, the rest does not */
	return cc_crl_entry_next(&rest, &entry) == 1 && entry.issuer.n && entry.present == 0 &&
	       entry.reason == CC_CRL_REASON_UNSPECIFIED && cc_crl_entry_next(&rest, &entry) == 0;
}

static const char *test_good(void)
{
	struct cc_crl c;
	size_t n;

	if (cc_crl_parse(cc_octets_span(good), &c) || !fields_hold(&c))
		return "crl: fields";
	if (!entries_hold(&c))
		return "crl: entries";
	if (cc_crl_parse(cc_span(good.p, 0), &c) != CC_CRL_E_EMPTY)
		return "crl: no bytes";
	for (n = 1; n < good.n; n++)
		if (cc_crl_parse(cc_span(good.p, n), &c) != CC_CRL_E_TRUNCATED)
			return "crl: cut off";
	return NULL;
}

static int parse_only(struct cc_span der)
{
	struct cc_crl c;

	return cc_crl_parse(der, &c);
}

static const char *test_patches(void)
{
	uint8_t bad[384];

	if (good.n + 1 > sizeof(bad))
		return "crl: room";
	memcpy(bad, good.p, good.n);
	bad[good.n] = 0;
	if (parse_only(cc_span(bad, good.n + 1)) != CC_CRL_E_TRAILING)
		return "crl: an octet behind it";
	return cc_patches_hold(parse_only, bad, good.n, patches, CC_ARRAY_SIZE(patches));
}

const char *cc_selftest_crl(void)
{
	const char *failed = test_good();

	return failed ? failed : test_patches();
}
