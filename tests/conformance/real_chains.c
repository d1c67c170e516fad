// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs real chains at their time: valid for their host, and invalid in four altered ways. */
#include "tests/conformance/suite.h"

#define PURPOSE CAPCERT_PURPOSE_TLS_SERVER_AUTH

/* The lenient preset: these chains come with no staple and no list of CT logs. */
#define POLICY "preset=webpki-lenient;time=any"

static void run_case(struct suite *s, const json_t *t)
{
	const json_t *chain = json_object_get(t, "chain");
	json_t *rest = json_array();
	capcert_store *store = suite_store(json_object_get(t, "roots"), 1u << PURPOSE);
	capcert_store *client =
		suite_store(json_object_get(t, "roots"), 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
	const char *leaf = json_string_value(json_array_get(chain, 0));
	const char *host = suite_string(t, "host");
	int64_t at = suite_time(suite_string(t, "validation_time"));
	char id[256], detail[512];
	size_t i;
	bool got;

	for (i = json_array_size(chain); i-- > 1;) /* backwards: the order is only a hint */
		json_array_append(rest, json_array_get(chain, i));
	got = suite_verify(POLICY, store, leaf, rest, PURPOSE, host, at, detail);
	snprintf(id, sizeof(id), "valid::%s", suite_string(t, "name"));
	suite_count(s, id, true, got, detail);
	got = suite_verify(POLICY, store, leaf, rest, PURPOSE, "wrong.example", at, detail);
	snprintf(id, sizeof(id), "wrong-name::%s", suite_string(t, "name"));
	suite_count(s, id, false, got, detail);
	got = suite_verify(POLICY, store, leaf, rest, PURPOSE, host, at + 400 * 86400, detail);
	snprintf(id, sizeof(id), "expired::%s", suite_string(t, "name"));
	suite_count(s, id, false, got, detail);
	got = suite_verify(POLICY, store, leaf, NULL, PURPOSE, host, at, detail);
	snprintf(id, sizeof(id), "no-intermediate::%s", suite_string(t, "name"));
	suite_count(s, id, false, got, detail);
	got = suite_verify(POLICY, client, leaf, rest, PURPOSE, host, at, detail);
	snprintf(id, sizeof(id), "other-purpose::%s", suite_string(t, "name"));
	suite_count(s, id, false, got, detail);
	json_decref(rest);
	capcert_store_free(store);
	capcert_store_free(client);
}

int main(int argc, char **argv)
{
	struct suite s = { .name = "real-chains" };
	const json_t *t;
	json_t *root;
	size_t i;
	int r;

	if (argc < 2)
		suite_die("usage", "real_chains FILE.json [-v]");
	s.verbose = argc > 2 && !strcmp(argv[2], "-v");
	root = suite_load(argv[1]);
	json_array_foreach(root, i, t) run_case(&s, t);
	r = suite_end(&s, false);
	json_decref(root);
	return r;
}
