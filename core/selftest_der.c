// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: DER elements and primitives, object identifiers, times. */
#include "core/der.h"
#include "core/oid.h"
#include "core/selftest_part.h"
#include "core/time.h"

static const struct {
	const char *name;
	struct cc_octets in;
	int result;
	uint8_t tag;
	uint8_t length;
} elements[] = {
	{ "der: nothing", CC_OCTETS(""), CC_DER_E_TRUNCATED, 0, 0 },
	{ "der: a tag alone", CC_OCTETS("\x30"), CC_DER_E_TRUNCATED, 0, 0 },
	{ "der: cut value", CC_OCTETS("\x04\x02\x01"), CC_DER_E_TRUNCATED, 0, 0 },
	{ "der: cut length", CC_OCTETS("\x30\x82\x01"), CC_DER_E_TRUNCATED, 0, 0 },
	{ "der: indefinite length", CC_OCTETS("\x30\x80\x00\x00"), CC_DER_E_INVALID, 0, 0 },
	{ "der: long form for a short length", CC_OCTETS("\x04\x81\x01\x00"), CC_DER_E_INVALID, 0,
	  0 },
	{ "der: zero before the length", CC_OCTETS("\x04\x82\x00\x80\x00"), CC_DER_E_INVALID, 0,
	  0 },
	{ "der: five octets of length", CC_OCTETS("\x04\x85\x00\x00\x00\x00\x01\x00"),
	  CC_DER_E_INVALID, 0, 0 },
	{ "der: huge length", CC_OCTETS("\x04\x84\xff\xff\xff\xff\x00"), CC_DER_E_TRUNCATED, 0, 0 },
	{ "der: end of contents", CC_OCTETS("\x00\x00"), CC_DER_E_INVALID, 0, 0 },
	{ "der: high tag number", CC_OCTETS("\x9f\x21\x00"), CC_DER_E_INVALID, 0, 0 },
	{ "der: constructed string", CC_OCTETS("\x24\x03\x04\x01\x00"), CC_DER_E_INVALID, 0, 0 },
	{ "der: primitive sequence", CC_OCTETS("\x10\x00"), CC_DER_E_INVALID, 0, 0 },
	{ "der: empty sequence", CC_OCTETS("\x30\x00"), CC_DER_OK, 0x30, 0 },
	{ "der: context tag", CC_OCTETS("\xa3\x02\x05\x00"), CC_DER_OK, 0xa3, 2 },
};

static const struct {
	const char *name;
	struct cc_octets in;
	int32_t value;
} integers[] = {
	{ "integer: empty", CC_OCTETS(""), -1 },
	{ "integer: superfluous zero", CC_OCTETS("\x00\x7f"), -1 },
	{ "integer: superfluous ones", CC_OCTETS("\xff\x80"), -1 },
	{ "integer: negative", CC_OCTETS("\x80"), -1 },
	{ "integer: zero", CC_OCTETS("\x00"), 0 },
	{ "integer: 128", CC_OCTETS("\x00\x80"), 128 },
	{ "integer: large", CC_OCTETS("\x01\x00\x00\x00\x00"), 0x7fffffff },
};

static const struct {
	const char *name;
	struct cc_octets in;
	bool valid;
	uint32_t mask;
} bits[] = {
	{ "bits: empty", CC_OCTETS(""), false, 0 },
	{ "bits: unused bits of nothing", CC_OCTETS("\x01"), false, 0 },
	{ "bits: eight unused", CC_OCTETS("\x08\x80"), false, 0 },
	{ "bits: unused one", CC_OCTETS("\x01\x81"), false, 0 },
	{ "bits: none", CC_OCTETS("\x00"), true, 0 },
	{ "bits: 5 and 6", CC_OCTETS("\x01\x06"), true, 0x60 },
	{ "bits: 8", CC_OCTETS("\x07\x00\x80"), true, 0x100 },
};

