// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Any bytes as the envelope of a bundle: what is taken lies inside and has the sizes promised. */
#include <stdlib.h>
#include "core/alg.h"
#include "core/cms.h"

static void inside(struct cc_span in, struct cc_span s)
{
	if (s.n && (s.p < in.p || s.n > in.n || (size_t)(s.p - in.p) > in.n - s.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cc_span in = cc_span(data, size);
	struct cc_cms cms;

	if (cc_cms_parse(in, &cms))
		return 0;
	inside(in, cms.content);
	inside(in, cms.issuer);
	inside(in, cms.serial);
	inside(in, cms.signature);
	if (cms.scheme > CC_SCHEME_RSA_PKCS1_SHA512 || !cms.issuer.n || !cms.serial.n ||
	    cms.signature.n < 256 || cms.signature.n > 1024)
		abort();
	/* Nothing may follow, and nothing may be missing. */
	if (cc_cms_parse(cc_span(data, size - 1), &cms) != CC_CMS_E_TRUNCATED)
		abort();
	return 0;
}
