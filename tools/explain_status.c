// SPDX-License-Identifier: GPL-2.0-only
/* What is wrong with evidence about revocation, and what to do about it: a row for each of the engine's
 * reasons. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/explain.h"
#include "tools/explain_status.h"

/* Who can mend it, and how. The first row whose words are in the reason holds. */
static const struct {
	const char *has;
	const char *staple; /* what to do when it is the server's staple */
	const char *other;  /* when it is a response or list that was asked for */
} rows[] = {
	/* lists */
	{ "the list is out of date", NULL, "get the issuer's current list" },
	{ "the list is not yet in force", NULL,
	  "is this machine's clock right? If so, the list's issuer has a wrong one" },
	{ "the list has no nextUpdate", NULL,
	  "get a newer list, or judge by a policy with a larger max_age" },
	{ "another distribution point", NULL,
	  "the list is another part of the issuer's: get the one that this certificate names" },
	{ "about end entities only", NULL, "get the issuer's list about CA certificates" },
	{ "about CA certificates only", NULL, "get the issuer's list about end entities" },
	{ "attribute certificates", NULL, "get the issuer's list about certificates" },
	{ "other reasons only", NULL, "get the issuer's lists about the remaining reasons, too" },
	{ "not about every reason", NULL,
	  "get the issuer's lists about the remaining reasons, too" },
	{ "delta list without its base", NULL,
	  "a delta list says what changed: give the complete list it is based on as well" },
	{ "no certificate of the list's issuer", NULL,
	  "somebody else signs the issuer's lists: put that certificate into the chain" },
	{ "the list is not signed by", NULL,
	  "the list was altered, or signed with another key of the issuer: get it anew" },
	{ "no valid path to the same anchor", NULL,
	  "who signed the list must lead to the same anchor as the certificate: its certificates "
	  "belong into the chain" },
	{ "CRL issuers depend", NULL, "the issuer's lists cannot be followed: use OCSP" },
	{ "not an indirect one", NULL,
	  "the issuer's lists contradict what the certificate says of them: tell the issuer" },
	{ "RFC 5280 section 5.2", NULL, "the issuer's lists are malformed: tell the issuer" },
	{ "(key usage", "the certificate that signed it may not sign: tell the issuer",
	  "the certificate that signed it may not sign: tell the issuer" },
	/* responses */
	{ "the response is out of date",
	  "the server's staple has run out: its administrator should see why it is not renewed "
	  "(capcert ocsp staple keeps one fresh)",
	  "get a fresh response" },
	{ "ends before it begins", "the responder is at fault: tell the issuer",
	  "the responder is at fault: tell the issuer" },
	{ "not yet in force", "is this machine's clock right? If so, the responder has a wrong one",
	  "is this machine's clock right? If so, the responder has a wrong one" },
	{ "made in the future",
	  "is this machine's clock right? If so, the responder has a wrong one",
	  "is this machine's clock right? If so, the responder has a wrong one" },
	{ "older than max_age",
	  "the server's administrator should renew the staple; or judge by a policy with a larger "
	  "max_age",
	  "get a fresh response, or judge by a policy with a larger max_age" },
	{ "about other certificates",
	  "the server staples another certificate's response: its administrator should set "
	  "stapling up for this one",
	  "what was given is about another certificate: get the response about this one" },
	{ "does not know the certificate",
	  "its issuer's responder has never heard of it: ask the issuer; do not trust it until "
	  "then",
	  "its issuer's responder has never heard of it: ask the issuer; do not trust it until "
	  "then" },
	{ "not signed by its signer's key",
	  "the response was altered: do not trust this connection",
	  "the response was altered: get it anew" },
	{ "signed by the certificate that it is about",
	  "it vouches for itself, which counts for nothing: the issuer's responder must be asked",
	  "it vouches for itself, which counts for nothing: the issuer's responder must be asked" },
	{ "was not issued by the certificate's issuer",
	  "the server staples what another CA's responder said: its administrator should ask the "
	  "issuer's own",
	  "another CA's responder answered: ask the issuer's own" },
	{ "may not sign responses",
	  "the responder's certificate is not made for OCSP (id-kp-OCSPSigning): tell the issuer",
	  "the responder's certificate is not made for OCSP (id-kp-OCSPSigning): tell the issuer" },
	{ "signer is not valid", "the responder's own certificate has run out: tell the issuer",
	  "the responder's own certificate has run out: tell the issuer" },
	{ "signer is revoked",
	  "the responder's own certificate is revoked: believe nothing it says",
	  "the responder's own certificate is revoked: believe nothing it says" },
	{ "signer may be revoked",
	  "whether the responder's own certificate is revoked must be known, too: give the "
	  "issuer's list with --crl",
	  "whether the responder's own certificate is revoked must be known, too: give the "
	  "issuer's list with --crl" },
	{ "neither the certificate's issuer",
	  "nobody knows who signed the staple: its administrator should ask the issuer's own "
	  "responder",
	  "nobody knows who signed the response: put the responder's certificate into the chain if "
	  "the issuer gave it one" },
	{ "the policy does not allow",
	  "the responder signs with an algorithm that this policy does not allow",
	  "the responder signs with an algorithm that this policy does not allow: use lists, or "
	  "another policy" },
	{ "algorithm", "the responder signs with an algorithm that is not known here",
	  "the responder signs with an algorithm that is not known here: use lists" },
	{ "unknown critical extension",
	  "it says something that must be understood and is not: it cannot be used",
	  "it says something that must be understood and is not: it cannot be used" },
	{ "answered unauthorized",
	  "that responder does not serve this certificate: is its address right?",
	  "that responder does not serve this certificate: is its address right?" },
	{ "answered tryLater",
	  "the responder was busy: the server will have a staple when it is not",
	  "the responder is busy: ask again later" },
	{ "answered", "the responder did not understand or failed: tell the issuer",
	  "the responder did not understand or failed: ask again, then tell the issuer" },
	{ "did not answer", "the responder is not reachable from the server",
	  "the responder is not reachable: check the network, ask again, or give a list with "
	  "--crl" },
};

