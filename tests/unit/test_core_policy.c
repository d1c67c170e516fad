// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Policies: what the text form refuses, the presets by value, round trips, the laws of meet. */
#include "tests/unit/der_build.h"
#include "core/oid.h"
#include "core/policy.h"

static int parse(const char *text, struct cc_policy *p, struct cc_policy_error *err)
{
	struct cc_span s = der_exact(der_str(text));

	return cc_policy_parse((const char *)s.p, s.n, p, err);
}

static void format(const struct cc_policy *p, char *buf)
{
	size_t n = cc_policy_format(p, buf, CC_POLICY_TEXT_MAX);

	assert_int_equal(n, strlen(buf));
	assert_true(n < CC_POLICY_TEXT_MAX - 1);
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
	} rows[] = {
		{ "x", 0 },
		{ "=", 0 },
		{ "min_scts", 0 },
		{ "min_scts=", 9 },
		{ "min_scts=256", 9 },
		{ "min_scts=-1", 9 },
		{ "min_scts=+1", 9 },
		{ "min_scts=01", 9 },
		{ "min_scts=1 2", 9 },
		{ "min_scts=0x1", 9 },
		{ "min_scts=99999999999999999999", 9 },
		{ "MIN_SCTS=1", 0 },
		{ "unknown=1", 0 },
		{ "\n\n  unknown=1", 4 },
		{ "min_scts=1;min_scts=1", 11 },
		{ "min_scts=1;preset=webpki-strict", 11 },
		{ "preset=webpki-strict;preset=webpki-strict", 21 },
		{ "preset=custom", 7 },
		{ "preset=", 7 },
		{ "preset=webpki", 7 },
		{ "profile=RFC5280", 8 },
		{ "ct=", 3 },
		{ "ct=chrome,all", 3 },
		{ "ct_logs=", 8 },
		{ "ct_logs=a b", 8 },
		{ "ct_logs=a/b", 8 },
		{ "ct_logs=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 8 },
		{ "log_list_age=70", 13 },
		{ "log_list_age=0s", 13 },
		{ "log_list_age=d", 13 },
		{ "log_list_age=1w", 13 },
		{ "log_list_age=1d1h", 13 },
		{ "log_list_age=3651d", 13 },
		{ "log_list_age=999999999d", 13 },
		{ "max_age=0s", 8 },
		{ "ocsp_nonce=", 11 },
		{ "clock_skew=2d", 11 },
		{ "clock_skew=86401s", 11 },
		{ "algs=", 5 },
		{ "algs=rsa,", 5 },
		{ "algs=,rsa", 5 },
		{ "algs=rsa,,p256", 5 },
		{ "algs=rsa,rsa", 5 },
		{ "algs=RSA", 5 },
		{ "algs=all,rsa", 5 },
		{ "algs=none,rsa", 5 },
		{ "schemes=sha256", 8 },
		{ "schemes=rsa", 8 },
		{ "rsa_min=1023", 8 },
		{ "rsa_min=16385", 8 },
		{ "revocation=staple+ocsp", 11 },
		{ "revocation_mode=on", 16 },
		{ "revocation_scope=all", 17 },
		{ "stapling=yes", 9 },
		{ "max_chain=0", 10 },
		{ "max_chain=256", 10 },
		{ "max_issuers=0", 12 },
		{ "max_issuers=256", 12 },
		{ "name_constraints=no", 17 },
		{ "clock=gps", 6 },
		{ "time=1970", 5 },
		{ "lifetime=long", 9 },
		{ "policies=", 9 },
		{ "policies=1", 9 },
		{ "policies=any,1.2.3", 9 },
		{ "policies=1.2.3,1.2.3", 9 },
		{ "policies=1.2.3,", 9 },
		{ "policies=1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8,1.9", 9 },
		{ "explicit_policy=1", 16 },
		{ "inhibit_mapping=true", 16 },
		{ "inhibit_any=", 12 },
	};
	struct cc_policy p, before;
	struct cc_policy_error err;
	char huge[CC_POLICY_TEXT_MAX + 2];
	size_t i;

	memset(&p, 0x5a, sizeof(p));
	memcpy(&before, &p, sizeof(p));
	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		err = (struct cc_policy_error){ 999, NULL };
		if (parse(rows[i].text, &p, &err) != -1 || err.offset != rows[i].offset ||
		    !err.what)
			fail_msg("%s: %zu", rows[i].text, err.offset);
		assert_memory_equal(&p, &before, sizeof(p));
	}
	/* Every error says what is allowed, beginning with the key. */
	assert_int_equal(parse("time=tomorrow", &p, &err), -1);
	assert_string_equal(err.what, "time: now or any");
	memset(huge, '\n', sizeof(huge));
	assert_int_equal(cc_policy_parse(huge, CC_POLICY_TEXT_MAX, &p, &err), 0);
	assert_int_equal(cc_policy_parse(huge, CC_POLICY_TEXT_MAX + 1, &p, &err), -1);
	assert_int_equal(err.offset, CC_POLICY_TEXT_MAX);
	assert_int_equal(cc_policy_parse("time=any\0", 9, &p, &err), -1);
}

