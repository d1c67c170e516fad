// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Judges cases that other projects' suites were translated into: judge CASES.json.
 *
 * A case: id, time, purpose (number), policy (text), name (or null), chain and roots and distrust
 * (lists of PEM, leaf first; distrust is of keys), purposes (of each root, a mask); or id and parse (PEM) alone.
 * Prints one JSON object a line: id, valid, reason, detail. */
#include <capcert/verify.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const char *which)
{
	fprintf(stderr, "judge: %s: %s\n", what, which);
	exit(2);
}

static const char *string(const json_t *t, const char *key)
{
	return json_string_value(json_object_get(t, key));
}

/* NULL: it cannot be read, and *@ret_error says why. */
static capcert_cert *cert_of(const json_t *pem, const char **ret_error)
{
	const char *text = json_string_value(pem);
	capcert_cert *cert;

	if (!text)
		die("not a certificate", "null");
	if (capcert_cert_new((const uint8_t *)text, strlen(text), &cert, ret_error) < 0)
		return NULL;
	return cert;
}

/* What cannot be read is not trusted. */
static capcert_store *store_of(const json_t *t)
{
	const json_t *roots = json_object_get(t, "roots");
	const json_t *purposes = json_object_get(t, "purposes");
	capcert_store *store;
	size_t i, n;

	if (capcert_store_new(&store) < 0)
		die("out of memory", "store");
	for (i = 0; i < json_array_size(roots); i++) {
		capcert_cert *cert = cert_of(json_array_get(roots, i), NULL);
		uint32_t mask = (uint32_t)json_integer_value(json_array_get(purposes, i));
		const uint8_t *der;

		if (!cert)
			continue;
		der = capcert_cert_der(cert, &n);
		capcert_store_put(store, der, n, mask);
		capcert_cert_free(cert);
	}
	return store;
}

static capcert_distrust_list *distrust_of(const json_t *t)
{
	const json_t *pems = json_object_get(t, "distrust");
	capcert_distrust_list *list;
	uint8_t sum[32];
	size_t i;

	if (capcert_distrust_list_new(&list) < 0)
		die("out of memory", "distrust list");
	for (i = 0; i < json_array_size(pems); i++) {
		capcert_cert *cert = cert_of(json_array_get(pems, i), NULL);

		if (!cert)
			continue;
		capcert_cert_spki_hash(cert, CAPCERT_HASH_SHA256, sum);
		capcert_distrust_list_add(list, CAPCERT_DISTRUST_SPKI, sum, sizeof(sum));
		capcert_cert_free(cert);
	}
	return list;
}

/* NULL: the leaf cannot be read. An issuer that cannot be read is left out. */
static capcert_chain *chain_of(const json_t *t, const char **ret_error)
{
	const json_t *pems = json_object_get(t, "chain");
	capcert_chain *chain;
	size_t i;

	if (capcert_chain_new(&chain) < 0)
		die("out of memory", "chain");
	for (i = 0; i < json_array_size(pems); i++) {
		capcert_cert *cert = cert_of(json_array_get(pems, i), i ? NULL : ret_error);

		if (!cert && i == 0) {
			capcert_chain_free(chain);
			return NULL;
		}
		if (!cert)
			continue;
		if (capcert_chain_push(chain, cert) < 0)
			die("the chain is too long", string(t, "id"));
		capcert_cert_free(cert);
	}
	return chain;
}

static void print(const json_t *t, int valid, const char *reason, const char *detail)
{
	json_t *line = json_pack("{s:s, s:b, s:s, s:s}", "id", string(t, "id"), "valid", valid,
				 "reason", reason, "detail", detail);

	if (!line)
		die("cannot write a verdict", string(t, "id"));
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(line);
}

static void verify(const json_t *t)
{
	struct capcert_params params = { 0 };
	struct capcert_result result;
	capcert_distrust_list *distrust = distrust_of(t);
	capcert_store *store = store_of(t);
	const char *error = NULL;
	capcert_chain *chain = chain_of(t, &error);
	capcert_policy *policy;
	int r;

	if (!chain) {
		print(t, 0, "malformed", error ? error : "");
		capcert_store_free(store);
		capcert_distrust_list_free(distrust);
		return;
	}
	if (capcert_policy_new(string(t, "policy"), &policy, &error) < 0)
		die(string(t, "policy"), error);
	params.chain = chain;
	params.purpose = (uint32_t)json_integer_value(json_object_get(t, "purpose"));
	params.name = string(t, "name");
	params.have_time = 1;
	params.time = json_integer_value(json_object_get(t, "time"));
	r = capcert_verify_local(policy, store, distrust, &params, &result);
	if (r < 0 && r != -EINVAL)
		die(string(t, "id"), strerror(-r));
	if (r == -EINVAL)
		print(t, 0, "nameMismatch", "nobody can have the name that is asked for");
	else
		print(t, result.outcome.valid == 1, capcert_reason_name(result.outcome.reason),
		      result.outcome.detail);
	capcert_chain_free(chain);
	capcert_policy_free(policy);
	capcert_store_free(store);
	capcert_distrust_list_free(distrust);
}

static void parse(const json_t *t)
{
	const char *error = NULL;
	capcert_cert *cert = cert_of(json_object_get(t, "parse"), &error);

	if (!cert) {
		print(t, 0, "malformed", error ? error : "");
		return;
	}
	print(t, 1, "none", "parsed");
	capcert_cert_free(cert);
}

int main(int argc, char **argv)
{
	json_error_t error;
	json_t *cases, *t;
	size_t i;

	if (argc != 2)
		die("usage", "judge CASES.json");
	cases = json_load_file(argv[1], 0, &error);
	if (!cases)
		die(argv[1], error.text);
	json_array_foreach(cases, i, t)
	{
		if (json_object_get(t, "parse"))
			parse(t);
		else
			verify(t);
	}
	json_decref(cases);
	return 0;
}
