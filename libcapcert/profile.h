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
 *  certificate; profile webpki. The leaf's hold for tlsServerAuth. */
const char *webpki_check(const struct cc_policy *policy, const struct cc_cert *cert, enum role role,
			 uint32_t purpose);

/** webpki_key() - NULL, or why the Baseline Requirements forbid this key. */
const char *webpki_key(const struct cc_cert *cert);

/** rfc5280_legacy_root() - an anchor issued before 2012-07-01, when the first common rules for
 *  such certificates came into force: not measured by rules that came after it. A date before
 *  1996 is older than version 3 certificates themselves, and so no date of issuance. */
bool rfc5280_legacy_root(const struct cc_cert *cert);

#endif
