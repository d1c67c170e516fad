// SPDX-License-Identifier: LGPL-2.1-or-later
/* The public half of a private key is an object of its own, with the same CKA_ID; a token that has
 * a certificate of it may do without; RSA keys know their own modulus. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <capcert/x509.h>
#include "pkcs11/consumer/der.h"
#include "pkcs11/consumer/object.h"
#include "pkcs11/consumer/uri.h"

#define CERTIFICATE_MOST 65536

int object_find(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attrs, CK_ULONG count,
		CK_OBJECT_HANDLE *ret, CK_ULONG most)
{
	CK_RV rv = f->C_FindObjectsInit(session, attrs, count);
	CK_ULONG all = 0, n;

	if (rv != CKR_OK)
		return rv_error(rv);
	do {
		n = 0;
		rv = f->C_FindObjects(session, ret + all, most - all, &n);
		if (rv == CKR_OK && n <= most - all)
			all += n;
	} while (rv == CKR_OK && n && all < most);
	f->C_FindObjectsFinal(session);
	return rv == CKR_OK ? (int)all : rv_error(rv);
}

/* One attribute into @a's buffer of @a->ulValueLen; empty when the object has none. */
static int get(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
	       CK_ATTRIBUTE *a)
{
	CK_ULONG cap = a->ulValueLen;
	CK_RV rv = f->C_GetAttributeValue(session, object, a, 1);

	if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE) {
		a->ulValueLen = 0;
		return 0;
	}
	if (rv == CKR_BUFFER_TOO_SMALL)
		return -EBADMSG;
	if (rv == CKR_OK && a->ulValueLen > cap)
		return -EBADMSG;
	return rv_error(rv);
}

/* What is not said is taken as what is worse. */
static bool flag(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		 CK_ATTRIBUTE_TYPE type, bool otherwise)
{
	CK_BBOOL value = CK_FALSE;
	CK_ATTRIBUTE a = { type, &value, sizeof(value) };

	if (get(f, session, object, &a) < 0 || a.ulValueLen != sizeof(value))
		return otherwise;
	return value != CK_FALSE;
}

static int set_spki(struct capcert_vault_key *ret, int len, uint32_t algorithm, uint32_t bits)
{
	if (len < 0)
		return len;
	ret->algorithm = algorithm;
	ret->bits = bits;
	ret->spki_len = (size_t)len;
	return capcert_hash(CAPCERT_HASH_SHA256, ret->spki, ret->spki_len, ret->spki_hash) == 32
		       ? 0
		       : -EINVAL;
}

int object_set_public(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		      struct capcert_vault_key *ret)
{
	uint8_t modulus[2049], exponent[64], params[64], point[160];
	struct der_key key = {
		.modulus = { CKA_MODULUS, modulus, sizeof(modulus) },
		.exponent = { CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent) },
		.params = { CKA_EC_PARAMS, params, sizeof(params) },
		.point = { CKA_EC_POINT, point, sizeof(point) },
	};
	CK_ATTRIBUTE type = { CKA_KEY_TYPE, &key.type, sizeof(key.type) };
	uint32_t algorithm, bits;
	int r = get(f, session, object, &type);

	if (r == 0 && type.ulValueLen != sizeof(key.type))
		r = -EBADMSG;
	if (r < 0)
		return r;
	if (key.type == CKK_RSA) {
		r = get(f, session, object, &key.modulus);
		if (r == 0)
			r = get(f, session, object, &key.exponent);
	} else {
		r = get(f, session, object, &key.params);
		if (r == 0)
			r = get(f, session, object, &key.point);
	}
	if (r < 0)
		return r;
	r = der_spki(&key, &algorithm, &bits, ret->spki, sizeof(ret->spki));
	return set_spki(ret, r, algorithm, bits);
}

static CK_ULONG by_name(const struct capcert_vault_key *key, CK_OBJECT_CLASS *class,
			CK_ATTRIBUTE *a)
{
	a[0] = (CK_ATTRIBUTE){ CKA_CLASS, class, sizeof(*class) };
	if (key->id_len)
		a[1] = (CK_ATTRIBUTE){ CKA_ID, (void *)(uintptr_t)key->id, key->id_len };
	else
		a[1] = (CK_ATTRIBUTE){ CKA_LABEL, (void *)(uintptr_t)key->label,
				       strlen(key->label) };
	return 2;
}

