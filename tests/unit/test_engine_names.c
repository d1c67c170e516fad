// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Names: of hosts, addresses and mailboxes, and name constraints of every form. */
#include "libcapcert/names.h"
#include "tests/unit/engine_fixture.h"

#define VIOLATION CAPCERT_REASON_NAME_CONSTRAINT_VIOLATION
#define MISMATCH CAPCERT_REASON_NAME_MISMATCH
#define BUECHER "xn--bcher-kva.example"
#define BUECHER_LEN 21

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		uint32_t type; /* 0 = refused */
		const char *name;
		uint32_t len;
	} rows[] = {
		{ "WWW.Example.COM", CAPCERT_NAME_DNS, "www.example.com", 15 },
		{ "www.example.com.", CAPCERT_NAME_DNS, "www.example.com", 15 },
		{ "192.0.2.1", CAPCERT_NAME_IP, "\xc0\x00\x02\x01", 4 },
		{ "[2001:db8::1]", CAPCERT_NAME_IP, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01",
		  16 },
		{ "a.b@example.com", CAPCERT_NAME_EMAIL, "a.b@example.com", 15 },
		{ "\"a@b\"@example.com", CAPCERT_NAME_EMAIL, "\"a@b\"@example.com", 17 },
		{ "", 0, "", 0 },
		{ "a b", 0, "", 0 },
		{ "a@b@c", 0, "", 0 },
		{ "@example.com", 0, "", 0 },
		{ "a@", 0, "", 0 },
		{ "1.2.3.4.5", 0, "", 0 },
		{ "*.example.com", 0, "", 0 },
		/* IDNA 2008: in lower case and NFC, and nothing left out on the way. */
		{ "b\xc3\xbc"
		  "cher.example",
		  CAPCERT_NAME_DNS, BUECHER, BUECHER_LEN },
		{ "B\xc3\x9c"
		  "CHER.Example.",
		  CAPCERT_NAME_DNS, BUECHER, BUECHER_LEN },
		{ "bu\xcc\x88"
		  "cher.example",
		  CAPCERT_NAME_DNS, BUECHER, BUECHER_LEN },
		{ "stra\xc3\x9f"
		  "e.example",
		  CAPCERT_NAME_DNS, "xn--strae-oqa.example", 21 },
		{ "XN--bcher-KVA.example", CAPCERT_NAME_DNS, BUECHER, BUECHER_LEN },
		{ "a@b\xc3\xbc"
		  "cher.example",
		  CAPCERT_NAME_EMAIL, "a@" BUECHER, BUECHER_LEN + 2 },
		{ "\xe2\x98\x83.example", 0, "", 0 }, /* a snowman is no letter */
		{ "\xc2\xad"
		  "a.example",
		  0, "", 0 }, /* soft hyphen */
		{ "\xef\xbc\x91.\xef\xbc\x92.\xef\xbc\x93.\xef\xbc\x94", 0, "", 0 },
		{ "\xef\xbd\x85xample.com", 0, "", 0 }, /* wide letter */
		{ "a\xe2\x84\x80"
		  "b.com",
		  0, "", 0 }, /* account of, "a/c" */
		{ "\xc3\xbc:80", 0, "", 0 },
		{ "\xc3\xbc/a", 0, "", 0 },
		{ "a b.\xc3\xbc", 0, "", 0 },
		{ "\xc3\xbc..example", 0, "", 0 },
		{ "*.b\xc3\xbc"
		  "cher.example",
		  0, "", 0 },
		{ "xn--b\xc3\xbc"
		  "cher.example",
		  0, "", 0 },
		{ "1\xd7\x90.example", 0, "", 0 }, /* digit before a letter to its left */
		{ "\xc3.example", 0, "", 0 },	   /* half a letter */
		{ "\xff.example", 0, "", 0 },
		{ "\xc3\xbc@b\xc3\xbc"
		  "cher.example",
		  0, "", 0 },
		{ "a@b@\xc3\xbc.example", 0, "", 0 },
		{ "::1\xc3\xbc", 0, "", 0 },
	};
	uint8_t name[CAPCERT_MAX_NAME];
	uint32_t type, len;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = names_parse(rows[i].text, &type, name, &len);

		if (r != (rows[i].type ? 0 : -EINVAL))
			fail_msg("%s: %d", rows[i].text, r);
		if (r < 0)
			continue;
		assert_int_equal(type, rows[i].type);
		assert_int_equal(len, rows[i].len);
		assert_memory_equal(name, rows[i].name, len);
	}
}

