// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The staple of a slot. The slot is this test's, with the rules of the kernel's: versions, expected
 * versions, a staple that can be replaced alone. So are clock, responder, and who comes in between. */
#include <limits.h>
#include <capcert/slot_stapler.h>
#include "libcapcert/slot_stapler.h"
#include "tests/unit/ocsp_fixture.h"

#define HOUR 3600
#define NAME "web/www.example.org"
#define FD 17

static struct world {
	struct family f;
	struct pki *leaf, *next; /* have an address */
	capcert_slot_stapler *s;
	int64_t now; /* from PKI_NOW */
	/* The slot. */
	struct pki *chain[3]; /* [0] NULL: it is not there */
	struct cc_span staple;
	uint64_t version;
	int puts, gets;
	int get_error, put_error;
	void (*between)(void); /* once, before a PUT is looked at */
	bool always;	       /* each time */
	/* The responder. */
	struct cc_span says;
	int asked;
	void (*meanwhile)(void); /* while it is asked */
} w;

/* ---- the slot ---- */

static void rotate(struct pki *leaf, struct pki *issuer, struct cc_span staple)
{
	w.chain[0] = leaf;
	w.chain[1] = issuer;
	w.staple = staple;
	w.version++;
}

static int slot_version(int fd, const char *name, uint64_t *ret, int64_t *ret_time)
{
	assert_int_equal(fd, FD);
	assert_string_equal(name, NAME);
	assert_null(ret_time);
	if (w.get_error)
		return w.get_error;
	if (!w.chain[0])
		return -ENOENT;
	*ret = w.version;
	return 0;
}

static int slot_get(int fd, const char *name, uint32_t flags, struct capcert_slot_value **ret)
{
	struct capcert_slot_value *value = calloc(1, sizeof(*value));

	(void)fd;
	(void)name;
	assert_int_equal(flags, 0); /* no key: it has no business with it */
	assert_non_null(value);
	value->key_fd = -1;
	value->version = w.version;
	for (; w.chain[value->chain_count]; value->chain_count++) {
		struct cc_span der = pki_der(w.chain[value->chain_count]);

		value->chain[value->chain_count] = (struct capcert_slot_der){ der.p, der.n };
	}
	value->staple = w.staple.p;
	value->staple_len = w.staple.n;
	w.gets++;
	*ret = value;
	return 0;
}

static int slot_put(int fd, const char *name, const uint8_t *staple, size_t len,
		    const uint64_t *expect, uint64_t *ret_version)
{
	void (*between)(void) = w.between;
	uint8_t *copy;

	assert_int_equal(fd, FD);
	assert_string_equal(name, NAME);
	assert_non_null(expect); /* never onto what was not looked at */
	if (!w.always)
		w.between = NULL;
	if (between)
		between();
	if (w.put_error)
		return w.put_error;
	if (!w.chain[0])
		return -ENOENT;
	if (*expect != w.version)
		return -ESTALE;
	assert_true(!staple == !len);
	w.staple = NONE;
	if (len) {
		copy = der_alloc(len);
		memcpy(copy, staple, len);
		w.staple = cc_span(copy, len);
	}
	w.puts++;
	*ret_version = ++w.version;
	return 0;
}

static const struct slot_calls calls = { slot_version, slot_get, slot_put };

/* ---- clock and responder ---- */

static int64_t the_time(void *ctx)
{
	(void)ctx;
	return PKI_NOW + w.now;
}

static uint32_t no_jitter(void *ctx)
{
	(void)ctx;
	return 0;
}

static int respond(void *ctx, const struct capcert_stapler_request *request,
		   struct capcert_stapler_answer *ret)
{
	void (*meanwhile)(void) = w.meanwhile;

	(void)ctx;
	assert_true(request->len > 0);
	w.asked++;
	w.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
	if (!w.says.n)
		return -EHOSTUNREACH;
	ret->data = malloc(w.says.n);
	assert_non_null(ret->data);
	memcpy(ret->data, w.says.p, w.says.n);
	ret->len = w.says.n;
	return 0;
}

/* In force for so long from now. */
static struct cc_span about(struct pki *leaf, int64_t life)
{
	struct response_spec r = { .issuer = w.f.ca, .produced = w.now - 1 };

	r.answer[0] = (struct answer_spec){ .about = leaf,
					    .from = w.now ? w.now : -1,
					    .until = w.now + life };
	return make_response(&r);
}

#define AIA_OCSP "3026302406082b060105050730018618687474703a2f2f6f6373702e6578616d706c652e6f72672f"

