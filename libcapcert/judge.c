// SPDX-License-Identifier: LGPL-2.1-or-later
/* What can be said of one certificate before the path above it is known. */
#include "core/trust_anchor.h"
#include "libcapcert/judge.h"
#include "libcapcert/names.h"
#include "libcapcert/profile.h"

/* Bounds on what a check may cost; nothing in use comes near. */
#define RSA_MAX_BITS 8192

/* Critical extensions that this verifier processes or knows to be harmless (RFC 5280 section 4.2). */
#define UNDERSTOOD                                                                           \
	(CC_EXT_BIT(SUBJECT_KEY_ID) | CC_EXT_BIT(AUTHORITY_KEY_ID) | CC_EXT_BIT(KEY_USAGE) | \
	 CC_EXT_BIT(EXT_KEY_USAGE) | CC_EXT_BIT(BASIC_CONSTRAINTS) |                         \
	 CC_EXT_BIT(NAME_CONSTRAINTS) | CC_EXT_BIT(SUBJECT_ALT_NAME) |                       \
	 CC_EXT_BIT(ISSUER_ALT_NAME) | CC_EXT_BIT(POLICIES) | CC_EXT_BIT(POLICY_MAPPINGS) |  \
	 CC_EXT_BIT(POLICY_CONSTRAINTS) | CC_EXT_BIT(INHIBIT_ANY_POLICY) |                   \
	 CC_EXT_BIT(CRL_DISTRIBUTION) | CC_EXT_BIT(TLS_FEATURE) | CC_EXT_BIT(SCT_LIST) |     \
	 CC_EXT_BIT(OCSP_NOCHECK))

_Static_assert(CC_KEY_COUNT <= 32 && CC_SCHEME_COUNT <= 32, "a policy has 32 bits for each");

#define SIGNING (CC_KU_DIGITAL_SIGNATURE)
#define KEY_EXCHANGE (CC_KU_KEY_ENCIPHERMENT | CC_KU_KEY_AGREEMENT)

/* What a purpose asks of extended key usage and key usage (RFC 5280 sections 4.2.1.3, 4.2.1.12). */
static const struct purpose {
	uint32_t eku;	/* one of these if the extension is there; 0 = any purpose will do */
	uint16_t usage; /* of the leaf: one of these if the extension is there */
	bool must_have; /* the leaf must have the extension, and say so by name */
	bool narrow;	/* the leaf may not be a TLS server's as well (S0-107) */
} purposes[CC_PURPOSE_COUNT] = {
	[CC_PURPOSE_TLS_SERVER_AUTH] = { CC_EKU_SERVER_AUTH, SIGNING | KEY_EXCHANGE, false, false },
	[CC_PURPOSE_TLS_CLIENT_AUTH] = { CC_EKU_CLIENT_AUTH, SIGNING | CC_KU_KEY_AGREEMENT, false,
					 false },
	[CC_PURPOSE_CODE_SIGNING] = { CC_EKU_CODE_SIGNING, SIGNING, true, true },
	[CC_PURPOSE_EMAIL_SMIME] = { CC_EKU_EMAIL, SIGNING | CC_KU_NON_REPUDIATION | KEY_EXCHANGE,
				     false, false },
	[CC_PURPOSE_CLIENT_IDENTITY] = { CC_EKU_CLIENT_AUTH, SIGNING | CC_KU_KEY_AGREEMENT, false,
					 false },
	[CC_PURPOSE_OCSP_SIGNING] = { CC_EKU_OCSP_SIGNING, SIGNING | CC_KU_NON_REPUDIATION, true,
				      false },
	[CC_PURPOSE_WEBAUTHN_ROOT] = { 0, SIGNING, false, false },
};

