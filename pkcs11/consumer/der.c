// SPDX-License-Identifier: LGPL-2.1-or-later
/* A writer from the end to the beginning, for the two structures that tokens do not write. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <capcert/vault.h>
#include "pkcs11/consumer/der.h"

#define SEQUENCE 0x30
#define INTEGER 0x02
#define BIT_STRING 0x03
#define OCTET_STRING 0x04

struct out {
	uint8_t *buf;
	size_t at; /* what is written begins here */
	bool full;
};

static void put(struct out *o, const void *data, size_t n)
{
	if (n > o->at) {
		o->full = true;
		return;
	}
	o->at -= n;
	memcpy(o->buf + o->at, data, n);
}

/* Tag and length of what was written since @o->at was @end. */
static void put_head(struct out *o, uint8_t tag, size_t end)
{
	size_t n = end - o->at;
	uint8_t head[4] = { tag };
	size_t used = 2;

	if (n < 0x80) {
		head[1] = (uint8_t)n;
	} else if (n < 0x100) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		used = 3;
	} else {
		head[1] = 0x82;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		used = 4;
	}
	if (n > 0xffff)
		o->full = true;
	put(o, head, used);
}

static int finish(struct out *o, size_t cap)
{
	if (o->full)
		return -EMSGSIZE;
	memmove(o->buf, o->buf + o->at, cap - o->at);
	return (int)(cap - o->at);
}

/* A positive INTEGER of big-endian octets, however many zeros stand in front. */
static bool put_number(struct out *o, const uint8_t *p, size_t n)
{
	size_t end = o->at;

	while (n && !*p) {
		p++;
		n--;
	}
	if (!n)
		return false;
	put(o, p, n);
	if (*p & 0x80)
		put(o, "", 1);
	put_head(o, INTEGER, end);
	return true;
}

int der_ecdsa(const uint8_t *rs, size_t n, uint8_t *ret, size_t cap)
{
	struct out o = { ret, cap, false };

	if (!n || n % 2 || n > 132)
		return -EIO;
	if (!put_number(&o, rs + n / 2, n / 2) || !put_number(&o, rs, n / 2))
		return -EIO;
	put_head(&o, SEQUENCE, cap);
	return finish(&o, cap);
}

/* ---- SubjectPublicKeyInfo ---- */

static const uint8_t oid_rsa[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
				   0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };
