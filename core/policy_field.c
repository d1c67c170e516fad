// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The keys of a policy's text, in the order of the canonical form. */
#include "core/policy_field.h"

/* Words by value; a bool has those for false and true. */
static const struct cc_words profile_words = { 2, { "rfc5280", "webpki" } };
static const struct cc_words lifetime_words = { 2, { "baseline", "any" } };
static const struct cc_words common_name_words = { 2, { "copied", "any" } };
static const struct cc_words ct_words = {
	5, { "at-least", "distinct-logs", "all", "chrome", "all+chrome" }
};

static const struct cc_words sct_words = { 3, { "embedded", "ocsp", "tls" } };
static const struct cc_words sct_time_words = { 2, { "any", "within-validity" } };
static const struct cc_words mode_words = { 3, { "off", "soft", "hard" } };
static const struct cc_words scope_words = { 2, { "leaf", "chain" } };
static const struct cc_words stapling_words = { 2, { "optional", "required" } };
static const struct cc_words nonce_words = { 3, { "off", "ask", "require" } };
static const struct cc_words permit_words = { 2, { "refuse", "permit" } };
static const struct cc_words clock_words = { 4, { "untrusted", "rtc", "synced", "attested" } };
static const struct cc_words time_words = { 2, { "now", "any" } };
static const struct cc_words yes_words = { 2, { "no", "yes" } };
static const struct cc_words evidence_words = { 4, { "staple", "ocsp", "crl", "short-lived" } };

#define AT(f) offsetof(struct cc_policy, f), sizeof(((struct cc_policy *)0)->f)
#define WORD_ALG(nr, name, text) " " text
#define WORD_SCHEME(nr, name, tls, text) " " text

const struct cc_policy_field cc_policy_fields[CC_POLICY_FIELDS] = {
	{ "profile", "profile: rfc5280 or webpki", &profile_words, 0, 0, AT(profile),
	  CC_FIELD_CHOICE },
	{ "lifetime", "lifetime: baseline or any", &lifetime_words, 0, 0, AT(any_lifetime),
	  CC_FIELD_CHOICE },
	{ "common_name", "common_name: copied or any", &common_name_words, 0, 0,
	  AT(any_common_name), CC_FIELD_CHOICE },
	{ "min_scts", "min_scts: 0 to 255", NULL, 0, 255, AT(min_scts), CC_FIELD_NUMBER },
	{ "ct", "ct: at-least, distinct-logs, all, chrome or all+chrome", &ct_words, 0, 0,
	  AT(ct_rule), CC_FIELD_CHOICE },
	{ "sct_sources", "sct_sources: all, none, or a comma list of embedded ocsp tls", &sct_words,
	  0, 0, AT(sct_sources), CC_FIELD_MASK },
	{ "sct_time", "sct_time: any or within-validity", &sct_time_words, 0, 0,
	  AT(sct_within_validity), CC_FIELD_CHOICE },
	{ "ct_logs", "ct_logs: none, or a store's name: 1 to 63 of a-z A-Z 0-9 . _ -", NULL, 0, 0,
	  AT(ct_logs), CC_FIELD_LOGS },
	{ "log_list_age", "log_list_age: 1s to 3650d, with s, m, h or d", NULL, 1,
	  CC_POLICY_LONGEST, AT(max_log_list_age), CC_FIELD_DURATION },
	{ "algs", "algs: all, none, or a comma list of" CC_KEY_ALGS(WORD_ALG), NULL, 0, 0,
	  AT(key_algs), CC_FIELD_KEY_ALGS },
	{ "schemes", "schemes: all, none, or a comma list of" CC_SCHEMES(WORD_SCHEME), NULL, 0, 0,
	  AT(schemes), CC_FIELD_SCHEMES },
	{ "rsa_min", "rsa_min: 1024 to 16384 bits", NULL, 1024, 16384, AT(rsa_min_bits),
	  CC_FIELD_NUMBER },
	{ "revocation", "revocation: all, none, or a comma list of staple ocsp crl short-lived",
	  &evidence_words, 0, 0, AT(revocation), CC_FIELD_MASK },
	{ "revocation_mode", "revocation_mode: off, soft or hard", &mode_words, 0, 0,
	  AT(revocation_mode), CC_FIELD_CHOICE },
	{ "revocation_scope", "revocation_scope: leaf or chain", &scope_words, 0, 0,
	  AT(revocation_chain), CC_FIELD_CHOICE },
	{ "max_age", "max_age: 1s to 3650d, with s, m, h or d", NULL, 1, CC_POLICY_LONGEST,
	  AT(max_age), CC_FIELD_DURATION },
	{ "ocsp_nonce", "ocsp_nonce: off, ask or require", &nonce_words, 0, 0, AT(ocsp_nonce),
	  CC_FIELD_CHOICE },
	{ "stapling", "stapling: required or optional", &stapling_words, 0, 0,
	  AT(stapling_required), CC_FIELD_CHOICE },
	{ "max_chain", "max_chain: any, or 1 to 255 certificates, anchor included", NULL, 0, 0,
	  AT(max_chain_length), CC_FIELD_CHAIN },
	{ "max_issuers", "max_issuers: any, or 1 to 255 CAs, anchor included", NULL, 0, 0,
	  AT(max_issuers), CC_FIELD_CHAIN },
	{ "name_constraints", "name_constraints: permit or refuse", &permit_words, 0, 0,
	  AT(permit_name_constraints), CC_FIELD_CHOICE },
	{ "clock_skew", "clock_skew: 0s to 1d, with s, m, h or d", NULL, 0, 86400, AT(clock_skew),
	  CC_FIELD_DURATION },
	{ "clock", "clock: untrusted, rtc, synced or attested", &clock_words, 0, 0, AT(clock),
	  CC_FIELD_CHOICE },
	{ "time", "time: now or any", &time_words, 0, 0, AT(time_any), CC_FIELD_CHOICE },
	{ "policies", "policies: any, none, or 1 to 8 OIDs in dotted decimal", NULL, 0, 0,
	  AT(policy_oid_count), CC_FIELD_OIDS },
	{ "explicit_policy", "explicit_policy: yes or no", &yes_words, 0, 0,
	  AT(require_explicit_policy), CC_FIELD_CHOICE },
	{ "inhibit_mapping", "inhibit_mapping: yes or no", &yes_words, 0, 0,
	  AT(inhibit_policy_mapping), CC_FIELD_CHOICE },
	{ "inhibit_any", "inhibit_any: yes or no", &yes_words, 0, 0, AT(inhibit_any_policy),
	  CC_FIELD_CHOICE },
};

uint32_t cc_policy_mask_all(const struct cc_policy_field *f)
{
	switch (f->kind) {
	case CC_FIELD_KEY_ALGS:
		return (1u << CC_KEY_COUNT) - 1;
	case CC_FIELD_SCHEMES:
		return (1u << CC_SCHEME_COUNT) - 1;
	default:
		return (1u << f->words->count) - 1;
	}
}
