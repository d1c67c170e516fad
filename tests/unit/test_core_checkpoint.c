// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Checkpoints: one reading, or none; signature lines by name and key id; base 64. */
#include "tests/unit/der_build.h"
#include "core/base64.h"
#include "core/checkpoint.h"

#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define HEAD "log.example/2026h1\n42\n" ROOT "\n"
#define DASH "\xe2\x80\x94 "
#define SIG DASH "log.example/2026h1 ESIzRAAAAYAAAAABBAMAAQc=\n"
#define OTHER DASH "witness.example VVVVVQE=\n"

static const uint8_t key_id[4] = { 0x11, 0x22, 0x33, 0x44 };

static void good(void **state)
{
	struct cc_checkpoint c;
	uint8_t buf[CC_NOTE_SIGNATURE_MAX];
	struct cc_digitally_signed s;
	struct cc_span body;
	uint64_t timestamp;
	unsigned int i;

	assert_true(cc_checkpoint_parse(der_str(HEAD "\n" OTHER SIG), &c));
	assert_true(cc_span_equal(c.origin, der_str("log.example/2026h1")));
	assert_true(cc_span_equal(c.signed_text, der_str(HEAD)));
	assert_int_equal(c.size, 42);
	assert_int_equal(c.extensions.n, 0);
	for (i = 0; i < 32; i++)
		assert_int_equal(c.root[i], i);
	assert_true(cc_checkpoint_find(&c, c.origin, key_id, buf, &body));
	assert_true(cc_rfc6962_note_signature(body, &timestamp, &s));
	assert_int_equal(timestamp, 0x18000000001);
	assert_int_equal(s.hash, 4);
	assert_int_equal(s.algorithm, 3);
	assert_true(cc_span_equal(s.signature, der_hex("07")));
	/* neither the name alone, nor the id alone */
	assert_false(cc_checkpoint_find(&c, der_str("log.example"), key_id, buf, &body));
	assert_false(cc_checkpoint_find(&c, c.origin, (const uint8_t *)"UUUU", buf, &body));
}

static void extensions(void **state)
{
	struct cc_checkpoint c;

	assert_true(cc_checkpoint_parse(der_str(HEAD "one\ntwo\n\n" SIG), &c));
	assert_true(cc_span_equal(c.extensions, der_str("one\ntwo\n")));
	assert_true(cc_span_equal(c.signed_text, der_str(HEAD "one\ntwo\n")));
}

static void refused(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		"\n\n",
		HEAD,
		HEAD "\n",
		HEAD SIG,
		"\n" SIG,
		"\n42\n" ROOT "\n\n" SIG,
		"log.example\n" ROOT "\n\n" SIG,
		"log.example\n42\n\n" SIG,
		"log.example\n\n" ROOT "\n\n" SIG,
		"log.example\n042\n" ROOT "\n\n" SIG,
		"log.example\n+42\n" ROOT "\n\n" SIG,
		"log.example\n-1\n" ROOT "\n\n" SIG,
		"log.example\n42 \n" ROOT "\n\n" SIG,
		"log.example\n0x2a\n" ROOT "\n\n" SIG,
		"log.example\n9223372036854775809\n" ROOT "\n\n" SIG,
		"log.example\n18446744073709551658\n" ROOT "\n\n" SIG,
		"log.example\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n\n" SIG,
		"log.example\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n\n" SIG,
		"log.example\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n\n" SIG,
		"log.example\r\n42\r\n" ROOT "\r\n\r\n" SIG,
		"log\texample\n42\n" ROOT "\n\n" SIG,
		"log\xff\n42\n" ROOT "\n\n" SIG,
		HEAD "one\n\ntwo\n\n" SIG, /* an empty line that is not the last */
		HEAD "\n" SIG "\n",
		HEAD "\n- log.example/2026h1 ESIzRAE=\n",
		HEAD "\n" DASH "log.example ESIzRAE=", /* not ended */
		HEAD "\n" DASH "log.example\n",
		HEAD "\n" DASH "log.example \n",
		HEAD "\n" DASH " ESIzRAE=\n",
		HEAD "\n" DASH "log+example ESIzRAE=\n",
		HEAD "\n" DASH "log.example ESIzRA\n",
		HEAD "\n" DASH "log.example ESIz\n", /* three octets: no key id */
		HEAD "\n" SIG "text\n",
	};
	struct cc_checkpoint c;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_checkpoint_parse(der_str(bad[i]), &c))
			fail_msg("%zu: %s", i, bad[i]);
	/* NUL is a control character like others. */
	assert_false(cc_checkpoint_parse(
		cc_span("log\0x\n42\n" ROOT "\n\n" SIG, sizeof("log\0x\n42\n" ROOT "\n\n" SIG) - 1),
		&c));
	assert_true(cc_checkpoint_parse(
		der_str("log.example\n9223372036854775808\n" ROOT "\n\n" SIG), &c));
	assert_true(cc_checkpoint_parse(der_str("l\n0\n" ROOT "\n\n" SIG), &c));
}

