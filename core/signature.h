/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Signatures without arithmetic: which scheme a key can sign by, how long, of what form. */
#ifndef CORE_SIGNATURE_H
#define CORE_SIGNATURE_H

#include "core/alg.h"

/** cc_scheme_fits() - can a key of @key_alg sign by @scheme? Schemes with SHA-1 never. An ECDSA
 *  scheme stands for its hash and fits every curve, as in X.509. */
bool cc_scheme_fits(uint32_t scheme, uint32_t key_alg);

/** cc_scheme_digest_size() - octets of the digest that @scheme signs; 0: it signs the message
 *  itself, or there is no such scheme. */
size_t cc_scheme_digest_size(uint32_t scheme);

/** cc_signature_max() - octets of the longest signature by such a key; 0 when it can't be told.
 *  RSA: the modulus; ECDSA: DER Ecdsa-Sig-Value (RFC 3279 section 2.2.3). */
size_t cc_signature_max(uint32_t key_alg, uint32_t bits);

/** cc_signature_form() - could @signature be one by such a key? RSA and EdDSA: the exact length.
 *  ECDSA: strict DER, two minimal INTEGERs from 1 to the order of the curve less 1. */
bool cc_signature_form(uint32_t key_alg, uint32_t bits, struct cc_span signature);

#endif
