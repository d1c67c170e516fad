// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is asked of one certificate by itself: keys, algorithms, validity, usages, purposes. */
#include "tests/unit/rule_fixture.h"

#define RSA_SPKI(n, e) "30{30{06{2a864886f70d010101} 0500} 03{00 30{02{" n "} 02{" e "}}}}"
#define PSS_SPKI "30{30{06{2a864886f70d01010a}} 03{00 30{02{00c1 *255(11)} 02{010001}}}}"
#define ED25519_SPKI "30{30{06{2b6570}} 03{00 *32(11)}}"
#define ED448_SPKI "30{30{06{2b6571}} 03{00 *57(11)}}"
#define LEAF_KEY(n, e)                             \
	{                                          \
		{                                  \
			LEAF, SPKI, RSA_SPKI(n, e) \
		}                                  \
	}
#define E "010001"

static const struct rule_row keys[] = {
	{ NULL, LEAF_KEY("00c1 *255(11)", E), OK },
	{ WEBPKI, LEAF_KEY("00c1 *255(11)", E), OK },
	{ NULL, LEAF_KEY("40 *255(11)", E), WEAK, 0,
	  "fewer bits than the policy asks for" }, /* 2047 */
	{ NULL, LEAF_KEY("01 *256(11)", E), OK },  /* 2049 */
	{ WEBPKI, LEAF_KEY("01 *256(11)", E), WEAK, 0, "not a whole number of octets" },
	{ RFC5280 ";rsa_min=1024", LEAF_KEY("00c1 *127(11)", E), OK },
	{ WEBPKI ";rsa_min=1024", LEAF_KEY("00c1 *127(11)", E), WEAK, 0, "fewer than 2048 bits" },
	{ RFC5280 ";rsa_min=3072", LEAF_KEY("00c1 *255(11)", E), WEAK, 0,
	  "fewer bits than the policy" },
	{ NULL, LEAF_KEY("00c1 *1023(11)", E), OK }, /* 8192 */
	{ NULL, LEAF_KEY("01 *1024(11)", E), WEAK, 0, "more than 8192 bits" },
	{ NULL, LEAF_KEY("00c1 *255(11)", "01"), WEAK, 0, "RSA exponent" },
	{ NULL, LEAF_KEY("00c1 *255(11)", "02"), WEAK, 0, "RSA exponent" },
	{ NULL, LEAF_KEY("00c1 *255(11)", "03"), OK },
	{ NULL, LEAF_KEY("00c1 *255(11)", "010000"), WEAK, 0, "RSA exponent" },
	{ NULL, LEAF_KEY("00c1 *255(11)", "00ffffffff"), OK },
	{ NULL, LEAF_KEY("00c1 *255(11)", "0100000001"), WEAK, 0, "RSA exponent" },
	/* A key of RSASSA-PSS is an RSA key. */
	{ NULL,
	  { { LEAF, SPKI, "30{30{06{2a864886f70d01010a}} 03{00 30{02{00c1 *127(11)} 02{03}}}}" } },
	  WEAK,
	  0,
	  "fewer bits than the policy asks for" },
	{ RFC5280 ";algs=p384", {}, WEAK, 0, "key of an algorithm that the policy does not allow" },
	{ NULL, { { LEAF, SPKI, "30{30{06{2a0304}} 03{0011}}" } }, WEAK, 0, "key of an algorithm" },
	{ NULL,
	  { { LEAF, SPKI, "30{30{06{2a8648ce3d0201} 06{2b8104000a}} 03{0004 *64(01)}}" } },
	  WEAK,
	  0,
	  "key of an algorithm" }, /* secp256k1 */
	{ RFC5280 ";algs=all", { { LEAF, SPKI, "30{30{06{2a0304}} 03{0011}}" } }, OK },
	/* Schemes. The anchor's own signature proves nothing. */
	{ NULL,
	  { { LEAF, ALG, "30{06{2a864886f70d010105} 0500}" } },
	  WEAK,
	  0,
	  "signed with SHA-1" },
	{ NULL, { { LEAF, ALG, "30{06{2a8648ce3d0401}}" } }, WEAK, 0, "signed with SHA-1" },
	{ NULL,
	  { { LEAF, ALG, "30{06{2a8648ce3d040302} 0500}" } },
	  WEAK,
	  0,
	  "parameters that are not" },
	{ NULL, { { LEAF, ALG, "30{06{2a0304}}" } }, WEAK, 0, "signed with an unknown algorithm" },
	{ NULL, { { CA, ALG, "30{06{2a0304}}" } }, WEAK, 1, "signed with an unknown algorithm" },
	{ NULL, { { ROOT, ALG, "30{06{2a0304}}" } }, OK },
	{ NULL, { { ROOT, ALG, "30{06{2a8648ce3d0401}}" } }, OK },
	{ RFC5280 ";schemes=ecdsa-sha384",
	  {},
	  WEAK,
	  0,
	  "signed with an algorithm that the policy" },
	/* RFC 5280 section 4.1.1.2: known and allowed, but not what this key makes. */
	{ NULL,
	  { { LEAF, ALG, "30{06{2a864886f70d01010b} 0500}" } },
	  WEAK,
	  0,
	  "does not fit the issuer's key" },
	{ NULL, { { LEAF, ALG, "30{06{2b6570}}" } }, WEAK, 0, "does not fit the issuer's key" },
	{ NULL,
	  { { LEAF, ALG, "30{06{2a8648ce3d040303}}" } },
	  CAPCERT_REASON_SIGNATURE_MISMATCH,
	  0,
	  "signature is not by the issuer's key" },
};