static int begin(void **state)
{
	struct cc_span aia;
	struct pki_spec s;

	(void)state;
	memset(&w, 0, sizeof(w));
	w.f = make_family();
	aia = der_hex(AIA_OCSP);
	s = (struct pki_spec){ LEAF_SPEC, .ext = { { .oid = "1.3.6.1.5.5.7.1.1",
						     .der = (const char *)aia.p,
						     .len = (unsigned int)aia.n } } };
	w.leaf = pki_make(&s, w.f.ca);
	w.next = pki_make(&s, w.f.ca);
	return 0;
}

static int end(void **state)
{
	(void)state;
	capcert_slot_stapler_free(w.s);
	pki_free(w.leaf);
	pki_free(w.next);
	free_family(&w.f);
	return 0;
}

static void start(const capcert_chain *issuers)
{
	struct capcert_stapler_options o = { .fetch = respond,
					     .now = the_time,
					     .random = no_jitter };

	assert_int_equal(slot_stapler_new(&calls, FD, NAME, &o, issuers, &w.s), 0);
}

static int step(void)
{
	return capcert_slot_stapler_step(w.s, 0);
}

/* From now. */
static int64_t due(void)
{
	int64_t at = capcert_slot_stapler_due(w.s);

	return at == INT64_MAX ? at : at - PKI_NOW - w.now;
}

static struct capcert_slot_stapler_info get(void)
{
	struct capcert_slot_stapler_info info;

	capcert_slot_stapler_get(w.s, &info);
	return info;
}

static void expect_why(int error, const char *words)
{
	assert_int_equal(get().error, error);
	assert_non_null(get().why);
	if (!strstr(get().why, words))
		fail_msg("%s", get().why);
}

static bool has(struct cc_span staple)
{
	return cc_span_equal(w.staple, staple);
}

/* ---- tests ---- */

static void a_life(void **state)
{
	struct cc_span first;

	(void)state;
	start(NULL);
	assert_int_equal(due(), INT64_MAX);
	assert_int_equal(step(), -ENOENT);
	expect_why(-ENOENT, "no such slot");
	assert_int_equal(due(), INT64_MAX); /* until it changes */
	rotate(w.leaf, w.f.ca, NONE);
	first = w.says = about(w.leaf, 8 * HOUR);
	assert_int_equal(step(), 0);
	assert_true(w.asked == 1 && w.puts == 1 && has(first));
	assert_true(w.chain[0] == w.leaf && w.chain[1] == w.f.ca);
	assert_true(get().version == w.version && get().puts == 1 && !get().why);
	assert_in_range(due(), 4 * HOUR - 1, 4 * HOUR);
	/* Its own PUT is no news, and before half of the life nobody is asked. */
	assert_int_equal(step(), 0);
	w.now = 4 * HOUR - 2;
	assert_int_equal(step(), 0);
	assert_true(w.asked == 1 && w.puts == 1 && w.gets == 1);
	w.now = 4 * HOUR;
	w.says = about(w.leaf, 8 * HOUR);
	assert_int_equal(step(), 0);
	assert_true(w.asked == 2 && w.puts == 2 && has(w.says) && !has(first));
	assert_in_range(due(), 4 * HOUR - 1, 4 * HOUR);
	/* On demand; the same again is not put again. */
	assert_int_equal(capcert_slot_stapler_step(w.s, 1), 0);
	assert_true(w.asked == 3 && w.puts == 2);
	/* The responder is away: asked again and again, the last good one stays to its last second. */
	first = w.says;
	w.says = NONE;
	w.now += due();
	assert_int_equal(step(), -EHOSTUNREACH);
	expect_why(-EHOSTUNREACH, "did not answer");
	assert_true(has(first) && w.puts == 2);
	assert_int_equal(due(), 60);
	w.now = 12 * HOUR - 1;
	step();
	assert_true(has(first));
	assert_int_equal(due(), 1);
	w.now = 12 * HOUR;
	step();
	assert_true(has(NONE) && w.puts == 3);
	/* Deleted: nothing to do, and nothing is known of it when it comes back. */
	w.chain[0] = NULL;
	assert_int_equal(step(), -ENOENT);
	assert_true(get().version == 0 && due() == INT64_MAX);
}

