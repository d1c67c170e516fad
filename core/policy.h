/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verification policy: one type, one text form, presets, and the stricter of two. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/alg.h"
#include "core/span.h"

#define CC_POLICY_TEXT_MAX 2048
#define CC_POLICY_OIDS 8
#define CC_POLICY_OID_MAX 32

enum cc_profile { CC_PROFILE_RFC5280 = 0, CC_PROFILE_WEBPKI = 1 };
/* A rule implies those before it, but ALL and CHROME do not each other: their meet is both. */
enum cc_ct_rule {
	CC_CT_AT_LEAST = 0,
	CC_CT_DISTINCT_LOGS = 1,
	CC_CT_ALL = 2,
	CC_CT_CHROME = 3,
	CC_CT_ALL_AND_CHROME = 4,
};

/* Nonces in OCSP requests that are fetched; the numbers of the agents' wire, CAPCERT_NONCE_*. */
enum cc_nonce { CC_NONCE_OFF = 0, CC_NONCE_ASK = 1, CC_NONCE_REQUIRE = 2 };

enum cc_revocation_mode { CC_REVOCATION_OFF = 0, CC_REVOCATION_SOFT = 1, CC_REVOCATION_HARD = 2 };

/* Where an SCT that counts may come from: mask of 1 << the numbers of <capcert/ct.h>. */
#define CC_SCTS_EMBEDDED (1u << 0)
#define CC_SCTS_OCSP (1u << 1)
#define CC_SCTS_TLS (1u << 2)

#define CC_EVIDENCE_STAPLE (1u << 0)
#define CC_EVIDENCE_OCSP (1u << 1)
#define CC_EVIDENCE_CRL (1u << 2)
#define CC_EVIDENCE_SHORT_LIVED (1u << 3)

/*  X(NAME, text) - presets, S0-102...107 and Q1. CUSTOM has no preset line. */
#define CC_PRESETS(X)                                  \
	X(CUSTOM, "custom")                            \
	X(WEBPKI_STRICT, "webpki-strict")              \
	X(WEBPKI_STRICT_OCSP, "webpki-strict-ocsp")    \
	X(WEBPKI_LENIENT, "webpki-lenient")            \
	X(PRIVATE_MTLS, "private-mtls")                \
	X(CODE_SIGNING, "code-signing")

enum cc_preset {
#define X(name, text) CC_PRESET_##name,
	CC_PRESETS(X)
#undef X
	CC_PRESET_COUNT
};

struct cc_policy {
	uint8_t preset;		     /* enum cc_preset it is, or is stricter than; else CUSTOM */
	uint8_t profile;	     /* enum cc_profile */
	uint8_t min_scts;
	uint8_t ct_rule;	     /* enum cc_ct_rule */
	uint8_t revocation;	     /* mask of CC_EVIDENCE_* */
	uint8_t revocation_mode;     /* enum cc_revocation_mode */
	bool revocation_chain;	     /* whole chain, not just the leaf */
	bool stapling_required;
	bool permit_name_constraints;
	bool time_any;		     /* the caller may choose the time */
	bool require_explicit_policy;
	bool inhibit_policy_mapping;
	bool inhibit_any_policy;
	uint8_t clock;		     /* least clock provenance, CAPCERT_CLOCK_* */
	uint8_t max_chain_length;    /* certificates, anchor included; 0 = the engine's limit */
	bool any_lifetime;	     /* profile webpki: do not ask for the validity limits (Q22) */
	bool any_common_name;	     /* profile webpki: a common name need be no alternative name */
	uint8_t max_issuers;	     /* CAs, anchor included, self-issued ones not; 0 = any */
	uint8_t sct_sources;	     /* mask of CC_SCTS_* */
	bool sct_within_validity;    /* no SCT of a time outside the leaf's validity counts */
	uint8_t policy_oid_count;    /* initial policy set; 0 = any-policy; one with n = 0: none */
	uint8_t ocsp_nonce;	     /* enum cc_nonce */
	uint8_t spare[2];	     /* zero */
	uint32_t max_age;	     /* seconds, of revocation evidence */
	uint32_t max_log_list_age;   /* seconds */
	uint32_t clock_skew;	     /* seconds */
	uint32_t key_algs;	     /* mask 1 << enum cc_key_alg */
	uint32_t schemes;	     /* mask 1 << enum cc_scheme */
	uint16_t rsa_min_bits;
	char ct_logs[64];	     /* system store of CT logs, NUL-padded; empty: no log counts */
	struct {
		uint8_t n;
		uint8_t p[CC_POLICY_OID_MAX];
	} policy_oids[CC_POLICY_OIDS]; /* sorted */
};

struct cc_policy_error {
	size_t offset;	  /* byte of the text where it went wrong */
	const char *what; /* one line: what is wrong and what is allowed */
};

/** cc_policy_preset() - fill @ret with a preset. */
void cc_policy_preset(enum cc_preset preset, struct cc_policy *ret);

/** cc_policy_stricter() - @a is as strict as @b or stricter in every field but the preset. */
bool cc_policy_stricter(const struct cc_policy *a, const struct cc_policy *b);

/**
 * cc_policy_parse() - read the text form: key=value, one per line or separated by ';', blanks
 * around both ignored, 'preset' first if present, no key twice, no unknown key. Keys that are
 * not there keep the preset's value, without a preset those of CUSTOM (RFC 5280 alone, no CT, no
 * revocation, time now). The preset's name is kept only if nothing was made weaker than it.
 * Return: 0 or -1 with @err filled and @ret untouched.
 */
int cc_policy_parse(const char *text, size_t len, struct cc_policy *ret,
		    struct cc_policy_error *err);

/** cc_policy_format() - canonical text: every key ('preset' unless CUSTOM), fixed order, one per
 *  line. Read back, it is the same policy. What is hashed for the policy digest.
 *  Return: length; @buf needs CC_POLICY_TEXT_MAX. */
size_t cc_policy_format(const struct cc_policy *policy, char *buf, size_t cap);

/** cc_policy_meet() - the stricter of both in every field; the preset if it is the same, else
 *  CUSTOM; different CT log stores meet to none. @ret may be @a or @b. */
void cc_policy_meet(const struct cc_policy *a, const struct cc_policy *b, struct cc_policy *ret);

const char *cc_preset_name(uint32_t preset);

#endif