#define BORN 1777593600 /* the leaf: 2026-05-01T00:00:00Z */
#define DIES 1785542399 /* 2026-07-31T23:59:59Z */

static const struct rule_row times[] = {
	{ .reason = OK, .at = BORN },
	{ .reason = OK, .at = DIES },
	{ .reason = CAPCERT_REASON_NOT_YET_VALID,
	  .at = BORN - 1,
	  .says = "leaf (CN=www.example.com): not yet valid before 2026-05-01T00:00:00Z" },
	{ .reason = CAPCERT_REASON_EXPIRED,
	  .at = DIES + 1,
	  .says = "leaf (CN=www.example.com): expired at 2026-07-31T23:59:59Z" },
	{ .policy = RFC5280 ";clock_skew=60s", .reason = OK, .at = BORN - 60 },
	{ .policy = RFC5280 ";clock_skew=60s",
	  .reason = CAPCERT_REASON_NOT_YET_VALID,
	  .at = BORN - 61,
	  .says = "not yet valid" },
	{ .policy = RFC5280 ";clock_skew=60s", .reason = OK, .at = DIES + 60 },
	{ .policy = RFC5280 ";clock_skew=60s",
	  .reason = CAPCERT_REASON_EXPIRED,
	  .at = DIES + 61,
	  .says = "expired" },
	{ NULL,
	  { { CA, VALIDITY, "30{17{'260101000000Z'} 17{'260531235959Z'}}" } },
	  CAPCERT_REASON_EXPIRED,
	  1,
	  "certificate 1 of the chain (CN=CA): expired" },
	{ NULL,
	  { { ROOT, VALIDITY, "30{17{'270101000000Z'} 17{'280531235959Z'}}" } },
	  CAPCERT_REASON_NOT_YET_VALID,
	  2,
	  "anchor (CN=Root): not yet valid" },
	/* Ends before it begins: never. Has no well-defined end (section 4.1.2.5): always. */
	{ NULL,
	  { { LEAF, VALIDITY, "30{17{'260701000000Z'} 17{'260501000000Z'}}" } },
	  CAPCERT_REASON_NOT_YET_VALID,
	  0,
	  "not yet valid" },
	{ NULL, { { LEAF, VALIDITY, "30{17{'260501000000Z'} 18{'99991231235959Z'}}" } }, OK },
};

#define PURPOSE(n) .purpose = CAPCERT_PURPOSE_##n
#define SERVER "06{2b06010505070301}"
#define CLIENT "06{2b06010505070302}"
#define CODE "06{2b06010505070303}"
#define EMAIL "06{2b06010505070304}"
#define OCSP "06{2b06010505070309}"
#define ANY "06{551d2500}"
#define SAYS(oids)                             \
	{                                      \
		LEAF, PURPOSES, "30{" oids "}" \
	}
#define NO_EKU                      \
	{                           \
		LEAF, PURPOSES, "-" \
	}

