// SPDX-License-Identifier: LGPL-2.1-or-later
/* Keys come and go: generated inside the token, never put there. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "pkcs11/consumer/der.h"
#include "pkcs11/consumer/keys.h"
#include "pkcs11/consumer/object.h"
#include "pkcs11/consumer/uri.h"

#define ID_LEN 20

struct make {
	const char *uri;
	uint32_t algorithm;
	uint32_t bits;
	const char *label;
	struct capcert_vault_key *ret;
};

struct pair {
	CK_OBJECT_HANDLE public, private;
};

static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

#define BOOL(type, value)                     \
	{                                     \
		type, &(value), sizeof(value) \
	}

static int make_pair(const struct make *m, CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
		     struct pair *ret)
{
	CK_BYTE exponent[] = { 1, 0, 1 };
	CK_ULONG bits = m->bits;
	size_t params_len = 0;
	const uint8_t *params = der_ec_params(m->algorithm, &params_len);
	CK_ATTRIBUTE label = { CKA_LABEL, (void *)(uintptr_t)m->label, strlen(m->label) };
	CK_ATTRIBUTE private[] = {
		label,
		BOOL(CKA_TOKEN, yes),
		BOOL(CKA_PRIVATE, yes),
		BOOL(CKA_SENSITIVE, yes),
		BOOL(CKA_EXTRACTABLE, no),
		BOOL(CKA_SIGN, yes),
		BOOL(CKA_DECRYPT, no),
		BOOL(CKA_UNWRAP, no),
		BOOL(CKA_SIGN_RECOVER, no),
		BOOL(CKA_DERIVE, no),
	};
	CK_ATTRIBUTE public[] = {
		label,
		BOOL(CKA_TOKEN, yes),
		BOOL(CKA_PRIVATE, no),
		BOOL(CKA_VERIFY, yes),
		BOOL(CKA_ENCRYPT, no),
		BOOL(CKA_WRAP, no),
		{ CKA_EC_PARAMS, (void *)(uintptr_t)params, params_len },
		{ CKA_MODULUS_BITS, &bits, sizeof(bits) },
		{ CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent) },
	};
	CK_ULONG shared = 6;
	CK_MECHANISM mechanism = { .mechanism = m->algorithm == CAPCERT_VAULT_ED25519
							? CKM_EC_EDWARDS_KEY_PAIR_GEN
							: CKM_EC_KEY_PAIR_GEN };

	if (m->algorithm == CAPCERT_VAULT_RSA) {
		mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
		memmove(&public[shared], &public[shared + 1], 2 * sizeof(public[0]));
		shared += 2;
	} else {
		shared += 1;
	}
	return rv_error(f->C_GenerateKeyPair(session, &mechanism, public, shared, private,
					     sizeof(private) / sizeof(private[0]), &ret->public,
					     &ret->private));
}

/* Named by what it is: the same key has the same id wherever it turns up. */
static int name_pair(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, const struct pair *pair,
		     struct capcert_vault_key *key)
{
	CK_ATTRIBUTE id = { CKA_ID, key->spki_hash, ID_LEN };
	int r = object_set_public(f, session, pair->public, key);

	if (r == 0)
		r = rv_error(f->C_SetAttributeValue(session, pair->public, &id, 1));
	if (r == 0)
		r = rv_error(f->C_SetAttributeValue(session, pair->private, &id, 1));
	return r;
}

static int make_in(struct token *t, const struct session *s, const struct make *m)
{
	CK_FUNCTION_LIST *f = t->module->f;
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE same[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_LABEL, (void *)(uintptr_t)m->label, strlen(m->label) },
	};
	CK_OBJECT_HANDLE found;
	struct pair pair;
	int r = object_find(f, s->handle, same, 2, &found, 1);

	if (r)
		return r < 0 ? r : -EEXIST;
	r = make_pair(m, f, s->handle, &pair);
	if (r < 0)
		return r;
	memset(m->ret, 0, sizeof(*m->ret));
	r = name_pair(f, s->handle, &pair, m->ret);
	if (r == 0)
		r = object_describe(t, s->handle, pair.private, m->ret);
	if (r == 0 && !m->ret->spki_len)
		r = -EIO;
	if (r < 0) {
		f->C_DestroyObject(s->handle, pair.private);
		f->C_DestroyObject(s->handle, pair.public);
	}
	return r;
}

/* A writing session in the token of @text. */
static int open_to_write(capcert_vault *v, const char *text, struct token **ret,
			 struct session *ret_session)
{
	P11KitUri *uri;
	int r = uri_parse(text, false, &uri);

	if (r < 0)
		return r;
	r = token_find(v, uri, ret);
	p11_kit_uri_free(uri);
	return r < 0 ? r : session_get(v, *ret, true, ret_session);
}

static int make_once(capcert_vault *v, void *ctx)
{
	struct token *t;
	struct session s;
	int r = open_to_write(v, ((struct make *)ctx)->uri, &t, &s);

	if (r < 0)
		return r;
	r = make_in(t, &s, ctx);
	session_put(t, &s, false);
	if (r == -ENODEV)
		token_reset(t, s.epoch);
	return r;
}

static bool makeable(uint32_t algorithm, uint32_t bits)
{
	size_t n;

	if (algorithm == CAPCERT_VAULT_RSA)
		return bits == 2048 || bits == 3072 || bits == 4096;
	return !bits && der_ec_params(algorithm, &n);
}

static bool label_valid(const char *label)
{
	size_t n = strlen(label);

	for (size_t i = 0; i < n; i++)
		if (label[i] < ' ' || label[i] > '~')
			return false;
	return n > 0 && n < sizeof(((struct capcert_vault_key *)0)->label);
}

int capcert_vault_generate(capcert_vault *vault, const char *uri, uint32_t algorithm, uint32_t bits,
			   const char *label, struct capcert_vault_key *ret)
{
	struct capcert_vault_key *key;
	struct make make = { uri, algorithm, bits, label, NULL };
	int r;

	if (!label || !label_valid(label) || !makeable(algorithm, bits))
		return -EINVAL;
	key = malloc(sizeof(*key));
	if (!key)
		return -ENOMEM;
	make.ret = key;
	r = vault_run(vault, make_once, &make);
	if (r == 0)
		*ret = *key;
	free(key);
	return r;
}

/* ---- destroy ---- */

static int destroy_once(capcert_vault *v, void *ctx)
{
	const char *uri = ctx;
	struct capcert_vault_key *key = malloc(sizeof(*key));
	CK_OBJECT_HANDLE private, public;
	struct token *t;
	struct session s;
	uint64_t epoch;
	int r = key ? keys_find(v, uri, &t, &epoch, &private, key) : -ENOMEM;

	if (r == 0)
		r = session_get(v, t, true, &s);
	if (r == 0) {
		bool both = object_public(t->module->f, s.handle, key, &public) == 0;

		r = s.epoch == epoch ? rv_error(t->module->f->C_DestroyObject(s.handle, private))
				     : -ENODEV;
		if (r == 0 && both)
			t->module->f->C_DestroyObject(s.handle, public);
		session_put(t, &s, false);
		keys_forget(v, NULL);
		if (r == -ENODEV)
			token_reset(t, s.epoch);
	}
	free(key);
	return r;
}

int capcert_vault_destroy(capcert_vault *vault, const char *uri)
{
	return vault_run(vault, destroy_once, (void *)(uintptr_t)uri);
}