static const uint8_t oid_ec[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
static const uint8_t oid_p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const uint8_t oid_p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const uint8_t oid_p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const uint8_t oid_ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
/* PKCS #11 section 6.3.3: a PrintableString names the curve too, and is all that some tokens know. */
static const uint8_t name_ed25519[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
					'd',  's',  '2', '5', '5', '1', '9' };

static const struct curve {
	uint32_t algorithm;
	uint32_t bits;
	size_t field; /* octets of a coordinate */
	const uint8_t *oid;
	size_t oid_len;
} curves[] = {
	{ CAPCERT_VAULT_P256, 256, 32, oid_p256, sizeof(oid_p256) },
	{ CAPCERT_VAULT_P384, 384, 48, oid_p384, sizeof(oid_p384) },
	{ CAPCERT_VAULT_P521, 521, 66, oid_p521, sizeof(oid_p521) },
	{ CAPCERT_VAULT_ED25519, 256, 32, oid_ed25519, sizeof(oid_ed25519) },
};

#define CURVES (sizeof(curves) / sizeof(*curves))

static bool same(const CK_ATTRIBUTE *a, const uint8_t *p, size_t n)
{
	return a->ulValueLen == n && !memcmp(a->pValue, p, n);
}

static const struct curve *curve_of(const CK_ATTRIBUTE *params)
{
	for (size_t i = 0; i < CURVES; i++)
		if (same(params, curves[i].oid, curves[i].oid_len))
			return &curves[i];
	return same(params, name_ed25519, sizeof(name_ed25519)) ? &curves[CURVES - 1] : NULL;
}

const uint8_t *der_ec_params(uint32_t algorithm, size_t *ret_len)
{
	if (algorithm == CAPCERT_VAULT_ED25519) {
		*ret_len = sizeof(name_ed25519);
		return name_ed25519;
	}
	for (size_t i = 0; i < CURVES; i++)
		if (curves[i].algorithm == algorithm) {
			*ret_len = curves[i].oid_len;
			return curves[i].oid;
		}
	return NULL;
}

/* The point itself, out of the OCTET STRING that it should be in; some tokens leave that away. */
static const uint8_t *bare_point(const CK_ATTRIBUTE *point, size_t want)
{
	const uint8_t *p = point->pValue;
	size_t n = point->ulValueLen;

	if (n == want)
		return p;
	if (want < 0x80 && n == want + 2 && p[0] == OCTET_STRING && p[1] == want)
		return p + 2;
	if (want >= 0x80 && n == want + 3 && p[0] == OCTET_STRING && p[1] == 0x81 && p[2] == want)
		return p + 3;
	return NULL;
}

static void put_bits_head(struct out *o, size_t end)
{
	put(o, "", 1); /* no unused bits */
	put_head(o, BIT_STRING, end);
}

static int spki_rsa(const struct der_key *key, uint32_t *ret_bits, uint8_t *ret, size_t cap)
{
	struct out o = { ret, cap, false };
	const uint8_t *n = key->modulus.pValue;
	size_t len = key->modulus.ulValueLen, end;
	int r;

	while (len && !*n) {
		n++;
		len--;
	}
	if (!len || !put_number(&o, key->exponent.pValue, key->exponent.ulValueLen) ||
	    !put_number(&o, n, len))
		return -EBADMSG;
	put_head(&o, SEQUENCE, cap);
	put_bits_head(&o, cap);
	end = o.at;
	put(&o, oid_rsa, sizeof(oid_rsa));
	put_head(&o, SEQUENCE, end);
	put_head(&o, SEQUENCE, cap);
	r = finish(&o, cap);
	if (r > 0)
		*ret_bits = (uint32_t)(len * 8) - (uint32_t)(__builtin_clz(*n) - 24);
	return r;
}

static int spki_ec(const struct der_key *key, uint32_t *ret_algorithm, uint32_t *ret_bits,
		   uint8_t *ret, size_t cap)
{
	const struct curve *curve = curve_of(&key->params);
	struct out o = { ret, cap, false };
	bool edwards = key->type == CKK_EC_EDWARDS;
	const uint8_t *point;
	size_t want, end;
	int r;

	if (!curve || edwards != (curve->algorithm == CAPCERT_VAULT_ED25519))
		return -EOPNOTSUPP;
	want = edwards ? curve->field : 1 + 2 * curve->field;
	point = bare_point(&key->point, want);
	if (!point || (!edwards && point[0] != 0x04))
		return -EBADMSG;
	put(&o, point, want);
	put_bits_head(&o, cap);
	end = o.at;
	put(&o, curve->oid, curve->oid_len);
	if (!edwards)
		put(&o, oid_ec, sizeof(oid_ec));
	put_head(&o, SEQUENCE, end);
	put_head(&o, SEQUENCE, cap);
	r = finish(&o, cap);
	if (r > 0) {
		*ret_algorithm = curve->algorithm;
		*ret_bits = curve->bits;
	}
	return r;
}

int der_spki(const struct der_key *key, uint32_t *ret_algorithm, uint32_t *ret_bits, uint8_t *ret,
	     size_t cap)
{
	int r;

	switch (key->type) {
	case CKK_RSA:
		r = spki_rsa(key, ret_bits, ret, cap);
		if (r > 0)
			*ret_algorithm = CAPCERT_VAULT_RSA;
		return r;
	case CKK_EC:
	case CKK_EC_EDWARDS:
		return spki_ec(key, ret_algorithm, ret_bits, ret, cap);
	default:
		return -EOPNOTSUPP;
	}
}

/* ---- one that is written already ---- */

/* The contents of the element with @tag at *@p; *@p moves behind it. NULL: there is none. */
static const uint8_t *take(const uint8_t **p, size_t *n, uint8_t tag, size_t *ret_len)
{
	size_t head = 2, len;
	const uint8_t *body;

	if (*n < 2 || (*p)[0] != tag)
		return NULL;
	len = (*p)[1];
	if (len >= 0x80) {
		size_t octets = len & 0x7f;

		if (octets < 1 || octets > 2 || *n < 2 + octets)
			return NULL;
		len = octets == 1 ? (*p)[2] : (size_t)((*p)[2] << 8 | (*p)[3]);
		head += octets;
	}
	if (len > *n - head)
		return NULL;
	body = *p + head;
	*p = body + len;
	*n -= head + len;
	*ret_len = len;
	return body;
}

static int rsa_bits(const uint8_t *bits, size_t len, uint32_t *ret)
{
	const uint8_t *seq, *n;

	if (len < 1 || bits[0])
		return -EBADMSG;
	bits++;
	len--;
	seq = take(&bits, &len, SEQUENCE, &len);
	n = seq ? take(&seq, &len, INTEGER, &len) : NULL;
	while (n && len && !*n) {
		n++;
		len--;
	}
	if (!n || !len)
		return -EBADMSG;
	*ret = (uint32_t)(len * 8) - (uint32_t)(__builtin_clz(*n) - 24);
	return 0;
}

int der_of_spki(const uint8_t *spki, size_t len, uint32_t *ret_algorithm, uint32_t *ret_bits)
{
	const uint8_t *seq, *alg, *bits;
	size_t n, alg_len, bits_len;
	int r;

	seq = take(&spki, &len, SEQUENCE, &n);
	alg = seq ? take(&seq, &n, SEQUENCE, &alg_len) : NULL;
	bits = alg ? take(&seq, &n, BIT_STRING, &bits_len) : NULL;
	if (!bits || n || len)
		return -EBADMSG;
	if (alg_len == sizeof(oid_rsa) && !memcmp(alg, oid_rsa, alg_len)) {
		r = rsa_bits(bits, bits_len, ret_bits);
		if (r == 0)
			*ret_algorithm = CAPCERT_VAULT_RSA;
		return r;
	}
	if (alg_len > sizeof(oid_ec) && !memcmp(alg, oid_ec, sizeof(oid_ec))) {
		alg += sizeof(oid_ec);
		alg_len -= sizeof(oid_ec);
	} else if (alg_len != sizeof(oid_ed25519)) {
		return -EOPNOTSUPP;
	}
	for (size_t i = 0; i < CURVES; i++)
		if (alg_len == curves[i].oid_len && !memcmp(alg, curves[i].oid, alg_len)) {
			*ret_algorithm = curves[i].algorithm;
			*ret_bits = curves[i].bits;
			return 0;
		}
	return -EOPNOTSUPP;
}
