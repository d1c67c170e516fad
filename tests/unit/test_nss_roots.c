// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* certdata.txt: what is read, which trust object belongs to which certificate, and every way in which
 * a text is refused, with its line. */

#include "tests/unit/cert_build.h"
#include <errno.h>
#include <capcert/nss_roots.h>

#define HEAD "# comment\n\nCVS_ID \"x\"\nBEGINDATA\n"

static char text[1 << 20];
static size_t used;

static void begin(void)
{
	used = (size_t)sprintf(text, HEAD);
}

static void add(const char *more)
{
	used += (size_t)sprintf(text + used, "%s\n", more);
}

static void octal(const char *name, struct cc_span s)
{
	size_t i;

	used += (size_t)sprintf(text + used, "%s MULTILINE_OCTAL\n", name);
	for (i = 0; i < s.n; i++)
		used += (size_t)sprintf(text + used, "\\%03o%s", s.p[i], i % 16 == 15 ? "\n" : "");
	used += (size_t)sprintf(text + used, "%sEND\n", s.n % 16 ? "\n" : "");
}

struct sample {
	struct cc_span der, issuer, serial;
	uint8_t sha1[20];
};

static struct sample sample(const char *serial)
{
	struct cert_parts p = cert_parts();
	struct sample s;
	capcert_cert *cert;

	p.serial = der_wrap(0x02, der_hex(serial));
	s.der = cert_der(&p);
	s.issuer = p.issuer;
	s.serial = p.serial;
	assert_int_equal(capcert_cert_new(s.der.p, s.der.n, &cert, NULL), 0);
	capcert_cert_sha1(cert, s.sha1);
	capcert_cert_free(cert);
	return s;
}

static void add_cert(const struct sample *s, const char *label)
{
	add("CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE");
	used += (size_t)sprintf(text + used, "CKA_LABEL UTF8 \"%s\"\n", label);
	add("CKA_TOKEN CK_BBOOL CK_TRUE");
	add("CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_X_509");
	octal("CKA_ISSUER", s->issuer);
	octal("CKA_SERIAL_NUMBER", s->serial);
	octal("CKA_VALUE", s->der);
	add("CKA_NSS_MOZILLA_CA_POLICY CK_BBOOL CK_TRUE");
}

static void add_trust(const struct sample *s, bool hash, const char *server)
{
	add("CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST");
	add("CKA_LABEL UTF8 \"trust\"");
	octal("CKA_ISSUER", s->issuer);
	octal("CKA_SERIAL_NUMBER", s->serial);
	if (hash)
		octal("CKA_CERT_SHA1_HASH", cc_span(s->sha1, 20));
	used += (size_t)sprintf(text + used, "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_%s\n", server);
	add("CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_MUST_VERIFY_TRUST");
	add("CKA_TRUST_CODE_SIGNING CK_TRUST CKT_NSS_MUST_VERIFY_TRUST");
	add("CKA_TRUST_STEP_UP_APPROVED CK_BBOOL CK_FALSE");
}

static capcert_nss_roots *parse(void)
{
	struct cc_span exact = der_exact(cc_span(text, used));
	capcert_nss_roots *list = NULL;
	const char *error = "?";
	size_t line = 0;
	int r = capcert_nss_roots_parse((const char *)exact.p, exact.n, &list, &line, &error);

	der_free(exact);
	if (r)
		fail_msg("%d, line %zu: %s", r, line, error);
	return list;
}

