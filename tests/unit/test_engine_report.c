// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reports: the paths there were, what each fails on, and what was left aside. */
#include "libcapcert/report.h"
#include "tests/unit/engine_fixture.h"

static struct pki *ca_of(const char *cn, const struct pki *key_of, struct pki *issuer)
{
	struct pki_spec s = { .cn = cn, .org = "Test", .ca = true, .key_of = key_of };

	return pki_make(&s, issuer);
}

/* Ask with a report; ask() has shown that the verdict is the same without. */
static capcert_report *report_of(const struct question *q, struct capcert_result *ret)
{
	struct capcert_params params = { .purpose = q->purpose,
					 .have_time = 1,
					 .time = PKI_NOW + q->at };
	uint32_t purposes = q->store_purposes ? q->store_purposes : 1u << q->purpose;
	capcert_store *store = make_store(q->anchors, purposes);
	capcert_chain *chain = make_chain(q->chain);
	capcert_report *report;
	capcert_policy *policy;

	*ret = ask(q);
	assert_int_equal(capcert_policy_new(q->policy ? q->policy : RFC5280, &policy, NULL), 0);
	params.chain = chain;
	params.name = q->name ? *q->name ? q->name : NULL : HOST;
	assert_int_equal(
		capcert_verify_local_report(policy, store, q->distrust, &params, ret, &report), 0);
	/* What the caller gave may go: the report stands by itself. */
	capcert_policy_free(policy);
	capcert_chain_free(chain);
	capcert_store_free(store);
	return report;
}

static const struct capcert_report_cert *cert_at(const capcert_report *r, uint32_t path,
						 uint32_t step)
{
	assert_true(path < r->path_count && step < r->paths[path].count);
	return &r->certs[r->paths[path].steps[step].cert];
}

static bool is(const struct capcert_report_cert *cert, const struct pki *p)
{
	size_t len;
	const uint8_t *der = cert->cert ? capcert_cert_der(cert->cert, &len) : NULL;

	return der && len == p->der.size && memcmp(der, p->der.data, len) == 0;
}

/* The note of @kind about @cert (and @issuer, when not NULL), or NULL. */
static const struct capcert_report_note *find_note(const capcert_report *r, uint32_t kind,
						   const struct pki *cert, const struct pki *issuer)
{
	uint32_t i;

	for (i = 0; i < r->note_count; i++) {
		const struct capcert_report_note *n = &r->notes[i];

		if (n->kind == kind && is(&r->certs[n->cert], cert) &&
		    (!issuer ||
		     (n->issuer != CAPCERT_REPORT_NO_CERT && is(&r->certs[n->issuer], issuer))))
			return n;
	}
	return NULL;
}

static void test_valid(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);
	uint32_t i;

	assert_true(result.outcome.valid);
	assert_int_equal(r->path_count, 1);
	assert_true(r->paths[0].valid && r->paths[0].complete);
	assert_int_equal(r->paths[0].count, 3);
	assert_true(is(cert_at(r, 0, 0), f.leaf) && is(cert_at(r, 0, 1), f.ca) &&
		    is(cert_at(r, 0, 2), f.root));
	assert_int_equal(cert_at(r, 0, 1)->source, CAPCERT_SOURCE_CHAIN);
	assert_int_equal(cert_at(r, 0, 1)->index, 1);
	assert_int_equal(cert_at(r, 0, 2)->source, CAPCERT_SOURCE_ANCHOR);
	assert_int_equal(cert_at(r, 0, 2)->purposes, 1u << TLS_SERVER);
	assert_string_equal(cert_at(r, 0, 1)->issuer, cert_at(r, 0, 2)->subject);
	for (i = 0; i < 3; i++) {
		const struct capcert_report_step *s = &r->paths[0].steps[i];

		assert_int_equal(s->reason, CAPCERT_REASON_NONE);
		assert_null(s->text);
		assert_int_equal(s->link, i < 2 ? CAPCERT_LINK_GOOD : CAPCERT_LINK_NONE);
		assert_memory_equal(cert_at(r, 0, i)->fingerprint, result.path[i].fingerprint, 32);
	}
	assert_int_equal(r->note_count, 0);
	assert_int_equal(r->budget_count, 5);
	assert_string_equal(r->budgets[0].name, "signature checks");
	assert_int_equal(r->budgets[0].used, 2);
	assert_int_equal(r->budgets[2].used, 1);
	assert_true(r->budgets[2].limit > 1);
	assert_false(r->unfinished);
	capcert_report_free(r);
	capcert_report_free(NULL);
	free_family(&f);
}

