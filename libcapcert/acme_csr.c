// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certification requests (RFC 2986) of an order: its names, nothing else that a CA could copy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/der.h"
#include "core/name.h"
#include "core/spki.h"
#include "libcapcert/acme.h"
#include "libcapcert/der_write.h"
#include "libcapcert/jws.h"

static const uint8_t oid_extension_request[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7,
						 0x0d, 0x01, 0x09, 0x0e };
static const uint8_t oid_san[] = { 0x55, 0x1d, 0x11 };
static const uint8_t oid_tls_feature[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x18 };

static void put_oid(struct der_out *out, const uint8_t *oid, size_t n)
{
	der_put_bytes(out, CC_DER_OID, cc_span(oid, n));
}

/* Extension: SEQUENCE { OID, OCTET STRING }, whose contents were written since @mark. */
static void end_extension(struct der_out *out, size_t mark, const uint8_t *oid, size_t n)
{
	der_put_head(out, CC_DER_OCTET_STRING, mark);
	put_oid(out, oid, n);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

static void put_names(struct der_out *out, const struct acme_name *names, size_t count)
{
	size_t mark = der_mark(out);

	for (size_t i = count; i-- > 0;) {
		if (names[i].ip_len)
			der_put_bytes(out, CC_DER_CONTEXT(CC_GN_IP),
				      cc_span(names[i].ip, names[i].ip_len));
		else
			der_put_bytes(out, CC_DER_CONTEXT(CC_GN_DNS),
				      cc_span(names[i].text, strlen(names[i].text)));
	}
	der_put_head(out, CC_DER_SEQUENCE, mark);
	end_extension(out, mark, oid_san, sizeof(oid_san));
}

/* RFC 7633: Features { status_request (5) }. */
static void put_must_staple(struct der_out *out)
{
	size_t mark = der_mark(out);

	der_put_number(out, CC_DER_INTEGER, 5);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	end_extension(out, mark, oid_tls_feature, sizeof(oid_tls_feature));
}

/* [0] { SEQUENCE { extensionRequest, SET { Extensions } } } */
static void put_attributes(struct der_out *out, const struct acme_name *names, size_t count,
			   uint32_t flags)
{
	size_t mark = der_mark(out);

	if (flags & CAPCERT_ACME_MUST_STAPLE)
		put_must_staple(out);
	put_names(out, names, count);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_SET, mark);
	put_oid(out, oid_extension_request, sizeof(oid_extension_request));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_CONTEXT_CONS(0), mark);
}

int acme_key_scheme(const struct acme_key *from, uint32_t *ret)
{
	struct cc_span spki = cc_span(from->how.spki, from->how.spki_len);
	struct cc_spki key;

	if (cc_spki_get(&spki, &key) || spki.n)
		return -EBADMSG;
	switch (key.alg) {
	case CC_KEY_P256:
		*ret = 0x0403;
		return 0;
	case CC_KEY_P384:
		*ret = 0x0503;
		return 0;
	case CC_KEY_P521:
		*ret = 0x0603;
		return 0;
	case CC_KEY_RSA:
		*ret = 0x0401;
		return 0;
	case CC_KEY_ED25519:
		*ret = 0x0807;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

int acme_csr(const struct acme_key *key, const struct acme_name *names, size_t count,
	     uint32_t flags, uint8_t **ret, size_t *ret_len)
{
	struct cc_span spki = cc_span(key->how.spki, key->how.spki_len);
	struct acme_signer signer = { key, CAPCERT_KEY_TLS_SERVER };
	struct der_out out = { 0 };
	uint32_t scheme = 0;
	uint8_t *tbs;
	size_t n;
	int r = acme_key_scheme(key, &scheme);

	if (r < 0)
		return r;
	put_attributes(&out, names, count, flags);
	der_put_raw(&out, spki);
	der_put_bytes(&out, CC_DER_SEQUENCE, cc_span(NULL, 0));
	der_put_number(&out, CC_DER_INTEGER, 0);
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	r = der_finish(&out, &tbs, &n);
	if (r < 0)
		return r;
	r = signed_der_build(scheme, cc_span(tbs, n), acme_key_sign, &signer, ret, ret_len);
	free(tbs);
	return r;
}