static unsigned int line_of(size_t offset)
{
	unsigned int line = 1;
	size_t i;

	for (i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

/* The text so far, and what it is refused for. @line 0: any. */
static void refused_at(const char *want, unsigned int line)
{
	struct cc_span exact = der_exact(cc_span(text, used));
	capcert_nss_roots *list = NULL;
	const char *error = NULL;
	size_t got = 0;

	assert_int_equal(
		capcert_nss_roots_parse((const char *)exact.p, exact.n, &list, &got, &error),
		-EBADMSG);
	der_free(exact);
	assert_null(list);
	if (!strstr(error, want))
		fail_msg("'%s', not '%s'", error, want);
	if (line)
		assert_int_equal(got, line);
	assert_true(got >= 1);
}

static void whole(void **state)
{
	struct sample a = sample("01"), b = sample("02"), c = sample("03");
	const struct capcert_nss_root *roots;
	capcert_nss_roots *list;

	begin();
	add("CKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST");
	add("CKA_LABEL UTF8 \"Mozilla Builtin Roots\"\r");
	add_cert(&a, "A \\xc3\\x84");
	add("CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE");
	octal("CKA_NSS_EMAIL_DISTRUST_AFTER", der_str("20250101000000Z"));
	add_trust(&b, true, "MUST_VERIFY_TRUST"); /* before its certificate */
	add_cert(&b, "B");
	octal("CKA_NSS_SERVER_DISTRUST_AFTER", der_str("241130235959Z"));
	add_trust(&a, true, "TRUSTED_DELEGATOR");
	add_cert(&c, "C");
	list = parse();
	assert_int_equal(capcert_nss_roots_count(list), 3);
	roots = capcert_nss_roots_all(list);
	assert_string_equal(roots[0].label, "A \xc3\x84");
	assert_int_equal(roots[0].server_auth, CAPCERT_NSS_TRUSTED_DELEGATOR);
	assert_int_equal(roots[0].email_protection, CAPCERT_NSS_MUST_VERIFY_TRUST);
	assert_true(roots[0].server_distrust_after == CAPCERT_NSS_NEVER);
	assert_int_equal(roots[0].email_distrust_after, 1735689600);
	assert_true(roots[0].mozilla_policy);
	assert_int_equal(roots[0].line, 7);
	assert_non_null(roots[0].cert);
	assert_memory_equal(roots[0].sha1, a.sha1, 20);
	assert_int_equal(roots[1].server_auth, CAPCERT_NSS_MUST_VERIFY_TRUST);
	assert_int_equal(roots[1].server_distrust_after, 1733011199);
	assert_int_equal(roots[2].server_auth, CAPCERT_NSS_NONE);
	assert_string_equal(capcert_nss_trust_name(roots[2].server_auth), "no trust record");
	assert_string_equal(capcert_nss_trust_name(99), "?");
	capcert_nss_roots_free(list);
}

/* Without a hash the issuer and the serial number say who is meant; distrust may be of the absent. */
static void by_name(void **state)
{
	struct sample a = sample("01"), b = sample("02"), none = sample("07");
	capcert_nss_roots *list;

	begin();
	add_cert(&a, "A");
	add_cert(&b, "B");
	add_trust(&b, false, "NOT_TRUSTED");
	add_trust(&none, false, "NOT_TRUSTED");
	add_trust(&none, true, "TRUST_UNKNOWN");
	list = parse();
	assert_int_equal(capcert_nss_roots_all(list)[0].server_auth, CAPCERT_NSS_NONE);
	assert_int_equal(capcert_nss_roots_all(list)[1].server_auth, CAPCERT_NSS_NOT_TRUSTED);
	capcert_nss_roots_free(list);
}

/* Bytes that are no certificate are for a rule to leave out. */
static void no_certificate(void **state)
{
	struct sample a = sample("01");
	const struct capcert_nss_root *root;
	capcert_nss_roots *list;

	begin();
	a.der = der_hex("3003020101");
	add_cert(&a, "A");
	add_trust(&a, false, "TRUSTED_DELEGATOR");
	list = parse();
	root = capcert_nss_roots_all(list);
	assert_null(root->cert);
	assert_non_null(root->error);
	assert_int_equal(root->server_auth, CAPCERT_NSS_TRUSTED_DELEGATOR);
	capcert_nss_roots_free(list);
}

static void empty(void **state)
{
	capcert_nss_roots *list;

	begin();
	list = parse();
	assert_int_equal(capcert_nss_roots_count(list), 0);
	capcert_nss_roots_free(list);
	capcert_nss_roots_free(NULL);
	used = 0;
	refused_at("no BEGINDATA", 0);
}

/* One line that is wrong, in an object that is right up to there. */
static void bad_lines(void **state)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "CKA_TOKEN", "NAME TYPE VALUE" },
		{ "cka_token CK_BBOOL CK_TRUE", "NAME TYPE VALUE" },
		{ "TOKEN CK_BBOOL CK_TRUE", "NAME TYPE VALUE" },
		{ "CKA_TOKEN ck CK_TRUE", "NAME TYPE VALUE" },
		{ "CKA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA "
		  "CK_BBOOL "
		  "CK_TRUE",
		  "NAME TYPE VALUE" },
		{ "CKA_TOKEN CK_BBOOL TRUE", "neither CK_TRUE" },
		{ "CKA_TOKEN CK_BBOOL", "neither CK_TRUE" },
		{ "CKA_TOKEN CK_NOVEL 1", "unknown type" },
		{ "CKA_ID UTF8 0", "between quotes" },
		{ "CKA_ID UTF8 \"", "between quotes" },
		{ "CKA_ID UTF8 \"a\"b\"", "quote within" },
		{ "CKA_ID UTF8 \"\\n\"", "backslash" },
		{ "CKA_ID UTF8 \"\\x4\"", "backslash" },
		{ "CKA_ID UTF8 \"\\xg0\"", "backslash" },
		{ "CKA_ID UTF8 \"\\x0a\"", "control" },
		{ "CKA_ID UTF8 \"\t\"", "control" },
		{ "CKA_LABEL UTF8 \"B\"", "twice" },
		{ "CKA_LABEL CK_BBOOL CK_TRUE", "twice" },
		{ "CKA_SERIAL_NUMBER UTF8 \"1\"", "UTF8 where" },
		{ "CKA_ISSUER CK_BBOOL CK_TRUE", "CK_BBOOL where" },
		{ "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_TRUE", "CK_BBOOL where" },
		{ "CKA_VALUE CK_TRUST CKT_NSS_TRUSTED", "CK_TRUST where" },
		{ "CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_SOMEHOW", "unknown CK_TRUST" },
		{ "CKA_TRUST_SERVER_AUTH CK_TRUST", "unknown CK_TRUST" },
		{ "CKA_CERTIFICATE_TYPE CK_CERTIFICATE_TYPE CKC_WTLS", "not X.509" },
		{ "CKA_CLASS CK_BBOOL CK_TRUE", "CKA_CLASS is not" },
		{ "CKA_CLASS CK_OBJECT_CLASS", "CKA_CLASS is not" },
		{ "CKA_VALUE MULTILINE_OCTAL 1", "follows MULTILINE_OCTAL" },
		{ "CKA_VALUE MULTILINE_OCTAL\n\\060\\00", "a line of octets" },
		{ "CKA_VALUE MULTILINE_OCTAL\n\nEND", "a line of octets" },
		{ "CKA_VALUE MULTILINE_OCTAL\n\\080\nEND", "not octal" },
		{ "CKA_VALUE MULTILINE_OCTAL\n\\400\nEND", "\\000 to" },
		{ "CKA_VALUE MULTILINE_OCTAL\n/060\nEND", "\\000 to" },
		{ "CKA_VALUE MULTILINE_OCTAL\nEND", "without an octet" },
		{ "CKA_VALUE MULTILINE_OCTAL\n\\060", "text ends within" },
		{ "CKA_TRUST_SERVER_AUTH MULTILINE_OCTAL\n\\060\nEND", "MULTILINE_OCTAL where" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		begin();
		add("CKA_CLASS CK_OBJECT_CLASS CKO_OTHER");
		if (strstr(cases[i].line, "CKA_LABEL"))
			add("CKA_LABEL UTF8 \"A\"");
		add(cases[i].line);
		refused_at(cases[i].want, 0);
	}
	begin();
	add("CKA_TOKEN CK_BBOOL CK_TRUE");
	refused_at("before the first CKA_CLASS", 5);
	used = (size_t)sprintf(text, "CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n");
	refused_at("no BEGINDATA", 1);
	begin();
	text[used++] = '\0';
	refused_at("NUL", 5);
}