static void reads(void **state)
{
	struct cc_policy p, q;
	struct cc_policy_error err;

	assert_int_equal(parse("", &p, &err), 0);
	cc_policy_preset(CC_PRESET_CUSTOM, &q);
	assert_memory_equal(&p, &q, sizeof(p));
	assert_int_equal(parse(" \t preset = webpki-lenient \r\n\n;; time = any ;\n", &p, &err), 0);
	assert_true(p.time_any);
	assert_int_equal(p.profile, CC_PROFILE_WEBPKI);
	assert_int_equal(parse("algs= ed25519 , p256", &p, &err), 0);
	assert_int_equal(p.key_algs, 1u << CC_KEY_P256 | 1u << CC_KEY_ED25519);
	assert_int_equal(parse("schemes=all;algs=none;revocation=none", &p, &err), 0);
	assert_int_equal(p.schemes, (1u << CC_SCHEME_COUNT) - 1);
	assert_int_equal(p.key_algs, 0);
	assert_int_equal(p.revocation, 0);
	assert_int_equal(parse("max_age=90m;log_list_age=1s;clock_skew=0s", &p, &err), 0);
	assert_int_equal(p.max_age, 5400);
	assert_int_equal(p.max_log_list_age, 1);
	assert_int_equal(p.clock_skew, 0);
	assert_int_equal(parse("policies=2.23.140.1.2.1, 1.2.3;max_chain=4;ct_logs=none", &p, &err),
			 0);
	assert_int_equal(p.policy_oid_count, 2);
	assert_int_equal(p.policy_oids[0].n, 2); /* sorted */
	assert_int_equal(p.max_chain_length, 4);
	assert_string_equal(p.ct_logs, "");
	assert_int_equal(parse("policies=none", &p, &err), 0);
	assert_int_equal(p.policy_oid_count, 1);
	assert_int_equal(p.policy_oids[0].n, 0);
}

/* The name of a preset is a promise: it stays only if nothing is weaker than the preset. */
static void preset_names(void **state)
{
	static const struct {
		const char *text;
		uint8_t preset;
	} rows[] = {
		{ "preset=webpki-strict", CC_PRESET_WEBPKI_STRICT },
		{ "preset=webpki-strict;min_scts=3", CC_PRESET_WEBPKI_STRICT },
		{ "preset=webpki-strict;ct=all+chrome", CC_PRESET_WEBPKI_STRICT },
		{ "preset=webpki-strict;min_scts=1", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;time=any", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;ct=all", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;algs=all", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;algs=p256", CC_PRESET_WEBPKI_STRICT },
		{ "preset=webpki-strict;revocation_mode=soft", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;ct_logs=mine", CC_PRESET_CUSTOM },
		{ "preset=webpki-strict;ct_logs=none", CC_PRESET_WEBPKI_STRICT },
		{ "preset=webpki-strict;clock_skew=61s", CC_PRESET_CUSTOM },
		{ "preset=private-mtls;max_chain=2", CC_PRESET_PRIVATE_MTLS },
		{ "preset=private-mtls;max_chain=any", CC_PRESET_CUSTOM },
		{ "preset=webpki-lenient;policies=1.2.3", CC_PRESET_WEBPKI_LENIENT },
		{ "preset=code-signing;time=now", CC_PRESET_CODE_SIGNING },
		{ "", CC_PRESET_CUSTOM },
	};
	struct cc_policy p;
	struct cc_policy_error err;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++)
		if (parse(rows[i].text, &p, &err) || p.preset != rows[i].preset)
			fail_msg("%s: %s", rows[i].text, cc_preset_name(p.preset));
}

