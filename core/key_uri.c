// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* PKCS#11 URIs: strict reading, one canonical form. */
#include "core/key_uri.h"
#include "core/text.h"

#define SCHEME "pkcs11:"

static const struct {
	const char *name;
	uint8_t most; /* octets */
} attrs[] = {
#define X(nr, name, most, text) [nr] = { text, most },
	CC_KEY_ATTRS(X)
#undef X
};

/* Each would be a way round the keeper's own configuration, or a secret in a key's payload. */
static const struct {
	const char *name;
	const char *why;
} refused[] = {
	{ "slot-id", "slot-id is not allowed: slot numbers change; name the token" },
	{ "pin-value", "pin-value is not allowed: PINs are configured in capcert-keyd" },
	{ "pin-source", "pin-source is not allowed: PINs are configured in capcert-keyd" },
	{ "module-name", "module-name is not allowed: modules are configured in p11-kit" },
	{ "module-path", "module-path is not allowed: modules are configured in p11-kit" },
};

const char *cc_key_use_name(uint32_t use)
{
	switch (use) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_KEY_USES(X)
#undef X
	default:
		return NULL;
	}
}

const char *cc_key_source_name(uint32_t source)
{
	switch (source) {
#define X(nr, name, text) \
	case nr:          \
		return text;
		CC_KEY_SOURCES(X)
#undef X
	default:
		return NULL;
	}
}

uint32_t cc_key_uses_parse(const char *text, size_t len)
{
	uint32_t uses = 0, use;
	size_t start = 0, i;

	for (i = 0; i <= len; i++) {
		if (i < len && text[i] != ',')
			continue;
		for (use = 0; use < CC_KEY_USE_COUNT; use++)
			if (cc_text_is(text + start, i - start, cc_key_use_name(use)))
				break;
		if (use == CC_KEY_USE_COUNT || uses & 1u << use)
			return 0;
		uses |= 1u << use;
		start = i + 1;
	}
	return uses;
}

size_t cc_key_uses_format(uint32_t uses, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	uint32_t use;

	for (use = 0; use < CC_KEY_USE_COUNT; use++) {
		if (!(uses & 1u << use))
			continue;
		if (t.n)
			cc_text_char(&t, ',');
		cc_text_put(&t, cc_key_use_name(use));
	}
	if (!t.n)
		cc_text_char(&t, '-');
	return cc_text_end(&t);
}

/* unreserved (RFC 3986 section 2.3) and pk11-path-res-avail (RFC 7512 section 2.3). */
static bool plain(uint8_t c)
{
	static const char others[] = "-._~:[]@!$'()*+,=&";
	const char *p;

	if (cc_ascii_digit(c) || (cc_ascii_lower(c) >= 'a' && cc_ascii_lower(c) <= 'z'))
		return true;
	for (p = others; *p; p++)
		if ((uint8_t)*p == c)
			return true;
	return false;
}

static int hex_digit(uint8_t c)
{
	if (cc_ascii_digit(c))
		return c - '0';
	c = cc_ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next octet of a value. 1, 0 at its end, -1 for a character that may not stand in one. */
static int octet_next(struct cc_span *in, uint8_t *ret)
{
	int high, low;

	if (!in->n)
		return 0;
	if (in->p[0] != '%') {
		if (!plain(in->p[0]))
			return -1;
		*ret = in->p[0];
		*in = cc_span(in->p + 1, in->n - 1);
		return 1;
	}
	if (in->n < 3)
		return -1;
	high = hex_digit(in->p[1]);
	low = hex_digit(in->p[2]);
	if (high < 0 || low < 0)
		return -1;
	*ret = (uint8_t)(high << 4 | low);
	*in = cc_span(in->p + 3, in->n - 3);
	return 1;
}

/* 1*DIGIT [ "." 1*DIGIT ] */
static bool version_valid(const uint8_t *p, size_t n)
{
	bool dot = false, digit = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (cc_ascii_digit(p[i])) {
			digit = true;
		} else if (p[i] == '.' && digit && !dot) {
			dot = true;
			digit = false;
		} else {
			return false;
		}
	}
	return digit;
}

