// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PKCS#11 URIs of keys: what is taken and refused and where, the canonical form, purposes. */
#include "tests/unit/der_build.h"
#include "core/key_uri.h"

static int parse(const char *text, struct cc_key_uri *uri, struct cc_key_uri_error *err)
{
	struct cc_span s = der_exact(der_str(text));

	return cc_key_uri_parse((const char *)s.p, s.n, uri, err);
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		size_t offset;
		const char *says;
	} rows[] = {
		{ "", 0, "pkcs11:" },
		{ "\n", 0, "pkcs11:" },
		{ "pkcs11", 0, "pkcs11:" },
		{ "pkcs12:token=T;object=O", 0, "pkcs11:" },
		{ " pkcs11:token=T;object=O", 0, "pkcs11:" },
		{ "pkcs11:", 7, "no such attribute" },
		{ "pkcs11:token", 7, "no such attribute" },
		{ "pkcs11:token=T;object=O;", 24, "no such attribute" },
		{ "pkcs11:token=T;;object=O", 15, "no such attribute" },
		{ "pkcs11:Token=T;object=O", 7, "no such attribute" },
		{ "pkcs11:token=T;object=O;x-vendor=1", 24, "no such attribute" },
		{ "pkcs11:token=T;object=O;slot-id=0", 24, "slot numbers change" },
		{ "pkcs11:token=T;object=O;slot-id", 24, "slot numbers change" },
		{ "pkcs11:token=T;object=O;pin-value=1234", 24, "PINs" },
		{ "pkcs11:token=T;object=O;pin-source=/pin", 24, "PINs" },
		{ "pkcs11:token=T;object=O;module-path=/lib.so", 24, "modules" },
		{ "pkcs11:token=T;object=O;module-name=lib", 24, "modules" },
		{ "pkcs11:token=T;object=O?pin-value=1234", 23, "a query" },
		{ "pkcs11:token=T;object=O?", 23, "a query" },
		{ "pkcs11:object=O", 15, "names no token" },
		{ "pkcs11:manufacturer=M;object=O", 30, "names no token" },
		{ "pkcs11:token=T", 14, "names no key" },
		{ "pkcs11:token=T;purpose=tls-server", 33, "names no key" },
		{ "pkcs11:token=;object=O", 7, "empty" },
		{ "pkcs11:token=T;object=", 15, "empty" },
		{ "pkcs11:token=T;token=T;object=O", 15, "twice" },
		{ "pkcs11:token=T;object=O;purpose=tls-server;purpose=ca-sign", 43, "twice" },
		{ "pkcs11:token=T;object=O;purpose=", 24, "different purposes" },
		{ "pkcs11:token=T;object=O;purpose=tls", 24, "different purposes" },
		{ "pkcs11:token=T;object=O;purpose=tls-server,", 24, "different purposes" },
		{ "pkcs11:token=T;object=O;purpose=ca-sign,ca-sign", 24, "different purposes" },
		{ "pkcs11:token=T;object=O;type=public", 24, "not private" },
		{ "pkcs11:token=T;object=O;type=secret-key", 24, "longer" },
		{ "pkcs11:token=a b;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=a/b;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=T\n;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=\xc3\xa4;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=%;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=%4;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=%4g;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=%g4;object=O", 7, "percent-encoded" },
		{ "pkcs11:token=%00;object=O", 7, "UTF-8" },
		{ "pkcs11:token=%C3;object=O", 7, "UTF-8" },
		{ "pkcs11:token=T;object=%0A", 15, "UTF-8" },
		{ "pkcs11:token=123456789012345678901234567890123;object=O", 7, "longer" },
		{ "pkcs11:serial=12345678901234567;object=O", 7, "longer" },
		{ "pkcs11:token=T;object=O;library-version=1.", 24, "version" },
		{ "pkcs11:token=T;object=O;library-version=.1", 24, "version" },
		{ "pkcs11:token=T;object=O;library-version=1.2.3", 24, "version" },
		{ "pkcs11:token=T;object=O;library-version=v1", 24, "version" },
	};
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err.what = NULL;
		if (!parse(rows[i].text, &uri, &err))
			fail_msg("taken: %s", rows[i].text);
		if (err.offset != rows[i].offset || !strstr(err.what, rows[i].says))
			fail_msg("%s: \"%s\" at %zu", rows[i].text, err.what, err.offset);
	}
}

