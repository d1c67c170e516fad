// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* core/bundle.h: the content of each kind of bundle, field by field, and what an anchor may say in
 * one. */
#include "tests/unit/der_text.h"
#include "core/bundle.h"
#include "core/outcome.h"
#include "core/text.h"

#define CREATED "18{'20260101000000Z'}"
#define ARC "6981f89d9fc3caaab2ae9f9da0f09ffcf19ef511"
#define ED25519 "30{30{06{2b6570}} 03{00 *32(07)}}"
/* TrustAnchorInfo of a name and key with these extensions. */
#define NAMED(exts) "a2{30{" ED25519 "04{abcd} 30{30{31{30{0603550403 0c{'A'}}}}}" exts "}}"
#define NAMELESS(id, exts) "a2{30{" ED25519 "04{" id "}" exts "}}"
#define EXTS(list) "a1{30{" list "}}"
#define EXT(nr, value) "30{06{" ARC nr "} 0101ff 04{" value "}}"
#define LOG "30{0a0100 0c{'L'} 020101 30{30{0c{'O'} " CREATED "}} 30{30{0a0102 " CREATED "}}}"
#define A_FINGERPRINT "04{*32(11)}"

/* In order; "" is left out. */
struct parts {
	const char *format, *kind, *name, *number, *created, *expires, *base, *of, *purposes;
	const char *remove, *anchors, *entries, *after;
};

static struct parts store(void)
{
	struct parts p = { "020101",   "0a0100", "0c{'web'}",	      "020105", CREATED, "", "", "",
			   "030205a0", "",	 "a4{" NAMED("") "}", "",	"" };

	return p;
}

static struct parts delta(void)
{
	struct parts p = store();

	p.kind = "0a0101";
	p.base = "810104";
	p.remove = "a3{" A_FINGERPRINT "}";
	return p;
}

static struct parts distrust(void)
{
	struct parts p = store();

	p.kind = "0a0102";
	p.purposes = "030100";
	p.anchors = "";
	p.entries = "a5{80{*32(11)} 80{*32(12)} 81{*32(01)} a2{30{31{30{0603550403 0c{'A'}}}}"
		    "020101}}";
	return p;
}

static struct parts override(void)
{
	struct parts p = delta();

	p.kind = "0a0103";
	p.base = "";
	p.of = "82{'webpki'}";
	return p;
}

static struct cc_span build(const struct parts *p)
{
	return der(0x30, der_text(p->format), der_text(p->kind), der_text(p->name),
		   der_text(p->number), der_text(p->created), der_text(p->expires),
		   der_text(p->base), der_text(p->of), der_text(p->purposes), der_text(p->remove),
		   der_text(p->anchors), der_text(p->entries), der_text(p->after));
}

static struct cc_bundle good(const struct parts *p)
{
	struct cc_bundle b;
	int r = cc_bundle_parse(der_exact(build(p)), &b);

	if (r)
		fail_msg("%s", cc_bundle_error_text(r));
	return b;
}

static void expect(const struct parts *p, int error)
{
	struct cc_bundle b;
	int r = cc_bundle_parse(der_exact(build(p)), &b);

	if (r != error)
		fail_msg("%d (%s), not %d", r, cc_bundle_error_text(r), error);
}

static void stores(void **state)
{
	struct parts p = store();
	struct cc_bundle b = good(&p);

	assert_int_equal(b.kind, CC_BUNDLE_STORE);
	assert_true(cc_span_equal(b.name, der_str("web")));
	assert_true(b.number == 5 && b.base == 0 && b.created == 1767225600 && !b.has_expires);
	assert_int_equal(b.purposes,
			 1u << CC_PURPOSE_TLS_SERVER_AUTH | 1u << CC_PURPOSE_CODE_SIGNING);
	assert_int_equal(b.anchor_count, 1);
	assert_int_equal(b.remove_count + b.entry_count, 0);
	p.anchors = "a400";
	p.expires = "80{'20260101000001Z'}";
	p.number = "02087fffffffffffffff";
	b = good(&p);
	assert_int_equal(b.anchor_count, 0);
	assert_true(b.has_expires && b.expires == b.created + 1);
	assert_true(b.number == INT64_MAX);
}