/* One root's cross-sign below an expired one: both ways are told, whichever is asked first. */
static void test_cross_sign(void **state)
{
	struct pki_spec old_spec = { .cn = "Old Root",
				     .org = "Test",
				     .ca = true,
				     .from = -90 * PKI_DAY,
				     .until = -PKI_DAY };
	struct pki *old_root = pki_make(&old_spec, NULL), *root = make_root();
	struct pki *crossed = ca_of("Root", root, old_root);
	struct pki *ca = make_ca(root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca, crossed }, .anchors = { old_root, root } };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);

	assert_true(result.outcome.valid);
	assert_int_equal(r->path_count, 2);
	assert_true(r->paths[0].valid);
	assert_int_equal(r->paths[0].count, 3);
	assert_false(r->paths[1].valid);
	assert_true(r->paths[1].complete);
	assert_int_equal(r->paths[1].count, 4);
	assert_int_equal(r->paths[1].steps[3].reason, CAPCERT_REASON_EXPIRED);
	assert_true(is(cert_at(r, 1, 3), old_root));
	assert_non_null(find_note(r, CAPCERT_NOTE_UNSOUND, old_root, NULL));
	capcert_report_free(r);
	/* Without the new root in the store there is one path, and it fails. */
	q.anchors[1] = NULL;
	r = report_of(&q, &result);
	assert_int_equal(result.outcome.reason, CAPCERT_REASON_EXPIRED);
	assert_int_equal(r->path_count, 1);
	assert_null(strstr(result.outcome.detail, "other path"));
	capcert_report_free(r);
	pki_free(leaf);
	pki_free(ca);
	pki_free(crossed);
	pki_free(root);
	pki_free(old_root);
}

/* Three certificates of one issuer, each with another fault: the detail counts the others. */
static void test_others_fail_too(void **state)
{
	struct pki *root = make_root(), *ca = make_ca(root), *leaf = make_leaf(ca);
	struct pki_spec expired_spec = { CA_SPEC, .key_of = ca, .from = -9 * PKI_DAY, .until = -1 };
	struct pki_spec client_spec = { CA_SPEC, .key_of = ca,
					.eku = { GNUTLS_KP_TLS_WWW_CLIENT } };
	struct pki_spec narrow_spec = { CA_SPEC, .key_of = ca, .permit_dns = "example.org" };
	struct pki *expired = pki_make(&expired_spec, root), *client = pki_make(&client_spec, root);
	struct pki *narrow = pki_make(&narrow_spec, root);
	struct question q = { .chain = { leaf, expired, client, narrow }, .anchors = { root } };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);

	assert_int_equal(result.outcome.reason, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION);
	assert_non_null(strstr(result.outcome.detail, "; 2 other paths fail too"));
	assert_int_equal(r->path_count, 3);
	/* The verdict's path first, then as they were tried. */
	assert_true(is(cert_at(r, 0, 1), narrow));
	assert_true(is(cert_at(r, 1, 1), expired));
	assert_true(is(cert_at(r, 2, 1), client));
	assert_int_equal(r->paths[1].steps[1].reason, CAPCERT_REASON_EXPIRED);
	assert_int_equal(r->paths[2].steps[1].reason, CAPCERT_REASON_BAD_EKU);
	/* Which name, which constraint, whose. */
	assert_string_equal(r->paths[0].steps[0].detail,
			    "dNSName www.example.com is not within example.org, to which names are "
			    "limited by O=Test,CN=CA");
	capcert_report_free(r);
	pki_free(narrow);
	pki_free(client);
	pki_free(expired);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

static void test_excluded_name(void **state)
{
	struct pki_spec ca_spec = { CA_SPEC, .exclude_dns = "example.com" };
	struct pki *root = make_root(), *ca = pki_make(&ca_spec, root), *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca }, .anchors = { root } };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);

	assert_int_equal(result.outcome.reason, CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION);
	assert_string_equal(r->paths[0].steps[0].detail,
			    "dNSName www.example.com is within example.com, which is excluded by "
			    "O=Test,CN=CA");
	capcert_report_free(r);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

/* What never makes a path: malformed, repeated, of no use, of the name but not the signer. */
static void test_left_aside(void **state)
{
	struct family f = make_family();
	struct pki *stranger = ca_of("Stranger", NULL, NULL), *twin = ca_of("CA", NULL, f.root);
	struct question q = { .chain = { f.leaf, stranger, f.ca, f.ca, twin },
			      .anchors = { f.root } };
	struct capcert_result result;
	const struct capcert_report_note *n;
	capcert_report *r = report_of(&q, &result);

	assert_true(result.outcome.valid);
	assert_int_equal(r->path_count, 1);
	assert_non_null(find_note(r, CAPCERT_NOTE_UNUSED, stranger, NULL));
	assert_non_null(find_note(r, CAPCERT_NOTE_UNUSED, twin, NULL));
	n = find_note(r, CAPCERT_NOTE_REPEATED, f.ca, NULL);
	assert_non_null(n);
	assert_int_equal(r->certs[n->cert].index, 3);
	assert_non_null(find_note(r, CAPCERT_NOTE_BAD_SIGNATURE, f.leaf, twin));
	assert_null(find_note(r, CAPCERT_NOTE_BAD_SIGNATURE, f.leaf, f.ca));
	capcert_report_free(r);
	pki_free(twin);
	pki_free(stranger);
	free_family(&f);
}