static void canonical(void **state)
{
	static const struct {
		const char *text, *uri;
		uint32_t uses;
	} rows[] = {
		{ "pkcs11:token=T;object=O", "pkcs11:token=T;object=O;type=private", 0 },
		{ "pkcs11:token=T;object=O\n", "pkcs11:token=T;object=O;type=private", 0 },
		{ "PKCS11:object=O;purpose=tls-server;token=T",
		  "pkcs11:token=T;object=O;type=private", CC_KEY_USE_BIT(TLS_SERVER) },
		{ "pkcs11:purpose=ca-sign,tls-client;type=private;serial=0a;id=%61b",
		  "pkcs11:serial=0a;id=%61%62;type=private",
		  CC_KEY_USE_BIT(CA_SIGN) | CC_KEY_USE_BIT(TLS_CLIENT) },
		{ "pkcs11:id=%00%ff;token=%54%6f%20ken%c3%a4;library-version=12",
		  "pkcs11:token=To%20ken%C3%A4;id=%00%FF;type=private;library-version=12", 0 },
		{ "pkcs11:slot-manufacturer=S;slot-description=s;library-version=3.1;"
		  "library-manufacturer=L;library-description=l;type=private;id=%01;object=a&b;"
		  "serial=1;model=m;manufacturer=M;token=-._~:[]@!$'()*+,=&",
		  "pkcs11:token=-._~:[]@!$'()*+,=&;manufacturer=M;model=m;serial=1;object=a&b;"
		  "id=%01;type=private;library-description=l;library-manufacturer=L;"
		  "library-version=3.1;slot-description=s;slot-manufacturer=S",
		  0 },
	};
	char out[CC_KEY_URI_MAX + 2], again[CC_KEY_URI_MAX + 2];
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err.what = NULL;
		if (parse(rows[i].text, &uri, &err))
			fail_msg("%s: %s", rows[i].text, err.what);
		n = cc_key_uri_format(&uri, out, sizeof(out));
		assert_string_equal(out, rows[i].uri);
		assert_int_equal(n, strlen(out));
		assert_int_equal(uri.uses, rows[i].uses);
		assert_int_equal(parse(out, &uri, &err), 0);
		assert_int_equal(cc_key_uri_format(&uri, again, sizeof(again)), n);
		assert_string_equal(out, again);
		assert_int_equal(cc_key_uri_format(&uri, again, n + 2), n);
		assert_int_equal(cc_key_uri_format(&uri, again, n + 1), 0);
		assert_string_equal(again, "");
	}
}

static void lengths(void **state)
{
	char text[CC_KEY_URI_MAX + 8], out[CC_KEY_URI_MAX + 2];
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	size_t n;

	(void)state;
	/* 255 octets of an id, each of which becomes three. */
	strcpy(text, "pkcs11:token=T;object=");
	memset(text + strlen(text), 0, 300);
	memset(text + strlen(text), 'o', 255);
	strcat(text, ";id=");
	n = strlen(text);
	memset(text + n, 'i', 256);
	assert_int_equal(cc_key_uri_parse(text, n + 255, &uri, &err), 0);
	assert_int_equal(cc_key_uri_format(&uri, out, sizeof(out)), 0);
	assert_int_equal(cc_key_uri_parse(text, n + 256, &uri, &err), -1);
	assert_non_null(strstr(err.what, "longer"));
	memset(text, 'x', sizeof(text));
	assert_int_equal(cc_key_uri_parse(text, CC_KEY_URI_MAX + 1, &uri, &err), -1);
	assert_non_null(strstr(err.what, "1024"));
	assert_int_equal(cc_key_uri_parse(text, CC_KEY_URI_MAX, &uri, &err), -1);
	assert_non_null(strstr(err.what, "pkcs11:"));
}

static void truncated_anywhere(void **state)
{
	static const char text[] = "pkcs11:serial=12%33;id=%01%02;type=private;purpose=tls-server";
	struct cc_key_uri_error err;
	struct cc_key_uri uri;
	size_t n, good = 0;

	(void)state;
	for (n = 0; n < sizeof(text); n++) {
		struct cc_span s = der_exact(cc_span(text, n));

		good += !cc_key_uri_parse((const char *)s.p, s.n, &uri, &err);
		der_free(s);
	}
	/* Behind each octet of the id, behind the type, and the whole. */
	assert_int_equal(good, 4);
}

static void purposes(void **state)
{
	char text[CC_KEY_USES_TEXT_MAX], all[CC_KEY_USES_TEXT_MAX];
	uint32_t i;

	(void)state;
	for (i = 0; i < CC_KEY_USE_COUNT; i++) {
		assert_int_equal(cc_key_uses_parse(cc_key_use_name(i), strlen(cc_key_use_name(i))),
				 1u << i);
		cc_key_uses_format(1u << i, text, sizeof(text));
		assert_string_equal(text, cc_key_use_name(i));
	}
	assert_null(cc_key_use_name(CC_KEY_USE_COUNT));
	i = (uint32_t)cc_key_uses_format(CC_KEY_USES_ALL, all, sizeof(all));
	assert_true(i < sizeof(all) - 1);
	assert_int_equal(cc_key_uses_parse(all, i), CC_KEY_USES_ALL);
	cc_key_uses_format(0, text, sizeof(text));
	assert_string_equal(text, "-");
	assert_int_equal(cc_key_uses_parse("-", 1), 0);
	assert_string_equal(cc_key_source_name(CC_KEY_SOURCE_SOFTHSM_DEV), "softhsm-dev");
	assert_string_equal(cc_key_source_name(CC_KEY_SOURCE_ATTESTATION), "attestation");
	assert_null(cc_key_source_name(0));
	assert_null(cc_key_source_name(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses),  cmocka_unit_test(canonical),
		cmocka_unit_test(lengths),  cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(purposes),
	};

	return cmocka_run_group_tests_name("core/key_uri", tests, NULL, NULL);
}