static void test_hosts(void **state)
{
	static const struct {
		const char *in_cert, *asked;
		bool match;
	} rows[] = {
		{ "www.example.com", "www.example.com", true },
		{ "WWW.example.COM", "www.EXAMPLE.com", true },
		{ "www.example.com", "www.example.com.", true },
		{ "www.example.com", "example.com", false },
		{ "www.example.com", "ww.example.com", false },
		{ "*.example.com", "www.example.com", true },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "example.com", false },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example", true },
		{ "xn--bcher-kva.example",
		  "b\xc3\xbc"
		  "cher.example",
		  true },
		{ "XN--BCHER-kva.example",
		  "B\xc3\x9c"
		  "cher.example.",
		  true },
		{ "*.example.com",
		  "b\xc3\xbc"
		  "cher.example.com",
		  true },
		{ "*.xn--bcher-kva.example",
		  "www.b\xc3\xbc"
		  "cher.example",
		  true },
		{ "xn--bcher-kva.example", "bucher.example", false },
		{ "*.example.com", "a_b.example.com", true }, /* hosts may be called so */
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pki_spec s = { .cn = "x", .dns = { rows[i].in_cert } };

		expect_leaf(&s, NULL, TLS_SERVER, rows[i].asked,
			    rows[i].match ? CAPCERT_REASON_NONE : MISMATCH);
	}
}

static void test_no_common_name(void **state)
{
	struct pki_spec only_cn = { .cn = HOST, .email = "a@example.com" };
	struct pki_spec no_san = { .cn = HOST };

	expect_leaf(&only_cn, NULL, TLS_SERVER, HOST, MISMATCH);
	expect_leaf(&no_san, NULL, TLS_SERVER, HOST, MISMATCH);
	expect_leaf(&no_san, NULL, TLS_SERVER, "", CAPCERT_REASON_NONE);
	expect_leaf(&no_san, WEBPKI, TLS_SERVER, "", CAPCERT_REASON_POLICY_VIOLATION);
}

/* Longest names: a label of 63, a name of 253; a letter that takes more room as an A-label. */
static void test_longest_names(void **state)
{
	char name[4 * CAPCERT_MAX_NAME];
	uint8_t got[CAPCERT_MAX_NAME];
	uint32_t type, len;
	size_t i, n = 0;

	for (i = 0; i < 253; i++)
		name[i] = i % 64 == 63 ? '.' : 'a';
	name[253] = '\0';
	assert_int_equal(names_parse(name, &type, got, &len), 0);
	assert_int_equal(len, 253);
	strcpy(name + 253, ".");
	assert_int_equal(names_parse(name, &type, got, &len), 0);
	assert_int_equal(len, 253);
	strcpy(name + 253, "a");
	assert_int_equal(names_parse(name, &type, got, &len), -EINVAL);
	/* 100 letters of two bytes are too many for a label, in four labels they are fine. */
	for (i = 0; i < 100; i++)
		n += (size_t)sprintf(name + n, "\xc3\xbc");
	strcpy(name + n, ".example");
	assert_int_equal(names_parse(name, &type, got, &len), -EINVAL);
	for (n = 0, i = 0; i < 100; i++)
		n += (size_t)sprintf(name + n, "\xc3\xbc%s", i % 25 == 24 ? "." : "");
	strcpy(name + n, "example");
	assert_int_equal(names_parse(name, &type, got, &len), 0);
	/* Longer than any name: not looked at. */
	memset(name, 'a', sizeof(name));
	memcpy(name, "\xc3\xbc", 2);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(names_parse(name, &type, got, &len), -EINVAL);
}

/* Names in a certificate that say nothing about a host: SRV and other forms, a directory name. */
static void test_other_forms(void **state)
{
	/* otherName SRV "_https.www.example.com", URI, directoryName, registeredID */
	static const char srv[] = "\x30\x22\xa0\x20\x06\x08\x2b\x06\x01\x05\x05\x07\x08\x07\xa0"
				  "\x14\x16\x12_h.www.example.com";
	struct pki_spec uri = { .cn = HOST, .uri = "https://" HOST "/" };
	struct pki_spec s = { .cn = HOST, .ext = { { "2.5.29.17", srv, sizeof(srv) - 1, false } } };

	expect_leaf(&uri, NULL, TLS_SERVER, HOST, MISMATCH);
	expect_leaf(&s, NULL, TLS_SERVER, HOST, MISMATCH);
	expect_leaf(&s, NULL, TLS_SERVER, "", CAPCERT_REASON_NONE);
}