/* What somebody else has put is judged as an answer is. */
static void found_there(void **state)
{
	struct cc_span old, new, forged;

	(void)state;
	old = about(w.leaf, 8 * HOUR);
	w.now = HOUR;
	new = about(w.leaf, 8 * HOUR);
	forged = about(w.next, 8 * HOUR);
	rotate(w.leaf, w.f.ca, old);
	start(NULL);
	assert_int_equal(step(), 0);
	assert_true(w.asked == 0 && w.puts == 0 && has(old));
	assert_in_range(due(), 3 * HOUR - 1, 3 * HOUR);
	/* A newer one is taken; an older one does not come back. */
	rotate(w.leaf, w.f.ca, new);
	assert_int_equal(step(), 0);
	assert_true(w.asked == 0 && w.puts == 0 && has(new));
	rotate(w.leaf, w.f.ca, old);
	assert_int_equal(step(), 0);
	assert_true(w.puts == 1 && has(new));
	/* One about another certificate, or rubbish: not served, whoever put it. */
	rotate(w.leaf, w.f.ca, forged);
	assert_int_equal(step(), 0);
	assert_true(w.puts == 2 && has(new));
	rotate(w.next, w.f.ca, new);
	w.says = NONE;
	assert_int_equal(step(), -EHOSTUNREACH);
	assert_true(w.puts == 3 && has(NONE));
	/* Rotated with its staple: as ours. */
	rotate(w.leaf, w.f.ca, new);
	assert_int_equal(step(), 0);
	assert_true(w.puts == 3 && has(new));
}

static void wrong_responders(void **state)
{
	struct pki_spec spec = { .cn = "Signer" };
	struct pki *signer = pki_make(&spec, w.f.ca);
	struct response_spec rows[] = {
		{ .answer[0] = { .about = w.next } },
		{ .answer[0] = { .about = w.leaf }, .bad_signature = true },
		{ .answer[0] = { .about = w.leaf }, .signer = signer, .certs = { signer } },
		{ .answer[0] = { .about = w.leaf, .status = CC_OCSP_UNKNOWN } },
		{ .answer[0] = { .about = w.leaf, .from = -HOUR, .until = -60 } },
		{ .error = CC_OCSP_STATUS_TRY_LATER },
	};
	struct cc_span good;

	(void)state;
	rotate(w.leaf, w.f.ca, NONE);
	good = w.says = about(w.leaf, 8 * HOUR);
	start(NULL);
	assert_int_equal(step(), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		rows[i].issuer = w.f.ca;
		if (!rows[i].answer[0].about)
			rows[i].answer[0].about = w.leaf;
		w.says = make_response(&rows[i]);
		assert_true(capcert_slot_stapler_step(w.s, 1) < 0);
		assert_non_null(get().why);
		assert_true(has(good) && w.puts == 1);
	}
	w.says = der_hex("3003");
	assert_int_equal(capcert_slot_stapler_step(w.s, 1), -EBADMSG);
	assert_true(has(good) && get().staple.have);
	pki_free(signer);
}

static void to_next(void)
{
	rotate(w.next, w.f.ca, NONE);
}

static void to_next_with_staple(void)
{
	rotate(w.next, w.f.ca, about(w.next, 9 * HOUR));
}

static void to_nothing(void)
{
	w.chain[0] = NULL;
}

/* A renewal between the look and the PUT, and one while the responder is asked. */
static void rotated_between(void **state)
{
	(void)state;
	rotate(w.leaf, w.f.ca, NONE);
	w.says = about(w.leaf, 8 * HOUR);
	start(NULL);
	w.between = to_next;
	assert_int_equal(step(), 0);
	assert_true(w.chain[0] == w.next && has(NONE) && w.puts == 0);
	assert_int_equal(due(), 0); /* the new one is asked about at once */
	w.says = about(w.next, 8 * HOUR);
	w.meanwhile = to_next_with_staple;
	assert_int_equal(step(), 0);
	assert_true(w.chain[0] == w.next && w.puts == 0);
	assert_in_range(due(), 9 * HOUR / 2 - 1, 9 * HOUR / 2);
	/* An answer about a certificate that is no longer there. */
	rotate(w.leaf, w.f.ca, NONE);
	w.says = about(w.leaf, 8 * HOUR);
	w.meanwhile = to_next;
	assert_int_equal(step(), 0);
	assert_true(has(NONE) && w.puts == 0);
	/* Deleted between. */
	w.says = about(w.next, 8 * HOUR);
	w.between = to_nothing;
	assert_int_equal(step(), -ENOENT);
	assert_int_equal(w.puts, 0);
}

static void keeps_rotating(void)
{
	rotate(w.leaf, w.f.ca, NONE);
}

static void no_end(void **state)
{
	(void)state;
	rotate(w.leaf, w.f.ca, NONE);
	w.says = about(w.leaf, 8 * HOUR);
	start(NULL);
	w.always = true;
	w.between = keeps_rotating;
	assert_int_equal(step(), -ESTALE);
	expect_why(-ESTALE, "again and again");
	assert_in_range(w.gets, 2, 20);
	assert_int_equal(due(), 60);
	w.between = NULL;
	w.now += 60;
	assert_int_equal(step(), 0);
	assert_true(has(w.says) && w.asked == 1);
}