static const struct rule_row purposes[] = {
	{ NULL, { NO_EKU }, OK },
	{ NULL, { SAYS(ANY) }, OK },
	{ NULL, { SAYS(CLIENT) }, EKU, 0, "does not allow this purpose" },
	{ NULL, { SAYS(SERVER) }, EKU, 0, "does not allow this purpose", PURPOSE(TLS_CLIENT_AUTH) },
	{ NULL, { SAYS(CLIENT) }, OK, PURPOSE(TLS_CLIENT_AUTH) },
	{ NULL, { NO_EKU }, OK, PURPOSE(TLS_CLIENT_AUTH) },
	{ NULL, { SAYS(ANY) }, OK, PURPOSE(TLS_CLIENT_AUTH) },
	/* What holds for servers alone is not asked of others in the webpki profile. */
	{ WEBPKI, { NO_EKU }, OK, PURPOSE(TLS_CLIENT_AUTH) },
	{ WEBPKI, { SAYS(ANY) }, OK, PURPOSE(TLS_CLIENT_AUTH) },
	{ NULL, { SAYS(CLIENT) }, OK, PURPOSE(CLIENT_IDENTITY) },
	{ NULL, { SAYS(SERVER) }, EKU, 0, "does not allow this purpose", PURPOSE(CLIENT_IDENTITY) },
	{ NULL, { SAYS(CODE) }, OK, PURPOSE(CODE_SIGNING) },
	{ NULL,
	  { NO_EKU },
	  EKU,
	  0,
	  "no extended key usage, which this purpose asks for",
	  PURPOSE(CODE_SIGNING) },
	{ NULL,
	  { SAYS(CODE ANY) },
	  EKU,
	  0,
	  "wider than this purpose allows",
	  PURPOSE(CODE_SIGNING) },
	{ NULL,
	  { SAYS(CODE SERVER) },
	  EKU,
	  0,
	  "wider than this purpose allows",
	  PURPOSE(CODE_SIGNING) },
	{ NULL, { SAYS(EMAIL) }, EKU, 0, "does not allow this purpose", PURPOSE(CODE_SIGNING) },
	{ NULL, { SAYS(CODE), { CA, PURPOSES, "30{" ANY "}" } }, OK, PURPOSE(CODE_SIGNING) },
	{ NULL,
	  { SAYS(CODE), { CA, PURPOSES, "30{" CODE SERVER "}" } },
	  OK,
	  PURPOSE(CODE_SIGNING) },
	{ NULL, { SAYS(EMAIL) }, OK, PURPOSE(EMAIL_SMIME) },
	{ NULL, { NO_EKU }, OK, PURPOSE(EMAIL_SMIME) },
	{ NULL, { SAYS(OCSP) }, OK, PURPOSE(OCSP_SIGNING) },
	{ NULL, { SAYS(ANY) }, EKU, 0, "does not allow this purpose", PURPOSE(OCSP_SIGNING) },
	{ NULL, { NO_EKU }, EKU, 0, "which this purpose asks for", PURPOSE(OCSP_SIGNING) },
	{ NULL, { SAYS("06{2a0304}") }, OK, PURPOSE(WEBAUTHN_ROOT) },
	{ NULL, { NO_EKU }, OK, PURPOSE(WEBAUTHN_ROOT) },
	/* An issuer cannot pass on what it does not have. */
	{ NULL, { { CA, PURPOSES, "30{" CLIENT "}" } }, EKU, 1, "does not allow this purpose" },
	{ NULL, { { CA, PURPOSES, "30{" CLIENT SERVER "}" } }, OK },
	{ NULL, { { CA, PURPOSES, "30{" ANY "}" } }, OK },
	{ NULL, { { ROOT, PURPOSES, "30{" CLIENT "}" } }, EKU, 2, "does not allow this purpose" },
	{ .reason = PV, .says = "purpose ctLog", PURPOSE(CT_LOG) },
};

/* Key usage: the row's purpose, with the leaf saying so where it must, and one bit. */
static void usage(uint32_t purpose, unsigned int bit, bool fine)
{
	static const char *const says[] = {
		[CAPCERT_PURPOSE_CODE_SIGNING] = "30{" CODE "}",
		[CAPCERT_PURPOSE_OCSP_SIGNING] = "30{" OCSP "}",
		[CAPCERT_PURPOSE_WEBAUTHN_ROOT] = NULL,
	};
	char bits[32];
	struct rule_row row = { .purpose = purpose, .reason = fine ? OK : PV, .name = "" };

	/* X.690 section 11.2.2: no zero bits at the end. */
	if (bit < 8)
		snprintf(bits, sizeof(bits), "!03{%02x%02x}", 7 - bit, 0x80u >> bit);
	else
		snprintf(bits, sizeof(bits), "!03{070080}");
	row.change[0].part = USAGE;
	row.change[0].text = bits;
	row.change[1].part = PURPOSES;
	row.change[1].text = says[purpose] ? says[purpose] : "-";
	row.change[2].part = SPKI; /* RSA: a key of which every usage can be said */
	row.change[2].text = RSA_SPKI("00c1 *255(11)", E);
	if (bit == 5) /* keyCertSign is another rule's business */
		row.says = "keyCertSign without cA";
	else
		row.says = fine ? NULL : "key usage does not allow this purpose";
	rule_check(&row, purpose * 100 + bit);
}

