// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs a file of x509-limbo cases: limbo FILE.json [--exceptions F] [--profile P] [--id PREFIX] [-v] */
#include "tests/conformance/suite.h"

/* Names of the suite for signature algorithms, and ours. */
static const struct {
	const char *theirs, *ours;
} algorithms[] = {
	{ "RSA_WITH_SHA256", "rsa-pkcs1-sha256" },
	{ "RSA_WITH_SHA384", "rsa-pkcs1-sha384" },
	{ "RSA_WITH_SHA512", "rsa-pkcs1-sha512" },
	{ "RSASSA_PSS_SHA256", "rsa-pss-sha256" },
	{ "RSASSA_PSS_SHA384", "rsa-pss-sha384" },
	{ "RSASSA_PSS_SHA512", "rsa-pss-sha512" },
	{ "ECDSA_WITH_SHA256", "ecdsa-sha256" },
	{ "ECDSA_WITH_SHA384", "ecdsa-sha384" },
	{ "ECDSA_WITH_SHA512", "ecdsa-sha512" },
	{ "ED25519", "ed25519" },
	{ "ED448", "ed448" },
};

static const struct {
	const char *eku;
	uint32_t purpose;
} usages[] = {
	{ "serverAuth", CAPCERT_PURPOSE_TLS_SERVER_AUTH },
	{ "clientAuth", CAPCERT_PURPOSE_TLS_CLIENT_AUTH },
	{ "codeSigning", CAPCERT_PURPOSE_CODE_SIGNING },
	{ "emailProtection", CAPCERT_PURPOSE_EMAIL_SMIME },
	{ "OCSPSigning", CAPCERT_PURPOSE_OCSP_SIGNING },
};

static uint32_t purpose_of(const json_t *t)
{
	const char *kind = suite_string(t, "validation_kind");
	const char *eku =
		json_string_value(json_array_get(json_object_get(t, "extended_key_usage"), 0));
	size_t i;

	for (i = 0; eku && i < sizeof(usages) / sizeof(usages[0]); i++)
		if (!strcmp(usages[i].eku, eku))
			return usages[i].purpose;
	return kind && !strcmp(kind, "CLIENT") ? CAPCERT_PURPOSE_TLS_CLIENT_AUTH
					       : CAPCERT_PURPOSE_TLS_SERVER_AUTH;
}

static void add_schemes(const json_t *t, char *text, size_t cap)
{
	const json_t *list = json_object_get(t, "signature_algorithms");
	size_t i, j, n = strlen(text);

	for (i = 0; i < json_array_size(list); i++)
		for (j = 0; j < sizeof(algorithms) / sizeof(algorithms[0]); j++)
			if (!strcmp(algorithms[j].theirs,
				    json_string_value(json_array_get(list, i)))) {
				n += (size_t)snprintf(text + n, cap - n, "%s%s",
						      i ? "," : ";schemes=", algorithms[j].ours);
			}
}

/* The policy of a case. Profile webpki except for what is named after RFC 5280; the BetterTLS
 * leaves live for 366 days, which the Baseline Requirements have not allowed since 2026-03-15: the
 * suite is about constraints and paths, so that one rule is switched off for it. */
static void policy_of(const json_t *t, const char *id, const char *profile, char *text, size_t cap)
{
	const json_t *depth = json_object_get(t, "max_chain_depth");

	if (!profile)
		profile = strncmp(id, "rfc5280::", 9) ? "webpki" : "rfc5280";
	snprintf(text, cap, "profile=%s;time=any;clock_skew=0s", profile);
	if (!strncmp(id, "bettertls::", 11))
		strncat(text, ";lifetime=any", cap - strlen(text) - 1);
	if (json_is_integer(depth) && json_integer_value(depth) + 2 <= 255) {
		size_t n = strlen(text);

		/* Theirs counts intermediates, ours certificates. */
		snprintf(text + n, cap - n, ";max_chain=%d", (int)json_integer_value(depth) + 2);
	}
	add_schemes(t, text, cap);
}

static void run_case(struct suite *s, const json_t *t, const char *profile)
{
	const char *id = suite_string(t, "id");
	const json_t *peer = json_object_get(t, "expected_peer_name");
	const json_t *peers = json_object_get(t, "expected_peer_names");
	bool expected = !strcmp(suite_string(t, "expected_result"), "SUCCESS");
	int64_t at = suite_time(suite_string(t, "validation_time"));
	uint32_t purpose = purpose_of(t);
	capcert_store *store = suite_store(json_object_get(t, "trusted_certs"), 1u << purpose);
	char text[1024], detail[512] = "";
	size_t i = 0;
	bool got;

	policy_of(t, id, profile, text, sizeof(text));
	do { /* every name must hold */
		const json_t *p = json_array_size(peers) ? json_array_get(peers, i) : peer;

		got = suite_verify(text, store, suite_string(t, "peer_certificate"),
				   json_object_get(t, "untrusted_intermediates"), purpose,
				   json_is_object(p) ? suite_string(p, "value") : NULL, at, detail);
	} while (got && ++i < json_array_size(peers));
	suite_count(s, id, expected, got, detail);
	capcert_store_free(store);
}

int main(int argc, char **argv)
{
	struct suite s = { .name = "limbo" };
	const char *file = NULL, *profile = NULL, *prefix = "";
	const json_t *t, *cases;
	json_t *root;
	size_t i;
	int a, r;

	for (a = 1; a < argc; a++) {
		if (!strcmp(argv[a], "-v"))
			s.verbose = true;
		else if (!strcmp(argv[a], "--exceptions") && a + 1 < argc)
			suite_load_exceptions(&s, argv[++a]);
		else if (!strcmp(argv[a], "--profile") && a + 1 < argc)
			profile = argv[++a];
		else if (!strcmp(argv[a], "--id") && a + 1 < argc)
			prefix = argv[++a];
		else if (!file && argv[a][0] != '-')
			file = argv[a];
		else
			suite_die("usage: limbo FILE.json [--exceptions F] [--profile P] [--id "
				  "PREFIX]",
				  argv[a]);
	}
	if (!file)
		suite_die("usage",
			  "limbo FILE.json [--exceptions F] [--profile P] [--id PREFIX] [-v]");
	root = suite_load(file);
	cases = json_object_get(root, "testcases");
	json_array_foreach(cases, i, t) if (!strncmp(suite_string(t, "id"), prefix, strlen(prefix)))
		run_case(&s, t, profile);
	r = suite_end(&s, false);
	json_decref(root);
	return r;
}