static void test_addresses(void **state)
{
	static const uint8_t mapped[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	struct pki_spec s_mapped = { .cn = "x", .ip = mapped, .ip_len = 16 };
	static const uint8_t v4[] = { 192, 0, 2, 1 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };
	struct pki_spec s4 = { .cn = "x", .ip = v4, .ip_len = 4 };
	struct pki_spec s6 = { .cn = "x", .ip = v6, .ip_len = 16 };
	struct pki_spec text = { .cn = "192.0.2.1", .dns = { "a.example.com" } };

	expect_leaf(&s4, NULL, TLS_SERVER, "192.0.2.1", CAPCERT_REASON_NONE);
	expect_leaf(&s4, NULL, TLS_SERVER, "192.0.2.2", MISMATCH);
	expect_leaf(&s6, NULL, TLS_SERVER, "2001:db8::1", CAPCERT_REASON_NONE);
	expect_leaf(&s6, NULL, TLS_SERVER, "2001:db8::2", MISMATCH);
	expect_leaf(&s4, NULL, TLS_SERVER, "::ffff:192.0.2.1", MISMATCH);
	expect_leaf(&s_mapped, NULL, TLS_SERVER, "192.0.2.1", MISMATCH);
	expect_leaf(&s_mapped, NULL, TLS_SERVER, "::ffff:192.0.2.1", CAPCERT_REASON_NONE);
	expect_leaf(&text, NULL, TLS_SERVER, "192.0.2.1", MISMATCH);
}

static void test_odd_names_in_certificates(void **state)
{
	static const char *const bad[] = { "a_b.example.com", "192.0.2.1",	"*",
					   "a.*.example.com", "w*.example.com", "-a.example.com",
					   "example.com." };
	struct pki_spec no_subject = { .dns = { HOST } };
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pki_spec s = { .cn = "x", .dns = { HOST, bad[i] } };

		expect_leaf(&s, NULL, TLS_SERVER, HOST, CAPCERT_REASON_POLICY_VIOLATION);
	}
	/* GnuTLS marks subjectAltName not critical: RFC 5280 wants it so without a subject. */
	expect_leaf(&no_subject, NULL, TLS_SERVER, HOST, CAPCERT_REASON_POLICY_VIOLATION);
}

/* Mailboxes: the local part as it is, the host without case (RFC 5280 section 7.5). */
static void test_mailboxes(void **state)
{
	static const struct {
		const char *asked;
		bool fine;
	} rows[] = {
		{ "a@b.example", true },    { "a@B.Example", true },
		{ "A@b.example", false },   { "a@c.example", false },
		{ "b@b.example", false },   { "\"a b\"@b.example", false },
		{ "a.b@b.example", false },
	};
	struct pki_spec s = { .cn = "a",
			      .email = "a@b.example",
			      .eku = { GNUTLS_KP_EMAIL_PROTECTION } };
	struct pki_spec host_only = { LEAF_SPEC, .eku = { GNUTLS_KP_EMAIL_PROTECTION } };
	char name[CAPCERT_MAX_NAME + 2];
	uint8_t got[CAPCERT_MAX_NAME];
	uint32_t type, len;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_leaf(&s, NULL, CAPCERT_PURPOSE_EMAIL_SMIME, rows[i].asked,
			    rows[i].fine ? CAPCERT_REASON_NONE : CAPCERT_REASON_NAME_MISMATCH);
	expect_leaf(&host_only, NULL, CAPCERT_PURPOSE_EMAIL_SMIME, "a@b.example",
		    CAPCERT_REASON_NAME_MISMATCH);
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(names_parse(name, &type, got, &len), -EINVAL);
}

