// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a server shows who validates by tls-alpn-01 (RFC 8737), and the name it is asked for by (RFC 8738). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/der.h"
#include "core/name.h"
#include "core/oid.h"
#include "libcapcert/acme.h"
#include "libcapcert/acme_name.h"
#include "libcapcert/der_write.h"
#include "libcapcert/jws.h"

#define ISSUER "ACME tls-alpn-01 challenge"
#define SERIAL_OCTETS 16
#define YEAR_2050 2524608000

/* RFC 8738 section 6: addresses are asked for by their reverse names (RFC 1034, RFC 3596), which fit. */
static void reverse_name(const struct acme_name *name, char *ret)
{
	int n = 0;

	for (size_t i = name->ip_len; i-- > 0;)
		n += name->ip_len == 4
			     ? sprintf(ret + n, "%u.", name->ip[i])
			     : sprintf(ret + n, "%x.%x.", name->ip[i] & 15, name->ip[i] >> 4);
	strcpy(ret + n, name->ip_len == 4 ? "in-addr.arpa" : "ip6.arpa");
}

static int name_of(const struct capcert_acme_identifier *identifier, struct acme_name *ret)
{
	int r = acme_name_set(ret, identifier->type, identifier->value);

	return r == 0 && ret->wildcard ? -EINVAL : r;
}

int capcert_acme_alpn_host(const struct capcert_acme_identifier *identifier,
			   char ret[CAPCERT_ACME_ALPN_HOST])
{
	struct acme_name name;
	int r = name_of(identifier, &name);

	if (r < 0)
		return r;
	if (name.ip_len)
		reverse_name(&name, ret);
	else
		memcpy(ret, name.text, strlen(name.text) + 1);
	return 0;
}

/* ---- the certificate, from its end to its beginning ---- */

static void put_oid(struct der_out *out, enum cc_oid oid)
{
	der_put_bytes(out, CC_DER_OID, cc_oid_bytes(oid));
}

static void put_extensions(struct der_out *out, const struct acme_name *name,
			   const uint8_t digest[32])
{
	static const uint8_t san[] = { 0x55, 0x1d, 0x11 };
	size_t all = der_mark(out), mark = all;

	der_put_bytes(out, CC_DER_OCTET_STRING, cc_span(digest, 32));
	der_put_head(out, CC_DER_OCTET_STRING, mark);
	der_put_true(out);
	put_oid(out, CC_OID_ACME_IDENTIFIER);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	mark = der_mark(out);
	if (name->ip_len)
		der_put_bytes(out, CC_DER_CONTEXT(CC_GN_IP), cc_span(name->ip, name->ip_len));
	else
		der_put_bytes(out, CC_DER_CONTEXT(CC_GN_DNS),
			      cc_span(name->text, strlen(name->text)));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_OCTET_STRING, mark);
	der_put_bytes(out, CC_DER_OID, cc_span(san, sizeof(san)));
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_SEQUENCE, all);
	der_put_head(out, CC_DER_CONTEXT_CONS(3), all);
}

static void put_name(struct der_out *out)
{
	size_t mark = der_mark(out);

	der_put_bytes(out, CC_DER_UTF8_STRING, cc_span(ISSUER, sizeof(ISSUER) - 1));
	put_oid(out, CC_OID_CN);
	der_put_head(out, CC_DER_SEQUENCE, mark);
	der_put_head(out, CC_DER_SET, mark);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

/* RFC 5280 section 4.1.2.5. */
static void put_time(struct der_out *out, int64_t time)
{
	der_put_time(out, time < YEAR_2050 ? CC_DER_UTC_TIME : CC_DER_GENERALIZED_TIME, time);
}

static void put_validity(struct der_out *out, const struct capcert_acme_alpn *a)
{
	size_t mark = der_mark(out);

	put_time(out, a->not_after);
	put_time(out, a->not_before);
	der_put_head(out, CC_DER_SEQUENCE, mark);
}

/* Another challenge, another number: positive, and without octets to spare. */
static void put_serial(struct der_out *out, const uint8_t digest[32])
{
	uint8_t serial[SERIAL_OCTETS];

	memcpy(serial, digest, sizeof(serial));
	serial[0] = (serial[0] & 0x3f) | 0x40;
	der_put_bytes(out, CC_DER_INTEGER, cc_span(serial, sizeof(serial)));
}

static int make_tbs(const struct capcert_acme_alpn *a, const struct acme_name *name,
		    const struct acme_key *key, uint32_t scheme, uint8_t **ret, size_t *ret_len)
{
	struct der_out out = { 0 };
	size_t mark;
	int r;

	put_extensions(&out, name, a->digest);
	der_put_raw(&out, cc_span(key->how.spki, key->how.spki_len));
	put_name(&out);
	put_validity(&out, a);
	put_name(&out);
	r = signed_der_algorithm(&out, scheme);
	put_serial(&out, a->digest);
	mark = der_mark(&out);
	der_put_number(&out, CC_DER_INTEGER, 2);
	der_put_head(&out, CC_DER_CONTEXT_CONS(0), mark);
	der_put_head(&out, CC_DER_SEQUENCE, 0);
	if (r < 0 && !out.error)
		out.error = r;
	return der_finish(&out, ret, ret_len);
}

static int make(const struct capcert_acme_alpn *a, const struct acme_name *name,
		const struct acme_key *key, uint8_t **ret, size_t *ret_len)
{
	struct acme_signer signer = { key, CAPCERT_KEY_TLS_SERVER };
	uint32_t scheme = 0;
	uint8_t *tbs;
	size_t n;
	int r = acme_key_scheme(key, &scheme);

	if (r == 0)
		r = make_tbs(a, name, key, scheme, &tbs, &n);
	if (r < 0)
		return r;
	r = signed_der_build(scheme, cc_span(tbs, n), acme_key_sign, &signer, ret, ret_len);
	free(tbs);
	return r;
}

int capcert_acme_alpn_certificate(const struct capcert_acme_alpn *alpn, uint8_t **ret,
				  size_t *ret_len)
{
	struct acme_name name;
	struct acme_key key;
	int r = name_of(&alpn->identifier, &name);

	if (r == 0 && alpn->not_after < alpn->not_before)
		r = -EINVAL;
	if (r == 0)
		r = acme_key_open(&alpn->key, &key);
	if (r < 0)
		return r;
	r = make(alpn, &name, &key, ret, ret_len);
	acme_key_close(&key);
	return r;
}
