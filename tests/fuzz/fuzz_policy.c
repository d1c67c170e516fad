// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Policy texts: the canonical form is a fixed point, and the stricter of two obeys its laws. */
#include <stdlib.h>
#include <string.h>

#include "core/policy.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

static void fixed_point(const struct cc_policy *p)
{
	char text[CC_POLICY_TEXT_MAX], again[CC_POLICY_TEXT_MAX];
	struct cc_policy_error err;
	struct cc_policy back;
	size_t n = cc_policy_format(p, text, sizeof(text)), m;

	CHECK(n > 0 && n < sizeof(text) - 1);
	CHECK(!cc_policy_parse(text, n, &back, &err));
	CHECK(!memcmp(p, &back, sizeof(back)));
	m = cc_policy_format(&back, again, sizeof(again));
	CHECK(m == n && !memcmp(text, again, n));
}

static void laws(const struct cc_policy *a, const struct cc_policy *b)
{
	struct cc_policy ab, ba, aa;

	cc_policy_meet(a, b, &ab);
	cc_policy_meet(b, a, &ba);
	CHECK(!memcmp(&ab, &ba, sizeof(ab)));
	cc_policy_meet(a, a, &aa);
	CHECK(!memcmp(&aa, a, sizeof(aa)));
	CHECK(cc_policy_stricter(&ab, a) && cc_policy_stricter(&ab, b));
	fixed_point(&ab);
}

/* Two texts, apart at the first '|'. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *bar = size ? memchr(data, '|', size) : NULL;
	size_t first = bar ? (size_t)(bar - data) : size;
	struct cc_policy a, b, preset, untouched;
	struct cc_policy_error err = { 0, NULL };

	memset(&a, 0x5a, sizeof(a));
	memcpy(&untouched, &a, sizeof(a));
	if (cc_policy_parse((const char *)data, first, &a, &err)) {
		CHECK(err.what && err.offset <= first);
		CHECK(!memcmp(&a, &untouched, sizeof(a)));
		return 0;
	}
	cc_policy_preset((enum cc_preset)a.preset, &preset);
	if (a.preset != CC_PRESET_CUSTOM)
		CHECK(cc_policy_stricter(&a, &preset));
	fixed_point(&a);
	if (bar && !cc_policy_parse((const char *)bar + 1, size - first - 1, &b, &err))
		laws(&a, &b);
	return 0;
}
