// SPDX-License-Identifier: LGPL-2.1-or-later
/* An OCSP request about one certificate, RFC 6960 section 4.1.1. */
#include <errno.h>
#include <stdlib.h>
#include <capcert/ocsp.h>
#include "core/der.h"
#include "core/ocsp.h"
#include "libcapcert/sha.h"
#include "libcapcert/x509.h"

#define HASH_MAX 32
#define SERIAL_MAX 8192 /* of a certificate that parses; real ones have 20 octets */

/* Written from the end: what is inside is there before its header. */
struct request {
	uint8_t buf[SERIAL_MAX + 512];
	size_t at;
	bool full;
};

static void put(struct request *r, const void *p, size_t n)
{
	if (n > r->at) {
		r->full = true;
		return;
	}
	r->at -= n;
	if (n)
		memcpy(r->buf + r->at, p, n);
}

/* Everything behind @end is not part of the element. */
static void wrap(struct request *r, size_t end, uint8_t tag)
{
	size_t n = end - r->at;
	uint8_t head[4] = { tag, (uint8_t)n };
	size_t k = 2;

	if (n >= 0x100) {
		head[1] = 0x82;
		head[2] = (uint8_t)(n >> 8);
		head[3] = (uint8_t)n;
		k = 4;
	} else if (n >= 0x80) {
		head[1] = 0x81;
		head[2] = (uint8_t)n;
		k = 3;
	}
	put(r, head, k);
}

static void put_tagged(struct request *r, uint8_t tag, const void *p, size_t n)
{
	size_t end = r->at;

	put(r, p, n);
	wrap(r, end, tag);
}

static void put_hash(struct request *r, bool sha256, struct cc_span in)
{
	uint8_t hash[HASH_MAX];

	if (sha256)
		sha256_of(in, hash);
	else
		sha1_of(in, hash);
	put_tagged(r, CC_DER_OCTET_STRING, hash, sha256 ? 32 : 20);
}

/* Parameters are NULL: that is how every responder has seen it. */
static void put_cert_id(struct request *r, const struct cc_cert *cert, const struct cc_cert *issuer,
			bool sha256)
{
	static const uint8_t sha1_alg[] = { 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0 };
	static const uint8_t sha256_alg[] = { 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1,
					      0x65, 3,	4, 2, 1,    5,	  0 };
	size_t end = r->at;

	put_tagged(r, CC_DER_INTEGER, cert->serial.p, cert->serial.n);
	put_hash(r, sha256, issuer->key);
	put_hash(r, sha256, cert->issuer);
	if (sha256)
		put(r, sha256_alg, sizeof(sha256_alg));
	else
		put(r, sha1_alg, sizeof(sha1_alg));
	wrap(r, end, CC_DER_SEQUENCE);
}

static void put_nonce(struct request *r, const uint8_t *nonce, size_t len)
{
	static const uint8_t oid[] = { 6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2 };
	size_t end = r->at;

	put_tagged(r, CC_DER_OCTET_STRING, nonce, len);
	wrap(r, end, CC_DER_OCTET_STRING);
	put(r, oid, sizeof(oid));
	wrap(r, end, CC_DER_SEQUENCE); /* Extension */
	wrap(r, end, CC_DER_SEQUENCE); /* Extensions */
	wrap(r, end, CC_DER_CONTEXT_CONS(2));
}

int capcert_ocsp_request(const capcert_cert *cert, const capcert_cert *issuer, uint32_t hash,
			 const uint8_t *nonce, size_t nonce_len, uint8_t **ret, size_t *ret_len)
{
	struct request r = { .at = sizeof(r.buf) };
	size_t whole = r.at, end;
	uint8_t *der;

	if ((hash && hash != CAPCERT_HASH_SHA256) ||
	    (nonce && (nonce_len == 0 || nonce_len > CC_OCSP_NONCE_MAX)))
		return -EINVAL;
	if (nonce)
		put_nonce(&r, nonce, nonce_len);
	end = r.at;
	put_cert_id(&r, &cert->parsed, &issuer->parsed, hash == CAPCERT_HASH_SHA256);
	wrap(&r, end, CC_DER_SEQUENCE);	  /* Request */
	wrap(&r, end, CC_DER_SEQUENCE);	  /* requestList */
	wrap(&r, whole, CC_DER_SEQUENCE); /* TBSRequest */
	wrap(&r, whole, CC_DER_SEQUENCE); /* OCSPRequest */
	if (r.full)
		return -EINVAL; /* a serial number like no other */
	der = malloc(whole - r.at);
	if (!der)
		return -ENOMEM;
	memcpy(der, r.buf + r.at, whole - r.at);
	*ret = der;
	*ret_len = whole - r.at;
	return 0;
}

/* Base64, of which these stand for something else in a path. */
static size_t put_digit(char *out, unsigned int digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char c = digit < 64 ? digits[digit] : '=';
	const char *escaped = c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : NULL;

	if (!escaped) {
		*out = c;
		return 1;
	}
	memcpy(out, escaped, 3);
	return 3;
}

int capcert_ocsp_request_url(const char *url, const uint8_t *request, size_t len, char **ret)
{
	size_t n = strlen(url), i;
	char *text;

	if (len > SERIAL_MAX + 512)
		return -EINVAL;
	text = malloc(n + 1 + 3 * 4 * ((len + 2) / 3) + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, url, n);
	if (n == 0 || text[n - 1] != '/')
		text[n++] = '/';
	for (i = 0; i < len; i += 3) {
		size_t more = len - i;
		unsigned int three = (unsigned int)request[i] << 16;

		three |= more > 1 ? (unsigned int)request[i + 1] << 8 : 0;
		three |= more > 2 ? request[i + 2] : 0;
		n += put_digit(text + n, three >> 18);
		n += put_digit(text + n, three >> 12 & 63);
		n += put_digit(text + n, more > 1 ? three >> 6 & 63 : 64);
		n += put_digit(text + n, more > 2 ? three & 63 : 64);
	}
	text[n] = '\0';
	*ret = text;
	return 0;
}
