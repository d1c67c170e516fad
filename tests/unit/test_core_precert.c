// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The TBSCertificate of a precertificate: whatever is taken out, what is left is what a CA would
 * have encoded without it. */
#include "core/precert.h"
#include "tests/unit/cert_build.h"
#include "tests/unit/der_text.h"

#define AKID(octets) "30{06{551d23} 04{30{80{" octets "}}}}"
#define CRITICAL_AKID(octets) "30{06{551d23} 01{ff} 04{30{80{" octets "}}}}"
#define LIST(octets) "30{06{2b06010401d679020402} 04{04{" octets "}}}"
#define POISON "30{06{2b06010401d679020403} 01{ff} 04{05{}}}"
#define LAX_POISON "30{06{2b06010401d679020403} 04{05{}}}"
#define CA "30{06{551d13} 01{ff} 04{30{01{ff}}}}"
#define PRECERT_EKU "30{06{551d25} 04{30{06{2b06010401d679020404}}}}"
#define OTHER(octets) "30{06{2a0304} 04{" octets "}}"

/* A certificate with these extensions by @issuer, in a block of its own. */
static void make(const char *issuer, const char *subject, const char *exts, struct cc_cert *ret)
{
	struct cert_parts p = cert_parts();

	p.issuer = der_name(issuer);
	p.subject = der_name(subject);
	if (exts)
		p.extensions = der_wrap(0xa3, der_wrap(0x30, der_text(exts)));
	assert_int_equal(cert_parse_parts(&p, ret), 0);
}

/* What a CA encodes: the TBSCertificate of a certificate with these. */
static struct cc_span tbs_of(const char *issuer, const char *subject, const char *exts)
{
	struct cc_cert c;

	make(issuer, subject, exts, &c);
	return c.tbs;
}

static struct cc_span flat(const struct cc_precert *p)
{
	struct cc_span all = { NULL, 0 };
	uint32_t i;

	assert_true(p->count <= CC_PRECERT_SPANS && p->used <= sizeof(p->head));
	for (i = 0; i < p->count; i++) {
		assert_true(p->span[i].n > 0);
		all = der_cat(all, p->span[i], DER_END);
	}
	assert_int_equal(all.n, p->len);
	return all;
}

static void expect_cert(const char *with, const char *without)
{
	struct cc_precert p;
	struct cc_cert c;

	make("ca", "leaf", with, &c);
	memset(&p, 0xa5, sizeof(p));
	assert_int_equal(cc_precert_from_cert(&c, &p), CC_PRECERT_OK);
	assert_true(cc_span_equal(flat(&p), tbs_of("ca", "leaf", without)));
}

static void test_final(void **state)
{
	expect_cert(LIST("00"), NULL);
	expect_cert(AKID("01") LIST("0011") OTHER("0203"), AKID("01") OTHER("0203"));
	expect_cert(LIST("0011") OTHER("0203"), OTHER("0203"));
	expect_cert(OTHER("0203") LIST("0011"), OTHER("0203"));
}

/* Lengths that shrink from two octets to one, from one to the short form, and not at all. */
static void test_lengths(void **state)
{
	static const char *const sizes[] = { "*1(aa)",	 "*40(aa)",  "*60(aa)",	 "*90(aa)",
					     "*100(aa)", "*110(aa)", "*130(aa)", "*200(aa)",
					     "*230(aa)", "*250(aa)", "*300(aa)" };
	static char with[256], without[256];
	size_t i, j;

	for (i = 0; i < CC_ARRAY_SIZE(sizes); i++)
		for (j = 0; j < CC_ARRAY_SIZE(sizes); j++) {
			snprintf(with, sizeof(with), OTHER("%s") LIST("%s"), sizes[i], sizes[j]);
			snprintf(without, sizeof(without), OTHER("%s"), sizes[i]);
			expect_cert(with, without);
		}
}

static void test_refused_finals(void **state)
{
	struct cc_precert p;
	struct cert_parts parts = cert_parts();
	struct cc_cert c;

	make("ca", "leaf", NULL, &c);
	assert_int_equal(cc_precert_from_cert(&c, &p), CC_PRECERT_E_NONE);
	make("ca", "leaf", AKID("01"), &c);
	assert_int_equal(cc_precert_from_cert(&c, &p), CC_PRECERT_E_NONE);
	make("ca", "leaf", POISON, &c);
	assert_int_equal(cc_precert_from_cert(&c, &p), CC_PRECERT_E_NONE);
	make("ca", "leaf", POISON LIST("00"), &c);
	assert_int_equal(cc_precert_from_cert(&c, &p), CC_PRECERT_E_BOTH);
	/* Two lists are no certificate to begin with. */
	parts.extensions = der_wrap(0xa3, der_wrap(0x30, der_text(LIST("00") LIST("01"))));
	assert_int_equal(cert_parse_parts(&parts, &c), CC_CERT_E_DUPLICATE);
}