static void deltas(void **state)
{
	struct parts p = delta();
	struct cc_bundle b = good(&p);
	const uint8_t *fingerprint;

	assert_true(b.base == 4 && b.number == 5 && b.remove_count == 1 && b.anchor_count == 1);
	assert_int_equal(cc_bundle_remove_next(&b.remove, &fingerprint), 1);
	assert_int_equal(fingerprint[31], 0x11);
	assert_int_equal(cc_bundle_remove_next(&b.remove, &fingerprint), 0);
	p.remove = p.anchors = "";
	b = good(&p);
	assert_int_equal(b.remove_count + b.anchor_count, 0);
}

static void overrides(void **state)
{
	struct parts p = override();
	struct cc_bundle b = good(&p);

	assert_true(cc_span_equal(b.of, der_str("webpki")));
	assert_true(b.base == 0 && b.remove_count == 1 && b.anchor_count == 1);
}

static void distrust_lists(void **state)
{
	struct parts p = distrust();
	struct cc_bundle b = good(&p);
	struct cc_bundle_entry e;

	assert_int_equal(b.entry_count, 4);
	assert_int_equal(cc_bundle_entry_next(&b.entries, &e), 1);
	assert_true(e.what == CC_BUNDLE_ENTRY_FINGERPRINT && e.bytes.n == 32);
	assert_int_equal(cc_bundle_entry_next(&b.entries, &e), 1);
	assert_int_equal(cc_bundle_entry_next(&b.entries, &e), 1);
	assert_true(e.what == CC_BUNDLE_ENTRY_SPKI && e.bytes.p[0] == 1);
	assert_int_equal(cc_bundle_entry_next(&b.entries, &e), 1);
	assert_true(e.what == CC_BUNDLE_ENTRY_ISSUER_SERIAL && e.bytes.n == 17);
	assert_int_equal(cc_bundle_entry_next(&b.entries, &e), 0);
	p.entries = "a500";
	assert_int_equal(good(&p).entry_count, 0);
}

struct row {
	size_t part;
	const char *value;
	int error;
};

#define PART(name) offsetof(struct parts, name)

static void try_rows(struct parts (*make)(void), const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		struct parts p = make();

		memcpy((char *)&p + rows[i].part, &rows[i].value, sizeof(rows[i].value));
		print_message("%zu\n", i);
		expect(&p, rows[i].error);
	}
}