static void test_malformed(void **state)
{
	struct family f = make_family();
	struct cc_span chain[3] = { cc_span(f.leaf->der.data, f.leaf->der.size),
				    cc_span(f.ca->der.data, f.ca->der.size - 1),
				    cc_span(f.ca->der.data, f.ca->der.size) };
	struct pki *anchors[8] = { f.root };
	capcert_store *store = make_store(anchors, 1u << TLS_SERVER);
	struct capcert_path_entry path[CAPCERT_MAX_PATH];
	struct capcert_agent_reply reply;
	struct engine_request request = { .chain = chain, .chain_count = 3, .time = PKI_NOW };
	struct cc_policy policy;
	capcert_report *ret;
	struct cc_policy_error error;

	assert_int_equal(cc_policy_parse(RFC5280, strlen(RFC5280), &policy, &error), 0);
	assert_int_equal(report_new(&request.report), 0);
	assert_int_equal(engine_verify(&policy, store, NULL, &request, &reply, path), 0);
	assert_int_equal(report_take(request.report, &ret), 0);
	assert_int_equal(reply.valid, 1);
	assert_int_equal(ret->notes[0].kind, CAPCERT_NOTE_MALFORMED);
	assert_int_equal(ret->notes[0].reason, CAPCERT_REASON_MALFORMED);
	assert_int_equal(ret->certs[ret->notes[0].cert].index, 1);
	assert_null(ret->certs[ret->notes[0].cert].cert);
	assert_non_null(ret->notes[0].text);
	capcert_report_free(ret);
	/* A malformed leaf: no path, and the note says which certificate. */
	chain[0].n--;
	assert_int_equal(report_new(&request.report), 0);
	assert_int_equal(engine_verify(&policy, store, NULL, &request, &reply, path), 0);
	assert_int_equal(report_take(request.report, &ret), 0);
	assert_int_equal(reply.reason, CAPCERT_REASON_MALFORMED);
	assert_int_equal(ret->path_count, 0);
	assert_int_equal(ret->note_count, 1);
	assert_int_equal(ret->certs[ret->notes[0].cert].index, 0);
	capcert_report_free(ret);
	capcert_store_free(store);
	free_family(&f);
}

static void test_other_purpose(void **state)
{
	struct family f = make_family();
	struct question q = { .chain = { f.leaf, f.ca },
			      .anchors = { f.root },
			      .store_purposes = 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH };
	struct capcert_result result;
	const struct capcert_report_note *n;
	capcert_report *r = report_of(&q, &result);

	assert_int_equal(result.outcome.reason, CAPCERT_REASON_UNKNOWN_ANCHOR);
	assert_int_equal(r->path_count, 1);
	assert_false(r->paths[0].complete);
	n = find_note(r, CAPCERT_NOTE_OTHER_PURPOSE, f.ca, f.root);
	assert_non_null(n);
	assert_int_equal(r->certs[n->issuer].purposes, 1u << CAPCERT_PURPOSE_TLS_CLIENT_AUTH);
	capcert_report_free(r);
	free_family(&f);
}

static void test_distrusted_anchor(void **state)
{
	struct family f = make_family();
	capcert_distrust_list *list;
	uint8_t fingerprint[32];
	size_t n = sizeof(fingerprint);
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	struct capcert_result result;
	capcert_report *r;

	assert_int_equal(capcert_distrust_list_new(&list), 0);
	PKI(gnutls_x509_crt_get_fingerprint(f.root->crt, GNUTLS_DIG_SHA256, fingerprint, &n));
	assert_int_equal(
		capcert_distrust_list_add(list, CAPCERT_DISTRUST_FINGERPRINT, fingerprint, n), 0);
	q.distrust = list;
	r = report_of(&q, &result);
	assert_int_equal(result.outcome.reason, CAPCERT_REASON_DISTRUSTED);
	assert_non_null(find_note(r, CAPCERT_NOTE_DISTRUSTED, f.root, NULL));
	assert_int_equal(r->paths[0].steps[2].reason, CAPCERT_REASON_DISTRUSTED);
	capcert_report_free(r);
	capcert_distrust_list_free(list);
	free_family(&f);
}

