// SPDX-License-Identifier: LGPL-2.1-or-later
/* Problem documents (RFC 7807): types of RFC 8555 section 6.7 and later ones, and what to do about each. */
#include <stdio.h>
#include <string.h>
#include "libcapcert/acme_json.h"

#define PREFIX "urn:ietf:params:acme:error:"

static const struct {
	const char *name, *advice;
} types[CAPCERT_ACME_PROBLEM_TYPES] = {
	[CAPCERT_ACME_NO_PROBLEM] = { "none", "" },
	[CAPCERT_ACME_OTHER_PROBLEM] = { "other", "see what the CA says" },
	[CAPCERT_ACME_ACCOUNT_DOES_NOT_EXIST] = { "accountDoesNotExist",
						  "register an account with this key, or use the "
						  "key of the account that is there" },
	[CAPCERT_ACME_ALREADY_REPLACED] = { "alreadyReplaced",
					    "the certificate was renewed by another order: look "
					    "for that one, or order without saying what is "
					    "replaced" },
	[CAPCERT_ACME_ALREADY_REVOKED] = { "alreadyRevoked", "nothing is left to do" },
	[CAPCERT_ACME_BAD_CSR] = { "badCSR", "use another kind of key, P-256 or RSA of 2048 bits "
					     "and more, or fewer names" },
	[CAPCERT_ACME_BAD_NONCE] = { "badNonce", "try again; if it lasts, something between here "
						 "and the CA repeats requests" },
	[CAPCERT_ACME_BAD_PUBLIC_KEY] = { "badPublicKey",
					  "make another key: this one is weak, known to others, or "
					  "of a kind that the CA does not take" },
	[CAPCERT_ACME_BAD_REVOCATION_REASON] = { "badRevocationReason",
						 "give another reason, or none" },
	[CAPCERT_ACME_BAD_SIGNATURE_ALGORITHM] = { "badSignatureAlgorithm",
						   "use an account key of another kind: every CA "
						   "takes P-256" },
	[CAPCERT_ACME_CAA] = { "caa", "add the CA's name to the CAA records of the domain, or "
				      "remove them" },
	[CAPCERT_ACME_COMPOUND] = { "compound", "see the problem of each name" },
	[CAPCERT_ACME_CONNECTION] = { "connection", "let the CA reach this host from outside: port "
						    "80 for http-01, 443 for tls-alpn-01; look at "
						    "firewall and addresses in DNS" },
	[CAPCERT_ACME_DNS_PROBLEM] = { "dns", "mend the DNS of the domain: its servers must "
					      "answer, and DNSSEC must be right" },
	[CAPCERT_ACME_EXTERNAL_ACCOUNT_REQUIRED] = { "externalAccountRequired",
						     "get key id and HMAC key from the CA, and "
						     "register with them" },
	[CAPCERT_ACME_INCORRECT_RESPONSE] = { "incorrectResponse",
					      "another server answers for that name, or an old "
					      "answer is cached: look at DNS and proxies" },
	[CAPCERT_ACME_INVALID_CONTACT] = { "invalidContact",
					   "give another address: mailto:NAME@DOMAIN, where DOMAIN "
					   "takes mail" },
	[CAPCERT_ACME_INVALID_PROFILE] = { "invalidProfile", "choose one of the profiles that the "
							     "CA's directory names, or none" },
	[CAPCERT_ACME_MALFORMED] = { "malformed", "the CA cannot read what was sent: report it "
						  "with what the CA says" },
	[CAPCERT_ACME_ORDER_NOT_READY] = { "orderNotReady",
					   "prove control over all names of the order first" },
	[CAPCERT_ACME_RATE_LIMITED] = { "rateLimited", "wait as long as the CA asks; test with its "
						       "staging server" },
	[CAPCERT_ACME_REJECTED_IDENTIFIER] = { "rejectedIdentifier",
					       "the CA's policy does not allow that name: leave it "
					       "out, or ask another CA" },
	[CAPCERT_ACME_SERVER_INTERNAL] = { "serverInternal",
					   "the CA is in trouble: try again later" },
	[CAPCERT_ACME_TLS] = { "tls", "the CA's TLS connection to this host failed: look at port "
				      "443 and who answers there" },
	[CAPCERT_ACME_UNAUTHORIZED] = { "unauthorized",
					"the CA does not see the proof, or the account may not do "
					"this: look at what answers for that name, and at the "
					"account" },
	[CAPCERT_ACME_UNSUPPORTED_CONTACT] = { "unsupportedContact",
					       "give a contact of another kind: every CA takes "
					       "mailto:" },
	[CAPCERT_ACME_UNSUPPORTED_IDENTIFIER] = { "unsupportedIdentifier",
						  "the CA has no certificates for that kind of "
						  "name: leave it out, or ask another CA" },
	[CAPCERT_ACME_USER_ACTION_REQUIRED] = { "userActionRequired",
						"read what the CA's URL says, and agree to its new "
						"terms" },
};

