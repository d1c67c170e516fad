// SPDX-License-Identifier: LGPL-2.1-or-later
/* Cipher policies, after the profiles that Mozilla publishes ("Server Side TLS", version 5), as priority
 * strings of GnuTLS. They begin with NONE: what is not named is not spoken, whatever the system's own
 * settings of GnuTLS say. docs/tls.md has the table. */
#include <stdbool.h>
#include <capcert/tls.h>

#define AEADS "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:+AEAD"
#define CURVES "+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"
#define SIGNS                                                                                    \
	"+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SECP256R1-SHA256:" \
	"+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-ECDSA-SECP521R1-SHA512:+SIGN-EDDSA-ED25519:"         \
	"+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-PSS-RSAE-SHA512:"         \
	"+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-SHA512:"                        \
	"+SIGN-RSA-SHA256:+SIGN-RSA-SHA384:+SIGN-RSA-SHA512"
#define COMMON SIGNS ":+COMP-NULL:+CTYPE-X509:%DISABLE_WILDCARDS"
#define FORWARD "+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+GROUP-FFDHE2048:+GROUP-FFDHE3072"

#define MODERN "NONE:+VERS-TLS1.3:" AEADS ":" CURVES ":" COMMON
#define INTERMEDIATE(versions) "NONE:" versions ":" AEADS ":" FORWARD ":" CURVES ":" COMMON
/* Mozilla's "old", but never TLS 1.0 and 1.1 (RFC 8996), and no signature by SHA-1 (RFC 9155). */
#define LEGACY(versions)                                                                      \
	"NONE:" versions ":" AEADS                                                            \
	":+AES-128-CBC:+AES-256-CBC:+3DES-CBC:+SHA1:+SHA256:+SHA384:" FORWARD ":+RSA:" CURVES \
	":" COMMON

#define ONLY_12 "+VERS-TLS1.2"
#define BOTH "+VERS-TLS1.3:+VERS-TLS1.2"

const char *capcert_tls_ciphers(uint32_t policy, uint32_t min_version, uint32_t flags)
{
	bool with_12 = min_version == CAPCERT_TLS_12, with_13 = !(flags & CAPCERT_TLS_NO_13);

	if (min_version > CAPCERT_TLS_13)
		return NULL;
	switch (policy) {
	case CAPCERT_TLS_MODERN:
		return with_13 ? MODERN : NULL;
	case CAPCERT_TLS_INTERMEDIATE:
		if (with_12)
			return with_13 ? INTERMEDIATE(BOTH) : INTERMEDIATE(ONLY_12);
		return with_13 ? MODERN : NULL;
	case CAPCERT_TLS_LEGACY:
		if (with_12)
			return with_13 ? LEGACY(BOTH) : LEGACY(ONLY_12);
		return with_13 ? MODERN : NULL;
	default:
		return NULL;
	}
}