static void bad_heads(void **state)
{
	static const struct row rows[] = {
		{ PART(format), "020102", CC_BUNDLE_E_FORMAT },
		{ PART(format), "02020001", CC_BUNDLE_E_FORMAT },
		{ PART(format), "0a0101", CC_BUNDLE_E_DER },
		{ PART(kind), "0a0104", CC_BUNDLE_E_FORMAT },
		{ PART(kind), "0a01ff", CC_BUNDLE_E_FORMAT },
		{ PART(kind), "0a020000", CC_BUNDLE_E_FORMAT },
		{ PART(kind), "020100", CC_BUNDLE_E_DER },
		{ PART(name), "0c00", CC_BUNDLE_E_NAME },
		{ PART(name), "0c{'-a'}", CC_BUNDLE_E_NAME },
		{ PART(name), "0c{'a/b'}", CC_BUNDLE_E_NAME },
		{ PART(name), "0c{'aB'}", CC_BUNDLE_E_NAME },
		{ PART(name), "0c{61 00}", CC_BUNDLE_E_NAME },
		{ PART(name), "0c{*64(61)}", CC_BUNDLE_E_NAME },
		{ PART(name), "13{'a'}", CC_BUNDLE_E_DER },
		{ PART(number), "020100", CC_BUNDLE_E_NUMBER },
		{ PART(number), "0201ff", CC_BUNDLE_E_NUMBER },
		{ PART(number), "0200", CC_BUNDLE_E_NUMBER },
		{ PART(number), "02020005", CC_BUNDLE_E_NUMBER },
		{ PART(number), "0209008000000000000000", CC_BUNDLE_E_NUMBER },
		{ PART(created), "17{'260101000000Z'}", CC_BUNDLE_E_DER },
		{ PART(created), "18{'202601010000Z'}", CC_BUNDLE_E_TIME },
		{ PART(created), "18{'20260101000000.5Z'}", CC_BUNDLE_E_TIME },
		{ PART(created), "18{'20260230000000Z'}", CC_BUNDLE_E_TIME },
		{ PART(expires), "80{'20260101000000Z'}", CC_BUNDLE_E_TIME },
		{ PART(expires), "80{'x'}", CC_BUNDLE_E_TIME },
		{ PART(expires), "a0{18{'20270101000000Z'}}", CC_BUNDLE_E_DER },
		{ PART(base), "810104", CC_BUNDLE_E_FIELDS },
		{ PART(of), "82{'a'}", CC_BUNDLE_E_FIELDS },
		{ PART(purposes), "", CC_BUNDLE_E_DER },
		{ PART(purposes), "030100", CC_BUNDLE_E_PURPOSES },
		{ PART(purposes), "030200a0", CC_BUNDLE_E_PURPOSES },
		{ PART(purposes), "0303070080", CC_BUNDLE_E_PURPOSES },
		{ PART(purposes), "0300", CC_BUNDLE_E_PURPOSES },
		{ PART(remove), "a3{" A_FINGERPRINT "}", CC_BUNDLE_E_FIELDS },
		{ PART(anchors), "", CC_BUNDLE_E_FIELDS },
		{ PART(anchors), "a4{0500}", CC_BUNDLE_E_ANCHOR },
		{ PART(anchors), "84{'a'}", CC_BUNDLE_E_FIELDS },
		{ PART(entries), "a5{80{*32(11)}}", CC_BUNDLE_E_FIELDS },
		{ PART(after), "0500", CC_BUNDLE_E_DER },
		{ PART(after), "a400", CC_BUNDLE_E_DER },
	};

	try_rows(store, rows, CC_ARRAY_SIZE(rows));
}

static void bad_deltas(void **state)
{
	static const struct row rows[] = {
		{ PART(base), "", CC_BUNDLE_E_FIELDS },
		{ PART(base), "810105", CC_BUNDLE_E_NUMBER },
		{ PART(base), "810103", CC_BUNDLE_E_NUMBER },
		{ PART(base), "810100", CC_BUNDLE_E_NUMBER },
		{ PART(of), "82{'a'}", CC_BUNDLE_E_FIELDS },
		{ PART(remove), "a300", CC_BUNDLE_E_FIELDS },
		{ PART(remove), "a3{" A_FINGERPRINT A_FINGERPRINT "}", CC_BUNDLE_E_ORDER },
		{ PART(remove), "a3{" A_FINGERPRINT "04{*32(10)}}", CC_BUNDLE_E_ORDER },
		{ PART(remove), "a3{04{*31(10)}}", CC_BUNDLE_E_DER },
		{ PART(remove), "a3{03{*32(10)}}", CC_BUNDLE_E_DER },
		{ PART(anchors), "a400", CC_BUNDLE_E_FIELDS },
		{ PART(entries), "a500", CC_BUNDLE_E_FIELDS },
	};

	try_rows(delta, rows, CC_ARRAY_SIZE(rows));
}

static void bad_overrides(void **state)
{
	static const struct row rows[] = {
		{ PART(of), "", CC_BUNDLE_E_FIELDS },
		{ PART(of), "82{'A'}", CC_BUNDLE_E_NAME },
		{ PART(base), "810104", CC_BUNDLE_E_FIELDS },
		{ PART(purposes), "030100", CC_BUNDLE_E_PURPOSES },
	};

	try_rows(override, rows, CC_ARRAY_SIZE(rows));
}

