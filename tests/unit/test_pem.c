// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PEM: what is taken, what is refused, and that writing and reading are inverse. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "libcapcert/pem.h"

#define B "-----BEGIN CERTIFICATE-----\n"
#define E "-----END CERTIFICATE-----\n"
#define KEY "-----BEGIN PRIVATE KEY-----\nnot even base64!\n-----END PRIVATE KEY-----\n"
#define L64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* The blocks of a text: their lengths, -1 for one that is refused. */
struct row {
	const char *title, *text;
	int blocks[4]; /* ends with 0 */
};

static const struct row rows[] = {
	{ "nothing", "", { 0 } },
	{ "no block", "hello\nworld\n", { 0 } },
	{ "one", B "QUJD\n" E, { 3 } },
	{ "no line end at the end", B "QUJD\n-----END CERTIFICATE-----", { 3 } },
	{ "CR LF", "-----BEGIN CERTIFICATE-----\r\nQUJD\r\n-----END CERTIFICATE-----\r\n", { 3 } },
	{ "CR", "-----BEGIN CERTIFICATE-----\rQUJD\r-----END CERTIFICATE-----\r", { 3 } },
	{ "blanks at line ends", "-----BEGIN CERTIFICATE----- \t\nQUJD \n" E, { 3 } },
	{ "text around", "subject=x\n" B "QUJD\n" E "issuer=y\n" B "QUI=\n" E "end", { 3, 2 } },
	{ "byte order mark", "\xef\xbb\xbf" B "QUJD\n" E, { 3 } },
	{ "one byte", B "QQ==\n" E, { 1 } },
	{ "two lines", B L64 "\nQUJD\n" E, { 51 } },
	{ "76 characters", B L64 "AAAAAAAAAAAA\n" E, { 57 } },
	{ "other names are passed over", KEY B "QUJD\n" E KEY, { 3 } },
	{ "77 characters", B L64 "AAAAAAAAAAAAA\n" E, { -1 } },
	{ "no body", B E, { -1 } },
	{ "an empty line", B "QUJD\n\nQUJD\n" E, { -1 } },
	{ "a blank inside", B "QU JD\n" E, { -1 } },
	{ "a blank before", B " QUJD\n" E, { -1 } },
	{ "a header", B "Proc-Type: 4,ENCRYPTED\n\nQUJD\n" E, { -1 } },
	{ "no base64", B "QUJ?\n" E, { -1 } },
	{ "url alphabet", B "QUJ_\n" E, { -1 } },
	{ "padding missing", B "QUI\n" E, { -1 } },
	{ "padding too much", B "QUJD=\n" E, { -1 } },
	{ "padding inside", B "QQ==QUJD\n" E, { -1 } },
	{ "padding in another line, then more", B "QQ==\nQUJD\n" E, { -1 } },
	{ "bits under the padding", B "QUJ=\n" E, { -1 } },
	{ "no end", B "QUJD\n", { -1 } },
	{ "another end", B "QUJD\n-----END PRIVATE KEY-----\n", { -1 } },
	{ "end without dashes", B "QUJD\n-----END CERTIFICATE\n", { -1 } },
	{ "begin without dashes", "-----BEGIN CERTIFICATE\nQUJD\n" E, { -1 } },
	{ "begin cut short", "-----BEGIN X\n", { -1 } },
	{ "begin with a dash", "-----BEGIN A-B-----\nQUJD\n" E, { -1 } },
	{ "begin with a control character", "-----BEGIN A\x01-----\nQUJD\n" E, { -1 } },
	{ "begin beyond ASCII", "-----BEGIN \xc3\xa4-----\nQUJD\n" E, { -1 } },
	{ "a name of 64 characters",
	  "-----BEGIN " L64 "-----\nQUJD\n-----END " L64 "-----\n",
	  { 0 } },
	{ "a name of 65 characters",
	  "-----BEGIN X" L64 "-----\nQUJD\n-----END X" L64 "-----\n",
	  { -1 } },
	{ "three odd bytes before", "abc" B "QUJD\n" E, { -1 } },
	{ "begin behind something", "x" B "QUJD\n" E, { -1 } },
	{ "end and begin on one line",
	  B "QUJD\n-----END CERTIFICATE-----" B "QUJD\n" E,
	  { -1, -1 } },
	{ "begin inside another", B "QUJD\n" B "QUI=\n" E, { -1, 2 } },
	{ "a broken one does not hide the next", B "?\n" E B "QUJD\n" E, { -1, 3 } },
	{ "a broken one of another name", "-----BEGIN X-----\n" B "QUJD\n" E, { -1, 3 } },
	{ "small letters",
	  "-----begin CERTIFICATE-----\nQUJD\n-----end CERTIFICATE-----\n",
	  { 0 } },
};