static void test_dns_constraints(void **state)
{
	static const struct {
		const char *permit, *exclude, *name;
		bool good;
	} rows[] = {
		{ "example.com", NULL, "www.example.com", true },
		{ "example.com", NULL, "example.com", true },
		{ "EXAMPLE.com", NULL, "www.example.COM", true },
		{ "example.com", NULL, "wwwexample.com", false },
		{ "example.com", NULL, "example.org", false },
		{ "example.com", NULL, "*.example.com", true },
		{ "www.example.com", NULL, "*.example.com", false },
		{ NULL, "example.com", "www.example.com", false },
		{ NULL, "example.com", "www.example.org", true },
		{ NULL, "www.example.com", "*.example.com", false },
		{ NULL, "a.www.example.com", "*.example.com", true },
		{ NULL, "*.example.com", "www.example.org", false }, /* malformed base */
		{ "example.com", "www.example.com", "www.example.com", false },
		{ "example.com", "www.example.com", "mail.example.com", true },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pki_spec ca = { CA_SPEC, .permit_dns = rows[i].permit,
				       .exclude_dns = rows[i].exclude };
		struct pki_spec leaf = { .cn = "x", .dns = { rows[i].name } };
		struct pki *root = make_root(), *c = pki_make(&ca, root), *l = pki_make(&leaf, c);
		struct question q = { .chain = { l, c }, .anchors = { root }, .name = "" };
		struct capcert_result r = ask(&q);

		if (r.outcome.reason != (rows[i].good ? CAPCERT_REASON_NONE : VIOLATION))
			fail_msg("row %zu: %s", i, r.outcome.detail);
		pki_free(l);
		pki_free(c);
		pki_free(root);
	}
}

static void test_other_constraints(void **state)
{
	static const gnutls_datum_t net = { (unsigned char *)"\xc0\x00\x02\x00\xff\xff\xff\x00",
					    8 };
	static const uint8_t in[] = { 192, 0, 2, 9 }, out[] = { 192, 0, 3, 9 };
	struct pki_spec by_ip = { CA_SPEC, .permit_ip = &net },
			not_ip = { CA_SPEC, .exclude_ip = &net };
	struct pki_spec ip_in = { .cn = "x", .ip = in, .ip_len = 4 };
	struct pki_spec ip_out = { .cn = "x", .ip = out, .ip_len = 4 };
	struct pki_spec mail = { .cn = "x", .email = "a@example.com" };
	struct pki_spec mail_sub = { .cn = "x", .email = "a@sub.example.com" };
	struct pki_spec by_host = { CA_SPEC, .permit_email = "example.com" };
	struct pki_spec by_domain = { CA_SPEC, .permit_email = ".example.com" };
	struct pki_spec by_box = { CA_SPEC, .permit_email = "a@example.com" };
	struct pki_spec not_box = { CA_SPEC, .exclude_email = "a@example.com" };
	struct pki_spec uri = { .cn = "x", .uri = "https://www.example.com/a" };
	struct pki_spec no_host = { .cn = "x", .uri = "urn:example:a" };
	struct pki_spec by_uri = { CA_SPEC, .permit_uri = ".example.com" };
	struct pki_spec not_uri = { CA_SPEC, .exclude_uri = "www.example.com" };

	expect_ca(&by_ip, &ip_in, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_ip, &ip_out, NULL, VIOLATION, 0);
	expect_ca(&not_ip, &ip_in, NULL, VIOLATION, 0);
	expect_ca(&not_ip, &ip_out, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_host, &mail, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_host, &mail_sub, NULL, VIOLATION, 0);
	expect_ca(&by_domain, &mail_sub, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_domain, &mail, NULL, VIOLATION, 0);
	expect_ca(&by_box, &mail, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_box, &mail_sub, NULL, VIOLATION, 0);
	expect_ca(&not_box, &mail, NULL, VIOLATION, 0);
	expect_ca(&not_box, &mail_sub, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_uri, &uri, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&not_uri, &uri, NULL, VIOLATION, 0);
	expect_ca(&by_uri, &no_host, NULL, VIOLATION, 0);
	/* A constraint of one form says nothing of another. */
	expect_ca(&by_uri, &mail, NULL, CAPCERT_REASON_NONE, 0);
}

/* SEQUENCE { SET { SEQUENCE { organizationName, UTF8String "Test" } } } */
static const unsigned char dn_test[] = "\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x0a\x0c\x04Test";

