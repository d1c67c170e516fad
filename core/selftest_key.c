// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: URIs of keys, what a use may sign, the form of signatures. */
#include "core/alg.h"
#include "core/key_use.h"
#include "core/selftest_part.h"
#include "core/signature.h"

static const struct {
	const char *text;
	bool good;
} uris[] = {
	{ "pkcs11:token=T;object=O;purpose=tls-server", true },
	{ "pkcs11:serial=1;id=%00%ff", true },
	{ "pkcs11:token=T;object=O;slot-id=1", false },
	{ "pkcs11:token=T;object=O;pin-value=1", false },
	{ "pkcs11:token=T;object=O?module-path=/m", false },
	{ "pkcs11:token=T;object=%4", false },
	{ "pkcs11:token=%00;object=O", false },
	{ "pkcs11:token=T;object=O;purpose=none", false },
	{ "pkcs11:token=T", false },
	{ "pkcs11:object=O", false },
};

/* TBSCertList v2, Ed25519, without entries; and ResponseData with one answer. */
static const struct cc_octets list =
	CC_OCTETS("\x30\x36\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x30\x0c\x31\x0a"
		  "\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x69\x17\x0d\x32\x35\x30\x31"
		  "\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x17\x0d\x32\x35\x30\x32\x30"
		  "\x31\x30\x30\x30\x30\x30\x30\x5a");
static const struct cc_octets response =
	CC_OCTETS("\x30\x7d\xa2\x16\x04\x14\x63\x63\x63\x63\x63\x63\x63\x63\x63\x63"
		  "\x63\x63\x63\x63\x63\x63\x63\x63\x63\x63\x18\x0f\x32\x30\x32\x35"
		  "\x30\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a\x30\x52\x30\x50\x30"
		  "\x3b\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14\x61\x61"
		  "\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61"
		  "\x61\x61\x04\x14\x62\x62\x62\x62\x62\x62\x62\x62\x62\x62\x62\x62"
		  "\x62\x62\x62\x62\x62\x62\x62\x62\x02\x02\x10\x01\x80\x00\x18\x0f"
		  "\x32\x30\x32\x35\x30\x31\x30\x31\x30\x30\x30\x30\x30\x30\x5a");

/*
 * TBSCertificate of an answer to tls-alpn-01 (RFC 8737), Ed25519.
 * CHALLENGE_OID is the last octet of acmeIdentifier.
 */
static const struct cc_octets challenge =
	CC_OCTETS("\x30\x81\xe5\xa0\x03\x02\x01\x02\x02\x01\x01\x30\x05\x06\x03\x2b"
		  "\x65\x70\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61"
		  "\x30\x1e\x17\x0d\x32\x36\x31\x31\x32\x38\x30\x36\x35\x34\x33\x34"
		  "\x5a\x17\x0d\x32\x36\x31\x32\x30\x35\x30\x36\x35\x34\x33\x34\x5a"
		  "\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01\x61\x30\x2a"
		  "\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00\x32\x3f\x86\x05\x95\x63"
		  "\x99\x1b\xf7\xac\xa9\x8b\x18\x9a\x43\xab\x18\x87\x8f\x7e\x83\x07"
		  "\xe7\x04\x36\x3d\xe3\x2d\x07\xd7\x9f\x09\xa3\x6c\x30\x6a\x30\x14"
		  "\x06\x03\x55\x1d\x11\x04\x0d\x30\x0b\x82\x09\x61\x2e\x65\x78\x61"
		  "\x6d\x70\x6c\x65\x30\x33\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x1f"
		  "\x01\x01\xff\x04\x24\x04\x20\x61\x61\x61\x61\x61\x61\x61\x61\x61"
		  "\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61\x61"
		  "\x61\x61\x61\x61\x61\x61\x61\x61\x61\x30\x1d\x06\x03\x55\x1d\x0e"
		  "\x04\x16\x04\x14\x9b\xfe\xe2\x9f\x4b\x8d\x50\xab\xcc\x02\xfd\x7e"
		  "\xf9\xc7\xbd\x6b\xcd\xb4\x8f\x68");
#define CHALLENGE_OID 159

static const struct {
	const char *name;
	struct cc_octets octets;
	uint32_t key_alg;
	bool good;
} signatures[] = {
	{ "signature: r = s = 1", CC_OCTETS("\x30\x06\x02\x01\x01\x02\x01\x01"), CC_KEY_P256,
	  true },
	{ "signature: s = 0", CC_OCTETS("\x30\x06\x02\x01\x01\x02\x01\x00"), CC_KEY_P256, false },
	{ "signature: r < 0", CC_OCTETS("\x30\x06\x02\x01\xff\x02\x01\x01"), CC_KEY_P384, false },
	{ "signature: trailing", CC_OCTETS("\x30\x06\x02\x01\x01\x02\x01\x01\x00"), CC_KEY_P521,
	  false },
	{ "signature: no length of Ed25519", CC_OCTETS("\x30\x06\x02\x01\x01\x02\x01\x01"),
	  CC_KEY_ED25519, false },
};

static bool may(uint32_t use, struct cc_octets message)
{
	return !cc_key_use_refuses(use, CC_SCHEME_ED25519, cc_octets_span(message));
}

/* What says acmeIdentifier, and is of no use to anybody else; with another OID it might be. */
static const char *selftest_challenge(void)
{
	uint8_t other[232];

	if (challenge.n != sizeof(other))
		return "key use: length of a challenge";
	if (!may(CC_KEY_USE_TLS_SERVER, challenge) || may(CC_KEY_USE_TLS_CLIENT, challenge) ||
	    may(CC_KEY_USE_CODE_SIGN, challenge) || may(CC_KEY_USE_ACME_ACCOUNT, challenge))
		return "key use: a challenge is for tls-server";
	memcpy(other, challenge.p, sizeof(other));
	other[CHALLENGE_OID]++;
	if (!cc_key_use_refuses(CC_KEY_USE_TLS_SERVER, CC_SCHEME_ED25519,
				cc_span(other, sizeof(other))))
		return "key use: another critical extension is no challenge";
	return NULL;
}

static const char *selftest_uses(void)
{
	static const struct cc_octets jws = CC_OCTETS("e30.e30");

	if (!may(CC_KEY_USE_CRL_SIGN, list) || may(CC_KEY_USE_CA_SIGN, list) ||
	    may(CC_KEY_USE_OCSP_SIGN, list) || may(CC_KEY_USE_TLS_SERVER, list))
		return "key use: a list is for crl-sign";
	if (!may(CC_KEY_USE_OCSP_SIGN, response) || may(CC_KEY_USE_CA_SIGN, response) ||
	    may(CC_KEY_USE_CRL_SIGN, response) || may(CC_KEY_USE_CODE_SIGN, response))
		return "key use: a response is for ocsp-sign";
	if (!may(CC_KEY_USE_ACME_ACCOUNT, jws) || may(CC_KEY_USE_CA_SIGN, jws))
		return "key use: JWS";
	return NULL;
}

const char *cc_selftest_key(void)
{
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	const char *msg;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(uris); i++)
		if (!cc_key_uri_parse(uris[i].text, strlen(uris[i].text), &uri, &err) !=
		    uris[i].good)
			return uris[i].text;
	for (i = 0; i < CC_ARRAY_SIZE(signatures); i++)
		if (cc_signature_form(signatures[i].key_alg, 256,
				      cc_octets_span(signatures[i].octets)) != signatures[i].good)
			return signatures[i].name;
	msg = selftest_challenge();
	return msg ? msg : selftest_uses();
}
