// SPDX-License-Identifier: LGPL-2.1-or-later
/* RFC 5280 section 4: what a conforming certificate must and must not contain. */
#include "core/der.h"
#include "libcapcert/names.h"
#include "libcapcert/profile.h"

/* X.509 has had version 3 since 1996; the first Baseline Requirements came into force on
 * 2012-07-01. Seconds since 1970. */
#define YEAR_1996 820454400
#define JULY_2012 1341100800

bool rfc5280_legacy_root(const struct cc_cert *cert)
{
	return cert->not_before >= YEAR_1996 && cert->not_before < JULY_2012;
}

static bool has(const struct cc_cert *cert, uint32_t ext_bit)
{
	return (cert->ext_present & ext_bit) != 0;
}

static bool critical(const struct cc_cert *cert, uint32_t ext_bit)
{
	return (cert->ext_critical & ext_bit) != 0;
}

/* Section 4.1.2.2. Negative numbers exist, and users of certificates are told to get along with
 * them; zero and more than 20 octets name a certificate nobody could revoke reliably. */
static const char *check_serial(const struct cc_cert *cert)
{
	size_t n = cert->serial.n;

	if (!cert->serial_odd)
		return NULL;
	if (n == 1 && cert->serial.p[0] == 0)
		return "serial number is zero (RFC 5280 section 4.1.2.2)";
	if (n > 21 || (n == 21 && cert->serial.p[0] != 0))
		return "serial number is longer than 20 octets (RFC 5280 section 4.1.2.2)";
	return NULL;
}

/* Extensions that the RFC wants critical, or not critical. Not asked of policyConstraints and
 * inhibitAnyPolicy: they are processed the same way (section 6.1.4 (i), (j)), and NIST's path
 * validation suite has valid paths where they are not critical. */
static const char *check_criticality(const struct cc_policy *policy, const struct cc_cert *cert)
{
	if (critical(cert, CC_EXT_BIT(AUTHORITY_KEY_ID)))
		return "authorityKeyIdentifier is critical (RFC 5280 section 4.2.1.1)";
	if (critical(cert, CC_EXT_BIT(SUBJECT_KEY_ID)))
		return "subjectKeyIdentifier is critical (RFC 5280 section 4.2.1.2)";
	if (critical(cert, CC_EXT_BIT(SUBJECT_DIRECTORY)))
		return "subjectDirectoryAttributes is critical (RFC 5280 section 4.2.1.8)";
	if (critical(cert, CC_EXT_BIT(FRESHEST_CRL)))
		return "freshestCRL is critical (RFC 5280 section 4.2.1.15)";
	if (critical(cert, CC_EXT_BIT(AUTHORITY_INFO)))
		return "authorityInfoAccess is critical (RFC 5280 section 4.2.2.1)";
	if (critical(cert, CC_EXT_BIT(SUBJECT_INFO)))
		return "subjectInfoAccess is critical (RFC 5280 section 4.2.2.2)";
	/* The Baseline Requirements (section 7.1.2.5.2) allow the one exception. */
	if (policy->profile == CC_PROFILE_RFC5280 && has(cert, CC_EXT_BIT(NAME_CONSTRAINTS)) &&
	    !critical(cert, CC_EXT_BIT(NAME_CONSTRAINTS)))
		return "nameConstraints is not critical (RFC 5280 section 4.2.1.10)";
	return NULL;
}

static const char *check_names(const struct cc_cert *cert, enum role role)
{
	bool no_subject = cc_dn_empty(cert->subject);

	if (cc_dn_empty(cert->issuer))
		return "issuer name is empty (RFC 5280 section 4.1.2.4)";
	if (no_subject && (role != ROLE_LEAF || cert->is_ca))
		return "subject name of a CA is empty (RFC 5280 section 4.1.2.6)";
	if (no_subject && !critical(cert, CC_EXT_BIT(SUBJECT_ALT_NAME)))
		return "subject is empty and subjectAltName not critical (RFC 5280 section "
		       "4.2.1.6)";
	return NULL;
}

/* A name in preferred syntax (RFC 1034 section 3.5): the library's own check also allows the
 * underscore, for hosts; and a wildcard stands in certificates only. */
