// SPDX-License-Identifier: LGPL-2.1-or-later
/* Certificates as objects, with the trust that PKCS #11, p11-kit and NSS programs look for. */
#include <string.h>
#include <time.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/pkcs11x.h>
#include "pkcs11/provider/object.h"

/* CK_CERTIFICATE_CATEGORY */
#define TOKEN_USER 1UL
#define AUTHORITY 2UL
#define OTHER_ENTITY 3UL

#define BIT(purpose) (1u << CAPCERT_PURPOSE_##purpose)
#define TLS (BIT(TLS_SERVER_AUTH) | BIT(TLS_CLIENT_AUTH))

/* INTEGER of less than 128 octets, as a certificate's serial number is. */
static void put_serial(struct object *o, const struct held_cert *cert)
{
	size_t n;
	const uint8_t *serial = capcert_cert_serial(cert->cert, &n);
	uint8_t der[2 + 127];

	if (n > 127) {
		object_put(o, CKA_SERIAL_NUMBER, NULL, 0);
		return;
	}
	der[0] = 0x02;
	der[1] = (uint8_t)n;
	memcpy(der + 2, serial, n);
	object_put(o, CKA_SERIAL_NUMBER, der, 2 + n);
}

static void put_date(struct object *o, CK_ATTRIBUTE_TYPE type, int64_t when)
{
	time_t t = (time_t)when;
	struct tm tm;
	char text[16];

	if (!gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900 ||
	    strftime(text, sizeof(text), "%Y%m%d", &tm) != 8)
		object_put(o, type, NULL, 0);
	else
		object_put(o, type, text, 8);
}

static void put_names(struct object *o, const struct held_cert *cert)
{
	const uint8_t *p;
	size_t n;

	p = capcert_cert_subject(cert->cert, &n);
	object_put(o, CKA_SUBJECT, p, n);
	p = capcert_cert_issuer(cert->cert, &n);
	object_put(o, CKA_ISSUER, p, n);
	put_serial(o, cert);
}

static CK_ULONG category(const struct held_cert *cert, const struct held_key *key)
{
	int path_len;

	if (cert->anchor || capcert_cert_is_ca(cert->cert, &path_len) == 1)
		return AUTHORITY;
	return key ? TOKEN_USER : OTHER_ENTITY;
}

static struct object *finish(struct object *o)
{
	if (o && o->failed) {
		object_unref(o);
		return NULL;
	}
	return o;
}

struct object *object_of_cert(const struct held_cert *cert, const struct held_key *key)
{
	struct object *o = object_new(CKO_CERTIFICATE, cert->hash);
	uint8_t sha1[20], id[32];
	const char *label = key ? key->label : cert->label;
	const uint8_t *p;
	size_t n;

	if (!o)
		return NULL;
	object_put_number(o, CKA_CERTIFICATE_TYPE, CKC_X_509);
	object_put(o, CKA_LABEL, label, strlen(label));
	capcert_cert_spki_hash(cert->cert, CAPCERT_HASH_SHA256, id);
	object_put(o, CKA_ID, id, sizeof(id));
	p = capcert_cert_spki(cert->cert, &n);
	object_put(o, CKA_PUBLIC_KEY_INFO, p, n);
	put_names(o, cert);
	p = capcert_cert_der(cert->cert, &n);
	object_put(o, CKA_VALUE, p, n);
	capcert_cert_sha1(cert->cert, sha1);
	object_put(o, CKA_CHECK_VALUE, sha1, 3);
	put_date(o, CKA_START_DATE, capcert_cert_not_before(cert->cert));
	put_date(o, CKA_END_DATE, capcert_cert_not_after(cert->cert));
	object_put_number(o, CKA_CERTIFICATE_CATEGORY, category(cert, key));
	object_put_number(o, CKA_JAVA_MIDP_SECURITY_DOMAIN, 0);
	object_put(o, CKA_URL, NULL, 0);
	/* One bit for all uses, which TLS programs read: an anchor for other things has it not. */
	object_put_bool(o, CKA_TRUSTED, cert->anchor && (cert->purposes & TLS));
	object_put_bool(o, CKA_X_DISTRUSTED, false);
	return finish(o);
}

