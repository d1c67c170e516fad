// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pin sets: a sorted array, and its text. */
#include "core/pins.h"
#include "core/text.h"
#include "core/time.h"

#define TIME_LENGTH 20 /* 2027-01-31T00:00:00Z */

static const struct {
	const char *prefix;
	uint8_t size;
} hashes[] = {
	[CC_PIN_SHA256] = { "sha256:", 32 },
	[CC_PIN_SHA384] = { "sha384:", 48 },
	[CC_PIN_SHA512] = { "sha512:", 64 },
};

size_t cc_pin_size(uint32_t hash)
{
	return hash < CC_ARRAY_SIZE(hashes) ? hashes[hash].size : 0;
}

const char *cc_pin_mode_name(uint32_t mode)
{
	switch (mode) {
	case CC_PIN_ENFORCE:
		return "enforce";
	case CC_PIN_REPORT_ONLY:
		return "report-only";
	default:
		return "?";
	}
}

static int order(const struct cc_pin *a, const struct cc_pin *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return memcmp(a->value, b->value, sizeof(a->value));
}

bool cc_pins_find(const struct cc_pins *pins, const struct cc_pin *pin, uint32_t *ret_at)
{
	uint32_t low = 0, high = pins->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int c = order(&pins->pin[mid], pin);

		if (c == 0) {
			*ret_at = mid;
			return true;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*ret_at = low;
	return false;
}

int cc_pins_add(struct cc_pins *pins, const struct cc_pin *pin)
{
	uint32_t at, i;

	if (cc_pins_find(pins, pin, &at))
		return CC_PINS_E_THERE;
	if (pins->count == CC_PINS_MAX)
		return CC_PINS_E_FULL;
	for (i = pins->count++; i > at; i--)
		memcpy(&pins->pin[i], &pins->pin[i - 1], sizeof(*pin));
	memcpy(&pins->pin[at], pin, sizeof(*pin));
	return CC_PINS_OK;
}

int cc_pins_remove(struct cc_pins *pins, const struct cc_pin *pin)
{
	uint32_t at;

	if (!cc_pins_find(pins, pin, &at))
		return CC_PINS_E_ABSENT;
	for (pins->count--; at < pins->count; at++)
		memcpy(&pins->pin[at], &pins->pin[at + 1], sizeof(*pin));
	memset(&pins->pin[pins->count], 0, sizeof(*pin));
	return CC_PINS_OK;
}

uint32_t cc_pins_hashes(const struct cc_pins *pins)
{
	uint32_t mask = 0, i;

	for (i = 0; i < pins->count; i++)
		mask |= 1u << pins->pin[i].hash;
	return mask;
}

bool cc_pin_make(uint32_t hash, struct cc_span value, struct cc_pin *ret)
{
	if (!value.n || value.n != cc_pin_size(hash))
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->hash = (uint8_t)hash;
	memcpy(ret->value, value.p, value.n);
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)cc_ascii_lower((uint8_t)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 4648 section 4. */
static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool read_hex(const char *p, size_t size, uint8_t *out)
{
	size_t i;

	for (i = 0; i < size; i++) {
		int high = hex_digit(p[2 * i]), low = hex_digit(p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* One value, one text: the bits that fill up the last character are zero (section 3.5). */
static bool read_base64(const char *p, size_t n, size_t size, uint8_t *out)
{
	uint32_t bits = 0, held = 0;
	size_t i, at = 0, pad = n - (size * 8 + 5) / 6;
	bool only_hex = true;

	for (i = 0; i < n - pad; i++) {
		int digit = base64_digit(p[i]);

		if (digit < 0)
			return false;
		only_hex = only_hex && hex_digit(p[i]) >= 0;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[at++] = (uint8_t)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	for (; i < n; i++)
		if (p[i] != '=')
			return false;
	/* A SHA-256 in hexadecimal has the length of a SHA-384 in base64; no real one looks so. */
	return bits == 0 && !only_hex;
}

int cc_pin_parse(const char *text, size_t len, struct cc_pin *ret)
{
	size_t size, prefix;
	uint32_t hash;

	memset(ret, 0, sizeof(*ret));
	for (hash = CC_PIN_SHA256; hash < CC_ARRAY_SIZE(hashes); hash++) {
		prefix = strlen(hashes[hash].prefix);
		if (len < prefix || memcmp(text, hashes[hash].prefix, prefix))
			continue;
		size = hashes[hash].size;
		text += prefix;
		len -= prefix;
		ret->hash = (uint8_t)hash;
		/* No length of one hash is both. */
		if (len == 2 * size)
			return read_hex(text, size, ret->value) ? 0 : -1;
		if (len == (size + 2) / 3 * 4)
			return read_base64(text, len, size, ret->value) ? 0 : -1;
		return -1;
	}
	return -1;
}

/* Decimal digits only: "0031" is no month. */
static bool two(const char *p, uint8_t *ret)
{
	if (!cc_ascii_digit((uint8_t)p[0]) || !cc_ascii_digit((uint8_t)p[1]))
		return false;
	*ret = (uint8_t)((p[0] - '0') * 10 + (p[1] - '0'));
	return true;
}

static bool read_time(const char *p, size_t n, int64_t *ret)
{
	struct cc_civil civil;
	uint8_t century, year;

	if (n != TIME_LENGTH || p[4] != '-' || p[7] != '-' || p[10] != 'T' || p[13] != ':' ||
	    p[16] != ':' || p[19] != 'Z')
		return false;
	if (!two(p, &century) || !two(p + 2, &year) || !two(p + 5, &civil.month) ||
	    !two(p + 8, &civil.day) || !two(p + 11, &civil.hour) || !two(p + 14, &civil.minute) ||
	    !two(p + 17, &civil.second))
		return false;
	civil.year = century * 100 + year;
	return cc_time_from_civil(&civil, ret);
}

struct pins_reader {
	const char *text;
	struct cc_pins *pins;
	struct cc_pins_error *err;
	bool mode, expires;
};

static bool refuse(struct pins_reader *r, size_t at, const char *what)
{
	r->err->offset = at;
	r->err->what = what;
	return false;
}

static bool read_mode(struct pins_reader *r, size_t at, const char *value, size_t n)
{
	if (r->mode || r->pins->count)
		return refuse(r, at, "mode stands once, and before the pins");
	r->mode = true;
	if (cc_text_is(value, n, cc_pin_mode_name(CC_PIN_ENFORCE)))
		r->pins->mode = CC_PIN_ENFORCE;
	else if (cc_text_is(value, n, cc_pin_mode_name(CC_PIN_REPORT_ONLY)))
		r->pins->mode = CC_PIN_REPORT_ONLY;
	else
		return refuse(r, at, "mode is enforce or report-only");
	return true;
}

static bool read_expires(struct pins_reader *r, size_t at, const char *value, size_t n)
{
	if (r->expires || r->pins->count)
		return refuse(r, at, "expires stands once, and before the pins");
	r->expires = true;
	if (cc_text_is(value, n, "never"))
		r->pins->expires = CC_PINS_NEVER;
	else if (!read_time(value, n, &r->pins->expires))
		return refuse(r, at, "expires is a time like 2027-01-31T00:00:00Z, or never");
	return true;
}

static bool starts(const char *p, size_t n, const char *with)
{
	size_t m = strlen(with);

	return n >= m && !memcmp(p, with, m);
}

static bool read_entry(struct pins_reader *r, size_t at, size_t n)
{
	const char *p = r->text + at;
	struct cc_pin pin;

	if (starts(p, n, "mode="))
		return read_mode(r, at, p + 5, n - 5);
	if (starts(p, n, "expires="))
		return read_expires(r, at, p + 8, n - 8);
	if (!starts(p, n, "sha"))
		return refuse(r, at, "an entry is mode=, expires=, sha256:, sha384: or sha512:");
	if (cc_pin_parse(p, n, &pin))
		return refuse(r, at,
			      "a pin is sha256:, sha384: or sha512: and a hash in hex or base64");
	switch (cc_pins_add(r->pins, &pin)) {
	case CC_PINS_E_THERE:
		return refuse(r, at, "the same pin stands there twice");
	case CC_PINS_E_FULL:
		return refuse(r, at, "a set has at most 64 pins");
	default:
		return true;
	}
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

int cc_pins_parse(const char *text, size_t len, struct cc_pins *ret, struct cc_pins_error *err)
{
	struct pins_reader r = { text, ret, err, false, false };
	size_t start, end, next;

	memset(ret, 0, sizeof(*ret));
	if (len > CC_PINS_TEXT_MAX) {
		refuse(&r, CC_PINS_TEXT_MAX, "the text is longer than a pin set can be");
		return -1;
	}
	for (start = 0; start < len; start = next + 1) {
		for (next = start; next < len && text[next] != '\n' && text[next] != ';';)
			next++;
		for (end = next; end > start && blank(text[end - 1]);)
			end--;
		while (start < end && blank(text[start]))
			start++;
		if (start < end && !read_entry(&r, start, end - start))
			return -1;
	}
	if (!r.expires) {
		refuse(&r, len, "expires= is missing: a time like 2027-01-31T00:00:00Z, or never");
		return -1;
	}
	return 0;
}

static void put_pin(struct cc_text *t, const struct cc_pin *pin)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	cc_text_put(t, hashes[pin->hash].prefix);
	for (i = 0; i < hashes[pin->hash].size; i++) {
		cc_text_char(t, digits[pin->value[i] >> 4]);
		cc_text_char(t, digits[pin->value[i] & 15]);
	}
	cc_text_char(t, '\n');
}

size_t cc_pins_format(const struct cc_pins *pins, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	char time[CC_TIME_TEXT];
	uint32_t i;

	cc_text_put(&t, "mode=");
	cc_text_put(&t, cc_pin_mode_name(pins->mode));
	cc_text_put(&t, "\nexpires=");
	if (pins->expires == CC_PINS_NEVER) {
		cc_text_put(&t, "never");
	} else {
		cc_time_format(pins->expires, time, sizeof(time));
		cc_text_put(&t, time);
	}
	cc_text_char(&t, '\n');
	for (i = 0; i < pins->count; i++)
		put_pin(&t, &pins->pin[i]);
	return cc_text_end(&t);
}
