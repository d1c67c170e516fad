/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the conformance runners share: cases from JSON, the list of exceptions, the count. */
#ifndef TESTS_CONFORMANCE_SUITE_H
#define TESTS_CONFORMANCE_SUITE_H

#include <capcert/report.h>
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SUITE_SPACES 32

/* One line of the exceptions: "ID RESULT why", RESULT being ours: SUCCESS or FAILURE. */
struct suite_exception {
	char *id;
	bool success;
	bool used;
	struct suite_exception *next;
};

struct suite {
	const char *name;
	struct suite_exception *exceptions;
	struct {
		char name[64];
		unsigned int agree, listed, disagree;
	} spaces[SUITE_SPACES];
	unsigned int space_count, agree, disagree, listed, skipped;
	bool verbose;
};

static inline void suite_die(const char *what, const char *which)
{
	fprintf(stderr, "%s: %s\n", what, which);
	exit(2);
}

static inline void suite_load_exceptions(struct suite *s, const char *path)
{
	char line[1024], id[512], result[16];
	FILE *f = fopen(path, "r");

	if (!f)
		suite_die("cannot open the exceptions", path);
	while (fgets(line, sizeof(line), f)) {
		struct suite_exception *e;
		int at = 0;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		if (sscanf(line, "%511s %15s %n", id, result, &at) != 2 || !at || !line[at] ||
		    (strcmp(result, "SUCCESS") && strcmp(result, "FAILURE")))
			suite_die("an exception needs id, result and reason", line);
		e = calloc(1, sizeof(*e));
		if (!e || !(e->id = strdup(id)))
			suite_die("out of memory", path);
		e->success = !strcmp(result, "SUCCESS");
		e->next = s->exceptions;
		s->exceptions = e;
	}
	fclose(f);
}

static inline unsigned int suite_space(struct suite *s, const char *id)
{
	const char *end = strstr(id, "::"), *next = end ? strstr(end + 2, "::") : NULL;
	char name[64];
	unsigned int i;

	/* Two levels where there are three. */
	snprintf(name, sizeof(name), "%.*s", (int)((next ? next : end ? end : id + strlen(id)) - id),
		 id);
	for (i = 0; i < s->space_count; i++)
		if (!strcmp(s->spaces[i].name, name))
			return i;
	if (s->space_count == SUITE_SPACES)
		suite_die("too many namespaces", id);
	snprintf(s->spaces[i].name, sizeof(s->spaces[i].name), "%s", name);
	s->space_count++;
	return i;
}

/* Count one case. A listed disagreement is expected; a listed case that agrees is a failure. */
static inline void suite_count(struct suite *s, const char *id, bool expected, bool got,
			       const char *detail)
{
	unsigned int space = suite_space(s, id);
	struct suite_exception *e;

	for (e = s->exceptions; e && strcmp(e->id, id); e = e->next)
		;
	if (e)
		e->used = true;
	if (got == expected && !e) {
		s->agree++;
		s->spaces[space].agree++;
		if (s->verbose)
			printf("# agree %s %s: %s\n", id, got ? "SUCCESS" : "FAILURE", detail);
		return;
	}
	if (e && got != expected && got == e->success) {
		s->listed++;
		s->spaces[space].listed++;
		return;
	}
	s->disagree++;
	s->spaces[space].disagree++;
	printf("not ok - %s: expected %s, got %s%s: %s\n", id, expected ? "SUCCESS" : "FAILURE",
	       got ? "SUCCESS" : "FAILURE", e ? ", and it is in the list of exceptions" : "", detail);
}

/* The summary; exit status 0 only if every case agrees or is listed. */
static inline int suite_end(struct suite *s, bool pkits)
{
	struct suite_exception *e;
	unsigned int i;

	for (i = 0; i < s->space_count; i++)
		printf("%s - %s::%s %u agree, %u listed, %u disagree\n",
		       s->spaces[i].disagree ? "not ok" : "ok", s->name, s->spaces[i].name,
		       s->spaces[i].agree, s->spaces[i].listed, s->spaces[i].disagree);
	for (e = s->exceptions; e; e = e->next)
		if (!e->used && !strncmp(e->id, "pkits::", 7) == pkits)
			printf("# exception for a case that is not in this file: %s\n", e->id);
	printf("# %s: %u disagreements are accepted, each with its reason in the exceptions\n", s->name,
	       s->listed);
	printf("%s: %u agree, %u disagree, %u skipped\n", s->name, s->agree, s->disagree, s->skipped);
	while (s->exceptions) {
		e = s->exceptions->next;
		free(s->exceptions->id);
		free(s->exceptions);
		s->exceptions = e;
	}
	return s->disagree ? 1 : 0;
}