static CK_TRUST trust(const struct held_cert *cert, uint32_t purposes)
{
	return cert->purposes & purposes ? CKT_NSS_TRUSTED_DELEGATOR : CKT_NSS_MUST_VERIFY_TRUST;
}

struct object *object_of_trust(const struct held_cert *cert)
{
	struct object *o = object_new(CKO_NSS_TRUST, cert->hash);
	uint8_t sha1[20];

	if (!o)
		return NULL;
	object_put(o, CKA_LABEL, cert->label, strlen(cert->label));
	put_names(o, cert);
	capcert_cert_sha1(cert->cert, sha1);
	object_put(o, CKA_CERT_SHA1_HASH, sha1, sizeof(sha1));
	object_put_number(o, CKA_TRUST_SERVER_AUTH, trust(cert, BIT(TLS_SERVER_AUTH)));
	object_put_number(o, CKA_TRUST_CLIENT_AUTH,
			  trust(cert, BIT(TLS_CLIENT_AUTH) | BIT(CLIENT_IDENTITY)));
	object_put_number(o, CKA_TRUST_EMAIL_PROTECTION, trust(cert, BIT(EMAIL_SMIME)));
	object_put_number(o, CKA_TRUST_CODE_SIGNING, trust(cert, BIT(CODE_SIGNING)));
	object_put_bool(o, CKA_TRUST_STEP_UP_APPROVED, false);
	return finish(o);
}

/* An Extension that p11-kit's readers take as part of the certificate: extended key usage of id-kp 1 to 4.
 * An anchor whose purposes have none of these gets id-kp of nothing that TLS knows, time stamping. */
struct object *object_of_usages(const struct held_cert *cert)
{
	static const struct {
		uint32_t purposes;
		uint8_t arc;
	} usages[] = {
		{ BIT(TLS_SERVER_AUTH), 1 },
		{ BIT(TLS_CLIENT_AUTH) | BIT(CLIENT_IDENTITY), 2 },
		{ BIT(CODE_SIGNING), 3 },
		{ BIT(EMAIL_SMIME), 4 },
	};
	static const uint8_t kp[] = { 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03 };
	static const uint8_t oid[] = { 0x06, 0x03, 0x55, 0x1d, 0x25 };
	uint8_t der[80] = { 0x30, 0, 0x06, 0x03, 0x55, 0x1d, 0x25, 0x04, 0, 0x30, 0 };
	struct object *o = object_new(CKO_X_CERTIFICATE_EXTENSION, cert->hash);
	size_t n = 11, spki_len;
	const uint8_t *spki = capcert_cert_spki(cert->cert, &spki_len);

	if (!o)
		return NULL;
	for (size_t i = 0; i < sizeof(usages) / sizeof(*usages); i++) {
		if (!(cert->purposes & usages[i].purposes))
			continue;
		memcpy(der + n, kp, sizeof(kp));
		n += sizeof(kp);
		der[n++] = usages[i].arc;
	}
	if (n == 11) {
		memcpy(der + n, kp, sizeof(kp));
		n += sizeof(kp);
		der[n++] = 8;
	}
	der[1] = (uint8_t)(n - 2);
	der[8] = (uint8_t)(n - 9);
	der[10] = (uint8_t)(n - 11);
	object_put(o, CKA_LABEL, cert->label, strlen(cert->label));
	object_put(o, CKA_OBJECT_ID, oid, sizeof(oid));
	object_put(o, CKA_PUBLIC_KEY_INFO, spki, spki_len);
	object_put(o, CKA_VALUE, der, n);
	return finish(o);
}