static void refused(void **state)
{
	static const struct {
		int error;
		const char *why;
	} rows[] = { { -EACCES, "no PUT" },
		     { -EBADMSG, "its leaf alone" },
		     { -EMSGSIZE, "too large" },
		     { -EDQUOT, "cannot be put" } };

	(void)state;
	rotate(w.leaf, w.f.ca, NONE);
	w.says = about(w.leaf, 8 * HOUR);
	start(NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		w.put_error = rows[i].error;
		assert_int_equal(step(), rows[i].error);
		expect_why(rows[i].error, rows[i].why);
		assert_int_equal(due(), 60); /* once more, with what it has */
		w.now += 60;
	}
	w.put_error = 0;
	w.get_error = -EKEYREVOKED;
	assert_int_equal(step(), -EKEYREVOKED);
	expect_why(-EKEYREVOKED, "looked at");
	w.get_error = 0;
	assert_int_equal(step(), 0);
	assert_true(has(w.says) && w.asked == 1);
}

/* A chain of the leaf alone, since the root may be left out. */
static void issuers(void **state)
{
	capcert_chain *others = make_chain((struct pki *const[70]){ w.f.root, w.f.ca });

	(void)state;
	rotate(w.leaf, NULL, NONE);
	w.says = about(w.leaf, 8 * HOUR);
	start(NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(step(), -ENXIO);
		expect_why(-ENXIO, "issuer");
		assert_true(due() == HOUR && w.gets == 1);
	}
	w.now = HOUR; /* whatever it was: now and then */
	assert_int_equal(step(), -ENXIO);
	assert_true(due() == HOUR && w.gets == 2);
	w.says = about(w.leaf, 8 * HOUR);
	capcert_slot_stapler_free(w.s);
	start(others);
	assert_int_equal(step(), 0);
	assert_true(has(w.says) && !w.chain[1]);
	/* One of whose issuer nothing is known: the staple of the one before is not put there. */
	rotate(w.f.root, NULL, NONE);
	capcert_slot_stapler_free(w.s);
	start(NULL);
	assert_int_equal(step(), -ENXIO);
	rotate(w.leaf, w.f.ca, NONE);
	assert_int_equal(step(), 0);
	rotate(w.leaf, NULL, w.says);
	assert_int_equal(step(), -ENXIO);
	assert_true(has(w.says)); /* nobody here can judge it: it is his who put it */
	capcert_chain_free(others);
}

static void nobody_to_ask(void **state)
{
	struct capcert_stapler_options o = { .url = "http://other.example.org/",
					     .fetch = respond,
					     .now = the_time,
					     .random = no_jitter };
	struct cc_span good;

	(void)state;
	good = about(w.f.leaf, 8 * HOUR);
	rotate(w.f.leaf, w.f.ca, good);
	start(NULL);
	assert_int_equal(step(), -ENXIO);
	expect_why(-ENXIO, "no OCSP responder");
	assert_true(has(good) && w.puts == 0 && get().staple.have);
	assert_int_equal(due(), 8 * HOUR); /* its end, all the same */
	capcert_slot_stapler_free(w.s);
	/* An address that is given. */
	assert_int_equal(slot_stapler_new(&calls, FD, NAME, &o, NULL, &w.s), 0);
	rotate(w.f.leaf, w.f.ca, NONE);
	w.says = good;
	assert_int_equal(step(), 0);
	assert_true(has(good));
}

static void bad_options(void **state)
{
	struct capcert_stapler_options o = { .min_wait = 10, .max_wait = 9 }, none = { 0 };
	capcert_slot_stapler *s;

	(void)state;
	assert_int_equal(capcert_slot_stapler_new(FD, NAME, &o, NULL, &s), -EINVAL);
	assert_int_equal(capcert_slot_stapler_new(FD, "../x", &none, NULL, &s), -EINVAL);
	assert_int_equal(capcert_slot_stapler_new(-1, NAME, &none, NULL, &s), 0);
	assert_true(capcert_slot_stapler_step(s, 0) < 0);
	capcert_slot_stapler_free(s);
	capcert_slot_stapler_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_life),	       TEST(found_there),   TEST(wrong_responders),
		TEST(rotated_between), TEST(no_end),	    TEST(refused),
		TEST(issuers),	       TEST(nobody_to_ask), TEST(bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