static void test_loop(void **state)
{
	struct pki *a = ca_of("A", NULL, NULL), *b = ca_of("B", NULL, NULL), *root = make_root();
	struct pki *a_by_b = ca_of("A", a, b), *b_by_a = ca_of("B", b, a), *leaf = make_leaf(a);
	struct question q = { .chain = { leaf, a_by_b, b_by_a }, .anchors = { root } };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);

	assert_int_equal(result.outcome.reason, CAPCERT_REASON_UNKNOWN_ANCHOR);
	assert_non_null(find_note(r, CAPCERT_NOTE_LOOP, b_by_a, a_by_b));
	capcert_report_free(r);
	pki_free(leaf);
	pki_free(b_by_a);
	pki_free(a_by_b);
	pki_free(root);
	pki_free(b);
	pki_free(a);
}

/* What the policy asks beyond trust is asked of every path. */
static void test_evidence(void **state)
{
	struct family f = make_family();
	struct pki *twin = ca_of("CA", f.ca, f.root);
	struct question q = { .chain = { f.leaf, f.ca, twin },
			      .anchors = { f.root },
			      .policy = RFC5280 ";min_scts=2" };
	struct capcert_result result;
	capcert_report *r = report_of(&q, &result);

	assert_int_equal(result.outcome.reason, CAPCERT_REASON_INSUFFICIENT_SCTS);
	assert_int_equal(r->path_count, 2);
	assert_false(r->paths[0].valid || r->paths[1].valid);
	assert_int_equal(r->paths[0].steps[0].reason, CAPCERT_REASON_INSUFFICIENT_SCTS);
	assert_int_equal(r->paths[1].steps[0].reason, CAPCERT_REASON_INSUFFICIENT_SCTS);
	capcert_report_free(r);
	pki_free(twin);
	free_family(&f);
}

/* Every CA signs every other: more paths than a report holds, and than there is budget for. */
static void test_bounds(void **state)
{
	enum { N = 7 };
	struct pki *self[N], *cross[N][N] = { { NULL } }, *root = make_root(), *leaf;
	struct question q = { .anchors = { root } };
	struct capcert_result result;
	capcert_report *r;
	char cn[32];
	int i, j, n = 1;

	for (i = 0; i < N; i++) {
		snprintf(cn, sizeof(cn), "Mesh %d", i);
		self[i] = ca_of(cn, NULL, NULL);
	}
	leaf = make_leaf(self[0]);
	q.chain[0] = leaf;
	for (i = 0; i < N; i++)
		for (j = 0; j < N; j++) {
			if (i == j)
				continue;
			snprintf(cn, sizeof(cn), "Mesh %d", i);
			cross[i][j] = ca_of(cn, self[i], self[j]);
			q.chain[n++] = cross[i][j];
		}
	r = report_of(&q, &result);
	assert_int_equal(result.outcome.reason, CAPCERT_REASON_BUDGET_EXHAUSTED);
	assert_int_equal(r->path_count, CAPCERT_REPORT_PATHS);
	assert_true(r->paths_dropped > 0);
	assert_true(r->unfinished);
	assert_true(r->note_count <= CAPCERT_REPORT_NOTES);
	for (i = 0, n = 0; (uint32_t)i < r->budget_count; i++) {
		assert_true(r->budgets[i].used <= r->budgets[i].limit);
		n += r->budgets[i].used == r->budgets[i].limit;
	}
	assert_int_equal(n, 1);
	capcert_report_free(r);
	for (i = 0; i < N; i++) {
		for (j = 0; j < N; j++)
			pki_free(cross[i][j]);
		pki_free(self[i]);
	}
	pki_free(leaf);
	pki_free(root);
}

static void test_names(void **state)
{
	assert_string_equal(capcert_note_name(CAPCERT_NOTE_MALFORMED), "malformed");
	assert_string_equal(capcert_note_name(CAPCERT_NOTE_LOOP), "loop");
	assert_string_equal(capcert_note_name(CAPCERT_NOTE_COUNT - 1), "otherPurpose");
	assert_null(capcert_note_name(CAPCERT_NOTE_COUNT));
	assert_string_equal(capcert_link_name(CAPCERT_LINK_UNSUPPORTED), "unsupported");
	assert_null(capcert_link_name(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_cross_sign),
		cmocka_unit_test(test_others_fail_too),
		cmocka_unit_test(test_excluded_name),
		cmocka_unit_test(test_left_aside),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_other_purpose),
		cmocka_unit_test(test_distrusted_anchor),
		cmocka_unit_test(test_loop),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