const char *judge_key(const struct cc_policy *policy, const struct cc_cert *cert)
{
	if (!(policy->key_algs >> cert->key_alg & 1))
		return "key of an algorithm that the policy does not allow";
	if (cert->key_alg == CC_KEY_RSA || cert->key_alg == CC_KEY_RSA_PSS) {
		if (cert->key_bits < policy->rsa_min_bits)
			return "RSA key of fewer bits than the policy asks for";
		if (cert->key_bits > RSA_MAX_BITS)
			return "RSA key of more than 8192 bits";
		if (cert->rsa_exponent < 3 || !(cert->rsa_exponent & 1))
			return "RSA exponent is even, 1, or larger than 32 bits";
	}
	if (policy->profile == CC_PROFILE_WEBPKI)
		return webpki_key(cert);
	return NULL;
}

static const char *check_scheme(const struct cc_policy *policy, const struct cc_cert *cert)
{
	switch (cert->scheme) {
	case CC_SCHEME_RSA_PKCS1_SHA1:
	case CC_SCHEME_ECDSA_SHA1:
		return "signed with SHA-1";
	case CC_SCHEME_OTHER:
		return "signed with an unknown algorithm, or with parameters that are not allowed";
	default:
		if (!(policy->schemes >> cert->scheme & 1))
			return "signed with an algorithm that the policy does not allow";
		return NULL;
	}
}

/* Issuing certificates and anchors (RFC 5280 section 6.1.4 (k), (n)). */
static const char *check_ca(const struct cc_cert *cert, enum role role)
{
	/* An old anchor has no extensions: whoever made it one has said that it is a CA. */
	if (cert->version < 3)
		return role == ROLE_ANCHOR ? NULL : "issuing certificate is not version 3";
	if (!cert->is_ca)
		return "issuing certificate is not a CA's (basicConstraints)";
	if ((cert->ext_present & CC_EXT_BIT(KEY_USAGE)) && !(cert->key_usage & CC_KU_KEY_CERT_SIGN))
		return "key usage does not allow to sign certificates";
	return NULL;
}

/* Extended key usage of every certificate of the path must allow the purpose: what an issuer may
 * not do itself it cannot pass on. anyExtendedKeyUsage allows everything but what must be said. */
static const char *check_eku(const struct cc_policy *policy, const struct cc_cert *cert,
			     const struct purpose *purpose, enum role role)
{
	uint32_t eku = cert->eku_mask;

	if (!(cert->ext_present & CC_EXT_BIT(EXT_KEY_USAGE))) {
		if (role == ROLE_LEAF && purpose->must_have)
			return "no extended key usage, which this purpose asks for";
		if (role == ROLE_LEAF && policy->profile == CC_PROFILE_WEBPKI &&
		    purpose->eku == CC_EKU_SERVER_AUTH)
			return "no extended key usage (Baseline Requirements section 7.1.2.7.6)";
		return NULL;
	}
	if (role == ROLE_LEAF && policy->profile == CC_PROFILE_WEBPKI &&
	    purpose->eku == CC_EKU_SERVER_AUTH) {
		if (eku & CC_EKU_ANY)
			return "extended key usage allows any purpose "
			       "(Baseline Requirements section 7.1.2.7.10)";
		if (cert->ext_critical & CC_EXT_BIT(EXT_KEY_USAGE))
			return "extended key usage is critical "
			       "(Baseline Requirements section 7.1.2.7.6)";
	}
	if (role == ROLE_LEAF && purpose->narrow && (eku & (CC_EKU_ANY | CC_EKU_SERVER_AUTH)))
		return "extended key usage is wider than this purpose allows";
	if (purpose->eku == 0 || (eku & purpose->eku))
		return NULL;
	if ((eku & CC_EKU_ANY) && !(role == ROLE_LEAF && purpose->must_have))
		return NULL;
	return "extended key usage does not allow this purpose";
}

/* Usages that a key of this algorithm can be put to: elliptic curves do not encipher (RFC 5480
 * section 3, RFC 8813), the keys of EdDSA and RSASSA-PSS do nothing but sign (RFC 8410 section 5,
 * RFC 4055 section 1.2). Certificates that claim more are common, and the claim is no use. */
