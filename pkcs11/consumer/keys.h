/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Key objects: found once by their URI, then known by their handle. */
#ifndef PKCS11_CONSUMER_KEYS_H
#define PKCS11_CONSUMER_KEYS_H

#include "pkcs11/consumer/token.h"

struct key_ref {
	struct token *token;
	uint64_t epoch;
	CK_OBJECT_HANDLE object;
	uint32_t algorithm;
	uint32_t bits;
	size_t spki_len;
	uint8_t spki[CAPCERT_VAULT_MAX_SPKI];
};

/** keys_get() - the key of @uri as it is known, or looked up. Return: 0 or -errno of
 *  <capcert/vault.h>. */
int keys_get(capcert_vault *v, const char *uri, struct key_ref *ret);

/** keys_forget() - @uri, or all of them. */
void keys_forget(capcert_vault *v, const char *uri);

/** keys_find() - the one private key of @uri in its token, by a search.
 *  @ret_object, @ret_token, @ret_epoch: where it is. @ret: what is public about it. */
int keys_find(capcert_vault *v, const char *uri, struct token **ret_token, uint64_t *ret_epoch,
	      CK_OBJECT_HANDLE *ret_object, struct capcert_vault_key *ret);

#endif
