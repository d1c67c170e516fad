// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON Web Signatures (RFC 7515): one signature, the algorithm is the key's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jansson.h>
#include <capcert/jws.h>
#include "core/der.h"
#include "core/spki.h"
#include "libcapcert/jwk.h"
#include "libcapcert/jws.h"

#define NUMBER_MOST 66 /* octets of a number modulo the order of P-521 */

static const struct alg {
	uint8_t key; /* enum cc_key_alg */
	const char *name;
	uint32_t scheme;
	size_t number; /* octets of r and of s; 0 = the signature as it is */
} algs[] = {
	{ CC_KEY_P256, "ES256", 0x0403, 32 },	{ CC_KEY_P384, "ES384", 0x0503, 48 },
	{ CC_KEY_P521, "ES512", 0x0603, 66 },	{ CC_KEY_RSA, "RS256", 0x0401, 0 },
	{ CC_KEY_ED25519, "EdDSA", 0x0807, 0 },
};

static const struct alg *alg_of(struct cc_span spki)
{
	struct cc_spki key;

	if (cc_spki_get(&spki, &key) || spki.n)
		return NULL;
	for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++)
		if (algs[i].key == key.alg)
			return &algs[i];
	return NULL;
}

/* One INTEGER of Ecdsa-Sig-Value as @n octets. */
static bool take_number(struct cc_span *seq, uint8_t *ret, size_t n)
{
	struct cc_span number;

	if (cc_der_get(seq, CC_DER_INTEGER, &number) || !cc_der_integer_valid(number) ||
	    number.p[0] >= 0x80)
		return false;
	if (number.n > 1 && !number.p[0])
		number = cc_span(number.p + 1, number.n - 1);
	if (number.n > n)
		return false;
	memset(ret, 0, n - number.n);
	memcpy(ret + n - number.n, number.p, number.n);
	return true;
}

/* RFC 7518 section 3.4: r || s. */
static int numbers_of(struct cc_span sig, size_t n, uint8_t ret[2 * NUMBER_MOST])
{
	struct cc_span seq;

	if (cc_der_only(sig, CC_DER_SEQUENCE, &seq) || !take_number(&seq, ret, n) ||
	    !take_number(&seq, ret + n, n) || seq.n)
		return -EIO;
	return 0;
}

/* The protected header as text. */
static int make_header(const char *header, const char *alg, char **ret)
{
	json_t *j = header ? json_loads(header, JSON_REJECT_DUPLICATES, NULL) : json_object();
	int r = 0;

	if (!json_is_object(j) || json_object_get(j, "alg"))
		r = header ? -EINVAL : -ENOMEM;
	if (r == 0 && json_object_set_new(j, "alg", json_string(alg)))
		r = -ENOMEM;
	if (r == 0) {
		*ret = json_dumps(j, JSON_COMPACT | JSON_PRESERVE_ORDER);
		r = *ret ? 0 : -ENOMEM;
	}
	json_decref(j);
	return r;
}

/* "BASE64URL(header).BASE64URL(payload)", the JWS Signing Input; *@ret_dot: where the dot is. */
static int make_input(const char *header, struct cc_span payload, char **ret, size_t *ret_dot)
{
	size_t n = strlen(header);
	char *text = malloc(BASE64URL_CAP(n) + BASE64URL_CAP(payload.n) + 1);

	if (!text)
		return -ENOMEM;
	n = base64url(cc_span(header, n), text);
	text[n] = '.';
	base64url(payload, text + n + 1);
	*ret = text;
	*ret_dot = n;
	return 0;
}

static int finish(char *input, size_t dot, struct cc_span sig, uint32_t flags, char **ret)
{
	char text[BASE64URL_CAP(CAPCERT_MAX_SIGNATURE)];
	int n;

	base64url(sig, text);
	if (!(flags & CAPCERT_JWS_FLATTENED))
		return asprintf(ret, "%s.%s", input, text) < 0 ? -ENOMEM : 0;
	input[dot] = '\0';
	n = asprintf(ret, "{\"protected\":\"%s\",\"payload\":\"%s\",\"signature\":\"%s\"}", input,
		     input + dot + 1, text);
	return n < 0 ? -ENOMEM : 0;
}

int jws_build(struct cc_span spki, const char *header, struct cc_span payload, uint32_t flags,
	      jws_signer sign, void *ctx, char **ret)
{
	uint8_t sig[CAPCERT_MAX_SIGNATURE], numbers[2 * NUMBER_MOST];
	const struct alg *alg = alg_of(spki);
	char *head = NULL, *input = NULL;
	size_t len = sizeof(sig), dot = 0;
	struct cc_span out;
	int r;

	if (flags & ~CAPCERT_JWS_FLATTENED)
		return -EINVAL;
	if (!alg)
		return -EOPNOTSUPP;
	r = make_header(header, alg->name, &head);
	if (r == 0)
		r = make_input(head, payload, &input, &dot);
	if (r == 0)
		r = sign(ctx, alg->scheme, input, strlen(input), sig, &len);
	out = cc_span(sig, len);
	if (r == 0 && alg->number) {
		r = numbers_of(out, alg->number, numbers);
		out = cc_span(numbers, 2 * alg->number);
	}
	if (r == 0)
		r = finish(input, dot, out, flags, ret);
	free(input);
	free(head);
	return r;
}