static void test_directory_constraints(void **state)
{
	static const gnutls_datum_t dn = { (unsigned char *)(uintptr_t)dn_test, 17 };
	struct pki_spec by_dn = { CA_SPEC, .permit_dn = &dn },
			not_dn = { CA_SPEC, .exclude_dn = &dn };
	struct pki_spec inside = { .org = "Test", .email = "a@b.example" };
	struct pki_spec outside = { .org = "Elsewhere", .email = "a@b.example" };

	expect_ca(&by_dn, &inside, NULL, CAPCERT_REASON_NONE, 0);
	expect_ca(&by_dn, &outside, NULL, VIOLATION, 0);
	expect_ca(&not_dn, &inside, NULL, VIOLATION, 0);
	expect_ca(&not_dn, &outside, NULL, CAPCERT_REASON_NONE, 0);
}

/* The text that is excluded, in another string type, case or normal form, is excluded as well. */
static void test_directory_constraints_by_text(void **state)
{
	static const struct {
		const char *base; /* DER of the value */
		unsigned int len;
		const char *org;
		int32_t excluded, permitted;
	} rows[] = {
		{ "\x1e\x08\0T\0e\0s\0t", 10, "TEST", VIOLATION, CAPCERT_REASON_NONE },
		{ "\x1e\x08\0T\0e\0s\0t", 10, "Rest", CAPCERT_REASON_NONE, VIOLATION },
		{ "\x0c\x03\xc3\x89"
		  "a",
		  5,
		  "\xc3\xa9"
		  "A",
		  VIOLATION, CAPCERT_REASON_NONE },
		{ "\x14\x02\xc9"
		  "a",
		  4,
		  "e\xcc\x81"
		  "a",
		  VIOLATION, CAPCERT_REASON_NONE },
		/* private use: nobody can say what it equals */
		{ "\x0c\x03\xee\x80\x80", 5, "Test", VIOLATION, VIOLATION },
		{ "\x0c\x04Test", 6, "\xee\x80\x80", VIOLATION, VIOLATION },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned int n = rows[i].len;
		unsigned char dn[64] = { 0x30, (unsigned char)(n + 9),
					 0x31, (unsigned char)(n + 7),
					 0x30, (unsigned char)(n + 5),
					 6,    3,
					 0x55, 4,
					 0x0a };
		gnutls_datum_t base = { dn, n + 11 };
		struct pki_spec permit = { CA_SPEC, .permit_dn = &base },
				exclude = { CA_SPEC, .exclude_dn = &base };
		struct pki_spec leaf = { .org = rows[i].org, .email = "a@b.example" };

		memcpy(dn + 11, rows[i].base, n);
		expect_ca(&permit, &leaf, NULL, rows[i].permitted, 0);
		expect_ca(&exclude, &leaf, NULL, rows[i].excluded, 0);
	}
}

static void test_constraints_apply_below(void **state)
{
	struct pki_spec root_spec = { ROOT_SPEC, .permit_dns = "example.com" };
	struct pki_spec ca_spec = { CA_SPEC, .dns = { "ca.example.org" } };
	struct pki *root = pki_make(&root_spec, NULL), *ca = pki_make(&ca_spec, root);
	struct pki *leaf = make_leaf(ca);
	struct question q = { .chain = { leaf, ca }, .anchors = { root } };

	/* The anchor's own constraints count, and the CA's names are held against them. */
	expect_reason(&q, VIOLATION, 1);
	pki_free(leaf);
	pki_free(ca);
	ca_spec.dns[0] = "ca.example.com";
	ca = pki_make(&ca_spec, root);
	leaf = make_leaf(ca);
	q.chain[0] = leaf;
	q.chain[1] = ca;
	expect_valid(&q);
	q.policy = RFC5280 ";name_constraints=refuse";
	expect_reason(&q, CAPCERT_REASON_POLICY_VIOLATION, 2);
	pki_free(leaf);
	pki_free(ca);
	pki_free(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_longest_names),
		cmocka_unit_test(test_other_forms),
		cmocka_unit_test(test_no_common_name),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_odd_names_in_certificates),
		cmocka_unit_test(test_mailboxes),
		cmocka_unit_test(test_dns_constraints),
		cmocka_unit_test(test_other_constraints),
		cmocka_unit_test(test_directory_constraints),
		cmocka_unit_test(test_directory_constraints_by_text),
		cmocka_unit_test(test_constraints_apply_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