static void bad_objects(void **state)
{
	struct sample a = sample("01"), b = sample("02"), odd;
	struct cc_span empty_hash = der_hex("00");

	begin();
	add("CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE");
	refused_at("no CKA_LABEL", 5);
	add("CKA_LABEL UTF8 \"A\"");
	refused_at("no CKA_ISSUER", 5);
	octal("CKA_ISSUER", a.issuer);
	refused_at("no CKA_SERIAL_NUMBER", 5);
	octal("CKA_SERIAL_NUMBER", a.serial);
	refused_at("no CKA_VALUE", 5);
	octal("CKA_VALUE", b.der);
	refused_at("not the certificate's", 5);

	begin();
	odd = a;
	odd.issuer = der_hex("3000");
	add_cert(&odd, "A");
	refused_at("not the certificate's", 5);

	begin();
	add_cert(&a, "A");
	octal("CKA_NSS_SERVER_DISTRUST_AFTER", der_str("241331235959Z"));
	refused_at("distrust-after", 5);

	begin();
	add_cert(&a, "A");
	octal("CKA_CERT_SHA1_HASH", empty_hash);
	refused_at("20 octets", 5);

	begin();
	add_cert(&a, "A");
	add_cert(&a, "A again");
	refused_at("twice", 0);
}

static void bad_trust(void **state)
{
	struct sample a = sample("01"), b = sample("02"), mixed;
	unsigned int line;

	begin();
	add_cert(&a, "A");
	line = line_of(used);
	add_trust(&b, true, "TRUSTED_DELEGATOR");
	refused_at("trusts what is not", line);

	begin();
	add_cert(&a, "A");
	add_trust(&a, true, "TRUSTED_DELEGATOR");
	line = line_of(used);
	add_trust(&a, false, "NOT_TRUSTED");
	refused_at("second trust object", line);

	begin();
	add_cert(&a, "A");
	mixed = a;
	mixed.serial = b.serial;
	line = line_of(used);
	add_trust(&mixed, true, "TRUSTED_DELEGATOR");
	refused_at("of two certificates", line);
}