static void presets(void **state)
{
	char text[CC_POLICY_TEXT_MAX];
	struct cc_policy p;

	cc_policy_preset(CC_PRESET_WEBPKI_STRICT, &p);
	format(&p, text);
	assert_string_equal(
		text, "preset=webpki-strict\nprofile=webpki\nlifetime=baseline\n"
		      "common_name=copied\nmin_scts=2\nct=chrome\nsct_sources=embedded,tls\n"
		      "sct_time=any\n"
		      "ct_logs=ct-logs\nlog_list_age=70d\nalgs=rsa,p256,p384\n"
		      "schemes=rsa-pkcs1-sha256,rsa-pkcs1-sha384,rsa-pkcs1-sha512,"
		      "rsa-pss-sha256,rsa-pss-sha384,rsa-pss-sha512,ecdsa-sha256,ecdsa-sha384\n"
		      "rsa_min=2048\nrevocation=all\nrevocation_mode=hard\n"
		      "revocation_scope=leaf\nmax_age=10d\nocsp_nonce=off\nstapling=optional\nmax_"
		      "chain=any\nmax_"
		      "issuers=any\n"
		      "name_constraints=permit\nclock_skew=1m\nclock=untrusted\ntime=now\n"
		      "policies=any\nexplicit_policy=no\ninhibit_mapping=no\ninhibit_any=no\n");
	cc_policy_preset(CC_PRESET_WEBPKI_STRICT_OCSP, &p);
	assert_int_equal(p.revocation, CC_EVIDENCE_STAPLE | CC_EVIDENCE_OCSP);
	assert_int_equal(p.revocation_mode, CC_REVOCATION_HARD);
	assert_int_equal(p.min_scts, 2);
	cc_policy_preset(CC_PRESET_WEBPKI_LENIENT, &p);
	assert_int_equal(p.min_scts, 0);
	assert_int_equal(p.revocation_mode, CC_REVOCATION_OFF);
	assert_false(p.time_any);
	cc_policy_preset(CC_PRESET_PRIVATE_MTLS, &p);
	assert_int_equal(p.max_chain_length, 3);
	assert_int_equal(p.min_scts, 0);
	assert_int_equal(p.profile, CC_PROFILE_RFC5280);
	assert_int_equal(p.revocation_mode, CC_REVOCATION_HARD);
	assert_true(p.revocation_chain);
	cc_policy_preset(CC_PRESET_CODE_SIGNING, &p);
	assert_true(p.time_any);
	assert_int_equal(p.min_scts, 0);
	assert_int_equal(p.revocation_mode, CC_REVOCATION_HARD);
	cc_policy_preset(CC_PRESET_COUNT, &p);
	assert_int_equal(p.preset, CC_PRESET_CUSTOM);
	assert_string_equal(cc_preset_name(99), "?");
}

static uint32_t rnd_state = 1;

static uint32_t rnd(uint32_t limit)
{
	rnd_state = rnd_state * 1664525 + 1013904223;
	return (rnd_state >> 8) % limit;
}

