// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs the NIST PKITS tests with their policy inputs: pkits FILE.json [--exceptions F] [-v] */
#include "tests/conformance/suite.h"

/* The first word of an input of a test: [["word", "value"]]. */
static const char *input(const json_t *pkits, const char *key)
{
	return json_string_value(json_array_get(json_array_get(json_object_get(pkits, key), 0), 0));
}

static bool is_set(const json_t *pkits, const char *key)
{
	return json_array_size(json_object_get(pkits, key)) != 0;
}

/* "NIST-test-policy-1,NIST-test-policy-2" as OIDs (PKITS section 3.2). */
static void add_policies(const char *names, char *text, size_t cap)
{
	size_t n = strlen(text);
	const char *p;
	bool first = true;

	for (p = names; (p = strstr(p, "NIST-test-policy-")); p++, first = false)
		n += (size_t)snprintf(text + n, cap - n, "%s2.16.840.1.101.3.2.1.48.%d",
				      first ? ";policies=" : ",", atoi(p + 17));
}

static void run_case(struct suite *s, const json_t *t)
{
	const json_t *pkits = json_object_get(t, "pkits");
	const char *id = suite_string(t, "id"), *names = input(pkits, "SetInitialPolicySet");
	bool expected = !strcmp(suite_string(t, "expected_result"), "SUCCESS"), got;
	int64_t at = suite_time(suite_string(t, "validation_time"));
	capcert_store *store = suite_store(json_object_get(t, "trusted_certs"),
					   1u << CAPCERT_PURPOSE_TLS_SERVER_AUTH);
	char text[1024] = "profile=rfc5280;time=any;clock_skew=0s", detail[512] = "";

	if (is_set(pkits, "SetInitialExplicitPolicy"))
		strcat(text, ";explicit_policy=yes");
	if (is_set(pkits, "SetInitialPolicyMappingInhibit"))
		strcat(text, ";inhibit_mapping=yes");
	if (is_set(pkits, "SetInitialInhibitAnyPolicy"))
		strcat(text, ";inhibit_any=yes");
	if (names)
		add_policies(names, text, sizeof(text));
	got = suite_verify(text, store, suite_string(t, "peer_certificate"),
			   json_object_get(t, "untrusted_intermediates"),
			   CAPCERT_PURPOSE_TLS_SERVER_AUTH, NULL, at, detail);
	suite_count(s, id, expected, got, detail);
	capcert_store_free(store);
}

int main(int argc, char **argv)
{
	struct suite s = { .name = "pkits" };
	const char *file = NULL, *prefix = "";
	const json_t *t;
	json_t *root;
	size_t i;
	int a, r;

	for (a = 1; a < argc; a++) {
		if (!strcmp(argv[a], "-v"))
			s.verbose = true;
		else if (!strcmp(argv[a], "--exceptions") && a + 1 < argc)
			suite_load_exceptions(&s, argv[++a]);
		else if (!strcmp(argv[a], "--id") && a + 1 < argc)
			prefix = argv[++a];
		else
			file = argv[a];
	}
	if (!file)
		suite_die("usage", "pkits FILE.json [--exceptions F] [--id PREFIX] [-v]");
	root = suite_load(file);
	json_array_foreach(json_object_get(root, "testcases"), i,
			   t) if (!strncmp(suite_string(t, "id"), prefix, strlen(prefix)))
		run_case(&s, t);
	r = suite_end(&s, true);
	json_decref(root);
	return r;
}
