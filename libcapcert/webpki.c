// SPDX-License-Identifier: LGPL-2.1-or-later
/* Profile webpki: the CA/Browser Forum's Baseline Requirements that show in a certificate. */
#include "core/der.h"
#include "core/text.h"
#include "core/time.h"
#include "libcapcert/profile.h"
#include "libcapcert/public_suffix.h"

#define DAY 86400

/* Longest validity by date of issuance (Baseline Requirements section 6.3.2), newest first. */
static const struct {
	struct cc_civil from;
	int32_t days; /* 0: 39 months */
} lifetimes[] = {
	{ { 2029, 3, 15, 0, 0, 0 }, 47 },  { { 2027, 3, 15, 0, 0, 0 }, 100 },
	{ { 2026, 3, 15, 0, 0, 0 }, 200 }, { { 2020, 9, 1, 0, 0, 0 }, 398 },
	{ { 2018, 3, 1, 0, 0, 0 }, 825 },  { { 2015, 4, 1, 0, 0, 0 }, 0 },
};

/* The last second of a certificate of 39 months. */
static int64_t after_39_months(int64_t from)
{
	struct cc_civil c;
	int64_t ret;

	if (!cc_time_to_civil(from, &c))
		return INT64_MAX;
	c.year += 3 + (c.month + 3 > 12);
	c.month = (uint8_t)((c.month + 2) % 12 + 1);
	while (!cc_time_from_civil(&c, &ret) && c.day > 28)
		c.day--; /* no 31st in that month */
	return ret - 1;
}

static bool lives_too_long(const struct cc_cert *cert)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(lifetimes); i++) {
		int64_t from;

		if (!cc_time_from_civil(&lifetimes[i].from, &from) || cert->not_before < from)
			continue;
		if (lifetimes[i].days == 0)
			return cert->not_after > after_39_months(cert->not_before);
		/* notAfter is inclusive: the last second counts. */
		return cert->not_after - cert->not_before + 1 > (int64_t)lifetimes[i].days * DAY;
	}
	return false;
}

const char *webpki_key(const struct cc_cert *cert)
{
	if (cert->key_alg != CC_KEY_RSA && cert->key_alg != CC_KEY_RSA_PSS)
		return NULL;
	if (cert->key_bits < 2048)
		return "RSA key of fewer than 2048 bits";
	if (cert->key_bits % 8)
		return "RSA modulus is not a whole number of octets";
	return NULL;
}

/* The text of an IP address as RFC 5952 and RFC 3986 write it: one form per address. */
static size_t ip_text(struct cc_span ip, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	size_t i, best = 0, best_n = 0, n;

	if (ip.n == 4) {
		for (i = 0; i < 4; i++) {
			if (i)
				cc_text_char(&t, '.');
			cc_text_number(&t, ip.p[i]);
		}
		return cc_text_end(&t);
	}
	for (i = 0; i < 8; i++) { /* the first longest run of zero groups, two at least */
		for (n = 0; i + n < 8 && !ip.p[2 * (i + n)] && !ip.p[2 * (i + n) + 1]; n++)
			;
		if (n > best_n && n > 1) {
			best = i;
			best_n = n;
		}
	}
	for (i = 0; i < 8; i++) {
		unsigned int group = (unsigned int)ip.p[2 * i] << 8 | ip.p[2 * i + 1];
		int shift;

		if (best_n && i == best) {
			cc_text_put(&t, "::");
			i += best_n - 1;
			continue;
		}
		if (i && !(best_n && i == best + best_n))
			cc_text_char(&t, ':');
		for (shift = 12; shift > 0 && !(group >> shift); shift -= 4)
			;
		for (; shift >= 0; shift -= 4)
			cc_text_char(&t, "0123456789abcdef"[group >> shift & 15]);
	}
	return cc_text_end(&t);
}

/* Is @value, to the letter, one of the names of the subjectAltName? An address is written in the
 * one form that section 7.1.4.3 asks for. */
static bool is_alt_name(const struct cc_cert *cert, struct cc_span value, struct budget *budget)
{
	struct cc_span rest = cert->san;
	struct cc_general_name gn;
	char text[64];

	while (cc_gn_next(&rest, &gn) == 1) {
		struct cc_span name = gn.value;

		if (!budget_compare(budget))
			return false;
		if (gn.type == CC_GN_IP && (name.n == 4 || name.n == 16))
			name = cc_span(text, ip_text(gn.value, text, sizeof(text)));
		else if (gn.type != CC_GN_DNS)
			continue;
		if (cc_span_equal(name, value))
			return true;
	}
	return false;
}