static void truncated(void **state)
{
	static const char text[] = HEAD "\n" OTHER SIG;
	const size_t whole = sizeof(text) - 1, one = sizeof(HEAD "\n" OTHER) - 1;
	struct cc_checkpoint c;
	size_t n;

	for (n = 0; n < whole; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, text, n);
		assert_int_equal(cc_checkpoint_parse(cc_span(cut, n), &c), n == one);
		free(cut);
	}
}

static void limits(void **state)
{
	static char text[CC_CHECKPOINT_MAX + 200];
	struct cc_checkpoint c;
	struct cc_span body;
	uint8_t buf[CC_NOTE_SIGNATURE_MAX];
	size_t n = sizeof(HEAD), i;

	memcpy(text, HEAD "\n", n);
	for (i = 0; i < CC_CHECKPOINT_SIGNATURES; i++, n += sizeof(OTHER) - 1)
		memcpy(text + n, OTHER, sizeof(OTHER) - 1);
	assert_true(cc_checkpoint_parse(cc_span(text, n), &c));
	memcpy(text + n, OTHER, sizeof(OTHER) - 1);
	assert_false(cc_checkpoint_parse(cc_span(text, n + sizeof(OTHER) - 1), &c));
	/* A line too long to be one of ours is passed over. */
	n = (size_t)snprintf(text, sizeof(text), HEAD "\n" DASH "log.example/2026h1 ESIzRA");
	while ((n - sizeof(HEAD) - sizeof(DASH "log.example/2026h1 ") + 1) % 4 ||
	       n < 2 * CC_NOTE_SIGNATURE_MAX)
		text[n++] = 'A';
	text[n++] = '\n';
	assert_true(cc_checkpoint_parse(cc_span(text, n), &c));
	assert_false(cc_checkpoint_find(&c, c.origin, key_id, buf, &body));
	memcpy(text + n, SIG, sizeof(SIG) - 1);
	assert_true(cc_checkpoint_parse(cc_span(text, n + sizeof(SIG) - 1), &c));
	assert_true(cc_checkpoint_find(&c, c.origin, key_id, buf, &body));
	memset(text, 'a', sizeof(text));
	assert_false(cc_checkpoint_parse(cc_span(text, sizeof(text)), &c));
}

static void note_signature(void **state)
{
	struct cc_span body = der_hex("0000018000000001 04 03 0002 0708");
	struct cc_digitally_signed s;
	uint64_t timestamp;
	size_t n;

	assert_true(cc_rfc6962_note_signature(body, &timestamp, &s));
	for (n = 0; n < body.n; n++)
		assert_false(cc_rfc6962_note_signature(cc_span(body.p, n), &timestamp, &s));
	assert_false(cc_rfc6962_note_signature(der_hex("0000018000000001 04 03 0001 07 00"),
					       &timestamp, &s));
}

static void base64(void **state)
{
	static const struct {
		const char *text;
		const char *hex;
	} pairs[] = {
		{ "", "" },
		{ "AA==", "00" },
		{ "/w==", "ff" },
		{ "AAE=", "0001" },
		{ "+/8=", "fbff" },
		{ "Zm9v", "666f6f" },
		{ "Zm9vYg==", "666f6f62" },
		{ "abcdefghijklmnopqrstuvwxyz0189+/",
		  "69b71d79f8218a39259a7a29aabb2dbafc31cb3d35f3dfbf" },
	};
	static const char *const bad[] = { "A",	   "AA",     "AAA",  "A===",	 "====",
					   "AB==", "AAF=",   "AA=A", "AA==AAAA", "AA-_",
					   "AA A", "AAAA\n", "AAAA=" };
	uint8_t out[32];
	char text[64];
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(pairs); i++) {
		struct cc_span want = der_hex(pairs[i].hex);

		assert_int_equal(cc_base64_decode(der_str(pairs[i].text), out, want.n), want.n);
		assert_memory_equal(out, want.p, want.n);
		assert_int_equal(cc_base64_encode(want, text), strlen(pairs[i].text));
		assert_memory_equal(text, pairs[i].text, strlen(pairs[i].text));
		if (want.n)
			assert_int_equal(cc_base64_decode(der_str(pairs[i].text), out, want.n - 1),
					 -1);
	}
	for (i = 0; i < CC_ARRAY_SIZE(bad); i++)
		if (cc_base64_decode(der_str(bad[i]), out, sizeof(out)) >= 0)
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),	   cmocka_unit_test(extensions),
		cmocka_unit_test(refused), cmocka_unit_test(truncated),
		cmocka_unit_test(limits),  cmocka_unit_test(note_signature),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
