// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs the NIST PKITS tests with their policy inputs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/conformance/suite.h"

#define PURPOSE CAPCERT_PURPOSE_TLS_SERVER_AUTH /* PKITS has none: its leaves are for any */

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

static void read_policy(const struct suite *s, const json_t *pkits, char *text, size_t cap)
{
	const char *names = input(pkits, "SetInitialPolicySet");

	snprintf(text, cap, "profile=%s;time=any;clock_skew=0s" SUITE_CRL_POLICY,
		 s->profile ? s->profile : "rfc5280");
	if (is_set(pkits, "SetInitialExplicitPolicy"))
		strcat(text, ";explicit_policy=yes");
	if (is_set(pkits, "SetInitialPolicyMappingInhibit"))
		strcat(text, ";inhibit_mapping=yes");
	if (is_set(pkits, "SetInitialInhibitAnyPolicy"))
		strcat(text, ";inhibit_any=yes");
	if (names)
		add_policies(names, text, cap);
}

static void run_case(struct suite *s, const json_t *t)
{
	const char *id = suite_string(t, "id"), *result = suite_string(t, "expected_result");
	char policy[1024], detail[SUITE_DETAIL] = "";
	capcert_store *store;
	bool got;

	if (!suite_wants(s, id))
		return;
	if (!result || (strcmp(result, "SUCCESS") && strcmp(result, "FAILURE"))) {
		suite_unable(s, id, "expects neither success nor failure");
		return;
	}
	read_policy(s, json_object_get(t, "pkits"), policy, sizeof(policy));
	store = suite_store(json_object_get(t, "trusted_certs"), 1u << PURPOSE);
	got = suite_verify(
		&(struct suite_request){
			.policy = policy,
			.store = store,
			.leaf = suite_string(t, "peer_certificate"),
			.others = json_object_get(t, "untrusted_intermediates"),
			.crls = json_object_get(t, "crls"),
			.purpose = PURPOSE,
			.at = suite_time(suite_string(t, "validation_time")),
		},
		detail);
	suite_count(s, id, !strcmp(result, "SUCCESS"), got, detail);
	capcert_store_free(store);
}

int main(int argc, char **argv)
{
	struct suite s;
	json_t *root = suite_open(&s, "pkits", argc, argv), *t;
	size_t i;
	int r;

	json_array_foreach(json_object_get(root, "testcases"), i, t) run_case(&s, t);
	r = suite_end(&s);
	json_decref(root);
	return r;
}