#define AN_ISSUER "30{31{30{0603550403 0c{'A'}}}}"

static void bad_distrust_lists(void **state)
{
	static const struct row rows[] = {
		{ PART(purposes), "03020780", CC_BUNDLE_E_PURPOSES },
		{ PART(anchors), "a400", CC_BUNDLE_E_FIELDS },
		{ PART(remove), "a3{" A_FINGERPRINT "}", CC_BUNDLE_E_FIELDS },
		{ PART(entries), "", CC_BUNDLE_E_FIELDS },
		{ PART(entries), "a5{80{*32(01)} 80{*32(01)}}", CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{80{*32(02)} 80{*32(01)}}", CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{81{*32(01)} 80{*32(02)}}", CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{a2{" AN_ISSUER "020101} 81{*32(01)}}", CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{a2{" AN_ISSUER "02020101} a2{" AN_ISSUER "020102}}",
		  CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{a2{" AN_ISSUER "020102} a2{" AN_ISSUER "020101}}",
		  CC_BUNDLE_E_ORDER },
		{ PART(entries), "a5{80{*31(01)}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{81{*33(01)}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{83{*32(01)}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{a2{" AN_ISSUER "}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{a2{" AN_ISSUER "02020001}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{a2{" AN_ISSUER "020101 0500}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{a2{30{3000} 020101}}", CC_BUNDLE_E_ENTRY },
		{ PART(entries), "a5{a2{" AN_ISSUER "02{*2032(01)}}}", CC_BUNDLE_E_ENTRY },
	};

	try_rows(distrust, rows, CC_ARRAY_SIZE(rows));
}

static struct cc_span counted(const struct parts *p, struct cc_span list)
{
	return der(0x30, der_text(p->format), der_text(p->kind), der_text(p->name),
		   der_text(p->number), der_text(p->created), der_text(p->purposes), list);
}

static void too_many(void **state)
{
	struct parts p = distrust();
	static uint8_t bytes[34 * (CC_BUNDLE_MAX_ENTRIES + 1)];
	struct cc_bundle b;
	uint32_t i;

	for (i = 0; i <= CC_BUNDLE_MAX_ENTRIES; i++) {
		uint8_t *e = bytes + 34 * i;

		e[0] = 0x80;
		e[1] = 32;
		e[2] = (uint8_t)(i >> 8);
		e[3] = (uint8_t)i;
	}
	assert_int_equal(
		cc_bundle_parse(counted(&p, der_wrap(0xa5, cc_span(bytes, sizeof(bytes) - 34))),
				&b),
		CC_BUNDLE_OK);
	assert_int_equal(b.entry_count, CC_BUNDLE_MAX_ENTRIES);
	assert_int_equal(
		cc_bundle_parse(counted(&p, der_wrap(0xa5, cc_span(bytes, sizeof(bytes)))), &b),
		CC_BUNDLE_E_TOO_LARGE);
}

static void too_many_anchors(void **state)
{
	static uint8_t bytes[4 * (CC_BUNDLE_MAX_ANCHORS + 1)];
	struct parts p = store();
	struct cc_bundle b;
	uint32_t i;

	/* Looked into only when they are taken. */
	for (i = 0; i <= CC_BUNDLE_MAX_ANCHORS; i++)
		memcpy(bytes + 4 * i, "\x30\x02\x05\x00", 4);
	assert_int_equal(
		cc_bundle_parse(counted(&p, der_wrap(0xa4, cc_span(bytes, sizeof(bytes) - 4))), &b),
		CC_BUNDLE_OK);
	assert_int_equal(
		cc_bundle_parse(counted(&p, der_wrap(0xa4, cc_span(bytes, sizeof(bytes)))), &b),
		CC_BUNDLE_E_TOO_LARGE);
}

