// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What keys may sign: the three kinds of content that decide about trust are each for one use only,
 * and what one of these uses takes no other use does. The same octets as a signature. */
#include <stdlib.h>
#include <string.h>

#include "core/key_use.h"
#include "core/signature.h"

#define CHECK(cond)              \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span message = cc_span(data, size);
	uint32_t use, scheme, seen = 0, others = 0;

	for (scheme = 0; scheme < CC_SCHEME_OTHER; scheme++) {
		uint32_t mask = 0;

		for (use = 0; use < CC_KEY_USE_COUNT; use++)
			if (!cc_key_use_refuses(use, scheme, message))
				mask |= 1u << use;
		/* The certificate of a challenge may be signed by a server's key. */
		if (mask & CC_KEY_USE_BIT(CA_SIGN))
			mask &= ~CC_KEY_USE_BIT(TLS_SERVER);
		/* At most one of the three. */
		CHECK(!(mask & CC_KEY_USES_SEEN & ((mask & CC_KEY_USES_SEEN) - 1)));
		CHECK(!(mask & CC_KEY_USES_SEEN) || !(mask & ~CC_KEY_USES_SEEN));
		seen |= mask & CC_KEY_USES_SEEN;
		others |= mask & ~CC_KEY_USES_SEEN;
	}
	CHECK(!seen || !others);
	if (cc_signature_form(CC_KEY_P256, 256, message)) {
		CHECK(size <= cc_signature_max(CC_KEY_P256, 256));
		CHECK(cc_signature_form(CC_KEY_P384, 384, message));
		CHECK(cc_signature_form(CC_KEY_P521, 521, message));
	}
	if (cc_signature_form(CC_KEY_P521, 521, message))
		CHECK(size <= cc_signature_max(CC_KEY_P521, 521));
	return 0;
}
