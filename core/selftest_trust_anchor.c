// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers of the trust anchor parser: one TrustAnchorInfo with every field, and damaged. */
#include "core/selftest_part.h"
#include "core/trust_anchor.h"

/* Name CN=A, an Ed25519 key, title, policy 1.2.3.4, explicit policy, excluded b.c, path length 1,
 * serverAuth. */
static const uint8_t good[] = {
	0xa2, 0x7e, 0x30, 0x7c, 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
	0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
	0x1e, 0x1f, 0x20, 0x04, 0x02, 0xab, 0xcd, 0x0c, 0x02, 0xc3, 0x84, 0x30, 0x29, 0x30, 0x0c,
	0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, 0x41, 0xa1, 0x07, 0x30,
	0x05, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x82, 0x02, 0x06, 0x40, 0xa3, 0x09, 0xa1, 0x07, 0x30,
	0x05, 0x82, 0x03, 0x62, 0x2e, 0x63, 0x84, 0x01, 0x01, 0xa1, 0x17, 0x30, 0x15, 0x30, 0x13,
	0x06, 0x03, 0x55, 0x1d, 0x25, 0x04, 0x0c, 0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05,
	0x05, 0x07, 0x03, 0x01, 0x82, 0x02, 0x64, 0x65,
};

static const struct cc_patch patches[] = {
	{ "anchor: another choice", 0, 0xa3, CC_CERT_E_DER },
	{ "anchor: longer than it is", 1, 0x7f, CC_CERT_E_TRUNCATED },
	{ "anchor: a key cut short", 15, 0x20, CC_CERT_E_KEY },
	{ "anchor: a key identifier that is none", 48, 0x05, CC_CERT_E_DER },
	{ "anchor: a title not UTF-8", 55, 0x41, CC_CERT_E_DER },
	{ "anchor: a name that is none", 60, 0x30, CC_CERT_E_NAME },
	{ "anchor: a policy not ended", 80, 0x84, CC_CERT_E_CONTROLS },
	{ "anchor: a flag nobody knows", 84, 0x10, CC_CERT_E_CONTROLS },
	{ "anchor: constraints of nothing", 87, 0xa2, CC_CERT_E_CONTROLS },
	{ "anchor: negative path length", 98, 0xff, CC_CERT_E_CONTROLS },
	{ "anchor: an extension elsewhere", 109, 0x1e, CC_CERT_E_EXTENSION },
	{ "anchor: a language that is none", 126, 0x20, CC_CERT_E_DER },
};

static bool fields_hold(const struct cc_trust_anchor *ta)
{
	const struct cc_cert *c = &ta->cert;

	return ta->kind == CC_ANCHOR_INFO && ta->named && ta->certificate.n == 0 &&
	       ta->body.p == good + 2 && ta->body.n == sizeof(good) - 2 && ta->title.n == 2 &&
	       ta->title_lang.n == 2 && cc_cert_bare(c) && c->is_ca && c->subject.n == 14 &&
	       c->spki.p == good + 4 && c->spki.n == 44 && c->key_alg == CC_KEY_ED25519 &&
	       c->skid.n == 2 && c->policies.n == 7 && c->require_explicit == 0 &&
	       c->inhibit_mapping == -1 && c->inhibit_any == -1 && c->permitted.n == 0 &&
	       c->excluded.n == 7 && c->path_len == 1 && c->eku_mask == CC_EKU_SERVER_AUTH;
}

static int parse_only(struct cc_span der)
{
	struct cc_trust_anchor ta;

	return cc_trust_anchor_parse(der, &ta);
}

static const char *test_good(void)
{
	struct cc_trust_anchor ta;
	struct cc_span rest = cc_span(good, sizeof(good)), one;
	size_t n;

	if (cc_trust_anchor_parse(rest, &ta) || !fields_hold(&ta))
		return "anchor: fields";
	if (cc_trust_anchor_next(&rest, &one) != 1 || one.n != sizeof(good) ||
	    cc_trust_anchor_next(&rest, &one) != 0)
		return "anchor: in a list";
	for (n = 1; n < sizeof(good); n++)
		if (parse_only(cc_span(good, n)) != CC_CERT_E_TRUNCATED)
			return "anchor: cut off";
	return NULL;
}

const char *cc_selftest_trust_anchor(void)
{
	const char *failed = test_good();
	uint8_t bad[sizeof(good)];

	if (failed)
		return failed;
	memcpy(bad, good, sizeof(good));
	return cc_patches_hold(parse_only, bad, sizeof(bad), patches, CC_ARRAY_SIZE(patches));
}
