/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Pin sets: hashes of public keys of which an accepted path must have one. A pin set narrows what is
 * trusted already; it never adds trust. docs/pins.md says how to use them. */
#ifndef CAPCERT_PINS_H
#define CAPCERT_PINS_H

#include <capcert/capcert.h>
#include <capcert/x509.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A pin set of this process. Not to be changed while a verification uses it. */
typedef struct capcert_pins capcert_pins;

/**
 * capcert_pins_new() - from text: one entry per line or ';'.
 *	mode=enforce|report-only		(enforce when it is not there)
 *	expires=2027-01-31T00:00:00Z|never	(must be there)
 *	sha256:VALUE sha384:VALUE sha512:VALUE	at most 64; hexadecimal or base64, of the DER
 *						SubjectPublicKeyInfo
 * @ret_error: NULL, or points to a static line on -EINVAL.
 * Return: 0; -EINVAL not a pin set; -EMSGSIZE longer than one can be; -ENOMEM.
 */
CAPCERT_API int capcert_pins_new(const char *text, size_t len, capcert_pins **ret,
				 const char **ret_error);
CAPCERT_API void capcert_pins_free(capcert_pins *pins);

/** capcert_pins_add() / capcert_pins_remove() - PinSet.addPin, removePin. @hash: CAPCERT_HASH_*,
 *  @value: the hash, @len octets. Without any pin a set is matched by nothing.
 *  Return: 0; -EINVAL no such hash, or another length; -EEXIST it is there; -ENOSPC 64 are;
 *  -ENOENT it is not there. */
CAPCERT_API int capcert_pins_add(capcert_pins *pins, uint32_t hash, const uint8_t *value,
				 size_t len);
CAPCERT_API int capcert_pins_remove(capcert_pins *pins, uint32_t hash, const uint8_t *value,
				    size_t len);

/** capcert_pins_text() - the canonical text, owned by the set until its next change. */
CAPCERT_API const char *capcert_pins_text(const capcert_pins *pins);

/** capcert_pins_get_info() - mode, expiry, number of pins, digest; version 1. */
CAPCERT_API int capcert_pins_get_info(const capcert_pins *pins, struct capcert_pins_info *ret);

/**
 * capcert_pins_enforce() - PinSet.enforce: does a path have a pinned key?
 * @chain: certificates of a path that was accepted already: nothing else about them is looked at.
 * @time: seconds since 1970; whether the set has expired is judged then.
 * @ret: valid, reason (CAPCERT_REASON_PIN_MISMATCH), flags (CAPCERT_OUTCOME_PIN*), detail, leaf,
 *	chain_digest, pins_digest, the interval in which this holds; the rest is zero.
 * Return: 0, -EINVAL for an empty chain, -EMSGSIZE over the limits of a chain.
 */
CAPCERT_API int capcert_pins_enforce(const capcert_pins *pins, const capcert_chain *chain,
				     int64_t time, struct capcert_outcome *ret);

/* Pin sets of the kernel, by handle. */
/** capcert_get_pins_info() - right INFO. Their text: capcert_read() with CAPCERT_READ_PINS. */
CAPCERT_API int capcert_get_pins_info(int pins_fd, struct capcert_pins_info *ret);
/** capcert_pins_handle_add() / capcert_pins_handle_remove() - rights ADD, REMOVE. Return: 0, or as
 *  capcert_pins_add(), capcert_pins_remove(); or why the handle is not good for it. */
CAPCERT_API int capcert_pins_handle_add(int pins_fd, uint32_t hash, const uint8_t *value,
					size_t len, uint64_t *ret_version);
CAPCERT_API int capcert_pins_handle_remove(int pins_fd, uint32_t hash, const uint8_t *value,
					   size_t len, uint64_t *ret_version);

/** capcert_pin_mode_name() - "enforce" for CAPCERT_PINS_ENFORCE, "report-only"; "?". */
CAPCERT_API const char *capcert_pin_mode_name(uint32_t mode);

#ifdef __cplusplus
}
#endif
#endif
