// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* URIs of keys: errors say where, the canonical form is a fixed point, purposes go both ways. */
#include <stdlib.h>
#include <string.h>

#include "core/key_uri.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[CC_KEY_URI_MAX + 2], again[CC_KEY_URI_MAX + 2], uses[CC_KEY_USES_TEXT_MAX];
	struct cc_key_uri_error err = { 0, NULL };
	struct cc_key_uri uri, back;
	size_t n;

	if (cc_key_uri_parse((const char *)data, size, &uri, &err)) {
		CHECK(err.what && err.offset <= size);
		return 0;
	}
	CHECK(!(uri.uses & ~CC_KEY_USES_ALL));
	n = cc_key_uses_format(uri.uses, uses, sizeof(uses));
	CHECK(cc_key_uses_parse(uses, n) == uri.uses);
	n = cc_key_uri_format(&uri, out, sizeof(out));
	if (!n)
		return 0;
	CHECK(strlen(out) == n && n <= CC_KEY_URI_MAX);
	CHECK(!cc_key_uri_parse(out, n, &back, &err));
	CHECK(!back.uses);
	CHECK(cc_key_uri_format(&back, again, sizeof(again)) == n && !memcmp(out, again, n));
	return 0;
}
