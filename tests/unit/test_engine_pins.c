// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pins in a verification: they pass over paths and refuse some, and never make one good. */
#include <inttypes.h>
#include <capcert/pins.h>
#include "tests/unit/engine_fixture.h"

#define FLAGS (CAPCERT_OUTCOME_PINNED | CAPCERT_OUTCOME_PIN_MISMATCH | CAPCERT_OUTCOME_PINS_EXPIRED)

static capcert_pins *pins_new(const char *text)
{
	const char *error = "";
	capcert_pins *pins;

	if (capcert_pins_new(text, strlen(text), &pins, &error))
		fail_msg("%s: %s", text, error);
	return pins;
}

static void pin(capcert_pins *pins, const struct pki *of, uint32_t hash)
{
	uint8_t value[64];
	capcert_cert *cert;
	int n;

	assert_int_equal(capcert_cert_new(of->der.data, of->der.size, &cert, NULL), 0);
	n = capcert_cert_spki_hash(cert, hash, value);
	assert_true(n > 0);
	assert_int_equal(capcert_pins_add(pins, hash, value, (size_t)n), 0);
	capcert_cert_free(cert);
}

/* A set of one pin. */
static capcert_pins *pinned_to(const char *text, const struct pki *of)
{
	capcert_pins *pins = pins_new(text);

	pin(pins, of, CAPCERT_HASH_SHA256);
	return pins;
}

#define expect_pins(q, want, want_flags)                                                         \
	do {                                                                                     \
		struct capcert_result ep_ = ask(q);                                              \
                                                                                                 \
		if (ep_.outcome.reason != (want) || (ep_.outcome.flags & FLAGS) != (want_flags)) \
			fail_msg("line %d: %s, flags %x: %s", __LINE__,                          \
				 capcert_reason_name(ep_.outcome.reason), ep_.outcome.flags,     \
				 ep_.outcome.detail);                                            \
	} while (0)

static void test_each_certificate(void **state)
{
	struct family f = make_family();
	const struct pki *const of[] = { f.leaf, f.ca, f.root };
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root } };
	struct capcert_result r = ask(&q);
	uint32_t hash, i;

	assert_int_equal(r.outcome.flags & FLAGS, 0);
	for (i = 0; i < 3; i++)
		for (hash = CAPCERT_HASH_SHA256; hash <= CAPCERT_HASH_SHA512; hash++) {
			capcert_pins *pins = pins_new("expires=never;sha384:"
						      "00112233445566778899aabbccddeeff"
						      "00112233445566778899aabbccddeeff"
						      "00112233445566778899aabbccddeeff");
			struct capcert_pins_info info;

			pin(pins, of[i], hash);
			q.pins = pins;
			expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINNED);
			r = ask(&q);
			assert_int_equal(capcert_pins_get_info(pins, &info), 0);
			assert_memory_equal(r.outcome.pins_digest, info.digest, 32);
			capcert_pins_free(pins);
		}
	free_family(&f);
}

static void test_mismatch(void **state)
{
	struct family f = make_family(), other = make_family();
	struct question q = { .chain = { f.leaf, f.ca, other.ca, other.leaf },
			      .anchors = { f.root, other.root } };
	capcert_pins *enforce = pinned_to("expires=never", other.ca);
	capcert_pins *report = pinned_to("mode=report-only;expires=never", other.ca);
	capcert_pins *empty = pins_new("expires=never"),
		     *quiet = pins_new("mode=report-only;expires=never");
	struct capcert_result r;

	/* What is in the chain but not in the path does not count. */
	q.pins = enforce;
	expect_pins(&q, CAPCERT_REASON_PIN_MISMATCH, CAPCERT_OUTCOME_PIN_MISMATCH);
	r = ask(&q);
	assert_int_equal(r.outcome.depth, 0);
	assert_int_equal(r.path_count, 3);
	assert_int_equal(r.path[0].reason, CAPCERT_REASON_PIN_MISMATCH);
	assert_non_null(strstr(r.outcome.detail, "pinned key"));
	q.pins = report;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PIN_MISMATCH);
	r = ask(&q);
	assert_int_equal(r.path[0].reason, CAPCERT_REASON_NONE);
	q.pins = empty;
	expect_pins(&q, CAPCERT_REASON_PIN_MISMATCH, CAPCERT_OUTCOME_PIN_MISMATCH);
	q.pins = quiet;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PIN_MISMATCH);
	/* The whole path is one certificate. */
	q = (struct question){
		.chain = { f.root }, .anchors = { f.root }, .name = "", .pins = enforce
	};
	expect_pins(&q, CAPCERT_REASON_PIN_MISMATCH, CAPCERT_OUTCOME_PIN_MISMATCH);
	q.pins = report;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PIN_MISMATCH);
	capcert_pins_free(enforce);
	capcert_pins_free(report);
	capcert_pins_free(empty);
	capcert_pins_free(quiet);
	free_family(&other);
	free_family(&f);
}

