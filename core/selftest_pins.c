// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Known answers: pins in both encodings, what a set refuses. */
#include "core/pins.h"
#include "core/selftest_part.h"

#define HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BASE64 "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const struct {
	const char *text;
	bool good;
} pins[] = {
	{ "sha256:" HEX, true },
	{ "sha256:" BASE64, true },
	{ "sha384:" HEX, false },
	{ "sha512:" HEX HEX, true },
	{ "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", false }, /* a stray bit */
	{ "sha256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA", false },
	{ "sha1:" HEX, false },
};

/* No set on the stack: it is a kernel's, too. */
static struct cc_span pin_value(const char *text, struct cc_pin *pin)
{
	if (cc_pin_parse(text, strlen(text), pin))
		return cc_span(NULL, 0);
	return cc_span(pin->value, cc_pin_size(pin->hash));
}

const char *cc_selftest_pins(void)
{
	struct cc_pin a, b;
	size_t i;

	for (i = 0; i < CC_ARRAY_SIZE(pins); i++)
		if (!cc_pin_parse(pins[i].text, strlen(pins[i].text), &a) != pins[i].good)
			return pins[i].text;
	if (!cc_span_equal(pin_value("sha256:" HEX, &a), pin_value("sha256:" BASE64, &b)))
		return "pins: the same in both encodings";
	if (cc_pin_make(CC_PIN_SHA384, cc_span(a.value, 32), &b) ||
	    !cc_pin_make(CC_PIN_SHA256, cc_span(a.value, 32), &b) || memcmp(&a, &b, sizeof(a)))
		return "pins: made of octets";
	return NULL;
}