/* Any policy that a text can make. */
static void random_policy(struct cc_policy *p)
{
	static const char *const logs[] = { "", "a", "b", "ct-logs" };
	unsigned int i, k;

	cc_policy_preset((enum cc_preset)rnd(CC_PRESET_COUNT), p);
	p->preset = CC_PRESET_CUSTOM;
	p->profile = (uint8_t)rnd(2);
	p->min_scts = (uint8_t)rnd(4);
	p->ct_rule = (uint8_t)rnd(5);
	p->sct_sources = (uint8_t)rnd(8);
	p->sct_within_validity = rnd(2);
	memset(p->ct_logs, 0, sizeof(p->ct_logs));
	strcpy(p->ct_logs, logs[rnd(4)]);
	p->max_log_list_age = 1 + rnd(200000);
	p->key_algs = rnd(1u << CC_KEY_COUNT);
	p->schemes = rnd(1u << CC_SCHEME_COUNT);
	p->rsa_min_bits = (uint16_t)(1024 + rnd(5000));
	p->revocation = (uint8_t)rnd(16);
	p->revocation_mode = (uint8_t)rnd(3);
	p->revocation_chain = rnd(2);
	p->max_age = 1 + rnd(200000);
	p->ocsp_nonce = (uint8_t)rnd(3);
	p->stapling_required = rnd(2);
	p->max_chain_length = (uint8_t)rnd(4);
	p->permit_name_constraints = rnd(2);
	p->clock_skew = rnd(86401);
	p->clock = (uint8_t)rnd(4);
	p->time_any = rnd(2);
	p->any_lifetime = rnd(2);
	p->any_common_name = rnd(2);
	p->max_issuers = (uint8_t)rnd(4);
	p->require_explicit_policy = rnd(2);
	p->inhibit_policy_mapping = rnd(2);
	p->inhibit_any_policy = rnd(2);
	p->policy_oid_count = 0;
	memset(p->policy_oids, 0, sizeof(p->policy_oids));
	for (i = rnd(4), k = 0; i; i--, k++) {
		p->policy_oids[k].n = (uint8_t)(rnd(3) ? 2 : 3);
		p->policy_oids[k].p[0] = 0x2a;
		p->policy_oids[k].p[1] = (uint8_t)(k * 3 + rnd(3));
		p->policy_oid_count++;
	}
}

static void round_trips(void **state)
{
	char text[CC_POLICY_TEXT_MAX], again[CC_POLICY_TEXT_MAX];
	struct cc_policy p, q;
	struct cc_policy_error err;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		if (i < CC_PRESET_COUNT)
			cc_policy_preset((enum cc_preset)i, &p);
		else
			random_policy(&p);
		format(&p, text);
		if (cc_policy_parse(text, strlen(text), &q, &err))
			fail_msg("%s\nat %zu: %s", text, err.offset, err.what);
		assert_memory_equal(&p, &q, sizeof(p));
		format(&q, again);
		assert_string_equal(text, again);
	}
	/* The longest policy fits, and any cut of a text is a cut of it. */
	random_policy(&p);
	memset(p.ct_logs, 'x', sizeof(p.ct_logs) - 1);
	p.key_algs = (1u << CC_KEY_COUNT) - 1 - (1u << CC_KEY_RSA);
	p.schemes = (1u << CC_SCHEME_COUNT) - 1 - (1u << CC_SCHEME_OTHER);
	p.policy_oid_count = CC_POLICY_OIDS;
	for (i = 0; i < CC_POLICY_OIDS; i++) {
		p.policy_oids[i].n = CC_POLICY_OID_MAX;
		memset(p.policy_oids[i].p, 0x78, CC_POLICY_OID_MAX);
		p.policy_oids[i].p[1] = (uint8_t)(0x70 + i);
	}
	format(&p, text);
	assert_int_equal(cc_policy_parse(text, strlen(text), &q, &err), 0);
	assert_memory_equal(&p, &q, sizeof(p));
	for (i = 1; i < strlen(text); i += 97) {
		assert_int_equal(cc_policy_format(&p, again, i), i - 1);
		assert_memory_equal(again, text, i - 1);
	}
}

