// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Sentences about missing evidence: for each of the engine's reasons one that says what to do. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tools/words.c"
#include "tools/explain_status.c"

/* The engine's own words (libcapcert/crl*.c, ocsp*.c), and what the advice says. */
static const struct {
	const char *why, *says, *says_of_staple;
} reasons[] = {
	{ "the list is out of date (nextUpdate)", "current list", NULL },
	{ "the list is not yet in force (thisUpdate)", "clock", NULL },
	{ "the list has no nextUpdate and is older than max_age", "max_age", NULL },
	{ "the list is of another distribution point", "another part", NULL },
	{ "the list is about end entities only", "about CA certificates", NULL },
	{ "the list is about CA certificates only", "about end entities", NULL },
	{ "the list is about attribute certificates only", "about certificates", NULL },
	{ "the list is about other reasons only", "remaining reasons", NULL },
	{ "the lists are not about every reason", "remaining reasons", NULL },
	{ "there is a delta list without its base", "complete list", NULL },
	{ "there is no certificate of the list's issuer", "into the chain", NULL },
	{ "the list is not signed by its issuer's key", "get it anew", NULL },
	{ "the list's issuer has no valid path to the same anchor", "same anchor", NULL },
	{ "too many CRL issuers depend on one another", "use OCSP", NULL },
	{ "the list has no cRLNumber (RFC 5280 section 5.2.3)", "malformed", NULL },
	{ "the list has an unknown critical extension", "cannot be used", NULL },
	{ "an entry of the list has an unknown critical extension", "cannot be used", NULL },
	{ "the list of the CRL issuer that it names is not an indirect one", "tell the issuer",
	  NULL },
	{ "the response is out of date (nextUpdate)", "fresh response", "ocsp staple" },
	{ "the response is not yet in force (thisUpdate)", "clock", "clock" },
	{ "the response was made in the future (producedAt)", "clock", "clock" },
	{ "the response ends before it begins (nextUpdate)", "tell the issuer", "tell the issuer" },
	{ "the response has no nextUpdate and is older than max_age", "max_age", "max_age" },
	{ "the response is about other certificates", "about this one", "set stapling up" },
	{ "the responder does not know the certificate", "ask the issuer", "ask the issuer" },
	{ "the response is not signed by its signer's key", "get it anew", "do not trust" },
	{ "the response is signed by the certificate that it is about", "vouches", "vouches" },
	{ "the response's signer was not issued by the certificate's issuer", "issuer's own",
	  "issuer's own" },
	{ "the response's signer may not sign responses (extended key usage)", "id-kp-OCSPSigning",
	  "id-kp-OCSPSigning" },
	{ "the response's signer may not sign (key usage)", "tell the issuer", "tell the issuer" },
	{ "the certificate of the response's signer is not valid", "run out", "run out" },
	{ "the response's signer is revoked", "believe nothing", "believe nothing" },
	{ "the response's signer may be revoked: it has no nocheck, and its own status is not "
	  "known",
	  "--crl", "--crl" },
	{ "the response is signed by somebody who is neither the certificate's issuer nor known to "
	  "it",
	  "into the chain", "issuer's own responder" },
	{ "the response is signed with an algorithm that the policy does not allow", "policy",
	  "policy" },
	{ "the response's signature algorithm is not known, or does not fit the signer's key",
	  "not known here", "not known here" },
	{ "the response has an unknown critical extension", "cannot be used", "cannot be used" },
	{ "the responder answered tryLater", "ask again later", "busy" },
	{ "the responder answered unauthorized", "address", "address" },
	{ "the responder answered internalError", "ask again", "tell the issuer" },
	{ "the responder was asked and did not answer", "not reachable", "not reachable" },
};

static void expect(char *text, const char *words)
{
	if (!text || !strstr(text, words))
		fail_msg("\"%s\" is not in: %s", words, text ? text : "(nothing)");
	free(text);
}

static void each_reason(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		struct status_case c = { .why = reasons[i].why,
					 .kinds = CAPCERT_MISSING_ALL,
					 .issuer = "CN=CA" };

		expect(status_words_wrong(&c), reasons[i].why);
		expect(status_words_remedy(&c), reasons[i].says);
		if (!reasons[i].says_of_staple)
			continue;
		c.staple = true;
		expect(status_words_wrong(&c), "staple does not count");
		expect(status_words_remedy(&c), reasons[i].says_of_staple);
	}
}

static void nothing_was_given(void **state)
{
	static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	struct capcert_access access = { .method = { ocsp, sizeof(ocsp) },
					 .location = { CAPCERT_GN_URI,
						       { (const uint8_t *)"http://o/", 9 } } };
	struct capcert_general_name list_at = { CAPCERT_GN_URI,
						{ (const uint8_t *)"http://l/", 9 } };
	struct capcert_cert_view view = {
		.access = &access, .access_count = 1, .crls = &list_at, .crl_count = 1
	};
	struct status_case c = { .kinds = CAPCERT_MISSING_ALL, .issuer = "CN=CA", .view = &view };

	(void)state;
	assert_null(status_words_wrong(&c));
	expect(status_words_remedy(&c),
	       "responder is at http://o/ (capcert status --fetch asks it), its "
	       "revocation list is offered at http://l/");
	c.kinds = CAPCERT_MISSING_CRL;
	expect(status_words_remedy(&c), "its revocation list is offered at http://l/");
	c.kinds = CAPCERT_MISSING_OCSP;
	expect(status_words_remedy(&c), "its responder is at http://o/: capcert status");
	c.why = "the response is out of date (nextUpdate)";
	expect(status_words_remedy(&c), "get a fresh response; its responder is at http://o/");
	c.why = NULL;
	c.view = NULL;
	expect(status_words_remedy(&c), "ask CN=CA for a list or a response");
	c.kinds = CAPCERT_MISSING_STAPLE;
	expect(status_words_remedy(&c), "accepts a staple only");
	c.staple = true;
	expect(status_words_remedy(&c), "this policy wants every server to staple");
	c.by_certificate = true;
	expect(status_words_remedy(&c), "promises a staple");
	c.why = "a reason that nobody has heard of";
	expect(status_words_remedy(&c), "promises a staple");
	expect(status_words_wrong(&c), "(RFC 7633)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reason),
		cmocka_unit_test(nothing_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
