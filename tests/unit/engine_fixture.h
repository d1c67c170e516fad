/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the engine's tests share: one call that verifies, and a small honest hierarchy. */
#ifndef TESTS_UNIT_ENGINE_FIXTURE_H
#define TESTS_UNIT_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <cmocka.h>
#include <capcert/report.h>
#include "tests/pki.h"

#define TLS_SERVER CAPCERT_PURPOSE_TLS_SERVER_AUTH
#define RFC5280 "profile=rfc5280;time=any"
#define WEBPKI "profile=webpki;time=any"
#define HOST "www.example.com"

/* What to verify; zero fields have the usual value. */
struct question {
	const char *policy; /* RFC5280 */
	struct pki *chain[70];
	struct pki *anchors[8];
	const capcert_distrust_list *distrust;
	const capcert_evidence *evidence;
	const capcert_pins *pins;
	const capcert_loglist *logs;
	uint32_t purpose, store_purposes; /* TLS server, the same */
	const char *name; /* HOST; "" = none */
	int64_t at;	  /* relative to PKI_NOW */
};

static inline capcert_store *make_store(struct pki *const *anchors, uint32_t purposes)
{
	capcert_store *store;
	size_t i;

	assert_int_equal(capcert_store_new(&store), 0);
	for (i = 0; i < 8 && anchors[i]; i++)
		assert_int_equal(capcert_store_put(store, anchors[i]->der.data, anchors[i]->der.size,
						   purposes), 0);
	return store;
}

static inline capcert_chain *make_chain(struct pki *const *certs)
{
	capcert_chain *chain;
	size_t i;

	assert_int_equal(capcert_chain_new(&chain), 0);
	for (i = 0; i < 70 && certs[i]; i++) {
		capcert_cert *cert;

		assert_int_equal(capcert_cert_new(certs[i]->der.data, certs[i]->der.size, &cert, NULL),
				 0);
		assert_int_equal(capcert_chain_push(chain, cert), 0);
		capcert_cert_free(cert);
	}
	return chain;
}

static inline struct capcert_result ask(const struct question *q)
{
	struct capcert_params params = { .purpose = q->purpose, .have_time = 1,
					 .time = PKI_NOW + q->at };
	uint32_t purposes = q->store_purposes ? q->store_purposes : 1u << q->purpose;
	capcert_store *store = make_store(q->anchors, purposes);
	capcert_chain *chain = make_chain(q->chain);
	struct capcert_result result, again;
	const char *error = "";
	capcert_policy *policy;
	capcert_report *report;

	if (capcert_policy_new(q->policy ? q->policy : RFC5280, &policy, &error))
		fail_msg("%s", error);
	params.chain = chain;
	params.evidence = q->evidence;
	params.pins = q->pins;
	params.logs = q->logs;
	params.name = q->name ? *q->name ? q->name : NULL : HOST;
	memset(&result, 0, sizeof(result));
	memset(&again, 0, sizeof(again));
	assert_int_equal(capcert_verify_local(policy, store, q->distrust, &params, &result), 0);
	/* Same question, same answer, whatever the signature memo knows by now. */
	assert_int_equal(capcert_verify_local(policy, store, q->distrust, &params, &again), 0);
	assert_memory_equal(&result, &again, sizeof(result));
	/* Nor does a report change the verdict. */
	memset(&again, 0, sizeof(again));
	assert_int_equal(capcert_verify_local_report(policy, store, q->distrust, &params, &again,
						     &report), 0);
	assert_memory_equal(&result, &again, sizeof(result));
	capcert_report_free(report);
	assert_int_equal(result.outcome.reason == CAPCERT_REASON_NONE, result.outcome.valid);
	assert_true(result.outcome.valid_from <= params.time &&
		    params.time <= result.outcome.valid_until);
	assert_non_null(memchr(result.outcome.detail, 0, sizeof(result.outcome.detail)));
	assert_true(result.outcome.detail[0] != '\0');
	capcert_policy_free(policy);
	capcert_chain_free(chain);
	capcert_store_free(store);
	return result;
}

/* Ask, and hold the reason against @reason (CAPCERT_REASON_NONE = valid) and @depth. */
#define expect_reason(q, want, at_depth)                                                        \
	do {                                                                                    \
		struct capcert_result er_ = ask(q);                                             \
                                                                                                \
		if (er_.outcome.reason != (want) || er_.outcome.depth != (at_depth))            \
			fail_msg("line %d: %s at %u: %s", __LINE__,                             \
				 capcert_reason_name(er_.outcome.reason), er_.outcome.depth,    \
				 er_.outcome.detail);                                           \
		if ((want) != CAPCERT_REASON_NONE && er_.path_count)                            \
			assert_true(er_.path[er_.outcome.depth].reason != CAPCERT_REASON_NONE || \
				    er_.outcome.reason == CAPCERT_REASON_BUDGET_EXHAUSTED ||    \
				    er_.outcome.reason == CAPCERT_REASON_MALFORMED);            \
	} while (0)
#define expect_valid(q) expect_reason(q, CAPCERT_REASON_NONE, 0)

/* An honest hierarchy: root, intermediate, leaf for HOST. */
struct family {
	struct pki *root, *ca, *leaf;
};
#define ROOT_SPEC .cn = "Root", .org = "Test", .ca = true
#define CA_SPEC .cn = "CA", .org = "Test", .ca = true
#define LEAF_SPEC .cn = HOST, .dns = { HOST }

static inline struct pki *make_root(void)
{
	struct pki_spec s = { ROOT_SPEC };

	return pki_make(&s, NULL);
}

static inline struct pki *make_ca(struct pki *root)
{
	struct pki_spec s = { CA_SPEC };

	return pki_make(&s, root);
}

static inline struct pki *make_leaf(struct pki *ca)
{
	struct pki_spec s = { LEAF_SPEC };

	return pki_make(&s, ca);
}

static inline struct family make_family(void)
{
	struct family f;

	f.root = make_root();
	f.ca = make_ca(f.root);
	f.leaf = make_leaf(f.ca);
	return f;
}

static inline void free_family(struct family *f)
{
	pki_free(f->root);
	pki_free(f->ca);
	pki_free(f->leaf);
}

/* Chain leaf + CA against the root, where one of the three is made after @spec. */
static inline void expect_leaf(const struct pki_spec *spec, const char *policy, uint32_t purpose,
			       const char *name, int32_t reason)
{
	struct pki *root = make_root(), *ca = make_ca(root), *leaf = pki_make(spec, ca);
	struct question q = { .policy = policy, .chain = { leaf, ca }, .anchors = { root },
			      .purpose = purpose, .name = name };

	expect_reason(&q, reason, 0);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

static inline void expect_ca(const struct pki_spec *spec, const struct pki_spec *leaf_spec,
			     const char *policy, int32_t reason, uint32_t depth)
{
	struct pki_spec plain = { LEAF_SPEC };
	struct pki *root = make_root(), *ca = pki_make(spec, root);
	struct pki *leaf = pki_make(leaf_spec ? leaf_spec : &plain, ca);
	struct question q = { .policy = policy, .chain = { leaf, ca }, .anchors = { root } };

	if (leaf_spec && !leaf_spec->dns[0])
		q.name = "";
	expect_reason(&q, reason, depth);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

#endif
