// SPDX-License-Identifier: LGPL-2.1-or-later
/* One signature: the key's handle, a session, the call, and a look at what came back. */
#include <errno.h>
#include <string.h>
#include <capcert/pubkey.h>
#include "pkcs11/consumer/der.h"
#include "pkcs11/consumer/keys.h"
#include "pkcs11/consumer/scheme.h"

struct sign {
	const char *uri;
	const uint8_t *spki;
	size_t spki_len;
	uint32_t scheme;
	bool digest;
	const uint8_t *data;
	size_t len;
	uint8_t *ret;
	size_t *ret_len;
};

/* The token's own form into that of TLS and X.509. Return: length or -errno. */
static int convert(const struct sign *s, const struct key_ref *key, const uint8_t *raw, size_t n)
{
	size_t cap = *s->ret_len;

	switch (key->algorithm) {
	case CAPCERT_VAULT_P256:
	case CAPCERT_VAULT_P384:
	case CAPCERT_VAULT_P521:
		return n == 2 * ((key->bits + 7) / 8) ? der_ecdsa(raw, n, s->ret, cap) : -EIO;
	case CAPCERT_VAULT_RSA:
		if (n != (key->bits + 7) / 8 ||
		    capcert_pubkey_verify(key->spki, key->spki_len, s->scheme, s->digest, s->data,
					  s->len, raw, n) != 0)
			return -EIO;
		break;
	default:
		if (n != 64)
			return -EIO;
	}
	if (n > cap)
		return -EMSGSIZE;
	memcpy(s->ret, raw, n);
	return (int)n;
}

static int call(const struct key_ref *key, const struct session *session, struct scheme_call *c,
		uint8_t *raw, CK_ULONG *n)
{
	CK_FUNCTION_LIST *f = key->token->module->f;
	CK_RV rv = f->C_SignInit(session->handle, &c->mechanism, key->object);

	if (rv == CKR_OK)
		rv = f->C_Sign(session->handle, (unsigned char *)(uintptr_t)c->input, c->len, raw,
			       n);
	/* A token's own word for "longer than I thought" is nonsense to whoever asked. */
	if (rv == CKR_BUFFER_TOO_SMALL)
		return -EIO;
	return rv_error(rv);
}

static bool same_key(const struct sign *s, const struct key_ref *key)
{
	return !s->spki ||
	       (s->spki_len == key->spki_len && !memcmp(s->spki, key->spki, s->spki_len));
}

static int sign_once(capcert_vault *v, void *ctx)
{
	const struct sign *s = ctx;
	uint8_t raw[CAPCERT_MAX_SIGNATURE];
	CK_ULONG n = sizeof(raw);
	struct session session;
	struct scheme_call c;
	struct key_ref key;
	int r = keys_get(v, s->uri, &key);

	if (r == 0 && !same_key(s, &key)) {
		/* As it is known, or as it is? */
		keys_forget(v, s->uri);
		r = keys_get(v, s->uri, &key);
		if (r == 0 && !same_key(s, &key))
			r = -ESTALE;
	}
	if (r == 0)
		r = scheme_prepare(s->scheme, key.algorithm, key.bits, s->digest, s->data, s->len,
				   &c);
	if (r == 0)
		r = session_get(v, key.token, false, &session);
	if (r < 0)
		return r;
	if (session.epoch == key.epoch)
		r = call(&key, &session, &c, raw, &n);
	else
		r = -ENODEV;
	session_put(key.token, &session, r == 0);
	if (r == -ENODEV) {
		keys_forget(v, s->uri);
		token_reset(key.token, session.epoch);
	}
	if (r == 0)
		r = n > sizeof(raw) ? -EIO : convert(s, &key, raw, n);
	explicit_bzero(raw, sizeof(raw));
	if (r < 0)
		return r;
	*s->ret_len = (size_t)r;
	return 0;
}

int capcert_vault_sign(capcert_vault *vault, const char *uri, const uint8_t *spki, size_t spki_len,
		       uint32_t scheme, bool digest, const uint8_t *data, size_t len, uint8_t *ret,
		       size_t *ret_len)
{
	struct sign s = { uri, spki, spki_len, scheme, digest, data, len, ret, ret_len };

	return vault_run(vault, sign_once, &s);
}
