// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public keys as JWK (RFC 7517, 7518, 8037) and their thumbprints (RFC 7638). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/pubkey.h>
#include "core/base64.h"
#include "core/spki.h"
#include "libcapcert/jwk.h"
#include "libcapcert/sha.h"

#define FIELD_MOST 2048 /* octets of a modulus of 16384 bits */

size_t base64url(struct cc_span in, char *ret)
{
	size_t n = cc_base64_encode(in, ret);

	while (n && ret[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		ret[i] = ret[i] == '+' ? '-' : ret[i] == '/' ? '_' : ret[i];
	ret[n] = '\0';
	return n;
}

static int print(char **ret, const char *format, struct cc_span a, struct cc_span b,
		 const char *curve)
{
	char one[BASE64URL_CAP(FIELD_MOST)], two[BASE64URL_CAP(FIELD_MOST)];

	if (a.n > FIELD_MOST || b.n > FIELD_MOST)
		return -EOPNOTSUPP;
	base64url(a, one);
	base64url(b, two);
	/* Members in the order of their names: RFC 7638 section 3.3 hashes just this text. */
	if (curve)
		return asprintf(ret, format, curve, one, two) < 0 ? -ENOMEM : 0;
	return asprintf(ret, format, one, two) < 0 ? -ENOMEM : 0;
}

/* Coordinates have the length of the field, leading zeros and all (RFC 7518 section 6.2.1.2). */
static int jwk_ec(const struct cc_spki *key, const char *curve, char **ret)
{
	size_t n = (key->bits + 7) / 8;

	if (key->key.n != 1 + 2 * n || key->key.p[0] != 0x04)
		return -EOPNOTSUPP;
	return print(ret, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}",
		     cc_span(key->key.p + 1, n), cc_span(key->key.p + 1 + n, n), curve);
}

static int jwk_rsa(const struct cc_spki *key, char **ret)
{
	struct capcert_pubkey_parts parts;
	int r = capcert_pubkey_parts(key->whole.p, key->whole.n, &parts);

	if (r < 0)
		return r;
	return print(ret, "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}",
		     cc_span(parts.exponent, parts.exponent_len),
		     cc_span(parts.modulus, parts.modulus_len), NULL);
}

int capcert_pubkey_jwk(const uint8_t *spki, size_t spki_len, char **ret)
{
	struct cc_span in = cc_span(spki, spki_len);
	struct cc_spki key;

	if (cc_spki_get(&in, &key) || in.n)
		return -EBADMSG;
	switch (key.alg) {
	case CC_KEY_P256:
		return jwk_ec(&key, "P-256", ret);
	case CC_KEY_P384:
		return jwk_ec(&key, "P-384", ret);
	case CC_KEY_P521:
		return jwk_ec(&key, "P-521", ret);
	case CC_KEY_RSA:
		return jwk_rsa(&key, ret);
	case CC_KEY_ED25519:
		return print(ret, "{\"crv\":\"%s\",\"kty\":\"OKP\",\"x\":\"%s\"}", key.key,
			     cc_span(NULL, 0), "Ed25519");
	default:
		return -EOPNOTSUPP;
	}
}

int capcert_pubkey_thumbprint(const uint8_t *spki, size_t spki_len,
			      char ret[CAPCERT_THUMBPRINT_TEXT])
{
	uint8_t hash[SHA256_DIGEST_SIZE];
	char *jwk, text[BASE64URL_CAP(SHA256_DIGEST_SIZE)];
	int r = capcert_pubkey_jwk(spki, spki_len, &jwk);

	if (r < 0)
		return r;
	sha256_of(cc_span(jwk, strlen(jwk)), hash);
	free(jwk);
	memcpy(ret, text, base64url(cc_span(hash, sizeof(hash)), text) + 1);
	return 0;
}
