/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the conformance runners share: their options, accepted disagreements, and the count. */
#ifndef TESTS_CONFORMANCE_SUITE_H
#define TESTS_CONFORMANCE_SUITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <capcert/report.h>

#define SUITE_CATEGORIES 64
#define SUITE_DETAIL 512

struct suite {
	const char *name;
	const char *exceptions_path; /* --exceptions, or the list beside the source */
	const char *profile;	     /* --profile; NULL: the case's own */
	const char *prefix;	     /* --id: only cases that begin so */
	bool verbose;
	json_t *exceptions; /* by id */
	struct {
		char name[64];
		unsigned int agree, accepted, disagree, skipped;
	} categories[SUITE_CATEGORIES];
	unsigned int category_count, agree, accepted, disagree, skipped;
};

/** suite_die() - say what is wrong with @which, and exit with status 2. */
void suite_die(const char *what, const char *which) __attribute__((noreturn));

/** suite_open() - read the command line and the exceptions.
 *  Return: the suite's file, which the caller releases. */
json_t *suite_open(struct suite *s, const char *name, int argc, char **argv);

/** suite_wants() - is the case to be run? A case that is listed to be skipped is counted here. */
bool suite_wants(struct suite *s, const char *id);

/** suite_count() - one verdict. An accepted disagreement is counted apart; a listed case that
 *  agrees, or disagrees in another way than listed, is a disagreement. */
void suite_count(struct suite *s, const char *id, bool expected, bool got, const char *detail);

/** suite_unable() - the case asks for something that cannot be expressed: a disagreement, unless
 *  the list says to skip it. */
void suite_unable(struct suite *s, const char *id, const char *why);

/** suite_end() - the summary. Return: exit status, 0 only when nothing disagrees. */
int suite_end(struct suite *s);

/** suite_string() - member @key of @object, NULL when it is no string. */
const char *suite_string(const json_t *object, const char *key);

/* ---- one verification ---- */

/* With revocation lists: each certificate but the anchor needs one that counts. A list without
 * nextUpdate counts for as long as a policy can say. */
#define SUITE_CRL_POLICY \
	";revocation=crl;revocation_mode=hard;revocation_scope=chain;max_age=3650d"

struct suite_request {
	const char *policy; /* text */
	const capcert_store *store;
	const char *leaf;     /* PEM */
	const json_t *others; /* PEM strings; NULL = none */
	const json_t *crls;   /* the same */
	uint32_t purpose;
	const json_t *name;   /* string; NULL = no name */
	uint32_t name_type;   /* CAPCERT_NAME_* that it must be, with @name */
	int64_t at;
};

/** suite_verify() - through capcert_verify_local(). @detail: what was the matter, for people. */
bool suite_verify(const struct suite_request *request, char detail[SUITE_DETAIL]);

/** suite_store() - PEM strings as anchors; what does not parse is not trusted. */
capcert_store *suite_store(const json_t *pems, uint32_t purposes);

/** suite_time() - a time of a case, seconds rounded down; NULL is now. */
int64_t suite_time(const char *text);

/** suite_time_parse() - seconds since 1970, YYYY-MM-DD, or RFC 3339. */
bool suite_time_parse(const char *text, int64_t *ret);

/** suite_load() - a JSON file, plain or compressed by xz, whatever its name. */
json_t *suite_load(const char *path);

#endif