/* What is wrong with a value that is there; NULL: nothing. */
static const char *value_wrong(enum cc_key_attr attr, struct cc_span value)
{
	uint8_t decoded[255];
	size_t n = 0;
	uint8_t c;
	int r;

	while ((r = octet_next(&value, &c)) > 0) {
		if (n == attrs[attr].most)
			return "a value is longer than PKCS#11 can store";
		decoded[n++] = c;
	}
	if (r < 0)
		return "a character must be percent-encoded, or is so badly";
	if (!n)
		return "a value is empty";
	if (attr == CC_KEY_ATTR_TYPE)
		return cc_text_is((const char *)decoded, n, "private") ? NULL
								       : "type is not private";
	if (attr == CC_KEY_ATTR_LIBRARY_VERSION && !version_valid(decoded, n))
		return "library-version is not a version";
	if (attr != CC_KEY_ATTR_ID && !cc_utf8_line(cc_span(decoded, n)))
		return "a text is not UTF-8, or has control characters";
	return NULL;
}

static const char *attr_refused(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(refused); i++)
		if (cc_text_is(name, len, refused[i].name))
			return refused[i].why;
	return "no such attribute";
}

/* One "name=value". What is wrong with it; NULL: nothing. */
static const char *attr_take(const char *p, size_t len, struct cc_key_uri *uri)
{
	size_t name = 0;
	uint32_t i;

	while (name < len && p[name] != '=')
		name++;
	if (name == len)
		return attr_refused(p, len);
	if (cc_text_is(p, name, "purpose")) {
		if (uri->uses)
			return "purpose stands twice";
		uri->uses = cc_key_uses_parse(p + name + 1, len - name - 1);
		return uri->uses ? NULL : "purpose is not a list of different purposes";
	}
	for (i = 0; i < CC_KEY_ATTR_COUNT; i++)
		if (cc_text_is(p, name, attrs[i].name))
			break;
	if (i == CC_KEY_ATTR_COUNT)
		return attr_refused(p, name);
	if (uri->attr[i].n)
		return "an attribute stands twice";
	uri->attr[i] = cc_span(p + name + 1, len - name - 1);
	return value_wrong((enum cc_key_attr)i, uri->attr[i]);
}

static int refuse(struct cc_key_uri_error *err, size_t offset, const char *what)
{
	err->offset = offset;
	err->what = what;
	return -1;
}

int cc_key_uri_parse(const char *text, size_t len, struct cc_key_uri *ret,
		     struct cc_key_uri_error *err)
{
	const size_t scheme = sizeof(SCHEME) - 1;
	size_t start = scheme, i;
	const char *wrong;

	memset(ret, 0, sizeof(*ret));
	if (len && text[len - 1] == '\n')
		len--;
	if (len > CC_KEY_URI_MAX)
		return refuse(err, CC_KEY_URI_MAX, "longer than 1024 octets");
	if (len < scheme || !cc_text_is_nocase(text, scheme, SCHEME))
		return refuse(err, 0, "does not begin with pkcs11:");
	for (i = 0; i < len; i++)
		if (text[i] == '?')
			return refuse(err, i,
				      "a query is not allowed: PINs belong to capcert-keyd");
	for (i = scheme; i <= len; i++) {
		if (i < len && text[i] != ';')
			continue;
		wrong = attr_take(text + start, i - start, ret);
		if (wrong)
			return refuse(err, start, wrong);
		start = i + 1;
	}
	if (!ret->attr[CC_KEY_ATTR_TOKEN].n && !ret->attr[CC_KEY_ATTR_SERIAL].n)
		return refuse(err, len, "names no token: token or serial is missing");
	if (!ret->attr[CC_KEY_ATTR_OBJECT].n && !ret->attr[CC_KEY_ATTR_ID].n)
		return refuse(err, len, "names no key: object or id is missing");
	return 0;
}

static void put_value(struct cc_text *t, struct cc_span value, bool encode)
{
	uint8_t c;

	while (octet_next(&value, &c) > 0) {
		if (!encode && plain(c)) {
			cc_text_char(t, (char)c);
		} else {
			cc_text_char(t, '%');
			cc_text_hex(t, c);
		}
	}
}

size_t cc_key_uri_format(const struct cc_key_uri *uri, char *buf, size_t cap)
{
	struct cc_text t = cc_text(buf, cap);
	bool first = true;
	uint32_t i;

	cc_text_put(&t, SCHEME);
	for (i = 0; i < CC_KEY_ATTR_COUNT; i++) {
		if (!uri->attr[i].n && i != CC_KEY_ATTR_TYPE)
			continue;
		if (!first)
			cc_text_char(&t, ';');
		first = false;
		cc_text_put(&t, attrs[i].name);
		cc_text_char(&t, '=');
		if (i == CC_KEY_ATTR_TYPE)
			cc_text_put(&t, "private");
		else
			put_value(&t, uri->attr[i], i == CC_KEY_ATTR_ID);
	}
	/* A text that fills its buffer may have been cut. */
	if (cc_text_full(&t))
		t.n = 0;
	return cc_text_end(&t);
}
