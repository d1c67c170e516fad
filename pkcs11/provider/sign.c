// SPDX-License-Identifier: LGPL-2.1-or-later
/* C_Sign and its kin. PKCS #11 has no purposes: which one a signature is made for is chosen here, by one rule
 * that docs/pkcs11.md states. */
#include <errno.h>
#include <string.h>
#include <capcert/key.h>
#include "pkcs11/provider/ecdsa.h"
#include "pkcs11/provider/operation.h"
#include "pkcs11/provider/source.h"

/* In the order in which they are tried. */
static const uint32_t order[] = {
	CAPCERT_KEY_TLS_SERVER,	 CAPCERT_KEY_TLS_CLIENT, CAPCERT_KEY_CODE_SIGN,
	CAPCERT_KEY_BUNDLE_SIGN, CAPCERT_KEY_CT_LOG,	 CAPCERT_KEY_ACME_ACCOUNT,
	CAPCERT_KEY_CA_SIGN,	 CAPCERT_KEY_CRL_SIGN,	 CAPCERT_KEY_OCSP_SIGN,
};

/* The first of the key's purposes by which @in may be signed; -EACCES: none. */
static int choose(uint32_t purposes, const struct mech_input *in)
{
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		if (!(purposes >> order[i] & 1))
			continue;
		if (in->digest || !capcert_key_refuses(order[i], in->scheme, in->data, in->len))
			return (int)order[i];
	}
	return -EACCES;
}

static uint32_t hash_of(uint32_t scheme)
{
	switch (scheme) {
	case 0x0401:
	case 0x0403:
	case 0x0804:
		return CAPCERT_HASH_SHA256;
	case 0x0501:
	case 0x0503:
	case 0x0805:
		return CAPCERT_HASH_SHA384;
	case 0x0601:
	case 0x0603:
	case 0x0806:
		return CAPCERT_HASH_SHA512;
	default:
		return 0;
	}
}

/* What is too long for the kernel goes as its digest, where the key takes one. */
static int shorten(const struct held_key *key, struct mech_input *in, uint8_t digest[64])
{
	int n;

	if (in->digest || in->len <= CAPCERT_MAX_MESSAGE)
		return 0;
	if (!capcert_key_takes_digests(key->purposes) || !hash_of(in->scheme))
		return -EMSGSIZE;
	n = capcert_hash(hash_of(in->scheme), in->data, in->len, digest);
	if (n < 0)
		return n;
	in->digest = true;
	in->data = digest;
	in->len = (size_t)n;
	return 0;
}

/* As PKCS #11 has it: @op->use.size octets. */
static int convert(const struct operation *op, const uint8_t *sig, size_t n, uint8_t *ret)
{
	size_t size = op->use.size;

	if (mech_key_type(op->key->key->algorithm) == CKK_EC)
		return ecdsa_to_raw(sig, n, size / 2, ret) < 0 ? -EIO : 0;
	if (n != size)
		return -EIO;
	memcpy(ret, sig, n);
	return 0;
}

static int sign(const struct operation *op, int fd, struct mech_input *in, uint8_t *ret)
{
	const struct held_key *key = op->key->key;
	uint8_t sig[CAPCERT_MAX_SIGNATURE], digest[64];
	size_t n = sizeof(sig);
	int r = shorten(key, in, digest), purpose;

	if (r < 0)
		return r;
	purpose = choose(key->purposes, in);
	if (purpose < 0)
		return purpose;
	r = source_sign(fd, key->limited, (uint32_t)purpose, in->scheme,
			in->digest ? CAPCERT_SIGN_DIGEST : 0, in->data, in->len, sig, &n);
	/* The digest has the right length: it is the key itself, not this handle's view, that takes none. */
	if (r == -EINVAL && in->digest)
		r = -EACCES;
	return r < 0 ? r : convert(op, sig, n, ret);
}

/* The whole message is there, the session's lock is held. */
static CK_RV run(struct session *s, const uint8_t *data, size_t len, uint8_t *sig,
		 CK_ULONG *sig_len)
{
	CK_SESSION_HANDLE handle = s->handle;
	struct operation *op = s->operation;
	struct mech_input in;
	CK_RV rv;
	int fd, r;

	if (!sig || *sig_len < op->use.size) {
		*sig_len = op->use.size;
		return module_leave(sig ? CKR_BUFFER_TOO_SMALL : CKR_OK);
	}
	rv = mech_input(&op->use, data, len, &in);
	if (rv != CKR_OK)
		return operation_end(s, rv);
	fd = source_key_fd(op->key->key);
	if (fd < 0) {
		module_stale();
		return operation_end(s, rv_of(fd));
	}
	operation_take(s);
	r = sign(op, fd, &in, sig);
	if (r == 0)
		*sig_len = op->use.size;
	return operation_done(handle, op, rv_of(r));
}

CK_RV C_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return operation_begin(session, mechanism, key, false);
}

CK_RV C_Sign(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG len, unsigned char *sig,
	     CK_ULONG *sig_len)
{
	struct session *s;
	CK_RV rv = operation_enter(session, false, false, !sig_len || (len && !data), &s);

	return rv == CKR_OK ? run(s, data, len, sig, sig_len) : rv;
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE session, unsigned char *part, CK_ULONG len)
{
	return operation_update(session, part, len, false);
}

CK_RV C_SignFinal(CK_SESSION_HANDLE session, unsigned char *sig, CK_ULONG *sig_len)
{
	struct session *s;
	CK_RV rv = operation_enter(session, false, true, !sig_len, &s);

	if (rv != CKR_OK)
		return rv;
	return run(s, s->operation->message, s->operation->len, sig, sig_len);
}