/* One of several with the same name might be anybody's. */
static int find_only(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
		     const struct capcert_vault_key *key, CK_OBJECT_CLASS class,
		     CK_OBJECT_HANDLE *ret)
{
	CK_OBJECT_HANDLE found[2];
	CK_ATTRIBUTE a[2];
	int n = object_find(f, session, a, by_name(key, &class, a), found, 2);

	if (n == 1)
		*ret = found[0];
	return n < 0 ? n : n == 1 ? 0 : -ENOENT;
}

int object_public(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
		  const struct capcert_vault_key *key, CK_OBJECT_HANDLE *ret)
{
	return find_only(f, session, key, CKO_PUBLIC_KEY, ret);
}

static int set_by_certificate(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
			      CK_OBJECT_HANDLE object, struct capcert_vault_key *ret)
{
	CK_ATTRIBUTE value = { CKA_VALUE, malloc(CERTIFICATE_MOST), CERTIFICATE_MOST };
	uint32_t algorithm, bits;
	capcert_cert *cert = NULL;
	const uint8_t *spki;
	size_t len = 0;
	int r;

	if (!value.pValue)
		return -ENOMEM;
	r = get(f, session, object, &value);
	if (r == 0)
		r = capcert_cert_new(value.pValue, value.ulValueLen, &cert, NULL);
	if (r == 0) {
		spki = capcert_cert_spki(cert, &len);
		r = len > sizeof(ret->spki) ? -EBADMSG : der_of_spki(spki, len, &algorithm, &bits);
		if (r == 0) {
			memcpy(ret->spki, spki, len);
			r = set_spki(ret, (int)len, algorithm, bits);
		}
		capcert_cert_free(cert);
	}
	free(value.pValue);
	return r;
}

static int find_public(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE private,
		       struct capcert_vault_key *ret)
{
	CK_OBJECT_HANDLE other;
	int r = find_only(f, session, ret, CKO_PUBLIC_KEY, &other);

	if (r == 0)
		return object_set_public(f, session, other, ret);
	if (r == -ENOENT && ret->algorithm == CAPCERT_VAULT_RSA &&
	    object_set_public(f, session, private, ret) == 0)
		return 0;
	if (r == -ENOENT)
		r = find_only(f, session, ret, CKO_CERTIFICATE, &other);
	return r == 0 ? set_by_certificate(f, session, other, ret) : r;
}

static uint32_t algorithm_of(CK_KEY_TYPE type)
{
	/* Which curve it is is told by the public half. */
	return type == CKK_RSA		? CAPCERT_VAULT_RSA
	       : type == CKK_EC		? CAPCERT_VAULT_P256
	       : type == CKK_EC_EDWARDS ? CAPCERT_VAULT_ED25519
					: UINT32_MAX;
}

int object_describe(struct token *t, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		    struct capcert_vault_key *ret)
{
	CK_FUNCTION_LIST *f = t->module->f;
	CK_ATTRIBUTE id = { CKA_ID, ret->id, sizeof(ret->id) };
	CK_ATTRIBUTE label = { CKA_LABEL, ret->label, sizeof(ret->label) - 1 };
	CK_KEY_TYPE type = 0;
	CK_ATTRIBUTE kind = { CKA_KEY_TYPE, &type, sizeof(type) };
	int r;

	memset(ret, 0, sizeof(*ret));
	r = get(f, session, object, &kind);
	if (r == 0)
		r = get(f, session, object, &id);
	if (r == 0)
		r = get(f, session, object, &label);
	if (r == 0)
		r = uri_of_key(&t->info, &id, &label, ret->uri, sizeof(ret->uri));
	if (r < 0)
		return r;
	ret->id_len = id.ulValueLen;
	ret->algorithm = algorithm_of(type);
	ret->source = t->source;
	ret->sensitive = flag(f, session, object, CKA_SENSITIVE, false);
	ret->extractable = flag(f, session, object, CKA_EXTRACTABLE, true);
	ret->never_extractable = flag(f, session, object, CKA_NEVER_EXTRACTABLE, false);
	ret->local = flag(f, session, object, CKA_LOCAL, false);
	ret->signs = flag(f, session, object, CKA_SIGN, false);
	strcpy(ret->token, t->label);
	strcpy(ret->serial, t->serial);
	r = find_public(f, session, object, ret);
	for (char *c = ret->label; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (r == -ENOENT || r == -EOPNOTSUPP || r == -EBADMSG)
		ret->spki_len = 0;
	else if (r < 0)
		return r;
	return 0;
}