static void large_anchor(void **state)
{
	struct parts p = store();
	struct cc_bundle b;
	uint8_t *zeros = calloc(1, CC_TRUST_ANCHOR_MAX);
	struct cc_span one;

	assert_non_null(zeros);
	one = der_wrap(0x30, cc_span(zeros, CC_TRUST_ANCHOR_MAX - 5));
	assert_int_equal(one.n, CC_TRUST_ANCHOR_MAX);
	assert_int_equal(cc_bundle_parse(counted(&p, der_wrap(0xa4, one)), &b), CC_BUNDLE_OK);
	one = der_wrap(0x30, cc_span(zeros, CC_TRUST_ANCHOR_MAX - 4));
	assert_int_equal(cc_bundle_parse(counted(&p, der_wrap(0xa4, one)), &b),
			 CC_BUNDLE_E_TOO_LARGE);
	free(zeros);
}

static void cut_off(void **state)
{
	struct parts (*const make[])(void) = { store, delta, distrust, override };
	struct cc_bundle b;
	size_t i, n;

	assert_int_equal(cc_bundle_parse(cc_span(NULL, 0), &b), CC_BUNDLE_E_EMPTY);
	assert_int_equal(cc_bundle_parse(cc_span("", CC_BUNDLE_MAX + 1), &b),
			 CC_BUNDLE_E_TOO_LARGE);
	for (i = 0; i < CC_ARRAY_SIZE(make); i++) {
		struct parts p = make[i]();
		struct cc_span whole = build(&p);

		for (n = 1; n < whole.n; n++) {
			struct cc_span part = der_exact(cc_span(whole.p, n));

			assert_int_equal(cc_bundle_parse(part, &b), CC_BUNDLE_E_TRUNCATED);
			der_free(part);
		}
		assert_int_equal(cc_bundle_parse(der_cat(whole, der_hex("00"), DER_END), &b),
				 CC_BUNDLE_E_TRAILING);
	}
}

/* ---- anchors ---- */