static uint16_t possible_usages(const struct cc_cert *cert)
{
	switch (cert->key_alg) {
	case CC_KEY_P256:
	case CC_KEY_P384:
	case CC_KEY_P521:
		return (uint16_t) ~(CC_KU_KEY_ENCIPHERMENT | CC_KU_DATA_ENCIPHERMENT);
	case CC_KEY_ED25519:
	case CC_KEY_ED448:
	case CC_KEY_RSA_PSS:
		return CC_KU_DIGITAL_SIGNATURE | CC_KU_NON_REPUDIATION;
	default:
		return UINT16_MAX;
	}
}

static const char *check_leaf_usage(const struct cc_policy *policy, const struct cc_cert *cert,
				    const struct purpose *purpose)
{
	if (!(cert->ext_present & CC_EXT_BIT(KEY_USAGE)) ||
	    (cert->key_usage & purpose->usage & possible_usages(cert)))
		return NULL;
	/* RFC 5280 makes no rule for a CA in the leaf's place; the webpki profile forbids it. */
	if (policy->profile == CC_PROFILE_RFC5280 && cert->is_ca)
		return NULL;
	return "key usage does not allow this purpose";
}

static struct finding check_time(struct evaluation *ev, const struct cc_cert *cert)
{
	int64_t skew = ev->policy->clock_skew;

	if (!window_since(&ev->window, cert->not_before - skew))
		return finding(CC_REASON_NOT_YET_VALID, "not yet valid");
	if (!window_until(&ev->window, cert->not_after + skew))
		return finding(CC_REASON_EXPIRED, "expired");
	return FINDING_NONE;
}

static const char *check_extensions(const struct cc_cert *cert)
{
	if (cert->ext_present & CC_EXT_BIT(CT_POISON))
		return "a precertificate (RFC 6962 section 3.1)";
	if (cert->ext_critical & CC_EXT_BIT(UNKNOWN))
		return "unknown critical extension";
	if (cert->ext_critical & ~UNDERSTOOD)
		return "an extension is critical that must not be (RFC 5280 section 4.2)";
	return NULL;
}

/* A root of version 1 cannot carry a subjectKeyIdentifier; what it signed has none to name. Path
 * validation does not use key identifiers (RFC 5280 section 6). */
static bool has_nameless_issuer(struct evaluation *ev, const struct node *node)
{
	const struct anchor *anchor = NULL;

	while ((anchor = anchors_next(ev->store, node->issuer_hash, node->issuer.name, anchor))) {
		if (!budget_names(&ev->budget, node->issuer.name.n + 1, PRICE_NAME_HASH))
			return false;
		if (anchor->cert.version < 3)
			return true;
	}
	return false;
}

static struct finding check_content(struct evaluation *ev, const struct node *node, enum role role)
{
	const struct cc_cert *cert = node->cert;
	const struct cc_policy *policy = ev->policy;
	uint32_t number = ev->request->purpose;
	const struct purpose *purpose = &purposes[number];
	bool bare = cc_cert_bare(cert); /* then no rule for certificates can be broken */
	const char *text = NULL;

	if (!bare)
		text = rfc5280_check(policy, cert, role,
				     !cert->akid.n && has_nameless_issuer(ev, node));
	if (!text)
		text = check_extensions(cert);
	if (!text && role != ROLE_LEAF)
		text = check_ca(cert, role);
	if (!text && policy->profile == CC_PROFILE_WEBPKI && !bare)
		text = webpki_check(policy, cert, role, number, &ev->budget);
	if (!text && role == ROLE_LEAF)
		text = check_leaf_usage(policy, cert, purpose);
	if (!text && !policy->permit_name_constraints && role != ROLE_LEAF &&
	    (cert->ext_present & CC_EXT_BIT(NAME_CONSTRAINTS)))
		text = "has name constraints, and the policy refuses such chains";
	if (text)
		return finding(CC_REASON_POLICY_VIOLATION, text);
	text = check_eku(policy, cert, purpose, role);
	if (text)
		return finding(CC_REASON_BAD_EKU, text);
	if (role == ROLE_LEAF && (!names_valid(ev->request->name_type, ev->request->name) ||
				  !names_match(cert, ev->request->name_type, ev->request->name)))
		return finding(CC_REASON_NAME_MISMATCH, "is not for the name asked for");
	return FINDING_NONE;
}

