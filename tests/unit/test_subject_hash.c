// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Subject hashes: the canonical form by hand, and every hash as OpenSSL itself has it. */

#include "tests/unit/cert_build.h"
#include <errno.h>
#include <glob.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <capcert/x509.h>
#include "libcapcert/subject_hash.h"

#define CN "550403"
#define OU "55040b"

static struct cc_span ava(const char *oid, uint8_t tag, struct cc_span value)
{
	return der(0x30, der_wrap(0x06, der_hex(oid)), der_wrap(tag, value));
}

static struct cc_span one(uint8_t tag, struct cc_span value)
{
	return der(0x30, der(0x31, ava(CN, tag, value)));
}

/* What OpenSSL says. False when it does not take the name. */
static bool theirs(struct cc_span name, uint32_t *ret)
{
	const uint8_t *p = name.p;
	X509_NAME *parsed = d2i_X509_NAME(NULL, &p, (long)name.n);
	int ok = 0;

	if (!parsed)
		return false;
	*ret = (uint32_t)X509_NAME_hash_ex(parsed, NULL, NULL, &ok);
	X509_NAME_free(parsed);
	return ok;
}

static void expect_same(struct cc_span name, const char *what)
{
	uint32_t ours = 0, other = 1;
	bool taken = theirs(name, &other);
	int r = capcert_name_hash(name.p, name.n, &ours);

	if (taken && r)
		fail_msg("%s: OpenSSL has %08x, we refuse: %d", what, other, r);
	if (!taken && !r)
		fail_msg("%s: OpenSSL refuses, we have %08x", what, ours);
	if (taken && ours != other)
		fail_msg("%s: OpenSSL has %08x, we have %08x", what, other, ours);
}

static void expect_canonical(struct cc_span name, struct cc_span want)
{
	uint8_t *got;
	size_t n;

	assert_int_equal(name_canonical(name, &got, &n), 0);
	assert_int_equal(n, want.n);
	assert_memory_equal(got, want.p, n);
	free(got);
}

static void canonical_form(void **state)
{
	expect_canonical(one(0x13, der_str("  Foo \t BAR ")),
			 der(0x31, ava(CN, 0x0c, der_str("foo bar"))));
	expect_canonical(one(0x14, der_hex("c4 20 20 58")),
			 der(0x31, ava(CN, 0x0c, der_hex("c384 20 78"))));
	expect_canonical(one(0x1e, der_hex("0041 20ac")),
			 der(0x31, ava(CN, 0x0c, der_hex("61 e282ac"))));
	expect_canonical(one(0x1c, der_hex("00000041 0001f600")),
			 der(0x31, ava(CN, 0x0c, der_hex("61 f09f9880"))));
	expect_canonical(one(0x03, der_hex("00 41")), der(0x31, ava(CN, 0x03, der_hex("00 41"))));
	/* Two attributes: by octets once canonical, whatever their order was before. */
	expect_canonical(
		der(0x30, der(0x31, ava(CN, 0x0c, der_str("BA")), ava(CN, 0x0c, der_str("ab")))),
		der(0x31, ava(CN, 0x0c, der_str("ab")), ava(CN, 0x0c, der_str("ba"))));
	/* RDNs one behind the other, nothing round them. */
	expect_canonical(der(0x30, der(0x31, ava(OU, 0x13, der_str("U"))),
			     der(0x31, ava(CN, 0x13, der_str("N")))),
			 der_cat(der(0x31, ava(OU, 0x0c, der_str("u"))),
				 der(0x31, ava(CN, 0x0c, der_str("n"))), DER_END));
}

/* Types that OpenSSL takes in no name are text like the others; NumericString, which it leaves alone,
 * is left alone. */
static void odd_types(void **state)
{
	static const uint8_t odd[] = { 0x15, 0x1a, 0x1b };
	uint32_t hash;
	size_t i;

	for (i = 0; i < sizeof(odd); i++) {
		struct cc_span name = one(odd[i], der_str(" Foo"));

		assert_false(theirs(name, &hash));
		expect_canonical(name, der(0x31, ava(CN, 0x0c, der_str("foo"))));
	}
	expect_canonical(one(0x12, der_str(" 1  2")), der(0x31, ava(CN, 0x12, der_str(" 1  2"))));
	expect_same(one(0x12, der_str(" 1  2")), "NumericString");
}

/* The hash of no octets at all: da39a3ee5e6b… */
static void empty_name(void **state)
{
	uint32_t hash;

	assert_int_equal(capcert_name_hash((const uint8_t *)"\x30\x00", 2, &hash), 0);
	assert_int_equal(hash, 0xeea339da);
	expect_same(der_hex("3000"), "empty");
}

static void refused(void **state)
{
	struct cc_span good = one(0x0c, der_str("x"));
	uint32_t hash = 7;
	size_t n;

	for (n = 0; n < good.n; n++)
		assert_int_equal(capcert_name_hash(good.p, n, &hash), -EBADMSG);
	assert_int_equal(capcert_name_hash(good.p, 70000, &hash), -EBADMSG);
	assert_int_equal(hash, 7);
	expect_same(one(0x0c, der_hex("c0af")), "overlong");
	expect_same(one(0x0c, der_hex("eda080")), "surrogate in UTF-8");
	expect_same(one(0x0c, der_hex("f4908080")), "behind the last character");
	expect_same(one(0x0c, der_hex("f8888080 80")), "five octets");
	expect_same(one(0x0c, der_hex("c3")), "cut");
	expect_same(one(0x0c, der_hex("c341")), "no continuation");
	expect_same(one(0x0c, der_hex("80")), "continuation first");
	expect_same(one(0x1e, der_hex("d800")), "surrogate in BMPString");
	expect_same(one(0x1e, der_hex("0041 00")), "half a character");
	expect_same(one(0x1c, der_hex("00110000")), "no character");
	expect_same(one(0x1c, der_hex("000041")), "three quarters of a character");
}

