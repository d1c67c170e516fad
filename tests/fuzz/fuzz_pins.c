// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Pin set texts: the canonical form is a fixed point, and the set stays sorted through changes. */
#include <stdlib.h>
#include <string.h>

#include "core/pins.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static void sorted(const struct cc_pins *pins)
{
	uint32_t i, at;

	CHECK(pins->count <= CC_PINS_MAX);
	for (i = 0; i < pins->count; i++)
		CHECK(cc_pins_find(pins, &pins->pin[i], &at) && at == i);
}

/* Take a pin out and put it back. */
static void changes(const struct cc_pins *from)
{
	struct cc_pins pins;
	struct cc_pin pin;
	uint32_t i;

	for (i = 0; i < from->count; i++) {
		memcpy(&pins, from, sizeof(pins));
		memcpy(&pin, &from->pin[i], sizeof(pin));
		CHECK(cc_pins_add(&pins, &pin) == CC_PINS_E_THERE);
		CHECK(cc_pins_remove(&pins, &pin) == CC_PINS_OK);
		CHECK(cc_pins_remove(&pins, &pin) == CC_PINS_E_ABSENT);
		sorted(&pins);
		CHECK(cc_pins_add(&pins, &pin) == CC_PINS_OK);
		CHECK(!memcmp(&pins, from, sizeof(pins)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[CC_PINS_TEXT_MAX], again[CC_PINS_TEXT_MAX];
	struct cc_pins_error err = { 0, NULL };
	struct cc_pins pins, back;
	size_t n;

	if (cc_pins_parse((const char *)data, size, &pins, &err)) {
		CHECK(err.what && err.offset <= size);
		return 0;
	}
	sorted(&pins);
	n = cc_pins_format(&pins, text, sizeof(text));
	CHECK(n > 0 && n < sizeof(text) - 1 && strlen(text) == n);
	CHECK(!cc_pins_parse(text, n, &back, &err));
	CHECK(!memcmp(&pins, &back, sizeof(pins)));
	CHECK(cc_pins_format(&back, again, sizeof(again)) == n && !memcmp(text, again, n));
	changes(&pins);
	return 0;
}