/* A root that is being phased out stands for what it issued before a date (Q14). */
static bool issued_too_late(const struct evaluation *ev, const struct anchor *anchor)
{
	return anchor && anchor->has_date && ev->nodes[0].cert->not_before > anchor->date;
}

/* In the order of decide.h. */
static struct finding judge(struct evaluation *ev, struct node *node)
{
	const struct cc_cert *cert = node->cert;
	enum role role = judge_role(node);
	struct finding f;
	const char *text;

	if (ev->distrust && distrust_has(ev->distrust, cert, evaluation_fingerprint(node)))
		return finding(CC_REASON_DISTRUSTED, "on the distrust list");
	if (issued_too_late(ev, node->anchor))
		return finding(CC_REASON_DISTRUSTED,
			       "distrusted for certificates issued as late as the leaf");
	f = cc_cert_bare(cert) ? FINDING_NONE : check_time(ev, cert);
	if (f.reason != CC_REASON_NONE)
		return f;
	text = judge_key(ev->policy, cert);
	if (!text && role != ROLE_ANCHOR) /* an anchor's own signature proves nothing */
		text = check_scheme(ev->policy, cert);
	if (text)
		return finding(CC_REASON_WEAK_ALGORITHM, text);
	return check_content(ev, node, role);
}

const struct finding *judge_node(struct evaluation *ev, struct node *node)
{
	if (!node->judged) {
		budget_work(&ev->budget, node->cert->der.n, PRICE_JUDGE, "certificates judged");
		node->own = judge(ev, node);
		node->judged = true;
	}
	return &node->own;
}

/* What may be wrong with a certificate outside the path that signed evidence. */
enum signer_fault {
	SIGNER_DISTRUSTED,
	SIGNER_TIME,
	SIGNER_ALGORITHM,
	SIGNER_FORM,
	SIGNER_SOUND,
};

static enum signer_fault judge_signer(struct evaluation *ev, struct node *node)
{
	const struct cc_cert *cert = node->cert;

	if (ev->distrust && distrust_has(ev->distrust, cert, evaluation_fingerprint(node)))
		return SIGNER_DISTRUSTED;
	if (check_time(ev, cert).reason != CC_REASON_NONE)
		return SIGNER_TIME;
	if (judge_key(ev->policy, cert) || check_scheme(ev->policy, cert))
		return SIGNER_ALGORITHM;
	if (check_extensions(cert) || rfc5280_check(ev->policy, cert, ROLE_LEAF,
						    !cert->akid.n && has_nameless_issuer(ev, node)))
		return SIGNER_FORM;
	return SIGNER_SOUND;
}

const char *judge_list_signer(struct evaluation *ev, struct node *node)
{
	static const char *const texts[] = {
		[SIGNER_DISTRUSTED] = "the list's issuer is on the distrust list",
		[SIGNER_TIME] = "the certificate of the list's issuer is not valid at this time",
		[SIGNER_ALGORITHM] =
			"the list's issuer uses an algorithm that the policy does not allow",
		[SIGNER_FORM] = "the certificate of the list's issuer is not in order (RFC 5280 "
				"section 4.2)",
		[SIGNER_SOUND] = NULL,
	};

	return texts[judge_signer(ev, node)];
}

const char *judge_ocsp_signer(struct evaluation *ev, struct node *node)
{
	static const char *const texts[] = {
		[SIGNER_DISTRUSTED] = "the response's signer is on the distrust list",
		[SIGNER_TIME] =
			"the certificate of the response's signer is not valid at this time",
		[SIGNER_ALGORITHM] =
			"the response's signer uses an algorithm that the policy does not allow",
		[SIGNER_FORM] = "the certificate of the response's signer is not in order (RFC "
				"5280 section 4.2)",
		[SIGNER_SOUND] = NULL,
	};

	return texts[judge_signer(ev, node)];
}
