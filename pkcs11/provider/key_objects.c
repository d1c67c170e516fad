// SPDX-License-Identifier: LGPL-2.1-or-later
/* Private and public keys as objects. Both have the CKA_ID of the certificates that belong to them: SHA-256
 * of the SubjectPublicKeyInfo (RFC 7093 section 2, method 4). */
#include <string.h>
#include <capcert/pubkey.h>
#include "pkcs11/provider/mech.h"
#include "pkcs11/provider/object.h"

/* An OCTET STRING of less than 256 octets round a point (PKCS #11 section 2.3.3). */
static void put_point(struct object *o, const struct capcert_pubkey_parts *parts)
{
	uint8_t der[3 + 255];
	size_t head = parts->point_len < 0x80 ? 2 : 3;

	if (parts->point_len > 255)
		return;
	der[0] = 0x04;
	der[1] = head == 2 ? (uint8_t)parts->point_len : 0x81;
	der[2] = (uint8_t)parts->point_len;
	memcpy(der + head, parts->point, parts->point_len);
	object_put(o, CKA_EC_POINT, der, head + parts->point_len);
}

/* PrintableString "edwards25519": the form that the programs of today know. */
static const uint8_t edwards25519[] = { 0x13, 12,  'e', 'd', 'w', 'a', 'r',
					'd',  's', '2', '5', '5', '1', '9' };

static void put_parts(struct object *o, const struct held_key *key, bool private)
{
	struct capcert_pubkey_parts parts;
	CK_KEY_TYPE type = mech_key_type(key->algorithm);

	if (capcert_pubkey_parts(key->spki, key->spki_len, &parts) < 0) {
		o->failed = true;
		return;
	}
	object_put_number(o, CKA_KEY_TYPE, type);
	if (type == CKK_RSA) {
		object_put(o, CKA_MODULUS, parts.modulus, parts.modulus_len);
		object_put(o, CKA_PUBLIC_EXPONENT, parts.exponent, parts.exponent_len);
		if (!private)
			object_put_number(o, CKA_MODULUS_BITS, parts.bits);
		return;
	}
	if (type == CKK_EC_EDWARDS)
		object_put(o, CKA_EC_PARAMS, edwards25519, sizeof(edwards25519));
	else
		object_put(o, CKA_EC_PARAMS, parts.curve, parts.curve_len);
	/* Not of a private key by the standard; programs that find no public key look for it there. */
	put_point(o, &parts);
}

static void put_common(struct object *o, const struct held_key *key)
{
	CK_MECHANISM_TYPE mechanisms[MECH_MOST];
	size_t n = mech_of_algorithm(key->algorithm, mechanisms);

	object_put(o, CKA_LABEL, key->label, strlen(key->label));
	object_put(o, CKA_ID, key->hash, sizeof(key->hash));
	object_put(o, CKA_PUBLIC_KEY_INFO, key->spki, key->spki_len);
	object_put(o, CKA_START_DATE, NULL, 0);
	object_put(o, CKA_END_DATE, NULL, 0);
	object_put_bool(o, CKA_DERIVE, false);
	object_put_bool(o, CKA_LOCAL, false);
	object_put_number(o, CKA_KEY_GEN_MECHANISM, CK_UNAVAILABLE_INFORMATION);
	object_put(o, CKA_ALLOWED_MECHANISMS, mechanisms, n * sizeof(*mechanisms));
}

static struct object *begin(CK_OBJECT_CLASS class, const struct held_key *key)
{
	struct object *o = object_new(class, key->hash);

	if (!o)
		return NULL;
	o->key = held_key_copy(key);
	if (!o->key)
		o->failed = true;
	put_common(o, key);
	put_parts(o, key, class == CKO_PRIVATE_KEY);
	return o;
}

static struct object *finish(struct object *o)
{
	if (o && o->failed) {
		object_unref(o);
		return NULL;
	}
	return o;
}

struct object *object_of_private(const struct held_key *key, const struct held_cert *cert)
{
	static const CK_ATTRIBUTE_TYPE refused[] = {
		CKA_DECRYPT,	       CKA_SIGN_RECOVER,       CKA_UNWRAP,
		CKA_EXTRACTABLE,       CKA_ALWAYS_SENSITIVE,   CKA_NEVER_EXTRACTABLE,
		CKA_WRAP_WITH_TRUSTED, CKA_ALWAYS_AUTHENTICATE
	};
	static const CK_ATTRIBUTE_TYPE rsa[] = { CKA_PRIVATE_EXPONENT, CKA_PRIME_1,
						 CKA_PRIME_2,	       CKA_EXPONENT_1,
						 CKA_EXPONENT_2,       CKA_COEFFICIENT };
	struct object *o = begin(CKO_PRIVATE_KEY, key);
	const uint8_t *subject = NULL;
	size_t n = 0;

	if (!o)
		return NULL;
	if (cert)
		subject = capcert_cert_subject(cert->cert, &n);
	object_put(o, CKA_SUBJECT, subject, n);
	object_put_bool(o, CKA_SIGN, true);
	object_put_bool(o, CKA_SENSITIVE, true);
	/* What the token's key was before nobody here knows: the two that would boast of it are false. */
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		object_put_bool(o, refused[i], false);
	if (mech_key_type(key->algorithm) == CKK_RSA)
		for (size_t i = 0; i < sizeof(rsa) / sizeof(*rsa); i++)
			object_hide(o, rsa[i]);
	else
		object_hide(o, CKA_VALUE);
	return finish(o);
}

struct object *object_of_public(const struct held_key *key)
{
	struct object *o = begin(CKO_PUBLIC_KEY, key);

	if (!o)
		return NULL;
	object_put(o, CKA_SUBJECT, NULL, 0);
	object_put_bool(o, CKA_VERIFY, true);
	object_put_bool(o, CKA_ENCRYPT, false);
	object_put_bool(o, CKA_VERIFY_RECOVER, false);
	object_put_bool(o, CKA_WRAP, false);
	object_put_bool(o, CKA_TRUSTED, false);
	return finish(o);
}
