/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process holds, as plain facts: found by source.c, turned into objects elsewhere. */
#ifndef PKCS11_PROVIDER_HOLDINGS_H
#define PKCS11_PROVIDER_HOLDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <capcert/x509.h>

#define HELD_LABEL 128

struct held_key {
	char label[HELD_LABEL];
	uint8_t hash[32]; /* SHA-256 of the SubjectPublicKeyInfo */
	uint8_t *spki;
	size_t spki_len;
	uint32_t algorithm; /* as in struct capcert_key_info */
	uint32_t bits;
	uint32_t purposes; /* mask of 1 << CAPCERT_KEY_* */
	bool signs;
	bool limited;	/* the handle may run out of uses */
	int fd;		/* inherited, not owned; -1: opened by serial or slot */
	int32_t serial; /* of the key that the process possesses, 0: none */
	int slots_fd;	/* inherited handle of the slot named by the label, -1: none */
	int own_fd;	/* opened by serial or slot, by who uses it; -1 */
};

struct held_cert {
	char label[HELD_LABEL];
	uint8_t hash[32]; /* SHA-256 of the certificate */
	capcert_cert *cert;
	bool anchor;
	uint32_t purposes; /* of the anchor: mask of 1 << CAPCERT_PURPOSE_* */
};

struct holdings {
	struct held_key *keys;
	size_t key_count;
	struct held_cert *certs;
	size_t cert_count;
};

/** holdings_add_key() - @key and its spki are the holdings' afterwards, also on failure. A key that is
 *  there already stays as it was first found. Return: 0, -ENOMEM, -ENOSPC beyond HELD_MOST. */
int holdings_add_key(struct holdings *h, struct held_key *key);
/** holdings_add_cert() - the same of @cert->cert. An anchor that is there once more is one for the
 *  purposes of both. */
int holdings_add_cert(struct holdings *h, struct held_cert *cert);
/** holdings_key() - that whose SubjectPublicKeyInfo has this hash, or NULL. */
struct held_key *holdings_key(const struct holdings *h, const uint8_t hash[32]);
void holdings_clear(struct holdings *h);

/** held_key_copy() - of its own; an fd that was opened by serial stays behind. NULL: out of memory. */
struct held_key *held_key_copy(const struct held_key *key);
/** held_key_free() - after source_release(). NULL is fine. */
void held_key_free(struct held_key *key);

#define HELD_MOST 16384 /* keys, certificates: each */

#endif
