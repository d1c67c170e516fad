/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mechanisms, and the TLS SignatureSchemes that stand for them in the kernel. */
#ifndef PKCS11_PROVIDER_MECH_H
#define PKCS11_PROVIDER_MECH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <p11-kit/pkcs11.h>

#define MECH_MOST 16

/** What one operation signs or verifies, and how. */
struct mech_use {
	CK_MECHANISM_TYPE type;
	uint32_t scheme; /* 0: the digest's length tells */
	size_t digest;	 /* octets of the digest that is given; 0: the message, or of any known hash */
	size_t size;	 /* octets of a signature, as PKCS #11 has it */
};

/** CKK_* of a key's algorithm; CK_UNAVAILABLE_INFORMATION for one that nothing here is done with. */
CK_KEY_TYPE mech_key_type(uint32_t algorithm);

/** All mechanisms, or those of one kind of key. Return: how many. */
size_t mech_all(CK_MECHANISM_TYPE ret[MECH_MOST]);
size_t mech_of_algorithm(uint32_t algorithm, CK_MECHANISM_TYPE ret[MECH_MOST]);
/** CKR_OK or CKR_MECHANISM_INVALID. */
CK_RV mech_info(CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *ret);

/** mech_use() - CKR_MECHANISM_INVALID, CKR_MECHANISM_PARAM_INVALID, CKR_KEY_TYPE_INCONSISTENT. PSS is taken
 *  with MGF1 of its own hash and a salt of that length, as in TLS 1.3 and RFC 4055, and in no other way. */
CK_RV mech_use(const CK_MECHANISM *m, uint32_t algorithm, uint32_t bits, struct mech_use *ret);

/** What libcapcert is to be given; @data points into what the program gave. */
struct mech_input {
	uint32_t scheme;
	bool digest;
	const uint8_t *data;
	size_t len;
};

/** mech_input() - CKR_DATA_INVALID: no DigestInfo of a hash that is known here; CKR_DATA_LEN_RANGE: no digest of
 *  one. */
CK_RV mech_input(const struct mech_use *use, const uint8_t *data, size_t len,
		 struct mech_input *ret);

#endif