static struct cc_span repeat(char c, size_t n)
{
	uint8_t *p = der_alloc(n);

	memset(p, c, n);
	return cc_span(p, n);
}

/* Values whose lengths need another octet once they are UTF-8. */
static void long_values(void **state)
{
	static const size_t sizes[] = { 0, 1, 60, 63, 64, 100, 126, 127, 128, 255, 256, 32000 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		expect_same(one(0x14, repeat((char)0xe9, sizes[i])), "long Latin-1");
		expect_same(one(0x0c, repeat('A', sizes[i])), "long ASCII");
		expect_same(one(0x0c, repeat(' ', sizes[i])), "blanks");
	}
	/* So long that the canonical form passes 64 kB. */
	expect_same(one(0x14, repeat((char)0xe9, 65000)), "longest");
}

static uint32_t random_state = 1;

static uint32_t roll(uint32_t below)
{
	random_state = random_state * 1103515245 + 12345;
	return (random_state >> 16) % below;
}

static struct cc_span random_value(uint8_t tag)
{
	static const uint8_t common[] = " \t\n\v\f\r aAbZz019-.,@[`{";
	size_t n = roll(14), i;
	uint8_t *p;

	if (tag == 0x1e || tag == 0x1c)
		n *= tag == 0x1e ? 2 : 4;
	p = der_alloc(n);
	for (i = 0; i < n; i++) {
		p[i] = roll(8) ? common[roll(sizeof(common) - 1)] : (uint8_t)roll(256);
		if (tag == 0x1e && i % 2 == 0 && roll(4))
			p[i] = 0;
		if (tag == 0x1c && i % 4 < 3 && roll(40))
			p[i] = 0;
	}
	if (tag == 0x03 && n)
		p[0] = 0;
	return cc_span(p, n);
}

/* The string types that OpenSSL takes in names. */
static const uint8_t tags[] = { 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1c, 0x1e };

static void random_names(void **state)
{
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		size_t start = der_used;
		uint8_t tag = tags[roll(sizeof(tags))];
		struct cc_span name, a = ava(CN, tag, random_value(tag));

		tag = tags[roll(sizeof(tags))];
		if (roll(2)) {
			struct cc_span b = ava(roll(2) ? OU : CN, tag, random_value(tag));
			size_t least = a.n < b.n ? a.n : b.n;
			bool swap = memcmp(a.p, b.p, least) > 0;

			name = der(0x30, swap ? der(0x31, b, a) : der(0x31, a, b));
		} else {
			name = der(0x30, der(0x31, a));
		}
		expect_same(name, "made at random");
		der_used = start;
	}
}

static void check_file(const char *path, unsigned int *count)
{
	FILE *f = fopen(path, "re");
	unsigned char *der_bytes = NULL;
	uint32_t ours;
	X509 *cert;
	int n, r;

	if (!f)
		return;
	while ((cert = PEM_read_X509(f, NULL, NULL, NULL))) {
		capcert_cert *own;

		der_bytes = NULL;
		n = i2d_X509(cert, &der_bytes);
		assert_true(n > 0);
		r = capcert_cert_new(der_bytes, (size_t)n, &own, NULL);
		/* What is no certificate to us is not in question here. */
		if (!r) {
			assert_int_equal(capcert_cert_subject_hash(own, &ours), 0);
			if (ours != (uint32_t)X509_subject_name_hash(cert))
				fail_msg("%s: %08lx to OpenSSL, %08x to us", path,
					 X509_subject_name_hash(cert), ours);
			capcert_cert_free(own);
			++*count;
		}
		OPENSSL_free(der_bytes);
		X509_free(cert);
	}
	fclose(f);
}

static void check_glob(const char *pattern, unsigned int *count)
{
	glob_t found;
	size_t i;

	if (glob(pattern, 0, NULL, &found) == 0)
		for (i = 0; i < found.gl_pathc; i++)
			check_file(found.gl_pathv[i], count);
	globfree(&found);
}

static void real_certificates(void **state)
{
	unsigned int system = 0, roots = 0;

	check_glob("/etc/ssl/certs/*", &system);
	check_glob("data/roots/*/*.pem", &roots);
	check_glob("data/roots/*/*.disabled", &roots);
	print_message("# %u certificates of the system, %u of data/roots\n", system, roots);
	assert_true(system > 100);
	assert_true(roots > 100);
}

static void sha1_of_certificate(void **state)
{
	struct cert_parts parts = cert_parts();
	struct cc_span cert_bytes = cert_der(&parts);
	uint8_t digest[20], want[20];
	capcert_cert *cert;

	assert_int_equal(capcert_cert_new(cert_bytes.p, cert_bytes.n, &cert, NULL), 0);
	capcert_cert_sha1(cert, digest);
	assert_true(EVP_Digest(cert_bytes.p, cert_bytes.n, want, NULL, EVP_sha1(), NULL));
	assert_memory_equal(digest, want, 20);
	capcert_cert_free(cert);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(canonical_form),    cmocka_unit_test(empty_name),
		cmocka_unit_test(odd_types),	     cmocka_unit_test(refused),
		cmocka_unit_test(long_values),	     cmocka_unit_test(random_names),
		cmocka_unit_test(real_certificates), cmocka_unit_test(sha1_of_certificate),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