#define NOT_WEAKER(cond)                       \
	do {                                   \
		if (!(cond))                   \
			fail_msg("%s", #cond); \
	} while (0)

static bool ct_implies(uint8_t strict, uint8_t loose)
{
	return strict == loose || strict == CC_CT_ALL_AND_CHROME || loose == CC_CT_AT_LEAST ||
	       (loose == CC_CT_DISTINCT_LOGS && strict > loose);
}

/* Written field by field on its own, so that a slip in meet cannot hide in the check. */
static void not_weaker(const struct cc_policy *m, const struct cc_policy *a)
{
	unsigned int i, k;

	NOT_WEAKER(m->profile >= a->profile);
	NOT_WEAKER(m->min_scts >= a->min_scts);
	NOT_WEAKER(ct_implies(m->ct_rule, a->ct_rule));
	NOT_WEAKER((m->sct_sources & ~a->sct_sources) == 0);
	NOT_WEAKER(m->sct_within_validity >= a->sct_within_validity);
	NOT_WEAKER(!m->ct_logs[0] || !strcmp(m->ct_logs, a->ct_logs));
	NOT_WEAKER(m->max_log_list_age <= a->max_log_list_age);
	NOT_WEAKER((m->key_algs & ~a->key_algs) == 0);
	NOT_WEAKER((m->schemes & ~a->schemes) == 0);
	NOT_WEAKER(m->rsa_min_bits >= a->rsa_min_bits);
	NOT_WEAKER((m->revocation & ~a->revocation) == 0);
	NOT_WEAKER(m->revocation_mode >= a->revocation_mode);
	NOT_WEAKER(m->revocation_chain >= a->revocation_chain);
	NOT_WEAKER(m->max_age <= a->max_age);
	NOT_WEAKER(m->ocsp_nonce >= a->ocsp_nonce);
	NOT_WEAKER(m->stapling_required >= a->stapling_required);
	NOT_WEAKER(!a->max_chain_length ||
		   (m->max_chain_length && m->max_chain_length <= a->max_chain_length));
	NOT_WEAKER(m->permit_name_constraints <= a->permit_name_constraints);
	NOT_WEAKER(m->clock_skew <= a->clock_skew);
	NOT_WEAKER(m->clock >= a->clock);
	NOT_WEAKER(m->time_any <= a->time_any);
	NOT_WEAKER(m->any_lifetime <= a->any_lifetime);
	NOT_WEAKER(m->any_common_name <= a->any_common_name);
	NOT_WEAKER(!a->max_issuers || (m->max_issuers && m->max_issuers <= a->max_issuers));
	NOT_WEAKER(m->require_explicit_policy >= a->require_explicit_policy);
	NOT_WEAKER(m->inhibit_policy_mapping >= a->inhibit_policy_mapping);
	NOT_WEAKER(m->inhibit_any_policy >= a->inhibit_any_policy);
	NOT_WEAKER(!a->policy_oid_count || m->policy_oid_count);
	for (i = 0; a->policy_oid_count && i < m->policy_oid_count; i++) {
		for (k = 0; k < a->policy_oid_count; k++)
			if (!memcmp(&m->policy_oids[i], &a->policy_oids[k],
				    sizeof(a->policy_oids[k])))
				break;
		NOT_WEAKER(k < a->policy_oid_count || m->policy_oids[i].n == 0);
	}
}

static void meet_laws(void **state)
{
	char ta[CC_POLICY_TEXT_MAX], tb[CC_POLICY_TEXT_MAX];
	struct cc_policy a, b, c, ab, ba, x, y;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		random_policy(&a);
		random_policy(&b);
		random_policy(&c);
		cc_policy_meet(&a, &b, &ab);
		cc_policy_meet(&b, &a, &ba);
		format(&ab, ta);
		format(&ba, tb);
		assert_string_equal(ta, tb);
		cc_policy_meet(&a, &a, &x);
		assert_memory_equal(&x, &a, sizeof(a));
		not_weaker(&ab, &a);
		not_weaker(&ab, &b);
		assert_true(cc_policy_stricter(&ab, &a));
		assert_true(cc_policy_stricter(&ab, &b));
		cc_policy_meet(&ab, &c, &x);
		cc_policy_meet(&b, &c, &y);
		cc_policy_meet(&a, &y, &y);
		assert_memory_equal(&x, &y, sizeof(x));
		assert_int_equal(cc_policy_stricter(&a, &b), !memcmp(&ab, &a, sizeof(a)));
	}
	cc_policy_preset(CC_PRESET_WEBPKI_STRICT, &a);
	cc_policy_meet(&a, &a, &x);
	assert_int_equal(x.preset, CC_PRESET_WEBPKI_STRICT);
	cc_policy_preset(CC_PRESET_WEBPKI_LENIENT, &b);
	cc_policy_meet(&a, &b, &x);
	assert_int_equal(x.preset, CC_PRESET_CUSTOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),	cmocka_unit_test(reads),
		cmocka_unit_test(preset_names), cmocka_unit_test(presets),
		cmocka_unit_test(round_trips),	cmocka_unit_test(meet_laws),
	};

	return cmocka_run_group_tests_name("core/policy", tests, NULL, NULL);
}
