// SPDX-License-Identifier: LGPL-2.1-or-later
/* C_Verify and its kin: arithmetic on what is public, done in this process. */
#include <errno.h>
#include <capcert/pubkey.h>
#include "pkcs11/provider/ecdsa.h"
#include "pkcs11/provider/operation.h"

static CK_RV verify(const struct operation *op, const struct mech_input *in, const uint8_t *sig,
		    size_t n)
{
	const struct held_key *key = op->key->key;
	uint8_t der[2 * ECDSA_SIZE_MOST + 9];
	int r;

	if (n != op->use.size)
		return CKR_SIGNATURE_LEN_RANGE;
	if (mech_key_type(key->algorithm) == CKK_EC) {
		r = ecdsa_to_der(sig, n / 2, der);
		if (r < 0)
			return CKR_SIGNATURE_INVALID;
		sig = der;
		n = (size_t)r;
	}
	r = capcert_pubkey_verify(key->spki, key->spki_len, in->scheme, in->digest, in->data,
				  in->len, sig, n);
	return r == -EKEYREJECTED ? CKR_SIGNATURE_INVALID : rv_of(r);
}

static CK_RV run(struct session *s, const uint8_t *data, size_t len, const uint8_t *sig, size_t n)
{
	CK_SESSION_HANDLE handle = s->handle;
	struct operation *op = operation_take(s);
	struct mech_input in;
	CK_RV rv = mech_input(&op->use, data, len, &in);

	if (rv == CKR_OK)
		rv = verify(op, &in, sig, n);
	return operation_done(handle, op, rv);
}

CK_RV C_VerifyInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_begin(session, mechanism, key, true);
}

CK_RV C_Verify(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG len, unsigned char *sig,
	       CK_ULONG sig_len)
{
	struct session *s;
	CK_RV rv = operation_enter(session, true, false, !sig || (len && !data), &s);

	return rv == CKR_OK ? run(s, data, len, sig, sig_len) : rv;
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG len)
{
	return operation_update(session, part, len, true);
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE session, unsigned char *sig, CK_ULONG sig_len)
{
	struct session *s;
	CK_RV rv = operation_enter(session, true, true, !sig, &s);

	if (rv != CKR_OK)
		return rv;
	return run(s, s->operation->message, s->operation->len, sig, sig_len);
}
