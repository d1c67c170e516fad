// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Staples: when they are asked for, what is believed, what is served and until when. The clock and the
 * responder are this test's. */
#include <pthread.h>
#include <unistd.h>
#include <capcert/stapler.h>
#include "libcapcert/staple_plan.h"
#include "tests/unit/ocsp_fixture.h"

#define HOUR 3600
#define URL "http://ocsp.example.org/"

/* ---- the plan ---- */

static void plan_after_answers(void **state)
{
	static const struct staple_limits l = { 60, 3600 };
	static const struct {
		int64_t from, until, now;
		uint32_t random;
		int64_t want;
	} rows[] = {
		/* fresh: half of its life, up to an eighth of the rest later */
		{ 0, 8000, 0, 0, 4000 },
		{ 0, 8000, 0, 500, 4500 },
		{ 0, 8000, 0, 501, 4000 },
		{ 0, 8000, 3900, 0, 4000 },
		/* handed out late: a quarter of what is left */
		{ 0, 8000, 4000, 0, 5000 },
		{ 0, 8000, 4000, 125, 5125 },
		{ 0, 8000, 4000, 126, 5000 },
		{ 0, 8000, 7000, 0, 7250 },
		/* never more often than min_wait, also when there is little left, or nothing */
		{ 0, 8000, 7990, 0, 8050 },
		{ 0, 8000, 8000, 7, 8067 },
		{ 0, 8000, 9000, 0, 9060 },
		{ 0, 10, 0, 0, 60 },
		{ 0, 8000, 3999, 0, 4059 },
		/* from the future, by as much as the clock may be off */
		{ 50, 8050, 0, 0, 4050 },
		{ 0, INT64_C(1) << 40, 0, 0, INT64_C(1) << 39 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t due = staple_after_answer(&l, rows[i].from, rows[i].until, rows[i].now,
						  rows[i].random);

		if (due != rows[i].want)
			fail_msg("row %zu: %lld", i, (long long)due);
	}
}

static void plan_after_failures(void **state)
{
	static const struct staple_limits l = { 60, 3600 }, same = { 10, 10 };
	static const struct {
		uint32_t failures;
		int64_t retry_after;
		uint32_t random;
		int64_t want;
	} rows[] = {
		{ 1, 0, 0, 60 },
		{ 1, 0, 15, 75 },
		{ 1, 0, 16, 60 },
		{ 2, 0, 0, 120 },
		{ 3, 0, 0, 240 },
		{ 6, 0, 0, 1920 },
		{ 7, 0, 0, 3600 },
		{ 7, 0, 900, 4500 },
		{ 64, 0, 0, 3600 },
		{ UINT32_MAX, 0, 0, 3600 },
		{ 1, 30, 0, 60 },
		{ 1, 7200, 0, 7200 },
		{ 1, 7200, 9, 7200 },
		{ 1, 99999999, 0, STAPLE_RETRY_MOST },
		{ 1, INT64_MAX, 0, STAPLE_RETRY_MOST },
		{ 1, -5, 0, 60 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int64_t due = staple_after_failure(&l, rows[i].failures, 1000, rows[i].retry_after,
						   rows[i].random);

		if (due != 1000 + rows[i].want)
			fail_msg("row %zu: %lld", i, (long long)due);
	}
	assert_int_equal(staple_after_failure(&same, 5, 0, 0, 0), 10);
}

/* ---- a responder of this test's ---- */

static struct world {
	struct family f;
	struct pki *leaf; /* has an address */
	capcert_chain *chain;
	capcert_stapler *s;
	int64_t now; /* from PKI_NOW */
	uint32_t random;
	int asked;
	int result;
	int64_t retry_after;
	struct cc_span says;
	char url[200];
	void (*meanwhile)(void);
} w;

static int64_t the_time(void *ctx)
{
	assert_ptr_equal(ctx, &w);
	return PKI_NOW + w.now;
}

static uint32_t the_jitter(void *ctx)
{
	assert_ptr_equal(ctx, &w);
	return w.random;
}

static int respond(void *ctx, const struct capcert_stapler_request *request,
		   struct capcert_stapler_answer *ret)
{
	assert_ptr_equal(ctx, &w);
	assert_true(!ret->data && !ret->len && !ret->retry_after);
	assert_true(request->len && request->max_bytes >= 4096);
	assert_non_null(strstr(request->get_url, request->url));
	snprintf(w.url, sizeof(w.url), "%s", request->url);
	w.asked++;
	if (w.meanwhile)
		w.meanwhile();
	ret->retry_after = w.retry_after;
	if (w.result || !w.says.p)
		return w.result;
	ret->data = malloc(w.says.n);
	assert_non_null(ret->data);
	memcpy(ret->data, w.says.p, w.says.n);
	ret->len = w.says.n;
	return 0;
}

#define AIA_OCSP "3026302406082b060105050730018618687474703a2f2f6f6373702e6578616d706c652e6f72672f"

static int begin(void **state)
{
	static struct cc_span aia;
	struct pki_spec s;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.f = make_family();
	aia = der_hex(AIA_OCSP);
	s = (struct pki_spec){ LEAF_SPEC, .ext = { { .oid = "1.3.6.1.5.5.7.1.1",
						     .der = (const char *)aia.p,
						     .len = (unsigned int)aia.n } } };
	w.leaf = pki_make(&s, w.f.ca);
	w.chain = make_chain((struct pki *const[70]){ w.leaf, w.f.ca });
	return 0;
}

static int end(void **state)
{
	(void)state;
	capcert_stapler_free(w.s);
	capcert_chain_free(w.chain);
	pki_free(w.leaf);
	free_family(&w.f);
	return 0;
}

static void start_with(struct capcert_stapler_options options)
{
	options.fetch = options.fetch ? options.fetch : respond;
	options.ctx = &w;
	options.now = the_time;
	options.random = the_jitter;
	assert_int_equal(capcert_stapler_new(&options, &w.s), 0);
	assert_int_equal(capcert_stapler_due(w.s), INT64_MAX);
	assert_int_equal(capcert_stapler_refresh(w.s), -ENXIO);
	assert_int_equal(capcert_stapler_set_certificate(w.s, w.chain), 0);
}

static void start(void)
{
	start_with((struct capcert_stapler_options){ 0 });
}

/* What the responder says from now on: about the leaf, in force for so long from now. */
static void say(struct answer_spec a, int64_t life)
{
	struct response_spec r = { .issuer = w.f.ca, .answer[0] = a, .produced = w.now - 1 };

	if (!r.answer[0].about)
		r.answer[0].about = w.leaf;
	r.answer[0].from = w.now ? w.now : -1;
	r.answer[0].until = w.now + life;
	w.says = make_response(&r);
}

static void expect_served(bool served)
{
	struct capcert_stapler_info info;
	uint8_t *der;
	size_t n;
	int r = capcert_stapler_current_response(w.s, &der, &n);

	assert_int_equal(r, served ? 0 : -ENODATA);
	capcert_stapler_get(w.s, &info);
	assert_int_equal(info.have, served);
	if (served)
		free(der);
}

static int64_t due(void)
{
	return capcert_stapler_due(w.s) - PKI_NOW;
}

static struct capcert_stapler_info get(void)
{
	struct capcert_stapler_info info;

	capcert_stapler_get(w.s, &info);
	return info;
}

static void a_life(void **state)
{
	uint8_t *der;
	size_t n;

	(void)state;
	start();
	assert_int_equal(due(), 0); /* at once */
	expect_served(false);
	say((struct answer_spec){ 0 }, 8 * HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	assert_string_equal(w.url, URL);
	assert_int_equal(capcert_stapler_current_response(w.s, &der, &n), 0);
	assert_int_equal(n, w.says.n);
	assert_memory_equal(der, w.says.p, n);
	free(der);
	assert_int_equal(get().status, CAPCERT_OCSP_GOOD);
	assert_in_range(due(), 4 * HOUR - 1, 4 * HOUR);
	/* The same again: later, but not at once. */
	w.now = 4 * HOUR;
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	assert_in_range(due(), 5 * HOUR - 1, 5 * HOUR);
	/* The responder is away: further and further apart, the good one is served. */
	w.result = -EHOSTUNREACH;
	for (int i = 0; i < 5; i++) {
		int64_t wait = (int64_t)60 << i;

		w.now = due();
		assert_int_equal(capcert_stapler_refresh(w.s), -EHOSTUNREACH);
		assert_int_equal(due(), w.now + (wait > 3600 ? 3600 : wait));
		assert_int_equal(get().failures, i + 1);
		assert_int_equal(get().error, -EHOSTUNREACH);
		assert_non_null(get().why);
		expect_served(true);
	}
	/* To its last second, and not one longer. */
	w.now = 8 * HOUR - 1;
	expect_served(true);
	w.now = 8 * HOUR;
	expect_served(false);
	/* It is back. */
	w.result = 0;
	say((struct answer_spec){ 0 }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	expect_served(true);
	assert_true(get().failures == 0 && get().error == 0 && !get().why);
	/* The clock goes back a year: what was planned and verified by it means nothing. */
	w.now = -365 * PKI_DAY;
	expect_served(false);
	assert_int_equal(due(), w.now);
}

static void retry_after(void **state)
{
	(void)state;
	start();
	w.result = -EBUSY;
	w.retry_after = 5000;
	w.random = 3;
	assert_int_equal(capcert_stapler_refresh(w.s), -EBUSY);
	assert_int_equal(due(), 5000);
	/* With an answer, too: "503 tryLater". */
	w.result = 0;
	w.says = make_response(&(struct response_spec){ .error = CC_OCSP_STATUS_TRY_LATER });
	assert_int_equal(capcert_stapler_refresh(w.s), -EAGAIN);
	assert_int_equal(due(), 5000);
	assert_non_null(strstr(get().why, "tryLater"));
	assert_int_equal(get().failures, 2);
}

/* Nothing of this replaces the good one. */
static void refuses(void **state)
{
	struct pki_spec s = { .cn = "Signer" };
	struct pki *signer = pki_make(&s, w.f.ca);
	const struct {
		int want;
		const char *why;
		struct response_spec r;
	} rows[] = {
		{ -EKEYREJECTED, "other certificates", { .answer[0] = { .about = w.f.leaf } } },
		{ -EKEYREJECTED, "other certificates", { .answer[0] = { .wrong_key = true } } },
		{ -EKEYREJECTED, "other certificates", { .answer[0] = { .wrong_name = true } } },
		{ -EKEYREJECTED, "may not sign", { .signer = signer, .certs = { signer } } },
		{ -EKEYREJECTED, "not signed by", { .bad_signature = true } },
		{ -EKEYREJECTED, "out of date", { .answer[0] = { .from = -HOUR, .until = -60 } } },
		{ -EKEYREJECTED,
		  "not yet in force",
		  { .answer[0] = { .from = HOUR, .until = 2 * HOUR } } },
		{ -ENOENT, "does not know", { .answer[0] = { .status = CC_OCSP_UNKNOWN } } },
		{ -EAGAIN, "internalError", { .error = CC_OCSP_STATUS_INTERNAL_ERROR } },
		{ -ESTALE, "older", { .answer[0] = { .from = -2 * HOUR, .until = 9 * HOUR } } },
	};
	size_t i;

	(void)state;
	start();
	say((struct answer_spec){ 0 }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct response_spec r = rows[i].r;
		int64_t before = due();

		r.issuer = w.f.ca;
		if (!r.answer[0].about)
			r.answer[0].about = w.leaf;
		w.says = make_response(&r);
		/* Put: no plan changes; asked: a failure. */
		assert_int_equal(capcert_stapler_put(w.s, w.says.p, w.says.n), rows[i].want);
		assert_int_equal(due(), before);
		if (capcert_stapler_refresh(w.s) != rows[i].want || get().error != rows[i].want ||
		    !strstr(get().why, rows[i].why))
			fail_msg("row %zu: %d, %s", i, get().error, get().why);
		assert_int_equal(get().failures, i + 1);
		expect_served(true);
	}
	w.says = der_hex("3003");
	assert_int_equal(capcert_stapler_refresh(w.s), -EBADMSG);
	assert_int_equal(capcert_stapler_put(w.s, w.says.p, 0), -EBADMSG);
	w.says = NONE;
	assert_int_equal(capcert_stapler_refresh(w.s), -ENODATA);
	w.says = cc_span(der_alloc(CC_OCSP_MAX + 1), CC_OCSP_MAX + 1);
	assert_int_equal(capcert_stapler_refresh(w.s), -EMSGSIZE);
	assert_int_equal(capcert_stapler_put(w.s, w.says.p, w.says.n), -EMSGSIZE);
	assert_non_null(strstr(get().why, "too large"));
	expect_served(true);
	pki_free(signer);
}

static void revoked(void **state)
{
	struct cc_span good, bad, hold, late;

	(void)state;
	start();
	w.now = HOUR;
	say((struct answer_spec){ .status = CC_OCSP_REVOKED, .reason = 1 }, HOUR);
	bad = w.says;
	say((struct answer_spec){ .status = CC_OCSP_REVOKED, .reason = 6 }, HOUR);
	hold = w.says;
	w.now = HOUR + 60;
	say((struct answer_spec){ 0 }, HOUR);
	good = w.says;
	w.now = HOUR + 61;
	say((struct answer_spec){ 0 }, HOUR);
	late = w.says;
	/* A hold is taken back by what is newer, and an older one does not come back. */
	assert_int_equal(capcert_stapler_put(w.s, hold.p, hold.n), 0);
	assert_int_equal(get().status, CAPCERT_OCSP_REVOKED);
	assert_int_equal(capcert_stapler_put(w.s, good.p, good.n), 0);
	assert_int_equal(get().status, CAPCERT_OCSP_GOOD);
	assert_int_equal(capcert_stapler_put(w.s, hold.p, hold.n), -ESTALE);
	/* A revocation is for good. */
	assert_int_equal(capcert_stapler_put(w.s, bad.p, bad.n), 0);
	expect_served(true);
	assert_int_equal(get().status, CAPCERT_OCSP_REVOKED);
	assert_int_equal(capcert_stapler_put(w.s, late.p, late.n), -ESTALE);
	assert_int_equal(get().status, CAPCERT_OCSP_REVOKED);
}

static void withheld(void **state)
{
	uint8_t *der;
	size_t n;

	(void)state;
	start_with((struct capcert_stapler_options){ .withhold_revoked = 1 });
	say((struct answer_spec){ 0 }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	w.now = 60;
	say((struct answer_spec){ .status = CC_OCSP_REVOKED, .reason = 1 }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	assert_int_equal(capcert_stapler_current_response(w.s, &der, &n), -EKEYREVOKED);
	assert_int_equal(get().status, CAPCERT_OCSP_REVOKED);
}

/* ---- certificates ---- */

static void nobody_to_ask(void **state)
{
	capcert_chain *plain = make_chain((struct pki *const[70]){ w.f.leaf, w.f.ca });
	capcert_chain *alone = make_chain((struct pki *const[70]){ w.leaf });
	capcert_chain *wrong = make_chain((struct pki *const[70]){ w.leaf, w.f.root });
	struct capcert_stapler_options o = { .min_wait = 10, .max_wait = 9 };
	capcert_stapler *s;

	(void)state;
	start();
	say((struct answer_spec){ .about = w.f.leaf }, HOUR);
	assert_int_equal(capcert_stapler_set_certificate(w.s, plain), 0);
	assert_int_equal(capcert_stapler_due(w.s), INT64_MAX);
	assert_int_equal(capcert_stapler_refresh(w.s), -ENXIO);
	assert_int_equal(capcert_stapler_put(w.s, w.says.p, w.says.n), 0);
	assert_int_equal(capcert_stapler_due(w.s), INT64_MAX);
	expect_served(true);
	/* What is refused changes nothing. */
	assert_int_equal(capcert_stapler_set_certificate(w.s, alone), -EINVAL);
	assert_int_equal(capcert_stapler_set_certificate(w.s, wrong), -EINVAL);
	assert_int_equal(capcert_stapler_set_certificate(w.s, NULL), -EINVAL);
	expect_served(true);
	assert_int_equal(capcert_stapler_new(&o, &s), -EINVAL);
	/* Without callbacks: the system's clock and random numbers, nobody to ask. */
	o = (struct capcert_stapler_options){ .url = URL };
	assert_int_equal(capcert_stapler_new(&o, &s), 0);
	assert_int_equal(capcert_stapler_put(s, w.says.p, w.says.n), -ENXIO);
	assert_int_equal(capcert_stapler_set_certificate(s, plain), 0);
	assert_int_equal(capcert_stapler_due(s), INT64_MAX);
	capcert_stapler_put(s, w.says.p, w.says.n);
	capcert_stapler_free(s);
	capcert_stapler_free(NULL);
	capcert_chain_free(plain);
	capcert_chain_free(alone);
	capcert_chain_free(wrong);
}

static void replaced(void **state)
{
	struct pki_spec other = { LEAF_SPEC };
	struct pki *next = pki_make(&other, w.f.ca);
	capcert_chain *chain = make_chain((struct pki *const[70]){ next, w.f.ca });

	(void)state;
	start_with((struct capcert_stapler_options){ .url = "http://other.example.org" });
	say((struct answer_spec){ 0 }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	assert_string_equal(w.url, "http://other.example.org");
	/* The same again keeps what is there. */
	assert_int_equal(capcert_stapler_set_certificate(w.s, w.chain), 0);
	expect_served(true);
	assert_int_not_equal(due(), w.now);
	assert_int_equal(capcert_stapler_set_certificate(w.s, chain), 0);
	expect_served(false);
	assert_int_equal(due(), w.now);
	assert_int_equal(capcert_stapler_refresh(w.s), -EKEYREJECTED); /* still about the old one */
	say((struct answer_spec){ .about = next }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	expect_served(true);
	capcert_chain_free(chain);
	pki_free(next);
}

static capcert_chain *other_chain;

static void replace_it(void)
{
	assert_int_equal(capcert_stapler_refresh(w.s), -EALREADY);
	assert_int_equal(capcert_stapler_set_certificate(w.s, other_chain), 0);
}

/* An answer about the old certificate comes when the new one is there already. */
static void replaced_meanwhile(void **state)
{
	(void)state;
	other_chain = make_chain((struct pki *const[70]){ w.f.leaf, w.f.ca });
	start_with((struct capcert_stapler_options){ .url = URL });
	say((struct answer_spec){ 0 }, HOUR);
	w.meanwhile = replace_it;
	assert_int_equal(capcert_stapler_refresh(w.s), -ESTALE);
	expect_served(false);
	assert_true(get().error == 0 && get().failures == 0);
	assert_int_equal(due(), w.now);
	w.meanwhile = NULL;
	say((struct answer_spec){ .about = w.f.leaf }, HOUR);
	assert_int_equal(capcert_stapler_refresh(w.s), 0);
	expect_served(true);
	capcert_chain_free(other_chain);
}

/* Readers while it is refreshed and replaced: what they get is always whole and about one of both. */
static void *reads(void *ctx)
{
	uint8_t *der;
	size_t n;
	int i;

	for (i = 0; i < 2000; i++)
		if (!capcert_stapler_current_response(ctx, &der, &n)) {
			if (n < 100 || der[0] != 0x30)
				abort();
			free(der);
		}
	return NULL;
}

static void threads(void **state)
{
	pthread_t readers[2];
	int i;

	(void)state;
	start();
	say((struct answer_spec){ 0 }, HOUR);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, reads, w.s), 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(capcert_stapler_refresh(w.s), 0);
	for (i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_after_answers),
		cmocka_unit_test(plan_after_failures),
		TEST(a_life),
		TEST(retry_after),
		TEST(refuses),
		TEST(revoked),
		TEST(withheld),
		TEST(nobody_to_ask),
		TEST(replaced),
		TEST(replaced_meanwhile),
		TEST(threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
