// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Policies as values: the presets, which of two is stricter, and the stricter of two. */
#include "core/policy.h"
#include "core/text.h"

#define DAY 86400u
#define KEY(name) (1u << CC_KEY_##name)
#define SCHEME(name) (1u << CC_SCHEME_##name)

#define EVIDENCE_ALL \
	(CC_EVIDENCE_STAPLE | CC_EVIDENCE_OCSP | CC_EVIDENCE_CRL | CC_EVIDENCE_SHORT_LIVED)

/* What CA/Browser Forum rules and Mozilla's modern profile leave: rsaEncryption keys, the two
 * curves with the hash of their size; PSS signatures; no SHA-1, no EdDSA. */
#define KEYS_WEBPKI (KEY(RSA) | KEY(P256) | KEY(P384))
#define SCHEMES_RSA                                                                       \
	(SCHEME(RSA_PKCS1_SHA256) | SCHEME(RSA_PKCS1_SHA384) | SCHEME(RSA_PKCS1_SHA512) | \
	 SCHEME(RSA_PSS_SHA256) | SCHEME(RSA_PSS_SHA384) | SCHEME(RSA_PSS_SHA512))
#define SCHEMES_WEBPKI (SCHEMES_RSA | SCHEME(ECDSA_SHA256) | SCHEME(ECDSA_SHA384))

/* Everything sound that the library can check. */
#define KEYS_SOUND (KEYS_WEBPKI | KEY(RSA_PSS) | KEY(P521) | KEY(ED25519) | KEY(ED448))
#define SCHEMES_SOUND (SCHEMES_WEBPKI | SCHEME(ECDSA_SHA512) | SCHEME(ED25519) | SCHEME(ED448))

const char *cc_preset_name(uint32_t preset)
{
	static const char *const names[] = {
#define X(name, text) text,
		CC_PRESETS(X)
#undef X
	};

	return preset < CC_PRESET_COUNT ? names[preset] : "?";
}

/* RFC 5280 alone: every other preset is this with some fields changed. */
static void custom(struct cc_policy *p)
{
	memset(p, 0, sizeof(*p));
	p->profile = CC_PROFILE_RFC5280;
	p->ct_rule = CC_CT_AT_LEAST;
	memcpy(p->ct_logs, "ct-logs", 8);
	p->sct_sources = CC_SCTS_EMBEDDED | CC_SCTS_TLS;
	p->max_log_list_age = 70 * DAY; /* Q9 */
	p->key_algs = KEYS_SOUND;
	p->schemes = SCHEMES_SOUND;
	p->rsa_min_bits = 2048;
	p->revocation = EVIDENCE_ALL;
	p->revocation_mode = CC_REVOCATION_OFF;
	p->max_age = 10 * DAY; /* the longest life of a CRL or OCSP response in the WebPKI */
	p->permit_name_constraints = true;
}

static void webpki_strict(struct cc_policy *p)
{
	p->profile = CC_PROFILE_WEBPKI;
	p->min_scts = 2;
	p->ct_rule = CC_CT_CHROME;
	p->key_algs = KEYS_WEBPKI;
	p->schemes = SCHEMES_WEBPKI;
	p->revocation_mode = CC_REVOCATION_HARD;
}

void cc_policy_preset(enum cc_preset preset, struct cc_policy *ret)
{
	custom(ret);
	ret->preset = (uint8_t)preset;
	switch (preset) {
	case CC_PRESET_WEBPKI_STRICT:
		webpki_strict(ret);
		break;
	case CC_PRESET_WEBPKI_STRICT_OCSP:
		webpki_strict(ret);
		ret->revocation = CC_EVIDENCE_STAPLE | CC_EVIDENCE_OCSP;
		break;
	case CC_PRESET_WEBPKI_LENIENT:
		ret->profile = CC_PROFILE_WEBPKI;
		ret->key_algs = KEYS_WEBPKI | KEY(P521) | KEY(ED25519);
		ret->schemes = SCHEMES_WEBPKI | SCHEME(ECDSA_SHA512) | SCHEME(ED25519);
		break;
	case CC_PRESET_PRIVATE_MTLS:
		ret->max_chain_length = 3;
		ret->revocation_mode = CC_REVOCATION_HARD;
		ret->revocation_chain = true;
		break;
	case CC_PRESET_CODE_SIGNING:
		ret->time_any = true;
		ret->revocation_mode = CC_REVOCATION_HARD;
		ret->revocation_chain = true;
		break;
	case CC_PRESET_CUSTOM:
	case CC_PRESET_COUNT:
		ret->preset = CC_PRESET_CUSTOM;
		return;
	}
	ret->clock_skew = 60;
}

