/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Objects of a token: searches and attributes, in one session. */
#ifndef PKCS11_CONSUMER_OBJECT_H
#define PKCS11_CONSUMER_OBJECT_H

#include "pkcs11/consumer/token.h"

/** object_find() - handles of what has all of @attrs, at most @most. Return: how many, or -errno. */
int object_find(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attrs, CK_ULONG count,
		CK_OBJECT_HANDLE *ret, CK_ULONG most);

/** object_describe() - what is public about a private key; @ret->spki_len 0 when its public half is
 *  nowhere or not for us. Return: 0; -EBADMSG: a malformed object; what rv_error() says. */
int object_describe(struct token *t, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		    struct capcert_vault_key *ret);

/** object_public() - the public key object that belongs to a private key. Return: 0, -ENOENT. */
int object_public(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session,
		  const struct capcert_vault_key *key, CK_OBJECT_HANDLE *ret);

/** object_set_public() - fill algorithm, bits, spki and its hash from a public key object. */
int object_set_public(CK_FUNCTION_LIST *f, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
		      struct capcert_vault_key *ret);

#endif
