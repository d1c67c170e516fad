/* SPDX-License-Identifier: GPL-2.0-only */
/* What an installer signs. */
#ifndef HELPERS_ACMED_CSR_H
#define HELPERS_ACMED_CSR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** csr_is_for() - is @p a CertificationRequestInfo (RFC 2986 section 4.1), whole and with nothing behind it, for
 *  the key @spki? Such octets are no handshake's: those begin with blanks or random octets. Names are not
 *  looked at: a CA certifies those of the order, whatever is asked for. */
bool csr_is_for(const uint8_t *p, size_t len, const uint8_t *spki, size_t spki_len);

#endif