const char *capcert_acme_problem_name(uint32_t type)
{
	return type < CAPCERT_ACME_PROBLEM_TYPES ? types[type].name : "?";
}

const char *capcert_acme_problem_advice(uint32_t type)
{
	return type < CAPCERT_ACME_PROBLEM_TYPES ? types[type].advice : "";
}

static uint32_t type_of(const json_t *value)
{
	const char *text = json_string_value(value);
	const size_t n = strlen(PREFIX);

	if (!text || strncmp(text, PREFIX, n))
		return CAPCERT_ACME_OTHER_PROBLEM;
	for (uint32_t i = CAPCERT_ACME_OTHER_PROBLEM + 1; i < CAPCERT_ACME_PROBLEM_TYPES; i++)
		if (!strcmp(text + n, types[i].name))
			return i;
	return CAPCERT_ACME_OTHER_PROBLEM;
}

static void copy(const json_t *value, char *ret, size_t cap)
{
	acme_printable(json_string_value(value), json_string_length(value), ret, cap);
}

static void read_subproblems(const json_t *array, struct capcert_acme_failure *ret)
{
	size_t n = json_array_size(array);

	if (n > CAPCERT_ACME_MAX_SUBPROBLEMS)
		n = CAPCERT_ACME_MAX_SUBPROBLEMS;
	for (size_t i = 0; i < n; i++) {
		const json_t *j = json_array_get(array, i);
		const json_t *name = json_object_get(j, "identifier");
		struct capcert_acme_subproblem *s = &ret->subproblems[ret->subproblem_count++];

		s->type = type_of(json_object_get(j, "type"));
		copy(json_object_get(name, "value"), s->identifier, sizeof(s->identifier));
		copy(json_object_get(j, "detail"), s->detail, sizeof(s->detail));
	}
}

void acme_problem_read(const json_t *problem, struct capcert_acme_failure *ret)
{
	const json_t *status = json_object_get(problem, "status");

	ret->type = type_of(json_object_get(problem, "type"));
	ret->subproblem_count = 0;
	copy(json_object_get(problem, "detail"), ret->detail, sizeof(ret->detail));
	copy(json_object_get(problem, "instance"), ret->url, sizeof(ret->url));
	if (!ret->status && json_is_integer(status) && json_integer_value(status) >= 400 &&
	    json_integer_value(status) < 600)
		ret->status = (uint32_t)json_integer_value(status);
	/* A type that is not known speaks for itself. */
	if (ret->type == CAPCERT_ACME_OTHER_PROBLEM && !*ret->detail)
		copy(json_object_get(problem, "type"), ret->detail, sizeof(ret->detail));
	read_subproblems(json_object_get(problem, "subproblems"), ret);
}

void acme_problem_parse(struct cc_span body, struct capcert_acme_failure *ret)
{
	json_t *j = acme_document(body);

	acme_problem_read(j, ret);
	json_decref(j);
}

void acme_problem_text(struct capcert_acme_failure *f, const char *what)
{
	const struct capcert_acme_subproblem *s = f->subproblems;
	char detail[400];
	int n;

	/* The problem of the one name that has one says more than that there is one. */
	if (f->type == CAPCERT_ACME_COMPOUND && f->subproblem_count == 1)
		f->type = s->type;
	snprintf(detail, sizeof(detail), "%.399s", *f->detail ? f->detail : "no reason given");
	n = snprintf(f->text, sizeof(f->text), "%s: the CA refuses (%s): %s", what,
		     capcert_acme_problem_name(f->type), detail);
	if (f->subproblem_count && n > 0 && (size_t)n < sizeof(f->text))
		n += snprintf(f->text + n, sizeof(f->text) - (size_t)n, "; %.100s: %.150s",
			      s->identifier, s->detail);
	if (n > 0 && (size_t)n < sizeof(f->text))
		snprintf(f->text + n, sizeof(f->text) - (size_t)n, "; %s",
			 capcert_acme_problem_advice(f->type));
}