static void expect_precert(const char *with, const char *signer_exts, const char *issuer,
			   const char *without)
{
	struct cc_precert p;
	struct cc_cert c, signer;

	make("signer", "leaf", with, &c);
	make("root", "signer", signer_exts, &signer);
	memset(&p, 0xa5, sizeof(p));
	assert_int_equal(cc_precert_from_precert(&c, &signer, &p), CC_PRECERT_OK);
	assert_true(cc_span_equal(flat(&p), tbs_of(issuer, "leaf", without)));
}

static void test_precert(void **state)
{
	expect_precert(POISON, CA, "signer", NULL);
	expect_precert(OTHER("01") POISON AKID("02"), CA AKID("03"), "signer",
		       OTHER("01") AKID("02"));
	/* Its key identifier and its issuer become those of the final issuer. */
	expect_precert(POISON, CA PRECERT_EKU, "root", NULL);
	expect_precert(AKID("02") POISON OTHER("01"), CA AKID("03") PRECERT_EKU, "root",
		       AKID("03") OTHER("01"));
	expect_precert(OTHER("01") POISON CRITICAL_AKID("02"), PRECERT_EKU AKID("*300(03)") CA,
		       "root", OTHER("01") CRITICAL_AKID("*300(03)"));
	expect_precert(OTHER("01") AKID("*150(02)") CA POISON, PRECERT_EKU AKID("03") CA, "root",
		       OTHER("01") AKID("03") CA);
	expect_precert(AKID("02") OTHER("04") POISON, PRECERT_EKU CA AKID("*20000(03)"), "root",
		       AKID("*20000(03)") OTHER("04"));
}

static int refuse(const char *exts, const char *subject, const char *signer_exts)
{
	struct cc_cert c, signer;
	struct cc_precert p;

	make("signer", "leaf", exts, &c);
	make("root", subject, signer_exts, &signer);
	return cc_precert_from_precert(&c, &signer, &p);
}

static void test_refused_precerts(void **state)
{
	assert_int_equal(refuse(AKID("01"), "signer", CA), CC_PRECERT_E_NONE);
	assert_int_equal(refuse(LIST("01"), "signer", CA), CC_PRECERT_E_NONE);
	assert_int_equal(refuse(LIST("01") POISON, "signer", CA), CC_PRECERT_E_BOTH);
	assert_int_equal(refuse(LAX_POISON, "signer", CA), CC_PRECERT_E_NOT_CRITICAL);
	assert_int_equal(refuse(POISON, "signer", NULL), CC_PRECERT_E_SIGNER);
	assert_int_equal(refuse(POISON, "signer", PRECERT_EKU), CC_PRECERT_E_SIGNER);
	assert_int_equal(refuse(POISON, "another", CA), CC_PRECERT_E_SIGNER);
	assert_int_equal(refuse(POISON AKID("01"), "signer", CA PRECERT_EKU), CC_PRECERT_E_KEY_ID);
	assert_int_equal(refuse(POISON, "signer", CA PRECERT_EKU AKID("01")), CC_PRECERT_E_KEY_ID);
}

/* Longer than any certificate: the headers of five octets. */
static void test_beyond_a_certificate(void **state)
{
	struct cc_cert c, signer, want;
	struct cc_precert p;
	struct cc_span all;

	der_used = 0; /* room for it: nothing that the other tests made is needed any more */
	make("signer", "leaf", AKID("02") POISON OTHER("*33000(01)"), &c);
	make("root", "signer", CA PRECERT_EKU AKID("*33000(03)"), &signer);
	assert_int_equal(cc_precert_from_precert(&c, &signer, &p), CC_PRECERT_OK);
	all = flat(&p);
	assert_true(all.n > CC_CERT_MAX && all.p[1] == 0x83);
	assert_int_equal(all.n, 5 + (size_t)(all.p[2] << 16 | all.p[3] << 8 | all.p[4]));
	assert_int_equal(cc_tbs_parse(all, &want), CC_CERT_E_TOO_LARGE);
}

static void test_texts(void **state)
{
	int i;

	for (i = 0; i <= CC_PRECERT_E_KEY_ID; i++)
		assert_true(strlen(cc_precert_error_text(i)) > 3);
	assert_string_equal(cc_precert_error_text(i), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_final),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refused_finals),
		cmocka_unit_test(test_precert),
		cmocka_unit_test(test_refused_precerts),
		cmocka_unit_test(test_beyond_a_certificate),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests_name("core/precert", tests, NULL, NULL);
}