/* A pin restricts; whatever else is wrong stays wrong, and is what is said. */
static void test_adds_no_trust(void **state)
{
	struct family f = make_family(), other = make_family();
	capcert_pins *pins = pinned_to("expires=never", f.leaf);
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { other.root }, .pins = pins };

	expect_pins(&q, CAPCERT_REASON_UNKNOWN_ANCHOR, 0);
	q.anchors[0] = f.root;
	q.at = 61 * PKI_DAY;
	expect_pins(&q, CAPCERT_REASON_EXPIRED, 0);
	q.at = 0;
	q.name = "www.example.org";
	expect_pins(&q, CAPCERT_REASON_NAME_MISMATCH, 0);
	q.name = NULL;
	q.policy = RFC5280 ";min_scts=1";
	expect_pins(&q, CAPCERT_REASON_INSUFFICIENT_SCTS, 0);
	capcert_pins_free(pins);
	pins = pinned_to("mode=report-only;expires=never", other.leaf);
	q.pins = pins;
	expect_pins(&q, CAPCERT_REASON_INSUFFICIENT_SCTS, 0);
	capcert_pins_free(pins);
	free_family(&other);
	free_family(&f);
}

static struct pki *crossed(const char *cn, const struct pki *key_of, struct pki *issuer)
{
	struct pki_spec s = { .cn = cn, .org = "Test", .ca = true, .key_of = key_of };

	return pki_make(&s, issuer);
}

/* The first path misses the pins, another one has them: that one is taken, in both modes. */
static void test_other_path(void **state)
{
	struct pki *old_root = crossed("Old Root", NULL, NULL), *root = make_root();
	struct pki *bridge = crossed("Root", root, old_root), *ca = make_ca(root);
	struct pki *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca, bridge }, .anchors = { old_root, root } };
	capcert_pins *enforce = pinned_to("expires=never", old_root);
	capcert_pins *report = pinned_to("mode=report-only;expires=never", old_root);
	struct capcert_result r;

	r = ask(&q);
	assert_int_equal(r.path_count, 3);
	q.pins = enforce;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINNED);
	r = ask(&q);
	assert_int_equal(r.path_count, 4);
	q.pins = report;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINNED);
	r = ask(&q);
	assert_int_equal(r.path_count, 4);
	/* Without it, what is only reported takes the path that it would have taken. */
	q.anchors[0] = root;
	q.anchors[1] = NULL;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PIN_MISMATCH);
	q.pins = enforce;
	expect_pins(&q, CAPCERT_REASON_PIN_MISMATCH, CAPCERT_OUTCOME_PIN_MISMATCH);
	capcert_pins_free(enforce);
	capcert_pins_free(report);
	pki_free(leaf);
	pki_free(ca);
	pki_free(bridge);
	pki_free(root);
	pki_free(old_root);
}