static inline const char *suite_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "2024-01-01T00:00:00.005+00:00", seconds rounded down; null = now. */
static inline int64_t suite_time(const char *text)
{
	struct tm tm = { 0 };

	if (!text)
		return time(NULL);
	if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm))
		suite_die("not a time", text);
	return timegm(&tm);
}

static inline json_t *suite_load(const char *path)
{
	json_error_t error;
	json_t *root = json_load_file(path, 0, &error);

	if (!root)
		suite_die(path, error.text);
	return root;
}

/* Certificates of a JSON array into a store; what does not parse is not trusted. */
static inline capcert_store *suite_store(const json_t *pems, uint32_t purposes)
{
	capcert_store *store;
	size_t i, n;

	if (capcert_store_new(&store) < 0)
		suite_die("out of memory", "store");
	for (i = 0; i < json_array_size(pems); i++) {
		const char *pem = json_string_value(json_array_get(pems, i));
		capcert_cert *cert;
		const uint8_t *der;

		if (capcert_cert_new((const uint8_t *)pem, strlen(pem), &cert, NULL) < 0)
			continue;
		der = capcert_cert_der(cert, &n);
		capcert_store_put(store, der, n, purposes);
		capcert_cert_free(cert);
	}
	return store;
}

/* Appends; a certificate that does not parse is left out, as the engine would. 0 or -errno. */
static inline int suite_push(capcert_chain *chain, const char *pem)
{
	capcert_cert *cert;
	int r = capcert_cert_new((const uint8_t *)pem, strlen(pem), &cert, NULL);

	if (r < 0)
		return r;
	r = capcert_chain_push(chain, cert);
	capcert_cert_free(cert);
	return r;
}

/* The verdict, asked for twice: a report of it must not change a bit. */
static inline int suite_both(const capcert_policy *policy, const capcert_store *store,
			     const struct capcert_params *params, struct capcert_result *ret)
{
	struct capcert_result again;
	capcert_report *report;
	int r = capcert_verify_local(policy, store, NULL, params, ret);

	if (r < 0)
		return r;
	if (capcert_verify_local_report(policy, store, NULL, params, &again, &report) < 0)
		suite_die("no report", ret->outcome.detail);
	if (memcmp(ret, &again, sizeof(again)) || (ret->path_count && !report->note_count &&
						   !report->path_count) ||
	    (report->path_count && report->paths[0].valid != (int)ret->outcome.valid))
		suite_die("a report has changed the verdict", ret->outcome.detail);
	capcert_report_free(report);
	return 0;
}

/* One verification. @leaf, @others: PEM. The detail goes to @detail. */
static inline bool suite_verify(const char *policy_text, const capcert_store *store,
				const char *leaf, const json_t *others, uint32_t purpose,
				const char *name, int64_t at, char detail[512])
{
	struct capcert_params params = { 0 };
	struct capcert_result result;
	capcert_policy *policy;
	capcert_chain *chain;
	const char *error;
	size_t i;
	int r;

	if (capcert_policy_new(policy_text, &policy, &error) < 0)
		suite_die(policy_text, error);
	if (capcert_chain_new(&chain) < 0)
		suite_die("out of memory", "chain");
	r = suite_push(chain, leaf);
	for (i = 0; r == 0 && i < json_array_size(others); i++) {
		r = suite_push(chain, json_string_value(json_array_get(others, i)));
		if (r == -EBADMSG)
			r = 0;
	}
	params.chain = chain;
	params.purpose = purpose;
	params.name = name;
	params.have_time = 1;
	params.time = at;
	if (r == 0)
		r = suite_both(policy, store, &params, &result);
	capcert_chain_free(chain);
	capcert_policy_free(policy);
	if (r < 0) {
		snprintf(detail, 512, "refused: %s", r == -EBADMSG ? "malformed" : strerror(-r));
		return false;
	}
	snprintf(detail, 512, "%s: %s", capcert_reason_name(result.outcome.reason),
		 result.outcome.detail);
	return result.outcome.valid;
}

#endif