static void anchors(void **state)
{
	static const struct {
		const char *bundle, *anchor;
		int error;
		uint32_t purposes;
	} rows[] = {
		{ "030205a0", NAMED(""), 0, 5 },
		{ "030205a0", NAMED(EXTS(EXT("01", "03020780"))), 0, 1 },
		{ "030205a0", NAMED(EXTS(EXT("01", "03020640"))), CC_BUNDLE_E_PURPOSES, 0 },
		{ "030205a0", NAMED(EXTS(EXT("01", "030100"))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "030205a0", NAMED(EXTS(EXT("01", "03020780 0500"))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "030205a0", NAMED(EXTS(EXT("05", "0500"))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "030205a0", NAMED(EXTS("30{06{" ARC "01} 04{03020780}}")), CC_BUNDLE_E_ANCHOR,
		  0 },
		/* not critical and not one of ours */
		{ "030205a0", NAMED(EXTS("30{06{" ARC "05} 04{0500}}")), 0, 5 },
		{ "030205a0", NAMED(EXTS(EXT("02", CREATED))), 0, 5 },
		{ "030205a0", NAMED(EXTS(EXT("02", CREATED) EXT("03", CREATED))), 0, 5 },
		{ "030205a0", NAMED(EXTS(EXT("02", CREATED) EXT("02", CREATED))),
		  CC_BUNDLE_E_ANCHOR, 0 },
		{ "030205a0", NAMED(EXTS(EXT("02", "17{'260101000000Z'}"))), CC_BUNDLE_E_ANCHOR,
		  0 },
		{ "030205a0", NAMED(EXTS(EXT("03", "18{'2026'}"))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "030205a0", NAMED(EXTS(EXT("04", LOG))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "03020204", NAMELESS("*32(01)", EXTS(EXT("04", LOG))), 0, 32 },
		{ "03020204", NAMELESS("*31(01)", EXTS(EXT("04", LOG))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "03020204", NAMELESS("*32(01)", EXTS(EXT("04", "3000"))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "03020204", NAMELESS("*32(01)", ""), CC_BUNDLE_E_ANCHOR, 0 },
		{ "03020204", NAMED(""), CC_BUNDLE_E_ANCHOR, 0 },
		/* a log next to anchors of other purposes says what it is for */
		{ "03020284", NAMELESS("*32(01)", EXTS(EXT("04", LOG))), CC_BUNDLE_E_ANCHOR, 0 },
		{ "03020284", NAMELESS("*32(01)", EXTS(EXT("01", "03020204") EXT("04", LOG))), 0,
		  32 },
		{ "030205a0", NAMELESS("*20(01)", ""), 0, 5 },
		{ "030205a0", "a2{3000}", CC_BUNDLE_E_ANCHOR, 0 },
	};
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(rows); i++) {
		struct cc_bundle b = { 0 };
		struct cc_trust_anchor ta;
		struct cc_span body = der_text(rows[i].bundle);
		uint32_t purposes = 0;
		int r;

		assert_true(cc_purposes_parse(cc_span(body.p + 2, body.n - 2), &b.purposes));
		r = cc_bundle_anchor(&b, der_exact(der_text(rows[i].anchor)), &ta, &purposes);
		if (r != rows[i].error || purposes != rows[i].purposes)
			fail_msg("%zu: %s, 0x%x", i, cc_bundle_error_text(r), purposes);
	}
}

static void dates(void **state)
{
	struct cc_trust_anchor ta;

	assert_int_equal(cc_trust_anchor_parse(der_text(NAMED(EXTS(EXT("02", CREATED)))), &ta), 0);
	assert_true(ta.has_distrust_after && ta.distrust_after == 1767225600);
	assert_false(ta.has_sct_distrust_after);
	assert_int_equal(ta.purposes, 0);
	assert_int_equal(cc_trust_anchor_parse(der_text(NAMED(EXTS(EXT("03", CREATED)))), &ta), 0);
	assert_true(ta.has_sct_distrust_after && ta.sct_distrust_after == 1767225600);
	assert_false(ta.has_distrust_after);
	assert_int_equal(ta.ct_log.n, 0);
}

static void utf8(void **state)
{
	assert_true(cc_utf8_line(der_hex("")));
	assert_true(cc_utf8_line(der_str("Gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x92")));
	assert_true(cc_utf8_line(der_hex("c2a0")));
	assert_false(cc_utf8_line(der_hex("c29f")));
	assert_false(cc_utf8_line(der_hex("410a")));
	assert_false(cc_utf8_line(der_hex("eda080")));
}

static void texts(void **state)
{
	int e;

	assert_string_equal(cc_bundle_error_text(CC_BUNDLE_OK), "no error");
	for (e = 1; e <= CC_BUNDLE_E_ENTRY; e++)
		assert_string_not_equal(cc_bundle_error_text(e), "?");
	assert_string_equal(cc_bundle_error_text(e), "?");
	assert_string_equal(cc_bundle_kind_name(CC_BUNDLE_STORE), "store");
	assert_string_equal(cc_bundle_kind_name(CC_BUNDLE_OVERRIDE), "override");
	assert_string_equal(cc_bundle_kind_name(CC_BUNDLE_KIND_COUNT), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stores),	 cmocka_unit_test(deltas),
		cmocka_unit_test(overrides),	 cmocka_unit_test(distrust_lists),
		cmocka_unit_test(bad_heads),	 cmocka_unit_test(bad_deltas),
		cmocka_unit_test(bad_overrides), cmocka_unit_test(bad_distrust_lists),
		cmocka_unit_test(too_many),	 cmocka_unit_test(too_many_anchors),
		cmocka_unit_test(large_anchor),	 cmocka_unit_test(cut_off),
		cmocka_unit_test(anchors),	 cmocka_unit_test(dates),
		cmocka_unit_test(utf8),		 cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests_name("core/bundle", tests, NULL, NULL);
}