static uint32_t lower(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint8_t higher(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

/* AT_LEAST < DISTINCT_LOGS < { ALL, CHROME } < ALL_AND_CHROME */
static uint8_t ct_meet(uint8_t a, uint8_t b)
{
	if ((a == CC_CT_ALL && b == CC_CT_CHROME) || (a == CC_CT_CHROME && b == CC_CT_ALL))
		return CC_CT_ALL_AND_CHROME;
	return higher(a, b);
}

/* 0 is the engine's limit, above any number that can be asked for. */
static uint8_t chain_meet(uint8_t a, uint8_t b)
{
	if (a == 0 || b == 0)
		return a | b;
	return (uint8_t)lower(a, b);
}

/* Two names of log stores have no name for what they share: then no log counts. */
static void logs_meet(const char *a, const char *b, char *ret)
{
	bool same = cc_span_equal(cc_span(a, strlen(a)), cc_span(b, strlen(b)));
	size_t n = same ? strlen(a) : 0;
	char name[sizeof(((struct cc_policy *)0)->ct_logs)] = "";

	memcpy(name, a, n);
	memcpy(ret, name, sizeof(name));
}

static bool has_oid(const struct cc_policy *p, const uint8_t *oid, size_t n)
{
	unsigned int i;

	for (i = 0; i < p->policy_oid_count; i++)
		if (cc_span_equal(cc_span(p->policy_oids[i].p, p->policy_oids[i].n),
				  cc_span(oid, n)))
			return true;
	return false;
}

static void oids_meet(const struct cc_policy *a, const struct cc_policy *b, struct cc_policy *ret)
{
	unsigned int i, count = 0;

	if (a->policy_oid_count == 0 || b->policy_oid_count == 0) {
		const struct cc_policy *from = a->policy_oid_count ? a : b;

		ret->policy_oid_count = from->policy_oid_count;
		memcpy(ret->policy_oids, from->policy_oids, sizeof(ret->policy_oids));
		return;
	}
	for (i = 0; i < a->policy_oid_count; i++) {
		if (!has_oid(b, a->policy_oids[i].p, a->policy_oids[i].n))
			continue;
		memcpy(&ret->policy_oids[count++], &a->policy_oids[i], sizeof(a->policy_oids[i]));
	}
	/* Nothing in common is not "any": the one entry without octets is no OID at all. */
	ret->policy_oid_count = (uint8_t)(count ? count : 1);
}

void cc_policy_meet(const struct cc_policy *a, const struct cc_policy *b, struct cc_policy *ret)
{
	struct cc_policy m;

	memset(&m, 0, sizeof(m));
	m.preset = a->preset == b->preset ? a->preset : CC_PRESET_CUSTOM;
	m.profile = higher(a->profile, b->profile);
	m.min_scts = higher(a->min_scts, b->min_scts);
	m.ct_rule = ct_meet(a->ct_rule, b->ct_rule);
	m.sct_sources = a->sct_sources & b->sct_sources;
	m.sct_within_validity = a->sct_within_validity || b->sct_within_validity;
	logs_meet(a->ct_logs, b->ct_logs, m.ct_logs);
	m.max_log_list_age = lower(a->max_log_list_age, b->max_log_list_age);
	m.key_algs = a->key_algs & b->key_algs;
	m.schemes = a->schemes & b->schemes;
	m.rsa_min_bits = a->rsa_min_bits > b->rsa_min_bits ? a->rsa_min_bits : b->rsa_min_bits;
	m.revocation = a->revocation & b->revocation;
	m.revocation_mode = higher(a->revocation_mode, b->revocation_mode);
	m.revocation_chain = a->revocation_chain || b->revocation_chain;
	m.max_age = lower(a->max_age, b->max_age);
	m.ocsp_nonce = higher(a->ocsp_nonce, b->ocsp_nonce);
	m.stapling_required = a->stapling_required || b->stapling_required;
	m.max_chain_length = chain_meet(a->max_chain_length, b->max_chain_length);
	m.max_issuers = chain_meet(a->max_issuers, b->max_issuers);
	m.permit_name_constraints = a->permit_name_constraints && b->permit_name_constraints;
	m.clock_skew = lower(a->clock_skew, b->clock_skew);
	m.clock = higher(a->clock, b->clock);
	m.time_any = a->time_any && b->time_any;
	m.any_lifetime = a->any_lifetime && b->any_lifetime;
	m.any_common_name = a->any_common_name && b->any_common_name;
	m.require_explicit_policy = a->require_explicit_policy || b->require_explicit_policy;
	m.inhibit_policy_mapping = a->inhibit_policy_mapping || b->inhibit_policy_mapping;
	m.inhibit_any_policy = a->inhibit_any_policy || b->inhibit_any_policy;
	oids_meet(a, b, &m);
	memcpy(ret, &m, sizeof(m));
}

bool cc_policy_stricter(const struct cc_policy *a, const struct cc_policy *b)
{
	/* No padding in here but at the end; unused octets of names and OIDs are zero. */
	const size_t used = offsetof(struct cc_policy, policy_oids) + sizeof(a->policy_oids);
	struct cc_policy m;

	cc_policy_meet(a, b, &m);
	m.preset = a->preset;
	return memcmp(&m, a, used) == 0;
}