static const struct {
	const char *name;
	struct cc_octets in;
	const char *text; /* NULL: malformed */
} oids[] = {
	{ "oid: empty", CC_OCTETS(""), NULL },
	{ "oid: not ended", CC_OCTETS("\x55\x1d\x8f"), NULL },
	{ "oid: superfluous 0x80", CC_OCTETS("\x2a\x80\x01"), NULL },
	{ "oid: commonName", CC_OCTETS("\x55\x04\x03"), "2.5.4.3" },
	{ "oid: 2.999", CC_OCTETS("\x88\x37"), "2.999" },
	{ "oid: rsa", CC_OCTETS("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), "1.2.840.113549.1.1.1" },
};

static const struct {
	const char *name;
	const char *text;
	int64_t time; /* -1: malformed */
	uint8_t tag;
	bool odd;
} times[] = {
	{ "time: no seconds", "2601312359Z", -1, 0x17, false },
	{ "time: offset", "260131235959+0000", -1, 0x17, false },
	{ "time: second 60", "260131235960Z", -1, 0x17, false },
	{ "time: February 29 of 2026", "260229000000Z", -1, 0x17, false },
	{ "time: month 13", "261301000000Z", -1, 0x17, false },
	{ "time: fraction", "20500101000000.0Z", -1, 0x18, false },
	{ "time: no Z", "20500101000000", -1, 0x18, false },
	{ "time: February 29 of 2100", "21000229000000Z", -1, 0x18, false },
	{ "time: wrong type", "260131235959Z", -1, 0x0c, false },
	{ "time: 1950", "500101000000Z", -631152000, 0x17, false },
	{ "time: end of 2049", "491231235959Z", 2524607999LL, 0x17, false },
	{ "time: 2050", "20500101000000Z", 2524608000LL, 0x18, false },
	{ "time: early GeneralizedTime", "20000229120000Z", 951825600, 0x18, true },
	{ "time: no expiry", "99991231235959Z", 253402300799LL, 0x18, false },
};

static const char *test_elements(void)
{
	struct cc_span in, body = { NULL, 0 };
	uint8_t tag = 0;
	size_t i;
	int r;

	for (i = 0; i < CC_ARRAY_SIZE(elements); i++) {
		in = cc_octets_span(elements[i].in);
		r = cc_der_any(&in, &tag, &body);
		if (r != elements[i].result)
			return elements[i].name;
		/* The cursor moves on success only. */
		if (r ? in.n != elements[i].in.n
		      : in.n != 0 || tag != elements[i].tag || body.n != elements[i].length)
			return elements[i].name;
	}
	return NULL;
}

static const char *test_primitives(void)
{
	uint32_t mask;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(integers); i++)
		if (cc_der_int31(cc_octets_span(integers[i].in)) != integers[i].value)
			return integers[i].name;
	for (i = 0; i < CC_ARRAY_SIZE(bits); i++) {
		mask = 0;
		if (cc_der_named_bits(cc_octets_span(bits[i].in), &mask) != bits[i].valid ||
		    mask != bits[i].mask)
			return bits[i].name;
	}
	if (cc_der_bool(cc_span("\xff", 1)) != 1 || cc_der_bool(cc_span("\x00", 1)) != 0 ||
	    cc_der_bool(cc_span("\x01", 1)) != -1 || cc_der_bool(cc_span("\xff\xff", 2)) != -1)
		return "boolean";
	return NULL;
}

static const char *test_oids(void)
{
	char text[32];
	uint8_t back[16];
	size_t i, n;

	for (i = 0; i < CC_ARRAY_SIZE(oids); i++) {
		struct cc_span in = cc_octets_span(oids[i].in);
		const char *want = oids[i].text ? oids[i].text : "?";

		if (cc_der_oid_valid(in) != !!oids[i].text)
			return oids[i].name;
		n = cc_oid_format(in, text, sizeof(text));
		if (!cc_span_equal(cc_span(text, n), cc_text_span(want)))
			return oids[i].name;
		if (!oids[i].text)
			continue;
		n = cc_oid_parse(text, n, back, sizeof(back));
		if (!cc_span_equal(cc_span(back, n), in))
			return oids[i].name;
	}
	return NULL;
}

static const char *test_times(void)
{
	uint8_t element[20];
	struct cc_civil civil;
	int64_t time, back;
	bool ok, odd;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(times); i++) {
		size_t n = strlen(times[i].text);
		struct cc_span in = cc_span(element, n + 2);

		element[0] = times[i].tag;
		element[1] = (uint8_t)n;
		memcpy(element + 2, times[i].text, n);
		odd = false;
		time = -1;
		ok = cc_time_get(&in, &time, &odd);
		if (ok != (times[i].time != -1) || time != times[i].time || odd != times[i].odd)
			return times[i].name;
		if (ok && (!cc_time_to_civil(time, &civil) || !cc_time_from_civil(&civil, &back) ||
			   back != time))
			return times[i].name;
	}
	return NULL;
}

const char *cc_selftest_der(void)
{
	const char *failed = test_elements();

	if (!failed)
		failed = test_primitives();
	if (!failed)
		failed = test_oids();
	if (!failed)
		failed = test_times();
	return failed;
}
