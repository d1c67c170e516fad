// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: policy texts and presets, the stricter of two, rights. */
#include "core/policy.h"
#include "core/rights.h"
#include "core/selftest_part.h"

static const struct {
	const char *text;
	int32_t error_at; /* -1: accepted */
	uint8_t preset;
} texts[] = {
	{ "", -1, CC_PRESET_CUSTOM },
	{ "preset=webpki-strict", -1, CC_PRESET_WEBPKI_STRICT },
	{ " preset = private-mtls ; max_chain = 2 ;", -1, CC_PRESET_PRIVATE_MTLS },
	{ "preset=webpki-strict;time=any", -1, CC_PRESET_CUSTOM },
	{ "preset=webpki", 7, 0 },
	{ "time=now;preset=webpki-strict", 9, 0 },
	{ "time=now;time=now", 9, 0 },
	{ "trust=all", 0, 0 },
	{ "min_scts=256", 9, 0 },
	{ "max_age=10", 8, 0 },
	{ "algs=rsa,md5", 5, 0 },
	{ "sct_sources=embedded,ocsp,tls", -1, 0 },
	{ "preset=webpki-strict;sct_sources=embedded", -1, CC_PRESET_WEBPKI_STRICT },
	{ "preset=webpki-strict;sct_sources=all", -1, CC_PRESET_CUSTOM },
	{ "sct_sources=staple", 12, 0 },
	{ "sct_time=within-validity", -1, 0 },
	{ "preset=webpki-strict;sct_time=within-validity", -1, CC_PRESET_WEBPKI_STRICT },
	{ "sct_time=now", 9, 0 },
	{ "policies=1.2.3,", 9, 0 },
	{ "preset=webpki-strict;ocsp_nonce=ask", -1, CC_PRESET_WEBPKI_STRICT },
	{ "ocsp_nonce=on", 11, 0 },
};

static const struct {
	const char *a, *b, *meet;
} meets[] = {
	{ "min_scts=1", "min_scts=2", "min_scts=2" },
	{ "ct=all", "ct=chrome", "ct=all+chrome" },
	{ "sct_sources=all", "min_scts=1", "min_scts=1" },
	{ "sct_sources=ocsp,tls", "sct_sources=embedded,tls", "sct_sources=tls" },
	{ "sct_sources=ocsp", "min_scts=1", "min_scts=1;sct_sources=none" },
	{ "sct_time=any", "sct_time=within-validity", "sct_time=within-validity" },
	{ "ct_logs=a", "ct_logs=b", "ct_logs=none" },
	{ "algs=rsa,p256", "algs=p256,p384", "algs=p256" },
	{ "max_chain=any", "max_chain=3", "max_chain=3" },
	{ "time=any;clock=rtc", "time=now;clock=untrusted", "clock=rtc" },
	{ "policies=1.2.3", "policies=1.2.4", "policies=none" },
	{ "policies=any", "policies=1.2.4", "policies=1.2.4" },
	{ "ocsp_nonce=ask", "ocsp_nonce=require", "ocsp_nonce=require" },
	{ "name_constraints=refuse;clock_skew=1m", "revocation_mode=soft",
	  "name_constraints=refuse;clock_skew=0s;revocation_mode=soft" },
};

static int parse(const char *text, struct cc_policy *ret, struct cc_policy_error *err)
{
	return cc_policy_parse(text, strlen(text), ret, err);
}

static const char *test_texts(void)
{
	struct cc_policy_error err;
	struct cc_policy policy;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(texts); i++) {
		err.offset = 0;
		if (parse(texts[i].text, &policy, &err) != (texts[i].error_at < 0 ? 0 : -1))
			return texts[i].text;
		if (texts[i].error_at < 0 ? policy.preset != texts[i].preset
					  : err.offset != (size_t)texts[i].error_at)
			return texts[i].text;
	}
	return NULL;
}

/* Equal policies are each as strict as the other. */
static bool same(const struct cc_policy *a, const struct cc_policy *b)
{
	return cc_policy_stricter(a, b) && cc_policy_stricter(b, a);
}

static bool meet_is(const char *text_a, const char *text_b, const char *want)
{
	struct cc_policy_error err;
	struct cc_policy a, b;

	if (parse(text_a, &a, &err) || parse(text_b, &b, &err))
		return false;
	cc_policy_meet(&a, &b, &a);
	return !parse(want, &b, &err) && same(&a, &b);
}

static const char *test_meets(void)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(meets); i++)
		if (!meet_is(meets[i].a, meets[i].b, meets[i].meet) ||
		    !meet_is(meets[i].b, meets[i].a, meets[i].meet))
			return meets[i].meet;
	return NULL;
}

static const char *test_rights(void)
{
	char text[CC_RIGHTS_TEXT_MAX];
	uint64_t rights = 0;
	size_t n;

	if (cc_rights_parse("verify+INFO", 11, CC_KIND_STORE, &rights) ||
	    rights != (CC_RIGHT_VERIFY | CC_RIGHT_INFO))
		return "rights: two names";
	n = cc_rights_format(rights, text, sizeof(text));
	if (!cc_span_equal(cc_span(text, n), cc_text_span("INFO+VERIFY")))
		return "rights: text";
	if (!cc_rights_parse("INFO+", 5, CC_KIND_STORE, &rights) ||
	    !cc_rights_parse("", 0, CC_KIND_STORE, &rights) ||
	    !cc_rights_parse("ROOT", 4, CC_KIND_STORE, &rights))
		return "rights: unknown names";
	if (cc_rights_subset(CC_RIGHT_ADD, cc_rights_of_kind(CC_KIND_VERIFIER)) ||
	    !cc_rights_subset(CC_RIGHT_ADD, cc_rights_of_kind(CC_KIND_STORE)) ||
	    cc_rights_of_kind(CC_KIND_NONE))
		return "rights: by kind";
	return NULL;
}

const char *cc_selftest_policy(void)
{
	const char *failed = test_texts();

	if (!failed)
		failed = test_meets();
	if (!failed)
		failed = test_rights();
	return failed;
}
