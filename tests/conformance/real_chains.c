// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Runs real chains at their time: valid for their host, and invalid in four altered ways. */
#include <stdio.h>
#include <string.h>
#include "tests/conformance/suite.h"

#define PURPOSE CAPCERT_PURPOSE_TLS_SERVER_AUTH
#define YEAR_AND_MORE (400 * 86400)

/* The lenient preset: these chains come with no staple and no list of CT logs. */
#define POLICY "preset=webpki-lenient;time=any"

static void judge(struct suite *s, const char *how, const json_t *t, bool expected,
		  const struct suite_request *q)
{
	char id[256], detail[SUITE_DETAIL];
	bool got;

	snprintf(id, sizeof(id), "%s::%s", how, suite_string(t, "name"));
	if (!suite_wants(s, id))
		return;
	got = suite_verify(q, detail);
	suite_count(s, id, expected, got, detail);
}

/* @q is valid; each other is that with one thing changed. */
static void judge_all(struct suite *s, const json_t *t, const struct suite_request *q,
		      const capcert_store *client)
{
	json_t *wrong = json_string("wrong.example");
	struct suite_request other;

	judge(s, "valid", t, true, q);
	other = *q;
	other.name = wrong;
	judge(s, "wrong-name", t, false, &other);
	other = *q;
	other.at += YEAR_AND_MORE;
	judge(s, "expired", t, false, &other);
	other = *q;
	other.others = NULL;
	judge(s, "no-intermediate", t, false, &other);
	other = *q;
	other.store = client;
	judge(s, "other-purpose", t, false, &other);
	json_decref(wrong);
}

static void run_case(struct suite *s, const json_t *t)
{
	const json_t *chain = json_object_get(t, "chain"), *roots = json_object_get(t, "roots");
	capcert_store *store = suite_store(roots, 1u << PURPOSE);
	capcert_store *client = suite_store(roots, 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
	json_t *rest = json_array();
	struct suite_request q = { .policy = POLICY,
				   .store = store,
				   .leaf = json_string_value(json_array_get(chain, 0)),
				   .others = rest,
				   .purpose = PURPOSE,
				   .name = json_object_get(t, "host"),
				   .name_type = CAPCERT_NAME_DNS,
				   .at = suite_time(suite_string(t, "validation_time")) };
	size_t i;

	for (i = json_array_size(chain); i-- > 1;) /* backwards: the order is only a hint */
		json_array_append(rest, json_array_get(chain, i));
	judge_all(s, t, &q, client);
	json_decref(rest);
	capcert_store_free(store);
	capcert_store_free(client);
}

int main(int argc, char **argv)
{
	struct suite s;
	json_t *root = suite_open(&s, "real-chains", argc, argv), *t;
	size_t i;
	int r;

	json_array_foreach(root, i, t) run_case(&s, t);
	r = suite_end(&s);
	json_decref(root);
	return r;
}