static void limits(void **state)
{
	struct capcert_nss_object object = { 0 };
	struct sample a = sample("01");
	capcert_nss_roots *list;
	const char *error = NULL;
	unsigned int i;

	begin();
	add("CKA_CLASS CK_OBJECT_CLASS CKO_OTHER");
	used += (size_t)sprintf(text + used, "CKA_LABEL UTF8 \"%0300d\"\n", 1);
	refused_at("255 octets", 6);
	begin();
	add("CKA_CLASS CK_OBJECT_CLASS CKO_OTHER");
	add("CKA_VALUE MULTILINE_OCTAL");
	for (i = 0; i < 4096; i++)
		used += (size_t)sprintf(text + used, "%s\n",
					"\\000\\000\\000\\000\\000\\000\\000\\000"
					"\\000\\000\\000\\000\\000\\000\\000\\000");
	add("END");
	refused_at("65535", 0);

	assert_int_equal(capcert_nss_roots_new(&list), 0);
	object.trust = true;
	object.label = "x";
	object.issuer = (struct capcert_bytes){ a.issuer.p, a.issuer.n };
	object.serial = (struct capcert_bytes){ a.serial.p, a.serial.n };
	object.server_auth = CAPCERT_NSS_TRUST_COUNT;
	assert_int_equal(capcert_nss_roots_put(list, &object, &error), -EBADMSG);
	object.server_auth = CAPCERT_NSS_NOT_TRUSTED;
	for (i = 0; i < CAPCERT_NSS_MAX; i++)
		assert_int_equal(capcert_nss_roots_put(list, &object, &error), 0);
	assert_int_equal(capcert_nss_roots_put(list, &object, &error), -EMSGSIZE);
	assert_non_null(error);
	capcert_nss_roots_free(list);
}

/* Cut anywhere: an error, or the list that ended there; never a certificate that is not whole. */
static void truncated(void **state)
{
	struct sample a = sample("01");
	size_t all, n;

	begin();
	add_cert(&a, "A");
	add_trust(&a, true, "TRUSTED_DELEGATOR");
	all = used;
	for (n = 0; n < all; n++) {
		struct cc_span exact = der_exact(cc_span(text, n));
		capcert_nss_roots *list = NULL;
		const char *error = NULL;
		size_t line = 0;
		int r = capcert_nss_roots_parse((const char *)exact.p, n, &list, &line, &error);

		der_free(exact);
		if (r == 0) {
			assert_true(capcert_nss_roots_count(list) <= 1);
			if (capcert_nss_roots_count(list))
				assert_non_null(capcert_nss_roots_all(list)->cert);
			capcert_nss_roots_free(list);
		} else {
			assert_int_equal(r, -EBADMSG);
			assert_non_null(error);
		}
	}
}

static void modules(void **state)
{
	capcert_nss_roots *list = NULL;
	const char *error = NULL;

	assert_int_equal(capcert_nss_roots_from_module("/nonexistent.so", &list, &error), -ENOENT);
	assert_non_null(error);
	/* A library, but not of this kind. */
	assert_true(capcert_nss_roots_from_module("tests/data/ec-root.der", &list, &error) < 0);
	assert_null(list);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(whole),	  cmocka_unit_test(by_name),
		cmocka_unit_test(no_certificate), cmocka_unit_test(empty),
		cmocka_unit_test(bad_lines),	  cmocka_unit_test(bad_objects),
		cmocka_unit_test(bad_trust),	  cmocka_unit_test(limits),
		cmocka_unit_test(truncated),	  cmocka_unit_test(modules),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