static void test_usages(void **state)
{
	enum { SIGN = 1, REPUDIATE = 2, KEY = 4, DATA = 8, AGREE = 16 };
	static const struct {
		uint32_t purpose;
		unsigned int fine; /* mask of bits, the first bit of keyUsage lowest */
	} table[] = {
		{ CAPCERT_PURPOSE_TLS_SERVER_AUTH, SIGN | KEY | AGREE },
		{ CAPCERT_PURPOSE_TLS_CLIENT_AUTH, SIGN | AGREE },
		{ CAPCERT_PURPOSE_CODE_SIGNING, SIGN },
		{ CAPCERT_PURPOSE_EMAIL_SMIME, SIGN | REPUDIATE | KEY | AGREE },
		{ CAPCERT_PURPOSE_CLIENT_IDENTITY, SIGN | AGREE },
		{ CAPCERT_PURPOSE_OCSP_SIGNING, SIGN | REPUDIATE },
		{ CAPCERT_PURPOSE_WEBAUTHN_ROOT, SIGN },
	};
	unsigned int bit;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		for (bit = 0; bit <= 8; bit++)
			usage(table[i].purpose, bit, table[i].fine >> bit & 1);
}

static const struct rule_row usages[] = {
	{ NULL, { { LEAF, USAGE, "-" } }, OK },
	{ NULL, { { LEAF, USAGE, "!03{00}" } }, PV, 0, "key usage does not allow this purpose" },
	/* A usage that the key is not capable of is none: here keyEncipherment, keyAgreement. */
	{ NULL, { { LEAF, USAGE, "!03{0520}" } }, PV, 0, "key usage does not allow this purpose" },
	{ NULL, { { LEAF, USAGE, "!03{05a0}" } }, OK },
	{ NULL, { { LEAF, USAGE, "!03{0308}" } }, OK },
	{ NULL,
	  { { LEAF, USAGE, "!03{0520}" }, { LEAF, SPKI, RSA_SPKI("00c1 *255(11)", E) } },
	  OK },
	{ NULL,
	  { { LEAF, USAGE, "!03{0308}" }, { LEAF, SPKI, ED25519_SPKI } },
	  PV,
	  0,
	  "key usage does not allow this purpose" },
	{ NULL, { { LEAF, USAGE, "!03{0780}" }, { LEAF, SPKI, ED25519_SPKI } }, OK },
	{ NULL,
	  { { LEAF, USAGE, "!03{0520}" }, { LEAF, SPKI, ED448_SPKI } },
	  PV,
	  0,
	  "key usage does not allow this purpose" },
	{ NULL,
	  { { LEAF, USAGE, "!03{0520}" }, { LEAF, SPKI, PSS_SPKI } },
	  PV,
	  0,
	  "key usage does not allow this purpose" },
	{ NULL, { { LEAF, USAGE, "!03{0780}" }, { LEAF, SPKI, PSS_SPKI } }, OK },
	/* RFC 5280 has no rule for a CA in the leaf's place. */
	{ NULL, { { LEAF, USAGE, "!03{0106}" }, { LEAF, BASIC, "!30{0101ff}" } }, OK },
	{ WEBPKI,
	  { { LEAF, USAGE, "!03{0106}" },
	    { LEAF, BASIC, "!30{0101ff}" },
	    { LEAF, PURPOSES, "30{" CLIENT "}" } },
	  PV,
	  0,
	  "key usage does not allow this purpose",
	  PURPOSE(TLS_CLIENT_AUTH) },
	/* An old root has a critical extension that no other may. */
	{ WEBPKI,
	  { { ROOT, VALIDITY, "30{17{'100101000000Z'} 17{'351231235959Z'}}" },
	    { ROOT, ADDRESSES, "!30{30{06{2b06010505073001} 86{'http://o.example'}}}" } },
	  PV,
	  2,
	  "an extension is critical that must not be" },
};

static void test_keys(void **state)
{
	rule_table(keys);
}

static void test_times(void **state)
{
	rule_table(times);
}

static void test_purposes(void **state)
{
	rule_table(purposes);
}

static void test_usage_rows(void **state)
{
	rule_table(usages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),	   cmocka_unit_test(test_times),
		cmocka_unit_test(test_purposes),   cmocka_unit_test(test_usages),
		cmocka_unit_test(test_usage_rows),
	};
	int r = cmocka_run_group_tests_name("rules/judge", tests, NULL, NULL);

	rule_keys_free();
	return r;
}