static void test_expired(void **state)
{
	struct family f = make_family(), other = make_family();
	/* PKI_NOW is 2026-06-01T00:00:00Z. */
	capcert_pins *enforce = pinned_to("expires=2026-06-02T00:00:00Z", other.leaf);
	capcert_pins *match = pinned_to("mode=report-only;expires=2026-06-02T00:00:00Z", f.leaf);
	struct question q = { .chain = { f.leaf, f.ca }, .anchors = { f.root }, .pins = enforce };
	struct capcert_result r;

	q.at = PKI_DAY;
	expect_pins(&q, CAPCERT_REASON_PIN_MISMATCH, CAPCERT_OUTCOME_PIN_MISMATCH);
	r = ask(&q);
	assert_int_equal(r.outcome.valid_until, PKI_NOW + PKI_DAY);
	q.at++;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINS_EXPIRED);
	r = ask(&q);
	assert_int_equal(r.outcome.valid_from, PKI_NOW + PKI_DAY + 1);
	q.pins = match;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINS_EXPIRED);
	q.at--;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PINNED);
	q.name = "www.example.org";
	q.at++;
	expect_pins(&q, CAPCERT_REASON_NAME_MISMATCH, CAPCERT_OUTCOME_PINS_EXPIRED);
	capcert_pins_free(enforce);
	capcert_pins_free(match);
	free_family(&other);
	free_family(&f);
}

#define TWINS 7

/* More paths than the budget has, none with a pinned key: that is no reason to fail when it is only
 * reported. */
static void test_budget(void **state)
{
	struct family other = make_family();
	struct pki *root = make_root(), *level[3][TWINS], *above = root, *leaf;
	struct question q = { .anchors = { root } };
	capcert_pins *enforce = pinned_to("expires=never", other.leaf);
	capcert_pins *report = pinned_to("mode=report-only;expires=never", other.leaf);
	uint32_t i, j;

	for (i = 3; i-- > 0;) {
		char cn[] = { 'C', 'A', (char)('0' + i), 0 };

		for (j = 0; j < TWINS; j++) {
			level[i][j] = crossed(cn, j ? level[i][0] : NULL, above);
			q.chain[1 + i * TWINS + j] = level[i][j];
		}
		above = level[i][0];
	}
	leaf = make_leaf(above);
	q.chain[0] = leaf;
	expect_pins(&q, CAPCERT_REASON_NONE, 0);
	q.pins = enforce;
	expect_pins(&q, CAPCERT_REASON_BUDGET_EXHAUSTED, 0);
	q.pins = report;
	expect_pins(&q, CAPCERT_REASON_NONE, CAPCERT_OUTCOME_PIN_MISMATCH);
	capcert_pins_free(enforce);
	capcert_pins_free(report);
	pki_free(leaf);
	for (i = 0; i < 3; i++)
		for (j = 0; j < TWINS; j++)
			pki_free(level[i][j]);
	pki_free(root);
	free_family(&other);
}

/* A report names the mismatch at each path, and none where it is only reported. */
static void test_report(void **state)
{
	struct family f = make_family(), other = make_family();
	struct pki *const certs[70] = { f.leaf, f.ca }, *const anchors[8] = { f.root };
	capcert_chain *chain = make_chain(certs);
	capcert_store *store = make_store(anchors, 1u << TLS_SERVER);
	struct capcert_params params = {
		.chain = chain, .name = HOST, .have_time = 1, .time = PKI_NOW
	};
	struct capcert_result result;
	capcert_policy *policy;
	capcert_report *report;
	int mode;

	assert_int_equal(capcert_policy_new(RFC5280, &policy, NULL), 0);
	for (mode = 0; mode < 2; mode++) {
		capcert_pins *pins = pinned_to(
			mode ? "mode=report-only;expires=never" : "expires=never", other.root);

		params.pins = pins;
		assert_int_equal(
			capcert_verify_local_report(policy, store, NULL, &params, &result, &report),
			0);
		assert_int_equal(report->path_count, 1);
		assert_int_equal(report->paths[0].valid, mode);
		assert_int_equal(report->paths[0].steps[0].reason,
				 mode ? CAPCERT_REASON_NONE : CAPCERT_REASON_PIN_MISMATCH);
		capcert_report_free(report);
		capcert_pins_free(pins);
	}
	capcert_policy_free(policy);
	capcert_chain_free(chain);
	capcert_store_free(store);
	free_family(&other);
	free_family(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_certificate), cmocka_unit_test(test_mismatch),
		cmocka_unit_test(test_adds_no_trust),	 cmocka_unit_test(test_other_path),
		cmocka_unit_test(test_expired),		 cmocka_unit_test(test_budget),
		cmocka_unit_test(test_report),
	};

	return cmocka_run_group_tests_name("engine: pins", tests, NULL, NULL);
}