static void test_rows(void **state)
{
	for (size_t i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_span rest = cc_span(rows[i].text, strlen(rows[i].text));

		for (int at = 0;; at++) {
			int want = rows[i].blocks[at], r;
			const char *error = NULL;
			uint8_t *der = NULL;
			size_t n = 0;

			r = pem_next(&rest, PEM_CERTIFICATE, &der, &n, &error);
			if (want != (r == 1 ? (int)n : r == 0 ? 0 : -1))
				fail_msg("%s: block %d: %d, %zu bytes", rows[i].title, at, r, n);
			if (r < 0)
				assert_true(r == -EBADMSG && error);
			if (r == 1)
				free(der);
			if (r == 0)
				break;
		}
	}
}

static void test_too_large(void **state)
{
	size_t lines = 65536 / 48 + 1, n = lines * 65;
	char *text = malloc(n + 100), *p = text;
	struct cc_span rest;
	const char *error;
	uint8_t *der;
	size_t got;

	assert_non_null(text);
	p = stpcpy(p, B);
	for (size_t i = 0; i < lines; i++)
		p = stpcpy(stpcpy(p, L64), "\n");
	p = stpcpy(p, E);
	rest = cc_span(text, (size_t)(p - text));
	assert_int_equal(pem_next(&rest, PEM_CERTIFICATE, &der, &got, &error), -EBADMSG);
	assert_int_equal(pem_next(&rest, PEM_CERTIFICATE, &der, &got, &error), 0);
	free(text);
}

/* Larger than twice the largest: not even decoded. */
static void test_much_too_large(void **state)
{
	size_t n = 4 * 65536;
	char *text = malloc(n + 100), *p = text;
	struct cc_span rest;
	const char *error;
	uint8_t *der;
	size_t got;

	assert_non_null(text);
	p = stpcpy(p, B);
	memset(p, 'A', n);
	p = stpcpy(p + n, "\n" E);
	rest = cc_span(text, (size_t)(p - text));
	assert_int_equal(pem_next(&rest, PEM_CERTIFICATE, &der, &got, &error), -EBADMSG);
	assert_string_equal(error, "a PEM block is larger than 65535 bytes");
	free(text);
}

static void test_round_trip(void **state)
{
	uint8_t in[300];

	for (size_t n = 1; n < sizeof(in); n++) {
		struct cc_span rest;
		const char *error;
		uint8_t *out;
		size_t len, got;
		char *text;

		for (size_t i = 0; i < n; i++)
			in[i] = (uint8_t)(i * 7 + n);
		assert_int_equal(pem_write(PEM_CERTIFICATE, cc_span(in, n), &text, &len), 0);
		assert_int_equal(strlen(text), len);
		rest = cc_span(text, len);
		assert_int_equal(pem_next(&rest, PEM_CERTIFICATE, &out, &got, &error), 1);
		assert_int_equal(got, n);
		assert_memory_equal(in, out, n);
		assert_int_equal(rest.n, 0);
		free(out);
		free(text);
	}
}

static void test_known_text(void **state)
{
	char *text;
	size_t n;

	assert_int_equal(
		pem_write("X", cc_span("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", 52),
			  &text, &n),
		0);
	assert_string_equal(text,
			    "-----BEGIN X-----\n"
			    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpBQkNERUZHSElKS0xNTk9QUVJTVFVW\n"
			    "V1hZWg==\n-----END X-----\n");
	free(text);
	assert_false(pem_found(cc_span("", 0)));
	assert_true(pem_found(cc_span("x" B, sizeof("x" B) - 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),	       cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_much_too_large), cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_known_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
