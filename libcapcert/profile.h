/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules about the content of certificates that path validation itself does not ask for. */
#ifndef LIBCAPCERT_PROFILE_H
#define LIBCAPCERT_PROFILE_H

#include "core/policy.h"
#include "libcapcert/judge.h"

/** rfc5280_check() - what RFC 5280 section 4 asks of a conforming certificate, both profiles.
 *  @nameless_issuer: the issuer has no key identifier that @cert could name.
 *  Return: NULL, or what is wrong. */
const char *rfc5280_check(const struct cc_policy *policy, const struct cc_cert *cert,
			  enum role role, bool nameless_issuer);

/** webpki_check() - the CA/Browser Forum's Baseline Requirements as far as they show in a
 *  certificate; profile webpki. The leaf's hold for tlsServerAuth. Looks at names are charged to
 *  @budget; when it is spent the answer is against the certificate. */
const char *webpki_check(const struct cc_policy *policy, const struct cc_cert *cert, enum role role,
			 uint32_t purpose, struct budget *budget);

/** webpki_key() - NULL, or why the Baseline Requirements forbid this key. */
const char *webpki_key(const struct cc_cert *cert);

/** rfc5280_legacy_root() - an anchor issued before 2012-07-01, when version 1.0 of the Baseline
 *  Requirements came into force: they do not bind what was issued before them, and path
 *  validation does not ask how an anchor's own certificate looks (RFC 5280 section 6.1.1 (d)). Of
 *  the 144 roots in Debian's ca-certificates, 8 of 2003 to 2012 need this. A date before 1996 is
 *  older than version 3 certificates, so no date of issuance, and exempts nobody. */
bool rfc5280_legacy_root(const struct cc_cert *cert);

#endif