static bool dns_name_valid(struct cc_span name)
{
	struct cc_span host = name;

	if (host.n > 2 && host.p[0] == '*' && host.p[1] == '.')
		host = cc_span(host.p + 2, host.n - 2);
	return cc_hostname_valid(host) && !memchr(host.p, '_', host.n) && host.p[host.n - 1] != '.';
}

/* Section 4.2.1.6: the forms of names that a relying party will compare. An iPAddress of another
 * size than 4 or 16 octets does not parse. */
static const char *check_alt_names(const struct cc_cert *cert)
{
	struct cc_span rest = cert->san;
	struct cc_general_name gn;
	int r;

	while ((r = cc_gn_next(&rest, &gn)) == 1) {
		if (gn.type == CC_GN_DNS && !dns_name_valid(gn.value))
			return "a dNSName is not in preferred name syntax "
			       "(RFC 5280 section 4.2.1.6)";
		if (gn.type == CC_GN_EMAIL && !names_mailbox_valid(gn.value))
			return "an rfc822Name is not a mailbox (RFC 5280 section 4.2.1.6)";
	}
	return r < 0 ? "subjectAltName is malformed" : NULL;
}

/* Section 4.2.1.9: a length of paths is said by those who may begin one. */
static const char *check_path_len(const struct cc_cert *cert)
{
	if (cert->path_len < 0)
		return NULL;
	if (!cert->is_ca)
		return "pathLenConstraint without cA (RFC 5280 section 4.2.1.9)";
	if (has(cert, CC_EXT_BIT(KEY_USAGE)) && !(cert->key_usage & CC_KU_KEY_CERT_SIGN))
		return "pathLenConstraint without keyCertSign (RFC 5280 section 4.2.1.9)";
	return NULL;
}

static const char *check_key_ids(const struct cc_policy *policy, const struct cc_cert *cert,
				 enum role role, bool nameless_issuer)
{
	if (cert->version < 3 && role == ROLE_CA)
		return NULL; /* it has no extensions at all, which judge.c will say */
	if (role != ROLE_LEAF && !has(cert, CC_EXT_BIT(SUBJECT_KEY_ID)))
		return "CA certificate without subjectKeyIdentifier (RFC 5280 section 4.2.1.2)";
	/* Appendix A.2. */
	if (!cert->akid_issuer.n != !cert->akid_serial.n)
		return "authorityKeyIdentifier has only half of issuer and serial number "
		       "(RFC 5280 section 4.2.1.1)";
	/* Nobody looks for the issuer of an anchor: only the letter asks for it there. */
	if (cert->akid.n || (role == ROLE_ANCHOR && policy->profile != CC_PROFILE_RFC5280))
		return NULL;
	return cc_cert_self_issued(cert) || nameless_issuer
		       ? NULL
		       : "no key identifier of the issuer (RFC 5280 section 4.2.1.1)";
}

const char *rfc5280_check(const struct cc_policy *policy, const struct cc_cert *cert,
			  enum role role, bool nameless_issuer)
{
	const char *text;

	if (role == ROLE_ANCHOR && (cert->version < 3 || rfc5280_legacy_root(cert)))
		return NULL;
	text = check_names(cert, role);
	if (!text && role != ROLE_ANCHOR)
		text = check_serial(cert);
	if (!text && cert->version >= 3)
		text = check_criticality(policy, cert);
	if (!text && role == ROLE_LEAF)
		text = check_alt_names(cert);
	if (!text)
		text = check_path_len(cert);
	if (!text)
		text = check_key_ids(policy, cert, role, nameless_issuer);
	if (text)
		return text;
	if (has(cert, CC_EXT_BIT(NAME_CONSTRAINTS)) && !cert->is_ca)
		return "nameConstraints outside a CA certificate (RFC 5280 section 4.2.1.10)";
	if (!cert->is_ca && (cert->key_usage & CC_KU_KEY_CERT_SIGN))
		return "keyCertSign without cA (RFC 5280 section 4.2.1.9)";
	/* Section 4.2.1.9 asks this of every CA; below an anchor it is widely not so, and harms
	 * nobody there. */
	if (role == ROLE_ANCHOR && !critical(cert, CC_EXT_BIT(BASIC_CONSTRAINTS)))
		return "basicConstraints of an anchor is not critical (RFC 5280 section 4.2.1.9)";
	return NULL;
}
