/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ECDSA on the curves of certificates and CT logs, by nettle itself. */
#ifndef LIBCAPCERT_SIG_ECDSA_H
#define LIBCAPCERT_SIG_ECDSA_H

#include "core/spki.h"

/** sig_ecdsa_knows() - is the key one that sig_ecdsa_check() takes: P-256 or P-384, its point
 *  uncompressed? */
bool sig_ecdsa_knows(const struct cc_spki *key);

/**
 * sig_ecdsa_check() - FIPS 186-5 section 6.4.2. Of a digest longer than the curve's order the leftmost
 * bits count. @r, @s: contents of INTEGERs that are not negative.
 * Return: 1 good; 0 bad, or the point is not on its curve.
 */
int sig_ecdsa_check(const struct cc_spki *key, struct cc_span digest, struct cc_span r,
		    struct cc_span s);

#endif