static const char *row(const struct status_case *c)
{
	size_t i;

	for (i = 0; c->why && i < sizeof(rows) / sizeof(*rows); i++)
		if (strstr(c->why, rows[i].has))
			return c->staple ? rows[i].staple : rows[i].other;
	return NULL;
}

char *status_words_wrong(const struct status_case *c)
{
	if (!c->why)
		return NULL;
	if (c->staple)
		return words_format("must be stapled%s, and the staple does not count: %s",
				    c->by_certificate ? " (RFC 7633)" : " by the policy", c->why);
	return words_format("its revocation status is not known: %s", c->why);
}

/* The first address of this kind, in words. */
static const char *address(const struct capcert_general_name *name, char *buf, size_t cap)
{
	if (name->type != CAPCERT_GN_URI)
		return NULL;
	capcert_gn_text(name, buf, cap);
	return buf;
}

static const char *responder(const struct status_case *c, char *buf, size_t cap)
{
	static const uint8_t ocsp[] = { 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01 };
	const char *url = NULL;
	size_t i;

	for (i = 0; !url && c->view && i < c->view->access_count; i++) {
		const struct capcert_access *a = &c->view->access[i];

		if (a->method.len == sizeof(ocsp) && !memcmp(a->method.data, ocsp, sizeof(ocsp)))
			url = address(&a->location, buf, cap);
	}
	return url;
}

static const char *list(const struct status_case *c, char *buf, size_t cap)
{
	const char *url = NULL;
	size_t i;

	for (i = 0; !url && c->view && i < c->view->crl_count; i++)
		url = address(&c->view->crls[i], buf, cap);
	return url;
}

/* Where what is accepted is to be had; NULL: nowhere. */
static char *where(const struct status_case *c)
{
	char ocsp[512], crl[512];
	const char *a = c->kinds & CAPCERT_MISSING_OCSP ? responder(c, ocsp, sizeof(ocsp)) : NULL;
	const char *b = c->kinds & CAPCERT_MISSING_CRL ? list(c, crl, sizeof(crl)) : NULL;

	if (a && b)
		return words_format("its responder is at %s (capcert status --fetch asks it), its "
				    "revocation list is offered at %s",
				    a, b);
	if (a)
		return words_format("its responder is at %s: capcert status --fetch asks it", a);
	if (b)
		return words_format("its revocation list is offered at %s", b);
	return NULL;
}

static char *no_staple(const struct status_case *c)
{
	if (c->by_certificate)
		return strdup("its certificate promises a staple: the server's administrator "
			      "should switch stapling on (capcert ocsp staple keeps one fresh); "
			      "what a server sent is given with --staple");
	return strdup("this policy wants every server to staple: the server's administrator should "
		      "switch it on, or judge by a policy without stapling=required");
}

static char *nothing(const struct status_case *c)
{
	char *at = where(c);

	if (at)
		return at;
	if (c->kinds == CAPCERT_MISSING_STAPLE)
		return strdup("the policy accepts a staple only: the server's administrator should "
			      "switch stapling on; what a server sent is given with --staple");
	return words_format("it names no address where this could be had: ask %s for a list or a "
			    "response, and give it with --crl or --ocsp",
			    c->issuer);
}

char *status_words_remedy(const struct status_case *c)
{
	const char *what = row(c);
	char *at, *text;

	if (what) {
		at = c->staple ? NULL : where(c);
		text = at ? words_format("%s; %s", what, at) : strdup(what);
		free(at);
		return text;
	}
	return c->staple ? no_staple(c) : nothing(c);
}
