// SPDX-License-Identifier: LGPL-2.1-or-later
/* The life of an operation. Every error but CKR_BUFFER_TOO_SMALL ends it (PKCS #11 section 5.2). */
#include <stdlib.h>
#include <string.h>
#include <capcert/key.h>
#include "pkcs11/provider/operation.h"

/* Mechanisms that get a digest hide what is signed, which some purposes must see. */
static CK_RV check_key(const struct object *o, const struct mech_use *use, bool verify)
{
	bool digest = use->digest || !use->scheme;

	if (verify)
		return CKR_OK;
	if (!o->key->purposes || (digest && !capcert_key_takes_digests(o->key->purposes)))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	return CKR_OK;
}

static CK_RV begin(struct session *s, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
		   bool verify)
{
	struct object *o = catalog_at(module_catalog(), key);
	struct mech_use use;
	CK_RV rv;

	if (s->operation || s->busy)
		return CKR_OPERATION_ACTIVE;
	if (!o)
		return CKR_KEY_HANDLE_INVALID;
	if (o->class != (verify ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	rv = mech_use(mechanism, o->key->algorithm, o->key->bits, &use);
	if (rv == CKR_OK)
		rv = check_key(o, &use, verify);
	if (rv != CKR_OK)
		return rv;
	s->operation = calloc(1, sizeof(*s->operation));
	if (!s->operation)
		return CKR_HOST_MEMORY;
	s->operation->key = object_ref(o);
	s->operation->use = use;
	s->operation->verify = verify;
	return CKR_OK;
}

CK_RV operation_begin(CK_SESSION_HANDLE session, const CK_MECHANISM *mechanism,
		      CK_OBJECT_HANDLE key, bool verify)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	return module_leave(mechanism ? begin(s, mechanism, key, verify) : CKR_ARGUMENTS_BAD);
}

CK_RV operation_end(struct session *s, CK_RV rv)
{
	operation_free(s->operation);
	s->operation = NULL;
	return module_leave(rv);
}

CK_RV operation_enter(CK_SESSION_HANDLE session, bool verify, bool parts, bool bad,
		      struct session **ret)
{
	struct session *s;
	CK_RV rv = module_enter_session(session, &s);

	if (rv != CKR_OK)
		return rv;
	if (s->busy)
		return module_leave(CKR_OPERATION_ACTIVE);
	if (!s->operation || s->operation->verify != verify)
		return module_leave(CKR_OPERATION_NOT_INITIALIZED);
	if (!parts && s->operation->parts)
		return module_leave(CKR_OPERATION_ACTIVE);
	if (bad)
		return operation_end(s, CKR_ARGUMENTS_BAD);
	*ret = s;
	return CKR_OK;
}

static CK_RV append(struct operation *op, const uint8_t *part, size_t len)
{
	uint8_t *grown;

	op->parts = true;
	if (!len)
		return CKR_OK;
	if (len > OPERATION_MESSAGE_MOST - op->len)
		return CKR_DATA_LEN_RANGE;
	grown = realloc(op->message, op->len + len);
	if (!grown)
		return CKR_HOST_MEMORY;
	memcpy(grown + op->len, part, len);
	op->message = grown;
	op->len += len;
	return CKR_OK;
}

CK_RV operation_update(CK_SESSION_HANDLE session, const uint8_t *part, CK_ULONG len, bool verify)
{
	struct session *s;
	CK_RV rv = operation_enter(session, verify, true, len && !part, &s);

	if (rv != CKR_OK)
		return rv;
	rv = append(s->operation, part, len);
	return rv == CKR_OK ? module_leave(rv) : operation_end(s, rv);
}

struct operation *operation_take(struct session *s)
{
	struct operation *op = s->operation;

	s->operation = NULL;
	s->busy = true;
	module_leave(CKR_OK);
	return op;
}

CK_RV operation_done(CK_SESSION_HANDLE session, struct operation *op, CK_RV rv)
{
	struct session *s;

	module_reenter();
	s = session_find(session);
	if (s)
		s->busy = false;
	/* Revoked meanwhile: its object goes. */
	if (rv == CKR_KEY_HANDLE_INVALID)
		module_stale();
	operation_free(op);
	return module_leave(rv);
}