/* Section 7.1.4.3: each common name is one of the values of the subjectAltName. */
static bool common_names_copied(const struct cc_cert *cert, struct budget *budget)
{
	static const uint8_t common_name[] = { 0x55, 0x04, 0x03 };
	struct cc_span rdns, rdn, ava, oid, value;
	uint8_t tag;

	if (cc_der_only(cert->subject, CC_DER_SEQUENCE, &rdns))
		return false;
	while (rdns.n) {
		if (cc_der_get(&rdns, CC_DER_SET, &rdn))
			return false;
		while (rdn.n) {
			if (cc_der_get(&rdn, CC_DER_SEQUENCE, &ava) || cc_der_oid_get(&ava, &oid) ||
			    cc_der_any(&ava, &tag, &value))
				return false;
			if (cc_span_equal(oid, cc_span(common_name, sizeof(common_name))) &&
			    !is_alt_name(cert, value, budget))
				return false;
		}
	}
	return true;
}

/* Section 3.2.2.6: no wildcard directly below a name that registries hand out. The section binds
 * the CA, and allows for owners of a whole namespace; who relies on the certificate cannot see
 * such an owner, and takes the wildcard for a mistake. */
static bool wildcard_too_wide(const struct cc_cert *cert, struct budget *budget)
{
	struct cc_span rest = cert->san;
	struct cc_general_name gn;

	while (cc_gn_next(&rest, &gn) == 1)
		if (gn.type == CC_GN_DNS && gn.value.n && gn.value.p[0] == '*' &&
		    (gn.value.n < 3 || !budget_names(budget, 1, PRICE_SUFFIX) ||
		     public_suffix(cc_span(gn.value.p + 2, gn.value.n - 2))))
			return true;
	return false;
}

static const char *check_leaf(const struct cc_policy *policy, const struct cc_cert *cert,
			      struct budget *budget)
{
	uint32_t have = cert->ext_present, critical = cert->ext_critical;

	if (cert->version != 3)
		return "not version 3 (Baseline Requirements section 7.1.1)";
	if (cert->serial_odd)
		return "serial number is not positive, or longer than 20 octets "
		       "(Baseline Requirements section 7.1)";
	if (!(have & CC_EXT_BIT(SUBJECT_ALT_NAME)))
		return "no subjectAltName (Baseline Requirements section 7.1.2.7.12)";
	if ((critical & CC_EXT_BIT(SUBJECT_ALT_NAME)) && !cc_dn_empty(cert->subject))
		return "subjectAltName is critical beside a subject "
		       "(Baseline Requirements section 7.1.2.7.12)";
	if (cert->is_ca)
		return "a CA certificate in place of a server's "
		       "(Baseline Requirements section 7.1.2.7.8)";
	if (wildcard_too_wide(cert, budget))
		return "wildcard directly below a public suffix "
		       "(Baseline Requirements section 3.2.2.6)";
	if (!policy->any_common_name && !common_names_copied(cert, budget))
		return "common name is not a copy of a subjectAltName "
		       "(Baseline Requirements section 7.1.4.3)";
	if (!policy->any_lifetime && lives_too_long(cert))
		return "validity is longer than was allowed when it was issued "
		       "(Baseline Requirements section 6.3.2)";
	return NULL;
}

/* Section 7.1.2.1: root certificates. Roots from before these rules are left alone. */
static const char *check_root(const struct cc_cert *cert)
{
	if (rfc5280_legacy_root(cert))
		return NULL;
	if (cert->version != 3)
		return "not version 3 (Baseline Requirements section 7.1.1)";
	if (!cc_cert_self_issued(cert))
		return NULL; /* an intermediate that was made an anchor */
	if (cert->ext_present & CC_EXT_BIT(EXT_KEY_USAGE))
		return "root with extKeyUsage (Baseline Requirements section 7.1.2.1.2)";
	if (!(cert->ext_present & CC_EXT_BIT(AUTHORITY_KEY_ID)))
		return NULL;
	if (!cert->akid.n || !cc_span_equal(cert->akid, cert->skid))
		return "root whose authorityKeyIdentifier is not its own key's "
		       "(Baseline Requirements section 7.1.2.1.3)";
	if (cert->akid_issuer.n || cert->akid_serial.n)
		return "root whose authorityKeyIdentifier names an issuer or serial number "
		       "(Baseline Requirements section 7.1.2.1.3)";
	return NULL;
}

const char *webpki_check(const struct cc_policy *policy, const struct cc_cert *cert, enum role role,
			 uint32_t purpose, struct budget *budget)
{
	switch (role) {
	case ROLE_LEAF:
		return purpose == CC_PURPOSE_TLS_SERVER_AUTH ? check_leaf(policy, cert, budget)
							     : NULL;
	case ROLE_ANCHOR:
		return check_root(cert);
	default:
		return NULL;
	}
}
